"""What archives hold: their pages and where those stand, found in one pass over each, which keeps none of them."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from extract.read import formats
from extract.read.warc import loading, record, urls
from extract.read.warc.record import MAX_BODY, Record
from extract.read.warc.stream import CUT, DamagedError, Entry, entries, guarded
from extract.regex import late

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

# So many places of an archive are named that cannot be read.
_PLACES = 3
# What records that are no response of a web server are counted under, by their type. Questions and descriptions are no pages.
_OTHERS = {"request": "", "metadata": "", "warcinfo": "", "revisit": record.REVISIT}
# What a response is, by its media type -> the suffix of its document; of plain text, as for files, the suffix of its name decides.
_SUFFIXES = {
    "text/html": urls.HTML,
    "application/xhtml+xml": urls.HTML,
    "text/markdown": urls.MARKDOWN,
    "text/x-markdown": urls.MARKDOWN,
    "text/plain": urls.MARKDOWN,
}
# Plain text with the suffix of another format is no Markdown, whether that format is read from files or not.
_OTHER_FORMATS = frozenset(formats.ADVICE) | formats.SUFFIXES - formats.HTML_SUFFIXES - formats.MARKDOWN_SUFFIXES
# ISO 28500, 5.4: a time in UTC, to the second or finer.
_DATE = late(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)Z")
# Why a crawler did not keep all of a page: length, time, disconnect, unspecified.
_REASON = late(r"[a-z]{1,20}")


class Listed(msgspec.Struct, frozen=True, gc=False):
    """A page of an archive."""

    archive: str
    path: str
    record: Record


class Listing(msgspec.Struct, frozen=True):
    """What archives hold: their pages, what cannot be read of which archive, and how many responses are no documents, by why."""

    pages: tuple[Listed, ...]
    problems: dict[str, str]
    passed: Counter[str]


class _Known(msgspec.Struct, frozen=True, gc=False):
    """A page with what decides between two of them."""

    date: str
    digest: bytes
    page: Listed


def listing(archives: Iterable[str], *, distinct: bool = True, progress: Callable[[int, int], None] | None = None) -> Listing:
    """Return what archives hold, by one pass over each.

    Of an address that was fetched several times the newest response counts (WARC-Date). Pages with the same bytes are read once in a folder
    of a host: they differ in a query or a suffix there, while the same page of two releases is two pages. Without `distinct` all of them
    are listed. `progress` is called at each record with the number of bytes done and of all. Raises UsageError where the library is not
    installed.
    """
    ordered = sorted(set(archives))
    way = _Way(ordered, progress)
    known: dict[str, _Known] = {}
    problems: dict[str, str] = {}
    passed: Counter[str] = Counter()
    # The order decides nothing, for what is the same differs in nothing that is published.
    for archive in ordered:
        wrong = _Problems()
        try:
            with open(archive, "rb") as file:  # noqa: PTH123 - as for all documents
                for one in _pages(archive, file, wrong, passed, way):
                    _keep(one, known, passed)
        except OSError as error:
            problems[archive] = f"cannot be read: {error.strerror or error}"
        if wrong.count:
            problems[archive] = str(wrong)
        way.end(archive)
    kept = _distinct(known.values(), passed) if distinct else known.values()
    return Listing(tuple(sorted((one.page for one in kept), key=lambda page: page.path)), problems, passed)


class _Way:
    """How far a pass has come through archives, in bytes."""

    def __init__(self, archives: Iterable[str], progress: Callable[[int, int], None] | None) -> None:
        self._progress = progress
        # One that cannot be looked at cannot be read either.
        self._sizes = {archive: os.path.getsize(archive) if os.path.isfile(archive) else 0 for archive in archives}  # noqa: PTH113, PTH202
        self._all = sum(self._sizes.values())
        self._before = 0

    def at(self, offset: int) -> None:
        """Tell that the archive that is gone through is read up to an offset."""
        if self._progress is not None:
            self._progress(self._before + offset, self._all)

    def end(self, archive: str) -> None:
        """Tell that an archive is done."""
        self._before += self._sizes[archive]
        self.at(0)


class _Problems:
    """What is wrong in an archive: how many places there are, and the first of them in words."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []
        self._last = -1

    def add(self, offset: int, problem: str) -> None:
        """Take a place. A record that breaks off is told of twice: where it is read, and where the archive ends."""
        if offset == self._last:
            return
        self._last = offset
        self.count += 1
        if len(self._first) < _PLACES:
            self._first.append(f"at byte {offset:,}: {problem}")

    def __str__(self) -> str:
        more = f"; and {self.count - _PLACES:,} more places" if self.count > _PLACES else ""
        return f"something in this archive cannot be read: {'; '.join(self._first)}{more}"


def _keep(one: _Known, known: dict[str, _Known], passed: Counter[str]) -> None:
    """Take a page for its address, unless what was taken for it already is newer or the same."""
    identity = formats.identity(one.page.path)
    other = known.setdefault(identity, one)
    if other is one:
        return
    passed[record.DUPLICATE if other.digest == one.digest else record.COPY] += 1
    if (one.date, one.digest) > (other.date, other.digest):
        known[identity] = one


def _distinct(pages: Iterable[_Known], passed: Counter[str]) -> Iterable[_Known]:
    """Return pages without those that another one in their folder is the same as: the one with the shortest path stands for them."""
    found: dict[tuple[str, str, bytes], _Known] = {}
    for one in sorted(pages, key=lambda page: (len(page.page.path), page.page.path)):
        path = one.page.path
        folder = path.partition("/")[2].rpartition("/")[0]
        if found.setdefault((urls.host_of(path), folder, one.digest), one) is not one:
            passed[record.DUPLICATE] += 1
    return found.values()


def _pages(archive: str, file: BinaryIO, wrong: _Problems, passed: Counter[str], way: _Way) -> Iterator[_Known]:
    """Yield the pages of an archive; into `wrong` goes what is wrong where, into `passed` how many responses are none."""
    for entry in entries(file):
        way.at(entry.offset)
        try:
            with guarded("this record is damaged"):
                found = _page(archive, entry, entry.record) if entry.record is not None else entry.problem
        except DamagedError as error:
            found = str(error)
        if isinstance(found, _Known):
            yield found
        elif found in record.WORDS:
            passed[found] += 1
        elif found:
            wrong.add(entry.offset, found)


def _page(archive: str, entry: Entry, one: WarcRecord) -> _Known | str:
    """Return the page in a record, or why there is none: what it is counted under, else in words; empty for what is none."""
    kind = _header(one, b"WARC-Type").lower()
    if kind != "response" or not one.is_http:
        return _OTHERS.get(kind, record.KIND)
    loading.parse(one)
    if one.http_headers.status_code != 200:
        return record.STATUS
    url = urls.normal(one.headers.get_bytes(b"WARC-Target-URI") or b"")
    if url is None:
        return record.URL
    written = one.http_headers.get_bytes(b"Content-Type")
    suffix = _suffix(record.media_type(written) or record.media_type(one.headers.get_bytes(b"WARC-Identified-Payload-Type")), url)
    if not suffix:
        return record.TYPE
    digest = _digest(one, written or b"")
    if digest is None:
        return CUT
    place = Record(entry.offset, entry.index, _cut(one))
    date = _DATE.fullmatch(_header(one, b"WARC-Date"))
    return _Known(date[1] if date else "", digest, Listed(archive, urls.path_of(url, suffix), place))


def _cut(one: WarcRecord) -> str:
    """Return the field of a record that says that more belongs to its page, empty when none does (ISO 28500, 5.13 and 7)."""
    if reason := _header(one, b"WARC-Truncated"):
        return f"WARC-Truncated: {reason}" if _REASON.fullmatch(reason) else "WARC-Truncated"
    return "WARC-Segment-Number" if _header(one, b"WARC-Segment-Number") else ""


def _digest(one: WarcRecord, written: bytes) -> bytes | None:
    """Return the digest of a page with what its header says of its encodings; None for a record that ends before it should.

    That which the archive states is not taken: whoever writes another one there makes a page disappear.
    """
    coding = one.http_headers.get_bytes(b"Content-Encoding") or b""
    size, length = 0, one.content_length
    digest = hashlib.blake2b(b"%b\n%b\n%d\n" % (written, coding, length), digest_size=16)
    for piece in loading.body(one):
        digest.update(piece)
        size += len(piece)
        # It will not be read, and what stands behind that decides nothing.
        if size > MAX_BODY:
            return digest.digest()
    return digest.digest() if size == length else None


def _header(one: WarcRecord, name: bytes) -> str:
    return (one.headers.get_bytes(name) or b"").decode("latin-1").strip()


def _suffix(media_type: str, url: str) -> str:
    """Return the suffix of a document, empty for what is none."""
    suffix = _SUFFIXES.get(media_type, "")
    name = formats.suffix_of(url.partition("?")[0].partition("://")[2].partition("/")[2])
    if media_type == "text/plain" and name in formats.HTML_SUFFIXES:
        return urls.HTML
    return "" if media_type == "text/plain" and name in _OTHER_FORMATS else suffix
