"""The directives of reStructuredText: tables, and what the others hold, whatever extension of Sphinx they belong to."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docutils import nodes, statemachine
from docutils.parsers import rst
from docutils.parsers.rst import directives

from extract.regex import late

# Sphinx and docutils: nothing of these is shown where they stand.
_UNSEEN = frozenset(
    (
        "toctree index highlight highlightlang currentmodule currentlanguage contents sectnum section-numbering target-notes meta header "
        "footer tabularcolumns title tags local-toc sectionauthor codeauthor moduleauthor default-domain date"
    ).split()
)
# What their argument says is no text; what they hold is.
_CONTAINERS = frozenset(
    "compound tabs tab-set grid grid-item grid-item-card card-carousel table-wrapper highlights pull-quote epigraph hlist".split()
)
# Their argument is the class of what they hold.
_CLASSES = frozenset("container class rst-class cssclass".split())
# Their argument stands above what they hold, as the label of a tab does.
_LABELLED = frozenset("tab tab-item group-tab code-tab dropdown details collapse topic sidebar admonition rubric card centered".split())
_CODE = frozenset("code code-block sourcecode prompt highlight-block graphviz mermaid uml plantuml digraph graph".split())
# Sphinx says so in words in front of what they hold, and the names of the directives are these words.
_VERSIONED = frozenset("versionadded versionchanged versionremoved deprecated deprecated-removed".split())
_CONDITIONAL = frozenset("only ifconfig".split())
# They show the text of files.
_FILES = frozenset("include literalinclude mdinclude".split())
_OPTION = late(r":([^:\s](?:[^:]|:(?!\s|$))*):(?:\s+(.*)|)$")
_MAX_SPAN = 1000

NOT_READ = "not-read"
"""The class of elements whose text stands elsewhere; `what` and `target` say what and where."""
CONDITION = "condition"
"""The attribute of elements that stand only in some editions."""
ROLES = "role_classes"
"""The attribute of a document that holds the classes of its own roles."""


def number(text: str) -> int:
    """Return a number that is written in plain digits, 0 for another text."""
    digits = text.strip()
    return min(int(digits), _MAX_SPAN) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0


class _Block(rst.Directive):
    """A directive that takes its text apart itself, so that no option that it does not know loses what it holds."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        start = 0
        if self.block_text.split("\n", 1)[0].partition("::")[2].strip():
            start = next((n for n, line in enumerate(self.content) if not line.strip() or _OPTION.match(line)), len(self.content))
        self.argument = self.content[:start]
        self.named: dict[str, str] = {}
        end, last = start, ""
        while end < len(self.content) and (line := self.content[end]).strip():
            if option := _OPTION.match(line):
                last = option[1].lower()
                self.named[last] = option[2] or ""
            elif last and line[:1].isspace():
                self.named[last] += f"\n{line.strip()}"
            else:
                break
            end += 1
        self.offset = self.content_offset + end
        self.body = self.content[end:]
        elsewhere = [(f":{name}:", self.named[name]) for name in ("file", "url") if name in self.named]
        if elsewhere:
            return [*(self.not_read(f".. {self.name}:: {what}", target) for what, target in elsewhere), *self.parsed()]
        return self.classed(self.stands_for(), self.named.get("class", ""))

    def classed(self, shown: list[nodes.Node], names: str) -> list[nodes.Node]:
        """Return elements with a class around them, as they have it on the page: it may strike them out."""
        if not names or any(isinstance(one, nodes.Inline | nodes.Text) for one in shown):
            return shown
        return [nodes.container("", *shown, classes=names.split())] if shown else []

    def stands_for(self) -> list[nodes.Node]:
        """Return what the directive stands for."""
        raise NotImplementedError

    def not_read(self, what: str, target: str) -> nodes.Node:
        """Return what stands for text that stands elsewhere."""
        return self._here(nodes.paragraph("", "", classes=[NOT_READ], what=what, target=target))

    def _here(self, node: nodes.Element) -> nodes.Element:
        """Place an element where the directive stands."""
        node.line = self.lineno
        return node

    def parsed(self) -> list[nodes.Node]:
        """Return what the directive holds, parsed."""
        return self._nested(self.body, self.offset)

    def titled(self) -> list[nodes.Node]:
        """Return the argument, parsed."""
        return self._nested(self.argument, self.content_offset)

    def label(self) -> list[nodes.Node]:
        """Return the argument as the text of a title."""
        text, messages = self.state.inline_text(" ".join(self.argument), self.lineno)
        return [*text, *messages]

    def _nested(self, lines: Any, offset: int) -> list[nodes.Node]:
        holder = nodes.Element()
        self.state.nested_parse(lines, offset, holder, match_titles=True)
        return list(holder.children)

    def broken(self, why: str) -> nodes.Node:
        """Return a message that docutils takes up, with the text of the directive."""
        text = nodes.literal_block(self.block_text, self.block_text)
        message: nodes.Node = self.state_machine.reporter.error(f"{why} (directive {self.name!r})", text, line=self.lineno)
        return message


class Kept(_Block):
    """Any directive: what it holds stands on the page, and its argument too."""

    def stands_for(self) -> list[nodes.Node]:
        return [*self.titled(), *self.parsed()]


class _Unseen(_Block):
    def stands_for(self) -> list[nodes.Node]:
        return []


class _Role(_Block):
    """A role of the document: what it marks has the class that is given, else one of its own name; and those of the role it is made of."""

    def stands_for(self) -> list[nodes.Node]:
        name, _, base = " ".join(self.argument).partition("(")
        known: dict[str, list[str]] = vars(self.state.document).setdefault(ROLES, {})
        own = (self.named.get("class") or name).split()
        known[name.strip().lower()] = [*own, *known.get(base.strip(" )").lower(), [])]
        return []


class _DefaultRole(_Block):
    """The role of what is marked without naming one."""

    def stands_for(self) -> list[nodes.Node]:
        name = " ".join(self.argument).lower()
        known: dict[str, list[str]] = vars(self.state.document).setdefault(ROLES, {})
        known[""] = known.get(name, [name])
        return []


class _Container(_Block):
    def stands_for(self) -> list[nodes.Node]:
        return self.parsed()


class _Class(_Block):
    def stands_for(self) -> list[nodes.Node]:
        names = " ".join(self.argument)
        # Without content, it speaks of the element behind it.
        return self.classed(self.parsed(), names) or [nodes.comment("", classes=names.split())]


class _Labelled(_Block):
    def stands_for(self) -> list[nodes.Node]:
        label = self.label()
        title = [self._here(nodes.paragraph("", "", nodes.strong("", "", *label)))] if label else []
        return [*title, *self.parsed()]


class _Versioned(_Block):
    def stands_for(self) -> list[nodes.Node]:
        said = f"{self.name.lower().removeprefix('version')} {' '.join(self.argument)}"
        held = self.parsed()
        if held and isinstance(held[0], nodes.paragraph):
            held[0].insert(0, nodes.Text(f"{said}: "))
            return held
        return [self._here(nodes.paragraph("", said)), *held]


class _Conditional(_Block):
    def stands_for(self) -> list[nodes.Node]:
        return [nodes.container("", *self.parsed(), **{CONDITION: " ".join(self.argument)})]


class _Code(_Block):
    def stands_for(self) -> list[nodes.Node]:
        text = "\n".join(self.body)
        block = self._here(nodes.literal_block(text, text))
        block.line = _line(self.body, 0) or self.lineno
        caption = self.named.get("caption", "")
        return [*([self._here(nodes.paragraph("", caption))] if caption else []), *([block] if text.strip() else [])]


class _Preformatted(_Block):
    """Text that begins in the line of its directive, or below it."""

    def stands_for(self) -> list[nodes.Node]:
        text = "\n".join([*self.argument, *self.body])
        return [self._here(nodes.literal_block(text, text))] if text.strip() else []


class _File(_Block):
    def stands_for(self) -> list[nodes.Node]:
        return [self.not_read(f".. {self.name}::", " ".join(self.argument))]


class _Raw(_Block):
    def stands_for(self) -> list[nodes.Node]:
        return [self.not_read(".. raw::", " ".join(self.argument))]


class _Image(_Block):
    def stands_for(self) -> list[nodes.Node]:
        picture = nodes.image("", alt=self.named.get("alt", ""))
        return [picture, *self.parsed()]


class _Replace(_Block):
    """The text of a substitution."""

    def stands_for(self) -> list[nodes.Node]:
        lines = [*self.argument, *self.body]
        text, messages = self.state.inline_text("\n".join(lines), self.lineno)
        return [*text, *messages]


class _Unicode(_Block):
    """The characters of a substitution."""

    def stands_for(self) -> list[nodes.Node]:
        found = []
        for code in " ".join(self.argument).partition(".. ")[0].split():
            try:
                found.append(directives.unicode_code(code))
            except ValueError:
                found.append(code)
        return [nodes.Text("".join(found))]


class _Table(_Block):
    """`table`: a title for the table that it holds."""

    def stands_for(self) -> list[nodes.Node]:
        held = self.parsed()
        title = self.label()
        for one in held:
            if isinstance(one, nodes.table) and title:
                one.insert(0, self._here(nodes.title("", "", *title)))
                return held
        return [*([nodes.paragraph("", "", *title)] if title else []), *held]


class _Rows(_Block):
    """A table whose rows are no drawing."""

    def made(self, rows: Sequence[nodes.row], heads: int) -> nodes.table:
        """Return the table, with the argument as its title."""
        widest = max(map(len, rows), default=0)
        group = nodes.tgroup("", cols=widest)
        head, body = nodes.thead("", *rows[:heads]), nodes.tbody("", *rows[heads:])
        group += [part for part in (head, body) if len(part)]
        table = nodes.table("", group)
        title = self.label()
        if title:
            table.insert(0, self._here(nodes.title("", "", *title)))
        table.line = self.lineno
        return table

    def heads(self) -> int:
        """Return how many rows are headers."""
        return number(self.named.get("header-rows", ""))


class _ListTable(_Rows):
    """A table that is a list of lists."""

    def stands_for(self) -> list[nodes.Node]:
        held = self.parsed()
        rows: list[nodes.row] = []
        beside: list[nodes.Node] = []
        for one in held:
            if isinstance(one, nodes.bullet_list | nodes.enumerated_list):
                rows.extend(self._row(item) for item in one if isinstance(item, nodes.list_item))
            elif not isinstance(one, nodes.comment | nodes.target):
                beside.append(one)
        if not rows:
            return [self.broken("this is no list of lists"), *held]
        return [self.made(rows, self.heads()), *beside]

    def _row(self, item: nodes.list_item) -> nodes.row:
        row = nodes.row("")
        others: list[nodes.Node] = []
        for one in item:
            if isinstance(one, nodes.bullet_list | nodes.enumerated_list):
                row += [_entry(cell) for cell in one if isinstance(cell, nodes.list_item)]
            elif not isinstance(one, nodes.comment | nodes.target):
                others.append(one)
        if others:
            # Text of a row that is in no cell: the row is not the list that its author meant.
            row.insert(0, nodes.entry("", *others))
            row += self.broken("a row of this table is no list of cells")
        row.line = item.line
        return row


def _entry(cell: nodes.list_item) -> nodes.entry:
    entry = nodes.entry("", *cell.children)
    for mark in list(entry.findall(nodes.inline)):
        for name, attribute in (("cspan", "morecols"), ("rspan", "morerows")):
            if mark.get(name):
                entry[attribute] = mark[name]
    return entry


class _CSVTable(_Rows):
    """A table of comma-separated values."""

    def stands_for(self) -> list[nodes.Node]:
        try:
            dialect = self._dialect()
            head = list(self._rows(self.named["header"].split("\n"), dialect, None)) if "header" in self.named else []
            rows = list(self._rows(list(self.body), dialect, self.body))
        except (csv.Error, ValueError, TypeError) as error:
            return [self.broken(f"its values cannot be read: {error}")]
        if not rows:
            return [self.broken("it holds no values")]
        widest = max(map(len, [*head, *rows]))
        for row in [*head, *rows]:
            row += [nodes.entry("") for _ in range(widest - len(row))]
        return [self.made([*head, *rows], len(head) + self.heads())]

    def _dialect(self) -> dict[str, Any]:
        def sign(name: str, otherwise: str) -> str:
            return directives.single_char_or_whitespace_or_unicode(self.named[name]) if name in self.named else otherwise

        escape = sign("escape", "")
        return {
            "delimiter": sign("delim", ","),
            "quotechar": sign("quote", '"'),
            "escapechar": escape or None,
            "doublequote": not escape,
            "skipinitialspace": "keepspace" not in self.named,
            "strict": True,
        }

    def _rows(self, lines: Sequence[str], dialect: Mapping[str, Any], source: Any) -> Iterator[nodes.row]:
        """Yield the rows. `source` is what gives the lines of the file, None for the header, which stands where the directive does."""
        reader = csv.reader((f"{line}\n" for line in lines), **dialect)
        above = 0
        for cells in reader:
            line = (_line(source, above) if source is not None else None) or self.lineno
            above = reader.line_num
            if not cells:
                continue
            row = nodes.row("")
            row.line = line
            for text in cells:
                entry = nodes.entry("")
                block = text.splitlines()
                # A cell of several lines begins in the line of its row, as far as one can tell.
                items = [("", line - 1)] * len(block)
                self.state.nested_parse(statemachine.StringList(block, items=items), line - 1, entry)
                row += entry
            yield row


def _line(lines: Any, index: int) -> int | None:
    """Return the line of the file, from 1, of a line of a directive."""
    return int(lines.items[index][1]) + 1 if index < len(lines.items) and lines.items[index][1] is not None else None


_KINDS: Mapping[type[_Block], frozenset[str]] = {
    _Unseen: _UNSEEN,
    _Role: frozenset({"role"}),
    _DefaultRole: frozenset({"default-role"}),
    _Container: _CONTAINERS,
    _Class: _CLASSES,
    _Labelled: _LABELLED,
    _Versioned: _VERSIONED,
    _Conditional: _CONDITIONAL,
    _Code: _CODE,
    _Preformatted: frozenset({"parsed-literal", "math"}),
    _File: _FILES,
    _Raw: frozenset({"raw"}),
    _Image: frozenset({"image", "figure"}),
    _Replace: frozenset({"replace"}),
    _Unicode: frozenset({"unicode"}),
    _Table: frozenset({"table"}),
    _ListTable: frozenset({"list-table", "flat-table"}),
    _CSVTable: frozenset({"csv-table"}),
}
DIRECTIVES: Mapping[str, type[_Block]] = {name: kind for kind, names in _KINDS.items() for name in names}
