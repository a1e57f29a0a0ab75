"""Findings with their places, in the order in which people should look at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from extract.model import Extraction, Finding, Report, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
# Findings about a document of which nothing is in the data: what could not be read, and what the program could not do.
UNREADABLE = frozenset({"unreadable-document", "binary-document"})
FAILED = frozenset({"internal-error", "process-died"})
LEFT_OUT = UNREADABLE | FAILED


class Placed(NamedTuple):
    """A finding with the path of the document, the file of patches or the manifest of sources that it is about."""

    path: str
    finding: Finding


def worst_first(extraction: Extraction) -> tuple[Placed, ...]:
    """Return the findings of all documents, patches and sources: errors, warnings, notes, each in the order of path and line."""
    return tuple(sorted(_placed(extraction), key=_rank))


def _placed(extraction: Extraction) -> Iterator[Placed]:
    reports: list[Report] = [*extraction.reports, *extraction.patches, *extraction.sources]
    for report in reports:
        for found in report.findings:
            yield Placed(found.document or report.path, found)


def _rank(placed: Placed) -> tuple[int, str, int, int, int, str, str, str]:
    path, found = placed
    place = found.line or 0, found.table or 0, found.row or 0
    # The last one makes the order complete: two findings that differ in their cells alone.
    return SEVERITIES.index(found.severity), path, *place, found.code, found.message, repr(found)
