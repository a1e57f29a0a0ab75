"""What a change of a schema costs: a table of pairs of schemas, for what the program writes and for what people write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schema_policy
from schema_diff import differences
from schema_policy import Level, Version

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
NONE, MINOR, MAJOR = Level.NONE, Level.MINOR, Level.MAJOR
STRING, INTEGER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
GROUP_OR_ANY = {"enum": ["group", "any"]}
CONDITION = {"if": {"properties": {"a": {"const": "x"}}}, "then": {"required": ["b"]}}
TCP_OR_NOT = {"if": {"properties": {"a": {"$ref": "#/$defs/tcp"}}}, "then": {"required": ["b"]}}


def closed(required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """Return a strict object."""
    return {"type": "object", "additionalProperties": False, "properties": fields, "required": list(required)}


def levels(old: dict[str, Any], new: dict[str, Any]) -> tuple[Level, Level]:
    """Return what the change costs in data and in input."""
    found = differences(old, new)
    data, people = ([schema_policy.level(one, kind) for one in found] for kind in ("data", "input"))
    return max(data, default=NONE), max(people, default=NONE)


# name -> old, new, level for data, level for input
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any], Level, Level]] = {
    "the same": (closed(a=STRING), closed(a=STRING), NONE, NONE),
    "another order of fields": (closed(a=STRING, b=INTEGER), closed(b=INTEGER, a=STRING), NONE, NONE),
    "another order of required fields": (closed(("a", "b"), a=STRING, b=STRING), closed(("b", "a"), a=STRING, b=STRING), NONE, NONE),
    "a description": (closed(a=STRING), closed(a={"type": "string", "description": "The way."}) | {"title": "New"}, NONE, NONE),
    "a field of the name description": (closed(a=STRING), closed(a=STRING, description=STRING), MINOR, MINOR),
    # fields
    "a new optional field": (closed(a=STRING), closed(a=STRING, b=STRING), MINOR, MINOR),
    "a new required field": (closed(a=STRING), closed(("b",), a=STRING, b=STRING), MINOR, MAJOR),
    "a field is gone": (closed(a=STRING, b=STRING), closed(a=STRING), MAJOR, MAJOR),
    "a required field is gone": (closed(("b",), a=STRING, b=STRING), closed(a=STRING), MAJOR, MAJOR),
    "a field is renamed": (closed(("a",), a=STRING), closed(("b",), b=STRING), MAJOR, MAJOR),
    "a field may be absent": (closed(("a",), a=STRING), closed(a=STRING), MAJOR, MINOR),
    "a field must be there": (closed(a=STRING), closed(("a",), a=STRING), MINOR, MAJOR),
    "the object is opened": (closed(a=STRING), {"type": "object", "properties": {"a": STRING}}, MAJOR, MINOR),
    "the object is closed": ({"type": "object", "properties": {"a": STRING}}, closed(a=STRING), MINOR, MAJOR),
    "a deep field": (closed(a=closed(b=closed(c=STRING))), closed(a=closed(b=closed(c=STRING, d=STRING))), MINOR, MINOR),
    # types and null
    "another type": (closed(a=STRING), closed(a=INTEGER), MAJOR, MAJOR),
    "a further type": (closed(a=STRING), closed(a={"type": ["string", "integer"]}), MAJOR, MINOR),
    "fractions": (closed(a=INTEGER), closed(a={"type": "number"}), MAJOR, MINOR),
    "whole numbers": (closed(a={"type": "number"}), closed(a=INTEGER), MINOR, MAJOR),
    "null by a list of types": (closed(a=STRING), closed(a={"type": ["string", "null"]}), MAJOR, MINOR),
    "null by anyOf": (closed(a=STRING), closed(a={"anyOf": [STRING, NULL]}), MAJOR, MINOR),
    "null in an enum": (closed(a=GROUP_OR_ANY), closed(a={"enum": ["group", "any", None]}), MAJOR, MINOR),
    "never null again": (closed(a={"anyOf": [STRING, NULL]}), closed(a=STRING), MINOR, MAJOR),
    "null written in another way": (closed(a={"anyOf": [STRING, NULL]}), closed(a={"type": ["null", "string"]}), NONE, NONE),
    "null and an enum written in another way": (
        closed(a={"enum": ["group", "any", None]}),
        closed(a={"anyOf": [NULL, {"enum": ["any", "group"]}]}),
        NONE,
        NONE,
    ),
    "a bound beside null": (
        closed(a={"anyOf": [{"type": "integer", "maximum": 9}, NULL]}),
        closed(a={"type": ["integer", "null"], "maximum": 10}),
        MAJOR,
        MINOR,
    ),
    "no limit at all": (closed(a=STRING), closed(a={}), MAJOR, MINOR),
    # values
    "a further value": (closed(a=GROUP_OR_ANY), closed(a={"enum": ["group", "any", "role"]}), MAJOR, MINOR),
    "a value is gone": (closed(a=GROUP_OR_ANY), closed(a={"enum": ["group"]}), MINOR, MAJOR),
    "another value": (closed(a=GROUP_OR_ANY), closed(a={"enum": ["group", "all"]}), MAJOR, MAJOR),
    "another order of values": (closed(a=GROUP_OR_ANY), closed(a={"enum": ["any", "group"]}), NONE, NONE),
    "a list for any string": (closed(a=STRING), closed(a=GROUP_OR_ANY), MINOR, MAJOR),
    "any string for a list": (closed(a=GROUP_OR_ANY), closed(a=STRING), MAJOR, MINOR),
    "a constant for a list of one": (closed(a={"enum": ["x"]}), closed(a={"const": "x"}), NONE, NONE),
    "another constant": (closed(a={"const": "x"}), closed(a={"const": "y"}), MAJOR, MAJOR),
    "a further value beside a constant": (closed(a={"const": True}), closed(a={"enum": [True, False]}), MAJOR, MINOR),
    "true is not 1": (closed(a={"const": True}), closed(a={"const": 1}), MAJOR, MAJOR),
    # bounds and forms
    "a higher maximum": (closed(a={"type": "integer", "maximum": 255}), closed(a={"type": "integer", "maximum": 256}), MAJOR, MINOR),
    "a lower maximum": (closed(a={"type": "integer", "maximum": 255}), closed(a={"type": "integer", "maximum": 254}), MINOR, MAJOR),
    "a lower minimum": (closed(a={"type": "integer", "minimum": 1}), closed(a={"type": "integer", "minimum": 0}), MAJOR, MINOR),
    "a higher minimum": (closed(a={"type": "integer", "minimum": 0}), closed(a={"type": "integer", "minimum": 1}), MINOR, MAJOR),
    "a minimum": (closed(a=INTEGER), closed(a={"type": "integer", "minimum": 1}), MINOR, MAJOR),
    "no minimum": (closed(a={"type": "integer", "minimum": 1}), closed(a=INTEGER), MAJOR, MINOR),
    "no empty text": (closed(a=STRING), closed(a={"type": "string", "minLength": 1}), MINOR, MAJOR),
    "a minimum of nothing": (closed(a=STRING), closed(a={"type": "string", "minLength": 0}), NONE, NONE),
    "a pattern": (closed(a=STRING), closed(a={"type": "string", "pattern": "^x"}), MINOR, MAJOR),
    "no pattern": (closed(a={"type": "string", "pattern": "^x"}), closed(a=STRING), MAJOR, MINOR),
    "another pattern": (closed(a={"type": "string", "pattern": "^x"}), closed(a={"type": "string", "pattern": "^xy"}), MAJOR, MAJOR),
    "a keyword that says nothing about the type": (closed(a=STRING), closed(a={"type": "string", "minimum": 1}), NONE, NONE),
    # arrays and maps
    "items": (closed(a={"type": "array", "items": STRING}), closed(a={"type": "array", "items": INTEGER}), MAJOR, MAJOR),
    "a field of items": (
        closed(a={"type": "array", "items": closed(b=STRING)}),
        closed(a={"type": "array", "items": closed(b=STRING, c=STRING)}),
        MINOR,
        MINOR,
    ),
    "items of any kind": (closed(a={"type": "array", "items": STRING}), closed(a={"type": "array"}), MAJOR, MINOR),
    "never empty": (closed(a={"type": "array"}), closed(a={"type": "array", "minItems": 1}), MINOR, MAJOR),
    "no repetition": (closed(a={"type": "array"}), closed(a={"type": "array", "uniqueItems": True}), MINOR, MAJOR),
    "repetition": (closed(a={"type": "array", "uniqueItems": True}), closed(a={"type": "array", "uniqueItems": False}), MAJOR, MINOR),
    "values of a map": (
        closed(a={"type": "object", "additionalProperties": STRING}),
        closed(a={"type": "object", "additionalProperties": {"type": ["string", "null"]}}),
        MAJOR,
        MINOR,
    ),
    "keys of a map": (
        closed(a={"type": "object", "propertyNames": {"minLength": 1}}),
        closed(a={"type": "object", "propertyNames": {"minLength": 2}}),
        MINOR,
        MAJOR,
    ),
    # alternatives and conditions
    "a further kind of object": (
        closed(a={"anyOf": [closed(b=STRING)]}),
        closed(a={"anyOf": [closed(b=STRING), closed(c=STRING)]}),
        MAJOR,
        MINOR,
    ),
    "a kind of object less": (
        closed(a={"anyOf": [closed(b=STRING), closed(c=STRING)]}),
        closed(a={"anyOf": [closed(b=STRING)]}),
        MINOR,
        MAJOR,
    ),
    "another order of alternatives": (
        closed(a={"anyOf": [closed(b=STRING), closed(c=STRING)]}),
        closed(a={"anyOf": [closed(c=STRING), closed(b=STRING)]}),
        NONE,
        NONE,
    ),
    "alternatives that are written in another way": (
        closed(a={"anyOf": [closed(("b", "d"), b=STRING, d=STRING), closed(c=GROUP_OR_ANY)]}),
        closed(a={"anyOf": [closed(c={"enum": ["any", "group"]}), closed(("d", "b"), b=STRING, d=STRING)]}),
        NONE,
        NONE,
    ),
    "one of several kinds changes": (
        closed(a={"anyOf": [closed(b=STRING), closed(c=STRING)]}),
        closed(a={"anyOf": [closed(b=STRING, d=STRING), closed(c=STRING)]}),
        MINOR,
        MINOR,
    ),
    "the same condition": (closed(a=STRING) | CONDITION, closed(a=STRING) | CONDITION, NONE, NONE),
    "a condition": (closed(a=STRING), closed(a=STRING) | CONDITION, MAJOR, MAJOR),
    "another condition": (closed(a=STRING) | CONDITION, closed(a=STRING) | CONDITION | {"then": {"required": ["c"]}}, MAJOR, MAJOR),
    "a condition in a list": (closed(a=STRING), closed(a=STRING) | {"allOf": [CONDITION]}, MINOR, MAJOR),
    "a further condition in a list": (
        closed(a=STRING) | {"allOf": [CONDITION]},
        closed(a=STRING) | {"allOf": [TCP_OR_NOT, CONDITION], "$defs": {"tcp": {"const": "tcp"}}},
        MINOR,
        MAJOR,
    ),
    "no condition in a list": (closed(a=STRING) | {"allOf": [CONDITION]}, closed(a=STRING), MAJOR, MINOR),
    "another condition in a list": (
        closed(a=STRING) | {"allOf": [CONDITION]},
        closed(a=STRING) | {"allOf": [CONDITION | {"then": {"required": ["c"]}}]},
        MAJOR,
        MAJOR,
    ),
    "the same conditions in another order": (
        closed(a=STRING) | {"allOf": [CONDITION, {"required": ["a"]}]},
        closed(a=STRING) | {"allOf": [{"required": ["a"]}, CONDITION]},
        NONE,
        NONE,
    ),
    "one of": (closed(a=STRING) | {"oneOf": [{"required": ["a"]}]}, closed(a=STRING) | {"oneOf": [{"required": ["b"]}]}, MAJOR, MAJOR),
    "not": (closed(a=STRING), closed(a={"type": "string", "not": {"const": "x"}}), MAJOR, MAJOR),
    "a keyword that nobody knows": (closed(a=STRING), closed(a={"type": "string", "contentEncoding": "base64"}), MAJOR, MAJOR),
    # references
    "a definition for what stood there": (
        closed(a=GROUP_OR_ANY),
        closed(a={"$ref": "#/$defs/kind"}) | {"$defs": {"kind": GROUP_OR_ANY}},
        NONE,
        NONE,
    ),
    "a definition of another name": (
        closed(a={"$ref": "#/$defs/kind"}) | {"$defs": {"kind": GROUP_OR_ANY}},
        closed(a={"$ref": "#/$defs/sort"}) | {"$defs": {"sort": GROUP_OR_ANY}},
        NONE,
        NONE,
    ),
    "a definition that changes": (
        closed(a={"$ref": "#/$defs/kind"}) | {"$defs": {"kind": GROUP_OR_ANY}},
        closed(a={"$ref": "#/$defs/kind"}) | {"$defs": {"kind": {"enum": ["group"]}}},
        MINOR,
        MAJOR,
    ),
    "a definition that nothing uses": (closed(a=STRING), closed(a=STRING) | {"$defs": {"kind": GROUP_OR_ANY}}, NONE, NONE),
    "a definition that a condition uses": (
        closed(a=STRING) | TCP_OR_NOT | {"$defs": {"tcp": {"const": "tcp"}}},
        closed(a=STRING) | TCP_OR_NOT | {"$defs": {"tcp": {"const": "udp"}}},
        MAJOR,
        MAJOR,
    ),
    "a reference with a demand beside it": (
        closed(a={"$ref": "#/$defs/kind"}) | {"$defs": {"kind": STRING}},
        closed(a={"$ref": "#/$defs/kind", "minLength": 1}) | {"$defs": {"kind": STRING}},
        MAJOR,
        MAJOR,
    ),
    "a reference with a description beside it": (
        closed(a={"$ref": "#/$defs/kind"}) | {"$defs": {"kind": STRING}},
        closed(a={"$ref": "#/$defs/kind", "description": "What it is."}) | {"$defs": {"kind": STRING}},
        NONE,
        NONE,
    ),
    "a definition that uses itself": (
        closed(a={"$ref": "#/$defs/tree"}) | {"$defs": {"tree": closed(up={"$ref": "#/$defs/tree"})}},
        closed(a={"$ref": "#/$defs/tree"}) | {"$defs": {"tree": closed(up={"$ref": "#/$defs/tree"}, name=STRING)}},
        MINOR,
        MINOR,
    ),
    "two definitions that are alternatives change": (
        closed(a={"anyOf": [{"$ref": "#/$defs/one"}, {"$ref": "#/$defs/two"}]})
        | {"$defs": {"one": closed(b=STRING), "two": closed(c=STRING)}},
        closed(a={"anyOf": [{"$ref": "#/$defs/two"}, {"$ref": "#/$defs/one"}]})
        | {"$defs": {"one": closed(b=STRING, d=STRING), "two": closed(c=STRING, d=STRING)}},
        MINOR,
        MINOR,
    ),
    "a definition changes and another alternative goes": (
        closed(a={"anyOf": [{"$ref": "#/$defs/one"}, closed(c=STRING)]}) | {"$defs": {"one": closed(b=STRING)}},
        closed(a={"anyOf": [{"$ref": "#/$defs/one"}]}) | {"$defs": {"one": closed(b=STRING, d=STRING)}},
        MINOR,
        MAJOR,
    ),
    "the greatest of several": (closed(a=STRING, b=STRING), closed(a={"type": ["string", "null"]}, b=STRING, c=STRING), MAJOR, MINOR),
    "the version itself": (closed(schema_version={"const": "1.0.0"}), closed(schema_version={"const": "1.1.0"}), NONE, NONE),
    "no version any more": (closed(schema_version={"const": "1.0.0"}), closed(), MAJOR, MAJOR),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_change_costs_what_the_policy_says(name: str) -> None:
    old, new, data, people = PAIRS[name]
    assert levels(old, new) == (data, people)


@pytest.mark.parametrize("name", PAIRS)
def test_what_widens_in_one_direction_narrows_in_the_other(name: str) -> None:
    old, new, *_ = PAIRS[name]
    assert bool(differences(old, new)) == bool(differences(new, old))


def test_a_difference_says_where_it_is() -> None:
    old = closed(a={"$ref": "#/$defs/x"}, b={"$ref": "#/$defs/x"}) | {"$defs": {"x": closed(c=GROUP_OR_ANY)}}
    changed = closed(c={"enum": ["group"]})
    changed["properties"]["d/e~f"] = STRING
    new = old | {"$defs": {"x": changed}}
    assert [(one.pointer, one.what) for one in differences(old, new)] == [
        ("#/$defs/x/properties/c/enum", 'the value "any" is gone'),
        ("#/$defs/x/properties/d~1e~0f", "the field is new"),
    ]


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.schema.json")), ids=lambda path: path.name)
def test_a_shipped_schema_does_not_differ_from_itself_written_in_another_order(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    assert differences(schema, json.loads(json.dumps(schema, sort_keys=True))) == ()


@pytest.mark.parametrize(("reference", "error"), [("#/$defs/gone", KeyError), ("https://example.com/x", ValueError)])
def test_a_reference_that_leads_nowhere_is_refused(reference: str, error: type[Exception]) -> None:
    schema = closed(a={"$ref": reference})
    with pytest.raises(error):
        differences(schema, schema)


@pytest.mark.parametrize(
    ("old", "new", "covered"),
    [
        ((1, 0, 0), (1, 0, 0), NONE),
        ((1, 0, 0), (1, 0, 1), NONE),
        ((1, 0, 0), (1, 1, 0), MINOR),
        ((1, 9, 3), (1, 10, 0), MINOR),
        ((1, 1, 0), (2, 0, 0), MAJOR),
    ],
)
def test_a_version_covers_changes_up_to_its_step(old: Version, new: Version, covered: Level) -> None:
    assert [schema_policy.suffices(old, new, level) for level in Level] == [level <= covered for level in Level]


@pytest.mark.parametrize(("old", "new"), [((1, 1, 0), (1, 0, 9)), ((2, 0, 0), (1, 9, 0))])
def test_a_lower_version_covers_nothing(old: Version, new: Version) -> None:
    assert not any(schema_policy.suffices(old, new, level) for level in Level)


@pytest.mark.parametrize("level", Level)
def test_the_version_that_is_asked_for_is_enough(level: Level) -> None:
    assert schema_policy.suffices((1, 2, 3), schema_policy.raised((1, 2, 3), level), level)


def test_schemas_of_data_are_those_that_have_their_version_in_the_data() -> None:
    assert schema_policy.kind_of(json.loads((SCHEMAS / "rules.schema.json").read_text("utf-8"))) == "data"
    assert schema_policy.kind_of(json.loads((SCHEMAS / "patches.schema.json").read_text("utf-8"))) == "input"


@pytest.mark.parametrize("said", [None, "urn:docrules:schema:rules", "urn:docrules:schema:rules:1.0", "https://example.com/rules/1.0.0", 1])
def test_an_id_of_another_form_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="is not urn:docrules:schema"):
        schema_policy.identity({"$id": said})
