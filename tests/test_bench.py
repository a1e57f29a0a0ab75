"""The bench measures what it says; no test asserts a time."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from extract import extract_text
from extract.interpret import early
from tests.bench import documents, haystack, long_pages, measure, report, sections, sites
from tests.bench.__main__ import main
from tests.bench.report import Section, Table

PAGE = (documents.REPO / "docs/performance.md").read_text("utf-8")


def result(milliseconds: float = 100.0, ratio: float = 2.0, cores: int = 2, repeat: int = 5) -> dict[str, Any]:
    section = Section((), {"repeat": repeat}, {"pipeline_ms": milliseconds, "lxml_ratio": ratio})
    return {"machine": {"cores": cores, "python": "3.11.7"}, "sections": {"dense": section.as_json()}}


# --- the haystack -----------------------------------------------------------------------------------------------------


def test_a_page_is_a_function_of_seed_and_number() -> None:
    first = list(haystack.pages(40, seed=7))
    assert [haystack.page(number, seed=7) for number in reversed(range(40))] == first[::-1]
    assert haystack.page(3, seed=8) != first[3]


def test_the_same_pages_are_made_on_every_machine() -> None:
    code = "import hashlib; from tests.bench import haystack\nfor made in haystack.pages(5): print(hashlib.sha256(made.data).hexdigest())"
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            cwd=documents.REPO,
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in (1, 2)
    ]
    assert printed[0].stdout == printed[1].stdout
    assert printed[0].stdout.count("\n") == 5


def test_about_one_page_in_a_hundred_has_rules() -> None:
    assert 20 <= sum(made.rules for made in haystack.pages(3000)) <= 40


def test_pages_have_rules_when_they_say_so() -> None:
    made = [*haystack.pages(60, seed=1, share=1), *haystack.pages(120, seed=2, share=0)]
    assert sum(one.rules for one in made) == 60
    for one in made:
        extraction = extract_text(one.data, path=one.path)
        assert bool(extraction.rules or extraction.unresolved) == one.rules, one.path


def test_pages_without_rules_have_what_a_hasty_reader_takes_for_some() -> None:
    made = [one.data for one in haystack.pages(100, share=0)]
    for words in (b"<table", b"table", b"port", b"TCP", b" | ", b"firewall", b"<pre>", b"<nav"):
        assert sum(words in data for data in made) >= 10, words
    smallest, largest = haystack.SIZES
    sizes = sorted(map(len, made))
    assert smallest * 0.9 <= sizes[0]
    assert sizes[-1] <= largest * 1.2
    assert sum(b"<table" not in data and b"| --- |" not in data for data in made) >= 20


def test_a_haystack_is_written_with_and_without_rules(tmp_path: Path) -> None:
    having = haystack.write(tmp_path / "all", 30, share=0.2)
    haystack.write(tmp_path / "plain", 30, share=0)
    every, plain = (
        {file.relative_to(tmp_path / name).as_posix(): file.read_bytes() for file in (tmp_path / name).rglob("page-*")}
        for name in ("all", "plain")
    )
    assert len(every) == 30
    assert having
    assert every.keys() == plain.keys()
    assert {path for path in every if every[path] != plain[path]} == set(having)


def test_the_long_pages_are_what_they_are_called() -> None:
    assert len(extract_text(long_pages.table_of_rules(200)).rules) == 200
    prose = long_pages.long_prose(200_000)
    assert 200_000 <= len(prose) <= 230_000
    extraction = extract_text(prose)
    assert extraction.summary.tables >= 10
    assert not extraction.rules


# --- the sites --------------------------------------------------------------------------------------------------------

TABLES = {"html": re.compile(rb"<table"), "markdown": re.compile(rb"^\|(?: --- \|)+$", re.MULTILINE)}


@pytest.mark.parametrize("site", sites.SITES)
def test_a_page_of_a_site_is_a_function_of_seed_and_number(site: str) -> None:
    first = list(sites.pages(site, 20, seed=7))
    assert [sites.page(site, number, seed=7) for number in reversed(range(20))] == first[::-1]
    assert sites.page(site, 3, seed=8) != first[3]


@pytest.mark.parametrize(
    ("site", "with_tables", "tables", "sizes"),
    [("html", 0.55, 2.8, (15_000, 400_000)), ("markdown", 0.25, 2.5, (1_000, 60_000))],
)
def test_a_site_has_the_shape_that_was_measured(site: str, with_tables: float, tables: float, sizes: tuple[int, int]) -> None:
    made = [one for one in sites.pages(site, 500) if not one.rules]
    counts = [count for one in made if (count := len(TABLES[site].findall(one.data)))]
    assert len(counts) / len(made) == pytest.approx(with_tables, abs=0.05)
    assert sum(counts) / len(counts) == pytest.approx(tables, abs=0.3)
    ordered = sorted(len(one.data) for one in made)
    assert sizes[0] <= ordered[0] < 1.3 * sizes[0]
    assert 0.8 * sizes[1] < ordered[-1] < 1.1 * sizes[1]


def test_pages_of_html_have_the_frame_of_their_site() -> None:
    made = [one.data for one in sites.pages("html", 60)]
    links = [data.count(b'class="nav-link"') for data in made]
    assert min(links) >= 150
    assert 300 < max(links) <= 400
    for words in (b"<script>", b"<style>", b'<main class="doc">'):
        assert all(words in data for data in made), words
    for words in (b'class="p"', b"colspan=", b'rowspan="2"', b"hidden", b"note"):
        assert any(words in data for data in made), words


def test_pages_of_markdown_have_front_matter_links_and_pipes_in_code() -> None:
    made = [one.data for one in sites.pages("markdown", 60) if not one.rules]
    assert all(data.startswith(b"---\ntitle: ") for data in made)
    assert sum(b"](../page-" in data for data in made) > 30
    assert any(re.search(rb"^```\n[^`]*\|[^`]*^```$", data, re.MULTILINE) for data in made)


@pytest.mark.parametrize("site", sites.SITES)
def test_most_tables_of_a_site_name_no_port_and_few_have_one_column(site: str) -> None:
    tables = [
        table
        for one in sites.pages(site, 150)
        if not one.rules
        for report in extract_text(one.data, path=one.path).reports
        for table in report.tables
    ]
    silent = [table for table in tables if table.reason == early.REASON]
    assert 0.7 < len(silent) / len(tables) < 0.95
    assert {table.verdict for table in tables} == {"no-rules"}


@pytest.mark.parametrize("site", sites.SITES)
def test_two_pages_of_a_thousand_of_a_site_have_rules(site: str) -> None:
    made = [one for one in sites.pages(site, 1000) if one.rules]
    assert 1 <= len(made) <= 8
    for one in made:
        extraction = extract_text(one.data, path=one.path)
        assert extraction.rules or extraction.unresolved, one.path


def test_the_section_of_sites_gives_figures_that_compare() -> None:
    section = sections.in_sites(sections.Options(pages=20), lambda _: None)
    assert section.settings == {"pages": 4}
    assert set(section.figures) == {"html_ms", "html_reference_ratio", "markdown_ms", "markdown_reference_ratio"}
    assert all(value > 0 for value in section.figures.values())
    (table,) = section.tables
    assert [len(row) for row in table.rows] == [len(table.columns)] * 4
    assert report.parse("\n".join(report.lines(table))) == [table]


# --- comparing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "slower"),
    [
        (result(), 0),
        (result(milliseconds=114), 0),
        (result(milliseconds=116), 1),
        (result(milliseconds=116, ratio=2.4), 2),
        (result(milliseconds=10, ratio=0.2), 0),
        (result(milliseconds=900, cores=8), 0),
        (result(ratio=9, cores=8), 1),
        (result(milliseconds=900, repeat=1), 0),
    ],
)
def test_what_is_slower_by_more_than_the_tolerance_counts(new: dict[str, Any], slower: int) -> None:
    assert report.compare(result(), new, 15).slower == slower


def test_a_comparison_says_what_it_left_out() -> None:
    assert "another machine" in report.compare(result(), result(cores=8), 15).lines[0]
    assert "other settings" in report.compare(result(), result(repeat=1), 15).lines[0]
    assert "not in the other result" in report.compare({**result(), "sections": {}}, result(), 15).lines[0]


@pytest.mark.parametrize(("milliseconds", "code"), [(100.0, 0), (200.0, 1)])
def test_the_exit_code_says_slower(
    milliseconds: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table("Start", ("process", "ms"), (("one", f"{milliseconds}"),), "A note.")
    section = Section((table,), {}, {"run_ms": milliseconds})
    monkeypatch.setitem(sections.SECTIONS, "start", lambda options, say: section)
    old = tmp_path / "old.json"
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "start", "--json", str(old)])
    assert main() == 0
    saved = json.loads(old.read_bytes())
    saved["sections"]["start"]["figures"]["run_ms"] = 100.0
    old.write_text(json.dumps(saved), "utf-8")
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "start", "--compare", str(old)])
    assert main() == code
    assert ("SLOWER" in capsys.readouterr().out) == bool(code)


# --- the tables -------------------------------------------------------------------------------------------------------


def test_the_docs_have_what_the_bench_prints() -> None:
    block = report.in_docs(PAGE)
    tables = report.parse(block)
    about = re.fullmatch(r"Measured on (\d+) cores with Python (\S+)\.", block.split("\n\n")[0].strip())
    assert about
    printed = "\n".join(
        ["", report.machine({"cores": about[1], "python": about[2]}), "", *(line for one in tables for line in report.lines(one))]
    )
    assert block == printed
    titles = ["Dense pages of this repository", "Haystack", "Sites", "Start-up", "Parallel", "Memory", "Rows of one table"]
    assert [table.title.partition(":")[0] for table in tables if table.title.partition(":")[0] != "Dense pages of vendors"] == titles


@pytest.mark.parametrize("old", ["", "old\n"])
def test_the_page_is_written_between_its_markers(old: str, tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{report.START}\n{old}{report.END}\nafter\n", "utf-8")
    table = Table("Title: 3 pages", ("process", "ms"), (("one", "1.0"), ("another", "12.0")), "A note.")
    report.write_docs(file, {"cores": 2, "python": "3.11.7"}, [Section((table,), {}, {})])
    text = file.read_text("utf-8")
    assert text.startswith(f"before\n{report.START}\nMeasured on 2 cores with Python 3.11.7.\n\n**Title: 3 pages**\n\n| process |   ms |\n")
    assert text.endswith(f"A note.\n{report.END}\nafter\n")
    assert report.parse(report.in_docs(text)) == [table]


# --- measuring --------------------------------------------------------------------------------------------------------


def test_a_reader_that_is_not_installed_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents.render_all(documents.pages("repository"), tmp_path)
    monkeypatch.setitem(sys.modules, "turbohtml", None)
    assert "missing" in measure.first_pass("repository", "turbohtml", str(tmp_path))


def test_a_task_runs_in_a_process_of_its_own() -> None:
    took = measure.in_process(measure.rows, sizes=[5, 10])
    assert took.keys() == {"5", "10"}
    with pytest.raises(measure.BenchError, match="rows: "):
        measure.in_process(measure.rows, sizes="no sizes")


def test_a_whole_process_has_a_time_and_a_peak_of_its_own() -> None:
    took = measure.process("-c", "data = b'x' * (80 << 20)")
    assert took.seconds > 0
    assert 80 < took.peak_mib < 160
    with pytest.raises(measure.BenchError, match="exit code 3"):
        measure.process("-c", "import sys; sys.exit(3)")


def test_a_profile_is_written(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "rules.html").write_bytes(long_pages.table_of_rules(5))
    command = [sys.executable, "-m", "tests.bench.profiling", "--folder", str(pages), "--out", str(tmp_path / "out"), "--passes", "1"]
    subprocess.run(command, cwd=documents.REPO, capture_output=True, check=True)
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"stages.txt", "profile.txt", "pipeline.pstats"} <= written
    assert "extract_text" in (tmp_path / "out/profile.txt").read_text("utf-8")
