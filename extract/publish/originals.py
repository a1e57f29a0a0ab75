"""The documents of a run, read again as they were when it extracted them, and no others."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from extract.model import Document


def content(document: Document, folder: Path | None) -> bytes | str:
    """Return the bytes of a document, or why they cannot be shown; `folder` holds the documents, None when it is not known."""
    if folder is None:
        return "the folder of the documents is not known (name it with --docs)"
    path = PurePosixPath(document.path)
    if path.is_absolute() or ".." in path.parts:
        return f"the path {document.path} leaves the folder of the documents"
    # A name that is no text must not keep the rest from being shown.
    shown = str(folder / path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        data = (folder / path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return f"{shown} cannot be read ({reason or error}; --docs names the folder of the documents)"
    if hashlib.sha256(data).hexdigest() != document.sha256:
        return f"{shown} is not what was extracted (run docrules again, or name the folder of the documents with --docs)"
    return data
