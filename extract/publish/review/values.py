"""What the review page shows, before it is markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple

from extract.model import Change, ColumnReport, Document, Finding, Place, Rule, Severity, Unresolved, Verdict
from extract.regex import late

AnyRule = Rule | Unresolved
Word = Literal["corrected", "patched", "inferred"]
"""What people call a value that is not what its cell says."""


# Longer texts are given more room than a column of numbers.
_NAME = 18
# Not broken at its hyphen, where a reader would take it for two ports.
_RANGE = late(r"\d{1,5} ?[-–] ?\d{1,5}")


class Mark(NamedTuple):
    """Why a value of a rule is not simply what its cell says."""

    word: Word
    field: str
    said: str
    # Empty when what was said was not understood.
    became: str
    by: str
    why: str


class ReviewRule(NamedTuple):
    """A rule, resolved or not, with what must be known to trust it."""

    # Among all entries of the run, unresolved ones last.
    number: int
    entry: AnyRule
    # The number of the document that its first row stands in.
    document: int
    marks: tuple[Mark, ...]
    # All rows that state it. The rule is told in full at the first one.
    places: tuple[Place, ...]
    # Of what was found about its rows.
    severities: frozenset[Severity]

    @property
    def resolved(self) -> bool:
        """Return whether the rule can be applied as it stands."""
        return isinstance(self.entry, Rule)

    @property
    def complete(self) -> bool:
        """Return whether the rule says enough for a firewall."""
        return isinstance(self.entry, Rule) and self.entry.complete

    def of(self, word: Word) -> tuple[Mark, ...]:
        """Return the marks of one kind."""
        return tuple(mark for mark in self.marks if mark.word == word)


class ReviewCell(NamedTuple):
    """A cell of the source, at the place in which it is shown."""

    lines: tuple[str, ...]
    rowspan: int
    colspan: int
    header: bool
    # The cell began above or to the left; it is repeated for readers to whom spans cannot be shown.
    carried: bool
    # What became of the values that are quoted from it: corrected, patched.
    said: tuple[str, ...]
    # The header above it.
    label: str
    # It has a word that a column cannot be made as wide as.
    long: bool

    @property
    def classes(self) -> tuple[str, ...]:
        """Return how the cell is laid out."""
        names = {"carried": self.carried, "long": self.long, "wide": sum(map(len, self.lines)) > _NAME, "range": self._is_range}
        return tuple(name for name, holds in names.items() if holds)

    @property
    def _is_range(self) -> bool:
        return len(self.lines) == 1 and _RANGE.fullmatch(self.lines[0]) is not None


class ReviewRow(NamedTuple):
    """A row of the source, with what came of it."""

    # From the first below the header; 0 for a row of the header.
    number: int
    line: int
    cells: tuple[ReviewCell, ...]
    surplus: tuple[str, ...]
    hidden: bool
    # Told here in full.
    rules: tuple[ReviewRule, ...]
    # Stated here as well.
    repeated: tuple[ReviewRule, ...]
    no_rule: str
    findings: tuple[Finding, ...]
    # Findings about other rows that name this one.
    related: tuple[Finding, ...]
    # As in the evidence of a rule.
    at: str | None = None

    @property
    def whys(self) -> frozenset[str]:
        """Return what the rules of the row say of their values: a finding need not say it once more."""
        corrected = (mark.why for rule in self.rules for mark in rule.marks if mark.word != "inferred")
        return frozenset((*corrected, *(rule.entry.reason for rule in self.rules if isinstance(rule.entry, Unresolved))))

    def is_problem(self, common: Common) -> bool:
        """Return whether something in the row needs a look that is not said above the table."""
        opened = (rule.entry.reason for rule in self.rules if isinstance(rule.entry, Unresolved))
        return not common.reasons.issuperset(opened) or any(found.severity != "note" and not common.of(found) for found in self.findings)

    def says(self, found: Finding) -> bool:
        """Return whether the rules of the row say what a finding says."""
        return any(_gives(found, why) for why in self.whys)


class Quote(NamedTuple):
    """A line outside of the rows that gave values: a heading, sentence, caption or group row."""

    line: int
    said: str
    gave: tuple[str, ...]
    # As in the evidence of a rule.
    at: str | None = None


def _gives(found: Finding, why: str) -> bool:
    return found.message == why or found.message.startswith(f"{why}; ")


Wording = tuple[str, str]
"""The code and the message of a finding: what two rows may have alike."""


def wording(found: Finding) -> Wording:
    """Return what a finding says, without its place."""
    return found.code, found.message


class Shared(NamedTuple):
    """A finding that many rows of a table have in the same words."""

    finding: Finding
    rows: int
    # Whether the rows are just those that state rules.
    whole: bool


class Common(NamedTuple):
    """What many rows of a table have in common, and is said once above it."""

    # The fields that no rule of the table has.
    unstated: tuple[str, ...] = ()
    # What was inferred for every rule of the table in the same way.
    marks: tuple[Mark, ...] = ()
    findings: Mapping[Wording, Shared] = {}
    # Why many rules are unresolved.
    reasons: frozenset[str] = frozenset()
    # Those that no finding above the table gives, each with the number of the rules.
    alone: tuple[tuple[str, int], ...] = ()

    def of(self, found: Finding) -> Shared | None:
        """Return what is said above the table of a finding, None when it is said at its row."""
        return self.findings.get(wording(found))


class ReviewTable(NamedTuple):
    """A table with its rows."""

    number: int
    line: int
    title: str
    caption: str
    verdict: Verdict
    reason: str
    columns: tuple[ColumnReport, ...]
    # How many columns the source has; 0 when it cannot be shown.
    width: int
    head: tuple[ReviewRow, ...]
    rows: tuple[ReviewRow, ...]
    data_rows: int
    hidden: bool
    quotes: tuple[Quote, ...]
    findings: tuple[Finding, ...]
    common: Common
    url: str
    # Why the source is not shown.
    problem: str
    # As in the evidence of a rule.
    at: str | None = None

    @property
    def stated(self) -> tuple[ReviewRule, ...]:
        """Return the rules, resolved or not, that rows of the table state, here first or not, each once."""
        found = {rule.number: rule for row in self.rows for rule in (*row.rules, *row.repeated)}
        return tuple(found.values())

    @property
    def omitted(self) -> int:
        """Return how many rows are left out at the end: of tables without rules."""
        return self.data_rows - len(self.rows)

    @property
    def is_problem(self) -> bool:
        """Return whether something about the table as a whole needs a look."""
        shared = (one.finding for one in self.common.findings.values())
        serious = any(found.severity != "note" for found in (*self.findings, *shared))
        return serious or self.verdict == "doubtful" or bool(self.common.alone)


class ReviewDocument(NamedTuple):
    """A document with its tables."""

    number: int
    document: Document
    scope: int
    tables: tuple[ReviewTable, ...]
    # About the document as a whole.
    findings: tuple[Finding, ...]
    url: str
    # Why the source is not shown.
    problem: str

    # How many findings there are about it and its tables and rows, by severity.
    severities: Mapping[Severity, int]

    @property
    def stated(self) -> tuple[ReviewRule, ...]:
        """Return the rules, resolved or not, that the document states, here first or not, each once."""
        return tuple({rule.number: rule for table in self.tables for rule in table.stated}.values())

    @property
    def is_released(self) -> bool:
        """Return whether the document is one of a release of a product."""
        return bool(self.document.product and self.document.release)

    @property
    def doubtful(self) -> int:
        """Return how many tables of the document may be of rules or not."""
        return sum(table.verdict == "doubtful" for table in self.tables)

    @property
    def is_problem(self) -> bool:
        """Return whether something about the document as a whole needs a look."""
        return any(found.severity != "note" for found in self.findings)

    def marked(self, word: Word) -> int:
        """Return how many rules of the document have a value of one kind."""
        return sum(bool(rule.of(word)) for rule in self.stated)


class ReviewScope(NamedTuple):
    """A release of a product, or the documents of a folder that are of none."""

    number: int
    name: str
    # Of its product.
    newest: bool
    entries: tuple[ReviewRule, ...]


class Unruled(NamedTuple):
    """The documents in which nothing may be a rule: they are counted, and the first of them are named."""

    documents: int
    # Those that have no table.
    bare: int
    # Those that were passed over, which are among them.
    unread: int
    tables: int
    # Title or path, path, and the number of tables.
    named: tuple[tuple[str, str, int], ...]


class AttentionPlace(NamedTuple):
    """Where a look is needed."""

    # On the page, without the sign of a fragment; empty when it is not shown there.
    target: str
    # What the document is called; empty when it is not shown.
    title: str
    path: str
    line: int | None
    # As in the evidence of a rule.
    at: str | None = None


class AttentionLine(NamedTuple):
    """What needs a look: findings of one kind in one document, or the same in several."""

    severity: Severity
    code: str
    text: str
    # How many findings there are.
    number: int
    # The first of them.
    places: tuple[AttentionPlace, ...]
    # How many more there are.
    omitted: int


class AttentionGroup(NamedTuple):
    """What asks one kind of question, the most important first."""

    name: str
    # How many findings there are.
    number: int
    # Those that are seen at once, those that are folded, and how many lines are left out.
    lines: tuple[AttentionLine, ...]
    more: tuple[AttentionLine, ...]
    omitted: int


class Review(NamedTuple):
    """Everything on the page."""

    documents: tuple[ReviewDocument, ...]
    unruled: Unruled
    rules: tuple[ReviewRule, ...]
    scopes: tuple[ReviewScope, ...]
    attention: tuple[AttentionGroup, ...]
    # The rules that open the most.
    widest: tuple[ReviewRule, ...]
    # About patches and the manifest of sources, each with the path of its file.
    findings: tuple[tuple[str, Finding], ...]
    severities: Mapping[Severity, int]
    # None when there is no older state to compare with.
    changes: tuple[Change, ...] | None

    @property
    def protocols(self) -> tuple[str, ...]:
        """Return every protocol that occurs, in the order of the alphabet."""
        return tuple(sorted({rule.entry.protocol for rule in self.rules if rule.entry.protocol is not None}))

    @property
    def total(self) -> int:
        """Return how many documents the run has read."""
        return len(self.documents) + self.unruled.documents

    @property
    def namesakes(self) -> frozenset[int]:
        """Return the numbers of the documents that are listed beside another one of the same title."""
        sizes = Counter(one.scope for one in self.documents)
        keys = [(one.scope if sizes[one.scope] > 1 else None, one.document.title) for one in self.documents]
        shared = Counter(keys)
        return frozenset(one.number for one, key in zip(self.documents, keys, strict=True) if key[1] and shared[key] > 1)

    @property
    def is_listed(self) -> bool:
        """Return whether there is more than one document to choose from."""
        return len(self.documents) > 1 or self.unruled.documents > 0

    @property
    def complete(self) -> int:
        """Return how many rules are complete."""
        return sum(rule.complete for rule in self.rules)

    @property
    def denied(self) -> int:
        """Return how many rules deny."""
        return sum(rule.entry.action == "deny" for rule in self.rules)

    def marked(self, word: Word) -> int:
        """Return how many rules have a value of one kind."""
        return sum(bool(rule.of(word)) for rule in self.rules)

    def found(self, severity: Severity) -> int:
        """Return how many rules have a finding of one severity about their rows."""
        return sum(severity in rule.severities for rule in self.rules)
