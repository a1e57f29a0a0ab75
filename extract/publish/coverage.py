"""The coverage gate compares the result of a run with the last published state, so that a run never publishes much less by mistake.

A release that is read worse than before (a page that vanished, a table that is no longer recognised, a column that went) looks like
any other new release to the tools that read the data. Only the comparison shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from extract.check.stated import scope_of
from extract.model import Document, DocumentReport, Drop, Rule, Unresolved
from extract.publish.diff_scopes import Side, Snapshot, pairs, renamed
from extract.publish.places import LEFT_OUT, PASSED_OVER

# Counts below this are too small for percentages: one rule of five is a fifth.
_FEW = 5
# The fields whose share of known values is compared.
FIELDS = ("direction", "protocol", "source", "destination", "description")
# A cause names at most this many pages.
_PAGES = 5


class Coverage(msgspec.Struct, frozen=True):
    """What was read of one scope: a release of a product, or the documents of a folder."""

    tables: int
    rules: int
    # Share of the rows of which nothing is unresolved, in percent.
    resolved: float
    # Field -> number of rules that have a value.
    stated: Mapping[str, int]

    def share(self, field: str) -> float:
        """Return the share of rules that have a value, in percent."""
        return percent(self.stated[field], self.rules)


def drops(old: Snapshot, new: Snapshot, reports: Sequence[DocumentReport], limit: int) -> tuple[Drop, ...]:
    """Return what fell by more than `limit` from the old data to the new, by scope; empty when the new data may be published.

    Releases are compared as `docrules diff` compares them: each with itself, and a new one with the release before it. `reports` are
    those of the new run: they say why tables are no longer recognised, and which documents could not be read. A document that vanished
    counts whatever it held, unless another document of its release is the same page under another name.
    """
    found = list(_unread(old, new, reports))
    for before, after in pairs(old, new):
        if not before.documents:
            continue
        vanished = before.documents if not after.documents else _vanished(before, after) if before.scope == after.scope else []
        scope = "/".join(before.scope) + (f" \N{RIGHTWARDS ARROW} {after.scope[-1]}" if before.scope != after.scope else "")
        found.extend(Drop(scope, f"the document {document.path} is gone", "the page vanished") for document in vanished)
        fell = list(fallen(measure(before), measure(after), limit)) if after.documents else []
        cause = _cause(before, after, reports, vanished) if fell else ""
        found.extend(Drop(scope, what, cause) for what in fell)
    return tuple(found)


def _unread(old: Snapshot, new: Snapshot, reports: Sequence[DocumentReport]) -> Iterator[Drop]:
    """Yield the documents that gave something before and cannot be read now. Their rules are gone, like those of a page that vanished."""
    failed = {report.id: found for report in reports for found in report.findings if found.code in LEFT_OUT}
    every: list[Rule | Unresolved] = [*old.rules, *old.unresolved]
    held = {one.document for rule in every for one in rule.evidence}
    for document in new.documents:
        if document.id in failed and document.id in held:
            yield Drop("/".join(scope_of(document)), f"the document {document.path} cannot be read", failed[document.id].message)


def measure(side: Side) -> Coverage:
    """Return what was read of the documents of one scope. How many there are is not measured: each that is missing is named."""
    rules = [entry for entry in side.entries if isinstance(entry, Rule)]
    rows = {(one.document, one.table, one.row) for entry in side.entries for one in entry.evidence}
    left_open = {(one.document, one.table, one.row) for entry in side.entries if isinstance(entry, Unresolved) for one in entry.evidence}
    return Coverage(
        tables=len({row[:2] for row in rows}),
        rules=len(rules),
        resolved=percent(len(rows - left_open), len(rows)),
        stated={field: sum(getattr(rule, field) not in (None, "") for rule in rules) for field in FIELDS},
    )


def percent(part: int, whole: int) -> float:
    """Return a share in percent; of nothing, all of it."""
    return 100 * part / whole if whole else 100.0


def fallen(was: Coverage, now: Coverage, limit: int) -> Iterator[str]:
    """Yield what fell by more than the limit, in words with both numbers. A fall to zero always counts, however small the number was."""
    for name in ("tables", "rules"):
        old, new = getattr(was, name), getattr(now, name)
        if old - new > max(old * limit / 100, 1 if old >= _FEW else 0):
            yield f"{name}: {old} before, {new} now"
    enough = min(was.rules, now.rules) >= _FEW
    if was.resolved - now.resolved > limit and (now.rules + was.rules >= _FEW or not now.resolved):
        yield f"rows of which everything is resolved: {was.resolved:.0f} % before, {now.resolved:.0f} % now"
    for field in FIELDS:
        # New rules, such as those of a patch, may have fewer values than the old rules. That is not a loss.
        lost = was.stated[field] > now.stated[field]
        if lost and was.share(field) - now.share(field) > limit and (enough or not now.stated[field]):
            yield f"rules with a stated {field}: {was.share(field):.0f} % before, {now.share(field):.0f} % now"


def _vanished(before: Side, after: Side) -> list[Document]:
    """Return the documents of a release that are gone, and are not there under another name."""
    old, new = _pages(before), _pages(after)
    left, arrived = ([these[name] for name in these.keys() - those.keys()] for these, those in ((old, new), (new, old)))
    found = {scope for _, scope in renamed(left, arrived)}
    return sorted((side.documents[0] for side in left if side.scope not in found), key=lambda document: document.id)


def _pages(side: Side) -> dict[str, Side]:
    """Return the documents of a release by their ids, each as if it were of none."""
    entries: dict[str, dict[str, Rule | Unresolved]] = {document.id: {} for document in side.documents}
    for entry in side.entries:
        for one in entry.evidence:
            entries[one.document][entry.id] = entry
    return {one.id: Side((one.id,), (one,), tuple(entries[one.id].values())) for one in side.documents}


def _cause(before: Side, after: Side, reports: Sequence[DocumentReport], vanished: Sequence[Document]) -> str:
    """Return what most likely happened: pages that vanished, tables that are no longer recognised, headers that changed."""
    pages = {after.page(document.id): document for document in after.documents}
    gone = [one.path for one in before.documents if one in vanished or (before.scope != after.scope and before.page(one.id) not in pages)]
    if gone:
        return f"pages that are not there: {', '.join(gone[:_PAGES])}{f' and {len(gone) - _PAGES} more' if len(gone) > _PAGES else ''}"
    tables = {report.id: report.tables for report in reports}
    unread = {report.id: found.message for report in reports for found in report.findings if found.code in PASSED_OVER}
    had, has = _headers(before), _headers(after)
    causes = []
    for name, document in pages.items():
        old, new = had.get(name, {}), has.get(name, {})
        if len(new) < len(old):
            reasons = dict.fromkeys(table.reason for table in tables.get(document.id, ()) if table.verdict != "rules")
            why = "; ".join(reasons) or unread.get(document.id) or "tables are gone"
            causes.append(f"{document.path}: {len(old)} tables with rules before, {len(new)} now: {why}")
        changed = zip(old.values(), new.values(), strict=False)
        causes.extend(f"{document.path}: the header {' | '.join(one)} became {' | '.join(two)}" for one, two in changed if one != two)
    return "; ".join(causes) or "rows are gone, or their cells are no longer understood; compare with docrules diff"


def _headers(side: Side) -> dict[str, dict[int, tuple[str, ...]]]:
    """Return page -> table -> header, of every table that gave something."""
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    every = sorted((one for entry in side.entries for one in entry.evidence), key=lambda one: (one.document, one.table, one.row))
    for one in every:
        found.setdefault(side.page(one.document), {}).setdefault(one.table, tuple(one.cells))
    return found
