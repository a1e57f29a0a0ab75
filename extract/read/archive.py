"""Saved web pages (MHTML, RFC 2557) and mail: the HTML part of a message, decoded, with the lines of the file that its tags stand in.

Browsers save a page with its pictures as one message. The page is its first HTML part, most often quoted-printable, where a long line of
the page is several lines of the file (RFC 2045, 6.7). A mark in the page keeps the place of each line of the file.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import accumulate, pairwise

import msgspec

from extract.catalogue import finding
from extract.errors import UnreadableInputError
from extract.model import Finding
from extract.read import decode
from extract.read.formats import SUFFIXES, suffix_of
from extract.regex import late

# Mail programs nest three deep.
_MAX_DEPTH = 10
# A finding names so many attachments, by so much of their names.
_NAMED = 5
_NAME_CHARS = 80
# Marks where a line of the file begins in the page: the unit separator, which readers never see.
_MARK = "\x1f"
# Before a tag and behind a line end no character is cut in two, in any encoding that ASCII is a part of.
_BETWEEN = late(rb"(?=<)|(?<=\n)")
_PLAIN = frozenset({"7bit", "8bit", "binary"})


class _Part(msgspec.Struct, frozen=True):
    """A part of a message: what its header says, and the lines of its body."""

    header: Message
    first: int
    last: int


def read(data: bytes) -> decode.Decoded:
    """Return the text of the page in a message. Raises UnreadableInputError, with what to do, for a message without one."""
    lines = [*_lines(data)]
    pages = list(_pages(lines, _part(lines, 0, len(lines)), 0))
    if not pages:
        raise UnreadableInputError("this is a saved page or a message without an HTML part; save what it says as HTML or Markdown")
    page, *frames = pages
    body = [*_decoded(page, lines)]
    if any(b"\0" in piece for piece in body):
        raise UnreadableInputError("the HTML part of this saved page is UTF-16 or no text; save the page as HTML in UTF-8")
    text = decode.decode(_marked(body), page.header.get_content_charset())
    found = list(text.findings)
    tables = sum(_may_hold_tables(frame, lines) for frame in frames)
    if tables:
        message = f"{tables} of the frames of this saved page hold tables, and only the page itself was read; save each frame as a page"
        found.append(finding("frames-not-read", message, line=frames[0].first + 1))
    attached = [*dict.fromkeys(_attached(lines, _part(lines, 0, len(lines)), 0, page))]
    if attached:
        more = f" and {len(attached) - _NAMED} more" if len(attached) > _NAMED else ""
        message = f"{', '.join(map(repr, attached[:_NAMED]))}{more} {'is' if len(attached) == 1 else 'are'} attached and not read; save"
        found.append(
            finding("attachments-not-read", f"{message} {'it' if len(attached) == 1 else 'them'} as files, and read these", line=1)
        )
    return _placed(text, page.first, found)


def _attached(lines: Sequence[bytes], part: _Part, depth: int, page: _Part) -> Iterator[str]:
    """Yield the names of the attachments of a part that may be documents, but for the page that is read, and of the messages in it."""
    kind = part.header.get_content_type()
    name = part.header.get_filename()
    if kind == "message/rfc822":
        yield (name or "a message")[:_NAME_CHARS]
    elif name is not None and suffix_of(name) in SUFFIXES and (kind != "text/html" or _is_attachment(part)) and part.first != page.first:
        yield name[:_NAME_CHARS]
    elif depth <= _MAX_DEPTH:
        for inner in _parts(lines, part):
            yield from _attached(lines, inner, depth + 1, page)


def _is_attachment(part: _Part) -> bool:
    """Return whether a page is beside the message; other pages in it are frames. Programs show documents in the message, too."""
    return part.header.get_content_disposition() == "attachment"


def _may_hold_tables(frame: _Part, lines: Sequence[bytes]) -> bool:
    try:
        return b"<table" in b"".join(_decoded(frame, lines)).lower()
    except UnreadableInputError:
        # The encoding is not known.
        return True


def _lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines of a file with their line feeds. A stray carriage return does not end a line."""
    pieces = data.split(b"\n")
    yield from (piece + b"\n" for piece in pieces[:-1])
    if pieces[-1]:
        yield pieces[-1]


def _part(lines: Sequence[bytes], first: int, last: int) -> _Part:
    """Return the part that stands in lines of a file: a header, an empty line, a body."""
    size = 0
    for number in range(first, last):
        size += len(lines[number])
        if not lines[number].strip(b"\r\n") or size > decode.MAX_HEADER:
            return _Part(BytesHeaderParser().parsebytes(b"".join(lines[first:number])), number + 1, last)
    return _Part(Message(), last, last)


def _pages(lines: Sequence[bytes], part: _Part, depth: int) -> Iterator[_Part]:
    """Yield the HTML parts of a part, in order. Raises UnreadableInputError where one has no end: the file was cut off."""
    if part.header.get_content_type() == "text/html":
        yield part
    if depth > _MAX_DEPTH:
        return
    mark, ends = _boundaries(lines, part)
    for inner in _parts(lines, part):
        yield from _pages(lines, inner, depth + 1)
    if ends and lines[ends[-1]].rstrip() == mark and any(_pages(lines, _part(lines, ends[-1] + 1, part.last), depth + 1)):
        raise UnreadableInputError("this saved page is cut off: the end of its HTML part is missing; save it again")


def _boundaries(lines: Sequence[bytes], part: _Part) -> tuple[bytes, list[int]]:
    """Return what begins each part of a part, and the lines where one begins or the last one ends (RFC 2046, 5.1.1)."""
    boundary = part.header.get_boundary()
    if not part.header.get_content_type().startswith("multipart/") or not boundary:
        return b"", []
    mark = b"--" + boundary.encode("ascii", "replace").rstrip()
    return mark, [number for number in range(part.first, part.last) if lines[number].rstrip() in (mark, mark + b"--")]


def _parts(lines: Sequence[bytes], part: _Part) -> Iterator[_Part]:
    """Yield the parts of a part that have an end."""
    mark, ends = _boundaries(lines, part)
    return (_part(lines, begin + 1, end) for begin, end in pairwise(ends) if lines[begin].rstrip() == mark)


def _decoded(part: _Part, lines: Sequence[bytes]) -> Iterator[bytes]:
    """Yield what each line of the body of a part stands for. Raises UnreadableInputError for an unknown encoding."""
    encoding = str(part.header.get("content-transfer-encoding", "7bit")).strip().lower()
    body = lines[part.first : part.last]
    if encoding in _PLAIN:
        yield from body
    elif encoding == "quoted-printable":
        # Blanks at the end of a line were added on the way (RFC 2045, 6.7, rule 3).
        yield from (binascii.a2b_qp(line.rstrip() + (b"\n" if line.endswith(b"\n") else b"")) for line in body)
    elif encoding == "base64":
        yield from _from_base64(body)
    else:
        raise UnreadableInputError(f"the HTML part of this saved page is encoded as {encoding[:40]!r}, which is not known; save it as HTML")


def _from_base64(body: Sequence[bytes]) -> Iterator[bytes]:
    left = b""
    for line in body:
        signs = left + re.sub(rb"[^A-Za-z0-9+/]", b"", line)
        whole = len(signs) - len(signs) % 4
        left = signs[whole:]
        yield base64.b64decode(signs[:whole])
    if len(left) > 1:
        yield base64.b64decode(left + b"=" * (4 - len(left)))


def _marked(body: Sequence[bytes]) -> bytes:
    """Return a page with a mark for each line of the file, at the line's beginning or behind it before the next tag."""
    out: list[bytes] = []
    mark, pending, fresh = _MARK.encode(), 0, True
    # In ISO-2022 an escape changes the meaning of bytes, so bytes that look like a tag may be text. The line end resets it (RFC 1468).
    whole = any(b"\x1b" in piece for piece in body)
    for number, line in enumerate(body):
        piece = line.replace(mark, b" ") if number else line.replace(mark, b" ").removeprefix(codecs.BOM_UTF8)
        pending += 1
        found = _BETWEEN.search(piece) if not (fresh or whole) else None
        place = 0 if fresh else found.start() if found else None
        if place is None:
            out.append(piece)
        else:
            out += piece[:place], mark * pending, piece[place:]
            pending = 0
        fresh = piece.endswith(b"\n") or (fresh and not piece)
    return b"".join(out)


def _placed(decoded: decode.Decoded, first: int, found: Sequence[Finding]) -> decode.Decoded:
    """Return a page without marks, with the lines of the file; the body begins behind so many lines."""
    pieces = decoded.text.split(_MARK)
    # The first mark stands at the beginning.
    starts = list(accumulate(map(len, pieces[1:]), initial=0))[:-1] if len(pieces) > 1 else [0]
    text = "".join(pieces)
    places = decode.Places(tuple(starts), first)
    lines, offset = [], 0
    for line in text.split("\n"):
        lines.append(places.line(offset))
        offset += len(line) + 1
    return decode.Decoded(text, decoded.encoding, tuple(lines), tuple(found), places)
