"""Which column is what: from the words of its header and from what its cells parse as.

A header is a set of concepts ("Destination Port" = destination + port), whatever its language; the cells are a profile of what
they parse as. The header proposes a role, the cells confirm it, or another role is taken and the report says why.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from extract import vocabulary
from extract.cells.reading import Cells
from extract.interpret.headers import Header, propose, read_header
from extract.interpret.profiles import Profile
from extract.model import ENDS, FIRST_PORTS, PORTS, SIDES, UNNAMED, Cell, Column, Role
from extract.regex import late

_CONFIRMED = 0.3
_CERTAIN = 0.8
_CONFIRMED_FLOW = 0.6
_NUMBERED: frozenset[Role] = UNNAMED | {"protocol", "service", "type"}
_MAY_BE_PROTOCOL: frozenset[Role] = UNNAMED | {"protocol", "type", "description", "service", "near", "address"}
_NEUTRAL: frozenset[Role] = UNNAMED | {"service", "description", "flow"}
_STATING: frozenset[Role] = PORTS | {"mark"}
_PLAIN: frozenset[Role] = ENDS | {"description", "service"}
_ICMP = late(r"^icmp(?:v[46])?\s+")


def assign(headers: Sequence[str], body: Sequence[Sequence[Cell | None]], profiles: Sequence[Profile], cells: Cells) -> tuple[Column, ...]:
    """Return a role with its reason for every column.

    `body` holds the data rows, each as wide as `headers`, `profiles` their columns, and `cells` what their cells say.
    """
    read = [read_header(text) for text in headers]
    roles = [propose(header) for header in read]
    whys = [f"header {header.text!r}" if role else "no header word" for header, role in zip(read, roles, strict=True)]
    _find_marks(roles, whys, read, body, cells)
    _confirm_sides(roles, whys, read, profiles)
    _weigh_purposes(roles, whys, read, profiles)
    _confirm_ports(roles, whys, profiles, read)
    _confirm_protocols(roles, whys, profiles, read)
    _confirm_others(roles, whys, profiles, read)
    _find_icmp(roles, whys, read, profiles)
    _turn_targets(roles, whys, read)
    _find_owners(roles, whys, read)
    _pair_endpoints(roles, whys, read, profiles)
    found = []
    for index, (header, role) in enumerate(zip(read, roles, strict=True)):
        hint, way = (header.hint, header.way) if role in _STATING else (None, None)
        composite = (
            role == "port"
            and "protocol" not in roles
            and (profiles[index].reaches("composite", 0.3) or "port" not in header.concepts or "protocol" in header.concepts)
        )
        found.append(Column(index, header.text, role, whys[index], hint, way, composite))
    return tuple(found)


def _find_marks(roles: list[Role], whys: list[str], headers: Sequence[Header], body: Sequence[Sequence[Cell | None]], cells: Cells) -> None:
    """Columns headed `TCP` and `UDP`, or `Inbound` and `Outbound`, whose cells only tick or do not tick."""
    for index, header in enumerate(headers):
        if (header.hint or header.way) and len(header.text.split()) <= 2:
            read = [cells[cell.lines] for row in body if (cell := row[index]) is not None and cell.lines]
            read = [one for one in dict.fromkeys(read) if not one.none or one.ticked]
            # A header that is repeated in the body.
            read = [one for one in read if vocabulary.fold(one.text) != vocabulary.fold(header.text)]
            if read and all(one.ticked is not None for one in read):
                roles[index], whys[index] = "mark", whys[index] + "; its cells are ticks"


def _confirm_sides(roles: list[Role], whys: list[str], headers: Sequence[Header], profiles: Sequence[Profile]) -> None:
    """`From | To` over numbers are the ends of a port range; `Source | Destination` over numbers are ports."""
    sides = [
        index
        for index, role in enumerate(roles)
        if role in ("source", "destination")
        and profiles[index].reaches("numeric", _CERTAIN)
        and not profiles[index].reaches("address", 0.5)
    ]
    if len(sides) != 2 or {roles[index] for index in sides} != {"source", "destination"}:
        return
    worded = any(vocabulary.finder("from").search(vocabulary.fold(headers[index].text)) for index in sides)
    ranged = worded and all(profiles[index].share("composite") == 0 for index in sides)
    for index in sides:
        source = roles[index] == "source"
        roles[index] = ("port_from" if source else "port_to") if ranged else ("source_port" if source else "port")
        whys[index] += "; its cells are port numbers"


def _weigh_purposes(roles: list[Role], whys: list[str], headers: Sequence[Header], profiles: Sequence[Profile]) -> None:
    """`目的`, `Назначение` or `Doel` is where traffic goes, or what it is for: the end beside a source, or over cells that are ends."""
    either = vocabulary.header_words("destination") & vocabulary.header_words("description")
    for index, header in enumerate(headers):
        if roles[index] != "destination" or vocabulary.fold(header.text).strip(" :*") not in either:
            continue
        others, facts = roles[:index] + roles[index + 1 :], profiles[index]
        if "destination" in others:
            why = "which may mean the purpose; another column is the destination"
        elif "source" not in others and not facts.reaches("endpoint", 0.5):
            why = "which may mean the purpose; no column is the source"
        elif facts.reaches("protocol", 0.5):
            why = "which may mean the purpose; its cells are applications"
        else:
            continue
        roles[index], whys[index] = "description", f"{whys[index]}, {why}"


def _confirm_ports(roles: list[Role], whys: list[str], profiles: Sequence[Profile], headers: Sequence[Header]) -> None:
    for index, role in enumerate(roles):
        facts = profiles[index]
        if (
            (role in PORTS or role == "internal_port")
            and facts.filled
            and not facts.reaches("numeric", _CONFIRMED)
            and _ported(facts) < _CONFIRMED
        ):
            if facts.reaches("transport", _CERTAIN):
                roles[index], whys[index] = "protocol", whys[index] + ", but its cells are protocols"
            elif not facts.reaches("protocol", 0.5) or _ported(facts) == 0:
                roles[index], whys[index] = "not_port", whys[index] + ", but its cells are no ports"
    _prefer_destination(roles, whys, headers)
    _prefer_default(roles, whys, headers, profiles)
    _prefer_listening(roles, whys, headers)
    starts, ends = roles.count("port_from"), roles.count("port_to")
    if starts != ends:
        for index, role in enumerate(roles):
            if role in ("port_from", "port_to"):
                roles[index] = "port"
    _prefer_external(roles, whys, headers)
    if not FIRST_PORTS.isdisjoint(roles):
        return
    if roles.count("source_port") == 1 and "destination" not in roles and "port" not in roles:
        return
    candidates = [
        index
        for index, role in enumerate(roles)
        if role not in ("source_port", "internal_port", "not_port", "mark")
        and (
            profiles[index].reaches("composite", 0.5)
            or (role == "description" and "port" in headers[index].concepts and profiles[index].reaches("numeric", _CERTAIN))
            or (
                role in _NUMBERED
                and profiles[index].reaches("numeric", 0.5)
                and _ported(profiles[index]) >= _CERTAIN
                and any(p.reaches("transport", _CERTAIN) for p in profiles)
                and not vocabulary.finder("quantity").search(vocabulary.fold(headers[index].text))
            )
        )
    ]
    if len(candidates) == 1 or any(profiles[index].reaches("composite", 0.5) for index in candidates):
        best = max(candidates, key=lambda index: (profiles[index].share("composite"), profiles[index].share("numeric")))
        roles[best], whys[best] = (
            "port",
            whys[best] + "; its cells are ports" + (" with their protocol" if profiles[best].reaches("composite", 0.5) else ""),
        )


def _ported(facts: Profile) -> float:
    """Return the share of the cells that name a port or leave one open."""
    return facts.share("numeric") + facts.share("named") + facts.share("open")


def _prefer_destination(roles: list[Role], whys: list[str], headers: Sequence[Header]) -> None:
    """`Source | Port | Destination | Port`: the port behind the source is the source port."""
    bare = [index for index, role in enumerate(roles) if role == "port" and headers[index].concepts == {"port"}]
    if len(bare) == 2 and "source" in roles[: bare[0]] and "destination" in roles[bare[0] : bare[1]]:
        roles[bare[0]], whys[bare[0]] = "source_port", whys[bare[0]] + "; it stands behind the source, another behind the destination"


def _prefer_default(roles: list[Role], whys: list[str], headers: Sequence[Header], profiles: Sequence[Profile]) -> None:
    """`Port | Default` with names under the first: the numbers are the ports."""
    if "port" in roles or "not_port" not in roles:
        return
    for index, header in enumerate(headers):
        if _default_header().fullmatch(vocabulary.fold(header.text)) and profiles[index].reaches("numeric", _CERTAIN):
            roles[index], whys[index] = "port", whys[index] + "; the port column beside it holds names"
            roles[roles.index("not_port")] = "service"
            return


@functools.cache
def _default_header() -> re.Pattern[str]:
    """Return what heads the ports that are set where nobody changes them; nothing at all may."""
    head, noun = (vocabulary.either(vocabulary.words(section)) for section in ("default_header", "default_header_noun"))
    return re.compile(rf"{head}?(?: ?{noun})?")


def _prefer_listening(roles: list[Role], whys: list[str], headers: Sequence[Header]) -> None:
    """`Client port` is the source port beside a `Server port`; beside `Cluster port` or alone it is a port that clients use."""
    if any(role == "port" and header.concepts & {"destination", "near"} for role, header in zip(roles, headers, strict=True)):
        return
    clients, source = vocabulary.words("client_port"), vocabulary.header_concepts()["source"]
    for index, header in enumerate(headers):
        named = {found.word for found in source.finditer(vocabulary.fold(header.text))}
        if roles[index] == "source_port" and named and named <= clients:
            roles[index], whys[index] = "port", whys[index] + "; no other column is the port of a server"


def _prefer_external(roles: list[Role], whys: list[str], headers: Sequence[Header]) -> None:
    """Where a table names the port on both sides of an address translation, the outer one is opened."""
    outer = [index for index, header in enumerate(headers) if "external" in header.concepts and roles[index] in PORTS]
    for index, header in enumerate(headers):
        if (
            (roles[index] in PORTS or roles[index] == "internal_port")
            and "internal" in header.concepts
            and "external" not in header.concepts
        ):
            if outer:
                roles[index], whys[index] = "source_port", whys[index] + "; the external port beside it is the one that is opened"
            elif roles[index] == "internal_port":
                roles[index] = "port"


def _confirm_protocols(roles: list[Role], whys: list[str], profiles: Sequence[Profile], headers: Sequence[Header]) -> None:
    possible = [index for index, role in enumerate(roles) if role in _MAY_BE_PROTOCOL]
    for index, role in enumerate(roles):
        if role != "protocol" or not profiles[index].filled:
            continue
        facts = profiles[index]
        if "port" not in roles and facts.reaches("composite", 0.5):
            roles[index], whys[index] = "port", whys[index] + "; its cells name protocol and port"
        elif not facts.reaches("protocol", _CONFIRMED) and any(
            other != index and profiles[other].reaches("transport", _CERTAIN) for other in possible
        ):
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no protocols and another column's are"
        elif "port" not in roles and facts.share("protocol") == 0 and not facts.reaches("numeric", 0.5):
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no IP protocols"
    acts, sided = "action" in roles, {"source", "destination"} <= set(roles)
    if "protocol" not in roles and "port" not in roles and (acts or sided):
        for index, role in enumerate(roles):
            if role != "service" or vocabulary.fold(headers[index].text) not in vocabulary.words("policy_service"):
                continue
            facts = profiles[index]
            # Numbers alone may count anything, say the trains between two towns.
            mixed = facts.reaches("traffic", _CERTAIN) and facts.share("numeric") and (facts.share("composite") or facts.share("protocol"))
            if (acts and facts.reaches("protocol", _CERTAIN)) or mixed:
                # The service column of a firewall policy: `any`, `HTTPS`, `tcp:6379`, `IP protocol 50`.
                beside = "an action" if acts else "source and destination"
                roles[index], whys[index] = "port", f"{whys[index]}; beside {beside} it holds protocol and port"
                return
    if "protocol" not in roles:
        for index in possible:
            if roles[index] in ("", "number", "description", "service") and profiles[index].reaches("transport", _CERTAIN):
                roles[index], whys[index] = "protocol", whys[index] + "; its cells are protocols"
                break


def _confirm_others(roles: list[Role], whys: list[str], profiles: Sequence[Profile], headers: Sequence[Header]) -> None:
    for index, role in enumerate(roles):
        facts = profiles[index]
        if role in ENDS and facts.filled and facts.reaches("tick", _CERTAIN):
            roles[index], whys[index] = "description", whys[index] + ", but its cells are ticks"
        elif role in ENDS and facts.filled and facts.reaches("direction", _CERTAIN):
            roles[index] = "direction" if "direction" not in roles else "description"
            whys[index] += "; its cells are directions"
        elif (
            role == "direction"
            and facts.filled
            and facts.share("direction") + facts.share("arrow") < 0.5
            and not facts.reaches("arrowed", _CONFIRMED_FLOW)
        ):
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no directions"
        elif role == "flow" and facts.filled and not (facts.reaches("flow", 0.5) or facts.reaches("slashed", 0.5)):
            sided = {"source", "destination"} <= headers[index].concepts
            roles[index], whys[index] = "far" if sided else "description", whys[index] + ", but its cells do not name two ends"
        elif role == "action" and facts.filled and not facts.reaches("action", 0.5):
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no actions"
        elif role == "type" and "direction" not in roles and facts.filled and facts.reaches("direction", _CERTAIN):
            roles[index], whys[index] = "direction", whys[index] + "; its cells are directions"
        elif role == "type" and facts.filled and not facts.reaches("protocol", 0.5):
            roles[index], whys[index] = "description", whys[index] + ", but its cells are no rule types"
        elif (
            role in _NEUTRAL
            and "direction" not in roles
            and facts.filled
            # `Outbound mail` under `Purpose` is what a rule is for.
            and facts.reaches("way" if role in ("description", "service") else "direction", _CERTAIN)
        ):
            roles[index], whys[index] = "direction", whys[index] + "; its cells are directions"
        elif (
            role in ("", "description")
            and "port" in roles
            and not {"source", "far", "flow"} & set(roles)
            and facts.filled
            and facts.reaches("zone", _CERTAIN)
        ):
            roles[index], whys[index] = "far", whys[index] + "; its cells are network zones"
        elif (
            role in ("", "description", "service", "far", "direction")
            and not SIDES & set(roles)
            and facts.filled
            and facts.reaches("arrowed", _CONFIRMED_FLOW)
        ):
            roles[index], whys[index] = "flow", whys[index] + "; its cells name both ends of a flow"
        elif role == "" and facts.filled and facts.reaches("address", _CERTAIN):
            roles[index], whys[index] = "address", whys[index] + "; its cells are addresses"
        elif role in UNNAMED:
            roles[index] = "description"


def _find_icmp(roles: list[Role], whys: list[str], headers: Sequence[Header], profiles: Sequence[Profile]) -> None:
    """`Type | Code` over numbers are those of ICMP; the table must say elsewhere that it is about ICMP."""
    folded = [_ICMP.sub("", vocabulary.fold(header.text)) for header in headers]
    for index, text in enumerate(folded):
        if text != "code" or "type" not in folded:
            continue
        if "icmp" in headers[index].concepts or profiles[index].share("numeric") + profiles[index].share("open") >= 0.5:
            roles[index], whys[index] = "icmp_code", f"header {headers[index].text!r} beside a type"
            roles[folded.index("type")] = "icmp"


def _turn_targets(roles: list[Role], whys: list[str], headers: Sequence[Header]) -> None:
    """`Targets` beside a direction or a second destination are what the rule applies to: the near side, whichever way it goes."""
    for index, header in enumerate(headers):
        if roles[index] == "destination" and vocabulary.fold(header.text) in vocabulary.words("applies_to"):
            others = [role for other, role in enumerate(roles) if other != index]
            if ("source" not in others and {"direction", "destination", "far"} & set(others)) or "destination" in others:
                roles[index], whys[index] = "near", whys[index] + "; another column tells the way"


def _find_owners(roles: list[Role], whys: list[str], headers: Sequence[Header]) -> None:
    """`Security group` beside the one column of the other side, or beside a direction, is the group that the rule belongs to."""
    ends = {role for role in roles if role in ("source", "destination", "far")}
    if "near" in roles or len(ends) != 1 or not ("direction" in roles or "source" in ends):
        return
    groups = {*vocabulary.words("group"), *vocabulary.abbreviations(), *vocabulary.abbreviations().values()}
    for index, header in enumerate(headers):
        folded = vocabulary.fold(header.text).strip(" :*")
        if roles[index] == "description" and (folded in groups or folded.removesuffix("s") in groups):
            roles[index], whys[index] = "near", whys[index] + "; beside the other side it is the group that the rule belongs to"
            return


def _pair_endpoints(roles: list[Role], whys: list[str], headers: Sequence[Header], profiles: Sequence[Profile]) -> None:
    """Two columns whose headers differ in `A`/`B` or `1`/`2` alone, with arrows in the table, are the two ends of a flow."""
    if not any(facts.reaches("arrow", 0.5) for facts in profiles):
        return
    stems: dict[str, list[int]] = {}
    for index, header in enumerate(headers):
        folded = vocabulary.fold(header.text)
        if len(folded) > 1 and folded[-1] in "ab12":
            stems.setdefault(folded[:-1].rstrip(" _-") or folded[0], []).append(index)
    pair = next((indices for indices in stems.values() if len(indices) == 2), None)
    arrows = [index for index, facts in enumerate(profiles) if facts.reaches("arrow", 0.5)]
    if pair is None and roles[arrows[0]] in ("direction", "port") and 0 < arrows[0] < len(roles) - 1:
        left, right = arrows[0] - 1, arrows[0] + 1
        if roles[left] in _PLAIN and roles[right] in _PLAIN and not {"source", "destination"} & {roles[left], roles[right]}:
            pair = [left, right]
    if pair:
        ends: tuple[Role, Role] = ("left", "right")
        for index, role in zip(pair, ends, strict=True):
            roles[index], whys[index] = role, whys[index] + f"; the {role} end of an arrow"
