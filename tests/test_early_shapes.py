"""Tables without a word for ports or protocols that are rules all the same, and their neighbours: what is told early is read so in full."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Iterator, Sequence

import pytest

from extract import extract_text, vocabulary
from extract.read.page import read
from tests.test_early import check

# Of each, what stands in one cell for traffic: names and numbers in every way to write them together.
TRAFFIC = (
    ("HTTPS (443)", "SSH (22)", "LDAP (389)"),
    ("HTTPS 443", "SSH 22", "LDAP 389"),
    ("HTTPS: 443", "SSH: 22", "LDAP: 389"),
    ("443 - HTTPS", "22 - SSH", "389 - LDAP"),
    ("443/https", "22/ssh", "389/ldap"),
    ("HTTPS, 443", "SSH, 22", "LDAP, 389"),
    ("443 (web)", "22 (shell)", "389"),
    ("80,443", "22", "389,636"),
    ("80-443", "22", "389"),
    ("443", "22", "389"),
    (":443", ":22", ":389"),
    ("443.", "22.", "389."),
    ("HTTPS", "SSH", "LDAP"),
    ("Any", "Any", "Any"),
    ("https://console:443", "ssh://host:22", "ldap://host:389"),
)
HEADERS = (
    ("Source", "Destination", "Service"),
    ("From", "To", "Open"),
    ("Client", "Server", "Number"),
    ("Direction", "Service", "From"),
    ("Direction", "Number", "Peer"),
    ("Type", "Value", "Source"),
    ("Flow", "Number", "Purpose"),
    ("Quelle", "Ziel", "Dienst"),
    ("方向", "编号", "来源"),
    ("Component", "Value", "Remark"),
    ("", "", ""),
)
SAYING = (
    "",
    "Open the following ports in the firewall, all of them over TCP.\n\n",
    "# Firewall rules\n\n",
    "# Ports\n\n## Flows\n\n",
    "# Guide\n\n## Inbound connections\n\n",
)
_WAYS = ("Inbound", "Outbound", "In")
_NAMES = (("Console", "Agent"), ("10.0.0.0/8", "Database"), ("Admin", "Console"))


def tables() -> Iterator[str]:
    for said, header, traffic in itertools.product(SAYING, HEADERS, TRAFFIC):
        rows = [_row(header, one, number) for number, one in enumerate(traffic)]
        yield f"{said}| {' | '.join(header)} |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _row(header: tuple[str, ...], traffic: str, number: int) -> str:
    first, second = _NAMES[number]
    cells = {"Direction": _WAYS[number], "方向": ("入站", "出站", "入站")[number], "Flow": f"{first} -> {second}"}
    last = header[2] in ("Service", "Open", "Number", "Dienst") and header[0] in ("Source", "From", "Client", "Quelle")
    row = (cells.get(header[0], first), second, traffic) if last else (cells.get(header[0], first), traffic, second)
    return f"| {' | '.join(row)} |"


@pytest.mark.parametrize("saying", range(len(SAYING)))
def test_tables_that_are_told_early_hold_no_rules(saying: int) -> None:
    each = len(HEADERS) * len(TRAFFIC)
    told = sum(check(read(page.encode(), "page.md")) for page in itertools.islice(tables(), saying * each, (saying + 1) * each))
    # Most of them are looked at in full, and those that nothing says anything of are told.
    assert told < each // 2


@functools.cache
def _records() -> tuple[str, ...]:
    """Return key/value tables of one and two records."""
    fields = (("Direction", "Inbound"), ("Number", "443"), ("From", "Console"), ("To", "Agent"), ("Service", "HTTPS (443)"))
    found = []
    for size in range(2, len(fields) + 1):
        for some in itertools.combinations(fields, size):
            found.append("| Field | Value |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in some))
            found.append("|  | A | B |\n|---|---|---|\n" + "\n".join(f"| {name} | {value} | {value} |" for name, value in some))
    return tuple(found)


def test_records_that_are_told_early_hold_no_rules() -> None:
    for said, table in itertools.product(SAYING, _records()):
        check(read(f"{said}{table}\n".encode(), "page.md"))


def test_matrices_that_are_told_early_hold_no_rules() -> None:
    for said, traffic in itertools.product(SAYING, TRAFFIC):
        one, other, third = traffic
        table = f"| From / To | Console | Agent |\n|---|---|---|\n| Console | - | {one} |\n| Agent | {other} | {third} |\n"
        check(read(f"{said}{table}".encode(), "page.md"))


def test_the_rules_of_the_commonest_of_these_shapes_are_read() -> None:
    page = "Open the following ports in the firewall, all of them over TCP.\n\n| Source | Destination | Service |\n|---|---|---|\n"
    found = extract_text(f"{page}| Console | Agent | HTTPS (443) |\n| Admin | Console | SSH (22) |\n", path="page.md")
    assert [(rule.protocol, rule.from_port, rule.complete) for rule in found.rules] == [("tcp", 443, True), ("tcp", 22, True)]


_CELLS = (
    ("443", "22", "8443", "80, 443", "1024-65535", "HTTPS (443)", "SSH 22", "443 - web", "5000 to 5010", "dynamic", "HTTPS", "SSH"),
    ("443", "22", "Any", "All", "*", "any", "53; 88"),
    ("10.0.0.0/8", "Any", "Console", "192.0.2.1", "Internet", "web servers", "0.0.0.0/0", "Admin network"),
    ("Inbound", "Out", "Both", "In/Out", "incoming", "←", "入站", "Inbound from the corporate management network of the site"),
    ("Any to 10.0.0.0/8", "10.0.0.0/8 to any", "Console -> Agent", "Console to Agent", "Console / Agent"),
    ("Allow", "Deny", "Yes", "No", "✓"),
    ("Web console", "used for login", "-", ""),
)
_UNKNOWN = ("Xyzzy", "Plugh", "", "Route", "Node A", "Value")


def _random_table(rng: random.Random, known: Sequence[str]) -> str:
    columns = [rng.choice(_CELLS) for _ in range(rng.randint(2, 5))]
    headers = [rng.choice(known if rng.random() < 0.6 else _UNKNOWN) for _ in columns]
    rows = [[rng.choice(column) for column in columns] for _ in range(rng.randint(2, 6))]
    if rng.random() < 0.15:
        # The names of fields stand in the first column.
        rows = [list(row) for row in zip(headers, *rows, strict=True)]
        headers = [""] * len(rows[0])
    lines = (f"| {' | '.join(row)} |" for row in (headers, ["---"] * len(headers), *rows))
    return rng.choice(SAYING) + "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(3))
def test_random_tables_that_are_told_early_hold_no_rules(seed: int) -> None:
    """Headers are all words of columns in all languages, but for those of ports and protocols, and words that nobody knows."""
    rng = random.Random(seed)
    concepts = sorted(vocabulary.header_concepts().keys() - {"port", "protocol", "icmp"})
    known = [word for concept in concepts for word in sorted(vocabulary.header_words(concept))]
    told = sum(check(read(_random_table(rng, known).encode(), "page.md")) for _ in range(1_000))
    assert told > 50
