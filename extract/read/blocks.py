"""A tree to the blocks of a page in order, and its tables as grids, all with the lines of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from extract.catalogue import finding
from extract.model import Block, BlockKind, Finding, Grid
from extract.read import anchors, grid
from extract.read import text as texts
from extract.read.prepare import POSITION

_HEADING = re.compile(r"h[1-6]")
_HEADING_ATTRIBUTE = re.compile(r"\{[:#.][^{}]*\}$|¶$")
_SKIPPED = texts.STRUCK_OUT | frozenset(
    "script style template noscript title nav iframe object svg math select textarea".split(),
)
# So many characters on either side of what was repaired are quoted.
_QUOTED = 30
# Panes of tab widgets: their label is what a reader sees above the pane (Docusaurus, Starlight, Nextra; GitBook's tags).
_TABS = frozenset({"tabitem", "tab", "tab-item", "tabpanel", "sl-tab-panel"})
_TAB_TAG = re.compile(r"\{%-?\s*tab\s+title=[\"'\u201c]([^\"'\u201d]+)[\"'\u201d]\s*-?%\}")


class Walk:
    """Walks a tree once; then `blocks`, `grids` and `findings` hold what is in it. A table comes before those nested in it."""

    def __init__(self, line_of: Callable[[etree._Element], int], surplus: dict[int, tuple[str, ...]]) -> None:
        """Take what gives the line of an element (0 when it is not known), and the surplus cells of Markdown tables by line."""
        self.blocks: list[Block] = []
        self.grids: list[Grid] = []
        self.findings: list[Finding] = []
        self._line_of = line_of
        self._surplus = surplus
        self._last = 1
        self._cells: list[int] = []
        self._unseen: list[etree._Element] = []
        # The elements that are being walked although readers do not see them, because there are tables in them.
        self._run = _Run(self)

    def walk(self, root: etree._Element) -> None:
        """Visit every element in document order. Iterative: markup may be deep."""
        self._title(root)
        count = 0
        stack: list[tuple[etree._Element, Iterator[etree._Element]]] = [(root, iter(root))]
        while stack:
            parent, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                self._leave(parent)
                if parent.tail and stack:
                    self._add(parent.tail)
            elif not self._enter(child):
                self._add(child.tail or "")
            else:
                if child.tag in ("td", "th"):
                    count += 1
                    self._cells.append(count)
                self._add(child.text or "")
                stack.append((child, iter(child)))
        self._run.flush()

    def emit(self, kind: BlockKind, text: str, element: etree._Element | None, level: int, anchor: str = "") -> None:
        """Append a block; one whose line is not known stands where the one before it stands."""
        line = self._line_of(element) if element is not None else 0
        self._last = line or self._last
        cells = tuple(self._cells)
        self.blocks.append(Block(kind, text, self._last, level, cells[-1] if cells else 0, cells, anchor))

    def repaired(self, written: str, text: str) -> None:
        """Note that the last block was repaired; it is quoted around the first place that was."""
        first = next((index for index, (one, other) in enumerate(zip(written, text, strict=False)) if one != other), 0)
        start = max(first - _QUOTED, 0)
        quoted = [one[start : first + _QUOTED] for one in (written, text)]
        message = f"this text was decoded wrongly by its author; {quoted[0]!r} was read as {quoted[1]!r}"
        self.findings.append(finding("mojibake", message, line=self._last))

    def _title(self, root: etree._Element) -> None:
        """Take the title of the page; the <title> of a drawing is its description."""
        for title in root.iter("title"):
            if title.text and next(title.iterancestors("svg"), None) is None:
                folded = texts.fold(texts.repair(title.text))
                if folded:
                    self.emit("title", folded, title, 0)
                return

    def _enter(self, element: etree._Element) -> bool:
        """Begin an element; return whether what is in it must be walked."""
        tag = element.tag
        if not isinstance(tag, str) or texts.is_mark(element):
            return False
        if not self._unseen and (tag in _SKIPPED or texts.is_hidden(element)):
            # Tables in what readers do not see (a tab that is closed when the page opens) are read, and nothing else is.
            if next(element.iter("table"), None) is None:
                return False
            self._unseen.append(element)
        if tag == "table":
            self._run.flush()
            return self._table(element)
        if tag in texts.BLOCKS:
            self._run.flush()
            self._run.enter(element)
        elif self._unseen:
            return True
        elif tag in _TABS and (label := texts.fold(element.get("label") or element.get("title") or "")):
            self._run.flush()
            self.emit("strong", label, element, 0)
        elif tag in ("b", "strong"):
            self._run.strong += 1
        elif tag == "img":
            self._add(element.get("alt") or "")
        return True

    def _leave(self, element: etree._Element) -> None:
        if element.tag in texts.BLOCKS:
            self._run.flush()
            self._run.leave(element)
        elif element.tag in ("b", "strong") and not self._unseen:
            self._run.strong -= 1
        if element.tag in ("td", "th"):
            self._cells.pop()
        if self._unseen and self._unseen[-1] is element:
            self._unseen.pop()

    def _add(self, text: str) -> None:
        if text and not self._unseen:
            self._run.add(text)

    def _table(self, element: etree._Element) -> bool:
        """Read a table; return whether its cells must be walked, because they hold further tables."""
        number = len(self.grids) + 1
        hidden = bool(self._unseen)
        place = grid.Place(number, self._line_of(element) or self._last, len(self._cells), hidden)
        built, findings = grid.build(element, place, self._line_of, self._surplus)
        self.grids.append(built)
        self.findings.extend(findings)
        self._last = max(self._last, built.line)
        cells = tuple(self._cells)
        self.blocks.append(Block("table", "", built.line, number, cells[-1] if cells else 0, cells))
        nested = any(inner is not element for inner in element.iter("table"))
        if not nested and self._unseen and self._unseen[-1] is element:
            self._unseen.pop()
        return nested


class _Run:
    """Collects the text between two block boundaries."""

    def __init__(self, walk: Walk) -> None:
        self.strong = 0
        # How many <b> and <strong> are open.
        self._walk = walk
        self._parts: list[str] = []
        self._plain = 0
        # How many characters are not set in bold type.
        self._containers: list[etree._Element] = []

    def add(self, text: str) -> None:
        self._parts.append(text)
        if not self.strong and self._plain < 2:
            self._plain += len("".join(text.split()))

    def enter(self, element: etree._Element) -> None:
        self._containers.append(element)

    def leave(self, element: etree._Element) -> None:
        if self._containers and self._containers[-1] is element:
            self._containers.pop()

    def flush(self) -> None:
        """Emit what was collected as a block."""
        if not self._parts:
            return
        raw, plain = "".join(self._parts), self._plain
        self._parts, self._plain = [], 0
        written = texts.fold(raw)
        text = repaired = texts.fold(texts.repair(raw))
        if not text:
            return
        tab = _TAB_TAG.search(text)
        if tab:
            self._walk.emit("strong", tab[1], self._containers[-1] if self._containers else None, 0)
            return
        kind, level, element = self._kind()
        anchor = ""
        if kind == "heading" and element is not None:
            # In HTML, braces in a heading are text.
            anchor = (anchors.of_attribute(text) if element.get(POSITION) is not None else "") or anchors.of_heading(element)
            text = _HEADING_ATTRIBUTE.sub("", text).rstrip() or text
        elif kind in ("paragraph", "item") and plain < 2 and len("".join(text.split())) > plain:
            # All of it but a colon.
            kind = "strong"
        self._walk.emit(kind, text, element, level, anchor)
        if repaired != written:
            self._walk.repaired(written, repaired)

    def _kind(self) -> tuple[BlockKind, int, etree._Element | None]:
        """Return what the block is, its heading level, and the element that it begins with."""
        innermost = self._containers[-1] if self._containers else None
        for container in reversed(self._containers):
            tag = str(container.tag)
            if _HEADING.fullmatch(tag):
                return "heading", int(tag[1]), container
            if tag == "pre":
                return "code", 0, container
            if tag in ("li", "dd", "dt"):
                return "item", 0, innermost
            if tag in ("td", "th"):
                break
        return "paragraph", 0, innermost
