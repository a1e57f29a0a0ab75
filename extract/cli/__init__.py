"""The command line. Its commands parse arguments, call the pipeline, print, and choose the exit code; nothing else."""

from __future__ import annotations

import sys
from typing import NoReturn

from extract import memory

# 128 + SIGINT, as shells report it.
_EXIT_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line; end with its exit code."""
    memory.own_process()
    try:
        from extract.cli import commands  # noqa: PLC0415 - what it imports makes more values than Python's thresholds are for
    except KeyboardInterrupt:
        # To import it all takes long enough to press Ctrl-C.
        if sys.stderr is not None:
            sys.stderr.write("interrupted; nothing was written\n")
        sys.exit(_EXIT_INTERRUPTED)

    commands.invoke()
