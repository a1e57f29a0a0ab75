"""A document to a Page: which markup it is, what it is called, its blocks in order, and the line of everything."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from extract.catalogue import catalogue
from extract.model import Block, Page
from extract.read import page as pages
from extract.read import read
from extract.read.accept import sniff

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.too_slow])

PIPES = "| a | b |\n|---|---|\n| 1 | 2 |\n"
TABLE = "<table>\n<tr><td>1</td><td>2</td></tr>\n</table>\n"


def html(text: str, path: str = "page.html") -> Page:
    return read(text.encode(), path)


def markdown(text: str, path: str = "page.md") -> Page:
    return read(text.encode(), path)


def texts(page: Page) -> list[list[list[str]]]:
    return [[[cell.text if cell else "" for cell in row.slots] for row in grid.rows] for grid in page.grids]


def row_lines(page: Page) -> list[list[int]]:
    return [[row.line for row in grid.rows] for grid in page.grids]


def codes(page: Page) -> list[str]:
    return [found.code for found in page.findings]


def kinds(page: Page) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


# --- which markup it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        ("<p>x", "a.html", "html"),
        ("<p>x", "a.HTM", "html"),
        ("<p>x", "a.xhtml", "html"),
        ("# x", "a.html", "html"),
        ("<p>x", "a.md", "markdown"),
        ("<p>x", "a.MDX", "markdown"),
        ("<p>x", "a.markdown", "markdown"),
        ("<!doctype html><p>x", "a.md", "html"),
        ("<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>\n<p>x", "a.md", "html"),
        ("\n\n  <html lang=en><p>x", "a.md", "html"),
        ("<?xml version='1.0'?>\n<!-- made by x -->\n<!doctype html>", "a.md", "html"),
        ("<!-- a --><!-- b -->\n<body>x", "a.md", "html"),
        ("<head><title>x", "a.md", "html"),
        ("<header>x</header>\n\n# x", "a.md", "markdown"),
        ("# x\n\n<html>", "a.md", "markdown"),
        ("<!-- a -->\n# x", "a.md", "markdown"),
        ("<table><tr><td>x</table>", "stdin", "html"),
        ("<!-- a -->\n<table><tr><td>x</table>", "stdin", "html"),
        ("  <div class=x>x</div>", "page.txt", "html"),
        ("<div>\n\n# x\n\n</div>", "stdin", "markdown"),
        ("<table>\n<tr><td>\n\n- x\n", "stdin", "markdown"),
        ("<div>\n\n| a | b |\n|---|---|\n</div>", "stdin", "markdown"),
        ("# x\n\n<p>x", "stdin", "markdown"),
        ("x", "stdin", "markdown"),
        ("<host>", "a.txt", "html"),
        ("< 1024", "a.txt", "markdown"),
        ("", "a.txt", "markdown"),
    ],
)
def test_markup_is_told_by_content_and_suffix(text: str, path: str, kind: str) -> None:
    assert sniff(text, path) == kind


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("<!-- -->" * 2000 + "x", "a.md", id="comments"),
        pytest.param("<b>" + "\n" * 20_000, "stdin", id="blank lines"),
        pytest.param("<b>" + " \n" * 20_000 + "x", "stdin", id="blanks and lines"),
        pytest.param("<?xml" * 20_000, "stdin", id="declarations"),
        pytest.param("<!--" * 20_000, "a.md", id="open comments"),
        pytest.param("| a |\n" + " " * 200_000 + "|x|\n| b |\n", "a.md", id="indented pipe"),
        pytest.param("| a |\n|---|" + " " * 200_000 + "x|\n| b |\n", "a.md", id="blanks in a delimiter row"),
        pytest.param("# x {" + "#" * 200_000, "a.md", id="heading attribute"),
        pytest.param("# x" + " {#a}" * 50_000 + "b", "a.md", id="heading attributes"),
        pytest.param("`" * 200_000 + "<table>", "a.md", id="backticks"),
        pytest.param("- " * 5_000 + "x", "a.md", id="lists in lists"),
        pytest.param("> " * 50_000 + "x", "a.md", id="quotations in quotations"),
        pytest.param("[" * 50_000, "a.md", id="brackets"),
        pytest.param("<b>" * 2_000 + "x" * 50_000, "a.html", id="bold in bold"),
        pytest.param("<table>" * 3_000, "a.html", id="tables in tables"),
        pytest.param("<table><tr><td>" * 3_000, "a.html", id="tables in cells"),
        pytest.param("<table><tr><td><b>x" + "<tr><td>x" * 5_000, "a.html", id="rows in a cell that is not closed"),
        pytest.param('!!! x\n    === "a"\n' * 10_000, "a.md", id="containers"),
    ],
)
def test_no_page_takes_for_ever(text: str, path: str) -> None:
    # In a process of its own: the other outcome is a run without end. The limit is far from what reading takes.
    script = "import sys; from extract.read import read; read(sys.stdin.buffer.read(), sys.argv[1]); print('read')"
    run = subprocess.run([sys.executable, "-c", script, path], input=text.encode(), capture_output=True, timeout=20, check=True)
    assert run.stdout.strip() == b"read"


@pytest.mark.parametrize(("kind", "expected"), [("html", []), ("markdown", [[["a", "b"], ["1", "2"]]]), (None, [])])
def test_the_caller_has_the_last_word(kind: str | None, expected: list[list[list[str]]]) -> None:
    assert texts(read(f"<!doctype html>\n\n{PIPES}".encode(), "page.md", kind)) == expected


# --- the document -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "identity", "scope"),
    [
        ("acme/gate/5.5/ports.md", "acme/gate/5.5/ports", ("acme", "gate", "5.5")),
        ("acme/gate/5.5/admin/ports.html", "acme/gate/5.5/admin/ports", ("acme", "gate", "5.5")),
        ("acme/gate/ports.md", "acme/gate/ports", (None, None, None)),
        ("acme/ports.md", "acme/ports", (None, None, None)),
        ("ports.md", "ports", (None, None, None)),
        ("stdin", "stdin", (None, None, None)),
        ("a/b/7/ports.v2.md", "a/b/7/ports.v2", ("a", "b", "7")),
        ("a/b/7/Ä ö\n<b>.md", "a/b/7/Ä ö\n<b>", ("a", "b", "7")),
        ("a/b/7/.md", "a/b/7/.md", ("a", "b", "7")),
        ("a/b/c/ports.md", "a/b/c/ports", (None, None, None)),
    ],
)
def test_identity_and_scope_come_from_the_path(path: str, identity: str, scope: tuple[str | None, ...]) -> None:
    document = markdown("# x", path).document
    assert (document.id, document.path, (document.vendor, document.product, document.release)) == (identity, path, scope)


def test_an_absolute_path_names_no_vendor() -> None:
    assert markdown("# x", "/srv/docs/gate/ports.md").document.vendor != "/"


def test_a_page_may_have_no_name() -> None:
    assert markdown(PIPES, "").grids


@pytest.mark.parametrize("data", [b"", b"# x\r\n", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\0\0\0\r"])
def test_the_digest_is_that_of_the_bytes(data: bytes) -> None:
    assert read(data, "a.md").document.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Front\n---\n# First\n", "Front"),
        ('{"title": "Front"}# First\n', "Front"),
        ("---\ntitle: ''\n---\n# First\n", "First"),
        ("---\ndescription: x\n---\n# First\n", "First"),
        ("# First\n\n# Second\n", "First"),
        ("## Second level\n\n# First level\n", "First level"),
        ("### Third level\n\n## Second level\n", "Third level"),
        ("First\n=====\n", "First"),
        ("# First {#anchor}\n", "First"),
        ("# First {: .class}\n", "First"),
        ("# First `code` *and* more ##\n", "First code and more"),
        ("text\n", ""),
        ("```\n# Code\n```\n", ""),
    ],
)
def test_title_of_a_markdown_page(text: str, title: str) -> None:
    assert markdown(text).document.title == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<title>Head</title><h1>First</h1>", "First"),
        ("<title>Head</title><h2>Second level</h2>", "Head"),
        ("<title> Head \n &amp; foot </title>", "Head & foot"),
        ("<h2>Second level</h2><h1>First</h1>", "First"),
        ("<h3>Third level</h3><h2>Second level</h2>", "Third level"),
        ("<h1></h1><h1>Second</h1>", "Second"),
        ("<h1>First<a href='#x'>¶</a></h1>", "First"),
        ("<h1><span hidden>Old</span>New</h1>", "New"),
        ("<title>ServerÂ\u00a0ports â€“ all</title>", "Server ports – all"),
        ("<h1>Ports<sup>1</sup></h1>", "Ports"),
        ("<svg><title>Logo</title></svg><h2>Second level</h2>", "Second level"),
        ("<nav><h1>Menu</h1></nav><h2>Second level</h2>", "Second level"),
        ("<p>text", ""),
    ],
)
def test_title_of_an_html_page(text: str, title: str) -> None:
    assert html(text).document.title == title


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("http://example.com", "http://example.com"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("/relative", None),
        ("[x]", None),
    ],
)
def test_address_from_front_matter(url: str, expected: str | None) -> None:
    assert markdown(f"---\nurl: {url}\n---\nx").document.url == expected


# --- blocks -------------------------------------------------------------------------------------------------------------


def test_blocks_of_a_markdown_page() -> None:
    page = markdown("# H1\n\ntext\nmore\n\n**Inbound**\n\n- one\n- two\n\n  more\n\n" + PIPES + "\n## H2\n\n```\ncode\n```\n")
    assert [(block.kind, block.text, block.line, block.level) for block in page.blocks] == [
        ("heading", "H1", 1, 1),
        ("paragraph", "text more", 3, 0),
        ("strong", "Inbound", 6, 0),
        ("item", "one", 8, 0),
        ("item", "two", 9, 0),
        ("item", "more", 11, 0),
        ("table", "", 13, 1),
        ("heading", "H2", 17, 2),
        ("code", "code", 19, 0),
    ]


def test_blocks_of_an_html_page() -> None:
    page = html(
        "<html><head>\n<title>T</title></head>\n<body>loose\n<h1>H1</h1>\n<p>text <b>bold</b>\n<p><strong>Inbound</strong>:\n"
        "<ul>\n<li>one\n<li>two</ul>\n<dl>\n<dt>term\n<dd>said</dl>\n<pre>co\nde</pre>\n<table><tr><td>x</table>"
    )
    assert [(block.kind, block.text, block.line) for block in page.blocks] == [
        ("title", "T", 2),
        ("paragraph", "loose", 3),
        ("heading", "H1", 4),
        ("paragraph", "text bold", 5),
        ("strong", "Inbound:", 6),
        ("item", "one", 8),
        ("item", "two", 9),
        ("item", "term", 11),
        ("item", "said", 12),
        ("code", "co de", 13),
        ("table", "", 15),
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p><b>Inbound</b>", "strong"),
        ("<p><strong>Inbound</strong>:", "strong"),
        ("<p><strong>In</strong><b>bound</b>", "strong"),
        ("<ul><li><b>Inbound</b></ul>", "strong"),
        ("<p><b>Inbound</b> rules", "paragraph"),
        ("<p><b><strong>Inbound</strong></b> only", "paragraph"),
        ("<p><i>Inbound</i>", "paragraph"),
        ("<p><b></b>Inbound", "paragraph"),
        ("<h2><b>Inbound</b></h2>", "heading"),
        ("<pre><b>Inbound</b></pre>", "code"),
        ("<ul><li><p>Inbound</ul>", "item"),
        ("<ul><li><h2>Inbound</h2></ul>", "heading"),
        ("<div>Inbound</div>", "paragraph"),
        ("<blockquote>Inbound</blockquote>", "paragraph"),
        ("Inbound", "paragraph"),
    ],
)
def test_kind_of_a_block(body: str, kind: str) -> None:
    assert [block.kind for block in html(body).blocks] == [kind]


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5, 6])
def test_heading_levels(level: int) -> None:
    assert [block.level for block in html(f"<h{level}>x</h{level}>").blocks] == [level]
    assert [block.level for block in markdown("#" * level + " x").blocks] == [level]


@pytest.mark.parametrize(
    "body",
    [
        "<p><del>443</del>",
        "<p><s>443</s>",
        "<p hidden>443</p>",
        "<p style='display:none'>443</p>",
        "<script>443</script>",
        "<style>443</style>",
        "<p><noscript>443</noscript>",
        "<template>443</template>",
        "<nav>443</nav>",
        "<svg><text>443</text></svg>",
        "<!-- 443 -->",
    ],
)
def test_what_a_reader_is_not_told_is_in_no_block(body: str) -> None:
    assert html(f"{body}<p>end").blocks == (Block("paragraph", "end", 1),)


def test_struck_out_markdown_is_in_no_block() -> None:
    assert kinds(markdown("~~Allow TCP 80 from anywhere.~~ Allow TCP 443.\n")) == [("paragraph", "Allow TCP 443.")]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Open port 443<sup>1</sup> for all", "Open port 443 for all"),
        ("<h2>Port 443<sup>1</sup></h2>", "Port 443"),
        ("<p>Open <port> to <server-ip>:443", "Open <port> to <server-ip>:443"),
        ("<h2>Rules of <server></h2>", "Rules of <server>"),
        ("<p>80<img alt=' to '>443", "80 to 443"),
        ("<p>4\u200b43 &nbsp; 80", "443 80"),
        ("<p>80 â€“ 443", "80 – 443"),
        ("<p>R&amp;D", "R&D"),
    ],
)
def test_the_text_of_a_block_is_read_like_that_of_a_cell(body: str, text: str) -> None:
    assert [block.text for block in html(body).blocks] == [text]
    (cell,) = html(f"<table><tr><td>{body}</table>").grids[0].rows[0].slots
    assert cell is not None
    assert cell.text == text


@pytest.mark.parametrize("front", ["", "---\ntitle: Gate\n---\n"])
def test_the_text_of_a_page_is_put_together_once(front: str) -> None:
    """What stands around each of its tables is looked for in it."""
    page = read(f"{front}# Ports\n\nx\n".encode(), "a.md")
    assert page.blocks is page.blocks


def test_tables_stand_among_the_blocks() -> None:
    page = html(f"<h2>A</h2>{TABLE}<h2>B</h2><p>x{TABLE}y")
    assert [(block.kind, block.text, block.level) for block in page.blocks] == [
        ("heading", "A", 2),
        ("table", "", 1),
        ("heading", "B", 2),
        ("paragraph", "x", 0),
        ("table", "", 2),
        ("paragraph", "y", 0),
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('<TabItem value="l" label="Linux">\n\n' + PIPES + "\n</TabItem>\n", "a.mdx"),
        ('<sl-tab-panel title="Linux">' + TABLE + "</sl-tab-panel>", "a.html"),
        ('{% tab title="Linux" %}\n\n' + PIPES + "\n{% endtab %}\n", "a.md"),
        ('=== "Linux"\n\n' + "".join(f"    {line}\n" for line in PIPES.splitlines()), "a.md"),
    ],
)
def test_the_label_of_a_tab_stands_above_its_table(text: str, path: str) -> None:
    page = read(text.encode(), path)
    assert [(block.kind, block.text) for block in page.blocks][:2] == [("strong", "Linux"), ("table", "")]
    assert texts(page)[0][-1] == ["1", "2"]


# --- headings and tables in cells ---------------------------------------------------------------------------------------


def test_a_heading_in_a_cell_stands_in_the_scope_of_the_cell() -> None:
    page = html(
        "<h2>Out</h2><table><tr><td><h3>Left</h3><table><tr><td>l</table></td><td><h3>Right</h3><table><tr><td>r</table></table><p>After"
    )
    placed = {block.text or f"table {block.level}": (block.scope, block.scopes) for block in page.blocks}
    assert placed["Out"] == placed["After"] == placed["table 1"] == (0, ())
    assert placed["Left"] == placed["table 2"]
    assert placed["Right"] == placed["table 3"]
    left, right = placed["Left"], placed["Right"]
    assert left[0] != right[0]
    assert 0 not in (left[0], right[0])
    assert (left[1], right[1]) == ((left[0],), (right[0],))


def test_a_table_knows_every_cell_around_it() -> None:
    page = html("<table><tr><td>x<table><tr><td>y<table><tr><td>z</table></table></table>")
    scopes = [block.scopes for block in page.blocks if block.kind == "table"]
    assert [len(scope) for scope in scopes] == [0, 1, 2]
    assert scopes[2][:1] == scopes[1]
    assert [grid.depth for grid in page.grids] == [0, 1, 2]


def test_a_heading_in_a_cell_of_data_is_no_heading_of_the_page() -> None:
    page = html("<h2>Out</h2><table><tr><td><h3>In</h3>443</table>")
    assert kinds(page) == [("heading", "Out"), ("table", "")]


def test_a_heading_in_a_layout_cell_is_not_the_title_when_there_is_one_outside() -> None:
    assert html("<table><tr><td><h2>In</h2><table><tr><td>x</table></table><h1>Out</h1>").document.title == "Out"


# --- lines --------------------------------------------------------------------------------------------------------------

ENDS = [pytest.param("\n", id="LF"), pytest.param("\r\n", id="CRLF"), pytest.param("\r\r\n", id="CR CR LF"), pytest.param("\r", id="CR")]
FRONT = [
    pytest.param("", id="no front matter"),
    pytest.param("---\ntitle: T\ntags:\n- a\n---\n", id="YAML"),
    pytest.param('+++\ntitle = "T"\n+++\n\n', id="TOML"),
    pytest.param('{"title": "T"}', id="JSON, glued"),
    pytest.param('{\n"title": "T"\n}\n', id="JSON"),
    pytest.param("---\ntitle: [T\n---\n", id="broken YAML"),
]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("front", FRONT)
@pytest.mark.parametrize("path", ["a.md", "a.html"])
def test_rows_carry_the_lines_of_the_file(path: str, front: str, end: str) -> None:
    body = f"<h2>H</h2>\n\n{TABLE}\n<p>text\n\n<table>\n<tr>\n<td>3\n\n<tr><td>4</table>\n"
    above = front.count("\n")
    page = read((front + body).replace("\n", end).encode(), path)
    assert row_lines(page) == [[above + 4], [above + 10, above + 13]]
    assert [block.line - above for block in page.blocks if block.kind in ("heading", "table")] == [1, 3, 9]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("front", FRONT)
def test_rows_of_pipe_tables_carry_the_lines_of_the_file(front: str, end: str) -> None:
    above = front.count("\n")
    page = markdown(f"{front}# H\n\n{PIPES}\ntext\n\n{PIPES}".replace("\n", end))
    assert row_lines(page) == [[above + 3, above + 5], [above + 9, above + 11]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_lines_do_not_depend_on_the_encoding(encoding: str) -> None:
    assert row_lines(read(f"# H\n\n{PIPES}".encode(encoding), "a.md")) == [[3, 5]]


@pytest.mark.parametrize(
    ("text", "path"),
    [(f"x\ry\rz\n\n{PIPES}", "a.md"), ("<p>x\ry\rz\n\n<table>\n<tr><td>1\r</td><td>2</td></tr>\n</table>\n", "a.html")],
)
def test_a_lone_carriage_return_starts_no_line(text: str, path: str) -> None:
    page = read(text.encode(), path)
    assert page.grids[0].line == 3
    assert page.grids[0].rows[-1].line == (5 if path == "a.md" else 4)


@pytest.mark.parametrize("front", ["", "---\ntitle: T\n---\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("path", ["a.html", "a.md"])
def test_lines_of_a_page_with_more_lines_than_a_parser_counts(path: str, end: str, front: str) -> None:
    # libxml2 counts to 65,535.
    text = front + TABLE + "\n" * 70_000 + "<h2>Far</h2>\n\n" + TABLE + "\n" * 500 + TABLE
    page = read(text.replace("\n", end).encode(), path)
    above = front.count("\n")
    assert row_lines(page) == [[above + 2], [above + 70_007], [above + 70_510]]
    assert [grid.line - above for grid in page.grids] == [1, 70_006, 70_509]
    assert [block.line - above for block in page.blocks if block.text == "Far"] == [70_004]


def test_a_long_page_is_read_like_a_short_one() -> None:
    body = (
        '<h2>H</h2><table class="x">\n<caption>Cap</caption>\n<tr\n class="y">\n<th title="a <td b">a</th><td\n>b</td></tr>\n'
        "<tr><td>&lt;td></td><td><pre>x &lt;tr></pre><td><port></table>\n<p>text <b>bold</b></p>"
    )
    short, long = html(body), html("\n" * 70_000 + body)
    assert texts(long) == texts(short)
    assert kinds(long) == kinds(short)
    assert row_lines(long) == [[line + 70_000 for line in lines] for lines in row_lines(short)]
    assert [block.line for block in long.blocks] == [block.line + 70_000 for block in short.blocks]


@pytest.mark.parametrize("path", ["a.html", "a.md"])
@pytest.mark.parametrize("value", ["77", "0", "-1", "²", "x", "", "1e3", "9" * 5000])
@pytest.mark.parametrize("name", ["data-source-line", "data-sourcepos"])
def test_no_attribute_of_the_page_moves_its_lines(name: str, value: str, path: str) -> None:
    text = f'<h2 {name}="{value}">H</h2>\n\n<table {name}="{value}">\n<tr {name}="{value}"><td {name}="{value}">1</td></tr>\n</table>\n'
    page = read(text.encode(), path)
    assert [block.line for block in page.blocks] == [1, 3]
    assert row_lines(page) == [[4]]
    assert [cell.line for cell in page.grids[0].rows[0].slots if cell] == [4]


@pytest.mark.parametrize("value", ["5:1-5:9", "abc", "²"])
def test_no_attribute_of_the_page_gives_a_row_the_surplus_of_another(value: str) -> None:
    text = f'{PIPES}\n| a |\n|---|\n| 1 | 2 |\n\n<table><tr data-sourcepos="{value}"><td>x</td></tr></table>\n'
    assert [row.surplus for grid in markdown(text).grids for row in grid.rows] == [(), (), (), ("2",), ()]


@pytest.mark.parametrize("path", ["a.html", "a.md"])
def test_naming_the_attribute_in_the_text_changes_no_line(path: str) -> None:
    assert row_lines(read(f"<p>Set data-source-line.</p>\n\n{TABLE}".encode(), path)) == [[4]]


# --- no row is lost -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<html><body><p>x</body></html>\n{TABLE}", id="after </html>"),
        pytest.param(f"<html><body><p>x</p></body>\n{TABLE}</html>", id="after </body>"),
        pytest.param(f"<html><body><p>x</p></body></html>\n<html><body>{TABLE}</body></html>", id="in a second document"),
        pytest.param(f"<p>x{TABLE}", id="in an open paragraph"),
        pytest.param(f"<b><i>{TABLE}", id="in open inline elements"),
        pytest.param(f"<h2>x{TABLE}", id="in an open heading"),
        pytest.param(f"<ul><li>x{TABLE}</ul>", id="in a list"),
        pytest.param(f"<head><p>x{TABLE}", id="in an open head"),
        pytest.param(f"</div></p></table>{TABLE}", id="after stray end tags"),
        pytest.param(f"<form>{TABLE}</form>", id="in a form"),
        pytest.param(f"<a name=x>{TABLE}", id="in an open anchor"),
        pytest.param(f"<o:p>{TABLE}</o:p>", id="in an element of Word"),
        pytest.param(f"<port>{TABLE}", id="after a placeholder"),
        pytest.param(f"<![CDATA[x]]>{TABLE}", id="after CDATA"),
        pytest.param(f"<?php echo 1 ?>{TABLE}", id="after a processing instruction"),
        pytest.param(f"<!-- x --!>{TABLE}<!-- -->", id="after a badly closed comment"),
        pytest.param(TABLE, id="alone"),
    ],
)
def test_a_table_is_read_wherever_a_browser_shows_it(text: str) -> None:
    assert texts(html(text)) == [[["1", "2"]]]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<div hidden>{TABLE}</div>", id="hidden"),
        pytest.param(f"<div style='display: none'>{TABLE}</div>", id="a tab that is not open"),
        pytest.param(TABLE.replace("<table", "<table hidden"), id="hidden itself"),
        pytest.param(f"<div><span hidden>x{TABLE}</span></div>", id="hidden inline"),
        pytest.param(f"<noscript>{TABLE}</noscript>", id="noscript"),
        pytest.param(f"<template>{TABLE}</template>", id="template"),
        pytest.param(f"<nav>{TABLE}</nav>", id="nav"),
        pytest.param(f"<object>{TABLE}</object>", id="object"),
    ],
)
def test_a_table_that_is_not_shown_is_read_and_marked(text: str) -> None:
    # A tab that is closed when the page opens holds rules like the open one.
    page = html(f"{TABLE}{text}{TABLE}")
    assert texts(page) == [[["1", "2"]]] * 3
    assert [grid.hidden for grid in page.grids] == [False, True, False]
    assert [block.level for block in page.blocks if block.kind == "table"] == [1, 2, 3]


def test_tables_in_a_table_that_is_not_shown_keep_their_depth() -> None:
    page = html(f"<div hidden><table><tr><td>x{TABLE}</table></div>")
    assert [(grid.number, grid.depth, grid.hidden) for grid in page.grids] == [(1, 0, True), (2, 1, True)]


@pytest.mark.parametrize("tag", ["textarea", "title", "script", "style"])
@pytest.mark.parametrize("path", ["a.html", "a.md"])
def test_a_page_that_an_open_element_swallows_is_reported(tag: str, path: str) -> None:
    page = read(f"<p>x</p>\n<{tag}>\n\n{TABLE}".encode(), path)
    assert texts(page) == [[["1", "2"]]]
    # In Markdown it is text that names an element, in HTML a mistake.
    assert [(found.code, found.line) for found in page.findings] == ([("element-unfinished", 2)] if path == "a.html" else [])


# --- findings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-document"),
        (b" \n\t\r\n\x0c", "empty-document"),
        (b"\xef\xbb\xbf", "empty-document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary-document"),
        (b"PK\x03\x04\x14\0\0\0", "binary-document"),
        (b"---\ntitle: [x\n---\n# H\n", "front-matter"),
        (b'<meta charset="utf-8">\xff', "undecodable-bytes"),
        ("<p>Größe und Übersicht der Ports für den Zugriff auf die Verwaltung".encode("windows-1252"), "encoding-guessed"),
    ],
)
@pytest.mark.parametrize("path", ["a.md", "a.html"])
def test_what_is_wrong_with_a_document_is_a_finding(data: bytes, code: str, path: str) -> None:
    page = read(data, path)
    assert codes(page) == [code]
    assert page.document.path == path


@pytest.mark.parametrize("path", ["a.md", "a.html"])
@pytest.mark.parametrize("text", ["x", "<!-- x -->", "<!doctype html>", "<html></html>", "&nbsp;", "\u200b", "</p>", "<>", "<!", "\ufffe"])
def test_a_document_of_nothing_to_read_is_a_page(text: str, path: str) -> None:
    page = read(text.encode(), path)
    assert page.grids == ()
    assert codes(page) == []


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "table><tr><td"])
def test_markup_that_is_nested_too_deeply_is_reported(tag: str) -> None:
    assert "document-too-deep" in codes(html(f"<{tag} id=a>" * 5000 + "<table><tr><td>x"))


@pytest.mark.parametrize("depth", [10, 400, 600, 1900])
def test_markup_that_is_nested_deeply_is_read(depth: int) -> None:
    page = html("<div>" * depth + f"{TABLE}<p>x" + "</div>" * depth)
    assert texts(page) == [[["1", "2"]]]
    # The parser puts what is nested deeper than 512 elements elsewhere, as browsers do, so another one reads such a page.
    assert codes(page) == (["other-parser"] if depth > 500 else [])


def test_tables_nested_100_deep_are_read() -> None:
    page = html("<table><tr><td>x" * 100 + "</td></tr></table>" * 100)
    assert [grid.depth for grid in page.grids] == list(range(100))
    assert codes(page) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<p>x\n<table>\n<tr><td>x", [2]),
        ("<table>\n<tr><td>x</table>\n<table>\n<tr><td>y", [3]),
        ("<table>\n<tr><td>x</td></tr>\n<p>x", [1]),
        (f"{TABLE}{TABLE}", []),
        ("<TABLE>\n<TR><TD>x</TABLE>", []),
        ("<!-- <table> -->", []),
        ("<pre>&lt;table></pre>", []),
        ("<table>\n<tr><td>x\n<!-- </table> -->", [1]),
        ("<table>\n<tr><td>x\n<script>'</table>'</script>", [1]),
    ],
)
def test_a_table_without_an_end_is_reported(text: str, lines: list[int]) -> None:
    assert [(found.code, found.line) for found in html(text).findings] == [("table-unfinished", line) for line in lines]


# --- whatever the document ----------------------------------------------------------------------------------------------

NAMES = [
    "table", "table", "tr", "tr", "td", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup", "p", "h2", "ul", "li", "b", "sup",
    "pre", "br", "img", "div", "span", "form", "select", "option", "script", "style", "title", "textarea", "template", "svg", "math",
    "ip_address", "o:p", "x-y", "html", "head", "body", "plaintext", "frameset", "a",
    "tab",
]  # fmt: skip
ATTRIBUTES = [
    "", "", "", " colspan=2", ' rowspan="0"', " rowspan=9 colspan=1001", " hidden", " style='display:none'", " alt=x",
    " data-source-line=²", ' data-source-line="7"', " data-sourcepos=x", " data-sourcepos='3:1-4:5'", ' x="', " y='>'",
    ' label=" "', " label=x",
]  # fmt: skip
TAG = st.builds("<{}{}>".format, st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES)) | st.builds("</{}>".format, st.sampled_from(NAMES))
SCRAPS = [
    "x", "443", " ", "\n", "\n\n", "    ", "\t", "\r", "\r\n", "&nbsp;", "&lt;", "<", ">", "<!--", "-->", "<![CDATA[", "]]>", "<?x", "<!x>",
    "|", "| a | b |\n", "|---|---|\n", "| 1 | 2 | 3 |\n", "`", "```\n", "~~~\n", "# ", "- ", "> ", "1. ", "**", "[^1]", "[^1]: x\n", "\\",
    "---\n", "+++\n", '{"title": "x"}', "title: x\n", "{% x %}", "\0", "\u200b", "\ufeff", "é", "â€“", "🙂", "\ud7ff", "\u2028", "\x0c",
]  # fmt: skip
SCRAP = st.sampled_from(SCRAPS)
SOUP = st.lists(st.one_of(TAG, TAG, SCRAP), max_size=40).map("".join)
PATHS = st.sampled_from(["a.md", "a.html", "stdin"])


def check(page: Page, lines: int) -> None:
    """Check what every stage after this one relies on."""
    assert [grid.number for grid in page.grids] == list(range(1, len(page.grids) + 1))
    assert [block.level for block in page.blocks if block.kind == "table"] == [grid.number for grid in page.grids]
    assert all(found.code in catalogue() for found in page.findings)
    for grid in page.grids:
        assert {len(row.slots) for row in grid.rows} <= {grid.width}
        assert 0 <= grid.head_rows <= len(grid.rows)
    for block in page.blocks:
        assert (block.kind == "table") == (block.text == "")
        assert block.scope == (block.scopes[-1] if block.scopes else 0)
    numbers = [
        *(grid.line for grid in page.grids),
        *(row.line for grid in page.grids for row in grid.rows),
        *(cell.line for grid in page.grids for row in grid.rows for cell in row.slots if cell),
        *(block.line for block in page.blocks),
        *(found.line for found in page.findings if found.line is not None),
    ]
    assert [number for number in numbers if not 1 <= number <= lines] == []


def line_count(text: str) -> int:
    return text.count("\n" if "\n" in text else "\r") + 1


@PROPERTY
@given(SOUP, PATHS)
@example("<table", "a.md")
@example("<table>\n<tr><td>x", "a.md")
def test_any_soup_is_a_page(text: str, path: str) -> None:
    check(read(text.encode(), path), line_count(text))


@PROPERTY
@given(st.text(max_size=200), PATHS)
def test_any_text_is_a_page(text: str, path: str) -> None:
    check(read(text.encode("utf-8", "surrogatepass"), path), line_count(text))


@PROPERTY
@given(st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"<html>", b"<?xml encoding='utf-7'?>"]), st.binary(max_size=200), PATHS)
def test_any_bytes_are_a_page(head: bytes, data: bytes, path: str) -> None:
    page = read(head + data, path)
    check(page, data.count(b"\n") + data.count(b"\r") + data.count(b"\n\0") + 1)


@PROPERTY
@given(SOUP, PATHS)
def test_reading_twice_gives_the_same_page(text: str, path: str) -> None:
    once, twice = (read(text.encode(), path) for _ in range(2))
    assert (once.document, once.grids, once.findings, once.prose()) == (twice.document, twice.grids, twice.findings, twice.prose())


def nested(words: Sequence[int]) -> st.SearchStrategy[str]:
    return st.recursive(
        st.just("<table><tr><td>@</td></tr></table>"),
        lambda inner: st.builds("<table><tr><td>@{}</td><td>{}</td></tr></table>{}".format, inner, inner, inner),
        max_leaves=len(words),
    )


@PROPERTY
@given(nested(range(8)), PATHS)
def test_tables_are_numbered_in_the_order_of_the_document(text: str, path: str) -> None:
    parts = text.split("@")
    text = "".join(f"{part}[{number}]" for number, part in enumerate(parts[:-1], 1)) + parts[-1]
    page = read(text.encode(), path)
    firsts = [grid.rows[0].slots[0] for grid in page.grids]
    assert [cell.text for cell in firsts if cell] == [f"[{number}]" for number in range(1, len(parts))]


@pytest.mark.parametrize("piece", ["", "<table>", "</table>", "<TABLE >", "<tablex>", "<!-- </table> -->", "<table><tr><td>1</table>"])
@pytest.mark.parametrize("other", ["", "<table>", "</table>", "</tablex>", "<script></table></script>", "<table><table></table>"])
def test_that_tables_are_closed_is_only_said_of_pages_that_close_them(piece: str, other: str) -> None:
    body = f"{piece}x{other}y{piece}"
    assert not pages._is_closed(body.lower().encode()) or pages._unclosed(body) is None


def test_pages_that_close_their_tables_are_not_searched_for_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_unclosed", None)
    assert len(read(b"<table><tr><td>1</td></tr></table>" * 3, "a.html").grids) == 3
