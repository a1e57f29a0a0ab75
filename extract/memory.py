"""What the program does about memory in its own process alone. A program that embeds it keeps its collector as it is."""

from __future__ import annotations

import atexit
import gc

# A run makes millions of values and keeps most of them; with Python's own thresholds, looking for cycles among them takes a third of
# its time. One over a small page makes 55,500: to look at half of them once took 4 ms of its 120.
GC_THRESHOLDS = (75_000, 50, 50)

_own: list[bool] = []


def own_process() -> None:
    """Say that this process is the program's own."""
    _own.append(True)
    gc.set_threshold(*GC_THRESHOLDS)
    # On exit Python looks for cycles among all that is left, 5 ms for the modules alone. The system takes it back anyway.
    atexit.register(gc.freeze)


def give_back() -> None:
    """Give back the memory that Python keeps for values to come, in the program's own process.

    Only a collection of all objects does so; of those that are frozen it looks at none, so that it takes the same time however many there
    are. Measured over 10,000 pages: nearly half of what they take more than 1,000 do.
    """
    if _own:
        gc.freeze()
        gc.collect()
        gc.unfreeze()
