"""Publishing over what was published before: what changes, what fell, and what goes into the feed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from extract.errors import UsageError
from extract.model import Change, Drop, Extraction, Rule, Unresolved
from extract.publish import coverage, feed
from extract.publish.diff import compare as changes_between
from extract.publish.diff_scopes import Snapshot
from extract.publish.published import snapshot_of


class Comparison(NamedTuple):
    """What a run would change of the published rules."""

    before: bytes
    # The published rules, empty when there are none.
    changes: tuple[Change, ...] = ()
    drops: tuple[Drop, ...] = ()
    missing: int = 0
    # How many documents the published rules are from that the run has not looked at.


def compare(published: Path, extraction: Extraction, after: bytes, limit: int | None) -> Comparison:
    """Return what an extraction changes of the rules that are published in a file; `after` is what it would write there.

    `limit` is what may fall, in percent (see `coverage.drops`); None for a run over a part, which is expected to hold less. Published
    rules that are not understood count as a drop. Raises UsageError when they are there and cannot be read.
    """
    new = Snapshot(extraction.documents, extraction.rules, extraction.unresolved)
    if published.exists() and not published.is_file():
        # A pipe holds nothing that was published, and reading it would wait for a writer.
        return Comparison(b"")
    try:
        before = published.read_bytes()
    except FileNotFoundError:
        return Comparison(b"", changes_between(Snapshot((), (), ()), _with_rules(new)))
    except OSError as error:
        raise UsageError(f"{published} cannot be read: {error.strerror or error}") from error
    if before == after:
        # Most runs: what is the same to the byte was understood when it was written, and has not fallen.
        return Comparison(before)
    try:
        old = snapshot_of(before)
    except ValueError as error:
        # Cut off, of another version, or no rules at all: as far as can be told, everything that it held falls.
        return Comparison(before, drops=(Drop(published.name, "what it holds cannot be compared with", str(error)),))
    drops = coverage.drops(old, new, extraction.reports, limit) if limit is not None else ()
    missing = len({one.id for one in old.documents} - {one.id for one in new.documents}) if limit is None else 0
    return Comparison(before, changes_between(old, new), drops, missing=missing)


def _with_rules(snapshot: Snapshot) -> Snapshot:
    """Return the same data without the documents that hold nothing: there may be very many, and none is a change when all is new."""
    every: list[Rule | Unresolved] = [*snapshot.rules, *snapshot.unresolved]
    held = {one.document for rule in every for one in rule.evidence}
    return Snapshot(tuple(one for one in snapshot.documents if one.id in held), snapshot.rules, snapshot.unresolved)


def feed_with(path: Path, comparison: Comparison, after: bytes, accepted: str | None) -> bytes:
    """Return the feed at a path with what a publication changes. Raises UsageError when the feed is there and is not understood."""
    states = (comparison.before, after)
    return feed.changes_json(feed.added(feed.load(path), comparison.changes, comparison.drops, accepted, states))
