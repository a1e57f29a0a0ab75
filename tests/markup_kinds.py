"""Golden pages as documents in markup languages: reStructuredText, AsciiDoc, DocBook and DITA."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from tests.kinds import Cell, Parts, Table

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_UNDERLINES = "=-~^\"'"


def rst(parts: Parts) -> bytes:
    """Write a document in reStructuredText, its tables as list tables."""
    return "\n".join(line for part in parts for line in (*_rst(part), "")).encode()


def _rst(part: Any) -> Iterator[str]:
    if hasattr(part, "rows"):
        yield from _list_table(part)
    elif hasattr(part, "level"):
        yield _escaped(part.text)
        yield _UNDERLINES[part.level - 1] * (2 * len(part.text) + 4)
    elif hasattr(part, "strong"):
        yield f"**{_escaped(part.text)}**" if part.strong else _escaped(part.text)
    else:
        yield f"- {_escaped(part.text)}"


def _list_table(table: Table) -> Iterator[str]:
    heads = _heads(table)
    yield f".. list-table:: {_escaped(table.caption)}"
    yield from [f"   :header-rows: {heads}"] if heads else []
    yield ""
    for row in table.rows:
        mark = "   * - "
        for cell in row:
            if cell is not None:
                lines = [_escaped(line) for line in cell.text.split("\n")]
                lines = [f"| {line}" for line in lines] if len(lines) > 1 else lines
                yield mark + "\n       ".join(lines)
                mark = "     - "


def _escaped(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", text)


def adoc(parts: Parts) -> bytes:
    """Write a document in AsciiDoc."""
    return "\n".join(line for part in parts for line in (*_adoc(part), "")).encode()


def _adoc(part: Any) -> Iterator[str]:
    if hasattr(part, "rows"):
        width = max(map(len, part.rows), default=0)
        yield from [f".{_passed(part.caption)}"] if part.caption else []
        yield f"[cols={width}*]"
        yield "|==="
        for row in part.rows:
            for cell in row:
                if cell is not None:
                    span = f"{cell.colspan}.{cell.rowspan}+" if (cell.colspan, cell.rowspan) != (1, 1) else ""
                    lines = " +\n".join(map(_passed, cell.text.split("\n")))
                    yield f"{span}{'h' if cell.header else ''}|{lines}"
            yield ""
        yield "|==="
    elif hasattr(part, "level"):
        yield f"{'=' * part.level} {_passed(part.text)}"
    elif hasattr(part, "strong"):
        yield f"**{_passed(part.text)}**" if part.strong else _passed(part.text)
    else:
        yield f"* {_passed(part.text)}"


def _passed(text: str) -> str:
    escaped = text.replace("]", "\\]").replace("|", "\\|")
    return f"pass:c[{escaped}]" if text else ""


def docbook(parts: Parts) -> bytes:
    """Write a document in DocBook, its tables as CALS tables."""
    lines = _sections(parts, "section", ("", ""), ("para", '<emphasis role="strong">', "</emphasis>"), ("itemizedlist", "listitem"))
    return f'<?xml version="1.0"?>\n<article xmlns="http://docbook.org/ns/docbook" version="5.0">\n{lines}</article>\n'.encode()


def dita(parts: Parts) -> bytes:
    """Write a document as DITA topics in each other, with CALS tables."""
    lines = _sections(parts, "topic", ("<body>\n", "</body>\n"), ("p", "<b>", "</b>"), ("ul", "li"))
    return f'<?xml version="1.0"?>\n<dita>\n{lines}</dita>\n'.encode()


def _sections(parts: Parts, section: str, body: tuple[str, str], para: Sequence[str], items: Sequence[str]) -> str:
    out: list[str] = []
    levels: list[int] = []
    for kind, group in groupby(parts, lambda part: type(part).__name__):
        found: list[Any] = list(group)
        if kind == "Item":
            listed = "".join(f"<{items[1]}><{para[0]}>{escape(one.text)}</{para[0]}></{items[1]}>\n" for one in found)
            out.append(f"<{items[0]}>\n{listed}</{items[0]}>\n")
        elif kind == "Heading":
            for one in found:
                out += [body[1]] if levels else []
                while levels and levels[-1] >= one.level:
                    out.append(f"</{section}>\n")
                    levels.pop()
                out.append(f"<{section}><title>{escape(one.text)}</title>\n{body[0]}")
                levels.append(one.level)
        elif kind == "Table":
            out += map(_cals, found)
        else:
            texts = [(para[1:] if one.strong else ("", ""), escape(one.text)) for one in found]
            out += [f"<{para[0]}>{begin}{text}{end}</{para[0]}>\n" for (begin, end), text in texts]
    out += [body[1]] if levels else []
    return "".join(out) + f"</{section}>\n" * len(levels)


def _cals(table: Table) -> str:
    heads = _heads(table)
    width = max(map(len, table.rows), default=0)
    title = f"<title>{escape(table.caption)}</title>" if table.caption else ""
    specs = "".join(f'<colspec colname="c{number}"/>' for number in range(1, width + 1))
    out = [f'<table>{title}<tgroup cols="{width}">{specs}\n']
    for part, rows in (("thead", table.rows[:heads]), ("tbody", table.rows[heads:])):
        entries = ["".join(_entry(cell, number) for number, cell in enumerate(row, 1) if cell is not None) for row in rows]
        out += [f"<{part}>\n", *(f"<row>{one}</row>\n" for one in entries), f"</{part}>\n"] if rows else []
    return "".join(out) + "</tgroup></table>\n"


def _entry(cell: Cell, number: int) -> str:
    place = f'colname="c{number}"' if cell.colspan == 1 else f'namest="c{number}" nameend="c{number + cell.colspan - 1}"'
    down = f' morerows="{cell.rowspan - 1}"' if cell.rowspan > 1 else ""
    lines = cell.text.split("\n")
    text = "".join(f"<p>{escape(line)}</p>" for line in lines) if len(lines) > 1 else escape(cell.text)
    return f"<entry {place}{down}>{text}</entry>"


def _heads(table: Table) -> int:
    """Return how many rows at the top hold headers alone."""
    count = next((n for n, row in enumerate(table.rows) if not all(cell is None or cell.header for cell in row)), len(table.rows))
    return count if count < len(table.rows) else 0
