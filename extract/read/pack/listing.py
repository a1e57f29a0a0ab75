"""What an archive holds: its documents and where they stand, by the list that it keeps of its files. Nothing else is unpacked for it than
files of one name, which may be equal.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from extract.errors import UnreadableInputError
from extract.read import formats
from extract.read.kinds.package import MAX_UNPACKED
from extract.read.not_read import counted
from extract.read.pack import loading, record
from extract.read.pack.record import MAX_PAGE, Entry
from extract.read.warc.record import is_archive
from extract.regex import late

# The list of files is held in memory, with some hundred bytes for each of its 46.
_MAX_LIST = 16 << 20
_MAX_FILES = 200_000
_MAX_DOCUMENTS = 4 << 30
# Markup is packed to a tenth or a twentieth, and what is packed to less than a hundredth is made to fill a disk.
_MAX_RATIO = 100
_ENCRYPTED = 0x1
# PKWARE APPNOTE 4.4.4: the name is UTF-8.
_UTF8 = 0x800
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
# What a Mac keeps of its own beside the files.
_MAC = "__MACOSX"
_NO_NAME = late(r"[A-Za-z]:|/|.*[\x00-\x1f\x7f]", re.DOTALL)
_ERRORS = (zipfile.BadZipFile, struct.error, EOFError, NotImplementedError, ValueError, OSError)


class Listed(msgspec.Struct, frozen=True, gc=False):
    """A document of an archive; without an entry it cannot be read, and the problem says why."""

    path: str
    entry: Entry | None
    problem: str = ""


class Listing(msgspec.Struct, frozen=True):
    """What an archive holds: its documents, and how many other files, by why or by suffix."""

    pages: tuple[Listed, ...]
    passed: Counter[str]


class _File(io.FileIO):
    """A file of which no more is read at once than a list of files may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as a file does. Raises BadZipFile for more than may be read."""
        most = _MAX_LIST + 1
        data = super().read(most if size is None or size < 0 else min(size, most)) or b""
        if len(data) > _MAX_LIST:
            raise zipfile.BadZipFile(f"its list of files has more than {_MAX_LIST:,} bytes")
        return data


def listing(pack: str) -> Listing:
    """Return what an archive holds; the paths of its documents are those in the archive.

    Its documents are what a search of a folder would read, and of an EPUB the pages that its package document lists. Raises
    UnreadableInputError for what is no such archive, asks for a password, is protected, or is larger than it may be.
    """
    passed = Counter[str]()
    infos, size = _infos(pack)
    files = dict(_files(infos, passed))
    if pack.lower().endswith(".epub"):
        from extract.read.pack import epub  # noqa: PLC0415 - few archives are EPUBs

        entries = {path: _entry(same[0]) for path, same in files.items() if same[0].compress_type in _METHODS}
        wanted = epub.pages(pack, entries, passed)
        others = [path for path in files if path not in wanted]
        passed.update(kind for path in others if (kind := _other_of_epub(path)))
    else:
        wanted = {path: path for path in files if formats.is_searched(formats.suffix_of(path))}
        passed.update(_kind(path) for path in files if path not in wanted)
    _check([one for path in wanted for one in files.get(path, ())], size)
    pages = (_page(pack, path, files.get(name, ()), passed) for name, path in wanted.items())
    return Listing(tuple(sorted(pages, key=lambda page: page.path)), passed)


def _infos(pack: str) -> tuple[list[zipfile.ZipInfo], int]:
    """Return what an archive says of its files, and its size."""
    try:
        with _File(pack) as file, zipfile.ZipFile(file) as archive:
            infos, size = archive.infolist(), file.seek(0, os.SEEK_END)
    except _ERRORS as error:
        said = (error.strerror if isinstance(error, OSError) else None) or " ".join(str(error).split())[:200]
        raise UnreadableInputError(f"this archive is none, or is damaged or cut off ({said}); pack or download it again") from error
    if len(infos) > _MAX_FILES:
        raise UnreadableInputError(f"this archive holds more than {_MAX_FILES:,} files; unpack it and give the folder")
    if sum(info.compress_size for info in infos) > size:
        raise UnreadableInputError("the files of this archive lie over each other, which no program writes; pack it again")
    return infos, size


def _check(documents: Iterable[zipfile.ZipInfo], size: int) -> None:
    """Raise UnreadableInputError for documents that ask for a password or are larger than they may be."""
    total = 0
    for info in documents:
        total += info.file_size
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableInputError("this archive asks for a password; unpack it and give the folder")
    if total > _MAX_DOCUMENTS or (total > MAX_UNPACKED and total > _MAX_RATIO * size):
        raise UnreadableInputError(
            f"the documents in this archive take {total:,} bytes when they are unpacked, out of {size:,}; unpack what holds the rules and"
            " give the folder"
        )


def _files(infos: Iterable[zipfile.ZipInfo], passed: Counter[str]) -> Mapping[str, list[zipfile.ZipInfo]]:
    """Return the files of an archive by their path in it. What is no file of it that can be read goes into `passed`.

    Hidden files, folders, and what a Mac adds are left out, as in a search of a folder.
    """
    found: dict[str, list[zipfile.ZipInfo]] = {}
    for info in infos:
        name = _name(info)
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if _NO_NAME.match(name) or ".." in parts:
            passed[record.NAME] += 1
        elif not parts or name.endswith("/") or parts[0] == _MAC or any(part.startswith(".") for part in parts):
            continue
        elif stat.S_ISLNK(info.external_attr >> 16):
            passed[record.LINK] += 1
        else:
            found.setdefault("/".join(parts), []).append(info)
    return found


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of a file, with slashes.

    Where nothing says that a name is UTF-8, it is in code page 437 (APPNOTE, D.1); but many programs forget to say so.
    """
    # `filename` ends at a zero byte, and some versions of Python take it from another field.
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _page(pack: str, path: str, same: Sequence[zipfile.ZipInfo], passed: Counter[str]) -> Listed:
    if not same:
        return Listed(path, None, "the package document of this EPUB lists this page, and it is missing; download the EPUB again")
    first, *others = same
    if first.compress_type not in _METHODS:
        return Listed(path, None, "this file is packed in a way that is not read; unpack the archive and give the folder")
    if max(first.file_size, first.compress_size) > MAX_PAGE:
        return Listed(path, None, f"this file has more than {MAX_PAGE:,} bytes; split it")
    if others and _differ(pack, same):
        return Listed(path, None, f"this archive holds {len(same)} files of this name, which differ; pack it again with one of them")
    passed[record.COPY] += len(others)
    return Listed(path, _entry(first))


def _differ(pack: str, same: Sequence[zipfile.ZipInfo]) -> bool:
    """Return whether files of one name differ, or are damaged. Checksums do not tell: a file of any checksum is made with ease."""
    if len({(one.CRC, one.file_size) for one in same}) > 1 or any(one.compress_size > MAX_PAGE for one in same):
        return True
    first, *others = same
    try:
        whole = loading.load(pack, _entry(first)).data
        return any(loading.load(pack, _entry(one)).data != whole for one in others)
    except UnreadableInputError:
        return True


def _entry(info: zipfile.ZipInfo) -> Entry:
    return Entry(info.header_offset, info.compress_size, info.file_size, info.CRC, info.compress_type == zipfile.ZIP_DEFLATED)


def _kind(path: str) -> str:
    """Return what a file that is no document is counted under."""
    if record.is_pack(path) or is_archive(path):
        return record.NESTED
    return counted(path, formats.suffix_of(path))


def _other_of_epub(path: str) -> str:
    """Return the same for a file of an EPUB, empty for what makes it one."""
    if path == "mimetype" or path.startswith("META-INF/"):
        return ""
    return record.UNLISTED if formats.suffix_of(path) in formats.HTML_SUFFIXES else _kind(path)
