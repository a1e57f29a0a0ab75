"""Archives of parts (ZIP; Open Packaging Conventions, EPUB, OpenDocument), looked at before a library unpacks them.

An archive of some kilobytes can hold gigabytes, and XML can define entities that grow as much. Neither is given to a library.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from extract.read.refused import refused
from extract.regex import late

# What a document takes when it is unpacked. The largest manual that we know has 60 MB, pictures included.
MAX_UNPACKED = 200_000_000
# A part of XML becomes a tree of ten times its size.
MAX_XML = 60_000_000
MAX_PARTS = 20_000
# The beginning of what Excel and Word write when they encrypt a document, and of their formats before 2007 (MS-CFB).
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML = late(r"\.(?:xml|rels|x?html?|opf|ncx|vml)\Z", re.IGNORECASE)
# Part 2 of ECMA-376 (9.1.4) forbids both, and no document needs them. Also as UTF-16.
_DECLARATIONS = tuple(mark.encode(encoding) for mark in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_MARKUP = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<")
_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, KeyError)


class Parts:
    """The parts of an archive."""

    def __init__(self, archive: zipfile.ZipFile, thing: str) -> None:
        """Take an archive that was looked at, and what it is for people."""
        self._archive, self._thing = archive, thing

    def __contains__(self, name: str) -> bool:
        """Return whether there is a part of a name."""
        return name in self._archive.NameToInfo

    def names(self, pattern: re.Pattern[bytes]) -> Iterator[str]:
        """Yield the names that a pattern matches, as a whole."""
        return (name for name in self._archive.namelist() if pattern.fullmatch(name.encode("utf-8", "surrogateescape")))

    def read(self, name: str) -> bytes:
        """Return a part. Raises RefusedError where it is damaged."""
        try:
            return self._archive.read(name)
        except _ERRORS as error:
            raise _broken(self._thing, error) from error


def parts(data: bytes, thing: str, *needed: str, doctypes: bool = False) -> Parts:
    """Return the parts of an archive, which must hold the `needed` ones; `thing` says what it is: `workbook`.

    Raises RefusedError for what is no such archive, is encrypted or damaged, is too large when it is unpacked, or declares entities.
    With `doctypes`, XML may name its document type, as XHTML does, but declare no entities.
    """
    if data.startswith(_COMPOUND):
        raise refused(
            f"this {thing} asks for a password, or is of the format before 2007; save it without a password in the format of today"
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except _ERRORS as error:
        if data.startswith(b"PK"):
            raise _broken(thing, error) from error
        raise refused(f"this is no {thing}, whatever its name says; give it the suffix of what it is") from error
    if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise refused(f"this {thing} takes more than {MAX_UNPACKED:,} bytes when it is unpacked; save what holds the rules on its own")
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused(f"this {thing} is encrypted; save it without a password")
    names = {entry.filename for entry in entries}
    if missing := [name for name in needed if name not in names]:
        raise refused(f"this is no {thing}: its archive holds no {missing[0]}; give it the suffix of what it is")
    found = Parts(archive, thing)
    for entry in entries:
        _check_xml(found, entry, thing, doctypes)
    return found


def _check_xml(found: Parts, entry: zipfile.ZipInfo, thing: str, doctypes: bool) -> None:
    content = found.read(entry.filename)
    # What a part is, another part says, whatever its name.
    if not (_XML.search(entry.filename) or content.lstrip()[:4].startswith(_MARKUP)):
        return
    if entry.file_size > MAX_XML:
        raise refused(f"{entry.filename[:80]!r} of this {thing} has more than {MAX_XML:,} bytes; save what holds the rules on its own")
    refusing = _DECLARATIONS[3:] if doctypes else _DECLARATIONS
    if any(mark in content for mark in refusing):
        raise refused(
            f"{entry.filename[:80]!r} of this {thing} declares entities, which no program writes; save it again", code="broken-document"
        )


def _broken(thing: str, error: Exception) -> Exception:
    said = " ".join(str(error).split())[:200]
    return refused(f"this {thing} is damaged or cut off ({said}); save or download it again", code="broken-document")
