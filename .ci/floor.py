"""Hold what the extractor makes of a corpus of annotated pages at or above the floor that is pinned in floor.json.

    floor.py EXTRACTOR CORPUS [--raise | --lower REASON]

EXTRACTOR is a command that takes `run FOLDER --out FILE --report FILE`. CORPUS holds the sets of pages (dev, dev2, cases, quiet)
and what measures an extractor on them (score, harm, check-cases, blank). The floor belongs to the exact bytes of the sets: numbers
of another corpus mean something else, so a changed corpus fails as well. Where html5lib-tests lie beside CORPUS, the reader of this
checkout is measured on them; where they do not, what is pinned of that stays.

Exit code 0: at or above the floor, or the floor was rewritten. 1: below it, or the corpus changed, or --raise would make a value
worse. 2: nothing to compare (no rules, no corpus, no floor).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

FLOOR = Path(__file__).with_name("floor.json")
SCORED = ("dev", "dev2")
SETS = (*SCORED, "cases", "quiet")
LEVELS = ("core", "directed", "flow")
# Of these kinds of measure more is better; of all others less is.
BETTER_HIGHER = frozenset({*LEVELS, "right", "same", "tables"})


def stop(message: str) -> NoReturn:
    """End with exit code 2: there is nothing to compare."""
    print(f"floor: {message}", file=sys.stderr)
    sys.exit(2)


def corpus_hash(folder: Path) -> str:
    """Return the SHA-256 over the relative path, the size and the bytes of every file, in order of path."""
    digest = hashlib.sha256()
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        # With the size, no two folders can run together into the same bytes.
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def told(command: list[str]) -> Any:
    """Return the JSON that a measuring command prints. `check-cases` ends with 1 when some page is not right."""
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if result.returncode > 1 or not result.stdout:
        stop(f"{command[0]} failed with exit code {result.returncode}:\n{result.stderr.strip()}")
    return json.loads(result.stdout)


def extracted(extractor: str, folder: Path, made: Path) -> tuple[Path, int]:
    """Return the rules.json that the extractor makes of a set of pages, and how many lines it prints.

    Pages may have findings, so exit code 1 is none of a failure.
    """
    out = made / f"{folder.name}.json"
    # A run that finds pages in a cache prints a line more.
    command = [
        *shlex.split(extractor),
        "run",
        str(folder),
        "--out",
        str(out),
        "--report",
        str(out.with_suffix(".report.json")),
        "--no-cache",
    ]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if result.returncode > 1 or not out.exists():
        stop(f"the extractor failed on {folder.name} with exit code {result.returncode}:\n{result.stderr.strip()}")
    return out, result.stderr.count("\n")


def measures(extractor: str, corpus: Path, made: Path) -> Iterator[tuple[str, float]]:
    """Yield the name and the value of every measure: `SET KIND`."""
    for name in SCORED:
        made_of, lines = extracted(extractor, corpus / name, made)
        out = str(made_of)
        yield f"{name} lines", lines
        summary = told([str(corpus / "score"), out, str(corpus / name), "--json"])["summary"]
        yield from ((f"{name} {level}", summary[level]["f1"]) for level in LEVELS)
        harm = told([str(corpus / "harm"), out, str(corpus / name), "--json"])
        yield from ((f"{name} {kind}", count) for kind, count in harm.items() if kind != "published")
    cases = told([str(corpus / "check-cases"), extractor, str(corpus / "cases"), "--json"])["total"]
    yield from (("cases right", cases["right"]), ("cases harmful", cases["harmful"]))
    rules, _ = extracted(extractor, corpus / "quiet", made)
    quiet = json.loads(rules.read_text("utf-8"))
    yield from (("quiet rules", len(quiet["rules"])), ("quiet unresolved", len(quiet["unresolved"])))
    said = json.loads(rules.with_suffix(".report.json").read_text("utf-8"))["summary"]["findings"]
    yield from (("quiet errors", said["error"]), ("quiet warnings", said["warning"]))
    blank = told([str(corpus / "blank"), extractor, *(str(corpus / name) for name in SCORED), "--json"])["total"]
    headers = sum(blank.values())
    yield from ((f"blank {kind}", round(blank[kind] / headers, 4)) for kind in ("same", "different"))
    pages = corpus.resolve().with_name("html5lib-tests")
    if pages.is_dir():
        yield "html5lib tables", told([sys.executable, str(FLOOR.with_name("html5lib_tables.py")), str(pages), "--json"])["equal"]


def is_worse(name: str, value: float, floor: float) -> bool:
    """Return whether a value of a measure is worse than another one."""
    return value < floor if name.split()[1] in BETTER_HIGHER else value > floor


def read_floor() -> dict[str, Any]:
    """Return the pinned floor."""
    try:
        floor: dict[str, Any] = json.loads(FLOOR.read_text("utf-8"))
    except (OSError, ValueError) as error:
        stop(f"{FLOOR.name} cannot be read: {error}")
    if absent := [name for name in ("corpus_sha256", "measures") if name not in floor]:
        stop(f"{FLOOR.name} lacks {', '.join(absent)}")
    return floor


def write_floor(floor: dict[str, Any]) -> None:
    """Write the floor."""
    FLOOR.write_text(json.dumps(floor, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"{FLOOR.name} is rewritten")


def reason(text: str) -> str:
    """Return the reason for lowering the floor; it must say something."""
    if not text.strip():
        raise argparse.ArgumentTypeError("say why the floor is lowered")
    return text.strip()


def main() -> int:
    """Compare, or rewrite the floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extractor", metavar="EXTRACTOR")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", action="store_true", dest="lift", help="pin what is better now; makes nothing worse")
    change.add_argument("--lower", type=reason, metavar="REASON", help="pin all values as they are now, and record why")
    args = parser.parse_args()

    for name in SETS:
        if not (args.corpus / name).is_dir():
            stop(f"no pages at {args.corpus / name}")
    floor = read_floor()
    pinned: dict[str, float] = floor["measures"]
    with tempfile.TemporaryDirectory() as made:
        now = dict(measures(args.extractor, args.corpus, Path(made)))
    corpus = {name: corpus_hash(args.corpus / name) for name in SETS}

    worse = compare(pinned, now)
    changed = [name for name, digest in corpus.items() if floor["corpus_sha256"].get(name) != digest]
    if changed:
        print(f"The corpus is not the one that the floor was measured on: {', '.join(changed)}")

    measured = {**floor, "corpus_sha256": corpus, "measures": {**pinned, **now}}
    if args.lower:
        entry = {"reason": args.lower, "from": {name: pinned[name] for name in worse}, "to": {name: now[name] for name in worse}}
        write_floor({**measured, "lowered": [*floor.get("lowered", []), entry]})
        return 0
    if args.lift and not worse:
        write_floor(measured)
        return 0
    advise(worse, changed, measured["measures"] != pinned)
    return 1 if worse or changed else 0


def advise(worse: list[str], changed: list[str], differs: bool) -> None:
    """Say what to do where the floor and what is measured differ."""
    if worse:
        print("Worse than the floor: " + ", ".join(worse) + '. Mend it, or lower the floor with --lower "REASON".')
    elif changed:
        print('Pin the floor anew with --raise, or with --lower "REASON".')
    elif differs:
        print("Better than the floor: pin the progress with --raise.")


def compare(pinned: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """Print the floor beside what is measured now; return the measures that are worse."""
    print(f"{'':20}{'floor':>8}{'now':>8}")
    worse = []
    for name, value in now.items():
        was = pinned.get(name)
        verdict = "new" if was is None else "WORSE" if is_worse(name, value, was) else "better" if value != was else ""
        worse += [name] if verdict == "WORSE" else []
        print(f"{name:20}{'-' if was is None else was:>8}{value:>8}  {verdict}".rstrip())
    return worse


if __name__ == "__main__":
    sys.exit(main())
