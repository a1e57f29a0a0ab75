"""The files that commands read where none is named."""

from __future__ import annotations

from pathlib import Path

from extract.errors import UsageError

DATA = Path("data")
"""The folder in which `make extract` keeps everything."""


def default_rules(how: str) -> list[Path]:
    """Return the files that hold rules where none is named: `make extract` writes the one, `docrules run` the other.

    UsageError is raised when there is none of them; `how` says in it how to name one.
    """
    files = [path for path in (DATA / "rules.json", Path("rules.json")) if path.is_file()]
    if files:
        return files
    raise UsageError(f"there is neither data/rules.json nor rules.json here; write one with `docrules run`, or {how}")
