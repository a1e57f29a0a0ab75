"""What has changed between two runs: which rule is which, and what the change means for a firewall."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import Endpoint, Extraction, Rule, Unresolved, extract_text
from extract.model import Change, Document, Evidence, Trace
from extract.publish.diff import IMPACTS, Snapshot, changes_json, compare
from extract.publish.diff_words import LABELS
from extract.publish.render import rules_json
from tests import goldens, transforms
from tests.test_robustness import FOLDERS, as_html, reads_by_rows, renders_as_github_does

HEADER = ("Action", "Direction", "Protocol", "Port", "Source", "Destination", "Description")
RELEASE = "acme/gate/1.0/ports.md"
DOCUMENT = Document(
    id="acme/gate/1.0/ports",
    path="acme/gate/1.0/ports.md",
    sha256="0" * 64,
    title="",
    vendor="acme",
    product="gate",
    release="1.0",
    url=None,
)
QUIET = {"wording", "evidence"}
OPPOSITE = dict(
    opposites
    for one, other in [("opens", "closes"), ("widens", "narrows"), ("now-stated", "no-longer-stated"), ("added", "removed")]
    for opposites in [(one, other), (other, one)]
)


def snapshot(*extractions: Extraction) -> Snapshot:
    """Return what several pages publish as if one run had read them; they must be of different scopes."""
    return Snapshot(
        tuple(document for one in extractions for document in one.documents),
        tuple(rule for one in extractions for rule in one.rules),
        tuple(rule for one in extractions for rule in one.unresolved),
    )


def table(*rows: str, header: Sequence[str] = HEADER, path: str = RELEASE, before: str = "# Ports\n\n") -> Snapshot:
    """Return what a page with one table publishes; a row is its cells between bars."""
    lines = [" | ".join(header), " | ".join(["---"] * len(header)), *rows]
    return snapshot(extract_text(before + "".join(f"| {line} |\n" for line in lines), path=path))


def told(changes: Sequence[Change]) -> list[tuple[str, str, set[str]]]:
    return [(change.kind, change.impact, set(change.fields) - {"evidence", "trace"}) for change in changes]


# --- one row ------------------------------------------------------------------------------------------------------------

PORTS = {"from_port", "to_port"}
LEFT_OPEN = {"port_text", "missing", "reason"}
WEB = "allow | in | tcp | 443 | App SG | Web SG | HTTPS"

# What it is: the row before, the row now (empty for none), and kind, impact and fields of the change (none for no change).
CASES: dict[str, tuple[str, str, tuple[str, str, set[str]] | None]] = {
    "the same": (WEB, WEB, None),
    "a new rule": ("", WEB, ("added", "opens", set())),
    "a rule less": (WEB, "", ("removed", "closes", set())),
    "a new denial": ("", WEB.replace("allow", "deny"), ("added", "closes", set())),
    "a denial less": (WEB.replace("allow", "deny"), "", ("removed", "opens", set())),
    "allowed, now denied": (WEB, WEB.replace("allow", "deny"), ("changed", "closes", {"action"})),
    "denied, now allowed": (WEB.replace("allow", "deny"), WEB, ("changed", "opens", {"action"})),
    "another port": (WEB, WEB.replace("443", "8443"), ("changed", "replaces", PORTS)),
    "a longer range": (WEB, WEB.replace("443", "443-450"), ("changed", "widens", {"to_port"})),
    "a shorter range": (WEB.replace("443", "443-450"), WEB.replace("443", "444-449"), ("changed", "narrows", PORTS)),
    "a range that slides": (WEB.replace("443", "440-450"), WEB.replace("443", "445-455"), ("changed", "replaces", PORTS)),
    "every port": (WEB, WEB.replace("443", "all"), ("changed", "widens", PORTS)),
    "a longer range that is denied": (
        WEB.replace("443", "443-450").replace("allow", "deny"),
        WEB.replace("443", "443-460").replace("allow", "deny"),
        ("changed", "narrows", {"to_port"}),
    ),
    "a shorter range that is denied": (
        WEB.replace("443", "443-450").replace("allow", "deny"),
        WEB.replace("443", "443").replace("allow", "deny"),
        ("changed", "widens", {"to_port"}),
    ),
    "another protocol": (WEB, WEB.replace("tcp", "udp"), ("changed", "replaces", {"protocol"})),
    "any protocol, and so every port": (WEB, WEB.replace("tcp | 443", "any | any"), ("changed", "widens", {"protocol", *PORTS})),
    "one protocol of any": (WEB.replace("tcp | 443", "any | any"), WEB, ("changed", "narrows", {"protocol", *PORTS})),
    "a protocol without ports": (WEB, WEB.replace("tcp | 443", "esp | n/a"), ("changed", "replaces", {"protocol", *PORTS})),
    "another source": (WEB, WEB.replace("App", "Job"), ("changed", "re-routes", {"source"})),
    "another destination": (WEB, WEB.replace("Web", "Edge"), ("changed", "re-routes", {"destination"})),
    "two other ends, the same words": (
        WEB,
        WEB.replace("App", "Job").replace("Web", "Edge"),
        ("changed", "re-routes", {"source", "destination"}),
    ),
    "from anywhere": (WEB, WEB.replace("App SG", "any"), ("changed", "widens", {"source"})),
    "from anywhere no more": (WEB.replace("App SG", "any"), WEB, ("changed", "narrows", {"source"})),
    "a larger network": (
        WEB.replace("App SG", "10.1.0.0/16"),
        WEB.replace("App SG", "10.0.0.0/8"),
        ("changed", "widens", {"source"}),
    ),
    "a host of the network": (WEB.replace("App SG", "10.0.0.0/8"), WEB.replace("App SG", "10.1.2.3"), ("changed", "narrows", {"source"})),
    "the same host as a network": (
        WEB.replace("App SG", "10.1.2.3/32"),
        WEB.replace("App SG", "10.1.2.3"),
        ("changed", "wording", {"source"}),
    ),
    "another network": (
        WEB.replace("App SG", "10.0.0.0/8"),
        WEB.replace("App SG", "172.16.0.0/12"),
        ("changed", "re-routes", {"source"}),
    ),
    "a network of the other family": (
        WEB.replace("App SG", "0.0.0.0/0"),
        WEB.replace("App SG", "::/0"),
        ("changed", "re-routes", {"source"}),
    ),
    "a source that is said no more": (WEB, WEB.replace("App SG", ""), ("changed", "no-longer-stated", {"source"})),
    "a source that is said now": (WEB.replace("App SG", ""), WEB, ("changed", "now-stated", {"source"})),
    "anywhere is not what is not said": (
        WEB.replace("App SG", "any"),
        WEB.replace("App SG", ""),
        ("changed", "no-longer-stated", {"source"}),
    ),
    "anywhere that is said now": (WEB.replace("App SG", ""), WEB.replace("App SG", "any"), ("changed", "now-stated", {"source"})),
    "a direction and both ends that are said now": (
        "allow | | tcp | 443 | | | HTTPS",
        WEB,
        ("changed", "now-stated", {"direction", "source", "destination"}),
    ),
    "a source that is said now, in other words": (
        WEB.replace("App SG", ""),
        WEB.replace("HTTPS", "Web access"),
        ("changed", "now-stated", {"source", "description"}),
    ),
    "a denied source that is said now": (
        WEB.replace("App SG", "").replace("allow", "deny"),
        WEB.replace("allow", "deny"),
        ("changed", "now-stated", {"source"}),
    ),
    "a source that is said now, another destination": (
        WEB.replace("App SG", ""),
        WEB.replace("Web SG", "Edge SG"),
        ("changed", "re-routes", {"source", "destination"}),
    ),
    "a source that is said now, a destination that is said no more": (
        WEB.replace("App SG", ""),
        WEB.replace("Web SG", ""),
        ("changed", "re-routes", {"source", "destination"}),
    ),
    "a source that is said now, a longer range": (
        WEB.replace("App SG", ""),
        WEB.replace("443", "443-450"),
        ("changed", "replaces", {"source", "to_port"}),
    ),
    "a source that is said now, and denied": (
        WEB.replace("App SG", ""),
        WEB.replace("allow", "deny"),
        ("changed", "closes", {"action", "source"}),
    ),
    "a larger network and a shorter range": (
        "allow | in | tcp | 440-450 | 10.1.0.0/16 | Web SG | HTTPS",
        "allow | in | tcp | 443 | 10.0.0.0/8 | Web SG | HTTPS",
        ("changed", "replaces", {*PORTS, "source"}),
    ),
    "the other direction": (WEB, WEB.replace("| in", "| out"), ("changed", "re-routes", {"direction"})),
    "a direction that is said now": (WEB.replace("| in", "| "), WEB, ("changed", "now-stated", {"direction"})),
    "a direction that is said no more": (WEB, WEB.replace("| in", "| "), ("changed", "no-longer-stated", {"direction"})),
    "every type of ICMP": (
        "allow | in | icmp | echo request | App SG | Web SG | Ping",
        "allow | in | icmp | all | App SG | Web SG | Ping",
        ("changed", "widens", {"icmp_type"}),
    ),
    "a code of a type": (
        "allow | in | icmp | type 3 | App SG | Web SG | Ping",
        "allow | in | icmp | type 3 code 4 | App SG | Web SG | Ping",
        ("changed", "narrows", {"icmp_code"}),
    ),
    "another type": (
        "allow | in | icmp | type 8 | App SG | Web SG | Ping",
        "allow | in | icmp | type 3 code 4 | App SG | Web SG | Ping",
        ("changed", "replaces", {"icmp_type", "icmp_code"}),
    ),
    "other words": (WEB, WEB.replace("HTTPS", "Web access"), ("changed", "wording", {"description"})),
    "another spelling of a name": (WEB, WEB.replace("App SG", "app Security Group"), ("changed", "wording", {"source"})),
    "ports that are named now": (
        WEB.replace("443", "user-defined"),
        WEB,
        ("changed", "opens", {*PORTS, *LEFT_OPEN}),
    ),
    "ports that are named no more": (WEB, WEB.replace("443", "user-defined"), ("changed", "closes", {*PORTS, *LEFT_OPEN})),
    "denied ports that are named now": (
        WEB.replace("443", "user-defined").replace("allow", "deny"),
        WEB.replace("allow", "deny"),
        ("changed", "closes", {*PORTS, *LEFT_OPEN}),
    ),
    "denied ports that are named no more": (
        WEB.replace("allow", "deny"),
        WEB.replace("443", "user-defined").replace("allow", "deny"),
        ("changed", "opens", {*PORTS, *LEFT_OPEN}),
    ),
    "a new rule without ports": ("", WEB.replace("443", "user-defined"), ("added", "unresolved", set())),
    "a rule without ports less": (WEB.replace("443", "user-defined"), "", ("removed", "unresolved", set())),
    "other words for open ports": (
        WEB.replace("443", "user-defined"),
        WEB.replace("443", "see the console"),
        ("changed", "unresolved", {"port_text", "reason"}),
    ),
    "open ports, another source": (
        WEB.replace("443", "user-defined"),
        WEB.replace("443", "user-defined").replace("App", "Job"),
        ("changed", "unresolved", {"source"}),
    ),
    "open ports, a source that is said now": (
        WEB.replace("443", "user-defined").replace("App SG", ""),
        WEB.replace("443", "user-defined"),
        ("changed", "unresolved", {"source"}),
    ),
    "open ports, other words": (
        WEB.replace("443", "user-defined"),
        WEB.replace("443", "user-defined").replace("HTTPS", "Web"),
        ("changed", "wording", {"description"}),
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_a_row_that_changes(old: str, new: str, expected: tuple[str, str, set[str]] | None) -> None:
    # A row that stays makes the page one of rules, whatever becomes of the other.
    stays = "allow | in | tcp | 22 | Jump SG | Web SG | SSH"
    found = compare(table(stays, *filter(None, [old])), table(stays, *filter(None, [new])))
    assert told(found) == ([expected] if expected else [])
    for change in found:
        assert (change.previous is None, change.current is None) == (not old, not new)


def test_ports_that_move_open_and_close_whichever_way_they_are_paired() -> None:
    (change,) = compare(table(WEB), table(WEB.replace("443", "8443")))
    assert change.impact == "replaces"
    assert "opens" in LABELS["replaces"] and "closes" in LABELS["replaces"]


# --- which rule is which ------------------------------------------------------------------------------------------------


def ports(changes: Sequence[Change]) -> set[tuple[int | None, int | None]]:
    """Return the ports before and now of each change, None for a rule that is not there."""
    return {(getattr(change.previous, "from_port", None), getattr(change.current, "from_port", None)) for change in changes}


def test_rules_without_anything_in_common_are_not_one() -> None:
    old = table(WEB, "allow | in | tcp | 22 | Jump SG | Web SG | SSH")
    new = table(WEB, "allow | in | udp | 53 | Web SG | Name SG | DNS")
    assert told(compare(old, new)) == [("added", "opens", set()), ("removed", "closes", set())]


def test_another_service_between_the_same_ends_is_another_rule() -> None:
    found = compare(table("allow | in | tcp | 22 | A SG | B SG | SSH"), table("allow | in | tcp | 8443 | A SG | B SG | Console"))
    assert {change.kind for change in found} == {"added", "removed"}


def test_rows_of_which_only_the_protocol_is_the_same_are_not_one() -> None:
    header = ("Protocol", "Port", "Direction")
    found = compare(table("tcp | 22 | in", "tcp | 80 | in", header=header), table("tcp | 9000 | in", "tcp | 80 | in", header=header))
    assert {change.kind for change in found} == {"added", "removed"}


def test_a_row_of_which_one_cell_has_changed_is_the_same_rule() -> None:
    header = ("Protocol", "Port", "Source")
    found = compare(table("tcp | 22 | Jump SG", header=header), table("tcp | 2222 | Jump SG", header=header))
    assert told(found) == [("changed", "replaces", PORTS)]


def test_a_row_that_stands_in_another_context_is_the_same_rule() -> None:
    header = ("Protocol", "Port", "Source")
    row = "tcp | 22 | Jump SG"
    old, new = (table(row, header=header, before=f"# Ports\n\n## {word} rules\n\n") for word in ("Inbound", "Outbound"))
    (change,) = compare(old, new)
    assert (change.kind, change.impact) == ("changed", "re-routes")
    assert "direction" in change.fields


def test_the_description_decides_which_port_moved_where() -> None:
    old = table("allow | in | tcp | 80 | A SG | B SG | Console", "allow | in | tcp | 81 | A SG | B SG | Agents")
    new = table("allow | in | tcp | 90 | A SG | B SG | Agents", "allow | in | tcp | 91 | A SG | B SG | Console")
    assert ports(compare(old, new)) == {(80, 91), (81, 90)}


def test_a_rule_that_only_narrows_is_preferred_to_one_that_is_re_routed() -> None:
    old = table("allow | in | tcp | 80-89 | A SG | B SG | Web", "allow | in | tcp | 80-89 | C SG | B SG | Web")
    new = table("allow | in | tcp | 80-85 | C SG | B SG | Web")
    assert told(compare(old, new)) == [("removed", "closes", set()), ("changed", "narrows", {"to_port"})]


def test_a_row_that_is_split_into_two_is_one_rule_that_changed_and_one_that_is_new() -> None:
    old = table("allow | in | tcp | 8000-8010 | A SG | B SG | Nodes")
    new = table("allow | in | tcp | 8000-8004 | A SG | B SG | Nodes", "allow | in | tcp | 8006-8010 | A SG | B SG | Nodes")
    assert Counter(change.kind for change in compare(old, new)) == {"added": 1, "changed": 1}


# What two rules share, and nothing else of weight: the header of the pages, the row before, the row now, and whether they are one rule.
FEW = ("Protocol", "Port")
ONE_RULE: dict[str, tuple[Sequence[str], str, str, bool]] = {
    "traffic and a named end": (HEADER, WEB, "allow | in | tcp | 443 | Job SG | Web SG | Jobs", True),
    "traffic and an end that is anywhere": (HEADER, WEB.replace("App SG", "any"), "allow | in | tcp | 443 | any | Job SG | Jobs", False),
    "named ends and ports": (HEADER, WEB, "allow | in | udp | 443 | App SG | Web SG | Media", True),
    "ports of unnamed ends": (HEADER, "allow | in | tcp | 443 | | | HTTPS", "allow | in | udp | 443 | | | Media", False),
    "named ends without ports": (
        HEADER,
        "allow | in | esp | | App SG | Web SG | VPN",
        "allow | in | ah | | App SG | Web SG | Heads",
        False,
    ),
    "ends and ports that touch": (HEADER, WEB.replace("443", "440-443"), "allow | in | tcp | 443-450 | App SG | Web SG | Web", True),
    "ends and ports that do not touch": (HEADER, WEB, "allow | in | tcp | 444 | App SG | Web SG | Web", False),
    "ends and ports that are open": (HEADER, WEB, "allow | in | tcp | user-defined | App SG | Web SG | Data", False),
    "words, an end and ports that touch": (HEADER, WEB.replace("443", "440-443"), "allow | in | tcp | 443 | Job SG | Web SG | HTTPS", True),
    "words, an end and other ports": (HEADER, WEB, "allow | in | tcp | 444 | Job SG | Web SG | HTTPS", False),
    "a number": (FEW, "tcp | 9000", "udp | 9000", False),
}


@pytest.mark.parametrize(("header", "old", "new", "one"), ONE_RULE.values(), ids=ONE_RULE)
def test_rules_are_one_by_what_they_share(header: Sequence[str], old: str, new: str, one: bool) -> None:
    stays = "tcp | 25" if header == FEW else "allow | in | tcp | 22 | Jump SG | Edge SG | SSH"
    kinds = [change.kind for change in compare(table(stays, old, header=header), table(stays, new, header=header))]
    assert kinds == ["changed"] if one else sorted(kinds) == ["added", "removed"]


def test_a_row_with_the_same_cells_is_the_same_rule_though_nothing_else_names_it() -> None:
    old, new = (table("tcp | 22", header=FEW, before=f"# Ports\n\n## {word} rules\n\n") for word in ("Inbound", "Outbound"))
    assert [(change.kind, change.impact) for change in compare(old, new)] == [("changed", "re-routes")]


# What a page of twenty rows without direction and source says now: the headers then and now, a row then and now, and what stands above.
STATED_NOW: dict[str, tuple[Sequence[str], Sequence[str], str, str, str]] = {
    "a heading says the direction": (FEW, FEW, "tcp | {}", "tcp | {}", "## Inbound"),
    "a column says the source": (FEW, (*FEW, "Source"), "tcp | {}", "tcp | {} | App SG", ""),
    "two columns say the way": (FEW, (*FEW, "Direction", "Source"), "tcp | {}", "tcp | {} | in | App SG", ""),
    "a heading, in a table of ends": (
        (*FEW, "Source", "Purpose"),
        (*FEW, "Source", "Purpose"),
        "tcp | {} | App SG | Node",
        "tcp | {} | App SG | Node",
        "## Inbound",
    ),
}


@pytest.mark.parametrize(("header", "header_now", "row", "row_now", "above"), STATED_NOW.values(), ids=STATED_NOW)
def test_what_a_table_states_now_is_told_of_each_of_its_rules(
    header: Sequence[str], header_now: Sequence[str], row: str, row_now: str, above: str
) -> None:
    old = table(*map(row.format, range(20, 40)), header=header)
    new = table(*map(row_now.format, range(20, 40)), header=header_now, before=f"# Ports\n\n{above}\n\n")
    assert [(change.kind, change.impact) for change in compare(old, new)] == [("changed", "now-stated")] * 20
    assert ports(compare(old, new)) == {(port, port) for port in range(20, 40)}
    assert [change.impact for change in compare(new, old)] == ["no-longer-stated"] * 20


def test_a_rule_without_a_source_is_one_of_those_that_name_one_and_the_others_are_new() -> None:
    old, new = table(WEB.replace("App SG", "")), table(WEB, WEB.replace("App", "Job"))
    assert [change.impact for change in compare(old, new)] == ["opens", "now-stated"]


def alone(page: str = "ports", cells: str = "", **values: Any) -> Snapshot:
    """Return a run with one rule, of which every row has the same cells unless it is said otherwise."""
    found = Rule(
        **{
            "id": "0" * 16,
            "fingerprint": hashlib.sha256(repr(values).encode()).hexdigest()[:16],
            "action": "allow",
            "direction": "ingress",
            "protocol": "tcp",
            "from_port": 443,
            "to_port": values.get("from_port", 443),
            "icmp_type": None,
            "icmp_code": None,
            "source": Endpoint("role", "M"),
            "destination": Endpoint("role", "B"),
            "description": "HTTPS",
            "trace": (),
            "evidence": (Evidence(f"acme/gate/1.0/{page}", 1, 1, 1, {"Note": cells}),),
            **values,
        }
    )
    document = msgspec.structs.replace(DOCUMENT, id=found.evidence[0].document)
    return Snapshot((document,), (found,), ())


def role(name: str) -> Endpoint:
    return Endpoint("role", name)


# What counts: the rule before, the better match, and one that would come first by the order of rules alone.
BETTER: dict[str, tuple[Snapshot, Snapshot, Snapshot]] = {
    "the words": (alone(), alone(source=role("Z")), alone(source=role("C"), description="Web")),
    "the ports": (alone(), alone(source=role("Z")), alone(from_port=80)),
    "ports that touch": (alone(to_port=450), alone(from_port=445, to_port=460), alone(from_port=80)),
    "a named end": (alone(destination=None), alone(destination=role("Z")), alone(source=role("C"), destination=None)),
    "the protocol": (alone(), alone(from_port=80), alone(from_port=80, protocol="sctp")),
    "the direction": (alone(), alone(from_port=80), alone(from_port=80, direction="egress")),
    "the action": (alone(action="deny"), alone(action="deny", from_port=80), alone(from_port=80)),
    "the page": (alone(), alone(from_port=81), alone(from_port=80, page="other")),
    "the cells": (alone(), alone(from_port=81), alone(from_port=80, cells="x")),
}


@pytest.mark.parametrize(("old", "better", "worse"), BETTER.values(), ids=BETTER)
def test_of_two_rules_the_one_that_shares_more_is_the_same(old: Snapshot, better: Snapshot, worse: Snapshot) -> None:
    assert [change.kind for change in compare(old, worse)] == ["changed"], "it would do if it were alone"
    kinds = {repr(change.current): change.kind for change in compare(old, together(better, worse))}
    assert kinds == {repr(better.rules[0]): "changed", repr(worse.rules[0]): "added"}


def test_many_rows_of_one_service_move_one_by_one() -> None:
    old, new = (table(*(f"allow | in | tcp | {first + number} | A SG | B SG | Node" for number in range(200))) for first in (1000, 5000))
    found = compare(old, new)
    assert ports(found) == {(1000 + number, 5000 + number) for number in range(200)}


# --- what is the same though it looks otherwise -------------------------------------------------------------------------

ROWS = (WEB, "allow | in | tcp | 22 | Jump SG | Web SG | SSH", "deny | out | udp | 53 | Web SG | any | DNS")


def test_reordered_rows_are_evidence_only() -> None:
    found = compare(table(*ROWS), table(*reversed(ROWS)))
    assert {(change.kind, change.impact) for change in found} == {("moved", "evidence")}


def test_a_line_more_above_the_table_is_evidence_only() -> None:
    found = compare(table(*ROWS), table(*ROWS, before="# Ports\n\nRead this.\n\n"))
    assert [(change.kind, change.impact, change.fields) for change in found] == [("moved", "evidence", ("evidence",))] * 3


def test_another_trace_alone_is_evidence() -> None:
    old = table(*ROWS)
    trace = Trace("source", "reading", "App SG", "App SG", "reading", "read in another way")
    new = old._replace(rules=(msgspec.structs.replace(old.rules[0], trace=(trace,)), *old.rules[1:]))
    assert [(change.kind, change.impact, change.fields) for change in compare(old, new)] == [("moved", "evidence", ("trace",))]


def only_quiet(old: Extraction, new: Extraction) -> None:
    assert {change.impact for change in compare(snapshot(old), snapshot(new))} <= QUIET


@pytest.mark.parametrize("transform", [*transforms.SAME_RULES, *transforms.SAME_FLOWS], ids=lambda transform: transform.__name__)
def test_other_markup_for_the_same_page_gives_wording_and_evidence_at_most(transform: transforms.Transformation) -> None:
    for folder in FOLDERS:
        if transform not in transforms.SAME_FLOWS or reads_by_rows(folder):
            page = as_html(folder)
            only_quiet(extract_text(page), extract_text(transform(page)))


def test_markdown_instead_of_html_gives_wording_and_evidence_at_most() -> None:
    for folder in FOLDERS:
        if renders_as_github_does(folder):
            only_quiet(extract_text(as_html(folder), path="page.html"), extract_text(goldens.page_of(folder).read_bytes(), path="page.md"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_page_of_another_release_without_changes_gives_none(folder: Path) -> None:
    page = goldens.page_of(folder)
    old, new = (snapshot(extract_text(page.read_bytes(), path=f"acme/gate/{release}/{page.name}")) for release in ("1.0", "2.0"))
    assert compare(old, new) == ()


# --- what is compared with what -----------------------------------------------------------------------------------------


def release(name: str, *rows: str, product: str = "gate") -> Snapshot:
    return table(*rows, path=f"acme/{product}/{name}/ports.md")


def together(*runs: Snapshot) -> Snapshot:
    return Snapshot(
        tuple(one for run in runs for one in run.documents),
        tuple(one for run in runs for one in run.rules),
        tuple(one for run in runs for one in run.unresolved),
    )


def compared(old: Snapshot, new: Snapshot) -> set[tuple[str | None, str | None, str | None]]:
    """Return product (or document), previous and current release of everything that is compared and differs."""
    return {(one.scope.product or one.scope.document, one.scope.previous, one.scope.current) for one in compare(old, new)}


JUMP = ROWS[1]
# Releases before and now -> what is compared. Every release has rules that no other one has.
SCOPES: dict[str, tuple[Sequence[str], Sequence[str], set[tuple[str | None, str | None]]]] = {
    "a release takes the place of another": (["5.4"], ["5.5"], {("5.4", "5.5")}),
    "a release is added": (["5.4"], ["5.4", "5.5"], {("5.4", "5.5")}),
    "the latest one before counts": (["5.9", "5.10", "6.0"], ["5.9", "5.10", "6.0", "5.11"], {("5.10", "5.11")}),
    "numbers are numbers": (["5.9", "5.10"], ["5.11"], {("5.10", "5.11"), ("5.9", None)}),
    "without one before, the latest": (["5.4", "5.5"], ["5.4", "5.5", "5.3"], {("5.5", "5.3")}),
    "two new releases": (["5.4"], ["5.5", "5.6"], {("5.4", "5.5"), ("5.4", "5.6")}),
    "a release is gone": (["5.4", "5.5"], ["5.5"], {("5.4", None)}),
    "a release is gone for good": (["5.4"], [], {("5.4", None)}),
    "a product is new": ([], ["5.4"], {(None, "5.4")}),
}


@pytest.mark.parametrize(("old", "new", "expected"), SCOPES.values(), ids=SCOPES)
def test_releases_are_compared(old: Sequence[str], new: Sequence[str], expected: set[tuple[str | None, str | None]]) -> None:
    def run(names: Sequence[str]) -> Snapshot:
        return together(*(release(name, WEB.replace("443", str(int(name.replace(".", "")) + 1000))) for name in names))

    assert {(previous, current) for _, previous, current in compared(run(old), run(new))} == expected


def test_products_are_compared_with_themselves() -> None:
    old = together(release("1.0", WEB), release("1.0", JUMP, product="wall"))
    new = together(release("1.0", WEB.replace("443", "8443")), release("2.0", JUMP, WEB, product="wall"))
    assert compared(old, new) == {("gate", "1.0", "1.0"), ("wall", "1.0", "2.0")}


def test_a_page_that_is_renamed_in_its_release_is_evidence_only() -> None:
    old, new = (table(*ROWS, path=f"acme/gate/1.0/{name}.md") for name in ("ports", "firewall"))
    assert {change.impact for change in compare(old, new)} == {"evidence"}


def test_a_page_without_a_release_is_compared_by_its_id() -> None:
    old, new = table(WEB, path="ports.md"), table(WEB.replace("443", "8443"), path="ports.markdown")
    (change,) = compare(old, new)
    assert change.impact == "replaces"
    assert msgspec.structs.asdict(change.scope) == {
        "vendor": None,
        "product": None,
        "previous": None,
        "current": None,
        "document": "ports",
    }


def test_a_page_with_the_same_bytes_under_another_name_is_the_same_page() -> None:
    found = compare(table(*ROWS, path="ports.md"), table(*ROWS, path="guide/firewall.md"))
    assert [(change.kind, change.impact, change.scope.document) for change in found] == [("moved", "evidence", "guide/firewall")] * 3


def test_a_page_with_most_of_the_rules_under_another_name_is_the_same_page() -> None:
    old = together(table(*ROWS, path="ports.md"), table("allow | in | tcp | 25 | Mail SG | Web SG | SMTP", path="mail.md"))
    new = together(table(*ROWS[:2], path="b.md", before="# Other\n\n"), table("allow | in | tcp | 389 | A SG | B SG | LDAP", path="a.md"))
    found = [(change.scope.document, change.kind, change.impact) for change in compare(old, new) if change.impact != "evidence"]
    assert found == [("a", "added", "opens"), ("b", "removed", "opens"), ("mail", "removed", "closes")]


# --- identity -----------------------------------------------------------------------------------------------------------


def test_the_same_change_has_the_same_id_wherever_it_stands() -> None:
    (first,) = compare(table(WEB), table(WEB.replace("443", "8443")))
    old, new = table(WEB, JUMP), table(JUMP, WEB.replace("443", "8443"), before="# Ports\n\nRead this.\n\n")
    (second,) = [change for change in compare(old, new) if change.impact == "replaces"]
    assert first.id == second.id
    assert first.previous is not None and second.current is not None
    assert second.current.evidence[0].line != first.previous.evidence[0].line


def test_different_changes_have_different_ids() -> None:
    old = together(release("1.0", *ROWS), release("1.0", *ROWS, product="wall"))
    new = together(release("1.0"), release("2.0", *ROWS[:2]), release("1.0", WEB.replace("HTTPS", "Web"), JUMP, product="wall"))
    found = compare(old, new)
    assert len({change.id for change in found}) == len(found) > 2
    words = [compare(table(WEB), table(WEB.replace("HTTPS", text)))[0].id for text in ("Web", "UI")]
    assert words[0] != words[1]


# --- any rules ----------------------------------------------------------------------------------------------------------

ENDS = st.sampled_from(
    [
        None,
        Endpoint("any", "Any"),
        Endpoint("any", "Anywhere"),
        Endpoint("cidr", "10.0.0.0/8"),
        Endpoint("cidr", "10.1.0.0/16"),
        Endpoint("host", "10.1.2.3"),
        Endpoint("group", "Web SG"),
        Endpoint("group", "Web Security Group"),
        Endpoint("role", "Console"),
    ]
)
TRAFFIC = st.sampled_from(
    [
        ("tcp", 443, 443, None, None),
        ("tcp", 440, 450, None, None),
        ("tcp", 8443, 8443, None, None),
        ("udp", 443, 443, None, None),
        ("tcp", 0, 65535, None, None),
        ("any", None, None, None, None),
        ("any", 443, 443, None, None),
        ("esp", None, None, None, None),
        ("icmp", None, None, None, None),
        ("icmp", None, None, 3, None),
        ("icmp", None, None, 3, 4),
        ("tcp", None, None, None, None),
    ]
)


def fingerprint(rule: Rule | Unresolved) -> str:
    ends = [
        side and (side.kind, side.name.replace("Security Group", "SG") if side.kind == "group" else side.name)
        for side in (rule.source, rule.destination)
    ]
    ends = [side if not side or side[0] != "any" else ("any", "any") for side in ends]
    key = [
        isinstance(rule, Unresolved),
        rule.action,
        rule.direction,
        rule.protocol,
        rule.from_port,
        rule.to_port,
        rule.icmp_type,
        rule.icmp_code,
        *ends,
    ]
    return hashlib.sha256(repr(key).encode()).hexdigest()[:16]


@st.composite
def entries(draw: st.DrawFn) -> Rule | Unresolved:
    protocol, first, last, icmp_type, icmp_code = draw(TRAFFIC)
    description = draw(st.sampled_from(["", "", "HTTPS", "Console"]))
    evidence = Evidence(DOCUMENT.id, 1, draw(st.integers(1, 9)), draw(st.integers(1, 99)), {"Port": str(first), "Purpose": description})
    values: dict[str, Any] = {
        "id": "",
        "fingerprint": "",
        "action": draw(st.sampled_from(["allow", "allow", "deny"])),
        "direction": draw(st.sampled_from(["ingress", "egress", None])),
        "protocol": protocol,
        "from_port": first,
        "to_port": last,
        "icmp_type": icmp_type,
        "icmp_code": icmp_code,
        "source": draw(ENDS),
        "destination": draw(ENDS),
        "description": description,
        "trace": (),
        "evidence": (evidence,),
    }
    rule: Rule | Unresolved
    if (protocol, first) == ("tcp", None):
        rule = Unresolved(**values, port_text="user-defined", missing=("ports",), reason="the page names no port number")
    else:
        rule = Rule(**values)
    return msgspec.structs.replace(rule, id=fingerprint(rule), fingerprint=fingerprint(rule))


@st.composite
def runs(draw: st.DrawFn) -> Snapshot:
    found = draw(st.lists(entries(), max_size=12, unique_by=lambda rule: rule.fingerprint))
    rules = tuple(rule for rule in found if isinstance(rule, Rule))
    return Snapshot((DOCUMENT,), rules, tuple(rule for rule in found if isinstance(rule, Unresolved)))


def every(run: Snapshot) -> list[Rule | Unresolved]:
    return [*run.rules, *run.unresolved]


@given(runs())
def test_a_run_does_not_differ_from_itself(run: Snapshot) -> None:
    assert compare(run, run) == ()


@given(runs(), runs())
def test_the_way_back_is_the_opposite(old: Snapshot, new: Snapshot) -> None:
    def turned(change: Change) -> tuple[str, str, object, object]:
        return OPPOSITE.get(change.kind, change.kind), OPPOSITE.get(change.impact, change.impact), change.current, change.previous

    there = [repr(turned(change)) for change in compare(old, new)]
    back = [repr((change.kind, change.impact, change.previous, change.current)) for change in compare(new, old)]
    assert sorted(there) == sorted(back)


@given(runs(), runs(), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(old: Snapshot, new: Snapshot, chance: random.Random) -> None:
    def shuffled(run: Snapshot) -> Snapshot:
        rules, unresolved = list(run.rules), list(run.unresolved)
        chance.shuffle(rules)
        chance.shuffle(unresolved)
        return Snapshot(run.documents, tuple(rules), tuple(unresolved))

    assert compare(shuffled(old), shuffled(new)) == compare(old, new)


@given(runs(), runs())
def test_every_rule_is_in_one_change_or_the_same_on_both_sides(old: Snapshot, new: Snapshot) -> None:
    found = compare(old, new)
    for before, side in ((True, old), (False, new)):
        mentioned = Counter(rule.id for change in found if (rule := change.previous if before else change.current) is not None)
        assert set(mentioned.values()) <= {1}
        other = {rule.id: rule for rule in every(new if before else old)}
        assert mentioned.keys() <= {rule.id for rule in every(side)}
        for rule in every(side):
            assert rule.id in mentioned or other[rule.id] == rule


@given(runs(), runs())
def test_no_access_is_gained_or_lost_without_an_impact_that_says_so(old: Snapshot, new: Snapshot) -> None:
    """Whatever is paired with whatever: a probe that a rule allows now and no rule allowed before is in a change that opens."""
    found = compare(old, new)
    gained = {"opens", "widens", "replaces", "re-routes", "now-stated"}
    for probe in probes():
        before, now = [allowing(run, probe) for run in (old, new)]
        for rule in now:
            if not before:
                assert any(change.current == rule and change.impact in gained for change in found), (probe, rule)


def probes() -> list[tuple[str, int | None, int | None]]:
    return [("tcp", 443, None), ("tcp", 445, None), ("tcp", 8443, None), ("udp", 443, None), ("esp", None, None), ("icmp", None, 3)]


def allowing(run: Snapshot, probe: tuple[str, int | None, int | None]) -> list[Rule]:
    """Return the rules that allow the traffic of a probe from a host within 10.1.0.0/16 to the console."""
    protocol, port, kind = probe
    return [
        rule
        for rule in run.rules
        if rule.action == "allow"
        and rule.direction == "ingress"
        and rule.protocol in (protocol, "any")
        and (rule.from_port is None or (port is not None and rule.from_port <= port <= (rule.to_port or 0)))
        and rule.icmp_type in (None, kind)
        and rule.icmp_code is None
        and rule.source is not None
        and (rule.source.kind == "any" or rule.source.name.startswith("10."))
        and rule.destination is not None
        and (rule.destination.kind == "any" or rule.destination.name == "Console")
        and rule.source.name != "10.1.2.3"
    ]


@given(runs(), runs())
def test_changes_are_written_as_their_schema_says(old: Snapshot, new: Snapshot) -> None:
    assert msgspec.json.decode(changes_json(compare(old, new)))["changes"] is not None


def test_every_impact_has_its_words() -> None:
    assert tuple(LABELS) == IMPACTS


def test_rules_read_back_from_their_file_do_not_differ(tmp_path: Path) -> None:
    from extract.publish.published import load_rules

    extraction = goldens.extract_page(FOLDERS[0])
    (tmp_path / "rules.json").write_bytes(rules_json(extraction))
    assert compare(snapshot(extraction), load_rules(tmp_path / "rules.json")) == ()
