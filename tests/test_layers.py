"""The way of the imports: the contracts of pyproject.toml hold, and they would notice a breach."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of a checkout, without a cache that could be older than its files."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(REPO / "extract", tmp_path / "extract", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPO / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    result = lint_imports(REPO)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


BREACHES = [
    ("model/values.py", "from extract import pipeline", "extract.model.values -> extract.pipeline"),
    ("read/decode.py", "from extract.cells import ports", "extract.read.decode -> extract.cells.ports"),
    ("cells/tokens.py", "from extract.interpret import columns", "extract.cells.tokens -> extract.interpret.columns"),
    ("rows/row.py", "from extract.interpret import columns", "extract.rows.row -> extract.interpret.columns"),
    ("rows/row.py", "from extract.interpret import columns", "extract.rows.row -> extract.interpret.columns"),
    ("read/sources.py", "import socket", "extract.read.sources -> socket"),
    ("publish/files.py", "import subprocess", "extract.publish.files -> subprocess"),
    ("pipeline.py", "from urllib import request", "extract.pipeline -> urllib"),
    ("read/page.py", "import httpx", "extract.read.page -> httpx"),
    ("fetch/page.py", "import subprocess", "extract.fetch.page -> subprocess"),
    ("fetch/state.py", "import httpx", "extract.fetch.state -> httpx"),
    ("cli/run.py", "from extract.fetch import fetch", "extract.cli.run -> extract.fetch"),
    ("read/kinds/adoc.py", "import subprocess", "extract.read.kinds.adoc -> subprocess"),
    ("cli/graph.py", "from extract.read.kinds import asciidoctor", "extract.cli.graph -> extract.read.kinds.asciidoctor"),
]


def test_every_breach_is_noticed(checkout: Path) -> None:
    for module, line, _ in BREACHES:
        path = checkout / "extract" / module
        path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
    result = lint_imports(checkout)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "4 broken" in result.stdout
    for _, _, breach in BREACHES:
        assert breach in result.stdout


def test_a_new_module_must_be_given_its_place(checkout: Path) -> None:
    (checkout / "extract" / "newcomer.py").write_text("")
    result = lint_imports(checkout)
    assert result.returncode == 1
    assert "newcomer" in result.stdout
