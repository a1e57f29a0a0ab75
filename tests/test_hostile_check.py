"""Names and findings made to be expensive: what would go back and forth over a long text, or compare each with each, ends in time."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Of processor time: many times what each case needs, and a small part of what a square of its size would.
SECONDS = 20

PRELUDE = f"""
import resource
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
from extract.check import collect, groups, literal, names, overlaps
from extract.check.stated import Described, Stated
from extract.model import Document, Endpoint, Evidence
from extract.rows.row import Candidate
from extract.publish import sarif, wording

PAGE = Document(id="a/b/1/c", path="a/b/1/c.md", sha256="0" * 64, title="", vendor="a", product="b", release="1", url=None)

def row(number, name, first=443, last=443):
    end = Endpoint("group", name)
    rule = Candidate("allow", "ingress", "tcp", first, last, None, None, end, None, f"use {{number}}", None, (), ())
    return Stated(PAGE, Evidence(PAGE.id, 1, number, number, {{}}), rule)

def names_of(texts):
    return list(groups.check([row(n, t) for n, t in enumerate(texts, 1)], [Described(PAGE, "A Security Group", 1, ""), Described(PAGE, "B Security Group", 2, "")]))
"""  # noqa: E501 - a program

CASES = {
    "open brackets": 'names_of(["(" * 200_000, ") " + "(" * 200_000])',
    "pairs of brackets": 'names_of(["x (y) " * 50_000])',
    "a name of many words": 'names_of(["server " * 50_000, "servers " * 50_000])',
    "punctuation": 'names_of(["1" + "._-" * 100_000 + "1"])',
    "groups": 'names_of(["the " * 50_000 + "groups" * 20_000])',
    "names that stand in each other": 'names_of(["A Security Group", "B Security Group", *(f"Zone {n} SG" for n in range(20_000))])',
    "headings that stand in each other": (
        'list(groups.check([row(1, "Z SG")], [Described(PAGE, f"Zone {n} Security Group", n, "") for n in range(20_000)]))'
    ),
    "a series of names": (
        'names_of([f"alpha{n:05} Security Group".translate(str.maketrans("0123456789", "abcdefghij")) for n in range(5_000)])'
    ),
    "spellings": 'names.resolve([row(n, "Web " + " " * n + "SG") for n in range(3_000)], ())',
    "rows of one rule": 'list(overlaps.check(collect.collect([row(n, "Web SG") for n in range(30_000)])))',
    "ranges in ranges": 'list(overlaps.check(collect.collect([row(n, "Web SG", n, 65_535 - n) for n in range(1, 30_000)])))',
    "footnote marks": 'literal.bare("[^" * 100_000 + "a" + "*†" * 100_000)',
    "a range without an end": 'literal.names_ports("1 - " * 20_000, 1, 2)',
    "numbers of rows": 'sarif._NUMBERED.sub("", "rows 1" + ", 2 and 3" * 50_000 + "rows " * 50_000)',
    "blanks before a command": 'wording.plain(" " * 300_000 + "x")',
    "backticks": 'wording.code("`" * 300_000, 500_000)',
    "colons": 'wording.in_markdown(":" * 100_000 + " " + "a:" * 100_000, 500_000)',
}


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of processor time")
@pytest.mark.parametrize("case", CASES)
def test_no_name_and_no_row_costs_its_square(case: str) -> None:
    done = subprocess.run([sys.executable, "-c", PRELUDE + CASES[case]], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
