"""The list of what to check, with links to the places on the page: the same lines as a run prints, grouped by what the user has to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from extract.catalogue import catalogue
from extract.cells.limits import shortened
from extract.model import Concern, DocumentReport, Report, Severity
from extract.publish import folded
from extract.publish.folded import Folded
from extract.publish.places import SEVERITIES
from extract.publish.published import Published
from extract.publish.review.values import AttentionGroup, AttentionLine, AttentionPlace
from extract.publish.wording import count

RUN = "run"
"""The place on the page of what was found about patches and the manifest of sources."""

_SERIOUS: tuple[Severity, ...] = ("error", "warning")
_NOTES: tuple[Severity, ...] = ("note",)
_NAMES: Mapping[Concern, str] = {
    "lost": "Missing from the data",
    "contradiction": "Contradictions",
    "open": "Open rows",
    "unread": "Unread columns and ends",
    "doubtful": "Doubtful tables, rows and sentences",
    "other": "The rest",
}
# Of a group so many lines are seen at once, and so many are on the page: its size goes with the rules.
_SEEN = 5
_FOLDED = 200
# If several documents have the same line, at most this many are named.
_PLACES = 5
# In characters. The whole is said at its place.
_LENGTH = 300


class _Shown(NamedTuple):
    """A document that the page shows."""

    number: int
    title: str
    # The numbers of its tables whose rows can be led to.
    ruled: frozenset[int]


def attention_of(published: Published, shown: Sequence[DocumentReport]) -> tuple[AttentionGroup, ...]:
    """Return the groups in the order in which people should look; `shown` are the documents that the page shows, by their numbers.

    The only notes in the list are those on unknown columns of shown documents. All other notes need no action.
    """
    by_path = {report.path: _shown(published, number, report) for number, report in enumerate(shown)}
    others = [report for report in published.reports if report.path not in by_path and report.findings]
    serious: list[Report] = [*shown, *others, *published.patches, *published.sources]
    notes = (one for one in folded.fold(shown, _NOTES) if one.concern == "unread")
    asked: dict[Concern, list[Folded]] = {}
    for one in (*folded.fold(serious, _SERIOUS), *notes):
        asked.setdefault(one.concern, []).append(one)
    unshown = {report.path for report in others}
    return tuple(_group(name, asked[concern], by_path, unshown) for concern, name in _NAMES.items() if concern in asked)


def _shown(published: Published, number: int, report: DocumentReport) -> _Shown:
    ruled = frozenset(table.table for table in report.tables if table.verdict == "rules")
    return _Shown(number, published.documents[report.id].title or report.path, ruled)


def _group(name: str, lines: Sequence[Folded], shown: Mapping[str, _Shown], unshown: set[str]) -> AttentionGroup:
    told = [_line(ones, shown, unshown) for ones in _largest_first(_alike(lines, unshown))]
    more = told[_SEEN:]
    return AttentionGroup(name, sum(len(one.findings) for one in lines), tuple(told[:_SEEN]), tuple(more[:_FOLDED]), len(more[_FOLDED:]))


def _alike(lines: Iterable[Folded], unshown: set[str]) -> Iterable[Sequence[Folded]]:
    """Return the lines that say the same of several documents together, and those on documents that are not shown by their kind."""
    alike: dict[tuple[str, str, str], list[Folded]] = {}
    for one in lines:
        alike.setdefault((one.severity, one.code, "" if one.path in unshown else one.text), []).append(one)
    return alike.values()


def _largest_first(alike: Iterable[Sequence[Folded]]) -> list[Sequence[Folded]]:
    """Return them by severity, so that of each kind the one with the most findings comes before the second one of any kind."""
    order = list(catalogue())
    before: Counter[str] = Counter()
    ranked = []
    for ones in sorted(alike, key=_number, reverse=True):
        first = ones[0]
        ranked.append((SEVERITIES.index(first.severity), before[first.code], order.index(first.code), ones))
        before[first.code] += 1
    return [ones for *_, ones in sorted(ranked, key=lambda one: one[:3])]


def _number(ones: Sequence[Folded]) -> int:
    return sum(len(one.findings) for one in ones)


def _line(ones: Sequence[Folded], shown: Mapping[str, _Shown], unshown: set[str]) -> AttentionLine:
    first = ones[0]
    text = _together(ones) if first.path in unshown else first.text
    places = tuple(_place(one, shown, unshown) for one in ones[:_PLACES])
    return AttentionLine(first.severity, first.code, shortened(text, _LENGTH), _number(ones), places, len(ones[_PLACES:]))


def _place(one: Folded, shown: Mapping[str, _Shown], unshown: set[str]) -> AttentionPlace:
    document = shown.get(one.path)
    if document is None:
        return AttentionPlace("" if one.path in unshown else RUN, "", one.path, one.line, one.at)
    return AttentionPlace(_target(one, document), shortened(document.title, _LENGTH), one.path, one.line, one.at)


def _together(ones: Sequence[Folded]) -> str:
    if len(ones) == 1:
        return ones[0].text
    entry = catalogue()[ones[0].code]
    said = f"{_number(ones)} {entry.folded}" if entry.folded else f"{entry.title} ({_number(ones)} times)"
    return f"{count(len(ones), 'document')} without rules: {said}"


def _target(one: Folded, document: _Shown) -> str:
    """Return the name of the place on the page: the row, where the line is about one that is shown, else the table, else the document."""
    if not one.tables:
        return f"document-{document.number}"
    table = one.tables[0]
    rows = {found.row for found in one.findings}
    row = next(iter(rows)) if len(rows) == 1 and len(one.tables) == 1 else None
    place = f"{document.number}-{table}"
    return f"row-{place}-{row}" if row and table in document.ruled else f"table-{place}"
