"""What is kept from one fetch to the next: the validators of each page, in a hidden file in the folder of documents.

They only save work: without the file, or with one that cannot be read, every page is fetched anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from extract.publish import files

NAME = ".fetch.json"
"""What the file is called. It is hidden, so that no run takes it for a document."""

_VERSION = 1


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a server said about a page that was fetched, and which bytes it said it about."""

    # As the manifest has it.
    url: str
    # Where redirects led.
    source: str
    etag: str | None
    last_modified: str | None
    sha256: str


class _File(msgspec.Struct, frozen=True):
    version: int
    pages: dict[str, Kept]


def load(folder: Path) -> dict[str, Kept]:
    """Return what is kept of the pages of a folder, by their paths."""
    try:
        found = msgspec.json.decode((folder / NAME).read_bytes(), type=_File)
    except (OSError, ValueError, RecursionError):
        return {}
    return found.pages if found.version == _VERSION else {}


def save(folder: Path, pages: Mapping[str, Kept]) -> None:
    """Write what is kept. The same pages give the same bytes. Raises UsageError when the file cannot be written."""
    if pages or (folder / NAME).exists():
        data = _File(_VERSION, dict(sorted(pages.items())))
        files.write_all({folder / NAME: msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"})
