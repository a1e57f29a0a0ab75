"""Hold the quality of the extractor at or above the floor that is pinned in floor.json.

    floor.py RULES_JSON CORPUS [--raise | --lower REASON]

RULES_JSON is what the extractor made of CORPUS/dev; CORPUS/score compares it with the annotations. The floor belongs
to the exact bytes of CORPUS/dev: numbers of another corpus mean something else, so a changed corpus fails as well.

Exit code 0: at or above the floor, or the floor was rewritten. 1: below it, or the corpus changed, or --raise would
lower a value. 2: nothing to compare (no rules, no corpus, no scorer, no floor).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

FLOOR = Path(__file__).with_name("floor.json")
LEVELS = ("core", "directed", "flow")
MEASURES = (*LEVELS, "perfect_flow_pages")


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


def measure(rules: Path, corpus: Path) -> dict[str, float]:
    """Return the F1 of each level and the number of pages without any miss, as the corpus' own scorer sees them."""
    command = [sys.executable, str(corpus / "score"), str(rules), str(corpus / "dev"), "--json"]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if result.returncode:
        stop(f"{corpus / 'score'} failed with exit code {result.returncode}:\n{result.stderr.strip()}")
    summary = json.loads(result.stdout)["summary"]
    return {level: summary[level]["f1"] for level in LEVELS} | {"perfect_flow_pages": summary["flow"]["perfect_pages"]}


def read_floor() -> dict[str, Any]:
    """Return the pinned floor."""
    try:
        floor: dict[str, Any] = json.loads(FLOOR.read_text("utf-8"))
    except (OSError, ValueError) as error:
        stop(f"{FLOOR.name} cannot be read: {error}")
    if absent := [name for name in ("corpus_sha256", *MEASURES) if name not in floor]:
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
    parser.add_argument("rules", type=Path, metavar="RULES_JSON")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", action="store_true", dest="lift", help="pin what is higher now; lowers nothing")
    change.add_argument("--lower", type=reason, metavar="REASON", help="pin all values as they are now, and record why")
    args = parser.parse_args()

    pages = args.corpus / "dev"
    for path, what in ((args.rules, "extracted rules"), (args.corpus / "score", "scorer"), (pages, "pages")):
        if not path.exists():
            stop(f"no {what} at {path}")

    floor = read_floor()
    now = measure(args.rules, args.corpus)
    corpus = corpus_hash(pages)

    print(f"{'':20}{'floor':>8}{'now':>8}")
    for name in MEASURES:
        verdict = "BELOW" if now[name] < floor[name] else "above" if now[name] > floor[name] else ""
        print(f"{name:20}{floor[name]:>8}{now[name]:>8}  {verdict}".rstrip())
    lower = [name for name in MEASURES if now[name] < floor[name]]
    corpus_changed = corpus != floor["corpus_sha256"]
    if corpus_changed:
        print("The corpus is not the one that the floor was measured on:")
        print(f"  floor {floor['corpus_sha256']}\n  now   {corpus}")

    if args.lower:
        before = {name: floor[name] for name in lower} | ({"corpus_sha256": floor["corpus_sha256"]} if corpus_changed else {})
        if not before:
            print("Nothing is below the floor: use --raise.")
            return 1
        after = {name: now[name] for name in lower} | ({"corpus_sha256": corpus} if corpus_changed else {})
        entry = {"reason": args.lower, "from": before, "to": after}
        write_floor({**floor, **now, "corpus_sha256": corpus, "lowered": [*floor.get("lowered", []), entry]})
        return 0
    if args.lift and not lower:
        write_floor({**floor, **now, "corpus_sha256": corpus})
        return 0
    if lower:
        print("Below the floor: " + ", ".join(lower) + '. Mend it, or lower the floor with --lower "REASON".')
    elif corpus_changed:
        print('Pin the floor anew with --raise, or with --lower "REASON".')
    elif any(now[name] > floor[name] for name in MEASURES):
        print("Above the floor: pin the progress with --raise.")
    return 1 if lower or corpus_changed else 0


if __name__ == "__main__":
    sys.exit(main())
