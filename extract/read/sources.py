"""Paths to documents: files, folders, standard input; each with the path that the data will carry."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from extract.errors import UnreadableInputError, UsageError
from extract.model import Origin
from extract.read.page import HTML_SUFFIXES, MARKDOWN_SUFFIXES, identity

STDIN = "-"
SUFFIXES = HTML_SUFFIXES | MARKDOWN_SUFFIXES


class Source(msgspec.Struct, frozen=True, gc=False):
    """One document to read: `path` is relative to the folder that was given, with forward slashes. `of` makes one of a file."""

    path: str
    # Of the file in the folder; None for standard input.
    name: str | None
    folder: str = ""
    # What the manifest of sources says about the document.
    origin: Origin | None = None

    @classmethod
    def of(cls, path: str, file: str) -> Source:
        """Return the document in a file.

        There may be very many: nearly all of them are called in their folder as in the data, so that a document takes two texts less.
        """
        return cls(path, path, sys.intern(file[: -len(path)])) if path and file.endswith(path) else cls(path, file)

    @property
    def file(self) -> str | None:
        """The file, None for standard input. A text: a Path takes three times as much memory."""
        return None if self.name is None else self.folder + self.name

    def load(self) -> bytes:
        """Return the bytes. UnreadableInputError says why not."""
        if (name := self.file) is None:
            return sys.stdin.buffer.read()
        try:
            with open(name, "rb") as file:  # noqa: PTH123 - Python keeps the parts of each path
                return file.read()
        except OSError as error:
            raise UnreadableInputError(f"cannot be read: {error.strerror or error}") from error


def find(paths: Sequence[str | os.PathLike[str]], root: Path | None = None) -> tuple[Source, ...]:
    """Return the documents under the paths, sorted by the path that the data will carry.

    A folder is searched for documents by suffix, a file is taken whatever its suffix. Paths in the data are relative to `root`,
    else to the folder that was given, else to the folder of the file; a file that is given in several ways has the longest of its
    paths, which says most about it. Raises UsageError for a path that does not exist, a folder that cannot be listed or holds no
    documents, a file outside of `root`, and two documents that would get the same id.
    """
    found: dict[str, Source] = {}
    for given in paths or ():
        for key, source in _sources(given, root):
            known = found.get(key)
            found[key] = source if known is None else max(known, source, key=_rank)
    return _distinct(sorted(found.values(), key=lambda source: source.path))


def _sources(given: str | os.PathLike[str], root: Path | None) -> Iterator[tuple[str, Source]]:
    """Yield what one argument stands for, each with what tells that it is the same as another."""
    if str(given) == STDIN:
        yield STDIN, Source("stdin", None)
        return
    path = Path(given)
    kind = _kind(path)
    if kind is None:
        raise UsageError(f"{path} does not exist")
    if not stat.S_ISDIR(kind):
        file = str(path)
        yield os.path.abspath(file), Source.of(_relative(file, root or path.parent), file)  # noqa: PTH100 - resolve() would follow links
        return
    empty = True
    for file in _walk(path):
        empty = False
        yield os.path.abspath(file), Source.of(_relative(file, root or path), file)  # noqa: PTH100 - as above
    if empty:
        kinds = " ".join(sorted(SUFFIXES))
        raise UsageError(f"the folder {path} holds no documents ({kinds}); name a file to read it whatever its suffix")


def _kind(path: Path) -> int | None:
    """Return the mode of what a path leads to; None when it leads nowhere: no such file, a name too long, links in a circle."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def _rank(source: Source) -> tuple[int, str, str]:
    return source.path.count("/"), source.path, source.file or ""


def _distinct(sources: Sequence[Source]) -> tuple[Source, ...]:
    seen: dict[str, Source] = {}
    for source in sources:
        known = seen.setdefault(identity(source.path), source)
        if known is not source:
            both = " and ".join(one.file or "standard input" for one in (known, source))
            raise UsageError(
                f"{both} would both be the document {identity(source.path)!r}; rename one, or give the folder that holds both, or --root"
            )
    return tuple(sources)


def _relative(file: str, root: Path) -> str:
    inside = _inside(os.path.abspath(file), os.path.abspath(root))  # noqa: PTH100 - resolve() would follow links
    if inside is None:
        raise UsageError(f"{file} is not under the root {root}")
    return inside.replace(os.sep, "/").encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _inside(path: str, folder: str) -> str | None:
    """Return a path relative to a folder that it is in, else None; both are absolute. A Path for each would take as long as reading."""
    above = folder.rstrip(os.sep) + os.sep
    return path[len(above) :] if path.startswith(above) else None


def _walk(folder: Path) -> Iterator[str]:
    """Yield documents below a folder. Left out are hidden files and folders, what is no file (a pipe would be waited for without
    end), and links that lead out of the folder: documents are untrusted, and a link is a way to have any file of the machine read.
    A link that leads nowhere is a document that cannot be read.
    """
    inside = os.path.realpath(folder)
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as listed:
                entries = sorted((entry for entry in listed if not entry.name.startswith(".")), key=lambda entry: entry.name)
        except OSError as error:
            # Passing over it would lose its documents.
            raise UsageError(f"the folder {error.filename} cannot be listed: {error.strerror}") from error
        for entry in entries:
            if _is(entry.is_dir):
                if not entry.is_symlink():
                    folders.append(entry.path)
            elif (
                os.path.splitext(entry.name)[1].lower() in SUFFIXES  # noqa: PTH122 - a Path for each file takes as long as reading it
                and (_is(entry.is_file) or _kind(Path(entry.path)) is None)
                and not (entry.is_symlink() and _inside(os.path.realpath(entry.path), inside) is None)
            ):
                yield entry.path.removeprefix(f"{os.curdir}{os.sep}")


def _is(question: Callable[[], bool]) -> bool:
    """Return what a folder's entry leads to; nothing that is known when it cannot be looked at."""
    try:
        return question()
    except OSError:
        return False
