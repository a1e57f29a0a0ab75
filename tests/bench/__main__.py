"""The command line of the bench."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import report
from tests.bench.documents import REPO
from tests.bench.measure import BenchError
from tests.bench.sections import SECTIONS, Options, Say

_DEFAULTS = Options()


def main() -> int:
    arguments = _arguments()
    if arguments.review:
        importlib.import_module("tests.bench.review").main(arguments.repeat)
        return 0
    chosen = [name for name in SECTIONS if name in arguments.only]
    options = Options(arguments.repeat, arguments.pages, arguments.rows, arguments.megabytes)
    old = json.loads(arguments.compare.read_text("utf-8")) if arguments.compare else None
    about = {"cores": os.cpu_count(), "python": platform.python_version()}
    print(report.machine(about), end="\n\n", flush=True)
    measured: dict[str, report.Section] = {}
    for name in chosen:
        started = time.perf_counter()
        section = SECTIONS[name](options, _progress())
        measured[name] = section._replace(seconds=time.perf_counter() - started)
        _progress()("")
        for table in section.tables:
            print("\n".join(report.lines(table)), flush=True)
        print(f"({name} took {measured[name].seconds:.0f} s)\n", flush=True)
    result = {"machine": about, "sections": {name: section.as_json() for name, section in measured.items()}}
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    if arguments.docs:
        report.write_docs(REPO / "docs/performance.md", about, list(measured.values()))
    return _compared(old, result, arguments.tolerance) if old else 0


def _compared(old: dict[str, Any], result: dict[str, Any], tolerance: float) -> int:
    comparison = report.compare(old, result, tolerance)
    print("\n".join(comparison.lines))
    return 1 if comparison.slower else 0


def _progress() -> Say:
    """Return what says on a terminal what is being measured, in a line that the next one replaces."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda text: print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measures how fast docrules is, and other readers of the same pages."
    )
    parser.add_argument(
        "--only", type=_sections, default=tuple(SECTIONS), metavar="A,B", help=f"sections to run: {', '.join(SECTIONS)} (all)"
    )
    parser.add_argument(
        "--repeat", type=_count, default=_DEFAULTS.repeat, metavar="N", help="passes over dense pages (default: %(default)s)"
    )
    parser.add_argument(
        "--pages",
        type=_count,
        default=_DEFAULTS.pages,
        metavar="N",
        help="pages of the haystack; each site has a fifth of that (default: %(default)s)",
    )
    parser.add_argument(
        "--rows", type=_counts, default=_DEFAULTS.rows, metavar="N,N", help="sizes of the table (default: 1000,10000,100000)"
    )
    parser.add_argument(
        "--megabytes", type=_count, default=_DEFAULTS.megabytes, metavar="N", help="size of the long pages (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="compare with what --json wrote before; exit code 1 when slower")
    parser.add_argument("--tolerance", type=float, default=15, metavar="PERCENT", help="how much slower is slower (default: %(default)s)")
    parser.add_argument("--review", action="store_true", help="measure a large review page in a browser instead (needs Chromium)")
    parser.add_argument("--docs", action="store_true", help="put the tables into docs/performance.md; all sections are run")
    arguments = parser.parse_args()
    if arguments.docs and arguments.only != tuple(SECTIONS):
        parser.error("--docs needs all sections")
    return arguments


def _sections(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in SECTIONS]:
        raise argparse.ArgumentTypeError(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    return names


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _counts(text: str) -> tuple[int, ...]:
    return tuple(sorted({_count(part) for part in text.split(",")}))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"error: {error}")
