"""Cells that name both ends of their traffic under a header for something else: `Client → Server` under `Direction` or `Source`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from extract.cells import flows
from extract.cells.reading import Cells
from extract.model import ALL_ENDS, ENDS, Draft, Role, Value

_NAMES_CHARS = 400
_MOVED: tuple[Role, ...] = ("direction", "flow", *sorted(ENDS))


def placed(draft: Draft, cells: Cells) -> Draft:
    """Return a draft in which cells that name both ends are flows, and cells of flows that only say a direction are directions.

    A cell for an end that names two is a flow if no other cell of the row names an end.
    """
    moved: dict[Value, Role] = {}
    for role in _MOVED:
        for value in draft.values.get(role, ()):
            if (other := _role(role, value, cells)) != role and (role not in ENDS or _is_lone(draft, value, cells)):
                moved[value] = other
    if not moved:
        return draft
    values = {role: tuple(value for value in held if value not in moved) for role, held in draft.values.items()}
    for value, role in moved.items():
        values[role] = (*values.get(role, ()), value)
    return msgspec.structs.replace(draft, values={role: held for role, held in values.items() if held})


def _role(role: Role, value: Value, cells: Cells) -> Role:
    if _is_long(value):
        return role
    if role == "flow":
        return "direction" if cells[value.lines].direction is not None and flows.of_text(value.text) is None else role
    if role == "direction":
        read = cells[value.lines]
        if read.direction is not None and read.arrow != "<->":
            return role
        return "flow" if flows.of_ends(value.text) is not None else role
    return "flow" if flows.of_title(value.text) is not None else role


def _is_long(value: Value) -> bool:
    """Return whether a cell holds more than two names."""
    return sum(map(len, value.lines)) > _NAMES_CHARS


def _is_lone(draft: Draft, value: Value, cells: Cells) -> bool:
    others = (other for role in ALL_ENDS for other in draft.values.get(role, ()) if other is not value)
    return all(cells[other.lines].none for other in others)


def unclear(draft: Draft) -> Iterator[tuple[Value, str]]:
    """Yield the cells of ends that name more ends than they can, each with the reason. `draft` is one that `placed` gave.

    Between a source and a destination, `A → B → C` is the path of the traffic.
    """
    named = {"source", "destination"} <= draft.values.keys()
    for role in _MOVED:
        for value in draft.values.get(role, ()):
            if _is_long(value):
                continue
            if flows.is_chain(value.text) and not (named and role not in ENDS):
                yield value, "names more than two ends"
            elif role in ENDS and flows.of_title(value.text) is not None:
                yield value, "names two ends, and another cell names one"
