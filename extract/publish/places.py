"""Findings with their places, in the order in which people should look at them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extract.model import Extraction, Finding, Report, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
# Findings about a document of which nothing is in the data: what could not be read, and what the program could not do.
UNREADABLE = frozenset({"unreadable-document", "binary-document", "unsupported-format", "broken-document"})
FAILED = frozenset({"internal-error", "process-died"})
LEFT_OUT = UNREADABLE | FAILED
# The finding of a document of which nothing is in the data because it was not read.
PASSED_OVER = frozenset({"document-not-read"})


class Placed(NamedTuple):
    """A finding with the path of the document, the file of patches or the manifest of sources that it is about."""

    path: str
    finding: Finding


def worst_first(extraction: Extraction) -> tuple[Placed, ...]:
    """Return the findings of all documents, patches and sources: errors, warnings, notes, each in the order of path and line."""
    ranked = sorted(((_rank(placed), placed) for placed in _placed(extraction)), key=lambda one: one[0])
    found: list[Placed] = []
    for _, group in itertools.groupby(ranked, key=lambda one: one[0]):
        # What makes the order complete is long and seldom needed: two findings that differ in their cells alone.
        same = [placed for _, placed in group]
        found.extend(sorted(same, key=lambda placed: repr(placed.finding)) if len(same) > 1 else same)
    return tuple(found)


def _placed(extraction: Extraction) -> Iterator[Placed]:
    reports: Iterable[Report] = itertools.chain(extraction.reports, extraction.patches, extraction.sources)
    for report in reports:
        for found in report.findings:
            yield Placed(found.document or report.path, found)


def _rank(placed: Placed) -> tuple[int, str, int, int, int, str, str]:
    path, found = placed
    place = found.line or 0, found.table or 0, found.row or 0
    return SEVERITIES.index(found.severity), path, *place, found.code, found.message
