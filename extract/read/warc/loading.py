"""Reading one page of an archive, at the place that is known of it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from extract.catalogue import finding
from extract.errors import UnreadableInputError
from extract.read.warc import payload, record
from extract.read.warc.record import MAX_BODY, MAX_HEADER, Loaded, Record
from extract.read.warc.stream import DamagedError, entries, guarded

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_BLOCK = 65_536
# More digits than the size of any page has; a number of thousands of them is none that Python reads.
_DIGITS = 15
_CHANGED = "the archive is not what it was when this run began"


def load(archive: str, place: Record) -> Loaded:
    """Return the page at a place of an archive. Raises UnreadableInputError, with archive and offset, where it cannot be read."""
    found = next(load_each(archive, (place,)))
    if isinstance(found, UnreadableInputError):
        raise found
    return found


def load_each(archive: str, places: Sequence[Record]) -> Iterator[Loaded | UnreadableInputError]:
    """Yield the page at each of some places of one compressed member, which are in order, or why it cannot be read.

    The member is gone through once, and one page is held at a time.
    """
    wanted = deque(places)
    problem = _CHANGED
    try:
        with open(archive, "rb") as file:  # noqa: PTH123 - as for all documents
            for entry in entries(file, wanted[0].offset):
                if entry.record is None or entry.offset != wanted[0].offset:
                    break
                if entry.index == wanted[0].index:
                    yield _loaded(entry.record, archive, wanted.popleft())
                    if not wanted:
                        return
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    for place in wanted:
        yield _failed(archive, place, problem)


def _loaded(one: WarcRecord, archive: str, place: Record) -> Loaded | UnreadableInputError:
    try:
        parse(one)
        if one.http_headers.status_code != 200:
            return _failed(archive, place, _CHANGED)
        data = bytearray()
        for piece in body(one):
            data += piece
            if len(data) > MAX_BODY:
                return _failed(archive, place, payload.too_large())
        headers = one.http_headers
        transfer, content = (",".join(headers.get_multiple(name)) for name in ("Transfer-Encoding", "Content-Encoding"))
        label = record.charset(headers.get_bytes(b"Content-Type"))
        page = payload.page(bytes(data), transfer, content, label)
    except (DamagedError, UnreadableInputError) as error:
        return _failed(archive, place, str(error))
    announced = headers.get("Content-Length") or ""
    missing = not (transfer or content) and announced.isdecimal() and int(announced[:_DIGITS]) > len(data)
    why = place.cut or ("the server announced more bytes" if missing else "")
    if why and not any(one.code == "page-cut" for one in page.findings):
        message = f"the end of this page is missing in the archive ({why}); what stands before it was read"
        return Loaded(page.data, (finding("page-cut", message), *page.findings))
    return page


def _failed(archive: str, place: Record, problem: str) -> UnreadableInputError:
    # Without its folder, which is of one machine.
    name = os.path.basename(archive)  # noqa: PTH119 - Python keeps the parts of each path
    return UnreadableInputError(f"{problem} ({name}, record at byte {place.offset:,})")


def parse(one: WarcRecord) -> None:
    """Read the header of a response. Raises DamagedError for one that is none, or that is larger than it may be."""
    with guarded(f"the header of this response is none, or has more than {MAX_HEADER:,} bytes"):
        one.parse_http(max_header_len=MAX_HEADER)


def body(one: WarcRecord) -> Iterator[bytes]:
    """Yield the body of a record in pieces. Raises DamagedError where it is damaged."""
    while True:
        with guarded("this record is damaged"):
            piece = one.reader.read(_BLOCK)
        if not piece:
            return
        yield piece
