"""The command line. Its commands parse arguments, call the pipeline, print, and choose the exit code; nothing else."""

from __future__ import annotations

import atexit
import gc
from typing import NoReturn

# A run makes millions of values and keeps most of them; with Python's own thresholds, looking for cycles among them takes a third of
# its time. One over a small page makes 55,500: to look at half of them once took 4 ms of its 120.
GC_THRESHOLDS = (75_000, 50, 50)


def main() -> NoReturn:
    """Run the command line; end with its exit code."""
    gc.set_threshold(*GC_THRESHOLDS)
    # On exit Python looks for cycles among all that is left, 5 ms for the modules alone. The system takes it back anyway.
    atexit.register(gc.freeze)
    from extract.cli import commands  # noqa: PLC0415 - what it imports makes more values than Python's thresholds are for

    commands.invoke()
