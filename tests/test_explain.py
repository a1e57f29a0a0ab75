"""`docrules explain` through the command line: what was published is explained from the page that it came from."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from extract.publish.published import _SUGGESTIONS
from tests.tables import Table
from tests.test_cli import CONTROL, DOCS, EXIT_CLEAN, EXIT_USAGE, REPO, SECONDS, Result, docrules

EDGE = "axway/securetransport/5.5/edge-security-group"
SERVER = "axway/securetransport/5.5/server-security-group"


def explain(*args: str | Path, cwd: Path = REPO) -> Result:
    return docrules("explain", *args, cwd=cwd)


def lines(result: Result) -> list[str]:
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    return result.out.decode().splitlines()


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
    found = lines(explain("8a3d1ccbef8f302b"))
    assert found[0].startswith("rule 8a3d1ccbef8f302b  allow ingress tcp 8088-8093 from SecureTransport Server Security Group to ")
    text = "\n".join(found)
    assert f"source  {SERVER}.md, table 2, row 2\n" in text
    assert "  > 54 |       <tr>\n" in text
    assert "  > 62 |             <p>8088-8093</p>\n" in text
    assert "    71 |       <tr>\n" in text
    assert "correction of type 'Custom UDP Rule' became 'Custom TCP Rule' by type-contradicts-protocol" in text
    assert "cell 'Port or Port Range' says '8088-8093'" in text
    assert "a table without an action column lists what is allowed" in text
    assert re.search(r"^  warning: .* \[type-contradicts-protocol\] \(.*server-security-group\.md:54\)$", text, re.MULTILINE)


def test_every_shipped_rule_is_explained_with_its_own_source_lines() -> None:
    data = json.loads((REPO / "data" / "rules.json").read_bytes())
    for rule in [*data["rules"], *data["unresolved"]]:
        found = loaded(explain(rule["id"], "--json"))
        assert [one["rule"] for one in found["rules"]] == [rule]
        for row, evidence in zip(found["rows"], rule["evidence"], strict=True):
            assert (row["document"], row["table"], row["row"]) == (evidence["document"], evidence["table"], evidence["row"])
            source = (DOCS / row["path"]).read_bytes().decode().split("\n")
            for line in row["excerpt"]["lines"]:
                assert line["text"] == source[line["number"] - 1].rstrip("\r").expandtabs(2)
            assert next(line["number"] for line in row["excerpt"]["lines"] if line["marked"]) == evidence["line"]
        assert all(step["cells"] or step["traces"] or step["default"] for step in found["rules"][0]["steps"])


def test_the_beginning_of_an_id_is_enough_in_either_case() -> None:
    assert explain("8a3d").out == explain("8A3D1CCBEF").out == explain("8a3d1ccbef8f302b").out


def test_an_unresolved_rule_is_explained_with_what_is_missing() -> None:
    found = lines(explain(f"{EDGE}:1:6"))
    assert found[0].startswith("unresolved ")
    assert "tcp 'User-defined range' from Load Balancer Security Group to SecureTransport Edge Security Group" in found[0]
    assert found[1] == "  missing ports: the page names no port number but 'User-defined range'"
    assert any("[port-not-a-number]" in line for line in found)


def test_a_document_is_named_by_its_id_or_path() -> None:
    assert explain(f"{EDGE}:1:6").out == explain(f"{EDGE}.md:1:6").out


def test_a_row_of_a_table_that_holds_no_rules_has_the_verdict_as_reason() -> None:
    found = lines(explain(f"{SERVER}:1:1"))
    assert found[0] == "no rule: table 1 holds no rules (no-rules): no column holds ports"
    assert any(line.startswith("  > 12 | ") for line in found)


def test_json_holds_the_same_and_is_stable() -> None:
    first, second = explain(f"{SERVER}:2:2", "--json"), explain("8a3d", "--json")
    assert first.out == second.out
    found = loaded(first)
    assert found["outcome"] == ""
    assert [step["field"] for step in found["rules"][0]["steps"]][:4] == ["action", "direction", "protocol", "ports"]
    assert [one["code"] for one in found["findings"]] == ["prose-confirms-rows", "type-contradicts-protocol"]
    assert found["rules"][0]["resolved"] is True


# --- pages of other kinds -----------------------------------------------------------------------------------------------


def test_a_minified_page_shows_the_row_and_cuts_the_rest(tmp_path: Path) -> None:
    rows = [("TCP", str(port), "Web SG", f"Service {port}") for port in range(2000, 2200)]
    run(tmp_path, "page.html", f"<h1>Inbound rules for App SG</h1>{table(*rows)}".replace("\n", ""))
    shown = [line for line in lines(explain("page:1:77", "--docs", "docs", cwd=tmp_path)) if " | " in line]
    assert len(shown) == 1
    assert shown[0].startswith("  > 1 | \N{HORIZONTAL ELLIPSIS}")
    assert "<td>2076</td><td>Web SG</td><td>Service 2076</td>" in shown[0]
    assert len(shown[0]) < 400


def test_of_a_page_that_changed_no_line_is_shown(tmp_path: Path) -> None:
    data = run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    (tmp_path / "docs" / "page.md").write_text(f"# Ports\n\n{table(('TCP', '8443', 'Any', 'Web'), pipes=True)}\n")
    text = "\n".join(lines(explain(data["rules"][0]["id"], "--docs", "docs", cwd=tmp_path)))
    assert "docs/page.md has changed since it was extracted, so no source lines are shown" in text
    assert " | " not in text
    assert "cell 'Port' says '443'" in text
    assert "8443" not in text


def test_of_a_page_that_is_gone_the_cells_are_still_shown(tmp_path: Path) -> None:
    run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    (tmp_path / "docs" / "page.md").unlink()
    text = "\n".join(lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path)))
    assert "docs/page.md cannot be read" in text
    assert "  Port         443" in text


def test_without_the_folder_of_the_documents_the_option_is_named(tmp_path: Path) -> None:
    run(tmp_path, "page.md", f"# Ports\n\n{table(('TCP', '443', 'Any', 'Web'), pipes=True)}\n")
    assert any("name it with --docs" in line for line in lines(explain("page:1:1", cwd=tmp_path)))


def test_a_row_that_is_no_rule_has_its_reason(tmp_path: Path) -> None:
    rows = [("TCP", "443", "Any", "Web"), ("", "", "", ""), ("TCP", "22", "Any", "Shell")]
    run(tmp_path, "page.html", table(*rows))
    found = loaded(explain("page:1:2", "--docs", "docs", "--json", cwd=tmp_path))
    assert (found["outcome"], found["rules"]) == ("empty row", [])
    assert any(line["marked"] for line in found["rows"][0]["excerpt"]["lines"])
    assert lines(explain("page:1:2", "--docs", "docs", cwd=tmp_path))[0] == "no rule: empty row"


def test_a_row_that_states_several_rules_explains_each(tmp_path: Path) -> None:
    run(tmp_path, "page.html", table(("TCP", "80, 443", "Any", "Web")))
    text = "\n".join(lines(explain("page:1:1", "--docs", "docs", cwd=tmp_path)))
    assert text.startswith("2 rules of one row\n")
    assert len(re.findall(r"^rule [0-9a-f]{16}  ", text, re.MULTILINE)) == 2
    assert text.count("source  page.html") == 1


def test_a_rule_of_several_rows_shows_all_of_them(tmp_path: Path) -> None:
    rows = [("TCP", "443", "Any", "Web"), ("UDP", "53", "Any", "Names"), ("TCP", "443", "Any", "Web")]
    data = run(tmp_path, "page.html", table(*rows))
    text = "\n".join(lines(explain(data["rules"][0]["id"], "--docs", "docs", cwd=tmp_path)))
    assert text.count("source  page.html, table 1, row ") == 2
    assert "cell 'Port' says '443' (in 2 of 2 rows)" in text
    assert "stated by 2 rows: page:1:1, page:1:3" in text


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


def test_a_patch_is_named_with_its_reason(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    patch = {"field": "protocol", "kind": "patch", "said": "tcp", "became": "udp", "by": "patch:web-is-udp", "why": "see the errata"}
    data["rules"][0].update(protocol="udp", trace=[patch])
    (tmp_path / "rules.json").write_text(json.dumps(data))
    text = "\n".join(lines(explain("page:1:1", cwd=tmp_path)))
    assert "patches\n  patch:web-is-udp: changed protocol, 'tcp' became 'udp'\n    see the errata" in text


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
        ("web server", "neither the id of a rule (16 hex digits) nor a row as DOCUMENT:TABLE:ROW"),
        (f"{EDGE}:1", "neither the id of a rule"),
        (f"{EDGE}:9:1", "has no table 9: it has 3 tables"),
        (f"{EDGE}:1:14", "has no row 14: it has 13 rows of data, counted from the first below the header"),
        (f"{EDGE}:1:0", "has no row 0"),
        ("edge-security-grp:1:1", f"no document 'edge-security-grp' in this run; there is {EDGE}"),
        (f"{EDGE}:{'9' * 5000}:1", "neither the id of a rule"),
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
    assert "are not of the same run" in message


def test_the_report_with_the_name_of_the_rules_counts_before_another_one_in_the_folder(tmp_path: Path) -> None:
    data = run(tmp_path, "page.html", table(("TCP", "443", "Any", "Web")))
    for old, new in (("rules.json", "web.json"), ("report.json", "web.report.json")):
        (tmp_path / old).rename(tmp_path / new)
    (tmp_path / "report.json").write_text("{}")
    assert lines(explain(data["rules"][0]["id"], "--rules", "web.json", cwd=tmp_path))[0].startswith("rule ")


# --- the terminal -------------------------------------------------------------------------------------------------------


def test_colour_is_for_terminals() -> None:
    plain = explain("8a3d").out
    assert b"\x1b" not in plain
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "extract", "explain", "8a3d"], cwd=REPO, stdout=theirs)
    os.close(theirs)
    shown = io.BytesIO()
    while True:
        try:
            data = os.read(ours, 4096)
        except OSError:
            break
        if not data:
            break
        shown.write(data)
    os.close(ours)
    assert process.wait(SECONDS) == EXIT_CLEAN
    coloured = shown.getvalue().replace(b"\r\n", b"\n")
    assert b"\x1b[" in coloured
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", coloured) == plain


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    command = f"{sys.executable} -m extract explain {SERVER}:1:1 --json | true"
    done = subprocess.run(["bash", "-c", command], cwd=REPO, capture_output=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
