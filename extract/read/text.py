"""The text of a piece of markup, block by block, as a reader sees it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from typing import Literal

from extract.read.tree import Element
from extract.regex import late

BLOCKS = frozenset(
    (
        "address article aside blockquote body br caption center dd details dialog dir div dl "
        "dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup "
        "hr legend li main menu nav ol option p pre search section summary table "
        "tbody td tfoot th thead tr ul "
    ).split()
)
"""Elements that begin on a new line (WHATWG HTML, 15.3 "Non-replaced elements"), and <br>."""

STRUCK_OUT = frozenset({"del", "s", "strike"})
"""Elements whose text the page takes back."""

_SKIPPED = STRUCK_OUT | frozenset(
    (
        "script style template noscript head title iframe object canvas svg annotation annotation-xml audio video select textarea button"
    ).split()
)
_INLINE = frozenset(
    (
        "a abbr acronym applet area b base basefont bdi bdo bgsound big blink cite code "
        "col colgroup command data datalist dfn em embed font foreignobject frame frameset html i image img "
        "input ins kbd keygen label link listing map mark marquee math meta meter nobr noembed noframes output optgroup "
        "param picture plaintext progress q rb rp rt rtc ruby samp slot small source "
        "span strong sub sup time tt track u var wbr xmp "
    ).split()
)
KNOWN = BLOCKS | _SKIPPED | _INLINE
"""The elements of HTML, those that are obsolete included."""

LEFT_OUT = _SKIPPED | {"table"}
"""Elements whose text is none of the text that they stand in."""

# What an element does to the text of the cell that it stands in; one that is not listed does nothing.
_BLOCK, _PREFORMATTED, _LEFT_OUT, _IMAGE, _MARK = "block", "preformatted", "left out", "image", "mark"
_ROLES: Mapping[object, str] = {
    **dict.fromkeys(BLOCKS, _BLOCK),
    **dict.fromkeys(LEFT_OUT, _LEFT_OUT),
    "pre": _PREFORMATTED,
    "img": _IMAGE,
    "sup": _MARK,
    # Numbers below the line are notes as those above it are: `443<sub>1</sub>`.
    "sub": _MARK,
}
# Between blocks. No document holds it: decoding replaces it, and so do character references.
_BOUNDARY = "\0"

_INVISIBLE = late("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# What UTF-8 looks like when it was read as windows-1252 or Latin-1: a lead byte followed by continuation bytes.
_BROKEN = late("[\u00c2-\u00c3\u00c5\u00ce-\u00d1\u00e2-\u00e9\u00f0][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122 ]")
NOTE_SIGNS = "*\uff0a\u2020\u2021\u00a7\u203b"
"""The signs of notes that are neither numbers nor letters, as the inside of a character class."""
NOTE_NUMBERED = r"[*\uff0a\u203b]\d{1,2}"
"""The sign of a note with its number, as Japanese pages have them: `※1`, `*1`."""
NOTE_GLUED = r"\u203b\d{1,2}"
"""The same, where it is no part of a value behind a word or number: `22*80` are two ports."""
# White space behind "note" belongs to what follows it alone: a blank that two parts may take makes 2^n tries of n marks.
_FOOTNOTE = rf"\[?\(?(?:{NOTE_NUMBERED}|\d{{1,2}}|[a-z]|[{NOTE_SIGNS}#]{{1,3}}|note(?:\s*+(?:\d++|(?=[)\],])))?+)\)?\]?"
# `Note 1`
_WORDED = late(r"[^\W\d_]{1,20}\s?(\d{1,2})")
# Several marks have something between them, or brackets around them: `th` is no two marks.
_FOOTNOTES = late(rf"{_FOOTNOTE}(?:(?:\s*,\s*|\s+|(?<=[\])])(?=[\[(])){_FOOTNOTE})*,?", re.IGNORECASE)
# Each of the superscripts in superscripts is asked whether it is a mark: of the inner ones, those with more characters or elements are
# none. No finding tells so: nobody numbers notes of a note, and what is in a superscript that is read as text is read as text as well.
_MAX_INNER_MARK = 200
_MAX_INNER_ELEMENTS = 100


def fold(text: str) -> str:
    """Fold every run of white space, no-break spaces included, into one blank; drop characters that show nothing."""
    return " ".join(shown(text).split())


def shown(text: str) -> str:
    """Drop characters that show nothing."""
    return text if text.isascii() or not _INVISIBLE.search(text) else _INVISIBLE.sub("", text)


def repair(text: str) -> str:
    """Undo a wrong decoding (mojibake); returns the same text when there is none."""
    if not is_broken(text):
        return text
    import ftfy  # noqa: PLC0415 - few pages need it, and it takes 40 ms to import

    return ftfy.fix_encoding(text)


def is_broken(text: str) -> bool:
    """Return whether a text looks as if it was decoded wrongly. ftfy decides; the pattern only saves time."""
    if text.isascii() or not _BROKEN.search(text):
        return False
    from ftfy.badness import is_bad  # noqa: PLC0415 - as above

    return is_bad(text)


def is_mark(element: Element) -> bool:
    """Return whether an element is a superscript of footnote marks alone: read as text, they turn port 443 into 4431."""
    # A number below the line is a mark behind another number alone: `443<sub>1</sub>`, not `CO<sub>2</sub>`.
    return (element.tag == "sup" or (element.tag == "sub" and _is_behind_digit(element))) and is_note(element)


def _is_behind_digit(element: Element) -> bool:
    previous, parent = element.getprevious(), element.getparent()
    text = previous.tail if previous is not None else parent.text if parent is not None else None
    return (text or "").rstrip()[-1:].isdecimal()


def sign_of(mark: str) -> str:
    """Return the sign of the mark of a note: `[1]`, `(1)`, `¹` and `Note 1` are 1."""
    sign = unicodedata.normalize("NFKC", mark).strip(" []()^.:\u3000").casefold()
    return match[1] if (match := _WORDED.fullmatch(sign)) else sign


def is_note(element: Element) -> bool:
    """Return whether an element that looks like a mark holds nothing but footnote marks."""
    inner = next(element.iterancestors("sup", "sub"), None) is not None
    if inner and next(itertools.islice(element.iter(), _MAX_INNER_ELEMENTS, None), None) is not None:
        return False
    text = "".join(element.itertext()).strip()
    return (not inner or len(text) <= _MAX_INNER_MARK) and _FOOTNOTES.fullmatch(text) is not None


def repeated(parts: Sequence[str], pictures: Collection[int]) -> frozenset[int]:
    """Return which of the pictures say what the text right beside them says: a reader sees an icon and the words once.

    `parts` is the text between two block boundaries, `pictures` the indices of those that are the alternative texts of images. Such a
    text should be empty (WHATWG HTML, 4.8.4.4 "A phrase or paragraph with an alternative graphical representation").
    """
    return frozenset(place for place in pictures if any(_says(parts, pictures, place, step) for step in (1, -1)))


def _says(parts: Sequence[str], pictures: Collection[int], place: int, step: Literal[1, -1]) -> bool:
    """Return whether the text behind a picture begins with its words, or that before it (-1) ends with them."""
    beside = place + step
    while 0 <= beside < len(parts) and parts[beside].isspace():
        beside += step
    said = fold(parts[place]).casefold()
    if not said or not 0 <= beside < len(parts) or beside in pictures:
        return False
    text = fold(parts[beside]).casefold()
    return f"{text} ".startswith(f"{said} ") if step == 1 else f" {text}".endswith(f" {said}")


def lines(element: Element, hidden: Container[Element] = frozenset(), lists: Container[Element] = frozenset()) -> tuple[str, ...]:
    """Return the text of an element, one entry for each block, unfolded.

    What is `hidden` is left out, and so are nested tables, except those of `lists`, which lay out a list.
    """
    if len(element) == 0:
        return (element.text,) if element.text and element.text.strip() else ()
    return tuple(line for line in "".join(_runs(element, hidden, lists)).split(_BOUNDARY) if line and not line.isspace())


def _spoken(runs: list[str], pictures: Collection[int]) -> list[str]:
    again = repeated(runs, pictures) if pictures else frozenset()
    return [run for place, run in enumerate(runs) if place not in again] if again else runs


def _runs(root: Element, hidden: Container[Element], lists: Container[Element]) -> list[str]:
    """Return the runs of text of an element in order, with what stands for block boundaries. Iterative: markup may be deep."""
    runs = [root.text or ""]
    pictures: set[int] = set()
    preformatted = 0
    stack: list[tuple[Element, Iterator[Element]]] = []
    children = iter(root)
    while True:
        child = next(children, None)
        if child is None:
            if not stack:
                return _spoken(runs, pictures)
            child, children = stack.pop()
            role, entered = _ROLES.get(child.tag), True
        else:
            role = _ROLES.get(child.tag)
            entered = (role is not _LEFT_OUT or child in lists) and child not in hidden and (role is not _MARK or not is_mark(child))
            if entered:
                if role is _IMAGE and (alt := child.get("alt")):
                    pictures.add(len(runs))
                    runs.append(alt)
                elif role is _BLOCK or role is _PREFORMATTED or role is _LEFT_OUT:
                    runs.append(_BOUNDARY)
                    preformatted += role is _PREFORMATTED
                text = child.text
                if text:
                    runs.append(text.replace("\n", _BOUNDARY) if preformatted else text)
                if len(child):
                    stack.append((child, children))
                    children = iter(child)
                    continue
        if (role is _BLOCK and entered) or child.tag == "table":
            runs.append(_BOUNDARY)
        elif role is _PREFORMATTED and entered:
            runs.append(_BOUNDARY)
            preformatted -= 1
        tail = child.tail
        if tail:
            runs.append(tail.replace("\n", _BOUNDARY) if preformatted else tail)
