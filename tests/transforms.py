"""Changes to the markup of a page that change nothing that a reader sees, or nothing that matters: the rules must stay the same.

Each transformation takes and returns an HTML document. `whole` transformations apply to every page; the others leave alone what would
change the meaning (columns of tables with spans or arrows are not moved).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree, html

Transformation = Callable[[str], str]


def parse(page: str) -> etree._Element:
    return html.document_fromstring(page)


def serialize(root: etree._Element, page: str) -> str:
    """Return the markup of an edited page. A placeholder such as `<host>` is text because the page never closes it, so it stays open."""
    closed = set(re.findall(r"</([a-z][^\s>/]*)", page.lower()))
    written = str(etree.tostring(root, method="html", encoding="unicode"))
    return re.sub(r"</([a-z][^\s>/]*)>", lambda match: match[0] if match[1] in closed else "", written)


def edited(edit: Callable[[etree._Element], None]) -> Transformation:
    def transform(page: str) -> str:
        root = parse(page)
        edit(root)
        return serialize(root, page)

    transform.__name__ = edit.__name__
    return transform


def cells(root: etree._Element) -> Iterator[etree._Element]:
    yield from list(root.iter("td", "th"))


def plain_tables(root: etree._Element) -> Iterator[list[list[etree._Element]]]:
    """Yield the rows of tables with a header row and without spans, nesting, arrows, group rows and missing cells."""
    for table in root.iter("table"):
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        nested = next(table.iterdescendants("table"), None) is not None or next(table.iterancestors("table"), None) is not None
        spans = any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row)
        arrows = re.search(r"[<>→←↔⇒]|-&gt;", "".join(table.itertext())) is not None
        headed = bool(rows) and all(cell.tag == "th" for cell in rows[0])
        grouped = any(sum(1 for cell in row if "".join(cell.itertext()).strip()) < 2 for row in rows)
        if headed and not grouped and not nested and not spans and not arrows and len({len(row) for row in rows}) == 1 and len(rows[0]) > 2:
            yield rows


def wrap(cell: etree._Element, tag: str) -> None:
    wrapper = etree.Element(tag)
    wrapper.text, cell.text = cell.text, None
    for child in list(cell):
        wrapper.append(child)
    cell.append(wrapper)


def tags_in_upper_case(page: str) -> str:
    # Whole names: `<jmx_port>` is no tag but text, and its case is what the author wrote.
    return re.sub(r"</?[a-z][a-z0-9]*(?=[\s/>])", lambda match: match[0].upper(), page)


@edited
def cells_wrapped_in_span(root: etree._Element) -> None:
    for cell in cells(root):
        wrap(cell, "span")


@edited
def cells_wrapped_in_font(root: etree._Element) -> None:
    for cell in cells(root):
        wrap(cell, "font")


@edited
def cells_wrapped_in_paragraph(root: etree._Element) -> None:
    for cell in cells(root):
        if cell.find(".//p") is None and cell.find(".//table") is None:
            wrap(cell, "p")


@edited
def header_cells_as_bold_data_cells(root: etree._Element) -> None:
    for cell in list(root.iter("th")):
        cell.tag = "td"
        wrap(cell, "b")


@edited
def header_cells_as_data_cells(root: etree._Element) -> None:
    for cell in list(root.iter("th")):
        cell.tag = "td"


@edited
def row_groups_removed(root: etree._Element) -> None:
    for table in root.iter("table"):
        if table.find("./tfoot") is None and not any(cell.get("rowspan") for cell in table.iter("td", "th")):
            etree.strip_tags(table, "thead", "tbody")


def closing_tags_dropped(page: str) -> str:
    return re.sub(r"</(?:td|th|tr|li|thead|tbody)>", "", page)


@edited
def columns_reversed(root: etree._Element) -> None:
    for rows in plain_tables(root):
        for row in rows:
            parent = row[0].getparent()
            assert parent is not None
            for cell in reversed(row):
                parent.append(cell)


@edited
def no_break_spaces_and_zero_width_characters(root: etree._Element) -> None:
    for cell in cells(root):
        for element in cell.iter():
            if isinstance(element.tag, str) and element.text:
                element.text = element.text.replace(" ", "\u00a0")
        cell.text = f"\u200b{cell.text or ''}"
        cell.append(etree.fromstring("<span>\u00a0\u200b</span>"))


@edited
def comments_in_cells(root: etree._Element) -> None:
    for cell in cells(root):
        comment = etree.Comment(" 8080/tcp ")
        comment.tail, cell.text = cell.text, None
        cell.insert(0, comment)


@edited
def tables_in_a_layout_table(root: etree._Element) -> None:
    for table in list(root.iter("table")):
        if next(table.iterancestors("table"), None) is not None:
            continue
        parent = table.getparent()
        assert parent is not None
        layout = etree.fromstring("<table class='layout'><tr><td></td></tr></table>")
        layout.tail, table.tail = table.tail, None
        parent.replace(table, layout)
        cell = layout.find(".//td")
        assert cell is not None
        cell.append(table)


@edited
def a_trailing_empty_column(root: etree._Element) -> None:
    for rows in plain_tables(root):
        for row in rows:
            parent = row[0].getparent()
            assert parent is not None
            parent.append(etree.Element(row[0].tag))


@edited
def an_unrelated_column(root: etree._Element) -> None:
    for rows in plain_tables(root):
        for row in rows:
            parent = row[0].getparent()
            assert parent is not None
            added = etree.Element(row[0].tag)
            added.text = "Since" if all(cell.tag == "th" for cell in row) else "spring edition"
            parent.append(added)


def _dashes(page: str, between: str) -> str:
    root = parse(page)
    for cell in cells(root):
        for element in cell.iter():
            if isinstance(element.tag, str):
                for attribute in ("text", "tail") if element is not cell else ("text",):
                    text = getattr(element, attribute)
                    if text and re.search(r"icmp|[./:]\d|\d{4}-\d{2}-\d{2}", text, re.IGNORECASE) is None:
                        setattr(element, attribute, re.sub(r"(?<![\d-])(\d{2,5})-(\d{2,5})(?![\d-])", rf"\1{between}\2", text))
    return serialize(root, page)


def hyphens_to_en_dashes(page: str) -> str:
    return _dashes(page, "\u2013")


def hyphens_to_spaced_en_dashes(page: str) -> str:
    return _dashes(page, " \u2013 ")


def hyphens_to_words(page: str) -> str:
    return _dashes(page, " to ")


def windows_line_ends(page: str) -> str:
    return page.replace("\n", "\r\n")


def doubled_carriage_returns(page: str) -> str:
    return page.replace("\n", "\r\r\n")


def indented_and_broken_lines(page: str) -> str:
    return re.sub(r"(<(?:td|th|tr|p|li)\b[^>]*>)", "\\1\n        ", page)


SAME_RULES: tuple[Transformation, ...] = (
    tags_in_upper_case,
    cells_wrapped_in_span,
    cells_wrapped_in_font,
    cells_wrapped_in_paragraph,
    header_cells_as_bold_data_cells,
    header_cells_as_data_cells,
    row_groups_removed,
    closing_tags_dropped,
    no_break_spaces_and_zero_width_characters,
    comments_in_cells,
    tables_in_a_layout_table,
    a_trailing_empty_column,
    hyphens_to_en_dashes,
    hyphens_to_spaced_en_dashes,
    hyphens_to_words,
    windows_line_ends,
    doubled_carriage_returns,
    indented_and_broken_lines,
)
"""The rules stay the same to the letter."""

SAME_FLOWS: tuple[Transformation, ...] = (columns_reversed, an_unrelated_column)
"""The rules stay the same but for the description, which is joined in the order of the columns."""


def html_tables_as_pipe_tables(page: str) -> str:
    """Return the page as Markdown: its plain tables as pipe tables, all else as the HTML that it was."""
    root = parse(page)
    written: list[str] = []
    for rows in list(plain_tables(root)):
        table = next(rows[0][0].iterancestors("table"))
        if table.find("./caption") is not None or table.find(".//tr[@hidden]") is not None:
            # A pipe table has neither captions nor hidden rows.
            continue
        lines = [f"| {' | '.join(_pipe_cell(cell) for cell in row)} |" for row in rows]
        written.append("\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]))
        parent = table.getparent()
        assert parent is not None
        marker = etree.Element("p")
        marker.text, marker.tail = f"@@table{len(written) - 1}@@", table.tail
        table.tail = None
        parent.replace(table, marker)
    body = root.find("body")
    assert body is not None
    markup = serialize(body, page)
    flat = "\n".join(line.strip() for line in re.sub(r"</?body[^>]*>", "", markup).split("\n") if line.strip())
    parts = re.split(r"<p[^>]*>@@table(\d+)@@(?:</p>)?", flat)
    return "".join(f"\n\n{written[int(part)]}\n\n" if index % 2 else part for index, part in enumerate(parts))


def _pipe_cell(cell: etree._Element) -> str:
    """Return the inner markup of a cell in one line; paragraphs and list items become line breaks, as converters write them."""
    inner = (cell.text or "") + "".join(str(etree.tostring(child, method="html", encoding="unicode")) for child in cell)
    inner = re.sub(r"</?(?:p|ul|ol|div)\b[^>]*>|</li>", "<br>", re.sub(r"<li\b[^>]*>", "", inner))
    parts = [part.strip() for part in re.split(r"(?:<br/?>\s*)+", " ".join(inner.split()))]
    return "<br>".join(part for part in parts if part).replace("|", "\\|")
