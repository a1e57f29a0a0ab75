"""The marks of list items that authors write by hand: `• 80`, `1. 80`, `(1) 80 (2) 443`, `① 80`. They are no part of what the items say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from extract.regex import late

CIRCLED = "\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf"
"""Numbers in circles and brackets, as the inside of a character class: they number items and notes, and are never ports."""

_BULLET = (
    "[\u2022\u2023\u2043\u204c\u204d\u2219\u25a0\u25a1\u25aa\u25ab\u25b8\u25b9\u25cb\u25cf\u25c6\u25c7\u25e6\u2756\u27a2\u30fb\u00b7\uff65]"
)
_BULLETED = late(rf"{_BULLET}++\s*+(?=\S)")
# A dash or an asterisk may mean something by itself.
_DASH = r"(?:[-\u2013\u2014*+]|o)\s++(?=\S)"
_DASHED = late(_DASH)
_NUMBER = r"[(\uff08]?(?P<number>\d{1,2})(?:[)\uff09]|[.\uff0e](?!\d))"
_NUMBERED = late(rf"(?:{_NUMBER}|(?P<listed>\d{{1,2}})\u3001|(?P<letter>[a-z])\)|(?P<circled>[{CIRCLED}]))\s*+(?=\S)")
_ITEM = late(rf"(?:(?:^|(?<=[\s,;\u3001\uff0c])){_NUMBER}|(?P<circled>[{CIRCLED}]))\s*+(?=\S)")
# What a line with a mark begins with.
_MARKED = late(rf"[(\uff08]?(?:1[.)\uff0e\uff09\u3001]|a\))|[{CIRCLED}]|{_BULLET}|{_DASH}")


def without(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a cell without the marks of list items; a line that holds several numbered items gives a line for each."""
    if not any(map(_MARKED.match, lines)):
        return lines
    lines = tuple([_behind(_BULLETED.match(line), line) for line in lines])
    if len(lines) == 1:
        return _items(lines[0])
    dashes = [_DASHED.match(line) for line in lines]
    if all(dashes):
        return tuple(map(_behind, dashes, lines))
    numbers = [_NUMBERED.match(line) for line in lines]
    return tuple(map(_behind, numbers, lines)) if _counts_up(numbers) else lines


def _behind(mark: re.Match[str] | None, line: str) -> str:
    return line[mark.end() :] if mark else line


def _items(line: str) -> tuple[str, ...]:
    """Return the items of a line that numbers several; else the line."""
    marks = list(_ITEM.finditer(line))
    if len(marks) < 2 or marks[0].start() or not _counts_up(marks):
        return (line,)
    ends = [*(mark.start() for mark in marks[1:]), len(line)]
    items = tuple([line[mark.end() : end].strip(" ,;\u3001\uff0c") for mark, end in zip(marks, ends, strict=True)])
    return items if all(items) else (line,)


def _counts_up(marks: Sequence[re.Match[str] | None]) -> bool:
    """Return whether the marks of items count from the first one on."""
    return [_value(mark) if mark else None for mark in marks] == list(range(1, len(marks) + 1))


def _value(mark: re.Match[str]) -> int:
    found = mark.groupdict()
    if letter := found.get("letter"):
        return ord(letter) - ord("a") + 1
    number = found["number"] or found.get("listed")
    return int(number) if number else int(unicodedata.numeric(found["circled"]))
