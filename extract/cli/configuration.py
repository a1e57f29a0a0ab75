"""The configuration of a project: where it is, what it says, and what is wrong with it.

It is looked for from the working folder upwards, as compilers and linters do, and never among documents: they are untrusted, and a
configuration says which files are written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from extract import written
from extract.catalogue import catalogue
from extract.check import overrides
from extract.check.overrides import NONE, Override, Overrides
from extract.errors import UsageError
from extract.read import layout
from extract.written import Place, Written

NAME, PYPROJECT = written.CONFIGURATIONS
# The table of a pyproject.toml that is ours (PyPA, "Declaring project metadata", [tool]).
_TABLE = ("tool", "docrules")
# The end of a search: the root of a checkout; a linked worktree has a file of that name.
_REPOSITORY = ".git"
PATHS = ("out", "report", "sarif", "markdown", "changes", "root", "patches")
"""The keys whose value is a path; `paths` is a list of them."""
# A configuration is written by hand.
_MAX_BYTES = 1_000_000


class Configuration(NamedTuple):
    """What holds. Without a file everything is empty."""

    # Key -> value, paths relative to the working folder.
    values: Mapping[str, Any] = {}
    severities: Overrides = NONE
    file: Path | None = None
    # Whether the call says so, by --config or --no-config, and nothing was looked for.
    is_named: bool = False
    read: Written | None = None
    below: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return what messages call the file; empty without one."""
        return self.read.name if self.read is not None else ""

    def place(self, *keys: str) -> str:
        """Return file and line of a key."""
        return f"{self.read.name}:{self.read.line((*self.below, *keys))}" if self.read is not None else ""


def named(file: str) -> Configuration:
    """Return the configuration in a file that a call names. Raises UsageError as `search` does, and where the file says nothing of this."""
    path = Path(file)
    read = written.parse(_text(path, _bytes(path)), file)
    if path.name == PYPROJECT and not _is_ours(read):
        raise UsageError(f"{file} has no [tool.docrules]")
    return _configuration(path, read, is_named=True)


def search() -> Configuration:
    """Return the configuration of the working folder: in it, or in the nearest folder above it, up to the root of a repository.

    Raises UsageError, with file and line, for a file that cannot be read, is no TOML or breaks schemas/config.schema.json, for two in one
    folder, and for one that somebody else has put there.
    """
    try:
        here = Path.cwd()
    except OSError:
        # It was removed, so nothing is in it or above it.
        return Configuration()
    for folder in (here, *here.parents):
        found = [Configuration(file=file, read=read) for file in (folder / NAME, folder / PYPROJECT) if (read := _read(file)) is not None]
        if len(found) > 1:
            raise UsageError(
                f"{_shown(folder / NAME)} and [tool.docrules] of {_shown(folder / PYPROJECT)} are both there; keep one of them"
            )
        for one in found:
            if one.file is not None and one.read is not None:
                _check_owner(one.file, here)
                return _configuration(one.file, one.read, is_named=False)
        if os.path.lexists(folder / _REPOSITORY):
            break
    return Configuration()


def _read(file: Path) -> Written | None:
    """Return what a file holds; None where there is none, or a pyproject.toml that says nothing of this program."""
    if not os.path.lexists(file):
        return None
    name = _shown(file)
    try:
        is_file = stat.S_ISREG(file.stat().st_mode)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    if not is_file:
        raise UsageError(f"{name}: is no file, so it cannot be a configuration; move it, or give --no-config")
    data = _bytes(file)
    if file.name == PYPROJECT and _TABLE[1].encode() not in data:
        # What else is wrong with it is no matter of this program.
        return None
    read = written.parse(_text(file, data), name)
    return read if file.name == NAME or _is_ours(read) else None


def _bytes(file: Path) -> bytes:
    """Return as much of a file as a configuration may have, and one byte more."""
    try:
        with file.open("rb") as opened:
            return opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{_shown(file)}: cannot be read: {error.strerror}") from error


def _text(file: Path, data: bytes) -> str:
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{_shown(file)}: is larger than {_MAX_BYTES:,} bytes, which no configuration is")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{_shown(file)}: cannot be read: it is not UTF-8") from error


def _shown(file: Path) -> str:
    """Return how a message names a file."""
    return os.path.relpath(file) if file.is_absolute() else str(file)


def _is_ours(read: Written) -> bool:
    tools = read.table.get(_TABLE[0])
    return isinstance(tools, dict) and _TABLE[1] in tools


def _check_owner(file: Path, here: Path) -> None:
    """Raise UsageError for a file that was put above the working folder by somebody else, in /tmp say: it would choose what is written."""
    owner = file.stat().st_uid
    if owner not in (0, os.geteuid(), here.stat().st_uid):
        raise UsageError(
            f"{_shown(file)}: belongs to another user, so it is not taken unasked; give --config {_shown(file)} or --no-config"
        )


def _configuration(file: Path, read: Written, *, is_named: bool) -> Configuration:
    below = _TABLE if file.name == PYPROJECT else ()
    table = read.table
    for key in below:
        table = table[key]
    if not isinstance(table, dict):
        raise read.wrong(below, f"{'.'.join(below)} is no table")
    written.check(read, "config", _own, below)
    folder = str(file.parent) if is_named else _shown(file.parent)
    values = {key: _here(folder, value) if key in PATHS else value for key, value in table.items() if key != "findings"}
    if "paths" in values:
        values["paths"] = tuple(_here(folder, path) for path in values["paths"])
    return Configuration(values, Overrides(tuple(_overrides(table))), file, is_named, read, below)


def _here(folder: str, path: str) -> str:
    """Return a path of a file in a folder as one from the working folder."""
    return path if folder == "." else os.path.join(folder, path)  # noqa: PTH118 - a slash at the end says that a folder is meant


def _overrides(table: Mapping[str, Any]) -> Iterator[Override]:
    """Yield the severities that a valid configuration gives, in the order in which they count."""
    findings = table.get("findings", {})
    for glob, severities in findings.get("per-path", {}).items():
        for code, severity in severities.items():
            yield Override(code, severity, layout.glob(glob))
    for code, severity in findings.get("overrides", {}).items():
        yield Override(code, severity)


def _own(table: Mapping[str, Any]) -> tuple[Place, str] | None:
    """Return what a configuration says that no schema can judge, and where; None when nothing is wrong. Values may be of any type."""
    for key in PATHS:
        if table.get(key) == "-":
            return [key], f"{key} names a file or folder; standard output is for the command line"
    if isinstance(table.get("paths"), list) and "-" in table["paths"]:
        return ["paths"], "paths names files and folders; standard input is for the command line"
    findings = table.get("findings")
    if not isinstance(findings, dict):
        return None
    per_path = findings.get("per-path")
    for glob in per_path if isinstance(per_path, dict) else ():
        problem = _wrong_glob(glob)
        if problem:
            return ["findings", "per-path", glob], f"the path {glob!r} cannot be used: {problem}"
    groups: dict[tuple[str, ...], Any] = {("overrides",): findings.get("overrides")}
    groups |= {("per-path", glob): said for glob, said in per_path.items()} if isinstance(per_path, dict) else {}
    for place, severities in groups.items():
        for code, severity in severities.items() if isinstance(severities, dict) else ():
            problem = _wrong_severity(code, severity)
            if problem:
                return ["findings", *place, code], problem
    return None


def _wrong_glob(glob: str) -> str:
    try:
        layout.glob(glob)
    except ValueError as error:
        return str(error)
    return ""


def _wrong_severity(code: str, severity: object) -> str:
    if code not in catalogue():
        from extract.cli.findings import unknown  # noqa: PLC0415 - for an error only

        return unknown(code)
    if severity in ("off", "ignore", False):
        return f'{code} cannot be switched off, for what was found is counted; write "note": that is not printed and fails nothing'
    return (overrides.refused(code, severity) or "") if severity in ("error", "warning", "note") else ""


def severities(found: Configuration) -> Iterator[tuple[Override, str]]:
    """Yield each severity that a configuration gives, with its file and line."""
    for one in found.severities.entries:
        group = ("overrides",) if one.paths is None else ("per-path", one.paths.text)
        yield one, found.place("findings", *group, one.code)
