"""data/changes.json: what each publication changed, newest first. Entries are added and never altered, but for fields that a later
version of the schema adds: in older entries they are null, or follow from other fields. A first publication changes nothing that was
there: its entry says how much was published, and lists nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from extract import schema
from extract.errors import UsageError
from extract.model import Change, Drop, FeedEntry, FirstPublication
from extract.publish.diff import IMPACTS

Kept = Mapping[str, Any]
"""A `FeedEntry` as JSON has it: what was written once is passed on and never made anew."""


def load(path: Path) -> tuple[Kept, ...]:
    """Return the entries of a feed, newest first; none when there is no file.

    Raises UsageError when it cannot be read or breaks its schema: a feed that is not understood is not replaced.
    """
    if path.exists() and not path.is_file():
        return ()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return tuple(json.loads(schema.current("changes", data))["entries"])
    except ValueError as error:
        raise UsageError(f"{path} is no feed of changes ({str(error)[:200]}); move it away, or name another file with --changes") from error


def added(
    entries: Sequence[Kept],
    changes: Sequence[Change],
    drops: Sequence[Drop],
    accepted: str | None,
    states: tuple[bytes, bytes],
    first: FirstPublication | None = None,
) -> tuple[Kept, ...]:
    """Return the feed with an entry for a publication on top; as it is when nothing changed but places.

    `states` are the bytes of the rules before and after. A publication that was cut off after the feed had been written is made again
    by the next run, which finds its entry there. `first` is for a publication that had none before it, and so has no changes.
    """
    told = tuple(change for change in changes if change.impact != "evidence")
    if not told and not drops and not (first is not None and first.rules + first.unresolved):
        return tuple(entries)
    if entries and entries[0]["id"] == _id(entries[1:], states):
        return tuple(entries)
    counted = Counter(change.impact for change in changes)
    entry = FeedEntry(
        id=_id(entries, states),
        counts={impact: counted[impact] for impact in IMPACTS if counted[impact]},
        accepted=accepted if drops else None,
        drops=tuple(drops),
        changes=told,
        first=first,
    )
    return (msgspec.to_builtins(entry), *entries)


def changes_json(entries: Sequence[Kept]) -> bytes:
    """Return the feed as JSON: two spaces, UTF-8, final line feed. Raises SchemaViolationError when it breaks its schema."""
    encoded = msgspec.json.encode({"schema_version": schema.version("changes"), "entries": entries})
    schema.validate("changes", encoded)
    return msgspec.json.format(encoded, indent=2) + b"\n"


def _id(below: Sequence[Kept], states: tuple[bytes, bytes]) -> str:
    digest = hashlib.sha256((str(below[0]["id"]) if below else "").encode())
    for state in states:
        digest.update(hashlib.sha256(state).digest())
    return digest.hexdigest()[:16]
