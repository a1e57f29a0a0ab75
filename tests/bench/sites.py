"""Two sites in the shape that was measured on real documentation: one as a site generator exports HTML, one of Markdown files.

A page is a function of the site, the seed and its number. Unlike a haystack's, the pages are those of one site: the same frame around each,
far more markup than text in HTML, small files in Markdown. Most tables have no word for ports and no number; of the others most are the
parameters, versions, sizes and dates that a hasty reader takes for rules.
"""

from __future__ import annotations

import html
import math
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench import haystack
from tests.bench.haystack import CODE, GRIDS, TITLES, Grid, Html, Made, Markdown, sentences

RULES = 0.002
"""Of the pages, how many have rules."""
_NUMBERED = frozenset({"Parameter", "Version", "Item", "Browser"})
_TEXTS = tuple(
    f"{subject} {verb} it {when}"
    for subject in ("This", "The job", "A host")
    for verb in ("starts", "keeps", "names")
    for when in ("at once", "on request", "in the background", "with the rights of its owner")
)
_KEYS = ("retention", "compaction", "replicas", "owner", "labels", "checksum", "encoding", "locale", "timeout", "region")
WORDS = (
    *(grid for grid in GRIDS if grid.header[0] not in _NUMBERED),
    Grid(("Field", "Required", "Description"), (_KEYS, ("yes", "no"), _TEXTS)),
    Grid(("Command", "What it does"), (("`init`", "`apply`", "`plan`", "`destroy`", "`import`", "`doctor`"), _TEXTS)),
    Grid(("Role", "Read", "Write", "Administer"), (("Viewer", "Editor", "Owner", "Auditor"), *(("yes", "no", "own"),) * 3)),
    Grid(("Term", "Definition"), (tuple(TITLES[:10]), _TEXTS)),
)
"""Tables without any word for a port or protocol."""
NUMBERS = (
    *(grid for grid in GRIDS if grid.header[0] in _NUMBERED),
    Grid(
        ("Setting", "Type", "Default", "Description"),
        (
            tuple(f"server.{key}" for key in _KEYS),
            ("integer", "string", "duration"),
            ("8080", "30s", "1000", "65536", "0"),
            ("The port of the console", "How long a TCP connection is kept", "Bytes of a UDP datagram", *_TEXTS[:3]),
        ),
    ),
    Grid(
        ("File", "Size", "Date"),
        (("agent.tar.gz", "agent.rpm", "agent.deb"), ("12 MB", "512 kB", "1.4 GB"), ("2024-03-01", "2025-11-30", "03/12/2023")),
    ),
    Grid(
        ("Code", "Meaning"), (("200", "403", "404", "503"), ("The request was served", "The port is closed", "No such table", "Try again"))
    ),
)
"""Tables with such a word or with numbers, and without a column of ports."""
SINGLE = (
    Grid(("Supported systems",), (("Linux", "macOS", "Windows Server", "FreeBSD"),)),
    Grid(("Note",), (_TEXTS,)),
)
"""Tables of one column of single cells."""
_KINDS = (WORDS, NUMBERS, SINGLE)
_OFTEN = (78, 20, 2)


class Shape(NamedTuple):
    """What was measured on the pages of a site."""

    suffix: str
    sizes: tuple[int, int]
    """Bytes of the smallest and of the largest page; small ones are more frequent than in even orders of magnitude."""
    with_tables: float
    """Of the pages, how many have tables."""
    tables: tuple[tuple[int, int], ...]
    """How many tables such a page has, and how often."""
    rows: tuple[int, int]
    """Fewest and most rows of a table, below its header."""


SITES = {
    "html": Shape("html", (15_000, 400_000), 0.55, ((1, 28), (2, 27), (3, 17), (4, 12), (5, 10), (8, 6)), (2, 6)),
    "markdown": Shape("md", (1_000, 60_000), 0.25, ((1, 35), (2, 27), (3, 16), (4, 10), (5, 8), (8, 4)), (2, 10)),
}


class SiteHtml(Html):
    """HTML as a site generator writes it: classes on everything, parts that are hidden, cells that span."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def paragraph(self, text: str) -> str:
        marked = haystack.marked(text)
        return self._rng.choices((f'<p class="p">{marked}</p>\n', f'<p class="hidden-print note">{marked}</p>\n'), (9, 1))[0]

    def code(self, text: str) -> str:
        lines = "\n".join(f'<span class="line"><span class="tok-n">{html.escape(line)}</span></span>' for line in text.splitlines())
        return f'<div class="listingblock"><div class="content"><pre class="highlight"><code>{lines}</code></pre></div></div>\n'

    def note(self, text: str) -> str:
        kind = self._rng.choice(("note", "warning", "note hidden"))
        return f'<div class="admonition {kind}"><p class="admonition-title">Note</p><p>{haystack.marked(text)}</p></div>\n'

    def link(self, text: str, target: str) -> str:
        return f'<a class="reference internal" href="{target}"><span class="std std-ref">{text}</span></a>'

    def grid(self, rows: Sequence[Sequence[str]]) -> str:
        head, *body = rows
        columns = "".join(f'<col style="width: {100 // len(head)}%">' for _ in head)
        header = "".join(f'<th class="tableblock halign-left valign-top" scope="col">{name}</th>' for name in head)
        lines = "".join(f'<tr class="row-{("even", "odd")[number % 2]}">{row}</tr>\n' for number, row in enumerate(self._rows(body)))
        return (
            f'<div class="table-responsive"><table class="tableblock frame-all grid-all stretch">\n<colgroup>{columns}</colgroup>\n'
            f"<thead><tr>{header}</tr></thead>\n<tbody>\n{lines}</tbody></table></div>\n"
        )

    def _rows(self, rows: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yield the cells of each row. In one of ten a cell spans: all columns, or the row below as well."""
        spanned = False
        for number, row in enumerate(rows):
            chance = self._rng.random()
            cells = [f'<td class="tableblock halign-left"><p class="tableblock">{haystack.marked(cell)}</p></td>' for cell in row]
            if spanned:
                spanned = False
                yield "".join(cells[1:])
            elif len(row) > 1 and chance < 0.05:
                yield f'<td class="tableblock" colspan="{len(row)}">{row[0]}</td>'
            elif len(row) > 1 and chance < 0.1 and number + 1 < len(rows):
                spanned = True
                yield "".join([cells[0].replace("<td ", '<td rowspan="2" ', 1), *cells[1:]])
            else:
                yield "".join(cells)


class SiteMarkdown(Markdown):
    """Markdown with links."""

    def link(self, text: str, target: str) -> str:
        return f"[{text}]({target})"


_Writer = SiteHtml | SiteMarkdown
_BLOCKS: dict[str, tuple[int, Callable[[random.Random, _Writer], str]]] = {
    "heading": (12, lambda rng, writer: writer.heading(rng.choice(TITLES))),
    "paragraph": (40, lambda rng, writer: writer.paragraph(sentences(rng, rng.randint(1, 5)))),
    "linked": (20, lambda rng, writer: writer.paragraph(_linked(rng, writer))),
    "code": (14, lambda rng, writer: writer.code(rng.choice(CODE))),
    "bullets": (10, lambda rng, writer: writer.bullets([_linked(rng, writer) for _ in range(rng.randint(3, 7))])),
    "note": (4, lambda rng, writer: writer.note(sentences(rng, 1))),
}


def _linked(rng: random.Random, writer: _Writer) -> str:
    return f"{sentences(rng, 1)} See {writer.link(rng.choice(TITLES), f'../page-{rng.randrange(9999)}.html')}."


def _body(rng: random.Random, writer: _Writer, shape: Shape, size: int) -> str:
    """Return blocks of about `size` characters, with the tables of the page among them."""
    tables = []
    if rng.random() < shape.with_tables:
        counts, often = zip(*shape.tables, strict=True)
        tables = [_table(rng, writer, shape) for _ in range(rng.choices(counts, often)[0])]
    names, weights = tuple(_BLOCKS), [weight for weight, _ in _BLOCKS.values()]
    left = size - sum(map(len, tables))
    blocks = []
    while left > 0:
        block = _BLOCKS[rng.choices(names, weights)[0]][1](rng, writer)
        blocks.append(block)
        left -= len(block)
    for table in tables:
        blocks.insert(rng.randint(0, len(blocks)), table)
    return "".join(blocks)


def _table(rng: random.Random, writer: _Writer, shape: Shape) -> str:
    grid = rng.choice(rng.choices(_KINDS, _OFTEN)[0])
    rows = [tuple(rng.choice(column) for column in grid.columns) for _ in range(rng.randint(*shape.rows))]
    return writer.grid([grid.header, *rows])


def page(site: str, number: int, seed: int = 0) -> Made:
    """Return the page of that number of a site: "html" or "markdown"."""
    shape = SITES[site]
    rng = random.Random(f"{site}/{seed}/{number}")
    least, most = map(math.log, shape.sizes)
    size = int(math.exp(least + (most - least) * rng.random() ** 1.5))
    chosen = rng.random() < RULES
    golden = rng.choice(haystack.with_rules(site == "markdown")) if chosen else b""
    make = _markdown_page if site == "markdown" else _html_page
    return Made(f"{number // 1000:03}/page-{number}.{shape.suffix}", make(rng, number, size, golden), chosen)


def _markdown_page(rng: random.Random, number: int, size: int, golden: bytes) -> bytes:
    """Return a page of Markdown; a golden page has front matter of its own or none, and gets the text after it."""
    title = rng.choice(TITLES)
    fields = f"title: {title}\ndescription: {sentences(rng, 1).replace('`', '')}\nweight: {number}\ntags: [guide, {title.lower()}]\n"
    front = f"---\n{fields}---\n\n# {title}\n\n"
    body = _body(rng, SiteMarkdown(), SITES["markdown"], size - len(front))
    return golden + b"\n\n## Further reading\n\n" + body.encode() if golden else (front + body).encode()


def _html_page(rng: random.Random, number: int, size: int, golden: bytes) -> bytes:
    """Return a page in the frame of the site; the text of a golden page stands where its own does."""
    title = rng.choice(TITLES)
    before = (
        _HEAD.format(title=title, script=_SCRIPT, style=_STYLE) + _navigation(rng, number, size) + f'<main class="doc">\n<h1>{title}</h1>\n'
    )
    body = _body(rng, SiteHtml(rng), SITES["html"], size - len(before) - len(_FOOTER))
    frame = before.encode(), body.encode() + _FOOTER.encode()
    return frame[0] + _inside(golden) + frame[1]


def _inside(golden: bytes) -> bytes:
    """Return what is in the body of a page."""
    return golden.partition(b"<body>")[2].rpartition(b"</body>")[0] or golden


_HEAD = (
    '<!DOCTYPE html>\n<html class="no-js" lang="en"><head><meta charset="utf-8"><title>{title} - Guide</title>\n'
    "<style>{style}</style>\n<script>{script}</script></head>\n<body class='article'>\n"
)
_STYLE = ".table-responsive table{width:100%;border-collapse:collapse}.hidden{display:none}.nav-item>a:hover{color:#26d}\n" * 10
_SCRIPT = "!function(e,t){for(var n=0;n<e.length;n++)t[e[n]]=n>1&&n<9?'<td>':null}(['nav','toc','search'],window.site||{});\n" * 8
_FOOTER = f"</main>\n<footer class='footer'><p>Last updated in June</p></footer>\n<script>{_SCRIPT}</script>\n</body></html>\n"


def _navigation(rng: random.Random, number: int, size: int) -> str:
    """Return 150 to 400 links; a small page has no room for more than 150."""
    count = rng.randint(150, max(150, min(400, size // 130)))
    links = "".join(
        f'<li class="nav-item"><a class="nav-link" href="p{(number + place) % 9999}.html">{TITLES[place % len(TITLES)]}</a></li>\n'
        for place in range(count)
    )
    return f'<nav class="nav"><ul class="nav-list">\n{links}</ul></nav>\n'


def pages(site: str, count: int, seed: int = 0) -> Iterator[Made]:
    """Yield the first pages of a site, one at a time."""
    return (page(site, number, seed) for number in range(count))


def write(site: str, folder: Path, count: int, seed: int = 0) -> list[str]:
    """Write a site below a folder, and return the paths of the pages with rules."""
    return haystack.write_pages(folder, pages(site, count, seed))
