"""Findings as people read them: one line for those of a kind, the most important first."""

from __future__ import annotations

import pytest

from extract import extract_text
from extract.catalogue import catalogue
from extract.publish.folded import fold

HEAD = "| Port | Source |\n| --- | --- |\n"
WITH = "| Protocol | Port | Source |\n| --- | --- | --- |\n"


def told(text: str) -> list[str]:
    """Return what is told of a page, notes left out."""
    return [
        f"{one.line} {one.severity}: {one.text} [{one.code}]"
        for one in fold(extract_text(text, path="page.md").reports, ("error", "warning"))
    ]


def table(head: str, rows: list[str]) -> str:
    return head + "".join(f"| {row} |\n" for row in rows)


OPEN = [f"{8000 + number} | Any" for number in range(4)]
MIXED = ["TCP | 443 | Any", "TCP | 8443 | Any", " | 8080 | Any", " | 8081 | Any", "UDP | 514 | Any", " | 9000 | Any"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # One finding says itself what is wrong.
        (
            "# Inbound ports\n\n" + table(HEAD, OPEN[:1]),
            [
                "5 warning: table 1, row 1: neither the row nor the text around the table names a protocol; the row is under unresolved"
                " [protocol-missing]"
            ],
        ),
        ("# Inbound ports\n\n" + table(HEAD, OPEN), ["5 warning: table 1: all 4 rows name no protocol [protocol-missing]"]),
        (
            "# Inbound ports\n\n" + table(WITH, MIXED),
            ["7 warning: table 1: 3 of 6 rows name no protocol (rows 3-4, 6) [protocol-missing]"],
        ),
        # Tables of one page with the same question are one line.
        (
            "# Inbound ports\n\n" + table(HEAD, OPEN) + "\n## Further inbound ports\n\n" + table(HEAD, OPEN[:2]),
            ["5 warning: tables 1-2: all 6 rows name no protocol [protocol-missing]"],
        ),
        # What is lost comes first, then what contradicts itself, then what is open.
        (
            "# Inbound ports\n\n"
            + table(
                "| Type | Protocol | Port | Source |\n| --- | --- | --- | --- |\n",
                ["HTTP | TCP | some | Any", "Custom UDP Rule | TCP | 9 | Any", " | TCP | 99999 | Any"],
            ),
            [
                "7 error: table 1, row 3: '99999' is no port: ports end at 65535; the row is under unresolved [port-out-of-range]",
                "6 warning: table 1, row 2: the type says udp, the protocol cell tcp; the protocol cell counts [type-contradicts-protocol]",
                "5 warning: table 1, row 1: the page names no port number but 'some'; the row is under unresolved [port-not-a-number]",
            ],
        ),
        # Sentences stand in no table: their lines are named.
        (
            "# Inbound ports\n\nOpen TCP port 9001 for the agents.\n\n" + table(WITH, MIXED[:1]) + "\nOpen TCP port 9002 for the agents.\n",
            ["3 warning: 2 sentences state traffic that no row covers (lines 3, 9) [prose-not-covered]"],
        ),
    ],
)
def test_findings_of_a_kind_are_one_line(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_many_rows_are_named_as_far_as_a_line_holds_them() -> None:
    rows = [f"{'' if number % 2 else 'TCP'} | {8000 + number} | Any" for number in range(60)]
    (line,) = told("# Inbound ports\n\n" + table(WITH, rows))
    assert line == "6 warning: table 1: 30 of 60 rows name no protocol (rows 2, 4, 6, 8, 10, 12, 14, 16 and 22 more) [protocol-missing]"


def test_every_finding_is_in_one_line() -> None:
    extraction = extract_text("# Inbound ports\n\n" + table(WITH, MIXED) + "\n" + table(HEAD, OPEN), path="page.md")
    folded = [found for one in fold(extraction.reports) for found in one.findings]
    assert sorted(map(repr, folded)) == sorted(map(repr, extraction.findings))


@pytest.mark.parametrize("code", [entry.code for entry in catalogue().values() if entry.answered_by and entry.concern != "lost"])
def test_findings_about_rows_say_what_the_rows_have_in_common(code: str) -> None:
    assert (catalogue()[code].folded or "").startswith("rows ")
