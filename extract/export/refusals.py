"""The catalogue of refusals: why a rule is not in an export, and what to do about it. The entries are data, in refusals.toml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import msgspec
import tomli

from extract.errors import VocabularyError


class RefusalKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of refusal."""

    code: str
    title: str
    todo: str


class Refusal(msgspec.Struct, frozen=True):
    """Why one rule, or a part of it, is not in an export. `reason` says it of this rule."""

    code: str
    reason: str


@functools.cache
def catalogue() -> Mapping[str, RefusalKind]:
    """Return code -> entry, in the order of the file. VocabularyError when the file cannot be read or is malformed."""
    try:
        entries = msgspec.convert(tomli.loads(Path(__file__).with_name("refusals.toml").read_text("utf-8"))["refusal"], list[RefusalKind])
    except (OSError, ValueError, KeyError) as error:
        raise VocabularyError(f"the catalogue of refusals cannot be read: {error}") from error
    found = {entry.code: entry for entry in entries}
    if len(found) != len(entries):
        raise VocabularyError("the catalogue of refusals lists a code twice")
    return found


def refuse(code: str, reason: str) -> Refusal:
    """Return a refusal of the catalogue. KeyError on an unknown code."""
    return Refusal(catalogue()[code].code, reason)
