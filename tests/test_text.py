"""The text of a cell as a reader sees it: blocks stay apart, what is not shown is not read, placeholders are text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from turbohtml.etree import from_lxml

from extract.read import read, text

PROPERTY = settings(deadline=None, derandomize=True, max_examples=300)


def lines(cell: str, page: str = "") -> tuple[str, ...]:
    """Return the lines of one cell of a page, which may hold more markup behind the table."""
    found = read(f"<!doctype html><body><table><tr><td>{cell}</td></tr></table>{page}".encode(), "page.html")
    first = found.grids[0].rows[0].slots[0]
    assert first is not None
    return first.lines


def said(cell: str, page: str = "") -> str:
    return " ".join(lines(cell, page))


# --- blocks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("80<br>443<li>22", ("80", "443", "22")),
        ("80<br/>443<br />22<BR>8080", ("80", "443", "22", "8080")),
        ("80<br><br>443", ("80", "443")),
        ("<p>80</p><p>443</p>", ("80", "443")),
        ("<p>80<p>443", ("80", "443")),
        ("80<p>443</p>22", ("80", "443", "22")),
        ("<div>80<div>443</div></div>22", ("80", "443", "22")),
        ("<ul><li>80</li><li>443</li></ul>", ("80", "443")),
        ("<ul><li>80<ol><li>443</ol><li>22</ul>", ("80", "443", "22")),
        ("80<hr>443", ("80", "443")),
        ("<dl><dt>HTTP<dd>80<dt>HTTPS<dd>443</dl>", ("HTTP", "80", "HTTPS", "443")),
        ("<h4>Ports</h4>443", ("Ports", "443")),
        ("<details><summary>Ports</summary>443</details>", ("Ports", "443")),
        ("<blockquote>80</blockquote>443", ("80", "443")),
        ("<center>80</center>443", ("80", "443")),
        ("<pre>80\n443\n\n22</pre>", ("80", "443", "22")),
        ("<pre>80\n<b>443</b>\n22</pre>", ("80", "443", "22")),
        ("<pre><b>80</b>\n443\n22</pre>", ("80", "443", "22")),
        ("<pre>80\n<b>443\n22</b>\n8080</pre>21", ("80", "443", "22", "8080", "21")),
        ("<pre>80</pre>443\n22", ("80", "443 22")),
    ],
)
def test_blocks_stay_apart(cell: str, expected: tuple[str, ...]) -> None:
    assert lines(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<img alt=Compute> Compute", "Compute"),
        ("<img alt='Elastic  IP'><b> elastic IP</b> address", "elastic IP address"),
        ("Relay <a href=x><img alt=Relay></a>", "Relay"),
        ("<img alt=Compute><br>Compute", "Compute Compute"),
        ("<img alt=Compute> Computers", "Compute Computers"),
        ("<img alt=80> 80-90", "80 80-90"),
        ("<img alt=Yes><img alt=Yes>", "YesYes"),
        ("<img alt=Yes>", "Yes"),
        ("Inbound <img alt=Yes> outbound", "Inbound Yes outbound"),
        ("Compute Compute", "Compute Compute"),
    ],
)
def test_a_picture_says_nothing_that_the_words_beside_it_say(cell: str, expected: str) -> None:
    assert said(cell) == expected
    headed = read(f"<!doctype html><body><h1>{cell}</h1><table><tr><td>1</td></tr></table>".encode(), "page.html")
    assert " ".join(block.text for block in headed.blocks if block.kind == "heading") == expected


@pytest.mark.parametrize(
    "cell",
    [
        "8<b>0</b>80",
        "<span>80</span>80",
        "80<wbr>80",
        "8<i><u>08</u></i>0",
        "<code>8080</code>",
        "<a href='#'>80</a>80",
        "80<!-- -->80",
        "<font size=2>8080</font>",
        "80<b></b>80",
        "<tt>80</tt><kbd>80</kbd>",
        "<label>8080</label>",
        "<mark>80</mark>80",
    ],
)
def test_inline_markup_does_not_part_a_word(cell: str) -> None:
    assert lines(cell) == ("8080",)


def test_white_space_is_folded() -> None:
    assert lines("\n  80 -\t443\r\n and\x0c\n more  ") == ("80 - 443 and more",)


@pytest.mark.parametrize("cell", ["", " ", "<br>", "<p></p>", "&nbsp;", "\u200b", "<p>&nbsp;</p><br>\u200b", "<b></b>"])
def test_a_cell_without_text_has_no_lines(cell: str) -> None:
    assert lines(cell) == ()


INLINE = st.sampled_from(["b", "i", "span", "code", "a", "u"])
BLOCK = st.sampled_from(["p", "div", "li", "h3", "blockquote", "pre", "center"])


@PROPERTY
@given(st.lists(st.tuples(BLOCK, st.lists(INLINE, max_size=3)), min_size=1, max_size=8))
def test_each_block_is_a_line(blocks: list[tuple[str, list[str]]]) -> None:
    cell = ""
    for number, (block, inline) in enumerate(blocks):
        opening, closing = "".join(f"<{tag}>" for tag in inline), "".join(f"</{tag}>" for tag in reversed(inline))
        cell += f"<{block}>{opening}a{number}{closing}z</{block}>"
    assert lines(cell) == tuple(f"a{number}z" for number in range(len(blocks)))


# --- what belongs to the cell -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a<table><tr><td>n</td></tr></table>b", ("a", "b")),
        ("a<table><tr><td>n<table><tr><td>m</table>o</table>b", ("a", "b")),
        ("<div>a<table><tr><td>n</table></div>b", ("a", "b")),
        ("<table><tr><td>n</table>", ()),
        ("<table><caption>c</caption><tr><td>n</table>b", ("b",)),
    ],
)
def test_nested_tables_are_left_out(cell: str, expected: tuple[str, ...]) -> None:
    assert lines(cell) == expected


@pytest.mark.parametrize(
    "tag", ["script", "style", "template", "noscript", "iframe", "title", "textarea", "svg", "annotation", "object", "video"]
)
def test_what_shows_no_text_of_the_cell_is_left_out(tag: str) -> None:
    assert lines(f"80<{tag}>443</{tag}>80") == ("8080",)


@pytest.mark.parametrize("tag", ["del", "s", "strike"])
def test_struck_out_text_is_left_out(tag: str) -> None:
    assert said(f"<{tag}>80</{tag}> 443") == "443"


@pytest.mark.parametrize(
    "attribute",
    [
        "hidden",
        "hidden=''",
        "hidden='until-found'",
        "style='display:none'",
        "style='color:red; DISPLAY : None'",
        "style='visibility: hidden'",
        "style='text-decoration: underline line-through red'",
        "style='text-decoration-line:line-through'",
        "class='hidden'",
        "class='note D-None'",
        "class='line-through'",
        "class='md:hidden strikethrough'",
    ],
)
@pytest.mark.parametrize("tag", ["span", "div", "p", "b", "li"])
def test_hidden_text_is_left_out(tag: str, attribute: str) -> None:
    assert said(f"<{tag} {attribute}>80 <b>22</b></{tag}> 443") == "443"


@pytest.mark.parametrize(
    "attribute",
    [
        "style='display:block'",
        "style='text-decoration: underline'",
        "class='hidden-xs'",
        "class='hidden md:inline'",
        "class='d-none d-lg-inline'",
        "aria-hidden=true",
        "style=''",
        "title='hidden line-through'",
    ],
)
def test_text_that_is_not_hidden_by_the_markup_is_read(attribute: str) -> None:
    assert said(f"<span {attribute}>80</span> 443") == "80 443"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<img alt="Yes">', "Yes"),
        ('<img src=y.png alt="Yes"> for <img alt="TCP">', "Yes for TCP"),
        ('<a href="#"><img alt="Yes"></a>', "Yes"),
        ('<img alt="a &lt; b">', "a < b"),
        ("<img src=y.png>", ""),
        ('<img alt="">x', "x"),
    ],
)
def test_an_image_says_its_alternative_text(cell: str, expected: str) -> None:
    assert said(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("&lt;ip&gt;", "<ip>"),
        ("&amp;lt;", "&lt;"),
        ("80&ndash;443", "80–443"),
        ("80&#8211;443", "80–443"),
        ("80&#x2013;443", "80–443"),
        ("80 &#150; 443", "80 – 443"),
        ("R&D &bogus; &", "R&D &bogus; &"),
        ("80 < 443", "80 < 443"),
        ("<1024", "<1024"),
        ("1 <> 2", "1 <> 2"),
    ],
)
def test_character_references(cell: str, expected: str) -> None:
    assert said(cell) == expected


# --- footnote marks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark",
    ["1", "12", "a", "*", "**", "†", "‡", "(1)", "[1]", "[a]", "1,", "note 1", " 1 ", "<a href='#n1'>1</a>", "<b>[1]</b>", "1)", "#"],
)
def test_footnote_mark_is_no_text(mark: str) -> None:
    assert said(f"443<sup>{mark}</sup>-445") == "443-445"


@pytest.mark.parametrize("mark", ["1,2", "1, 2", "1 2", "[1][2]", "(1)(2)", "*,†", "a,b"])
def test_several_footnote_marks_are_no_text(mark: str) -> None:
    # Read as text, the first one turns port 443 into 4431.
    assert said(f"443<sup>{mark}</sup>") == "443"


@pytest.mark.parametrize(
    "mark",
    [
        '<a href="#n1"><span class=MsoFootnoteReference>1</span></a>',
        '<a class="footnote-reference brackets" href="#id2">1</a>',
        '<a role="doc-noteref" href="#fn1">[1]</a>',
        '<a epub:type="noteref" href="#fn1">1</a>',
        '<span style="vertical-align:super">1</span>',
        '<span class="superscript">*</span>',
    ],
)
def test_marks_of_notes_are_left_out_however_they_are_raised(mark: str) -> None:
    assert said(f"443{mark}") == "443"


def test_raised_text_that_is_no_mark_is_read() -> None:
    assert said("443<span class='superscript'>TCP only</span>") == "443TCP only"


def test_mathematical_text_is_read_once() -> None:
    math = "<math><semantics><mo>&gt;</mo><mn>1023</mn><annotation>x</annotation></semantics></math>"
    assert said(math) == ">1023"


@pytest.mark.parametrize(
    ("cell", "expected"), [("4<sup>th</sup>", "4th"), ("TCP<sup>®</sup>", "TCP®"), ("x<sup>TCP only</sup>", "xTCP only")]
)
def test_other_superscripts_are_text(cell: str, expected: str) -> None:
    assert said(cell) == expected


def test_subscript_is_text() -> None:
    assert said("H<sub>2</sub>O") == "H2O"


# --- placeholders -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "placeholder",
    [
        "<ip_address>",
        "<port>",
        "<mountd port>",
        "<server name>:<port number>",
        "<host>:443",
        "https://<host>/path",
        "<ip1> and <ip2>",
        "<server-ip>:443",
        "<vcenter-fqdn>",
        "<your-domain>.example.com",
        "<host:port>",
        "< port >",
        "<443>",
        "<IP_Address>",
        "<Your Server>",
        "<YOUR-IP>",
    ],
)
def test_placeholder_is_text(placeholder: str) -> None:
    assert said(f"TCP {placeholder} x") == f"TCP {placeholder} x"


def test_a_placeholder_in_markdown_is_text() -> None:
    (grid,) = read(b"| a | b | c | d |\n|---|---|---|---|\n| <ip_address> | <mountd port> | <port> | <server-ip> |\n", "page.md").grids
    assert [cell.text for cell in grid.rows[1].slots if cell] == ["<ip_address>", "<mountd port>", "<port>", "<server-ip>"]


@pytest.mark.parametrize(
    "cell",
    [
        "<foo>443</foo>",
        "<FOO>443</Foo>",
        "<sw-table>443</sw-table>",
        "<x-y z=1><x-y>443</x-y></x-y>",
        "<o:p>443</o:p>",
        "<o:p></o:p>443",
        "<o:p/>443",
        "<st1:place w:st='on'>443</st1:place>",
        "<xref href='#a'>443</xref>",
        "<font>443</font>",
        "<blink>443</blink>",
    ],
)
def test_element_that_the_page_closes_is_markup(cell: str) -> None:
    assert said(cell) == "443"


def test_one_end_tag_anywhere_in_the_page_makes_a_name_markup() -> None:
    assert said("<foo>443") == "<foo>443"
    assert said("<foo>443", "<p><foo>x</foo></p>") == "443"


def test_an_end_tag_in_text_does_not_make_a_name_markup() -> None:
    assert said("<port>", "<p>&lt;/port></p>") == "<port>"


# --- characters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", ["\u00a0", "\u2007", "\u2009", "\u202f", "\u3000", "&nbsp;", "\t", "\u2028"])
def test_every_kind_of_space_is_a_blank(space: str) -> None:
    assert said(f"80{space}-{space}443") == "80 - 443"


@pytest.mark.parametrize(
    "nothing", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "&shy;", "\u200e", "\u200f", "\u202a", "\u202e"]
)
def test_characters_that_show_nothing_are_dropped(nothing: str) -> None:
    assert said(f"{nothing}4{nothing}43{nothing}") == "443"


@pytest.mark.parametrize(
    ("broken", "sound"),
    [
        ("80 â€“ 443", "80 – 443"),
        ("server’s", "server’s"),
        ("serverâ€™s", "server’s"),
        ("CafÃ©", "Café"),
        ("ZÃ¼rich", "Zürich"),
        ("80Â\u00a0443", "80 443"),
        ("â€œanyâ€\u009d", '"any"'),
        ("Ð¿Ð¾Ñ€Ñ‚", "порт"),
    ],
)
def test_mojibake_is_repaired(broken: str, sound: str) -> None:
    assert said(broken).replace("“", '"').replace("”", '"') == sound


def test_a_repaired_cell_keeps_what_was_written() -> None:
    (grid,) = read("<table><tr><td>80 â€“ 443<br>x<td>80 – 443</table>".encode(), "page.html").grids
    repaired, sound = grid.rows[0].slots
    assert repaired is not None
    assert sound is not None
    assert (repaired.lines, repaired.raw) == (("80 – 443", "x"), ("80 â€“ 443", "x"))
    assert sound.raw == ()


@pytest.mark.parametrize("word", ["Zürich", "naïve – café", "東京", "порт", "À propos", "Â", "Ângulo", "≥ 1024", "🙂", "Ã", "São Tomé"])
def test_sound_text_is_not_touched(word: str) -> None:
    assert text.repair(word) == word


@PROPERTY
@given(st.text(max_size=50))
def test_folding_leaves_no_white_space_to_fold(written: str) -> None:
    folded = text.fold(written)
    assert folded == " ".join(folded.split())
    assert text.fold(folded) == folded


@PROPERTY
@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=50))
def test_ascii_is_never_repaired(written: str) -> None:
    assert text.repair(written) == written


# --- depth --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["div", "b", "span", "ul", "foo"])
def test_deep_nesting_is_read(tag: str) -> None:
    assert said(f"<{tag}>" * 1900 + "443" + f"</{tag}>" * 1900) == "443"


def test_a_tree_deeper_than_the_stack_is_read() -> None:
    # Deeper than any parser builds it: the walk must not depend on the parser's limit.
    root = inner = etree.Element("td")
    for _ in range(20_000):
        inner = etree.SubElement(inner, "span")
    inner.text = "443"
    etree.SubElement(inner, "br").tail = "80"
    assert text.lines(from_lxml(root)) == ("443", "80")
