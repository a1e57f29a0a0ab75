"""Files that people write, in TOML: read, held against their schema, and what is wrong with them said with file and line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tomli

from extract import schema
from extract.errors import UsageError
from extract.written import lines

CONFIGURATIONS = ("docrules.toml", "pyproject.toml")
"""The files that may hold the configuration of a project."""

Place = Sequence[str | int]
"""Keys and places in lists that lead to a value, from the root of a file."""


class Written(NamedTuple):
    """A file that was read."""

    # What messages call it.
    name: str
    text: str
    table: dict[str, Any]

    def line(self, place: Place) -> int:
        """Return the line of a value; where there is none, that of the nearest table around it."""
        return lines.line_of(self.text, place)

    def wrong(self, place: Place, message: str) -> UsageError:
        """Return the error that says what is wrong with a value."""
        return UsageError(f"{self.name}:{self.line(place)}: {message}")


def read(file: Path, name: str) -> str:
    """Return the text of a file. Raises UsageError where it cannot be read, or is not UTF-8."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8'}") from error


def parse(text: str, name: str) -> Written:
    """Return what a text holds. Raises UsageError, with line and column, for one that is no TOML."""
    # Editors of Windows begin a file with a byte order mark, and TOML 1.1 passes over it.
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        return Written(name, text, tomli.loads(text))
    except tomli.TOMLDecodeError as error:
        raise UsageError(f"{name}:{error.lineno}:{error.colno}: is no TOML: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        # tomli raises ValueError for a key of too many parts.
        raise UsageError(f"{name}: is no TOML: {error}") from error


def check(
    written: Written, kind: str, own: Callable[[dict[str, Any]], tuple[Place, str] | None] = lambda _: None, below: Sequence[str] = ()
) -> None:
    """Raise UsageError where a file, or the table at `below`, breaks the schema of its kind.

    `own` returns what is wrong with a table in words that a schema has not, and its place: what values mean beside each other. A key that
    is mistyped comes before it, for what seems to be missing may stand under that.
    """
    table = written.table
    for key in below:
        table = table[key]
    valid = schema.is_valid(kind, table)
    if valid and own(table) is None:
        return
    from extract.written import explain  # noqa: PLC0415 - with jsonschema it takes longer to import than a small page to read

    def line(place: Place) -> int:
        return written.line((*below, *place))

    found = (None if valid else explain.strange_key(kind, table, line)) or own(table) or explain.problem(kind, table, line)
    raise written.wrong((*below, *found[0]), found[1])
