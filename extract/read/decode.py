"""Bytes to text with a line map: byte order mark, declared encoding, UTF-8, else detection."""

from __future__ import annotations

import codecs
import re

import msgspec
from bs4.dammit import EncodingDetector
from charset_normalizer import from_bytes

from extract.catalogue import finding
from extract.model import Finding

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# WHATWG Encoding, 4.2 "Names and labels": these labels mean windows-1252.
_LATIN = frozenset({"ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin-1", "latin1", "l1"})
# WHATWG HTML, 13.2.3.3: a document that can declare UTF-16 in ASCII letters is not UTF-16.
_WIDE = ("utf-16", "utf16", "utf-32", "utf32", "ucs-2")
# Detection reads this much; measured on Shift_JIS and windows-1251 pages, more changes no answer and costs seconds.
_DETECTION_BYTES = 64_000
_SNIFF_BYTES = 4096
# Bytes that no text file holds; form feed, tab, the line ends and escape (ISO-2022) do occur.
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_BINARY_SHARE = 0.05
_ODD_LINE_END = re.compile(r"\r+\n|\r")


class Decoded(msgspec.Struct, frozen=True):
    """The text with line feeds only, and for each of its lines the line number in the file."""

    text: str
    encoding: str
    lines: tuple[int, ...] | None
    # None when line n of the text is line n of the file, which is all but always.
    findings: tuple[Finding, ...]

    def line(self, number: int) -> int:
        """Return the line in the file for a line of the text (both from 1)."""
        if self.lines is None or number < 1:
            return max(number, 1)
        return self.lines[min(number, len(self.lines)) - 1]


def is_binary(data: bytes) -> bool:
    """Return whether the bytes are no text in any encoding that `decode` reads."""
    head = data[:_SNIFF_BYTES]
    if any(head.startswith(mark) for mark, _ in _BOMS):
        return False
    if b"\0" in head:
        return _wide(head) is None
    return len(_CONTROL.findall(head)) > _BINARY_SHARE * max(len(head), 1)


def decode(data: bytes) -> Decoded:
    """Return the text of a document. Never fails: what cannot be decoded is replaced, and a finding says so."""
    text, encoding, findings = _text(data)
    text = text.removeprefix("\ufeff").replace("\0", "\ufffd")
    if "\r" not in text:
        return Decoded(text, encoding, None, findings)
    return _fold_line_ends(text, encoding, findings)


def _text(data: bytes) -> tuple[str, str, tuple[Finding, ...]]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding)
    wide = _wide(data[:_SNIFF_BYTES])
    if wide:
        return _lenient(data, wide)
    declared = _declared(data)
    for candidate in (declared, "utf-8"):
        if candidate:
            try:
                return data.decode(candidate), candidate, ()
            except UnicodeDecodeError:
                continue
    if declared:
        return _lenient(data, declared)
    best = from_bytes(data[:_DETECTION_BYTES]).best()
    encoding = best.encoding if best else "windows-1252"
    text, encoding, findings = _lenient(data, encoding)
    guess = finding(
        "encoding-guessed", f"no encoding is declared and the bytes are not UTF-8; read as {encoding}. Save the page as UTF-8", line=1
    )
    return text, encoding, (guess, *findings)


def _lenient(data: bytes, encoding: str) -> tuple[str, str, tuple[Finding, ...]]:
    try:
        return data.decode(encoding), encoding, ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = data.decode(encoding, "replace")
        message = f"bytes that {encoding} does not allow were replaced by U+FFFD, first at byte {error.start}"
        return text, encoding, (finding("undecodable-bytes", message, line=line),)


def _declared(data: bytes) -> str | None:
    label = EncodingDetector.find_declared_encoding(data[:_SNIFF_BYTES], is_html=True)
    if not label:
        return None
    label = label.lower()
    if label in _LATIN:
        return "windows-1252"
    if label.startswith(_WIDE):
        return "utf-8"
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # Python also knows codecs that are no character encodings (`rot13`, `zip`): those do not decode to text.
    return info.name if getattr(info, "_is_text_encoding", True) else None


def _wide(head: bytes) -> str | None:
    """Return UTF-16 without a byte order mark by its zero bytes: markup is mostly ASCII, so every other byte is zero."""
    if len(head) < 4 or b"\0" not in head:
        return None
    pairs = len(head) // 2
    if head[1::2].count(0) > pairs * 0.6 and head[0::2].count(0) < pairs * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > pairs * 0.6 and head[1::2].count(0) < pairs * 0.1:
        return "utf-16-be"
    return None


def _fold_line_ends(text: str, encoding: str, findings: tuple[Finding, ...]) -> Decoded:
    """Make every line end a line feed. CR CR LF is one line end: editors that wrote it meant one."""
    if "\n" not in text:
        return Decoded(text.replace("\r", "\n"), encoding, None, findings)
    folded = _ODD_LINE_END.sub("\n", text)
    if folded.count("\n") == text.count("\n"):
        return Decoded(folded, encoding, None, findings)
    # Lone carriage returns among line feeds: a parser must see line ends there, people count line feeds.
    lines, line = [], 1
    for match in re.finditer(r"\r+\n|\r|\n|\Z", text):
        lines.append(line)
        line += match.group().endswith("\n")
    return Decoded(folded, encoding, tuple(lines), findings)
