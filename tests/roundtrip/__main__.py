"""Make many pages, read them, and say which styles are not read as they were rendered."""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections import Counter
from typing import NamedTuple

from tests.roundtrip import compare, pages
from tests.roundtrip.compare import VERDICTS, Outcome, Verdict
from tests.roundtrip.model import Flow


class Result(NamedTuple):
    """What became of a page."""

    seed: int
    verdict: Verdict
    # Of each table, the verdict and the style.
    tables: list[tuple[Verdict, dict[str, str]]]


def main() -> int:
    arguments = _arguments()
    seeds = range(arguments.seed, arguments.seed + arguments.pages)
    results = measure(seeds, arguments.jobs)
    print("\n".join(summary(results)))
    failing = [result for result in results if result.verdict not in ("equal", *(() if arguments.fewer else ("fewer",)))]
    if arguments.style:
        name, _, value = arguments.style.partition("=")
        failing = [one for one in failing if any(style.get(name) == value and verdict != "equal" for verdict, style in one.tables)]
    for text in _smallest(failing, arguments.show):
        print(text)
    return 1 if any(result.verdict == "other" for result in results) else 0


def measure(seeds: range, jobs: int) -> list[Result]:
    """Read the pages of all seeds, in several processes."""
    if jobs == 1:
        return [measure_one(seed) for seed in seeds]
    with multiprocessing.get_context("fork" if os.name == "posix" else "spawn").Pool(jobs) as pool:
        return pool.map(measure_one, seeds, chunksize=50)


def measure_one(seed: int) -> Result:
    outcomes = compare.compare(pages.make_page(seed))
    return Result(seed, compare.worst(outcomes), [(outcome.verdict, outcome.style) for outcome in outcomes])


def summary(results: list[Result]) -> list[str]:
    """Return the shares of all pages, and those of the tables of each style."""
    lines = [_shares("pages", Counter(result.verdict for result in results)), ""]
    counts: dict[tuple[str, str], Counter[Verdict]] = {}
    for result in results:
        for verdict, style in result.tables:
            for choice in style.items():
                counts.setdefault(choice, Counter())[verdict] += 1
    for name in sorted({name for name, _ in counts}):
        lines.append(f"{name} (tables)")
        lines += [f"  {_shares(value, counts[name, value])}" for value in sorted(value for key, value in counts if key == name)]
    return lines


def _shares(name: str, counts: Counter[Verdict]) -> str:
    total = sum(counts.values())
    shares = "  ".join(f"{verdict} {counts[verdict] / total:8.3%} ({counts[verdict]})" for verdict in VERDICTS)
    return f"{name:32} {total:6}  {shares}"


def _smallest(failing: list[Result], number: int) -> list[str]:
    """Return the smallest failing pages, each with its failing sections alone where these fail alone."""
    shown: list[str] = []
    for result in failing:
        page = pages.make_page(result.seed)
        sections = [[section] for section in page.sections]
        alone = [part for part in sections if compare.worst(compare.compare(page, part)) == result.verdict]
        chosen = min(alone, key=lambda part: len(pages.render(page, part)), default=page.sections)
        shown.append(_shown(result, pages.render(page, chosen), compare.compare(page, chosen)))
    return sorted(shown, key=len)[:number]


def _shown(result: Result, text: str, outcomes: list[Outcome]) -> str:
    lines = [f"=== seed {result.seed}: {result.verdict}", text]
    for outcome in outcomes:
        if outcome.verdict != "equal":
            lines.append(" ".join(f"{name}={value}" for name, value in outcome.style.items()))
            lines += [f"  - {_flow(flow)}" for flow in outcome.missing] + [f"  + {_flow(flow)}" for flow in outcome.surplus]
    return "\n".join(lines)


def _flow(flow: Flow) -> str:
    return " | ".join("" if value is None else str(value) for value in vars(flow).values())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.roundtrip", description=__doc__)
    parser.add_argument("--pages", type=int, default=1000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first page (%(default)s)")
    parser.add_argument("--show", type=int, default=0, help="print so many of the smallest failing pages")
    parser.add_argument("--fewer", action="store_true", help="show pages as well that gave fewer rules, with a reason")
    parser.add_argument("--style", default="", help="show only pages with a failing table of this style, as in language=de")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
