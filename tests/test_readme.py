"""README and docs are run: their commands exist, their examples are of the shipped data, their help texts are the program's own."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import msgspec
import pytest

from extract import schema
from extract.cli.commands import cli
from extract.model import Rule, Unresolved

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = {
    file.relative_to(ROOT).as_posix(): file.read_text("utf-8")
    for file in [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
}
DATA, PATCHES, RELEASES, REFERENCE = (PAGES[f"docs/{name}.md"] for name in ("data", "patches", "releases", "reference"))
MAX_README = 9_000
COMMANDS = sorted(cli.list_commands(click.Context(cli)))


def block_after(marker: str, page: str) -> str:
    match = re.search(re.escape(marker) + r"\n```\w+\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert match, f"there is no block after {marker}"
    return match[1]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_readme_is_short() -> None:
    assert len(README.encode()) <= MAX_README


def test_the_rule_of_the_example_is_the_one_in_the_data() -> None:
    shown = json.loads(block_after("<!-- rule from data/rules.json -->", DATA))
    rules = json.loads((ROOT / "data/rules.json").read_bytes())["rules"]
    assert shown in rules


def test_the_rule_of_readme_is_a_part_of_it() -> None:
    whole = json.loads(block_after("<!-- rule from data/rules.json -->", DATA))
    part = json.loads(block_after("<!-- part of a rule of data/rules.json -->", README))
    (trace,) = part.pop("trace")
    assert part.items() <= {name: value for name, value in whole.items() if name in part}.items()
    assert any(trace.items() <= one.items() for one in whole["trace"])


@pytest.mark.parametrize("page", ["README.md", "docs/data.md"])
def test_the_row_of_the_example_is_the_evidence_of_its_rule(page: str) -> None:
    shown = json.loads(block_after("<!-- rule from data/rules.json -->", DATA))
    cells = shown["evidence"][0]["cells"]
    assert f"| {' | '.join(cells)} |" in PAGES[page]
    assert f"| {' | '.join(cells.values())} |" in PAGES[page]


def test_every_command_is_in_the_table_of_readme_and_in_the_reference() -> None:
    table = README[README.index("## Commands") : README.index("## Downstream")]
    assert sorted(re.findall(r"^\| `docrules (\w+)` \|", table, re.MULTILINE)) == COMMANDS
    assert sorted(re.findall(r"<!-- help: (\w+) -->", REFERENCE)) == COMMANDS


@pytest.mark.parametrize("command", re.findall(r"<!-- help: (\w+) -->", REFERENCE))
def test_the_help_texts_are_the_programs_own(command: str) -> None:
    environment = {**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    run = subprocess.run([sys.executable, "-m", "extract", command, "--help"], capture_output=True, text=True, env=environment, check=True)
    assert block_after(f"<!-- help: {command} -->", REFERENCE) == run.stdout


@pytest.mark.parametrize(
    ("page", "command"), [(page, one) for page, text in PAGES.items() for one in re.findall(r"<!-- output: docrules (.*?) -->", text)]
)
def test_the_outputs_are_the_programs_own(page: str, command: str) -> None:
    environment = {**os.environ, "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    arguments = [sys.executable, "-m", "extract", *command.split()]
    run = subprocess.run(arguments, capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
    assert block_after(f"<!-- output: docrules {command} -->", PAGES[page]) == run.stdout


def test_the_patch_of_the_example_is_a_shipped_one() -> None:
    (path,) = re.findall(r"<!-- patch from (\S+) -->", PATCHES)
    assert block_after(f"<!-- patch from {path} -->", PATCHES) in (ROOT / path).read_text("utf-8")


def test_the_inline_examples_of_patches_are_valid() -> None:
    """Every `key = value` that the page on patches shows is taken by the schema, in a patch that has what it needs besides."""
    shown = [code for code in re.findall(r"`([a-z_]+ = [^`]+)`", PATCHES) if code != "drop = true"]
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
    (line,) = [line for line in PAGES["docs/ci.md"].splitlines() if line.startswith("docrules run data/docs")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "extract", *line.split()[1:]]
    run = subprocess.run(arguments, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert run.returncode == 1, "the shipped pages have warnings"
    assert {"docrules.sarif", "summary.md", "rules.json"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq found")
def test_the_query_over_the_data_lists_the_complete_rules() -> None:
    (line,) = block_after("<!-- jq over data/rules.json -->", README).splitlines()
    run = subprocess.run(shlex.split(line), capture_output=True, text=True, cwd=ROOT, check=True)
    listed = [json.loads(one) for one in run.stdout.replace("}\n{", "}\0{").split("\0")]
    rules = [rule for rule in json.loads((ROOT / "data/rules.json").read_bytes())["rules"] if rule["complete"]]
    assert listed == [{field: rule[field] for field in listed[0]} for rule in rules]


def test_the_fields_that_the_docs_say_can_be_null_are_those_that_the_schema_lets_be_null() -> None:
    chapter = DATA[DATA.index("## What rules.json promises") : DATA.index("## Why should I believe")]
    rule = schema.load("rules")["$defs"]["rule"]["properties"]
    null = {name for name, field in rule.items() if {"type": "null"} in field.get("anyOf", []) or None in field.get("enum", [])}
    assert {name for name in rule if f"`{name}`" in chapter} - {"complete"} == null
    assert all("null" in rule[name]["description"] for name in null)


def test_every_make_target_of_the_docs_exists() -> None:
    named = {name for text in PAGES.values() for name in re.findall(r"(?:`|^)make ([a-z]+)\b", text, re.MULTILINE)}
    assert {"extract", "test"} <= named <= make_targets()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_or_a_heading(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", PAGES[page]) if not link.startswith("http")]
    for link in links:
        name, _, anchor = link.partition("#")
        file = (ROOT / page).parent.joinpath(name) if name else ROOT / page
        assert file.exists(), link
        if anchor:
            titles = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, link


def test_every_field_of_a_rule_is_in_the_table_of_the_data() -> None:
    table = DATA[DATA.index("| Field | Meaning |") : DATA.index("## One row, before and after")]
    fields = {field.name for struct in (Rule, Unresolved) for field in msgspec.structs.fields(struct)}
    named = set(re.findall(r"`([a-z_]+)(?:\[\])?`", table))
    assert fields <= named


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_python_examples_run(page: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGES[page], re.DOTALL)
    assert blocks
    for code in blocks:
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)


def test_the_example_of_readme_gives_the_shipped_rules() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    run = subprocess.run(
        [sys.executable, "-c", code[1] + "print(len(extraction.rules))"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert int(run.stdout) == len(json.loads((ROOT / "data/rules.json").read_bytes())["rules"])
