"""The page in an HTTP response: what was done to it on its way undone, within limits."""

from __future__ import annotations

import contextlib
import io
import zlib
from collections.abc import Iterator

import msgspec

from extract.catalogue import finding
from extract.errors import UnreadableInputError
from extract.model import Finding
from extract.read import decode
from extract.read.encodings import CODECS
from extract.read.warc.record import MAX_BODY, Loaded
from extract.read.warc.stream import DamagedError, guarded
from extract.regex import late

# Servers apply one; a proxy may add another.
_MAX_CODINGS = 4
_BLOCK = 65_536
# RFC 9112, 7.1: the size in hexadecimal digits, and extensions that nobody has to know.
_CHUNK = late(rb"([0-9a-fA-F]{1,16})[ \t]{0,16}+(?:;[^\n]{0,1000}+)?\r?\n")
_AS_IT_IS = frozenset({"", "identity"})
# RFC 1952, and RFC 1950 or, from servers that take the name at its word, RFC 1951.
_GZIP, _ZLIB, _RAW = 31, 15, -15
_GZIP_MARK = b"\x1f\x8b"
# Members of one body (RFC 1952, 2.2). Nearly all have one.
_MAX_MEMBERS = 100
_UTF8_MARK = b"\xef\xbb\xbf"


class _Undone(msgspec.Struct, frozen=True):
    """What an encoding was undone to, and whether its end is missing."""

    data: bytes
    is_cut: bool = False


def page(body: bytes, transfer: str, content: str, label: str | None) -> Loaded:
    """Return the page in the body of a response, by its Transfer-Encoding, its Content-Encoding and the charset of its Content-Type.

    What was undone already when the record was written, though the header still names it, stays as it is. Raises UnreadableInputError for
    an encoding that is not known, and for a page of more than MAX_BODY bytes.
    """
    cut = False
    data = body
    for coding in (*_reversed(transfer, 1), *_reversed(content, _MAX_CODINGS)):
        undone = _undone(data, coding)
        data, cut = undone.data, cut or undone.is_cut
    if len(data) > MAX_BODY:
        raise UnreadableInputError(too_large())
    message = "the end of this page is missing in the archive (its encoding breaks off); what stands before it was read"
    said = (finding("page-cut", message),) if cut else ()
    return labelled(data, label, said)


def too_large() -> str:
    """Return what is said of a page that is larger than it may be."""
    return f"this page has more than {MAX_BODY:,} bytes; save it as a file to have it read"


def labelled(data: bytes, label: str | None, said: tuple[Finding, ...] = ()) -> Loaded:
    """Return a page in UTF-8 where the header says another encoding, and nothing that counts more does (WHATWG HTML, 13.2.3.2).

    Such are a byte order mark, and, as for files, bytes that are UTF-8. What the page declares itself counts less.
    """
    codec = CODECS.get(label.lower()) if label else None
    decoded = decode.decode(data, label) if codec is not None else None
    if codec is None or decoded is None or decoded.encoding != codec or data.startswith(_UTF8_MARK):
        return Loaded(data, said)
    if codec == "utf-8" and not decoded.findings:
        return Loaded(data, said)
    return Loaded(_UTF8_MARK + data.decode(codec, "replace").encode(), (*said, *decoded.findings))


def _reversed(header: str, most: int) -> Iterator[str]:
    """Yield the codings of a header, the last first, for they were applied in order (RFC 9110, 8.4)."""
    names = [name for part in header.split(",") if (name := part.strip().lower()) not in _AS_IT_IS]
    if len(names) > most:
        raise UnreadableInputError(f"this page was encoded {len(names)} times; {most} is what is undone")
    return reversed(names)


def _undone(data: bytes, coding: str) -> _Undone:
    if coding == "chunked":
        return _joined(data)
    if coding in ("gzip", "x-gzip"):
        return _first_of(data, (_GZIP,))
    if coding == "deflate":
        return _first_of(data, (_ZLIB, _RAW))
    if coding == "br":
        return _brotli(data)
    raise UnreadableInputError(f"this page is encoded as {coding[:40]!r}, which is not known")


def _joined(data: bytes) -> _Undone:
    """Return chunks joined (RFC 9112, 7.1)."""
    pieces: list[bytes] = []
    place = 0
    while (size := _CHUNK.match(data, place)) is not None:
        start, length = size.end(), int(size[1], 16)
        if not length:
            return _Undone(b"".join(pieces))
        pieces.append(data[start : start + length])
        place = start + length
        place += 2 if data.startswith(b"\r\n", place) else 1 if data.startswith(b"\n", place) else 0
    return _Undone(b"".join(pieces), is_cut=True) if pieces else _Undone(data)


def _first_of(data: bytes, wrappers: tuple[int, ...]) -> _Undone:
    """Return what was deflated in the first of some forms that fits; what fits none was undone before it was written."""
    for wrapper in wrappers:
        with contextlib.suppress(DamagedError):
            return _inflated(data, wrapper)
    return _Undone(data)


def _inflated(data: bytes, wrapper: int) -> _Undone:
    """Return what was deflated, in one or several members; where it is damaged, what stands before that.

    Raises DamagedError where nothing does, and UnreadableInputError where it is too much.
    """
    made = bytearray()
    place, members = 0, 0
    inflate = zlib.decompressobj(wrapper)
    while place < len(data):
        piece = data[place : place + _BLOCK]
        place += len(piece)
        try:
            made += inflate.decompress(piece, MAX_BODY + 1 - len(made))
        except zlib.error as error:
            if not made:
                raise DamagedError(str(error)) from error
            return _Undone(bytes(made), is_cut=True)
        if len(made) > MAX_BODY:
            raise UnreadableInputError(too_large())
        if inflate.eof:
            place -= len(inflate.unused_data)
            members += 1
            if wrapper != _GZIP or members == _MAX_MEMBERS or not data.startswith(_GZIP_MARK, place):
                break
            inflate = zlib.decompressobj(wrapper)
    return _Undone(bytes(made), is_cut=not inflate.eof or data.startswith(_GZIP_MARK, place))


def _brotli(data: bytes) -> _Undone:
    from fastwarc.stream_io import BrotliReader  # noqa: PLC0415 - an extra

    made = bytearray()
    reader = BrotliReader(io.BytesIO(data))
    try:
        while len(made) <= MAX_BODY:
            with guarded("no Brotli"):
                piece = reader.read(_BLOCK)
            if not piece:
                return _Undone(bytes(made))
            made += piece
    except DamagedError:
        return _Undone(bytes(made), is_cut=True) if made else _Undone(data)
    raise UnreadableInputError(too_large())
