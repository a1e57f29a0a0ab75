"""Measuring, each thing in a process of its own: `in_process` starts this module anew, which prints what it found as JSON.

Within a process the time is that of the processor, so that a neighbour on the machine counts for little. Whole processes are
measured by the clock, with the peak of their resident memory.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench import documents
from tests.bench.documents import REPO, Page
from tests.bench.readers import PIPELINE, READERS, Counts, Step

NEW_CELLS = f"{PIPELINE}-new-cells"


class BenchError(Exception):
    """A measurement that came to nothing."""


# --- in a process of its own ------------------------------------------------------------------------------------------


def first_pass(of: str, reader: str, rendered: str) -> dict[str, Any]:
    """Return what a process pays once: loading the libraries, and the first pass over all pages."""
    found = _pages_for(of, reader, rendered)
    started = time.process_time()
    try:
        step = READERS[reader].load()
    except ModuleNotFoundError as error:
        return {"missing": error.name}
    imports = time.process_time() - started
    seconds, counts = one_pass(step, found)
    return {"imports_ms": 1000 * imports, "cold_ms": 1000 * seconds, "peak_mib": _peak(), **counts._asdict()}


def rounds(of: str, readers: Sequence[str], rendered: str, repeat: int) -> dict[str, list[float]]:
    """Return the milliseconds of each reader in each round. The readers take turns, so that a slow moment of the machine meets all."""
    steps = {reader: READERS[reader].load() for reader in readers}
    inputs = {reader: _pages_for(of, reader, rendered) for reader in readers}
    for reader, step in steps.items():
        one_pass(step, inputs[reader])
    caches = list(cell_caches())
    times: dict[str, list[float]] = {reader: [] for reader in [*readers, NEW_CELLS]}
    for _ in range(repeat):
        for reader, step in steps.items():
            times[reader].append(1000 * one_pass(step, inputs[reader])[0])
        times[NEW_CELLS].append(1000 * one_pass(steps[PIPELINE], inputs[PIPELINE], caches)[0])
        one_pass(steps[PIPELINE], inputs[PIPELINE])
    return times


def folder_rounds(folder: str, repeat: int) -> dict[str, list[float]]:
    """Return the milliseconds of a bare parse of all files, of rendering those that are Markdown, and of the pipeline, by round."""
    files = sorted(file for file in Path(folder).rglob("page-*"))
    parse = READERS["lxml-parse"].load()
    extract_paths = importlib.import_module("extract").extract_paths
    rules_json = importlib.import_module("extract.publish.render").rules_json
    times: dict[str, list[float]] = {"cmarkgfm": [], "lxml-parse": [], PIPELINE: []}
    for _ in range(repeat):
        rendering, parsing = _bare_parse(files, parse)
        times["cmarkgfm"].append(1000 * rendering)
        times["lxml-parse"].append(1000 * parsing)
        for clear in cell_caches():
            clear()
        gc.collect()
        started = time.process_time()
        rules_json(extract_paths([folder]))
        times[PIPELINE].append(1000 * (time.process_time() - started))
    return times


def _bare_parse(files: Sequence[Path], parse: Step) -> tuple[float, float]:
    gc.collect()
    rendering = parsing = 0.0
    for file in files:
        start = time.process_time()
        page = Page(file.name, file.read_bytes(), documents.is_markdown(file))
        read = time.process_time()
        html = documents.as_html(page)
        made = time.process_time()
        parse(html)
        rendering += made - read
        parsing += time.process_time() - made + read - start
    return rendering, parsing


def rows(sizes: Sequence[int]) -> dict[str, float]:
    """Return the microseconds per row of one table with so many rows, cells not seen before. The first table of all is not counted."""
    long_pages = importlib.import_module("tests.bench.long_pages")  # not above: it loads what other tasks measure the loading of
    step = READERS[PIPELINE].load()
    # As the command line does. With Python's own thresholds, each row of a table of 100,000 costs a quarter more.
    gc.set_threshold(*importlib.import_module("extract.memory").GC_THRESHOLDS)
    step(Page("rules.html", long_pages.table_of_rules(100), False))
    caches = list(cell_caches())
    found = {}
    for size in sizes:
        page = Page("rules.html", long_pages.table_of_rules(size), False)
        # Three passes are cheap for a small table, and there the clock is least exact.
        best = min(one_pass(step, [page], caches)[0] for _ in range(3 if size <= 10_000 else 2))
        found[str(size)] = 1e6 * best / size
    return found


def _pages_for(of: str, reader: str, rendered: str) -> list[Page]:
    return documents.pages(of, Path(rendered) if READERS[reader].rendering else None)


def one_pass(step: Step, found: Sequence[Page], caches: Iterable[Callable[[], None]] = ()) -> tuple[float, Counts]:
    """Return the seconds that a step takes for all pages, and what it found in them."""
    for clear in caches:
        clear()
    gc.collect()
    total = Counts()
    started = time.process_time()
    for page in found:
        counts = step(page)
        total = Counts(total.tables + counts.tables, total.cells + counts.cells, total.rules + counts.rules)
    return time.process_time() - started, total


def cell_caches() -> Iterator[Callable[[], None]]:
    """Yield what empties each cache of bounded size in the package. Those without a bound hold the vocabulary."""
    seen = set()
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] == "extract":
            for value in vars(module).values():
                if hasattr(value, "cache_parameters") and value.cache_parameters()["maxsize"] and id(value) not in seen:
                    seen.add(id(value))
                    yield value.cache_clear


def _peak() -> float:
    """Return the peak of this process in MiB. On Linux ru_maxrss is at least what the parent had when it started this process."""
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024  # type: ignore[index]
    except (OSError, TypeError):
        return _mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _mib(maxrss: int) -> float:
    """Linux counts the peak resident size in KiB, macOS in bytes."""
    return maxrss / (1 << (20 if sys.platform == "darwin" else 10))


def whole(arguments: Sequence[str]) -> tuple[float, float]:
    """Return the seconds and the peak MiB of Python with those arguments. Findings may be errors: 1 is as good an exit code as 0.

    This must be called in a small process, because what it starts is said to have had at least the size of it; see `_peak`.
    """
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        assert child.stderr
        said = child.stderr.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if child.returncode not in (0, 1) or "Traceback" in said:
        raise BenchError(f"{' '.join(arguments)}: exit code {child.returncode}: {(said.strip().splitlines() or [''])[-1]}")
    return seconds, _mib(usage.ru_maxrss)


# --- starting processes -----------------------------------------------------------------------------------------------


def in_process(task: Callable[..., Any], **arguments: Any) -> Any:
    """Return what a function of this module returns in a fresh process."""
    command = [sys.executable, "-m", __name__, task.__name__, json.dumps(arguments)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        raise BenchError(f"{task.__name__}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return json.loads(done.stdout)


class Process(NamedTuple):
    """What a whole process took."""

    seconds: float
    peak_mib: float


def process(*arguments: str) -> Process:
    """Run Python with those arguments to its end."""
    return Process(*in_process(whole, arguments=arguments))


# What the script does that installing makes of the command `docrules`.
_COMMAND = "import re, sys; from extract.cli import main; sys.exit(main())"


def run(documents_at: Path, out: Path, jobs: int = 1) -> Process:
    """Run the program on documents, without what it keeps of earlier runs."""
    return process("-c", _COMMAND, "run", str(documents_at), "--out", str(out), "--no-cache", "--raw", "--quiet", "--jobs", str(jobs))


def _environment() -> dict[str, str]:
    """Python finds the checkout first, whatever is installed; no cache of the user is read, and modules are compiled once, as is usual."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "PYTHONPATH": str(REPO), "DOCRULES_CACHE": ""}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
