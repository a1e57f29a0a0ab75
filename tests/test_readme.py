"""The README is run: its commands exist, its example is a rule of the shipped data, its help text is the program's own."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from extract import schema
from extract.model import Rule, Unresolved

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = {"README.md": README, **{name: (ROOT / name).read_text("utf-8") for name in ("docs/export.md", "docs/scale.md")}}


def block_after(marker: str, page: str = README) -> str:
    match = re.search(re.escape(marker) + r"\n```\w+\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert match, f"there is no block after {marker}"
    return match[1]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_the_rule_of_the_example_is_the_one_in_the_data() -> None:
    shown = json.loads(block_after("<!-- rule from data/rules.json -->"))
    rules = json.loads((ROOT / "data/rules.json").read_bytes())["rules"]
    assert shown in rules


def test_the_row_of_the_example_is_the_evidence_of_its_rule() -> None:
    shown = json.loads(block_after("<!-- rule from data/rules.json -->"))
    cells = shown["evidence"][0]["cells"]
    assert f"| {' | '.join(cells)} |" in README
    assert f"| {' | '.join(cells.values())} |" in README


@pytest.mark.parametrize("command", re.findall(r"<!-- help: (\w+) -->", README))
def test_the_help_texts_are_the_programs_own(command: str) -> None:
    environment = {**os.environ, "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    run = subprocess.run([sys.executable, "-m", "extract", command, "--help"], capture_output=True, text=True, env=environment, check=True)
    assert block_after(f"<!-- help: {command} -->") == run.stdout


@pytest.mark.parametrize(
    ("page", "command"), [(page, one) for page, text in PAGES.items() for one in re.findall(r"<!-- output: docrules (.*?) -->", text)]
)
def test_the_outputs_are_the_programs_own(page: str, command: str) -> None:
    environment = {**os.environ, "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    arguments = [sys.executable, "-m", "extract", *command.split()]
    run = subprocess.run(arguments, capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
    assert block_after(f"<!-- output: docrules {command} -->", PAGES[page]) == run.stdout


def test_the_patch_of_the_example_is_a_shipped_one() -> None:
    (path,) = re.findall(r"<!-- patch from (\S+) -->", README)
    assert block_after(f"<!-- patch from {path} -->") in (ROOT / path).read_text("utf-8")


def test_the_inline_examples_of_patches_are_valid() -> None:
    """Every `key = value` that the chapter on patches shows is taken by the schema, in a patch that has what it needs besides."""
    chapter = README[README.index("## Correct the data") : README.index("## Pull requests")]
    shown = [code for code in re.findall(r"`([a-z_]+ = [^`]+)`", chapter) if code != "drop = true"]
    assert len(shown) >= 4
    for code in shown:
        key = code.partition(" ")[0]
        around = {
            "document": f"match = {{ {code} }}\ndrop = true",
            "unstated": f"match = {{ {code} }}\ndrop = true",
            "set": f'match = {{ protocol = "tcp" }}\n{code}',
            "rules": f'match = {{ protocol = "tcp" }}\nexpect = {{ {code} }}\ndrop = true',
            "releases": f'{code}\nmatch = {{ protocol = "tcp" }}\ndrop = true',
        }[key]
        table = tomllib.loads(f'[[patch]]\nid = "one"\nreason = "because"\n{around}')
        assert schema.problem("patches", table) is None, code


def test_the_shell_examples_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    (line,) = [line for line in README.splitlines() if line.startswith("docrules run data/docs")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "extract", *line.split()[1:]]
    run = subprocess.run(arguments, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert run.returncode == 1, "the shipped pages have warnings"
    assert {"docrules.sarif", "summary.md", "rules.json"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq found")
def test_the_query_over_the_data_lists_the_complete_rules() -> None:
    (line,) = block_after("<!-- jq over data/rules.json -->").splitlines()
    run = subprocess.run(shlex.split(line), capture_output=True, text=True, cwd=ROOT, check=True)
    listed = [json.loads(one) for one in run.stdout.replace("}\n{", "}\0{").split("\0")]
    rules = [rule for rule in json.loads((ROOT / "data/rules.json").read_bytes())["rules"] if rule["complete"]]
    assert listed == [{field: rule[field] for field in listed[0]} for rule in rules]


def test_the_fields_that_readme_says_can_be_null_are_those_that_the_schema_lets_be_null() -> None:
    chapter = README[README.index("### What rules.json promises") : README.index("<!-- jq over")]
    rule = schema.load("rules")["$defs"]["rule"]["properties"]
    null = {name for name, field in rule.items() if {"type": "null"} in field.get("anyOf", []) or None in field.get("enum", [])}
    assert {name for name in rule if f"`{name}`" in chapter} - {"complete"} == null
    assert all("null" in rule[name]["description"] for name in null)


def test_every_make_target_of_the_readme_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", README))
    assert {"extract", "test"} <= named <= make_targets()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_or_a_heading(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", PAGES[page]) if not link.startswith("http")]
    assert links
    for link in links:
        name, _, anchor = link.partition("#")
        file = (ROOT / page).parent.joinpath(name) if name else ROOT / page
        assert file.exists(), link
        if anchor:
            titles = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, link


def test_every_field_of_a_rule_is_in_the_table_of_the_data() -> None:
    table = README[README.index("| Field | Meaning |") : README.index("### What rules.json promises")]
    fields = {field.name for struct in (Rule, Unresolved) for field in msgspec.structs.fields(struct)}
    named = set(re.findall(r"`([a-z_]+)(?:\[\])?`", table))
    assert fields <= named


def test_the_python_example_runs() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    run = subprocess.run(
        [sys.executable, "-c", code[1] + "print(len(extraction.rules))"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert int(run.stdout) == len(json.loads((ROOT / "data/rules.json").read_bytes())["rules"])
