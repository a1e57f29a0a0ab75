"""The action of a row: what its cells, their headers and its surroundings say that the rule does with the traffic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from extract import vocabulary
from extract.cells import actions, taken_back
from extract.model import ENDS, Action, Role, Trace, Value
from extract.regex import late
from extract.rows import pairs
from extract.rows.view import RowView, context_trace

_ENDS: tuple[Role, ...] = tuple(sorted(ENDS))
# The columns that restrict a rule if their header excludes the values below it.
_RESTRICTED: tuple[Role, ...] = (*_ENDS, "port", "protocol", "type", "description", "service")
# A cell that says nothing at all.
_BLANK = late(r"[\s\u2010-\u2015\u2212.*-]*")
# No longer text of a cell is a remark.
_REMARK_CHARS = 2_000
_TURNED: dict[Action, Action] = {"allow": "deny", "deny": "allow"}


class Stated(msgspec.Struct, frozen=True):
    """An action with its trace. If the page says neither allow nor deny, there is no action, but a reason."""

    action: Action | None
    trace: tuple[Trace, ...] = ()
    why: str = ""
    # Whether a cell of the row says so, and not only what stands around it.
    own: bool = True


def read(view: RowView) -> Stated:
    """Return the action of the row. A column, an action cell or a tick decides first, if no remark takes it back; then a name, description
    or heading that says that traffic is blocked. Otherwise the action is allow.
    """
    stated = _first(view, _of_directions, _of_headers, _of_ends, _of_pairs, _unread, _ticked, _unticked, _of_action_cells, _typed)
    if stated is None or stated.action is not None:
        stated = _by_remarks(view, stated) or stated
    return stated or _first(view, _named, _described) or _of_surroundings(view)


def _first(view: RowView, *readers: Callable[[RowView], Iterator[Stated]]) -> Stated | None:
    return next((stated for reader in readers for stated in reader(view)), None)


def _of_surroundings(view: RowView) -> Stated:
    fact = view.fact("action")
    if fact and fact.value != "deny":
        return _open(view, "row-taken-back", f"{fact.text!r} above the row says that it no longer applies")
    if fact:
        return Stated("deny", (context_trace("action", fact, "deny"),), own=False)
    empty = next(iter(view.values("action")), None)
    if empty is None:
        return Stated("allow", own=False)
    if not _BLANK.fullmatch(empty.text):
        return _open(view, "action-unknown", f"the action cell says {empty.text!r}, which is neither allow nor deny")
    why = f"the cell {empty.header!r} is empty, and a rule that is listed allows"
    return Stated("allow", (Trace("action", "reading", empty.text, "allow", "no action stated", why),), own=False)


def _of_directions(view: RowView) -> Iterator[Stated]:
    """`Inbound, established`: words beside a direction may narrow what the rule lets through."""
    for value in view.values("direction"):
        read = view.read(value)
        if read.left_of_direction and (read.direction or read.narrowed):
            yield _open(view, "words-not-understood", _strange(value, read.left_of_direction))


def _of_headers(view: RowView) -> Iterator[Stated]:
    """`Excluded ports`, `Not from`, `Blocked source`: a column that says what the rule does not hold for."""
    for value in view.values(*_RESTRICTED):
        refused = actions.excludes(value.header) or (value in view.values(*_ENDS) and actions.refuses(value.header))
        if refused and not view.read(value).none:
            yield _open(view, "words-not-understood", f"the header {value.header!r} takes back what {value.text!r} names")


def _of_ends(view: RowView) -> Iterator[Stated]:
    """`All | All | Deny`, `Any (do not open)`, `Nobody`: a cell for an end or for ports may hold what is done with its traffic."""
    for value in view.values(*_ENDS, "port"):
        if actions.is_an_action(value.text):
            yield _open(view, "words-not-understood", f"the cell {value.header!r} says {value.text!r}, which is an action")
    for value in _remarks(view, *_ENDS):
        if taken_back.names_nobody(value.text) or taken_back.forbids(value.text) or taken_back.withdraws(value.text):
            yield _open(view, "row-taken-back", f"the cell {value.header!r} says {value.text!r}, so the row is not to be opened")


def _of_pairs(view: RowView) -> Iterator[Stated]:
    """`Internet → Balancer` under `Source`, beside a destination: what the arrow says of the other cell is not known."""
    for value, why in pairs.unclear(view.draft):
        yield _open(view, "words-not-understood", f"the cell {value.header!r} says {value.text!r}, which {why}")


def _unread(view: RowView) -> Iterator[Stated]:
    """`Disabled` or `localhost only` under an unknown header: the column may say that the rule does not apply."""
    for value in view.values("description"):
        read = view.read(value)
        # A longer text is prose.
        if not value.unread or not actions.is_named(value.text):
            continue
        if taken_back.withdraws(value.text):
            yield _taken_back(view, value)
        narrowed = read.action == "deny" or read.excepts or actions.closes(value.text)
        # `Deprecated: yes`, `Internal only: yes`
        headed = taken_back.withdraws(value.header) or actions.closes(value.header)
        if narrowed if read.ticked is None else (read.ticked and headed):
            why = f"the header {value.header!r} is not known, and its cell {value.text!r} may narrow the rule"
            yield _open(view, "words-not-understood", why)


def _typed(view: RowView) -> Iterator[Stated]:
    """`Deny all`, `Block`, `Established`: the type of a rule says what it does, too."""
    for value in view.values("type"):
        if view.read(value).action == "deny" and actions.is_named(value.text):
            yield Stated("deny", (Trace("action", "reading", value.text, "deny", "rule type", f"the cell {value.header!r} says it"),))
        elif value in _remarks(view, "type") and (taken_back.withdraws(value.text) or actions.closes(value.text)):
            yield _taken_back(view, value)


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


def _unticked(view: RowView) -> Iterator[Stated]:
    """`From worker: ✗ | From outside: ✗`: nobody reaches what is ticked for nobody."""
    ends = [value for value in view.values("mark") if value.end is not None]
    if ends and not any(view.read(value).ticked for value in ends):
        said = ", ".join(repr(value.header) for value in ends)
        yield _open(view, "action-unknown", f"no cell under {said} is ticked, so the row names nobody for whom it holds")


def _of_action_cells(view: RowView) -> Iterator[Stated]:
    for value in view.values("action"):
        read = view.read(value)
        if value in _remarks(view, "action") and taken_back.withdraws(value.text):
            yield _taken_back(view, value)
        elif read.action == "allow" and (left := _unnamed(view, read.left_of_action)):
            yield _open(view, "words-not-understood", _strange(value, left))
        elif read.action:
            yield Stated(read.action)
        elif not read.none:
            yield _open(view, "action-unknown", f"the action cell says {value.text!r}, which is neither allow nor deny")


def _unnamed(view: RowView, words: Sequence[str]) -> list[str]:
    """Return words without those that name the protocol of the row, or the service that is registered for its port: `Allow HTTPS | 443`."""
    if not words:
        return []
    items = (item for value in view.values("port") for item in view.read(value).ports.items)
    ports = {item.first for item in items if item.first is not None and item.first == item.last}
    services, protocols = vocabulary.service_ports(), vocabulary.protocol_words()
    own = view.protocols("protocol")
    named = {word for word in words if services.get(word) in ports or (word in protocols and protocols[word].keyword in own)}
    return [word for word in words if word not in named]


def _by_remarks(view: RowView, stated: Stated | None) -> Stated | None:
    """Return that a remark takes back or narrows the row, whatever its action cell says. What forbids agrees with an action that denies."""
    remarks = [*_remarks(view, "description", "service"), *_short(view.draft.notes)]
    for value in remarks:
        if taken_back.withdraws(value.text) or taken_back.is_headed(value.header, value.text):
            return _taken_back(view, value)
        if taken_back.leaves_out(value.text):
            return _narrowed(view, value)
    # `localhost` under `Exposed` is an end whose side is not known.
    for value in (*remarks, *_remarks(view, "end", "far")):
        if taken_back.answers_no(value.header, value.text):
            return _narrowed(view, value)
    return None if _is_denied(view, stated) else _forbidden(view, remarks, stated)


def _remarks(view: RowView, role: Role, *others: Role) -> list[Value]:
    """Return the cells of roles that are short enough for a remark: sentences are looked for in each, and cells may hold megabytes."""
    return _short(view.values(role, *others))


def _short(values: Sequence[Value]) -> list[Value]:
    return [value for value in values if sum(map(len, value.lines)) <= _REMARK_CHARS]


def _is_denied(view: RowView, stated: Stated | None) -> bool:
    fact = view.fact("action")
    return (stated is not None and stated.action == "deny") or (fact is not None and fact.value == "deny")


def _forbidden(view: RowView, remarks: Sequence[Value], stated: Stated | None) -> Stated | None:
    for value in remarks:
        # A note that denies may be about other traffic (`Block all other ports`), so it does not make the rule one that denies.
        if taken_back.forbids(value.text) or ((stated or value in view.draft.notes) and actions.description_denies(value.text)):
            return _open(view, "row-taken-back", f"the cell {value.header!r} says {value.text!r}, so the row is not to be opened")
    return None


def _narrowed(view: RowView, value: Value) -> Stated:
    return _open(view, "words-not-understood", f"the cell {value.header!r} says {value.text!r}, which may narrow the rule")


def _taken_back(view: RowView, value: Value) -> Stated:
    return _open(view, "row-taken-back", f"the cell {value.header!r} says {value.text!r}, so the row no longer applies")


def _open(view: RowView, code: str, why: str) -> Stated:
    view.find(code, why)
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
