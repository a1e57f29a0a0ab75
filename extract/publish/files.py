"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from extract.errors import UsageError


def check_target(path: Path) -> None:
    """Raise UsageError when a file cannot be written there: before the work, not after it."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file to write, e.g. {path / 'rules.json'}")
    if not path.parent.is_dir():
        raise UsageError(f"the folder {path.parent} does not exist; create it first")


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files so that each is either the old or the new one, complete; unchanged files keep their time stamp.

    All bytes are on disk before the first file is replaced. Raises UsageError when the place cannot be written to.
    """
    prepared: list[tuple[Path, Path]] = []
    try:
        for path, data in contents.items():
            if path.is_file() and path.read_bytes() == data:
                continue
            prepared.append((_write_beside(path, data), path))
        for temporary, path in prepared:
            temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{error.filename or 'the output'} cannot be written: {error.strerror}") from error
    finally:
        for temporary, _ in prepared:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _write_beside(path: Path, data: bytes) -> Path:
    """Write a temporary file in the folder of `path`, with the mode that a new file would get, and flush it to disk."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
