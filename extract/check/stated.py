"""What one document gives, before the documents are put together: its candidates with their places, and the account of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from extract.catalogue import finding
from extract.cells.statements import PortSentence
from extract.model import Document, Evidence, Finding, Place, RowOutcome, TableReading
from extract.rows.row import Candidate

# A finding points at so many other places.
_PLACES = 10

Scope = tuple[str, ...]


class Stated(msgspec.Struct, frozen=True, array_like=True):
    """A candidate with the place that states it."""

    document: Document
    evidence: Evidence
    candidate: Candidate

    @property
    def place(self) -> Place:
        """Return the row as the place of a finding."""
        return Place(self.document.path, self.evidence.line, self.evidence.table, self.evidence.row, self.evidence.at)


class Described(msgspec.Struct, frozen=True, array_like=True):
    """A name that a page describes: the heading or title that owns a table of rules."""

    document: Document
    name: str
    line: int
    # What stands there, as the page is read.
    text: str
    # Its place in words, in a document that has no lines that people count.
    at: str | None = None


class Accounted(msgspec.Struct, frozen=True, array_like=True):
    """One table: its reading without the parts already used (drafts, rows without a rule, findings), and every row without a rule."""

    reading: TableReading
    outcomes: tuple[RowOutcome, ...]


class Result(msgspec.Struct, frozen=True, array_like=True):
    """What one document gives."""

    document: Document
    stated: tuple[Stated, ...] = ()
    described: tuple[Described, ...] = ()
    # The sentences that state ports and protocols; read only where the page has rules to compare them with.
    statements: tuple[PortSentence, ...] = ()
    tables: tuple[Accounted, ...] = ()
    findings: tuple[Finding, ...] = ()
    # Line -> its place in words, in a document that has no lines that people count.
    at: Mapping[int, str] = {}


class Settled(msgspec.Struct, frozen=True, array_like=True):
    """The packed records and reports of documents that other documents cannot change."""

    documents: bytes
    reports: bytes


def scope_of(document: Document) -> Scope:
    """Return the scope of a document."""
    return document.scope


def finding_at(one: Stated, code: str, message: str, related: Iterable[Place] = ()) -> Finding:
    """Return a finding at the row of a candidate; of the other places it keeps the first few."""
    place = one.place
    others: dict[Place, None] = {}
    for other in related:
        if other != place:
            others[other] = None
            if len(others) == _PLACES:
                break
    return finding(
        code,
        message,
        document=place.document,
        line=place.line,
        table=place.table,
        row=place.row,
        cells=one.evidence.cells,
        related=tuple(others),
    )
