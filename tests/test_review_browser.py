"""The review page in a browser: what is typed, chosen, sorted, marked, copied and picked."""

from __future__ import annotations

import csv
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import SHIPPED, Visits, of_documents, search, settle, shown, written

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATED = json.loads(SHIPPED.read_bytes())
EVERY = [*STATED["rules"], *STATED["unresolved"]]
RELEASE = "axway/securetransport 5.6"
SERVER = "axway/securetransport/5.5/server-security-group"
HEADER = "<tr><th>Protocol</th><th>Port</th><th>Direction</th><th>Source</th><th>Destination</th><th>Description</th></tr>"


def row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


MIXED = {
    "acme/gateway/1/rules.html": f"<h2>Firewall rules</h2><table>{HEADER}"
    + row("TCP", "8000-8100", "Inbound", "Client Group", "Web Group", "Portal")
    + row("UDP", "53", "Outbound", "Web Group", "0.0.0.0/0", "=HYPERLINK(&quot;http://x&quot;)")
    + row("Any", "", "Outbound", "Web Group", "Backup Group", "+1 800 8090")
    + row("TCP", "443", "Inbound", "Client Group", "Web Group", "@SUM(A1)")
    + row("TCP", "444", "Inbound", "Client Group", "Web Group", "-2+3")
    + row("TCP", "90", "Inbound", "Client Group", "Web Group", 'said "so", twice')
    + row("TCP", "443", "Inbound", "Client Group", "Web Group", "@SUM(A1)")
    + "</table>"
}


def ids(holds: Callable[[dict[str, Any]], bool]) -> list[str]:
    """Return the ids of the shipped rules that hold, sorted."""
    return sorted(rule["id"] for rule in EVERY if holds(rule))


def holds_port(rule: dict[str, Any], port: int) -> bool:
    return rule["from_port"] is not None and bool(rule["from_port"] <= port <= rule["to_port"])


def traced(*kinds: str) -> Callable[[dict[str, Any]], bool]:
    return lambda rule: any(one["kind"] in kinds for one in rule["trace"])


@functools.cache
def places_with_findings(*severities: str) -> frozenset[tuple[str, int | None, int | None]]:
    """Return documents, tables and rows that a finding, of some severities, is about, or names when it is more than a note."""
    documents = json.loads((SHIPPED.parent / "report.json").read_bytes())["documents"]
    by_path = {document["path"]: document["id"] for document in documents}
    found = [one for document in documents for one in document["findings"] if not severities or one["severity"] in severities]
    named = [other for one in found if one["severity"] != "note" for other in one["related"]]
    return frozenset((by_path[one["document"]], one["table"], one["row"]) for one in [*found, *named])


def has_finding(rule: dict[str, Any], *severities: str) -> bool:
    return any((one["document"], one["table"], one["row"]) in places_with_findings(*severities) for one in rule["evidence"])


def clipboard(page: Page, button: str) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#export summary").click()
    page.locator(button).click()
    page.get_by_text("Copied").wait_for()
    page.keyboard.press("Escape")
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def saved(page: Page, button: str) -> bytes:
    page.locator("#export summary").click()
    with page.expect_download() as waiting:
        page.locator(button).click()
    page.keyboard.press("Escape")
    return Path(waiting.value.path()).read_bytes()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of rules in both directions, of names and descriptions that a spreadsheet would run."""
    return of_documents(tmp_path_factory.mktemp("mixed"), MIXED)


# --- finding ------------------------------------------------------------------------------------------------------------


def test_a_port_finds_the_ranges_that_hold_it_and_the_count_says_so(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    assert page.locator("#count").inner_text() == "106 rules and 2 unresolved"
    search(page, "8090")
    expected = ids(lambda rule: holds_port(rule, 8090))
    assert expected and sorted(shown(page)) == expected
    assert page.locator("#count").inner_text() == f"{len(expected)} of 106 rules and 0 of 2 unresolved"


def test_a_port_is_no_part_of_a_number_nor_of_the_name_of_a_rule(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    digits = sorted({rule["id"][at : at + 2] for rule in EVERY for at in range(15) if rule["id"][at : at + 2].isdigit()})
    for port in digits[:: len(digits) // 8]:
        search(page, port)
        assert sorted(shown(page)) == ids(lambda rule, port=port: holds_port(rule, int(port))), port  # type: ignore[misc]


FOUND: dict[str, Callable[[dict[str, Any]], bool]] = {
    "udp 8090": lambda rule: rule["protocol"] == "udp" and holds_port(rule, 8090),
    "tcp/8090": lambda rule: rule["protocol"] == "tcp" and holds_port(rule, 8090),
    "7801-8089": lambda rule: rule["from_port"] is not None and rule["from_port"] <= 8089 and rule["to_port"] >= 7801,
    "20,21": lambda rule: holds_port(rule, 20) or holds_port(rule, 21),
    "CLUSTER  cache": lambda rule: "cluster cache" in rule["description"].lower(),
    "server group icmp": lambda rule: rule["protocol"] == "icmp",
    '"cluster cache"': lambda rule: "cluster cache" in rule["description"].lower(),
    '"server security" icmp': lambda rule: rule["protocol"] == "icmp",
    "5.6/edge-security-group.md": lambda rule: any("5.6/edge-" in one["document"] for one in rule["evidence"]),
    "fc664596": lambda rule: rule["id"].startswith("fc664596"),
}


def test_words_protocols_lists_and_ids_are_found_together(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    for typed, holds in FOUND.items():
        search(page, typed)
        assert ids(holds) and sorted(shown(page)) == ids(holds), typed


CHOSEN: dict[tuple[str, str | None], Callable[[dict[str, Any]], bool]] = {
    ("release", RELEASE): lambda rule: all("/5.6/" in one["document"] for one in rule["evidence"]),
    ("document", SERVER): lambda rule: any(one["document"] == SERVER for one in rule["evidence"]),
    ("protocol", "icmp"): lambda rule: rule["protocol"] == "icmp",
    ("direction", "ingress"): lambda rule: rule["direction"] == "ingress",
    ("action", "allow"): lambda rule: rule["action"] == "allow",
    ("severity", "warning"): lambda rule: has_finding(rule, "warning"),
    ("severity", "note"): lambda rule: has_finding(rule, "note"),
    ("findings", None): has_finding,
    ("corrected", None): traced("correction", "repair"),
    ("patched", None): traced("patch"),
    ("unresolved", None): lambda rule: "missing" in rule,
}


def test_each_filter_shows_what_it_names_and_stands_in_the_address(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    for (name, value), holds in CHOSEN.items():
        page.locator("#filters > summary").click()
        if value is None:
            page.locator(f"#{name}").check()
        else:
            page.locator(f"#{name}").select_option(value)
        settle(page)
        assert ids(holds) and sorted(shown(page)) == ids(holds), name
        assert f"#{name}=" in page.url
        assert page.locator("#filters > summary").inner_text() == "Filters (1)"
        page.keyboard.press("Escape")
        page.locator("#clear").click()


def test_a_link_with_all_that_can_be_chosen_opens_as_it_was_sent(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    search(page, "8090")
    page.locator("#filters > summary").click()
    for name, value in (("release", RELEASE), ("document", SERVER.replace("5.5", "5.6")), ("direction", "ingress"), ("protocol", "tcp")):
        page.locator(f"#{name}").select_option(value)
    page.locator("#findings").check()
    page.locator("#view-table").click()
    page.locator("[data-sort=source]").click()
    settle(page)
    again = visit(shipped, "#" + page.url.split("#")[1])
    for name in ("q", "release", "document", "direction", "protocol"):
        assert again.locator(f"#{name}").input_value() == page.locator(f"#{name}").input_value() != ""
    assert again.locator("#findings").is_checked() and again.locator("#filters > summary").inner_text() == "Filters (5)"
    assert again.locator("#rules th[aria-sort]").inner_text() == "Source"
    assert again.locator("#count").inner_text() == page.locator("#count").inner_text()
    assert listed(again) == listed(page)


NAMED = {
    "acme/gateway/1/heron-443.html": f"<title>Ports of the Heron</title><table>{HEADER}"
    + row("TCP", "80", "Inbound", "Client Group", "Web Group", "Portal of the day")
    + "</table>",
    "acme/gateway/1/tern.html": f"<title>Tern, the</title><h1>Tern day</h1><table>{HEADER}"
    + row("TCP", "443", "Inbound", "Client Group", "Web Group", "Day portal")
    + row("TCP", "22", "Inbound", "Client Group", "Web Group", "Day portal")
    + "</table>",
}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two documents with names of their own."""
    return of_documents(tmp_path_factory.mktemp("named"), NAMED)


@pytest.mark.parametrize(
    ("typed", "ports"),
    [
        ("heron", [80]),
        ("HERON-443.html", [80]),
        ("gateway/1", [80, 443, 22]),
        ('"of the heron"', [80]),
        ('"tern day"', [443, 22]),
        ('"day portal"', [443, 22]),
        ('"portal of', [80]),
        ("„Portal  of the“ 80", [80]),
        ('"portal day"', []),
        # What a path says is no port of a rule, and a phrase does not reach from one text into the next.
        ("443", [443]),
        ('"client group web group"', []),
        ('""', [80, 443, 22]),
        ('"', [80, 443, 22]),
    ],
)
def test_documents_are_found_by_name_and_path_and_phrases_as_they_stand(visit: Visits, named: Path, typed: str, ports: list[int]) -> None:
    page = visit(named)
    search(page, typed)
    assert page.locator(".rule:visible .traffic").all_inner_texts() == [f"tcp {port}" for port in ports]


def test_a_direction_leaves_out_the_other_one_and_any_protocol_is_found_with_each(visit: Visits, mixed: Path) -> None:
    page = visit(mixed, "#direction=egress")
    assert page.locator(".rule:visible .direction").all_inner_texts() == ["egress", "egress"]
    page = visit(mixed, "#q=icmp")
    assert page.locator(".rule:visible .traffic").all_inner_texts() == ["any"]


def test_a_table_without_a_rule_that_is_shown_goes_and_its_document_with_it(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    search(page, "8090")
    assert page.locator("section.document:visible").evaluate_all("all => all.map((one) => one.dataset.path)") == [
        f"axway/securetransport/{release}/server-security-group.md" for release in ("5.5", "5.6")
    ]
    assert page.locator(".contents:visible, details.other:visible").count() == 0


def test_where_nothing_is_found_the_page_says_so_and_offers_the_way_back(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    search(page, "no such thing")
    assert page.locator("#empty").is_visible() and "No rule matches" in page.locator("#empty").inner_text()
    assert page.locator("#count").inner_text() == "0 of 106 rules and 0 of 2 unresolved"
    page.get_by_role("button", name="Clear the filters").click()
    settle(page)
    assert len(shown(page)) == len(EVERY) and page.locator("#empty").is_hidden()
    assert "#" not in page.url and page.evaluate("document.activeElement.id") == "q"


def test_clear_takes_every_filter_away(visit: Visits, shipped: Path) -> None:
    page = visit(shipped, f"#q=21&release={RELEASE}&protocol=tcp&direction=ingress")
    assert 0 < len(shown(page)) < len(EVERY)
    page.locator("#clear").click()
    settle(page)
    assert len(shown(page)) == len(EVERY) and "#" not in page.url
    assert page.locator("#q").input_value() == "" and page.locator("#clear").is_hidden()


ACTIONS = (
    "<h2>Inbound rules of the Web Group</h2><table><tr><th>Action</th><th>Protocol</th><th>Port</th><th>Source</th></tr>"
    + row("Allow", "TCP", "443", "Client Group")
    + row("Deny", "TCP", "23", "Client Group")
    + row("Allow", "Custom", "9000", "Client Group")
    + row("Perhaps", "TCP", "9001", "Client Group")
    + "</table>"
)


def test_counters_set_the_filter_that_shows_what_they_count(visit: Visits, tmp_path: Path) -> None:
    page = visit(of_documents(tmp_path, {"page.html": ACTIONS, "quiet.md": "# Nothing\n"}))
    expected = {"complete": ["443", "23"], "unresolved": ["9000", "9001"], "deny": ["23"], "warnings": ["9000", "9001"], "rules": None}
    for name, ports in expected.items():
        page.locator("dl.facts div", has=page.get_by_text(name, exact=True)).locator("a").click()
        settle(page)
        if ports is None:
            assert page.locator("#view-table").get_attribute("aria-pressed") == "true"
        else:
            assert [text.split()[-1] for text in page.locator(".rule:visible .traffic").all_inner_texts()] == ports, name
    page.locator("dl.facts div", has=page.get_by_text("documents", exact=True)).locator("a").click()
    settle(page)
    assert page.locator("#contents").is_visible() and len(shown(page)) == 4


def test_an_action_that_nobody_knows_is_found_as_not_stated(visit: Visits, tmp_path: Path) -> None:
    page = visit(of_documents(tmp_path, {"page.html": ACTIONS}), "#action=none")
    assert page.locator(".rule:visible .traffic").all_inner_texts() == ["tcp 9001"]


# --- what needs a look ----------------------------------------------------------------------------------------------------


def test_a_line_of_the_list_leads_to_its_place_even_when_a_filter_hides_it(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    for line in page.locator("#attention a.what").all():
        page.locator("#attention details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        target = page.locator(line.get_attribute("href") or "")
        line.click()
        settle(page)
        assert target.evaluate("one => one.checkVisibility() && one.getBoundingClientRect().top < innerHeight")
        search(page, "no such thing")
        page.evaluate("fragment => { location.hash = fragment; }", line.get_attribute("href"))
        settle(page)
        assert target.is_visible() and page.locator("#q").input_value() == ""


PLACE = "() => document.activeElement.closest('[data-problem]')?.id"


def test_two_keys_lead_to_the_next_and_the_previous_problem(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    every = page.locator("#documents [data-problem]").evaluate_all("all => all.map((one) => one.id)")
    assert len(every) > 3
    page.keyboard.press("p")
    assert page.locator("#said").inner_text() == "That was the first problem"
    for number, name in enumerate(every):
        page.keyboard.press("n")
        assert page.evaluate(PLACE) == name
        assert page.locator("#said").inner_text() == f"Problem {number + 1} of {len(every)}"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top < innerHeight")
    page.keyboard.press("n")
    assert page.locator("#said").inner_text() == "That was the last problem"
    for name in reversed(every[:-1]):
        page.keyboard.press("p")
        assert page.evaluate(PLACE) == name


def test_the_buttons_go_on_from_the_problem_that_was_visited_and_leave_out_what_is_filtered(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    every = page.locator("#documents [data-problem]").evaluate_all("all => all.map((one) => one.id)")
    visited = []
    for button in ("next", "next", "previous"):
        page.locator(f"#{button}").click()
        visited.append(page.evaluate(PLACE))
    assert visited == [every[0], every[1], every[0]]
    page = visit(shipped, f"#document={SERVER.replace('5.5', '5.6')}&view=table")
    page.locator("#next").click()
    assert page.locator("#view-pages").get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.closest('section.document').dataset.path") == f"{SERVER.replace('5.5', '5.6')}.md"
    search(page, "no such thing")
    page.locator("#next").click()
    assert page.locator("#said").inner_text() == "Nothing that is shown needs a look"


def test_a_letter_that_is_typed_is_no_key(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    page.locator("#q").press_sequentially("nnpp")
    assert page.locator("#q").input_value() == "nnpp" and page.locator("#said").inner_text() == ""


# --- the address --------------------------------------------------------------------------------------------------------


def test_the_back_button_takes_back_one_step_and_a_word_is_one(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    page.locator("#q").press_sequentially("8090")
    settle(page)
    found = shown(page)
    assert page.url.endswith("#q=8090")
    page.locator("#filters > summary").click()
    page.locator("#protocol").select_option("udp")
    settle(page)
    assert page.url.endswith("#q=8090&protocol=udp") and len(shown(page)) == 2
    page.go_back()
    assert shown(page) == found and page.locator("#protocol").input_value() == ""
    page.go_back()
    assert len(shown(page)) == len(EVERY) and page.locator("#q").input_value() == ""
    page.go_forward()
    assert shown(page) == found and page.locator("#q").input_value() == "8090"


def test_a_link_to_a_rule_leads_to_it_even_when_a_filter_hides_it(visit: Visits, shipped: Path) -> None:
    page = visit(shipped, "#rule-8a3d1ccbef8f302b")
    rule = page.locator("#rule-8a3d1ccbef8f302b")
    assert rule.evaluate("one => one === document.activeElement && one.getBoundingClientRect().top < innerHeight")
    search(page, "icmp")
    assert rule.is_hidden()
    page.evaluate("location.hash = '#rule-8a3d1ccbef8f302b'")
    settle(page)
    assert rule.is_visible()


def test_an_address_that_says_nonsense_shows_everything_or_nothing_and_breaks_nothing(visit: Visits, shipped: Path) -> None:
    page = visit(shipped, "#%E0%A4%A")
    for fragment in ("#%E0%A4%B", "#nowhere", "#view=none&sort=none", "#q=%", "#release=none", "#pick=9.node.9", "#pick=x"):
        page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
        settle(page)
        assert page.locator("#count").inner_text(), fragment
        # What is asked for and unknown to the page finds nothing, rather than being passed over.
        assert (len(shown(page)) == 0) == fragment.startswith(("#q", "#release", "#pick")), fragment


# --- rows and their rules -----------------------------------------------------------------------------------------------

LIT = "all => all.map((one) => one.dataset.row ?? one.id)"


def test_a_row_that_is_pointed_at_marks_its_rules_and_a_rule_its_rows(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    row = page.locator("tr[data-row]", has=page.locator("#rule-8a3d1ccbef8f302b"))
    row.locator("td").first.hover()
    assert page.locator(".lit").evaluate_all(LIT) == ["2", "rule-8a3d1ccbef8f302b"]
    page.locator("#rule-fc664596f83ec581").hover()
    assert page.locator(".lit").evaluate_all(LIT) == ["6", "rule-fc664596f83ec581"]
    page.locator("h1").hover()
    assert page.locator(".lit").count() == 0


def test_rows_and_rules_mark_each_other_under_the_keyboard(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    first = page.locator("section.document").first.locator("tr[data-row]")
    first.nth(0).focus()
    assert page.locator(".lit").evaluate_all("all => all.length") == 2
    page.keyboard.press("ArrowDown")
    assert first.nth(1).evaluate("one => one === document.activeElement && one.matches('.lit')")
    page.keyboard.press("Enter")
    rule = first.nth(1).locator(".rule")
    assert rule.evaluate("one => one === document.activeElement && one.matches('.lit')")
    assert first.nth(1).evaluate("one => one.matches('.lit')")
    page.keyboard.press("Escape")
    assert first.nth(1).evaluate("one => one === document.activeElement")


def test_a_rule_of_several_rows_marks_them_all_and_each_of_them_the_rule(visit: Visits, mixed: Path) -> None:
    page = visit(mixed)
    page.locator(".rule", has_text="tcp 443").hover()
    assert page.locator("tr.lit").evaluate_all(LIT) == ["4", "7"]
    page.locator("tr[data-row='7'] td").first.hover()
    assert page.locator(".rule.lit .traffic").all_inner_texts() == ["tcp 443"]


# --- all rules ----------------------------------------------------------------------------------------------------------


def listed(page: Page) -> list[dict[str, Any]]:
    numbers = page.locator("#rules tbody tr").evaluate_all("all => all.map((one) => Number(one.dataset.rule))")
    return [EVERY[number] for number in numbers]


def test_the_table_of_all_rules_is_sorted_by_a_column_and_back(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    page.get_by_role("button", name="All rules").click()
    assert listed(page) == EVERY and page.locator("#rules [aria-sort]").count() == 0
    button = page.get_by_role("button", name="Protocol and ports")
    button.click()
    head = page.locator("#rules th", has=button)
    assert head.get_attribute("aria-sort") == "ascending" and page.locator("#rules [aria-sort]").count() == 1
    ports = [(rule["protocol"], rule["from_port"] if rule["from_port"] is not None else 1 << 17) for rule in listed(page)]
    assert ports == sorted(ports)
    button.click()
    assert head.get_attribute("aria-sort") == "descending" and page.url.endswith("#sort=-traffic&view=table")
    ports = [(rule["protocol"], rule["from_port"] if rule["from_port"] is not None else 1 << 17) for rule in listed(page)]
    assert ports == sorted(ports, reverse=True)


def test_the_table_shows_what_is_filtered_and_leads_back_to_the_source(visit: Visits, shipped: Path) -> None:
    page = visit(shipped, "#q=8090&view=table&sort=place")
    assert sorted(rule["id"] for rule in listed(page)) == ids(lambda rule: holds_port(rule, 8090))
    first = listed(page)[0]
    page.locator("#rules tbody a").first.click()
    settle(page)
    assert page.evaluate("document.activeElement.id") == f"rule-{first['id']}"


def test_what_the_page_does_not_say_is_told_from_a_name(visit: Visits, tmp_path: Path) -> None:
    head = "<tr><th>Protocol</th><th>Port</th><th>Source</th></tr>"
    page = visit(
        of_documents(tmp_path, {"page.html": f"<table>{head}{row('TCP', '22', 'Not stated')}{row('TCP', '23', 'Client')}</table>"}),
        "#view=table",
    )
    assert page.locator("#rules td.open").all_inner_texts() == ["not stated"] * 4
    assert page.locator("#rules td.is-source:not(.open)").all_inner_texts() == ["Not stated", "Client"]


def test_the_complete_rules_can_be_chosen_and_saved(visit: Visits, tmp_path: Path) -> None:
    head = "<tr><th>Direction</th><th>Protocol</th><th>Port</th></tr>"
    rows = row("Inbound", "TCP", "22"), row("", "TCP", "23"), row("Inbound", "TCP", "dynamic")
    page = visit(of_documents(tmp_path, {"page.html": f"<table>{head}{''.join(rows)}</table>"}), "#view=table")
    assert page.locator(".facts .complete dd").inner_text() == "1"
    assert [one["complete"] for one in csv.DictReader(saved(page, "#save-csv").decode("utf-8-sig").splitlines())] == ["true", "false", ""]
    page.locator(".facts .complete a").click()
    settle(page)
    assert page.locator("#count").inner_text() == "1 of 2 rules and 0 of 1 unresolved"
    assert shown(page) == [rule["id"] for rule in json.loads((tmp_path / "rules.json").read_bytes())["rules"] if rule["complete"]]


def test_a_long_table_is_made_as_the_reader_reaches_its_end(visit: Visits, tmp_path: Path) -> None:
    rows = "".join(row("TCP", str(1000 + number), "Inbound", "Client Group", "Web Group", "") for number in range(700))
    page = visit(of_documents(tmp_path, {"long.html": f"<h2>Firewall rules</h2><table>{HEADER}{rows}</table>"}), "#view=table")
    made = page.locator("#rules tbody tr")
    assert 200 <= made.count() < 700 and page.locator("#rules").get_attribute("aria-rowcount") == "701"
    # Ten suffice; a browser that has to wait for its turn scrolls later than it is told to.
    for _ in range(100):
        if made.count() == 700:
            break
        page.keyboard.press("End")
        settle(page)
    assert made.count() == 700


# --- copying and saving -------------------------------------------------------------------------------------------------


def test_what_is_copied_and_saved_as_json_are_the_objects_of_the_rules_file(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    for fragment in ("", "q=8090", "unresolved=1"):
        page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
        settle(page)
        chosen = set(shown(page))
        expected = {name: [rule for rule in STATED[name] if rule["id"] in chosen] for name in ("rules", "unresolved")}
        for content in (clipboard(page, "#copy-json"), saved(page, "#save-json")):
            assert json.loads(content) == expected


def test_cells_that_a_spreadsheet_would_run_are_harmless_and_still_there(visit: Visits, mixed: Path) -> None:
    content = saved(visit(mixed), "#save-csv")
    assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [one["description"] for one in rows] == [
        "Portal",
        '\'=HYPERLINK("http://x")',
        "'+1 800 8090",
        "'@SUM(A1)",
        "'-2+3",
        'said "so", twice',
    ]
    assert not [value for one in rows for value in one.values() if value[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert (rows[0]["from_port"], rows[0]["to_port"], rows[1]["destination"], rows[2]["protocol"]) == ("8000", "8100", "0.0.0.0/0", "any")


def test_csv_has_the_order_of_the_table(visit: Visits, shipped: Path) -> None:
    page = visit(shipped, "#view=table&sort=-traffic&q=tcp")
    rows = list(csv.DictReader(clipboard(page, "#copy-csv").splitlines()))
    assert [one["id"] for one in rows] == [rule["id"] for rule in listed(page)]


def test_a_place_is_copied_as_path_and_line(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    line = page.locator("tr[data-row]", has=page.locator("#rule-8a3d1ccbef8f302b")).get_by_role("button", name="54")
    line.click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{SERVER}.md:54"


# --- drawings -----------------------------------------------------------------------------------------------------------


def ends(rule: dict[str, Any]) -> set[str]:
    return {rule[end]["name"] for end in ("source", "destination")}


def test_what_is_picked_in_a_drawing_filters_the_rules_and_the_chip_takes_it_back(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    name = "External Database Security Group"
    node = page.locator("[data-drawing][open] [data-node]", has_text="External Database")
    for way in ("click", "Enter", " "):
        node.click() if way == "click" else node.press(way)
        settle(page)
        assert sorted(shown(page)) == ids(lambda rule: name in ends(rule) and "/5.6/" in rule["evidence"][0]["document"]), way
        assert name in page.locator("#pick").inner_text() and "#pick=1.node." in page.url
        assert node.evaluate("one => one.matches('.picked')")
        page.locator("#pick").click()
        settle(page)
        assert len(shown(page)) == len(EVERY) and page.locator("#pick").is_hidden()


def test_an_arrow_of_a_drawing_shows_the_rules_that_it_stands_for(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    for edge in page.locator("[data-drawing][open] [data-edge]").all()[::3]:
        edge.press("Enter")
        settle(page)
        rules = [rule for rule in EVERY if rule["id"] in shown(page)]
        assert rules and len({(rule["source"]["name"], rule["destination"]["name"], rule["action"]) for rule in rules}) == 1
        assert rules[0]["source"]["name"] in (edge.get_attribute("aria-label") or "")
    again = visit(shipped, "#" + page.url.split("#")[1])
    assert shown(again) == shown(page)


def test_every_rule_is_in_the_arrows_of_its_release(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    drawn = page.evaluate(
        "JSON.parse(document.getElementById('data').textContent).drawings.flatMap((one) => one.edges.flatMap((edge) => edge.rules))"
    )
    assert sorted(drawn) == list(range(len(EVERY)))


# --- changes ------------------------------------------------------------------------------------------------------------


def test_changes_come_first_and_lead_to_their_rules(visit: Visits, tmp_path: Path) -> None:
    older = json.loads(SHIPPED.read_bytes())
    changed = older["rules"][0]
    changed["from_port"] = changed["to_port"] = 65000
    (tmp_path / "older.json").write_text(json.dumps(older), "utf-8")
    page = visit(written(tmp_path, SHIPPED, "--against", tmp_path / "older.json"))
    first = page.locator("main .part:visible").first
    assert first.get_attribute("id") == "changes" and "65000" in first.inner_text()
    first.locator("a").first.click()
    assert page.evaluate("document.activeElement.id").startswith("rule-")
