"""Paths to documents: files, folders, standard input; each with the path that the data will carry."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from extract.errors import UnreadableInputError, UsageError
from extract.read.page import HTML_SUFFIXES, MARKDOWN_SUFFIXES

STDIN = "-"
SUFFIXES = HTML_SUFFIXES | MARKDOWN_SUFFIXES


class Source(NamedTuple):
    """One document to read: `path` is relative to the folder that was given, with forward slashes."""

    path: str
    file: Path | None
    # None for standard input.

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
    else to the folder that was given, else to the folder of the file. Raises UsageError for a path that does not exist, a folder
    without documents, a file outside of `root`, and two documents that would get the same id.
    """
    found: dict[str, Source] = {}
    for given in paths or ():
        if str(given) == STDIN:
            found[STDIN] = Source("stdin", None)
            continue
        path = Path(given)
        if path.is_dir():
            sources = [Source(_relative(file, root or path), file) for file in _walk(path)]
            if not sources:
                kinds = " ".join(sorted(SUFFIXES))
                raise UsageError(f"the folder {path} holds no documents ({kinds}); name a file to read it whatever its suffix")
        elif path.exists():
            sources = [Source(_relative(path, root or path.parent), path)]
        else:
            raise UsageError(f"{path} does not exist")
        for source in sources:
            found[str((source.file or path).absolute())] = source
    return _distinct(sorted(found.values()))


def _distinct(sources: Sequence[Source]) -> tuple[Source, ...]:
    seen: dict[str, Source] = {}
    for source in sources:
        identity = str(Path(source.path).with_suffix(""))
        if identity in seen:
            both = f"{seen[identity].file} and {source.file}"
            raise UsageError(f"{both} would both be the document {identity!r}; rename one, or give the folder that holds both, or --root")
        seen[identity] = source
    return tuple(sources)


def _relative(file: Path, root: Path) -> str:
    try:
        relative = Path(os.path.abspath(file)).relative_to(os.path.abspath(root))  # noqa: PTH100 - resolve() would follow links
    except ValueError as error:
        raise UsageError(f"{file} is not under the root {root}") from error
    return relative.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _walk(folder: Path) -> Iterator[Path]:
    """Yield documents below a folder. Hidden files and folders are left out, and links that lead out of the folder: documents are
    untrusted, and a link is a way to have any file of the machine read.
    """
    inside = folder.resolve()
    for current, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(current, name)
            if name.startswith(".") or file.suffix.lower() not in SUFFIXES:
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(inside):
                continue
            yield file
