"""The directives of reStructuredText that make tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docutils import nodes, statemachine
from docutils.parsers.rst import directives

from extract.read.kinds.rst_block import Block, line_of

_MAX_SPAN = 1000


def number(text: str) -> int:
    """Return a number that is written in plain digits, 0 for another text."""
    digits = text.strip()
    return min(int(digits), _MAX_SPAN) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0


class Table(Block):
    """`table`: a title for the table that it holds."""

    def stands_for(self) -> list[nodes.Node]:
        held = self.parsed()
        title = self.label()
        for one in held:
            if isinstance(one, nodes.table) and title:
                one.insert(0, self._here(nodes.title("", "", *title)))
                return held
        return [*([nodes.paragraph("", "", *title)] if title else []), *held]


class _Rows(Block):
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


class ListTable(_Rows):
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


class CSVTable(_Rows):
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
            line = (line_of(source, above) if source is not None else None) or self.lineno
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
