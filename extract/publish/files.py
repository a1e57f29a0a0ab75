"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from extract.errors import UsageError


def check_target(path: Path, documents: Iterable[Path] = ()) -> None:
    """Raise UsageError when a file cannot be written there, or is one of the documents: before the work, not after it."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file to write, e.g. {path / 'rules.json'}")
    if not path.parent.is_dir():
        raise UsageError(f"the folder {path.parent} does not exist; create it first")
    if path.exists() and any(_same(path, document) for document in documents):
        raise UsageError(f"{path} is one of the documents and would be overwritten; name another file")


def _same(path: Path, document: Path) -> bool:
    try:
        return path.samefile(document)
    except OSError:
        # A document that cannot be looked at is reported when it is read.
        return False


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files so that each is either the old or the new one, complete; unchanged files keep their time stamp.

    All bytes are on disk before the first file is replaced. Links are written through; what is no regular file (a pipe,
    /dev/null) cannot be replaced and is written to as it is. Raises UsageError when a place cannot be written to.
    """
    with contextlib.ExitStack() as cleanup:
        replacements: list[tuple[Path, Path, Path]] = []
        for path, data in contents.items():
            with _naming(path):
                target = Path(os.path.realpath(path))
                if _is_replaceable(path) and not (target.is_file() and target.read_bytes() == data):
                    replacements.append((path, _write_beside(target, data, cleanup), target))
        for path, data in contents.items():
            with _naming(path):
                if not _is_replaceable(path):
                    path.write_bytes(data)
        for path, temporary, target in replacements:
            with _naming(path):
                temporary.replace(target)


def _is_replaceable(path: Path) -> bool:
    return path.is_file() or not path.exists()


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn an OSError into a UsageError that names the path as it was given, not the temporary file."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


def _write_beside(path: Path, data: bytes, cleanup: contextlib.ExitStack) -> Path:
    """Write a temporary file in the folder of `path`, with the mode that a new file would get, and flush it to disk."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    # Whatever happens from here on, Ctrl-C included: once it has replaced its target, there is nothing left to remove.
    cleanup.callback(temporary.unlink, missing_ok=True)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
    return temporary
