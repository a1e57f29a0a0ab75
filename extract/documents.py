"""What one document gives: from its bytes, its file or the cache, and what is said where it cannot be read or its process died."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from extract import pipeline
from extract.cache import Cache
from extract.catalogue import finding
from extract.check.part import Part, part_of
from extract.check.stated import Result
from extract.errors import UnreadableInputError, UsageError
from extract.interpret.wordless import is_wordless
from extract.model import Document, Finding, Origin
from extract.read import decode, read
from extract.read.formats import kind_of
from extract.read.kinds.registry import BY_NAME
from extract.read.sources import Source
from extract.read.warc.record import Loaded
from extract.regex import late

_KINDS = (None, *BY_NAME)
# Half a character of UTF-16, which Python's text can hold and no encoding of a file can.
_SURROGATE = late("[\ud800-\udfff]")
_UTF8_MARK = b"\xef\xbb\xbf"


class Way(NamedTuple):
    """How documents are read: the cache, and whether documents without a word for rules are skipped."""

    cache: Cache | None
    only_rules: bool


def map_document(
    data: bytes,
    path: str,
    *,
    kind: str | None = None,
    origin: Origin | None = None,
    cache: Cache | None = None,
    found: tuple[Finding, ...] = (),
    only_rules: bool = False,
) -> Part:
    """Return what one document gives, packed, for `assemble`: from any thread, process or machine.

    `path` and `kind` are as for `extract_text`; `origin` is what is known about the document from outside, as
    `Manifest.origin_of` returns it for the path. Raises UsageError for an invalid path or kind, but never for the content of a document:
    a problem of the document, or a bug of this program, is a finding of the part. The cache does not keep a failed document.
    Nor does it keep a document with findings about its bytes (`found`), because the bytes alone are its key.

    With `only_rules`, a document whose bytes hold no word for ports, ICMP or a protocol is not read; its finding says so.
    """
    if kind not in _KINDS:
        raise UsageError(f"{kind!r} is no kind of document; kind is {', '.join(map(repr, BY_NAME))} or None")
    check_path(path)
    data = _bytes(data)
    make = partial(_parse, path, data, kind, origin, found)
    # A defect in one document must not take the others with it.
    try:
        # The end of a page of which something was found may be missing, and the words with it.
        if only_rules and not found and _is_wordless(data, path, kind):
            return _passed_over(path, data, origin)
        return make() if cache is None or found else cache.get_or_make(path, kind, data, make, origin)
    except UnreadableInputError as error:
        return _failed(path, data, origin, finding("unreadable-document", str(error)))
    except Exception as error:  # noqa: BLE001 - any document may be an attack; the finding names the defect
        return _failed(path, data, origin, _defect(error))


def map_each(sources: Sequence[Source], way: Way) -> list[Part]:
    """Do the work of one call of a process."""
    return [map_source(source, way) for source in sources]


def of_lost(source: Source) -> Part:
    """Return what is known of a document whose process died."""
    message = "the process that read this document ended, twice: memory ran out, or a library failed; the document was left out"
    return _failed(source.path, b"", source.origin, finding("process-died", message))


def kept(source: Source, cache: Cache, only_rules: bool) -> Part | None:
    """Return what the cache holds for a file. What can be read only once, a pipe say, is left to `map_source`."""
    try:
        if source.file is None or not os.path.isfile(source.file):  # noqa: PTH113 - a Path for each of a thousand files takes its time
            return None
        loaded = source.loaded()
        # What was found on the way to its bytes is not kept, see `map_document`.
        part = cache.get(source.path, None, loaded.data, source.origin) if not loaded.findings else None
    except (OSError, UnreadableInputError):
        return None
    if part is not None and only_rules and _is_wordless(loaded.data, source.path):
        # It was kept by a run that read it, and what a run gives does not depend on the cache.
        cache.hits -= 1
        return _passed_over(source.path, loaded.data, source.origin)
    return part


def map_source(source: Source, way: Way) -> Part:
    """Return what a document gives: its file is read here."""
    try:
        # Python sets a stream that was closed when it started to None.
        if source.file is None and sys.stdin is None:
            raise UnreadableInputError("cannot be read: standard input is closed")
        return of_loaded(source, source.loaded(), way)
    except UnreadableInputError as error:
        return of_loaded(source, error, way)
    except Exception as error:  # noqa: BLE001 - a file may be larger than memory
        return _failed(source.path, b"", source.origin, _defect(error))


def _defect(error: Exception) -> Finding:
    message = f"{type(error).__name__}: {error}. This is a defect of the program; the document was left out"
    return finding("internal-error", _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", message))


def of_loaded(source: Source, loaded: Loaded | UnreadableInputError, way: Way) -> Part:
    """Return what a document gives whose bytes were read, or could not be."""
    if isinstance(loaded, UnreadableInputError):
        return _failed(source.path, b"", source.origin, finding("unreadable-document", str(loaded)))
    found, (cache, only_rules) = loaded.findings, way
    return map_document(loaded.data, source.path, origin=source.origin, cache=cache, found=found, only_rules=only_rules)


def _parse(path: str, data: bytes, kind: str | None, origin: Origin | None, found: tuple[Finding, ...]) -> Part:
    result = pipeline.read_page(read(data, path, kind, origin, prose=False))
    # Packing fails on text that no file can hold. If it fails here, only one document is lost, and not the whole output.
    return part_of(msgspec.structs.replace(result, findings=(*found, *result.findings)) if found else result)


def _is_wordless(data: bytes, path: str, kind: str | None = None) -> bool:
    """Return whether the bytes of a document hold no word for ports, ICMP or a protocol. Of other kinds, bytes may be no words."""
    known = kind_of(path, kind)
    return not (known is not None and known.module) and is_wordless(data)


def _passed_over(path: str, data: bytes, origin: Origin | None) -> Part:
    message = "its bytes hold no word for ports, ICMP or a protocol, so this document was not read (--only-rules)"
    return _failed(path, data, origin, finding("document-not-read", message))


def _failed(path: str, data: bytes, origin: Origin | None, found: Finding) -> Part:
    """Return a document of which nothing is known but its path and its bytes. It cannot fail: the path has been checked."""
    document = msgspec.structs.replace(_by_path(path, origin), sha256=hashlib.sha256(data).hexdigest())
    return part_of(Result(document, findings=(found,)))


def unread(source: Source) -> Document:
    """Return what is known of a document that was not read: at least vendor, product and release, which give its scope."""
    return _by_path(source.path, source.origin)


def _by_path(path: str, origin: Origin | None) -> Document:
    return read(b"", path, origin=origin).document


def _bytes(data: object) -> bytes:
    """Return the bytes of a document. Raises UsageError for what holds none: the path of a file, say."""
    if isinstance(data, bytes):
        return data
    if not isinstance(data, (bytearray, memoryview)):
        raise UsageError(f"a document is given as text or bytes, and this is {type(data).__name__}; extract_paths reads files")
    return bytes(data)


def check_path(path: object) -> None:
    """Raise UsageError for what cannot be the path of a document in the data."""
    parts = path.split("/") if isinstance(path, str) else ()
    if not isinstance(path, str) or not set(parts) - {"", "."} or path.startswith("/") or ".." in parts or _SURROGATE.search(path):
        raise UsageError(f"{path!r} cannot be the path of a document in the data: that is relative, names a file and holds no ..")


def encode(text: str) -> bytes:
    """Return the bytes of a text that are read as this text."""
    data = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()
    # The encoding that a page declares is that of the bytes which the text was decoded from; a byte order mark outranks it.
    return data if decode.decode(data).encoding == "utf-8" else _UTF8_MARK + data
