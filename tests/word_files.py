"""DOCX files for tests, written as the XML that a word processor writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from html import escape

from tests.kinds import Heading, Item, Paragraph, Part, Parts, Table

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OTHERS = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    f'xmlns:r="{_OFFICE}"'
)


def paragraph(text: str, properties: str = "") -> str:
    """Return a paragraph with one run of text; `properties` are those of the paragraph."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def run(content: str, properties: str = "") -> str:
    """Return a paragraph with one run of any content; `properties` are those of the run."""
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr>{content}</w:r></w:p>"


def cell(content: str, properties: str = "") -> str:
    """Return a cell; text alone becomes a paragraph."""
    inner = content if content.startswith("<w:") else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """Return a row of cells; text alone becomes a cell."""
    inner = "".join(one if one.startswith(("<w:tc", "<w:sdt")) else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def table(*rows: str) -> str:
    """Return a table of rows."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def style(identity: str, name: str, properties: str = "", more: str = "") -> str:
    """Return a style of paragraphs."""
    return f'<w:style w:type="paragraph" w:styleId="{identity}" {more}><w:name w:val="{name}"/>{properties}</w:style>'


def part(root: str, content: str, main: str = _MAIN) -> str:
    """Return a part of the file."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} xmlns:w="{main}" {_OTHERS}>{content}</w:{root}>'


def document(body: str, *, styles: str = "", footnotes: str = "", strict: bool = False) -> bytes:
    """Return a DOCX file with a body, and with styles and footnotes where they are given."""
    main = _STRICT if strict else _MAIN
    parts = {"styles": (styles, "styles"), "footnotes": (footnotes, "footnotes")}
    related = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>' for name, (content, _) in parts.items() if content
    )
    files = {f"word/{name}.xml": part(root, content, main) for name, (content, root) in parts.items() if content}
    return package(part("document", f"<w:body>{body}</w:body>", main), files, related)


def package(main: str, files: Mapping[str, str], related: str = "") -> bytes:
    """Return a package of parts, the main one among them."""
    rels = "<Relationships xmlns='{}'>{}</Relationships>"
    everything = {
        "_rels/.rels": rels.format(_PACKAGE, f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'),
        "word/document.xml": main,
        "word/_rels/document.xml.rels": rels.format(_PACKAGE, related),
        **files,
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in everything.items():
            file.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def written(parts: Parts) -> bytes:
    """Return a document as a word processor writes it."""
    styles = "".join(style(f"h{level}", f"heading {level}") for level in range(1, 7)) + style("caption", "caption")
    return document("".join(_block(part) for part in parts), styles=styles)


def _block(part: Part) -> str:
    if isinstance(part, Heading):
        return paragraph(escape(part.text), f'<w:pStyle w:val="h{part.level}"/>')
    if isinstance(part, Item):
        return paragraph(escape(part.text), '<w:numPr><w:numId w:val="1"/></w:numPr>')
    if isinstance(part, Paragraph):
        return run(f"<w:t>{escape(part.text)}</w:t>", "<w:b/>" if part.strong else "")
    caption = paragraph(escape(part.caption), '<w:pStyle w:val="caption"/>') if part.caption else ""
    return caption + table(*_rows(part))


def _rows(part: Table) -> Iterator[str]:
    """Yield rows; a cell over rows goes on in those below it."""
    below: dict[int, tuple[int, int]] = {}
    heading = True
    for slots in part.rows:
        cells, column = [], 0
        while column < len(slots):
            one = slots[column]
            rows, width = below.get(column, (0, 1))
            if one is not None:
                rows, width = one.rowspan, one.colspan
                merge = '<w:vMerge w:val="restart"/>' if rows > 1 else ""
                lines = "".join(paragraph(escape(line)) for line in one.text.split("\n"))
                cells.append(cell(lines, f'<w:gridSpan w:val="{width}"/>{merge}'))
            elif rows:
                cells.append(cell("", f'<w:gridSpan w:val="{width}"/><w:vMerge/>'))
            below[column] = max(rows - 1, 0), width
            column += width
        heading = heading and all(one.header for one in slots if one is not None) and any(one is not None for one in slots)
        yield row(*cells, properties="<w:tblHeader/>" if heading else "")
