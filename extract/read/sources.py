"""Paths to documents: files, folders, standard input; each with the path that the data will carry."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from extract.errors import UnreadableInputError, UsageError
from extract.model import Origin
from extract.read.page import HTML_SUFFIXES, MARKDOWN_SUFFIXES, identity

STDIN = "-"
SUFFIXES = HTML_SUFFIXES | MARKDOWN_SUFFIXES


class Source(NamedTuple):
    """One document to read: `path` is relative to the folder that was given, with forward slashes."""

    path: str
    file: Path | None
    # None for standard input.
    origin: Origin | None = None
    # What the manifest of sources says about the document.

    def load(self) -> bytes:
        """Return the bytes. UnreadableInputError says why not."""
        if self.file is None:
            return sys.stdin.buffer.read()
        try:
            return self.file.read_bytes()
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
    files = list(_walk(path)) if stat.S_ISDIR(kind) else [path]
    if not files:
        kinds = " ".join(sorted(SUFFIXES))
        raise UsageError(f"the folder {path} holds no documents ({kinds}); name a file to read it whatever its suffix")
    base = root or (path if stat.S_ISDIR(kind) else path.parent)
    for file in files:
        yield os.path.abspath(file), Source(_relative(file, base), file)  # noqa: PTH100 - resolve() would follow links


def _kind(path: Path) -> int | None:
    """Return the mode of what a path leads to; None when it leads nowhere: no such file, a name too long, links in a circle."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def _rank(source: Source) -> tuple[int, str, str]:
    return source.path.count("/"), source.path, str(source.file)


def _distinct(sources: Sequence[Source]) -> tuple[Source, ...]:
    seen: dict[str, Source] = {}
    for source in sources:
        known = seen.setdefault(identity(source.path), source)
        if known is not source:
            both = " and ".join(str(one.file or "standard input") for one in (known, source))
            raise UsageError(
                f"{both} would both be the document {identity(source.path)!r}; rename one, or give the folder that holds both, or --root"
            )
    return tuple(sources)


def _relative(file: Path, root: Path) -> str:
    try:
        relative = Path(os.path.abspath(file)).relative_to(os.path.abspath(root))  # noqa: PTH100 - resolve() would follow links
    except ValueError as error:
        raise UsageError(f"{file} is not under the root {root}") from error
    return relative.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _walk(folder: Path) -> Iterator[Path]:
    """Yield documents below a folder. Left out are hidden files and folders, what is no file (a pipe would be waited for without
    end), and links that lead out of the folder: documents are untrusted, and a link is a way to have any file of the machine read.
    A link that leads nowhere is a document that cannot be read.
    """
    inside = os.path.realpath(folder)
    for current, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(current, name)
            if name.startswith(".") or file.suffix.lower() not in SUFFIXES:
                continue
            if not stat.S_ISREG(_kind(file) or stat.S_IFREG):
                continue
            if file.is_symlink() and not Path(os.path.realpath(file)).is_relative_to(inside):
                continue
            yield file


def _refuse(error: OSError) -> None:
    """Stop at a folder that cannot be listed: passing over it would lose its documents."""
    raise UsageError(f"the folder {error.filename} cannot be listed: {error.strerror}") from error
