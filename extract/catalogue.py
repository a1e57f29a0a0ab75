"""The catalogue of findings: every check has a stable code, a severity and a title. Messages are rendered by the checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from extract.model import Finding, Place, Severity


class Entry(NamedTuple):
    """One kind of finding."""

    code: str
    severity: Severity
    title: str


_ENTRIES = (
    # Reading a document
    Entry("unreadable-document", "error", "The document could not be read from disk"),
    Entry("binary-document", "error", "The document is not text"),
    Entry("empty-document", "warning", "The document is empty"),
    Entry("encoding-guessed", "warning", "The encoding is neither declared nor UTF-8 and was detected"),
    Entry("undecodable-bytes", "warning", "Bytes that the encoding does not allow were replaced"),
    Entry("front-matter", "warning", "The front matter could not be parsed"),
    Entry("document-too-deep", "error", "The markup is nested too deeply and was cut off"),
    Entry("limit-reached", "error", "A size limit was reached and something was left out"),
    Entry("internal-error", "error", "The document made the program fail: a defect of this program"),
    Entry("element-unfinished", "warning", "An element whose content is no markup has no end"),
    # The shape of tables
    Entry("no-table", "note", "The document holds no table"),
    Entry("no-rule-table", "note", "None of the tables of the document holds rules"),
    Entry("table-unfinished", "warning", "A table has no end"),
    Entry("broken-pipe-table", "warning", "Lines look like a Markdown table but are not one"),
    Entry("surplus-cells", "warning", "A row has more cells than its table has columns"),
    Entry("missing-cells", "note", "A row has fewer cells than its table has columns"),
    Entry("mojibake", "note", "Text that was decoded wrongly by its author was repaired"),
    # What tables say
    Entry("type-contradicts-protocol", "warning", "Type and protocol of one row name different transports"),
    Entry("protocol-contradicts-port-cell", "warning", "Protocol cell and port cell of one row name different transports"),
    Entry("action-unknown", "warning", "The action cell holds a word that is neither allow nor deny"),
    Entry("protocol-unknown", "warning", "The protocol cell holds a word that is no known protocol"),
    Entry("protocol-missing", "warning", "Neither the row nor its surroundings name a protocol"),
    Entry("port-not-a-number", "warning", "The page leaves the port open"),
    Entry("port-partly-understood", "warning", "A port cell holds words that were not understood"),
    Entry("port-out-of-range", "error", "A number in a port cell is no port"),
    Entry("range-reversed", "error", "A port range ends before it begins"),
    Entry("table-doubtful", "warning", "A table looks like rules but was left out"),
    Entry("direction-conflict", "warning", "A row is headed Source but stands among outbound rules"),
)

CATALOGUE = {entry.code: entry for entry in _ENTRIES}
"""Code -> entry."""


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
    severity = CATALOGUE[code].severity
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
