"""The coverage gate of partitions: what a run makes of a scope is compared with the partition that is there."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from extract.model import DocumentReport, Drop, Flat
from extract.publish import partitions
from extract.publish.coverage import FIELDS, Coverage, fallen, percent
from extract.publish.partitions import Form, Partition
from extract.publish.places import LEFT_OUT, PASSED_OVER

# Flat rows hold null and the empty text where nothing is stated; of an end the kind tells it.
_COLUMNS = {"source": "source_kind", "destination": "destination_kind"}


class _Place(msgspec.Struct):
    document: str
    table: int
    row: int


class Held(msgspec.Struct, frozen=True):
    """What is known of the rules of a partition: how much there is, and the ids of the documents that gave it."""

    coverage: Coverage
    documents: Collection[str]


def of_rows(rows: Sequence[Flat]) -> Held:
    """Return what the rows of a partition hold."""
    places = [_places(row) for row in rows]
    every = {one for some in places for one in some}
    left_open = {one for row, some in zip(rows, places, strict=True) if row["status"] == "open" for one in some}
    rules = [row for row in rows if row["status"] == "rule"]
    coverage = Coverage(
        tables=len({one[:2] for one in every}),
        rules=len(rules),
        resolved=percent(len(every - left_open), len(every)),
        stated={field: sum(row[_COLUMNS.get(field, field)] not in (None, "") for row in rules) for field in FIELDS},
    )
    return Held(coverage, {document for document, *_ in every})


def _places(row: Flat) -> Sequence[tuple[str, int, int]]:
    found = msgspec.json.decode(str(row["evidence"]), type=list[_Place])
    return [(one.document, one.table, one.row) for one in found]


def there(folder: Path, known: Partition, form: Form) -> Held | None:
    """Return what the file of a partition holds, None where it is not what the manifest says."""
    if known.file is None:
        return of_rows(())
    try:
        data = (folder / partitions.file_of(known.scope, form)).read_bytes()
    except OSError:
        return None
    return of_rows(partitions.rows_in(form, data)) if hashlib.sha256(data).hexdigest() == known.sha256 else None


def drops(
    before: Partition, held: Held | None, after: Partition, now: Held, reports: Sequence[DocumentReport], limit: int
) -> Iterator[Drop]:
    """Yield what fell by more than `limit` percent, and the documents that are gone or cannot be read any more.

    Where `held` is None, what the manifest counts is compared. `reports` are those on the documents of the scope.
    """
    scope = "/".join(before.scope).rstrip("/")
    gave = held.documents if held is not None else {one.id for one in reports}
    unread = [(one, found) for one in reports if one.id in gave for found in one.findings if found.code in LEFT_OUT | PASSED_OVER]
    if before.documents > after.documents:
        yield Drop(scope, f"documents: {before.documents} before, {after.documents} now", "pages vanished")
    for one, found in unread if held is not None else ():
        if found.code in LEFT_OUT:
            yield Drop(scope, f"the document {one.path} cannot be read", found.message)
    was, is_ = (held.coverage, now.coverage) if held is not None else (_counted(before), _counted(after))
    cause = (
        "; ".join(dict.fromkeys(found.message for _, found in unread))
        or "tables or rows are gone, or are no longer understood; the report (--report) accounts for each"
    )
    for what in fallen(was, is_, limit):
        yield Drop(scope, what, cause)


def _counted(known: Partition) -> Coverage:
    stated: Mapping[str, int] = dict.fromkeys(FIELDS, 0)
    return Coverage(tables=0, rules=known.rules, resolved=percent(known.rules, known.rules + known.open), stated=stated)


def passed_over(held: Held | None, reports: Sequence[DocumentReport]) -> int:
    """Return how many documents gave something of a partition, and were not read now for they hold no word of rules."""
    gave = held.documents if held is not None else ()
    return sum(one.id in gave and any(found.code in PASSED_OVER for found in one.findings) for one in reports)
