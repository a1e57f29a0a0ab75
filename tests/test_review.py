"""The review page: what is on it, that text stays text in it, and that nothing but its own script and style may act."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree, html

from extract.publish.review import beside, text
from extract.publish.wording import UNSEEN
from tests.test_cli import DOCS, EXIT_CLEAN, EXIT_USAGE, REPO, Result, docrules

SHIPPED = REPO / "data" / "rules.json"
SERVER = "axway/securetransport/5.5/server-security-group"
HEADER = ("Type", "Protocol", "Port", "Source", "Description")


def report(*args: str | Path, cwd: Path = REPO) -> Result:
    return docrules("report", *args, "--html", "-", cwd=cwd)


def page_of(result: Result) -> html.HtmlElement:
    assert result.code == EXIT_CLEAN, result.err
    return html.document_fromstring(result.out, html.HTMLParser(huge_tree=True, encoding="utf-8"))


def found(element: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    return cast("list[html.HtmlElement]", element.xpath(path))


def by_class(element: html.HtmlElement, name: str) -> list[html.HtmlElement]:
    return found(element, f".//*[contains(concat(' ', @class, ' '), ' {name} ')]")


def words(element: html.HtmlElement) -> str:
    return " ".join(html.fromstring(html.tostring(element).replace(b"<br>", b" ")).text_content().split())


def data_of(page: html.HtmlElement) -> Any:
    return json.loads(page.get_element_by_id("data").text_content())


def run(folder: Path, pages: dict[str, str]) -> dict[str, Any]:
    """Extract pages below `folder`; return the rules file."""
    for name, content in pages.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    docrules("run", "docs", "--out", "rules.json", "--report", "report.json", cwd=folder)
    stated: dict[str, Any] = json.loads((folder / "rules.json").read_bytes())
    return stated


def made(folder: Path, pages: dict[str, str]) -> html.HtmlElement:
    run(folder, pages)
    return page_of(report("--docs", "docs", cwd=folder))


def table(*rows: Sequence[str], header: Sequence[str] = HEADER) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in header)
    return f"<h2>Inbound rules of the Web Security Group</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>\n"


@pytest.fixture(scope="module")
def shipped() -> html.HtmlElement:
    return page_of(report(SHIPPED))


# --- the shipped data ---------------------------------------------------------------------------------------------------


def test_the_page_of_the_shipped_data_is_small_and_the_same_each_time() -> None:
    first, second = report(SHIPPED), report(SHIPPED)
    assert first.code == EXIT_CLEAN
    assert first.out == second.out
    assert len(first.out) < 1_000_000


def test_every_rule_stands_once_beside_its_row(shipped: html.HtmlElement) -> None:
    stated = json.loads(SHIPPED.read_bytes())
    every = [*stated["rules"], *stated["unresolved"]]
    told = by_class(shipped, "rule")
    assert sorted(one.get("id") or "" for one in told) == sorted(f"rule-{rule['id']}" for rule in every)
    known = {rule["id"]: rule for rule in every}
    for one in told:
        rule = known[(one.get("id") or "").removeprefix("rule-")]
        row = next(one.iterancestors("tr"))
        document = next(one.iterancestors("section"))
        assert int(row.get("data-row") or 0) == rule["evidence"][0]["row"]
        assert document.get("data-path") == f"{rule['evidence'][0]['document']}.md"
        texts = [words(cell) for cell in found(row, "td[not(contains(@class, 'outcome'))]")]
        assert all(any(said in cell for cell in texts) for said in rule["evidence"][0]["cells"].values() if said)


def test_every_row_of_every_rule_table_is_there_with_what_became_of_it(shipped: html.HtmlElement) -> None:
    documents = {one.get("data-path"): one for one in by_class(shipped, "document")}
    accounted = json.loads((REPO / "data" / "report.json").read_bytes())["documents"]
    ruled = [one for one in accounted if any(reported["verdict"] == "rules" for reported in one["tables"])]
    assert documents.keys() == {one["path"] for one in ruled}
    for one in ruled:
        shown = {int(found_.get("data-table") or 0): found_ for found_ in by_class(documents[one["path"]], "table")}
        assert shown.keys() == {reported["table"] for reported in one["tables"]}
        for reported in one["tables"]:
            rows = found(shown[reported["table"]], ".//tr[@data-row]")
            # Of a table without rules the beginning tells what it is.
            last = reported["data_rows"] if reported["verdict"] == "rules" else min(reported["data_rows"], 5)
            assert [int(row.get("data-row") or 0) for row in rows] == list(range(1, last + 1))
            if reported["verdict"] == "rules":
                outcomes = [words(row.xpath("td[contains(@class, 'outcome')]")[0]) for row in rows]
                assert all(outcomes)
                for outcome in reported["no_rule"]:
                    assert all(outcome["reason"] in outcomes[row - 1] for row in outcome["rows"])


def test_a_table_without_rules_is_folded_with_its_verdict_and_the_reason(shipped: html.HtmlElement) -> None:
    [folded] = by_class(shipped, "other")
    assert folded.tag == "details" and folded.get("open") is None
    [reported] = [
        reported
        for one in json.loads((REPO / "data" / "report.json").read_bytes())["documents"]
        for reported in one["tables"]
        if reported["verdict"] != "rules"
    ]
    assert reported["reason"] in words(folded[0])


def test_a_corrected_value_says_from_what_to_what_and_why(shipped: html.HtmlElement) -> None:
    rule = shipped.get_element_by_id("rule-8a3d1ccbef8f302b")
    [mark] = by_class(rule, "corrected")
    assert words(mark).startswith("corrected type Custom UDP Rule became Custom TCP Rule type-contradicts-protocol: the type says udp")
    [row] = rule.xpath("ancestor::tr")
    assert [words(cell) for cell in row.xpath("td[span]")] == ["Custom UDP Rule corrected"]


def test_a_patched_value_gives_the_reason_of_the_patch(shipped: html.HtmlElement) -> None:
    marks = [words(mark) for mark in found(shipped, ".//p[@class='mark patched']")]
    assert any("Secure Transport Server Security Group became SecureTransport Server Security Group" in mark for mark in marks)
    assert all("patch:" in mark for mark in marks) and len(marks) == 2


def test_an_unresolved_rule_says_what_is_missing_and_why(shipped: html.HtmlElement) -> None:
    marks = [words(mark) for mark in found(shipped, ".//p[@class='mark unresolved']")]
    assert marks == ["unresolved missing ports: the page names no port number but 'User-defined range'"] * 2


def test_lines_that_gave_values_are_quoted_with_the_place_to_copy(shipped: html.HtmlElement) -> None:
    [document] = found(shipped, f".//section[@data-path='{SERVER}.md']")
    quotes = {copied.get("data-copy"): words(one) for one in found(document, ".//ul[@class='quotes']/li") for copied in one.xpath("button")}
    assert quotes[f"{SERVER}.md:5"] == "line 5 SecureTransport Server Security Group gave destination"
    assert quotes[f"{SERVER}.md:7"].endswith("gave direction ingress")


def test_the_data_in_the_page_are_the_rules_as_they_are_published(shipped: html.HtmlElement) -> None:
    stated, inside = json.loads(SHIPPED.read_bytes()), data_of(shipped)
    assert (inside["rules"], inside["unresolved"]) == (stated["rules"], stated["unresolved"])
    assert len(inside["flags"]) == len(stated["rules"]) + len(stated["unresolved"])


# --- who talks to whom --------------------------------------------------------------------------------------------------


def test_every_node_and_arrow_of_a_drawing_has_its_rules(shipped: html.HtmlElement) -> None:
    inside = data_of(shipped)
    entries = [*inside["rules"], *inside["unresolved"]]
    releases = {one["id"]: inside["scopes"][one["scope"]] for one in inside["documents"]}
    elements = found(shipped, ".//details[@data-drawing]")
    assert [one.get("data-drawing") for one in elements] == ["0", "1"]
    for element, drawing in zip(elements, inside["drawings"], strict=True):
        name = inside["scopes"][drawing["scope"]]
        of_release = {index for index, rule in enumerate(entries) if releases[rule["evidence"][0]["document"]] == name}
        for kind in ("node", "edge"):
            drawn = found(element, f".//*[@data-{kind}]")
            assert [int(one.get(f"data-{kind}") or 0) for one in sorted(drawn, key=lambda one: int(one.get(f"data-{kind}") or 0))] == list(
                range(len(drawing[f"{kind}s"]))
            )
            assert {index for one in drawing[f"{kind}s"] for index in one["rules"]} == of_release
            assert {one.get("role") for one in drawn} == {"button"}
        for one in drawing["edges"]:
            assert all(entries[index]["source"]["name"] in one["label"] for index in one["rules"])


def test_only_the_newest_release_is_drawn_unfolded(shipped: html.HtmlElement) -> None:
    drawn = found(shipped, ".//details[@data-drawing]")
    assert [(words(one[0]), one.get("open") is not None) for one in drawn] == [
        ("axway/securetransport 5.5", False),
        ("axway/securetransport 5.6", True),
    ]


# --- what changed -------------------------------------------------------------------------------------------------------


def test_changes_come_first_with_before_and_after(tmp_path: Path) -> None:
    older = json.loads(SHIPPED.read_bytes())
    rule = next(one for one in older["rules"] if one["id"] == "8a3d1ccbef8f302b")
    rule["to_port"] = 8092
    (tmp_path / "older.json").write_text(json.dumps(older), "utf-8")
    page = page_of(report(SHIPPED, "--against", tmp_path / "older.json"))
    [pages] = found(page, ".//*[@id='pages']")
    assert pages[0].get("id") == "changes"
    [change] = found(pages[0], ".//div[contains(@class, 'impact')]//li")
    assert [words(one) for one in found(change, ".//del | .//ins")] == ["8088-8092", "8088-8093"]
    assert [one.get("href") for one in found(change, ".//a")] == ["#rule-8a3d1ccbef8f302b"]


def test_without_changes_the_page_says_so() -> None:
    page = page_of(report(SHIPPED, "--against", SHIPPED))
    assert "Nothing changed." in words(page.get_element_by_id("changes"))


# --- tables as they stand in the source ---------------------------------------------------------------------------------


def test_spans_lines_surplus_and_hidden_rows_are_kept(tmp_path: Path) -> None:
    page = made(
        tmp_path,
        {
            "spans.html": "<h2>Inbound rules of the Web Security Group</h2><table><caption>Ports</caption>"
            "<tr><th>Protocol</th><th>Port</th><th>Source</th></tr>"
            "<tr><td rowspan=2>TCP</td><td>443<br>8443</td><td>Client Group</td></tr><tr><td>80</td><td>Client Group</td></tr>"
            "<tr hidden><td>TCP</td><td>22</td><td>Admin Group</td></tr></table>",
            "pipes.md": "# Inbound rules of the Web Security Group\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n"
            "| TCP | 25 | Mail Group | not shown |\n",
        },
    )
    [source] = found(page, ".//section[@data-path='spans.html']//table")
    assert [words(one) for one in found(source, "caption")] == ["Ports"]
    first, second, third = found(source, ".//tr[@data-row]")
    [spanning] = first.xpath("td[@rowspan]")
    assert (spanning.get("rowspan"), words(spanning)) == ("2", "TCP")
    assert html.tostring(first.xpath("td")[1]).count(b"<br>") == 1
    assert [words(cell) for cell in by_class(second, "carried")] == ["TCP"]
    assert "hidden in the source" in words(third)
    [surplus] = found(page, ".//section[@data-path='pipes.md']//p[@class='surplus']")
    assert words(surplus) == "beyond the columns not shown"


def test_overlapping_spans_still_give_a_table_with_rows_of_one_width(tmp_path: Path) -> None:
    rows = (
        "<tr><td>TCP</td><td rowspan=3>443</td><td>A Group</td></tr><tr><td colspan=3>UDP</td></tr>"
        "<tr><td>TCP</td><td>80</td></tr><tr><td rowspan=9>TCP</td><td>22</td><td>B Group</td></tr>"
    )
    page = made(
        tmp_path, {"odd.html": f"<h2>Inbound rules</h2><table><tr><th>Protocol<th>Port<th>Source</tr><tbody>{rows}</tbody></table>"}
    )
    [source] = found(page, ".//table[contains(@class, 'source')]")
    width = None
    open_cells: list[tuple[int, int]] = []
    for row in found(source, ".//tr"):
        cells = [cell for cell in row.xpath("th|td") if "carried" not in (cell.get("class") or "").split()]
        spans = [(int(cell.get("rowspan", "1")), int(cell.get("colspan", "1"))) for cell in cells]
        here = sum(across for _, across in spans) + sum(across for _, across in open_cells)
        open_cells = [(down - 1, across) for down, across in [*open_cells, *spans] if down > 1]
        width = width or here
        assert here == width


def test_a_rule_of_several_rows_is_told_once_and_named_in_the_others(tmp_path: Path) -> None:
    page = made(
        tmp_path, {"twice.html": table(["HTTPS", "TCP", "443", "Client Group", "One"], ["HTTPS", "TCP", "443", "Client Group", "Two"])}
    )
    [rule] = by_class(page, "rule")
    assert "stated by 2 rows" in words(rule)
    [again] = by_class(page, "again")
    assert again.get("data-rule-again") == rule.get("data-rule")
    assert [one.get("href") for one in found(again, "a")] == [f"#{rule.get('id')}"]


@pytest.mark.parametrize("change", ["other", "gone", "unknown"])
def test_a_document_that_cannot_be_shown_as_it_was_says_so_and_its_rules_stand_there(tmp_path: Path, change: str) -> None:
    run(tmp_path, {"page.html": table(["HTTPS", "TCP", "443", "Client Group", "Web"])})
    page = tmp_path / "docs" / "page.html"
    if change == "other":
        page.write_text(page.read_text("utf-8").replace("Client", "Evil"), "utf-8")
    elif change == "gone":
        page.unlink()
    else:
        page.parent.rename(tmp_path / "pages")
    result = report(*([] if change == "unknown" else ["--docs", "docs"]), cwd=tmp_path)
    shown = page_of(result)
    said = {"other": "is not what was extracted", "gone": "cannot be read", "unknown": "is not known"}[change]
    [problem] = by_class(shown, "problem")
    assert said in words(problem) and "so its source is not shown" in words(problem)
    assert "Evil" not in result.out.decode()
    assert len(by_class(shown, "rule")) == 1
    assert "Client Group" in words(by_class(shown, "quoted")[0])


# --- text of documents stays text ---------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script></style></textarea></title><svg onload=alert(1)>",
    "\" autofocus onfocus=alert(1) x=\"' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "<!--<script>",
    "]]>&lt;b&gt;&amp;",
    "javascript:alert(1)",
    "W" * 10_000,
    "مجموعة الأمان",
    "ロードバランサー",
    "Größenänderung",
)


def hostile_rules(say: str) -> dict[str, Any]:
    """Return the shipped data with a text in every field that holds one."""
    stated: dict[str, Any] = json.loads(SHIPPED.read_bytes())
    for document in stated["documents"]:
        document["title"] = document["licence"] = say
    for rule in [*stated["rules"], *stated["unresolved"]]:
        rule["description"] = say
        for end in ("source", "destination"):
            rule[end] = {"kind": "group", "name": say}
        for trace in rule["trace"]:
            # What gave a context is a place, and never words.
            trace.update(said=say, became=say, by=say, why=trace["why"] if trace["kind"] == "context" else say)
        for evidence in rule["evidence"]:
            evidence["cells"] = {say: say}
        if "reason" in rule:
            rule.update(reason=say, port_text=say)
    return stated


def hostile_report(say: str) -> dict[str, Any]:
    accounted: dict[str, Any] = json.loads((REPO / "data" / "report.json").read_bytes())
    every = [found for one in [*accounted["documents"], *accounted["patches"], *accounted["sources"]] for found in one["findings"]]
    for one in every:
        one["message"] = say
    for one in accounted["documents"]:
        for reported in one["tables"]:
            reported.update(title=say, reason=say)
            for column in reported["columns"]:
                column.update(header=say, why=say)
            for outcome in reported["no_rule"]:
                outcome["reason"] = say
    return accounted


def hostile_page(folder: Path, say: str) -> Result:
    (folder / "rules.json").write_text(json.dumps(hostile_rules(say)), "utf-8")
    (folder / "report.json").write_text(json.dumps(hostile_report(say)), "utf-8")
    older = hostile_rules(say)
    for rule in older["rules"]:
        if rule["from_port"] is not None:
            rule["to_port"] = 65535
    (folder / "older.json").write_text(json.dumps(older), "utf-8")
    return report("rules.json", "--docs", DOCS, "--against", "older.json", cwd=folder)


def check_harmless(page: html.HtmlElement) -> None:
    """Check that a page has no element and no attribute that is not of its own templates."""
    tags = {str(element.tag) for element in page.iter() if isinstance(element.tag, str)}
    assert not tags & {"img", "iframe", "object", "embed", "link", "base", "audio", "video", "textarea"}
    assert len(found(page, ".//script")) == 2
    for element in page.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name not in ("style", "src", "autofocus"), (element.tag, name)
            assert name != "href" or value.startswith(("#", "http://", "https://")), value


@pytest.mark.parametrize("say", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_in_every_field_is_shown_literally(tmp_path: Path, say: str) -> None:
    page = page_of(hostile_page(tmp_path, say))
    check_harmless(page)
    inside = data_of(page)
    assert {rule["description"] for rule in inside["rules"]} == {say}
    assert {words(one) for one in by_class(page, "description")} == {" ".join(say.split())}
    for name in ("ends", "mark", "severity", "verdict", "changes", "about", "reading", "quotes"):
        assert by_class(page, name), name
    assert all(" ".join(say.split()) in words(one) for one in by_class(page, "ends"))


def test_hostile_cells_of_a_page_are_shown_literally(tmp_path: Path) -> None:
    escaped = [html.tostring(_text(one), encoding="unicode").removeprefix("<i>").removesuffix("</i>") for one in HOSTILE]
    page = made(tmp_path, {"page.html": table(*(["HTTPS", "TCP", str(443 + number), say, say] for number, say in enumerate(escaped)))})
    check_harmless(page)
    rows = found(page, ".//tr[@data-row]")
    for say, row in zip(HOSTILE, rows, strict=True):
        cells = [cell for cell in row.xpath("td") if "outcome" not in (cell.get("class") or "")]
        assert [words(cell) for cell in cells[-2:]] == [say, say]


def _text(say: str) -> html.HtmlElement:
    element = html.Element("i")
    element.text = say
    return element


def test_signs_that_turn_or_hide_text_stand_there_by_their_names(tmp_path: Path) -> None:
    result = hostile_page(tmp_path, "port \u202e08\u202c \u200b\u2066x\u2069 \u200e\ufeff\U000e0041")
    outside = result.out.decode().partition('<script type="application/json"')[0]
    assert not re.search(f"[{UNSEEN}]", outside.replace("\n", ""))
    assert all(f"U+{name}" in outside for name in ("202E", "202C", "200B", "2066", "2069", "200E", "FEFF", "E0041"))


def test_text_that_runs_from_right_to_left_is_isolated(tmp_path: Path) -> None:
    page = page_of(hostile_page(tmp_path, "مجموعة الأمان"))
    assert all(one.get("dir") == "auto" for one in by_class(page, "description"))
    assert all(len(found(one, ".//bdi")) == 2 for one in by_class(page, "ends"))


def test_joiners_and_soft_hyphens_are_spelling_and_stay() -> None:
    assert str(text.shown("می\u200cخواهم Firewall\u00adregel")) == "می\u200cخواهم Firewall\u00adregel"


# --- nothing but its own script and style may act ------------------------------------------------------------------------


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(shipped: html.HtmlElement) -> None:
    [policy] = [one.get("content") or "" for one in found(shipped, ".//meta[@http-equiv='Content-Security-Policy']")]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    code = {"script-src": found(shipped, ".//script[not(@type)]"), "style-src": found(shipped, ".//style")}
    for name, elements in code.items():
        [element] = elements
        digest = base64.b64encode(hashlib.sha256((element.text or "").encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}


def test_the_page_refers_to_nothing_outside_and_has_no_inline_style_or_handler(shipped: html.HtmlElement) -> None:
    check_harmless(shipped)
    [style] = found(shipped, ".//style")
    assert "url(" not in (style.text or "") and "@import" not in (style.text or "")


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://docs.example.com/a?b=1&c=2#d", True),
        ("http://docs.example.com", True),
        ('https://x" onclick="alert(1)', True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("httpsx:alert(1)", False),
    ],
)
def test_only_addresses_of_the_web_are_links(tmp_path: Path, url: str, linked: bool) -> None:
    stated = run(tmp_path, {"page.html": table(["HTTPS", "TCP", "443", "Client Group", "Web"])})
    stated["documents"][0]["url"] = url
    (tmp_path / "rules.json").write_text(json.dumps(stated), "utf-8")
    result = report("--docs", "docs", cwd=tmp_path)
    if not linked:
        assert result.code == EXIT_USAGE
        return
    page = page_of(result)
    links = [one for one in found(page, ".//a") if not (one.get("href") or "").startswith("#")]
    assert [one.get("href") for one in links] == [url]
    assert all((one.get("rel"), one.get("referrerpolicy")) == ("noopener noreferrer", "no-referrer") for one in links)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " https://example.com", "//example.com", "httpsx:alert(1)", "", None]
)
def test_an_address_that_is_none_of_the_web_is_no_link_whoever_wrote_the_data(url: str | None) -> None:
    assert beside.linked(url) == ""


def test_identifiers_are_unique_and_links_within_the_page_lead_somewhere(shipped: html.HtmlElement) -> None:
    names = [element.get("id") for element in shipped.iter(etree.Element) if element.get("id")]
    assert len(names) == len(set(names))
    targets = {(link.get("href") or "")[1:] for link in found(shipped, ".//a[starts-with(@href, '#')]")}
    assert {target for target in targets if "=" not in target} <= set(names)


# --- the command --------------------------------------------------------------------------------------------------------


def test_the_page_goes_beside_the_rules_and_the_program_says_what_is_in_it(tmp_path: Path) -> None:
    run(tmp_path, {"page.html": table(["HTTPS", "TCP", "443", "Client Group", "Web"])})
    result = docrules("report", "--docs", "docs", cwd=tmp_path)
    assert (result.code, result.out) == (EXIT_CLEAN, b"")
    assert result.err.startswith("1 rule and 0 unresolved of 1 document -> report.html (")
    assert (tmp_path / "report.html").read_bytes() == report("--docs", "docs", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--html", "rules.json"), "rules.json"),
        (("--html", "report.json"), "report.json"),
        (("--html", "docs/page.html"), "lies among the documents"),
        (("--html", "docs/new.html"), "lies among the documents"),
        (("--html", "docs"), "is a folder"),
        (("--html", "gone/page.html"), "does not exist"),
        (("--against", "gone.json"), "gone.json cannot be read"),
        (("gone.json", "--report", "report.json"), "gone.json cannot be read"),
    ],
)
def test_what_cannot_be_written_or_read_is_refused_and_nothing_is_changed(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    run(tmp_path, {"page.html": table(["HTTPS", "TCP", "443", "Client Group", "Web"])})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = docrules("report", *arguments, "--docs", "docs", cwd=tmp_path)
    assert result.code == EXIT_USAGE and said in result.err and result.err.count("\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_run_without_rules_has_a_page_that_says_so(tmp_path: Path) -> None:
    page = made(tmp_path, {"prose.md": "# Nothing to open\n\nThere is no table here.\n"})
    assert "No document holds rules." in words(page)
    assert "1 document without rules, none with a table" in words(page)
