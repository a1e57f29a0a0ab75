"""A tree of DocBook or DITA to HTML, by what its elements are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from extract.read.kinds import cals
from extract.read.kinds.converted import Converted
from extract.read.kinds.elements import Elements, Piece
from extract.read.kinds.xml_names import TABLES, Names
from extract.read.kinds.xml_source import Source, local
from extract.read.kinds.xml_told import Told

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_LINK = "{http://www.w3.org/1999/xlink}href"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_INCLUDE = frozenset({"{http://www.w3.org/2001/XInclude}include", "{http://www.w3.org/2003/XInclude}include"})
_HTML_TABLE = frozenset("thead tbody tfoot tr td th caption".split())
_STRONG = frozenset("bold strong".split())
# What of the elements about a section its readers see.
_SHOWN = frozenset("title subtitle abstract".split())


class Walk:
    """Writes the HTML of a tree. Iterative: markup may be deep."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._names = names
        self._out = Elements()
        self._depth = 0
        self._filler = cals.Filler()
        self._spans: dict[Element, cals.Span] = {}
        # What is to be written when an element ends.
        self._ends: dict[Element, Callable[[], None]] = {}
        # The numbers of the tables that are open, and how many cells are.
        self._open_tables: list[int] = []
        self._cells = 0
        # Those of tables, and those of sections.
        self._notes: Mapping[bool, list[Piece]] = {True: [], False: []}
        self._numbers: dict[str, int] = {}
        self._note_count = 0
        self._uncertain: dict[int, str] = {}
        # Whether text stands among the elements of an element.
        self._mixed: dict[Element, bool] = {}
        # The cells that the rows of a table have, where a row may lack some.
        self._present: dict[Element, list[str]] = {}
        self._told = Told(source, names)
        self._writers = {**dict.fromkeys(names.blocks, Walk._block), **_writers(names)}

    def convert(self) -> Converted:
        """Return the document."""
        from lxml import etree  # noqa: PLC0415 - few documents are XML, and it takes 10 ms to import

        root = self._source.root
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                if not self._start(element):
                    walker.skip_subtree()
                elif element.text:
                    self._out.text(element.text)
                continue
            if end := self._ends.pop(element, None):
                end()
            if self._cells and self._told.condition(element):
                self._out.text(" ")
            if element.tail and element is not root:
                self._out.text(element.tail)
        self._write_notes(of_tables=False)
        return self._out.converted(self._source.lines, self._told.findings(), self._uncertain)

    def _start(self, element: Element) -> bool:
        """Begin an element; return whether what is in it is written."""
        name, names = local(element), self._names
        if element.tag in _INCLUDE:
            self._missing(element, "xi:include", element.get("href") or "")
            # What stands in for a document that is not there (XInclude 1.1, 4.4) says what its author wants to be read then.
            return False
        if name in names.hidden:
            return False
        if name in names.about:
            return any(local(child) in _SHOWN for child in element)
        parent = element.getparent()
        if parent is not None and local(parent) in names.about and name not in _SHOWN:
            return False
        if condition := self._told.condition(element):
            self._conditioned(element, condition)
        self._writers.get(name, Walk._inline)(self, element, name)
        self._referred(element)
        return name not in names.pictures

    def _referred(self, element: Element) -> None:
        """Note what else stands in the place of an element."""
        names = self._names
        for attribute in names.references:
            if target := element.get(attribute):
                self._missing(element, attribute, target)
        if names.names and (key := element.get(names.names)) and _is_empty(element):
            self._named(element, key)

    def _block(self, element: Element, name: str) -> None:
        self._open(self._names.blocks[name], element)

    def _pre(self, element: Element, _: str) -> None:
        self._open("pre", element)

    def _row(self, element: Element, _: str) -> None:
        self._open("tr", element)

    def _holder(self, element: Element) -> str:
        """Return the name of what an element stands in; what only holds titles is passed over."""
        parent = element.getparent()
        while parent is not None and local(parent) in self._names.about:
            parent = parent.getparent()
        return local(parent) if parent is not None else ""

    def _open(self, tag: str, element: Element, attributes: Mapping[str, object] | None = None) -> None:
        attribute, value = self._names.deleted
        deleted: Mapping[str, object] = {"hidden": "hidden"} if element.get(attribute) == value else {}
        self._out.open(tag, element.sourceline or 1, {**(attributes or {}), **self._class(element), **deleted})
        self._ends[element] = lambda: self._out.close(tag)

    def _class(self, element: Element) -> Mapping[str, object]:
        """Return the class that the builder of a page gives to an element; what it hides or strikes out is known of HTML."""
        words = element.get(self._names.style)
        return {"class": " ".join(words.split())} if words else {}

    def _is_table(self, name: str) -> bool:
        return name in TABLES or name in self._names.simple_tables

    def _title(self, element: Element, name: str) -> None:
        parent = self._holder(element)
        if name == "desc" and not self._is_table(parent):
            self._open("div", element)
        elif parent in self._names.sections:
            self._open(f"h{min(max(self._depth, 1), 6)}", element)
        elif self._is_table(parent):
            self._open("caption", element)
        else:
            self._open("div", element)
            self._out.mark("b")
            self._ends[element] = lambda: self._out.close("b></div")

    def _section(self, element: Element, _: str) -> None:
        self._depth += 1
        self._open("div", element)

        def end() -> None:
            self._write_notes(of_tables=False)
            self._depth -= 1
            self._out.close("div")

        self._ends[element] = end

    def _open_table(self, element: Element, _: str) -> None:
        self._open("table", element)
        self._open_tables.append(self._out.tables)
        for one in element.iterancestors():
            if condition := self._told.condition(one):
                self._conditioned(one, condition)
        self._ends[element] = self._end_table

    def _end_table(self) -> None:
        self._out.close("table")
        self._open_tables.pop()
        if not self._open_tables:
            self._write_notes(of_tables=True)

    def _group(self, element: Element, name: str) -> None:
        """Begin a group of columns. Each but the first makes a table of its own; one in a row is a table in a cell."""
        layout = cals.lay_out(element, self._filler)
        if name == "entrytbl":
            self._entry(element, name)
            end_entry = self._ends[element]
            self._open_table(element, name)

            def end() -> None:
                self._end_table()
                end_entry()

            self._ends[element] = end
        elif any(local(one) == "tgroup" for one in element.itersiblings(preceding=True)):
            self._out.close("table")
            self._open("table", element)
            self._open_tables[-1:] = [self._out.tables]
            # It ends with what it is a part of.
            del self._ends[element]
        self._spans.update(layout.spans)
        if layout.doubt:
            self._uncertain[self._out.tables] = layout.doubt

    def _entry(self, element: Element, _: str) -> None:
        span = self._spans.pop(element, cals.Span(1, 1, 0))
        in_head = next(element.iterancestors("{*}thead", "{*}tbody", "{*}tfoot"), None)
        tag = "th" if in_head is not None and local(in_head) == "thead" else "td"
        line = element.sourceline or 1
        for _number in range(span.skipped):
            self._out.open(tag, line)
            self._out.close(tag)
        self._cell(element, tag, cals.attributes(span))

    def _simple_cell(self, element: Element, name: str) -> None:
        row = element.getparent()
        tag = "th" if row is not None and local(row) in self._names.simple_heads else "td"
        for _ in range(self._lacking(element, name.removesuffix("hd"))):
            self._out.open(tag, element.sourceline or 1)
            self._out.close(tag)
        self._cell(element, tag, _html_spans(element))

    def _lacking(self, element: Element, name: str) -> int:
        """Return how many cells that other rows of the table have are lacking right before one."""
        order = self._names.ordered_cells
        row = element.getparent()
        table = row.getparent() if row is not None else None
        if name not in order or table is None:
            return 0
        if table not in self._present:
            found = {local(cell).removesuffix("hd") for one in table for cell in one}
            self._present[table] = [one for one in order if one in found]
        before = element.getprevious()
        above = local(before).removesuffix("hd") if before is not None else ""
        present = self._present[table]
        return max(present.index(name) - (present.index(above) + 1 if above in present else 0), 0)

    def _html_part(self, element: Element, name: str) -> None:
        """Begin a part of a table of HTML, or a group of rows of another one."""
        if name in ("td", "th"):
            self._cell(element, name, _html_spans(element))
        elif name != "caption" or self._is_table(self._holder(element)):
            self._open(name, element)
        else:
            self._open("div", element)

    def _cell(self, element: Element, tag: str, attributes: Mapping[str, object]) -> None:
        self._open(tag, element, attributes)
        self._cells += 1
        for one in element.iterancestors():
            # What a row refers to stands in the place of all of its cells.
            for attribute in self._names.references:
                if target := one.get(attribute):
                    self._out.text(f' {attribute}="{target}" ')

        def end() -> None:
            self._cells -= 1
            self._out.close(tag)

        self._ends[element] = end

    def _footnote(self, element: Element, _: str) -> None:
        """Write the mark of a note, and the note below the table or at the end of the section."""
        number = self._note_number(element.get("id") or element.get(_XML_ID) or "")
        if not (element.get("id") and self._names.notes_by_reference):
            self._mark(number)
        self._out.put_aside()
        self._out.open("div", element.sourceline or 1)
        self._mark(number)
        self._out.text(" ")

        def end() -> None:
            self._out.close("div")
            self._notes[bool(self._open_tables)].append(self._out.taken())

        self._ends[element] = end

    def _note_number(self, name: str) -> int:
        if name not in self._numbers or not name:
            self._note_count += 1
            self._numbers[name] = self._note_count
        return self._numbers[name]

    def _mark(self, number: int) -> None:
        self._out.mark("sup")
        self._out.text(str(number))
        self._out.mark("/sup")

    def _write_notes(self, *, of_tables: bool) -> None:
        for note in self._notes[of_tables]:
            self._out.add(note)
        self._notes[of_tables].clear()

    def _picture(self, element: Element, _: str) -> None:
        said = next(element.iter("{*}alt"), None)
        said = next(element.iter("{*}textobject"), None) if said is None else said
        self._out.picture(element.get("alt") or ("".join(map(str, said.itertext())) if said is not None else ""))

    def _inline(self, element: Element, name: str) -> None:
        """Begin an element in a line; one that nobody knows is a block where no text stands beside it."""
        names = self._names
        before = element.getprevious()
        if self._cells and before is not None and not before.tail:
            # `<port>22</port><port>23</port>` is no number of four digits.
            self._out.text(" ")
        if mark := self._mark_of(element, name):
            self._around(mark, element)
        elif name == "footnoteref" or (name == "xref" and element.get("type") == "fn"):
            target = (element.get("linkend") or element.get("href") or "").rpartition("/")[2].lstrip("#")
            self._mark(self._note_number(target))
        elif name not in names.inline and not self._is_among_text(element):
            self._open("div", element)
        else:
            if self._class(element):
                self._around("span", element)
            if _is_empty(element):
                self._out.text(self._target(element))

    def _mark_of(self, element: Element, name: str) -> str:
        """Return the element of HTML that sets an element in a line apart; empty where none does."""
        names, role = self._names, element.get("role") or ""
        if name in names.raised:
            return "sup" if name.startswith("sup") else "sub"
        if name in names.strong or (name == "emphasis" and role in _STRONG):
            return "b"
        return "s" if name in names.struck or element.get(names.deleted[0]) == names.deleted[1] else ""

    def _around(self, tag: str, element: Element) -> None:
        self._out.mark(tag, self._class(element))
        self._ends[element] = lambda: self._out.mark(f"/{tag}")

    def _target(self, element: Element) -> str:
        """Return what an element without text refers to: readers see the title of that."""
        for attribute in (*self._names.targets, _LINK):
            if target := element.get(attribute):
                return target
        return ""

    def _is_among_text(self, element: Element) -> bool:
        """Return whether text stands beside an element: then it is a part of the line."""
        parent = element.getparent()
        if parent is None:
            return False
        if parent not in self._mixed:
            self._mixed[parent] = bool((parent.text or "").strip()) or any((one.tail or "").strip() for one in parent)
        return self._mixed[parent]

    def _missing(self, element: Element, what: str, target: str) -> None:
        """Note that something stands elsewhere. Its name stands in its place, so that what is left is not read as if it were all."""
        if self._cells or not self._open_tables:
            self._out.text(f' {what}="{target}" ')
        self._told.missing(element, what, target, self._table())

    def _named(self, element: Element, key: str) -> None:
        """Write the name of words that stand elsewhere; in a cell they decide what a rule says."""
        if self._cells:
            self._missing(element, self._names.names, key)
        else:
            self._out.text(key)

    def _table(self) -> int | None:
        """Return the number of the table that is being written."""
        return self._open_tables[-1] if self._open_tables else None

    def _conditioned(self, element: Element, condition: str) -> None:
        if self._cells:
            # What stands beside it is another edition of the same: `8080` and `9090` are no number together.
            self._out.text(" ")
        if table := self._table():
            self._told.conditioned(element, condition, table)


def _is_empty(element: Element) -> bool:
    return not len(element) and not (element.text or "").strip()


def _html_spans(element: Element) -> Mapping[str, object]:
    return {name: value for name in ("colspan", "rowspan") if (value := element.get(name))}


_Write = Callable[[Walk, "Element", str], None]


def _writers(names: Names) -> dict[str, _Write]:
    """Return what writes the elements of a language that are no plain blocks."""
    return {
        **dict.fromkeys(names.preformatted, Walk._pre),
        **dict.fromkeys(names.pictures, Walk._picture),
        **dict.fromkeys(names.footnotes, Walk._footnote),
        **dict.fromkeys(_HTML_TABLE, Walk._html_part),
        **dict.fromkeys(names.simple_cells, Walk._simple_cell),
        **dict.fromkeys(names.simple_tables | TABLES, Walk._open_table),
        **dict.fromkeys(names.simple_rows | {"row"}, Walk._row),
        **dict.fromkeys(("tgroup", "entrytbl"), Walk._group),
        "entry": Walk._entry,
        **dict.fromkeys(names.sections, Walk._section),
        **dict.fromkeys(("title", "desc"), Walk._title),
    }
