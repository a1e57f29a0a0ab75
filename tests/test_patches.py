"""Patches: corrections that people write, applied to what the pages say, and never left to linger."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from extract import Extraction, Rule, Unresolved, extract_paths, schema
from extract.check import patch_files
from extract.errors import UsageError
from extract.model import Trace

REPO = Path(__file__).resolve().parent.parent
WEB = """# Web Security Group

Inbound rules:

| Type | Protocol | Port | Source | Description |
| --- | --- | --- | --- | --- |
| Custom TCP Rule | TCP | 443 | Client Security Group | Portal |
| Custom TCP Rule | TCP | User-defined range | Client SG | FTP data |
| Custom UDP Rule | UDP | 53 | Client Security Group, Data Security Group | Names |
| Custom | | 9000 | Client Security Group | Console |
"""
PATH = "acme/gate/1.0/web.md"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    page = tmp_path / "docs" / PATH
    page.parent.mkdir(parents=True)
    page.write_text(WEB, "utf-8")
    return tmp_path / "docs"


def extracted(docs: Path, *patches: str, paths: list[Path] | None = None, file: str = "acme/gate.toml") -> Extraction:
    """Extract the documents with patches; each is the body of a [[patch]] without its id and reason."""
    target = docs.parent / "patches" / file
    target.parent.mkdir(parents=True, exist_ok=True)
    texts = [f'[[patch]]\nid = "patch-{number}"\nreason = "because"\n{body}\n' for number, body in enumerate(patches, 1)]
    target.write_text("\n".join(texts), "utf-8")
    return extract_paths(paths or [docs], root=docs, patches=docs.parent / "patches")


def every(extraction: Extraction) -> list[Rule | Unresolved]:
    return [*extraction.rules, *extraction.unresolved]


def at(extraction: Extraction, row: int) -> list[Rule | Unresolved]:
    return [rule for rule in every(extraction) if any(place.row == row for place in rule.evidence)]


def ports(rules: list[Any]) -> list[tuple[str | None, int | None, int | None]]:
    return [(rule.protocol, rule.from_port, rule.to_port) for rule in rules]


def traces(rule: Rule | Unresolved) -> list[Trace]:
    return [trace for trace in rule.trace if trace.kind == "patch"]


def codes(extraction: Extraction) -> list[str]:
    return [found.code for patch in extraction.patches for found in patch.findings]


# --- what patches do --------------------------------------------------------------------------------------------------


def test_set_changes_values_and_leaves_a_trace(docs: Path) -> None:
    extraction = extracted(docs, 'link = "https://acme.example/1"\nmatch = { from_port = 443 }\nset = { from_port = 8443, to_port = 8443 }')
    (rule,) = at(extraction, 1)
    assert ports([rule]) == [("tcp", 8443, 8443)]
    assert traces(rule) == [Trace("ports", "patch", "443", "8443", "patch:patch-1", "because (https://acme.example/1)")]
    assert (extraction.patches[0].operation, extraction.patches[0].rules, extraction.summary.patched) == ("set", 1, 1)


def test_an_open_port_is_answered_and_its_row_becomes_a_rule(docs: Path) -> None:
    body = 'match = { port_text = "user-defined range" }\nset = { from_port = 40000, to_port = 40100 }'
    extraction = extracted(docs, body)
    (rule,) = at(extraction, 2)
    assert isinstance(rule, Rule)
    assert ports([rule]) == [("tcp", 40000, 40100)]
    assert traces(rule) == [Trace("ports", "patch", "User-defined range", "40000-40100", "patch:patch-1", "because")]
    assert extraction.reports[0].tables[0].unresolved_rows == 1
    assert extraction.reports[0].tables[0].rule_rows == 3


def test_a_missing_protocol_is_answered(docs: Path) -> None:
    extraction = extracted(docs, 'match = { from_port = 9000, unstated = ["protocol"] }\nset = { protocol = "tcp" }')
    (rule,) = at(extraction, 4)
    assert isinstance(rule, Rule)
    assert (rule.protocol, rule.from_port) == ("tcp", 9000)


def test_what_a_patch_does_not_answer_stays_open(docs: Path) -> None:
    extraction = extracted(docs, 'match = { from_port = 9000 }\nset = { description = "Admin" }')
    (rule,) = at(extraction, 4)
    assert isinstance(rule, Unresolved)
    assert (rule.missing, rule.description) == (("protocol",), "Admin")
    assert rule.reason == "the page names no protocol for this row"


def test_drop_leaves_out_a_rule_and_accounts_for_its_row(docs: Path) -> None:
    extraction = extracted(docs, "match = { from_port = 443 }\ndrop = true")
    assert at(extraction, 1) == []
    (table,) = extraction.reports[0].tables
    assert [(outcome.rows, outcome.reason) for outcome in table.no_rule] == [((1,), "left out by patch:patch-1: because")]


def test_drop_of_a_part_of_a_row_leaves_the_rest(docs: Path) -> None:
    extraction = extracted(docs, 'match = { source = "Data SG" }\ndrop = true')
    assert [rule.source.name for rule in at(extraction, 3) if rule.source] == ["Client Security Group"]
    assert extraction.reports[0].tables[0].no_rule == ()


def test_add_makes_a_further_rule_beside_the_one_that_matches(docs: Path) -> None:
    extraction = extracted(docs, 'match = { from_port = 443 }\nadd = { protocol = "udp", description = "QUIC" }')
    first, second = at(extraction, 1)
    assert ports([first, second]) == [("tcp", 443, 443), ("udp", 443, 443)]
    assert traces(first) == []
    assert [(trace.field, trace.said, trace.became) for trace in traces(second)] == [
        ("protocol", "tcp", "udp"),
        ("description", "Portal", "QUIC"),
    ]
    assert (second.source, second.destination, second.evidence) == (first.source, first.destination, first.evidence)


def test_alias_makes_two_names_one(docs: Path) -> None:
    extraction = extracted(docs, 'alias = { "Data Security Group" = "Client Security Group" }')
    (rule,) = at(extraction, 3)
    assert rule.source is not None
    assert rule.source.name == "Client Security Group"
    assert [(trace.said, trace.became) for trace in traces(rule)] == [("Data Security Group", "Client Security Group")]


def test_alias_renames_the_group_that_a_page_describes(docs: Path) -> None:
    extraction = extracted(docs, 'alias = { "Web Security Group" = "Frontend Security Group" }')
    assert {rule.destination.name for rule in every(extraction) if rule.destination} == {"Frontend Security Group"}


@pytest.mark.parametrize(
    ("match", "rows"),
    [
        ('document = "web"', [1, 2, 3, 3, 4]),
        ('document = "acme/gate/1.0/web"', [1, 2, 3, 3, 4]),
        ('protocol = "tcp"', [1, 2]),
        ("to_port = 53", [3, 3]),
        ('source = "client sg"', [1, 2, 3, 4]),
        ('direction = "ingress", description = "PORTAL"', [1]),
        ('action = "allow", destination = "Web SG", from_port = 53', [3, 3]),
        ('unstated = ["from_port"]', [2]),
        ('cells = { Port = "User-defined range" }', [2]),
        ('cells = { Port = "9000", Protocol = "" }', [4]),
    ],
)
def test_what_a_match_speaks_of_must_hold(docs: Path, match: str, rows: list[int]) -> None:
    extraction = extracted(docs, f'match = {{ {match} }}\nset = {{ description = "matched" }}')
    matched = [place.row for rule in every(extraction) if rule.description == "matched" for place in rule.evidence]
    assert sorted(matched) == rows
    assert extraction.patches[0].rules == len(rows)


def test_a_patch_for_a_release_leaves_the_others_alone(docs: Path) -> None:
    shutil.copytree(docs / "acme/gate/1.0", docs / "acme/gate/2.0")
    extraction = extracted(docs, 'releases = ["2.0"]\nmatch = { from_port = 443 }\ndrop = true')
    assert [rule.evidence[0].document for rule in every(extraction) if rule.from_port == 443] == ["acme/gate/1.0/web"]


def test_a_patch_for_a_product_leaves_the_others_alone(docs: Path) -> None:
    shutil.copytree(docs / "acme/gate", docs / "acme/door")
    extraction = extracted(docs, "match = { from_port = 443 }\ndrop = true")
    assert [rule.evidence[0].document for rule in every(extraction) if rule.from_port == 443] == ["acme/door/1.0/web"]


def test_the_identity_of_a_corrected_rule_is_that_of_a_page_that_says_so(docs: Path) -> None:
    corrected = extracted(docs, "match = { from_port = 443 }\nset = { from_port = 8443, to_port = 8443 }")
    (docs / PATH).write_text(WEB.replace("443", "8443"), "utf-8")
    stated = extract_paths([docs])
    assert at(corrected, 1)[0].id == at(stated, 1)[0].id


def test_two_patches_may_change_different_values_of_one_rule(docs: Path) -> None:
    first = "match = { from_port = 443 }\nset = { from_port = 8443, to_port = 8443 }"
    second = 'match = { from_port = 443 }\nset = { description = "Console" }'
    for patches in ((first, second), (second, first)):
        (rule,) = at(extracted(docs, *patches), 1)
        assert (rule.from_port, rule.description) == (8443, "Console")


# --- patches that no longer fit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patches", "code", "said"),
    [
        (["match = { from_port = 22 }\ndrop = true"], "patch-stale", "no rule of this product matches it any more"),
        (['match = { document = "gone" }\ndrop = true'], "patch-stale", "no document of this product is named 'gone'"),
        (['releases = ["3.0"]\nmatch = { from_port = 443 }\ndrop = true'], "patch-stale", "no document of release 3.0 is there"),
        (['alias = { "Old Security Group" = "Web Security Group" }'], "patch-stale", "no page of this product names 'Old Security Group'"),
        (
            ["match = { from_port = 443 }\nadd = { from_port = 53, to_port = 53, protocol = \"udp\" }"],
            "patch-stale",
            "what it adds, a page states itself",
        ),
        (
            ['match = { from_port = 443 }\nexpect = { description = "Console" }\ndrop = true'],
            "patch-expectation",
            "description is 'Portal' and not 'Console'",
        ),
        (
            ['match = { from_port = 443 }\nexpect = { cells = { Port = "8443" } }\ndrop = true'],
            "patch-expectation",
            "the cell 'Port' is '443' and not '8443'",
        ),
        (["match = { from_port = 53 }\nexpect = { rules = 1 }\ndrop = true"], "patch-expectation", "it expects 1 rules to match, but 2 do"),
        (
            ['match = { from_port = 443 }\nset = { description = "A" }', 'match = { protocol = "tcp" }\nset = { description = "B" }'],
            "patch-conflict",
            "patch:patch-1 sets another value of a rule that it changes",
        ),
        (
            ['match = { from_port = 443 }\nset = { description = "A" }', "match = { from_port = 443 }\ndrop = true"],
            "patch-conflict",
            "patch:patch-1 sets another value of a rule that it changes, or leaves it out",
        ),
        (["match = { from_port = 443 }\nset = { from_port = 9000, to_port = 443 }"], "patch-invalid", "the range 9000-443 ends"),
        (["match = { from_port = 443 }\nset = { icmp_type = 8 }"], "patch-invalid", "tcp has no ICMP type"),
        (['match = { from_port = 443 }\nset = { protocol = "esp" }'], "patch-invalid", "esp has no ports"),
        (['match = { from_port = 443 }\nset = { protocol = "tpc" }'], "patch-invalid", "'tpc' is no protocol keyword of IANA"),
        (['match = { from_port = 443 }\nset = { unstated = ["from_port", "to_port"] }'], "patch-invalid", "tcp needs ports"),
    ],
)  # fmt: skip
def test_a_patch_that_does_not_fit_is_an_error_and_changes_nothing(docs: Path, patches: list[str], code: str, said: str) -> None:
    for order in (patches, patches[::-1]):
        extraction = extracted(docs, *order)
        for patch in extraction.patches:
            (found,) = patch.findings
            assert (found.code, found.severity, found.document) == (code, "error", "patches/acme/gate.toml")
            assert patch.rules == 0
        assert said in extraction.patches[-1].findings[0].message
        assert every(extraction) == every(extract_paths([docs]))


@pytest.mark.parametrize(
    ("patches", "codes_of"),
    [
        (['alias = { "Client SG" = "A Security Group" }', 'alias = { "Client SG" = "B Security Group" }'], ["patch-conflict"] * 2),
        (['alias = { "Client SG" = "A Security Group", "Nobody SG" = "B Security Group" }'], ["patch-stale"]),
        (['releases = ["1.0", "7.0"]\nmatch = { from_port = 443 }\ndrop = true'], ["patch-stale"]),
        (['match = { from_port = 443 }\nset = { protocol = "tcp" }'], ["patch-stale"]),
        (["match = { from_port = 443 }\nset = { from_port = 8443 }"], ["patch-invalid"]),
        (['match = { from_port = 443 }\nset = { source = " " }'], ["patch-invalid"]),
        (['match = { from_port = 443 }\nset = { source = "10.0.0.1/8" }'], ["patch-invalid"]),
        (['match = { from_port = 443 }\nset = { source = "10.0.0.0/8, 192.168.0.0/16" }'], ["patch-invalid"]),
        (['alias = { "Client SG" = "A SG, B SG" }'], ["patch-invalid"]),
        (["match = { from_port = 443 }\nadd = { from_port = 444, to_port = 444 }"] * 2, ["patch-conflict"] * 2),
        (
            ['match = { from_port = 443 }\nset = { protocol = "udp" }', 'match = { from_port = 443 }\nadd = { protocol = "udp" }'],
            ["patch-conflict"],
        ),
    ],
)
def test_what_else_is_an_error(docs: Path, patches: list[str], codes_of: list[str]) -> None:
    assert codes(extracted(docs, *patches)) == codes_of


def test_the_order_of_patches_does_not_matter(docs: Path) -> None:
    chain = ['alias = { "Client SG" = "Data Security Group" }', 'alias = { "Data SG" = "Relay Security Group" }']
    both = [
        'match = { from_port = 443 }\nset = { protocol = "esp" }',
        'match = { from_port = 443 }\nset = { unstated = ["from_port", "to_port"] }',
    ]
    for patches in (chain, both):
        one, other = (extracted(docs, *order) for order in (patches, patches[::-1]))
        assert codes(one) == codes(other) == []
        assert {rule.id for rule in every(one)} == {rule.id for rule in every(other)}
    assert {rule.source.name for rule in at(extracted(docs, *chain), 3) if rule.source} == {"Data Security Group", "Relay Security Group"}
    assert ports(at(extracted(docs, *both), 1)) == [("esp", None, None)]


@pytest.mark.parametrize("name", ["Data Security Group", "Relay Security Group"])
def test_a_condition_may_name_a_group_as_the_page_does_or_as_an_alias_makes_it(docs: Path, name: str) -> None:
    alias = 'alias = { "Data SG" = "Relay Security Group" }'
    extraction = extracted(docs, alias, f'match = {{ source = "{name}" }}\nexpect = {{ source = "{name}" }}\ndrop = true')
    assert codes(extraction) == []
    assert [rule.source.name for rule in at(extraction, 3) if rule.source] == ["Client Security Group"]


def test_a_name_that_a_patch_sets_is_written_as_the_pages_write_it(docs: Path) -> None:
    (rule,) = at(extracted(docs, 'match = { from_port = 443 }\nset = { source = "data SG" }'), 1)
    assert rule.source is not None
    assert rule.source.name == "Data Security Group"


def test_an_answer_makes_the_finding_a_note(docs: Path) -> None:
    (docs / PATH).write_text(WEB.replace("443", "99999"), "utf-8")
    assert [found.severity for found in extract_paths([docs]).findings if found.code == "port-out-of-range"] == ["error"]
    extraction = extracted(docs, 'match = { port_text = "99999" }\nset = { from_port = 9999 }')
    (found,) = (found for found in extraction.findings if found.code == "port-out-of-range")
    assert found.severity == "note"
    assert found.message.endswith("; answered by patch:patch-1")
    assert extraction.summary.findings["error"] == 0


OPEN_PORT = "the page names no port number but 'User-defined range'"
TWO_PORTS = "'99999' is no port: ports end at 65535"
# The rows of the page that a patch is about, the code of the finding, patches, and what is said then: the severity and the message.
OUTCOMES: dict[str, tuple[tuple[str, str], str, tuple[str, ...], str, str]] = {
    "nothing": (("", ""), "port-not-a-number", (), "warning", f"{OPEN_PORT}; the row is under unresolved"),
    "another value is set": (
        ("", ""),
        "port-not-a-number",
        ('match = { port_text = "User-defined range" }\nset = { description = "FTP" }',),
        "warning",
        f"{OPEN_PORT}; the row is under unresolved",
    ),
    "the ports are set": (
        ("", ""),
        "port-not-a-number",
        ('match = { port_text = "User-defined range" }\nset = { from_port = 40000, to_port = 40100 }',),
        "note",
        f"{OPEN_PORT}; answered by patch:patch-1",
    ),
    "a rule is added beside it": (
        ("", ""),
        "port-not-a-number",
        ('match = { port_text = "User-defined range" }\nadd = { from_port = 40000, to_port = 40100 }',),
        "warning",
        f"{OPEN_PORT}; the row is under unresolved",
    ),
    "the row is dropped": (
        ("", ""),
        "port-not-a-number",
        ('match = { port_text = "User-defined range" }\ndrop = true',),
        "note",
        f"{OPEN_PORT}; the row is left out by patch:patch-1: because",
    ),
    "what is open of the row is dropped": (
        ("| TCP | 443 |", "| TCP | 443, 99999 |"),
        "port-out-of-range",
        ('match = { port_text = "443, 99999" }\ndrop = true',),
        "note",
        f"{TWO_PORTS}; what it left open is left out by patch:patch-1: because",
    ),
    "the rest of the row is dropped": (
        ("| TCP | 443 |", "| TCP | 443, 99999 |"),
        "port-out-of-range",
        ("match = { from_port = 443 }\ndrop = true",),
        "error",
        f"{TWO_PORTS}; the row is under unresolved",
    ),
    "a row that is taken back is dropped": (
        ("| Portal |", "| Obsolete |"),
        "row-taken-back",
        ("match = { from_port = 443 }\ndrop = true",),
        "note",
        "the cell 'Description' says 'Obsolete', so the row no longer applies; the row is left out by patch:patch-1: because",
    ),
    "a row that is taken back is kept": (
        ("| Portal |", "| Obsolete |"),
        "row-taken-back",
        ('match = { from_port = 443 }\nset = { action = "allow" }',),
        "note",
        "the cell 'Description' says 'Obsolete', so the row no longer applies; answered by patch:patch-1",
    ),
    "a row with a label is dropped": (
        ("| TCP | 443 |", "| TCP | UDP 443 |"),
        "protocol-contradicts-port-cell",
        ("match = { from_port = 443 }\ndrop = true",),
        "note",
        "the row is left out by patch:patch-1: because",
    ),
    "a name that is not the one in question": (
        ("| Custom TCP Rule | TCP | User-", "| Custom TCP Rule | TCP | User-"),
        "port-not-a-number",
        ('alias = { "Client SG" = "Clients Security Group" }',),
        "warning",
        f"{OPEN_PORT}; the row is under unresolved",
    ),
}


@pytest.mark.parametrize(("edit", "code", "patches", "severity", "message"), OUTCOMES.values(), ids=OUTCOMES)
def test_a_finding_says_what_became_of_its_row(
    docs: Path, edit: tuple[str, str], code: str, patches: tuple[str, ...], severity: str, message: str
) -> None:
    (docs / PATH).write_text(WEB.replace(*edit) if any(edit) else WEB, "utf-8")
    extraction = extracted(docs, *patches) if patches else extract_paths([docs])
    assert codes(extraction) == []
    (found,) = (found for found in extraction.findings if found.code == code)
    assert (found.severity, found.message.endswith(message)) == (severity, True), found.message
    is_open = {place.row for rule in extraction.unresolved for place in rule.evidence}
    assert (found.row in is_open) == found.message.endswith("the row is under unresolved")


SIDEWAYS = """# Ports

| Direction | Protocol | Port | Remote |
| --- | --- | --- | --- |
| Sideways | TCP | 443 | Client Security Group |
| Inbound | TCP | 80 | Client Security Group |
"""
WAY = "the direction cell says 'Sideways', which is neither inbound nor outbound; nothing else of the page states one"
OWNED = "# Ports\n\n| Security group | Protocol | Port |\n| --- | --- | --- |\n| web-sg | TCP | 443 |\n"
SIDE = (
    "the cell 'Security group' names 'web-sg', and nothing says whether traffic comes from it or goes to it;"
    " without a patch, the rule does not use it"
)


@pytest.mark.parametrize(
    ("page", "code", "values", "message", "answered"),
    [
        (SIDEWAYS, "direction-unknown", 'direction = "ingress"', WAY, True),
        (SIDEWAYS, "direction-unknown", 'description = "Portal"', WAY, False),
        (OWNED, "end-not-placed", 'destination = "web-sg"', SIDE, True),
        (OWNED, "end-not-placed", 'direction = "ingress"', SIDE, False),
    ],
)
def test_a_way_that_a_patch_states_answers_the_question(
    docs: Path, page: str, code: str, values: str, message: str, answered: bool
) -> None:
    (docs / PATH).write_text(page, "utf-8")
    (found,) = (one for one in extracted(docs, f"match = {{ from_port = 443 }}\nset = {{ {values} }}").findings if one.code == code)
    assert (found.severity, found.message) == (("note", f"{message}; answered by patch:patch-1") if answered else ("warning", message))


def test_another_name_for_an_end_does_not_answer_which_end_it_is(docs: Path) -> None:
    (docs / PATH).write_text("# Ports\n\nOutbound rules:\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP | 443 | Data SG |\n")
    extraction = extracted(docs, 'alias = { "Data SG" = "Store Security Group" }')
    assert [rule.destination.name for rule in extraction.rules if rule.destination] == ["Store Security Group"]
    (found,) = (one for one in extraction.findings if one.code == "direction-conflict")
    assert (found.severity, found.message.endswith("; taken as the destination")) == ("warning", True)


def test_an_icmp_type_that_is_not_understood_is_answered(docs: Path) -> None:
    (docs / PATH).write_text(WEB.replace("Custom UDP Rule | UDP | 53", "Custom ICMP Rule | ICMP | wibble"), "utf-8")
    for values, expected in (("icmp_type = 3", (3,)), ('unstated = ["icmp_type"]', (None,)), ('unstated = ["from_port"]', ())):
        extraction = extracted(docs, f'match = {{ protocol = "icmp", source = "Client SG" }}\nset = {{ {values} }}')
        assert tuple(rule.icmp_type for rule in extraction.rules if rule.protocol == "icmp") == expected


def test_the_report_names_the_rows_that_a_patch_is_about(docs: Path) -> None:
    extraction = extracted(docs, 'match = { source = "Data SG" }\ndrop = true')
    assert [(place.document, place.table, place.row) for place in extraction.patches[0].places] == [(PATH, 1, 3)]


def test_in_a_run_over_a_part_only_what_is_there_is_judged(docs: Path) -> None:
    other = docs / "other/thing/1/page.md"
    other.parent.mkdir(parents=True)
    other.write_text(WEB, "utf-8")
    shutil.copy(docs / PATH, docs / "acme/gate/1.0/other.md")
    (docs / "acme/gate/1.0/other.md").write_text("# Nothing\n", "utf-8")
    patches = ('alias = { "Client SG" = "A Security Group" }', "match = { from_port = 443 }\ndrop = true")
    for part in (docs / "other", docs / "acme/gate/1.0/other.md"):
        assert codes(extracted(docs, *patches, paths=[part])) == []


def test_a_finding_about_a_patch_stands_at_its_line(docs: Path) -> None:
    extraction = extracted(docs, "match = { from_port = 443 }\ndrop = true", "match = { from_port = 22 }\ndrop = true")
    assert [patch.line for patch in extraction.patches] == [1, 7]
    assert [found.line for found in extraction.findings if found.code == "patch-stale"] == [7]


def test_in_a_run_over_single_files_a_patch_for_another_page_is_passed_over(docs: Path) -> None:
    shutil.copy(docs / PATH, docs / "acme/gate/1.0/other.md")
    patches = ('match = { document = "other", from_port = 443 }\ndrop = true', "match = { from_port = 443 }\ndrop = true")
    extraction = extracted(docs, *patches, paths=[docs / PATH])
    assert [(patch.id, patch.rules) for patch in extraction.patches] == [("patch-2", 1)]
    assert codes(extraction) == []


def test_a_corrected_rule_can_cover_a_sentence(docs: Path) -> None:
    (docs / PATH).write_text(WEB.replace("Inbound rules:", "Allow TCP 9999.\n\nInbound rules:"), "utf-8")
    body = "match = { from_port = 443 }\nadd = { from_port = 9999, to_port = 9999 }"
    assert [found.code for found in extract_paths([docs]).findings if found.code.startswith("prose")] == ["prose-not-covered"]
    assert [found.code for found in extracted(docs, body).findings if found.code.startswith("prose")] == ["prose-confirms-rows"]


# --- files of patches -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[patch]\n", "acme/gate.toml:1:8: is no TOML"),
        ("", "acme/gate.toml:1: the file lacks the key patch"),
        ('[[patch]]\nid = "a"\nreason = "r"\n', "acme/gate.toml:1: a patch has exactly one of set, drop, add, alias; this one has none"),
        (
            '\n[[patch]]\nid = "a"\nreason = "r"\nmatch = { from_port = 1 }\ndrop = true\nset = { description = "d" }\n',
            "acme/gate.toml:2: a patch has exactly one of set, drop, add, alias; this one has set and drop",
        ),
        ('[[patch]]\nid = "a"\nreason = "r"\ndrop = true\n', "a patch that does drop needs a match"),
        ('[[patch]]\nid = "a"\nreason = "r"\nalias = { A = "B" }\nmatch = { from_port = 1 }\n', "takes no match"),
        ('[[patch]]\nid = "a"\nmatch = { from_port = 1 }\ndrop = true\n', "reason"),
        ('[[patch]]\nid = "A b"\nreason = "r"\nmatch = { from_port = 1 }\ndrop = true\n', "acme/gate.toml:2: id is "),
        ('[[patch]]\nid = "a"\nreason = "r"\nmatch = { port = 1 }\ndrop = true\n', "acme/gate.toml:4: match has no key 'port'"),
        ('[[patch]]\nid = "a"\nreason = "r"\nmatch = { from_port = 70000 }\ndrop = true\n', "acme/gate.toml:4: match.from_port is 70000; "),
        (
            '[[patch]]\nid = "a"\nreason = "r"\nlink = "javascript:1"\nmatch = { from_port = 1 }\ndrop = true\n',
            "acme/gate.toml:4: link is ",
        ),
        ('[[patch]]\nid = "a"\nreason = "r"\nmatch = { from_port = 1 }\ndrop = true\n' * 2, "acme/gate.toml:6: the id 'a' is taken by"),
        ("patch = 1\n", "acme/gate.toml:1: patch is 1; "),
        ("patch = [1]\n", "acme/gate.toml:1: entry 1 of patch is 1; "),
        (
            '[[patch]]\nid = "a"\nreason = "r"\nlink = 1979-05-27\nmatch = { from_port = 1 }\ndrop = true\n',
            "acme/gate.toml:4: link is the date",
        ),
        (
            '[[patch]]\nid = "a"\nreason = "r"\nmatch = { from_port = 9000.0 }\ndrop = true\n',
            "acme/gate.toml:4: match.from_port is no whole number",
        ),
        ("x = " + "[" * 100_000, "acme/gate.toml: is no TOML"),
        (".".join("x" * 5000) + " = 1\n", "acme/gate.toml: is no TOML"),
        ('[[patch]]\nid = "a"\nreason = "r"\nalias = { A = "A" }\n', "an alias stands for another name"),
    ],
)
def test_a_malformed_file_is_refused_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "patches/acme").mkdir(parents=True)
    (tmp_path / "patches/acme/gate.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as error:
        patch_files.load(tmp_path / "patches")
    assert str(error.value).startswith("patches/acme/gate.toml")
    assert said in str(error.value)


def test_the_line_of_a_patch_is_found_where_a_text_holds_what_looks_like_one(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    text = '[[patch]]\nid = "a"\nreason = """r\n[[patch]]\n"""\nmatch = { from_port = 1 }\ndrop = true\n'
    (tmp_path / "acme/gate.TOML").write_text(text + text.replace('"a"', '"b"'), "utf-8")
    assert [patch.line for patch in patch_files.load(tmp_path)] == [1, 8]


def test_a_file_that_lies_deeper_is_refused(tmp_path: Path) -> None:
    (tmp_path / "acme/gate").mkdir(parents=True)
    (tmp_path / "acme/gate/1.0.toml").write_text("")
    with pytest.raises(UsageError, match=r"patches lie at <vendor>/<product>\.toml"):
        patch_files.load(tmp_path)


def test_a_file_that_is_no_utf_8_and_a_folder_that_is_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/gate.toml").write_bytes(b'reason = "\xff"')
    with pytest.raises(UsageError, match="is not UTF-8"):
        patch_files.load(tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        patch_files.load(tmp_path / "nowhere")


def test_the_schema_is_valid_and_in_step_with_the_model() -> None:
    found = schema.load("patches")
    jsonschema.Draft202012Validator.check_schema(found)
    own = {"vendor", "product", "path", "line", "open"}

    def fields(struct: type[msgspec.Struct]) -> set[str]:
        return {field.name for field in msgspec.structs.fields(struct)}

    assert set(found["$defs"]["patch"]["properties"]) == fields(patch_files.Patch) - own
    assert set(found["$defs"]["values"]["properties"]) == fields(patch_files.Values)
    assert set(found["$defs"]["match"]["properties"]) | {"rules"} == fields(patch_files.Condition)
    assert set(found["$defs"]["expect"]["properties"]) | {"document", "table"} == fields(patch_files.Condition)


# --- documents of no vendor, tables, and questions that are open ------------------------------------------------------


def test_a_file_in_the_folder_itself_is_about_documents_of_no_vendor(tmp_path: Path) -> None:
    (tmp_path / "docs" / "site").mkdir(parents=True)
    (tmp_path / "docs" / "site" / "web.md").write_text(WEB, "utf-8")
    extraction = extracted(tmp_path / "docs", "match = { from_port = 443 }\nset = { from_port = 8443, to_port = 8443 }", file="any.toml")
    assert (ports(at(extraction, 1)), codes(extraction)) == ([("tcp", 8443, 8443)], [])


def test_it_is_not_about_documents_of_a_vendor(docs: Path) -> None:
    extraction = extracted(docs, "match = { from_port = 443 }\nset = { from_port = 8443, to_port = 8443 }", file="gate.toml")
    assert (ports(at(extraction, 1)), codes(extraction)) == ([("tcp", 443, 443)], ["patch-stale"])


def test_a_match_may_name_a_table(docs: Path) -> None:
    (docs / PATH).write_text(WEB + "\n" + WEB.partition("\n\n")[2], "utf-8")
    extraction = extracted(docs, 'match = { document = "web", table = 2, from_port = 443 }\nset = { from_port = 8443, to_port = 8443 }')
    assert {place.table: rule.from_port for rule in at(extraction, 1) for place in rule.evidence} == {1: 443, 2: 8443}
    (docs.parent / "patches/acme/gate.toml").write_text('[[patch]]\nid = "a"\nreason = "r"\nmatch = { table = 2 }\ndrop = true\n', "utf-8")
    with pytest.raises(UsageError, match=r"gate\.toml:1: a match that names a table needs the document"):
        patch_files.load(docs.parent / "patches")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('match = { port_text = "User-defined range" }\nset = { from_port = "?", to_port = 9100 }', "set.from_port is still '?'"),
        ('match = { unstated = ["protocol"] }\nset = { protocol = "?" }', "set.protocol is still '?'"),
        ('match = { from_port = 443 }\nadd = { protocol = "?", source = "?" }', "add.protocol and add.source are still '?'"),
    ],
)
def test_a_patch_with_an_open_question_is_not_applied(docs: Path, body: str, said: str) -> None:
    before = extract_paths([docs], root=docs)
    extraction = extracted(docs, body)
    assert (extraction.rules, extraction.unresolved) == (before.rules, before.unresolved)
    (found,) = extraction.patches[0].findings
    assert (found.code, found.severity) == ("patch-unanswered", "warning")
    assert found.message == f"the patch 'patch-1' was not applied: {said}"


def test_what_a_page_contradicts_itself_about_is_confirmed(docs: Path) -> None:
    (docs / PATH).write_text(WEB.replace("Custom TCP Rule | TCP | 443", "Custom UDP Rule | TCP | 443"), "utf-8")
    extraction = extracted(docs, 'match = { from_port = 443 }\nset = { protocol = "tcp" }')
    (rule,) = at(extraction, 1)
    assert (ports([rule]), codes(extraction)) == ([("tcp", 443, 443)], [])
    assert [(trace.field, trace.said, trace.became) for trace in traces(rule)] == [("protocol", "tcp", "tcp")]
    (found,) = (found for found in extraction.findings if found.code == "type-contradicts-protocol")
    assert found.severity == "note"
    assert found.message.endswith("; answered by patch:patch-1")
    stale = extracted(docs, 'match = { from_port = 53 }\nset = { protocol = "udp" }')
    assert codes(stale) == ["patch-stale"]


@pytest.mark.parametrize("value", ['direction = "egress"', 'destination = "Data Security Group"'])
def test_an_end_that_was_taken_from_a_header_of_the_other_side_is_confirmed(docs: Path, value: str) -> None:
    page = WEB.replace("Inbound rules", "Outbound rules").replace("Client Security Group |", "Data Security Group |")
    (docs / PATH).write_text(page, "utf-8")
    extraction = extracted(docs, f"match = {{ from_port = 443 }}\nset = {{ {value} }}")
    assert codes(extraction) == []
    (found,) = (found for found in extraction.findings if found.code == "direction-conflict" and found.row == 1)
    assert (found.severity, found.message.endswith("; answered by patch:patch-1")) == ("note", True)


def test_a_value_that_is_wrong_is_named_with_what_is_wrong_with_it(docs: Path) -> None:
    with pytest.raises(UsageError, match=r"gate\.toml:5: set\.to_port is 70000; write a whole number from 0 to 65535"):
        extracted(docs, "match = { from_port = 443 }\nset = { from_port = 70000, to_port = 70000 }")


# --- the command line --------------------------------------------------------------------------------------------------


def run(folder: Path, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Return exit code, what was said, and the data of `docrules run` in a folder."""
    command = [sys.executable, "-m", "extract", "run", *arguments, "--out", "rules.json", "--report", "report.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    data = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("rules", "report") if (folder / f"{name}.json").exists()}
    return done.returncode, done.stderr, data


def portal(data: dict[str, Any]) -> list[int]:
    return [rule["from_port"] for rule in data["rules"]["rules"] if rule["description"] == "Portal"]


def write(folder: Path, body: str) -> None:
    (folder / "acme").mkdir(parents=True, exist_ok=True)
    (folder / "acme/gate.toml").write_text(f'[[patch]]\nid = "portal"\nreason = "because"\n{body}\n', "utf-8")


MOVED = "match = { from_port = 443 }\nset = { from_port = 8443, to_port = 8443 }"


def test_the_folder_beside_the_documents_is_read_unless_raw_is_asked_for(docs: Path) -> None:
    write(docs.parent / "patches", MOVED)
    code, said, data = run(docs.parent, "docs")
    assert (code, portal(data), data["report"]["summary"]["patched"]) == (0, [8443], 1)
    assert "patches: 1 of 1 applied, 1 rule changed, 0 left out" in said
    code, said, data = run(docs.parent, "docs", "--raw")
    assert (code, portal(data), data["report"]["patches"]) == (0, [443], [])
    assert "patches:" not in said
    code, _, data = run(docs.parent, f"docs/{PATH}", "--root", "docs")
    assert (code, portal(data)) == (0, [8443])


def test_another_folder_may_be_named(docs: Path) -> None:
    write(docs.parent / "mine", MOVED)
    assert portal(run(docs.parent, "docs")[2]) == [443]
    assert portal(run(docs.parent, "docs", "--patches", "mine")[2]) == [8443]


def test_a_stale_patch_fails_the_run_and_the_rest_is_written(docs: Path) -> None:
    write(docs.parent / "patches", "match = { from_port = 22 }\ndrop = true")
    code, said, data = run(docs.parent, "docs")
    assert (code, portal(data)) == (1, [443])
    assert (
        "patches/acme/gate.toml:1: error: the patch 'portal' was not applied: no rule of this product matches it any more [patch-stale]"
        in said
    )
    (patch,) = data["report"]["patches"]
    assert (patch["rules"], [found["code"] for found in patch["findings"]]) == (0, ["patch-stale"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--patches", "nowhere"], "the folder of patches nowhere does not exist"),
        (["--patches", "patches", "--raw"], "--raw leaves out patches"),
        (["--patches", "broken"], ": is no TOML: "),
        (["--patches", "patches", "--markdown", "patches/acme/gate.toml"], "would be overwritten"),
    ],
)
def test_a_call_that_cannot_be_carried_out_writes_nothing(docs: Path, arguments: list[str], said: str) -> None:
    write(docs.parent / "patches", MOVED)
    write(docs.parent / "broken", "[")
    code, errors, data = run(docs.parent, "docs", *arguments)
    assert (code, data) == (2, {})
    assert said in errors


# --- the shipped ones -------------------------------------------------------------------------------------------------


def test_the_shipped_patches_apply_and_explain_themselves() -> None:
    extraction = extract_paths([REPO / "data/docs"], patches=REPO / "data/patches")
    assert {patch.id: (patch.operation, patch.rules, patch.findings) for patch in extraction.patches} == {
        "server-group-in-one-word": ("alias", 1, ()),
        "file-system-ssh-description": ("set", 1, ()),
    }
    assert not any(found.code == "name-slip" for found in extraction.findings)
    assert "name-slip" in {found.code for found in extract_paths([REPO / "data/docs"]).findings}
