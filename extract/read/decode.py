"""Bytes to text with a line map: byte order mark, declared encoding, UTF-8, else detection."""

from __future__ import annotations

import codecs
import contextlib
import re
from bisect import bisect_right
from collections.abc import Mapping

import msgspec

from extract.catalogue import finding
from extract.model import Finding
from extract.read.encodings import CODECS
from extract.regex import late

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Detection reads only so many bytes. Measured on Shift_JIS and windows-1251 pages, more bytes do not change the answer, and cost seconds.
_DETECTION_BYTES = 64_000
_WESTERN = "windows-1252"
_DETECTED = sorted(set(CODECS.values()))
_SNIFF_BYTES = 4096
# Formats that begin with text, or are all text, but are neither HTML nor Markdown.
_SIGNATURES = (b"%PDF-", b"{\\rtf")
# Bytes that no text file holds; form feed, tab, the line ends and escape (ISO-2022) do occur.
_CONTROL = bytes({*range(0x01, 0x20), 0x7F} - {*b"\t\n\f\r\x1b"})
_BINARY_SHARE = 0.05
_ESCAPE = b"\x1b"
# The whole run of carriage returns, whatever follows it: looking for a line feed from each of them costs the square of their number.
_ODD_LINE_END = late(r"\r++\n?+")
_LINE_END = late(r"\r++\n?+|\n|\Z")
# The header of a message (RFC 5322, 2.2), which an empty line ends, and what in it says that a page follows.
_HEADER = late(rb"(?:[a-zA-Z][a-zA-Z0-9-]*+:[^\n]*+\n(?:[ \t][^\n]*+\n)*+)++(?=\r?+\n)")
_PAGE_FOLLOWS = late(rb"^content-type:[ \t]*+(?:(multipart/)|text/html\b)", re.IGNORECASE | re.MULTILINE)
_MESSAGE = late(rb"^(?:mime-version|content-transfer-encoding):", re.IGNORECASE | re.MULTILINE)
# A header is longer than that where somebody attacks; browsers write some 600 bytes.
MAX_HEADER = 65_536
# Three bytes beyond ASCII in a row: a word in Cyrillic or Greek, or two signs of East Asian writing. In Western text such
# bytes (a dash, a quotation mark, an umlaut) stand among ASCII letters.
_FOREIGN = late(rb"[\x80-\xff]{3}")


class Places(msgspec.Struct, frozen=True):
    """Where the lines of a file begin in a text that was encoded in them: their offsets, and how many lines stand before the first."""

    starts: tuple[int, ...]
    before: int

    def line(self, offset: int) -> int:
        """Return the line of the file that an offset of the text is in."""
        return self.before + bisect_right(self.starts, offset)


class Decoded(msgspec.Struct, frozen=True):
    """The text with line feeds only, and for each of its lines the line number in the file."""

    text: str
    encoding: str
    # None when line n of the text is line n of the file, which is all but always.
    lines: tuple[int, ...] | None
    findings: tuple[Finding, ...]
    # For a page that is encoded in the file (MHTML): a line of the page may be several lines of the file.
    places: Places | None = None
    # Of a document of another kind, of which HTML was made: the kind, its places in words, and by their numbers the tables of which the
    # grid is uncertain, with the reason.
    kind: str | None = None
    at: Mapping[int, str] = {}
    uncertain: Mapping[int, str] = {}

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
    if head.startswith(_SIGNATURES):
        return True
    if b"\0" in head:
        return _wide(head) is None
    return len(head) - len(head.translate(None, _CONTROL)) > _BINARY_SHARE * max(len(head), 1)


def is_archive(data: bytes) -> bool:
    """Return whether bytes are a message with a page in it, as browsers save pages (MHTML, RFC 2557). The name of the file says nothing."""
    header = _HEADER.match(data[:MAX_HEADER])
    follows = _PAGE_FOLLOWS.search(header[0]) if header else None
    return header is not None and follows is not None and (follows[1] is not None or _MESSAGE.search(header[0]) is not None)


def decode(data: bytes, label: str | None = None) -> Decoded:
    """Return the text of a document. Never fails: what cannot be decoded is replaced, and a finding says so.

    `label` is the encoding that is declared outside of it, which counts as one that it declares itself.
    """
    text, encoding, findings = _text(data, label)
    text = text.removeprefix("\ufeff").replace("\0", "\ufffd")
    if "\r" not in text:
        return Decoded(text, encoding, None, findings)
    return _fold_line_ends(text, encoding, findings)


def _text(data: bytes, label: str | None) -> tuple[str, str, tuple[Finding, ...]]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _lenient(data, encoding, len(mark))
    wide = _wide(data[:_SNIFF_BYTES])
    if wide:
        return _lenient(data, wide)
    # Whatever such a page declares, its bytes mean the same: the encodings that make something else of ASCII need an escape.
    if data.isascii() and _ESCAPE not in data:
        return data.decode("ascii"), "utf-8", ()
    # UTF-8 first: bytes beyond ASCII that are valid UTF-8 are UTF-8, whatever the page declares or quotes in a code sample.
    if not data.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-8"), "utf-8", ()
    declared = CODECS.get(label.lower()) if label else None
    declared = declared or _declared(data)
    if data.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(declared or "utf-8"), declared or "utf-8", ()
        return data.decode("ascii"), "utf-8", ()
    if declared:
        return _lenient(data, declared)
    encoding = _detected(data)
    text, encoding, findings = _lenient(data, encoding)
    guess = finding(
        "encoding-guessed", f"no encoding is declared and the bytes are not UTF-8; read as {encoding}. Save the page as UTF-8", line=1
    )
    return text, encoding, (guess, *findings)


def _detected(data: bytes) -> str:
    """Return the likeliest encoding. The statistics need foreign words: for one or two dashes in ASCII text they say Big5 or EBCDIC."""
    if not _FOREIGN.search(data):
        try:
            data.decode(_WESTERN)
        except UnicodeDecodeError:
            pass
        else:
            return _WESTERN
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few pages need it, and it takes 8 ms to import

    best = from_bytes(data[:_DETECTION_BYTES], cp_isolation=_DETECTED).best()
    return best.encoding if best else _WESTERN


def _lenient(data: bytes, encoding: str, start: int = 0) -> tuple[str, str, tuple[Finding, ...]]:
    """Decode what follows `start`, the end of the byte order mark."""
    body = data[start:]
    try:
        return body.decode(encoding), encoding, ()
    except UnicodeDecodeError as error:
        text = body.decode(encoding, "replace")
        # Line ends are counted in text: in UTF-16, a byte 0x0A may be half of another character.
        line = body[: error.start].decode(encoding, "replace").count("\n" if "\n" in text else "\r") + 1
        message = f"bytes that {encoding} does not allow were replaced by U+FFFD, first at byte {start + error.start}"
        return text, encoding, (finding("undecodable-bytes", message, line=line),)


def _declared(data: bytes) -> str | None:
    from bs4.dammit import EncodingDetector  # noqa: PLC0415 - pages in UTF-8 do not need it, and it takes 80 ms to import

    label = EncodingDetector.find_declared_encoding(data[:_SNIFF_BYTES], is_html=True)
    return CODECS.get(label.lower()) if label else None


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
    folded = _ODD_LINE_END.sub(lambda match: "\n" * _ends(match[0]), text)
    if folded.count("\n") == text.count("\n"):
        return Decoded(folded, encoding, None, findings)
    # Lone carriage returns among line feeds: a parser must see line ends there, people count line feeds.
    lines, line = [], 1
    for match in _LINE_END.finditer(text):
        lines.extend([line] * (_ends(match[0]) or 1))
        line += match[0].endswith("\n")
    return Decoded(folded, encoding, tuple(lines), findings)


def _ends(run: str) -> int:
    """Count the line ends in a run of carriage returns, with the line feed that may follow."""
    return 1 if run.endswith("\n") else len(run)
