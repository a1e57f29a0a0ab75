"""Acceptance of .ci/schemas.py: the versions of schemas in checkouts with and without releases, history and git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

REPO = Path(__file__).resolve().parent.parent
SCRIPTS = ("schemas.py", "schema_policy.py", "schema_diff.py")
SECONDS = 60
STRING, NULLABLE = {"type": "string"}, {"type": ["string", "null"]}
RIGHT, WRONG, UNREADABLE = 0, 1, 2


class Result(NamedTuple):
    code: int
    out: str
    err: str


class Checkout:
    """A checkout with the checker, a schema of data (`rules`) and one of input (`patches`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".ci").mkdir(parents=True)
        (folder / "schemas").mkdir()
        for script in SCRIPTS:
            shutil.copy(REPO / ".ci" / script, folder / ".ci")
        self.write("rules", "1.0.0", a=STRING)
        self.write("patches", "1.0.0", a=STRING)
        self.list("rules 1.0.0", "patches 1.0.0")

    def write(self, name: str, version: str, **fields: Any) -> None:
        """Write a schema, which demands its version when it is one of data."""
        said = {} if name == "patches" else {"schema_version": {"const": version}}
        self.write_raw(name, {"$id": f"urn:docrules:schema:{name}:{version}", "properties": said | fields, "additionalProperties": False})

    def write_raw(self, name: str, schema: dict[str, Any]) -> None:
        (self.folder / "schemas" / f"{name}.schema.json").write_text(json.dumps(schema), "utf-8")

    def list(self, *entries: str) -> None:
        """Write a changelog with these entries."""
        text = "".join(f"## {entry}\n\n### Added\n\n- Something.\n\n" for entry in entries)
        (self.folder / "schemas" / "CHANGELOG.md").write_text(f"# Changes\n\n{text}", "utf-8")

    def git(self, *arguments: str) -> None:
        identity = {f"GIT_{role}_{key}": "someone@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", *arguments], cwd=self.folder, env=environment, capture_output=True, timeout=SECONDS, check=True)

    def commit(self, tag: str | None = None) -> None:
        if not (self.folder / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "--all")
        self.git("commit", "-q", "-m", "A change")
        if tag is not None:
            self.git("tag", tag)

    def check(self, path: str | None = None) -> Result:
        return check(self.folder, path)


def check(folder: Path, path: str | None = None) -> Result:
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)} | ({} if path is None else {"PATH": path})
    command = [sys.executable, str(folder / ".ci" / "schemas.py")]
    done = subprocess.run(command, cwd=folder.parent, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


# --- what it compares with --------------------------------------------------------------------------------------------


def test_without_git_nothing_is_compared_and_the_output_says_so(checkout: Checkout) -> None:
    result = checkout.check()
    assert (result.code, result.err) == (RIGHT, "")
    assert result.out.splitlines() == [
        "No git history here: the schemas are compared with nothing.",
        "patches 1.0.0 (input): compared with nothing, no earlier state is known",
        "rules 1.0.0 (data): compared with nothing, no earlier state is known",
    ]


def test_without_the_program_git_nothing_is_compared(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit()
    result = checkout.check(path=str(tmp_path))
    assert result.code == RIGHT
    assert "No git history here" in result.out


def test_a_first_version_is_measured_by_the_state_that_the_changelog_first_listed(checkout: Checkout) -> None:
    checkout.list("patches 1.0.0")
    checkout.commit()
    checkout.write("rules", "1.0.0", a=NULLABLE)
    checkout.list("rules 1.0.0", "patches 1.0.0")
    checkout.commit()
    assert checkout.check().code == RIGHT, "what no changelog listed was free to change"
    checkout.write("rules", "1.0.0", a=NULLABLE, b=STRING)
    result = checkout.check()
    assert result.code == WRONG
    assert "  minor  #/properties/b  the field is new\n" in result.out
    assert "raise the version to 1.1.0 in $id and #/properties/schema_version" in result.err
    checkout.commit()
    assert checkout.check() == result, "a commit does not make it right"


def test_a_later_version_is_measured_by_the_last_state_of_the_previous_one(checkout: Checkout) -> None:
    checkout.commit()
    checkout.list("rules 1.1.0", "rules 1.0.0", "patches 1.0.0")
    for fields in ({"a": STRING, "b": STRING}, {"a": STRING, "b": STRING, "c": STRING}):
        checkout.write("rules", "1.1.0", **fields)
        checkout.commit()
        assert checkout.check().code == RIGHT
    checkout.write("rules", "1.1.0", a=STRING, b=STRING)
    assert checkout.check().code == RIGHT, "nobody was promised c"
    checkout.write("rules", "1.1.0", b=STRING)
    assert "raise the version to 2.0.0" in checkout.check().err


def test_with_a_release_all_changes_since_then_share_one_raise(checkout: Checkout) -> None:
    checkout.commit("v1.0.0")
    checkout.list("rules 2.0.0", "rules 1.1.0", "rules 1.0.0", "patches 1.0.0")
    checkout.write("rules", "1.1.0", a=STRING, b=STRING)
    checkout.commit()
    checkout.write("rules", "2.0.0", a=NULLABLE, b=STRING)
    checkout.commit()
    checkout.write("rules", "2.0.0", a=NULLABLE, b=NULLABLE)
    result = checkout.check()
    assert result.code == RIGHT
    assert "rules 2.0.0 (data): 2 differences since 1.0.0 of v1.0.0\n" in result.out


def test_the_nearest_release_counts_and_other_tags_do_not(checkout: Checkout) -> None:
    checkout.commit("v1.0.0")
    checkout.list("rules 1.1.0", "patches 1.0.0")
    checkout.write("rules", "1.1.0", a=STRING, b=STRING)
    checkout.commit("v1.1.0")
    checkout.write("rules", "1.1.0", a=STRING, b=STRING, c=STRING)
    checkout.commit("nightly")
    assert "raise the version to 1.2.0" in checkout.check().err


def test_a_change_that_comes_with_a_merge_counts(checkout: Checkout) -> None:
    checkout.commit()
    checkout.git("switch", "-q", "-c", "topic")
    checkout.write("rules", "1.0.0", a=NULLABLE)
    checkout.commit()
    checkout.git("switch", "-q", "main")
    checkout.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")
    assert "this is a major change" in checkout.check().err


def test_a_shallow_clone_compares_what_it_has_and_says_so(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit()
    checkout.list("rules 1.1.0", "patches 1.0.0")
    checkout.write("rules", "1.1.0", a=STRING, b=STRING)
    checkout.commit()
    checkout.git("clone", "-q", "--depth", "1", checkout.folder.as_uri(), str(tmp_path / "clone"))
    result = check(tmp_path / "clone")
    assert result.code == RIGHT
    assert "This clone is shallow" in result.out
    assert "rules 1.1.0 (data): no difference since 1.1.0 of " in result.out


def test_a_new_schema_needs_an_entry_and_nothing_else(checkout: Checkout) -> None:
    checkout.commit("v1.0.0")
    checkout.write("diff", "1.0.0", a=STRING)
    assert checkout.check().err.splitlines()[0] == "schemas: diff: schemas/CHANGELOG.md has no entry '## diff 1.0.0'"
    checkout.list("diff 1.0.0", "rules 1.0.0", "patches 1.0.0")
    assert checkout.check().code == RIGHT


# --- what it asks for -------------------------------------------------------------------------------------------------


def test_a_change_without_effect_needs_no_version(checkout: Checkout) -> None:
    checkout.commit()
    checkout.write("rules", "1.0.0", a={"type": "string", "description": "What it is."})
    assert checkout.check().code == RIGHT


@pytest.mark.parametrize(
    ("fields", "data", "people"),
    [({"a": NULLABLE}, "2.0.0", "1.1.0"), ({"a": {"enum": ["x"]}}, "1.1.0", "2.0.0"), ({}, "2.0.0", "2.0.0")],
)
def test_data_and_input_point_in_opposite_directions(checkout: Checkout, fields: dict[str, Any], data: str, people: str) -> None:
    checkout.commit()
    checkout.write("rules", "1.0.0", **fields)
    checkout.write("patches", "1.0.0", **fields)
    errors = checkout.check().err.splitlines()
    assert [f"raise the version to {version} in $id" in line for version, line in zip((people, data), errors, strict=False)] == [True, True]


def test_a_raise_that_is_too_small_is_not_enough(checkout: Checkout) -> None:
    checkout.commit()
    checkout.list("rules 1.1.0", "patches 1.0.0")
    checkout.write("rules", "1.1.0", a=NULLABLE)
    result = checkout.check()
    assert result.code == WRONG
    assert "this is a major change since 1.0.0 of " in result.err
    assert "raise the version to 2.0.0" in result.err


def test_a_version_does_not_fall(checkout: Checkout) -> None:
    checkout.commit("v1.0.0")
    checkout.list("rules 0.9.0", "patches 1.0.0")
    checkout.write("rules", "0.9.0", a=STRING)
    assert "schemas: rules: version 0.9.0 is lower than 1.0.0 of v1.0.0\n" in checkout.check().err


def test_the_version_that_the_data_must_carry_is_that_of_the_id(checkout: Checkout) -> None:
    checkout.write_raw("rules", {"$id": "urn:docrules:schema:rules:1.0.0", "properties": {"schema_version": {"const": "1.0.1"}}})
    assert 'rules: $id says version 1.0.0: #/properties/schema_version must be {"const": "1.0.0"}' in checkout.check().err


def test_the_id_names_the_file(checkout: Checkout) -> None:
    checkout.write_raw("rules", {"$id": "urn:docrules:schema:patches:1.0.0", "properties": {}})
    assert "rules: $id names the schema 'patches', its file 'rules'" in checkout.check().err


def test_a_heading_of_another_schema_is_no_entry(checkout: Checkout) -> None:
    checkout.list("my-rules 1.0.0", "rules 1.0.01", "patches 1.0.0")
    assert "schemas/CHANGELOG.md has no entry '## rules 1.0.0'" in checkout.check().err


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("no JSON", "utf-8"),
        lambda path: path.write_text("[]", "utf-8"),
        lambda path: path.write_text('{"$id": "rules"}', "utf-8"),
        lambda path: path.write_text('{"$id": "urn:docrules:schema:rules:1.0.0", "$ref": "#/$defs/gone"}', "utf-8"),
    ],
    ids=["no JSON", "no object", "no id", "a reference that leads nowhere"],
)
def test_a_schema_that_cannot_be_read_stops_the_check(checkout: Checkout, spoil: Callable[[Path], None]) -> None:
    checkout.commit()
    spoil(checkout.folder / "schemas" / "rules.schema.json")
    result = checkout.check()
    assert result.code == UNREADABLE
    assert result.err.startswith("schemas: rules.schema.json: ")


# --- this checkout ----------------------------------------------------------------------------------------------------


def test_the_versions_of_this_checkout_are_right() -> None:
    result = check(REPO)
    assert (result.code, result.err) == (RIGHT, "")
    assert {line.split()[0] for line in result.out.splitlines() if line.split()[2] in ("(data):", "(input):")} == {
        path.name.partition(".")[0] for path in (REPO / "schemas").glob("*.schema.json")
    }


def test_every_file_of_data_in_this_checkout_follows_the_schema_of_its_name() -> None:
    data = {path.stem: json.loads(path.read_text("utf-8")) for path in (REPO / "data").glob("*.json")}
    assert {"rules", "report"} <= data.keys()
    for name, content in data.items():
        schema = json.loads((REPO / "schemas" / f"{name}.schema.json").read_text("utf-8"))
        assert schema["$id"] == f"urn:docrules:schema:{name}:{content['schema_version']}"
