"""Rules as a folder of partitions: engines read it as one table, each file is whole, and a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import extract_paths, schema
from extract.model import COLUMNS
from extract.publish import lock, partitions
from tests import forked, goldens
from tests.test_cli import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    EXIT_UNREADABLE,
    EXIT_USAGE,
    Result,
    docrules,
    docrules_process,
    html,
    interrupted,
    open_when_read,
)

ROOT = Path(__file__).parent.parent
SECONDS = 60
KEYS = ("vendor", "product", "release")
TEXT = pyarrow.dataset.partitioning(pyarrow.schema([(key, pyarrow.string()) for key in KEYS]), flavor="hive")
# Folders of documents -> the folders of their partition.
SETS = {
    "acme/gate/1.0": "vendor=acme/product=gate/release=1.0",
    "acme/gate/1.10": "vendor=acme/product=gate/release=1.10",
    "ü & co/50% off/2.0": "vendor=ü & co/product=50%25 off/release=2.0",
    "-/a=b/3.0": "vendor=%2D/product=a%3Db/release=3.0",
    "guides": "vendor=-/product=-/release=-",
    "notes": "vendor=-/product=-/release=-",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents of several releases and folders, some with an open row, and a folder without rules."""
    for number, name in enumerate(SETS):
        (tmp_path / "docs" / name).mkdir(parents=True)
        rows = [("TCP", str(8000 + number), f"Host {number}", "HTTPS"), ("", str(9000 + number), "A", "no protocol")]
        (tmp_path / "docs" / name / "ports.html").write_text(html(*rows), "utf-8")
    (tmp_path / "docs" / "about").mkdir()
    (tmp_path / "docs" / "about" / "page.html").write_text("<p>Nothing here.", "utf-8")
    return tmp_path


def run(folder: Path, *options: str | Path, docs: str = "docs", form: str = "parquet", out: str = "out/") -> Result:
    return docrules("run", docs, "--out", out, "--format", form, "--no-cache", "--fail-on", "never", *options, cwd=folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def times(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path.relative_to(folder).as_posix(): path.stat() for path in folder.rglob("rules*")}
    return {name: (status.st_mtime_ns, status.st_ino) for name, status in found.items()}


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "_manifest.json").read_bytes())
    return found


def counts(ran: Result) -> str:
    """Return the line of the summary that says what became of partitions."""
    return next(line.partition(", whose")[0] for line in ran.err.splitlines() if " written, " in line)


def expected(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of a run over the same documents in one process, by id."""
    return sorted(extract_paths([folder / "docs"]).to_dicts(), key=lambda row: str(row["id"]))


def queried(table: str) -> list[dict[str, Any]]:
    """Return what DuckDB reads, by id."""
    found = duckdb.execute(f"select * from {table} order by id")  # noqa: S608 - of this test
    columns = [str(column[0]) for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


# --- what engines read ------------------------------------------------------------------------------------------------


def test_each_scope_is_a_partition_and_one_without_rules_is_named_only(folder: Path) -> None:
    ran = run(folder)
    assert (ran.code, counts(ran)) == (EXIT_CLEAN, "7 written, 0 removed, 0 unchanged")
    files = [path for path in contents(folder / "out") if path != "_manifest.json"]
    assert sorted(path.rpartition("/")[0] for path in files) == sorted(SETS.values())
    told = manifest(folder / "out")
    assert sorted(one["file"] for one in told["partitions"] if one["file"]) == sorted(files)
    assert [one["scope"] for one in told["partitions"] if not one["file"]] == [["about/"]]


def test_the_manifest_follows_its_schema_and_tells_what_is_there(folder: Path) -> None:
    run(folder)
    told = manifest(folder / "out")
    published = json.loads((ROOT / "schemas/partitions.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.Draft202012Validator(published).validate(told)
    assert (told["complete"], told["schema_version"]) == (True, schema.version("partitions"))
    for one in told["partitions"]:
        if one["file"]:
            assert one["sha256"] == hashlib.sha256((folder / "out" / one["file"]).read_bytes()).hexdigest()
            assert (one["rules"], one["open"], one["documents"]) == (1, 1, 1)
        assert set(one) == set(published["$defs"]["partition"]["required"])


def test_duckdb_reads_all_rules_from_parquet(folder: Path) -> None:
    run(folder)
    rows = queried(f"read_parquet('{folder}/out/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)")
    assert [{name: row[name] for name in COLUMNS} for row in rows] == expected(folder)
    assert {tuple(row[key] for key in KEYS) for row in rows} == {
        ("acme", "gate", "1.0"),
        ("acme", "gate", "1.10"),
        ("ü & co", "50% off", "2.0"),
        ("-", "a=b", "3.0"),
        ("-", "-", "-"),
    }


def test_duckdb_reads_all_rules_from_lines_of_json(folder: Path) -> None:
    run(folder, form="jsonl")
    rows = queried(f"read_json('{folder}/out/**/*.jsonl', hive_partitioning = true)")
    for row, rule in zip(rows, expected(folder), strict=True):
        assert {name: row[name] for name in ("status", "protocol", "from_port", "source", "missing", "document")} == {
            name: rule[name] for name in ("status", "protocol", "from_port", "source", "missing", "document")
        }


def test_pyarrow_and_pandas_read_the_folder_as_it_is(folder: Path) -> None:
    run(folder)
    rows = sorted(pyarrow.dataset.dataset(folder / "out", partitioning=TEXT).to_table().to_pylist(), key=lambda row: str(row["id"]))
    assert [{name: row[name] for name in COLUMNS} for row in rows] == expected(folder)
    frame = pandas.read_parquet(folder / "out")
    assert sorted(frame["id"]) == [row["id"] for row in expected(folder)]
    assert set(frame.columns) == {"scope", *COLUMNS, "trace", "evidence", *KEYS}
    assert "1.10" in set(pandas.read_parquet(folder / "out", partitioning=TEXT)["release"])


def test_both_forms_hold_the_same_rows_under_the_documented_columns(folder: Path) -> None:
    run(folder)
    run(folder, form="jsonl", out="lines/")
    for name in contents(folder / "out"):
        if name.endswith(".parquet"):
            table = pyarrow.parquet.ParquetFile(folder / "out" / name).read()
            lines = (folder / "lines" / name.replace(".parquet", ".jsonl")).read_text("utf-8").splitlines()
            assert table.to_pylist() == [json.loads(line) for line in lines]
            assert table.schema.names == list(partitions.SCHEMA) == list(json.loads(lines[0]))
    page = (ROOT / "docs/scale.md").read_text("utf-8")
    types = {str: "text", int: "integer", bool: "boolean"}
    for name, kind in partitions.SCHEMA.items():
        assert f"| `{name}` | {types[kind]} |" in page


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_nothing_of_a_rule_is_lost(tmp_path: Path, form: str) -> None:
    """The golden pages, with every kind of rule, trace and evidence: rows hold what rules.json holds."""
    for folder in goldens.folders():
        page = goldens.page_of(folder)
        target = tmp_path / "docs/acme/gate/1.0" / f"{folder.name}{page.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, target)
    run(tmp_path, form=form)
    docrules("run", "docs", "--out", "rules.json", "--no-cache", cwd=tmp_path)
    whole = json.loads((tmp_path / "rules.json").read_bytes())
    file = tmp_path / "out/vendor=acme/product=gate/release=1.0" / f"rules.{form}"
    if form == "jsonl":
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    else:
        rows = pyarrow.parquet.ParquetFile(file).read().to_pylist()
    rules = [*whole["rules"], *whole["unresolved"]]
    assert len(rows) == len(rules) > 300
    for row, rule in zip(rows, rules, strict=True):
        ends = {
            side: {"kind": row[f"{side}_kind"], "name": row[side]} if row[side] is not None else None for side in ("source", "destination")
        }
        again = {**row, **ends, "trace": json.loads(row["trace"]), "evidence": json.loads(row["evidence"])}
        if row["status"] == "open":
            again["missing"] = [one for one in row["missing"].split(", ") if one]
        assert {name: again[name] for name in rule} == rule
        assert row["scope"] == "acme/gate/1.0"


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
scopes = st.one_of(st.tuples(names), st.tuples(names, names), st.tuples(names, names, names))


@given(st.lists(scopes, unique=True, max_size=8))
def test_no_two_scopes_have_one_file_and_folders_say_their_names(found: list[tuple[str, ...]]) -> None:
    files = [partitions.file_of(scope, "parquet") for scope in found]
    assert len(set(files)) == len(files)
    for scope, file in zip(found, files, strict=True):
        *folders, name = file.split("/")
        assert [folder.partition("=")[0] for folder in folders] == list(KEYS)
        if len(scope) == 3:
            assert [urllib.parse.unquote(folder.partition("=")[2]) for folder in folders] == list(scope)
            assert name == "rules.parquet"


# --- the same bytes, and no work twice --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_the_bytes_depend_on_nothing_but_the_documents(folder: Path, form: str) -> None:
    run(folder, form=form)
    run(folder, "--jobs", "2", form=form, out="again/")
    assert contents(folder / "out") == contents(folder / "again")


def test_what_is_unchanged_is_neither_read_nor_written_again(folder: Path) -> None:
    run(folder)
    before, state = contents(folder / "out"), times(folder / "out")
    ran = docrules("run", "docs", "--out", "out", "--format", "parquet", "--cache", "kept", "--fail-on", "never", cwd=folder)
    assert counts(ran) == "0 written, 0 removed, 7 unchanged"
    assert not (folder / "kept").exists(), "a document that is parsed is kept in the cache"
    assert (contents(folder / "out"), times(folder / "out")) == (before, state)


def test_a_document_that_changes_costs_its_partition(folder: Path) -> None:
    run(folder)
    state = times(folder / "out")
    page = folder / "docs/acme/gate/1.10/ports.html"
    page.write_text(html(("UDP", "53", "Names", "DNS")), "utf-8")
    assert counts(run(folder)) == "1 written, 0 removed, 6 unchanged"
    changed = {name for name, status in times(folder / "out").items() if status != state[name]}
    assert changed == {"vendor=acme/product=gate/release=1.10/rules.parquet"}
    page.write_text("<p>No rules any more.", "utf-8")
    assert counts(run(folder, "--accept-shrink", "withdrawn")) == "1 written, 0 removed, 6 unchanged"
    assert not (folder / "out/vendor=acme/product=gate/release=1.10").exists()


@pytest.mark.parametrize("damage", [b"", b"PAR1 and no more", None])
def test_a_file_that_is_not_what_was_written_is_written_again(folder: Path, damage: bytes | None) -> None:
    run(folder)
    before = contents(folder / "out")
    file = folder / "out/vendor=acme/product=gate/release=1.0/rules.parquet"
    file.unlink()
    if damage is not None:
        file.write_bytes(damage)
    assert run(folder).code == EXIT_CLEAN
    assert contents(folder / "out") == before


def test_a_patch_costs_the_releases_that_it_is_about(folder: Path) -> None:
    run(folder)
    (folder / "patches/acme").mkdir(parents=True)
    (folder / "patches/acme/gate.toml").write_text(
        '[[patch]]\nid = "one"\nreason = "because"\nmatch = { from_port = 8000 }\nset = { description = "Web" }\n'
    )
    ran = run(folder)
    assert counts(ran) == "1 written, 0 removed, 6 unchanged", "the other release is made of a patch more and is the same"
    rows = pyarrow.parquet.ParquetFile(folder / "out/vendor=acme/product=gate/release=1.0/rules.parquet").read().to_pylist()
    assert [row["description"] for row in rows if row["from_port"] == 8000] == ["Web"]


def test_partitions_without_documents_are_removed_by_a_run_over_everything(folder: Path) -> None:
    run(folder)
    shutil.rmtree(folder / "docs/acme/gate/1.0")
    (folder / "out/vendor=acme/product=gate/release=1.0/ours.txt").write_text("not of the program")
    part = run(folder, "--root", "docs", docs="docs/acme/gate/1.10")
    assert counts(part) == "0 written, 0 removed, 1 unchanged"
    assert "warning: out/vendor=acme/product=gate/release=1.0/ours.txt is not one of the partitions" in part.err
    assert "vendor=acme/product=gate/release=1.0/rules.parquet" in contents(folder / "out")
    ran = run(folder)
    assert "removed vendor=acme/product=gate/release=1.0/rules.parquet: no document of it is there any more" in ran.err
    found = contents(folder / "out")
    assert "vendor=acme/product=gate/release=1.0/rules.parquet" not in found
    assert found["vendor=acme/product=gate/release=1.0/ours.txt"] == b"not of the program"
    assert ["acme", "gate", "1.0"] not in [one["scope"] for one in manifest(folder / "out")["partitions"]]


def test_files_that_are_no_partitions_are_named_and_stay(folder: Path) -> None:
    run(folder)
    strange = [
        folder / "out/vendor=acme/product=gate" / name for name in ("release=9.9/rules.parquet", *(f"{one}.csv" for one in range(6)))
    ]
    strange[0].parent.mkdir()
    for file in (*strange, folder / "out/_SUCCESS", folder / "out/.hidden"):
        file.write_text("of somebody else")
    ran = run(folder)
    named = [line for line in ran.err.splitlines() if "is not one of the partitions" in line]
    assert len(named) == 5
    assert "warning: 2 more files of out are none either" in ran.err
    assert "_SUCCESS" not in ran.err
    assert ".hidden" not in ran.err
    assert all(file.read_text() == "of somebody else" for file in strange)


def test_a_run_that_waited_keeps_what_the_other_one_wrote(folder: Path) -> None:
    run(folder, out="whole/", form="jsonl")
    (folder / "out").mkdir()
    command = [sys.executable, "-m", "extract", "run", "docs/guides", "--root", "docs", "--out", "out", "--format", "jsonl", "--no-cache"]
    with lock.hold([folder / "out"], lambda _: None):
        process = subprocess.Popen(
            [*command, "--fail-on", "never"], cwd=folder, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert process.stderr
        line = b" "
        while line and b"another run" not in line:
            line = process.stderr.readline()
        shutil.copytree(folder / "whole", folder / "out", dirs_exist_ok=True)
    process.communicate(timeout=SECONDS)
    assert process.returncode == EXIT_CLEAN
    assert contents(folder / "out") == contents(folder / "whole")


def test_a_run_over_a_part_does_not_call_complete_what_another_one_left_open(folder: Path) -> None:
    command = ("run", "docs", "--out", "out/", "--format", "jsonl", "--no-cache", "--fail-on", "never")
    for moment in range(1, 200, 10):
        process = forked.start(*command, cwd=folder, die_at=moment)
        process.join(SECONDS)
        if (folder / "out/_manifest.json").exists():
            break
    assert [one["documents"] for one in manifest(folder / "out")["partitions"]] == [0] * 7
    run(folder, "--root", "docs", docs="docs/guides", form="jsonl")
    assert not manifest(folder / "out")["complete"]
    run(folder, form="jsonl")
    assert manifest(folder / "out")["complete"]


def test_a_run_over_a_part_of_a_release_says_what_it_lost(folder: Path) -> None:
    other = folder / "docs/acme/gate/1.0/more.html"
    other.write_text(html(("TCP", "22", "A", "SSH")), "utf-8")
    run(folder)
    ran = run(folder, "--root", "docs", docs="docs/acme/gate/1.0/more.html")
    assert "warning: acme/gate/1.0 lost 1 document that this run did not look at, with their rules" in ran.err


# --- less than before ------------------------------------------------------------------------------------------------


PORTS = tuple(("TCP", str(8000 + number), "A", "HTTPS") for number in range(10))


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_scope_that_would_lose_too_much_keeps_its_partition(folder: Path, form: str) -> None:
    page = folder / "docs/acme/gate/1.0/ports.html"
    page.write_text(html(*PORTS), "utf-8")
    run(folder, form=form)
    before = contents(folder / "out")
    page.write_text(html(*PORTS[:7]), "utf-8")
    (folder / "docs/notes/ports.html").write_text(html(("UDP", "53", "Names", "DNS"), ("TCP", "53", "Names", "DNS")), "utf-8")
    for written in (1, 0):
        ran = run(folder, form=form)
        assert ran.code == EXIT_FINDINGS
        assert "acme/gate/1.0: rules: 10 before, 7 now; likely cause: " in ran.err
        assert "1 scope keeps the partition of before: less would be left than out holds; --accept-shrink" in ran.err
        assert counts(ran) == f"{written} written, 0 removed, {6 - written} unchanged, 1 held back"
    changed = {name for name, data in contents(folder / "out").items() if data != before[name]}
    assert len(changed) == 2, "the other scope and the manifest are written"
    assert f"vendor=acme/product=gate/release=1.0/rules.{form}" not in changed
    assert run(folder, "--max-shrink", "30", form=form).code == EXIT_CLEAN
    page.write_text(html(*PORTS[:2]), "utf-8")
    accepted = run(folder, "--accept-shrink", "ports were closed", form=form)
    assert (accepted.code, counts(accepted)) == (EXIT_CLEAN, "1 written, 0 removed, 6 unchanged")
    assert "acme/gate/1.0: rules: 7 before, 2 now" in accepted.err
    assert "published all the same: ports were closed" in accepted.err


LESS: Mapping[str, tuple[str | None, str]] = {
    "a wall": ("<h1>Please enable JavaScript</h1>", "acme/gate/1.0: tables: 2 before, 1 now"),
    "a page that is gone": (None, "acme/gate/1.0: documents: 2 before, 1 now"),
    "a column that is gone": (html(*((*row[:2], "", row[3]) for row in PORTS)), "acme/gate/1.0: rules with a stated source: 100 % before"),
    "rules that are open": (html(*(("", *row[1:]) for row in PORTS)), "acme/gate/1.0: rows of which everything is resolved: 100 % before"),
}


@pytest.mark.parametrize("what", LESS)
def test_what_a_partition_would_lose_is_what_rules_json_would_lose(folder: Path, what: str) -> None:
    page = folder / "docs/acme/gate/1.0/more.html"
    for file in (page, page.with_name("ports.html")):
        file.write_text(html(*(row for row in PORTS if file == page or row[1] < "8003")), "utf-8")
    run(folder)
    text, said = LESS[what]
    page.unlink()
    if text is not None:
        page.write_text(text, "utf-8")
    before = contents(folder / "out")
    ran = run(folder)
    assert (ran.code, contents(folder / "out")) == (EXIT_FINDINGS, before)
    assert said in ran.err


def test_a_document_that_cannot_be_read_any_more_keeps_the_partition(folder: Path) -> None:
    page = folder / "docs/acme/gate/1.0/zero.html"
    page.write_text(html(("TCP", "8000", "Host 0", "HTTPS")), "utf-8")
    run(folder)
    page.unlink()
    page.symlink_to("nowhere.html")
    before = contents(folder / "out")
    ran = run(folder)
    assert (ran.code, contents(folder / "out")) == (EXIT_UNREADABLE, before)
    assert "acme/gate/1.0: the document acme/gate/1.0/zero.html cannot be read" in ran.err


def test_what_the_manifest_counts_is_compared_where_the_file_is_damaged(folder: Path) -> None:
    page = folder / "docs/acme/gate/1.0/ports.html"
    page.write_text(html(*PORTS), "utf-8")
    run(folder)
    (folder / "out/vendor=acme/product=gate/release=1.0/rules.parquet").write_bytes(b"PAR1")
    page.write_text(html(*PORTS[:7]), "utf-8")
    ran = run(folder)
    assert ran.code == EXIT_FINDINGS
    assert "acme/gate/1.0: rules: 10 before, 7 now" in ran.err


def test_a_run_over_a_part_may_hold_less(folder: Path) -> None:
    page = folder / "docs/acme/gate/1.0/ports.html"
    page.write_text(html(*PORTS), "utf-8")
    run(folder)
    page.write_text(html(*PORTS[:2]), "utf-8")
    assert run(folder, "--root", "docs", docs="docs/acme/gate/1.0").code == EXIT_CLEAN


# --- what the run says ------------------------------------------------------------------------------------------------


def test_the_exit_code_is_that_of_all_partitions_whether_they_were_written_or_not(folder: Path) -> None:
    for expected_counts in ("7 written, 0 removed, 0 unchanged", "0 written, 0 removed, 7 unchanged"):
        ran = docrules("run", "docs", "--out", "out/", "--format", "jsonl", "--no-cache", "--fail-on", "unresolved", cwd=folder)
        assert (ran.code, counts(ran)) == (EXIT_FINDINGS, expected_counts)
    assert "6 rules and 6 unresolved in 7 scopes -> out" in ran.err


def test_a_document_that_cannot_be_read_is_tried_each_time(folder: Path) -> None:
    (folder / "docs/guides/gone.html").symlink_to("nowhere.html")
    for _ in range(2):
        ran = run(folder)
        assert (ran.code, ran.codes & {"unreadable-document"}) == (EXIT_UNREADABLE, {"unreadable-document"})
        assert [one["scope"] for one in manifest(folder / "out")["partitions"] if one["inputs"] is None] == [["guides/"]]
    (folder / "docs/guides/gone.html").unlink()
    assert run(folder, "--accept-shrink", "it never was there").code == EXIT_CLEAN


def test_the_files_about_a_run_are_those_of_a_run_to_one_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    about = ("--report", "report.json", "--sarif", "found.sarif", "--markdown", "found.md", "--no-cache")
    docrules("run", "data/docs", "--out", "rules.json", *about, cwd=tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in ("report.json", "found.sarif", "found.md")}
    for _ in range(2):
        for name in before:
            (tmp_path / name).unlink()
        docrules("run", "data/docs", "--out", "out", "--format", "parquet", *about, cwd=tmp_path)
        assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert before["report.json"] == (ROOT / "data/report.json").read_bytes()


REFUSED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "standard output": (("--out", "-", "--format", "parquet"), "writes a folder of partitions"),
    "a name of a file": (("--out", "rules.parquet", "--format", "parquet"), "writes a folder of partitions"),
    "no name": (("--format", "parquet"), "--format parquet needs --out DIR"),
    "a file": (("--out", "file/", "--format", "jsonl"), "is a file"),
    "a folder of something else": (("--out", "used", "--format", "parquet"), "holds other files and no _manifest.json"),
    "a folder that is in none": (("--out", "no/where", "--format", "parquet"), "create it first"),
    "the documents": (("--out", "docs/out", "--format", "parquet"), "lies among the documents"),
    "another form": (("--out", "lines", "--format", "parquet"), "holds partitions as jsonl"),
    "a manifest that is none": (("--out", "broken", "--format", "parquet"), "is no manifest of partitions"),
    "a feed": (("--out", "new", "--format", "parquet", "--changes", "c.json"), "makes no sense with --format parquet"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_folder_that_cannot_be_used_is_refused_before_the_work(folder: Path, what: str) -> None:
    for name, file in (("used", "mine.txt"), ("broken", "_manifest.json"), ("", "file")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / file).write_text("{}")
    run(folder, form="jsonl", out="lines/")
    before = contents(folder)
    options, message = REFUSED[what]
    ran = docrules("run", "docs", "--no-cache", *options, cwd=folder)
    assert ran.code == EXIT_USAGE
    assert message in ran.err
    assert contents(folder) == before


def test_without_pyarrow_the_message_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "absent" / "pyarrow").mkdir(parents=True)
    (folder / "absent/pyarrow/__init__.py").write_text("raise ImportError('not here')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder / "absent"), str(ROOT))))
    ran = docrules_process("run", "docs", "--out", "out", "--format", "parquet", cwd=folder)
    assert ran.code == EXIT_USAGE
    assert "pip install 'docrules[parquet]'" in ran.err
    assert not (folder / "out").exists()
    assert docrules_process("run", "docs", "--out", "out/", "--format", "jsonl", "--fail-on", "never", cwd=folder).code == EXIT_CLEAN


# --- interrupted -----------------------------------------------------------------------------------------------------


def test_ctrl_c_says_what_is_whole_and_keeps_it(folder: Path) -> None:
    late = folder / "docs/zeta/gate/9.0/ports.html"
    late.parent.mkdir(parents=True)
    os.mkfifo(late)
    command = [sys.executable, "-m", "extract", "run", "docs/acme", str(late), "--root", "docs", "--jobs", "1", "--no-cache", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*command, "--out", "out/", "--format", "jsonl"], cwd=folder, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stderr
        writers = [open_when_read(late, process)]

        def press() -> None:
            process.send_signal(signal.SIGINT)
            while writers:
                os.close(writers.pop())

        assert interrupted(process, press) == EXIT_INTERRUPTED
        said = process.stderr.read().decode().strip()
    assert said == "interrupted; 2 of 3 scopes are whole in out, and the same command goes on from there"
    assert [one["documents"] for one in manifest(folder / "out")["partitions"]] == [1, 1, 0]
    late.unlink()
    late.write_text(html(("TCP", "22", "A", "SSH")), "utf-8")
    assert counts(run(folder, late, "--root", "docs", docs="docs/acme", form="jsonl")) == "1 written, 0 removed, 2 unchanged"


# --- killed -----------------------------------------------------------------------------------------------------------


def test_a_run_that_is_killed_leaves_whole_partitions_and_the_next_one_goes_on(folder: Path) -> None:
    for name in ("guides", "notes", "about", "-"):
        shutil.rmtree(folder / "docs" / name)
    run(folder, form="jsonl", out="whole/")
    whole = contents(folder / "whole")
    shutil.copytree(folder / "docs", folder / "fewer")
    shutil.rmtree(folder / "fewer/acme/gate/1.0")
    run(folder, docs="fewer", form="jsonl", out="less/")
    less = contents(folder / "less")
    command = ("run", "docs", "--out", "out/", "--format", "jsonl", "--no-cache", "--fail-on", "never")
    code: int | None = -signal.SIGKILL
    # So many moments lie between two kills that they come at all stages of a partition.
    moment, step, went_on = 1, 41, 0
    while code == -signal.SIGKILL:
        process = forked.start(*command, cwd=folder, die_at=moment)
        process.join(SECONDS)
        code = process.exitcode
        found = contents(folder / "out") if (folder / "out").exists() else {}
        for name, data in found.items():
            if Path(name).name.startswith("rules"):
                assert data == whole[name], "a partition that is there is whole"
        if "_manifest.json" in found:
            told = manifest(folder / "out")
            assert told["complete"] is (found["_manifest.json"] == whole["_manifest.json"])
            assert all(one["file"] in found for one in told["partitions"] if one["file"])
            shutil.copytree(folder / "out", folder / "left")
            run(folder, docs="fewer", form="jsonl", out="left/")
            assert contents(folder / "left") == less, "what a killed run wrote of documents that are gone is gone too"
            shutil.rmtree(folder / "left")
        ran = run(folder, form="jsonl")
        went_on += int(counts(ran).partition(" ")[0]) in (1, 2)
        assert contents(folder / "out") == whole, "what a killed run left behind is gone"
        shutil.rmtree(folder / "out")
        moment += step
    assert code == EXIT_CLEAN
    assert went_on > 2
