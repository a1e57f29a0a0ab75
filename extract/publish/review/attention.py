"""What needs a look, with a link to its place on the page: the same lines as a run prints, by what they ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from extract.catalogue import catalogue
from extract.cells.limits import shortened
from extract.model import Concern, DocumentReport, Report, Severity
from extract.publish import folded
from extract.publish.folded import Folded
from extract.publish.places import SEVERITIES
from extract.publish.published import Published
from extract.publish.review.values import AttentionGroup, AttentionLine
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

    Notes that ask nothing are left out, and those on documents that are not shown.
    """
    by_path = {
        report.path: _Shown(
            number,
            published.documents[report.id].title or report.path,
            frozenset(table.table for table in report.tables if table.verdict == "rules"),
        )
        for number, report in enumerate(shown)
    }
    others = [report for report in published.reports if report.path not in by_path and report.findings]
    serious: list[Report] = [*shown, *others, *published.patches, *published.sources]
    lines = [*folded.fold(serious, _SERIOUS), *(one for one in folded.fold(shown, _NOTES) if one.concern != "other")]
    unshown = {report.path for report in others}
    groups = (_group(name, [one for one in lines if one.concern == concern], by_path, unshown) for concern, name in _NAMES.items())
    return tuple(group for group in groups if group.number)


def _group(name: str, lines: Sequence[Folded], shown: Mapping[str, _Shown], unshown: set[str]) -> AttentionGroup:
    told = list(_told(_largest_first(lines), shown, unshown))
    # A note on a column that nobody knows is what the group is for.
    leading = [one for one, asks in told if asks][:_SEEN]
    more = [one for one, _ in told if one not in leading]
    return AttentionGroup(name, sum(len(one.findings) for one in lines), tuple(leading), tuple(more[:_FOLDED]), len(more[_FOLDED:]))


def _largest_first(lines: Sequence[Folded]) -> list[Folded]:
    """Return lines by severity, so that of each kind the one with the most findings comes before the second one of any kind."""
    place: dict[str, int] = {}
    ranked = []
    for one in sorted(lines, key=lambda one: -len(one.findings)):
        place[one.code] = place.get(one.code, 0) + 1
        ranked.append((SEVERITIES.index(one.severity), place[one.code], one))
    order = list(catalogue())
    return [one for _, _, one in sorted(ranked, key=lambda each: (each[0], each[1], order.index(each[2].code)))]


def _told(lines: Iterable[Folded], shown: Mapping[str, _Shown], unshown: set[str]) -> Iterator[tuple[AttentionLine, bool]]:
    """Yield the lines, and whether each is one to be seen at once. Documents that are not shown are one line for each code."""
    elsewhere: dict[tuple[Severity, str], list[Folded]] = {}
    for one in lines:
        if one.path in unshown:
            elsewhere.setdefault((one.severity, one.code), []).append(one)
        else:
            document = shown.get(one.path)
            target, title = (_target(one, document), document.title) if document is not None else (RUN, "")
            yield _line(one, one.text, target, title), one.severity != "note" or one.concern == "unread"
    for ones in elsewhere.values():
        yield _line(ones[0], _together(ones), "", ""), True


def _line(one: Folded, text: str, target: str, title: str) -> AttentionLine:
    return AttentionLine(one.severity, one.code, shortened(text, _LENGTH), target, shortened(title, _LENGTH), one.path, one.line)


def _together(ones: Sequence[Folded]) -> str:
    if len(ones) == 1:
        return ones[0].text
    entry = catalogue()[ones[0].code]
    number = sum(len(one.findings) for one in ones)
    said = f"{number} {entry.folded}" if entry.folded else f"{entry.title} ({number} times)"
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
