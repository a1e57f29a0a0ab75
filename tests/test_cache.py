"""The cache: with it or without it a run writes the same bytes, whatever became of the documents and of the entries."""

from __future__ import annotations

import importlib.metadata
import os
import random
import re
import shutil
import stat
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import cache, extract_paths, extract_text
from extract import pipeline as stage
from extract.cache import Cache, default_folder
from extract.cells.reading import Cells
from extract.interpret import read_tables
from extract.model import Origin, Page, TableReading
from extract.publish import render
from tests import forked, goldens
from tests.test_cli import EXIT_CLEAN, EXIT_INTERNAL, EXIT_USAGE, HTTPS_ROW, docrules, docrules_process, html, pipes

REPO = Path(__file__).resolve().parent.parent
DOCS = REPO / "data" / "docs"
PAGES = [goldens.page_of(folder) for folder in goldens.folders()]
SECONDS = 120
DAY = 86_400


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Three pages, of two kinds."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, port in (("a.html", "443"), ("b.html", "444")):
        (folder / name).write_text(html(("TCP", port, "A", "HTTPS")))
    (folder / "c.md").write_text(pipes(("TCP", "445", "A", "HTTPS")))
    return folder


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the documents that were parsed."""
    paths: list[str] = []

    def noted(page: Page, cells: Cells) -> tuple[TableReading, ...]:
        paths.append(page.document.path)
        return read_tables(page, cells)

    monkeypatch.setattr(stage, "read_tables", noted)
    return paths


def written(docs: Path, kept: Path | None = None, jobs: int = 1) -> tuple[bytes, bytes]:
    extraction = extract_paths([docs], cache=kept, jobs=jobs)
    return render.rules_json(extraction), render.report_json(extraction)


def entries(kept: Path) -> list[Path]:
    return sorted(path for path in kept.rglob("*") if path.is_file())


def read_line(err: str) -> list[str]:
    return re.findall(r"^(.*) documents? unchanged since an earlier run, .*$", err, re.MULTILINE)


# --- the same bytes ---------------------------------------------------------------------------------------------------


def change(generator: random.Random, docs: Path, kept: Path) -> str:
    """Do something to the documents or to the entries, and return what it was."""
    pages = sorted(path for path in docs.rglob("*") if path.is_file())
    found = entries(kept)
    page = generator.choice(pages)
    golden = generator.choice(PAGES)
    folder = docs / generator.choice(("", "vendor/product/1.0", "vendor/product/2.0"))
    folder.mkdir(parents=True, exist_ok=True)
    action = generator.choice(("add", "modify", "append", "rename", "swap", "delete", "flip", "cut", "copy", "fill", "remove", "nothing"))
    if action == "add":
        shutil.copy(golden, folder / f"added-{generator.randrange(10**6)}{golden.suffix}")
    elif action == "modify":
        page.write_bytes(golden.read_bytes())
    elif action == "append":
        page.write_bytes(page.read_bytes() + b"\n\nPort 8443 is open over TCP and UDP.\n")
    elif action == "rename":
        page.rename(folder / f"renamed-{generator.randrange(10**6)}{page.suffix}")
    elif action == "swap":
        other = generator.choice(pages)
        one, two = page.read_bytes(), other.read_bytes()
        page.write_bytes(two)
        other.write_bytes(one)
    elif action == "delete" and len(pages) > 2:
        page.unlink()
    elif found:
        entry, other = generator.choice(found), generator.choice(found)
        data = bytearray(entry.read_bytes())
        at = generator.randrange(len(data)) if data else 0
        if action == "flip" and data:
            data[at] ^= generator.randrange(1, 256)
        contents = {"flip": bytes(data), "cut": bytes(data[:at]), "copy": other.read_bytes(), "fill": generator.randbytes(200)}
        if action in contents:
            entry.write_bytes(contents[action])
        elif action == "remove":
            entry.unlink()
    return action


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_whatever_becomes_of_documents_and_entries_the_bytes_are_those_of_a_full_run(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    generator = random.Random(seed)
    docs, kept = tmp_path_factory.mktemp("run") / "docs", tmp_path_factory.mktemp("kept")
    docs.mkdir()
    for number, page in enumerate(generator.sample(PAGES, 5)):
        shutil.copy(page, docs / f"page-{number}{page.suffix}")
    assert written(docs, kept) == written(docs)
    for _ in range(4):
        done = [change(generator, docs, kept) for _ in range(generator.randrange(1, 4))]
        assert written(docs, kept) == written(docs), done


def test_every_golden_page_comes_out_of_the_cache_as_it_went_in(tmp_path: Path) -> None:
    for page in PAGES:
        arguments = {"path": f"vendor/product/1.0/{page.parent.name}{page.suffix}"}
        fresh = extract_text(page.read_bytes(), **arguments)
        assert extract_text(page.read_bytes(), **arguments, cache=tmp_path) == fresh
        assert extract_text(page.read_bytes(), **arguments, cache=tmp_path) == fresh
    assert len(entries(tmp_path)) == len(PAGES)


def test_patches_and_checks_over_all_documents_run_on_what_the_cache_holds(tmp_path: Path) -> None:
    for _ in range(2):
        result = docrules("run", DOCS, "--report", "report.json", "--cache", "kept", cwd=tmp_path)
        assert (result.code, (tmp_path / "rules.json").read_bytes()) == (EXIT_CLEAN, (REPO / "data" / "rules.json").read_bytes())
        assert (tmp_path / "report.json").read_bytes() == (REPO / "data" / "report.json").read_bytes()
    assert read_line(result.err) == ["all"]
    docrules("run", DOCS, "--raw", "--cache", "kept", cwd=tmp_path)
    assert (tmp_path / "rules.json").read_bytes() == render.rules_json(extract_paths([DOCS]))


def test_processes_fill_the_cache_and_need_not_be_started_for_what_it_holds(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    expected = written(docs)
    assert written(docs, kept, jobs=2) == expected
    assert len(entries(kept)) == 3
    monkeypatch.setattr("extract.workers.run", pytest.fail)
    assert written(docs, kept, jobs=2) == expected


def test_runs_at_once_share_a_cache(docs: Path, tmp_path: Path) -> None:
    rules, _ = written(docs)
    for name in range(4):
        (tmp_path / str(name)).mkdir()
    processes = [forked.start("run", docs, "--cache", tmp_path / "kept", cwd=tmp_path / str(name)) for name in range(4)]
    for name, process in enumerate(processes):
        process.join(SECONDS)
        assert (process.exitcode, (tmp_path / str(name) / "rules.json").read_bytes()) == (EXIT_CLEAN, rules)
    assert len(entries(tmp_path / "kept")) == 3


# --- what is parsed again ---------------------------------------------------------------------------------------------


def test_documents_that_do_not_change_are_parsed_once(docs: Path, tmp_path: Path, parsed: list[str]) -> None:
    first = docrules("run", docs, "--cache", "kept", cwd=tmp_path)
    assert (sorted(parsed), read_line(first.err)) == (["a.html", "b.html", "c.md"], [])
    parsed.clear()
    second = docrules("run", docs, "--cache", "kept", cwd=tmp_path)
    assert (parsed, read_line(second.err)) == ([], ["all"])
    assert "all documents unchanged since an earlier run, and taken from the cache" in second.err.splitlines()


def test_the_summary_says_how_many_documents_were_read(docs: Path, tmp_path: Path, parsed: list[str]) -> None:
    docrules("run", docs, "--cache", "kept", cwd=tmp_path)
    parsed.clear()
    (docs / "a.html").write_text(html(HTTPS_ROW, ("UDP", "53", "A", "DNS")))
    one = docrules("run", docs, "--cache", "kept", cwd=tmp_path)
    assert "2 of 3 documents unchanged since an earlier run, and taken from the cache" in one.err.splitlines()
    assert parsed == ["a.html"]
    for name in ("a.html", "b.html"):
        (docs / name).write_text(html(("TCP", "22", name, "x"), ("UDP", "54", name, "x")))
    two = docrules("run", docs, "--cache", "kept", cwd=tmp_path)
    assert "1 of 3 documents unchanged since an earlier run, and taken from the cache" in two.err.splitlines()
    assert read_line(docrules("run", docs, "--cache", "kept", "--quiet", cwd=tmp_path).err) == []


def test_a_page_that_is_renamed_is_another_document(docs: Path, tmp_path: Path, parsed: list[str]) -> None:
    written(docs, tmp_path / "kept")
    parsed.clear()
    (docs / "a.html").rename(docs / "z.html")
    rules, _ = written(docs, tmp_path / "kept")
    assert parsed == ["z.html"]
    assert (b'"z.html"' in rules, b'"a.html"' in rules) == (True, False)


def test_the_same_bytes_read_as_another_kind_are_another_document(tmp_path: Path) -> None:
    for kind, found in (("html", 0), ("markdown", 1), (None, 1), ("html", 0)):
        assert len(extract_text(pipes(HTTPS_ROW), path="page.md", kind=kind, cache=tmp_path).rules) == found
    assert len(entries(tmp_path)) == 3


def test_standard_input_is_kept_too(tmp_path: Path, parsed: list[str]) -> None:
    page = html(HTTPS_ROW).encode()
    outputs = [docrules("run", "-", "--out", "-", "--cache", "kept", cwd=tmp_path, stdin=page).out for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert parsed == ["stdin"]


def test_a_document_that_can_be_read_once_only_is_read_once(tmp_path: Path) -> None:
    fifo = tmp_path / "page.html"
    os.mkfifo(fifo)
    for _ in range(2):
        writer = threading.Thread(target=fifo.write_text, args=(html(HTTPS_ROW),))
        writer.start()
        # A process of its own: one that reads a second time would wait without end.
        result = docrules_process("run", "page.html", "--cache", "kept", "--out", "-", cwd=tmp_path)
        writer.join(SECONDS)
        assert (result.code, b'"to_port": 443' in result.out) == (EXIT_CLEAN, True)


def test_another_program_reads_everything_anew(docs: Path, tmp_path: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    written(docs, tmp_path / "kept")
    parsed.clear()
    monkeypatch.setattr(cache, "program", lambda: "another one")
    written(docs, tmp_path / "kept")
    assert len(parsed) == 3


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package, whose files are those that the hash of the program covers."""
    copy = tmp_path / "extract"
    shutil.copytree(REPO / "extract", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(copy / "cache.py"))
    cache.program.cache_clear()
    yield copy
    cache.program.cache_clear()


def program() -> str | None:
    cache.program.cache_clear()
    return cache.program()


@pytest.mark.parametrize("name", ["vocabulary/languages/en.toml", "catalogue/findings.toml", "cells/ports.py", "model/values.py"])
def test_code_and_words_decide_which_program_it_is(package: Path, name: str) -> None:
    before = program()
    (package / name).write_bytes((package / name).read_bytes() + b"\n")
    assert program() != before


def test_compiled_code_does_not_decide_which_program_it_is(package: Path) -> None:
    before = program()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "model.cpython-311.pyc").write_bytes(b"compiled")
    assert before is not None
    assert program() == before


@pytest.mark.parametrize("packed", ["METADATA", "PKG-INFO"])
def test_libraries_decide_which_program_it_is(package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packed: str) -> None:
    """A library says its version in METADATA, where a wheel was installed, or in PKG-INFO."""
    found = importlib.metadata.distribution
    library = tmp_path / "lxml.dist-info"
    library.mkdir()

    def other(name: str) -> importlib.metadata.Distribution:
        return importlib.metadata.PathDistribution(library) if name == "lxml" else found(name)

    before = program()
    monkeypatch.setattr("importlib.metadata.distribution", other)
    for version in ("0.0.1", "0.0.2"):
        (library / packed).write_text(f"Metadata-Version: 2.1\nName: lxml\nVersion: {version}\n")
        assert program() not in (None, before)
        before = program()


def test_what_an_extra_asks_for_need_not_be_installed(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = program()
    required = [*(importlib.metadata.requires("docrules") or ()), 'nobody-installs-this>=1.0; extra == "parquet"']
    monkeypatch.setattr("importlib.metadata.requires", lambda name: required)
    assert program() == before is not None


def test_the_unicode_tables_decide_which_program_it_is(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = program()
    monkeypatch.setattr("unicodedata.unidata_version", "1.1.0")
    assert program() != before


def test_a_program_that_is_not_known_keeps_nothing(docs: Path, tmp_path: Path, package: Path) -> None:
    shutil.rmtree(package)
    package.write_text("no folder")
    expected = written(docs)
    cache.program.cache_clear()
    assert written(docs, tmp_path / "kept") == expected
    assert not (tmp_path / "kept").exists()


# --- what is not kept -------------------------------------------------------------------------------------------------


def test_a_defect_of_the_program_is_not_kept(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(page: Page, cells: Cells) -> tuple[TableReading, ...]:
        if page.document.path == "a.html":
            raise ZeroDivisionError
        return read_tables(page, cells)

    with monkeypatch.context() as patch:
        patch.setattr(stage, "read_tables", defective)
        assert docrules("run", docs, "--cache", "kept", cwd=tmp_path).code == EXIT_INTERNAL
    assert len(entries(tmp_path / "kept")) == 2
    result = docrules("run", docs, "--cache", "kept", cwd=tmp_path)
    assert (result.code, read_line(result.err)) == (EXIT_CLEAN, ["2 of 3"])


def test_a_document_that_cannot_be_read_is_not_kept(docs: Path, tmp_path: Path) -> None:
    (docs / "gone.html").symlink_to("nowhere.html")
    for _ in range(2):
        assert docrules("run", docs, "--cache", "kept", cwd=tmp_path).codes == {"unreadable-document"}
        assert len(entries(tmp_path / "kept")) == 3


# --- entries that cannot be relied on ---------------------------------------------------------------------------------


def forged(path: Path, content: object) -> bytes:
    """Return an entry that is whole, and holds something else."""
    packed = zlib.compress(content if isinstance(content, bytes) else msgspec.msgpack.encode(content))
    return cache._checksum(path.parent.name + path.name, packed) + packed


DAMAGES: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda path: b"",
    "shorter than a checksum": lambda path: path.read_bytes()[:20],
    "cut off": lambda path: path.read_bytes()[:-1],
    "longer": lambda path: path.read_bytes() + b"\0",
    "another byte": lambda path: path.read_bytes()[:-5] + b"\xff" + path.read_bytes()[-4:],
    "text": lambda path: b"Not a result.\n",
    "the checksum of something else": lambda path: forged(path, {"rules": []}),
    "the checksum of no data": lambda path: forged(path, b"\xc1"),
    "the checksum of text that is no text": lambda path: forged(path, b"\x96\xa1\xff"),
    "the checksum of what is not compressed": lambda path: cache._checksum(path.parent.name + path.name, b"plain") + b"plain",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_absent_and_is_replaced(docs: Path, tmp_path: Path, parsed: list[str], damage: str) -> None:
    kept = tmp_path / "kept"
    expected = written(docs, kept)
    whole = {path: path.read_bytes() for path in entries(kept)}
    for path in whole:
        path.write_bytes(DAMAGES[damage](path))
    parsed.clear()
    assert written(docs, kept) == expected
    assert len(parsed) == 3
    assert {path: path.read_bytes() for path in entries(kept)} == whole


def test_the_entry_of_another_document_is_absent(docs: Path, tmp_path: Path, parsed: list[str]) -> None:
    kept = tmp_path / "kept"
    expected = written(docs, kept)
    one, two, three = entries(kept)
    contents = one.read_bytes(), two.read_bytes(), three.read_bytes()
    for path, data in zip((two, three, one), contents, strict=True):
        path.write_bytes(data)
    parsed.clear()
    assert written(docs, kept) == expected
    assert len(parsed) == 3


def test_a_folder_in_the_place_of_an_entry_costs_that_entry(docs: Path, tmp_path: Path, parsed: list[str]) -> None:
    kept = tmp_path / "kept"
    expected = written(docs, kept)
    entry = entries(kept)[0]
    entry.unlink()
    entry.mkdir()
    parsed.clear()
    assert written(docs, kept) == written(docs, kept) == expected
    assert len(parsed) == 2
    assert len(entries(kept)) == 2, "what could not take its place is removed"


@pytest.mark.parametrize("name", ["docs/a.html", "docs/a.html/below", "/dev/null", "/proc/nowhere"])
def test_a_cache_that_cannot_be_written_is_no_error(docs: Path, tmp_path: Path, name: str) -> None:
    before = (docs / "a.html").read_bytes()
    for _ in range(2):
        try:
            result = docrules("run", docs, "--cache", name, cwd=tmp_path)
        finally:
            assert (docs / "a.html").read_bytes() == before
        assert (result.code, read_line(result.err)) == (EXIT_CLEAN, [])


# --- where it lies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "/home/me/.cache/docrules"),
        ({"XDG_CACHE_HOME": "/var/cache"}, "/var/cache/docrules"),
        ({"XDG_CACHE_HOME": ""}, "/home/me/.cache/docrules"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/docrules"),
        ({"XDG_CACHE_HOME": "/var/cache", "DOCRULES_CACHE": "/srv/kept"}, "/srv/kept"),
        ({"DOCRULES_CACHE": "kept"}, "kept"),
        ({"DOCRULES_CACHE": ""}, None),
    ],
)
def test_the_environment_says_where_the_cache_is(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str | None
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert default_folder(environment) == (Path(expected) if expected else None)


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert default_folder({}) is None


def test_the_command_line_uses_the_default_unless_told_otherwise(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCRULES_CACHE", str(tmp_path / "default"))
    docrules("run", docs, "--no-cache", cwd=tmp_path)
    assert not (tmp_path / "default").exists()
    docrules("run", docs, "--cache", "named", cwd=tmp_path)
    assert not (tmp_path / "default").exists()
    assert len(entries(tmp_path / "named")) == 3
    docrules("run", docs, cwd=tmp_path)
    assert len(entries(tmp_path / "default")) == 3


def test_a_cache_and_no_cache_are_refused(docs: Path, tmp_path: Path) -> None:
    result = docrules("run", docs, "--cache", "kept", "--no-cache", cwd=tmp_path)
    assert (result.code, list(tmp_path.iterdir())) == (EXIT_USAGE, [docs])
    assert "--no-cache" in result.err


def test_from_python_nothing_is_kept_unless_a_folder_is_named(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCRULES_CACHE", str(tmp_path / "default"))
    extract_paths([docs])
    extract_text(html(HTTPS_ROW))
    assert not (tmp_path / "default").exists()
    extract_paths([str(docs)], cache=str(tmp_path / "named"))
    assert len(entries(tmp_path / "named")) == 3


def test_what_is_kept_is_for_the_user_alone(docs: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    written(docs, kept)
    for path in (kept, *kept.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


# --- how much is kept -------------------------------------------------------------------------------------------------


@pytest.fixture
def one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries whose names begin alike, so that they lie in one folder."""
    key = Cache._key

    def alike(self: Cache, path: str, kind: str | None, data: bytes, origin: Origin | None) -> str:
        return "00" + key(self, path, kind, data, origin)[2:]

    monkeypatch.setattr(Cache, "_key", alike)


def keep(kept: Path, number: int) -> Path:
    """Extract a page with a cache, and return its entry."""
    before = set(entries(kept))
    extract_text(html(("TCP", str(number), "A", "x")), cache=kept)
    [entry] = set(entries(kept)) - before
    return entry


def aged(path: Path, days: float) -> None:
    then = time.time() - days * DAY
    os.utime(path, (then, then))


@pytest.mark.usefixtures("one_folder")
def test_entries_that_were_not_used_for_long_are_removed(tmp_path: Path) -> None:
    old, recent = keep(tmp_path, 1), keep(tmp_path, 2)
    aged(old, 31)
    aged(recent, 29)
    new = keep(tmp_path, 3)
    assert entries(tmp_path) == sorted([recent, new])


@pytest.mark.usefixtures("one_folder")
def test_an_entry_that_is_used_is_not_old(tmp_path: Path) -> None:
    entry = keep(tmp_path, 1)
    aged(entry, 31)
    extract_text(html(("TCP", "1", "A", "x")), cache=tmp_path)
    assert time.time() - entry.stat().st_mtime < DAY
    new = keep(tmp_path, 2)
    assert entries(tmp_path) == sorted([entry, new])


@pytest.mark.usefixtures("one_folder")
def test_when_there_is_too_much_the_longest_unused_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Room for three: an entry takes one block.
    monkeypatch.setattr(cache, "_FOLDER_BYTES", 3 * 4096)
    kept = []
    for number in range(6):
        kept.append(keep(tmp_path, number))
        aged(kept[-1], 6 - number)
    assert entries(tmp_path) == sorted(kept[-3:])


@pytest.mark.usefixtures("one_folder")
def test_what_was_just_stored_stays_however_large_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_FOLDER_BYTES", 1)
    keep(tmp_path, 1)
    last = extract_text(html(("TCP", "2", "A", "x")), cache=tmp_path)
    [entry] = entries(tmp_path)
    used = entry.stat().st_mtime_ns
    assert extract_text(html(("TCP", "2", "A", "x")), cache=tmp_path) == last
    assert entry.stat().st_mtime_ns == used


@pytest.mark.usefixtures("one_folder")
def test_what_a_killed_writer_left_is_removed_and_other_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_FOLDER_BYTES", 1)
    folder = tmp_path / "00"
    folder.mkdir()
    others = [folder / "notes.txt", folder / ("0" * 61), folder / (".partial-b" + "0" * 62)]
    abandoned, being_written = folder / ".partial-abandoned", folder / ".partial-new"
    for path in (*others, abandoned, being_written):
        path.write_text("something")
    for path in (*others[:2], abandoned):
        aged(path, 90)
    new = keep(tmp_path, 1)
    assert entries(tmp_path) == sorted([*others, being_written, new])
