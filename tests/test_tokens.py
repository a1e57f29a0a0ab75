"""What a cell looks like after cleaning, and which tokens its words and numbers are."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import vocabulary
from extract.cells import cleaning, grammar, tokens

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)

# What authors, editors and converters put between the two ends of a range.
DASHES = {
    "hyphen-minus": "-",
    "hyphen": "\u2010",
    "no-break hyphen": "\u2011",
    "figure dash": "\u2012",
    "en dash": "\u2013",
    "em dash": "\u2014",
    "horizontal bar": "\u2015",
    "minus sign": "\u2212",
    "small em dash": "\ufe58",
    "small hyphen": "\ufe63",
    "fullwidth hyphen": "\uff0d",
}


def kinds(line: str) -> list[str]:
    return [token.kind for token in tokens.tokenize(tokens.clean(line))]


def numbers(line: str) -> list[tuple[int, int]]:
    return [token.value for token in tokens.tokenize(tokens.clean(line)) if token.kind in ("number", "range")]


# --- cleaning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dash", DASHES.values(), ids=DASHES.keys())
def test_every_dash_is_one_dash(dash: str):
    assert tokens.clean(f"80{dash}90") == "80-90"


@pytest.mark.parametrize(
    "written",
    ["443*", "443**", "443¹", "443¹²", "443†", "443‡", "443 †", "443§", "443[2]", "443 [1]", "443[^2]", "443[^note]", "443^1^"],
)
def test_footnote_marks_are_dropped(written: str):
    assert tokens.clean(written) == "443"


@pytest.mark.parametrize("written", ["443[1]8443", "443¹8443", "443¹²8443", "443[1][2]8443", "443†8443", "443`8443`", "443^1^8443"])
def test_a_mark_between_two_numbers_parts_them(written: str):
    assert numbers(written) == [(443, 443), (8443, 8443)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("`443`", "443"),
        ("**443**", "443"),
        ("__443__", "443"),
        (r"443\-445", "443-445"),
        (r"443\*", "443"),
        ("**TCP** 443", "TCP 443"),
        ("`tcp`/`443`", "tcp/443"),
        ("http_port", "http_port"),
    ],
)
def test_markdown_is_dropped(written: str, read: str):
    assert tokens.clean(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("８０", "80"),
        ("ＴＣＰ　４４３", "TCP 443"),
        ("８０－９０", "80-90"),
        ("80～90", "80~90"),
        ("80〜90", "80~90"),
        ("TCP\u00a0443", "TCP 443"),
        ("\u2009443\u3000", "443"),
        ("ﬁle", "file"),
    ],
)
def test_compatibility_characters_are_their_plain_forms(written: str, read: str):
    assert tokens.clean(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("50,000-59,999", "50000-59999"),
        ("50.000-59.999", "50000-59999"),
        ("50 000-59 999", "50000-59999"),
        ("50\u00a0000 – 59\u00a0999", "50000 - 59999"),
        ("50\u202f000–59\u202f999", "50000-59999"),
        ("50'000-59'999", "50000-59999"),
        ("50’000-59’999", "50000-59999"),
        ("49,152 to 65,535", "49152 to 65535"),
        ("49.152 bis 65.535", "49152 bis 65535"),
        ("1,024-65,535", "1024-65535"),
        ("10,050", "10050"),
        ("8,080", "8080"),
    ],
)
def test_thousands_separators_are_folded(written: str, read: str):
    assert tokens.clean(written) == read
    assert tokens.ungrouped(written)


@pytest.mark.parametrize("written", ["80,443", "22,443,902", "445,1024", "135, 445, 5985", "80-90", "8080", "10.0.0.0/8", "80,443-445"])
def test_lists_are_not_taken_for_thousands(written: str):
    assert tokens.clean(written) == written
    assert not tokens.ungrouped(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("TCP443", "TCP 443"),
        ("udp53", "udp 53"),
        ("tcp-443", "tcp 443"),
        ("tcp_443", "tcp 443"),
        ("SCTP36412", "SCTP 36412"),
        ("tcp6", "tcp6"),
        ("udp4", "udp4"),
        ("xtcp443", "xtcp443"),
    ],
)
def test_a_transport_glued_to_its_port_is_parted(written: str, read: str):
    assert tokens.clean(written) == read


@PROPERTY
@given(st.text(max_size=40))
def test_cleaning_never_makes_digits(text: str):
    digits = [char for char in unicodedata.normalize("NFKC", text) if char.isdecimal()]
    assert len([char for char in tokens.clean(text) if char.isdecimal()]) <= len(digits)


@PROPERTY
@given(st.lists(st.integers(0, 65535), min_size=1, max_size=5))
def test_cleaning_keeps_plain_lists_of_ports(listed: list[int]):
    assert tokens.clean(", ".join(map(str, listed))) == ", ".join(map(str, listed))


# --- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("443", ["number"]),
        ("80-90", ["range"]),
        ("80:90", ["range"]),
        ("80 to 90", ["range"]),
        ("1024+", ["range"]),
        ("> 1023", ["range"]),
        ("TCP 443", ["protocol", "number"]),
        ("443/tcp", ["number", "separator", "protocol"]),
        ("443 (HTTPS)", ["number", "open", "label", "close"]),
        ("80, 443", ["number", "separator", "number"]),
        ("80; 443", ["number", "separator", "number"]),
        ("80、443", ["number", "separator", "number"]),
        ("80 and 443", ["number", "filler", "number"]),
        ("*", ["any"]),
        ("any port", ["any-port"]),
        ("<port>", ["placeholder"]),
        ("{{ port }}", ["placeholder"]),
        ("${PORT}", ["placeholder"]),
        ("%PORT%", ["placeholder"]),
        ("Note 3", ["reference"]),
        ("RFC 1918", ["reference"]),
        ("Windows 2019", ["reference"]),
        ("v3", ["reference"]),
        ("2.1", ["reference"]),
        ("10.0.0.1", ["word"]),
        ("10.0.0.0/8", ["word"]),
        ("type 8 code 0", ["type", "code"]),
        ("->", ["arrow"]),
        ("default port 443", ["filler", "filler", "number"]),
    ],
)
def test_kinds(line: str, expected: list[str]):
    assert kinds(line) == expected


@pytest.mark.parametrize("line", ["443%", "$443", "#443", "443rd", "v443", "4.43", "tls1.2", "rj45", "1234567", "443_a"])
def test_digits_that_belong_to_a_word_or_a_quantity_are_no_number(line: str):
    assert numbers(line) == []


@pytest.mark.parametrize(
    ("line", "arrow"),
    [
        ("->", "->"),
        ("-->", "->"),
        ("--->", "->"),
        ("=>", "->"),
        ("→", "->"),
        ("⇒", "->"),
        ("➔", "->"),
        ("<-", "<-"),
        ("<--", "<-"),
        ("←", "<-"),
        ("<->", "<->"),
        ("<-->", "<->"),
        ("<=>", "<->"),
        ("↔", "<->"),
        ("⇔", "<->"),
        ("⟷", "<->"),
    ],
)
def test_arrows(line: str, arrow: str):
    assert [token.text for token in tokens.tokenize(tokens.clean(line))] == [arrow]


@pytest.mark.parametrize("line", ["<port>", "<server name>", ">=443", "<=443", "> 443", "80-90", "a-b"])
def test_what_is_no_arrow(line: str):
    assert "arrow" not in kinds(line)


def test_depth_counts_brackets():
    assert [token.depth for token in tokens.tokenize("443 (HTTPS (TLS)) 80") if token.kind in ("number", "label")] == [0, 1, 2, 0]


def test_a_closing_bracket_too_many_is_harmless():
    assert [token.depth for token in tokens.tokenize(")) 443")] == [0, 0, 0]


def test_longer_words_win():
    assert [token.text for token in tokens.tokenize("SNMP trap")] == ["SNMP trap"]
    assert [token.text for token in tokens.tokenize("ICMP - IPv6")] == ["ICMP - IPv6"]


@pytest.mark.parametrize("word", ["tcpdump", "udpate", "sshd", "httpd", "anyone", "allow", "xtcp", "capex", "domains"])
def test_words_match_whole(word: str):
    assert kinds(word) == ["word"]


# --- robustness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("letter", "variant"), [("i", "İ"), ("i", "ı"), ("s", "ſ"), ("k", "\u212a"), ("i", "\u2170"), ("a", "ａ")])
def test_letters_that_fold_in_odd_ways_never_raise(letter: str, variant: str):
    """Regular expressions fold case one letter at a time, Unicode does not: `İ` matches `i` and folds to two characters."""
    for word in (*vocabulary.protocol_words(), *vocabulary.application_words()):
        assert tokens.tokenize(tokens.clean(word.replace(letter, variant)))


@PROPERTY
@given(st.text(max_size=60))
def test_arbitrary_text_never_raises(text: str):
    found = tokens.tokenize(tokens.clean(text))
    assert all(token.depth >= 0 and token.value[0] >= 0 for token in found)


@PROPERTY
@given(st.text(max_size=60))
def test_every_letter_and_number_is_in_some_token(text: str):
    cleaned = tokens.clean(text)
    kept = "".join(token.text for token in tokens.tokenize(cleaned) if token.kind != "arrow")
    arrows = any(token.kind == "arrow" for token in tokens.tokenize(cleaned))
    letters = [char for char in cleaned if char.isalnum()]
    assert arrows or [char for char in kept if char.isalnum()] == letters


# --- the short cuts ---------------------------------------------------------------------------------------------------

# What the grammar knows, what it keeps apart, and the characters that match others when case is ignored.
PIECES = [
    *sorted({word for part in grammar.parts() for word in part.entries}),
    *" ,;:.-/()[]<>{}$%#&+|*=~'’_\n\t\"",
    *("443", "80", "1024", "65535", "70000", "8088-8093", "1,000", "-1", "12345678", "٣", "²"),
    *(" to ", " - ", " und ", "type", "code 3", "range 1 2", "v1", "v٣", "server 2008", "2008 r2", "->", "<-", "<->", "→", "--"),
    *("fe80::1", "a::", "1:2:3:4:5:6:7:8", "dead:beef", "10.0.0.0/8", "tcp443", "443tcp", "tcp_udp", "udp-53"),
    *(
        "v3",
        "v3.1",
        "V2x",
        "type8",
        "Type3a",
        "code0",
        "web01",
        "node_1",
        "tcp:443",
        "abc:def",
        "face:",
        "dead::",
        "bee:fa:ce",
        "ip4",
        "3pc",
    ),
    *("type٣", "v3é", "tcp7", "S3", "http2", "any ports", "all port", "server", "range"),
    *("ſ", "\u212a", "ı", "İ", "ß", "é", "ポート", "Kerberos", "the", "Web-server", "isn’t", "a.b.c", "x", "\u2028"),
]
LINES = st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(PIECES).map(str.upper), st.sampled_from(" ,1a")), max_size=8)


@settings(PROPERTY, max_examples=1500)
@given(st.one_of(LINES.map("".join), LINES.map(" ".join)))
def test_the_short_cuts_give_what_the_whole_grammar_gives(line: str):
    assert tokens.tokenize(line) == tokens.tokenize_by_grammar(line)
    assert tokens.clean(line) == cleaning.cleaned(line)


@pytest.mark.parametrize("behind", ["", ",", " and ", "/"])
def test_the_short_cuts_know_every_word_of_the_grammar(behind: str):
    for word in PIECES:
        for line in (word + behind, f"443 {word} 80", word.upper() + behind, word + behind + word):
            assert tokens.tokenize(line) == tokens.tokenize_by_grammar(line)


@pytest.mark.parametrize("behind", ["", " ", ",", "1", " 1", "-1", " and 2", "x", "é", ":", ":1", "::", "_", ".", " ports", " protocol"])
def test_each_word_by_itself_gives_what_the_whole_grammar_gives(behind: str):
    """Each plain word of the grammar that may begin more than one token has a pattern of its own."""
    ambiguous = [word for word, part in grammar.plain_words().items() if not part]
    longer = {entry for part in grammar.parts() for entry in part.entries if entry.startswith(tuple(ambiguous))}
    for word in (*ambiguous, *longer):
        for line in (word + behind, word.title() + behind, f"tcp {word}{behind}", f"x{word}{behind}", f"_{word.upper()}{behind}"):
            assert tokens.tokenize(line) == tokens.tokenize_by_grammar(line)


def test_no_pattern_is_kept_for_what_documents_say():
    def say(number: int) -> None:
        tokens.tokenize(f"word{number} w{chr(0x4E00 + number)}{chr(0x1F300 + number)} {chr(0x1000 + number)}tcp{chr(0x100 + number)}")

    say(0)
    kept = grammar._by_word.cache_info().currsize
    for number in range(300):
        say(number)
    assert grammar._by_word.cache_info().currsize == kept
    # Each sign twice: in lines of ASCII, and in others.
    assert grammar._by_sign.cache_info().currsize <= 256


def test_a_sign_that_begins_no_part_of_the_grammar_is_a_word() -> None:
    for sign in map(chr, range(33, 127)):
        assert "".join(token.text for token in tokens.tokenize(f"{sign}{sign}")).replace(" ", "") == sign * 2, sign
