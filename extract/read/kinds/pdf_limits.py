"""Limits on what an untrusted PDF makes its library do: bytes that it unpacks to, what it draws, ranges of numbers, and strings.

They are counts and no times, so that a file is read or refused alike on any machine.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence

from pdfminer.pdftypes import int_value, resolve1
from pdfminer.utils import apply_png_predictor, apply_tiff_predictor

from extract.regex import late

# What a page of text unpacks to is 20 kB; fonts are up to some MB each.
MAX_STREAM = 16 << 20
MAX_UNPACKED = 256 << 20
# For one page, and for all. The densest page of print has some 10,000 characters, each of which takes 3 kB while the page is read. Maps and
# drawings have more lines than tables. Of instructions there are so many bytes; what is drawn again counts again.
MAX_CHARS, ALL_CHARS = 30_000, 6_000_000
MAX_PATHS, ALL_PATHS = 30_000, 1_000_000
MAX_DRAWN, ALL_DRAWN = 6 << 20, 96 << 20
# Each code of a font; CJK fonts have 65,536.
MAX_CODES = 400_000
# Filters that are written in Python and take a microsecond a byte.
MAX_SLOW = 1 << 20
# Bytes in front of what zlib packed (RFC 1950).
_ZLIB_HEAD = 2
# pdfminer copies a string for each bracket in it: so many bytes take seconds.
_MAX_COPIED = 4_000_000_000
SHOWS = late(rb"T[jJ]\b")
_OBJECT_END = late(rb"endobj|stream")
_RANGES = late(rb"begin(?:bf|cid)range(.*?)(?:end(?:bf|cid)range|\Z)", re.DOTALL)
_COMMENT = late(rb"%[^\r\n]*")
_MAP_PART = late(rb"<[0-9A-Fa-f\s]*>|\[[^\]]*\]?|[^\s<>\[\]]+")


class PdfError(Exception):
    """A PDF that cannot be read, or a page of it; the message says why."""


class TooMuchError(PdfError):
    """What a PDF asks for is more than a document needs."""


class EncryptedError(PdfError):
    """A PDF that nobody opens without a password."""


class Budget:
    """What a file may still make the library do."""

    def __init__(self) -> None:
        self.unpacked = MAX_UNPACKED
        self._all = {"characters": ALL_CHARS, "lines": ALL_PATHS, "bytes of instructions": ALL_DRAWN}
        self._page: dict[str, int] = {}

    def begin_page(self) -> None:
        self._page = {"characters": MAX_CHARS, "lines": MAX_PATHS, "bytes of instructions": MAX_DRAWN}

    def unpack(self, size: int) -> None:
        self.unpacked -= size
        if size > MAX_STREAM or self.unpacked < 0:
            raise TooMuchError("it unpacks to more bytes than are read")

    def take(self, what: str, number: int = 1) -> None:
        self._page[what] -= number
        self._all[what] -= number
        if self._all[what] < 0:
            raise TooMuchError(f"it holds more {what} than are read")
        if self._page[what] < 0:
            raise PdfError(f"it holds more {what} than are read of a page")


def inflated(data: bytes, budget: Budget) -> tuple[bytes, bool]:
    """Unpack what zlib packed, and return whether that is all of it: of damaged data, what stands before the damage."""
    unpacked, whole = _inflated(zlib.decompressobj(), data, budget)
    if whole:
        return unpacked, True
    # A checksum that is wrong or missing loses nothing: without the head in front, none is looked for.
    return _inflated(zlib.decompressobj(-zlib.MAX_WBITS), data[_ZLIB_HEAD:], budget)


def _inflated(unpacker: zlib._Decompress, data: bytes, budget: Budget) -> tuple[bytes, bool]:
    def pieces() -> Iterator[bytes]:
        rest = data
        while rest and not unpacker.eof:
            try:
                piece = unpacker.decompress(rest, 1 << 16)
            except zlib.error:
                return
            yield piece
            rest = unpacker.unconsumed_tail
            if not piece and not rest:
                return

    return limited(pieces(), budget), unpacker.eof


def limited(pieces: Iterator[bytes], budget: Budget) -> bytes:
    """Return pieces as one. Raises TooMuchError where they are larger than a stream may be."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > min(MAX_STREAM, budget.unpacked):
            raise TooMuchError("it unpacks to more bytes than are read")
    return bytes(data)


def predicted(data: bytes, params: Mapping[str, object]) -> bytes:
    """Undo a predictor (ISO 32000-2, 7.4.4.4)."""
    kind = int_value(params.get("Predictor", 1))
    colors, columns = int_value(params.get("Colors", 1)), int_value(params.get("Columns", 1))
    bits = int_value(params.get("BitsPerComponent", 8))
    if kind == 1 or not data:
        return data
    if not 0 < colors * columns * bits <= 8 * max(len(data), 1):
        raise TooMuchError("one of its streams has rows that are longer than itself")
    if kind == 2:
        return apply_tiff_predictor(colors, columns, bits, data)
    return apply_png_predictor(kind, colors, columns, bits, data)


def check_widths(widths: Sequence[object]) -> None:
    """Raise TooMuchError where ranges of codes, each given by the first and the last, are too long together."""
    numbers = [value for value in map(resolve1, widths) if isinstance(value, int)]
    if sum(max(last - first, 0) for first, last in itertools.pairwise(numbers)) > 100 * MAX_CODES:
        raise TooMuchError("one of its fonts names more characters than there are")
    if any(last - first > MAX_CODES for first, last in itertools.pairwise(numbers)):
        raise TooMuchError("one of its fonts names more characters than there are")


def check_codes(data: bytes) -> None:
    """Raise TooMuchError where the ranges of a character map (Adobe technical note 5014) are too long together."""
    check_copies(data, SHOWS)
    total = 0
    for block in _RANGES.findall(_COMMENT.sub(b"", data)):
        parts = _MAP_PART.findall(block)
        # As the library does, three by three: the first code, the last one, and what they mean.
        for first, last in zip(parts[::3], parts[1::3], strict=False):
            if first.startswith(b"<") and last.startswith(b"<"):
                total += max(_code(last) - _code(first), 0) + 1
    if total > MAX_CODES:
        raise TooMuchError("one of its fonts names more characters than there are")


def _code(written: bytes) -> int:
    return int(b"".join(written[1:-1].split()) or b"0", 16)


def check_copies(data: bytes, separator: object) -> None:
    """Raise TooMuchError for strings that would be copied too often while they are read."""
    for piece in separator.split(data):  # type: ignore[attr-defined]
        if (piece.count(b"(") + piece.count(b")") + piece.count(b"\\")) * len(piece) > _MAX_COPIED:
            raise TooMuchError("it holds a text that takes too long to read")
    if b"ID" in data and data.count(b"E") * len(data) > 10 * _MAX_COPIED:
        raise TooMuchError("it holds a picture that takes too long to read")


def check_file(data: bytes) -> None:
    """Raise TooMuchError for an object of a file with strings that would be copied too often."""
    for piece in _OBJECT_END.split(data):
        # Streams are not gone through bracket by bracket.
        if len(piece) > MAX_SLOW and piece.count(b"obj") and (piece.count(b"(") + piece.count(b"\\")) * len(piece) > 100 * _MAX_COPIED:
            raise TooMuchError("it holds a text that takes too long to read")
