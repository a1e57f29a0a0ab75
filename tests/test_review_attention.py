"""The review page leads: what needs attention stands first, with links; what is the same everywhere is said once; the rest is counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import html

from extract.catalogue import catalogue
from tests.test_cli import docrules
from tests.test_review import by_class, data_of, found, made, page_of, report, run, table, words

RULE = table(["HTTPS", "TCP", "443", "Client Group", "Web"])
CONTRADICTION = table(["Custom UDP Rule", "TCP", "443", "Client Group", "Web"])
OPEN = table(["HTTPS", "TCP", "443", "Client Group", "Web"], ["Custom", "", "8443", "Client Group", "Web"])
UNREAD, DOUBTFUL, BROKEN = (catalogue()[code].page or "" for code in ("column-not-understood", "table-doubtful", "broken-pipe-table"))
QUIET = "# Settings\n\n| Name | Meaning |\n| --- | --- |\n| colour | what is seen |\n"
# One asks something of each kind, in the order in which people should look.
ASKING = {"d.md": BROKEN, "c.html": CONTRADICTION, "b.html": OPEN, "e.md": UNREAD, "a.md": DOUBTFUL}
# The table says of none of its rules where the traffic goes, or which way.
PORTS = ("Protocol", "Port", "Description")


def lines(page: html.HtmlElement) -> dict[str, list[html.HtmlElement]]:
    """Return the lines of the attention list by the name of their group."""
    listed: dict[str, list[html.HtmlElement]] = {}
    for one in page.get_element_by_id("attention"):
        if one.tag == "h3":
            listed[words(one).rpartition(" ")[0]] = []
        elif listed:
            listed[list(listed)[-1]].extend(found(one, "self::ul/li | self::details/ul/li"))
    return listed


def one_line(page: html.HtmlElement, group: str) -> html.HtmlElement:
    [line] = lines(page)[group]
    return line


def targets(line: html.HtmlElement) -> list[str]:
    return [(link.get("href") or "").removeprefix("#") for link in found(line, ".//a")]


# --- what needs attention -----------------------------------------------------------------------------------------------


def test_what_needs_attention_stands_first_in_the_order_of_what_it_asks(tmp_path: Path) -> None:
    page = made(tmp_path, ASKING)
    [pages] = found(page, ".//*[@id='pages']")
    assert pages[0].get("id") == "attention"
    names = ["Missing from the data", "Contradictions", "Open rows", "Unread columns and ends", "Doubtful tables, rows and sentences"]
    assert list(lines(page)) == names
    assert [[words(button) for button in by_class(one_line(page, name), "copy")] for name in names] == [
        ["d.md:3"], ["c.html:5"], ["b.html:6"], ["e.md:3"], ["a.md:3"]
    ]  # fmt: skip


def test_a_line_leads_to_its_row_or_its_table(tmp_path: Path) -> None:
    page = made(tmp_path, ASKING)
    row = page.get_element_by_id(targets(one_line(page, "Open rows"))[0])
    assert row.tag == "tr" and row.get("data-row") == "2" and "8443" in words(row)
    read = page.get_element_by_id(targets(one_line(page, "Unread columns and ends"))[0])
    assert "Qorvel" in words(read) and read.get("data-table") == "1"
    doubtful = page.get_element_by_id(targets(one_line(page, "Doubtful tables, rows and sentences"))[0])
    assert doubtful.tag == "details" and "9443" in words(doubtful)


def test_the_page_says_what_the_run_has_said(tmp_path: Path) -> None:
    page = made(tmp_path, {**ASKING, "f.html": table(*(["Custom", "", str(port), "Client Group", "Web"] for port in range(8001, 8005)))})
    printed = docrules("run", "docs", "--out", "rules.json", "--report", "report.json", cwd=tmp_path).err
    told = [line for some in lines(page).values() for line in some if by_class(line, "warning")]
    assert len(told) == 5
    for line in told:
        [what], [place] = by_class(line, "what"), by_class(line, "copy")
        assert f"{words(place)}: warning: {words(what)}" in printed


def test_what_several_documents_have_alike_is_one_line_with_a_link_to_each(tmp_path: Path) -> None:
    page = made(tmp_path, {f"acme/gate/{release}/ports.html": OPEN for release in range(1, 9)})
    line = one_line(page, "Open rows")
    assert [words(button) for button in by_class(line, "copy")] == [f"acme/gate/{release}/ports.html:6" for release in range(1, 6)]
    assert targets(line) == [f"row-{number}-1-2" for number in range(5)]
    assert "and 3 more documents" in words(line)
    assert found(page.get_element_by_id("attention"), "h3/span")[0].text == "8"


def test_a_long_list_is_folded_with_the_largest_of_each_kind_first(tmp_path: Path) -> None:
    few = [["Custom", "", "8443", "Client Group", "Web"]]
    many = {f"{number}.html": table(*few * (number + 1)) for number in range(8)}
    page = made(tmp_path, {**many, "x.html": table(["Custom", "TCP", "the usual", "Client Group", "Web"])})
    listed = lines(page)["Open rows"]
    assert len(listed) == 9
    seen = [line for line in listed if not found(line, "ancestor::details")]
    assert [by_class(line, "copy")[0].get("data-copy", "").partition(".")[0] for line in seen] == ["7", "x", "6", "5", "4"]
    assert [words(one) for one in found(page.get_element_by_id("attention"), "details/summary")] == ["4 more"]


def test_notes_that_ask_nothing_are_not_listed_and_a_clean_run_has_no_list(tmp_path: Path) -> None:
    page = made(tmp_path, {"page.html": table(["HTTPS", "TCP", "443", "A Group", "Web"], ["HTTPS", "TCP", "443", "A Group", "Web"])})
    assert "duplicate-rule" in words(page)
    assert not found(page, ".//*[@id='attention']")


def test_a_patch_that_fails_is_among_what_is_missing(tmp_path: Path) -> None:
    patch = tmp_path / "patches" / "acme" / "gate.toml"
    patch.parent.mkdir(parents=True)
    patch.write_text(
        "[[patch]]\nid = 'one'\nreason = 'x'\n[patch.match]\nfrom_port = 1\n[patch.expect]\nrules = 1\n[patch.set]\nfrom_port = 2\n"
    )
    page = made(tmp_path, {"acme/gate/1/ports.html": RULE})
    line = one_line(page, "Missing from the data")
    assert by_class(line, "error") and targets(line) == ["run"]
    assert "acme/gate.toml" in words(page.get_element_by_id("run"))


# --- the widest rules ---------------------------------------------------------------------------------------------------


def widest(page: html.HtmlElement) -> list[str]:
    return [words(link).partition(" from ")[0] for link in by_class(page, "rule-named")]


def test_the_rules_that_open_the_most_are_named_with_a_link(tmp_path: Path) -> None:
    header = ("Action", "Protocol", "Port", "Source", "Destination", "Direction")
    rows = [
        ["Allow", "TCP", "1-9999", "A Group", "B Group"],
        ["Allow", "TCP", "1-10000", "A Group", "B Group"],
        ["Allow", "UDP", "49152-65535", "A Group", "B Group"],
        ["Allow", "TCP", "22", "0.0.0.0/0", "B Group"],
        ["Allow", "TCP", "25", "B Group", "0.0.0.0/0", "Outbound"],
        ["Allow", "Any", "Any", "A Group", "0.0.0.0/0", "Outbound"],
        ["Allow", "Any", "Any", "A Group", "B Group"],
        ["Allow", "ICMP", "", "A Group", "B Group"],
        ["Deny", "Any", "Any", "C Group", "B Group"],
        ["Allow", "Custom", "1-20000", "A Group", "B Group"],
    ]
    page = made(tmp_path, {"page.html": table(*([*one, "Inbound"][:6] for one in rows), header=header)})
    traffic = ("ingress any", "ingress tcp 22", "egress any", "ingress udp 49152-65535", "ingress tcp 1-10000")
    assert widest(page) == [f"allow {one}" for one in traffic]
    for link in by_class(page, "rule-named"):
        assert "rule" in (page.get_element_by_id((link.get("href") or "#")[1:]).get("class") or "")


def test_many_wide_rules_are_folded(tmp_path: Path) -> None:
    rows = [["Any", "TCP", f"{first}-65535", "Client Group", "x"] for first in range(1, 61)]
    page = made(tmp_path, {"page.html": table(*rows)})
    assert len(widest(page)) == 50 and widest(page)[0].endswith("1-65535")
    [summary] = found(page.get_element_by_id("attention"), "details[1]/summary")
    assert words(summary).startswith("60 rules to look at first: they let anyone in")
    assert "10 rules are left out here" in words(page.get_element_by_id("attention"))


# --- counters and the list of documents ---------------------------------------------------------------------------------


def test_counters_are_links_to_what_they_count(tmp_path: Path) -> None:
    page = made(tmp_path, ASKING)
    facts = {words(one[0]): words(one[1]) for one in found(page, ".//dl[@class='facts']/div")}
    links = {words(one[0]): [link.get("href") for link in found(one, ".//a")] for one in found(page, ".//dl[@class='facts']/div")}
    inside = data_of(page)
    assert facts["documents"] == "5" and links["documents"] == ["#contents"]
    assert facts["rules"] == str(len(inside["rules"])) and links["rules"] == ["#view=table"]
    assert facts["unresolved"] == str(len(inside["unresolved"])) and links["unresolved"] == ["#unresolved=1"]
    assert facts["warnings"] == "4" and links["warnings"] == ["#severity=warning"]
    assert facts["errors"] == "0" and links["errors"] == []
    assert (facts["corrected"], links["corrected"]) == ("1", ["#corrected=1"])


def test_where_no_rule_has_a_finding_its_counter_leads_to_the_list(tmp_path: Path) -> None:
    page = made(tmp_path, {"a.md": DOUBTFUL, "b.html": RULE})
    assert found(page, ".//dl[@class='facts']/div[dt='warning']//a")[0].get("href") == "#attention"


def test_the_list_of_documents_counts_rules_and_what_is_open_apart_and_marks_what_needs_a_look(tmp_path: Path) -> None:
    nothing = table(["Custom", "", "8443", "Client Group", "Web"])
    pages = {"a": OPEN, "b": CONTRADICTION, "c": RULE, "d": DOUBTFUL, "e": nothing, "f/1": RULE, "f/2": RULE}
    page = made(tmp_path, {f"{name}.md" if "/" in name else f"{name}/page.md": content for name, content in pages.items()})
    items = found(page.get_element_by_id("contents"), ".//li[@data-document]")
    assert [words(by_class(one, "marks")[0]) for one in items] == [
        "1 rule, 1 unresolved 1 warning",
        "1 rule 1 warning 1 corrected",
        "1 rule",
        "no rules 1 warning 1 doubtful table",
        "1 unresolved 1 warning",
        # The rule of both is counted in each.
        "1 rule",
        "1 rule",
    ]


def test_documents_of_one_title_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    titled = [f"acme/gate/{release}/{name}.html" for release in (1, 2) for name in ("a", "b")]
    one = RULE.replace("Web", "Gate")
    page = made(tmp_path, {**dict.fromkeys(titled[:3], RULE), titled[3]: one, "acme/gate/2/c.html": one, "alone.html": RULE})
    items = found(page.get_element_by_id("contents"), ".//li[@data-document]")
    paths = [words(where) for item in items for where in by_class(item, "where")]
    assert len(items) == 6
    assert [words(one) for one in found(page.get_element_by_id("contents"), ".//h3")] == ["acme/gate 1", "acme/gate 2"]
    assert paths == ["acme/gate/1/a.html", "acme/gate/1/b.html", "acme/gate/2/b.html", "acme/gate/2/c.html"]


# --- documents without rules --------------------------------------------------------------------------------------------


def test_documents_without_rules_are_counted_and_neither_shown_nor_read_anew(tmp_path: Path) -> None:
    pages = {"a.html": RULE, **{f"quiet/{number}.md": QUIET for number in range(3)}, "prose.md": "# Nothing\n\nNo table.\n"}
    run(tmp_path, pages)
    for name in pages:
        if name != "a.html":
            (tmp_path / "docs" / name).unlink()
    result = docrules("report", "--docs", "docs", "--html", "-", cwd=tmp_path)
    assert result.err == ""
    page = page_of(result)
    assert [one.get("data-path") for one in by_class(page, "document")] == ["a.html"]
    [counted] = found(page.get_element_by_id("unruled"), "summary")
    assert words(counted) == "4 documents without rules: 3 tables, none of them of rules; 1 without a table"
    assert "colour" not in words(page)


def test_the_size_of_the_page_goes_with_its_rules_and_not_with_its_documents(tmp_path: Path) -> None:
    sizes = []
    for number in (200, 600):
        folder = tmp_path / str(number)
        run(folder, {"a.html": RULE, **{f"quiet/{one:03}.md": QUIET + BROKEN for one in range(number)}})
        sizes.append(len(report("--docs", "docs", cwd=folder).out))
    assert sizes[1] - sizes[0] < 100


def test_a_table_without_rules_is_shown_by_its_beginning_and_not_at_all_when_there_are_too_many(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>colour{row}</td><td>{'x' * 500}</td></tr>\n" for row in range(9))
    other = f"<table><tr><th>Name</th><th>Meaning</th></tr>{rows}</table>\n"
    page = made(tmp_path, {"a.html": RULE + other * 100})
    others = by_class(page, "other")
    assert len(others) == 100
    assert [int(row.get("data-row") or 0) for row in found(others[0], ".//tr[@data-row]")] == [1, 2, 3, 4, 5]
    assert "Meaning" in words(others[0]) and "and 4 more rows" in words(others[0])
    assert "9 rows" in words(others[-1]) and "Its cells are left out here" in words(others[-1])
    assert not found(others[-1], ".//table")


# --- what is the same for a whole table ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row", "unstated", "ends"),
    [
        (PORTS, ("TCP", "Web"), "direction, source, destination", None),
        (("Protocol", "Port", "Source"), ("TCP", "Client Group"), "direction, destination", "from Client Group"),
        (("Protocol", "Port", "Destination"), ("TCP", "Web Group"), "direction, source", "to Web Group"),
        (("Protocol", "Port", "Source", "Destination"), ("TCP", "A Group", "B Group"), "direction", "A Group → B Group"),
        (("Port", "Source", "Destination"), ("A Group", "B Group"), "direction, protocol", "A Group → B Group"),
    ],
)
def test_what_no_rule_of_a_table_says_is_said_once_above_it(
    tmp_path: Path, header: tuple[str, ...], row: tuple[str, ...], unstated: str, ends: str | None
) -> None:
    def cells(port: str) -> list[str]:
        at = header.index("Port")
        return [*row[:at], port, *row[at:]]

    markup = table(cells("443"), cells("8443"), cells("9443"), header=header).replace("Inbound rules of the Web Security Group", "Ports")
    page = made(tmp_path, {"page.html": markup})
    [shared] = by_class(page, "shared")
    assert words(shared) == f"Not stated for any rule of this table: {unstated}."
    rules = by_class(page, "rule")
    assert len(rules) == 3
    for one in rules:
        assert [words(end) for end in by_class(one, "ends")] == ([ends] if ends else [])
        assert "direction not stated" not in words(one)


def test_what_some_rules_of_a_table_say_is_said_at_each_that_does_not(tmp_path: Path) -> None:
    markup = table(["TCP", "443", "Client Group"], ["TCP", "8443", ""], header=("Protocol", "Port", "Source")).replace("Inbound", "Some")
    page = made(tmp_path, {"page.html": markup, "one.html": table(["TCP", "443", "x"], header=PORTS).replace("Inbound", "Some")})
    assert [words(one) for one in by_class(page, "shared")] == ["Not stated for any rule of this table: direction, destination."]
    # A lone rule says it itself.
    assert [words(end) for end in by_class(page, "ends")] == ["not stated → not stated", "from Client Group", "from not stated"]


def test_a_finding_that_many_rows_share_is_said_once_and_the_rules_stay_marked(tmp_path: Path) -> None:
    missing = [["Custom", "", str(port), "Client Group", "Web"] for port in range(8001, 8006)]
    page = made(
        tmp_path, {"all/page.html": table(*missing), "some/page.html": table(["HTTPS", "TCP", "443", "Client Group", "Web"], *missing)}
    )
    every, some = (by_class(one, "table")[0] for one in by_class(page, "document"))
    message = "neither the row nor the text around the table names a protocol"
    assert [words(one).count(message) for one in (every, some)] == [1, 1]
    assert "protocol-missing all 5 rows" in words(every) and "protocol-missing 5 rows" in words(some)
    for one, noted in ((every, 0), (some, 5)):
        assert len([mark for mark in by_class(one, "word") if words(mark) == "unresolved"]) == 5
        assert words(one).count("warning said above the table protocol-missing") == noted


def test_a_finding_of_the_rows_without_rules_is_told_apart_from_those_with_rules(tmp_path: Path) -> None:
    rows = [["HTTPS", "TCP", str(port), "Client Group", "Web"] for port in (443, 8443, 9443)]
    page = made(tmp_path, {"page.html": table(*rows, *([["", "", "", "", "See the notes"]] * 3))})
    [shown] = by_class(page, "judged")
    assert words(page).count("the row states neither a port nor a protocol") == 4
    outcomes = [words(one) for one in by_class(shown, "outcome")][1:]
    assert ["row-without-rule" in one for one in outcomes] == [False] * 3 + [True] * 3


def test_what_was_inferred_for_every_rule_of_a_table_is_told_above_it(tmp_path: Path) -> None:
    page = made(tmp_path, {"page.html": table(["HTTPS", "TCP", "443", "A Group", "x"], ["HTTPS", "TCP", "8443", "A Group", "x"])})
    [inferred] = by_class(page, "inferred")[:1]
    assert words(found(inferred, "summary")[0]) == "inferred for every rule: direction"
    assert not found(page, ".//li[contains(@class, 'rule')]//details")
    traces = json.loads((tmp_path / "rules.json").read_bytes())["rules"][0]["trace"]
    assert all(trace["why"] in words(inferred) for trace in traces)


# --- titles are text ----------------------------------------------------------------------------------------------------


def test_titles_hold_no_references_and_no_word_twice(tmp_path: Path) -> None:
    page = made(tmp_path, {"page.md": f"---\ntitle: Gate&#174; &amp; Wall\n---\n{RULE}", "icon.md": f"# ![Gate](gate.svg) Gate\n\n{RULE}"})
    assert [words(one) for one in found(page, ".//section[@data-path]/h2")] == ["Gate", "Gate® & Wall"]
