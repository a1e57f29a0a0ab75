"""Rules as a table of HTML, as notebooks show values (IPython, `_repr_html_`). Words of pages stand in it as text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping

SHOWN = 50
"""So many rows are shown; of more of them the number is said."""

_COLUMNS = ("status", "action", "direction", "protocol", "ports", "source", "destination", "description", "place")
_NOT_STATED = "not stated"


def table_of(rows: Iterable[Mapping[str, object]], total: int) -> str:
    """Return the first rows of `Extraction.to_dicts()` as a table of HTML; `total` is how many there are."""
    shown = [row for row, _ in zip(rows, range(SHOWN), strict=False)]
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in _cells(row))}</tr>" for row in shown)
    more = f"<p>{total - len(shown)} more</p>" if total > len(shown) else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cells(row: Mapping[str, object]) -> list[str]:
    """Return what stands in the columns of a row."""
    # As messages name a place: a line means nothing in a workbook.
    place = f"{row['document']}, {row['at']}" if row["at"] else f"{row['document']}:{row['line']}"
    ends = [_said(row[side]) for side in ("source", "destination")]
    known = (row["status"], row["action"], _said(row["direction"]), row["protocol"], _ports(row), *ends, row["description"], place)
    return ["" if value is None else str(value) for value in known]


def _ports(row: Mapping[str, object]) -> object:
    first, last = row["from_port"], row["to_port"]
    if first is None:
        return row["port_text"]
    return first if first == last else f"{first}-{last}"


def _said(value: object) -> object:
    return _NOT_STATED if value is None else value
