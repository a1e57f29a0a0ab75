"""What is read is listed, with what each kind needs; a library that is missing is named, and fails nobody who did not ask for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from extract.read import formats
from extract.read.kinds import registry
from extract.read.kinds.registry import KINDS, PACKS
from tests.test_cli import EXIT_CLEAN, EXIT_UNREADABLE, docrules

PAGE = "# Ports\n\n| Protocol | Port | Source |\n| - | - | - |\n| TCP | 443 | A |\n"

# Archives stand at the end.
LISTED = (*KINDS, *PACKS)


def test_the_command_lists_each_kind(tmp_path: Path) -> None:
    listed = docrules("kinds", cwd=tmp_path)
    assert listed.code == EXIT_CLEAN
    lines = listed.out.decode().splitlines()
    assert [line.split()[0] for line in lines] == [kind.name for kind in LISTED]
    assert all(suffix in line for kind, line in zip(LISTED, lines, strict=True) for suffix in kind.suffixes)
    told = json.loads(docrules("kinds", "--json", cwd=tmp_path).out)
    assert [(one["name"], one["installed"], one["install"]) for one in told] == [(kind.name, True, None) for kind in LISTED]


def test_names_and_suffixes_are_of_one_kind_each() -> None:
    suffixes = [suffix for kind in KINDS for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes)) == len(registry.BY_SUFFIX)
    assert len(registry.BY_NAME) == len(KINDS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.module], ids=lambda kind: kind.name)
def test_each_kind_has_a_converter_and_an_extra_of_the_package(kind: registry.Kind) -> None:
    assert callable(registry.converter(kind).convert)
    extras = (Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8")
    assert not kind.library or f'{kind.extra} = ["{kind.package}' in extras


# Runs the program as it is where the libraries of extras are not installed.
WITHOUT = """
import sys
from importlib.abc import MetaPathFinder
class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {libraries!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from extract.cli import main
sys.argv[1:] = {arguments!r}
main()
"""


def without_libraries(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = WITHOUT.format(libraries={kind.library for kind in KINDS if kind.library}, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.library], ids=lambda kind: kind.name)
def test_a_library_that_is_missing_is_named(tmp_path: Path, kind: registry.Kind) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ports.md").write_text(PAGE, "utf-8")
    (tmp_path / "docs" / f"other{kind.suffixes[0]}").write_bytes(b"x")
    assert f"needs {kind.package}: {kind.install}" in without_libraries("kinds", cwd=tmp_path).stdout
    searched = without_libraries("run", "docs", "--out", "rules.json", cwd=tmp_path)
    assert searched.returncode == EXIT_CLEAN
    assert f"not read: 1 {kind.suffixes[0]} (to read them needs {kind.package}: {kind.install})" in searched.stderr
    named = without_libraries("run", f"docs/other{kind.suffixes[0]}", "--out", "rules.json", cwd=tmp_path)
    assert named.returncode == EXIT_UNREADABLE
    assert f"needs {kind.package}: {kind.install} [unsupported-format]" in named.stderr


def test_what_is_read_by_name_alone_has_advice_for_a_search() -> None:
    for kind in KINDS:
        for suffix in kind.suffixes:
            assert formats.is_searched(suffix) is kind.searched
            assert kind.searched or "name the file" in (formats.advice(suffix) or "")
