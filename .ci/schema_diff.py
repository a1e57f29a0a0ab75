"""Where two versions of a JSON Schema (2020-12) differ in the values that they admit, and how.

The comparison follows references and takes every way to write null as the same. What it cannot judge (conditions outside of `allOf`, `not`,
keywords that it does not know) it says so of, unless both versions spell it in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, NamedTuple


class Effect(Enum):
    """What became of the values that a schema admits."""

    WIDER = "wider"
    NARROWER = "narrower"
    UNKNOWN = "unknown"
    ADDED = "a field that may be absent is new"
    ADDED_REQUIRED = "a field that must be there is new"
    REMOVED = "a field is gone"
    OPTIONAL = "a field may be absent now"
    REQUIRED = "a field must be there now"


class Difference(NamedTuple):
    """One difference: where (a JSON pointer into the new schema, for what is gone into the old one), what, and its effect."""

    pointer: str
    what: str
    effect: Effect


def differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[Difference, ...]:
    """Return where two schemas differ in what they admit, sorted by place; words that describe and the version itself aside.

    Raises KeyError for a $ref that leads nowhere, ValueError for one that leads out of the schema.
    """
    comparison = _Comparison(_unversioned(old), _unversioned(new))
    return tuple(sorted(set(comparison.compare(_Place(), _Place())), key=lambda one: (one.pointer, one.what)))


def _unversioned(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the version that it demands of the data left open, for it differs between any two versions."""
    if "schema_version" not in schema.get("properties", {}):
        return schema
    return {**schema, "properties": {**schema["properties"], "schema_version": {"type": "string"}}}


# --- the parts of a schema --------------------------------------------------------------------------------------------

_ANNOTATIONS = frozenset(
    ("$id", "$schema", "$defs", "$comment", "title", "description", "examples", "default", "deprecated", "readOnly", "writeOnly")
)
_TYPES = ("null", "boolean", "number", "string", "array", "object")
_BY_TYPE = {
    "number": ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "array": ("items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"),
    "object": (
        *("properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties"),
        *("dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    ),
}
_TYPED = frozenset(word for words in _BY_TYPE.values() for word in words)
_LOWER_BOUNDS = frozenset(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"))
_UPPER_BOUNDS = frozenset(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"))
# Whole numbers are no type of their own here, for they are numbers: 2020-12, 6.1.1.
_WHOLE = "integer"
_DEMANDS = frozenset((_WHOLE, "uniqueItems", "pattern", "format", "multipleOf"))
_BY_NAME = frozenset(("properties", "patternProperties", "dependentSchemas"))
_UNORDERED = frozenset(("enum", "required", "type"))
# What says no more than nothing would.
_IDLE = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False, "required": [], "properties": {}}


class _Place(NamedTuple):
    """A place in a schema, as the parts of its JSON pointer."""

    parts: tuple[str, ...] = ()

    def __truediv__(self, part: str | int) -> _Place:
        return _Place((*self.parts, str(part)))

    def __str__(self) -> str:
        return "#" + "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in self.parts)


class _Shape(NamedTuple):
    """What a schema demands of values of one type: the keywords that can say something about it."""

    place: _Place
    demands: dict[str, Any]


def _at(root: dict[str, Any], place: _Place) -> Any:
    found: Any = root
    for part in place.parts:
        found = found[int(part) if isinstance(found, list) else part]
    return found


def _target(reference: str) -> _Place:
    if reference != "#" and not reference.startswith("#/"):
        raise ValueError(f"the reference {reference!r} leads out of the schema")
    return _Place(tuple(part.replace("~1", "/").replace("~0", "~") for part in reference.split("/")[1:]))


def _shapes(root: dict[str, Any], place: _Place) -> dict[str, list[_Shape]]:
    """Return type -> the ways in which the schema at a place admits values of it; null in whatever way it is written is one type."""
    node = _at(root, place)
    if isinstance(node, bool):
        return {kind: [_Shape(place, {})] for kind in _TYPES} if node else {}
    said = {word: value for word, value in node.items() if word not in _ANNOTATIONS}
    if said.keys() == {"$ref"}:
        return _shapes(root, _target(said["$ref"]))
    if said.keys() == {"anyOf"}:
        merged: dict[str, list[_Shape]] = {}
        for index in range(len(said["anyOf"])):
            for kind, shapes in _shapes(root, place / "anyOf" / index).items():
                merged.setdefault(kind, []).extend(shapes)
        return merged
    return {kind: [_Shape(place, demands)] for kind, demands in _demands(said).items()}


def _demands(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return type -> what the keywords of one schema say about values of it."""
    named = said.get("type", _TYPES)
    named = [named] if isinstance(named, str) else named
    values = _values(said)
    general = {word: value for word, value in said.items() if word not in _TYPED and word not in ("type", "enum", "const")}
    found: dict[str, dict[str, Any]] = {}
    for kind in _TYPES:
        if kind not in named and not (kind == "number" and _WHOLE in named):
            continue
        own = {word: said[word] for word in _BY_TYPE.get(kind, ()) if word in said and said[word] != _IDLE.get(word)}
        if kind == "number" and "number" not in named:
            own[_WHOLE] = True
        if values is not None:
            listed = frozenset(value for of, value in values if of == kind)
            if not listed:
                continue
            if kind != "null":
                own["enum"] = listed
        found[kind] = general | own
    return found


def _values(said: dict[str, Any]) -> list[tuple[str, str]] | None:
    """Return the values that enum or const lists, each as its type and its JSON text; None when there is no such list."""
    listed = said.get("enum", [said["const"]] if "const" in said else None)
    return None if listed is None else [(_type(value), json.dumps(value, sort_keys=True, ensure_ascii=False)) for value in listed]


def _type(value: Any) -> str:
    kinds = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]


def _spelled_out(root: dict[str, Any], node: Any, around: tuple[str, ...] = ()) -> Any:
    """Return a schema, or a part of one, without words that describe and with what its references lead to in their place."""
    if isinstance(node, list):
        return [_spelled_out(root, one, around) for one in node]
    if not isinstance(node, dict):
        return node
    said = {word: value for word, value in node.items() if word not in _ANNOTATIONS}
    reference = said.get("$ref")
    if isinstance(reference, str) and reference not in around:
        said["$ref"] = _spelled_out(root, _at(root, _target(reference)), (*around, reference))
        if len(said) == 1:
            return said["$ref"]
    for word, value in said.items():
        if word in _BY_NAME:
            # Below `properties` a description is a field.
            said[word] = {name: _spelled_out(root, one, around) for name, one in value.items()}
        elif word in _UNORDERED and isinstance(value, list | frozenset):
            said[word] = sorted(value, key=json.dumps)
        elif word != "$ref":
            said[word] = _spelled_out(root, value, around)
    return said


def _text(root: dict[str, Any], node: Any) -> str:
    """Return the same as text, which tells true from 1 as JSON does and Python does not."""
    return json.dumps(_spelled_out(root, node), sort_keys=True)


# --- the comparison ---------------------------------------------------------------------------------------------------


class _Comparison:
    """The comparison of two schemas. A pair of places is compared once: definitions are shared, and may refer to themselves."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old = old
        self.new = new
        self.compared: set[tuple[_Place, _Place]] = set()

    def compare(self, was: _Place, now: _Place) -> Iterator[Difference]:
        """Yield where the schemas at two places differ."""
        if (was, now) in self.compared:
            return
        self.compared.add((was, now))
        old, new = _shapes(self.old, was), _shapes(self.new, now)
        for kind in _TYPES:
            if kind in old and kind in new:
                yield from self._ways(old[kind], new[kind], now)
            elif kind in old:
                yield Difference(str(now), f"{kind} is no longer admitted", Effect.NARROWER)
            elif kind in new:
                yield Difference(str(now), f"{kind} is admitted", Effect.WIDER)

    def _ways(self, old: list[_Shape], new: list[_Shape], now: _Place) -> Iterator[Difference]:
        """Yield the differences between all ways to write values of one type."""
        gone = [shape for shape in old if not any(self._same(shape.demands, other.demands) for other in new)]
        come = [shape for shape in new if not any(self._same(other.demands, shape.demands) for other in old)]
        # Of several alternatives those of one definition are the same thing, before and now.
        defined = {shape.place: shape for shape in come if shape.place.parts[:1] == ("$defs",)}
        pairs = [(shape, defined[shape.place]) for shape in gone if shape.place in defined]
        gone = [shape for shape in gone if all(shape is not was for was, _ in pairs)]
        come = [shape for shape in come if all(shape is not now for _, now in pairs)]
        if len(gone) == len(come) == 1:
            pairs.append((gone.pop(), come.pop()))
        for was, is_now in pairs:
            yield from self._shape(was, is_now)
        for _ in gone:
            yield Difference(str(now), "an alternative is gone", Effect.NARROWER)
        for shape in come:
            yield Difference(str(shape.place), "an alternative is new", Effect.WIDER)

    def _same(self, old: Any, new: Any) -> bool:
        return _text(self.old, old) == _text(self.new, new)

    def _shape(self, old: _Shape, new: _Shape) -> Iterator[Difference]:
        words = sorted(old.demands.keys() | new.demands.keys())
        for word in words:
            if word in ("properties", "required"):
                continue
            was, now = old.demands.get(word), new.demands.get(word)
            judge = _JUDGES.get(word)
            if word in ("items", "additionalProperties", "propertyNames"):
                yield from self._below(word, old, new)
            elif word == "allOf":
                yield from self._conditions(was or [], now or [], new.place / word)
            elif judge is None and not self._same(was, now):
                yield Difference(str(new.place / word), f"{word} differs, which cannot be judged", Effect.UNKNOWN)
            elif judge is not None and was != now:
                yield from (Difference(str(new.place / word), what, effect) for what, effect in judge(word, was, now))
        if "properties" in words or "required" in words:
            yield from self._fields(old, new)

    def _below(self, word: str, old: _Shape, new: _Shape) -> Iterator[Difference]:
        """Yield the differences in a keyword that holds a schema, without which everything is admitted."""
        was, now = old.demands.get(word, True), new.demands.get(word, True)
        if self._same(was, now):
            return
        if was in (True, {}) or now is False:
            yield Difference(str(new.place / word), f"{word} is limited", Effect.NARROWER)
        elif now in (True, {}) or was is False:
            yield Difference(str(new.place / word), f"{word} is no longer limited", Effect.WIDER)
        else:
            yield from self.compare(old.place / word, new.place / word)

    def _conditions(self, was: list[Any], now: list[Any], place: _Place) -> Iterator[Difference]:
        """Yield the differences between lists of conditions that must all hold: one more, whatever it says, admits no more."""
        old, new = {_text(self.old, one) for one in was}, {_text(self.new, one) for one in now}
        if old - new:
            yield Difference(str(place), "a condition is gone", Effect.WIDER)
        if new - old:
            yield Difference(str(place), "a condition is new", Effect.NARROWER)

    def _fields(self, old: _Shape, new: _Shape) -> Iterator[Difference]:
        """Yield the differences in the fields of an object."""
        was, now = old.demands.get("properties", {}), new.demands.get("properties", {})
        needed, needs = set(old.demands.get("required", ())), set(new.demands.get("required", ()))
        for name in was.keys() - now.keys():
            yield Difference(str(old.place / "properties" / name), "the field is gone", Effect.REMOVED)
        for name in now.keys() - was.keys():
            effect = Effect.ADDED_REQUIRED if name in needs else Effect.ADDED
            yield Difference(str(new.place / "properties" / name), "the field is new", effect)
        for name in was.keys() & now.keys():
            yield from self.compare(old.place / "properties" / name, new.place / "properties" / name)
        fresh, gone = now.keys() - was.keys(), was.keys() - now.keys()
        for name in needs - needed - fresh:
            yield Difference(str(new.place / "properties" / name), "the field must be there", Effect.REQUIRED)
        for name in needed - needs - gone:
            yield Difference(str(new.place / "properties" / name), "the field may be absent", Effect.OPTIONAL)


_Judged = Iterator[tuple[str, Effect]]


def _bound(word: str, was: float | None, now: float | None) -> _Judged:
    narrower = was is None or (now is not None and (now > was) == (word in _LOWER_BOUNDS))
    yield f"{word} was {'none' if was is None else was}, is {'none' if now is None else now}", Effect.NARROWER if narrower else Effect.WIDER


def _demand(word: str, was: object, now: object) -> _Judged:
    if was is None:
        yield f"{word} is demanded", Effect.NARROWER
    elif now is None:
        yield f"{word} is no longer demanded", Effect.WIDER
    else:
        yield f"{word} differs, which cannot be judged", Effect.UNKNOWN


def _enum(_: str, was: frozenset[str] | None, now: frozenset[str] | None) -> _Judged:
    if was is None or now is None:
        yield ("only listed values are admitted", Effect.NARROWER) if was is None else ("any value is admitted", Effect.WIDER)
        return
    for value in was - now:
        yield f"the value {value} is gone", Effect.NARROWER
    for value in now - was:
        yield f"the value {value} is new", Effect.WIDER


_JUDGES: dict[str, Callable[[str, Any, Any], _Judged]] = {
    **dict.fromkeys(_LOWER_BOUNDS | _UPPER_BOUNDS, _bound),
    **dict.fromkeys(_DEMANDS, _demand),
    "enum": _enum,
}
