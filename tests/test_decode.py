"""Bytes to text: which encoding it is, what is no text at all, and which line of the file a line of the text is."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.read.decode import decode, is_binary
from extract.read.encodings import CODECS

PROPERTY = settings(deadline=None, derandomize=True, max_examples=300)

JAPANESE = (
    "以下の表に、サーバーが使用するポートを示します。ファイアウォールでこれらのポートを開いてください。"
    "管理コンソールへの接続には、次のポートが必要です。ポート番号は変更できます。"
)
RUSSIAN = (
    "В следующей таблице перечислены порты, которые использует сервер. Откройте эти порты в межсетевом экране. "
    "Для подключения к консоли управления требуются порты, указанные ниже."
)


def codes(data: bytes) -> list[str]:
    return [found.code for found in decode(data).findings]


# --- byte order marks ---------------------------------------------------------------------------------------------------

BOMS = [
    pytest.param(codecs.BOM_UTF8, "utf-8", id="utf-8"),
    pytest.param(codecs.BOM_UTF16_LE, "utf-16-le", id="utf-16-le"),
    pytest.param(codecs.BOM_UTF16_BE, "utf-16-be", id="utf-16-be"),
    pytest.param(codecs.BOM_UTF32_LE, "utf-32-le", id="utf-32-le"),
    pytest.param(codecs.BOM_UTF32_BE, "utf-32-be", id="utf-32-be"),
]


@pytest.mark.parametrize(("mark", "encoding"), BOMS)
def test_byte_order_mark_names_the_encoding(mark: bytes, encoding: str) -> None:
    decoded = decode(mark + "Zürich – 東京\n443\n".encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.findings) == ("Zürich – 東京\n443\n", encoding, ())


@pytest.mark.parametrize(("mark", "encoding"), BOMS)
def test_byte_order_mark_beats_the_declaration(mark: bytes, encoding: str) -> None:
    text = '<meta charset="iso-8859-1"><p>Zürich</p>'
    assert decode(mark + text.encode(encoding)).text == text


@pytest.mark.parametrize(("mark", "encoding"), BOMS)
def test_byte_order_mark_alone_is_an_empty_text(mark: bytes, encoding: str) -> None:
    assert decode(mark).text == ""
    assert not is_binary(mark)


@pytest.mark.parametrize(("mark", "encoding"), BOMS)
def test_text_with_a_byte_order_mark_is_not_binary(mark: bytes, encoding: str) -> None:
    assert not is_binary(mark + "東京 443".encode(encoding))


# --- declared encodings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="{}">',
        "<meta charset='{}'>",
        "<meta charset={}>",
        '<META CHARSET = "{}" />',
        '<meta http-equiv="Content-Type" content="text/html; charset={}">',
        '<META content="text/html;charset={}" http-equiv=content-type>',
        '<?xml version="1.0" encoding="{}"?>',
        "<?xml version='1.0' encoding='{}' standalone='yes'?>",
    ],
)
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("windows-1251", "Порт 443"),
        ("Windows-1252", "“80–443” €"),
        ("iso-8859-2", "Łódź"),
        ("koi8-r", "Порт"),
        ("shift_jis", "ポート番号"),
        ("EUC-JP", "ポート番号"),
        ("gb18030", "端口 443"),
        ("big5", "連接埠"),
        ("euc-kr", "포트"),
        ("utf-8", "Zürich – 東京"),
    ],
)
def test_declared_encoding_is_used(declaration: str, encoding: str, words: str) -> None:
    text = declaration.format(encoding) + f"\n<html><body><p>{words}</p></body></html>\n"
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.findings) == (text, ())


@pytest.mark.parametrize(
    "label",
    # Every label that WHATWG Encoding, 4.2 gives windows-1252.
    "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 "
    "latin1 us-ascii windows-1252 x-cp1252 ISO-8859-1 Latin1".split(),
)
def test_latin_1_means_windows_1252(label: str) -> None:
    text = f'<meta charset="{label}"><td>“80–443” €</td>'
    decoded = decode(text.encode("windows-1252"))
    assert (decoded.text, decoded.findings) == (text, ())


@pytest.mark.parametrize(
    ("label", "encoding", "words"),
    [
        ("shift_jis", "cp932", "①ポート ㈱"),
        ("sjis", "cp932", "①ポート"),
        ("x-sjis", "cp932", "①ポート"),
        ("windows-31j", "cp932", "①ポート"),
        ("gb2312", "gbk", "镕 端口"),
        ("gbk", "gb18030", "端口 €"),
        ("euc-kr", "cp949", "똠 포트"),
        ("ks_c_5601-1987", "cp949", "똠 포트"),
        ("iso-8859-9", "cp1254", "İ 80–443"),
        ("tis-620", "cp874", "80–443 พอร์ต"),
        ("unicode-1-1-utf-8", "utf-8", "80–443"),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label: str, encoding: str, words: str) -> None:
    text = f'<meta charset="{label}"><td>{words}</td>'
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.findings) == (text, ())


@pytest.mark.parametrize("label", ["utf-16", "UTF-16LE", "utf-16be", "utf_16", "u16", "utf-32", "ucs-2", "unicode", "iso-10646-ucs-2"])
def test_a_document_that_declares_utf_16_in_ascii_letters_is_utf_8(label: str) -> None:
    text = f'<meta charset="{label}"><td>80–443</td>'
    decoded = decode(text.encode())
    assert (decoded.text, decoded.encoding) == (text, "utf-8")


@pytest.mark.parametrize("label", ["klingon", "x-unknown", "utf-8859-1", "🙂", "../../etc", "a" * 1000])
def test_unknown_label_is_ignored(label: str) -> None:
    text = f'<meta charset="{label}"><td>80–443</td>'
    assert decode(text.encode()).text == text


@pytest.mark.parametrize("label", ["rot13", "rot_13", "zip", "zlib", "hex", "base64", "bz2", "uu", "quopri"])
def test_codec_from_bytes_to_bytes_is_no_encoding(label: str) -> None:
    text = f'<meta charset="{label}"><td>80–443</td>'
    assert decode(text.encode()).text == text


@pytest.mark.parametrize("label", ["idna", "punycode", "undefined"])
@pytest.mark.parametrize("words", ["TCP", "80–443"])
def test_codec_for_host_names_is_no_encoding(label: str, words: str) -> None:
    text = f'<meta charset="{label}"><td>{words}</td>'
    assert decode(text.encode()).text == text


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("unicode_escape", r"\x3c443\x3e"),
        ("raw_unicode_escape", r"\u003c443\u003e"),
        ("utf-7", "+ADw-443+AD4-"),
        ("utf-7", "+2AA-"),  # half a surrogate pair, which no later stage could encode
    ],
)
def test_no_declaration_makes_markup_out_of_text(label: str, words: str) -> None:
    text = f'<meta charset="{label}"><td>{words}</td>'
    # As ASCII: a test report with half a surrogate pair cannot be written either.
    assert ascii(decode(text.encode()).text) == ascii(text)


@pytest.mark.parametrize("label", ["cp037", "cp500", "ibm1140"])
def test_a_document_that_declares_ebcdic_in_ascii_letters_is_not_ebcdic(label: str) -> None:
    text = f'<meta charset="{label}"><td>TCP 443</td>'
    assert decode(text.encode()).text == text


# --- declared, but wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["shift_jis", "euc-kr", "big5", "ascii", "windows-1252"])
def test_utf_8_is_tried_where_the_declared_encoding_fails(label: str) -> None:
    text = f'<meta charset="{label}"><td>Ё 80–443 Ё端口</td>'
    decoded = decode(text.encode())
    assert (decoded.text, decoded.encoding, decoded.findings) == (text, "utf-8", ())


def test_bytes_that_the_declared_encoding_does_not_allow_are_replaced_and_reported() -> None:
    data = b'<meta charset="utf-8">\n<td>\n80 \x96 443</td>'
    decoded = decode(data)
    assert decoded.text == '<meta charset="utf-8">\n<td>\n80 \ufffd 443</td>'
    assert [(found.code, found.line) for found in decoded.findings] == [("undecodable-bytes", 3)]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(codecs.BOM_UTF8 + b"a\nb\n\xff\n", 3, id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + b"a\r\nb\r\n\xff\r\n", 3, id="CRLF"),
        pytest.param(codecs.BOM_UTF8 + b"a\r\r\nb\r\r\n\xff", 3, id="CR CR LF"),
        pytest.param(codecs.BOM_UTF8 + b"a\rb\n\xff", 2, id="a lone CR among LFs"),
        pytest.param(codecs.BOM_UTF8 + b"a\rb\r\xff", 3, id="CR only"),
        pytest.param(codecs.BOM_UTF16_LE + "a\nb\n".encode("utf-16-le") + b"x", 3, id="half a UTF-16 unit"),
        pytest.param(codecs.BOM_UTF16_LE + "Ċ\nਊ".encode("utf-16-le") + b"x", 2, id="bytes of UTF-16 that look like LF"),
    ],
)
def test_the_line_of_undecodable_bytes_is_the_line_in_the_file(data: bytes, line: int) -> None:
    assert [(found.code, found.line) for found in decode(data).findings] == [("undecodable-bytes", line)]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_the_place_of_undecodable_bytes_counts_from_the_start_of_the_file(mark: bytes) -> None:
    data = mark + b'<meta charset="utf-8">\xff'
    (found,) = decode(data).findings
    assert f"at byte {data.index(0xFF)}" in found.message


# --- neither marked nor declared ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "\n", "plain", "# Zürich – 東京 🙂\n\n| a |\n|---|\n"])
def test_utf_8_needs_no_declaration(text: str) -> None:
    decoded = decode(text.encode())
    assert (decoded.text, decoded.encoding, decoded.findings) == (text, "utf-8", ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    [
        "<p>x</p>",
        "<html><body><h1>Порты</h1><table>\r\n<tr><td>TCP</td><td>443</td></tr>\r\n</table></body></html>",
        "# Ports – Zürich\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    ],
)
def test_utf_16_without_a_byte_order_mark(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert not is_binary(data)
    assert decode(data).text == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("prose", "encoding"),
    [(JAPANESE, "shift_jis"), (JAPANESE, "euc-jp"), (RUSSIAN, "windows-1251"), (RUSSIAN, "koi8-r")],
)
def test_encoding_is_detected_and_the_guess_reported(prose: str, encoding: str) -> None:
    text = f"<p>{prose}</p>\n<table><tr><td>TCP</td><td>443</td></tr></table>\n" * 3
    data = text.encode(encoding)
    assert not is_binary(data)
    assert decode(data).text == text
    assert [(found.code, found.line) for found in decode(data).findings] == [("encoding-guessed", 1)]


@pytest.mark.parametrize("rows", [0, 1, 20])
@pytest.mark.parametrize("odd", ["–", "é", "ü", "·", "®", "’", "“x”", "\u00a0"])
def test_an_english_page_with_few_odd_bytes_is_windows_1252(odd: str, rows: int) -> None:
    head = "# Ports\n\nOpen these ports.\n\n| Protocol | Ports | Source |\n|---|---|---|\n"
    text = head + "| TCP | 8080-8090 | Management network |\n" * rows + f"| TCP | 8080{odd}8090 | Management network |\n"
    assert decode(text.encode("windows-1252")).text == text


@pytest.mark.parametrize("data", [b"80 \x96 443", b"<td>80 \x96 443</td>", b"caf\xe9 443\n", b"x" * 30 + b"\xe9 443", b"\xa0 TCP 443"])
def test_a_guess_leaves_ascii_alone(data: bytes) -> None:
    ascii_words = [word for word in data.decode("ascii", "replace").split() if word.isascii()]
    assert ascii_words == [word for word in decode(data).text.split() if word.isascii()]


# --- what is no text ----------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 >>\nendobj\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PDF + b"3 0 obj\n<< /Filter /FlateDecode >>\nstream\nx\x9c\x03\x00\x00\x00\x00\x01\nendstream\n", id="PDF"),
        pytest.param(PDF * 40, id="PDF whose first pages are readable"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06", id="PNG"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00word/document.xml", id="zip"),
        pytest.param(b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00", id="ELF"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01", id="JPEG"),
        pytest.param(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03", id="gzip"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00\x00", id="old Word"),
        pytest.param(bytes(range(256)) * 4, id="every byte"),
        pytest.param(bytes(range(1, 256)) * 4, id="every byte but NUL"),
    ],
)
def test_binary_file(data: bytes) -> None:
    assert is_binary(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"a",
        b"| a\t| b |\r\n|---|---|\r\n\x0c",
        "Zürich".encode("windows-1252"),
        JAPANESE.encode("shift_jis"),
        JAPANESE.encode("iso-2022-jp"),
        RUSSIAN.encode("koi8-r"),
        b"one stray control character \x07 in a page of ordinary length",
    ],
)
def test_text_file(data: bytes) -> None:
    assert not is_binary(data)


def test_a_nul_at_the_start_makes_a_file_binary_and_a_late_one_is_replaced() -> None:
    assert is_binary(b"a\0b and so on")
    late = b"x" * 10_000 + b"\0y"
    assert not is_binary(late)
    assert decode(late).text.endswith("x\ufffdy")


# --- lines --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text", "lines"),
    [
        pytest.param(b"a\nb\n\nc", "a\nb\n\nc", [1, 2, 3, 4], id="LF"),
        pytest.param(b"a\r\nb\r\n\r\nc", "a\nb\n\nc", [1, 2, 3, 4], id="CRLF"),
        pytest.param(b"a\r\r\nb\r\r\nc", "a\nb\nc", [1, 2, 3], id="CR CR LF"),
        pytest.param(b"a\r\r\r\nb", "a\nb", [1, 2], id="CR CR CR LF"),
        pytest.param(b"a\rb\r\rc", "a\nb\n\nc", [1, 2, 3, 4], id="CR only"),
        pytest.param(b"a\rb\nc", "a\nb\nc", [1, 1, 2], id="lone CR among LFs"),
        pytest.param(b"a\rb\r\nc\rd\r\r\ne", "a\nb\nc\nd\ne", [1, 1, 2, 2, 3], id="lone CRs among CRLFs"),
        pytest.param(b"\ra\n", "\na\n", [1, 1, 2], id="CR first"),
        pytest.param(b"a\nb\r", "a\nb\n", [1, 2, 2], id="CR last"),
    ],
)
def test_lines_are_lines_of_the_file(data: bytes, text: str, lines: list[int]) -> None:
    decoded = decode(data)
    assert decoded.text == text
    assert [decoded.line(number) for number in range(1, len(lines) + 1)] == lines


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_line_feeds_end_lines(separator: str) -> None:
    decoded = decode(f"a{separator}b\nc".encode())
    assert decoded.text == f"a{separator}b\nc"
    assert decoded.line(2) == 2


@pytest.mark.parametrize("data", [b"a\nb", b"a\rb\nc"])
@pytest.mark.parametrize("number", [0, -1])
def test_there_is_no_line_before_the_first(data: bytes, number: int) -> None:
    assert decode(data).line(number) == 1


def test_there_is_no_line_after_the_last_of_a_mapped_text() -> None:
    assert decode(b"a\rb\nc").line(99) == 2


@PROPERTY
@given(st.lists(st.sampled_from(["\n", "\r\n", "\r\r\n", "\r"]), min_size=1, max_size=30), st.sampled_from(["utf-8", "utf-16"]))
def test_a_line_of_the_file_is_what_counting_line_feeds_says(ends: list[str], encoding: str) -> None:
    # Each line has a word of its own, so that a word's place in the text and in the file can be compared.
    words = [f"w{index}w" for index in range(len(ends))]
    original = "".join(word + end for word, end in zip(words, ends, strict=True))
    decoded = decode(original.encode(encoding))
    separator = "\n" if "\n" in original else "\r"
    for number, word in enumerate(words, 1):
        assert decoded.text.split("\n")[number - 1] == word
        assert decoded.line(number) == original[: original.index(word)].count(separator) + 1


# --- whatever the bytes -------------------------------------------------------------------------------------------------


MARKS = [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE]
LABELS = ["utf-8", "shift_jis", "latin1", "gb18030", "iso-2022-jp", "hz", "utf-7", "big5", "koi8-r"]
DECLARATIONS = st.sampled_from([*MARKS, *(f'<meta charset="{label}">'.encode() for label in LABELS)])


@PROPERTY
@given(DECLARATIONS, st.binary(max_size=200))
def test_decoding_never_fails_and_gives_clean_text(declaration: bytes, data: bytes) -> None:
    text = decode(declaration + data).text
    assert "\r" not in text
    assert "\0" not in text
    text.encode()  # fails on half a surrogate pair


@PROPERTY
@given(st.text(alphabet=st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=100))
def test_utf_8_comes_back_as_it_was(text: str) -> None:
    assert decode(text.encode()).text == text.removeprefix("\ufeff")


def test_a_declaration_in_a_code_sample_does_not_garble_a_utf_8_page() -> None:
    text = '# Порты – 80\n\n```html\n<meta charset="iso-8859-1">\n```\n'
    assert decode(text.encode()).text == text


@pytest.mark.parametrize("codec", sorted(set(CODECS.values())))
def test_no_encoding_makes_anything_else_of_ascii_without_an_escape(codec: str) -> None:
    # So a page of ASCII needs no look at what it declares.
    data = bytes(code for code in range(1, 128) if code != 0x1B)
    assert data.decode(codec) == data.decode("ascii")
