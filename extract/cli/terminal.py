"""What the commands share: exit codes, and how text reaches a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

import click

from extract.errors import UsageError
from extract.model import Finding, Severity
from extract.publish import folded, wording

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_UNREADABLE = 3
EXIT_INTERNAL = 4
# 128 + SIGINT and 128 + SIGPIPE, as shells report them
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141

_MIN_COLUMNS = 40

# Work shorter than this needs no progress bar.
_QUIET_SECONDS = 1.0

# Document text must not drive the terminal it is printed on.
plain = wording.plain
count = wording.count
COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def version() -> str:
    """Return the version of this program."""
    import importlib.metadata  # noqa: PLC0415 - takes 10 ms to import, and few runs say it

    return importlib.metadata.version("docrules")


def write_to_stdout(content: bytes | Iterable[bytes]) -> None:
    """Write bytes, or parts of them, to standard output.

    Raises UsageError when it is closed or full; a reader that went away ends the program quietly.
    """
    if sys.stdout is None:
        raise UsageError("standard output is closed")
    try:
        sys.stdout.buffer.writelines((content,) if isinstance(content, bytes) else content)
        sys.stdout.buffer.flush()
    except OSError as error:
        # Python flushes once more on exit, and would complain: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            sys.exit(EXIT_BROKEN_PIPE)
        raise UsageError(f"standard output cannot be written: {error.strerror}") from error


def is_terminal() -> bool:
    """Return whether standard error is a terminal."""
    # Python sets a stream that was closed when it started to None.
    return sys.stderr is not None and sys.stderr.isatty()


def print_waiting(quiet: bool, folder: Path) -> None:
    """Print that a run waits for another one."""
    if not quiet:
        click.echo(f"waiting for another run that is writing to {plain(str(folder))}", err=True)


@contextlib.contextmanager
def progress(what: str, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback for the number of things done and of all; it shows a bar once the work has taken a second, on a terminal only."""
    if quiet or not is_terminal():
        yield None
        return
    bar = click.progressbar(length=0, label=what, file=sys.stderr)
    started = time.monotonic()

    def advance(done: int, total: int) -> None:
        bar.length = total
        if time.monotonic() - started >= _QUIET_SECONDS:
            bar.update(done - bar.pos)

    try:
        yield advance
    finally:
        if bar.pos:
            bar.render_finish()


def has_colours(stream: TextIO | None) -> bool:
    """Return whether text on a stream is coloured: on a terminal, unless the environment says NO_COLOR (https://no-color.org)."""
    return stream is not None and stream.isatty() and not os.environ.get("NO_COLOR")


def columns() -> int | None:
    """Return how many columns standard output has for text, 40 at least; None where it is no terminal and lines stay whole."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil  # noqa: PLC0415 - a run need not know

    return max(shutil.get_terminal_size().columns, _MIN_COLUMNS)


def finding_line(found: Finding, colour: bool) -> str:
    """Return `document:line: severity: table 2, row 7: message [code]`, the form that editors and CI systems jump to."""
    where = folded.place(found)
    place = wording.located(str(found.document), found.line, found.at)
    return _line(place, found.severity, f"{where}: {found.message}" if where else found.message, found.code, colour)


def folded_line(found: folded.Folded, colour: bool) -> str:
    """Return the same for findings that are folded into one."""
    return _line(wording.located(found.path, found.line, found.at), found.severity, found.text, found.code, colour)


def _line(place: str, severity: Severity, text: str, code: str, colour: bool) -> str:
    shown = click.style(severity, fg=COLOURS[severity]) if colour else severity
    return f"{plain(place)}: {shown}: {plain(text)} [{code}]"
