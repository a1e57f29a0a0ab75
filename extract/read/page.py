"""One document to a Page: which markup it is, its blocks in order, its tables as grids, all with the lines of the file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from extract.catalogue import finding
from extract.model import Block, Document, Finding, Grid, Page
from extract.read import decode, frontmatter, grid, markdown
from extract.read import text as texts

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
MARKDOWN_SUFFIXES = frozenset({".md", ".mdx", ".markdown"})

# libxml2 keeps line numbers in 16 bits. Longer documents get their lines stamped on the tags.
_LIBXML2_LINES = 65_000
_HTML_START = re.compile(r"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_TAG_START = re.compile(r"\s*<(?:[a-z][a-z0-9-]*[\s>/]|!--)", re.IGNORECASE)
_MARKDOWN_LINE = re.compile(r"^(?:#{1,6} |[-*+] |\d+\. |```|~~~|\|.*\||\s*\|?\s*:?-{3,}:?\s*\|)", re.MULTILINE)
_STAMPED = re.compile(r"<(table|tr|td|th|h[1-6]|p|li|caption)(?=[\s>/])", re.IGNORECASE)
_HEADING = re.compile(r"h[1-6]")
_HEADING_ATTRIBUTE = re.compile(r"\s*\{[:#.][^{}]*\}\s*$|\s*¶$")
_SKIPPED = frozenset(["script", "style", "template", "noscript", "title", "nav", "iframe", "object", "svg", "math", "select", "textarea"])
# Panes of tab widgets: their label is what a reader sees above the pane (Docusaurus, Starlight, Nextra; GitBook's tags).
_TABS = frozenset({"tabitem", "tab", "tab-item", "tabpanel", "sl-tab-panel"})
_TAB_TAG = re.compile(r"\{%-?\s*tab\s+title=[\"'\u201c]([^\"'\u201d]+)[\"'\u201d]\s*-?%\}")
_DEEP = "depth"


def read(data: bytes, path: str, kind: str | None = None) -> Page:
    """Return a document as a Page.

    `path` is the path that the data will carry (relative, forward slashes); `kind` is "html", "markdown" or None, and then
    suffix and content decide. Bytes that are no text give a page without tables and a finding.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if decode.is_binary(data):
        message = "this file is binary, no HTML or Markdown; remove it from the documents or convert it first"
        return Page(_document(path, sha256, ""), (), (), (finding("binary-document", message),))
    decoded = decode.decode(data)
    if not decoded.text.strip():
        message = "this document is empty"
        return Page(_document(path, sha256, ""), (), (), (finding("empty-document", message, line=1), *decoded.findings))
    front = frontmatter.split(decoded.text)
    findings = [*decoded.findings, *front.findings]
    builder = _Builder(front.body, decoded, kind or sniff(front.body, path))
    blocks, grids, found = builder.build()
    findings.extend(found)
    document = _document(path, sha256, frontmatter.title_of(front.fields) or _title(blocks), front.fields)
    if front.fields and document.title:
        blocks = (Block("title", document.title, 1), *blocks)
    return Page(document, blocks, grids, tuple(findings))


def sniff(text: str, path: str) -> str:
    """Return "html" or "markdown": a full HTML document is HTML whatever its name; then the suffix; then the content."""
    if _HTML_START.match(text):
        return "html"
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in HTML_SUFFIXES:
        return "html"
    if suffix in MARKDOWN_SUFFIXES:
        return "markdown"
    return "html" if _TAG_START.match(text) and not _MARKDOWN_LINE.search(text) else "markdown"


def _document(path: str, sha256: str, title: str, fields: Mapping[str, Any] | None = None) -> Document:
    """Make the document's record; vendor, product and release are the first three folders of its path, when it has them."""
    parts = PurePosixPath(path).parts
    vendor, product, release = (parts[0], parts[1], parts[2]) if len(parts) > 3 else (None, None, None)
    url = (fields or {}).get("url")
    return Document(
        id=str(PurePosixPath(path).with_suffix("")),
        path=path,
        sha256=sha256,
        title=title,
        vendor=vendor,
        product=product,
        release=release,
        url=url if isinstance(url, str) and url.startswith(("https://", "http://")) else None,
    )


def _title(blocks: tuple[Block, ...]) -> str:
    headings = [block for block in blocks if block.kind == "heading"]
    first = next((block for block in headings if block.level == 1), None)
    named = next((block for block in blocks if block.kind == "title"), None)
    chosen = first or named or (headings[0] if headings else None)
    return chosen.text if chosen else ""


class _Builder:
    """Walks the tree of one page once."""

    def __init__(self, body: str, decoded: decode.Decoded, kind: str) -> None:
        self._decoded = decoded
        self._findings: list[Finding] = []
        self._surplus: dict[int, tuple[str, ...]] = {}
        self._markdown = kind == "markdown"
        if self._markdown:
            rendered = markdown.render(body)
            body, self._surplus = rendered.html, rendered.surplus
            self._findings.extend(rendered.findings)
        elif body.count("\n") > _LIBXML2_LINES:
            body = _stamp(body)
        self._stamped = self._markdown or markdown.STAMP in body
        self._reader = texts.Reader(body)
        self._root = self._parse(body)
        self._last = 1
        self._blocks: list[Block] = []
        self._grids: list[Grid] = []

    def _parse(self, body: str) -> etree._Element | None:
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
        try:
            root = etree.fromstring(body.encode("utf-8", "replace"), parser)
        except etree.XMLSyntaxError:
            # libxml2 refuses a body that holds nothing (comments only): a page without blocks.
            return None
        if any(_DEEP in entry.message and entry.level_name == "FATAL" for entry in parser.error_log):
            message = "elements are nested more than 2,048 deep; what lies deeper was not read"
            self._findings.append(finding("document-too-deep", message))
        return root

    def _lift(self, root: etree._Element) -> None:
        """Move rows and cells that the parser left inside a cell to where HTML puts them (WHATWG HTML, 13.2.6.4.15 "in cell").

        libxml2 does not close a cell at the next `<tr>` or `<td>` when an unclosed `<font>` or `<b>` stands between them.
        """
        behind: dict[etree._Element, etree._Element] = {}
        for element in list(root.iter("tr", "td", "th")):
            parent = element.getparent()
            if parent is None or parent.tag in ("tr", "tbody", "thead", "tfoot", "table"):
                continue
            around = next((one for one in element.iterancestors("td", "th", "table")), None)
            if around is None or around.tag == "table":
                continue
            anchor = around if element.tag != "tr" else around.getparent()
            if anchor is None:
                continue
            while anchor in behind:
                anchor = behind[anchor]
            element.tail = None
            anchor.addnext(element)
            behind[anchor] = element

    def build(self) -> tuple[tuple[Block, ...], tuple[Grid, ...], list[Finding]]:
        """Return blocks, grids and findings. A table comes before the tables that are nested in it."""
        if self._root is not None:
            self._lift(self._root)
            self._title_block(self._root)
            self._walk(self._root)
        if not self._markdown:
            self._findings.extend(_unfinished(self._root, self._reader, self._line))
        return tuple(self._blocks), tuple(self._grids), self._findings

    def _title_block(self, root: etree._Element) -> None:
        title = root.find(".//title")
        if title is not None and title.text:
            folded = texts.fold(texts.repair(title.text))
            if folded:
                self._blocks.append(Block("title", folded, self._line(title)))

    def _line(self, element: etree._Element) -> int:
        """Return the line of an element in the file, 0 when it is not known."""
        if not self._stamped:
            return self._decoded.line(int(element.sourceline or 1))
        stamp = element.get(markdown.STAMP) or (element.get("data-sourcepos") or "").partition(":")[0]
        return self._decoded.line(int(stamp)) if stamp.isdigit() and stamp != "0" else 0

    def _walk(self, root: etree._Element) -> None:
        """Visit elements in document order with the block that is being collected and the cells around it."""
        run = _Run(self)
        cells: list[int] = []
        counter = 0
        stack: list[tuple[etree._Element, Iterator[etree._Element]]] = [(root, iter(root))]
        while stack:
            parent, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                if parent.tag in texts.BLOCKS:
                    run.flush(cells)
                    run.leave(parent)
                if parent.tag in ("td", "th"):
                    cells.pop()
                if parent.tail and stack:
                    run.add(parent.tail)
                continue
            tag = child.tag
            if not isinstance(tag, str) or tag in _SKIPPED or texts.is_hidden(child):
                self._hidden_tables(child, cells)
                run.add(child.tail or "")
                continue
            if tag == "table":
                run.flush(cells)
                if not self._table(child, cells, False):
                    run.add(child.tail or "")
                    continue
            elif tag in texts.BLOCKS:
                run.flush(cells)
                run.enter(child)
                if tag in ("td", "th"):
                    counter += 1
                    cells.append(counter)
            elif tag in _TABS and (label := child.get("label") or child.get("title")):
                run.flush(cells)
                self.emit("strong", texts.fold(label), child, 0, cells)
            elif tag in ("b", "strong"):
                run.strong(child)
            elif tag == "img":
                run.add(child.get("alt") or "")
            run.add(child.text or "")
            stack.append((child, iter(child)))
        run.flush(cells)

    def _hidden_tables(self, element: etree._Element, cells: list[int]) -> None:
        """Count the tables in what readers do not see, so that the numbers of the others are those of the markup."""
        if isinstance(element.tag, str) and element.tag not in ("script", "style"):
            for table in element.iter("table"):
                self._table(table, cells, True)

    def _table(self, element: etree._Element, cells: list[int], hidden: bool) -> bool:
        """Read a table; return whether its cells must be walked, because they hold further tables."""
        number = len(self._grids) + 1
        built, findings = grid.build(element, number, len(cells), self._reader, self._line, self._surplus, hidden)
        self._grids.append(built)
        self._findings.extend(findings)
        line = built.line
        self._last = max(self._last, line)
        self._blocks.append(Block("table", "", line, number, cells[-1] if cells else 0, tuple(cells)))
        return any(inner is not element for inner in element.iter("table"))

    def emit(self, kind: str, text: str, element: etree._Element | None, level: int, cells: list[int]) -> None:
        """Append a block; one whose line is not known stands where the one before it stands."""
        line = self._line(element) if element is not None else 0
        self._last = line or self._last
        self._blocks.append(Block(kind, text, self._last, level, cells[-1] if cells else 0, tuple(cells)))  # type: ignore[arg-type]


class _Run:
    """Collects the text between two block boundaries."""

    def __init__(self, builder: _Builder) -> None:
        self._builder = builder
        self._parts: list[str] = []
        self._strong = 0
        self._containers: list[etree._Element] = []

    def add(self, text: str) -> None:
        if text:
            self._parts.append(text)

    def strong(self, element: etree._Element) -> None:
        self._strong += len("".join("".join(element.itertext()).split()))

    def enter(self, element: etree._Element) -> None:
        self._containers.append(element)

    def leave(self, element: etree._Element) -> None:
        if self._containers and self._containers[-1] is element:
            self._containers.pop()

    def flush(self, cells: list[int]) -> None:
        raw, strong = "".join(self._parts), self._strong
        self._parts, self._strong = [], 0
        text = texts.fold(texts.repair(raw))
        if not text:
            return
        tab = _TAB_TAG.search(text)
        if tab:
            self._builder.emit("strong", tab[1], self._containers[-1] if self._containers else None, 0, cells)
            return
        kind, level, element = "paragraph", 0, None
        for container in reversed(self._containers):
            tag = str(container.tag)
            element = element if element is not None else container
            if _HEADING.fullmatch(tag):
                kind, level, element = "heading", int(tag[1]), container
                text = _HEADING_ATTRIBUTE.sub("", text) or text
                break
            if tag == "pre":
                kind, element = "code", container
                break
            if tag in ("li", "dd", "dt"):
                kind, element = "item", container
                break
            if tag in ("td", "th"):
                break
        if kind in ("paragraph", "item") and strong and strong >= len("".join(text.split())) - 1:
            kind = "strong"
        self._builder.emit(kind, text, element, level, cells)


def _stamp(body: str) -> str:
    """Write line numbers on the tags whose lines are published."""
    return "\n".join(markdown.stamp(_STAMPED, line, number) if "<" in line else line for number, line in enumerate(body.split("\n"), 1))


def _unfinished(root: etree._Element | None, reader: texts.Reader, line_of: Any) -> Iterator[Finding]:
    """Yield a finding when the page opens more tables than it closes: HTML parsers close them silently at the end."""
    if root is None:
        return
    opened = list(root.iter("table"))
    if opened and reader.count("</table") < len(opened):
        message = "the page has fewer </table> than <table>; the last table may hold what follows it"
        yield finding("table-unfinished", message, line=line_of(opened[-1]) or None)
