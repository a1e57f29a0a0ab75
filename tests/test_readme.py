"""The README is run: its commands exist, its example is a rule of the shipped data, its help text is the program's own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from extract.model import Rule, Unresolved

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def block_after(marker: str) -> str:
    match = re.search(re.escape(marker) + r"\n```\w+\n(.*?)```", README, re.DOTALL)
    assert match, f"README has no block after {marker}"
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


def test_every_make_target_of_the_readme_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", README))
    assert {"extract", "test"} <= named <= make_targets()


def test_every_link_to_a_file_leads_to_one() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_every_field_of_a_rule_is_in_the_table_of_the_data() -> None:
    table = README[README.index("| Field | Meaning |") : README.index("null never means")]
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
