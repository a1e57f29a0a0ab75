"""What `make bench` measures, section by section."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench import documents, haystack, long_pages, measure, sites
from tests.bench.measure import NEW_CELLS, in_process
from tests.bench.readers import PANDAS, PIPELINE, READERS, REFERENCE
from tests.bench.report import Section, Table


class Options(NamedTuple):
    repeat: int = 5
    pages: int = 10_000
    rows: tuple[int, ...] = (1_000, 10_000, 100_000)
    megabytes: int = 50


Say = Callable[[str], None]
"""Told what is being measured."""

_FRESH = 3
_STARTS = 10


# --- dense: pages with rules on them ----------------------------------------------------------------------------------

_DENSE_COLUMNS = (
    "per pass",
    "cold ms",
    "warm ms",
    "median ms",
    "to lxml + cells",
    "to pandas",
    "imports ms",
    "peak MiB",
    "tables",
    "rules",
)
_DENSE_NOTE = (
    "One pass over all pages, CPU time. cold: the first pass of a process, best of three; warm and median: the best and the middle one of"
    " the passes in which all readers take turns in one process; new cells: with the caches of cells emptied before each pass. The ratios"
    " are the middle one of those within each turn. Rendering Markdown is in each row but docrules, which renders on its own: by cmarkgfm,"
    " before pandas by markdown-it-py. imports and peak are those of a process with that reader alone."
)


def dense(options: Options, say: Say) -> Section:
    tables = []
    figures: dict[str, float] = {}
    sizes = {}
    for of in documents.SETS:
        found = documents.pages(of)
        if found:
            sizes[of] = [len(found), sum(len(page.data) for page in found)]
            table, more = _dense(of, found, options, say)
            tables.append(table)
            figures |= {f"{of}_{key}": value for key, value in more.items()}
    tables[-1] = tables[-1]._replace(note=_DENSE_NOTE)
    return Section(tuple(tables), {"repeat": options.repeat, "pages": sizes}, figures)


def _dense(of: str, found: Sequence[documents.Page], options: Options, say: Say) -> tuple[Table, dict[str, float]]:
    firsts = {}
    with tempfile.TemporaryDirectory() as folder:
        documents.render_all(found, Path(folder))
        for name, reader in READERS.items():
            say(f"{of}: first passes, {reader.title}")
            firsts[name] = [in_process(measure.first_pass, of=of, reader=name, rendered=folder) for _ in range(_FRESH)]
        there = [name for name in READERS if "missing" not in firsts[name][0]]
        say(f"{of}: {options.repeat} passes of every reader")
        times = in_process(measure.rounds, of=of, readers=there, rendered=folder, repeat=options.repeat)
    whole = {name: _with_rendering(name, times) for name in [*there, NEW_CELLS]}
    cold = {name: min(first["cold_ms"] for first in firsts[name]) for name in there}
    rows = []
    for name, reader in READERS.items():
        if name not in there:
            rows.append((reader.title, *["not installed"], *[""] * (len(_DENSE_COLUMNS) - 2)))
            continue
        first = firsts[name][0]
        imports = min(one["imports_ms"] for one in firsts[name])
        added = cold[reader.rendering] if reader.rendering else 0.0
        counts = [str(first[key] or "") for key in ("tables", "rules")]
        rows.append(
            (reader.title, f"{cold[name] + added:.1f}", *_passes(name, whole), f"{imports:.0f}", f"{first['peak_mib']:.0f}", *counts)
        )
        if name == PIPELINE:
            rows.append((f"{reader.title}, new cells", "", *_passes(NEW_CELLS, whole), *[""] * 4))
    markdown = sum(page.markdown for page in found)
    kilobytes = sum(len(page.data) for page in found) / 1000
    title = {"repository": "Dense pages of this repository", "corpus": "Dense pages of vendors"}[of]
    table = Table(f"{title}: {len(found)} pages, {markdown} of them Markdown, {kilobytes:.0f} kB", _DENSE_COLUMNS, tuple(rows), "")
    return table, {
        "warm_ms": min(whole[PIPELINE]),
        "new-cells_ms": min(whole[NEW_CELLS]),
        "cold_ms": cold[PIPELINE],
        "lxml_ratio": _ratio(whole[PIPELINE], whole[REFERENCE]),
        "new-cells_lxml_ratio": _ratio(whole[NEW_CELLS], whole[REFERENCE]),
        "pandas_ratio": _ratio(whole[PIPELINE], whole[PANDAS]),
    }


def _with_rendering(name: str, times: Mapping[str, list[float]]) -> list[float]:
    rendering = READERS[name].rendering if name in READERS else None
    if rendering is None:
        return times[name]
    return [own + added for own, added in zip(times[name], times[rendering], strict=True)]


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    return median(one / other for one, other in zip(these, those, strict=True))


def _passes(name: str, whole: Mapping[str, list[float]]) -> tuple[str, ...]:
    reads = name == NEW_CELLS or not READERS[name].title.startswith("Markdown")
    ratios = (_ratio(whole[name], whole[other]) for other in (REFERENCE, PANDAS))
    return (f"{min(whole[name]):.1f}", f"{median(whole[name]):.1f}", *(f"{ratio:.2f}" if reads else "" for ratio in ratios))


# --- haystack, sites, parallel, memory: thousands of pages without rules ------------------------------------------------------


def in_haystack(options: Options, say: Say) -> Section:
    with tempfile.TemporaryDirectory() as folder:
        say(f"haystack: making {options.pages:,} pages")
        having = haystack.write(Path(folder), options.pages)
        size = sum(file.stat().st_size for file in Path(folder).rglob("page-*"))
        say(f"haystack: {options.pages:,} pages")
        times = in_process(measure.folder_rounds, folder=folder, repeat=2)
    bare = times["lxml-parse"]
    both = [parse + render for parse, render in zip(bare, times["cmarkgfm"], strict=True)]
    columns = ("all pages", "s", "ms a page", "docrules to it")
    rows = tuple(
        (title, f"{min(those) / 1000:.2f}", f"{min(those) / options.pages:.3f}", f"{_ratio(times[PIPELINE], those):.2f}")
        for title, those in (
            ("lxml, parse only", bare),
            ("lxml, parse only, with rendering of the Markdown", both),
            ("docrules, from files to validated rules", times[PIPELINE]),
        )
    )
    title = f"Haystack: {options.pages:,} generated pages, {size / 1e6:.0f} MB, {len(having)} of them with rules"
    note = "CPU time, reading the files included: the better of two passes, caches of cells emptied. Three pages of ten are Markdown."
    figures = {
        "pipeline_ms": min(times[PIPELINE]),
        "lxml_ratio": _ratio(times[PIPELINE], bare),
        "rendered_ratio": _ratio(times[PIPELINE], both),
    }
    return Section((Table(title, columns, rows, note),), {"pages": options.pages}, figures)


def in_sites(options: Options, say: Say) -> Section:
    count = max(options.pages // 5, 1)
    rows: list[tuple[str, ...]] = []
    figures: dict[str, float] = {}
    for site, title in (("html", "HTML site"), ("markdown", "Markdown site")):
        with tempfile.TemporaryDirectory() as folder:
            say(f"sites: making {count:,} pages, {title}")
            having = sites.write(site, Path(folder), count)
            size = sum(file.stat().st_size for file in Path(folder).rglob("page-*"))
            say(f"sites: {count:,} pages, {title}")
            times = in_process(measure.folder_rounds, folder=folder, repeat=2)
        reference = [parse + render for parse, render in zip(times["lxml-parse"], times["cmarkgfm"], strict=True)]
        about = (f"{count:,}", f"{size / 1e6:.0f}", str(len(having)))
        bare = "cmarkgfm and lxml, parse only" if site == "markdown" else "lxml, parse only"
        rows.append((f"{title}: {bare}", *about, *_site_times(reference, count), f"{_ratio(times[PIPELINE], reference):.2f}"))
        rows.append((f"{title}: docrules, from files to validated rules", *about, *_site_times(times[PIPELINE], count), "1.00"))
        figures |= {f"{site}_ms": min(times[PIPELINE]), f"{site}_reference_ratio": _ratio(times[PIPELINE], reference)}
    columns = ("all pages", "pages", "MB", "with rules", "s", "ms a page", "pages a second", "docrules to it")
    note = (
        "Generated pages in the shape of real sites. CPU time, reading the files included: the better of two passes, caches of cells"
        " emptied, nothing kept from one to the next."
    )
    return Section((Table("Sites", columns, tuple(rows), note),), {"pages": count}, figures)


def _site_times(milliseconds: Sequence[float], count: int) -> tuple[str, str, str]:
    best = min(milliseconds)
    return f"{best / 1000:.2f}", f"{best / count:.3f}", f"{1000 * count / best:,.0f}"


def parallel(options: Options, say: Say) -> Section:
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages"
        say(f"parallel: making {options.pages:,} pages")
        haystack.write(pages, options.pages)
        for _ in range(2):
            for jobs, taken in seconds.items():
                say(f"parallel: {options.pages:,} pages with --jobs {jobs}")
                taken.append(measure.run(pages, Path(folder) / "rules.json", jobs).seconds)
    one, two = (min(taken) for taken in seconds.values())
    rows = (("--jobs 1", f"{one:.2f}", ""), ("--jobs 2", f"{two:.2f}", f"{one / two:.2f}"))
    note = "Whole processes of `docrules run` without cache, by the clock, the better of two."
    table = Table(f"Parallel: the haystack of {options.pages:,} pages", ("processes", "s", "times as fast"), rows, note)
    return Section((table,), {"pages": options.pages}, {"jobs-1_s": one, "jobs-2_s": two, "jobs_ratio": two / one})


def memory(options: Options, say: Say) -> Section:
    rows = []
    figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = folder / "rules.json"
        counts = sorted({max(options.pages // 10, 1), options.pages})
        for count in counts:
            say(f"memory: {count:,} pages without rules")
            pages = folder / str(count)
            haystack.write(pages, count, share=0)
            took = measure.run(pages, out.with_stem(f"pages-{count}"))
            rows.append((f"{count:,} pages without rules", f"{took.peak_mib:.0f}", "", f"{took.seconds:.1f}"))
            figures[f"pages-{count}_mib"] = took.peak_mib
        size = options.megabytes * 1_000_000
        row = len(long_pages.table_of_rules(100)) / 100
        for key, title, make in (
            ("table", "one table of rules", lambda: long_pages.table_of_rules(int(size / row))),
            ("prose", "prose with many tables", lambda: long_pages.long_prose(size)),
        ):
            say(f"memory: one page of {options.megabytes} MB, {title}")
            page = folder / f"{key}.html"
            page.write_bytes(make())
            # Into a file of its own: a run reads what its file holds already, to say what changes.
            took = measure.run(page, out.with_stem(key))
            times = took.peak_mib * (1 << 20) / page.stat().st_size
            rows.append(
                (f"one page of {page.stat().st_size / 1e6:.0f} MB, {title}", f"{took.peak_mib:.0f}", f"{times:.1f}", f"{took.seconds:.1f}")
            )
            figures[f"{key}_mib"] = took.peak_mib
    note = "Peak resident size of the whole process of `docrules run`, one job, without cache."
    table = Table("Memory", ("documents", "peak MiB", "times its size", "s"), tuple(rows), note)
    return Section((table,), {"pages": options.pages, "megabytes": options.megabytes}, figures)


# --- start-up and rows ------------------------------------------------------------------------------------------------


def start(options: Options, say: Say) -> Section:
    page = documents.REPO / "tests/pages/container-platform-from-to-port" / "page.html"
    say(f"start: {_STARTS} processes each")
    with tempfile.TemporaryDirectory() as folder:
        commands: dict[str, Callable[[], measure.Process]] = {
            "python -c pass": lambda: measure.process("-c", "pass"),
            'python -c "import lxml.html"': lambda: measure.process("-c", "import lxml.html"),
            "docrules run, one small page": lambda: measure.run(page, Path(folder) / "rules.json"),
        }
        took = [[1000 * command().seconds for command in commands.values()] for _ in range(_STARTS)]
    by_command = dict(zip(commands, zip(*took, strict=True), strict=True))
    bare, lxml, ours = (min(times) for times in by_command.values())
    rows = tuple((title, f"{min(times):.0f}", f"{median(times):.0f}", f"{min(times) / lxml:.2f}") for title, times in by_command.items())
    note = f"Whole processes by the clock, {_STARTS} of each in turn, without cache."
    table = Table("Start-up", ("process", "best ms", "median ms", "to import lxml.html"), rows, note)
    return Section((table,), {"starts": _STARTS}, {"run_ms": ours, "run-above-python_ms": ours - bare, "lxml_ratio": ours / lxml})


def rows(options: Options, say: Say) -> Section:
    say(f"rows: one table of {', '.join(f'{size:,}' for size in options.rows)} rows")
    took: dict[str, float] = in_process(measure.rows, sizes=options.rows)
    first = took[str(options.rows[0])]
    lines = tuple((f"{size:,}", f"{took[str(size)]:.0f}", f"{took[str(size)] / first:.2f}") for size in options.rows)
    note = (
        "CPU time from bytes to validated rules, with the thresholds of garbage collection that the command line sets; the cells of the"
        " table were not seen before. The same at every size is linear."
    )
    table = Table("Rows of one table", ("rows", "µs a row", "to the smallest table"), lines, note)
    figures = {f"{size}_us": took[str(size)] for size in options.rows}
    return Section((table,), {"rows": list(options.rows)}, figures | {"growth_ratio": took[str(options.rows[-1])] / first})


SECTIONS: dict[str, Callable[[Options, Say], Section]] = {
    "dense": dense,
    "haystack": in_haystack,
    "sites": in_sites,
    "start": start,
    "parallel": parallel,
    "memory": memory,
    "rows": rows,
}
