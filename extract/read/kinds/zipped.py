"""Files in a ZIP archive, which nobody trusts: each is read up to a limit, whatever the archive says about its size."""

from __future__ import annotations

import io
import zipfile
import zlib

# A document of a word processor has some twenty parts and a picture each page; a directory of more entries takes long to read.
MAX_ENTRIES = 20_000
# Word processors take it for a password and for the formats that they wrote before 2007 (MS-CFB, 2.2 "Compound File Header").
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_READ = 1 << 16


class ZipError(Exception):
    """An archive, or a file in it, that cannot be read; the message says why."""


class TooLargeError(ZipError):
    """A file in an archive has more bytes than are read."""


def is_compound(data: bytes) -> bool:
    """Return whether bytes are a compound file, which is no ZIP archive: an old format, or an encrypted document."""
    return data.startswith(_COMPOUND)


def is_encrypted_compound(data: bytes) -> bool:
    """Return whether a compound file holds an encrypted document (MS-OFFCRYPTO, 2.3.4.4)."""
    return _ENCRYPTED in data


class Zip:
    """A ZIP archive in memory."""

    def __init__(self, data: bytes) -> None:
        """Read the directory of an archive. Raises ZipError for what is none."""
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise ZipError(f"it is no ZIP archive, or a damaged one ({error})") from error
        entries = self._file.infolist()
        if len(entries) > MAX_ENTRIES:
            raise ZipError(f"it holds {len(entries):,} files, and {MAX_ENTRIES:,} are the most that are read")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            if entry.filename in self._entries:
                # Programs differ in which of both they take.
                raise ZipError(f"it holds {entry.filename[:80]!r} twice")
            self._entries[entry.filename] = entry

    def __contains__(self, name: str) -> bool:
        """Return whether the archive holds a file."""
        return name in self._entries

    def read(self, name: str, most: int) -> bytes:
        """Return the bytes of a file. Raises ZipError for one that is missing, damaged or encrypted, TooLargeError for more than `most`."""
        entry = self._entries.get(name)
        if entry is None:
            raise ZipError(f"it does not hold {name[:80]!r}")
        if entry.flag_bits & 1:
            raise ZipError(f"{name[:80]!r} in it is encrypted")
        data = bytearray()
        try:
            with self._file.open(entry) as file:
                while piece := file.read(_READ):
                    data += piece
                    if len(data) > most:
                        raise TooLargeError(f"{name[:80]!r} in it has more than {most >> 20} MB")
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
            raise ZipError(f"{name[:80]!r} in it is damaged ({error})") from error
        return bytes(data)
