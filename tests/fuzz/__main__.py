"""The command line of the fuzzer."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.documents import REPO
from tests.fuzz import mutate
from tests.fuzz.readings import READINGS
from tests.fuzz.run import FINE, FuzzError, Limits, Read, run

_DEFAULTS = Limits()
_SHOWN = 10


class Kind(NamedTuple):
    """A kind of difference between two parsers."""

    cases: list[int]
    smallest: str


class Result(NamedTuple):
    """What came of a run, as far as it is worth saying."""

    outcomes: Counter[str]
    bad: list[Read]
    kinds: dict[str, Kind]
    slowest: list[Read]
    largest: list[Read]
    resident: list[float]
    """MiB of a process after its cases, ten times during the run."""


def main() -> int:
    arguments = _arguments()
    limits = Limits(arguments.seconds, arguments.megabytes)
    numbers = range(arguments.first, arguments.first + arguments.pages)
    name = "compare" if arguments.compare else arguments.reader
    arguments.out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    result = gather(
        run(name, numbers, arguments.seed, limits, arguments.jobs, 1 if arguments.compare else 2), arguments.seed, arguments.out
    )
    print("\n".join(lines(result, arguments.seed, arguments.out)))
    print(f"{len(numbers):,} cases of seed {arguments.seed}, {time.perf_counter() - started:.0f} s, read by {name}")
    return 1 if result.bad else 0


def gather(reads: Iterator[Read], seed: int, out: Path) -> Result:
    """Take what becomes of the cases; the page of each bad one is written as soon as it is known."""
    result = Result(Counter(), [], {}, [], [], [])
    for count, read in enumerate(reads, 1):
        result.outcomes[read.outcome] += 1
        if read.outcome not in FINE:
            result.bad.append(read._replace(said=read.said or read.outcome))
            _file(read, seed, out).write_bytes(mutate.case(read.number, seed).data)
        elif read.outcome == "said":
            _add_kind(result.kinds, read)
        result.slowest[:] = sorted([*result.slowest, read], key=lambda one: -one.seconds)[:5]
        result.largest[:] = sorted([*result.largest, read], key=lambda one: -one.peak_mib)[:5]
        if count & (count - 1) == 0 or count % 10_000 == 0:
            result.resident.append(round(read.resident_mib))
    for number, (_, kind) in enumerate(sorted(result.kinds.items(), key=lambda item: -len(item[1].cases)), 1):
        (out / f"difference-{number}.html").write_text(kind.smallest, "utf-8", "surrogatepass")
    return result


def _add_kind(kinds: dict[str, Kind], read: Read) -> None:
    found = json.loads(read.said)
    known = kinds.setdefault(found["kind"], Kind([], found["smallest"]))
    known.cases.append(read.number)
    if len(found["smallest"]) < len(known.smallest):
        kinds[found["kind"]] = Kind(known.cases, found["smallest"])


def lines(result: Result, seed: int, out: Path) -> Iterator[str]:
    """Yield what is said at the end."""
    total = result.outcomes.total()
    yield ", ".join(f"{outcome}: {count:,}" for outcome, count in result.outcomes.most_common())
    for read in result.bad[:_SHOWN]:
        how = "+".join(mutate.case(read.number, seed).how)
        yield f"{read.outcome} in case {read.number} ({how}): {read.said}\n  {_file(read, seed, out)}"
    if len(result.bad) > _SHOWN:
        yield f"and {len(result.bad) - _SHOWN} more in {out}"
    if result.kinds:
        yield f"{100 * result.outcomes['said'] / (total - result.outcomes['skipped']):.1f} % of the pages that were compared differ:"
    for name, kind in sorted(result.kinds.items(), key=lambda item: -len(item[1].cases)):
        yield f"  {len(kind.cases)} times: {name}; case {kind.cases[0]}; smallest:\n    {kind.smallest[:300]!r}"
    yield "slowest: " + _shown(result.slowest, seed, "seconds", "s")
    if any(read.peak_mib for read in result.largest):
        yield "most memory: " + _shown(result.largest, seed, "peak_mib", "MiB")
        yield f"a process had, in MiB, after 1, 2, 4, 8 ... cases: {', '.join(f'{mib:.0f}' for mib in result.resident)}"


def _shown(reads: Sequence[Read], seed: int, field: str, unit: str) -> str:
    cases = ((read, len(mutate.case(read.number, seed).data) / 1000) for read in reads)
    return "; ".join(f"case {read.number} {getattr(read, field):.2f} {unit} for {size:.0f} kB" for read, size in cases)


def _file(read: Read, seed: int, out: Path) -> Path:
    return out / f"{read.outcome}-{seed}-{read.number}.{mutate.case(read.number, seed).path.rpartition('.')[2]}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Reads pages that were broken at random, each within limits.")
    parser.add_argument("--pages", type=int, default=1000, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which ones (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first case (default: %(default)s)")
    parser.add_argument(
        "--reader", default="docrules", metavar="NAME", help=f"{', '.join(READINGS)}, or module:function (default: %(default)s)"
    )
    parser.add_argument("--compare", action="store_true", help="compare the tables of turbohtml with those of html5lib")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=_DEFAULTS.seconds, metavar="S", help="time of one page (default: %(default)s)")
    parser.add_argument("--megabytes", type=int, default=_DEFAULTS.mebibytes, metavar="N", help="memory of one page (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=REPO / "build/fuzz", metavar="DIR", help="where bad pages go (default: build/fuzz)")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FuzzError as error:
        sys.exit(f"error: {error}")
