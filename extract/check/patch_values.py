"""The values of patches: whether a row matches them, how they change a row, and whether the result is a valid rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from extract import vocabulary
from extract.catalogue import catalogue
from extract.cells import endpoint
from extract.check.names import name_key
from extract.check.patch_files import Condition, Patch, Values
from extract.check.stated import Stated
from extract.model import Endpoint, Trace
from extract.rows.row import Candidate

_SIDES = ("source", "destination")
_PLAIN = ("action", "direction", "protocol", "from_port", "to_port", "icmp_type", "icmp_code", "description")
# Fields that a trace shows as one value.
_TOGETHER = {"from_port": "ports", "to_port": "ports", "icmp_type": "icmp", "icmp_code": "icmp"}
_ICMP = frozenset({"icmp", "ipv6-icmp"})


def differences(condition: Condition, one: Stated) -> list[tuple[str, Any, Any]]:
    """Return the part of a condition that a row does not match: the field, the expected value, and the value of the row."""
    candidate = one.candidate
    found: list[tuple[str, Any, Any]] = []
    for name in (*_PLAIN, "port_text"):
        wanted, now = getattr(condition, name), getattr(candidate, name)
        same = vocabulary.fold(wanted) == vocabulary.fold(now) if isinstance(wanted, str) and isinstance(now, str) else wanted == now
        if wanted is not None and not same:
            found.append((name, wanted, now))
    for side in _SIDES:
        name, now = getattr(condition, side), getattr(candidate, side)
        # A condition may use the name of a group on the page, even if an alias renames it.
        written = {name_key(trace.said) for trace in candidate.trace if trace.field == side and trace.kind in ("alias", "patch")}
        if name is not None and (now is None or name_key(name) not in {name_key(now.name), *written}):
            found.append((side, name, now.name if now else None))
    for name in condition.unstated:
        if getattr(candidate, name) is not None:
            now = getattr(candidate, name)
            found.append((name, None, now.name if isinstance(now, Endpoint) else now))
    if condition.table is not None and condition.table != one.evidence.table:
        found.append(("table", condition.table, one.evidence.table))
    for header, text in condition.cells.items():
        now = one.evidence.cells.get(header)
        if now is None or vocabulary.fold(now) != vocabulary.fold(text):
            found.append((f"the cell {header!r}", text, now))
    return found


def renamed(one: Stated, names: Mapping[str, str], patch: Patch) -> Stated:
    """Return a row with the names that aliases stand for, by the key of the name; the same row when it has none of them.

    A side that another alias has renamed keeps that name: an alias speaks of what the page says.
    """
    candidate = one.candidate
    for side in _SIDES:
        now: Endpoint | None = getattr(candidate, side)
        new = names.get(name_key(now.name)) if now is not None else None
        taken = any(trace.field == side and trace.kind == "patch" for trace in candidate.trace)
        if now is None or new is None or new == now.name or taken:
            continue
        trace = Trace(side, "patch", now.name, new, patch.by, patch.why)
        fields: dict[str, Any] = {side: _named(new), "trace": (*candidate.trace, trace)}
        candidate = replace(candidate, **fields)
    return one if candidate is one.candidate else replace(one, candidate=candidate)


def fields_of(values: Values) -> tuple[str, ...]:
    """Return the fields that values speak of; ports and ICMP numbers go together."""
    return tuple(given(values))


def given(values: Values) -> dict[str, Any]:
    """Return field -> what values say about it, None for null; ports and ICMP numbers go together."""
    found: dict[str, Any] = {}
    for name in (*_PLAIN, *_SIDES):
        value = getattr(values, name)
        if value is not None or name in values.unstated:
            together = _TOGETHER.get(name)
            if together:
                found[together] = (*found.get(together, ()), (name, value))
            else:
                found[name] = value
    return found


def with_values(candidate: Candidate, values: Values, patch: Patch) -> Candidate:
    """Return a candidate with other values, and a trace for each field that changed or is confirmed; the same one when there is none."""
    changed: dict[str, Any] = {name: getattr(values, name) for name in _PLAIN if getattr(values, name) is not None}
    changed.update({side: _named(getattr(values, side)) for side in _SIDES if getattr(values, side) is not None})
    changed.update(dict.fromkeys(values.unstated))
    if candidate.from_port is None and candidate.to_port is None and len({"from_port", "to_port"} & changed.keys()) == 1:
        # One number answers an open port.
        port = changed.get("from_port", changed.get("to_port"))
        changed.update(from_port=port, to_port=port)
    made = replace(candidate, **changed)
    made = replace(made, open=tuple((name, reason) for name, reason in candidate.open if not _is_answered(name, made, values)))
    made = replace(made, port_text=candidate.port_text if "ports" in made.missing else None)
    traces = [
        Trace(name, "patch", _said(candidate, name), _said(made, name), patch.by, patch.why)
        for name in fields_of(values)
        if _said(candidate, name) != _said(made, name) or name in _contradicted(candidate)
    ]
    return replace(made, trace=(*candidate.trace, *traces)) if traces else candidate


def _contradicted(candidate: Candidate) -> set[str]:
    """Return the fields about which the page contradicts itself. A patch that repeats the value of the rule confirms it."""
    return {field for trace in candidate.trace if trace.by in catalogue() for field in catalogue()[trace.by].answered_by}


def _is_answered(missing: str, made: Candidate, values: Values) -> bool:
    """Return whether values answer what a page leaves open. Null is an answer if it means "all" and the patch sets it explicitly."""
    if missing == "action":
        return made.action is not None
    if missing == "protocol":
        return made.protocol is not None
    if made.protocol in _ICMP:
        return "icmp" in fields_of(values)
    return made.from_port is not None or ("ports" in fields_of(values) and made.protocol not in vocabulary.ported())


def _named(name: str) -> Endpoint:
    found = endpoint.parse((name,))
    return found[0] if len(found) == 1 else Endpoint("role", name)


def no_name(name: str) -> str:
    """Return why a text is not the canonical name of one endpoint; empty when it is."""
    found = endpoint.parse((name,))
    if len(found) != 1:
        return f"{name!r} is not the name of one endpoint"
    return "" if found[0].name == name else f"{name!r} is not canonical; write {found[0].name!r}"


def _said(candidate: Candidate, field: str) -> str:
    """Return a value in words; empty when it is not stated."""
    if field == "ports":
        if candidate.from_port is None:
            return candidate.port_text or ""
        return str(candidate.from_port) if candidate.from_port == candidate.to_port else f"{candidate.from_port}-{candidate.to_port}"
    if field == "icmp":
        numbers = (("type", candidate.icmp_type), ("code", candidate.icmp_code))
        return " ".join(f"{name} {number}" for name, number in numbers if number is not None) or candidate.port_text or ""
    value = getattr(candidate, field)
    return value.name if isinstance(value, Endpoint) else value or ""


def problem_of(made: Candidate, before: Candidate, values: Sequence[Values]) -> str:
    """Return why values do not make a rule, in words: what the schema of rules.json demands of each protocol; empty when they do."""
    named = [getattr(one, side) for one in values for side in _SIDES if getattr(one, side) is not None]
    ends = {name for one in values for name in ("from_port", "to_port") if getattr(one, name) is not None or name in one.unstated}
    first, last, word = made.from_port, made.to_port, made.protocol
    problems = [no_name(name) for name in named]
    if len(ends) == 1 and before.from_port is not None:
        problems.append("it sets one end of the ports only; set from_port and to_port")
    if first is not None and last is not None and first > last:
        problems.append(f"the range {first}-{last} ends before it begins")
    if word is not None and word not in {entry.keyword for entry in vocabulary.protocol_words().values()}:
        problems.append(f"{word!r} is no protocol keyword of IANA")
    elif word is not None and word not in vocabulary.ported() | {vocabulary.ANY_PROTOCOL} and first is not None:
        problems.append(f"{word} has no ports; set them to null with unstated")
    if word in vocabulary.ported() and first is None and "ports" not in made.missing:
        problems.append(f"{word} needs ports")
    if (made.icmp_type, made.icmp_code) != (None, None) and word not in _ICMP:
        problems.append(f"{word or 'a rule without protocol'} has no ICMP type; set it to null with unstated")
    if made.icmp_code is not None and made.icmp_type is None:
        problems.append("it sets an ICMP code without its type")
    return next((problem for problem in problems if problem), "")
