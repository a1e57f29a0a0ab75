"""Several processes read documents: order does not matter, a process that dies costs the document it read, nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from extract import workers
from extract.api import extract_sources
from extract.errors import DocrulesError
from extract.read.sources import Source
from extract.read.warc.record import Loaded

PAGE = "<table><tr><th>Protocol<th>Port<th>Source</tr><tr><td>TCP<td>{}<td>10.0.0.0/8</table>"
DEADLY = frozenset({7, 8, 40})


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")


def square_or_die(numbers: Sequence[int]) -> list[int]:
    if DEADLY.intersection(numbers):
        os.kill(os.getpid(), signal.SIGKILL)
    return [number * number for number in numbers]


def lost(number: int) -> int:
    return -number


class Deadly(Source, frozen=True):
    """A document that ends the process which reads it, as one that memory does not suffice for does."""

    def loaded(self) -> Loaded:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_an_item_that_ends_its_process_costs_itself_only(processes: int) -> None:
    found = list(workers.run(square_or_die, range(100), processes, lost))
    assert sorted(found) == sorted(-number if number in DEADLY else number * number for number in range(100))


@needs_proc
def test_whoever_wants_no_more_gets_no_more() -> None:
    running = workers.run(square_or_die, range(100, 200), 2, lost)
    next(running)
    found = [child for child in children(os.getpid()) if "spawn_main" in command_line(child)]
    assert found
    running.close()
    wait_until_gone(found)


def test_a_document_whose_process_dies_is_a_finding_and_not_the_end(tmp_path: Path) -> None:
    sources: list[Source] = []
    for number in range(40):
        file = tmp_path / f"page-{number:02}.html"
        file.write_text(PAGE.format(8000 + number), "utf-8")
        sources.append((Deadly if number == 11 else Source)(file.name, str(file)))
    extraction = extract_sources(sources, jobs=2)
    assert [rule.from_port for rule in extraction.rules] == [8000 + number for number in range(40) if number != 11]
    assert [(found.code, found.document) for found in extraction.findings] == [("process-died", "page-11.html")]
    assert [document.path for document in extraction.documents] == [source.path for source in sources]


def test_processes_that_cannot_be_started_are_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.spawn.get_executable", lambda: b"/bin/false")
    with pytest.raises(DocrulesError, match="try one job"):
        list(workers.run(square_or_die, range(3), 2, lost))


def command_line(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run over several documents, each with so many rows that they take a while, by two processes."""
    rows = "".join(f"<tr><td>TCP<td>{port}<td>10.0.{port % 256}.0/24" for port in range(1, 3000))
    (tmp_path / "docs").mkdir()
    for number in range(12):
        page = f"<table><tr><th>Protocol<th>Port<th>Source</tr>{rows}</table>"
        (tmp_path / "docs" / f"page-{number}.html").write_text(page, "utf-8")
    command = [sys.executable, "-m", "extract", "run", "docs", "--out", "rules.json", "--report", "report.json", "--jobs", "2"]
    with subprocess.Popen(command, cwd=tmp_path, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def readers(run: subprocess.Popen[bytes]) -> list[int]:
    """Wait until both processes are there, and return them."""
    for _ in range(400):
        found = [child for child in children(run.pid) if "spawn_main" in command_line(child)]
        if len(found) == 2:
            return found
        time.sleep(0.05)
    raise AssertionError("the processes were not started")


def wait_until_gone(processes: list[int]) -> None:
    for _ in range(400):
        if not any("spawn_main" in command_line(one) for one in processes):
            return
        time.sleep(0.05)
    raise AssertionError("a process was left behind")


@needs_proc
@pytest.mark.parametrize("everyone", [True, False], ids=["as the terminal does", "the program alone"])
@pytest.mark.parametrize("after", [0, 0.5], ids=["while they start", "while they read"])
def test_an_interrupted_run_leaves_no_process_and_no_file(
    run: subprocess.Popen[bytes], tmp_path: Path, everyone: bool, after: float
) -> None:
    found = readers(run)
    time.sleep(after)
    if everyone:
        os.killpg(run.pid, signal.SIGINT)
    else:
        os.kill(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert b"Traceback" not in err
    wait_until_gone(found)
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


@needs_proc
def test_a_run_that_is_killed_leaves_no_process_and_no_file(run: subprocess.Popen[bytes], tmp_path: Path) -> None:
    found = readers(run)
    run.kill()
    run.communicate(timeout=60)
    wait_until_gone(found)
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


@needs_proc
def test_a_process_that_is_killed_from_outside_costs_nothing(run: subprocess.Popen[bytes], tmp_path: Path) -> None:
    found = readers(run)
    time.sleep(0.5)
    os.kill(found[0], signal.SIGKILL)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    assert (tmp_path / "rules.json").read_bytes().count(b'"id": "page-') == 12
