"""One writer at a time: runs that write into the same folder do so one after the other.

The lock is an advisory one on the folder itself (flock), so it leaves no file behind, and a process that is killed holds nothing. Where
a folder cannot be locked (Windows, a network file system without locks, a folder that may be written but not read), runs are not kept
apart; each file is whole even so.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from extract.errors import UsageError

if sys.platform != "win32":
    import fcntl

# Writing takes a fraction of a second. If a run waits longer than this, the other process is stuck.
WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.02


@contextlib.contextmanager
def hold(folders: Iterable[Path], waiting: Callable[[Path], None]) -> Iterator[frozenset[Path]]:
    """Lock folders for as long as the block runs, and yield those that could be locked.

    `waiting` is called once with a folder that another run holds. Raises UsageError when that run does not end in time.
    """
    with contextlib.ExitStack() as opened:
        found: dict[tuple[int, int], tuple[int, Path]] = {}
        for folder in sorted(folders):
            with contextlib.suppress(OSError):
                descriptor = os.open(folder, os.O_RDONLY)
                opened.callback(os.close, descriptor)
                status = os.fstat(descriptor)
                # A folder that has two paths is locked once: this process would wait for itself.
                found.setdefault((status.st_dev, status.st_ino), (descriptor, folder))
        told = False
        held = set()
        deadline = time.monotonic() + WAIT_SECONDS
        # In the same order in every run, so that no two of them wait for each other.
        for _, (descriptor, folder) in sorted(found.items()):
            while (locked := _try(descriptor)) is None:
                if time.monotonic() > deadline:
                    raise UsageError(f"another run is writing to {folder}; wait for it, or name other files")
                if not told:
                    waiting(folder)
                    told = True
                time.sleep(_POLL_SECONDS)
            if locked:
                held.add(folder)
        yield frozenset(held)


def _try(descriptor: int) -> bool | None:
    """Lock an open folder. Return whether that worked, None when another process holds it."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError:
        return False
    return True
