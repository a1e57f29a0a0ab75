"""Where the values of a TOML file stand. The parser does not tell, so the file is cut into its statements, and each is parsed by itself."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import tomli

from extract.regex import late

_Path = tuple[str | int, ...]

# What can hold a line break or a bracket that ends no statement (TOML 1.0, strings, comments).
# Each takes what it has begun, for a text is read once, from its start to its end.
_WORDS = (
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
)
# The same, and what ends a statement.
_TOKEN = late(_WORDS + r"|[\[{\]}\n]", re.DOTALL)
# The same, and what parts the entries of a list, and all else that is no blank.
_PART = late(_WORDS + r"|[\[{\]},\n]|[^\s\[{\]},\"'#]++", re.DOTALL)
_HEAD = late(r"\[\[[ \t]*(?P<key>[A-Za-z0-9_-]+)[ \t]*\]\]")


def line_of(text: str, place: Sequence[str | int]) -> int:
    """Return the line of the statement that gives a value of a valid file; of the nearest table around it where there is none, else 1."""
    found = _every(text)
    path = tuple(place)
    return next((found[path[:length]] for length in range(len(path), 0, -1) if path[:length] in found), 1)


def heads(text: str, key: str, entries: int) -> list[int]:
    """Return the line of each entry of a list of tables: of its `[[key]]`, and of the whole where the list stands inline."""
    found = [line for line, statement in statements(text) if (match := _HEAD.match(statement)) is not None and match["key"] == key]
    return found if len(found) == entries else [line_of(text, (key, number)) for number in range(entries)]


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each header and each pair of key and value."""
    start, begun, line, depth = 0, 1, 1, 0
    for token in _TOKEN.finditer(f"{text}\n"):
        sign = token[0]
        line += sign.count("\n")
        if sign in ("[", "{"):
            depth += 1
        elif sign in ("]", "}"):
            depth -= 1
        elif sign == "\n" and depth == 0:
            statement = text[start : token.start()].strip()
            if statement and statement[0] != "#":
                yield begun, statement
            start, begun = token.end(), line


@functools.lru_cache(maxsize=1)
def _every(text: str) -> dict[_Path, int]:
    """Return the line of every value."""
    found: dict[_Path, int] = {}
    counts: Counter[_Path] = Counter()
    table: _Path = ()
    for line, statement in statements(text):
        said = tomli.loads(statement)
        if statement.startswith("["):
            table = _named(said, counts)
            for length in range(1, len(table) + 1):
                found.setdefault(table[:length], line)
        else:
            of_list, below = _entries(statement, line), _list(said)
            for path in _paths(said):
                inside = path[len(below) :]
                known = (of_list[inside[:length]] for length in range(len(inside), 0, -1) if inside[:length] in of_list)
                found.setdefault((*table, *path), next(known, line))
    return found


def _list(said: Any) -> _Path:
    """Return the path of the list that a statement gives; that of its value where it gives none."""
    path: _Path = ()
    while isinstance(said, dict) and len(said) == 1:
        key, said = next(iter(said.items()))
        path = (*path, key)
    return path


def _entries(statement: str, line: int) -> dict[_Path, int]:
    """Return the line of each entry of the list that a statement gives, and of the lists in it; nothing where it gives no list.

    What stands in an inline table has the line of the entry that it is in.
    """
    found: dict[_Path, int] = {}
    # For each bracket that is open, the place in the list; -1 in an inline table.
    opened: list[int] = []
    for token in _PART.finditer(statement) if "\n" in statement else ():
        sign = token[0]
        if sign == ",":
            opened[-1] += opened[-1] >= 0
        elif sign in ("]", "}"):
            opened.pop()
        elif sign != "\n" and sign[0] != "#":
            if opened and -1 not in opened:
                found.setdefault(tuple(opened), line)
            if sign in ("[", "{"):
                opened.append(0 if sign == "[" else -1)
        line += sign.count("\n")
    return found


def _named(said: Any, counts: Counter[_Path]) -> _Path:
    """Return the path of the table that a header names; `counts` holds how many tables each list of tables has by now."""
    path: _Path = ()
    while said:
        key, said = next(iter(said.items()))
        path = (*path, key)
        if isinstance(said, list):
            counts[path] += 1
            said = said[0]
        if counts[path]:
            path = (*path, counts[path] - 1)
    return path


def _paths(value: Any, path: _Path = ()) -> Iterator[_Path]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key)
        yield from _paths(inner, (*path, key))
