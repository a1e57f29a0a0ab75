"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from extract.errors import UsageError
from extract.publish import lock
from extract.read.sources import MANIFEST
from extract.written import CONFIGURATIONS

# A temporary file is hidden and has the name of its target, eight characters of tempfile's, and this.
_SUFFIX = ".docrules.tmp"
_RANDOM = "[a-z0-9_]{8}"

# What people write and every run looks for by its name: no output has one of them.
_NAMES = (*CONFIGURATIONS, MANIFEST)

Content = bytes | Callable[[], Iterable[bytes]]
"""What a file is to hold: bytes, or what gives them in parts, each time anew that it is called."""


def check_target(path: Path, documents: Iterable[str | Path] = (), *, is_output: bool = True) -> None:
    """Raise UsageError when a file cannot be written there, or is one that is read: before the work, not after it.

    Nor may an output have the name of a configuration or of the manifest of sources, whether one is there or not. What people write and
    a command adds to is no output: patches of a product may have any name.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file to write, e.g. {path / 'rules.json'}")
    if not path.parent.is_dir():
        raise UsageError(f"the folder {path.parent} does not exist; create it first")
    if is_output and (path.name in _NAMES or Path(os.path.realpath(path)).name in _NAMES):
        raise UsageError(f"{path} has the name of a file that says what runs do, and is no output; name another file")
    if path.exists() and any(_same(path, document) for document in documents):
        raise UsageError(f"{path} is one of the files that are read and would be overwritten; name another file")


def _same(path: Path, document: str | Path) -> bool:
    try:
        return path.samefile(document)
    except OSError:
        # A document that cannot be looked at is reported when it is read.
        return False


@contextlib.contextmanager
def exclusive(paths: Iterable[Path], waiting: Callable[[Path], None]) -> Iterator[None]:
    """Keep other runs from writing beside these files while the block runs, and remove what a run that was killed left beside them.

    `waiting` is called once with the folder when another run is writing there. Raises UsageError when that run does not end in time.
    """
    targets = [Path(os.path.realpath(path)) for path in paths if _is_replaceable(path)]
    with lock.hold({target.parent for target in targets}, waiting) as held:
        for target in targets:
            # Without the lock such a file may be that of a run which is still writing it.
            if target.parent in held:
                _remove_abandoned(target)
        yield


def _remove_abandoned(target: Path) -> None:
    temporary = re.compile(re.escape(f".{target.name}.") + _RANDOM + re.escape(_SUFFIX))
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if temporary.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


def write_all(contents: Mapping[Path, Content], before: Callable[[], None] | None = None) -> None:
    """Write several files so that each is either the old or the new one, complete; unchanged files keep their time stamp.

    All bytes are on disk before the first file is replaced. Then `before` runs; it may do other work that must succeed, and may raise.
    Files are replaced in the order of the mapping: if the process is killed meanwhile, the first files are new and the last ones old. A
    link is followed. A target that is not a regular file (a pipe, /dev/null) cannot be replaced; its whole content is written to it at
    the end. Raises UsageError if a target cannot be written, and any error of making a content. In both cases nothing was written.
    """
    with contextlib.ExitStack() as cleanup:
        replacements: list[tuple[Path, Path, Path]] = []
        passed: list[tuple[Path, bytes]] = []
        for path, content in contents.items():
            with naming(path):
                target = Path(os.path.realpath(path))
                if not _is_replaceable(path):
                    passed.append((path, b"".join(parts(content))))
                elif not holds(target, content):
                    replacements.append((path, _write_beside(target, content, cleanup), target))
        if before is not None:
            before()
        for path, data in passed:
            with naming(path):
                path.write_bytes(data)
        for path, temporary, target in replacements:
            with naming(path):
                temporary.replace(target)


def parts(content: Content) -> Iterable[bytes]:
    """Return what a file is to hold in parts."""
    return (content,) if isinstance(content, bytes) else content()


def holds(path: Path, content: Content) -> bool:
    """Return whether a file holds just that. The first part that differs ends the comparison."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return all(file.read(len(part)) == part for part in parts(content)) and not file.read(1)


def _is_replaceable(path: Path) -> bool:
    return path.is_file() or not path.exists()


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn an OSError into a UsageError that names the path as it was given, not the temporary file."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


def _write_beside(path: Path, content: Content, cleanup: contextlib.ExitStack) -> Path:
    """Write a temporary file in the folder of `path`, with the mode that a new file would get, and flush it to disk."""
    import tempfile  # noqa: PLC0415 - most runs change no file, and it imports seven modules

    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_SUFFIX, dir=path.parent)
    temporary = Path(name)
    # Whatever happens from here on, Ctrl-C included: once it has replaced its target, there is nothing left to remove.
    cleanup.callback(temporary.unlink, missing_ok=True)
    with os.fdopen(handle, "wb") as file:
        file.writelines(parts(content))
        file.flush()
        os.fsync(file.fileno())
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
    return temporary
