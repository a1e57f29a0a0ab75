"""Paths to documents: files, folders, standard input; each with the path that the data will carry."""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from extract.errors import UnreadableInputError, UsageError
from extract.model import Origin
from extract.read import formats
from extract.read.formats import SUFFIXES, identity
from extract.regex import late

STDIN = "-"

MANIFEST = "sources.toml"
"""The file among the documents that says where they come from."""

_ADDRESS = late(r"https?://", re.IGNORECASE)
# What is counted under its name; anything else is none that says what a file holds.
_SUFFIX = late(r"\.[a-z0-9_+-]{1,15}")


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


def find(paths: Sequence[str | os.PathLike[str]], root: Path | None = None, not_read: dict[str, str] | None = None) -> tuple[Source, ...]:
    """Return the documents under the paths, sorted by the path that the data will carry.

    A folder is searched for documents by suffix, a file is taken whatever its suffix. Paths in the data are relative to `root`,
    else to the folder that was given, else to the folder of the file; a file that is given in several ways has the longest of its
    paths, which says most about it. Raises UsageError for a path that does not exist, a folder that cannot be listed or holds no
    documents, a file outside of `root`, and two documents that would get the same id.

    `not_read` is given the files of folders that are no documents, absolute, each with its suffix in lower case, "" when it has none.
    """
    found: dict[str, Source] = {}
    others: dict[str, str] = {}
    for given in paths or ():
        for key, source in _sources(given, root, others):
            known = found.get(key)
            found[key] = source if known is None else max(known, source, key=_rank)
    if not_read is not None:
        not_read.update((file, suffix) for file, suffix in others.items() if file not in found)
    return _distinct(sorted(found.values(), key=lambda source: source.path))


def _sources(given: str | os.PathLike[str], root: Path | None, others: dict[str, str]) -> Iterator[tuple[str, Source]]:
    """Yield what one argument stands for, each with what tells that it is the same as another.

    What else lies in a folder goes into `others`, with its suffix.
    """
    if str(given) == STDIN:
        yield STDIN, Source("stdin", None)
        return
    path = Path(given)
    kind = _kind(path)
    if kind is None and _ADDRESS.match(str(given)):
        piped = f"`curl -sL {shlex.quote(str(given))} | docrules run -`"
        kept = f"or make it the url of a [[source]] in {MANIFEST} and run `docrules fetch`"
        raise UsageError(f"{given} is an address, and docrules run reads files: {piped}, {kept}")
    if kind is None:
        raise UsageError(f"{path} does not exist")
    if not stat.S_ISDIR(kind):
        file = str(path)
        yield os.path.abspath(file), Source.of(_relative(file, root or path.parent), file)  # noqa: PTH100 - resolve() would follow links
        return
    empty = True
    passed: dict[str, str] = {}
    for file in _walk(path, passed):
        empty = False
        yield os.path.abspath(file), Source.of(_relative(file, root or path), file)  # noqa: PTH100 - as above
    if empty:
        kinds = " ".join(sorted(SUFFIXES))
        instead = f"; not read: {said}" if (said := in_words(Counter(passed.values()))) else "; name a file to read it whatever its suffix"
        raise UsageError(f"the folder {path} holds no documents ({kinds}){instead}")
    others |= passed


def in_words(not_read: Mapping[str, int]) -> str:
    """Return what was not read, in a line: formats of documentation with what to do about them, and how many other files there are.

    `342 .dita (publish it as HTML with the DITA Open Toolkit), 51 .adoc (convert it with asciidoctor), 7 other files`
    """
    advice = {**formats.ADVICE, **formats.READ_BY_NAME, **dict.fromkeys(SUFFIXES, "links out of the folder are not followed")}
    # Formats with the same advice stand together: `12 .yaml, 3 .json (…)`.
    named: dict[str, list[str]] = {}
    for suffix, number in sorted(not_read.items(), key=lambda one: (-one[1], one[0])):
        if suffix in advice:
            named.setdefault(advice[suffix], []).append(f"{number} {suffix}")
    parts = [f"{', '.join(some)} ({hint})" for hint, some in named.items()]
    others = sum(number for suffix, number in not_read.items() if suffix not in advice)
    if others:
        parts.append(f"{others} {'other ' if parts else ''}file{'s' if others > 1 else ''}{'' if parts else ' of other kinds'}")
    return ", ".join(parts)


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


def _walk(folder: Path, others: dict[str, str]) -> Iterator[str]:
    """Yield documents below a folder, and put what else lies there into `others`, with its suffix.

    Left out are hidden files and folders, what is no file (a pipe would be waited for without end), and links that lead out of the
    folder: documents are untrusted, and a link is a way to have any file of the machine read. A link that leads nowhere is a document
    that cannot be read.
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
            suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - a Path for each file takes as long as reading it
            if _is(entry.is_dir) and not entry.is_symlink():
                folders.append(entry.path)
            elif suffix in SUFFIXES and _is_document(entry, inside):
                yield entry.path.removeprefix(f"{os.curdir}{os.sep}")
            elif entry.name != MANIFEST:
                others[os.path.abspath(entry.path)] = suffix if _SUFFIX.fullmatch(suffix) else ""  # noqa: PTH100 - as above


def _is_document(entry: os.DirEntry[str], inside: str) -> bool:
    """Return whether what has the suffix of a document is one, or was meant to be and leads nowhere."""
    if not (_is(entry.is_file) or _kind(Path(entry.path)) is None):
        return False
    return not (entry.is_symlink() and _inside(os.path.realpath(entry.path), inside) is None)


def _is(question: Callable[[], bool]) -> bool:
    """Return what a folder's entry leads to; nothing that is known when it cannot be looked at."""
    try:
        return question()
    except OSError:
        return False
