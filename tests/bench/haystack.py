"""Documentation as it is crawled: thousands of pages of prose, about one in a hundred with firewall rules. Made, never committed.

A page is a function of the seed and its number alone, so that any part of a haystack can be made anew, in any order. Rules come from the
golden pages and shipped documents of this repository, with prose around them. The other pages have what such pages have: navigation,
scripts, code with pipes in it, layout tables, tables that are no rules, and in their prose ports, protocols and the word table.
"""

from __future__ import annotations

import functools
import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from tests import goldens
from tests.bench.documents import REPO, is_markdown

SHARE = 0.01
"""Of the pages, how many have rules."""
SIZES = (5_000, 60_000)
"""Bytes of the smallest and of the largest page; sizes are spread evenly over the orders of magnitude."""
MARKDOWN_SHARE = 0.3
_FOLDER = 1_000

SUBJECTS = """The scheduler|Every worker|A replica|The storage engine|Your application|The command-line client|An operator|The installer
    |A background task|The web console|Each tenant|The query planner|The message broker|A snapshot|The configuration file
    |This table of contents|The load balancer|The log shipper|A plug-in|The release notes page|The firewall of the host
    |The metrics exporter|The upgrade wizard|The routing table of the node""".split("|")
VERBS = """keeps|reads|writes|replaces|waits for|validates|compresses|publishes|rotates|restarts|acknowledges|ignores|encrypts
    |caches|partitions|announces|mirrors|drops""".split("|")
_OBJECTS = """the state of every shard|the table that you name|the certificates in the key store|the last known leader|a list of columns
    |its own TCP connections|the source of the record|the values of the previous release|an index on disk
    |all requests to port 8443|the destination folder|rows that match the filter|the UDP checksum of the frame
    |its protocol version|incoming events|the access rules of a project|a copy of the archive|the rate limit of 500 requests
    |the rows of the lookup table|the pages in the buffer pool""".split("|")
_TAILS = """before the service starts|once per minute|when the disk is nearly full|unless `strict` mode is on|in the order of arrival
    |so that a restart loses nothing|and reports the number of rows|on hosts with more than 16 GB of memory
    |until the lease ends|as described in the next chapter|if port 0 was given|after a failed health check|for each namespace
    |with the permissions of the caller|although the inbound queue is full|while outbound traffic is paused
    |without a lock on the table""".split("|")
SUBJECTS, VERBS, _OBJECTS, _TAILS = ([part.strip() for part in parts] for parts in (SUBJECTS, VERBS, _OBJECTS, _TAILS))
TITLES = """Install the agent|Data model|Replication|Troubleshooting|Upgrade from 4.x|Query language|Backups|Concepts|Tuning|Permissions
    |Create a table|Monitoring|Release notes|Storage classes|Port a plug-in|Networking overview|Event sources|Command reference""".split(
    "|"
)
TITLES = [title.strip() for title in TITLES]
CODE = (
    "ps aux | grep 'agentd' | awk '{print $2}' | xargs kill -HUP",
    "listen:\n  host: 0.0.0.0\n  port: 8443\n  tls: true\nlog:\n  level: info",
    "SELECT name, port\n  FROM hosts\n  JOIN routes USING (id)\n WHERE protocol = 'tcp' AND a || b <> '';",
    "+----+---------+-------+\n| id | name    | state |\n+----+---------+-------+\n|  1 | primary | up    |\n+----+---------+-------+",
    'curl -s http://localhost:9090/api/v1/status | jq ".tables[] | .name"',
    "for (const row of table.rows) {\n  if (row.port > 1024 || row.source === null) skip(row);\n}",
    "tcp   LISTEN 0  128  0.0.0.0:22    0.0.0.0:*\nudp   UNCONN 0  0    0.0.0.0:123   0.0.0.0:*",
)


class Grid(NamedTuple):
    """A table that is no rule table: its header, and what a row may be made of, column by column."""

    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]


_YES_NO = ("yes", "no", "planned", "-")
_THINGS = tuple(
    f"{one} {two}" for one in ("Role", "Index", "Snapshot", "Stream", "Alert", "Export") for two in ("history", "quota", "sharing")
)
GRIDS = (
    Grid(("Feature", "Community", "Enterprise"), (_THINGS, _YES_NO, _YES_NO)),
    Grid(
        ("Parameter", "Default", "Description"),
        (
            ("http.port", "cache.size", "log.level", "queue.depth", "worker.count", "tls.enabled", "proxy.host"),
            ("8080", "256", "info", "1000", "4", "true", "(empty)"),
            ("Port of the console", "Megabytes", "How much is logged", "Requests that wait", "Threads", "Whether to encrypt", "A proxy"),
        ),
    ),
    Grid(
        ("Version", "Date", "What is new"),
        (
            ("4.1", "4.2", "4.2.1", "5.0", "5.1"),
            ("January 2023", "May 2023", "March 2024", "June 2025"),
            ("Faster queries", "New console", "Fixes", "Support for ARM", "Smaller images"),
        ),
    ),
    Grid(("Item", "Minimum", "Recommended"), (("Processor", "Memory", "Disk", "Network cards"), ("2", "4", "8"), ("4", "16", "32", "64"))),
    Grid(
        ("Method", "Endpoint", "Description"),
        (
            ("GET", "POST", "DELETE", "PATCH"),
            ("/api/v1/tables", "/api/v1/hosts/{id}", "/api/v1/rules"),
            ("Lists them", "Adds one", "Removes it"),
        ),
    ),
    Grid(
        ("Column", "Type", "Meaning"),
        (
            ("id", "name", "created_at", "source", "state"),
            ("bigint", "text", "timestamptz", "jsonb"),
            ("Key", "As shown", "Time", "Origin"),
        ),
    ),
    Grid(
        ("Browser", "Windows", "macOS", "Linux"),
        (("Firefox", "Chrome", "Edge", "Safari"), ("115", "120", "-"), ("115", "16", "-"), ("115", "-")),
    ),
)


class Writer(Protocol):
    """A way of writing the blocks of a page down."""

    def heading(self, text: str) -> str: ...
    def paragraph(self, text: str) -> str: ...
    def code(self, text: str) -> str: ...
    def bullets(self, items: Sequence[str]) -> str: ...
    def note(self, text: str) -> str: ...
    def grid(self, rows: Sequence[Sequence[str]]) -> str: ...


class Html:
    def heading(self, text: str) -> str:
        return f'<h2 id="{text.lower().replace(" ", "-")}">{text}</h2>\n'

    def paragraph(self, text: str) -> str:
        return f"<p>{marked(text)}</p>\n"

    def code(self, text: str) -> str:
        return f'<div class="highlight"><pre><code>{_escaped(text)}</code></pre></div>\n'

    def bullets(self, items: Sequence[str]) -> str:
        return "<ul>\n" + "".join(f"<li>{marked(item)}</li>\n" for item in items) + "</ul>\n"

    def note(self, text: str) -> str:
        cells = f'<td class="icon"><i class="fa icon-note" title="Note"></i></td><td class="content">{marked(text)}</td>'
        return f'<div class="admonitionblock note">\n<table>\n<tr>\n{cells}\n</tr>\n</table>\n</div>\n'

    def grid(self, rows: Sequence[Sequence[str]]) -> str:
        head, *body = (
            "".join(f"<{tag}>{cell}</{tag}>" for cell in row) for tag, row in zip(["th", *["td"] * len(rows)], rows, strict=False)
        )
        lines = "\n".join(f"<tr>{row}</tr>" for row in body)
        table = f'<table class="docutils">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table>'
        return f'<div class="table-wrapper">{table}</div>\n'


class Markdown:
    def heading(self, text: str) -> str:
        return f"## {text}\n\n"

    def paragraph(self, text: str) -> str:
        return f"{text}\n\n"

    def code(self, text: str) -> str:
        return f"```\n{text}\n```\n\n"

    def bullets(self, items: Sequence[str]) -> str:
        return "".join(f"- {item}\n" for item in items) + "\n"

    def note(self, text: str) -> str:
        return f"> **Note**\n> {text}\n\n"

    def grid(self, rows: Sequence[Sequence[str]]) -> str:
        head, *body = (f"| {' | '.join(row)} |\n" for row in rows)
        return f"{head}|{' --- |' * len(rows[0])}\n{''.join(body)}\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def marked(text: str) -> str:
    return re.sub(r"`(\w+)`", r'<code class="literal">\1</code>', text) if "`" in text else text


def sentences(rng: random.Random, count: int) -> str:
    pools = (SUBJECTS, VERBS, _OBJECTS, _TAILS)
    return " ".join(f"{' '.join(words)}." for words in zip(*(rng.choices(pool, k=count) for pool in pools), strict=True))


def _table(rng: random.Random, writer: Writer) -> str:
    grid = rng.choice(GRIDS)
    rows = [tuple(rng.choice(column) for column in grid.columns) for _ in range(rng.randint(3, 14))]
    return writer.grid([grid.header, *rows])


_BLOCKS: dict[str, Callable[[random.Random, Writer], str]] = {
    "heading": lambda rng, writer: writer.heading(rng.choice(TITLES)),
    "paragraph": lambda rng, writer: writer.paragraph(sentences(rng, rng.randint(2, 8))),
    "code": lambda rng, writer: writer.code(rng.choice(CODE)),
    "bullets": lambda rng, writer: writer.bullets([sentences(rng, 1) for _ in range(rng.randint(3, 7))]),
    "note": lambda rng, writer: writer.note(sentences(rng, 2)),
    "table": _table,
}
_WITH_TABLES = {"heading": 12, "paragraph": 60, "code": 12, "bullets": 8, "note": 4, "table": 4}
_WITHOUT_TABLES = {**_WITH_TABLES, "note": 0, "table": 0}


def body(rng: random.Random, writer: Writer, size: int) -> str:
    """Return blocks of about `size` characters. Two pages of five have no table at all, of whichever kind."""
    weights = _WITHOUT_TABLES if rng.random() < 0.4 else _WITH_TABLES
    blocks: list[str] = []
    written = 0
    while written < size:
        for kind in rng.choices(tuple(weights), tuple(weights.values()), k=8):
            block = _BLOCKS[kind](rng, writer)
            blocks.append(block)
            written += len(block)
    return "".join(blocks)


def _navigation(rng: random.Random) -> str:
    links = (
        f'<li class="toctree"><a href="../page-{rng.randrange(9999)}.html">{title}</a></li>'
        for title in rng.choices(TITLES, k=rng.randint(10, 60))
    )
    return '<nav class="sidebar"><ul>\n' + "\n".join(links) + "\n</ul></nav>\n"


def head(title: str) -> str:
    style = "table.docutils{border:1px solid #e1e4e5}td,th{padding:8px 16px}\n" * 6
    script = "window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments);}\n" * 4
    head = f'<meta charset="utf-8"><title>{title}</title>\n<style>{style}</style><script>{script}</script>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n'


class Made(NamedTuple):
    """A page of the haystack."""

    path: str
    data: bytes
    rules: bool


def page(number: int, seed: int = 0, share: float = SHARE) -> Made:
    """Return the page of that number; its size, kind and words are the same whatever the share of pages with rules."""
    rng = random.Random(f"{seed}/{number}")
    size = int(math.exp(rng.uniform(*map(math.log, SIZES))))
    markdown = rng.random() < MARKDOWN_SHARE
    chosen = rng.random() < share
    golden = rng.choice(with_rules(markdown)) if chosen else b""
    title = rng.choice(TITLES)
    make = _markdown if markdown else _html
    suffix = "md" if markdown else "html"
    return Made(f"{number // _FOLDER:03}/page-{number}.{suffix}", make(random.Random(f"{seed}/{number}/text"), title, size, golden), chosen)


def _html(rng: random.Random, title: str, size: int, golden: bytes) -> bytes:
    """Return a page of HTML; a golden page keeps its head and all that is in its body, and gets the prose after it."""
    navigation = _navigation(rng).encode()
    prose = body(rng, Html(), max(size - len(navigation) - 1200, 1)).encode() + b'<footer class="site">Last updated in June</footer>\n'
    if not golden:
        return head(title).encode() + b"<body>\n" + navigation + f"<main>\n<h1>{title}</h1>\n".encode() + prose + b"</main></body></html>\n"
    before, end, after = golden.rpartition(b"</body>")
    return before + prose + end + after if end else golden + prose


def _markdown(rng: random.Random, title: str, size: int, golden: bytes) -> bytes:
    prose = body(rng, Markdown(), size).encode()
    return golden + b"\n\n## Further reading\n\n" + prose if golden else f"---\ntitle: {title}\n---\n\n# {title}\n\n".encode() + prose


@functools.cache
def with_rules(markdown: bool) -> tuple[bytes, ...]:
    """Return the pages of this repository with rules. Prose can follow them because their bytes are UTF-8."""
    files = [goldens.page_of(folder) for folder in goldens.folders() if any(" | " in line for line in _expected(folder))]
    files += [file for file in sorted((REPO / "data/docs").rglob("*.md")) if file.stem != "overview"]
    return tuple(data for file in files if is_markdown(file) == markdown and _is_utf8(data := file.read_bytes()))


def _expected(folder: Path) -> Sequence[str]:
    return (folder / "expected.txt").read_text("utf-8").splitlines()[1:]


def _is_utf8(data: bytes) -> bool:
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def pages(count: int, seed: int = 0, share: float = SHARE) -> Iterator[Made]:
    """Yield the first pages of a haystack, one at a time."""
    return (page(number, seed, share) for number in range(count))


def write(folder: Path, count: int, seed: int = 0, share: float = SHARE) -> list[str]:
    """Write a haystack below a folder, a thousand pages in each of its folders, and return the paths of those with rules."""
    return write_pages(folder, pages(count, seed, share))


def write_pages(folder: Path, made: Iterable[Made]) -> list[str]:
    """Write pages below a folder, and return the paths of those with rules."""
    having = []
    for one in made:
        file = folder / one.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(one.data)
        if one.rules:
            having.append(one.path)
    return having
