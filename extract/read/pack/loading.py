"""Reading one file of an archive, at the place that is known of it: without the list of all its files, which may be long."""

from __future__ import annotations

import os
import struct
import zlib

from extract.errors import UnreadableInputError
from extract.read.pack.record import Entry
from extract.read.warc.record import Loaded

# PKWARE APPNOTE 4.3.7: a signature, 22 bytes that the list of files holds, too, and the lengths of the name and of the extra field.
_LOCAL = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"


def load(pack: str, entry: Entry) -> Loaded:
    """Return a file of an archive. Raises UnreadableInputError, with archive and offset, where it is damaged or cannot be read."""
    try:
        with open(pack, "rb") as file:  # noqa: PTH123 - as for all documents
            file.seek(entry.offset)
            head = file.read(_LOCAL.size)
            if len(head) < _LOCAL.size or not head.startswith(_SIGNATURE):
                raise _damaged(pack, entry)
            _, name, extra = _LOCAL.unpack(head)
            file.seek(name + extra, os.SEEK_CUR)
            data = file.read(entry.packed)
    except OSError as error:
        raise UnreadableInputError(f"cannot be read: {error.strerror or error}") from error
    except (ValueError, OverflowError) as error:
        # The list of a large archive has offsets of 64 bits without a sign, and no file has a place beyond the half of them.
        raise _damaged(pack, entry) from error
    if entry.deflated:
        try:
            # One byte more tells what is longer than it says.
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, entry.size + 1)
        except zlib.error as error:
            raise _damaged(pack, entry) from error
    if len(data) != entry.size or zlib.crc32(data) != entry.crc:
        raise _damaged(pack, entry)
    return Loaded(data)


def _damaged(pack: str, entry: Entry) -> UnreadableInputError:
    # Without its folder, which is of one machine.
    name = os.path.basename(pack)  # noqa: PTH119 - Python keeps the parts of each path
    return UnreadableInputError(
        f"this file is damaged or cut off in its archive ({name}, at byte {entry.offset:,}); pack or download it again"
    )
