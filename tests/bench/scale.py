"""A crawl through a cluster of this machine, with workers killed on the way: `python -m tests.bench.scale --pages 200000`.

Generated pages are written as web archives. One process reads them into partitions, and then a cluster of two workers, of which some are
killed. Both must write the same files. It takes about two minutes for 10,000 pages.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench import haystack
from tests.bench.documents import REPO

_ARCHIVE = 10_000
# Of 49,000 pages of real sites, so many tenths have a number in their name, and are scopes of their own.
_NUMBERED = 3
_LETTERS = str.maketrans("0123456789", "abcdefghij")
_KILLS = 2
_MIB = 1 << 20
# So many characters of what a run said last are printed when it fails.
_SAID = 2_000
# A process that has had so many MiB for so many seconds has started, and is at work: then it is killed, one after the other.
_AT_WORK = 60
_SECONDS = 10


class Took(NamedTuple):
    """Seconds by the clock, peak memory of the first process and of the largest of the others in MiB, and how many workers were killed."""

    seconds: float
    client_mib: float
    worker_mib: float
    killed: int


def write(folder: Path, pages: int) -> list[Path]:
    """Write generated pages as archives, each record in a gzip member of its own, as crawlers do."""
    found = []
    for first in range(0, pages, _ARCHIVE):
        path = folder / f"crawl-{first // _ARCHIVE:04}.warc.gz"
        with path.open("wb") as file:
            for number in range(first, min(first + _ARCHIVE, pages)):
                file.write(gzip.compress(_record(number), 1, mtime=0))
        found.append(path)
    return found


def _record(number: int) -> bytes:
    made = haystack.page(number)
    kind = "text/markdown" if made.path.endswith(".md") else "text/html"
    name = made.path if number % 10 < _NUMBERED else made.path.translate(_LETTERS)
    http = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {len(made.data)}\r\n\r\n".encode() + made.data
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
        f"WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: https://docs-{number % 97}.example/{name}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def run(archives: Sequence[Path], out: Path, options: Sequence[str], kills: int = 0) -> Took:
    """Run the command, look at its memory, and kill so many of its workers, one after the other."""
    command = [sys.executable, "-m", "extract", "run", *map(str, archives), "--out", f"{out}/", "--format", "jsonl"]
    started = time.monotonic()
    said = out.with_suffix(".log")
    with said.open("wb") as log:
        process = subprocess.Popen([*command, "--quiet", "--no-cache", *options], cwd=REPO, stderr=log)
    client = worker = 0.0
    killed = 0
    since: dict[int, float] = {}
    while process.poll() is None:
        time.sleep(0.5)
        now = time.monotonic()
        client = max(client, _resident(process.pid))
        others = sorted(((_resident(one), one) for one in _below(process.pid)), reverse=True)
        worker = max([worker, *(size for size, _ in others)])
        at_work = [one for size, one in others if size > _AT_WORK]
        since = {one: since.get(one, now) for one in at_work}
        if killed < kills and at_work and now - since[at_work[0]] > _SECONDS:
            with contextlib.suppress(ProcessLookupError):
                os.kill(at_work[0], signal.SIGKILL)
                killed += 1
                print(f"killed the process {at_work[0]}", flush=True)
            since = {}
    if process.returncode not in (0, 1):
        sys.exit(f"{said.read_text('utf-8')[-_SAID:]}\nthe run ended with {process.returncode}")
    return Took(time.monotonic() - started, client, worker, killed)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _below(pid: int) -> Iterator[int]:
    """Yield the processes that one has started, and those that they have."""
    # Any thread may have started one.
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for one in children.read_text("ascii").split():
                yield int(one)
                yield from _below(int(one))


def _resident(pid: int) -> float:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE") / _MIB
    return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=10_000, metavar="N", help="pages of the crawl (default: %(default)s)")
    pages = parser.parse_args().pages
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archives = write(folder, pages)
        size = sum(path.stat().st_size for path in archives)
        print(f"{pages:,} pages in {len(archives)} archives, {size / 1e6:.0f} MB packed")
        one = run(archives, folder / "one", ["--jobs", "1"])
        print(_line("one process", one, pages, 1))
        two = run(archives, folder / "two", ["--engine", "dask", "--jobs", "2"], _KILLS)
        print(_line(f"two workers of Dask, {two.killed} killed", two, pages, 2))
        written = {path.relative_to(folder / "one") for path in _files(folder / "one")}
        same = written == {path.relative_to(folder / "two") for path in _files(folder / "two")} and all(
            (folder / "one" / path).read_bytes() == (folder / "two" / path).read_bytes() for path in written
        )
        print(f"the same {len(written):,} files" if same else "OTHER FILES")
        sys.exit(0 if same else 1)


def _line(title: str, took: Took, pages: int, cores: int) -> str:
    speed = pages / took.seconds / cores
    memory = f"client {took.client_mib:.0f} MiB, largest worker {took.worker_mib:.0f} MiB"
    return f"{title}: {took.seconds:.0f} s, {speed:.0f} pages a second and core, {memory}"


if __name__ == "__main__":
    main()
