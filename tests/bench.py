"""How long the pages of this repository take, and what is left to gain: `make bench`, or `python tests/bench.py --help`.

Every series runs in a process of its own, on the same bytes, read before the clock starts. Markdown has to become HTML before an
HTML parser can read it; that time is measured by itself and added to every series but the pipeline's, which renders on its own.

    imports   loading the libraries, once per process
    cold      the first pass of a fresh process over all pages, the best of three processes
    warm      the best of N further passes, for the pipeline with the cells of these very pages in its caches
    new cells the best of N passes with the caches of cells emptied before each: a process that has run for a while meets new pages

Memory is the peak resident size of the process; `after imports` is what of it was there before the first page.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).resolve().parent.parent
FOLDERS = {"data/docs": "**/*.*", "tests/pages": "**/page.*", "../shared/corpus/dev": "**/page.*"}
FRESH = 3
MARKDOWN = frozenset({".md", ".mdx", ".markdown"})


class Page(NamedTuple):
    path: str
    data: bytes
    markdown: bool


class Counts(NamedTuple):
    tables: int
    cells: int
    rules: int | None = None


Step = Callable[[Page], Counts]
"""What a series does with one page."""


def pages() -> list[Page]:
    found = []
    for folder, pattern in FOLDERS.items():
        for file in sorted((REPO / folder).glob(pattern)):
            if file.is_file():
                path = f"{folder.removeprefix('../')}/{file.relative_to(REPO / folder).as_posix()}"
                found.append(Page(path, file.read_bytes(), file.suffix.lower() in MARKDOWN))
    return found


# --- the series -------------------------------------------------------------------------------------------------------


def render(data: bytes) -> str:
    cmarkgfm = importlib.import_module("cmarkgfm")
    options = importlib.import_module("cmarkgfm.cmark").Options.CMARK_OPT_UNSAFE
    html: str = cmarkgfm.github_flavored_markdown_to_html(data.decode("utf-8", "replace"), options=options)
    return html


def rendering() -> Step:
    """Markdown to HTML by cmarkgfm, as every series but the pipeline needs it; HTML pages pass through."""
    render(b"")

    def step(page: Page) -> Counts:
        if page.markdown:
            render(page.data)
        return Counts(0, 0)

    return step


def lxml_parse() -> Step:
    """Parse with lxml, and nothing else."""
    etree = importlib.import_module("lxml.etree")

    def step(page: Page) -> Counts:
        root = etree.fromstring(page.data, etree.HTMLParser(encoding="utf-8", huge_tree=True))
        # Counted on the way out, so that a parser which does nothing would show.
        return Counts(sum(1 for _ in root.iter("table")) if root is not None else 0, 0)

    return step


def lxml_cells() -> Step:
    """Parse with lxml and take the text of every cell."""
    etree = importlib.import_module("lxml.etree")

    def step(page: Page) -> Counts:
        root = etree.fromstring(page.data, etree.HTMLParser(encoding="utf-8", huge_tree=True))
        if root is None:
            return Counts(0, 0)
        texts = ["".join(cell.itertext()).strip() for cell in root.iter("td", "th")]
        return Counts(sum(1 for _ in root.iter("table")), len(texts))

    return step


def pandas_tables() -> Step:
    """pandas.read_html with lxml."""
    pandas = importlib.import_module("pandas")
    importlib.import_module("lxml.html")

    def step(page: Page) -> Counts:
        try:
            frames = pandas.read_html(io.BytesIO(page.data), flavor="lxml", encoding="utf-8")
        except ValueError:  # how it says that there are no tables
            return Counts(0, 0)
        return Counts(len(frames), sum(int(frame.size) for frame in frames))

    return step


def soup_cells() -> Step:
    """BeautifulSoup on lxml, and the text of every cell."""
    soup = importlib.import_module("bs4").BeautifulSoup
    importlib.import_module("lxml.html")

    def step(page: Page) -> Counts:
        tree = soup(page.data, "lxml", from_encoding="utf-8")
        texts = [cell.get_text(strip=True) for cell in tree.find_all(["td", "th"])]
        return Counts(len(tree.find_all("table")), len(texts))

    return step


def pipeline() -> Step:
    """This project: decode, render, read, interpret, normalize, check, one document at a time."""
    extract_text = importlib.import_module("extract").extract_text

    def step(page: Page) -> Counts:
        extraction = extract_text(page.data, path=page.path)
        return Counts(extraction.summary.tables, 0, len(extraction.rules) + len(extraction.unresolved))

    return step


SERIES: dict[str, tuple[str, Callable[[], Step]]] = {
    "rendering": ("Markdown to HTML (cmarkgfm)", rendering),
    "lxml-parse": ("lxml, parse only", lxml_parse),
    "lxml-cells": ("lxml, parse and cells", lxml_cells),
    "pipeline": ("this pipeline", pipeline),
    "pandas": ("pandas.read_html", pandas_tables),
    "beautifulsoup": ("BeautifulSoup on lxml, cells", soup_cells),
}
REFERENCE = "lxml-cells"
ALREADY_HTML = frozenset({"lxml-parse", "lxml-cells", "pandas", "beautifulsoup"})
"""The series that get the rendered pages, and the time of rendering on top."""


# --- measuring, in a process of its own -------------------------------------------------------------------------------


def measure(name: str, repeat: int) -> dict[str, Any]:
    found = rendered(pages()) if name in ALREADY_HTML else pages()
    started = time.perf_counter()
    step = SERIES[name][1]()
    imports = time.perf_counter() - started
    imported = peak()
    cold, counts = one_pass(step, found)
    after_cold = peak()
    result = {
        "imports_ms": imports * 1000,
        "cold_ms": cold * 1000,
        "peak_mib": after_cold,
        "after_imports_mib": imported,
        **counts._asdict(),
    }
    if not repeat:
        return result
    result["warm_ms"] = 1000 * min(one_pass(step, found)[0] for _ in range(repeat))
    caches = list(cell_caches())
    if caches:
        result["new_cells_ms"] = 1000 * min(one_pass(step, found, caches)[0] for _ in range(repeat))
    return result


def rendered(found: Sequence[Page]) -> list[Page]:
    """Return the pages as an HTML parser gets them. Another process renders, so that this one's memory is the parser's own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return list(pool.map(as_html, found))


def as_html(page: Page) -> Page:
    if not page.markdown:
        return page
    return page._replace(data=render(page.data).encode())


def one_pass(step: Step, found: Sequence[Page], caches: Iterable[Callable[[], None]] = ()) -> tuple[float, Counts]:
    for clear in caches:
        clear()
    gc.collect()
    tables = cells = 0
    rules: int | None = None
    started = time.perf_counter()
    for page in found:
        counts = step(page)
        tables, cells = tables + counts.tables, cells + counts.cells
        if counts.rules is not None:
            rules = (rules or 0) + counts.rules
    return time.perf_counter() - started, Counts(tables, cells, rules)


def cell_caches() -> Iterator[Callable[[], None]]:
    """Yield what empties each cache of bounded size in the package. Those without a bound hold the vocabulary."""
    seen = set()
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] == "extract":
            for value in vars(module).values():
                if hasattr(value, "cache_parameters") and value.cache_parameters()["maxsize"] and id(value) not in seen:
                    seen.add(id(value))
                    yield value.cache_clear


def peak() -> float:
    """Return the peak resident size of this process in MiB. Linux counts it in KiB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


# --- reporting --------------------------------------------------------------------------------------------------------


def series(name: str, repeat: int) -> dict[str, Any]:
    """Return the numbers of one series; what happens once in a process is measured in three."""
    found = in_fresh_process(name, repeat)
    if "error" not in found:
        again = [in_fresh_process(name, 0) for _ in range(FRESH - 1)]
        for key in ("imports_ms", "cold_ms"):
            found[key] = min([found[key], *(one[key] for one in again if key in one)])
    return found


def in_fresh_process(name: str, repeat: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--series", name, "--repeat", str(repeat)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["failed"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


COLUMNS = ("cold ms", "warm ms", "new cells ms", "ratio", "imports ms", "peak MiB", "after imports", "tables", "cells", "rules")


def report(results: dict[str, dict[str, Any]]) -> Iterator[str]:
    extra = results["rendering"]
    reference = results[REFERENCE].get("warm_ms", 0) + extra.get("warm_ms", 0)
    yield " " * 30 + "".join(f"{column:>{len(column) + 2}}" for column in COLUMNS)
    for name, (title, _) in SERIES.items():
        found = results[name]
        if "error" in found:
            yield f"{title:30}  not measured: {found['error']}"
            continue
        added = extra if name in ALREADY_HTML else {}
        warm = found["warm_ms"] + added.get("warm_ms", 0)
        values = (
            f"{found['cold_ms'] + added.get('cold_ms', 0):.1f}",
            f"{warm:.1f}",
            f"{found['new_cells_ms']:.1f}" if "new_cells_ms" in found else "",
            f"{warm / reference:.2f}" if reference and name != "rendering" else "",
            f"{found['imports_ms']:.0f}",
            f"{found['peak_mib']:.1f}",
            f"{found['after_imports_mib']:.1f}",
            *("" if found[key] in (None, 0) else str(found[key]) for key in ("tables", "cells", "rules")),
        )
        yield f"{title:30}" + "".join(f"{value:>{len(column) + 2}}" for value, column in zip(values, COLUMNS, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="passes of which the best counts (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there as well")
    parser.add_argument("--series", choices=SERIES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.series:
        print(json.dumps(measure(arguments.series, arguments.repeat)))
        return
    if arguments.repeat < 1:
        parser.error("--repeat needs at least 1")
    found = pages()
    kilobytes = sum(len(page.data) for page in found) / 1000
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    results = {name: series(name, arguments.repeat) for name in SERIES}
    print(f"{len(found)} pages, {sum(page.markdown for page in found)} of them Markdown, {kilobytes:.0f} kB; best of {arguments.repeat}")
    print(f"{machine['cores']} cores, one used; Python {machine['python']}\n")
    print("\n".join(report(results)))
    print(
        "\nTimes are for one pass over all pages. Rendering Markdown is in each of them: added to the parsers, done by the pipeline itself."
    )
    print("ratio: warm, to lxml with cells. cells: of a pandas frame every slot, spanned ones too. rules: unresolved ones included.")
    if arguments.json:
        data = {
            "pages": len(found),
            "bytes": sum(len(page.data) for page in found),
            "repeat": arguments.repeat,
            **machine,
            "series": results,
        }
        arguments.json.write_text(json.dumps(data, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
