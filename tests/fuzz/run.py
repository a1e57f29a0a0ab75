"""Cases read in processes of their own. A page that kills its process, takes too long or too much memory costs that page alone."""

from __future__ import annotations

import contextlib
import multiprocessing
import re
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal, NamedTuple

from tests.fuzz import mutate, readings

# What a process starts with is its own: neither the parent's memory nor its libraries.
_CONTEXT = multiprocessing.get_context("spawn")

Outcome = Literal["read", "said", "error", "defect", "memory", "differs", "timeout", "died", "skipped"]
"""read: without complaint; said: the reading compares, and found a difference; error: it raised an exception; defect: it reported one
itself; memory: it ran out of what it may have; differs: the second time it read something else; timeout: it was still at it when its time
was up; died: its process ended; skipped: the reading says that it cannot do such a page."""
FINE = frozenset({"read", "said", "skipped"})


PLAIN = b"<table><tr><th>Port<th>Source<tr><td>TCP 443<td>any</table>"
"""What every process reads first, uncounted."""


_PATIENCE = 10


class FuzzError(Exception):
    """Nothing can be read at all."""


class Limits(NamedTuple):
    seconds: float = 20.0
    """Of the processor, for all that is done with one page; by the clock it may be ten times that, as on a busy machine."""
    mebibytes: int = 1024
    """Of address space, beyond what the process has when it starts."""


class Read(NamedTuple):
    """What became of one case."""

    number: int
    outcome: Outcome
    said: str
    """What the reading found or raised."""
    seconds: float = 0.0
    """Of the processor."""
    peak_mib: float = 0.0
    """What the process grew by for this page; 0 where the system does not say."""
    resident_mib: float = 0.0
    """What the process has afterwards: it grows from case to case where memory is lost."""


def run(name: str, numbers: range, seed: int, limits: Limits, jobs: int = 1, passes: int = 2) -> Iterator[Read]:
    """Yield what becomes of each case, in the order in which they are done. `name` is one of `readings.READINGS` or module:function."""
    waiting = iter(numbers)
    workers = [_Worker(name, seed, limits, passes) for _ in range(max(1, min(jobs, len(numbers))))]
    try:
        busy = [worker for worker in workers if worker.begin(next(waiting, None))]
        while busy:
            wait([worker.pipe for worker in busy], timeout=max(min(worker.due for worker in busy) - time.monotonic(), 0))
            for worker in list(busy):
                done = worker.end()
                if done is not None:
                    yield done
                    if not worker.begin(next(waiting, None)):
                        busy.remove(worker)
    finally:
        for worker in workers:
            worker.stop()


class _Worker:
    """A process that reads one case after the other, and another one when that dies or hangs."""

    def __init__(self, name: str, seed: int, limits: Limits, passes: int) -> None:
        self._arguments = (name, seed, limits, passes)
        self.pipe: Connection
        self.due = 0.0
        self._process: BaseProcess | None = None
        self._number = 0

    def begin(self, number: int | None) -> bool:
        """Hand over the next case, if there is one."""
        if number is None:
            return False
        if self._process is None:
            self._start()
        self._number = number
        self.due = time.monotonic() + _PATIENCE * self._arguments[2].seconds
        self.pipe.send(number)
        return True

    def end(self) -> Read | None:
        """Return what became of the case; None when the process is still at it, and has time left."""
        # Asked now: while another process was started anew, this one may have come to its end.
        if self.pipe.poll():
            try:
                read: Read = self.pipe.recv()
                return read
            except (EOFError, OSError):
                code = self.stop()
                return self._late() if code == -signal.SIGPROF else Read(self._number, "died", f"exit code {code}")
        if time.monotonic() < self.due:
            return None
        self.stop()
        return self._late()

    def _late(self) -> Read:
        return Read(self._number, "timeout", f"more than {self._arguments[2].seconds:g} s")

    def stop(self) -> int | None:
        """End the process, and return its exit code: negative for a signal."""
        if self._process is None:
            return None
        # One that died has its own exit code, which it may take a moment to get.
        self.pipe.close()
        self._process.join(1 if self.due > time.monotonic() else 0)
        self._process.kill()
        self._process.join()
        code = self._process.exitcode
        self._process = None
        return code

    def _start(self) -> None:
        self.pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(theirs, *self._arguments), daemon=True)
        self._process.start()
        theirs.close()
        # Loading the libraries is not the time of a page.
        try:
            self.pipe.recv()
        except EOFError:
            raise FuzzError(f"{self._arguments[0]} cannot be loaded, or a plain page ends its process") from None


# --- in the process -----------------------------------------------------------------------------------------------------


def _work(pipe: Connection, name: str, seed: int, limits: Limits, passes: int) -> None:
    reading = readings.load(name)
    mutate.case(0, seed)
    _warm(reading)
    _limit(limits.mebibytes)
    pipe.send(None)
    # It ends the process, wherever that is: a library that does not come back lets no handler of Python run.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with contextlib.suppress(EOFError):
        while True:
            case = mutate.case(pipe.recv(), seed)
            signal.setitimer(signal.ITIMER_PROF, limits.seconds)
            read = _read(reading, case, passes)
            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send(read)


def _warm(reading: readings.Reading) -> None:
    """Load what is loaded by the first page."""
    for path in ("page.html", "page.md"):
        with contextlib.suppress(Exception):
            reading(PLAIN, path)


def _read(reading: readings.Reading, case: mutate.Case, passes: int) -> Read:
    before = _start_peak()
    started = time.process_time()
    outcome, said = _outcome(reading, case, passes)
    seconds = time.process_time() - started
    peak, resident = _status("VmHWM"), _status("VmRSS")
    return Read(case.number, outcome, said, seconds, max(peak - before, 0.0), resident)


def _outcome(reading: readings.Reading, case: mutate.Case, passes: int) -> tuple[Outcome, str]:
    try:
        said = reading(case.data, case.path)
        for _ in range(passes - 1):
            if reading(case.data, case.path) != said:
                return "differs", "read twice, it is not the same"
    except readings.DifferenceError as difference:
        return "said", str(difference)
    except readings.SkippedError as skipped:
        return "skipped", str(skipped)
    except readings.DefectError as defect:
        return "defect", str(defect)
    except MemoryError:
        return "memory", "MemoryError"
    except Exception as error:  # noqa: BLE001 - which one a broken page raises is what is asked
        return "error", f"{type(error).__name__}: {error}"[:500]
    return "read", ""


def _limit(mebibytes: int) -> None:
    """Limit the address space of this process, where the system can: to what it has, and so much more."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        most = int(_status("VmSize") + mebibytes) << 20
        if most > mebibytes << 20:
            resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _start_peak() -> float:
    """Let the peak of this process be what it has now, and return that."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    return _status("VmHWM")


def _status(key: str) -> float:
    """Return a size of this process in MiB, 0 where the system does not say."""
    with contextlib.suppress(OSError):
        found = re.search(rf"^{key}:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii", "replace"), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0
