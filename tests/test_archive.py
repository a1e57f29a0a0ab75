"""Pages that a browser saved as one file: they are read as the page itself, with the lines of the file, or refused with a reason."""

from __future__ import annotations

import base64
import quopri
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import Extraction, extract_text
from extract.read import decode, read
from tests.test_cli import EXIT_CLEAN, EXIT_UNREADABLE, docrules

TOP = (
    b"From: <Saved by Blink>\r\n"
    b"Snapshot-Content-Location: https://docs.example.com/ports\r\n"
    b"Subject: =?utf-8?Q?Ports?=\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--=_abc"\r\n\r\n\r\n'
)
BOUNDARY = b"----=_abc"
STYLE = b"Content-Type: text/css\r\n\r\nbody { color: red }\r\n"
PORTS = ("22", "237", "443", "6000", "9090-9099")


def page(between: str = "\n", note: str = "Zweck – für alle") -> str:
    rows = between.join(
        f'<tr class="odd"><td>TCP</td><td>{port}</td><td>Client Security Group</td><td>Web Security Group</td><td>{note} {port}</td></tr>'
        for port in PORTS
    )
    head = "<tr><th>Protocol</th><th>Port</th><th>Source</th><th>Destination</th><th>Description</th></tr>"
    return (
        f"<!DOCTYPE html>\n<html><head><title>Ports</title></head><body>\n<h1>Ports</h1>\n<table>{head}\n{rows}\n</table></body></html>\n"
    )


def quoted(text: str, encoding: str = "utf-8") -> bytes:
    return quopri.encodestring(text.encode(encoding)).replace(b"\n", b"\r\n")


def part(body: bytes, encoding: str = "quoted-printable", kind: str = "text/html") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def saved(*parts: bytes, top: bytes = TOP, end: bytes = b"--") -> bytes:
    return top + b"".join(BOUNDARY + b"\r\n" + one + b"\r\n" for one in parts) + BOUNDARY + end + b"\r\n"


def extracted(data: bytes, path: str = "page.mhtml") -> Extraction:
    return extract_text(data, path=path)


def said(extraction: Extraction) -> list[tuple[object, ...]]:
    return [(rule.from_port, rule.to_port, rule.source, rule.destination, rule.description) for rule in extraction.rules]


PLAIN = extract_text(page(), path="page.html")
FORMS = {
    "quoted-printable": saved(part(quoted(page())), STYLE),
    "base64": saved(part(base64.encodebytes(page().encode()), "base64"), STYLE),
    "base64 in one line": saved(part(base64.b64encode(page().encode()), "base64"), STYLE),
    "8bit": saved(part(page().encode(), "8bit"), STYLE),
    "behind a style": saved(STYLE, part(quoted(page()))),
    "its rows in one line": saved(part(quoted(page(""))), STYLE),
    "in western encoding": saved(part(quoted(page(note="Größe"), "latin-1"), kind="text/html; charset=iso-8859-1")),
    "with line feeds": saved(part(quoted(page()))).replace(b"\r\n", b"\n"),
    "in a message within": saved(
        b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\n' + part(quoted(page())) + b"\r\n--in--\r\n", STYLE
    ),
    "by itself": b"MIME-Version: 1.0\r\n" + part(quoted(page())),
    "with a byte order mark": saved(part(quoted("\ufeff" + page()))),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("path", ["page.mhtml", "page.html", "page.MHT", "page.aspx", "stdin"])
def test_a_saved_page_gives_what_the_page_gives(data: bytes, path: str) -> None:
    extraction = extracted(data, path)
    expected = said(PLAIN) if "Größe".encode("latin-1") not in quopri.decodestring(data) else said(extract_text(page(note="Größe")))
    assert said(extraction) == expected
    assert extraction.documents[0].title == "Ports"
    assert {one.code for one in extraction.findings} == {one.code for one in PLAIN.findings}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_evidence_names_the_line_of_the_file_in_which_the_row_begins(data: bytes) -> None:
    lines = data.split(b"\n")
    is_base64 = b": base64" in data
    for rule in extracted(data).rules:
        (place,) = rule.evidence
        # Up to the line: what the file says before it ends with the row before, and the row begins in the line itself.
        begins = data.index(b"base64\r\n\r\n") + 10 if is_base64 else 0
        until = b"\n".join(lines[: place.line])
        text = base64.b64decode(until[begins:] + b"====") if is_base64 else quopri.decodestring(until)
        assert text.count(b"<tr") >= place.row + 1
        before = b"\n".join(lines[: place.line - 1])
        text = base64.b64decode(before[begins:] + b"====") if is_base64 else quopri.decodestring(before.removesuffix(b"="))
        assert text.count(b"<tr class") < place.row or b"8bit" in data


def test_a_number_that_a_line_end_cuts_in_two_is_one_number() -> None:
    body = quoted(page()).replace(b"<td>237</td>", b"<td>2=\r\n3=\r\n7</td>").replace(b"<td>6000</td>", b"<td>60=20=\r\n00</td>")
    extraction = extracted(saved(part(body)))
    assert [rule.from_port for rule in extraction.rules][1] == 237
    assert 6000 not in [rule.from_port for rule in extraction.rules]


@given(
    between=st.sampled_from(["", "\n", "\r\n"]),
    note=st.sampled_from(["é", "日本語", "plain", "a = b"]),
    cuts=st.sets(st.integers(0, 900), max_size=80),
    cut=st.sampled_from([b"=\r\n", b"= \t\r\n"]),
)
def test_lines_and_values_do_not_depend_on_where_lines_are_cut(between: str, note: str, cuts: set[int], cut: bytes) -> None:
    source = page(between, note).encode()
    signs = [b"\r\n" if byte == 10 else bytes([byte]) if byte < 127 and byte not in b"=\r" else b"=%02X" % byte for byte in source]
    body = b"".join(sign + cut * (number in cuts) for number, sign in enumerate(signs))
    data = saved(part(body))
    found, plain = read(data, "page.mhtml"), read(source, "page.html")
    content = [[cell and cell.lines for cell in row.slots] for row in plain.grids[0].rows]
    assert [[cell and cell.lines for cell in row.slots] for row in found.grids[0].rows] == content
    lines = data.split(b"\n")
    assert all(b"<" in lines[row.line - 1] for row in found.grids[0].rows)
    assert [row.line for row in found.grids[0].rows] == sorted(row.line for row in found.grids[0].rows)


# --- what is no saved page --------------------------------------------------------------------------------------------

REFUSED = {
    "cut off": (saved(part(quoted(page())))[:900], "cut off"),
    "cut off behind its header": (TOP + BOUNDARY + b"\r\n" + part(b""), "cut off"),
    "without a page": (saved(STYLE), "without an HTML part"),
    "without parts": (TOP, "without an HTML part"),
    "without a boundary": (TOP.replace(b"boundary", b"bound"), "without an HTML part"),
    "in an unknown encoding": (saved(part(b"x", "x-uuencode")), "'x-uuencode', which is not known"),
    "in UTF-16": (saved(part(base64.encodebytes(page().encode("utf-16")), "base64")), "UTF-16"),
    "without a header": (quoted(page()), "no saved web page (.mhtml)"),
    "with text for a header": (b"Ports\r\n\r\n" + quoted(page()), "no saved web page (.mhtml)"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "page.mhtml").write_bytes(data)
    ran = docrules("run", "page.mhtml", "--out", "-", cwd=tmp_path)
    assert (ran.code, ran.out, ran.codes) == (EXIT_UNREADABLE, b"", {"unsupported-format"})
    assert reason in ran.err


@pytest.mark.parametrize(
    "text",
    [
        "Content-Type: text/html\n\n# Ports\n",
        "Note: the following\nis no header\n\n| a |\n",
        "MIME-Version: 1.0\n\n| a |\n",
        "# Ports\n\nContent-Type: multipart/related; boundary=x\n\n",
        page(),
    ],
)
def test_other_pages_are_no_saved_ones(text: str) -> None:
    assert not decode.is_archive(text.encode())


def test_frames_with_tables_are_told() -> None:
    data = saved(part(quoted(page())), part(quoted("<table><tr><td>1</td></tr></table>")), part(quoted("<p>ad</p>")))
    found = [one for one in extracted(data).findings if one.code == "frames-not-read"]
    assert [(one.severity, one.message.partition(" ")[0]) for one in found] == [("warning", "1")]
    assert said(extracted(data)) == said(PLAIN)


def test_a_frame_in_an_unknown_encoding_does_not_cost_the_page() -> None:
    extraction = extracted(saved(part(quoted(page())), part(b"x", "x-uuencode")))
    assert said(extraction) == said(PLAIN)
    assert "frames-not-read" in {one.code for one in extraction.findings}


def test_a_folder_is_searched_for_saved_pages(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ports.mhtml").write_bytes(FORMS["quoted-printable"])
    ran = docrules("run", "docs", "--out", "rules.json", "--report", "report.json", "--no-cache", cwd=tmp_path)
    assert ran.code == EXIT_CLEAN
    assert "5 became rules" in ran.err
    shown = docrules("explain", "ports:1:2", "--rules", "rules.json", "--docs", "docs", cwd=tmp_path)
    assert re.search(r"^  > \d+ \| <tr class=3D\"odd\"><td>TCP</td><td>237</td>", shown.out.decode(), re.MULTILINE)


def test_a_page_of_that_suffix_that_is_not_encoded_is_a_page() -> None:
    assert said(extracted(page().replace(' class="odd"', "").encode())) == said(PLAIN)


# --- what an attacker saves -------------------------------------------------------------------------------------------

HOSTILE = {
    "a header without end": TOP[:-4] + b"X: y\r\n" * 50_000,
    "a header of one long line": b"A: " + b"x" * 3_000_000,
    "many parts": saved(*[b"\r\n"] * 50_000),
    "the same boundary in itself": saved(*[TOP] * 2_000),
    "nested deep": b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3_000)),
    "only marks": saved(part(b"=1F" * 100_000)),
    "only soft breaks": saved(part(b"=\r\n" * 200_000 + b"<table>")),
    "bad quotes": saved(part(b"=ZZ=1=\xff=" * 50_000)),
    "bad base64": saved(part(b"=A==\r\n*" * 50_000, "base64")),
    "a boundary that is no ASCII": TOP.replace(b"--=_abc", "ü".encode() * 30) + b"--\xc3",
    "a charset that is none": saved(part(quoted(page()), kind="text/html; charset*=x''%FF%00")),
    "parameters without end": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; " + b"a*0=b; " * 5_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_read_or_refused(data: bytes) -> None:
    extraction = extracted(data)
    assert "internal-error" not in {one.code for one in extraction.findings}


@given(st.lists(st.sampled_from([TOP, BOUNDARY, b"--", b"\r\n", b"\n", STYLE, part(quoted(page())), b"=", b"\x1f", b"<table><tr><td>"])))
def test_no_order_of_its_pieces_is_a_defect(pieces: list[bytes]) -> None:
    extraction = extracted(TOP + b"".join(pieces))
    assert "internal-error" not in {one.code for one in extraction.findings}


# --- mail -------------------------------------------------------------------------------------------------------------

MAIL = (
    b"Received: from mail.example.com\r\nFrom: a@example.com\r\nSubject: ports\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="--=_abc"\r\n\r\n'
)


def attached(name: str, body: bytes = b"eA==", how: str = "attachment", kind: str = "application/octet-stream") -> bytes:
    return f'Content-Type: {kind}\r\nContent-Disposition: {how}; filename="{name}"\r\n\r\n'.encode() + body


def test_a_message_is_read_by_its_html_part(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ports.eml").write_bytes(saved(part(b"See below.", "7bit", "text/plain"), part(quoted(page())), top=MAIL))
    ran = docrules("run", "docs", "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_CLEAN, set())
    extraction = extracted((tmp_path / "docs" / "ports.eml").read_bytes(), "ports.eml")
    assert ([rule.from_port for rule in extraction.rules], extraction.documents[0].format) == ([22, 237, 443, 6000, 9090], "eml")
    assert [rule.evidence[0].at for rule in extraction.rules] == [None] * 5


@pytest.mark.parametrize("body", [b"Subject: ports\r\n\r\nTCP 443", saved(part(b"TCP 443", "7bit", "text/plain"), top=MAIL), b"TCP 443"])
def test_a_message_without_a_page_is_refused(body: bytes) -> None:
    (found,) = extracted(body, "ports.eml").findings
    assert (found.code, found.severity) == ("unsupported-format", "error")
    assert "HTML part" in found.message


def test_attachments_that_may_hold_rules_are_named() -> None:
    forwarded = b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n"
    data = saved(part(quoted(page())), attached("ports.xlsx"), attached("logo.png"), forwarded, attached("ports.xlsx"), top=MAIL)
    extraction = extracted(data, "ports.eml")
    messages = [found.message for found in extraction.findings if found.code == "attachments-not-read"]
    assert messages == ["'ports.xlsx', 'a message' are attached and not read; save them as files, and read these"]
    assert len(extraction.rules) == 5


def test_a_document_that_a_message_shows_in_its_text_is_named_and_a_page_that_is_read_is_not() -> None:
    data = saved(attached("ports.html", page().encode(), kind="text/html"), attached("more.pdf", how="inline"), top=MAIL)
    extraction = extracted(data, "ports.eml")
    messages = [found.message for found in extraction.findings if found.code == "attachments-not-read"]
    assert messages == ["'more.pdf' is attached and not read; save it as files, and read these"]
    assert len(extraction.rules) == 5
