"""The JSON Schemas: valid, strict, in step with the model, and read in the same way by two validators."""

from __future__ import annotations

import copy
import json
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import jsonschema
import jsonschema_rs
import msgspec
import pytest

from extract import catalogue, extract_text, model, schema
from extract.errors import SchemaViolationError
from extract.publish import feed, render
from extract.publish.diff import Snapshot, changes_json, compare

REPO = Path(__file__).resolve().parent.parent
NAMES = ("rules", "report", "diff", "changes")
SCHEMAS = {name: json.loads((REPO / "schemas" / f"{name}.schema.json").read_text("utf-8")) for name in NAMES}
SHIPPED = {name: json.loads((REPO / "data" / f"{name}.json").read_text("utf-8")) for name in ("rules", "report", "changes")}

# Where the schema says what a struct of the model says. An empty path is the file itself.
STRUCTS = {
    "rules": {
        "$defs/document": model.Document,
        "$defs/rule": model.Rule,
        "$defs/unresolved": model.Unresolved,
        "$defs/endpoint": model.Endpoint,
        "$defs/trace": model.Trace,
        "$defs/evidence": model.Evidence,
    },
    "report": {
        "$defs/summary": model.Summary,
        "$defs/document": model.DocumentReport,
        "$defs/layout": model.LayoutReport,
        "$defs/table": model.TableReport,
        "$defs/table/properties/columns/items": model.ColumnReport,
        "$defs/table/properties/no_rule/items": model.NoRule,
        "$defs/decision": model.TableDecision,
        "$defs/decision/properties/terms/items": model.CostTerm,
        "$defs/finding": model.Finding,
        "$defs/place": model.Place,
        "$defs/patch": model.PatchReport,
        "$defs/source": model.SourceReport,
    },
    "diff": {
        "$defs/change": model.Change,
        "$defs/scope": model.ChangeScope,
        "$defs/rule": model.Rule,
        "$defs/unresolved": model.Unresolved,
        "$defs/endpoint": model.Endpoint,
        "$defs/trace": model.Trace,
        "$defs/evidence": model.Evidence,
    },
}
STRUCTS["changes"] = {
    **STRUCTS["diff"],
    "$defs/entry": model.FeedEntry,
    "$defs/drop": model.Drop,
    "$defs/first": model.FirstPublication,
}
# What the model leaves open only until the pipeline fills it in.
FILLED_IN = {(model.Finding, "document")}
PAIRS = [pytest.param(name, path, struct, id=struct.__name__) for name, structs in STRUCTS.items() for path, struct in structs.items()]


def resolve(name: str, path: str) -> dict[str, Any]:
    found: Any = SCHEMAS[name]
    for part in path.split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def subschemas(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema with its path; `properties` and `$defs` hold schemas by name and are none themselves."""
    if isinstance(node, list):
        for index, one in enumerate(node):
            yield from subschemas(one, f"{path}/{index}")
    elif isinstance(node, dict):
        yield path, node
        for key, one in node.items():
            if key in ("properties", "$defs"):
                for name, inner in one.items():
                    yield from subschemas(inner, f"{path}/{key}/{name}")
            elif key in ("items", "additionalProperties", "not", "if", "then", "else", "contains", "anyOf", "oneOf", "allOf"):
                yield from subschemas(one, f"{path}/{key}")


# --- the schemas themselves -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_and_says_which_draft_and_version_it_is(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMAS[name]["$id"] == f"urn:docrules:schema:{name}:{schema.version(name)}"
    assert SCHEMAS[name]["properties"]["schema_version"] == {"const": schema.version(name)}
    if name in SHIPPED:
        assert SHIPPED[name]["schema_version"] == schema.version(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_program_validates_with_the_published_schema(name: str) -> None:
    assert schema.load(name) == SCHEMAS[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_object_is_closed_and_requires_all_of_its_keys(name: str) -> None:
    objects = [(path, node) for path, node in subschemas(SCHEMAS[name]) if node.get("type") == "object"]
    assert len(objects) > 6
    for path, node in objects:
        if "properties" in node:
            assert node.get("additionalProperties") is False, path
            assert sorted(node["required"]) == sorted(node["properties"]), path
        else:
            # A map: its keys are free, its values are not.
            assert isinstance(node.get("additionalProperties"), dict), path
            assert node["additionalProperties"], path


@pytest.mark.parametrize("name", NAMES)
def test_every_array_says_what_it_holds_and_every_reference_leads_somewhere(name: str) -> None:
    references = set()
    for path, node in subschemas(SCHEMAS[name]):
        if node.get("type") == "array":
            assert node.get("items"), path
        if "$ref" in node:
            references.add(node["$ref"])
            assert resolve(name, node["$ref"].removeprefix("#/")), path
    assert references == {f"#/$defs/{definition}" for definition in SCHEMAS[name]["$defs"]}, "a definition that nothing uses"


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_constrained(name: str) -> None:
    for path, node in subschemas(SCHEMAS[name]):
        if "/properties/" in path and "/allOf/" not in path:
            assert node.keys() & {"type", "enum", "const", "anyOf", "$ref"}, path


# --- schema and model -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "path", "struct"), PAIRS)
def test_keys_are_the_fields_of_the_model(name: str, path: str, struct: type[msgspec.Struct]) -> None:
    assert sorted(resolve(name, path)["properties"]) == sorted(field.encode_name for field in msgspec.structs.fields(struct))


@pytest.mark.parametrize("name", NAMES)
def test_every_object_of_a_schema_has_a_struct(name: str) -> None:
    objects = {path.lstrip("/") for path, node in subschemas(SCHEMAS[name]) if node.get("type") == "object" and "properties" in node}
    files = {"", "$defs/summary/properties/findings"}  # made by hand in `render`, and a count for each severity
    assert objects - files == set(STRUCTS[name])


def kinds(node: Mapping[str, Any], name: str) -> frozenset[Any]:
    """Return the JSON types, or the words, that a schema allows."""
    if "$ref" in node:
        return kinds(resolve(name, node["$ref"].removeprefix("#/")), name)
    if "anyOf" in node:
        return frozenset().union(*(kinds(one, name) for one in node["anyOf"]))
    if "enum" in node:
        return frozenset(node["enum"])
    types_ = node["type"]
    return frozenset(types_ if isinstance(types_, list) else [types_]).union() - {"null"} | ({None} if "null" in types_ else set())


def annotated(annotation: Any) -> frozenset[Any]:
    """Return the same for a type annotation of the model."""
    if get_origin(annotation) in (Union, types.UnionType):
        return frozenset().union(*(annotated(one) for one in get_args(annotation)))
    if get_origin(annotation) is Literal:
        return frozenset(get_args(annotation))
    if annotation is type(None):
        return frozenset({None})
    simple = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", tuple: "array"}
    return frozenset({simple.get(get_origin(annotation) or annotation, "object")})


@pytest.mark.parametrize(("name", "path", "struct"), PAIRS)
def test_types_and_words_are_those_of_the_model(name: str, path: str, struct: type[msgspec.Struct]) -> None:
    hints = get_type_hints(struct)
    for key, node in resolve(name, path)["properties"].items():
        expected = annotated(hints[key]) - ({None} if (struct, key) in FILLED_IN else set())
        assert kinds(node, name) == expected, key


def test_every_severity_and_code_of_the_catalogue_is_allowed_in_a_report() -> None:
    finding = SCHEMAS["report"]["$defs"]["finding"]
    check = jsonschema.Draft202012Validator({**finding, "$defs": SCHEMAS["report"]["$defs"]})
    for entry in catalogue.catalogue().values():
        found = catalogue.finding(entry.code, "message", line=1)
        check.validate(json.loads(msgspec.json.encode(msgspec.structs.replace(found, document="page.html"))))
    assert set(SCHEMAS["report"]["$defs"]["summary"]["properties"]["findings"]["properties"]) == set(get_args(model.Severity))


def test_a_rule_of_a_diff_is_what_a_published_rule_is() -> None:
    for definition in ("rule", "unresolved", "endpoint", "trace", "evidence"):
        assert SCHEMAS["diff"]["$defs"][definition] == SCHEMAS["rules"]["$defs"][definition], definition
    for definition, node in SCHEMAS["diff"]["$defs"].items():
        assert SCHEMAS["changes"]["$defs"][definition] == node, definition


def test_the_fields_of_a_change_are_those_of_rules_but_for_what_follows_from_others() -> None:
    fields = {field.name for struct in (model.Rule, model.Unresolved) for field in msgspec.structs.fields(struct)}
    follows = {"id", "fingerprint", "complete"}
    assert set(SCHEMAS["diff"]["$defs"]["change"]["properties"]["fields"]["items"]["enum"]) == fields - follows


# --- what is valid and what is not ------------------------------------------------------------------------------------


def rejected(name: str, instance: Any) -> tuple[bool, bool]:
    """Return what the two validators say."""
    return (
        not jsonschema.Draft202012Validator(SCHEMAS[name]).is_valid(instance),
        not jsonschema_rs.validator_for(SCHEMAS[name]).is_valid(instance),
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_data_is_valid_for_both_validators(name: str) -> None:
    assert rejected(name, SHIPPED[name]) == (False, False)
    schema.validate(name, json.dumps(SHIPPED[name]).encode())


PAGE = """<h1>Inbound rules for Web Security Group</h1>
<table>
<tr><th>Type</th><th>Protocol</th><th>Port</th><th>Source</th></tr>
<tr><td>Custom UDP Rule</td><td>TCP</td><td>8088-8093</td><td>Client SG</td></tr>
<tr><td>Custom ICMP Rule</td><td>ICMP</td><td>Echo Request</td><td>10.0.0.0/8</td></tr>
<tr><td>Custom Protocol</td><td>ESP</td><td>N/A</td><td>0.0.0.0/0</td></tr>
<tr><td>All traffic</td><td>All</td><td>All</td><td>Client SG</td></tr>
<tr><td>Custom TCP Rule</td><td>TCP</td><td>User-defined range</td><td>Client SG</td></tr>
<tr><td>Custom TCP Rule</td><td></td><td></td><td>Client SG</td></tr>
</table>
"""


@pytest.fixture(scope="module")
def samples() -> dict[str, dict[str, Any]]:
    """A small valid file of each kind: rules of tcp, icmp, esp and any, an unresolved one, their report, and what an older page had."""
    extraction = extract_text(PAGE, path="acme/gate/1.0/page.html")
    older = extract_text(f"<p>Read this.</p>\n{PAGE.replace('8088-8093', '8088').replace('ESP', 'AH')}", path="acme/gate/0.9/page.html")
    old, new = (Snapshot(one.documents, one.rules, one.unresolved) for one in (older, extraction))
    gone = Snapshot(new.documents, new.rules[:3], ())
    changes = (*compare(old, new), *compare(new, gone), *compare(gone, new))
    drop = model.Drop("acme/gate/1.0", "rules: 5 before, 3 now", "the page vanished")
    return {
        "rules": json.loads(render.rules_json(extraction)),
        "report": json.loads(render.report_json(extraction)),
        "diff": json.loads(changes_json(changes)),
        "changes": json.loads(feed.changes_json(feed.added((), changes, [drop], "it is so", (b"", b"")))),
    }


def test_the_sample_holds_what_the_violations_break(samples: dict[str, dict[str, Any]]) -> None:
    assert [rule["protocol"] for rule in samples["rules"]["rules"]] == ["tcp", "icmp", "esp", "any"]
    assert [rule["missing"] for rule in samples["rules"]["unresolved"]] == [["ports"]]
    assert samples["rules"]["rules"][0]["trace"]
    assert samples["report"]["documents"][0]["tables"][0]["no_rule"]
    assert samples["report"]["documents"][0]["findings"]
    assert [(change["kind"], change["impact"]) for change in samples["diff"]["changes"]] == DIFF
    assert {rejected(name, sample) for name, sample in samples.items()} == {(False, False)}


TCP, ICMP, ESP, ANY = (f"rules/{index}" for index in range(4))
OPEN = "unresolved/0"
REMOVED = object()

# name -> (path -> value); the sample with these values must be rejected.
RULES_VIOLATIONS: dict[str, dict[str, Any]] = {
    "tcp without ports": {f"{TCP}/from_port": None, f"{TCP}/to_port": None},
    "tcp without a first port": {f"{TCP}/from_port": None},
    "tcp without a last port": {f"{TCP}/to_port": None},
    "udp without ports": {f"{TCP}/protocol": "udp", f"{TCP}/from_port": None, f"{TCP}/to_port": None},
    "sctp without ports": {f"{TCP}/protocol": "sctp", f"{TCP}/from_port": None, f"{TCP}/to_port": None},
    "icmp with ports": {f"{ICMP}/from_port": 8, f"{ICMP}/to_port": 8},
    "esp with ports": {f"{ESP}/from_port": 50, f"{ESP}/to_port": 50},
    "any with half a range": {f"{ANY}/from_port": 1},
    "any with the other half of a range": {f"{ANY}/to_port": 1},
    "port 65536": {f"{TCP}/to_port": 65536},
    "port -1": {f"{TCP}/from_port": -1},
    "a port as text": {f"{TCP}/from_port": "8088"},
    "a port with a fraction": {f"{TCP}/from_port": 8088.5},
    "a port as truth value": {f"{TCP}/from_port": True},
    "tcp with an icmp type": {f"{TCP}/icmp_type": 8},
    "icmp type 256": {f"{ICMP}/icmp_type": 256},
    "icmp code without a type": {f"{ICMP}/icmp_type": None, f"{ICMP}/icmp_code": 0},
    "esp with an icmp code": {f"{ESP}/icmp_code": 0},
    "no protocol": {f"{TCP}/protocol": None},
    "an empty protocol": {f"{TCP}/protocol": ""},
    "upper-case protocol": {f"{TCP}/protocol": "TCP"},
    "a protocol list": {f"{TCP}/protocol": "tcp/udp"},
    "a complete rule that says it is not": {f"{TCP}/complete": False},
    "a rule without a direction and a source that says it is complete": {f"{TCP}/direction": None, f"{TCP}/source": None},
    "a rule without a direction and a destination that says it is complete": {f"{TCP}/direction": None, f"{TCP}/destination": None},
    "a rule that does not say whether it is complete": {f"{TCP}/complete": REMOVED},
    "a rule that leaves open whether it is complete": {f"{TCP}/complete": None},
    "unresolved and complete": {f"{OPEN}/complete": True},
    "an unknown key of a rule": {f"{TCP}/note": ""},
    "an unknown key of an endpoint": {f"{TCP}/source/id": "sg-1"},
    "an unknown key of evidence": {f"{TCP}/evidence/0/column": 1},
    "an unknown key of a trace": {f"{TCP}/trace/0/page": 1},
    "an unknown key of a document": {"documents/0/date": "2024-01-01"},
    "an unknown key of the file": {"generated_at": "2024-01-01"},
    "port text of a complete rule": {f"{TCP}/port_text": "dynamic"},
    "a missing key": {f"{TCP}/description": REMOVED},
    "no rules": {"rules": REMOVED},
    "an unknown action": {f"{TCP}/action": "permit"},
    "no action": {f"{TCP}/action": None},
    "an unknown direction": {f"{TCP}/direction": "inbound"},
    "an endpoint as text": {f"{TCP}/source": "Client Security Group"},
    "an endpoint without a name": {f"{TCP}/source/name": ""},
    "an unknown kind of endpoint": {f"{TCP}/source/kind": "service"},
    "no description": {f"{TCP}/description": None},
    "no evidence": {f"{TCP}/evidence": []},
    "evidence in table 0": {f"{TCP}/evidence/0/table": 0},
    "evidence in row 0": {f"{TCP}/evidence/0/row": 0},
    "evidence on line 0": {f"{TCP}/evidence/0/line": 0},
    "a cell that is no text": {f"{TCP}/evidence/0/cells/Port": 443},
    "an unknown kind of trace": {f"{TCP}/trace/0/kind": "guess"},
    "a trace without a reason": {f"{TCP}/trace/0/why": ""},
    "a trace that does not say whether it has a place": {f"{TCP}/trace/0/line": REMOVED},
    "a trace of a line before the first": {f"{TCP}/trace/0/line": 0},
    "a trace that quotes nothing": {f"{TCP}/trace/0/quote": ""},
    "an id in upper case": {f"{TCP}/id": "0123456789ABCDEF"},
    "an id that is too short": {f"{TCP}/id": "0123456789abcde"},
    "a fingerprint that is too long": {f"{TCP}/fingerprint": "0123456789abcdef0"},
    "unresolved with nothing missing": {f"{OPEN}/missing": []},
    "unresolved with an unknown word": {f"{OPEN}/missing": ["direction"]},
    "unresolved with one word twice": {f"{OPEN}/missing": ["ports", "ports"]},
    "unresolved without a reason": {f"{OPEN}/reason": ""},
    "unresolved without a protocol that nothing says is missing": {f"{OPEN}/protocol": None},
    "unresolved for a protocol that is there": {f"{OPEN}/missing": ["protocol", "ports"]},
    "unresolved for ports that are there": {f"{OPEN}/from_port": 1, f"{OPEN}/to_port": 2},
    "unresolved with half a range": {f"{OPEN}/missing": ["protocol"], f"{OPEN}/protocol": None, f"{OPEN}/from_port": 1},
    "unresolved with empty port text": {f"{OPEN}/port_text": ""},
    "an absolute document path": {"documents/0/path": "/srv/docs/page.html"},
    "an empty document path": {"documents/0/path": ""},
    "a document without an id": {"documents/0/id": ""},
    "a hash of another kind": {"documents/0/sha256": "d41d8cd98f00b204e9800998ecf8427e"},
    "a link that runs a script": {"documents/0/url": "javascript:alert(1)"},
    "evidence whose link runs a script": {f"{TCP}/evidence/0/url": "javascript:alert(1)"},
    "an empty licence": {"documents/0/licence": ""},
    "another version": {"schema_version": "2.0.0"},
    "a version as number": {"schema_version": 1},
}
TABLE = "documents/0/tables/0"
REPORT_VIOLATIONS: dict[str, dict[str, Any]] = {
    "an unknown key of the file": {"seconds": 1},
    "an unknown key of the summary": {"summary/seconds": 1},
    "an unknown key of a document": {"documents/0/title": ""},
    "a document without a hash": {"documents/0/sha256": REMOVED},
    "a hash of another kind": {"documents/0/sha256": "d41d8cd98f00b204e9800998ecf8427e"},
    "an unknown key of a table": {f"{TABLE}/rows": []},
    "an unknown key of a column": {f"{TABLE}/columns/0/index": 0},
    "an unknown key of a row that is no rule": {f"{TABLE}/no_rule/0/line": 1},
    "an unknown key of a finding": {"documents/0/findings/0/column": 1},
    "an unknown severity": {"documents/0/findings/0/severity": "fatal"},
    "an unknown severity in the counts": {"summary/findings/fatal": 0},
    "a count below zero": {"summary/rules": -1},
    "a count that is not there": {"summary/findings/note": REMOVED},
    "a count of complete rules that is not there": {"summary/complete": REMOVED},
    "a count of complete rules below zero": {"summary/complete": -1},
    "an unknown verdict": {f"{TABLE}/verdict": "maybe"},
    "a verdict without a reason": {f"{TABLE}/reason": ""},
    "rows that are no rule without a reason": {f"{TABLE}/no_rule/0/reason": ""},
    "a reason without rows": {f"{TABLE}/no_rule/0/rows": []},
    "row 0": {f"{TABLE}/no_rule/0/rows": [0]},
    "table 0": {f"{TABLE}/table": 0},
    "line 0": {f"{TABLE}/line": 0},
    "a finding on line 0": {"documents/0/findings/0/line": 0},
    "a finding without a message": {"documents/0/findings/0/message": ""},
    "a finding without a document": {"documents/0/findings/0/document": None},
    "another version": {"schema_version": "0.9.0"},
}
DIFF = [
    ("changed", "widens"),
    ("changed", "replaces"),
    ("moved", "evidence"),
    ("moved", "evidence"),
    ("moved", "evidence"),
    ("removed", "closes"),
    ("removed", "unresolved"),
    ("added", "opens"),
    ("added", "unresolved"),
]
WIDER, MOVED, GONE, NEW = "changes/0", "changes/2", "changes/5", "changes/7"
DIFF_VIOLATIONS: dict[str, dict[str, Any]] = {
    "an unknown key of the file": {"generated_at": "2024-01-01"},
    "an unknown key of a change": {f"{WIDER}/line": 1},
    "an unknown key of a scope": {f"{WIDER}/scope/release": "1.0"},
    "an unknown key of a rule": {f"{WIDER}/current/note": ""},
    "an unknown kind": {f"{WIDER}/kind": "renamed"},
    "an unknown impact": {f"{WIDER}/impact": "breaks"},
    "an unknown field": {f"{WIDER}/fields": ["ports"]},
    "a field twice": {f"{WIDER}/fields": ["to_port", "to_port"]},
    "a change without a field": {f"{WIDER}/fields": []},
    "a change of nothing": {f"{WIDER}/previous": None},
    "a change to nothing": {f"{WIDER}/current": None},
    "a change without a scope": {f"{WIDER}/scope": None},
    "a new rule that was there": {f"{WIDER}/kind": "added", f"{WIDER}/impact": "opens", f"{WIDER}/fields": []},
    "a rule less that is there": {f"{WIDER}/kind": "removed", f"{WIDER}/impact": "opens", f"{WIDER}/fields": []},
    "a new rule that is not there": {f"{NEW}/current": None},
    "a new rule with a field that differs": {f"{NEW}/fields": ["to_port"]},
    "a new rule that widens": {f"{NEW}/impact": "widens"},
    "a rule less that was not there": {f"{GONE}/previous": None},
    "a rule less with a field that differs": {f"{GONE}/fields": ["to_port"]},
    "a rule that only moved with another port": {f"{MOVED}/fields": ["to_port"]},
    "a rule that only moved and opens": {f"{MOVED}/impact": "opens"},
    "a change that is evidence": {f"{WIDER}/impact": "evidence"},
    "a scope of nothing": {f"{WIDER}/scope/previous": None, f"{WIDER}/scope/current": None},
    "a scope without a product": {f"{WIDER}/scope/product": None},
    "a scope of a release and a document": {f"{WIDER}/scope/document": "page"},
    "a tcp rule without ports": {f"{WIDER}/current/from_port": None, f"{WIDER}/current/to_port": None},
    "an id that is too short": {f"{WIDER}/id": "0123"},
    "another version": {"schema_version": "0.9.0"},
}
VIOLATIONS = [
    pytest.param(name, changes, id=f"{name}: {title}")
    for name, table in (("rules", RULES_VIOLATIONS), ("report", REPORT_VIOLATIONS), ("diff", DIFF_VIOLATIONS))
    for title, changes in table.items()
]


def changed(instance: Any, changes: Mapping[str, Any]) -> Any:
    broken = copy.deepcopy(instance)
    for path, value in changes.items():
        *parents, last = path.split("/")
        node = broken
        for part in parents:
            node = node[int(part)] if isinstance(node, list) else node[part]
        if value is REMOVED:
            del node[last]
        else:
            node[last] = value
    return broken


@pytest.mark.parametrize(("name", "changes"), VIOLATIONS)
def test_violation_is_rejected_by_both_validators(samples: dict[str, dict[str, Any]], name: str, changes: dict[str, Any]) -> None:
    assert rejected(name, changed(samples[name], changes)) == (True, True)


@pytest.mark.parametrize(
    "changes",
    [
        {f"{TCP}/direction": None, f"{TCP}/source": None, f"{TCP}/destination": None, f"{TCP}/complete": False},
        {f"{TCP}/direction": None},
        {f"{TCP}/source": None, f"{TCP}/destination": None},
        {f"{TCP}/from_port": 0, f"{TCP}/to_port": 65535},
        {f"{ICMP}/icmp_type": None},
        {f"{ICMP}/protocol": "ipv6-icmp", f"{ICMP}/icmp_type": 255, f"{ICMP}/icmp_code": 255},
        {f"{ANY}/from_port": 443, f"{ANY}/to_port": 443},
        {f"{OPEN}/missing": ["ports", "protocol"], f"{OPEN}/protocol": None, f"{OPEN}/port_text": None},
        {"documents/0/url": "https://example.com/page.html", f"{TCP}/evidence/0/url": "https://example.com/page.html#a"},
        {"documents/0/licence": "CC-BY-4.0"},
        {"documents": [], "rules": [], "unresolved": []},
    ],
    ids=" ".join,
)
def test_what_the_contract_allows_is_accepted_by_both_validators(samples: dict[str, dict[str, Any]], changes: dict[str, Any]) -> None:
    assert rejected("rules", changed(samples["rules"], changes)) == (False, False)


def walk(node: Any, change: Callable[[Any], Iterator[Any]]) -> Iterator[Any]:
    """Yield the tree once for each change of each of its nodes."""
    yield from change(node)
    if isinstance(node, dict):
        for key, value in node.items():
            for other in walk(value, change):
                yield {**node, key: other}
    elif isinstance(node, list):
        for index, value in enumerate(node):
            for other in walk(value, change):
                yield [*node[:index], other, *node[index + 1 :]]


def mutations(node: Any) -> Iterator[Any]:
    others: tuple[Any, ...] = (None, -1, 65536, "", [])
    yield from (value for value in others if value != node or type(value) is not type(node))
    if isinstance(node, dict):
        yield {**node, "surplus": 1}
        for key in node:
            yield {other: value for other, value in node.items() if other != key}


@pytest.mark.parametrize("name", NAMES)
def test_both_validators_agree_on_every_small_change_of_a_file(samples: dict[str, dict[str, Any]], name: str) -> None:
    reference, fast = jsonschema.Draft202012Validator(SCHEMAS[name]), jsonschema_rs.validator_for(SCHEMAS[name])
    # One entry at a time: the reference reads the whole file again for every change.
    files = [samples[name]]
    if name == "rules":
        empty: dict[str, list[Any]] = {key: [] for key in ("documents", "rules", "unresolved")}
        files = [{**samples[name], **empty, key: [entry]} for key in empty for entry in samples[name][key]]
    if name == "diff":
        files = [{**samples[name], "changes": [samples[name]["changes"][number]]} for number in (0, 2, 5, 8)]
    verdicts = [(reference.is_valid(one), fast.is_valid(one), one) for file in files for one in walk(file, mutations)]
    assert [one for expected, actual, one in verdicts if expected != actual] == []
    assert {expected for expected, _, _ in verdicts} == {True, False}


def test_the_message_of_a_violation_names_file_and_place(samples: dict[str, dict[str, Any]]) -> None:
    broken = changed(samples["rules"], {f"{TCP}/to_port": 65536})
    with pytest.raises(SchemaViolationError, match=r"rules\.json .*/rules/0/to_port.*65536"):
        schema.validate("rules", json.dumps(broken).encode())
