"""The notes of a table: what the marks in its cells refer to.

A mark links to its note, or a note below the table begins with the same sign. The note is a remark on the row that has the mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from extract import vocabulary
from extract.cells import cleaning, note_marks
from extract.cells.limits import MAX_NOTES, is_too_long
from extract.cells.marks import CIRCLED
from extract.cells.note_marks import Form
from extract.interpret.fields import NOTE, distinct
from extract.model import Cell, Draft, Grid, Mark, Role, Row, Value
from extract.read.places import BEHIND, Place
from extract.read.text import NOTE_NUMBERED, NOTE_SIGNS, sign_of
from extract.regex import late

_SYMBOL = rf"(?:{NOTE_NUMBERED}(?!\d)|[{NOTE_SIGNS}#]{{1,3}}(?!\d{{1,2}}(?!\d)))"
_RAISED = rf"[\u00b9\u00b2\u00b3\u2070\u2074-\u2079{CIRCLED}]{{1,2}}"
# A sign that stands for itself, also in the middle of a text; and a number or letter that an item may begin with.
_SIGN = rf"\[\^?(?:[^\W_]{{1,3}}|{_SYMBOL})\]|[(\uff08](?:\d{{1,2}}|[a-z]|{_SYMBOL})[)\uff09]|{_RAISED}|\^[^\W_]{{1,2}}\^"
_SURE = late(rf"(?P<sign>{_SIGN}|(?:\d{{1,2}}|[a-z])\)|{_SYMBOL}(?!\.\w))")
_ITEM = late(r"(?P<sign>(?:\d{1,2}|[a-z])[.:\uff1a](?=\s)|\d{1,2}(?=\s[=\u2013\u2014-]\s))")
_BARE = late(r"(?P<sign>\d{1,2})(?=\s)")
_WORD = late(r"([^\W\d_]{1,20}(?:\s[^\W\d_]{1,10})?)\s?(?=[:\uff1a]?\s?[^\w\s]|[:\uff1a]?\s?\d)[:\uff1a]?\s?")
# How Markdown marks a box: `[!NOTE]`.
_BOX = late(r"^\[!\w{1,20}\]\s*")
_NUMBERED = late(r"(?P<sign>\d{1,2})(?!\w)")
_APART = " .)]:=\uff09\uff1a-\u2013\u2014"
_DIGIT = late(r"\d")
_NEXT = late(rf"(?<=[.;!?\u3002\uff1b])\s*(?=(?:{_SIGN}|{_SYMBOL})\s*\S)|\s(?=(?:{_SIGN}|{_SYMBOL})\s)")
# Cells that hold signs of notes alone.
_SIGNS = late(rf"(?:{_SIGN}|{_SYMBOL})(?:[\s,]+(?:{_SIGN}|{_SYMBOL}))*")
_BARE_SIGNS = late(r"(?:\d{1,2}|[a-z])(?:[\s,]+(?:\d{1,2}|[a-z]))*")
_BETWEEN = late(r"[\s,]+")
_UNSURE: tuple[Form, ...] = ("item", "ordinal", "bare")
_PORTS: tuple[Role, ...] = ("port", "port_from", "port_to")
# Numbers beside ICMP are types and codes.
_ICMP = late("icmp", re.IGNORECASE)


class Note(msgspec.Struct, frozen=True):
    """A note: the sign of its mark, its text, and the one of several numbers of a cell that it is about."""

    sign: str
    text: str
    about: str = ""


class _Found(msgspec.Struct, frozen=True):
    """A text that may be the note of a sign: how the sign is written there, how many tables stand between, and whether words say so."""

    text: str
    form: Form
    distance: int
    told: bool


class Notes:
    """The notes of one table."""

    def __init__(self, grid: Grid, places: Iterable[Place]) -> None:
        """Take the table, and what stands around it."""
        self._found: dict[str, list[_Found]] = {}
        for text, mark in _at_foot(grid):
            self._add(text, mark, BEHIND, told=False)
        for place in places:
            if place.kind == "note below the table" and all(map(_is_word_for_notes, place.under)):
                self._add(place.text, place.mark, place.distance, told=bool(place.under) or _is_word_for_notes(place.after))
        self._any = bool(self._found) or any(_links(cell) for row in grid.rows for cell in row.slots)
        self._known: dict[int, tuple[Note, ...]] = {}

    def _add(self, text: str, mark: str, distance: int, *, told: bool) -> None:
        for sign, form, note in _split(text, mark):
            found = self._found.setdefault(sign, [])
            if form == "ordinal":
                # The first list below a table has the notes, or the one that words say so of: others are steps.
                others = [one for one in found if one.form == "ordinal"]
                if others and not (told and not others[0].told):
                    continue
                found[:] = [one for one in found if one.form != "ordinal"]
            # A row with so many notes is not read.
            if len(found) <= MAX_NOTES:
                found.append(_Found(note, form, distance, told))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self._any

    def on(self, draft: Draft, cells: Iterable[Cell | None]) -> Draft:
        """Return the draft of a row with the notes on its cells as remarks. `cells` are those, and the headers and labels above them.

        The notes of a row are at most `MAX_NOTES` and one.
        """
        if not self._any:
            return draft
        referred = {value: found for value in draft.values.get("description", ()) if (found := tuple(self._of_remark(value)))}
        notes = list(dict.fromkeys([*self._of(cells), *(note for found in referred.values() for note in found)]))
        if not notes:
            return draft
        evidence = dict(draft.cells)
        remarks: list[Value] = []
        for note in notes[: MAX_NOTES + 1]:
            name = distinct(f"{NOTE}{note.sign}", evidence)
            evidence[name] = f"{note.about}: {note.text}" if note.about else note.text
            remarks.append(Value((note.text,), name))
        values = self._without(draft, [value for value in referred if _holds_signs(value)])
        return msgspec.structs.replace(draft, cells=evidence, values=values, notes=tuple(remarks))

    def _without(self, draft: Draft, signs: Sequence[Value]) -> dict[Role, tuple[Value, ...]]:
        """Return the values of a row without the marks that the notes tell from ports, and without the cells of signs alone."""
        kept = dict(draft.values)
        protocol = draft.facts.get("protocol")
        named = [value.text for role in ("protocol", "type", "icmp", *_PORTS) for value in kept.get(role, ())]
        if not any(map(_ICMP.search, [*named, protocol.value if protocol else ""])):
            for role in _PORTS:
                if role in kept:
                    kept[role] = tuple(map(self._unmarked, kept[role]))
        if signs:
            kept["description"] = tuple(value for value in kept["description"] if value not in signs)
        return kept

    def _unmarked(self, value: Value) -> Value:
        lines = tuple(note_marks.without(line, lambda mark: bool(self._texts(mark.sign, mark.form, firm=False))) for line in value.lines)
        return value if lines == value.lines else msgspec.structs.replace(value, lines=lines)

    def _of(self, cells: Iterable[Cell | None]) -> Iterator[Note]:
        for cell in filter(None, cells):
            if id(cell) not in self._known:
                self._known[id(cell)] = tuple(self._of_cell(cell))
            yield from self._known[id(cell)]

    def _of_cell(self, cell: Cell) -> Iterable[Note]:
        marks: list[tuple[Mark, Form, bool]] = [(mark, "raised" if mark.sign.isalnum() else "sign", True) for mark in cell.marks]
        if not is_too_long(cell.lines):
            marks += [(Mark(one.sign, "", one.word), one.form, one.firm) for line in cell.lines for one in note_marks.find(line)]
        several = bool(marks) and _holds_several(cell)
        notes: dict[Note, None] = {}
        for mark, form, firm in marks:
            about = mark.word if several and _DIGIT.search(mark.word) is not None else ""
            for sign, text in self._with(mark, form, firm=firm):
                notes[Note(sign, text, about)] = None
            if len(notes) > MAX_NOTES:
                break
        return notes

    def _with(self, mark: Mark, form: Form, *, firm: bool) -> Iterator[tuple[str, str]]:
        """Yield the sign and the text of each note of a mark."""
        # `443¹²` has two marks, if there is no note 12.
        whole = mark.text or mark.sign in self._found or mark.sign.isalpha()
        for sign in (mark.sign,) if whole else mark.sign:
            for text in [mark.text] if mark.text else self._texts(sign, form, firm=firm):
                yield sign, text

    def _texts(self, sign: str, form: Form, *, firm: bool) -> list[str]:
        """Return the texts of the notes of a sign, the nearest ones.

        Where one has the sign in the form of the mark, the others are something else. Where none has, each may be meant. A mark that may
        be a part of the value has notes in its own form alone.
        """
        every = self._found.get(sign, ())
        found = every if firm else [one for one in every if one.form == form]
        distance = min((one.distance for one in found), default=0)
        nearest = [one for one in found if one.distance == distance]
        alike = [one for one in nearest if one.form == form]
        return list(dict.fromkeys(one.text for one in alike or nearest))

    def _of_remark(self, value: Value) -> Iterator[Note]:
        """Yield the notes that a cell for remarks holds the signs of, and nothing else."""
        if _SIGNS.fullmatch(value.text) is None and _BARE_SIGNS.fullmatch(value.text) is None:
            return
        signs = [(sign_of(sign), note_marks.form_of(sign)) for sign in _BETWEEN.split(value.text)]
        sure = _is_word_for_notes(value.header) or all(
            any(one.form not in _UNSURE for one in self._found.get(sign, ())) for sign, _ in signs
        )
        texts = [self._texts(sign, form, firm=True) for sign, form in signs]
        if sure and all(texts):
            yield from (Note(sign, text) for (sign, _), found in zip(signs, texts, strict=True) for text in found)


def _is_word_for_notes(text: str) -> bool:
    return vocabulary.fold(text).strip(" :\uff1a") in vocabulary.words("note")


def _holds_signs(value: Value) -> bool:
    """Return whether a cell holds signs of notes and nothing else. A bare number may be one, and may count something."""
    return _SIGNS.fullmatch(value.text) is not None or _is_word_for_notes(value.header)


def _at_foot(grid: Grid) -> Iterator[tuple[str, str]]:
    """Yield what stands alone in the last rows of a table, line by line, with the sign in front. Further up, such a row is a label."""
    foot: list[Cell] = []
    for row in reversed(grid.rows[1:]):
        cell = _lone(row)
        if cell is None or grid.width == 1:
            break
        foot.append(cell)
    for cell in reversed(foot):
        signs = [mark.sign for mark in cell.marks if not mark.word]
        yield from zip(cell.lines, signs if len(signs) == len(cell.lines) else [""] * len(cell.lines), strict=True)


def _lone(row: Row) -> Cell | None:
    """Return the only cell of a row that says something."""
    filled = {id(cell): cell for cell in row.slots if cell is not None and cell.lines}
    return next(iter(filled.values())) if len(filled) == 1 else None


def _holds_several(cell: Cell) -> bool:
    """Return whether a cell holds several numbers, so that a note is about one of them."""
    words = (one for line in cell.lines for one in cleaning.clean(note_marks.bare(line)).split())
    return sum(_DIGIT.search(one) is not None for one in words) > 1


def _links(cell: Cell | None) -> bool:
    return cell is not None and any(mark.text for mark in cell.marks)


def _split(text: str, mark: str) -> Iterator[tuple[str, Form, str]]:
    """Yield the notes of a text, each as its sign, the form of the sign and what it says: `† Default. * May be changed.`

    `mark` holds the signs in front of the text.
    """
    if mark:
        form: Form = "ordinal" if mark.endswith(".") else "item" if mark.endswith(":") else "raised" if mark[0].isalnum() else "sign"
        yield from ((sign, form, text.lstrip(_APART)) for sign in _BETWEEN.split(mark.rstrip(".:")) if sign)
        return
    text, parts = _worded(_BOX.sub("", text))
    if not parts:
        parts = _NEXT.split(text) if _SURE.match(text) else [text]
    for part in parts:
        yield from _note(part)


def _worded(text: str) -> tuple[str, list[str]]:
    """Return a text without the word for notes that it begins with, and its notes where each has the word: `Note 1: … Note 2: …`."""
    match = _WORD.match(text)
    if match is None or not _is_word_for_notes(match[1]):
        return text, []
    if not text[match.end() : match.end() + 1].isdecimal():
        return text[match.end() :], []
    return "", re.split(rf"(?<=[.;!?\u3002\uff1b])\s*(?={re.escape(match[1])}\s?\d)", text)


def _note(text: str) -> Iterator[tuple[str, Form, str]]:
    word = _WORD.match(text)
    if word is not None and _is_word_for_notes(word[1]) and (number := _NUMBERED.match(text, word.end())):
        yield from _behind(number, "word", text)
    elif match := _SURE.match(text):
        yield from _behind(match, note_marks.form_of(match["sign"]), text)
    elif match := _ITEM.match(text):
        yield from _behind(match, "item", text)
    elif match := _BARE.match(text):
        yield from _behind(match, "bare", text)


def _behind(match: re.Match[str], form: Form, text: str) -> Iterator[tuple[str, Form, str]]:
    if rest := text[match.end() :].lstrip(_APART):
        yield sign_of(match["sign"].rstrip("):.\uff1a")), form, rest
