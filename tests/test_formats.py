"""Nothing is skipped in silence: formats that are not read are refused by name, and counted in a folder, with what to do about them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from extract import extract_paths, extract_text
from extract.read import formats
from extract.read.not_read import in_words
from tests.test_cli import EXIT_CLEAN, EXIT_UNREADABLE, EXIT_USAGE, docrules

PIPES = "# Ports\n\n| Protocol | Port | Source | Destination |\n| - | - | - | - |\n| TCP | 443 | A | B |\n"
HTML = "<html><body><h1>Ports</h1><table><tr><th>Protocol<th>Port</tr><tr><td>TCP<td>443</tr></table></body></html>"
NOTEBOOK = '{"cells": []}'

REFUSED = {
    "ports.ditamap": ('<?xml version="1.0"?>\n<map><title>Ports</title></map>\n', "names topics"),
    "ports.ipynb": ('{"cells": []}', "nbconvert"),
    "ports.IPYNB": ('{"cells": []}', "nbconvert"),
    "ports.yaml": ("openapi: 3.0.0\n", "data"),
}
BINARY = {
    "ports.odt": (b"PK\x03\x04\x14\0\0\0", "pandoc"),
    "ports.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "pandoc"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_format_that_is_not_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    text, advice = REFUSED[name]
    (tmp_path / name).write_text(text, "utf-8")
    ran = docrules("run", name, "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_UNREADABLE, {"unsupported-format"})
    assert f"{name}:1: error: {Path(name).suffix.lower()} is not read; " in ran.err
    assert advice in ran.err
    assert not (tmp_path / "rules.json").exists()


@pytest.mark.parametrize("name", BINARY)
def test_what_is_no_text_says_what_to_do_with_it(tmp_path: Path, name: str) -> None:
    data, advice = BINARY[name]
    (tmp_path / name).write_bytes(data)
    ran = docrules("run", name, "--out", "-", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_UNREADABLE, {"binary-document"})
    assert advice in ran.err


def test_the_others_are_read_as_usual(tmp_path: Path) -> None:
    (tmp_path / "ports.ipynb").write_text(NOTEBOOK, "utf-8")
    (tmp_path / "ports.md").write_text(PIPES, "utf-8")
    ran = docrules("run", "ports.ipynb", "ports.md", "--out", "rules.json", cwd=tmp_path)
    assert ran.code == EXIT_UNREADABLE
    assert len(json.loads((tmp_path / "rules.json").read_bytes())["rules"]) == 1


@pytest.mark.parametrize("name", ["ports.txt", "ports.aspx", "ports.php", "ports", "ports.5", "ports.md.bak"])
def test_a_file_of_another_suffix_is_read(tmp_path: Path, name: str) -> None:
    for text in (PIPES, HTML):
        (tmp_path / name).write_text(text, "utf-8")
        assert len(extract_paths([tmp_path / name]).rules) == 1


@pytest.mark.parametrize("name", [*REFUSED, "ports.doc"])
def test_a_full_page_is_html_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(HTML, "utf-8")
    assert len(extract_paths([tmp_path / name]).rules) == 1


def test_what_is_told_its_kind_is_of_that_kind() -> None:
    assert len(extract_text(PIPES, path="ports.ipynb", kind="markdown").rules) == 1
    assert extract_text(PIPES, path="ports.ipynb").rules == ()


def test_standard_input_is_read_as_before(tmp_path: Path) -> None:
    ran = docrules("run", "-", "--out", "-", cwd=tmp_path, stdin=PIPES.encode())
    assert ran.code == EXIT_CLEAN


# --- what a folder holds besides ----------------------------------------------------------------------------------------


def test_files_that_are_not_read_are_counted_by_suffix(tmp_path: Path) -> None:
    names = ["a.ipynb", "x/b.IPYNB", "x/y/c.yaml", "d.yaml", "e.yaml", "logo.png", "LICENSE", "f.txt", "odd.some thing", "g.tar.gz"]
    passed = [".hidden.ipynb", ".git/x.rst", "sources.toml"]
    for name in [*names, *passed, "ports.md"]:
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(PIPES if name == "ports.md" else "", "utf-8")
    (tmp_path / "docs" / "sources.toml").write_text('layout = "**"', "utf-8")
    (tmp_path / "docs" / "out.md").symlink_to(tmp_path / "elsewhere.md")
    (tmp_path / "elsewhere.md").write_text(PIPES, "utf-8")
    (tmp_path / "docs" / "latest").symlink_to(tmp_path / "docs" / "x")
    ran = docrules("run", "docs", "--out", "rules.json", "--report", "report.json", "--no-cache", cwd=tmp_path)
    assert ran.code == EXIT_CLEAN
    counted = json.loads((tmp_path / "report.json").read_bytes())["summary"]["not_read"]
    assert counted == {"": 3, ".ipynb": 2, ".yaml": 3, ".gz": 1, ".md": 1, ".png": 1, ".txt": 1}
    link = "links out of the folder are not followed"
    data, notebook, text = (
        "it is data; read the page that documents it",
        "convert it with nbconvert",
        "name the file to have it read as Markdown",
    )
    assert f"not read: 3 .yaml ({data}), 2 .ipynb ({notebook}), 1 .md ({link}), 1 .txt ({text}), 5 other files" in ran.err.splitlines()
    assert ran.findings == []


def test_the_summary_for_a_pull_request_says_what_was_not_read(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ports.md").write_text(PIPES, "utf-8")
    (tmp_path / "docs" / "ports.ipynb").write_text(NOTEBOOK, "utf-8")
    assert docrules("run", "docs", "--markdown", "summary.md", cwd=tmp_path).code == EXIT_CLEAN
    assert "\n\nNot read: 1 .ipynb (convert it with nbconvert).\n" in (tmp_path / "summary.md").read_text("utf-8")


def test_what_the_run_writes_is_not_among_them(tmp_path: Path) -> None:
    (tmp_path / "ports.md").write_text(PIPES, "utf-8")
    for _ in range(2):
        ran = docrules("run", ".", "--out", "rules.json", "--report", "report.json", "--no-cache", cwd=tmp_path)
        assert "not read" not in ran.err
    assert json.loads((tmp_path / "report.json").read_bytes())["summary"]["not_read"] == {}


def test_a_file_that_is_named_besides_is_read(tmp_path: Path) -> None:
    for name in ("ports.md", "notes.txt"):
        (tmp_path / name).write_text(PIPES, "utf-8")
    (tmp_path / "x.ipynb").write_text(NOTEBOOK, "utf-8")
    assert extract_paths([tmp_path]).summary.not_read == {".ipynb": 1, ".txt": 1}
    assert extract_paths([tmp_path, tmp_path / "notes.txt"]).summary.not_read == {".ipynb": 1}


def test_a_folder_of_another_format_says_what_to_do(tmp_path: Path) -> None:
    for name in ("a.ipynb", "b.ipynb", "c.png"):
        (tmp_path / name).write_text("", "utf-8")
    ran = docrules("run", ".", cwd=tmp_path)
    assert ran.code == EXIT_USAGE
    assert "not read: 2 .ipynb (convert it with nbconvert), 1 other file" in ran.err


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX alone")
def test_a_suffix_of_any_bytes_is_counted(tmp_path: Path) -> None:
    (tmp_path / "ports.md").write_text(PIPES, "utf-8")
    for name in (b"a.\xff\xfe", b"b.x\x1b[31m", b"c." + b"y" * 200):
        (tmp_path / os.fsdecode(name)).write_bytes(b"")
    assert extract_paths([tmp_path]).summary.not_read == {"": 3}


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, ""),
        ({".png": 1}, "1 file of other kinds"),
        ({".png": 2, "": 1}, "3 files of other kinds"),
        ({".yaml": 12, ".json": 3}, "12 .yaml, 3 .json (it is data; read the page that documents it)"),
        ({".csv": 1, ".js": 2}, "1 .csv (name the file to have its tables read), 2 other files"),
    ],
)
def test_counts_in_words(counts: dict[str, int], said: str) -> None:
    assert in_words(counts) == said


def test_no_format_is_read_and_not_read() -> None:
    assert not formats.SUFFIXES & formats.ADVICE.keys()
    assert not {suffix for suffix in formats.SUFFIXES & formats.READ_BY_NAME.keys() if formats.is_searched(suffix)}
    assert not formats.ADVICE.keys() & formats.READ_BY_NAME.keys()


# --- addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["https://docs.example.com/ports", "http://docs.example.com", "HTTPS://x.example/a?b=1&c='2'"])
def test_an_address_says_what_to_do_instead(tmp_path: Path, address: str) -> None:
    ran = docrules("run", address, cwd=tmp_path)
    assert ran.code == EXIT_USAGE
    assert ran.err.startswith(f"error: {address} is an address")
    assert "curl -sL " in ran.err
    assert "| docrules run -" in ran.err
    assert "docrules fetch" in ran.err
    assert "sources.toml" in ran.err
