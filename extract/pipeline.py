"""The stages, in the order in which they run: of one page, and of all documents together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from extract.cells.reading import Cells
from extract.check import account, collect, directions, groups, labels, layouts, names, overlaps, prose
from extract.check.overrides import NONE, Overrides
from extract.check.page import RowCheck
from extract.check.page import check as check_page
from extract.check.part import Part, opened
from extract.check.patch_files import Patch
from extract.check.patches import Patcher
from extract.check.stated import Result, Scope, Settled
from extract.interpret import read_tables
from extract.model import Document, DocumentReport, Extraction, Page
from extract.packed import Packed, kept
from extract.read.manifest import Manifest
from extract.rows import Prose, read_rows

ROW_CHECKS: tuple[RowCheck, ...] = (labels.check, directions.check)
"""What looks at each row by itself. What compares rules with each other, and with sentences, is called in `assemble`."""


def read_page(page: Page) -> Result:
    """Return what a page gives: its tables interpreted, their rows read, and what the rows state checked and accounted for."""
    cells = Cells()
    readings = read_tables(page, cells)
    sentences = Prose(page, readings)
    rows = read_rows(page, readings, sentences, cells)
    return check_page(page, readings, sentences, rows, cells, ROW_CHECKS)


def assemble(
    parts: Iterable[Part],
    *,
    scope: Scope | None = None,
    patches: Sequence[Patch] = (),
    origins: Manifest | None = None,
    complete: bool = True,
    not_read: Mapping[str, int] | None = None,
    overrides: Overrides = NONE,
) -> Extraction:
    """Put documents together: patched and resolved names, identities, checks over all of them, the account.

    The order of the parts does not matter. With `scope` only the parts of that scope are taken. `origins` is the manifest that says where
    the documents come from. `complete` says that the documents are all that there are, so that a patch or an entry of the manifest for
    another one is stale; those of one scope never are. `not_read` counts the files that are no documents. `overrides` are the
    severities that findings have in place of those of the catalogue.
    """
    ordered: list[Result] = []
    settled: list[Settled] = []
    if scope is not None:
        parts, complete = (part for part in parts if part.scope == scope), False
    for result in opened(parts):
        if isinstance(result, Settled):
            settled.append(overrides.of_settled(result))
        else:
            ordered.append(overrides.of_result(result))
    ordered.sort(key=lambda result: result.document.id)
    documents = kept(Packed(Document, (result.document for result in ordered), (one.documents for one in settled), "id"))
    patcher = Patcher(patches, documents, complete)
    said = [one for result in ordered for one in result.stated]
    renamed, described = patcher.rename(said, [one for result in ordered for one in result.described])
    resolved = names.resolve(renamed, described)
    stated = patcher.correct(resolved)
    if stated is not resolved:
        # Once more, for the names that patches set.
        stated = names.resolve(stated, described)
    collected = collect.collect(stated)
    findings = overrides.of_findings([*overlaps.check(collected), *groups.check(stated, described), *prose.check(ordered, stated)])
    told = account.reports(ordered, stated, patcher.dropped, findings)
    reports = kept(Packed(DocumentReport, told, (one.reports for one in settled), "id"))
    patched = overrides.of_reports(patcher.reports())
    entries = overrides.of_reports(origins.reports(documents, complete)) if origins is not None else ()
    return Extraction(
        documents=documents,
        rules=collected.rules,
        unresolved=collected.unresolved,
        reports=reports,
        patches=patched,
        sources=entries,
        summary=account.summary(collected, reports, patched, entries, layouts.used(documents, origins), not_read),
    )
