"""`docrules explain` through the command line: what was published is explained from the page that it came from."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from extract.publish.published import _SUGGESTIONS
from tests.tables import Table
from tests.terminals import on_terminal
from tests.test_cli import CONTROL, DOCS, EXIT_CLEAN, EXIT_USAGE, REPO, SECONDS, Result, docrules

EDGE = "axway/securetransport/5.5/edge-security-group"
SERVER = "axway/securetransport/5.5/server-security-group"


def explain(*args: str | Path, cwd: Path = REPO) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "100")
        return docrules("explain", *args, cwd=cwd)


def lines(result: Result) -> list[str]:
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    return result.out.decode().splitlines()


def told(result: Result) -> str:
    """Return the text with its long lines in one piece."""
    return re.sub(r"\n {4,}(?=\S)", " ", "\n".join(lines(result)))


def loaded(result: Result) -> Any:
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    return json.loads(result.out)


def refused(result: Result) -> str:
    assert (result.code, result.out) == (EXIT_USAGE, b"")
    assert result.err.startswith("error: ") and result.err.count("\n") == 1
    return result.err


def run(folder: Path, name: str, text: str | bytes) -> dict[str, Any]:
    """Extract one page into `folder`, with the page below `docs`; return the rules file."""
    page = folder / "docs" / name
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_bytes(text.encode() if isinstance(text, str) else text)
    docrules("run", "docs", "--out", "rules.json", "--report", "report.json", cwd=folder)
    found: dict[str, Any] = json.loads((folder / "rules.json").read_bytes())
    return found


def table(*rows: Sequence[str], header: Sequence[str] = ("Protocol", "Port", "Source", "Description"), pipes: bool = False) -> str:
    return Table(tuple(header), tuple(map(tuple, rows)), {}, True, pipes).markup()


# --- the shipped data ---------------------------------------------------------------------------------------------------


def test_a_rule_is_explained_from_its_lines_to_its_values() -> None:
    text = told(explain("8a3d1ccbef8f302b"))
    assert text.startswith(
        "rule 8a3d1ccbef8f302b  allow ingress tcp 8088-8093 from SecureTransport Server Security Group to SecureTransport Server Security"
    )
    assert f"source  {SERVER}.md, table 2, row 2\n" in text
    assert "  ^ 31 |          <th>Port or Port Range</th>\n" in text
    assert f"context  {SERVER}.md" in text
    assert "7 | Inbound traffic to the SecureTransport Servers is allowed" in text
    found = lines(explain("8a3d1ccbef8f302b"))
    assert {"     …", "  > 54 |       <tr>", "  > 62 |             <p>8088-8093</p>", "    71 |       <tr>"} <= set(found)
    assert "correction of type 'Custom UDP Rule' became 'Custom TCP Rule' by type-contradicts-protocol" in text
    assert "cell 'Port or Port Range' says '8088-8093'" in text
    assert "a table without an action column lists what is allowed" in text
    assert re.search(r"warning at table 2, row 2: the type says .* \[type-contradicts-protocol\] \(.*server-security-group\.md:54\)", text)
    assert found[-1] == "read from data/rules.json and data/report.json"
    assert all(len(line) <= 100 for line in found if " | " not in line)


def test_every_shipped_rule_is_explained_with_its_own_source_lines() -> None:
    data = json.loads((REPO / "data" / "rules.json").read_bytes())
    for rule in [*data["rules"], *data["unresolved"]]:
        found = loaded(explain(rule["id"], "--json"))
        assert [one["rule"] for one in found["rules"]] == [rule]
        for row, evidence in zip(found["rows"], rule["evidence"], strict=True):
            assert (row["document"], row["table"], row["row"]) == (evidence["document"], evidence["table"], evidence["row"])
            source = (DOCS / row["path"]).read_bytes().decode().split("\n")
            for line in row["excerpt"]["lines"]:
                assert line["text"].strip("…") in source[line["number"] - 1].rstrip("\r").expandtabs(2)
            assert next(line["number"] for line in row["excerpt"]["lines"] if line["mark"] == "row") == evidence["line"]
        assert found["rules"][0]["unexplained"] == []
        assert all(step["cells"] or step["traces"] or step["default"] for step in found["rules"][0]["steps"])


def test_the_beginning_of_an_id_is_enough_in_either_case() -> None:
    assert explain("8a3d").out == explain("8A3D1CCBEF").out == explain("8a3d1ccbef8f302b").out


def test_an_unresolved_rule_is_explained_with_what_is_missing() -> None:
    text = told(explain(f"{EDGE}:1:6"))
    assert text.startswith("unresolved ")
    assert "tcp 'User-defined range' from Load Balancer Security Group to SecureTransport Edge Security Group\n" in text
    assert "\n  missing ports: the page names no port number but 'User-defined range'\n" in text
    assert "[port-not-a-number]" in text


def test_a_document_is_named_by_its_id_or_path() -> None:
    assert explain(f"{EDGE}:1:6").out == explain(f"{EDGE}.md:1:6").out


def test_a_row_of_a_table_that_holds_no_rules_has_the_verdict_as_reason() -> None:
    found = lines(explain(f"{SERVER}:1:1"))
    assert found[0] == "no rule: table 1 holds no rules (no-rules): no column holds ports"
    assert any(line.startswith("  > 12 | ") for line in found)


def test_json_holds_the_same_and_is_stable() -> None:
    assert explain("8a3d", "--json").out == explain("8a3d", "--json").out
    by_row, found = loaded(explain(f"{SERVER}:2:2", "--json")), loaded(explain("8a3d", "--json"))
    assert {**by_row, "of_row": False} == found
    assert found["outcome"] == ""
    assert [step["field"] for step in found["rules"][0]["steps"]][:4] == ["action", "direction", "protocol", "ports"]
    assert [one["code"] for one in found["findings"]] == ["type-contradicts-protocol", "prose-confirms-rows"]
    assert [(one["line"], bool(one["lines"])) for one in found["statements"]] == [(16, True), (7, True), (5, True)]
    assert found["rules"][0]["resolved"] is True


# --- pages of other kinds -----------------------------------------------------------------------------------------------


def test_a_minified_page_shows_the_row_and_cuts_the_rest(tmp_path: Path) -> None:
    rows = [("TCP", str(port), "Web SG", f"Service {port}") for port in range(2000, 2200)]
    run(tmp_path, "page.html", f"<h1>Inbound rules for App SG</h1>{table(*rows)}".replace("\n", ""))
    shown = [line for line in lines(explain("page:1:77", "--docs", "docs", cwd=tmp_path)) if " | " in line]
    header, row, context = shown
    assert header.startswith("  ^ 1 | \N{HORIZONTAL ELLIPSIS}") and "<th>Source</th>" in header
    assert row.startswith("  > 1 | \N{HORIZONTAL ELLIPSIS}")
    assert "<td>2076</td><td>Web SG</td><td>Service 2076</td>" in row
    assert not {"2074", "2078"} & set(re.findall(r"\d+", row))
    assert context.startswith("    1 | <h1>Inbound rules for App SG</h1>")
    assert all(len(line) < 200 for line in shown)


def test_of_a_page_that_changed_no_line_is_shown(tmp_path: Path) -> None:
    data = run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    (tmp_path / "docs" / "page.md").write_text(f"# Ports\n\n{table(('TCP', '8443', 'Any', 'Web'), pipes=True)}\n")
    text = told(explain(data["rules"][0]["id"], "--docs", "docs", cwd=tmp_path))
    assert "docs/page.md is not what was extracted (run docrules again, or name the folder of the documents" in text
    assert " | " not in text
    assert "cell 'Port' says '443'" in text
    assert "8443" not in text


def test_of_a_page_that_is_gone_the_cells_are_still_shown(tmp_path: Path) -> None:
    run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    (tmp_path / "docs" / "page.md").unlink()
    text = told(explain("page:1:1", "--docs", "docs", cwd=tmp_path))
    assert "docs/page.md cannot be read (No such file or directory; --docs names the folder of the documents)" in text
    assert "  Port         443" in text


def test_without_the_folder_of_the_documents_the_option_is_named(tmp_path: Path) -> None:
    run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    (tmp_path / "docs").rename(tmp_path / "pages")
    assert any("name it with --docs" in line for line in lines(explain("page:1:1", cwd=tmp_path)))


@pytest.mark.parametrize("folder", ["data/docs", "docs", "."])
def test_documents_are_found_where_they_lie_most_often(tmp_path: Path, folder: str) -> None:
    run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    page, new = tmp_path / "docs/page.md", tmp_path / folder / "page.md"
    new.parent.mkdir(parents=True, exist_ok=True)
    page.rename(new)
    # Another page of that name is not the one that was read.
    for other in {"data/docs", "docs", "."} - {folder}:
        (tmp_path / other).mkdir(parents=True, exist_ok=True)
        (tmp_path / other / "page.md").write_text("| TCP | 8443 |\n", "utf-8")
    text = told(explain("page:1:1", cwd=tmp_path))
    assert "| TCP | 443 | Any | Web |" in text and "8443" not in text
    assert docrules("report", cwd=tmp_path).err.startswith(("note:", "1 rule "))
    new.write_text("| TCP | 8443 |\n", "utf-8")
    assert "page.md is not what was extracted" in told(explain("page:1:1", cwd=tmp_path))


@pytest.mark.parametrize("read", ["pages", "pages/page.md", "pages.zip"])
def test_the_commands_that_a_run_names_find_what_it_read(tmp_path: Path, read: str) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/page.md").write_text("| Protocol | Port |\n| --- | --- |\n| TCP | 443 | more |\n", "utf-8")
    shutil.make_archive(str(tmp_path / "pages"), "zip", tmp_path / "pages")
    said = docrules("run", read, "--out", "rules.json", "--report", "report.json", cwd=tmp_path).err
    (printed,) = (line for line in said.splitlines() if line.startswith("  docrules explain "))
    command = shlex.split(printed.partition("   (")[0])
    assert "| TCP | 443 | more |" in told(explain(*command[2:], cwd=tmp_path))


def test_a_row_that_is_no_rule_has_its_reason(tmp_path: Path) -> None:
    rows = [("TCP", "443", "Any", "Web"), ("", "", "", ""), ("TCP", "22", "Any", "Shell")]
    run(tmp_path, "page.html", table(*rows))
    found = loaded(explain("page:1:2", "--docs", "docs", "--json", cwd=tmp_path))
    assert (found["outcome"], found["rules"]) == ("empty row", [])
    assert any(line["mark"] == "row" for line in found["rows"][0]["excerpt"]["lines"])
    assert lines(explain("page:1:2", "--docs", "docs", cwd=tmp_path))[0] == "no rule: empty row"


def test_a_row_that_states_several_rules_tells_what_they_share_once(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(("TCP", "80, 443, 999999", "Any", "Web")))
    found = lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path))
    ids = [rule["id"] for rule in (*data["rules"], *data["unresolved"])]
    assert found[:3] == [
        "3 rules of one row",
        f"  rule {ids[0]}  allow (direction not stated) tcp 80 from Any to (not stated)",
        f"  rule {ids[1]}  allow (direction not stated) tcp 443 from Any to (not stated)",
    ]
    assert found[3].startswith(f"  unresolved {ids[2]}  allow (direction not stated) tcp ")
    assert found[5].startswith("    missing ports: ")
    assert not any("not complete" in line for line in found), "it is told of one rule"
    text = "\n".join(found)
    assert "\n\nfields of all 3 rules\n  action       allow\n" in text
    for number, port in zip(ids, ("80", "443"), strict=False):
        assert f"\n\nfields of {number}\n  ports  {port}\n         cell 'Port' says '80, 443, 999999'\n\n" in text
    assert text.count("a table without an action column lists what is allowed") == 1
    assert text.count("source  page.html") == 1


def test_of_many_rules_of_a_row_the_first_are_told(tmp_path: Path) -> None:
    run(tmp_path, "page.html", table(("TCP", ", ".join(str(port) for port in range(1, 60, 2)), "Any", "Web")))
    text = "\n".join(lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path)))
    assert text.startswith("30 rules of one row\n")
    assert len(re.findall(r"^  rule ", text, re.MULTILINE)) == 20
    assert "\n  and 10 more rules\n" in text
    assert len(re.findall(r"^fields of [0-9a-f]{16}$", text, re.MULTILINE)) == 5
    assert "\nand 25 more rules; ask for one by its id\n" in text


def test_a_rule_of_several_rows_shows_all_of_them(tmp_path: Path) -> None:
    rows = [("TCP", "443", "Any", "Web"), ("UDP", "53", "Any", "Names"), ("TCP", "443", "Any", "Site")]
    data = run(tmp_path, "page.html", table(*rows))
    text = "\n".join(lines(explain(data["rules"][0]["id"], "--docs", "docs", cwd=tmp_path)))
    assert text.count("source  page.html, table 1, row ") == 2
    assert "cell 'Port' says '443' (in 2 of 2 rows)" in text
    assert "cell 'Description' says 'Site' (table 1, row 3)" in text
    of_row = "\n".join(lines(explain("page:1:3", "--docs", "docs", cwd=tmp_path)))
    assert of_row.count("source  page.html, table 1, row 3") == of_row.count("\nsource  ") == 1
    assert "cell 'Port' says '443' (table 1, row 3 and 1 more row)" in of_row
    assert of_row.index("says 'Site' (table 1, row 3)") < of_row.index("says 'Web' (table 1, row 1)")
    assert "stated by 2 rows: page:1:1, page:1:3" in of_row


def test_a_rule_of_very_many_rows_is_told_in_short_and_in_time(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(*[("TCP", "443", "Any", f"Use {number}; and more") for number in range(1500)]))
    began = time.monotonic()
    found = lines(explain(data["rules"][0]["id"], "--docs", "docs", cwd=tmp_path))
    whole = loaded(explain(data["rules"][0]["id"], "--docs", "docs", "--json", cwd=tmp_path))
    assert time.monotonic() - began < 20
    text = "\n".join(found)
    assert text.count("source  page.html") == 5
    assert "\nand 1495 more rows: page:1:6, page:1:7, " in text
    assert "and 1495 more cells" in text
    assert len(found) < 150
    assert len(whole["rows"]) == 1500
    assert [row["excerpt"] is not None for row in whole["rows"]] == [True] * 5 + [False] * 1495


def test_a_document_whose_id_holds_colons_is_found(tmp_path: Path) -> None:
    run(tmp_path, "a:1:b.html", table(("TCP", "443", "Any", "Web")))
    assert lines(explain("a:1:b:1:1", "--docs", "docs", cwd=tmp_path))[0].startswith("rule ")


def test_a_finding_that_names_the_row_as_a_related_place_is_shown(tmp_path: Path) -> None:
    run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    path = tmp_path / "report.json"
    report = json.loads(path.read_bytes())
    place = {"document": "page.html", "line": 2, "table": 1, "row": 1}
    finding = {"code": "overlap", "severity": "note", "message": "elsewhere", "document": "page.html", "line": 9, "table": 1, "row": 7}
    report["documents"][0]["findings"] = [
        {**finding, "cells": {}, "related": [place]},
        {**finding, "message": "of another row", "cells": {}, "related": []},
    ]
    path.write_text(json.dumps(report))
    found = loaded(explain("page:1:1", "--json", cwd=tmp_path))
    assert [one["message"] for one in found["findings"]] == ["elsewhere"]
    assert "\n  note at table 1, row 7: elsewhere [overlap] (page.html:9)\n" in "\n".join(lines(explain("page:1:1", cwd=tmp_path)))


def test_a_patch_is_named_with_its_reason(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    patch = {"field": "protocol", "kind": "patch", "said": "tcp", "became": "udp", "by": "patch:web-is-udp", "why": "see the errata"}
    data["rules"][0].update(protocol="udp", trace=[{**patch, "document": None, "line": None, "quote": None}])
    (tmp_path / "rules.json").write_text(json.dumps(data))
    text = "\n".join(lines(explain("page:1:1", cwd=tmp_path)))
    assert "\npatches\n  patch:web-is-udp: see the errata\n" in text
    assert text.count("'tcp' became 'udp' by patch:web-is-udp") == text.count("see the errata") == 1


def test_a_rule_that_a_patch_adds_stands_beside_the_one_of_the_page(tmp_path: Path) -> None:
    run(tmp_path, "acme/app/1/page.html", table(("TCP", "80", "Any", "Web")))
    (tmp_path / "patches" / "acme").mkdir(parents=True)
    patch = '[[patch]]\nid = "tls"\nreason = "TLS, too"\nmatch = { from_port = 80 }\nadd = { from_port = 443, to_port = 443 }\n'
    (tmp_path / "patches" / "acme" / "app.toml").write_text(patch)
    docrules("run", "docs", "--report", "report.json", cwd=tmp_path)
    text = "\n".join(lines(explain("acme/app/1/page:1:1", "--docs", "docs", cwd=tmp_path)))
    assert "  ports  443\n         patch '443', where the rule beside it has '80', by patch:tls\n\npatches\n" in text
    assert "\n  patch:tls (add): TLS, too (patches/acme/app.toml:1)\n" in text
    assert text.count("TLS, too") == 1


def test_a_value_to_which_nothing_leads_is_shouted(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    data["rules"][0].update(protocol="udp", direction="egress", complete=True)
    (tmp_path / "rules.json").write_text(json.dumps(data))
    assert told(explain("page:1:1", cwd=tmp_path)).startswith(
        f"!!! NOT EXPLAINED: direction, protocol of {data['rules'][0]['id']}; no cell, trace or default leads to what is published"
    )
    assert loaded(explain("page:1:1", "--json", cwd=tmp_path))["rules"][0]["unexplained"] == ["direction", "protocol"]


def test_what_was_not_understood_is_said(tmp_path: Path) -> None:
    header = ("Action", "Direction", "Protocol", "Port", "Source")
    rows = [
        ("maybe", "sideways", "FOOBAR", "443", r"DOM\user"),
        ("allow", "inbound", "TCP", "1", "N/A"),
        ("deny", "outbound", "TCP", "2", "B"),
    ]
    run(tmp_path, "page.html", table(*rows, header=header))
    text = "\n".join(lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path)))
    assert "  action       not stated\n               cell 'Action' says 'maybe', which was not understood\n" in text
    assert (
        "  direction    not stated\n               cell 'Direction' says 'sideways', which was not understood\n"
        "                 the direction cell names neither inbound nor outbound\n"
    ) in text
    assert "  protocol     not stated\n               cell 'Protocol' says 'FOOBAR', which was not understood\n  ports" in text
    assert "cell 'Source' says 'DOM\\user'\n" in text
    other = "\n".join(lines(explain("page:1:2", "--docs", "docs", cwd=tmp_path)))
    assert "  source       not stated\n               cell 'Source' says 'N/A', which names none\n  destination  not stated\n" in other


@pytest.mark.parametrize(
    ("row", "field", "meaning"),
    [
        (("ESP", "N/A"), "ports", "esp has no ports"),
        (("ICMP", "N/A"), "icmp", "every type, for the page names none"),
        (("Any", "N/A"), "ports", "every port of every protocol, for the page names none"),
        (("Any", "Any"), "ports", "every port of every protocol, for the page names none"),
        (("Any", "0"), "ports", "all"),
        (("TCP", "443"), "description", "not stated"),
        (("TCP", "443"), "destination", "not stated"),
        (("TCP", "443"), "direction", "not stated"),
    ],
)
def test_a_field_without_a_value_says_what_that_means(tmp_path: Path, row: tuple[str, str], field: str, meaning: str) -> None:
    rows = ((*row, "Web"), ("TCP", "443", "Web"))
    run(tmp_path, "page.html", table(*rows, header=("Protocol", "Port", "Source")))
    text = "\n".join(lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path)))
    assert re.search(rf"^  {field} +({meaning})$", text, re.MULTILINE), text
    assert not re.search(r"^  \w+ +-$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("header", "row", "complete"),
    [
        (("Protocol", "Port", "Source"), ("TCP", "443", "Web"), False),
        (("Protocol", "Port", "Source", "Destination"), ("TCP", "443", "Web", "App"), True),
        (("Direction", "Protocol", "Port"), ("Inbound", "TCP", "443"), True),
        (("Protocol", "Port", "Source"), ("TCP", "dynamic", "Web"), True),
    ],
)
def test_a_rule_that_is_not_complete_says_so(tmp_path: Path, header: tuple[str, ...], row: tuple[str, ...], complete: bool) -> None:
    run(tmp_path, "page.html", table(row, header=header))
    found = lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path))
    told = "  not complete: the direction is not stated, and not both ends are"
    assert (told in found) == (not complete)


def test_the_cells_of_a_matrix_are_called_what_they_are(tmp_path: Path) -> None:
    rows = [("Web", "TCP 22", "TCP 23"), ("Mail", "UDP 1", "TCP 2")]
    run(tmp_path, "page.html", table(*rows, header=("From \\ To", "Web", "Mail")))
    text = "\n".join(lines(explain("page:1:2", "--docs", "docs", cwd=tmp_path)))
    assert "cells\n  row header     Mail\n  column header  Web\n  port cell      UDP 1\n" in text
    assert {"row header says 'Mail'", "column header says 'Web'", "port cell says 'UDP 1'"} <= {line.strip() for line in text.split("\n")}


def test_the_field_of_a_card_names_the_rules_that_it_belongs_to(tmp_path: Path) -> None:
    fields = {"Protocol": ("TCP", "UDP"), "Port": ("22", "53"), "Source": ("A", "B")}
    page = "".join(f"<tr><th>{name}</th><td>{first}</td><td>{second}</td></tr>\n" for name, (first, second) in fields.items())
    data = run(tmp_path, "page.html", f"<table>\n{page}</table>")
    found = lines(explain("page:1:3", "--docs", "docs", cwd=tmp_path))
    ids = [rule["id"] for rule in data["rules"]]
    assert found[:3] == [
        "no rule: a field of the rules in row 2",
        f"  rule {ids[0]}  allow (direction not stated) tcp 22 from A to (not stated)",
        f"  rule {ids[1]}  allow (direction not stated) udp 53 from B to (not stated)",
    ]
    whole = lines(explain(ids[0], "--docs", "docs", cwd=tmp_path))
    assert [line[:7] for line in whole if " | <tr>" in line] == ["  > 2 |", "  > 3 |", "  > 4 |"]


def test_lines_of_a_rule_of_several_documents_are_named_with_theirs(tmp_path: Path) -> None:
    rows = table(("TCP", "80", "A", ""), pipes=True)
    run(tmp_path, "v/p/1/a.md", f"# Inbound rules of App\n\n{rows}\n")
    data = run(tmp_path, "v/p/1/b.md", f"\n\n# Inbound traffic of App\n\n{rows}\n")
    [rule] = data["rules"]
    text = "\n".join(lines(explain(rule["id"], "--docs", "docs", cwd=tmp_path)))
    assert "'Inbound rules of App' became 'ingress' by heading\n                 line 1 of v/p/1/a.md\n" in text
    assert "'Inbound traffic of App' became 'ingress' by heading\n                 line 3 of v/p/1/b.md\n" in text
    assert "context  v/p/1/b.md\n    3 | # Inbound traffic of App\n" in text
    of_row = "\n".join(lines(explain("v/p/1/b:1:1", "--docs", "docs", cwd=tmp_path)))
    assert "cell 'Port' says '80' (v/p/1/b, table 1, row 1 and 1 more row)" in of_row
    assert "line 1 of v/p/1/a.md" in "\n".join(lines(explain(rule["id"], cwd=tmp_path)))


def test_the_line_that_has_a_name_in_full_is_named_and_shown(tmp_path: Path) -> None:
    short, full = (table(("TCP", port, name, ""), pipes=True) for port, name in (("80", "Web SG"), ("22", "Web Security Group")))
    run(tmp_path, "v/p/1/a.md", f"# Inbound\n\n{short}\n")
    run(tmp_path, "v/p/1/b.md", f"# Inbound\n\n{full}\n")
    text = "\n".join(lines(explain("v/p/1/a:1:1", "--docs", "docs", cwd=tmp_path)))
    assert "'Web SG' and 'Web Security Group' are one name in this scope (line 5 of v/p/1/b.md)\n" in text
    assert "\ncontext  v/p/1/b.md\n    5 | | TCP | 22 | Web Security Group |  |\n" in text


def test_a_trace_of_a_document_that_the_run_has_not_read_is_no_obstacle(tmp_path: Path) -> None:
    data = run(tmp_path, "page.md", f"# Inbound\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    data["rules"][0]["trace"][0]["document"] = "gone"
    (tmp_path / "rules.json").write_text(json.dumps(data))
    assert "line 1 of gone\n" in told(explain("page:1:1", "--docs", "docs", cwd=tmp_path))


def test_findings_about_the_table_and_the_document_stand_apart(tmp_path: Path) -> None:
    page = f"<h1>App</h1><p>caf\u00e9 </p>\n{table(('TCP', '443', 'Any', 'Web'))}".encode("latin-1")
    run(tmp_path, "page.html", page)
    report = json.loads((tmp_path / "report.json").read_bytes())
    finding = {"code": "some", "severity": "note", "message": "m", "document": "page.html", "line": 1, "cells": {}, "related": []}
    placed = [(1, None), (2, None), (None, None), (1, 2), *[(None, None)] * 9]
    report["documents"][0]["findings"] += [{**finding, "table": one, "row": row, "message": f"{one} {row}"} for one, row in placed]
    (tmp_path / "report.json").write_text(json.dumps(report))
    found = loaded(explain("page:1:1", "--json", cwd=tmp_path))["around"]
    assert [one["code"] for one in found[:2]] == ["encoding-guessed", "some"]
    assert {one["message"] for one in found[1:]} == {"1 None", "None None"}
    text = "\n".join(lines(explain("page:1:1", cwd=tmp_path)))
    section = text[text.index("findings about the table and the document\n") :]
    assert "\n  note at table 1: 1 None [some] (page.html:1)\n" in section
    assert f"\n  and {len(found) - 5} more\n" in section


def test_a_table_is_explained_as_a_whole(tmp_path: Path) -> None:
    rows = ["TCP | 443 | Any", " | 8080 | Any", " | 8081 | Any", "TCP | N/A | Any"]
    text = "# Inbound ports\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n" + "".join(f"| {row} |\n" for row in rows)
    run(tmp_path, "page.md", text)
    said = lines(explain("page:1", cwd=tmp_path))
    assert said[0] == "table 1 of page.md:3"
    assert said[1] == "rules (rows): ports with protocols: 'Protocol' is protocol, 'Port' is port, 'Source' is source"
    assert said[said.index("columns") + 1] == "  Protocol  protocol  header 'Protocol'"
    assert said[said.index("4 rows") + 1 : said.index("4 rows") + 4] == [
        "  1  became rules",
        "  2  left something unresolved",
        "  1  no rule: the row states neither a port nor a protocol without ports (row 4)",
    ]
    assert said[said.index("findings") + 1] == "  warning: 2 of 4 rows name no protocol (rows 2-3) [protocol-missing]"
    data = loaded(explain("page.md:1", "--json", cwd=tmp_path))
    assert (data["document"], data["table"]["verdict"]) == ("page", "rules")
    assert {found["code"] for found in data["findings"]} == {"protocol-missing", "row-without-rule"}


def test_a_table_that_was_left_out_says_why(tmp_path: Path) -> None:
    run(tmp_path, "page.md", "# Options\n\n| Option | Default |\n| --- | --- |\n| Level | warn |\n")
    said = lines(explain("page:1", cwd=tmp_path))
    assert said[1] == "no-rules: no header and no short cell of it names a port or a protocol"
    assert "table 2" in refused(explain("page:2", cwd=tmp_path))


def test_long_and_wide_text_stays_in_its_column(tmp_path: Path) -> None:
    header = ("Protocol", "Port", "送信元", "Description " + "x" * 300)
    run(tmp_path, "page.html", table(("TCP", "443", "管理者", "word " * 200), header=header))
    found = lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path))
    assert "  送信元    管理者" in found
    assert "  Protocol  TCP" in found
    assert all(len(line) <= 100 for line in found if " | " not in line)


COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


def test_no_text_of_a_document_is_a_command_to_a_workflow(tmp_path: Path) -> None:
    evil = "::error title=x::y ##[set-output name=x]z"
    header = ("Protocol", "Port", "Source", f"{evil} purpose")
    long = " ".join(["word"] * 30 + ["::warning::x"] * 30)
    rows = [("TCP", "443", evil, long), ("TCP", "443", evil, evil), (evil, "80", "A", "")]
    data = run(tmp_path, "page.html", f"<h1>{evil}</h1>\n::notice::x\n{table(*rows, header=header)}")
    for what in (data["rules"][0]["id"], "page:1:2", "page:1:3"):
        for options in ([], ["--json"]):
            found = explain(what, "--docs", "docs", *options, cwd=tmp_path)
            assert found.code == EXIT_CLEAN
            assert not COMMAND.search(found.out.decode())
    assert evil in loaded(explain("page:1:2", "--json", cwd=tmp_path))["rows"][0]["cells"][0].values()


def test_text_of_a_document_does_not_drive_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[31mred\x1b[0m \u202egnirts"
    run(tmp_path, "page.html", f"<h2>{evil}</h2>\n{table(('TCP', '443', 'Any', evil))}")
    result = explain("page:1:1", "--docs", "docs", cwd=tmp_path)
    assert not CONTROL.search("".join(lines(result)))
    assert "·[31mred" in result.out.decode()


# --- what cannot be explained -------------------------------------------------------------------------------------------


def test_an_ambiguous_beginning_lists_the_rules(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(*[("TCP", str(port), "Any", "Web") for port in range(1000, 1010)]))
    for number, rule in enumerate(data["rules"]):
        rule["id"] = f"abcd{number:012x}"
    (tmp_path / "rules.json").write_text(json.dumps(data))
    message = refused(explain("abcd", cwd=tmp_path))
    assert "10 rules have an id that begins with abcd: abcd000000000000, " in message
    assert f"and {10 - _SUGGESTIONS} more" in message


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("8a3", "too short for the id of a rule; give 4 digits or more"),
        ("8a3e1ccbef8f302b", "no rule has an id that begins with 8a3e1ccbef8f302b; the nearest are 8a3d1ccbef8f302b"),
        ("web server", "neither the id of a rule (16 hex digits) nor a row or table as DOCUMENT:TABLE[:ROW]"),
        (EDGE, f"{EDGE} is a document with 3 tables; name one of them, {EDGE}:1 say"),
        (f"{EDGE}:7", "has no table 7: it has 3 tables"),
        (f"{EDGE}:9:1", "has no table 9: it has 3 tables"),
        (f"{EDGE}:1:14", "has no row 14: it has 13 rows of data, counted from the first below the header"),
        (f"{EDGE}:1:0", "has no row 0"),
        ("edge-security-grp:1:1", "no document 'edge-security-grp' in this run; there is axway/securetransport/5."),
        (f"{EDGE}:{'9' * 5000}:1", "no document "),
    ],
)
def test_what_names_nothing_says_what_there_is(what: str, message: str) -> None:
    assert message in refused(explain(what))


def test_a_run_without_rules_has_none_to_name(tmp_path: Path) -> None:
    run(tmp_path, "page.html", "<p>nothing</p>")
    assert "this run published no rules" in refused(explain("abcd", cwd=tmp_path))
    assert "page has no table 1: it has no tables" in refused(explain("page:1:1", cwd=tmp_path))


def test_without_files_the_commands_that_write_them_are_named(tmp_path: Path) -> None:
    assert "write one with `docrules run`" in refused(explain("abcd", cwd=tmp_path))
    run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    (tmp_path / "report.json").unlink()
    assert "no report beside rules.json; write one with" in refused(explain("abcd", cwd=tmp_path))
    assert "other.json cannot be read" in refused(explain("abcd", "--rules", "rules.json", "--report", "other.json", cwd=tmp_path))
    assert "--docs nowhere is no folder" in refused(explain("abcd", "--docs", "nowhere", "--rules", REPO / "data" / "rules.json", cwd=REPO))


@pytest.mark.parametrize("command", ["bindings", "graph", "report"])
def test_rules_that_are_not_there_are_named_as_a_command_takes_them(tmp_path: Path, command: str) -> None:
    message = refused(docrules(command, "no.json", *(["--report", "r.json"] if command == "report" else []), cwd=tmp_path))
    assert "no.json cannot be read (No such file or directory)" in message and "--rules" not in message


@pytest.mark.parametrize("content", ["", "[]", "{}", "no JSON", '{"schema_version": "1.0.0"}', "[" * 100_000, "\udcff"])
def test_a_file_that_is_no_rules_file_is_refused_in_one_short_line(tmp_path: Path, content: str) -> None:
    run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    (tmp_path / "rules.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    message = refused(explain("abcd", cwd=tmp_path))
    assert "rules.json is no rules file of this version of docrules" in message
    assert len(message) < 500


def test_files_of_different_runs_are_refused(tmp_path: Path) -> None:
    run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    message = refused(explain("abcd", "--rules", REPO / "data" / "rules.json", "--report", "report.json", cwd=tmp_path))
    assert f"are not of the same run: only one of them holds {EDGE}" in message
    (tmp_path / "report.json").rename(tmp_path / "old.json")
    run(tmp_path, "page.html", table(("TCP", "444", "Any", "Web")))
    message = refused(explain("page:1:1", "--report", "old.json", cwd=tmp_path))
    assert "rules.json and old.json are not of the same run: they hold other content of page; write both with" in message


def test_a_command_that_is_named_can_be_typed_whatever_the_files_are_called(tmp_path: Path) -> None:
    run(tmp_path, "the page's $1.html", table(("TCP", "443", "Any", "Web")))
    (printed,) = (line for line in lines(explain("the page's $1:1", cwd=tmp_path)) if "shows how a row was read" in line)
    command = shlex.split(printed.removesuffix(" shows how a row was read"))
    assert command[:2] == ["docrules", "explain"] and "row 1" in told(explain(*command[2:], cwd=tmp_path))
    folder = tmp_path / "a run"
    folder.mkdir()
    (tmp_path / "rules.json").rename(folder / "rules.json")
    message = refused(explain("abcd", "--rules", "a run/rules.json", cwd=tmp_path))
    assert "`docrules run … --report 'a run/report.json'`" in message
    message = refused(explain("abcd", "--rules", "a run/no.json", "--report", "report.json", cwd=tmp_path))
    assert "`docrules run … --out 'a run/no.json'`" in message
    (tmp_path / "report.json").rename(folder / "report.json")
    message = refused(explain("abcd", "--rules", REPO / "data" / "rules.json", "--report", "a run/report.json", cwd=tmp_path))
    assert "--report 'a run/report.json'`" in message


ROWS = "they account in different ways for the rows of table 1 of page"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda data, _: data["rules"].clear(), ROWS),
        (lambda data, _: data["rules"][0]["evidence"][0].update(row=9), ROWS),
        (lambda data, _: data["rules"][0]["evidence"][0].update(row=2), ROWS),
        (lambda data, _: data["rules"][0]["evidence"][0].update(table=2), ROWS),
        (lambda _, table: table.update(rule_rows=0, unresolved_rows=1), ROWS),
        (lambda _, table: table["no_rule"][0].update(rows=[2, 3]), ROWS),
        (lambda data, _: data["rules"][0]["evidence"].append({**data["rules"][0]["evidence"][0], "table": 2}), "no table 2 of page"),
    ],
)
def test_files_that_account_in_different_ways_for_rows_are_refused(
    tmp_path: Path, change: Callable[[dict[str, Any], dict[str, Any]], None], difference: str
) -> None:
    data = run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web"), ("", "", "", "")))
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert explain("page:1:1", cwd=tmp_path).code == EXIT_CLEAN
    change(data, report["documents"][0]["tables"][0])
    (tmp_path / "rules.json").write_text(json.dumps(data))
    (tmp_path / "report.json").write_text(json.dumps(report))
    message = refused(explain("page:1:1", cwd=tmp_path))
    assert "are not of the same run" in message
    assert difference in message


def test_the_id_of_a_document_counts_before_the_path_of_another_one(tmp_path: Path) -> None:
    run(tmp_path, "a.html", table(("TCP", "22", "Admin", "")))
    run(tmp_path, "a.html.md", f"# Ports\n\n{table(('TCP', '9999', 'Everyone', ''), pipes=True)}\n")
    text = told(explain("a.html:1:1", "--docs", "docs", cwd=tmp_path))
    assert text.startswith("note: a.html is the id of a.html.md, and the path of another document, whose row is a:1:1\n")
    assert "tcp 9999 from Everyone" in text
    other = told(explain("a:1:1", "--docs", "docs", cwd=tmp_path))
    assert other.startswith("rule ")
    assert "tcp 22 from Admin" in other


def test_what_is_not_in_the_one_file_is_looked_for_in_the_other(tmp_path: Path) -> None:
    run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    (tmp_path / "data").mkdir()
    for name in ("rules.json", "report.json", "docs"):
        (tmp_path / name).rename(tmp_path / "data" / name)
    new = run(tmp_path, "other.html", table(("TCP", "80", "Any", "Web")))
    for what in (new["rules"][0]["id"], "other:1:1"):
        assert lines(explain(what, cwd=tmp_path))[-1] == "read from rules.json and report.json"
    assert lines(explain("page:1:1", cwd=tmp_path))[-1] == "read from data/rules.json and data/report.json"
    message = refused(explain("none:1:1", cwd=tmp_path))
    assert message == "error: no document 'none' in this run; there is page (read from data/rules.json and rules.json)\n"
    assert "docs/other.html" not in told(explain("other:1:1", cwd=tmp_path))
    (tmp_path / "docs/other.html").unlink()
    assert "data/docs/other.html cannot be read (No such file or directory; --docs names" in told(explain("other:1:1", cwd=tmp_path))
    message = refused(explain("other:1:1", "--rules", "data/rules.json", cwd=tmp_path))
    assert "(read from data/rules.json)" in message


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_folder_whose_name_is_no_text_is_no_obstacle(tmp_path: Path, options: list[str]) -> None:
    run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    folder = tmp_path / os.fsdecode(b"d\xff")
    folder.mkdir()
    result = explain("page:1:1", "--docs", folder, *options, cwd=tmp_path)
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    assert "cannot be read" in result.out.decode()
    (tmp_path / "docs" / "page.md").rename(folder / "page.md")
    assert explain("page:1:1", "--docs", folder, *options, cwd=tmp_path).code == EXIT_CLEAN


def test_the_report_with_the_name_of_the_rules_counts_before_another_one_in_the_folder(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    for old, new in (("rules.json", "web.json"), ("report.json", "web.report.json")):
        (tmp_path / old).rename(tmp_path / new)
    (tmp_path / "report.json").write_text("{}")
    assert lines(explain(data["rules"][0]["id"], "--rules", "web.json", cwd=tmp_path))[0].startswith("rule ")


# --- the terminal -------------------------------------------------------------------------------------------------------


def test_colour_is_for_terminals_that_want_it() -> None:
    plain = explain("8a3d").out
    assert b"\x1b" not in plain
    coloured = on_terminal("explain", "8a3d", cwd=REPO)
    assert b"\x1b[" in coloured
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", coloured) == plain
    assert on_terminal("explain", "8a3d", cwd=REPO, environment={"NO_COLOR": "1"}) == plain


def test_lines_are_as_long_as_the_terminal_is_wide() -> None:
    def longest(shown: bytes) -> int:
        return max(len(line) for line in shown.decode().split("\n") if " | " not in line)

    assert longest(on_terminal("explain", "8a3d", cwd=REPO, environment={"NO_COLOR": "1", "COLUMNS": "70"})) <= 70
    assert 100 < longest(on_terminal("explain", "8a3d", cwd=REPO, environment={"NO_COLOR": "1", "COLUMNS": "150"})) <= 150
    assert 70 < longest(explain("8a3d").out) <= 100


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    command = f"{sys.executable} -m extract explain {SERVER}:1:1 --json | true"
    done = subprocess.run(["bash", "-c", command], cwd=REPO, capture_output=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
