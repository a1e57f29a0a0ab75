"""What a run gives: reports, their summary, and all of it as one result."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from importlib import import_module
from typing import Any, Literal, TypeVar

import msgspec

from extract import notebook
from extract.model.reading import TableDecision
from extract.model.values import Document, Finding, Flat, Place, Rule, TableLayout, Unresolved, Verdict, flat
from extract.packed import in_order


class ColumnReport(msgspec.Struct, frozen=True):
    """The role of one column and why it has it."""

    header: str
    role: str
    why: str


class NoRule(msgspec.Struct, frozen=True):
    """Data rows that are no rule, and why."""

    rows: tuple[int, ...]
    reason: str


class TableReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one table. data_rows = rule_rows + unresolved_rows + the rows of no_rule."""

    table: int
    line: int
    title: str
    verdict: Verdict
    reason: str
    columns: tuple[ColumnReport, ...]
    header_rows: int
    data_rows: int
    # Rows of which everything is under `rules`.
    rule_rows: int
    # Rows of which something is under `unresolved`.
    unresolved_rows: int
    no_rule: tuple[NoRule, ...]
    # How a rule stands in the table; None for a table without rules, and in a file of before 1.1.0.
    layout: TableLayout | None = None
    # None for a table without rules and for a matrix, and in a file of before 1.1.0.
    decision: TableDecision | None = None
    # As in the evidence of a rule.
    at: str | None = None


class DocumentReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one document."""

    id: str
    path: str
    sha256: str
    tables: tuple[TableReport, ...]
    findings: tuple[Finding, ...]


class PatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one patch."""

    id: str
    # Of its file, relative to the folder of patches.
    path: str
    line: int
    operation: Literal["set", "drop", "add", "alias"]
    # How many rules of rows it changed, left out or added.
    rules: int
    # The rows.
    places: tuple[Place, ...]
    reason: str
    link: str | None
    findings: tuple[Finding, ...]


class SourceReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one entry of the manifest of sources."""

    # Of the manifest, relative to the folder of documents.
    path: str
    line: int
    # The file or folder that the entry is about.
    describes: str
    # How many documents of the run it describes.
    documents: int
    findings: tuple[Finding, ...]


Report = DocumentReport | PatchReport | SourceReport
"""What has findings of its own."""


class LayoutReport(msgspec.Struct, frozen=True, kw_only=True):
    """For how many documents one way says whether they belong together: a layout of paths, entries of the manifest, or their folders."""

    by: Literal["layout", "entry", "folder"]
    # What the folders mean; None for the other ways.
    layout: str | None
    documents: int
    # How many scopes these documents form. Within a scope, a name means one thing, and a rule that several documents state is one rule.
    scopes: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a run."""

    documents: int
    tables: int
    rule_tables: int
    data_rows: int
    rule_rows: int
    unresolved_rows: int
    no_rule_rows: int
    rules: int
    # How many of the rules are complete; None in a file of before.
    complete: int | None = None
    unresolved: int
    # Rules, resolved or not, of which a patch made something.
    patched: int
    # Severity -> count.
    findings: dict[str, int]
    # How the documents were put together; None in a file of before.
    layouts: tuple[LayoutReport, ...] | None = None
    # Suffix -> how many files of the folders were not read; a file without one counts under "". Also what responses of web archives that
    # became no documents are counted under (`read.warc.record.WORDS`), the same of files of ZIP archives (`read.pack.record.WORDS`), and
    # documents that were passed over (`read.formats.WORDLESS`). None in a file of before.
    not_read: dict[str, int] | None = None


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a run: what is published, and the report about it.

    Of documents and reports there may be very many. Up to 500 of them are tuples; more are packed sequences, whose values are made anew
    each time that they are asked for, and `tuple()` unpacks them.
    """

    documents: Sequence[Document]
    rules: tuple[Rule, ...]
    unresolved: tuple[Unresolved, ...]
    reports: Sequence[DocumentReport]
    patches: tuple[PatchReport, ...]
    sources: tuple[SourceReport, ...]
    summary: Summary

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings of all documents, in the order of the documents, then those of all patches and of the manifest of sources."""
        return tuple(self.each_finding())

    def to_dicts(self) -> list[Flat]:
        """Return a flat row for each rule, then for each unresolved one, for a table or data frame; the columns are `COLUMNS`."""
        entries: tuple[Rule | Unresolved, ...] = (*self.rules, *self.unresolved)
        return [flat(entry) for entry in entries]

    @property
    def complete(self) -> tuple[Rule, ...]:
        """The rules that hold enough for a firewall: those that state the direction, or both ends."""
        return tuple(rule for rule in self.rules if rule.complete)

    def to_json(self) -> str:
        """Return rules.json, validated. Raises SchemaViolationError where it would break its schema, which is a defect of this program."""
        # By name, as the package imports what it is asked for: what writes files is above what they hold.
        made: bytes = import_module("extract").rules_json(self)
        return made.decode()

    def _repr_html_(self) -> str:
        """Return a table of the first rules, for notebooks."""
        entries: Iterator[Rule | Unresolved] = itertools.chain(self.rules, self.unresolved)
        return notebook.table_of((flat(entry) for entry in entries), len(self.rules) + len(self.unresolved))

    def merge(self, others: Iterable[Extraction]) -> Extraction:
        """Merge this result with others. It equals one run over all their documents, if no patch is about documents of two results.

        Everything is in its stable order, and the counts of the summary are added up. Raises ValueError where documents of one scope, or
        what became of one patch, are in two of them: these must be assembled together, see `units`.
        """
        every = (self, *others)
        _refuse_twice([{document.scope for document in one.documents} for one in every], "the scope {!r} is")
        _refuse_twice([{patch.id for patch in one.patches} for one in every], "what became of the patch {!r} is")
        documents: Sequence[Document] = in_order(Document, [one.documents for one in every], "id")
        patches = sorted(itertools.chain.from_iterable(one.patches for one in every), key=lambda patch: (patch.path, patch.line, patch.id))
        sources = _summed_sources(every)
        return Extraction(
            documents=documents,
            rules=_in_scopes(itertools.chain.from_iterable(one.rules for one in every), documents),
            unresolved=_in_scopes(itertools.chain.from_iterable(one.unresolved for one in every), documents),
            reports=in_order(DocumentReport, [one.reports for one in every], "id"),
            patches=tuple(patches),
            sources=sources,
            summary=_summed(every, sources),
        )

    def each_finding(self) -> Iterator[Finding]:
        """Yield the same, one by one."""
        reports: Iterable[Report] = itertools.chain(self.reports, self.patches, self.sources)
        return (found for report in reports for found in report.findings)


_Entry = TypeVar("_Entry", Rule, Unresolved)


def _refuse_twice(sets: Sequence[Set[object]], what: str) -> None:
    seen: set[object] = set()
    for some in sets:
        if twice := seen & some:
            raise ValueError(f"{what.format(min(twice, key=repr))} in two extractions; assemble together what belongs together")
        seen |= some


def _in_scopes(entries: Iterable[_Entry], documents: Iterable[Document]) -> tuple[_Entry, ...]:
    """Return rules in the order of scopes, those of each scope as they are."""
    found = list(entries)
    stating = {entry.evidence[0].document for entry in found}
    scopes = {document.id: document.scope for document in documents if document.id in stating}
    return tuple(sorted(found, key=lambda entry: scopes[entry.evidence[0].document]))


def _summed_sources(every: Sequence[Extraction]) -> tuple[SourceReport, ...]:
    """Return what became of the entries of the manifest. One that no result has a document for keeps what was found about it."""
    found: dict[tuple[int, str], SourceReport] = {}
    for told in itertools.chain.from_iterable(one.sources for one in every):
        known = found.get((told.line, told.describes))
        documents = told.documents + (known.documents if known is not None else 0)
        findings = () if documents else told.findings
        found[told.line, told.describes] = msgspec.structs.replace(told, documents=documents, findings=findings)
    return tuple(found[place] for place in sorted(found))


def _summed(every: Sequence[Extraction], sources: Sequence[SourceReport]) -> Summary:
    summaries = [one.summary for one in every]
    counts: dict[str, Any] = {}
    for name in (field.name for field in msgspec.structs.fields(Summary)):
        values = [getattr(summary, name) or 0 for summary in summaries]
        if name not in ("findings", "layouts", "not_read"):
            counts[name] = sum(values)
    not_read: Counter[str] = Counter()
    findings: Counter[str] = Counter(dict.fromkeys(every[0].summary.findings, 0))
    for summary in summaries:
        not_read.update(summary.not_read or {})
        findings.update(summary.findings)
    # Those about the manifest, which each result made alone.
    findings.subtract(_severities(itertools.chain.from_iterable(one.sources for one in every)))
    findings.update(_severities(sources))
    return Summary(**counts, findings=dict(findings), layouts=_summed_layouts(summaries), not_read=dict(sorted(not_read.items())))


def _severities(reports: Iterable[SourceReport]) -> Counter[str]:
    return Counter(found.severity for report in reports for found in report.findings)


def _summed_layouts(summaries: Iterable[Summary]) -> tuple[LayoutReport, ...]:
    found: dict[tuple[str, str | None], LayoutReport] = {}
    for told in itertools.chain.from_iterable(summary.layouts or () for summary in summaries):
        known = found.get((told.by, told.layout))
        documents, scopes = (known.documents, known.scopes) if known is not None else (0, 0)
        found[told.by, told.layout] = msgspec.structs.replace(told, documents=told.documents + documents, scopes=told.scopes + scopes)
    return tuple(sorted(found.values(), key=lambda told: ("layout", "entry", "folder").index(told.by)))
