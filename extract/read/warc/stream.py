"""The records of an archive, one after the other, each with its place; and what is damaged in the archive.

The library fastwarc reads records. What is compressed is taken apart here, for its readers do not say where a member begins that holds
several records, and stop for good at the first one that is damaged (ISO 28500, annex D: a member holds one record).
"""

from __future__ import annotations

import contextlib
import io
import os
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol

import msgspec

from extract.errors import UsageError
from extract.read.warc.record import MAX_HEADER

if TYPE_CHECKING:
    from fastwarc.warc import ArchiveIterator, WarcRecord

_GZIP = b"\x1f\x8b"
_DEFLATED = b"\x1f\x8b\x08"
_BEGIN = b"WARC/"
_HEADER_END = b"\r\n\r\n"
# The wrapper of RFC 1952.
_WBITS = 31
_BLOCK = 65_536
# A header of a member may hold names and comments; what is longer than this is not looked for behind a damage.
_MEMBER_HEADER = 1_024
# Members may be made so that each is long and damaged, and holds the beginning of the next one.
_MAX_DAMAGES = 1_000

CUT = "the archive ends within this record"


class Entry(msgspec.Struct, frozen=True):
    """A record of an archive, or what is wrong at its place. It can be read until the next one is asked for."""

    offset: int
    # Which record of the compressed member at the offset it is.
    index: int = 0
    record: WarcRecord | None = None
    problem: str = ""


class DamagedError(Exception):
    """The bytes at a place of an archive are no record."""


class _Stream(Protocol):
    """What fastwarc reads records from."""

    def read(self, size: int = -1) -> bytes: ...
    def seek(self, offset: int, whence: int = 0) -> int: ...
    def tell(self) -> int: ...
    def close(self) -> None: ...


def entries(file: BinaryIO, offset: int = 0) -> Iterator[Entry]:
    """Yield the records of an archive from an offset on, where a record or a member begins.

    What is damaged in a compressed archive costs its member. Without compression the place of the next record is not known any more: a page
    may hold what looks like one, so that the rest is given up. Raises UsageError where the library is not installed.
    """
    file.seek(offset)
    begin = file.read(len(_BEGIN))
    # Where the bytes are neither, only the name says what was meant.
    compressed = begin.startswith(_GZIP) or (begin != _BEGIN and str(file.name).lower().endswith(".gz"))
    file.seek(offset)
    return _of_members(file, offset) if compressed else _plain(file, offset)


def _plain(file: BinaryIO, offset: int) -> Iterator[Entry]:
    place, size = offset, -1
    try:
        for record in _records(file):
            place, size = record.stream_pos, record.content_length
            yield Entry(place, 0, record)
    except DamagedError as error:
        behind = "" if size < 0 else "behind the record that begins here, "
        yield Entry(place, problem=f"{behind}{error}; the rest of the archive was not read")
    else:
        if size < 0 or _is_cut(file, place, size):
            yield Entry(place, problem=CUT if size >= 0 else "the archive is empty")


def _is_cut(file: BinaryIO, offset: int, size: int) -> bool:
    """Return whether a file ends within the record at an offset, which says that it has so many bytes behind its header."""
    file.seek(offset)
    end = file.read(MAX_HEADER).find(_HEADER_END)
    return end < 0 or offset + end + len(_HEADER_END) + size > file.seek(0, os.SEEK_END)


def _of_members(file: BinaryIO, offset: int) -> Iterator[Entry]:
    damages = 0
    while offset >= 0:
        member = _Member(file, offset)
        index = 0
        problem = ""
        try:
            for record in _records(member):
                yield Entry(offset, index, record)
                index += 1
            if not index:
                problem = "this compressed member holds no record"
        except DamagedError as error:
            problem = str(error)
        end = member.drain()
        if member.is_cut:
            problem = CUT
        damages += end is None
        if damages > _MAX_DAMAGES:
            yield Entry(offset, problem=f"behind {_MAX_DAMAGES:,} damaged members, the rest of the archive was not read")
            return
        if problem:
            yield Entry(offset, problem=problem)
        # Where a damaged member ends nobody knows. A damage is noticed soon: what was read long before that is not searched again.
        found = _next_member(file, max(offset + 1, member.taken - 2 * _BLOCK) if end is None else end)
        if end is not None and found != end and not _is_padding(file, end):
            yield Entry(end, problem="the bytes here are no compressed member")
        offset = found


def _records(stream: BinaryIO | _Stream) -> Iterator[WarcRecord]:
    """Yield the records of a stream. Raises DamagedError where there is none."""
    iterator = _library()(stream, parse_http=False, stream_detect=False, max_header_len=MAX_HEADER)
    while True:
        with guarded("no record of a web archive (WARC) begins here"):
            record = next(iterator, None)
        if record is None:
            return
        yield record


@contextlib.contextmanager
def guarded(otherwise: str) -> Iterator[None]:
    """Make a DamagedError, with words of ours, of what the library and zlib raise about bytes."""
    try:
        yield
    except (OSError, ValueError, zlib.error) as error:
        raise DamagedError(otherwise) from error
    except BaseException as error:
        # What a library in Rust did not expect; it is no Exception (pyo3, PanicException).
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedError(otherwise) from error


class _Member:
    """The bytes of one compressed member, as a file that is read once."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        # Whether the file ends within it, and how far the file was read.
        self.is_cut = False
        self.taken = offset
        self._file = file
        self._inflate = zlib.decompressobj(_WBITS)
        self._given = 0
        file.seek(offset)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end of the member or of the file. Raises zlib.error where they are damaged."""
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail
            if not data:
                data = self._file.read(_BLOCK)
                self.taken += len(data)
            made = self._inflate.decompress(data, size if size > 0 else _BLOCK)
            if made:
                self._given += len(made)
                return made
            if not data:
                self.is_cut = True
                break
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation("a compressed member is read from its beginning to its end")

    def tell(self) -> int:
        return self._given

    def close(self) -> None:
        """Leave the file open, for other members stand in it."""

    def drain(self) -> int | None:
        """Go to the end of the member and return its offset in the file; None where it is damaged or the file ends."""
        try:
            while self.read():
                pass
        except zlib.error:
            return None
        return self.taken - len(self._inflate.unused_data) if self._inflate.eof else None


def _next_member(file: BinaryIO, offset: int) -> int:
    """Return where the next member begins that holds a record, -1 when there is none."""
    file.seek(offset)
    window = b""
    while True:
        data = file.read(_BLOCK)
        window += data
        # The last bytes are looked at again with those that follow them, unless there are none.
        last = len(window) - _MEMBER_HEADER if data else len(window)
        place = window.find(_DEFLATED)
        while 0 <= place < last:
            if _begins_record(window[place : place + _MEMBER_HEADER]):
                return offset + place
            place = window.find(_DEFLATED, place + 1)
        if not data:
            return -1
        offset += max(last, 0)
        window = window[max(last, 0) :]


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(_WBITS).decompress(data, len(_BEGIN)) == _BEGIN
    except zlib.error:
        return False


def _is_padding(file: BinaryIO, offset: int) -> bool:
    """Return whether a file holds nothing but zeros from an offset on, as tapes and block devices add them."""
    file.seek(offset)
    return not any(data.strip(b"\0") for data in iter(lambda: file.read(_BLOCK), b""))


def _library() -> type[ArchiveIterator]:
    """Return what reads archives. Raises UsageError, with what to install, where it is not there."""
    try:
        from fastwarc.warc import ArchiveIterator  # noqa: PLC0415 - an extra, and most runs read no archive
    except ImportError as error:
        raise UsageError("web archives are read with the library fastwarc, which is not installed; pip install 'docrules[warc]'") from error
    return ArchiveIterator
