"""Work for several processes: each item once. If an item kills its process, only this item is lost.

If one process of a standard library pool dies, the whole pool is broken. So only as many items are sent as keep the processes busy. After
a failure, the unfinished items are done again one by one. An item that kills its process a second time is given up.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

from extract.errors import DocrulesError

Item = TypeVar("Item")
Made = TypeVar("Made")
Chunks = deque[Sequence[Item]]

# So many items make one call of a process: handing over costs 0.2 ms a call, a page that is parsed some 5 ms.
_CHUNK = 16
# So many calls are handed out for each process, one that runs and one that waits: a process is never idle, and results are not heaped up.
_AHEAD = 2


def run(
    work: Callable[[Sequence[Item]], list[Made]], items: Sequence[Item], processes: int, lost: Callable[[Item], Made]
) -> Generator[Made, None, None]:
    """Yield what `work` makes of some items, in no order, by so many processes; what `lost` makes of an item that ended its process.

    `work`, the items and the results must be such that `pickle` can carry them. The processes end with this one, however that ends.
    Raises DocrulesError when no process can be started at all.
    """
    size = max(1, min(_CHUNK, len(items) // (_AHEAD * processes)))
    chunks: Chunks[Item] = deque(items[start : start + size] for start in range(0, len(items), size))
    while chunks:
        suspects = yield from _until_broken(work, chunks, processes, _AHEAD * processes)
        alone: Chunks[Item] = deque([item] for chunk in suspects for item in chunk)
        while alone:
            # One process with one item. If the process ends, this item is the cause.
            for guilty in (yield from _until_broken(work, alone, 1, 1)):
                yield from map(lost, guilty)


def _until_broken(
    work: Callable[[Sequence[Item]], list[Made]], chunks: Chunks[Item], processes: int, ahead: int
) -> Generator[Made, None, list[Sequence[Item]]]:
    """Take chunks and yield what is made of them; return those that were under way when a process died, none when all are done."""
    context = get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(reader,))
    under_way: dict[Future[list[Made]], Sequence[Item]] = {}
    try:
        _start(pool)
        while chunks or under_way:
            while chunks and len(under_way) < ahead:
                with _interrupts_held():
                    under_way[pool.submit(work, chunks[0])] = chunks[0]
                chunks.popleft()
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                made = done.result()
                del under_way[done]
                yield from made
    except BrokenProcessPool:
        return list(under_way.values())
    except BaseException:
        # After an interrupt, or if the caller stops, the processes end at once.
        writer.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        writer.close()
        reader.close()
    return []


def _start(pool: ProcessPoolExecutor) -> None:
    try:
        with _interrupts_held():
            ready = pool.submit(os.getpid)
        ready.result()
    except BrokenProcessPool as error:
        hint = 'memory ran out, or the script that asked for them lacks `if __name__ == "__main__":`; try one job'
        raise DocrulesError(f"a process that reads documents ended at once: {hint}") from error


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold interrupts back while processes are started, which inherit that and keep it: an interrupt from the terminal reaches all
    processes, and only this one has to act on it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: Connection) -> None:
    """Prepare a process: it ends with the one that started it."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection) -> None:
    """Wait until the other end of a pipe is closed, which the system does for a process that is killed, too."""
    try:
        parent.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)
