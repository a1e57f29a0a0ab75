"""What a run counts: documents, tables and rows, patches, which layout it used, and what it did not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extract.cli.terminal import count, plain
from extract.model import Extraction, LayoutReport
from extract.read.not_read import in_words


def lines(extraction: Extraction, unchanged: int) -> Iterator[str]:
    """Yield a line for each kind of count; `unchanged` documents were in the cache."""
    summary = extraction.summary
    yield f"{count(summary.documents, 'document')}, {count(summary.tables, 'table')}, {summary.rule_tables} of them with rules"
    became = f"{summary.rule_rows} became rules, {summary.unresolved_rows} unresolved, {summary.no_rule_rows} no rule"
    yield f"{count(summary.data_rows, 'row')}: {became}"
    if unchanged:
        yield _unchanged(summary.documents, unchanged)
    if extraction.patches:
        applied = sum(not patch.findings for patch in extraction.patches)
        left_out = sum(patch.rules for patch in extraction.patches if patch.operation == "drop")
        yield f"patches: {applied} of {len(extraction.patches)} applied, {count(summary.patched, 'rule')} changed, {left_out} left out"
    yield f"layout: {_layouts(summary.layouts or ())}"
    if summary.not_read:
        yield f"not read: {in_words(summary.not_read)}"


def _unchanged(documents: int, unchanged: int) -> str:
    which = "all documents" if unchanged == documents else f"{unchanged} of {count(documents, 'document')}"
    return f"{which} unchanged since an earlier run, and taken from the cache"


def _layouts(layouts: Iterable[LayoutReport]) -> str:
    """Return in words what said which documents belong together."""
    parts = []
    for one in layouts:
        documents = count(one.documents, "document")
        if one.layout is not None:
            parts.append(f"{plain(one.layout)} for {documents}")
        elif one.by == "entry":
            parts.append(f"{documents} as [[source]] says")
        else:
            parts.append(f"{'' if parts else 'none; '}{documents} in {count(one.scopes, 'scope')} by folder")
    return "; ".join(parts)
