"""What the review page shows, before it is markup."""

from __future__ import annotations

from typing import Literal, NamedTuple

from extract.model import Change, ColumnReport, Document, Finding, Place, Rule, Unresolved, Verdict
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
    # Whether something was found about one of its rows.
    findings: bool

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

    @property
    def whys(self) -> frozenset[str]:
        """Return what the rules of the row say of their values: a finding need not say it once more."""
        return frozenset(mark.why for rule in self.rules for mark in rule.marks if mark.word != "inferred")


class Quote(NamedTuple):
    """A line outside of the rows that gave values: a heading, sentence, caption or group row."""

    line: int
    said: str
    gave: tuple[str, ...]


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
    # Rows that are left out at the end: of tables without rules.
    omitted: int
    hidden: bool
    quotes: tuple[Quote, ...]
    findings: tuple[Finding, ...]
    url: str
    # Why the source is not shown.
    problem: str

    @property
    def told(self) -> int:
        """Return how many rules are told in the table."""
        return sum(len(row.rules) for row in self.rows)


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

    @property
    def rules(self) -> int:
        """Return how many rules are told in the document."""
        return sum(table.told for table in self.tables)


class ReviewScope(NamedTuple):
    """A release of a product, or the documents of a folder that are of none."""

    number: int
    name: str
    # Of its product.
    newest: bool
    entries: tuple[ReviewRule, ...]


class Review(NamedTuple):
    """Everything on the page."""

    documents: tuple[ReviewDocument, ...]
    rules: tuple[ReviewRule, ...]
    scopes: tuple[ReviewScope, ...]
    # About patches and the manifest of sources, each with the path of its file.
    findings: tuple[tuple[str, Finding], ...]
    severities: dict[str, int]
    # None when there is no older state to compare with.
    changes: tuple[Change, ...] | None

    @property
    def protocols(self) -> tuple[str, ...]:
        """Return every protocol that occurs, in the order of the alphabet."""
        return tuple(sorted({rule.entry.protocol for rule in self.rules if rule.entry.protocol is not None}))

    @property
    def complete(self) -> int:
        """Return how many rules are complete."""
        return sum(rule.complete for rule in self.rules)

    def marked(self, word: Word) -> int:
        """Return how many rules have a value of one kind."""
        return sum(bool(rule.of(word)) for rule in self.rules)
