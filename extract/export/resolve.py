"""From rules to flows: which way the traffic goes, and what the ends are, by the bindings and by what the user says this machine is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from extract.errors import UsageError
from extract.export.bindings import Bindings, network
from extract.export.boxes import Symbols
from extract.export.flows import End, Flow, boxes
from extract.export.refusals import Refusal, refuse
from extract.export.target import Target
from extract.model import Direction, Endpoint, Evidence, Rule, Unresolved

_Side = Literal["source", "destination"]
_SIDES: tuple[_Side, _Side] = ("source", "destination")
_UNSTATED = End(name="", kind="name")


class Resolver:
    """Makes flows of the rules of one scope, for one target."""

    def __init__(self, target: Target, bindings: Bindings, machine: str) -> None:
        """Take the target, the bindings, and the name of the end that is this machine, empty where nobody said."""
        self._target = target
        self._bindings = bindings
        self._machine = machine
        # The documents whose questions were answered.
        self.answered: set[tuple[str, str]] = set()

    def flow(self, rule: Rule, places: tuple[Evidence, ...]) -> Flow | Refusal | None:
        """Return the flow of a rule by its places in order, why there is none, or None where it is not about this machine."""
        place = places[0]
        if not self._target.NEEDS_BINDINGS:
            source, destination = (self._as_written(getattr(rule, side)) for side in _SIDES)
            return Flow(rule=rule, direction=rule.direction, source=source, destination=destination, place=place, places=places)
        assumed: list[str] = []
        direction = self._way(rule, assumed)
        if direction is None or isinstance(direction, Refusal):
            return direction
        ends: dict[_Side, End] = {}
        for side in _SIDES:
            near = (direction == "ingress") == (side == "destination")
            found = self._end(rule, side, place, near=near, assumed=assumed)
            if isinstance(found, Refusal):
                return found
            ends[side] = found
        flow = Flow(
            rule=rule,
            direction=direction,
            source=ends["source"],
            destination=ends["destination"],
            place=place,
            places=places,
            assumed=tuple(assumed),
        )
        if not boxes(flow, Symbols()):
            return refuse(
                "no-common-family", f"{_named(rule.source)}, {_named(rule.destination)} and {rule.protocol} are of different families"
            )
        return self._target.refuse(flow) or flow

    def _way(self, rule: Rule, assumed: list[str]) -> Direction | Refusal | None:
        """Return which way the traffic goes, why nobody knows, or None where it is not this machine's; `assumed` gets why it was turned."""
        if not self._machine:
            return rule.direction or refuse("direction-unstated", "the page does not say whether it comes in or goes out")
        directions = self._directions(rule)
        if not directions:
            why = "the page says neither the direction nor whose traffic it is"
            return None if self._is_about_others(rule) else refuse("direction-unstated", why)
        if rule.direction in directions:
            return rule.direction
        if len(directions) > 1:
            return refuse("direction-unstated", f"both its ends are {self._machine!r}, and the page does not say which way it goes")
        assumed.append(f"{self._machine!r} is this machine, so the traffic is {directions[0]}")
        return directions[0]

    def open(self, rule: Unresolved) -> Refusal | None:
        """Return that the page leaves a rule open; None where it is not about this machine."""
        if self._target.NEEDS_BINDINGS and self._machine and not self._directions(rule) and self._is_about_others(rule):
            return None
        return Refusal("unresolved", rule.reason)

    def ways(self, rule: Rule | Unresolved) -> frozenset[Direction]:
        """Return which ways the traffic of a rule may go for what the output is for; both where nobody knows."""
        known = self._directions(rule) if self._machine else [rule.direction] if rule.direction is not None else []
        return frozenset(known or ("ingress", "egress"))

    def _is_about_others(self, rule: Rule | Unresolved) -> bool:
        """Return whether a rule that does not name this machine is not about it: an end that is not stated, or any, may be."""
        return rule.direction is not None or all(end is not None and end.kind != "any" for end in (rule.source, rule.destination))

    def _directions(self, rule: Rule | Unresolved) -> list[Direction]:
        """Return which ways the traffic of a rule can go for this machine: none where the rule is about others."""
        found: list[Direction] = []
        for side, way in (("destination", "ingress"), ("source", "egress")):
            end: Endpoint | None = getattr(rule, side)
            if end is not None and end.name == self._machine:
                found.append(way)  # type: ignore[arg-type]
        near = rule.destination if rule.direction == "ingress" else rule.source
        if not found and rule.direction is not None and (near is None or near.kind == "any"):
            # A page about one machine seldom says its name, and any machine is this one, too.
            found.append(rule.direction)
        return found

    def _end(self, rule: Rule, side: _Side, place: Evidence, *, near: bool, assumed: list[str]) -> End | Refusal:
        endpoint: Endpoint | None = getattr(rule, side)
        if near and self._is_this_machine(endpoint):
            if endpoint is None:
                assumed.append(f"the {side}, which the page does not state, is {self._machine!r}")
            elif endpoint.name != self._machine:
                assumed.append(f"the {side}, which is any on the page, is {self._machine!r}")
            return self._this_machine()
        if endpoint is None:
            return self._answered(side, place, assumed)
        binding = self._bindings.endpoints.get(endpoint.name)
        if binding is not None:
            if binding.refuse:
                return refuse("endpoint-refused", f"{endpoint.name!r}: {binding.refuse}")
            if endpoint.kind in ("any", "cidr"):
                where = f"{binding.file}:{binding.line}"
                raise UsageError(
                    f"{where}: the page itself says what {endpoint.name!r} is, and no binding can change that; it may be refused"
                )
        named = endpoint.kind in ("group", "role") or (endpoint.kind == "host" and binding is not None)
        own = self._target.end(endpoint.name, binding, near=near) if named else None
        if own is not None:
            return own
        if binding is not None and binding.networks:
            return End(name=endpoint.name, kind="networks", networks=binding.networks)
        return _plain(endpoint)

    def _is_this_machine(self, near: Endpoint | None) -> bool:
        """Return whether a near end is the machine that the user names: by its name, because it is any, or because the page is silent."""
        return bool(self._machine) and (near is None or near.kind == "any" or near.name == self._machine)

    def _this_machine(self) -> End | Refusal:
        """Return the near end that this machine is: what the bindings say that the target calls it, or just itself."""
        binding = self._bindings.endpoints.get(self._machine)
        if binding is not None and binding.refuse:
            return refuse("endpoint-refused", f"{self._machine!r}: {binding.refuse}")
        return self._target.end(self._machine, binding, near=True) or End(name=self._machine, kind="self")

    def _answered(self, side: _Side, place: Evidence, assumed: list[str]) -> End | Refusal:
        fitting = [one for one in self._bindings.unstated if one.side == side and one.is_about(place.document)]
        if not fitting:
            return refuse("endpoint-unstated", f"the page does not state the {side}")
        # The answer that names the document most exactly.
        one = max(fitting, key=lambda each: len(each.document.strip("/")))
        self.answered.add((one.document, one.side))
        networks = ", ".join(map(str, one.networks))
        assumed.append(f"the {side}, which the page does not state, is {networks} by decision of the user")
        return End(name="", kind="networks", networks=one.networks)

    def _as_written(self, endpoint: Endpoint | None) -> End:
        if endpoint is None:
            return _UNSTATED
        if endpoint.kind == "any":
            return End(name=endpoint.name, kind="anywhere")
        if endpoint.kind == "cidr":
            return End(name=endpoint.name, kind="networks", networks=(network(endpoint.name),))
        return End(name=endpoint.name, kind="name", reference=f"{endpoint.kind} {endpoint.name}")


def _plain(endpoint: Endpoint) -> End | Refusal:
    """Return an end that nobody has bound."""
    if endpoint.kind == "any":
        return End(name=endpoint.name, kind="anywhere")
    if endpoint.kind == "cidr":
        return End(name=endpoint.name, kind="networks", networks=(network(endpoint.name),))
    if endpoint.kind == "host":
        try:
            return End(name=endpoint.name, kind="networks", networks=(network(endpoint.name),))
        except ValueError:
            return refuse("host-name", f"{endpoint.name!r} is a name that only a name server knows the addresses of")
    return refuse("endpoint-unbound", f"no binding says what {endpoint.name!r} is")


def unused(bindings: Bindings, rules: Iterable[Rule | Unresolved], resolver: Resolver) -> Iterable[str]:
    """Yield a note for each entry of the bindings that no rule needed."""
    names = {end.name for rule in rules for end in (rule.source, rule.destination) if end is not None}
    for name, binding in bindings.endpoints.items():
        if name not in names:
            yield f"{binding.file}:{binding.line}: no rule of this export names {name!r}"
    for one in bindings.unstated:
        if (one.document, one.side) not in resolver.answered:
            yield f"{one.file}:{one.line}: no rule of {one.document!r} lacks its {one.side}"


def _named(endpoint: Endpoint | None) -> str:
    return endpoint.name if endpoint is not None else "an end that is not stated"
