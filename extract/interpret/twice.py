"""Two tables that stand side by side in one: each row would be two rules, and what belongs to which is not stated."""

from __future__ import annotations

from collections.abc import Sequence

from extract.model import ALL_ENDS, PORTS, Column

# What decides which traffic the ports beside it let through.
_DECIDING = ALL_ENDS | {"protocol", "type", "icmp", "ethertype", "direction", "action"}


def side_by_side(columns: Sequence[Column]) -> str:
    """Return what makes a table doubtful: its columns come twice, so that ports of one rule would be read with the protocol or the end of
    another. Empty where they do not.
    """
    named = [column for column in columns if column.header.strip()]
    for width in range(2, len(named) // 2 + 1):
        unit = named[:width]
        again = [column.header for column in unit] * (len(named) // width)
        if again == [column.header for column in named] and _decides(unit):
            times = len(named) // width
            return f"the columns {_listed(unit)} come {times} times, as if tables stood side by side; put one below the other"
    order = [column for column in columns if column.role in ("protocol", "port")]
    paired = len(order) > 2 and len(order) % 2 == 0 and order[0].role != order[1].role
    if paired and all(column.role == order[index % 2].role for index, column in enumerate(order)):
        return f"its columns {_listed(order)} are several pairs of a protocol and a port; write a row for each pair"
    return ""


def _decides(unit: Sequence[Column]) -> bool:
    return any(column.role in PORTS for column in unit) and any(column.role in _DECIDING for column in unit)


def _listed(columns: Sequence[Column]) -> str:
    return ", ".join(repr(column.header) for column in columns)
