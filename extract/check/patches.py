"""Patches: reviewed corrections of what pages state, applied between reading the rows and publishing them, each with its trace.

A patch cannot become stale in silence. It is an error, and is not applied, if it matches or changes nothing, if its expectation no longer
holds, if another patch contradicts it, or if its result is not a valid rule. Every patch sees the values of the page, and not those of
another patch, so their order does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from extract.catalogue import finding
from extract.check.account import Row
from extract.check.collect import identity_of
from extract.check.names import name_key
from extract.check.patch_files import OPEN, Patch, Values
from extract.check.patch_values import differences, given, no_name, problem_of, renamed, with_values
from extract.check.stated import Described, Stated
from extract.model import Document, Endpoint, Finding, PatchReport, Place

# A finding points at so many rows.
_PLACES = 10


class _Plan(NamedTuple):
    """A patch with the rows that it is about, as indices."""

    patch: Patch
    matched: tuple[int, ...]


class Patcher:
    """Applies the patches of a run: first `rename`, then, when names are canonical, `correct`; then `reports` says what became of each."""

    def __init__(self, patches: Sequence[Patch], documents: Collection[Document], complete: bool) -> None:
        """Take the patches and the documents of the run; `complete` when the run reads everything that there is.

        In a run over some documents, only patches that name one of them are judged. The other patches may match other documents.
        """
        self._documents = tuple(documents) if patches else ()
        self._complete = complete
        self._patches = [patch for patch in patches if complete or any(concerns(patch, document) for document in self._documents)]
        self._answered = [patch for patch in self._patches if not patch.open]
        self._findings: dict[str, list[Finding]] = {patch.id: [] for patch in self._patches}
        self._places: dict[str, list[Place]] = {patch.id: [] for patch in self._patches}
        self._by_port: dict[int | None, list[int]] = {}
        # Why rules of a row were left out.
        self.dropped: dict[Row, list[str]] = {}
        for patch in self._patches:
            if patch.open:
                self._find(
                    patch, "patch-unanswered", f"{' and '.join(patch.open)} {'is' if len(patch.open) == 1 else 'are'} still {OPEN!r}"
                )

    def rename(self, stated: Sequence[Stated], described: Sequence[Described]) -> tuple[tuple[Stated, ...], tuple[Described, ...]]:
        """Return rows and headings with the names that aliases stand for."""
        aliases = [patch for patch in self._answered if patch.operation == "alias"]
        for patch in aliases:
            self._check_alias(patch, aliases, stated, described)
        for patch in [patch for patch in aliases if not self._findings[patch.id]]:
            names = {name_key(old): new for old, new in patch.alias.items()}
            stated = [self._renamed(one, names, patch) if concerns(patch, one.document) else one for one in stated]
            described = [
                replace(one, name=names.get(name_key(one.name), one.name)) if concerns(patch, one.document) else one for one in described
            ]
        return tuple(stated), tuple(described)

    def _check_alias(self, patch: Patch, aliases: Sequence[Patch], stated: Sequence[Stated], described: Sequence[Described]) -> None:
        if not self._has_documents(patch):
            return
        for old, new in patch.alias.items():
            others = [other for other in aliases if other is not patch and _disagree(old, new, other) and _overlap(patch, other)]
            if no_name(new):
                self._find(patch, "patch-invalid", no_name(new))
            if others:
                self._find(patch, "patch-conflict", f"{others[0].by} makes {old!r} another name")
            for release in patch.releases or (None,):
                about = (name for document, name in _names(stated, described) if _concerns(patch, release, document))
                if name_key(old) not in map(name_key, about) and self._is_judged(patch):
                    self._find(patch, "patch-stale", f"no page of {_scope(patch, release)} names {old!r} any more")

    def _renamed(self, one: Stated, names: Mapping[str, str], patch: Patch) -> Stated:
        found = renamed(one, names, patch)
        if found is not one:
            self._places[patch.id].append(one.place)
        return found

    def correct(self, stated: Sequence[Stated]) -> tuple[Stated, ...]:
        """Return the rows as corrected."""
        plans = [plan for patch in self._answered if patch.operation != "alias" and (plan := self._planned(patch, stated))]
        plans = self._without_conflicts(plans, stated)
        plans = self._without_problems(plans, stated)
        if not plans:
            return tuple(stated)
        corrected: list[Stated | None] = list(stated)
        for patch, matched in plans:
            for index in matched:
                one = corrected[index]
                if patch.operation == "drop":
                    place = stated[index].evidence
                    self.dropped.setdefault((place.document, place.table, place.row), []).append(f"left out by {patch.by}: {patch.why}")
                    corrected[index] = None
                elif patch.set is not None and one is not None:
                    corrected[index] = replace(one, candidate=with_values(one.candidate, patch.set, patch))
                else:
                    continue
                self._places[patch.id].append(stated[index].place)
        kept = [one for one in corrected if one is not None]
        return (*kept, *self._added(plans, stated, kept))

    def reports(self) -> tuple[PatchReport, ...]:
        """Return what became of every patch, in the order of files and lines."""
        return tuple(
            PatchReport(
                id=patch.id,
                path=patch.path,
                line=patch.line,
                operation=patch.operation,
                rules=len(self._places[patch.id]),
                places=tuple(dict.fromkeys(self._places[patch.id])),
                reason=patch.reason,
                link=patch.link,
                findings=tuple(self._findings[patch.id]),
            )
            for patch in sorted(self._patches, key=lambda patch: (patch.path, patch.line, patch.id))
        )

    def _planned(self, patch: Patch, stated: Sequence[Stated]) -> _Plan | None:
        """Return the rows that a patch is about, None when it does not fit them."""
        if not self._has_documents(patch):
            return None
        indices = self._at_port(stated, patch.match.from_port)
        concerned = [(index, stated[index]) for index in indices if concerns(patch, stated[index].document)]
        matched = [(index, one) for index, one in concerned if not differences(patch.match, one)]
        for release in patch.releases or (None,):
            if not any(release in (None, one.document.release) for _, one in matched) and self._is_judged(patch):
                self._find(patch, "patch-stale", f"no rule of {_scope(patch, release)} matches it any more")
        if not matched or self._findings[patch.id] or not self._is_as_expected(patch, [one for _, one in matched]):
            return None
        if patch.set is not None and all(with_values(one.candidate, patch.set, patch) == one.candidate for _, one in matched):
            self._find(patch, "patch-stale", "the page itself says what it sets", [one for _, one in matched])
            return None
        return _Plan(patch, tuple(index for index, _ in matched))

    def _at_port(self, stated: Sequence[Stated], port: int | None) -> Sequence[int]:
        """Return the rows that state a port, or all rows without one. The index spares thousands of patches a look at every row."""
        if not self._by_port:
            for index, one in enumerate(stated):
                self._by_port.setdefault(one.candidate.from_port, []).append(index)
        return self._by_port.get(port, ()) if port is not None else range(len(stated))

    def _is_judged(self, patch: Patch) -> bool:
        return self._complete or patch.match.document is not None

    def _has_documents(self, patch: Patch) -> bool:
        """Return whether the run holds documents that a patch is about; note it when they should be there."""
        for release in patch.releases or (None,):
            if not any(concerns(patch, document) and release in (None, document.release) for document in self._documents):
                if self._complete:
                    page = f" is named {patch.match.document!r}" if patch.match.document else " is there"
                    self._find(patch, "patch-stale", f"no document of {_scope(patch, release)}{page}")
                return False
        return True

    def _is_as_expected(self, patch: Patch, matched: Sequence[Stated]) -> bool:
        expect = patch.expect
        if expect is None:
            return True
        count = len({identity_of(one) for one in matched})
        if expect.rules is not None and count != expect.rules:
            self._find(patch, "patch-expectation", f"it expects {expect.rules} rules to match, but {count} do", matched)
            return False
        for one in matched:
            differing = differences(expect, one)
            if differing:
                said = "; ".join(f"{name} is {now!r} and not {expected!r}" for name, expected, now in differing)
                self._find(patch, "patch-expectation", f"the page no longer says what it expects: {said}", [one])
                return False
        return True

    def _without_conflicts(self, plans: Sequence[_Plan], stated: Sequence[Stated]) -> list[_Plan]:
        """Return the plans without those in conflict: two set one value differently, or one drops what the other changes."""
        said: dict[tuple[int, str], dict[object, list[Patch]]] = {}
        for patch, matched in plans:
            for index in matched:
                if patch.operation == "drop":
                    said.setdefault((index, ""), {}).setdefault(patch.id, []).append(patch)
                for name, value in given(patch.set or Values()).items():
                    said.setdefault((index, name), {}).setdefault(value, []).append(patch)
                    # Whatever it sets, it cannot be left out as well.
                    said.setdefault((index, ""), {}).setdefault("changed", []).append(patch)
        found: dict[str, tuple[Patch, Patch, int]] = {}
        for (index, _), values in said.items():
            if len(values) > 1:
                involved = [patch for patches in values.values() for patch in patches]
                for patch in involved:
                    other = next((one for one in involved if one.id != patch.id), None)
                    if other is not None:
                        found.setdefault(patch.id, (patch, other, index))
        for patch, other, index in found.values():
            self._find(
                patch, "patch-conflict", f"{other.by} sets another value of a rule that it changes, or leaves it out", [stated[index]]
            )
        return [plan for plan in plans if plan.patch.id not in found]

    def _without_problems(self, plans: list[_Plan], stated: Sequence[Stated]) -> list[_Plan]:
        """Return the plans whose result is a valid rule. Several plans together may complete a rule."""
        while True:
            setting: dict[int, list[Patch]] = {}
            for patch, matched in plans:
                for index in matched if patch.set is not None else ():
                    setting.setdefault(index, []).append(patch)
            broken: dict[str, tuple[Patch, str, int]] = {}
            for index, patches in setting.items():
                candidate = stated[index].candidate
                for patch in patches:
                    candidate = with_values(candidate, patch.set or Values(), patch)
                problem = problem_of(candidate, stated[index].candidate, [patch.set or Values() for patch in patches])
                if problem:
                    broken.update({patch.id: (patch, problem, index) for patch in patches if patch.id not in broken})
            if not broken:
                return plans
            for patch, problem, index in broken.values():
                self._find(patch, "patch-invalid", problem, [stated[index]])
            plans = [plan for plan in plans if plan.patch.id not in broken]

    def _added(self, plans: Sequence[_Plan], stated: Sequence[Stated], corrected: Sequence[Stated]) -> list[Stated]:
        """Return the rules that patches add: each like one that matches but for the values given, with its row as evidence."""
        pages = {identity_of(one) for one in stated}
        made: dict[str, dict[str, Stated]] = {}
        for patch, matched in plans:
            if patch.add is None:
                continue
            for index in matched:
                one = stated[index]
                added = replace(one, candidate=with_values(one.candidate, patch.add, patch))
                problem = problem_of(added.candidate, one.candidate, [patch.add])
                if problem:
                    self._find(patch, "patch-invalid", problem, [one])
                elif identity_of(added) in pages:
                    self._find(patch, "patch-stale", "what it adds, a page states itself", [one])
                made.setdefault(patch.id, {}).setdefault(identity_of(added), added)
        changed = {identity_of(one) for one in corrected} - pages
        for patch in [patch for patch, _ in plans if patch.id in made]:
            others = changed.union(*(identities for name, identities in made.items() if name != patch.id))
            twice = [one for identity, one in made[patch.id].items() if identity in others]
            if twice and not self._findings[patch.id]:
                self._find(patch, "patch-conflict", "another patch makes the rule that it adds", twice)
        result: list[Stated] = []
        for patch in [patch for patch, _ in plans if patch.id in made and not self._findings[patch.id]]:
            result.extend(made[patch.id].values())
            self._places[patch.id].extend(one.place for one in made[patch.id].values())
        return result

    def _find(self, patch: Patch, code: str, reason: str, rows: Iterable[Stated] = ()) -> None:
        message = f"the patch {patch.id!r} was not applied: {reason}"
        places: tuple[Place, ...] = tuple(dict.fromkeys(one.place for one in rows))[:_PLACES]
        found = finding(code, message, document=patch.path, line=patch.line, related=places)
        if found not in self._findings[patch.id]:
            self._findings[patch.id].append(found)


def concerns(patch: Patch, document: Document) -> bool:
    """Return whether a document is one of those that a patch is about."""
    if not is_about(patch, document.vendor, document.product, document.release):
        return False
    named = patch.match.document
    return named is None or any(f"/{name}".endswith(f"/{named.strip('/')}") for name in (document.id, document.path))


def is_about(patch: Patch, vendor: str | None, product: str | None, release: str | None) -> bool:
    """Return whether a patch may be about documents of a release; it may name one of them."""
    of_product = patch.vendor == (vendor or "") and product in (patch.product, None)
    return of_product and (not patch.releases or release in patch.releases)


def _scope(patch: Patch, release: str | None) -> str:
    return f"release {release}" if release is not None else "this product"


def _disagree(old: str, new: str, other: Patch) -> bool:
    return any(name_key(name) == name_key(old) and target != new for name, target in other.alias.items())


def _overlap(one: Patch, other: Patch) -> bool:
    """Return whether two patches are about documents in common."""
    # Of no vendor, two files may both be about documents of no product.
    same = one.vendor == other.vendor and (one.product == other.product or not one.vendor)
    return same and (not one.releases or not other.releases or bool(set(one.releases) & set(other.releases)))


def _concerns(patch: Patch, release: str | None, document: Document) -> bool:
    """Return whether a patch is about a document of a release, None for all."""
    return concerns(patch, document) and release in (None, document.release)


def _names(stated: Iterable[Stated], described: Iterable[Described]) -> Iterable[tuple[Document, str]]:
    for one in stated:
        for side in (one.candidate.source, one.candidate.destination):
            if isinstance(side, Endpoint):
                yield one.document, side.name
    for head in described:
        yield head.document, head.name
