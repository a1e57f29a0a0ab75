"""Turn rules into flows: find the direction and the endpoints, from the bindings and from the machine that the user names."""

from __future__ import annotations

from collections.abc import Container, Iterable

from extract.errors import UsageError
from extract.export.bindings import Bindings, Unstated, network
from extract.export.boxes import Symbols
from extract.export.flows import End, Flow, boxes
from extract.export.refusals import Refusal, refuse
from extract.export.target import Target
from extract.model import Direction, Endpoint, EndSide, Evidence, Rule, Unresolved

_SIDES: tuple[EndSide, EndSide] = ("source", "destination")
_UNSTATED = End(name="", kind="name")


class Resolver:
    """Makes flows of the rules of one scope, for one target."""

    def __init__(self, target: Target, bindings: Bindings, machine: str, silent: Container[str] = ()) -> None:
        """Take the target, the bindings, and the name of the end that is this machine, empty where nobody said.

        `silent` are documents that never name this machine, while others do. An endpoint that they do not state may be any machine.
        """
        self._target = target
        self._bindings = bindings
        self.machine = machine
        self._silent = silent
        # The documents whose questions were answered.
        self.answered: set[tuple[str, str]] = set()

    def flow(self, rule: Rule, places: tuple[Evidence, ...]) -> Flow | Refusal | None:
        """Return the flow of a rule by its places in order, why there is none, or None where it is not about this machine."""
        place = places[0]
        if not self._target.NEEDS_BINDINGS:
            source, destination = (self._as_written(getattr(rule, side)) for side in _SIDES)
            return Flow(rule=rule, direction=rule.direction, source=source, destination=destination, place=place, places=places)
        assumed: list[str] = []
        direction = self._way(rule, place, assumed)
        if direction is None or isinstance(direction, Refusal):
            return direction
        ends: dict[EndSide, End] = {}
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

    def _way(self, rule: Rule, place: Evidence, assumed: list[str]) -> Direction | Refusal | None:
        """Return which way the traffic goes, why nobody knows, or None where it is not this machine's; `assumed` gets why it was turned."""
        if not self.machine:
            return rule.direction or refuse("direction-unstated", "the page does not say whether it comes in or goes out")
        directions = self._directions(rule)
        if not directions:
            return None if self._is_about_others(rule) else self._whose(rule, place)
        if rule.direction in directions:
            return rule.direction
        if len(directions) > 1:
            return refuse("direction-unstated", f"both its ends are {self.machine!r}, and the page does not say which way it goes")
        assumed.append(f"{self.machine!r} is this machine, so the traffic is {directions[0]}")
        return directions[0]

    def _whose(self, rule: Rule, place: Evidence) -> Refusal | None:
        """Return why it is not known whether a rule is about this machine; None if the user says that it is about others."""
        if rule.direction is None:
            return refuse("direction-unstated", "the page says neither the direction nor whose traffic it is")
        side: EndSide = "destination" if rule.direction == "ingress" else "source"
        if self._answer(side, place) is not None:
            return None
        why = f"the page does not state the {side}, and other pages are those that name {self.machine!r}"
        return refuse("endpoint-unstated", f"{why}; with --document it is taken for one about it")

    def open(self, rule: Unresolved) -> Refusal | None:
        """Return that the page leaves a rule open; None where it is not about this machine."""
        if self._target.NEEDS_BINDINGS and self.machine and not self._directions(rule) and self._is_about_others(rule):
            return None
        return Refusal("unresolved", rule.reason)

    def ways(self, rule: Rule | Unresolved) -> frozenset[Direction]:
        """Return which ways the traffic of a rule may go for what the output is for; both where nobody knows."""
        known = self._directions(rule) if self.machine else [rule.direction] if rule.direction is not None else []
        return frozenset(known or ("ingress", "egress"))

    def _is_about_others(self, rule: Rule | Unresolved) -> bool:
        """Return whether a rule that does not name this machine is not about it: an end that is not stated, or any, may be."""
        near = {"ingress": (rule.destination,), "egress": (rule.source,), None: (rule.source, rule.destination)}[rule.direction]
        return all(end is not None and end.kind != "any" for end in near)

    def _directions(self, rule: Rule | Unresolved) -> list[Direction]:
        """Return which ways the traffic of a rule can go for this machine: none where the rule is about others."""
        found: list[Direction] = []
        for side, way in (("destination", "ingress"), ("source", "egress")):
            end: Endpoint | None = getattr(rule, side)
            if end is not None and end.name == self.machine:
                found.append(way)  # type: ignore[arg-type]
        near = rule.destination if rule.direction == "ingress" else rule.source
        # A page about one machine seldom gives its name. "Any machine" includes this one.
        may_be = near.kind == "any" if near is not None else not all(place.document in self._silent for place in rule.evidence)
        if not found and rule.direction is not None and may_be:
            found.append(rule.direction)
        return found

    def _end(self, rule: Rule, side: EndSide, place: Evidence, *, near: bool, assumed: list[str]) -> End | Refusal:
        endpoint: Endpoint | None = getattr(rule, side)
        if near and self._is_this_machine(endpoint):
            if endpoint is None:
                assumed.append(f"the {side}, which the page does not state, is {self.machine!r}")
            elif endpoint.name != self.machine:
                assumed.append(f"the {side}, which is any on the page, is {self.machine!r}")
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
        return bool(self.machine) and (near is None or near.kind == "any" or near.name == self.machine)

    def _this_machine(self) -> End | Refusal:
        """Return the near end that this machine is: what the bindings say that the target calls it, or just itself."""
        binding = self._bindings.endpoints.get(self.machine)
        if binding is not None and binding.refuse:
            return refuse("endpoint-refused", f"{self.machine!r}: {binding.refuse}")
        return self._target.end(self.machine, binding, near=True) or End(name=self.machine, kind="self")

    def _answered(self, side: EndSide, place: Evidence, assumed: list[str]) -> End | Refusal:
        one = self._answer(side, place)
        if one is None:
            return refuse("endpoint-unstated", f"the page does not state the {side}")
        networks = ", ".join(map(str, one.networks))
        assumed.append(f"the {side}, which the page does not state, is {networks} by decision of the user")
        return End(name="", kind="networks", networks=one.networks)

    def _answer(self, side: EndSide, place: Evidence) -> Unstated | None:
        """Return what the user says of an end that a page does not state: the answer that names the document most exactly."""
        fitting = [one for one in self._bindings.unstated if one.side == side and one.is_about(place.document)]
        one = max(fitting, key=lambda each: len(each.document.strip("/")), default=None)
        if one is not None:
            self.answered.add((one.document, one.side))
        return one

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
    names = {resolver.machine, *(end.name for rule in rules for end in (rule.source, rule.destination) if end is not None)}
    for name, binding in bindings.endpoints.items():
        if name not in names:
            yield f"{binding.file}:{binding.line}: no rule of this export names {name!r}"
    for one in bindings.unstated:
        if (one.document, one.side) not in resolver.answered:
            yield f"{one.file}:{one.line}: no rule of {one.document!r} lacks its {one.side}"


def _named(endpoint: Endpoint | None) -> str:
    return endpoint.name if endpoint is not None else "an end that is not stated"
