"""What a page does not say is called by one word wherever people read it, and null never looks like any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extract.check.provenance import NOT_STATED
from tests.test_cli import EXIT_CLEAN, docrules

# Two rules of which the page states little, the second one with a direction in the new state; and what it leaves open.
OLD = """
| Action | Protocol | Port | Source |
| --- | --- | --- | --- |
| allow | TCP | 443 | Client |
| allow | UDP | 53 | |
| maybe | FOO | 22 | |
| allow | TCP | | Client |
"""
NEW = OLD.replace("| UDP | 53 | |", "| UDP | 53 | Client |")
COMMANDS = {
    "explain a rule": ("explain", "page:1:1", "--docs", "docs"),
    "explain what is open": ("explain", "page:1:3", "--docs", "docs"),
    "diff as text": ("diff", "old.json", "rules.json", "--all"),
    "diff as Markdown": ("diff", "old.json", "rules.json", "--all", "--format", "markdown"),
    "diff as HTML": ("diff", "old.json", "rules.json", "--all", "--format", "html"),
    "graph as SVG": ("graph", "rules.json"),
    "graph as Mermaid": ("graph", "rules.json", "--format", "mermaid"),
    "graph for Graphviz": ("graph", "rules.json", "--format", "dot"),
    "review page": ("report", "rules.json", "--docs", "docs", "--html", "-"),
    "review page with changes": ("report", "rules.json", "--docs", "docs", "--against", "old.json", "--html", "-"),
}
# What it was called elsewhere: not said, ?, a lone -, null and its kin.
OTHERS = re.compile(
    r"not said|does not say|(?<!\w)(from|to|allow|source|destination|direction|protocol) \?|\ballow or deny\b|\bNone\b|> ?\? ?<"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stated")
    page = made / "docs" / "page.md"
    page.parent.mkdir()
    for text, out in ((OLD, "old.json"), (NEW, "rules.json")):
        page.write_text(text, "utf-8")
        docrules("run", "docs", "--out", out, "--report", "report.json", cwd=made)
    return made


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_not_stated_is_called_so_everywhere(folder: Path, name: str) -> None:
    result = docrules(*COMMANDS[name], cwd=folder)
    assert result.code == EXIT_CLEAN, result.err
    # What the script and the style of a page say is no text of it.
    text = re.sub(r"<(script|style)\b.*?</\1>", "", result.out.decode(), flags=re.DOTALL)
    words = re.sub(r"\s+", " ", text.replace("<br/>", " ").replace("\\n", " "))
    assert NOT_STATED in words
    assert OTHERS.findall(words) == []


def test_a_change_tells_what_was_not_stated_before(folder: Path) -> None:
    out = docrules("diff", "old.json", "rules.json", cwd=folder).out.decode()
    assert f"allow (direction {NOT_STATED}) udp 53 from Client to ({NOT_STATED})  [source {NOT_STATED} → Client]" in out
