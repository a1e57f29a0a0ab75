"""docs/scale.md is run: its examples in their order, in a folder that holds the shipped documents."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/scale.md").read_text("utf-8")
RULES = json.loads((ROOT / "data/rules.json").read_bytes())


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped data, and the partitions that the page writes."""
    folder = tmp_path_factory.mktemp("scale")
    shutil.copytree(ROOT / "data", folder / "data")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for line in blocks("sh"):
        arguments = [sys.executable, "-m", "extract", *line.split()[1:]]
        subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, check=True)
    return folder


def printed(code: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_examples_of_parts_give_the_shipped_rules(folder: Path) -> None:
    first, second, *_ = blocks("python")
    assert re.fullmatch(r"\d+ rules\n", printed(first, folder))
    assert printed(second, folder) == f"{len(RULES['rules'])} rules in {len(RULES['documents'])} documents\n"


def test_the_partitions_that_the_page_shows_are_those_that_are_written(folder: Path) -> None:
    shown = re.findall(r"^      (\S+)$", PAGE, re.MULTILINE)
    written = sorted(path.relative_to(folder / "rules").as_posix() for path in (folder / "rules").rglob("*") if path.is_file())
    assert sorted(shown) == written


def test_the_examples_of_reading_read_the_shipped_rules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (query,) = blocks("sql")
    complete = [rule for rule in RULES["rules"] if rule["complete"]]
    assert len(duckdb.execute(query).fetchall()) == len(complete)
    _, _, frame, _ = blocks("python")
    counts = [int(line.split()[-1]) for line in printed(frame, folder).splitlines() if line.split()[-1:] and line.split()[-1].isdigit()]
    assert sum(counts) == len(RULES["rules"]) + len(RULES["unresolved"])


def test_the_example_of_spark_gives_the_shipped_rules(folder: Path) -> None:
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs a JDK")
    *_, spark = blocks("python")
    assert printed(spark, folder) == f"{len(RULES['rules'])} rules\n"
