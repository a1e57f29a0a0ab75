"""Runs of the command line in processes that are forked from one which has loaded everything: a run takes milliseconds, not a second.

The fork server imports this module once; only then it is warm.
"""

from __future__ import annotations

import inspect
import io
import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

from extract import extract_text
from extract.cli import main
from extract.publish import files, render

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])
_WARM = "<h1>Inbound rules for A Security Group</h1><table><tr><th>Protocol<th>Port<th>Source<tr><td>TCP<td>443<td>B</table>"

# Calls that only look change nothing, so being killed before or after one of them is the same.
_LOOKS = frozenset({"fspath", "fstat", "lstat", "readlink", "stat"})

# Vocabulary and schemas are loaded by the first use.
render.rules_json(extract_text(_WARM))
render.report_json(extract_text(_WARM))


def start(*args: str | Path, cwd: Path, die_at: int = 0, slow: float = 0) -> BaseProcess:
    """Start the command line. It is killed (SIGKILL) at the given moment of writing; replacing a file takes `slow` seconds more.

    Moments are counted from 1, when the program begins to write: right before and right after each call of the operating system that
    may change something.
    """
    process = _CONTEXT.Process(target=_run, args=([*map(str, args)], str(cwd), die_at, slow))
    process.start()
    return process


def _run(args: list[str], cwd: str, die_at: int, slow: float) -> None:
    os.chdir(cwd)
    sys.argv = ["docrules", *args]
    sys.stdout = io.TextIOWrapper(io.BytesIO())
    sys.stderr = io.TextIOWrapper(io.BytesIO())
    if die_at:
        _arm(die_at)
    if slow:
        _slow_down(slow)
    main()


def _arm(die_at: int) -> None:
    moments = 0
    writing = inspect.unwrap(files.exclusive).__code__

    def follow(frame: FrameType, event: str, function: Any) -> None:
        nonlocal moments
        if not moments and event == "call" and frame.f_code is writing:
            moments = 1
        if moments and event in ("c_call", "c_return") and _is_call_of_the_system(function):
            if moments == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            moments += 1

    sys.setprofile(follow)


def _is_call_of_the_system(function: Any) -> bool:
    if function.__name__ in _LOOKS:
        return False
    return function.__module__ in ("posix", "fcntl") or isinstance(function.__self__, io.IOBase)


def _slow_down(seconds: float) -> None:
    def follow(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename":
            time.sleep(seconds)

    sys.addaudithook(follow)
