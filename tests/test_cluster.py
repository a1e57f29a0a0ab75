"""A cluster of Dask reads documents as one process does, and a document that ends its worker costs itself only."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import dask
import pytest

from extract import cluster
from extract.errors import DocrulesError, UsageError
from tests.test_cli import EXIT_USAGE, REPO, docrules

DOCS = REPO / "data" / "docs"
FATAL = 7


def squared(items: Sequence[int]) -> list[int]:
    """Square numbers, and end the process at one of them."""
    if FATAL in items:
        os.kill(os.getpid(), signal.SIGKILL)
    return [item * item for item in items]


def failing(items: Sequence[int]) -> list[int]:
    raise ZeroDivisionError(items[0])


@pytest.fixture(scope="module")
def runner() -> Iterator[cluster.Runner]:
    """Return what runs work on a cluster of two workers on this machine."""
    with cluster.connected(None, 2) as connected:
        yield connected


def test_each_item_is_done_once(runner: cluster.Runner) -> None:
    items = range(100, 1_000)
    assert sorted(runner(squared, items, lambda item: -item)) == [item * item for item in items]
    assert list(runner(squared, [], lambda item: -item)) == []


def test_an_item_that_ends_its_worker_costs_itself_only(runner: cluster.Runner) -> None:
    found = sorted(runner(squared, range(200), lambda item: -item))
    assert found == sorted([-FATAL, *(item * item for item in range(200) if item != FATAL)])


def test_a_failure_of_the_program_ends_the_run(runner: cluster.Runner) -> None:
    with pytest.raises(DocrulesError, match="the cluster failed: ZeroDivisionError"):
        list(runner(failing, [1], lambda item: item))


def test_a_scheduler_that_is_not_there_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_SECONDS", 1)
    with pytest.raises(UsageError, match="cannot be reached"), cluster.connected("tcp://127.0.0.1:9"):
        pass


def test_the_command_gives_the_same_bytes(tmp_path: Path) -> None:
    outputs = []
    for number, engine in enumerate(([], ["--engine", "dask", "--jobs", "2"])):
        rules, report = tmp_path / f"rules{number}.json", tmp_path / f"report{number}.json"
        result = docrules("run", DOCS, "--out", rules, "--report", report, "--no-cache", *engine, cwd=tmp_path)
        assert result.code == 0, result.err
        outputs.append((rules.read_bytes(), report.read_bytes()))
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scheduler", "tcp://x:1"), "--scheduler is for --engine dask"),
        (("--engine", "dask", "--scheduler", "tcp://x:1", "--jobs", "2"), "--jobs says how many workers this machine starts"),
        (("--engine", "spark"), "'spark' is not"),
    ],
)
def test_options_that_cannot_be_together(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = docrules("run", DOCS, "--out", "x.json", *options, cwd=tmp_path)
    assert result.code == EXIT_USAGE
    assert said in result.err


def test_workers_that_do_not_start_are_said_so() -> None:
    with (
        dask.config.set({"distributed.worker.preload": ["there_is_no_such_module"]}),
        pytest.raises(DocrulesError, match="the workers of this machine did not start"),
        cluster.connected(None, 1),
    ):
        pass
