"""Work for a Dask cluster: each item once. If an item kills its worker, only this item is lost.

Dask starts the workers, moves data, and continues if a worker dies. This module decides which items to send: enough that no worker is
idle, but not so many that results pile up. If a worker dies, its items are sent again one by one.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from extract import cache
from extract.errors import DocrulesError, UsageError

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

Item = TypeVar("Item")
Made = TypeVar("Made")

Runner = Callable[[Callable[[Sequence[Any]], list[Any]], Sequence[Any], Callable[[Any], Any]], Iterator[Any]]
"""Takes work for some items, items, and what an item gives whose worker died; yields what is made of items, in no order."""

# The number of items in a task. A task costs Dask a millisecond, a page some 2 to 20.
_CHUNK = 32
# So many tasks are handed out for each thread of a worker: one that runs and those that wait.
_AHEAD = 3
_SECONDS = 30


@contextmanager
def connected(scheduler: str | None, workers: int | None = None) -> Iterator[Runner]:
    """Give what runs work on the cluster of a scheduler (`tcp://…`), or on one of this machine that ends with the context.

    `workers` is the number of processes of the latter, None for one a core. Raises UsageError where Dask is not installed, and where the
    cluster cannot be reached or runs another version of this program; DocrulesError where that of this machine cannot be started.
    """
    try:
        import dask  # noqa: PLC0415 - an extra, and it takes half a second to import
        import distributed  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError("--engine dask needs Dask: pip install 'docrules[dask]'") from error
    # A task whose worker died is tried again here, by parts.
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        if scheduler is None:
            with _started(distributed.LocalCluster, workers) as local, distributed.Client(local) as client:
                yield partial(_run, client)
        else:
            with _reached(distributed.Client, scheduler) as client:
                _check(client, scheduler)
                yield partial(_run, client)


def _reached(client: type[Client], scheduler: str) -> Client:
    try:
        return client(scheduler, timeout=_SECONDS)
    except (OSError, ValueError) as error:
        raise UsageError(f"the scheduler {scheduler} cannot be reached: {error}") from error


def _started(cluster: Callable[..., LocalCluster], workers: int | None) -> LocalCluster:
    try:
        return cluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL)
    except (RuntimeError, OSError) as error:
        # One that is ended while it starts, by the system or by a person, ends the start of all.
        raise DocrulesError(f"the workers of this machine did not start: {error}; call it again, or without --engine") from error


def _check(client: Client, scheduler: str) -> None:
    """Raise UsageError where the workers of a cluster are not there, or would read pages otherwise than this program does."""
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
        programs = set(client.run(cache.program).values())
    except TimeoutError as error:
        raise UsageError(f"no worker is connected to {scheduler}") from error
    except Exception as error:
        raise UsageError(f"the workers of {scheduler} cannot run docrules: {type(error).__name__}: {error}") from error
    if programs != {cache.program()}:
        raise UsageError(f"the workers of {scheduler} have another version of docrules; install the same one there")


def _run(
    client: Client, work: Callable[[Sequence[Item]], list[Made]], items: Sequence[Item], lost: Callable[[Item], Made]
) -> Iterator[Made]:
    """Yield what `work` makes of items on a cluster, in no order, and what `lost` makes of an item that ended its worker by itself."""
    threads = max(sum(client.nthreads().values()), 1)
    size = max(1, min(_CHUNK, len(items) // (_AHEAD * threads)))
    chunks = (items[start : start + size] for start in range(0, len(items), size))
    suspects: list[Item] = []
    yield from _done(client, work, chunks, _AHEAD * threads, suspects.extend)
    # Only one task runs. If its worker dies, this item is the cause.
    guilty: list[Item] = []
    yield from _done(client, work, ([item] for item in suspects), 1, guilty.extend)
    yield from map(lost, guilty)


def _done(
    client: Client,
    work: Callable[[Sequence[Item]], list[Made]],
    chunks: Iterator[Sequence[Item]],
    ahead: int,
    died: Callable[[Sequence[Item]], None],
) -> Iterator[Made]:
    """Yield what is made of chunks, `ahead` of them under way. `died` gets all chunks of a worker that died."""
    from distributed import KilledWorker, as_completed  # noqa: PLC0415

    under_way: dict[Future[Any], Sequence[Item]] = {}
    done = as_completed()

    def hand_out() -> None:
        for chunk in itertools.islice(chunks, ahead - len(under_way)):
            future = client.submit(work, chunk, pure=False)
            under_way[future] = chunk
            done.add(future)

    hand_out()
    while under_way:
        future = next(done)
        chunk = under_way.pop(future)
        error = future.exception()
        if error is None:
            yield from future.result()
        elif isinstance(error, KilledWorker):
            died(chunk)
        else:
            raise DocrulesError(f"the cluster failed: {type(error).__name__}: {error}") from error
        future.release()
        hand_out()
