"""Patches: reviewed corrections of what pages state, applied between reading the rows and publishing them, each with its trace.

A patch never lingers: one that matches nothing, whose expectation no longer holds, that another one contradicts or that would make
no rule is an error, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from extract import vocabulary
from extract.catalogue import finding
from extract.check.collect import identity_of
from extract.check.names import name_key
from extract.check.patch_files import Condition, Patch, Values
from extract.check.stated import Described, Stated
from extract.model import Document, Endpoint, Finding, PatchReport, Place, Trace
from extract.normalize import endpoint
from extract.normalize.rows import Candidate

_SIDES = ("source", "destination")
_PLAIN = ("action", "direction", "protocol", "from_port", "to_port", "icmp_type", "icmp_code", "description")
# A finding points at so many rows.
_PLACES = 10


class Change(NamedTuple):
    """What patches make of one candidate."""

    candidate: Candidate
    by: Mapping[str, str]
    # Field -> the patch that set it.


class Patcher:
    """Applies the patches of a run: first `rename`, then, when names are canonical, `correct`; then `reports` says what became of each."""

    def __init__(self, patches: Sequence[Patch], documents: Iterable[Document], complete: bool) -> None:
        """Take the patches and the documents of the run; `complete` when the run was given whole folders.

        In a run over single files a patch for another document is passed over, since nothing can be said about it.
        """
        self._documents = tuple(documents)
        self._patches = [patch for patch in patches if complete or any(_concerns(patch, document) for document in self._documents)]
        self._complete = complete
        self._count = dict.fromkeys((patch.id for patch in self._patches), 0)
        self._findings: dict[str, list[Finding]] = {patch.id: [] for patch in self._patches}
        self.dropped: dict[tuple[str, int, int], str] = {}
        # Document, table and row -> why a rule of the row was left out.

    def rename(self, stated: Sequence[Stated], described: Sequence[Described]) -> tuple[tuple[Stated, ...], tuple[Described, ...]]:
        """Return rows and headings with the names that aliases stand for."""
        for patch in self._patches:
            if patch.operation != "alias":
                continue
            for old, new in patch.alias.items():
                renamed = [_renamed(one, old, new, patch) if _concerns(patch, one.document) else one for one in stated]
                heads = [one._replace(name=new) if _concerns(patch, one.document) and one.name == old else one for one in described]
                changed = sum(one is not other for one, other in zip(renamed, stated, strict=True))
                if not changed and heads == list(described):
                    self._find(patch, "patch-stale", f"no page of this product names {old!r} any more")
                self._count[patch.id] += changed
                stated, described = renamed, heads
        return tuple(stated), tuple(described)

    def correct(self, stated: Sequence[Stated]) -> tuple[Stated, ...]:
        """Return the rows as corrected. Every patch sees what the pages say, not what another patch made of it."""
        work: list[Change | None] = [Change(one.candidate, {}) for one in stated]
        added: list[Stated] = []
        known = {identity_of(one) for one in stated}
        for patch in self._patches:
            if patch.operation == "alias":
                continue
            matched = [index for index, one in enumerate(stated) if _concerns(patch, one.document) and _holds(patch.match, one)]
            if not self._is_as_expected(patch, [stated[index] for index in matched]):
                continue
            if patch.operation == "drop":
                self._drop(patch, matched, stated, work)
            elif patch.set is not None:
                self._set(patch, patch.set, matched, stated, work)
            elif patch.add is not None:
                self._add(patch, patch.add, [stated[index] for index in matched], known, added)
        kept = [one._replace(candidate=change.candidate) for one, change in zip(stated, work, strict=True) if change is not None]
        return (*kept, *added)

    def reports(self) -> tuple[PatchReport, ...]:
        """Return what became of every patch."""
        return tuple(
            PatchReport(
                id=patch.id,
                path=patch.path,
                line=patch.line,
                operation=patch.operation,
                rules=self._count[patch.id],
                reason=patch.reason,
                link=patch.link,
                findings=tuple(self._findings[patch.id]),
            )
            for patch in self._patches
        )

    def _is_as_expected(self, patch: Patch, matched: Sequence[Stated]) -> bool:
        if not matched:
            documents = [document for document in self._documents if _concerns(patch, document)]
            reason = "no rule matches it any more" if documents else "no document of this run is of its product, release and page"
            self._find(patch, "patch-stale", reason)
            return False
        expect = patch.expect
        if expect is None:
            return True
        if expect.rules is not None and len(matched) != expect.rules:
            self._find(patch, "patch-expectation", f"it expects {expect.rules} rules to match, but {len(matched)} do", matched)
            return False
        for one in matched:
            differing = _differences(expect, one)
            if differing:
                said = "; ".join(f"{name} is {now!r} and not {expected!r}" for name, expected, now in differing)
                self._find(patch, "patch-expectation", f"the page no longer says what it expects: {said}", [one])
                return False
        return True

    def _drop(self, patch: Patch, matched: Sequence[int], stated: Sequence[Stated], work: list[Change | None]) -> None:
        touched = [index for index in matched if (change := work[index]) is None or change.by]
        if touched:
            self._find(patch, "patch-conflict", "another patch changes a rule that it leaves out", [stated[index] for index in touched])
            return
        for index in matched:
            place = stated[index].evidence
            self.dropped[place.document, place.table, place.row] = f"left out by {patch.by}: {patch.why}"
            work[index] = None
        self._count[patch.id] += len(matched)

    def _set(self, patch: Patch, values: Values, matched: Sequence[int], stated: Sequence[Stated], work: list[Change | None]) -> None:
        made: dict[int, Change] = {}
        for index in matched:
            change = work[index]
            fields = _fields(values)
            other = next((change.by[name] for name in fields if name in change.by), None) if change else "a patch that leaves it out"
            if change is None or other:
                self._find(patch, "patch-conflict", f"it sets a value that {other} sets too", [stated[index]])
                return
            candidate = _with(change.candidate, values, patch)
            problem = _problem(candidate)
            if problem:
                self._find(patch, "patch-invalid", problem, [stated[index]])
                return
            made[index] = Change(candidate, {**change.by, **dict.fromkeys(fields, patch.by)})
        for index, change in made.items():
            work[index] = change
        self._count[patch.id] += len(made)

    def _add(self, patch: Patch, values: Values, matched: Sequence[Stated], known: Collection[str], added: list[Stated]) -> None:
        """Add a rule for each that matches: the same but for the values given, with the row that it stands beside as evidence."""
        made = [one._replace(candidate=_with(one.candidate, values, patch)) for one in matched]
        for one in made:
            problem = _problem(one.candidate)
            if problem:
                self._find(patch, "patch-invalid", problem, [one])
                return
            if identity_of(one) in known:
                self._find(patch, "patch-stale", "what it adds, a page states itself", [one])
                return
        added.extend(made)
        self._count[patch.id] += len(made)

    def _find(self, patch: Patch, code: str, reason: str, rows: Iterable[Stated] = ()) -> None:
        message = f"the patch {patch.id!r} was not applied: {reason}"
        places: tuple[Place, ...] = tuple(dict.fromkeys(one.place for one in rows))[:_PLACES]
        self._findings[patch.id].append(finding(code, message, document=patch.path, line=patch.line, related=places))


def _concerns(patch: Patch, document: Document) -> bool:
    if (patch.vendor, patch.product) != (document.vendor, document.product):
        return False
    if patch.releases and document.release not in patch.releases:
        return False
    named = patch.match.document
    return named is None or f"/{document.id}".endswith(f"/{named.strip('/')}")


def _holds(condition: Condition, one: Stated) -> bool:
    return not _differences(condition, one)


def _differences(condition: Condition, one: Stated) -> list[tuple[str, Any, Any]]:
    """Return what does not hold of a row: the field, the value that the condition has, and the one that the row has."""
    candidate, found = one.candidate, []
    for name in (*_PLAIN, "port_text"):
        wanted, now = getattr(condition, name), getattr(candidate, name)
        same = vocabulary.fold(wanted) == vocabulary.fold(now) if isinstance(wanted, str) and isinstance(now, str) else wanted == now
        if wanted is not None and not same:
            found.append((name, wanted, now))
    for side in _SIDES:
        name, now = getattr(condition, side), getattr(candidate, side)
        if name is not None and (now is None or name_key(now.name) != name_key(name)):
            found.append((side, name, now.name if now else None))
    for name in condition.unstated:
        if getattr(candidate, name) is not None:
            now = getattr(candidate, name)
            found.append((name, None, now.name if isinstance(now, Endpoint) else now))
    for header, text in condition.cells.items():
        now = one.evidence.cells.get(header)
        if now is None or vocabulary.fold(now) != vocabulary.fold(text):
            found.append((f"the cell {header!r}", text, now))
    return found


def _renamed(one: Stated, old: str, new: str, patch: Patch) -> Stated:
    candidate = one.candidate
    for side in _SIDES:
        now: Endpoint | None = getattr(candidate, side)
        if now is not None and vocabulary.fold(now.name) == vocabulary.fold(old):
            trace = Trace(side, "patch", now.name, new, patch.by, patch.why)
            candidate = candidate._replace(**{side: _named(new)}, trace=(*candidate.trace, trace))  # type: ignore[arg-type]
    return one if candidate is one.candidate else one._replace(candidate=candidate)


def _named(name: str) -> Endpoint:
    found = endpoint.parse((name,))
    return found[0] if len(found) == 1 else Endpoint("role", name)


def _fields(values: Values) -> tuple[str, ...]:
    """Return the fields that values speak of; ports and ICMP numbers go together."""
    named = [name for name in (*_PLAIN, *_SIDES) if getattr(values, name) is not None]
    groups = {"from_port": "ports", "to_port": "ports", "icmp_type": "icmp", "icmp_code": "icmp"}
    return tuple(dict.fromkeys(groups.get(name, name) for name in (*named, *values.unstated)))


def _with(candidate: Candidate, values: Values, patch: Patch) -> Candidate:
    """Return a candidate with other values, and a trace for each field that changed."""
    changed: dict[str, Any] = {name: getattr(values, name) for name in _PLAIN if getattr(values, name) is not None}
    changed.update({side: _named(getattr(values, side)) for side in _SIDES if getattr(values, side) is not None})
    changed.update(dict.fromkeys(values.unstated))
    if "from_port" in changed and "to_port" not in changed and "to_port" not in values.unstated and candidate.to_port is None:
        changed["to_port"] = changed["from_port"]
    made = candidate._replace(**changed)
    answered = {"action": made.action, "protocol": made.protocol, "ports": made.from_port}
    fields = _fields(values)
    left_open = tuple((name, reason) for name, reason in candidate.open if answered[name] is None and name not in fields)
    made = made._replace(open=left_open, port_text=candidate.port_text if any(name == "ports" for name, _ in left_open) else None)
    traces = [
        Trace(name, "patch", _said(candidate, name), _said(made, name), patch.by, patch.why)
        for name in fields
        if _said(candidate, name) != _said(made, name)
    ]
    return made._replace(trace=(*candidate.trace, *traces))


def _said(candidate: Candidate, field: str) -> str:
    """Return a value in words; empty when the page does not say."""
    if field == "ports":
        if candidate.from_port is None:
            return candidate.port_text or ""
        return str(candidate.from_port) if candidate.from_port == candidate.to_port else f"{candidate.from_port}-{candidate.to_port}"
    if field == "icmp":
        numbers = [
            f"{name} {number}" for name, number in (("type", candidate.icmp_type), ("code", candidate.icmp_code)) if number is not None
        ]
        return " ".join(numbers)
    value = getattr(candidate, field)
    return value.name if isinstance(value, Endpoint) else value or ""


def _problem(candidate: Candidate) -> str | None:
    """Return why values do not make a rule: what the schema of rules.json demands of each protocol, said in words."""
    first, last, word = candidate.from_port, candidate.to_port, candidate.protocol
    if (first is None) != (last is None):
        return "it sets one end of a port range only"
    if first is not None and last is not None and first > last:
        return f"the range {first}-{last} ends before it begins"
    if word is not None and word not in {entry.keyword for entry in vocabulary.protocol_words().values()}:
        return f"{word!r} is no protocol keyword of IANA"
    if word is not None and word not in vocabulary.ported() | {vocabulary.ANY_PROTOCOL} and first is not None:
        return f"{word} has no ports; set them to null with unstated"
    if word in vocabulary.ported() and first is None and "ports" not in candidate.missing:
        return f"{word} needs ports"
    if (candidate.icmp_type, candidate.icmp_code) != (None, None) and word not in ("icmp", "ipv6-icmp"):
        return f"{word or 'a rule without protocol'} has no ICMP type; set it to null with unstated"
    if candidate.icmp_code is not None and candidate.icmp_type is None:
        return "it sets an ICMP code without its type"
    return None
