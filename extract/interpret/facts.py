"""What the places around a table state of its rules: one table of readers for all fields, one walk from the nearest place outwards.

A reader says at which kinds of places it looks and how far it reaches. For each field the nearest place that states it wins. If two places
of one scope right beside the table differ, that is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from extract import vocabulary
from extract.catalogue import finding
from extract.cells import announced, direction, flows
from extract.cells.protocol import ProtocolCell
from extract.interpret import groups, titles, transports
from extract.model import Cell, Column, Fact, Field, Finding
from extract.read.places import TITLES, Kind, Place

Said = tuple[str, str]
"""A value, and the words that state it."""
Facts = dict[Field, Fact]

# Values that end the search without a fact: both directions are announced, or traffic is allowed, which is the default.
_SETTLED: Final = frozenset({"mixed", "allow"})
_ANY: Final = 1_000
_NEVER: Final = -1
# Places this near to a table are about this table only.
_BESIDE: Final = 1

_HEADS: frozenset[Kind] = frozenset({"caption", "title row", "heading", "page title"})
_LINES: frozenset[Kind] = frozenset({"line above the table", "plain line above the table"})
_NEAR_TITLES: frozenset[Kind] = TITLES - {"page title"}
_INTRODUCING: frozenset[Kind] = _LINES | {"introducing sentence"}
_OPENING: frozenset[Kind] = frozenset({"sentence that introduces the section"})
_SIDES: Final[tuple[Field, ...]] = ("source", "destination")
_BELOW: frozenset[Kind] = frozenset({"sentence below the table"})
_GENERAL: frozenset[Kind] = _BELOW | {"sentence about the whole page"}


class Reader(msgspec.Struct, frozen=True):
    """What reads one field in places of some kinds."""

    kinds: frozenset[Kind]
    read: Callable[[str], Said | None]
    # How far from the table such a place may be, in places of its kind.
    reach: int = _ANY
    # The same for a table whose rows name both ends: sentences further up seldom speak of the direction of all of them.
    in_flows: int = _ANY
    # This reader is used only if no other reader finds the field in any place.
    last: bool = False


def _whole(read: Callable[[str], str | None]) -> Callable[[str], Said | None]:
    """Return a reader of titles: the words that state the value are all of the text."""

    def read_title(text: str) -> Said | None:
        value = read(text)
        return (value, text) if value else None

    return read_title


def _way_of_prose(text: str) -> Said | None:
    value, sentence = direction.of_prose(text)
    return (value, sentence) if value else None


def _way_of_line(text: str) -> Said | None:
    """Read a label: as a heading, or, where it is a clause or announces both directions, as a sentence."""
    stated = direction.of_heading(text)
    if stated == "mixed" or (stated and titles.read(text).has("clause")):
        return _way_of_prose(text)
    return (stated, text) if stated else None


def _flow(text: str, flow: flows.Flow | None) -> flows.Flow | None:
    """Return a flow if both names can be endpoints. `Settings → Firewall` and `Ports from 7000 to 8000` are not flows."""
    if flow is None:
        return None
    source = flow.source.rpartition(":")[2].strip()
    arrowed = flows.of_title(text) is not None
    return (
        msgspec.structs.replace(flow, source=source)
        if titles.can_end(source, arrowed) and titles.can_end(flow.destination, arrowed)
        else None
    )


def _way_of_flow(text: str) -> Said | None:
    flow = _flow(text, flows.of_title(text))
    return ("both", text) if flow is not None and flow.both else None


def _owner(text: str) -> str | None:
    return groups.of_title(text) or titles.ends_of(text).owner


def _end(side: str, text: str) -> str | None:
    """Return the end on one side that a title names: `Client --> Server`, `Inbound from X`."""
    ends = _flow(text, flows.of_title(text)) or titles.ends_of(text)
    return ends.source if side == "source" else ends.destination


READERS: Mapping[Field, tuple[Reader, ...]] = {
    "direction": (
        Reader(_NEAR_TITLES, _way_of_flow, reach=3),
        Reader(_HEADS, _whole(direction.of_heading)),
        Reader(_LINES, _way_of_line),
        Reader(_INTRODUCING, _way_of_prose, in_flows=_BESIDE),
        Reader(_OPENING, _way_of_prose, in_flows=_NEVER),
        Reader(_GENERAL, _whole(direction.of_page), in_flows=_NEVER),
    ),
    "protocol": (
        Reader(TITLES, _whole(transports.of_title)),
        Reader(_INTRODUCING | _OPENING, _whole(transports.of_introduction)),
        Reader(_INTRODUCING | _OPENING | _BELOW, _whole(transports.of_these_ports)),
        Reader(_GENERAL, _whole(transports.of_every_port)),
    ),
    "action": (
        Reader(_HEADS, _whole(announced.of_title)),
        Reader(_LINES, _whole(announced.of_title), reach=_BESIDE),
        Reader(frozenset({"introducing sentence", "line above the table"}), _whole(announced.of_sentence), reach=0),
    ),
    "owner": (
        Reader(TITLES, _whole(_owner)),
        Reader(_INTRODUCING, _whole(groups.called)),
        Reader(_INTRODUCING, _whole(groups.owned), last=True),
    ),
    "source": (Reader(_NEAR_TITLES, _whole(partial(_end, "source"))),),
    "destination": (Reader(_NEAR_TITLES, _whole(partial(_end, "destination"))),),
}
"""Field -> what reads it, in the order in which one place is read."""


def of_table(places: Sequence[Place], columns: Sequence[Column], flow: bool) -> tuple[Facts, tuple[Finding, ...]]:
    """Return what holds for every row of a table, and where places beside it differ.

    `places` are those around the table, nearest first; `flow` says that its rows name both ends of their traffic.
    """
    facts: Facts = {}
    found: list[Finding] = []
    headers = _of_headers(columns)
    for field in READERS:
        stated = list(_stated(field, places, flow))
        if stated and stated[0].value not in _SETTLED:
            facts[field] = stated[0]
        found.extend(_differing(stated))
    if action := headers.get("action"):
        facts["action"] = action
    facts = {**headers, **facts}
    _add_component(facts, places)
    _keep_nearest(facts, places)
    return facts, tuple(found)


def nearest(field: Field, places: Sequence[Place]) -> Fact | None:
    """Return what the places around a table state of one field."""
    fact = next(_stated(field, places, False), None)
    return fact if fact is not None and fact.value not in _SETTLED else None


def _stated(field: Field, places: Sequence[Place], flow: bool) -> Iterator[Fact]:
    """Yield the nearest fact of a field, and the others of its scope beside the table."""
    for last in (False, True):
        readers = [reader for reader in READERS[field] if reader.last == last]
        stated = list(_read(field, readers, places, flow)) if readers else []
        yield from stated
        if stated:
            return


def _read(field: Field, readers: Sequence[Reader], places: Sequence[Place], flow: bool) -> Iterator[Fact]:
    nearest: Place | None = None
    for place in places:
        if nearest is not None and (place.scope != nearest.scope or place.scope == "section" or place.distance > _BESIDE):
            return
        for reader in readers:
            reach = min(reader.reach, reader.in_flows) if flow else reader.reach
            if place.kind in reader.kinds and place.distance <= reach and (said := reader.read(place.text)):
                yield Fact(field, said[0], place.scope, said[1], place.line, place.kind)
                nearest = nearest or place
                break


def _differing(stated: Sequence[Fact]) -> Iterator[Finding]:
    """Yield a finding where two places beside a table state different values of a field."""
    for other in stated[1:]:
        first = stated[0]
        if first.value != other.value and not {first.value, other.value} & {"mixed", "both", "allow"}:
            text = f"the {first.by} says {first.value!r} for the {first.field}, and the {other.by} in line {other.line} {other.value!r}"
            yield finding("context-differs", f"{text}; the nearer one counts", line=first.line or None)
            return


def _of_headers(columns: Sequence[Column]) -> Facts:
    """Return what headers state by themselves: `Accessible by` is about incoming access, `Blocked port` about what is denied."""
    facts: Facts = {}
    for column in columns:
        if column.role == "source" and vocabulary.finder("accessed_by").search(vocabulary.fold(column.header)):
            facts.setdefault("direction", Fact("direction", "ingress", "table", column.header, 0, "column header"))
        if column.role in ("port", "port_from") and announced.of_heading(column.header) == "deny":
            facts.setdefault("action", Fact("action", "deny", "table", column.header, 0, "column header"))
    return facts


def _add_component(facts: Facts, places: Sequence[Place]) -> None:
    """Add the component that a heading names and nothing else: above one that only says a direction (`Controller`, below it `Inbound`) it
    owns the rules, and right above the table it does where their direction is known.
    """
    way = False
    for place in places:
        if not place.is_title or place.distance > _BESIDE + 1:
            continue
        if titles.is_way_alone(place.text):
            way = True
            continue
        name = place.text.rstrip(" :：")
        if way and place.named and titles.is_name_alone(name):
            owner = facts.get("owner")
            if owner is None or places.index(place) < _index(places, owner):
                facts["owner"] = Fact("owner", name, place.scope, place.text, place.line, place.kind)
        elif titles.names_component(name) and place.kind != "page title":
            facts["component"] = Fact("component", name, place.scope, place.text, place.line, place.kind)
        return


def _index(places: Sequence[Place], fact: Fact) -> int:
    """Return how many places are nearer to the table than the one that states a fact."""
    return next((index for index, one in enumerate(places) if one.kind == fact.by and one.line == fact.line), -1)


def _keep_nearest(facts: Facts, places: Sequence[Place]) -> None:
    """Leave out the names that belong to a title further away, where a nearer one says otherwise.

    `Inbound from X` names the source of inbound traffic, so it does not count if a nearer heading says `Outbound`. `Inbound ports of X`
    does not count if a nearer heading names something else.
    """
    owner = facts.get("owner")
    for side in _SIDES:
        if fact := facts.get(side):
            bound = [facts.get("direction")] if flows.of_title(fact.text) is None else []
            others = [one for one in (*bound, owner) if one is not None and one.text != fact.text]
            if any(-1 < _index(places, one) < _index(places, fact) for one in others):
                del facts[side]
    if owner is not None and titles.ends_of(owner.text).owner and _names_other(places[: max(_index(places, owner), 0)]):
        del facts["owner"]


def _names_other(nearer: Sequence[Place]) -> bool:
    """Return whether the nearest heading of these that does not only say a direction is a name."""
    heading = next((place for place in nearer if place.kind == "heading" and not titles.is_way_alone(place.text)), None)
    return heading is not None and titles.is_name_alone(heading.text)


def below_label(text: str, table: Facts, held: Facts) -> Facts:
    """Return the facts that still hold after a label ends a group of rows: the facts of the table. The owner of the rows stays, too, if the
    label only states a direction (`Controller`, `Inbound`, rows, `Outbound`).
    """
    kept = dict(table)
    if titles.is_way_alone(text):
        names: tuple[Field, ...] = ("owner", "component")
        kept.update((field, held[field]) for field in names if field in held and not direction.of_heading(held[field].text))
    return kept


def of_label(cell: Cell, named: ProtocolCell, facts: Facts) -> Facts:
    """Return what holds for the rows below the label of a group of rows, where `facts` hold above it; `named` is its protocol reading."""
    text = cell.text

    def fact(field: Field, value: str) -> Fact:
        return Fact(field, value, "group", text, cell.line, "group row")

    held = dict(facts)
    ends = titles.ends_of(text)
    flow = _flow(text, flows.of_label(text)) if ends == titles.NOBODY and not titles.is_way_alone(text) else None
    if flow is not None:
        held["source"], held["destination"] = fact("source", flow.source), fact("destination", flow.destination)
        if flow.both:
            held["direction"] = fact("direction", "both")
        return held
    stated = direction.of_heading(text)
    if stated:
        _set(held, fact("direction", stated))
    words = [word for word in named.protocols if word in vocabulary.ported()]
    if len(words) == 1:
        held["protocol"] = fact("protocol", words[0])
    if action := announced.of_title(text):
        _set(held, fact("action", action))
    if ends.source:
        held["source"] = fact("source", ends.source)
    if ends.destination:
        held["destination"] = fact("destination", ends.destination)
    if name := _owner(text):
        held["owner"] = fact("owner", name)
    elif titles.names_component(text):
        held["component"] = fact("component", text)
    return held


def _set(held: Facts, fact: Fact) -> None:
    """Set a fact. If the label says that nothing is stated, remove the fact of the wider scope."""
    if fact.value in _SETTLED:
        held.pop(fact.field, None)
    else:
        held[fact.field] = fact
