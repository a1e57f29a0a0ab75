"""One draft to candidates: the atomic rules of a row, in canonical values, each value with its trace."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from extract import vocabulary
from extract.cells import endpoint, limits
from extract.cells.reading import Cells
from extract.cells.statements import Sentences
from extract.model import ALL_ENDS, ENDS, Action, Direction, Draft, Endpoint, Finding, Role, Trace
from extract.regex import late
from extract.rows import actions, pairs, room
from extract.rows.protocols import ProtocolReader
from extract.rows.sides import Side, SideReader
from extract.rows.traffic import TrafficReader
from extract.rows.traffic_model import Traffic
from extract.rows.view import RowView

_NUMBER = late(r"[0-9]{1,5}")
# What tells of a rule, and decides nothing about it.
_TELLING: frozenset[Role] = frozenset({"description", "service", ""})
_ENDS: tuple[Role, ...] = tuple(sorted(ENDS))

Missing = Literal["action", "protocol", "ports"]


class Candidate(msgspec.Struct, frozen=True):
    """A rule before its endpoints are resolved against the other documents of its scope."""

    # None when the page says neither allow nor deny in a cell that is there for it.
    action: Action | None
    direction: Direction | None
    protocol: str | None
    from_port: int | None
    to_port: int | None
    icmp_type: int | None
    icmp_code: int | None
    source: Endpoint | None
    destination: Endpoint | None
    description: str
    port_text: str | None
    # What keeps the rule from being applied as it stands, each with the reason; empty when it can.
    open: tuple[tuple[Missing, str], ...]
    trace: tuple[Trace, ...]

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Return what the page leaves open."""
        return tuple(missing for missing, _ in self.open)

    @property
    def reason(self) -> str:
        """Return why the rule cannot be applied as it stands."""
        return "; ".join(dict.fromkeys(reason for _, reason in self.open))


class RowResult(msgspec.Struct, frozen=True):
    """What one row gives: candidates, or the reason why it is no rule; and findings."""

    candidates: tuple[Candidate, ...]
    no_rule: str
    findings: tuple[Finding, ...]


def read(draft: Draft, evidence: Sentences, cells: Cells, left: room.Room | None = None) -> RowResult:
    """Return the atomic rules of one row. Nothing is guessed: what the row leaves open is None, with the page's words kept.

    `evidence` holds the sentences that state ports and protocols; they count where two cells contradict each other. `cells` are the
    readings of the page, and `left` is what it has room for.
    """
    draft = pairs.placed(draft, cells)
    view = RowView(draft, cells)
    if not room.is_small(draft):
        if why := room.too_long(draft):
            return unread(draft, cells, why)
        for passed in _passed_over(draft):
            view.find("limit-reached", passed)
    if why := _elsewhere(view):
        return _unread(view, "table-in-cell", why, " | ".join(filter(None, draft.cells.values())), _description(view))
    if why := _shifted(view):
        return _unread(view, "row-shifted", why, " | ".join(filter(None, draft.cells.values())), _description(view))
    protocols = ProtocolReader(view, evidence)
    traffic = TrafficReader(view, protocols).read()
    if not traffic:
        return RowResult((), "the row states neither a port nor a protocol without ports", view.findings)
    left = left or room.Room()
    most = room.FEW_RULES
    found: list[Candidate] = []
    for candidate in _candidates(view, traffic, protocols):
        found.append(candidate)
        if len(found) > most and len(found) > (most := left.rules(draft)):
            return unread(draft, cells, room.too_many(most))
    left.take(draft, len(found))
    return RowResult(tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found), "", view.findings)


def _candidates(view: RowView, traffic: Sequence[Traffic], protocols: ProtocolReader) -> Iterator[Candidate]:
    stated = actions.read(view)
    repairs = _repairs(view)
    sides = SideReader(view)
    description = _description(view)
    for one in traffic:
        acts = _under_header(stated, one)
        left_open = _incomplete(one, acts, protocols)
        for side in sides.read(one.arrow, one.way):
            trace = (*repairs, *acts.trace, *one.trace, *side.trace)
            for source in side.sources or (None,):
                for destination in side.destinations or (None,):
                    yield Candidate(
                        action=acts.action,
                        direction=side.direction,
                        protocol=one.protocol,
                        from_port=one.first,
                        to_port=one.last,
                        icmp_type=one.icmp_type,
                        icmp_code=one.icmp_code,
                        source=source,
                        destination=destination,
                        description=_described(view, description, side, one.remark),
                        port_text=one.port_text,
                        open=left_open,
                        trace=trace,
                    )


def _under_header(stated: actions.Stated, one: Traffic) -> actions.Stated:
    """Return the action of ports whose header says it: `Blocked ports`. What a cell of the row says outranks it."""
    if one.action != "deny" or stated.own or stated.action != "allow":
        return stated
    why = "the header of the port column says that its ports are denied"
    return actions.Stated("deny", (Trace("action", "context", "deny", "deny", "column header", why),))


def unread(draft: Draft, cells: Cells, why: str, shown: dict[str, str] | None = None) -> RowResult:
    """Leave a row open as a whole: a part of it could be read as more than all of it says. `shown` is shown of its cells.

    The digest in place of the ports tells the row from others that are not read; its cells are the evidence.
    """
    view = RowView(draft if shown is None else msgspec.structs.replace(draft, cells=shown), cells)
    texts = [part for cell in draft.cells.items() for part in cell]
    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return _unread(view, "limit-reached", why, f"{sum(map(len, draft.cells.values())):,} characters, sha256 {digest}")


def _unread(view: RowView, code: str, why: str, words: str, description: str = "") -> RowResult:
    """Leave a row open as a whole, with these words in place of its ports."""
    view.find(code, why)
    long = any(limits.is_too_long(value.lines) for value in view.values("action"))
    stated = actions.Stated(None) if long else actions.read(view)
    action, trace = stated.action, stated.trace
    left_open: tuple[tuple[Missing, str], ...] = (("protocol", why), ("ports", why))
    ends = [Trace(role, "reading", value.text, "", code, why) for role in ("source", "destination") for value in view.values(role)]
    one = Candidate(
        action=action,
        direction=None,
        protocol=None,
        from_port=None,
        to_port=None,
        icmp_type=None,
        icmp_code=None,
        source=None,
        destination=None,
        description=description,
        port_text=words,
        open=left_open if action is not None else (("action", why), *left_open),
        trace=(*trace, *ends, Trace("ports", "reading", "", words, code, why)),
    )
    return RowResult((one,), "", view.findings)


def _elsewhere(view: RowView) -> str:
    """Return which cells that decide something hold a table, whose words are none of theirs; empty where none does."""
    deciding = [value for role, values in view.draft.values.items() if role not in _TELLING for value in values]
    named = " and ".join(dict.fromkeys(f"in the cell {value.header!r}" for value in deciding if value.holds_table))
    return f"a table stands {named}, and nothing says what it means for this row" if named else ""


def _shifted(view: RowView) -> str:
    """Return what tells that cells of the row stand under columns that they do not belong to; empty when nothing does."""
    for value in view.values(*_ENDS):
        if _NUMBER.fullmatch(value.text) or view.read(value).transport:
            return f"the cell {value.header!r} says {value.text!r}, which is no end of traffic: a cell of the row is lost or split"
    if view.draft.surplus and _ends_in_an_end(view):
        return f"the row has more cells than the table has columns, {', '.join(map(repr, view.draft.surplus))}: a cell of it is split"
    return ""


def _ends_in_an_end(view: RowView) -> bool:
    """Return whether the last column holds an end: where a cell is split in front, it holds another. Behind others a note may stand."""
    last = list(view.draft.cells)[-len(view.draft.surplus) - len(view.draft.notes) - 1 :][0]
    return any(value.header == last for value in view.values(*_ENDS))


def _passed_over(draft: Draft) -> Iterator[str]:
    """Yield what a limit keeps from being read as what it looks like, in cells that are read all the same."""
    for role, values in draft.values.items():
        for value in values:
            said = []
            if role not in ("description", "service") and limits.is_long_arrow(value.text):
                said = [f"an arrow has more than {limits.MAX_ARROW} signs and was not read as one"]
            if role in ALL_ENDS:
                said += endpoint.passed_over(value.lines)
            yield from (f"in the cell {value.header!r}, {one}" for one in said)


def _repairs(view: RowView) -> tuple[Trace, ...]:
    """Return a trace for each cell whose text was repaired while it was read, and note it."""
    repaired = [value for values in view.draft.values.values() for value in values if value.raw]
    if not repaired:
        return ()
    for value in repaired:
        broken = " ".join(value.raw)
        view.find("mojibake", f"the cell {value.header!r} was decoded wrongly by its author; {broken!r} was read as {value.text!r}")
    why = "the cell {!r} was decoded wrongly by its author"
    return tuple(Trace("cell", "repair", " ".join(one.raw), one.text, "mojibake", why.format(one.header)) for one in repaired)


def _incomplete(one: Traffic, stated: actions.Stated, protocols: ProtocolReader) -> tuple[tuple[Missing, str], ...]:
    """Return what keeps a rule from being applied as it stands, and why."""
    found: list[tuple[Missing, str]] = []
    if stated.action is None:
        found.append(("action", stated.why))
    if one.protocol is None:
        found.append(("protocol", protocols.unknown()))
    if one.problem:
        found.append(("ports", one.problem))
    elif one.first is None and one.port_text is not None:
        found.append(("ports", f"the page names no port number but {one.port_text!r}"))
    return tuple(found)


def _described(view: RowView, description: str, side: Side, remark: str) -> str:
    """Return the description with what is said of the ports, and with its group or other end where they are no ends of the rule."""
    ends = {one.name for one in (*side.sources, *side.destinations)}
    unplaced = [value for value in view.values("owner", "far") if not view.read(value).none]
    groups = [value.text for value in unplaced if not ends & {one.name for one in view.read(value).endpoints}]
    said = remark if vocabulary.fold(remark) not in vocabulary.fold(description) else ""
    return "; ".join(dict.fromkeys(text for text in (*groups, description, said) if text)) if groups or said else description


def _description(view: RowView) -> str:
    texts = [value.text for value in view.values("service", "description") if value.text and not view.read(value).none]
    return "; ".join(dict.fromkeys([*texts, *(view.draft.cells[note.header] for note in view.draft.notes)]))
