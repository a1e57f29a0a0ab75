"""What tests of targets share: changed texts of an output, and whether reading it back tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.export.boxes import Symbols, let_through, subtract
from extract.export.target import Files, Target

_WORDS = (
    ("TCP", "UDP"),
    ("tcp", "udp"),
    ("accept", "deny"),
    ("deny", "accept"),
    ("Ingress", "Egress"),
    ("ingress", "egress"),
    ("icmp", "gre"),
)


def mutants(text: str) -> Iterator[str]:
    """Yield a text without one to three lines, with a line twice, with a line swapped with the next, with a number or word changed."""
    lines = text.splitlines(keepends=True)
    for index, line in enumerate(lines):
        for number in (1, 2, 3):
            yield "".join(lines[:index] + lines[index + number :])
        yield "".join([*lines[:index], line, *lines[index:]])
        yield "".join([*lines[:index], *lines[index + 1 : index + 2], line, *lines[index + 2 :]])
        changed = [line[: at.start()] + str(int(at[0]) + step) + line[at.end() :] for at in re.finditer(r"\d+", line) for step in (-1, 1)]
        changed += [line.replace(old, new, 1) for old, new in _WORDS if old in line]
        changed += [line[: at.start()] + line[at.start() + 1 :] for at in re.finditer(r"[A-Za-z]+", line)]
        for one in changed:
            yield "".join([*lines[:index], one, *lines[index + 1 :]])


def is_noticed(target: Target, files: Files, changed: Files) -> bool:
    """Return whether a changed output is not read, or lets through something else."""
    symbols = Symbols()
    before = let_through(target.read(files, symbols))
    try:
        after = let_through(target.read(changed, symbols))
    except ValueError:
        return True
    return bool(subtract(before, after) or subtract(after, before))
