"""The program on a terminal, which it asks for colours, width and a progress bar."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# Longer than any call takes; a call that hangs must not hang the tests.
SECONDS = 60


def on_terminal(*arguments: str, cwd: Path, environment: Mapping[str, str] | None = None, code: int = 0, errors: bool = False) -> bytes:
    """Return what a command prints on a terminal that takes its standard output, or its standard error; line ends are line feeds.

    COLUMNS and NO_COLOR are taken from `environment` alone. AssertionError when the command ends with another exit code.
    """
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    stdout, stderr = (subprocess.DEVNULL, theirs) if errors else (theirs, None)
    command = [sys.executable, "-m", "extract", *arguments]
    with subprocess.Popen(command, cwd=cwd, env={**inherited, **(environment or {})}, stdout=stdout, stderr=stderr) as process:
        os.close(theirs)
        printed = b""
        while chunk := _read(ours):
            printed += chunk
        assert process.wait(SECONDS) == code
    os.close(ours)
    return printed.replace(b"\r\n", b"\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # how Linux says that the other end is closed
        return b""
