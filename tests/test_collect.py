"""Rules of all documents put together: one rule for one statement, one name for one group, identities that stay."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from extract import Extraction, Rule, Unresolved, extract_paths, extract_text
from extract.check import collect, names
from extract.check.names import name_key
from extract.check.stated import Described, Stated, scope_of
from extract.model import Document, Endpoint, Evidence
from extract.rows.row import Candidate

HEADER = ("Protocol", "Port", "Source", "Description")
HTTPS = ("TCP", "443", "Client Security Group", "HTTPS")
DNS = ("UDP", "53", "Client Security Group", "DNS")
PING = ("ICMP", "Echo Request", "Client Security Group", "Ping")
OPEN = ("TCP", "User-defined range", "Client Security Group", "FTP data")
ROWS = (HTTPS, DNS, PING, OPEN)


def page(*rows: Sequence[str], heading: str = "Inbound rules for Web Security Group") -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>\n"

    return f"<h1>{heading}</h1>\n<table>\n" + line("th", HEADER) + "".join(line("td", row) for row in rows) + "</table>\n"


def extracted(folder: Path, pages: dict[str, str]) -> Extraction:
    """Extract pages by their paths below a folder."""
    for path, text in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return extract_paths([folder])


def every(extraction: Extraction) -> list[Rule | Unresolved]:
    return [*extraction.rules, *extraction.unresolved]


def ids(extraction: Extraction) -> set[str]:
    return {rule.id for rule in every(extraction)}


def fingerprints(extraction: Extraction) -> set[str]:
    return {rule.fingerprint for rule in every(extraction)}


def sources(extraction: Extraction) -> list[str]:
    return [rule.source.name for rule in every(extraction) if rule.source]


def places(rule: Rule | Unresolved) -> list[tuple[str, int, int]]:
    return [(one.document, one.table, one.row) for one in rule.evidence]


# --- one rule for one statement ---------------------------------------------------------------------------------------


def test_the_same_rule_twice_on_a_page_is_one_rule_with_two_pieces_of_evidence() -> None:
    [rule] = extract_text(page(HTTPS, HTTPS)).rules
    assert places(rule) == [("document", 1, 1), ("document", 1, 2)]


def test_the_same_rule_on_two_pages_of_a_release_is_one_rule(tmp_path: Path) -> None:
    [rule] = extracted(tmp_path, {"acme/gate/1.0/a.html": page(HTTPS), "acme/gate/1.0/b.html": page(DNS, HTTPS)}).rules[:1]
    assert places(rule) == [("acme/gate/1.0/a", 1, 1), ("acme/gate/1.0/b", 1, 2)]


def test_the_same_row_under_unresolved_is_merged_too() -> None:
    extraction = extract_text(page(OPEN, OPEN))
    assert extraction.rules == ()
    assert [places(rule) for rule in extraction.unresolved] == [[("document", 1, 1), ("document", 1, 2)]]


@pytest.mark.parametrize("path", ["acme/gate/{}/page.html", "{}/page.html"], ids=["two releases", "two folders"])
def test_the_same_rule_in_two_scopes_stays_two_rules(tmp_path: Path, path: str) -> None:
    rules = extracted(tmp_path, {path.format("1.0"): page(HTTPS), path.format("2.0"): page(HTTPS)}).rules
    assert [len(rule.evidence) for rule in rules] == [1, 1]
    assert len({rule.id for rule in rules}) == 2


@pytest.mark.parametrize("cell", ["443", "TCP 443", "443/tcp", "443 (HTTPS)", "443-443", "0443"])
def test_other_spellings_of_a_port_are_the_same_rule(cell: str) -> None:
    [rule] = extract_text(page(HTTPS, ("TCP", cell, *HTTPS[2:]))).rules
    assert [one.cells["Port"] for one in rule.evidence] == ["443", cell]


@pytest.mark.parametrize(
    "other",
    [
        ("UDP", *HTTPS[1:]),
        ("TCP", "443-444", *HTTPS[2:]),
        ("TCP", "443", "Other Security Group", "HTTPS"),
        ("TCP", "443", "", "HTTPS"),
        ("TCP", "443", "10.0.0.0/8", "HTTPS"),
    ],
    ids=["protocol", "last port", "source", "no source", "kind of source"],
)
def test_a_rule_that_differs_in_one_field_is_another_rule(other: tuple[str, ...]) -> None:
    rules = extract_text(page(HTTPS, other)).rules
    assert len({rule.id for rule in rules}) == len({rule.fingerprint for rule in rules}) == 2


def test_different_open_ports_are_not_one_unresolved_rule() -> None:
    unresolved = extract_text(page(OPEN, ("TCP", "dynamic", *OPEN[2:]))).unresolved
    assert [rule.port_text for rule in unresolved] == ["User-defined range", "dynamic"]
    assert len({rule.id for rule in unresolved}) == 2


def test_descriptions_of_one_rule_are_joined_once_each() -> None:
    [rule] = extract_text(page(HTTPS, (*HTTPS[:3], "Console"), HTTPS, (*HTTPS[:3], ""))).rules
    assert rule.description == "HTTPS; Console"
    assert len(rule.evidence) == 4


def test_a_trace_that_two_statements_share_is_kept_once() -> None:
    [one] = extract_text(page(HTTPS)).rules
    [two] = extract_text(page(HTTPS, HTTPS)).rules
    assert one.trace
    assert one.trace == two.trace


def test_a_row_of_several_rules_is_the_evidence_of_each_once() -> None:
    rules = extract_text(page(("TCP/UDP", "53, 5353", "A Security Group<br>B Security Group", "DNS"))).rules
    assert len(rules) == 8
    assert {tuple(places(rule)) for rule in rules} == {(("document", 1, 1),)}


# --- identities -------------------------------------------------------------------------------------------------------


def test_ids_have_sixteen_hex_digits() -> None:
    for rule in every(extract_text(page(*ROWS))):
        for value in (rule.id, rule.fingerprint):
            assert len(value) == 16
            assert set(value) <= set("0123456789abcdef")


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(ROWS)))))
def test_ids_do_not_depend_on_the_order_of_rows(order: tuple[int, ...]) -> None:
    assert ids(extract_text(page(*(ROWS[index] for index in order)))) == ids(extract_text(page(*ROWS)))


def test_ids_do_not_depend_on_the_row_number_the_table_or_the_line() -> None:
    below = page(("TCP", "1", "Client Security Group", "first"), *ROWS)
    table = "<table><tr><td>A table that is no rule table</td></tr></table>\n\n" + page(*ROWS)
    expected = ids(extract_text(page(*ROWS)))
    assert ids(extract_text(below)) > expected
    assert ids(extract_text(table)) == expected


def test_ids_do_not_depend_on_the_description() -> None:
    changed = [(*row[:3], "other words") for row in ROWS]
    assert ids(extract_text(page(*changed))) == ids(extract_text(page(*ROWS)))


def test_ids_do_not_depend_on_the_page_within_a_release() -> None:
    one = extract_text(page(*ROWS), path="acme/gate/1.0/inbound.html")
    two = extract_text(page(*ROWS), path="acme/gate/1.0/network/ports.md", kind="html")
    assert ids(one) == ids(two)


@pytest.mark.parametrize("other", ["b/one.html", "one.html", "a/b/one.html", "a/one-2.html"])
def test_ids_depend_on_the_folder_where_no_release_is_known(other: str) -> None:
    known = ids(extract_text(page(*ROWS), path="a/one.html"))
    assert known == ids(extract_text(page(*ROWS), path="a/two.html"))
    assert not known & ids(extract_text(page(*ROWS), path=other))


@pytest.mark.parametrize("path", ["other/gate/1.0/page.html", "acme/other/1.0/page.html"], ids=["vendor", "product"])
def test_another_product_has_other_ids_and_other_fingerprints(path: str) -> None:
    one, two = extract_text(page(*ROWS), path="acme/gate/1.0/page.html"), extract_text(page(*ROWS), path=path)
    assert not ids(one) & ids(two)
    assert not fingerprints(one) & fingerprints(two)


def test_the_same_rule_in_two_releases_has_one_fingerprint_and_two_ids() -> None:
    one = extract_text(page(*ROWS), path="acme/gate/1.0/page.html")
    two = extract_text(page(*ROWS[::-1]), path="acme/gate/2.0/renamed.html")
    assert not ids(one) & ids(two)
    assert fingerprints(one) == fingerprints(two)


def test_the_spelling_of_a_group_does_not_change_the_fingerprint() -> None:
    # Or else every rule of the group would be removed and added again in a comparison of the two releases.
    one = extract_text(page(("TCP", "443", "Client SG", "HTTPS")), path="acme/gate/1.0/page.html")
    two = extract_text(page(("TCP", "443", "Client Security Group", "HTTPS")), path="acme/gate/2.0/page.html")
    three = extract_text(page(("TCP", "443", "client security group", "HTTPS")), path="acme/gate/3.0/page.html")
    assert fingerprints(one) == fingerprints(two) == fingerprints(three)


def test_a_rule_keeps_its_id_when_another_page_spells_its_group_otherwise(tmp_path: Path) -> None:
    alone = extract_text(page(("TCP", "443", "Client SG", "HTTPS")), path="acme/gate/1.0/a.html")
    pages = {
        "acme/gate/1.0/a.html": page(("TCP", "443", "Client SG", "HTTPS")),
        "acme/gate/1.0/b.html": page(("TCP", "22", "Client Security Group", "SSH")),
    }
    assert ids(alone) < ids(extracted(tmp_path, pages))


# --- one name for one group -------------------------------------------------------------------------------------------


def test_a_short_form_resolves_to_the_full_name_of_its_scope_with_a_trace() -> None:
    short = ("TCP", "22", "Client SG", "SSH")
    https, ssh = extract_text(page(HTTPS, short)).rules
    assert https.source == ssh.source == Endpoint("group", "Client Security Group")
    assert [trace.kind for trace in https.trace if trace.field == "source"] == []
    [trace] = [trace for trace in ssh.trace if trace.kind == "alias"]
    assert (trace.field, trace.said, trace.became) == ("source", "Client SG", "Client Security Group")
    assert ssh.evidence[0].cells["Source"] == "Client SG"


@pytest.mark.parametrize("written", ["Client SG", "Client  sg", "client security group", "CLIENT SECURITY GROUP", "Client Security\nGroup"])
def test_spellings_of_one_name_are_one_group(written: str) -> None:
    extraction = extract_text(page(HTTPS, HTTPS, ("UDP", "53", written, "DNS"), ("TCP", "22", "Client Security Group", "SSH")))
    assert set(sources(extraction)) == {"Client Security Group"}


@pytest.mark.parametrize("written", ["Clients SG", "Client Security", "Client Group", "Client", "Client 2 SG", "SG Client"])
def test_names_that_only_resemble_each_other_stay_two(written: str) -> None:
    extraction = extract_text(page(HTTPS, ("UDP", "53", written, "DNS")))
    assert set(sources(extraction)) == {"Client Security Group", written}


def test_names_resolve_across_the_pages_of_a_release(tmp_path: Path) -> None:
    pages = {
        "acme/gate/1.0/a.html": page(("TCP", "443", "Client SG", "HTTPS")),
        "acme/gate/1.0/z.html": page(("TCP", "22", "Client Security Group", "SSH"), heading="Inbound rules for Other Security Group"),
    }
    assert set(sources(extracted(tmp_path, pages))) == {"Client Security Group"}


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("acme/gate/1.0/page.html", "acme/gate/2.0/page.html"),
        ("acme/gate/1.0/page.html", "acme/wall/1.0/page.html"),
        ("acme/gate/1.0/page.html", "other/gate/1.0/page.html"),
        ("one/page.html", "two/page.html"),
        ("page-1.html", "page-2.html"),
    ],
    ids=["release", "product", "vendor", "folder", "numbered page"],
)
def test_names_do_not_resolve_across_scopes(tmp_path: Path, path: str, other: str) -> None:
    pages = {path: page(("TCP", "443", "Client SG", "HTTPS")), other: page(("TCP", "443", "Client Security Group", "HTTPS"))}
    by_path = {rule.evidence[0].document: rule.source.name for rule in extracted(tmp_path, pages).rules if rule.source}
    assert by_path == {path.removesuffix(".html"): "Client SG", other.removesuffix(".html"): "Client Security Group"}


def test_the_full_name_wins_however_rare_it_is() -> None:
    rows = [("TCP", str(port), "Client SG", "x") for port in range(1, 10)]
    assert set(sources(extract_text(page(*rows, HTTPS)))) == {"Client Security Group"}


def test_of_full_names_the_more_frequent_spelling_wins() -> None:
    rows = [
        ("TCP", "1", "CLIENT Security Group", "x"),
        ("TCP", "2", "Client Security Group", "x"),
        ("TCP", "3", "Client Security Group", "x"),
    ]
    for order in itertools.permutations(rows):
        assert set(sources(extract_text(page(*order)))) == {"Client Security Group"}


SPELLINGS = ("Client SG", "client security group", "Client Security Group", "CLIENT SECURITY GROUP")


@pytest.mark.parametrize("order", list(itertools.permutations(SPELLINGS)))
def test_the_spelling_does_not_depend_on_the_order_of_rows(order: tuple[str, ...]) -> None:
    expected = set(sources(extract_text(page(*(("TCP", str(port), name, "x") for port, name in enumerate(SPELLINGS, 1))))))
    assert set(sources(extract_text(page(*(("TCP", str(port), name, "x") for port, name in enumerate(order, 1)))))) == expected
    assert len(expected) == 1


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_the_spelling_does_not_depend_on_the_order_of_documents(tmp_path: Path, order: tuple[str, ...]) -> None:
    texts = [
        page(("TCP", "1", "Client SG", "x"), heading="Inbound rules for Web SG"),
        page(("TCP", "2", "client security group", "x"), heading="Inbound rules for Web Security Group"),
        page(("TCP", "3", "Client Security Group", "x"), ("TCP", "4", "Client Security Group", "x"), heading="Inbound rules for web sg"),
    ]
    extraction = extracted(tmp_path, {f"acme/gate/1.0/{name}.html": text for name, text in zip(order, texts, strict=True)})
    assert set(sources(extraction)) == {"Client Security Group"}
    assert {rule.destination.name for rule in extraction.rules if rule.destination} == {"Web Security Group"}


def test_networks_and_hosts_are_not_renamed() -> None:
    written = ["10.0.0.0/8", "db1.example.com", "DB1.EXAMPLE.COM", "any", "Anywhere"]
    extraction = extract_text(page(*(("TCP", str(port), name, "x") for port, name in enumerate(written, 1))))
    assert sources(extraction) == written


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Web SG", "Web Security Group", True),
        ("web  security   group", "Web Security Group", True),
        ("Web Security Group", "Web Server Security Group", False),
        ("Web", "Web Security Group", False),
    ],
)
def test_name_key_is_what_spellings_of_one_name_share(name: str, other: str, same: bool) -> None:
    assert (name_key(name) == name_key(other)) is same


# --- scope and order --------------------------------------------------------------------------------------------------


def document(path: str) -> Document:
    return extract_text(page(HTTPS), path=path).documents[0]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("acme/gate/1.0/page.html", ("acme", "gate", "1.0")),
        ("acme/gate/1.0/deeper/page.html", ("acme", "gate", "1.0")),
        ("gate/1.0/page.html", ("gate/1.0/",)),
        ("gate/1.0/page-2.html", ("gate/1.0/page-2",)),
        ("page.html", ("./",)),
        ("page7.html", ("page7",)),
    ],
)
def test_scope_is_the_release_or_else_the_folder_or_the_numbered_page(path: str, scope: tuple[str, ...]) -> None:
    assert scope_of(document(path)) == scope


def test_rules_are_ordered_by_scope_and_then_by_the_place_of_their_first_evidence(tmp_path: Path) -> None:
    two_tables = page(PING, HTTPS) + page(DNS, HTTPS)
    pages = {"b/x/1/p.html": page(DNS), "a/x/2/p.html": page(DNS), "a/x/1/q.html": page(DNS, HTTPS), "a/x/1/p.html": two_tables}
    assert [places(rule) for rule in extracted(tmp_path, pages).rules] == [
        [("a/x/1/p", 1, 1)],
        [("a/x/1/p", 1, 2), ("a/x/1/p", 2, 2), ("a/x/1/q", 1, 2)],
        [("a/x/1/p", 2, 1), ("a/x/1/q", 1, 1)],
        [("a/x/2/p", 1, 1)],
        [("b/x/1/p", 1, 1)],
    ]


def stated(path: str, row: int, source: str, port: int) -> Stated:
    candidate = Candidate(
        action="allow",
        direction="ingress",
        protocol="tcp",
        from_port=port,
        to_port=port,
        icmp_type=None,
        icmp_code=None,
        source=Endpoint("group", source),
        destination=None,
        description=f"row {row}",
        port_text=None,
        open=(),
        trace=(),
    )
    place = document(path)
    return Stated(place, Evidence(place.id, 1, row, row, {}), candidate)


def test_what_is_collected_does_not_depend_on_the_order_in_which_it_was_stated() -> None:
    paths = ("acme/gate/1.0/a.html", "acme/gate/1.0/b.html", "acme/gate/2.0/a.html", "page.html")
    every_one = [stated(path, row, SPELLINGS[row % 4], row % 3 + 1) for path in paths for row in range(1, 9)]
    described = [Described(document(path), name, 1, name) for path, name in zip(paths, SPELLINGS, strict=True)]
    expected = collect.collect(names.resolve(every_one, described))
    shuffler = random.Random(7)
    for _ in range(20):
        shuffler.shuffle(every_one)
        shuffler.shuffle(described)
        assert collect.collect(names.resolve(every_one, described)) == expected


def test_nothing_stated_gives_nothing() -> None:
    assert collect.collect(names.resolve([], [])) == collect.Collected((), (), {})
