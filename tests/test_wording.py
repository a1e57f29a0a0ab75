"""Text of documents in what people read: it is shown whole, and nothing that shows it obeys it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extract.cells.limits import shortened
from extract.publish.wording import code, count, in_markdown, plain

LONG = 10_000


class Rendered(HTMLParser):
    """What GitHub Flavored Markdown makes of a text: its elements, and its text in code and out of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.text = ""
        self.prose = ""
        self._in_code = False
        self.feed(cmarkgfm.github_flavored_markdown_to_html(text, cmarkgfm.Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag if not attrs else f"{tag} {attrs}")
        self._in_code = tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._in_code = False

    def handle_data(self, data: str) -> None:
        self.text += data
        self.prose += "\n" if self._in_code else data


def cell(markdown: str) -> Rendered:
    return Rendered(f"| X |\n| --- |\n| {markdown} |\n")


TABLE = {"table", "thead", "tr", "th", "tbody", "td"}
# What GitHub makes links, mentions, images and formulas of in the text of a comment, wherever it is not code.
ACTIVE = re.compile(r"[@#$]|://|www\.|:[\w+-]+:|gh-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- comment --> <details open><summary>x",
    "[click](https://evil.example) ![image](https://evil.example/a.png)",
    "[click][1]\n\n[1]: https://evil.example",
    "see https://evil.example/a and www.evil.example or mailto:a@b.example",
    "@everyone @org/team a@b.example",
    "#1 owner/repo#2 GH-3 (gh-4) deadbeef01 owner/repo@deadbeef01",
    "**bold** __bold__ *i* _i_ ~~gone~~ `code` ``two`` ```",
    "a | b || c \\| d `|` \\",
    "&lt;b&gt; &#64;everyone &copy;",
    "$x^2$ $`x`$ :tada: :+1:",
    "\x1b[31mred\x07 \u202eevil\u2066 \x85 \x00 \ud800",
    "# heading\n\n- item\n\n```\ncode\n```\n\n| a | b |\n| --- | --- |",
    "[^1] [ ] task - [x] done",
    "` `` ``` ```` unbalanced",
    "`",
    "|",
    " ` | ` ",
]


def expected(text: str) -> str:
    return " ".join(plain(" ".join(text.split())).split())


def shown(rendered: Rendered) -> str:
    return " ".join(rendered.text.split()).removeprefix("X").strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is_and_makes_no_element(text: str) -> None:
    for rendered in (cell(in_markdown(text, LONG)), cell(code(text, LONG))):
        assert rendered.elements <= TABLE | {"code"}
        assert shown(rendered) == expected(text)
        assert not ACTIVE.search(rendered.prose.replace("X", "", 1))


PIECES = st.sampled_from(
    [*" `|\\<>&*_~[]()!#@$:.-\n\r\t'\"x1", "www.", "http://", "a@b.cd", "GH-1", "&amp;", "0123abc", "``", "\u202e", "é", "日"]
)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=40))
@example("a\\|b")
@example("`|`")
@settings(deadline=None, max_examples=400)
def test_any_text_is_shown_as_it_is_and_makes_no_element(text: str) -> None:
    for rendered in (cell(in_markdown(text, LONG)), cell(code(text, LONG))):
        assert rendered.elements <= TABLE | {"code"}
        assert shown(rendered) == expected(text)
        assert not ACTIVE.search(rendered.prose.replace("X", "", 1))


def test_plain_words_stay_words() -> None:
    text = "tcp 8088-8093 from Load Balancer to 'Server' (10.0.0.0/8); Zugriff für „alle“: ja! 100% – 日本語"
    assert in_markdown(text, LONG) == text


def test_words_that_are_more_than_words_share_one_span() -> None:
    assert in_markdown("the cell says <b> &amp; @all here", LONG) == "the cell says `<b> &amp; @all` here"


def test_a_bar_stands_between_two_spans() -> None:
    assert code("a|b", LONG) == "`a`&#124;`b`"


def test_nothing_is_nothing() -> None:
    assert (in_markdown("", LONG), in_markdown(" \n ", LONG), code("", LONG)) == ("", "", "")


def test_text_is_cut_before_it_is_marked() -> None:
    assert in_markdown("<b>" * 10, 5) == "`<b><…`"
    assert cell(code("`" * 100, 10)).elements <= TABLE | {"code"}


def test_shortened_text_keeps_its_length_and_says_so() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
    assert shortened("abcd fg", 6) == "abcd…"


def test_control_characters_and_overrides_of_direction_are_shown_as_dots() -> None:
    assert plain("a\x00\x1b\x7f\x9b\u202a\u202e\u2066\u2069\ud800z") == "a·········z"
    assert plain("a\u061c\u200e\u200f\u2028\u2029z") == "a·····z"
    assert plain("größe – 日本語 \u05d0") == "größe – 日本語 \u05d0"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error title=x::pwned", ":·:error title=x::pwned"),
        (" \u00a0\u3000::set-output name=a::b", " \u00a0\u3000:·:set-output name=a::b"),
        (":::", ":·::"),
        ("x ##[error]y ##[group]", "x ##·[error]y ##·[group]"),
        ("###[x", "###·[x"),
        ("\n::error", "·::error"),
        ("2001:db8::1 a::b", "2001:db8::1 a::b"),
        ("# [x] ##", "# [x] ##"),
    ],
)
def test_nothing_is_a_command_in_the_log_of_a_workflow(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert plain(shown) == shown


@pytest.mark.parametrize(("number", "words"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_one_is_singular(number: int, words: str) -> None:
    assert count(number, "row") == words
