"""Without the packages of an extra: a command that needs one says what to install, and all others do what they always do."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html

from extract.read.kinds.registry import KINDS
from tests.test_cli import EXIT_CLEAN, EXIT_USAGE, REPO, docrules, docrules_process

RULES = REPO / "data/rules.json"
PYPROJECT = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
Without = Callable[[str], None]


@pytest.fixture
def without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Without:
    """Let processes find no package of a name, as on a machine where it is not installed."""

    def hide(package: str) -> None:
        folder = tmp_path / "absent"
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text(f"raise ModuleNotFoundError('No module named {package}')\n")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder), str(REPO))))

    return hide


def test_a_picture_needs_graphviz_and_the_message_names_the_extra(without: Without, tmp_path: Path) -> None:
    without("pygraphviz")
    result = docrules_process("graph", "--out", tmp_path / "rules.svg", cwd=REPO)
    assert (result.code, result.out) == (EXIT_USAGE, b"")
    assert result.err == "error: a drawing is laid out by Graphviz, which is not installed: pip install 'docrules[graph]'\n"
    assert not (tmp_path / "rules.svg").exists()


@pytest.mark.parametrize("form", ["mermaid", "dot"])
def test_a_drawing_that_others_lay_out_is_the_same_without_it(without: Without, form: str) -> None:
    expected = docrules("graph", "--format", form, cwd=REPO).out
    without("pygraphviz")
    result = docrules_process("graph", "--format", form, cwd=REPO)
    assert (result.code, result.out, result.err) == (EXIT_CLEAN, expected, "")


def test_the_review_page_without_graphviz_lacks_the_drawings_and_nothing_else(without: Without) -> None:
    drawn = docrules("report", "--html", "-", cwd=REPO)
    without("pygraphviz")
    plain = docrules_process("report", "--html", "-", cwd=REPO)
    assert plain.code == EXIT_CLEAN
    before, after = html.document_fromstring(drawn.out.decode()), html.document_fromstring(plain.out.decode())
    (section,) = after.xpath("//section[@id='drawings']")
    assert "pip install 'docrules[graph]'" in section.text_content()
    assert not section.xpath(".//*[@data-drawing]")
    inside = [json.loads(one.xpath("//script[@id='data']")[0].text) for one in (before, after)]
    assert [len(one.pop("drawings")) for one in inside] == [2, 0]
    assert inside[0] == inside[1]
    for page in (before, after):
        for part in page.xpath("//section[@id='drawings'] | //script[@id='data']"):
            part.drop_tree()
    assert html.tostring(before) == html.tostring(after)


def test_the_review_page_without_graphviz_says_so_on_the_terminal(without: Without, tmp_path: Path) -> None:
    without("pygraphviz")
    for page, told in ((RULES, True), (tmp_path / "rules.json", False)):
        if not told:
            (tmp_path / "docs").mkdir()
            (tmp_path / "docs/page.md").write_text("# No rules\n")
            docrules("run", "docs", "--report", "report.json", cwd=tmp_path)
        result = docrules_process("report", page, "--html", tmp_path / "page.html", cwd=page.parent)
        assert result.code == EXIT_CLEAN
        assert ("pip install 'docrules[graph]'" in result.err) == told


@pytest.mark.parametrize(
    ("package", "command", "said"),
    [
        (
            "xlsxwriter",
            ("export", "xlsx", RULES, "--scope", "axway/securetransport/5.6", "--out", "rules.xlsx"),
            "a workbook is written by XlsxWriter, which is not installed: pip install 'docrules[xlsx]'",
        ),
    ],
)
def test_a_command_without_its_package_names_the_extra(
    without: Without, package: str, command: tuple[str | Path, ...], said: str, tmp_path: Path
) -> None:
    without(package)
    result = docrules_process(*command, cwd=tmp_path)
    assert (result.code, result.out, result.err) == (EXIT_USAGE, b"", f"error: {said}\n")
    assert not (tmp_path / "rules.xlsx").exists()


def test_what_needs_no_package_of_an_extra_is_not_stopped_by_its_absence(without: Without) -> None:
    without("xlsxwriter")
    assert docrules_process("export", "csv", RULES, "--scope", "axway/securetransport/5.6", "--out", "-", cwd=REPO).code == EXIT_CLEAN
    assert docrules_process("export", "--help", cwd=REPO).code == EXIT_CLEAN


def test_a_run_needs_no_extra(without: Without, tmp_path: Path) -> None:
    for package in ("pygraphviz", "pyarrow", "distributed", "fastwarc", "xlsxwriter"):
        without(package)
    assert docrules_process("run", "data/docs", "--no-cache", "--out", tmp_path / "rules.json", cwd=REPO).code == EXIT_CLEAN
    assert (tmp_path / "rules.json").read_bytes() == RULES.read_bytes()


def test_every_extra_that_a_message_names_exists_and_the_docs_list_them_all() -> None:
    extras = set(PYPROJECT["project"]["optional-dependencies"])
    files = [*(REPO / "extract").rglob("*.py"), *(REPO / "extract").rglob("*.html")]
    named = {name for file in files for name in re.findall(r"docrules\[(\w+)\]", file.read_text("utf-8"))}
    # The message about the library of a kind of documents is made of its entry.
    named |= {kind.extra for kind in KINDS if kind.extra}
    listed = re.findall(r"^\| `docrules\[(\w+)\]` \|", (REPO / "docs/install.md").read_text("utf-8"), re.MULTILINE)
    assert named == extras == set(listed)
