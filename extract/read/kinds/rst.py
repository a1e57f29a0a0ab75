"""reStructuredText as HTML, by docutils. Nothing that a document names is read: no file, no URL, no raw markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from extract.catalogue import finding
from extract.model import Finding
from extract.read import decode
from extract.read.kinds.converted import Converted
from extract.read.kinds.elements import Elements
from extract.read.refused import refused
from extract.read.text import STRUCK_OUT

if TYPE_CHECKING:
    from docutils import nodes

# docutils takes a second for some 40 kB of tables, and memory as for a hundred times as much.
MAX_BYTES = 4 << 20
_TAGS: Mapping[str, str] = {
    "bullet_list": "ul",
    "enumerated_list": "ul",
    "list_item": "li",
    "definition_list": "dl",
    "field_list": "dl",
    "option_list": "dl",
    "term": "dt",
    "field_name": "dt",
    "option_group": "dt",
    "definition": "dd",
    "field_body": "dd",
    "description": "dd",
    "literal_block": "pre",
    "doctest_block": "pre",
    "thead": "thead",
    "tbody": "tbody",
    "row": "tr",
}
_MARKS: Mapping[str, str] = {"strong": "b", "superscript": "sup", "subscript": "sub"}
# What readers do not see, and what is taken up elsewhere.
_LEFT_OUT = frozenset("comment substitution_definition colspec label".split())
# What a class in front of them is not meant for.
_UNCLASSED = frozenset({"substitution_definition", "target", "system_message"})
# They begin no line of their own and have no text but that of their parts.
_BARE = frozenset("tgroup definition_list_item field option_list_item option".split())
_ERROR = 3
_UNDEFINED = "Undefined substitution referenced"


def convert(data: bytes) -> Converted:
    """Return a document as HTML. Raises RefusedError where docutils is missing, and for a document that is nested too deep."""
    try:
        from extract.read.kinds import rst_parser  # noqa: PLC0415 - it takes docutils, which is an extra
    except ImportError as error:
        raise refused("reStructuredText needs docutils: pip install 'docrules[rst]'") from error
    if len(data) > MAX_BYTES:
        raise refused(f"this document has more than {MAX_BYTES >> 20} MB; split it")
    decoded = decode.decode(data)
    try:
        tree, messages = rst_parser.parse(decoded.text)
    except rst_parser.TooMuchError as error:
        raise refused(f"this document is not read, for {error}; build it, and give the page") from error
    walk = _Walk(decoded)
    walk.visit(tree)
    walk.tell(messages)
    return walk.converted()


class _Walk:
    """Writes the HTML of a tree."""

    def __init__(self, decoded: decode.Decoded) -> None:
        self._decoded = decoded
        self._text = decoded.text.split("\n")
        self._out = Elements()
        self._depth = 0
        self._line = 1
        self._in_head = False
        self._open_tables: list[int] = []
        self._conditions: list[str] = []
        self._findings: list[Finding] = list(decoded.findings)

    def converted(self) -> Converted:
        """Return the document."""
        # Of some messages docutils names the last line, and their text has more.
        return self._out.converted(self._decoded.lines or range(1, len(self._text) + 1), self._findings, {})

    def visit(self, node: Any) -> None:
        """Write an element and what is in it."""
        name = node.tagname
        if name == "#text":
            self._out.text(node.astext())
        elif name in _LEFT_OUT:
            return
        elif write := _WRITERS.get(name):
            write(self, node)
        elif name == "inline" and node["classes"]:
            # The HTML writer of docutils makes elements of these names of them.
            tag = next((one for one in node["classes"] if one in STRUCK_OUT), "span")
            self._around(node, tag, {"class": " ".join(node["classes"])})
        elif name in _BARE or name in _INLINE:
            self._within(node)
        elif mark := _MARKS.get(name):
            self._around(node, mark)
        else:
            self._block(node, _TAGS.get(name, "div"))

    def tell(self, messages: Iterable[nodes.system_message]) -> None:
        """Add what docutils says that the document has lost."""
        told = set()
        for message in messages:
            text = message.children[0].astext() if message.children else ""
            line = self._decoded.line(message.get("line") or 1)
            undefined = text.startswith(_UNDEFINED)
            # What else docutils does not understand in a line is left in the text as it is written.
            if message["level"] < _ERROR or (message.get("backrefs") and not undefined) or (text, line) in told:
                continue
            told.add((text, line))
            if undefined:
                said = f"{text}; the name is kept as it is written"
                self._findings.append(finding("reference-not-followed", said, line=line))
            else:
                said = " ".join(text.split())
                self._findings.append(finding("markup-not-understood", f"{said}; what docutils cannot read is missing", line=line))

    def _within(self, node: Any) -> None:
        classes: list[str] = []
        for child in node.children:
            if child.tagname == "comment":
                classes = child["classes"] or classes
            elif classes and child.tagname not in _UNCLASSED:
                self._out.open("div", _line(child) or self._line, {"class": " ".join(classes)})
                self.visit(child)
                self._out.close("div")
                classes = []
            else:
                self.visit(child)

    def _around(self, node: Any, mark: str, attributes: Mapping[str, object] | None = None) -> None:
        self._out.mark(mark, attributes)
        self._within(node)
        self._out.mark(f"/{mark}")

    def _block(self, node: Any, tag: str, attributes: Mapping[str, object] | None = None) -> None:
        self._line = _line(node) or self._line
        self._out.open(tag, self._line, attributes)
        self._within(node)
        self._out.close(tag)

    def _section(self, node: Any) -> None:
        self._depth += 1
        self._within(node)
        self._depth -= 1

    def _title(self, node: Any) -> None:
        if node.parent.tagname == "table":
            self._block(node, "caption")
            return
        # docutils gives the line below the title for that of the title.
        line = _line(node) or self._line
        drawn = 1 < line <= len(self._text) and not any(map(str.isalnum, self._text[line - 1]))
        node.line = line - drawn
        self._block(node, f"h{min(self._depth, 6)}")

    def _paragraph(self, node: Any) -> None:
        if "what" in node:
            message = f"{node['what']} {node['target']} was not read: nothing that a document names is; build the page, and give that"
            line = self._decoded.line(node.line)
            self._findings.append(finding("reference-not-followed", message, line=line, table=self._table()))
            return
        self._block(node, "div")

    def _table_of(self, node: Any) -> None:
        self._line = node.line or _line(node) or self._line
        self._out.open("table", self._line)
        self._open_tables.append(self._out.tables)
        for condition in self._conditions:
            self._conditioned(condition, "this table", self._line)
        self._within(node)
        self._out.close("table")
        self._open_tables.pop()

    def _table(self) -> int | None:
        return self._open_tables[-1] if self._open_tables else None

    def _head(self, node: Any) -> None:
        self._in_head, outer = True, self._in_head
        self._block(node, "thead")
        self._in_head = outer

    def _entry(self, node: Any) -> None:
        spans = {"colspan": node.get("morecols", 0) + 1, "rowspan": node.get("morerows", 0) + 1}
        tag = "th" if self._in_head else "td"
        self._in_head, outer = False, self._in_head
        self._block(node, tag, {name: count for name, count in spans.items() if count > 1})
        self._in_head = outer

    def _container(self, node: Any) -> None:
        condition = node.get("condition")
        if condition is None:
            self._block(node, "div", {"class": " ".join(node["classes"])} if node["classes"] else None)
            return
        if self._open_tables:
            self._conditioned(condition, "a part of this table", _line(node) or self._line)
        self._conditions.append(condition)
        self._within(node)
        self._conditions.pop()

    def _conditioned(self, condition: str, what: str, line: int) -> None:
        message = f"{what} stands only in editions with {condition!r}; it was read"
        self._findings.append(finding("conditional-text", message, line=self._decoded.line(line), table=self._table()))

    def _image(self, node: Any) -> None:
        self._out.picture(node.get("alt", ""))

    def _message(self, node: Any) -> None:
        """Write the text that docutils could not read; of messages that lose nothing, all of it stands elsewhere."""
        for child in node.children:
            self._line = node.get("line") or self._line
            if child.tagname == "literal_block" and node["level"] >= _ERROR:
                self.visit(child)

    def _problematic(self, node: Any) -> None:
        """Write what docutils does not understand. Beside other words, a name without a value may narrow what these say."""
        text = node.astext()
        holder = node.parent.parent if node.parent.tagname == "reference" else node.parent
        if self._open_tables and text.startswith("|") and len(holder.children) > 1:
            # Without its bars, which part words as those of a table do.
            text = f"substitution-{'-'.join(text.strip('|_').split())}"
        self._out.text(text)

    def _reference(self, node: Any) -> None:
        """Write the mark of a note as a link to it: notes stand at the end of a document as a rule."""
        self._out.mark("sup")
        self._around(node, "a", {"href": f"#{node.get('refid', '')}"})
        self._out.mark("/sup")

    def _footnote(self, node: Any) -> None:
        self._line = _line(node) or self._line
        self._out.open("div", self._line, {"id": next(iter(node["ids"]), "")})
        for child in node.children:
            if child.tagname == "label":
                self._around(child, "sup")
        self._within(node)
        self._out.close("div")


_WRITERS: Mapping[str, Any] = {
    "section": _Walk._section,
    "document": _Walk._within,
    "title": _Walk._title,
    "paragraph": _Walk._paragraph,
    "table": _Walk._table_of,
    "thead": _Walk._head,
    "entry": _Walk._entry,
    "container": _Walk._container,
    "image": _Walk._image,
    "system_message": _Walk._message,
    "problematic": _Walk._problematic,
    "footnote": _Walk._footnote,
    "citation": _Walk._footnote,
    "footnote_reference": _Walk._reference,
    "citation_reference": _Walk._reference,
}
_INLINE = frozenset("emphasis literal reference inline target option_string option_argument".split())


def _line(node: Any) -> int | None:
    """Return the line of an element, else that of the first one in it that has one."""
    if node.line and node.tagname not in ("row", "tbody", "thead"):
        return int(node.line)
    lines = (one.line for one in node.findall() if getattr(one, "line", None))
    found = min(lines, default=None) if node.tagname == "row" else next(lines, None)
    return int(found) if found else None
