"""The way of a document through the program, and of all documents together: the stages in the order in which they run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec

from extract.catalogue import finding
from extract.check import collect
from extract.errors import UnreadableInputError
from extract.interpret import read_tables
from extract.model import (
    ColumnReport,
    Document,
    DocumentReport,
    Evidence,
    Extraction,
    Finding,
    NoRule,
    Page,
    RowOutcome,
    Summary,
    TableReading,
    TableReport,
)
from extract.normalize import rows, statements
from extract.read import read
from extract.read.sources import Source, find

# Below this many documents a second process costs more than it saves (start-up measured at 0.25 s, a page at 4 ms).
_PARALLEL_FROM = 64
_CHUNK = 16

Progress = Callable[[int, int], None]
"""Called with the number of documents done and of all documents."""


class _Result(NamedTuple):
    """What one document gives, before the documents are put together."""

    document: Document
    stated: tuple[collect.Stated, ...]
    described: tuple[str, ...]
    report: DocumentReport


def extract_paths(
    paths: Sequence[str | os.PathLike[str]],
    *,
    root: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Extraction:
    """Extract the rules of all documents under the paths (files, folders, "-" for standard input).

    `root` is the folder that paths in the data are relative to; `jobs` the number of processes, by default as many as pay. The
    result does not depend on `jobs` or on the order of the paths. Raises UsageError when the paths give no documents; what is
    wrong with a document is a finding of the result.
    """
    sources = find(paths, Path(root) if root is not None else None)
    return _assemble(_run(sources, jobs, progress))


def extract_text(text: str | bytes, *, path: str = "document.html", kind: str | None = None) -> Extraction:
    """Extract the rules of one document given as text or bytes.

    `path` is what the data will carry and, with four parts or more, names vendor, product and release; `kind` is "html" or
    "markdown" when suffix and content should not decide.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _assemble([_extract(data, path, kind)])


def _run(sources: Sequence[Source], jobs: int | None, progress: Progress | None) -> Iterator[_Result]:
    workers = jobs if jobs is not None else (os.cpu_count() or 1) if len(sources) >= _PARALLEL_FROM else 1
    workers = min(max(workers, 1), max(len(sources), 1))
    if workers == 1 or any(source.file is None for source in sources):
        results: Iterable[_Result] = map(_extract_source, sources)
        yield from _counted(results, len(sources), progress)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from _counted(pool.map(_extract_source, sources, chunksize=_CHUNK), len(sources), progress)


def _counted(results: Iterable[_Result], total: int, progress: Progress | None) -> Iterator[_Result]:
    for done, result in enumerate(results, 1):
        if progress is not None:
            progress(done, total)
        yield result


def _extract_source(source: Source) -> _Result:
    try:
        data = source.load()
    except UnreadableInputError as error:
        return _failed(source.path, finding("unreadable-document", str(error)))
    return _extract(data, source.path, None)


def _extract(data: bytes, path: str, kind: str | None) -> _Result:
    """Run the stages on one document. A defect of this program in one document must not take the others with it."""
    try:
        page = read(data, path, kind)
        readings = read_tables(page)
        return _normalize(page, readings)
    except Exception as error:  # noqa: BLE001 - any document may be an attack; the finding names the defect
        message = f"{type(error).__name__}: {error}. This is a defect of the program; the document was left out"
        return _failed(path, finding("internal-error", message))


def _normalize(page: Page, readings: Sequence[TableReading]) -> _Result:
    document = page.document
    said = statements.read(_prose(page, readings)) if any(reading.drafts for reading in readings) else ()
    stated: list[collect.Stated] = []
    described: dict[str, None] = {}
    tables: list[TableReport] = []
    findings = [*page.findings, *(found for reading in readings for found in reading.findings)]
    for reading in readings:
        outcomes = {outcome.row: outcome for outcome in reading.no_rule}
        ruled: set[int] = set()
        left_open: set[int] = set()
        for draft in reading.drafts:
            result = rows.normalize(draft, said)
            findings.extend(result.findings)
            if not result.candidates:
                outcomes.setdefault(draft.row, RowOutcome(draft.row, draft.line, result.no_rule))
                continue
            ruled.add(draft.row)
            if any(candidate.missing for candidate in result.candidates):
                left_open.add(draft.row)
            evidence = Evidence(document.id, draft.table, draft.row, draft.line, draft.cells)
            stated.extend(collect.Stated(document, evidence, candidate) for candidate in result.candidates)
            if draft.near:
                described[draft.near.value] = None
        without = [outcome for outcome in outcomes.values() if outcome.row not in ruled]
        tables.append(_table_report(reading, len(ruled - left_open), len(left_open), without))
    if not page.grids and not findings:
        findings.append(finding("no-table", "this document holds no table, so no rule can come of it"))
    findings.sort(key=lambda found: (found.line or 0, found.table or 0, found.row or 0, found.code, found.message))
    filled = tuple(msgspec.structs.replace(found, document=document.path) for found in findings)
    report = DocumentReport(id=document.id, path=document.path, tables=tuple(tables), findings=filled)
    return _Result(document, tuple(stated), tuple(described), report)


def _prose(page: Page, readings: Sequence[TableReading]) -> Iterator[tuple[str, int]]:
    """Yield the sentences of a page with their lines: blocks, and the cells of tables that are no rule tables."""
    for block in page.blocks:
        if block.kind in ("paragraph", "item", "strong") and not block.scope:
            yield block.text, block.line
    for reading in readings:
        if reading.verdict == "no-rules":
            for row in page.grids[reading.number - 1].rows:
                for cell in dict.fromkeys(row.slots):
                    if cell is not None:
                        yield cell.text, cell.line


def _table_report(reading: TableReading, complete: int, open_rows: int, outcomes: Sequence[RowOutcome]) -> TableReport:
    """Account for every data row: the sum is checked on every run, because a lost row is a hole in a firewall."""
    if complete + open_rows + len(outcomes) != reading.data_rows:
        raise AssertionError(
            f"table {reading.number}: {reading.data_rows} data rows, but {complete} + {open_rows} + {len(outcomes)} accounted for"
        )
    reasons: dict[str, list[int]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: outcome.row):
        reasons.setdefault(outcome.reason, []).append(outcome.row)
    return TableReport(
        table=reading.number,
        line=reading.line,
        title=reading.title,
        verdict=reading.verdict,
        reason=reading.reason,
        columns=tuple(ColumnReport(column.header, column.role, column.why) for column in reading.columns),
        header_rows=reading.header_rows,
        data_rows=reading.data_rows,
        rule_rows=complete,
        unresolved_rows=open_rows,
        no_rule=tuple(NoRule(tuple(numbers), reason) for reason, numbers in reasons.items()),
    )


def _failed(path: str, found: Finding) -> _Result:
    document = read(b"", path).document
    report = DocumentReport(id=document.id, path=path, tables=(), findings=(msgspec.structs.replace(found, document=path),))
    return _Result(document, (), (), report)


def _assemble(results: Iterable[_Result]) -> Extraction:
    ordered = sorted(results, key=lambda result: result.document.id)
    described = [(result.document, name) for result in ordered for name in result.described]
    collected = collect.collect([one for result in ordered for one in result.stated], described)
    reports = tuple(result.report for result in ordered)
    return Extraction(
        documents=tuple(result.document for result in ordered),
        rules=collected.rules,
        unresolved=collected.unresolved,
        reports=reports,
        summary=_summary(collected, reports),
    )


def _summary(collected: collect.Collected, reports: Sequence[DocumentReport]) -> Summary:
    tables = [table for report in reports for table in report.tables]
    counts = {"error": 0, "warning": 0, "note": 0}
    for report in reports:
        for found in report.findings:
            counts[found.severity] += 1
    return Summary(
        documents=len(reports),
        tables=len(tables),
        rule_tables=sum(table.verdict == "rules" for table in tables),
        data_rows=sum(table.data_rows for table in tables),
        rule_rows=sum(table.rule_rows for table in tables),
        unresolved_rows=sum(table.unresolved_rows for table in tables),
        no_rule_rows=sum(len(outcome.rows) for table in tables for outcome in table.no_rule),
        rules=len(collected.rules),
        unresolved=len(collected.unresolved),
        findings=counts,
    )
