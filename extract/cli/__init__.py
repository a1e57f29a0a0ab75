"""The command line. Its commands parse arguments, call the pipeline, print, and choose the exit code; nothing else."""

from __future__ import annotations

from typing import NoReturn

from extract import memory


def main() -> NoReturn:
    """Run the command line; end with its exit code."""
    memory.own_process()
    from extract.cli import commands  # noqa: PLC0415 - what it imports makes more values than Python's thresholds are for

    commands.invoke()
