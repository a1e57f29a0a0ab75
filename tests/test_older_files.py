"""Files that an earlier minor version of docrules wrote are read, and feeds of any: what was added since has its default."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extract import schema
from extract.publish.diff import compare
from extract.publish.published import load_rules
from tests.test_cli import EXIT_CLEAN, EXIT_USAGE, REPO, docrules

NAMES = ("rules", "report", "changes")


def without_additions(name: str, data: Any) -> Any:
    """Return a file as version 1.0.0 had it: without `complete`, and without the fields that have a default, for no field had one then."""
    defaults = {key for node in schemas_of(schema.load(name)) for key, field in node.get("properties", {}).items() if "default" in field}
    added = defaults | {"complete"}
    traced = {"document", "line", "quote"}

    def stripped(value: Any) -> Any:
        if isinstance(value, list):
            return [stripped(one) for one in value]
        if not isinstance(value, dict):
            return value
        gone = (added & traced if "became" in value else set()) | (added - traced)
        return {key: stripped(one) for key, one in value.items() if key not in gone}

    return {**stripped(data), "schema_version": "1.0.0"}


def schemas_of(root: dict[str, Any]) -> list[dict[str, Any]]:
    return [root, *root["$defs"].values()]


def rules_in(data: Any) -> list[dict[str, Any]]:
    """Return every rule, resolved or not, that stands anywhere in a file."""
    if isinstance(data, list):
        return [rule for one in data for rule in rules_in(one)]
    if not isinstance(data, dict):
        return []
    return [data] if "fingerprint" in data else rules_in(list(data.values()))


def shipped(name: str) -> Any:
    return json.loads((REPO / "data" / f"{name}.json").read_bytes())


def older(folder: Path, *names: str) -> None:
    """Write the shipped files into a folder as version 1.0.0 had them."""
    for name in names:
        (folder / f"{name}.json").write_text(json.dumps(without_additions(name, shipped(name))), "utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_before_breaks_the_schema_and_is_read_all_the_same(name: str) -> None:
    data = json.dumps(without_additions(name, shipped(name))).encode()
    if schema.version(name) != "1.0.0":
        assert schema.fault(name, data) is not None
    raised = schema.current(name, data)
    assert schema.fault(name, raised) is None
    assert without_additions(name, json.loads(raised)) == without_additions(name, shipped(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_before_tells_what_follows_from_its_fields(name: str) -> None:
    raised = json.loads(schema.current(name, json.dumps(without_additions(name, shipped(name))).encode()))
    rules = [rule for rule in rules_in(raised) if "missing" not in rule]
    assert [rule["complete"] for rule in rules] == [rule["complete"] for rule in rules_in(shipped(name)) if "missing" not in rule]
    assert {list(rule).index("complete") for rule in rules} <= {2}, "where a file of today has it"
    assert all("complete" not in rule for rule in rules_in(raised) if "missing" in rule)
    if name == "report":
        assert raised["summary"]["complete"] is None, "the rules are not in it"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_an_earlier_state_of_this_version_is_read(name: str) -> None:
    data = {**without_additions(name, shipped(name)), "schema_version": schema.version(name)}
    raised = schema.current(name, json.dumps(data).encode())
    assert schema.fault(name, raised) is None
    assert {**without_additions(name, json.loads(raised)), "schema_version": schema.version(name)} == data


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_this_version_is_passed_on_as_it_is(name: str) -> None:
    data = (REPO / "data" / f"{name}.json").read_bytes()
    assert schema.current(name, data) is data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(schema_version="2.0.0"), "at /schema_version"),
        (lambda data: data.update(schema_version="1.99.0"), "at /schema_version"),
        (lambda data: data.update(schema_version="0.9.0"), "at /schema_version"),
        (lambda data: data.update(schema_version="1.0"), "at /schema_version|at /rules/"),
        (lambda data: data.update(schema_version=1), "at /schema_version|at /rules/"),
        (lambda data: data["rules"][0].update(note=""), "at /rules/0"),
        (lambda data: data["rules"][0].pop("action"), "at /rules/0"),
        (lambda data: data["rules"][0].update(complete=False), "at /rules/0"),
        (lambda data: data["rules"][0].update(direction=[]), "at /rules/0"),
        (lambda data: data["unresolved"][0].update(complete=False), "at /unresolved/0|at /rules/0"),
        (lambda data: data["rules"][0]["trace"][0].pop("why"), "at /rules/0/trace/0"),
        (lambda data: data.update(rules={}), "at /rules"),
    ],
)
def test_what_no_earlier_version_wrote_is_refused(change: Callable[[Any], object], message: str) -> None:
    data = without_additions("rules", shipped("rules"))
    change(data)
    with pytest.raises(ValueError, match=re.compile(message)):
        schema.current("rules", json.dumps(data).encode())


@pytest.mark.parametrize("version", ["0.9.0", "2.99.0", "3.0.0"])
def test_a_feed_of_no_version_so_far_is_refused(version: str) -> None:
    data = {**without_additions("changes", shipped("changes")), "schema_version": version}
    with pytest.raises(ValueError, match="at /"):
        schema.current("changes", json.dumps(data).encode())


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_a_feed_of_every_version_so_far_is_read(version: str) -> None:
    data = {**shipped("changes"), "schema_version": version}
    for entry in data["entries"]:
        del entry["first"]
    raised = json.loads(schema.current("changes", json.dumps(data).encode()))
    assert raised == {**shipped("changes"), "schema_version": schema.version("changes")}


@pytest.mark.parametrize("data", [b"", b"no JSON", b"[]", b"1", b'"1.0.0"', b"[" * 100_000])
def test_what_is_no_file_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(it is no JSON|at /): "):
        schema.current("rules", data)


def test_the_places_that_a_file_of_before_does_not_tell_are_no_change(tmp_path: Path) -> None:
    older(tmp_path, "rules")
    before, now = load_rules(tmp_path / "rules.json"), load_rules(REPO / "data" / "rules.json")
    assert before.rules != now.rules
    assert {trace.document for rule in before.rules for trace in rule.trace} == {None}
    assert compare(before, now) == compare(now, before) == ()


def test_a_place_that_moves_is_a_change(tmp_path: Path) -> None:
    data = shipped("rules")
    data["rules"][0]["trace"][0]["line"] += 1
    (tmp_path / "rules.json").write_text(json.dumps(data), "utf-8")
    (change,) = compare(load_rules(REPO / "data" / "rules.json"), load_rules(tmp_path / "rules.json"))
    assert (change.kind, change.impact, change.fields) == ("moved", "evidence", ("trace",))


def test_every_command_that_reads_files_reads_those_of_before(tmp_path: Path) -> None:
    older(tmp_path, "rules", "report")
    now = REPO / "data" / "rules.json"
    docs = ("--docs", REPO / "data" / "docs")
    commands: list[tuple[str | Path, ...]] = [
        ("diff", "rules.json", now),
        ("explain", "8a3d", *docs),
        ("graph", "rules.json"),
        ("report", "rules.json", "--html", "page.html", *docs),
        ("report", now, "--html", "other.html", "--against", "rules.json", *docs),
    ]
    for command in commands:
        result = docrules(*command, cwd=tmp_path)
        assert result.code == EXIT_CLEAN, (command, result.err)
        assert b"NOT EXPLAINED" not in result.out


MATRIX = (
    "<table><tr><th>From \\ To</th><th>Web</th><th>Mail</th></tr><tr><td>Web</td><td>TCP 22</td><td>TCP 23</td></tr>"
    "<tr><td>Mail</td><td>UDP 1</td><td>TCP 2</td></tr></table>"
)
CARD = "<table><tr><th>Name</th><td>Shell</td></tr><tr><th>Protocol</th><td>TCP</td></tr><tr><th>Port</th><td>22</td></tr></table>"


@pytest.mark.parametrize(("page", "row"), [(MATRIX, 2), (CARD, 2)], ids=["matrix", "card"])
def test_rules_of_a_table_whose_layout_is_not_told_are_explained_as_others_are(tmp_path: Path, page: str, row: int) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.html").write_text(page, "utf-8")
    assert docrules("run", "docs", "--out", "rules.json", "--report", "report.json", cwd=tmp_path).code != EXIT_USAGE
    told = [docrules("explain", f"page:1:{row}", cwd=tmp_path).out]
    for name in ("rules", "report"):
        data = json.loads((tmp_path / f"{name}.json").read_bytes())
        (tmp_path / f"{name}.json").write_text(json.dumps(without_additions(name, data)), "utf-8")
    told.append(docrules("explain", f"page:1:{row}", cwd=tmp_path).out)
    assert told[0] == told[1]
    assert b"cell" in told[0] and b"NOT EXPLAINED" not in told[0]


def test_a_run_adds_to_a_feed_of_before(tmp_path: Path) -> None:
    older(tmp_path, "rules", "report", "changes")
    entries = json.loads((tmp_path / "changes.json").read_bytes())["entries"]
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("# Inbound\n\n| Protocol | Port |\n| --- | --- |\n| TCP | 443 |\n", "utf-8")
    files = ("--out", "rules.json", "--report", "report.json", "--changes", "changes.json", "--accept-shrink", "other pages")
    assert docrules("run", "docs", *files, cwd=tmp_path).code != EXIT_USAGE
    feed = json.loads((tmp_path / "changes.json").read_bytes())
    assert feed["schema_version"] == schema.version("changes")
    assert len(feed["entries"]) == len(entries) + 1
    assert [without_additions("changes", {"entries": feed["entries"][1:]})["entries"]] == [entries]
