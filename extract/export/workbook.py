"""Reading a workbook (ISO/IEC 29500-1, SpreadsheetML) of the kind that is written here and no other: nothing is hidden or computed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from extract.regex import late

Value = str | int | bool
Line = dict[int, Value]
"""Number of the column, from 1 -> what stands there; nothing of an empty cell."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PARTS = {
    "[Content_Types].xml",
    "_rels/.rels",
    "docProps/app.xml",
    "docProps/core.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/theme/theme1.xml",
    "xl/workbook.xml",
}
# Element -> what may be in it, and its attributes; one that is not listed is not looked into.
_CONTENT = {
    "worksheet": ({"dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter", "hyperlinks", "pageMargins"}, set[str]()),
    "cols": ({"col"}, set[str]()),
    "col": (set[str](), {"min", "max", "width", "style", "customWidth"}),
    "sheetData": ({"row"}, set[str]()),
    "row": ({"c"}, {"r", "spans"}),
    "c": ({"v"}, {"r", "s", "t"}),
    "v": (set[str](), set[str]()),
    "autoFilter": (set[str](), {"ref"}),
    "hyperlinks": ({"hyperlink"}, set[str]()),
    "hyperlink": (set[str](), {"ref", _ID, "location"}),
    "sst": ({"si"}, {"count", "uniqueCount"}),
    "si": ({"t"}, set[str]()),
    "t": (set[str](), {"{http://www.w3.org/XML/1998/namespace}space"}),
    "sheets": ({"sheet"}, set[str]()),
    "sheet": (set[str](), {"name", "sheetId", _ID}),
}
_CELL = late(r"([A-Z])([1-9][0-9]{0,6})")
_NUMBER = late(r"0|[1-9][0-9]{0,9}")
# What a reader of the format takes for one character (22.9.2.19 ST_Xstring).
_ESCAPED = late(r"_x[0-9A-Fa-f]{4}_")


def read(data: bytes, names: Sequence[str]) -> dict[str, list[Line]]:
    """Return name of each sheet -> its rows, the header first. ValueError says what is none with sheets of these names."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise ValueError(f"it is no zip file: {error}") from error
    pages = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(names) + 1)]
    links = [f"xl/worksheets/_rels/sheet{number}.xml.rels" for number in range(1, len(names) + 1)]
    if not _PARTS | set(pages) <= set(parts) <= _PARTS | set(pages) | set(links):
        raise ValueError("its parts are others")
    if [one.get("name") for one in _elements(parts["xl/workbook.xml"], "sheet")] != list(names):
        raise ValueError("its sheets are others")
    texts = [_text(item) for item in _elements(parts["xl/sharedStrings.xml"], "si")]
    return {name: _page(parts[page], parts.get(link), texts) for name, page, link in zip(names, pages, links, strict=True)}


def _parsed(part: bytes) -> etree._Element:
    try:
        return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"a part is no XML: {error}") from error


def _elements(part: bytes, name: str) -> Iterator[etree._Element]:
    root = _parsed(part)
    _check(root)
    return root.iter(f"{_MAIN}{name}")


def _check(element: etree._Element) -> None:
    """Hold an element, and what is in it, to what is written here."""
    for one in element.iter():
        name = str(one.tag).removeprefix(_MAIN)
        if name not in _CONTENT:
            continue
        content, attributes = _CONTENT[name]
        strange = [key for key in map(str, one.keys()) if key not in attributes]
        strange += [tag for tag in (str(child.tag).removeprefix(_MAIN) for child in one) if tag not in content]
        if strange:
            raise ValueError(f"<{name}> holds {strange[0]}, which is never written")


def _text(item: etree._Element) -> str:
    text = "".join(one.text or "" for one in item)
    if len(item) != 1 or _ESCAPED.search(text):
        raise ValueError(f"the text {text!r} is written in another way")
    return text


def _page(part: bytes, links: bytes | None, texts: Sequence[str]) -> list[Line]:
    found: list[Line] = []
    root = _parsed(part)
    _check(root)
    for number, row in enumerate(root.iter(f"{_MAIN}row"), 1):
        cells = dict(_cell(cell, number, texts) for cell in row)
        if row.get("r") != str(number) or list(cells) != sorted(cells) or len(cells) != len(row):
            raise ValueError(f"row {number} is not where it belongs, or its cells are not")
        found.append(cells)
    if not found:
        raise ValueError("a sheet has no header")
    _check_links(root, links, found)
    return found


def _cell(cell: etree._Element, row: int, texts: Sequence[str]) -> tuple[int, Value]:
    place, kind, text = cell.get("r", ""), cell.get("t", "n"), "".join(one.text or "" for one in cell)
    at = _CELL.fullmatch(place)
    if at is None or at[2] != str(row) or len(cell) != 1 or not _NUMBER.fullmatch(text):
        raise ValueError(f"{place or 'a cell'} is written in another way")
    values: Mapping[str, Value] = {"n": int(text), "b": text == "1"}
    if kind == "s" and int(text) < len(texts):
        return ord(at[1]) - 64, texts[int(text)]
    if kind not in values or (kind == "b" and int(text) > 1):
        raise ValueError(f"{place} is of a kind that is never written")
    return ord(at[1]) - 64, values[kind]


def _check_links(root: etree._Element, links: bytes | None, rows: Sequence[Line]) -> None:
    """Hold each link to the text of its cell: it leads where people read that it does."""
    leads = {one.get("Id"): one.get("Target", "") for one in _parsed(links)} if links is not None else {}
    for link in root.iter(f"{_MAIN}hyperlink"):
        at = _CELL.fullmatch(link.get("ref", ""))
        target = leads.pop(link.get(_ID), "") + (f"#{link.get('location')}" if link.get("location") else "")
        if at is None or int(at[2]) > len(rows) or rows[int(at[2]) - 1].get(ord(at[1]) - 64) != target:
            raise ValueError(f"the link of {link.get('ref')} leads elsewhere than it says")
    if leads:
        raise ValueError("a link is of no cell")
