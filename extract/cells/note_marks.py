"""The marks of notes in the text of a cell: 1 of `443¹`, `443 [1]` and `see note 1`, * of `443*`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from extract import vocabulary
from extract.cells import cleaning
from extract.cells.marks import CIRCLED
from extract.read.text import NOTE_GLUED, NOTE_NUMBERED, NOTE_SIGNS, sign_of
from extract.regex import late

Form = Literal["raised", "sign", "[", "(", ")", "word", "item", "ordinal", "bare"]
"""How a sign is written: `¹`, `*`, `[1]`, `(1)`, `1)`, `note 1`, `1.`; the number that a list shows; a number with nothing beside it."""
# No word that has a mark is longer.
_WORD_CHARS = 60
# What is a mark wherever it stands, and what may be a part of the value as well: `Server (1)`, `22, *80`.
_FIRM = late(rf"(?<=[\w),;]){NOTE_GLUED}(?=[\s,;)]|$)|[(\uff08]\u203b\d{{0,2}}[)\uff09]|(?<=[\w),;])[{NOTE_SIGNS}]{{1,3}}(?=[\s,;]|$)")
_LOOSE = late(
    rf"(?<=[\w)])\s?\((?:\d{{1,2}}|[a-z]|{NOTE_NUMBERED})\)|(?<=[\w)])\s?{NOTE_NUMBERED}(?=[\s,;]|$)"
    rf"|(?<=[\w)])\s[{NOTE_SIGNS}]{{1,3}}(?=[\s,;]|$)"
)
# A number in front of a bracket that nothing opens: `443 1)`.
_UNOPENED = late(r"(?<=\w)\s\d{1,2}\)$")
# Behind a word for notes: `1`, `(1)`, `1, 2`, `1 and 2`.
_REFERRED = late(r"\s?[(\[]?(\d{1,2}(?:(?:\s?[,&+/]\s?|\s\w{1,3}\s)\d{1,2}){0,9})(?!\w|\.\d)")
_NUMBER = late(r"\d+")
_CIRCLED = late(rf"[{CIRCLED}]")
_SIGNS = late(rf"[\[(\uff08\s]*[{NOTE_SIGNS}#]")


class NoteMark(NamedTuple):
    """The mark of a note in a line."""

    sign: str
    # The word in front of it; empty where there is none.
    word: str
    form: Form
    # Whether it is no part of a value, whatever the notes are.
    firm: bool
    start: int
    end: int


def form_of(mark: str) -> Form:
    """Return how the mark of a note is written."""
    mark = mark.strip()
    if _SIGNS.match(mark):
        return "sign"
    if mark[:1] in ("(", "\uff08"):
        return "("
    return "[" if mark[:1] == "[" else ")" if mark[-1:] in (")", "\uff09") else "raised"


def find(line: str) -> tuple[NoteMark, ...]:
    """Return the marks in the line of a cell, each sign behind each word once."""
    patterns = (cleaning.PARTING_MARKS, cleaning.FOOTNOTES, _FIRM)
    firm = [match.span() for pattern in patterns for match in pattern.finditer(line)]
    loose = [match.span() for match in _LOOSE.finditer(line)]
    if "(" not in line and (unopened := _UNOPENED.search(line)):
        loose.append(unopened.span())
    marks = [
        NoteMark(sign, _word_before(line, start), form_of(line[start:end]), sure, start, end)
        for spans, sure in ((firm, True), (loose, False))
        for start, end in spans
        # A number in a circle in front of a name is that of a list.
        if (sign := sign_of(line[start:end])) and (start or not _CIRCLED.match(line))
    ]
    return tuple({(mark.sign, mark.word): mark for mark in reversed([*marks, *_referred(line)])}.values())[::-1]


def without(line: str, has_note: Callable[[NoteMark], bool]) -> str:
    """Return the line of a cell for ports without the marks behind its numbers that notes have, where they may be a part of a value."""
    # A sign that is no number is read as a mark in any case, and can be a mark of a list: `0, 8 *`.
    marks = (mark for mark in find(line) if not mark.firm and _NUMBER.search(mark.sign) and mark.word[-1:].isdecimal())
    return _cut(line, [mark for mark in marks if has_note(mark)])


def bare(line: str) -> str:
    """Return the line of a cell without anything that may be a mark."""
    return _cut(line, [mark for mark in find(line) if not mark.firm])


def _cut(line: str, marks: Iterable[NoteMark]) -> str:
    parts, end = [], 0
    for mark in sorted(marks, key=lambda mark: mark.start):
        parts.append(line[end : mark.start])
        end = max(end, mark.end)
    return "".join([*parts, line[end:]])


def _referred(line: str) -> Iterator[NoteMark]:
    """Yield what a line refers to in words: `see notes 1 and 2`."""
    folded = vocabulary.fold(line)
    for word in vocabulary.finder("note").finditer(folded):
        if match := _REFERRED.match(folded, word.end):
            yield from (NoteMark(number[0], "", "word", True, 0, 0) for number in _NUMBER.finditer(match[1]))


def _word_before(line: str, end: int) -> str:
    words = line[max(end - _WORD_CHARS, 0) : end].split()
    return words[-1].strip(",;") if words else ""
