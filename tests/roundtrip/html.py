"""Blocks as HTML, in the ways of the usual generators."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from tests.roundtrip.model import Block, Bullets, Cell, Grid, Heading, Note, Page, Paragraph, Table


class Way(NamedTuple):
    """How a generator writes. Each is a format string."""

    page: str
    table: str
    caption: str
    header: str
    cell: str
    # Around each line of a cell; between the lines where nothing is around them.
    line: str
    between: str
    heading: str
    note: str


_TOP = '<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>\n<body{body}>\n'
_HEADING = '<h{level} id="{id}">{text}</h{level}>'
_WORD = "<p class=MsoNormal><span style='font-size:10.0pt'>{text}</span></p>"

WAYS = {
    "plain": Way(
        _TOP.replace("{body}", "") + "<h1>{title}</h1>\n{blocks}\n</body></html>\n",
        '<table border="1">\n{caption}{head}{body}</table>',
        "<caption>{text}</caption>\n",
        "<th{span}>{lines}</th>",
        "<td{span}>{lines}</td>",
        "{text}",
        "<br>",
        _HEADING,
        "<p><em>{text}</em></p>",
    ),
    "asciidoc": Way(
        _TOP.replace("{body}", ' class="article"')
        + '<div id="header"><h1>{title}</h1></div>\n<div id="content"><div class="sect1">\n{blocks}\n</div></div>\n</body></html>\n',
        '<table class="tableblock frame-all grid-all stretch">\n{caption}{head}{body}</table>',
        '<caption class="title">Table {number}. {text}</caption>\n',
        '<th class="tableblock halign-left valign-top"{span}>{lines}</th>',
        '<td class="tableblock halign-left valign-top"{span}>{lines}</td>',
        '<p class="tableblock">{text}</p>',
        "\n",
        _HEADING,
        '<div class="admonitionblock note"><table><tr><td class="icon"><div class="title">Note</div></td>'
        '<td class="content">{text}</td></tr></table></div>',
    ),
    "sphinx": Way(
        _TOP.replace("{body}", ' class="wy-body-for-nav"')
        + '<div role="main" class="document"><div itemprop="articleBody"><section id="top"><h1>{title}'
        '<a class="headerlink" href="#top" title="Link to this heading">¶</a></h1>\n{blocks}\n</section></div></div></body></html>\n',
        '<table class="docutils align-default">\n{caption}{head}{body}</table>',
        '<caption><span class="caption-text">{text}</span><a class="headerlink" href="#id1" title="Link to this table">¶</a></caption>\n',
        '<th class="head"{span}><p>{lines}</p></th>',
        "<td{span}>{lines}</td>",
        "<p>{text}</p>",
        "",
        '<h{level}>{text}<a class="headerlink" href="#{id}" title="Link to this heading">¶</a></h{level}>',
        '<div class="admonition note"><p class="admonition-title">Note</p><p>{text}</p></div>',
    ),
    "dita": Way(
        _TOP.replace("{body}", "").replace("<h1>", '<h1 class="title topictitle1">')
        + '<h1 class="title topictitle1">{title}</h1><div class="body refbody">\n{blocks}\n</div></body></html>\n',
        '<div class="tablenoborder"><table cellpadding="4" cellspacing="0" summary="" class="table" border="1" rules="all">\n'
        "{caption}{head}{body}</table></div>",
        '<caption><span class="tablecap"><span class="table--title-label">Table {number}. </span>{text}</span></caption>\n',
        '<th class="entry"{span}>{lines}</th>',
        '<td class="entry"{span}>{lines}</td>',
        '<li class="li">{text}</li>',
        "",
        '<h{level} class="title sectiontitle">{text}</h{level}>',
        '<div class="note note note_note"><span class="note__title">Note:</span> {text}</div>',
    ),
    "confluence": Way(
        '<ac:layout><ac:layout-section ac:type="single"><ac:layout-cell>\n<h1>{title}</h1>\n{blocks}\n'
        "</ac:layout-cell></ac:layout-section></ac:layout>\n",
        '<table class="wrapped relative-table" style="width: 94.0%;"><tbody>\n{caption}{head}{body}</tbody></table>',
        "",
        "<th{span}><p>{lines}</p></th>",
        "<td{span}>{lines}</td>",
        "<p>{text}</p>",
        "",
        "<h{level}>{text}</h{level}>",
        '<ac:structured-macro ac:name="info"><ac:rich-text-body><p>{text}</p></ac:rich-text-body></ac:structured-macro>',
    ),
    "word": Way(
        _TOP.replace("{body}", " lang=EN-US style='tab-interval:36.0pt'")
        + "<div class=WordSection1>\n<h1>{title}</h1>\n{blocks}\n</div></body></html>\n",
        "<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse'>\n{caption}{head}{body}</table>",
        "",
        "<td width=151 valign=top{span} style='padding:0cm 5.4pt'><p class=MsoNormal><b>{lines}</b></p></td>",
        "<td width=151 valign=top{span} style='padding:0cm 5.4pt'>{lines}</td>",
        _WORD,
        "",
        "<h{level}>{text}</h{level}>",
        _WORD,
    ),
}


def render(page: Page, blocks: list[Block]) -> str:
    way = WAYS[page.markup]
    written = []
    for number, block in enumerate(blocks, 1):
        written.append(_block(way, block, number))
    return way.page.format(language=page.language, title=escape(page.title), blocks="\n".join(written))


def _block(way: Way, block: Block, number: int) -> str:
    if isinstance(block, Heading):
        return way.heading.format(level=block.level, text=escape(block.text), id=f"section-{number}")
    if isinstance(block, Paragraph):
        return f"<p><b>{escape(block.text)}</b></p>" if block.bold else f"<p>{escape(block.text)}</p>"
    if isinstance(block, Bullets):
        items = "".join(f"<li>{escape(item)}</li>\n" for item in block.items)
        return f"<ul>\n{items}</ul>"
    if isinstance(block, Note):
        return way.note.format(text=escape(block.text))
    return _table(way, block, number)


def _table(way: Way, table: Table, number: int) -> str:
    caption = way.caption.format(text=escape(table.caption), number=number) if table.caption else ""
    above = "" if caption or not table.caption else f"<p><b>{escape(table.caption)}</b></p>\n"
    head, body = _rows(way, table.grid[: table.head]), _rows(way, table.grid[table.head :])
    if "<tbody>" not in way.table and way is not WAYS["word"] and way is not WAYS["plain"]:
        head, body = f"<thead>\n{head}</thead>\n" if head else "", f"<tbody>\n{body}</tbody>\n"
    return above + way.table.format(caption=caption, head=head, body=body)


def _rows(way: Way, rows: Grid) -> str:
    return "".join("<tr>" + "".join(_cell(way, cell) for cell in row if cell) + "</tr>\n" for row in rows)


def _cell(way: Way, cell: Cell) -> str:
    span = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    span += f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
    lines = [escape(line) for line in cell.lines]
    if cell.header:
        return way.header.format(span=span, lines="<br>".join(lines))
    if way.line.startswith("<li"):
        inner = lines[0] if len(lines) == 1 else '<ul class="ul">' + "".join(way.line.format(text=line) for line in lines) + "</ul>"
    else:
        inner = way.between.join(way.line.format(text=line or "&nbsp;") for line in lines)
    return way.cell.format(span=span, lines=inner)
