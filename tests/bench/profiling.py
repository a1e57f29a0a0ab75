"""Where the time goes: `make profile`, or `python -m tests.bench.profiling --help`.

Three views of the same passes over pages, caches of cells emptied before each, into a folder that git ignores:

    stages.txt        the stages by the clock of the processor, without a profiler that slows calls down
    profile.txt       functions by their own time and by that of all they call; pipeline.pstats is the same for other viewers
    flame.svg         a flame graph, when py-spy is installed and the machine lets it look at a process
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import io
import pstats
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from extract import pipeline
from extract.check.part import part_of
from extract.publish.render import rules_json
from extract.read import read
from tests.bench import documents
from tests.bench.documents import REPO, Page
from tests.bench.measure import cell_caches, one_pass
from tests.bench.readers import PIPELINE, READERS

STAGES = (
    "read",
    "interpret a page, read and check its rows",
    "pack",
    "put together",
    "write and validate",
)
_SHOWN = 40


def pages(folder: Path | None) -> list[Page]:
    """Return the pages of a folder, or all that are dense with rules."""
    if folder is None:
        return [page for name in documents.SETS for page in documents.pages(name)]
    files = sorted(file for file in folder.rglob("*.*") if file.is_file())
    return [Page(file.relative_to(folder).as_posix(), file.read_bytes(), documents.is_markdown(file)) for file in files]


def stages(found: Sequence[Page], passes: int, new_cells: bool) -> dict[str, float]:
    """Return the milliseconds of each stage, each the best of all passes."""
    best: dict[str, float] = {}
    for _ in range(passes):
        taken = _staged(found, list(cell_caches()) if new_cells else [])
        best = {stage: min(seconds * 1000, best.get(stage, seconds * 1000)) for stage, seconds in taken.items()}
    return best


def _staged(found: Sequence[Page], caches: Sequence[Callable[[], None]]) -> dict[str, float]:
    for clear in caches:
        clear()
    gc.collect()
    clock = time.process_time
    taken = dict.fromkeys(STAGES, 0.0)
    for page in found:
        moments = [clock()]
        opened = read(page.data, page.path, None, None)
        moments.append(clock())
        result = pipeline.read_page(opened)
        moments.append(clock())
        part = part_of(result)
        moments.append(clock())
        extraction = pipeline.assemble([part])
        moments.append(clock())
        rules_json(extraction)
        moments.append(clock())
        for stage, (before, after) in zip(STAGES, pairwise(moments), strict=True):
            taken[stage] += after - before
    return taken


def profile(found: Sequence[Page], passes: int) -> cProfile.Profile:
    """Return what the pipeline does in passes over pages."""
    step = READERS[PIPELINE].load()
    one_pass(step, found)
    caches = list(cell_caches())
    profiler = cProfile.Profile()
    for _ in range(passes):
        for clear in caches:
            clear()
        profiler.enable()
        for page in found:
            step(page)
        profiler.disable()
    return profiler


def summary(profiler: cProfile.Profile) -> str:
    """Return the functions that take the longest, their files relative to the checkout."""
    written = io.StringIO()
    found = pstats.Stats(profiler, stream=written)
    for order in ("tottime", "cumulative"):
        found.sort_stats(order).print_stats(_SHOWN)
    return written.getvalue().replace(f"{REPO}/", "")


def in_stages(found: Sequence[Page], passes: int) -> str:
    """Return a table of the stages, for cells that are known and for new ones."""
    columns = {"warm": stages(found, passes, False), "new cells": stages(found, passes, True)}
    lines = [f"{'ms per pass over ' + str(len(found)) + ' pages':40}" + "".join(f"{name:>12}{'':>7}" for name in columns)]
    for stage in STAGES:
        shares = ((taken[stage], 100 * taken[stage] / (sum(taken.values()) or 1)) for taken in columns.values())
        lines.append(f"{stage:40}" + "".join(f"{ms:12.1f}{share:5.0f} %" for ms, share in shares))
    return "\n".join(lines) + "\n"


def flame(folder: Path, arguments: Sequence[str]) -> str | None:
    """Draw the flame graph of a further process; return why there is none."""
    spy = Path(sys.executable).with_name("py-spy")
    if not spy.exists():
        return "py-spy is not installed"
    target = folder / "flame.svg"
    command = [str(spy), "record", "--rate", "500", "--output", str(target), "--"]
    command += [sys.executable, "-m", "tests.bench.profiling", *arguments, "--only-run"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode == 0 and target.exists():
        return None
    return f"py-spy: {(done.stderr.strip().splitlines() or ['failed'])[-1]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=REPO / "build/profile", metavar="FOLDER", help="where the files go (build/profile)")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="read these documents (all pages that the bench calls dense)")
    parser.add_argument("--passes", type=int, default=5, metavar="N", help="passes over the documents (%(default)s)")
    parser.add_argument("--only-run", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    found = pages(arguments.folder.resolve() if arguments.folder else None)
    step = READERS[PIPELINE].load()
    if arguments.only_run:
        for _ in range(arguments.passes):
            one_pass(step, found, list(cell_caches()))
        return
    one_pass(step, found)
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    table = in_stages(found, arguments.passes)
    (out / "stages.txt").write_text(table, "utf-8")
    profiler = profile(found, arguments.passes)
    profiler.dump_stats(out / "pipeline.pstats")
    (out / "profile.txt").write_text(summary(profiler), "utf-8")
    again = [*(["--folder", str(arguments.folder.resolve())] if arguments.folder else []), "--passes", str(arguments.passes)]
    problem = flame(out, again)
    print(table)
    print(f"More in {arguments.out}" + (f" (no flame graph: {problem})" if problem else ", with a flame graph"))


if __name__ == "__main__":
    main()
