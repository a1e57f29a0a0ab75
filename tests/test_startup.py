"""What a run imports: no module before something needs it, for a page is read faster than most of them are imported."""

import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
SECONDS = 60
PAGE = "<table><tr><th>Protocol<th>Port<th>Source<tr><td>TCP<td>{port}<td>any</table>"
SCRIPT = """
import sys
from extract.cli import main
try: main()
except SystemExit as end: code = end.code
print(code, *sorted(sys.modules))
"""
# What the comparison with other published rules needs.
COMPARING = {"extract.publish.coverage", "extract.publish.diff", "extract.publish.diff_pairs", "extract.publish.published"}


def imported(*arguments: object) -> set[str]:
    """Return the modules of the program after a run."""
    command = [sys.executable, "-c", SCRIPT, "run", *map(str, arguments), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=REPO, check=True)
    code, *names = done.stdout.split()
    assert code == "0", done.stderr
    return set(names)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "docs" / "page.html"
    path.parent.mkdir()
    path.write_text(PAGE.format(port=443))
    return path


def test_a_run_imports_what_it_needs_and_no_more(page: Path, tmp_path: Path):
    """Neither where nothing was published before, nor where nothing changes."""
    out = tmp_path / "rules.json"
    for _ in ("published first", "published again"):
        names = imported(page.parent, "--out", out, "--no-cache")
        others = {"diff", "diff_text", "diff_words", "explain", "excerpt", "feed", "graph", "published", "sarif", "summary"}
        assert names & {f"extract.publish.{name}" for name in others} == set()
        parts = {"extract.partitioned", "extract.cli.partitions", "extract.workers"}
        assert names & {"concurrent.futures", "importlib.metadata", "pygraphviz", *parts} == set()


def test_what_a_run_needs_is_imported_when_it_does(page: Path, tmp_path: Path):
    """So the names above are those of modules that are there."""
    out = tmp_path / "rules.json"
    made = imported(
        page.parent, "--out", out, "--sarif", tmp_path / "sarif", "--markdown", tmp_path / "markdown", "--cache", tmp_path / "kept"
    )
    assert made >= {"extract.publish.sarif", "extract.publish.summary", "importlib.metadata"}
    assert made & COMPARING == set()
    page.write_text(PAGE.format(port=8443))
    assert imported(page.parent, "--out", out, "--changes", tmp_path / "changes.json", "--no-cache") >= COMPARING | {"extract.publish.feed"}


def test_what_reads_markdown_and_what_writes_are_imported_for_that(page: Path, tmp_path: Path):
    out = tmp_path / "rules.json"
    parsers, writers = {"cmarkgfm", "ctypes", "extract.read.markdown"}, {"tempfile", "shutil"}
    assert imported(page.parent, "--out", out, "--no-cache") & parsers == set()
    assert imported(page.parent, "--out", out, "--no-cache") & writers == set(), "nothing changed, so nothing is written"
    page.with_name("other.md").write_text("# Ports\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP | 22 | any |\n")
    assert imported(page.parent, "--out", out, "--no-cache") >= parsers | writers


def test_a_run_over_one_small_page_never_looks_for_cycles(page: Path, tmp_path: Path):
    """Half of what it makes are modules, which stay; see `extract.memory.GC_THRESHOLDS`."""
    counting = "import gc; from extract.cli import main; before = gc.get_stats()[0]['collections']"
    telling = "import atexit; atexit.register(lambda: print(gc.get_stats()[0]['collections'] - before))"
    arguments = ("run", str(page), "--out", str(tmp_path / "rules.json"), "--no-cache", "-q")
    command = [sys.executable, "-c", f"{counting}; {telling}; main()", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=REPO, check=True)
    assert done.stdout == "0\n"
