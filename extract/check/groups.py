"""The names of a scope: groups that are named and not described, described and not named, and names that look like slips of others."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from extract import vocabulary
from extract.catalogue import finding
from extract.cells import endpoint
from extract.check.names import NAMED, name_key
from extract.check.stated import Described, Scope, Stated, finding_at, scope_of
from extract.model import Finding
from extract.regex import late

# A page about one group does not have to describe the other groups that it names. A page about several groups does.
_DESCRIBED_FROM = 2
# Words shorter than this are usually different words, and not misspelt ones (`host`, `post`). Longer words may differ by one edit,
_SLIP_FROM = 5
# words of this length by two. A word that is longer than any real word is not compared.
_TWO_EDITS_FROM = 10
_SLIP_TO = 40
# So many rows may name a slip.
_RARE = 1
# At most this many words are compared in names that are otherwise the same. More of them are a series: `Server a`, `Server b`, …
_SERIES = 40
# A text of more words is not compared with other names.
_NAME_WORDS = 32
# Between two digits punctuation tells names apart: `region 1.1` and `region 11`.
_PUNCTUATION = late(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


class _Scope:
    """What the pages of one scope say about names."""

    def __init__(self) -> None:
        # Name key -> the heading that describes the group.
        self.described: dict[str, Described] = {}
        # Name key -> the rows that name the group in a cell.
        self.named: dict[str, list[Stated]] = {}
        self.spelling: dict[str, str] = {}
        self.groups: set[str] = set()


def check(stated: Sequence[Stated], described: Iterable[Described]) -> Iterator[Finding]:
    """Yield the findings about the names of every scope. `stated` has canonical names."""
    scopes: dict[Scope, _Scope] = {}
    for one in described:
        scope = scopes.setdefault(scope_of(one.document), _Scope())
        key = _group_key(one.name)
        scope.described.setdefault(key, one)
        scope.spelling.setdefault(key, one.name)
        if any(found.kind == "group" for found in endpoint.parse((one.name,))):
            scope.groups.add(key)
    for document, rows in itertools.groupby(stated, attrgetter("document")):
        _add(scopes.setdefault(scope_of(document), _Scope()), rows)
    for _, scope in sorted(scopes.items()):
        if len(scope.groups & scope.described.keys()) >= _DESCRIBED_FROM:
            yield from _undescribed(scope)
            yield from _unnamed(scope)
        yield from _slips(scope)


def _add(scope: _Scope, rows: Iterable[Stated]) -> None:
    """Add what rows say about names."""
    own = vocabulary.words("self")
    for row in rows:
        candidate = row.candidate
        for side, name in (("source", candidate.source), ("destination", candidate.destination)):
            if name is None or name.kind not in NAMED:
                continue
            key = _group_key(name.name)
            if key in own:
                continue
            scope.spelling.setdefault(key, name.name)
            if name.kind == "group":
                scope.groups.add(key)
            if not any(trace.field == side and trace.kind == "context" for trace in candidate.trace):
                scope.named.setdefault(key, []).append(row)


@functools.lru_cache(maxsize=16384)
def _group_key(name: str) -> str:
    """Return what two ways of naming one group have in common: no article, no remark in brackets, singular."""
    whole = name_key(name)
    key = _without_remarks(whole)
    for plural, singular in _singulars().items():
        if plural in key:
            key = re.sub(rf"{re.escape(plural)}\b", singular, key)
    article, blank, rest = key.partition(" ")
    return (rest if blank and article in vocabulary.words("article") else key).strip() or whole


@functools.cache
def _singulars() -> Mapping[str, str]:
    """Return the plurals of the nouns that groups are called by, where an ending alone makes them, with their singulars."""
    plurals, singulars = ({word.split()[-1] for word in vocabulary.words(section)} for section in ("groups", "group"))
    endings = vocabulary.words("plural_ending")
    return {f"{word}{ending}": word for word in sorted(singulars) for ending in sorted(endings) if f"{word}{ending}" in plurals}


def _without_remarks(key: str) -> str:
    """Return a folded name without what stands in brackets, and without the blank before it."""
    parts = []
    begin = 0
    while (start := key.find("(", begin)) >= 0 and (end := key.find(")", start)) >= 0:
        parts.append(key[begin:start].rstrip(" "))
        begin = end + 1
    return "".join((*parts, key[begin:]))


def _related(keys: Iterable[str], others: Collection[str]) -> set[str]:
    """Return the keys that contain another key, or are contained in one: `Ports for the Web Security Group` is about that group."""
    inside = {run for other in others for run in _runs(other)}
    return {key for key in keys if key in inside or any(run in others for run in _runs(key))}


def _runs(key: str) -> Iterator[str]:
    """Yield the words of a key one by one, and all that stand side by side; of what is too long for a name only the whole."""
    words = key.split(" ")
    if len(words) > _NAME_WORDS:
        yield key
        return
    for first in range(len(words)):
        for last in range(first, len(words)):
            yield " ".join(words[first : last + 1])


def _undescribed(scope: _Scope) -> Iterator[Finding]:
    """Yield the groups that rules name and no page describes."""
    groups = [key for key in scope.named if key in scope.groups]
    about = _related(groups, scope.described.keys())
    for key in groups:
        if key not in about:
            rows = scope.named[key]
            message = f"{scope.spelling[key]!r} is named here, but no page describes this group"
            yield finding_at(rows[0], "group-not-described", message, (row.place for row in rows))


def _unnamed(scope: _Scope) -> Iterator[Finding]:
    """Yield the groups that pages describe and no rule names."""
    groups = [key for key in scope.described if key in scope.groups]
    named = _related(groups, scope.named.keys())
    for key in groups:
        if key not in named:
            one = scope.described[key]
            message = f"{one.name!r} is described here, but no rule names this group as its other side"
            yield finding("group-not-named", message, document=one.document.path, line=one.line or None)


def _slips(scope: _Scope) -> Iterator[Finding]:
    for slip, meant in sorted(_pairs(sorted(scope.spelling))):
        first, second = sorted((slip, meant), key=lambda key: (key not in scope.described, -len(scope.named.get(key, ())), key))
        if second not in scope.described and len(scope.named.get(second, ())) > _RARE and not _is_squashed(first, second):
            # If several rows use a spelling, it is intended: `Internet zone` and `Intranet zone`.
            continue
        wrong, right = scope.spelling[second], scope.spelling[first]
        message = f"{wrong!r} may be a misspelling: did you mean {right!r}? Both are kept; if they are one, write an alias patch"
        rows = scope.named.get(second, [])
        if rows:
            yield finding_at(rows[0], "name-slip", message, (row.place for row in rows))
        elif second in scope.described:
            one = scope.described[second]
            yield finding("name-slip", message, document=one.document.path, line=one.line or None)


def _squash(key: str) -> str:
    words = key.replace(" ", "")
    return words if words.isalpha() else _PUNCTUATION.sub("", key)


def _is_squashed(one: str, other: str) -> bool:
    return _squash(one) == _squash(other)


def _pairs(keys: Sequence[str]) -> set[tuple[str, str]]:
    """Return the pairs of names that differ by blanks and punctuation only, or by a slip in one word."""
    squashed: dict[str, list[str]] = {}
    beside: dict[tuple[int, str, str], list[str]] = {}
    for key in keys:
        squashed.setdefault(_squash(key), []).append(key)
        words = key.split()
        if len(words) > _NAME_WORDS:
            continue
        for index, word in enumerate(words):
            if _SLIP_FROM <= len(word) <= _SLIP_TO and word.isalpha():
                # A slip seldom hits the first letter; `internal` and `external`, `gluster` and `cluster` are two words each.
                rest = " ".join((*words[:index], word[0], *words[index + 1 :]))
                beside.setdefault((index, word[0], rest), []).append(key)
    found = {pair for names in squashed.values() if len(names) > 1 for pair in itertools.pairwise(names)}
    for (index, _, _), names in beside.items():
        if 1 < len(names) <= _SERIES:
            pairs = itertools.combinations(names, 2)
            found.update((one, other) for one, other in pairs if _is_slip(one.split()[index], other.split()[index]))
    return found


def _is_slip(one: str, other: str) -> bool:
    """Return whether two words differ by a letter or two, and not as singular and plural do."""
    shorter, longer = sorted((one, other), key=len)
    if shorter == longer or (longer.startswith(shorter) and longer[len(shorter) :] in vocabulary.words("plural_ending")):
        return False
    edits = 2 if len(shorter) >= _TWO_EDITS_FROM else 1
    if sum(min(shorter.count(sign), longer.count(sign)) for sign in set(shorter)) < len(longer) - edits:
        # Other letters: most words are told apart without a look at their order.
        return False
    # The share of letters that both have in the same order: one letter replaced, left out or exchanged leaves all but one.
    from difflib import SequenceMatcher  # noqa: PLC0415 - few documents name groups that are this much alike

    matcher = SequenceMatcher(None, shorter, longer, autojunk=False)
    return len(longer) - sum(block.size for block in matcher.get_matching_blocks()) <= edits
