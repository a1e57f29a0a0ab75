"""Where documents are read: by processes of this machine, or by the workers of a cluster."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager

from extract.api import Runner
from extract.errors import UsageError

PROCESSES = "processes"
ENGINES = (PROCESSES, "dask")


def opened(engine: str, scheduler: str | None, jobs: int | None) -> AbstractContextManager[Runner | None]:
    """Give what reads documents elsewhere, None for this machine alone. Raises UsageError as `cluster.connected` does."""
    if engine == PROCESSES:
        if scheduler is not None:
            raise UsageError("--scheduler is for --engine dask")
        return contextlib.nullcontext()
    if scheduler is not None and jobs is not None:
        raise UsageError("--jobs says how many workers this machine starts; those of --scheduler are there already")
    from extract import cluster  # noqa: PLC0415 - few runs need it

    return cluster.connected(scheduler, jobs)
