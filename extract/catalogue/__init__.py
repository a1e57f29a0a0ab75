"""The catalogue of findings: every check has a stable code, a severity and a title. Messages are rendered by the checks.

The entries are data, in findings.toml beside this module.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources

import msgspec

from extract.errors import VocabularyError
from extract.model import Finding, Place, Severity


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of finding."""

    code: str
    severity: Severity
    title: str
    description: str = ""
    advice: str = ""


@functools.cache
def catalogue() -> Mapping[str, Entry]:
    """Return code -> entry, in the order of the file. VocabularyError when the file is malformed or lists a code twice."""
    try:
        table = tomllib.loads(resources.files(__name__).joinpath("findings.toml").read_text("utf-8"))
        entries = msgspec.convert(table["finding"], tuple[Entry, ...])
    except (OSError, tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as error:
        raise VocabularyError(f"the catalogue of findings cannot be read: {error}") from error
    found = {entry.code: entry for entry in entries}
    if len(found) != len(entries):
        raise VocabularyError("the catalogue of findings lists a code twice")
    return found


def finding(
    code: str,
    message: str,
    *,
    document: str | None = None,
    line: int | None = None,
    table: int | None = None,
    row: int | None = None,
    cells: Mapping[str, str] | None = None,
    related: tuple[Place, ...] = (),
) -> Finding:
    """Return a finding of the catalogue; the document is filled in by whoever knows it. KeyError on an unknown code."""
    severity = catalogue()[code].severity
    return Finding(
        code=code,
        severity=severity,
        message=message,
        document=document,
        line=line,
        table=table,
        row=row,
        cells=dict(cells or {}),
        related=related,
    )
