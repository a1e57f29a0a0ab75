"""What is known of a document in an archive of files before it is read."""

from __future__ import annotations

import msgspec

SUFFIXES = (".zip", ".epub")
"""What the name of an archive ends in."""
MAX_PAGE = 64 << 20
"""A document in an archive may have so many bytes, packed and unpacked; it bounds memory."""

# Files that become no document, under what the report counts them -> one, and several of them, in words.
COPY = "packed:copy"
LINK = "packed:link"
NAME = "packed:name"
NESTED = "packed:nested"
UNLISTED = "packed:unlisted"
WORDS = {
    COPY: ("second copy of a file in an archive", "second copies of files in archives"),
    LINK: ("link in an archive, which is not followed", "links in archives, which are not followed"),
    NAME: ("file whose name leads out of its archive", "files whose names lead out of their archives"),
    NESTED: ("archive in an archive (unpack it and name it)", "archives in archives (unpack them and name them)"),
    UNLISTED: ("page of an EPUB that its package document does not list", "pages of EPUBs that their package documents do not list"),
}


class Entry(msgspec.Struct, frozen=True, gc=False):
    """Where a file stands in an archive, and what the list of the archive says of it."""

    offset: int
    packed: int
    size: int
    crc: int
    # Whether it is compressed; the one other way is to store it as it is.
    deflated: bool


def is_pack(name: str) -> bool:
    """Return whether a file is an archive of files, by its name."""
    return name.lower().endswith(SUFFIXES)
