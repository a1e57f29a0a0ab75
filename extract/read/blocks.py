"""A tree to the blocks of a page in order, and its tables as grids, all with the lines of the file."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from extract.catalogue import finding
from extract.model import Block, BlockKind, Finding, Grid, Prose
from extract.read import anchors, grid
from extract.read import text as texts
from extract.read.prepare import POSITION
from extract.read.tables import CELLS, SKIPPED, Tables
from extract.read.tree import Element
from extract.regex import late

HEADINGS = {f"h{level}": level for level in range(1, 7)}
"""Element -> level of the heading."""
_HEADING_ATTRIBUTE = late(r"\{[:#.][^{}]*\}$|¶$")
# So many characters on either side of what was repaired are quoted.
_QUOTED = 30
# Panes of tab widgets: their label is what a reader sees above the pane (Docusaurus, Starlight, Nextra; GitBook's tags).
_TABS = frozenset({"tabitem", "tab", "tab-item", "tabpanel", "sl-tab-panel"})
_BOLD = frozenset({"b", "strong"})
# A text with more marks refers to notes, and is none.
_MOST_MARKS = 40
_START = late(r"[0-9]{1,4}")
_ITEMS = frozenset({"li", "dd", "dt"})
# Elements that need more than taking their text.
_MARKED = SKIPPED | _TABS | _BOLD | {"figcaption", "table", "img", "sup", "sub"}
_TAB_TAG = late(r"\{%-?\s*tab\s+title=[\"'\u201c]([^\"'\u201d]+)[\"'\u201d]\s*-?%\}")

_Marks = tuple[str, tuple[tuple[str, str], ...]]
_NO_MARKS: _Marks = ("", ())


class Walk:
    """Walks a tree once, then knows what is in it. A table comes before those nested in it."""

    def __init__(self, markup: grid.Markup, tables: Tables | None = None) -> None:
        """Take what is known of the elements beside the tree, and its tables when they were read before."""
        self.blocks: list[Block] = []
        self.grids: list[Grid] = []
        self.findings: list[Finding] = []
        self._markup = markup
        self._known = tables.grids if tables is not None else None
        self._faults: list[Finding] = []
        self._last = 1
        self._cells: tuple[int, ...] = ()
        self._room = grid.MAX_CLAIMED
        # The elements that are being walked although readers do not see them, because there are tables in them.
        self._unseen: list[Element] = []
        self._run = _Run(self)

    def walk(self, root: Element) -> None:
        """Visit every element in document order."""
        element, text = titled(root)
        if text:
            self.emit("title", text, element, 0)
        self._visit(root)
        self._run.flush()
        # The two refer to each other: together they would keep the tree until objects are collected.
        del self._run

    def heading(self, element: Element) -> None:
        """Visit a heading alone; there is no table in it."""
        self._run.enter(element)
        if element.text:
            self._run.add(element.text)
        self._visit(element)
        self._run.leave(element)
        del self._run

    def _visit(self, root: Element) -> None:
        """Visit every element in another one. Iterative: markup may be deep."""
        run, unseen, hidden = self._run, self._unseen, self._markup.hidden
        count = 0
        stack: list[tuple[Element, Iterator[Element]]] = []
        children = iter(root)
        while True:
            for child in children:
                tag = child.tag
                if tag in _MARKED or unseen or child in hidden:
                    entered = self._enter(child)
                else:
                    entered = True
                    if tag in texts.BLOCKS:
                        run.enter(child)
                if entered:
                    if tag in CELLS:
                        count += 1
                        self._cells = (*self._cells, count)
                    if not unseen and (text := child.text):
                        run.add(text)
                    if len(child):
                        stack.append((child, children))
                        children = iter(child)
                        break
                    self._leave(child, tag)
                if not unseen and (tail := child.tail):
                    run.add(tail)
            else:
                if not stack:
                    break
                child, children = stack.pop()
                self._leave(child, child.tag)
                if not unseen and (tail := child.tail):
                    run.add(tail)

    def tables(self) -> Tables:
        """Return the tables of the tree."""
        return Tables(tuple(self.grids), tuple(self._faults))

    def prose(self) -> Prose:
        """Return what is in the tree beside its tables."""
        return Prose(tuple(self.blocks), tuple(self.findings))

    def emit(self, kind: BlockKind, text: str, element: Element | None, level: int, anchor: str = "", marks: _Marks = _NO_MARKS) -> None:
        """Append a block. If its line is not known, it gets the line of the block before it. `marks` are its `mark` and `marked`."""
        line = self._markup.line_of(element) if element is not None else 0
        self._last = line or self._last
        cells = self._cells
        self.blocks.append(Block(kind, text, self._last, level, cells[-1] if cells else 0, cells, anchor, *marks))

    def repaired(self, written: str, text: str) -> None:
        """Note that the last block was repaired; it is quoted around the first place that was."""
        first = next((index for index, (one, other) in enumerate(zip(written, text, strict=False)) if one != other), 0)
        start = max(first - _QUOTED, 0)
        quoted = [one[start : first + _QUOTED] for one in (written, text)]
        message = f"this text was decoded wrongly by its author; {quoted[0]!r} was read as {quoted[1]!r}"
        self.findings.append(finding("mojibake", message, line=self._last))

    def _enter(self, element: Element) -> bool:
        """Begin an element; return whether what is in it must be walked."""
        tag = element.tag
        if texts.is_mark(element):
            self._run.mark(element)
            return False
        if not self._unseen and (tag in SKIPPED or element in self._markup.hidden):
            # In hidden parts (a tab that is closed when the page opens), only the tables are read.
            if next(element.iter("table"), None) is None:
                if tag not in texts.BLOCKS and texts.is_note(element):
                    self._run.mark(element)
                return False
            self._unseen.append(element)
        if tag == "table":
            self._run.flush()
            return self._table(element)
        if tag == "figcaption" and _captions_table(element):
            return False
        if tag in texts.BLOCKS:
            self._run.enter(element)
        elif self._unseen:
            return True
        elif tag in _TABS and (label := texts.fold(element.get("label") or element.get("title") or "")):
            self._run.flush()
            self.emit("strong", label, element, 0)
        elif tag in _BOLD:
            self._run.strong += 1
        elif tag == "img" and (alt := element.get("alt")):
            self._run.add_picture(alt)
        return True

    def _leave(self, element: Element, tag: object) -> None:
        if tag in texts.BLOCKS:
            self._run.leave(element)
            if tag in CELLS:
                self._cells = self._cells[:-1]
        elif tag in _BOLD and not self._unseen:
            self._run.strong -= 1
        if self._unseen and self._unseen[-1] is element:
            self._unseen.pop()

    def _table(self, element: Element) -> bool:
        """Read a table; return whether its cells must be walked, because they hold further tables."""
        number = len(self.grids) + 1
        built = self._known[number - 1] if self._known is not None else self._built(element, number)
        self.grids.append(built)
        self._last = max(self._last, built.line)
        nested = any(inner is not element for inner in element.iter("table"))
        cells = self._cells
        self.blocks.append(Block("table", "", built.line, number, cells[-1] if cells else 0, cells))
        if not nested and self._unseen and self._unseen[-1] is element:
            self._unseen.pop()
        return nested

    def _built(self, element: Element, number: int) -> Grid:
        place = grid.Place(number, self._markup.line_of(element) or self._last, len(self._cells), bool(self._unseen), self._room)
        built, unfilled, findings = grid.build(element, place, self._markup)
        self._room -= unfilled
        self._faults.extend(findings)
        return built


def _captions_table(figcaption: Element) -> bool:
    """Return whether the table of a figure has the text of its caption."""
    figure = figcaption.getparent()
    table = next(figure.iter("table"), None) if figure is not None and figure.tag == "figure" else None
    return table is not None and figcaption in grid.captions_of_figure(table) and table.find("caption") is None


def titled(root: Element) -> tuple[Element | None, str]:
    """Return the <title> of a page and its text; the <title> of a drawing is its description."""
    for element in root.iter("title"):
        if element.text and next(element.iterancestors("svg"), None) is None:
            return element, texts.fold(texts.repair(element.text))
    return None, ""


class _Container(msgspec.Struct, frozen=True):
    """A block that is open, and what text directly in it is: kind, level of the heading, the element that the block begins with."""

    element: Element
    kind: BlockKind
    level: int
    begins: Element


class _Run:
    """Collects the text between two block boundaries."""

    def __init__(self, walk: Walk) -> None:
        # How many <b> and <strong> are open.
        self.strong = 0
        self._walk = walk
        self._parts: list[str] = []
        # Which of the parts are the texts of pictures, each with its characters that are not set in bold type, counted as below.
        self._pictures: dict[int, int] = {}
        # How many characters are not set in bold type; more than one counts as two.
        self._plain = 0
        # The sign of the mark of a note in front of the text, or the number of the item that it begins.
        self._mark = ""
        # The marks of notes in the text: in front of which part each stands, and its sign.
        self._inner: list[tuple[int, str]] = []
        # The number of the next item of each list.
        self._numbers: dict[Element, int] = {}
        self._containers: list[_Container] = []
        # The last heading and its id, so that a heading with many blocks is searched for an id only once.
        self._anchored: tuple[Element | None, str] = (None, "")

    def add(self, text: str) -> None:
        if not self._parts and text.isspace() and text.isascii():
            # White space between the tags of an indented page, two texts in three. It does not begin a block.
            return
        self._parts.append(text)
        if not self.strong and self._plain < 2:
            self._plain += min(len(text.strip()), 2)

    def add_picture(self, text: str) -> None:
        """Add what stands for an image."""
        self._pictures[len(self._parts)] = 0 if self.strong else min(len(text.strip()), 2)
        self._parts.append(text)

    def mark(self, element: Element) -> None:
        """Take the mark of a note. In front of the text, it says that this is the note."""
        sign = texts.sign_of("".join(element.itertext()))
        if self._parts:
            self._inner.append((len(self._parts), sign))
        else:
            self._mark = f"{self._mark},{sign}" if self._mark and not self._mark.endswith(".") else sign

    def enter(self, element: Element) -> None:
        """Begin a block."""
        if self._parts:
            self.flush()
        tag = element.tag
        around = self._containers[-1] if self._containers else None
        if tag in HEADINGS:
            entered = _Container(element, "heading", HEADINGS[tag], element)
        elif tag == "pre":
            entered = _Container(element, "code", 0, element)
        elif tag in _ITEMS:
            entered = _Container(element, "item", 0, element)
            self._mark = self._ordinal(element)
        elif around is None or tag in CELLS or around.kind == "paragraph":
            entered = _Container(element, "paragraph", 0, element)
        else:
            entered = _Container(element, around.kind, around.level, element if around.kind == "item" else around.begins)
        self._containers.append(entered)

    def leave(self, element: Element) -> None:
        """End a block."""
        if self._parts:
            self.flush()
        self._mark = ""
        if self._containers and self._containers[-1].element is element:
            self._containers.pop()

    def flush(self) -> None:
        """Emit what was collected as a block."""
        parts, plain = self._parts, self._plain
        mark, self._mark = self._mark, ""
        marked, self._inner = self._between_marks(mark) if self._inner else (), []
        if self._pictures:
            again = texts.repeated(parts, self._pictures)
            plain += sum(count for place, count in self._pictures.items() if place not in again)
            parts = [part for place, part in enumerate(parts) if place not in again]
        raw = "".join(parts)
        self._parts, self._pictures, self._plain = [], {}, 0
        if not raw or raw.isspace():
            return
        written = texts.fold(raw)
        text = repaired = written if raw.isascii() else texts.fold(texts.repair(raw))
        if not text:
            return
        within = self._containers[-1] if self._containers else None
        tab = _TAB_TAG.search(text) if "{%" in text else None
        if tab:
            self._walk.emit("strong", tab[1], within.element if within else None, 0)
            return
        kind: BlockKind = within.kind if within else "paragraph"
        anchor = ""
        if within and kind == "heading":
            anchor = self._anchor(within.begins, text)
            text = _HEADING_ATTRIBUTE.sub("", text).rstrip() or text
        elif plain < 2 and kind in ("paragraph", "item") and len("".join(text.split())) > plain:
            # All of it but a colon.
            kind = "strong"
        self._walk.emit(kind, text, within.begins if within else None, within.level if within else 0, anchor, (mark, marked))
        if repaired != written:
            self._walk.repaired(written, repaired)

    def _between_marks(self, mark: str) -> tuple[tuple[str, str], ...]:
        """Return the text in parts, each behind the sign in front of it. A blank at the end of a part is kept: `Default <sup>2</sup>`."""
        if len(self._inner) > _MOST_MARKS:
            return ()
        starts = [(0, mark), *self._inner]
        ends = [*(start for start, _ in self._inner), len(self._parts)]
        raw = (("".join(self._parts[start:end]), sign) for (start, sign), end in zip(starts, ends, strict=True))
        return tuple((sign, texts.fold(texts.repair(text)) + " " * text[-1:].isspace()) for text, sign in raw)

    def _ordinal(self, item: Element) -> str:
        """Return the number that a list puts in front of its next item, `1.`; empty where it puts none there."""
        around = item.getparent()
        if around is None or around.tag != "ol":
            return ""
        start = around.get("start") or ""
        number = self._numbers.get(around) or (int(start) if _START.fullmatch(start) else 1)
        self._numbers[around] = number + 1
        # Marks link to an item that has an id.
        return f"{number}." if not item.get("id") else ""

    def _anchor(self, heading: Element, text: str) -> str:
        # In HTML, braces in a heading are text.
        written = anchors.of_attribute(text) if heading.get(POSITION) is not None else ""
        if self._anchored[0] is not heading:
            self._anchored = (heading, anchors.of_heading(heading))
        return written or self._anchored[1]
