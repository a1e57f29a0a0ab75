"""`docrules run --watch`: a run again, whenever a document, a patch or the manifest of sources changes."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, TypeAlias

import click

from extract import api
from extract.cli.terminal import plain
from extract.errors import UsageError
from extract.read.formats import is_searched, suffix_of
from extract.read.sources import MANIFEST, STDIN
from extract.regex import late

Mark: TypeAlias = tuple[int, ...] | None
# There may be very many files, and a Path of each takes ten times as long as to look at it.
State: TypeAlias = dict[str, Mark]
Wait: TypeAlias = Callable[[Sequence[Path], bool], Generator[bool]]

# Changes that follow each other so closely are one: an editor writes a file in several steps, and git many files. In seconds.
_PAUSE, _LONGEST = 0.2, 2.0
# Milliseconds after which the files are looked at where the system told of no change: it is not told of a folder that gives way to another.
_LOOK = 2000
# Where to look takes long, so many times as long nobody looks again untold: a watch that has nothing to do takes no more than a fiftieth.
_REST = 50
_NAMES = 3
_PATCH = ".toml"
# A finding stays the same where lines are added above it.
_LINE = late(r":\d+(?=: )")


class Seen:
    """What an earlier run has said, so that a later one says what is new."""

    def __init__(self) -> None:
        self._before: dict[str, str] | None = None

    def fresh(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the lines that the run before did not say, and those that it said and that are gone; all of them the first time."""
        now = {_LINE.sub("", line, count=1): line for line in lines}
        before, self._before = self._before, now
        known = before or {}
        yield from (line for key, line in now.items() if key not in known)
        yield from (f"no longer: {line}" for key, line in known.items() if key not in now)


class Inputs(NamedTuple):
    """What a run reads."""

    paths: Sequence[str]
    root: str | None
    patches: str | None
    raw: bool

    def state(self) -> State:
        """Return the files that a run reads, and the folders that it is given, as they are now."""
        found = State()
        for path in map(Path, self.paths):
            if path.is_dir():
                found |= _below(str(path), _is_read)
            else:
                found |= _files(path, path.parent / MANIFEST)
        if self.root is not None:
            found |= _files(Path(self.root, MANIFEST))
        if (patches := self._corrections()) is not None:
            found |= _below(str(patches), _is_patch)
        return found

    def folders(self) -> tuple[Sequence[Path], bool]:
        """Return the folders in which the system is asked to tell of changes, those that are there, and whether also below them.

        A file is watched in its folder: most editors write another file and give it the name.
        """
        paths = [Path(path) for path in self.paths]
        more = (self._corrections(), Path(self.root) if self.root is not None else None)
        named = (*(path if path.is_dir() else path.parent for path in paths), *(folder for folder in more if folder is not None))
        return sorted({folder.resolve() for folder in named if folder.is_dir()}), any(path.is_dir() for path in paths)

    def _corrections(self) -> Path | None:
        """Return the folder of patches, None when there is none: one may come while a run is repeated."""
        found = None if self.raw else self.patches or api.find_patches(self.paths, self.root)
        return Path(found) if found is not None else None


def _mark(path: str) -> Mark:
    """Return what changes when a file does: the time of its last change, its length and its number; None where there is none.

    The time is that of any change: also when it may be read from now on, or was written and given its old time.
    """
    with contextlib.suppress(OSError, ValueError):
        found = os.stat(path)  # noqa: PTH116 - there may be very many
        return found.st_ctime_ns, found.st_size, found.st_ino
    return None


def _files(*paths: Path) -> State:
    return {str(path): _mark(str(path)) for path in paths}


def _below(folder: str, is_read: Callable[[str], bool]) -> State:
    """Return the files below a folder that a run reads, and the folder itself, of which only counts whether it is there.

    A search passes over what is hidden and does not follow links to folders.
    """
    found: State = {folder: () if os.path.isdir(folder) else None}  # noqa: PTH112 - as for a file
    for below, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        above = "" if below == os.curdir else f"{below.rstrip(os.sep)}{os.sep}"
        found |= {above + name: _mark(above + name) for name in names if not name.startswith(".") and is_read(name)}
    return found


def _is_read(name: str) -> bool:
    return name == MANIFEST or is_searched(suffix_of(name))


def _is_patch(name: str) -> bool:
    return suffix_of(name) == _PATCH


def check(paths: Sequence[str], out: str, accept_shrink: str | None) -> None:
    """Raise UsageError for what cannot be watched or repeated."""
    if STDIN in paths:
        raise UsageError("--watch looks at files, and standard input is none")
    if out == "-":
        raise UsageError("--watch compares with the file that --out names; name one")
    if accept_shrink is not None:
        raise UsageError("--accept-shrink is for one run, and --watch repeats it; publish once without --watch")


def repeat(run: Callable[[Seen], None], inputs: Inputs) -> NoReturn:
    """Run, and run again after each change, until it is interrupted.

    Raises UsageError as the first run does, without watchfiles, and where the system watches no more folders.
    """
    seen, first = Seen(), True
    try:
        for changed in _changes(inputs):
            if changed:
                click.echo(f"\nchanged: {_named(changed)}", err=True)
            try:
                run(seen)
            except SystemExit:
                # The exit code of one run among many.
                pass
            except UsageError as error:
                if first:
                    raise
                click.echo(f"error: {plain(str(error))}", err=True)
            if first:
                click.echo(f"watching {', '.join(map(plain, inputs.paths))}; Ctrl-C ends", err=True)
            first = False
    except KeyboardInterrupt:
        if first:
            raise
        raise click.Abort("what earlier runs wrote is in its place") from None
    sys.exit(0)


def _named(changed: Sequence[str]) -> str:
    names = ", ".join(plain(os.path.relpath(one)) for one in changed[:_NAMES])
    return names + (f" and {len(changed) - _NAMES} more" if len(changed) > _NAMES else "")


def _changes(inputs: Inputs) -> Iterator[Sequence[str]]:
    """Yield what changed, without end; nothing at first. What changes while its reader is at work comes with the next."""
    wait = _waiting()
    before = inputs.state()
    yield ()
    while True:
        now = _settled(inputs, before, wait)
        yield sorted(path for path in {**before, **now} if before.get(path) != now.get(path))
        before = now


def _settled(inputs: Inputs, before: State, wait: Wait) -> State:
    """Return the next state of the inputs that is another one, when it has stayed the same for a moment, or has changed for long.

    The states decide, and what the system tells only says when to look: it does not tell of a folder that gives way to another one.
    """
    rested = 0.0
    with contextlib.closing(wait(*inputs.folders())) as news:
        while True:
            is_told = next(news)
            looked = time.monotonic()
            if not is_told and looked < rested:
                continue
            now = inputs.state()
            began = time.monotonic()
            rested = began + _REST * (began - looked)
            while now != before:
                time.sleep(_PAUSE)
                last, now = now, inputs.state()
                if now == last or time.monotonic() - began > _LONGEST:
                    return now


def _waiting() -> Wait:
    """Return what yields true whenever something in some folders changed, and false now and then when nothing did.

    Raises UsageError without watchfiles, and what it returns does where the system tells of nothing.
    """
    try:
        import watchfiles  # noqa: PLC0415 - no other run needs it
    except ImportError as error:
        raise UsageError("--watch needs watchfiles, which is not installed: pip install 'docrules[watch]'") from error

    def wait(folders: Sequence[Path], deep: bool) -> Generator[bool]:
        # What changed before the system was asked is seen now.
        yield True
        try:
            if folders:
                news = watchfiles.watch(*folders, watch_filter=None, recursive=deep, rust_timeout=_LOOK, yield_on_timeout=True)
                yield from map(bool, news)
        except FileNotFoundError:
            # A folder went at this moment.
            pass
        except (OSError, RuntimeError) as error:
            raise UsageError(f"the system does not tell of changes: {error}") from error
        while True:
            time.sleep(_LOOK / 1000)
            yield False

    return wait
