"""Read the documents of a run again, only if they are still the same as when they were extracted."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from extract.errors import DocrulesError, UnreadableInputError
from extract.model import Document
from extract.read.warc.record import Record, is_archive


def content(document: Document, folder: Path | None) -> bytes | str:
    """Return the bytes of a document, or why they cannot be shown.

    `folder` holds the documents, or is the web archive that they were read from; None when it is not known.
    """
    if folder is None:
        return "the folder of the documents is not known (name it with --docs)"
    path = PurePosixPath(document.path)
    if path.is_absolute() or ".." in path.parts:
        return f"the path {document.path} leaves the folder of the documents"
    # If one name is not valid text, the other documents must still be shown.
    shown = str(folder / path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        data = _from_archive(folder, document) if is_archive(folder.name) and folder.is_file() else (folder / path).read_bytes()
    except DocrulesError as error:
        return str(error)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return f"{shown} cannot be read ({reason or error}; --docs names the folder of the documents)"
    if hashlib.sha256(data).hexdigest() != document.sha256:
        return f"{shown} is not what was extracted (run docrules again, or name the folder of the documents with --docs)"
    return data


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
