"""`docrules run --watch`: a run again, whenever a document, a patch or the manifest of sources changes."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from extract import api
from extract.cli.terminal import plain
from extract.errors import UsageError
from extract.read.formats import SUFFIXES
from extract.read.sources import MANIFEST, STDIN
from extract.regex import late

if TYPE_CHECKING:
    from watchfiles import Change

# Changes that follow each other so closely are one: an editor writes a file in several steps, and git many files.
_PAUSE, _LONGEST = 200, 2000
# So often it is looked whether what is watched is still the same folder; in milliseconds, as the others.
_LOOK = 250
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
    """What a run reads. Links are followed, for the system tells of what they lead to."""

    paths: Sequence[str]
    # Of documents; the files are those that were given.
    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    root: str | None
    patches: str | None
    raw: bool

    @classmethod
    def of(cls, paths: Sequence[str], root: str | None, patches: str | None, raw: bool) -> Inputs:
        """Return what a run reads that is called so."""
        found = [Path(os.path.realpath(path)) for path in paths]
        folders = tuple(path for path in found if path.is_dir())
        return cls(paths, folders, tuple(path for path in found if path not in folders), root, patches, raw)

    def corrections(self) -> Path | None:
        """Return the folder of patches, None when there is none: one may come while a run is repeated."""
        found = None if self.raw else self.patches or api.find_patches(self.paths, self.root)
        return Path(os.path.realpath(found)) if found is not None else None

    def places(self) -> Mapping[Path, tuple[int, int] | None]:
        """Return each folder that is watched -> what tells it from another one of its name, None when it is not there.

        A file is watched in its folder: most editors write another file and give it the name.
        """
        more = [self.corrections(), Path(os.path.realpath(self.root)) if self.root is not None else None]
        folders = (*self.folders, *(file.parent for file in self.files), *(one for one in more if one is not None))
        return {folder: _identity(folder) for folder in folders}

    def concern(self, change: Change, name: str) -> bool:
        """Return whether a change of a file or folder may change the result; one of what the run itself writes may not."""
        del change
        path = Path(name)
        if path in self.files or path in self.folders or path.name == MANIFEST:
            return True
        # What is no file is a folder, or is gone, and was perhaps one.
        unknown = not path.is_file()
        corrections = self.corrections()
        if corrections is not None and _is_seen(path, corrections):
            return path.suffix == _PATCH or unknown
        return any(_is_seen(path, folder) for folder in self.folders) and (path.suffix.lower() in SUFFIXES or unknown)


def _is_seen(path: Path, folder: Path) -> bool:
    """Return whether a search of a folder, which passes over what is hidden, comes to a path."""
    return path.is_relative_to(folder) and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _identity(path: Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


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
    """Yield what changed, without end; nothing at first.

    What changes while its reader is at work comes with the next. A folder that gives way to another one of its name is watched anew, and
    one that is gone is waited for.
    """
    try:
        import watchfiles  # noqa: PLC0415 - no other run needs it
    except ImportError as error:
        raise UsageError("--watch needs watchfiles, which is not installed: pip install 'docrules[watch]'") from error

    watched = places = inputs.places()
    if None in places.values():
        # The run says what is missing.
        yield ()
    while True:
        if None in (places := inputs.places()).values():
            time.sleep(_LOOK / 1000)
            continue
        looking = watchfiles.watch(
            *places,
            watch_filter=inputs.concern,
            debounce=_LONGEST,
            step=_PAUSE,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
            recursive=bool(inputs.folders) or inputs.corrections() is not None,
        )
        news = [folder for folder, identity in places.items() if watched.get(folder) != identity]
        with contextlib.closing(looking):
            for index, found in enumerate(_readable(looking)):
                if found or not index:
                    yield sorted({*map(str, news), *(path for _, path in found)})
                    news = []
                watched = places
                if inputs.places() != places:
                    break


def _readable(looking: Iterator[set[tuple[Change, str]]]) -> Iterator[set[tuple[Change, str]]]:
    """Yield what is seen. It ends where a folder is gone before it can be watched. Raises UsageError where nothing can be watched."""
    while True:
        try:
            found = next(looking)
        except FileNotFoundError:
            return
        except (OSError, RuntimeError) as error:
            raise UsageError(f"the system does not tell of changes: {error}") from error
        yield found
