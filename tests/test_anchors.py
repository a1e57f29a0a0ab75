"""Links into live pages: which id of a page belongs to a heading, and where a table's link leads."""

from __future__ import annotations

import json

import msgspec
import pytest

from extract import extract_text
from extract.model import Origin
from extract.read import anchors, read

URL = "https://docs.example.com/ports.html"
TABLE = "<table><tr><th>Protocol</th><th>Port</th></tr><tr><td>TCP</td><td>443</td></tr></table>"
PIPES = "\n\n| Protocol | Port |\n| --- | --- |\n| TCP | 443 |\n\n"


def headings(text: str, path: str = "page.html") -> list[str]:
    return [block.anchor for block in read(text.encode(), path).blocks if block.kind == "heading"]


def links(text: str, path: str = "page.html", url: str | None = URL) -> list[str | None]:
    return list(anchors.links(read(text.encode(), path, origin=Origin(url=url))).values())


# --- the id of a heading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '<h2 id="x">Ports</h2>',
        '<h2><a name="x"></a>Ports</h2>',
        '<h2><a id="x" name="y"></a>Ports</h2>',
        '<h2><span class="mw-headline" id="x">Ports</span></h2>',
        '<h2>Ports <a class="permalink" id="x" href="#x">¶</a></h2>',
        '<a id="x"></a><h2>Ports</h2>',
        '<p>Text.</p>\n<a name="x"></a>\n<h2>Ports</h2>',
        '<p><a name="x"></a></p><h2>Ports</h2>',
        '<a id="far"></a><a id="x"></a><h2>Ports</h2>',
        '<section id="x"><h2>Ports</h2></section>',
        '<section id="x">\n  <header><h2>Ports</h2></header></section>',
        '<div id="x"><span></span><h2>Ports</h2><p>Text.</p></div>',
        '<div id="far"><div id="x"><h2>Ports</h2></div></div>',
    ],
)
def test_an_id_of_the_page_belongs_to_its_heading(text: str) -> None:
    assert headings(text) == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        "<h2>Ports</h2>",
        '<h2 id="">Ports</h2>',
        '<h2 id=" ">Ports</h2>',
        '<h2 name="x">Ports</h2>',
        '<h2><a href="#x">Ports</a></h2>',
        '<h2>Ports<sup><a id="fnref-1" href="#fn-1">see below</a></sup></h2>',
        '<a id="x"></a> Text. <h2>Ports</h2>',
        '<a id="x">Text.</a><h2>Ports</h2>',
        '<p id="x"></p><h2>Ports</h2>',
        '<p><a id="x"></a><img src="a.png"></p><h2>Ports</h2>',
        '<section id="x"><p>Text.</p><h2>Ports</h2></section>',
        '<section id="x">Text.<h2>Ports</h2></section>',
        '<section id="x"><p>Text.</p><div><h2>Ports</h2></div></section>',
        '<body id="x"><h2>Ports</h2></body>',
        "<h2>Ports {#x}</h2>",
    ],
)
def test_no_id_is_guessed(text: str) -> None:
    assert headings(text) == [""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Ports {#x}", "x"),
        ("## Ports {: #x }", "x"),
        ("## Ports {:#x .wide}", "x"),
        ("## Ports {.wide #x}", "x"),
        ("## Ports {#x} ##", "x"),
        ("Ports {#x}\n---", "x"),
        ("## Ports {#ports.tcp}", "ports.tcp"),
        ('<a name="x"></a>\n\n## Ports', "x"),
        ('## <a name="x"></a>Ports', "x"),
        ('<h2 id="x">Ports</h2>', "x"),
        ("<h2>Ports {#x}</h2>", ""),
        ("## Ports", ""),
        ("## Ports {x #y}", ""),
        ("## Ports {#}", ""),
        ("## Ports {.wide}", ""),
        ("## Ports #x}", ""),
        ("## Ports[^1]\n\n[^1]: Text.", ""),
    ],
)
def test_markdown_has_its_own_ways(text: str, expected: str) -> None:
    assert headings(text, "page.md") == [expected]


# --- the link of a table ------------------------------------------------------------------------------------------------


def test_a_table_is_linked_by_the_nearest_heading_above_it() -> None:
    text = f'{TABLE}<h2 id="in">In</h2>{TABLE}<p>Text.</p>{TABLE}<h2 id="out">Out</h2>{TABLE}'
    assert links(text) == [URL, f"{URL}#in", f"{URL}#in", f"{URL}#out"]


def test_a_nearer_heading_without_an_id_leads_to_the_page_and_not_to_another_section() -> None:
    assert links(f'<h2 id="in">In</h2><h3>Details</h3>{TABLE}') == [URL]


def test_a_heading_in_another_cell_is_not_above_a_table() -> None:
    layout = f'<table><tr><td><h3 id="left">Left</h3>{TABLE}</td><td>{TABLE}</td></tr></table>'
    assert links(f'<h2 id="all">All</h2>{layout}') == [f"{URL}#all", f"{URL}#left", f"{URL}#all"]


def test_without_a_url_there_is_no_link() -> None:
    assert links(f'<h2 id="in">In</h2>{TABLE}', url=None) == [None]


@pytest.mark.parametrize("url", [f"{URL}#/gateway/ports", f"{URL}#top"])
def test_a_url_with_a_fragment_is_left_as_it_is(url: str) -> None:
    assert links(f'<h2 id="in">In</h2>{TABLE}', url=url) == [url]


@pytest.mark.parametrize(
    ("anchor", "fragment"),
    [
        ("a-b_c.d~e", "a-b_c.d~e"),
        ("a/b?c:d@e!$&'()*+,;=", "a/b?c:d@e!$&'()*+,;="),
        ("a b", "a%20b"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("50%", "50%25"),
        ("a#b", "a%23b"),
        ("<x>[1]", "%3Cx%3E%5B1%5D"),
    ],
)
def test_a_fragment_holds_what_rfc_3986_allows(anchor: str, fragment: str) -> None:
    escaped = anchor.replace("&", "&amp;").replace("<", "&lt;")
    assert links(f'<h2 id="{escaped}">In</h2>{TABLE}') == [f"{URL}#{fragment}"]


def test_a_url_becomes_a_uri_and_keeps_what_is_encoded() -> None:
    assert links(TABLE, url="https://example.com/grö ße%20a?b=100%") == ["https://example.com/gr%C3%B6%20%C3%9Fe%20a?b=100%25"]


def test_evidence_carries_the_link_of_its_table() -> None:
    page = f'---\ntitle: Ports\nurl: "{URL}"\n---\n# Inbound ports {{#in}}{PIPES}## More{PIPES.replace("443", "8443")}'
    extraction = extract_text(page, path="page.md")
    assert [(rule.from_port, rule.evidence[0].url) for rule in extraction.rules] == [(443, f"{URL}#in"), (8443, URL)]


def test_without_a_url_evidence_says_null() -> None:
    (rule,) = extract_text(f"# Inbound ports {{#in}}{PIPES}", path="page.md").rules
    assert json.loads(msgspec.json.encode(rule.evidence[0]))["url"] is None


def test_nothing_but_the_link_hangs_on_an_id() -> None:
    with_id, without = (extract_text(f"# Inbound ports{attribute}{PIPES}", path="page.md") for attribute in (" {#in}", ""))
    assert with_id.rules == without.rules
    assert [document.title for document in with_id.documents] == ["Inbound ports"]
