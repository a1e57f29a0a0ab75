"""What is on disk is whole and of one run: when a run is killed at any moment, and when several runs write the same files."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from extract import schema
from extract.publish import files, lock
from tests import forked
from tests.test_cli import EXIT_CLEAN, EXIT_USAGE, docrules, html, names

RULES = "rules.json"
OUTPUTS = {RULES: "--out", "report.json": "--report", "findings.sarif": "--sarif", "summary.md": "--markdown"}
TARGETS = [part for name, option in OUTPUTS.items() for part in (option, name)]
SECONDS = 60
ROUNDS = 20
SLOW = (0.03, 0.0)

Files = Mapping[str, bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages that differ in every output, in folders `old` and `new`."""
    for name, port in (("old", "User-defined range"), ("new", "70000")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(html(("TCP", port, "A", name), ("TCP", "443", f"{name} hosts", "HTTPS")))
    return tmp_path


def whole(folder: Path, docs: str) -> Files:
    """Return the files of a run that nothing disturbs."""
    docrules("run", docs, *TARGETS, "--no-cache", cwd=folder)
    found = {name: (folder / name).read_bytes() for name in OUTPUTS}
    for name in OUTPUTS:
        (folder / name).unlink()
    return found


def put(folder: Path, contents: Files) -> None:
    for name, data in contents.items():
        (folder / name).write_bytes(data)


def state(folder: Path, old: Files, new: Files) -> dict[str, str]:
    """Return output -> whether it is the old or the new one; every file must be one of the two."""
    found = {}
    for name in OUTPUTS:
        data = (folder / name).read_bytes()
        assert data in (old[name], new[name]), f"{name} is neither the old nor the new one"
        found[name] = "old" if data == old[name] else "new"
    return found


def seconds(folder: Path, arguments: Sequence[str]) -> float:
    """Return how long a run takes that has every file to write."""
    put(folder, dict.fromkeys(OUTPUTS, b"before"))
    shutil.rmtree(folder / "kept", ignore_errors=True)
    started = time.perf_counter()
    forked.start(*arguments, cwd=folder).join(SECONDS)
    return time.perf_counter() - started


def temporaries(folder: Path) -> list[str]:
    return [name for name in names(folder) if name not in (*OUTPUTS, "old", "new", "kept")]


def unexpected(folder: Path) -> None:
    pytest.fail(f"nobody else writes to {folder}")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder as a run does that is writing there."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


# --- killed -----------------------------------------------------------------------------------------------------------


def test_the_outputs_of_the_two_pages_differ_and_are_valid(folder: Path) -> None:
    old, new = whole(folder, "old"), whole(folder, "new")
    for name in OUTPUTS:
        assert old[name] != new[name]
    for contents in (old, new):
        schema.validate("rules", contents[RULES])
        schema.validate("report", contents["report.json"])


def test_a_run_that_is_killed_at_any_moment_of_writing_leaves_whole_files_and_the_next_run_removes_the_rest(folder: Path) -> None:
    old, new = whole(folder, "old"), whole(folder, "new")
    seen = set()
    code: int | None = -signal.SIGKILL
    moment = 0
    while code == -signal.SIGKILL:
        moment += 1
        put(folder, old)
        # The same for every run, so that moments have the same number in each.
        for name in temporaries(folder):
            (folder / name).unlink()
        put(folder, {f".{name}.ab12_xyz.docrules.tmp": b"half" for name in OUTPUTS})
        process = forked.start("run", "new", *TARGETS, "--no-cache", cwd=folder, die_at=moment)
        process.join(SECONDS)
        code = process.exitcode
        found = state(folder, old, new)
        seen.add(tuple(found.values()))
        # The rules are the last to be replaced: new rules never stand beside a report of an earlier run.
        assert found[RULES] == "old" or set(found.values()) == {"new"}
        # Those of the run before it, or its own.
        assert len(temporaries(folder)) <= len(OUTPUTS), moment
    assert code is not None and code >= 0
    assert moment > 150, "the moments were not those of writing"
    assert len(seen) == len(OUTPUTS) + 1, "every state between old and new is one that a run can be killed in"
    assert set(found.values()) == {"new"}
    assert temporaries(folder) == []


def test_a_run_that_is_killed_at_any_time_leaves_whole_files_and_a_cache_that_can_be_relied_on(folder: Path) -> None:
    old, new = whole(folder, "old"), whole(folder, "new")
    arguments = ("run", "new", *TARGETS, "--cache", "kept")
    # The first run has to wait for the fork server to start.
    duration = min(seconds(folder, arguments) for _ in range(3))
    generator = random.Random(7)
    killed = 0
    for _ in range(100):
        put(folder, old)
        shutil.rmtree(folder / "kept", ignore_errors=True)
        process = forked.start(*arguments, cwd=folder)
        time.sleep(generator.uniform(0, duration))
        process.kill()
        process.join(SECONDS)
        killed += process.exitcode == -signal.SIGKILL
        found = state(folder, old, new)
        assert found[RULES] == "old" or set(found.values()) == {"new"}
        assert len(temporaries(folder)) <= len(OUTPUTS)
    assert killed > 50
    put(folder, old)
    docrules(*arguments, cwd=folder)
    assert set(state(folder, old, new).values()) == {"new"}
    assert temporaries(folder) == []


def test_only_abandoned_files_of_the_same_target_are_removed(folder: Path) -> None:
    abandoned = [f".{RULES}.ab12_xyz.docrules.tmp", ".report.json.00000000.docrules.tmp"]
    others = [
        f".{RULES}.ab12_xyz.tmp",
        f".{RULES}.ab12.docrules.tmp",
        f"{RULES}.ab12_xyz.docrules.tmp",
        f".{RULES}.ab12_xyz.docrules.tmp.txt",
        ".other.json.ab12_xyz.docrules.tmp",
        ".rules-json.ab12_xyz.docrules.tmp",
    ]
    for name in (*abandoned, *others):
        (folder / name).write_text("")
    (folder / f".{RULES}.a_folder.docrules.tmp").mkdir()
    (folder / f".{RULES}.the_link.docrules.tmp").symlink_to("old")
    docrules("run", "new", "--report", "report.json", cwd=folder)
    left = [*others, f".{RULES}.a_folder.docrules.tmp", f".{RULES}.the_link.docrules.tmp"]
    assert temporaries(folder) == sorted(left)


def test_the_file_of_a_run_that_is_writing_is_not_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.1)
    held = folder / f".{RULES}.ab12_xyz.docrules.tmp"
    held.write_text("half")
    with locked(folder):
        assert docrules("run", "new", cwd=folder).code == EXIT_USAGE
        assert held.exists()


# --- two at once ------------------------------------------------------------------------------------------------------


def test_of_two_runs_at_once_one_leaves_all_of_its_files(folder: Path) -> None:
    old, new = whole(folder, "old"), whole(folder, "new")
    winners = set()
    for number in range(ROUNDS):
        pages = ("old", "new") if number % 2 else ("new", "old")
        # Different from both, so that both have every file to replace.
        put(folder, dict.fromkeys(OUTPUTS, b"before"))
        # The first is so slow that the second, without a lock, would replace its files while the first is at it.
        processes = [
            forked.start("run", page, *TARGETS, "--no-cache", "--accept-shrink", "a race", cwd=folder, slow=slow)
            for page, slow in zip(pages, SLOW, strict=True)
        ]
        for process in processes:
            process.join(SECONDS)
            assert process.exitcode is not None and process.exitcode >= 0
        found = set(state(folder, old, new).values())
        assert len(found) == 1, "files of both runs"
        winners |= found
        assert temporaries(folder) == []
    assert winners == {"old", "new"}


def test_a_run_waits_for_one_that_is_writing_and_says_so(folder: Path) -> None:
    # Outputs in two folders, of which the other run holds the second: what it has locked by then is no obstacle.
    (folder / "kept").mkdir()
    with locked(folder):
        process = forked.start("run", "new", "--report", "kept/report.json", "--no-cache", cwd=folder)
        time.sleep(0.3)
        assert process.is_alive()
        assert (names(folder / "kept"), temporaries(folder)) == ([], [])
        assert not (folder / RULES).exists()
    process.join(SECONDS)
    assert (folder / RULES).exists()
    assert (folder / "kept" / "report.json").exists()


def test_a_run_that_waits_too_long_is_refused_and_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.1)
    (folder / RULES).write_text("old")
    with locked(folder):
        result = docrules("run", "new", cwd=folder)
    assert result.code == EXIT_USAGE
    assert result.err.splitlines() == [
        f"waiting for another run that is writing to {folder}",
        f"error: another run is writing to {folder}; wait for it, or name other files",
    ]
    assert (folder / RULES).read_text() == "old"
    assert temporaries(folder) == []


def test_quiet_waits_in_silence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.1)
    with locked(folder):
        result = docrules("run", "new", "--quiet", cwd=folder)
    assert result.err.splitlines()[:1] == [f"error: another run is writing to {folder}; wait for it, or name other files"]


def test_a_run_that_writes_elsewhere_or_no_file_does_not_wait(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.0)
    (folder / "kept").mkdir()
    with locked(folder), locked(Path(os.devnull).parent):
        assert docrules("run", "old", "--out", "kept/rules.json", cwd=folder).code == EXIT_CLEAN
        assert docrules("run", "old", "--out", os.devnull, cwd=folder).code == EXIT_CLEAN
        assert docrules("run", "old", "--out", "-", cwd=folder).code == EXIT_CLEAN


def test_one_folder_by_two_paths_is_locked_once(folder: Path) -> None:
    (folder / "link").symlink_to(folder, target_is_directory=True)
    with lock.hold([folder, folder / "link"], unexpected) as held:
        assert len(held) == 1


def test_the_lock_ends_with_its_block(folder: Path) -> None:
    for _ in range(2):
        with lock.hold([folder], unexpected) as held:
            assert held == {folder}


def test_a_folder_that_cannot_be_locked_is_written_to_all_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(descriptor: int, operation: int) -> None:
        # What network file systems say that have no locks.
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refused)
    abandoned = folder / f".{RULES}.ab12_xyz.docrules.tmp"
    abandoned.write_text("")
    with files.exclusive([folder / RULES], unexpected):
        files.write_all({folder / RULES: b"new"})
    assert (folder / RULES).read_bytes() == b"new"
    # It may belong to a run that is still writing.
    assert abandoned.exists()


def test_a_folder_that_is_gone_is_no_matter_of_the_lock(tmp_path: Path) -> None:
    with lock.hold([tmp_path / "missing"], unexpected) as held:
        assert held == frozenset()
