"""The action of a row: what its cells, their headers and its surroundings say that the rule does with the traffic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from extract.cells import actions
from extract.model import Action, Trace, Value
from extract.rows.view import RowView, context_trace

_TURNED: dict[Action, Action] = {"allow": "deny", "deny": "allow"}


class Stated(msgspec.Struct, frozen=True):
    """An action with its trace; without one where the page says neither allow nor deny, and then why."""

    action: Action | None
    trace: tuple[Trace, ...] = ()
    why: str = ""
    # Whether a cell of the row says so, and not only what stands around it.
    own: bool = True


def read(view: RowView) -> Stated:
    """Return what a rule of the row does: what an action cell or a tick says, else a cell that takes the row back, a name, description or
    heading that says that traffic is blocked, else allow.
    """
    for reader in (_of_directions, _ticked, _of_action_cells, _withdrawn, _named, _described):
        for stated in reader(view):
            return stated
    if fact := view.fact("action"):
        return Stated("deny", (context_trace("action", fact, "deny"),), own=False)
    empty = next(iter(view.values("action")), None)
    if empty is None:
        return Stated("allow", own=False)
    why = f"the cell {empty.header!r} is empty, and a rule that is listed allows"
    return Stated("allow", (Trace("action", "reading", empty.text, "allow", "no action stated", why),), own=False)


def _of_directions(view: RowView) -> Iterator[Stated]:
    """`Inbound, established`: words beside a direction may narrow what the rule lets through."""
    for value in view.values("direction"):
        read = view.read(value)
        if read.direction and read.left_of_direction:
            yield _open(view, "words-not-understood", _strange(value, read.left_of_direction))


def _strange(value: Value, words: Sequence[str]) -> str:
    return f"in the cell {value.header!r}, {value.text!r}, these words were not understood: {', '.join(words)}"


def _ticked(view: RowView) -> Iterator[Stated]:
    """`Allowed: Yes`, `Blocked: ✗`. What is not ticked where the header allows is not published as allowed."""
    marks = [value for value in view.values("mark") if value.action]
    for value in sorted(marks, key=lambda value: view.read(value).ticked is None):
        action = value.action
        ticked = view.read(value).ticked
        if action is None or (ticked is None and action == "deny" and len(marks) > 1):
            continue
        if ticked is None and action == "allow":
            yield _open(view, "action-unknown", f"the cell {value.header!r} is empty, and the header says what is allowed")
        else:
            became = action if ticked else _TURNED[action]
            why = f"the cell under {value.header!r} says {'yes' if ticked else 'no'}"
            yield Stated(became, (Trace("action", "reading", value.text, became, "ticked column", why),))


def _of_action_cells(view: RowView) -> Iterator[Stated]:
    for value in view.values("action"):
        read = view.read(value)
        if actions.is_withdrawn(value.text):
            yield _taken_back(view, value)
        elif read.action == "allow" and read.left_of_action:
            yield _open(view, "words-not-understood", _strange(value, read.left_of_action))
        elif read.action:
            yield Stated(read.action)
        elif not read.none:
            yield _open(view, "action-unknown", f"the action cell says {value.text!r}, which is neither allow nor deny")


def _withdrawn(view: RowView) -> Iterator[Stated]:
    for value in view.values("description", "service"):
        if actions.is_withdrawn(value.text):
            yield _taken_back(view, value)


def _taken_back(view: RowView, value: Value) -> Stated:
    return _open(view, "row-taken-back", f"the cell {value.header!r} says {value.text!r}, which takes the row back")


def _open(view: RowView, code: str, why: str) -> Stated:
    view.find(code, f"{why}; the row is under unresolved")
    return Stated(None, why=why)


def _named(view: RowView) -> Iterator[Stated]:
    for value in view.values("service"):
        if actions.name_denies(value.text):
            why = f"the name in {value.header!r} says that the rule denies"
            yield Stated("deny", (Trace("action", "reading", value.text, "deny", "rule name", why),))


def _described(view: RowView) -> Iterator[Stated]:
    for value in view.values("description"):
        if actions.description_denies(value.text):
            why = "the description says that the rule blocks traffic"
            yield Stated("deny", (Trace("action", "reading", value.text, "deny", "description", why),))
