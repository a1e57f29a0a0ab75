"""Golden pages with one header of a table replaced, and what that changes in what is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from extract import Extraction, Rule, Unresolved, extract_text
from tests import goldens

Outcome = Literal["same", "less", "different"]
Flow = tuple[bool, tuple[object, ...]]

_DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$")
_CELL = re.compile(r"(?<=\|)[^|\n]+(?=\|)")
_HEAD = re.compile(r"(?<=<th>)[^<]+(?=</th>)")
_VALUES = 7


class Blanked(NamedTuple):
    """A page without one of its headers."""

    page: str
    role: str
    outcome: Outcome


def headers(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the header cells of the tables of a page stand: of pipe tables, and <th> without attributes."""
    place = 0
    lines = text.splitlines(keepends=True)
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if "|" in line and _DELIMITER.match(below):
            for cell in _CELL.finditer(line):
                yield place + cell.start(), place + cell.end()
        place += len(line)
    for head in _HEAD.finditer(text):
        yield head.span()


def flows(extraction: Extraction) -> frozenset[Flow]:
    """Return what is published, and what is left open, without the words of descriptions."""
    found: set[Flow] = set()
    every: list[Rule | Unresolved] = [*extraction.rules, *extraction.unresolved]
    for rule in every:
        ends = tuple(end.name if end is not None else None for end in (rule.source, rule.destination))
        values = (rule.action, rule.direction, rule.protocol, rule.from_port, rule.to_port, rule.icmp_type, rule.icmp_code, *ends)
        found.add((isinstance(rule, Rule), values))
    return frozenset(found)


def outcome(before: frozenset[Flow], after: frozenset[Flow]) -> Outcome:
    """Return what became of the rules of a page: a rule that lacks some of its values, or is open, is less."""
    if before == after:
        return "same"
    published = [values for complete, values in before if complete]
    news = [values for complete, values in after - before if complete]
    lesser = all(any(_is_lesser(new, old) for old in published) for new in news)
    return "less" if lesser else "different"


def _is_lesser(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    return new[0] == old[0] and new[2:_VALUES] == old[2:_VALUES] and all(a in (None, b) for a, b in zip(new, old, strict=True))


def blanked(words: dict[str, str] | str) -> Iterator[Blanked]:
    """Yield golden pages with one header replaced, by one word or by one for the role of its column; other roles are left out."""
    for folder in goldens.folders():
        path = goldens.page_of(folder)
        text = path.read_bytes().decode("utf-8", "replace")
        whole = extract_text(text.encode(), path=path.name)
        roles = {
            column.header: column.role
            for table in whole.reports[0].tables
            if table.verdict == "rules" and table.layout == "rows"
            for column in table.columns
        }
        before = flows(whole)
        for start, end in headers(text):
            role = roles.get(text[start:end].strip())
            word = words if isinstance(words, str) else words.get(role or "")
            if role and word:
                changed = extract_text(f"{text[:start]} {word} {text[end:]}".encode(), path=path.name)
                yield Blanked(folder.name, role, outcome(before, flows(changed)))


def shares(found: list[Blanked]) -> dict[str, Counter[Outcome]]:
    """Return the counts of each role, and of all of them under an empty name."""
    counts: dict[str, Counter[Outcome]] = {"": Counter()}
    for one in found:
        counts.setdefault(one.role, Counter())[one.outcome] += 1
        counts[""][one.outcome] += 1
    return counts
