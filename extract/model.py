"""The values that travel through the pipeline. All are frozen; nothing here knows how they are made or printed.

Line numbers count from 1 and count line feeds, as `git`, `grep -n` and code review do: a stray carriage return does not
start a line (a file that has carriage returns only is counted by those). Table, row and column numbers count from 1 in
everything that is published; `Cell.row` and `Cell.column` are grid indices and count from 0.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Literal, TypeVar

import msgspec

from extract.packed import in_order

Severity = Literal["error", "warning", "note"]
Concern = Literal["lost", "contradiction", "open", "unread", "doubtful", "other"]
"""What a finding asks, in the order in which people should look: something is not in the data; two statements of the page cannot both hold;
the page leaves something open; a header or an end was not understood; something may be a rule or none; the rest.
"""
Action = Literal["allow", "deny"]
Direction = Literal["ingress", "egress"]
EndpointKind = Literal["group", "cidr", "host", "role", "any"]
BlockKind = Literal["title", "heading", "paragraph", "item", "strong", "code", "table"]
Verdict = Literal["rules", "no-rules", "doubtful"]
TableLayout = Literal["rows", "key/value", "matrix"]
ChangeKind = Literal["added", "removed", "changed", "moved"]
Scope = Literal["patch", "item", "cell", "row", "group", "table", "section", "page"]
"""What a statement of a page holds for, from the narrowest to the widest; `group` is the rows below a label inside a table."""
Field = Literal["direction", "protocol", "action", "owner", "component", "source", "destination"]
"""What the surroundings of a row can state. `owner` is the group or host that the rules belong to; `component` is what the heading above
the table names: it owns the rules where their direction is known, and says nothing of it."""
Impact = Literal[
    "opens",
    "widens",
    "replaces",
    "re-routes",
    "closes",
    "narrows",
    "now-stated",
    "no-longer-stated",
    "unresolved",
    "wording",
    "evidence",
]

Role = Literal[
    "port",  # the ports that a rule opens
    "port_from",  # the first port of a range
    "port_to",  # the last port of a range
    "source_port",  # the ports that traffic comes from, which no rule names
    "internal_port",  # the port behind an address translation
    "protocol",
    "type",  # what a console calls a rule, which names a protocol: `Custom TCP Rule`
    "icmp",  # the type of ICMP
    "icmp_code",
    "ethertype",  # the IP version
    "source",
    "destination",
    "near",  # the end that the rules belong to, whichever way traffic goes
    "owner",  # the group that the rule belongs to: the near end, where the row says which way traffic goes
    "far",  # the other end of it
    "address",  # an end of which the header does not say which one
    "end",  # an end by its cells, under a header that nobody knows
    "translated",  # an end or a port in front of an address translation, which no rule names
    "left",  # the end in front of an arrow
    "right",  # the end behind it
    "flow",  # both ends in one cell: `A -> B`
    "direction",
    "action",
    "mark",  # ticks where the protocol or the direction in the header holds
    "description",
    "service",  # the name of a rule or of what listens
    "",  # no word of the header is known
]
"""What a column of a rule table holds."""

FIRST_PORTS: frozenset[Role] = frozenset({"port", "port_from"})
"""Each row has its ports here, or where they begin."""
PORTS: frozenset[Role] = FIRST_PORTS | {"port_to"}
ENDS: frozenset[Role] = frozenset({"source", "destination", "near", "owner", "far", "address", "end"})
"""One end of a flow in each cell, whatever stands beside it."""
SIDES: frozenset[Role] = frozenset({"source", "destination", "left", "right"})
"""One end of a flow, and it is known which one."""
FLOWS: frozenset[Role] = SIDES | {"flow"}
"""What names both ends of a flow, alone or two together."""
ALL_ENDS: frozenset[Role] = ENDS | FLOWS


class Place(msgspec.Struct, frozen=True):
    """A row, table or line of a document; `document` is its path."""

    document: str
    line: int | None
    table: int | None = None
    row: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Something about the input that a person should know. `code` is an entry of `extract.catalogue`."""

    code: str
    severity: Severity
    message: str
    # The path of the document.
    document: str | None = None
    line: int | None = None
    table: int | None = None
    row: int | None = None
    # The cells of the row as written, white space folded; empty when the finding is about no row.
    cells: dict[str, str] = {}
    # The other places that it is about.
    related: tuple[Place, ...] = ()


class Trace(msgspec.Struct, frozen=True):
    """How one value of a rule came about, when it is not simply what its cell says."""

    field: str
    kind: Literal["correction", "label", "context", "alias", "repair", "reading", "patch"]
    # What the page says, as written; empty when the row itself says nothing.
    said: str
    became: str
    # The mechanism or vocabulary entry, stable enough to be searched for.
    by: str
    # In words, for people; where it comes from is in the fields below.
    why: str
    # The id of the document that says so outside of the row; it is None where the row or its header says it, as line and quote are.
    document: str | None = None
    line: int | None = None
    # What stands there, as the page is read: a heading, a caption, a sentence, a group row, a name in full.
    quote: str | None = None


class Endpoint(msgspec.Struct, frozen=True):
    """One side of a flow."""

    kind: EndpointKind
    name: str


class Evidence(msgspec.Struct, frozen=True):
    """Where a rule stands in the source: the cells are quoted as written, white space folded."""

    document: str
    table: int
    row: int
    line: int
    cells: dict[str, str]
    # The live page, at the nearest heading above the table where the page gives that heading an id; None when no URL is known.
    url: str | None = None


def is_complete(direction: object, source: object, destination: object) -> bool:
    """Return whether a rule says enough for a firewall: which way its traffic goes, or both of its ends. None is what is not stated.

    Nobody asks for protocol and ports, for a rule without them is an unresolved one. Null ports say all that there is to say: the protocol
    has none, or it is `any` and every port is meant; a null ICMP type is every type.
    """
    return direction is not None or (source is not None and destination is not None)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One action x direction x protocol x contiguous port range x source x destination."""

    id: str
    fingerprint: str
    # Follows from other fields, whatever it is given: an unresolved rule never is complete, and has no such field.
    complete: bool = False
    action: Action
    direction: Direction | None
    protocol: str
    from_port: int | None
    to_port: int | None
    icmp_type: int | None
    icmp_code: int | None
    source: Endpoint | None
    destination: Endpoint | None
    description: str
    trace: tuple[Trace, ...]
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        """Work out whether the rule is complete; also when it is read from a file, or made of another one."""
        msgspec.structs.force_setattr(self, "complete", is_complete(self.direction, self.source, self.destination))


class Unresolved(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that cannot be applied as it stands, with everything that the page does say."""

    id: str
    fingerprint: str
    action: Action | None
    direction: Direction | None
    protocol: str | None
    from_port: int | None
    to_port: int | None
    icmp_type: int | None
    icmp_code: int | None
    source: Endpoint | None
    destination: Endpoint | None
    description: str
    trace: tuple[Trace, ...]
    evidence: tuple[Evidence, ...]
    # The page's own words where it names no port number.
    port_text: str | None
    missing: tuple[Literal["action", "protocol", "ports"], ...]
    reason: str


Flat = dict[str, str | int | bool | None]
"""A rule as one row of a table: column -> value; None where the page does not state it."""

COLUMNS = (
    "status",
    "action",
    "direction",
    "protocol",
    "from_port",
    "to_port",
    "icmp_type",
    "icmp_code",
    "source_kind",
    "source",
    "destination_kind",
    "destination",
    "description",
    "complete",
    "missing",
    "port_text",
    "reason",
    "document",
    "table",
    "row",
    "line",
    "url",
    "id",
    "fingerprint",
)
"""The columns of such a row, in order. `status` is "rule", or "open" for an unresolved rule; what it lacks is in `missing`, by commas."""


def flat(entry: Rule | Unresolved, place: Evidence | None = None) -> Flat:
    """Return a rule, resolved or not, as one row with `COLUMNS`. Of its places it names one: the one that is given, else the first."""
    where = place if place is not None else entry.evidence[0]
    values: Flat = {name: getattr(entry, name, None) for name in COLUMNS}
    for side in ("source", "destination"):
        end: Endpoint | None = getattr(entry, side)
        values[side], values[f"{side}_kind"] = (end.name, end.kind) if end is not None else (None, None)
    values |= {name: getattr(where, name) for name in ("document", "table", "row", "line", "url")}
    if isinstance(entry, Unresolved):
        return {**values, "status": "open", "complete": False, "missing": ", ".join(entry.missing)}
    return {**values, "status": "rule"}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One source page. `path` is relative to the folder that was given and uses forward slashes."""

    id: str
    path: str
    sha256: str
    title: str
    vendor: str | None
    product: str | None
    release: str | None
    url: str | None
    # An SPDX identifier or words, as the manifest of sources says.
    licence: str | None = None

    @property
    def scope(self) -> tuple[str, ...]:
        """What a rule's identity and a name's meaning are bound to: the release of a product, else the folder, which ends in a slash.

        Pages of one folder may be versions of each other, and then their names say so by numbers: `ports-1.2`, `ports-1.3`. A page with a
        number in its name is a scope of its own where nobody says its release.
        """
        if self.product and self.release:
            named = (self.product, self.release)
            return (self.vendor, *named) if self.vendor else named
        folder, _, name = self.id.rpartition("/")
        if any(map(str.isdecimal, name)):
            return (self.id,)
        return (f"{folder or '.'}/",)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What people know of a document that need not stand in it. Product and release are known together or not at all."""

    vendor: str | None = None
    product: str | None = None
    release: str | None = None
    url: str | None = None
    licence: str | None = None
    title: str | None = None


# --- what reading makes of a page -------------------------------------------------------------------------------------
#
# There are many of these, and they hold nothing that could hold them: the garbage collector need not look at them.


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One cell of a table, at the grid slot of its top left corner."""

    row: int
    column: int
    rowspan: int
    colspan: int
    header: bool
    line: int
    # The text, one entry for each block (paragraph, list item, <br>), white space folded, empty ones left out.
    lines: tuple[str, ...]
    # The lines before mojibake was repaired; empty when nothing was.
    raw: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole text in one line."""
        return " ".join(self.lines)


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row of the grid: `slots` holds one entry for each column, a spanning cell in each slot that it covers."""

    line: int
    slots: tuple[Cell | None, ...]
    # Cells that the row has beyond the columns of its table (Markdown parsers drop these).
    surplus: tuple[str, ...] = ()
    # The markup hides the row from readers.
    hidden: bool = False


class Grid(msgspec.Struct, frozen=True):
    """A table after WHATWG's algorithm (HTML, 4.9.12 'Forming a table'): every row has the same number of slots."""

    number: int
    line: int
    width: int
    caption: str
    rows: tuple[Row, ...]
    # Rows of <thead>, or leading rows of <th> alone: what the markup itself declares as header.
    head_rows: int
    # How many cells this table is nested in.
    depth: int = 0
    # The markup hides the table from readers.
    hidden: bool = False


class Block(msgspec.Struct, frozen=True, gc=False):
    """A piece of the page outside of tables (or inside a layout cell), in document order."""

    kind: BlockKind
    text: str
    line: int
    # Heading level 1-6; for a table its number.
    level: int = 0
    # The cell that the block stands in: 0 outside of any table, else a number that is unique in the page.
    scope: int = 0
    # For a table: every cell around it, innermost last.
    scopes: tuple[int, ...] = ()
    # For a heading: the id by which the page lets others link to it, as written; empty when it has none.
    anchor: str = ""


class Prose(msgspec.Struct, frozen=True):
    """What a page says beside its tables, and what is wrong with that."""

    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """A document as a reader sees it: the tables as grids, and blocks in order, which are looked at when somebody asks for them."""

    document: Document
    grids: tuple[Grid, ...]
    # Those of the prose left out.
    findings: tuple[Finding, ...]
    prose: Callable[[], Prose] = Prose
    # By the number of a table, the titles of which one stands nearest above it, a line each: known without a look at the rest of the text.
    titles: Callable[[int], str] = lambda _: ""
    # Line -> the table that lines would be which look like one and are none in Markdown.
    broken: Mapping[int, Grid] = {}

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the page, tables included."""
        return self.prose().blocks


# --- what interpreting makes of a table -------------------------------------------------------------------------------


class Fact(msgspec.Struct, frozen=True):
    """A value that the page states for the rows of a table, a group of them or one of them, with the words and the place that state it."""

    field: Field
    value: str
    scope: Scope
    # The words, as written.
    text: str
    # 0 where the place has no line of its own: the header of a column.
    line: int
    # What kind of place it is, or what phrase names the value.
    by: str


class Column(msgspec.Struct, frozen=True):
    """What one column of a rule table means."""

    index: int
    header: str
    role: Role
    why: str
    # The protocol that the header itself states for every cell below: `TCP Ports`.
    hint: str | None = None
    # The direction that the header itself states: `Inbound ports`.
    way: Direction | None = None
    # The column holds protocol and port together, so that `any` in it means both.
    composite: bool = False
    # What the header itself does with the traffic of the cells below, or with that of the ticked ones: `Blocked ports`, `Allowed`.
    action: Action | None = None
    # Nobody knows the header, and the cells are too short for text: they may be anything.
    unread: bool = False


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One data row with the cells by role, and what its surroundings state. Its cells are not read yet."""

    table: int
    row: int
    line: int
    # Header -> text as written, for the evidence.
    cells: dict[str, str]
    # Role -> the cells of that role, left to right.
    values: dict[Role, tuple[Value, ...]]
    # What is stated around the row, for each field the fact of the narrowest scope.
    facts: dict[Field, Fact] = {}
    # The cells beyond the columns of the table.
    surplus: tuple[str, ...] = ()


class Value(msgspec.Struct, frozen=True):
    """One cell in the role that its column gives it."""

    lines: tuple[str, ...]
    header: str
    hint: str | None = None
    raw: tuple[str, ...] = ()
    way: Direction | None = None
    composite: bool = False
    action: Action | None = None
    unread: bool = False

    @property
    def text(self) -> str:
        """The whole text in one line."""
        return " ".join(self.lines)


class RowOutcome(msgspec.Struct, frozen=True):
    """What became of one data row that is no rule."""

    row: int
    line: int
    reason: str


class CostTerm(msgspec.Struct, frozen=True):
    """What speaks against the reading of a table, and how much; the costs and their meaning are in `extract.interpret.costs`."""

    # The column that it is about, counted from 1; None when it is about several of them together.
    column: int | None
    cost: float
    why: str


class TableDecision(msgspec.Struct, frozen=True):
    """Why a table was read as it was, and not otherwise."""

    cost: float
    # By how much the next reading costs more, and the roles that it gives the columns; None when there is no other reading.
    margin: float | None
    runner_up: tuple[Role, ...] | None
    terms: tuple[CostTerm, ...]


class TableReading(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one table and, for a rule table, its drafts. drafts + no_rule = data rows."""

    number: int
    line: int
    title: str
    verdict: Verdict
    # How a rule stands in the table: in a row, in a column beside the names of the fields, or in a cell; None for a table without rules.
    layout: TableLayout | None
    reason: str
    columns: tuple[Column, ...]
    header_rows: int
    data_rows: int
    drafts: tuple[Draft, ...]
    no_rule: tuple[RowOutcome, ...]
    findings: tuple[Finding, ...] = ()
    # None for a matrix, whose columns have no roles to decide, and for a table without rules.
    decision: TableDecision | None = None


# --- what a run gives -------------------------------------------------------------------------------------------------


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
    # How many scopes these documents make: what a name means the same in, and a rule that several of them state is one rule.
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
    # became no documents are counted under (`read.warc.record.WORDS`), and documents that were passed over (`read.formats.WORDLESS`). None
    # in a file of before.
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

    def merge(self, others: Iterable[Extraction]) -> Extraction:
        """Return this result and others as one: what one run over all of their documents gives, where patches hold no two of them together.

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


# --- what a new release changes ---------------------------------------------------------------------------------------


class ChangeScope(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared: two releases of a product; or the document of a rule that is of none."""

    vendor: str | None
    product: str | None
    # The release on the old side; None when there the product is not, and for a document.
    previous: str | None
    current: str | None
    # The id of the document, on the new side when it is there; None for a product.
    document: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that is another one than before, and what that means for a firewall that follows the pages.

    `kind` says what became of the rule, `moved` that only its place, cells or trace are others. `impact` says what becomes of access:
    opens (new access), widens (more than before), replaces (other ports or another protocol: new access, and old access ends),
    re-routes (the same ports and protocol, but between other ends or in another direction: the same), closes, narrows, now-stated (a
    direction or an end that was null is stated, and all that was stated is the same), no-longer-stated (the way back), unresolved
    (something that cannot be applied yet came, went or changed), wording (the same traffic in other words), evidence (nothing but where it
    stands, or how it was read).
    """

    # A hash over scope, kind, fingerprints and words; never over places.
    id: str
    kind: ChangeKind
    impact: Impact
    scope: ChangeScope
    # The fields that differ, in the order of the model; empty for a rule that is on one side only.
    fields: tuple[str, ...]
    previous: Rule | Unresolved | None
    current: Rule | Unresolved | None


class Drop(msgspec.Struct, frozen=True):
    """A number of a scope that fell by more than the limit from one publication to the next, or a document that vanished."""

    scope: str
    what: str
    cause: str


class FirstPublication(msgspec.Struct, frozen=True, kw_only=True):
    """How much was published where nothing was before."""

    documents: int
    rules: int
    unresolved: int


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What one publication changed."""

    # A hash over the entry below and the two states of the data.
    id: str
    # Every impact that occurs.
    counts: dict[Impact, int]
    # Why drops were published all the same; null when there were none.
    accepted: str | None
    drops: tuple[Drop, ...]
    # All but those of evidence alone, which are counted.
    changes: tuple[Change, ...]
    # What was published where nothing was before, so that there are no changes to tell; None in every other entry.
    first: FirstPublication | None = None
