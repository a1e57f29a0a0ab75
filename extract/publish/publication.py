"""Replace published rules with new ones: what changes, what falls, and the new entry of the feed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from extract.errors import UsageError
from extract.model import Change, Drop, Extraction, FirstPublication, Rule, Unresolved
from extract.publish import files
from extract.publish.files import Content
from extract.publish.places import PASSED_OVER

if TYPE_CHECKING:
    from extract.publish.diff_scopes import Snapshot

DEFAULT_LIMIT = 10
"""Percent of a count, or percentage points of a share, that may go from one run to the next."""


class Comparison(msgspec.Struct, frozen=True):
    """What a run would change of the published rules."""

    # The published rules; empty when there are none, and when they stay what they are.
    before: bytes
    changes: tuple[Change, ...] = ()
    drops: tuple[Drop, ...] = ()
    # How many documents the published rules are from that the run has not looked at.
    missing: int = 0
    # How many documents gave some of the published rules and were passed over now, for they hold no word of rules any more.
    passed_over: int = 0
    # The counts of a first publication.
    first: FirstPublication | None = None


def compare(published: Path, extraction: Extraction, after: Content, limit: int | None) -> Comparison:
    """Return what an extraction changes of the rules that are published in a file; `after` is what it would write there.

    `limit` is what may fall, in percent (see `coverage.drops`); None for a run over a part, which is expected to hold less. Where nothing
    is published, nothing changes: not everything that is there opens access. Published rules that are not understood count as a drop.
    Raises UsageError when they are there and cannot be read.
    """
    if published.exists() and not published.is_file():
        # A pipe holds nothing that was published, and reading it would wait for a writer.
        return Comparison(b"")
    try:
        if files.holds(published, after):
            # Most runs change nothing. The same bytes were validated when they were written, and nothing fell.
            return Comparison(b"")
        before = published.read_bytes()
    except FileNotFoundError:
        counts = {"documents": len(extraction.documents), "rules": len(extraction.rules), "unresolved": len(extraction.unresolved)}
        return Comparison(b"", first=FirstPublication(**counts))
    except OSError as error:
        raise UsageError(f"{published} cannot be read: {error.strerror or error}") from error
    # Most runs need none of these, and they take 15 ms to import.
    from extract.publish import coverage  # noqa: PLC0415
    from extract.publish.diff import compare as changes_between  # noqa: PLC0415
    from extract.publish.diff_scopes import Snapshot  # noqa: PLC0415
    from extract.publish.published import snapshot_of  # noqa: PLC0415

    new = Snapshot(extraction.documents, extraction.rules, extraction.unresolved)
    try:
        old = snapshot_of(before)
    except ValueError as error:
        # The file is cut off, has another version, or holds no rules. So everything in it counts as lost.
        return Comparison(before, drops=(Drop(published.name, "what it holds cannot be compared with", str(error)),))
    drops = coverage.drops(old, new, extraction.reports, limit) if limit is not None else ()
    missing = len({one.id for one in old.documents} - {one.id for one in new.documents}) if limit is None else 0
    return Comparison(before, changes_between(old, new), drops, missing=missing, passed_over=_passed_over(old, extraction))


def _passed_over(old: Snapshot, extraction: Extraction) -> int:
    """Return how many documents gave something of what was published, and were not read for they hold no word of rules."""
    stated: list[Rule | Unresolved] = [*old.rules, *old.unresolved]
    gave = {one.document for entry in stated for one in entry.evidence}
    return sum(report.id in gave and any(found.code in PASSED_OVER for found in report.findings) for report in extraction.reports)


def feed_with(path: Path, comparison: Comparison, after: Content, accepted: str | None) -> bytes:
    """Return the feed at a path with what a publication changes. Raises UsageError when the feed is there and is not understood."""
    from extract.publish import feed  # noqa: PLC0415 - few runs keep one

    states = (comparison.before, b"".join(files.parts(after)))
    entries = feed.added(feed.load(path), comparison.changes, comparison.drops, accepted, states, comparison.first)
    return feed.changes_json(entries)
