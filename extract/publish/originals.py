"""Read the documents of a run again, only if they are still the same as when they were extracted."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from extract.errors import DocrulesError, UnreadableInputError
from extract.model import Document
from extract.read.pack.record import Entry, is_pack
from extract.read.warc.record import Record, is_archive


def content(document: Document, folder: Path | None) -> bytes | str:
    """Return the bytes of a document, or why they cannot be shown.

    `folder` holds the documents, or is the archive that they were read from; None when it is not known.
    """
    if folder is None:
        return "the folder of the documents is not known (name it with --docs)"
    path = PurePosixPath(document.path)
    if path.is_absolute() or ".." in path.parts:
        return f"the path {document.path} leaves the folder of the documents"
    # If one name is not valid text, the other documents must still be shown.
    shown = str(folder / path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        data = _read(folder, path, document)
    except DocrulesError as error:
        return str(error)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return f"{shown} cannot be read ({reason or error}; --docs names the folder of the documents)"
    if hashlib.sha256(data).hexdigest() != document.sha256:
        return f"{shown} is not what was extracted (run docrules again, or name the folder of the documents with --docs)"
    return data


def _read(folder: Path, path: PurePosixPath, document: Document) -> bytes:
    if is_archive(folder.name) and folder.is_file():
        return _from_archive(folder, document)
    # With a root, the name of an archive is a folder of the path.
    for number in range(len(path.parts)):
        pack = folder.joinpath(*path.parts[:number])
        if is_pack(pack.name) and pack.is_file():
            return _from_pack(pack, "/".join(path.parts[number:]))
    return (folder / path).read_bytes()


def _from_pack(pack: Path, path: str) -> bytes:
    """Return the bytes of a document in an archive of files. Raises UnreadableInputError where it holds none."""
    from extract.read.pack import loading  # noqa: PLC0415 - few runs read archives

    status = pack.stat()
    entry = _entries(str(pack), status.st_mtime_ns, status.st_size).get(path)
    if entry is None:
        raise UnreadableInputError(f"{pack.name} holds no document {path} (name its archive with --docs)")
    return loading.load(str(pack), entry).data


@functools.lru_cache(maxsize=4)
def _entries(pack: str, changed: int, size: int) -> Mapping[str, Entry]:
    """Return the documents of an archive of files, as it was at a time, by their path."""
    from extract.read.pack import listing  # noqa: PLC0415 - few runs read archives

    return {page.path: page.entry for page in listing.listing(pack).pages if page.entry is not None}


def _from_archive(archive: Path, document: Document) -> bytes:
    """Return the bytes of a page of an archive. Raises UnreadableInputError where it holds none, UsageError where nothing can read it."""
    from extract.read.warc import loading  # noqa: PLC0415 - few runs read archives

    status = archive.stat()
    place = _pages(str(archive), status.st_mtime_ns, status.st_size).get(document.path)
    if place is None:
        raise UnreadableInputError(f"{archive.name} holds no page {document.path} (name its archive with --docs)")
    return loading.load(str(archive), place).data


@functools.lru_cache(maxsize=1)
def _pages(archive: str, changed: int, size: int) -> Mapping[str, Record]:
    """Return the pages of an archive, as it was at a time, by their path; to find them all takes as long as to find one."""
    from extract.read.warc import listing  # noqa: PLC0415 - few runs read archives

    return {page.path: page.record for page in listing.listing([archive], distinct=False).pages}
