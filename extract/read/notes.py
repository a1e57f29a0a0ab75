"""The marks of notes in the cells of tables, each with the note that it links to."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from extract.model import Mark
from extract.read import text as texts
from extract.read import tree
from extract.read.blocks import HEADINGS
from extract.read.tree import Element
from extract.regex import late

MAX_CHARS = 5_000
"""A longer text is no note."""
_RAISED = ", ".join(f"{cell} {tag}" for cell in ("td", "th") for tag in ("sup", "sub"))
# What is left of a mark in front of a note, and the link back to its mark that it ends with.
_LEADING = late(r"^[\u2191^\s]*(?:[\[(]?[\]).:]+\s*)?")
_BACK = late(r"(?<!\s)\s*+[\u2191\u21a9\u21b5\u2934^][\ufe0e\ufe0f]?$")
_BETWEEN = late(r"[\s,]+")


def find(root: Element, hidden: frozenset[Element]) -> dict[Element, tuple[Mark, ...]]:
    """Return the marks of each cell that has some. `hidden` holds those by style, class, role and link."""
    cells: dict[Element, list[tuple[str, str, str]]] = {}
    for cell, element in _in_cells(root, hidden):
        word = _word_before(element)
        cells.setdefault(cell, []).extend((sign, target, word) for sign, target in _links(element) if sign)
    targets = _targets(root, {target for links in cells.values() for _, target, _ in links if target}, hidden)
    return {
        cell: tuple(Mark(sign, _behind(sign, targets.get(target, "")), word) for sign, target, word in links)
        for cell, links in cells.items()
    }


def _in_cells(root: Element, hidden: frozenset[Element]) -> Iterator[tuple[Element, Element]]:
    """Yield each mark that stands in a cell, behind its cell."""
    marks = [element for element in tree.select(root, _RAISED) if texts.is_mark(element)]
    marks += [element for element in hidden if element.tag not in texts.BLOCKS and texts.is_note(element)]
    known = frozenset(marks)
    for element in dict.fromkeys(marks):
        cell = next(element.iterancestors("td", "th"), None)
        # Of a mark in a mark, the outer one knows the link.
        if cell is not None and known.isdisjoint(element.iterancestors()):
            yield cell, element


def _behind(sign: str, note: str) -> str:
    """Return a note without the sign in front of it."""
    return re.sub(rf"^[\[(]?{re.escape(sign)}(?:[\]).:]+\s*|\s+|(?=[^\W\d_]))", "", note, count=1) if note else ""


def _word_before(mark: Element) -> str:
    """Return the word in front of a mark; empty where there is none in its block."""
    one: Element | None = mark
    while one is not None and one.tag not in texts.BLOCKS:
        previous, parent = one.getprevious(), one.getparent()
        text = (previous.tail if previous is not None else parent.text if parent is not None else None) or ""
        if not text.strip() and previous is not None and previous.tag not in texts.BLOCKS:
            text = previous.text or ""
        if words := text.split():
            return words[-1].strip(",;")
        one = parent if previous is None else None
    return ""


def _links(mark: Element) -> Iterator[tuple[str, str]]:
    """Yield the signs of a mark, each with the id that it links to; empty where it links to nothing."""
    inner = [mark, *mark.iterdescendants("a")] if mark.tag == "a" else list(mark.iterdescendants("a"))
    if not inner and (parent := mark.getparent()) is not None and parent.tag == "a":
        yield texts.sign_of("".join(mark.itertext())), _target(parent)
        return
    for link in inner:
        yield texts.sign_of("".join(link.itertext())), _target(link)
    if not inner:
        yield from ((texts.sign_of(sign), "") for sign in _BETWEEN.split("".join(mark.itertext())))


def _target(link: Element) -> str:
    href = link.get("href") or ""
    return href[1:] if href.startswith("#") else ""


def _targets(root: Element, ids: set[str], hidden: frozenset[Element]) -> Mapping[str, str]:
    """Return id -> the note that has it."""
    found: dict[str, str] = {}
    blocks: dict[Element, str] = {}
    for element in tree.select(root, "[id], a[name]") if ids else ():
        name = element.get("id") if element.get("id") in ids else element.get("name")
        if name in ids and name not in found:
            block = _block(element)
            if block is not None and block not in blocks:
                blocks[block] = _text(block, hidden)
            found[name] = blocks[block] if block is not None else ""
    return found


def _block(element: Element) -> Element | None:
    """Return the block that an id stands in; of a table of notes, the row. None where it is a heading, whose text is no note."""
    around: Iterable[Element] = (element, *element.iterancestors())
    block = next((one for one in around if one.tag in texts.BLOCKS), None)
    if block is not None and block.tag in ("td", "th"):
        block = block.getparent()
    elif block is not None and block.tag == "dt":
        block = next(block.itersiblings("dd"), None)
    # Older docutils writes a table of one row for each note.
    if block is not None and block.tag == "table" and next(itertools.islice(block.iter("tr"), 1, None), None) is not None:
        return None
    return block if block is not None and block.tag not in HEADINGS and block.tag != "body" else None


def _text(block: Element, hidden: frozenset[Element]) -> str:
    length = 0
    for part in block.itertext():
        length += len(part)
        if length > MAX_CHARS:
            return ""
    text = texts.fold(texts.repair(" ".join(texts.lines(block, hidden))))
    return _BACK.sub("", _LEADING.sub("", text))
