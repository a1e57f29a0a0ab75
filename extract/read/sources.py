"""Paths to documents: files, folders, standard input; each with the path that the data will carry."""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from extract.errors import UnreadableInputError, UsageError
from extract.model import Origin
from extract.read import formats
from extract.read.formats import identity
from extract.read.not_read import counted, in_words
from extract.read.pack.record import Entry, is_pack
from extract.read.warc import record as archived
from extract.read.warc.record import Loaded, Record
from extract.regex import late

STDIN = "-"

MANIFEST = "sources.toml"
"""The file among the documents that says where they come from."""

_ADDRESS = late(r"https?://", re.IGNORECASE)


class Source(msgspec.Struct, frozen=True, gc=False):
    """One document to read: `path` is relative to the folder that was given, with forward slashes. `of` makes one of a file."""

    path: str
    # Of the file in the folder; None for standard input.
    name: str | None
    folder: str = ""
    # What the manifest of sources says about the document.
    origin: Origin | None = None
    # Where it stands in the file, when that is a web archive.
    record: Record | None = None
    # The same in an archive of files.
    entry: Entry | None = None
    # Why nothing can be read, where that is known already.
    problem: str | None = None

    @classmethod
    def of(cls, path: str, file: str) -> Source:
        """Return the document in a file.

        There may be very many: nearly all of them are called in their folder as in the data, so that a document takes two texts less.
        """
        return cls(path, path, sys.intern(file[: -len(path)])) if path and file.endswith(path) else cls(path, file)

    @property
    def is_in_turn(self) -> bool:
        """Return whether the document is read by `in_turn`, for to load it alone is to read all that stands before it."""
        return self.record is not None and self.record.index > 0

    @property
    def file(self) -> str | None:
        """The file, None for standard input. A text: a Path takes three times as much memory."""
        return None if self.name is None else self.folder + self.name

    def load(self) -> bytes:
        """Return the bytes. UnreadableInputError says why not."""
        return self.loaded().data

    def loaded(self) -> Loaded:
        """Return the bytes, with what was found on the way to them. UnreadableInputError says why not."""
        if self.problem is not None:
            raise UnreadableInputError(self.problem)
        if self.record is not None and self.name is not None:
            from extract.read.warc import loading  # noqa: PLC0415 - few runs read archives

            return loading.load(self.folder + self.name, self.record)
        if self.entry is not None and self.name is not None:
            from extract.read.pack import loading as unpacking  # noqa: PLC0415 - as above

            return unpacking.load(self.folder + self.name, self.entry)
        return Loaded(self._content())

    def _content(self) -> bytes:
        if (name := self.file) is None:
            return sys.stdin.buffer.read()
        try:
            with open(name, "rb") as file:  # noqa: PTH123 - Python keeps the parts of each path
                return file.read()
        except OSError as error:
            raise UnreadableInputError(f"cannot be read: {error.strerror or error}") from error


def find(
    paths: Sequence[str | os.PathLike[str]],
    root: Path | None = None,
    not_read: dict[str, str] | None = None,
    passed: Counter[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Source, ...]:
    """Return the documents under the paths, sorted by the path that the data will carry.

    A folder is searched for documents by suffix, a file is taken whatever its suffix, and a web archive stands for the pages in it, whose
    paths are made of their addresses. A ZIP archive or an EPUB is taken as if it were a folder with its files. Paths of files in the data
    are relative to `root`, else to the folder that was given, else to the folder of the file; a file that is given in several ways has the
    longest of its paths, which says most about it. Raises UsageError for a path that does not exist, a folder or an archive that holds no
    documents, a folder that cannot be listed, a file outside of `root`, and two documents that would get the same id.

    `not_read` is given the files of folders that are no documents, absolute, each with its suffix in lower case, "" when it has none.
    `passed` counts what in archives is no document: responses (`warc.record.WORDS`), and files (by suffix, and `pack.record.WORDS`).
    `progress` is called on the way through web archives, with the number of bytes done and of all.
    """
    found: dict[str, Source] = {}
    others: dict[str, str] = {}
    archives, packs = _files(paths, archived.is_archive), _files(paths, is_pack)
    taken = archives.keys() | packs.keys()
    for given in paths:
        for key, source in _sources(given, root, others) if os.path.abspath(given) not in taken else ():  # noqa: PTH100 - as below
            known = found.get(key)
            found[key] = source if known is None else max(known, source, key=_rank)
    counts = Counter[str]() if passed is None else passed
    found.update(_of_packs(packs, root, counts))
    if not_read is not None:
        not_read.update((file, suffix) for file, suffix in others.items() if file not in found and file not in taken)
    pages = _of_archives([*archives.values()], found.values(), counts, progress) if archives else ()
    return _distinct(sorted([*found.values(), *pages], key=lambda source: source.path))


def in_turn(sources: Iterable[Source]) -> Iterator[tuple[Source, Loaded | UnreadableInputError]]:
    """Yield documents with their bytes, or with why these cannot be read, where an archive cannot be entered but at a place before them."""
    from extract.read.warc import loading  # noqa: PLC0415 - few runs read archives

    placed = [(one.folder + one.name, one.record, one) for one in sources if one.record is not None and one.name is not None]
    placed.sort(key=lambda one: (one[0], one[1].offset, one[1].index))
    for (archive, _), group in groupby(placed, key=lambda one: (one[0], one[1].offset)):
        member = list(group)
        for (_, _, source), loaded in zip(member, loading.load_each(archive, [place for _, place, _ in member]), strict=True):
            yield source, loaded


def _name(archive: str) -> str:
    return _relative(archive, Path(archive).parent)


def _files(paths: Sequence[str | os.PathLike[str]], is_wanted: Callable[[str], bool]) -> dict[str, str]:
    """Return the absolute path of each file with a name that is wanted -> how it was given."""
    files = (os.fspath(given) for given in paths if is_wanted(os.fspath(given)) and Path(given).is_file())
    return {os.path.abspath(file): file for file in files}  # noqa: PTH100 - resolve() would follow links


def _of_packs(packs: Mapping[str, str], root: Path | None, passed: Counter[str]) -> Iterator[tuple[str, Source]]:
    return ((f"{key}/{source.path}", source) for key, pack in packs.items() for source in _of_pack(pack, root, passed))


def _of_pack(pack: str, root: Path | None, passed: Counter[str]) -> Iterator[Source]:
    """Yield the documents of an archive of files, or the archive when it cannot be read. Raises UsageError when it holds none."""
    from extract.read.pack import listing  # noqa: PLC0415 - few runs read archives

    try:
        found = listing.listing(pack)
    except UnreadableInputError as error:
        yield Source(_relative(pack, root or Path(pack).parent), pack, problem=str(error))
        return
    passed.update(found.passed)
    if not found.pages:
        instead = f"; not read: {said}" if (said := in_words(found.passed)) else ""
        raise UsageError(f"no document stands in {pack}{instead}")
    # As the path of a file in a folder: relative to the root, else to what was given.
    above = f"{_relative(pack, root)}/" if root is not None else ""
    for page in found.pages:
        yield Source(above + page.path, pack, entry=page.entry, problem=page.problem or None)


def _of_archives(
    archives: Sequence[str], files: Iterable[Source], passed: Counter[str], progress: Callable[[int, int], None] | None
) -> Iterator[Source]:
    """Yield the pages of archives, and each archive that cannot be read whole. Raises UsageError when there is nothing of both.

    A page that is among the files, too, is read there.
    """
    from extract.read.warc import listing  # noqa: PLC0415 - few runs read archives

    found = listing.listing(archives, progress=progress)
    passed.update(found.passed)
    for path, files_of_it in groupby(sorted(found.problems, key=_name), key=_name):
        same = list(files_of_it)
        yield Source(path, same[0], problem="; ".join(found.problems[file] for file in same))
    known = {identity(source.path) for source in files}
    for page in found.pages:
        if identity(page.path) in known:
            passed[archived.COPY] += 1
        else:
            yield Source(page.path, page.archive, record=page.record)
    if not found.pages and not found.problems:
        instead = f"; not read: {in_words(found.passed)}" if found.passed else ""
        raise UsageError(f"no page stands in {' and '.join(sorted(archives))}{instead}")


def _sources(given: str | os.PathLike[str], root: Path | None, others: dict[str, str]) -> Iterator[tuple[str, Source]]:
    """Yield what one argument stands for, each with what tells that it is the same as another.

    What else lies in a folder goes into `others`, with its suffix.
    """
    if str(given) == STDIN:
        yield STDIN, Source("stdin", None)
        return
    if not os.fspath(given):
        # Python takes it for the working folder, and a script whose variable is not set gives it.
        raise UsageError("a path is empty; the working folder is .")
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
        kinds = " ".join(formats.searched())
        instead = f"; not read: {said}" if (said := in_words(Counter(passed.values()))) else "; name a file to read it whatever its suffix"
        raise UsageError(f"the folder {path} holds no documents ({kinds}){instead}")
    others |= passed


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
            both = " and ".join(_named(one) for one in (known, source))
            # Two files of one folder are called alike, whatever their paths are relative to.
            is_apart = source.entry is not None or Path(known.file or "").parent != Path(source.file or "").parent
            else_ = ", or give the folder that holds both, or --root" if is_apart else ""
            raise UsageError(f"{both} would both be the document {identity(source.path)!r}; rename one{else_}")
    return tuple(sources)


def _named(source: Source) -> str:
    file = source.file or "standard input"
    # Not the archive itself, which has its own name in the data when it cannot be read.
    is_packed = source.entry is not None or (is_pack(file) and not file.endswith(source.path))
    return f"{source.path} in {file}" if is_packed else file


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
            elif formats.is_searched(suffix) and _is_document(entry, inside):
                yield entry.path.removeprefix(f"{os.curdir}{os.sep}")
            elif entry.name != MANIFEST:
                others[os.path.abspath(entry.path)] = counted(entry.name, suffix)  # noqa: PTH100 - as above


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
