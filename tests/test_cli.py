"""Acceptance: the program as a user meets it, through its command line.

Calls run in this process, through `main`, with streams and a current folder of their own. A process of its own is started where a
limit, a signal, a closed or broken stream or the checkout itself is what a test is about, and once for the shipped documents.
"""

from __future__ import annotations

import contextlib
import csv
import importlib.metadata
import io
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from extract import extract_paths
from extract import pipeline as stage
from extract.cli import main
from tests.terminals import on_terminal

REPO = Path(__file__).resolve().parent.parent
DOCS = REPO / "data" / "docs"
PAGES = "axway/securetransport/5.5"
# Longer than any call takes; a call that hangs must not hang the tests.
SECONDS = 120

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_UNREADABLE, EXIT_INTERNAL = 0, 1, 2, 3, 4
EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 130, 141

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# `document:line: severity: message (place) [code]`
FINDING = re.compile(
    r"^(?P<document>.+?)(?::(?P<line>\d+))?: (?P<severity>error|warning|note): (?P<message>.+) \[(?P<code>[a-z]+(?:-[a-z]+)+)\]$"
)

HEADER = ("Protocol", "Port", "Source", "Description")
HTTPS_ROW = ("TCP", "443", "Load Balancer Security Group", "HTTPS")
BINARY = bytes(range(256)) * 8

needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")


class Result(NamedTuple):
    code: int
    out: bytes
    err: str

    @property
    def findings(self) -> list[dict[str, str | None]]:
        return [match.groupdict() for match in map(FINDING.match, self.err.splitlines()) if match]

    @property
    def codes(self) -> set[str | None]:
        return {found["code"] for found in self.findings}


def docrules(*args: str | Path, cwd: Path, stdin: bytes = b"") -> Result:
    """Run the command line in this process."""
    streams = {"stdin": io.BytesIO(stdin), "stdout": io.BytesIO(), "stderr": io.BytesIO()}
    wrapped = {name: io.TextIOWrapper(stream, "utf-8", write_through=True) for name, stream in streams.items()}
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(cwd), pytest.raises(SystemExit) as stopped:
        patch.setattr(sys, "argv", ["docrules", *map(str, args)])
        for name, stream in wrapped.items():
            patch.setattr(sys, name, stream)
        main()
    assert isinstance(stopped.value.code, int)
    return Result(stopped.value.code, streams["stdout"].getvalue(), streams["stderr"].getvalue().decode())


def docrules_process(*args: str | Path, cwd: Path, prefix: Sequence[str] = ()) -> Result:
    """Run the command line in a process; `prefix` is a command that runs it, `sh -c 'ulimit …; exec "$@"' sh` say."""
    command = [*prefix, sys.executable, "-m", "extract", *map(str, args)]
    done = subprocess.run(command, cwd=cwd, input=b"", capture_output=True, timeout=SECONDS, check=False)
    return Result(done.returncode, done.stdout, done.stderr.decode())


def html(*rows: Sequence[str], heading: str = "Inbound rules for Web Security Group", end: str = "</table>\n") -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>\n"

    return f"<h1>{heading}</h1>\n<table>\n" + line("th", HEADER) + "".join(line("td", row) for row in rows) + end


def pipes(*rows: Sequence[str], heading: str = "Inbound rules for Web Security Group") -> str:
    lines = [HEADER, ("---",) * len(HEADER), *rows]
    return f"# {heading}\n\n" + "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def ports(rules: Sequence[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(rule["protocol"], rule["from_port"], rule["to_port"]) for rule in rules]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with one clean rule, in a folder of its own."""
    path = tmp_path / "docs" / "page.html"
    path.parent.mkdir()
    path.write_text(html(HTTPS_ROW))
    return path


# --- the shipped documents --------------------------------------------------------------------------------------------


class Shipped(NamedTuple):
    result: Result
    out: bytes
    report: bytes

    def of(self, page: str, key: str = "rules") -> list[dict[str, Any]]:
        document = f"{PAGES}/{page}"
        return [rule for rule in json.loads(self.out)[key] if rule["evidence"][0]["document"] == document]

    def report_of(self, page: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in json.loads(self.report)["documents"] if one["id"] == f"{PAGES}/{page}")
        return found


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    folder = tmp_path_factory.mktemp("shipped")
    result = docrules_process("run", DOCS, "--out", "rules.json", "--report", "report.json", cwd=folder)
    return Shipped(result, (folder / "rules.json").read_bytes(), (folder / "report.json").read_bytes())


def group(name: str) -> dict[str, str]:
    return {"kind": "group", "name": name}


ADMIN = group("Administration Host Security Group")
DATABASE = group("External Database Security Group")
EDGE = group("SecureTransport Edge Security Group")
FILES = group("External File System Security Group")
SERVER = group("SecureTransport Server Security Group")


def flow(rule: dict[str, Any]) -> tuple[Any, ...]:
    traffic = ("protocol", "from_port", "to_port", "icmp_type", "icmp_code")
    return (*(rule[key] for key in traffic), rule["source"]["name"])


def traces(rule: dict[str, Any], kind: str) -> list[dict[str, str]]:
    return [trace for trace in rule["trace"] if trace["kind"] == kind]


def test_the_shipped_documents_give_the_shipped_rules_and_report(shipped: Shipped) -> None:
    assert shipped.result.code == EXIT_CLEAN
    assert shipped.out == (REPO / "data" / "rules.json").read_bytes()
    assert shipped.report == (REPO / "data" / "report.json").read_bytes()


def test_server_page_gives_its_fourteen_rules(shipped: Shipped) -> None:
    server, admin = SERVER["name"], ADMIN["name"]
    rules = shipped.of("server-security-group")
    assert [flow(rule) for rule in rules] == [
        ("tcp", 162, 162, None, None, server),
        ("tcp", 8088, 8093, None, None, server),
        ("udp", 8088, 8093, None, None, server),
        ("tcp", 444, 444, None, None, admin),
        ("tcp", 44431, 44431, None, None, server),
        ("tcp", 9999, 9999, None, None, server),
        ("icmp", None, None, 0, None, server),
        ("tcp", 22, 22, None, None, admin),
        ("tcp", 8005, 8005, None, None, server),
        ("tcp", 8009, 8009, None, None, server),
        ("tcp", 20444, 20444, None, None, server),
        ("tcp", 7, 7, None, None, server),
        ("tcp", 7800, 7802, None, None, server),
        ("icmp", None, None, 8, None, server),
    ]
    assert {(rule["action"], rule["direction"], rule["destination"]["name"]) for rule in rules} == {("allow", "ingress", server)}
    assert [rule["evidence"][0]["row"] for rule in rules] == list(range(1, 15))
    assert shipped.of("server-security-group", "unresolved") == []


def test_udp_type_beside_tcp_protocol_is_corrected_and_the_finding_cites_the_note(shipped: Shipped) -> None:
    corrected = [rule for rule in shipped.of("server-security-group") if traces(rule, "correction")]
    assert ports(corrected) == [("tcp", 8088, 8093)]
    [trace] = traces(corrected[0], "correction")
    assert (trace["field"], trace["said"], trace["became"]) == ("type", "Custom UDP Rule", "Custom TCP Rule")

    [finding] = [one for one in shipped.report_of("server-security-group")["findings"] if one["code"] == "type-contradicts-protocol"]
    assert (finding["severity"], finding["line"], finding["row"]) == ("warning", corrected[0]["evidence"][0]["line"], 2)
    note = (DOCS / PAGES / "server-security-group.md").read_bytes()
    line = note.count(b"\n", 0, note.index(b"reach each other on 8088-8093")) + 1
    assert f"ine {line} " in finding["message"]
    assert "Allow this range inbound between them over both TCP and UDP." in finding["message"]


def test_the_row_that_says_udp_twice_is_not_corrected(shipped: Shipped) -> None:
    [udp] = [rule for rule in shipped.of("server-security-group") if rule["protocol"] == "udp"]
    assert traces(udp, "correction") == []
    assert udp["evidence"][0]["cells"]["Type"] == "Custom UDP Rule"


@pytest.mark.parametrize(
    ("page", "label", "count"),
    [
        ("server-security-group", "SSH", 1),
        ("external-file-system-security-group", "SSH", 1),
        ("external-database-security-group", "RDS", 3),
    ],
)
def test_an_application_label_in_place_of_a_protocol_is_traced(shipped: Shipped, page: str, label: str, count: int) -> None:
    labelled = [rule for rule in shipped.of(page) if any(trace["said"] == label for trace in traces(rule, "label"))]
    assert len(labelled) == count
    assert {rule["protocol"] for rule in labelled} == {"tcp"}
    assert {rule["evidence"][0]["cells"]["Protocol"] for rule in labelled} == {label}


def test_icmp_names_become_types_with_a_trace(shipped: Shipped) -> None:
    icmp = [rule for rule in shipped.of("server-security-group") if rule["protocol"] == "icmp"]
    said = [{trace["said"] for trace in traces(rule, "label")} for rule in icmp]
    assert said == [{"IPv4", "Echo Reply"}, {"IPv4", "Echo Request"}]


def test_user_defined_range_is_unresolved_with_everything_that_the_row_does_say(shipped: Shipped) -> None:
    [open_rule] = shipped.of("edge-security-group", "unresolved")
    assert open_rule["port_text"] == "User-defined range"
    assert open_rule["missing"] == ["ports"]
    assert (open_rule["protocol"], open_rule["direction"], open_rule["action"]) == ("tcp", "ingress", "allow")
    assert (open_rule["from_port"], open_rule["to_port"]) == (None, None)
    assert (open_rule["source"], open_rule["destination"]) == (group("Load Balancer Security Group"), EDGE)
    assert open_rule["description"] == "Passive-mode data channel for plain and secured FTP"
    assert "User-defined range" in open_rule["reason"]
    assert "port-not-a-number" in {found["code"] for found in shipped.report_of("edge-security-group")["findings"]}


def test_edge_page_gives_every_other_row_as_a_rule(shipped: Shipped) -> None:
    rules = shipped.of("edge-security-group")
    places = [(one["table"], one["row"]) for rule in rules for one in rule["evidence"]]
    assert places == [(1, row) for row in range(1, 14) if row != 6] + [(2, row) for row in range(1, 7)] + [(3, row) for row in range(1, 9)]
    assert {(rule["direction"], rule["destination"]["name"]) for rule in rules} == {("ingress", EDGE["name"])}


def test_abbreviated_group_names_resolve_to_the_full_name_with_an_alias_trace(shipped: Shipped) -> None:
    by_cell = {"SecureTransport Edge SG": EDGE, "Administration Host SG": ADMIN}
    seen = []
    for rule in shipped.of("edge-security-group"):
        written = rule["evidence"][0]["cells"]["Source"]
        if written in by_cell:
            seen.append(written)
            assert rule["source"] == by_cell[written]
            assert [(one["field"], one["said"], one["became"]) for one in traces(rule, "alias")] == [
                ("source", written, rule["source"]["name"])
            ]
        else:
            assert traces(rule, "alias") == []
    assert seen == ["Administration Host SG", "SecureTransport Edge SG", "SecureTransport Edge SG"]


def test_no_abbreviated_group_name_is_published(shipped: Shipped) -> None:
    data = json.loads(shipped.out)
    published = {rule[side]["name"] for key in ("rules", "unresolved") for rule in data[key] for side in ("source", "destination")}
    known = {one["name"] for one in (ADMIN, DATABASE, EDGE, FILES, SERVER)}
    assert published == known | {"Load Balancer Security Group", "0.0.0.0/0"}


def test_database_page_splits_two_groups_and_keeps_a_wrapped_name_whole(shipped: Shipped) -> None:
    rules = shipped.of("external-database-security-group")
    assert [(rule["evidence"][0]["row"], rule["from_port"], rule["source"]) for rule in rules] == [
        (1, 1521, ADMIN),
        (1, 1521, SERVER),
        (2, 5432, SERVER),
        (3, 2484, ADMIN),
        (3, 2484, SERVER),
    ]
    assert {(rule["direction"], rule["destination"]["name"]) for rule in rules} == {("ingress", DATABASE["name"])}


def test_file_system_page_gives_one_rule_for_each_source_group(shipped: Shipped) -> None:
    rules = shipped.of("external-file-system-security-group")
    both = [FILES["name"], SERVER["name"]]
    expected = [("tcp", 22, 22, None, None, ADMIN["name"])]
    for first, last in ((24007, 24007), (111, 111), (49152, 49251), (2049, 2049)):
        expected += [("tcp", first, last, None, None, source) for source in both]
    assert [flow(rule) for rule in rules] == expected


def rows_of(data: bytes) -> dict[tuple[int, int], tuple[int, list[str]]]:
    """(table, data row) -> the line of its <tr>, counted by line feeds, and its cells; read from the bytes with no parser."""
    found, table, row = {}, 0, 0
    for match in re.finditer(rb"<table\b|<tr\b.*?</tr>", data, re.DOTALL):
        if match[0].startswith(b"<table"):
            table, row = table + 1, 0
        elif b"<td" in match[0]:
            row += 1
            cells = re.findall(r"<td\b[^>]*>(.*?)</td>", match[0].decode(), re.DOTALL)
            texts = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
            found[table, row] = (data.count(b"\n", 0, match.start()) + 1, texts)
    return found


@pytest.mark.parametrize("path", sorted((DOCS / PAGES).glob("*.md")), ids=lambda path: path.stem)
def test_evidence_is_the_row_in_the_original_file(shipped: Shipped, path: Path) -> None:
    rows = rows_of(path.read_bytes())
    cited = set()
    for key in ("rules", "unresolved"):
        for rule in shipped.of(path.stem, key):
            for one in rule["evidence"]:
                place = one["table"], one["row"]
                cited.add(place)
                assert (one["line"], list(one["cells"].values())) == rows[place], place
    outside = {
        (table["table"], row) for table in shipped.report_of(path.stem)["tables"] for outcome in table["no_rule"] for row in outcome["rows"]
    }
    assert cited | outside == set(rows)
    assert not cited & outside


@pytest.mark.parametrize("path", sorted((DOCS / PAGES).glob("*.md")), ids=lambda path: path.stem)
def test_the_report_accounts_for_every_row_of_the_file(shipped: Shipped, path: Path) -> None:
    rows = rows_of(path.read_bytes())
    tables = shipped.report_of(path.stem)["tables"]
    assert {table["table"] for table in tables} == {table for table, _ in rows}
    for table in tables:
        count = sum(number == table["table"] for number, _ in rows)
        no_rule = sum(len(outcome["rows"]) for outcome in table["no_rule"])
        assert table["data_rows"] == count == table["rule_rows"] + table["unresolved_rows"] + no_rule


def test_ids_are_unique(shipped: Shipped) -> None:
    data = json.loads(shipped.out)
    ids = [rule["id"] for rule in [*data["rules"], *data["unresolved"]]]
    assert len(ids) == len(set(ids)) == 108


# --- exit 0: clean ----------------------------------------------------------------------------------------------------


def test_a_clean_page_exits_0_and_writes_the_rules_only(page: Path) -> None:
    result = docrules("run", page, cwd=page.parent)
    assert (result.code, result.out, result.findings) == (EXIT_CLEAN, b"", [])
    assert names(page.parent) == ["page.html", "rules.json"]
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]


def test_the_summary_counts_rows_and_rules_and_names_the_file(page: Path) -> None:
    result = docrules("run", page, "--out", "out.json", cwd=page.parent)
    assert result.err.splitlines() == [
        "1 rule, 1 of them complete, and 0 unresolved -> out.json",
        "1 document, 1 table, 1 of them with rules",
        "1 row: 1 became rules, 0 unresolved, 0 no rule",
        "layout: none; 1 document in 1 scope by folder",
        "findings: none",
    ]


def test_the_summary_counts_more_than_one_in_the_plural(tmp_path: Path) -> None:
    rows = (HTTPS_ROW, ("TCP", "70000", "A", "x"), ("TCP", "User-defined range", "A", "x"), ("TCP", "dynamic", "A", "x"))
    for name in ("a/x.html", "b/x.html"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(html(*rows))
    assert docrules("run", ".", "--report", "report.json", cwd=tmp_path).err.splitlines()[-9:] == [
        "2 rules, 2 of them complete, and 6 unresolved -> rules.json",
        "unresolved: 6 lack ports",
        "2 documents, 2 tables, 2 of them with rules",
        "8 rows: 2 became rules, 6 unresolved, 0 no rule",
        "layout: none; 2 documents in 2 scopes by folder",
        "findings: 2 errors, 4 warnings",
        "next:",
        "  docrules patch port-out-of-range a/x.html:1   (2 findings)",
        "  docrules patch port-not-a-number a/x.html:1   (4 findings)",
    ]


def test_the_summary_says_what_one_open_row_lacks(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(("TCP", "dynamic", "A", "x")))
    assert "unresolved: 1 lacks ports" in docrules("run", "page.html", cwd=tmp_path).err.splitlines()


def test_two_files_of_one_folder_that_would_be_one_document_are_to_be_renamed(tmp_path: Path) -> None:
    for name in ("page.html", "page.xhtml"):
        (tmp_path / name).write_text(html(HTTPS_ROW))
    refused = docrules("run", ".", "--out", "-", cwd=tmp_path)
    assert refused.code == EXIT_USAGE
    assert refused.err == "error: page.html and page.xhtml would both be the document 'page'; rename one\n"


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_rules_in_json_do_not_go_into_a_file_of_another_name(page: Path, suffix: str) -> None:
    refused = docrules("run", page, "--out", f"out.{suffix}", cwd=page.parent)
    assert (refused.code, (page.parent / f"out.{suffix}").exists()) == (EXIT_USAGE, False)
    assert f"error: out.{suffix} would hold JSON; give --format {suffix}" in refused.err


def test_the_summary_counts_the_complete_rules_apart(tmp_path: Path) -> None:
    page = pipes(("TCP", "443", "A", "x"), ("TCP", "80", "", "x"), heading="Ports")
    (tmp_path / "page.md").write_text(page, "utf-8")
    assert "2 rules, 0 of them complete, and 0 unresolved -> rules.json" in docrules("run", "page.md", cwd=tmp_path).err.splitlines()


def test_warnings_do_not_change_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(("TCP", "User-defined range", "A", "FTP data")))
    result = docrules("run", "page.html", cwd=tmp_path)
    assert (result.code, result.codes) == (EXIT_CLEAN, {"port-not-a-number"})


def test_a_folder_is_searched_and_paths_in_the_data_are_relative_to_it(tmp_path: Path) -> None:
    for path in ("docs/acme/gate/1.0/inbound.html", "docs/acme/gate/2.0/inbound.md", "docs/acme/notes.txt", "docs/.hidden/page.html"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(html(HTTPS_ROW))
    assert docrules("run", "docs", cwd=tmp_path).code == EXIT_CLEAN
    documents = load(tmp_path / "rules.json")["documents"]
    assert [(one["id"], one["path"], one["vendor"], one["product"], one["release"]) for one in documents] == [
        ("acme/gate/1.0/inbound", "acme/gate/1.0/inbound.html", "acme", "gate", "1.0"),
        ("acme/gate/2.0/inbound", "acme/gate/2.0/inbound.md", "acme", "gate", "2.0"),
    ]


def test_a_named_file_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    pages = {
        "a.txt": html,
        "b": html,
        "c.aspx": html,
        "D.HTML": html,
        "e.txt": pipes,
        "f": pipes,
        "g.aspx": pipes,
        "H.MD": pipes,
        "i-5.5": pipes,
    }
    for name, page in pages.items():
        (tmp_path / name).write_text(page(HTTPS_ROW))
    assert docrules("run", *pages, cwd=tmp_path).code == EXIT_CLEAN
    data = load(tmp_path / "rules.json")
    assert {one["path"] for one in data["documents"]} == set(pages)
    assert set(ports(data["rules"])) == {("tcp", 443, 443)}
    # One rule of the folder, and that of the page with a number in its name.
    assert [len(rule["evidence"]) for rule in data["rules"]] == [len(pages) - 1, 1]


def test_standard_input_is_read(tmp_path: Path) -> None:
    result = docrules("run", "-", cwd=tmp_path, stdin=html(HTTPS_ROW).encode())
    assert result.code == EXIT_CLEAN
    data = load(tmp_path / "rules.json")
    assert [one["id"] for one in data["documents"]] == ["stdin"]
    assert ports(data["rules"]) == [("tcp", 443, 443)]


def test_standard_input_and_files_go_together(page: Path) -> None:
    result = docrules("run", "-", page, "--out", "-", cwd=page.parent, stdin=pipes(("UDP", "53", "A", "DNS")).encode())
    assert ports(json.loads(result.out)["rules"]) == [("tcp", 443, 443), ("udp", 53, 53)]


def test_a_file_that_is_named_twice_is_one_document(page: Path) -> None:
    result = docrules("run", page, "page.html", page.parent / ".." / "docs" / "page.html", "--out", "-", cwd=page.parent)
    assert result.code == EXIT_CLEAN
    assert len(json.loads(result.out)["documents"]) == 1


def test_a_pipe_that_is_named_as_a_file_is_read(tmp_path: Path) -> None:
    command = ["sh", "-c", '"$0" -m extract run /dev/fd/3 --out - 3<&0', sys.executable]
    done = subprocess.run(command, cwd=tmp_path, input=html(HTTPS_ROW).encode(), capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == EXIT_CLEAN, done.stderr.decode()
    assert ports(json.loads(done.stdout)["rules"]) == [("tcp", 443, 443)]


# --- exit 1: findings of severity error -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "code"), [("70000", "port-out-of-range"), ("443-65536", "port-out-of-range"), ("8093-8088", "range-reversed")]
)
def test_an_impossible_port_exits_1_and_the_row_is_unresolved(tmp_path: Path, cell: str, code: str) -> None:
    (tmp_path / "page.html").write_text(html(("TCP", cell, "Load Balancer Security Group", "typo"), HTTPS_ROW))
    result = docrules("run", "page.html", "--report", "report.json", cwd=tmp_path)
    assert result.code == EXIT_FINDINGS
    data = load(tmp_path / "rules.json")
    assert ports(data["rules"]) == [("tcp", 443, 443)]
    [open_rule] = data["unresolved"]
    assert (open_rule["protocol"], open_rule["port_text"], open_rule["missing"]) == ("tcp", cell, ["ports"])
    assert open_rule["description"] == "typo"
    assert load(tmp_path / "report.json")["summary"]["findings"]["error"] == 1
    [found] = result.findings
    assert (found["document"], found["line"], found["severity"], found["code"]) == ("page.html", "4", "error", code)


def test_messages_read_document_line_severity_message_place_code(tmp_path: Path) -> None:
    (tmp_path / "docs" / "acme").mkdir(parents=True)
    (tmp_path / "docs" / "acme" / "page.md").write_text(pipes(HTTPS_ROW, ("TCP", "70000", "A", "x")))
    result = docrules("run", "docs", cwd=tmp_path)
    [line] = [line for line in result.err.splitlines() if "[port-out-of-range]" in line]
    assert line.startswith("acme/page.md:6: error: table 1, row 2: '70000' is no port")
    assert line.endswith(" [port-out-of-range]")


# --- exit 2: the call cannot be carried out ---------------------------------------------------------------------------


def assert_refused(result: Result, *words: str) -> None:
    assert result.code == EXIT_USAGE, result.err
    assert result.out == b""
    assert "Traceback" not in result.err
    for word in words:
        assert word in result.err


def test_a_missing_path_is_refused_and_named(page: Path) -> None:
    assert_refused(docrules("run", page, "nowhere.html", cwd=page.parent), "nowhere.html", "does not exist")
    assert names(page.parent) == ["page.html"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "notes.txt").write_text("no page")
    assert_refused(docrules("run", "docs", cwd=tmp_path), "docs", ".html", ".md")
    assert names(tmp_path) == ["docs"]


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_folder_as_output_is_refused(page: Path, option: str) -> None:
    (page.parent / "results").mkdir()
    assert_refused(docrules("run", page, option, "results", cwd=page.parent), "results", "folder")
    assert names(page.parent) == ["page.html", "results"]
    assert names(page.parent / "results") == []


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_missing_folder_for_the_output_is_refused_and_not_made(page: Path, option: str) -> None:
    assert_refused(docrules("run", page, option, "missing/rules.json", cwd=page.parent), "missing", "does not exist")
    assert names(page.parent) == ["page.html"]


def test_a_file_in_place_of_the_folder_for_the_output_is_refused(page: Path) -> None:
    assert_refused(docrules("run", page, "--out", "page.html/rules.json", cwd=page.parent), "page.html")
    assert names(page.parent) == ["page.html"]


@pytest.mark.parametrize("spelling", ["same.json", "./same.json", "../docs/same.json"])
def test_one_file_for_rules_and_report_is_refused(page: Path, spelling: str) -> None:
    assert_refused(docrules("run", page, "--out", "same.json", "--report", spelling, cwd=page.parent), "same file")
    assert names(page.parent) == ["page.html"]


def test_the_report_does_not_go_to_standard_output(page: Path) -> None:
    assert_refused(docrules("run", page, "--report", "-", cwd=page.parent), "--report")


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_document_is_never_overwritten(page: Path, option: str) -> None:
    before = page.read_bytes()
    result = docrules("run", page.parent, option, page, cwd=page.parent)
    assert page.read_bytes() == before
    assert_refused(result, "page.html")


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "page.html", "--colour"),
        ("run",),
        ("walk", "page.html"),
        ("run", "page.html", "--jobs", "0"),
        ("run", "page.html", "--jobs", "x"),
    ],
    ids=["unknown option", "no path", "unknown command", "no jobs", "jobs no number"],
)
def test_a_malformed_call_is_refused_with_a_hint(page: Path, arguments: tuple[str, ...]) -> None:
    assert_refused(docrules(*arguments, cwd=page.parent), "Usage:", "--help")
    assert names(page.parent) == ["page.html"]


def test_two_documents_of_one_id_are_refused_and_root_tells_them_apart(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.html").write_text(html(HTTPS_ROW))
    clash = docrules("run", "one/page.html", "two/page.html", cwd=tmp_path)
    assert_refused(clash, "one/page.html", "two/page.html", "--root")
    assert names(tmp_path) == ["one", "two"]

    assert docrules("run", "one/page.html", "two/page.html", "--root", ".", cwd=tmp_path).code == EXIT_CLEAN
    assert [one["id"] for one in load(tmp_path / "rules.json")["documents"]] == ["one/page", "two/page"]


def test_one_page_in_two_formats_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.html").write_text(html(HTTPS_ROW))
    (tmp_path / "docs" / "page.md").write_text(pipes(HTTPS_ROW))
    assert_refused(docrules("run", "docs", cwd=tmp_path), "page.html", "page.md")


@pytest.mark.parametrize("name", ["stdin", "stdin.html"])
def test_a_file_with_the_id_of_standard_input_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(html(HTTPS_ROW))
    result = docrules("run", "-", name, cwd=tmp_path, stdin=html(HTTPS_ROW).encode())
    assert_refused(result, name)
    assert "None" not in result.err


def test_a_file_outside_of_the_root_is_refused(page: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert_refused(docrules("run", page, "--root", "other", cwd=tmp_path), "other", "root")
    assert names(tmp_path) == ["docs", "other"]


# --- nothing is written by halves -------------------------------------------------------------------------------------

# POSIX counts `ulimit -f` in units of 512 bytes. A file that grows beyond fails to be written, as on a full disk, for root as well.
LIMITED = ("sh", "-c", 'limit=$1; shift; ulimit -f "$limit" && exec "$@"', "sh")


def test_a_full_disk_leaves_the_old_files_and_no_others(page: Path) -> None:
    for name in ("rules.json", "report.json"):
        (page.parent / name).write_text("old")
    result = docrules_process("run", page, "--report", "report.json", "--cache", "kept", cwd=page.parent, prefix=(*LIMITED, "0"))
    assert_refused(result, "report.json")
    assert [path for path in (page.parent / "kept").rglob("*") if path.is_file()] == []
    shutil.rmtree(page.parent / "kept")
    assert names(page.parent) == ["page.html", "report.json", "rules.json"]
    assert (page.parent / "rules.json").read_text() == (page.parent / "report.json").read_text() == "old"


def test_when_the_second_file_does_not_fit_the_first_stays_old_too(tmp_path: Path) -> None:
    rows = [("TCP", str(port), "Load Balancer Security Group", "HTTPS") for port in range(1000, 1020)]
    (tmp_path / "page.html").write_text(html(*rows))
    assert docrules("run", "page.html", "--out", "new.json", "--report", "new.report.json", cwd=tmp_path).code == EXIT_CLEAN
    blocks = -(-(tmp_path / "new.report.json").stat().st_size // 512)
    assert (tmp_path / "new.json").stat().st_size > blocks * 512, "the report must fit where the rules do not"
    for name in ("new.json", "new.report.json"):
        (tmp_path / name).write_text("old")

    result = docrules_process(
        "run", "page.html", "--out", "new.json", "--report", "new.report.json", cwd=tmp_path, prefix=(*LIMITED, str(blocks))
    )
    assert_refused(result, "new.json")
    assert names(tmp_path) == ["new.json", "new.report.json", "page.html"]
    assert (tmp_path / "new.json").read_text() == (tmp_path / "new.report.json").read_text() == "old"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no folder in which even root can make no file")
def test_a_place_where_no_file_can_be_made_is_refused(page: Path) -> None:
    assert_refused(docrules("run", page, "--out", "/proc/rules.json", cwd=page.parent), "/proc", "cannot be written")
    assert names(page.parent) == ["page.html"]


@needs_permissions
def test_a_read_only_folder_is_refused_and_the_old_file_stays(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "rules.json").write_text("old")
    folder.chmod(0o555)
    try:
        result = docrules("run", page, "--out", folder / "rules.json", cwd=tmp_path)
        assert_refused(result, "cannot be written")
        assert (folder / "rules.json").read_text() == "old"
        assert names(folder) == ["rules.json"]
    finally:
        folder.chmod(0o755)


def test_an_output_that_is_no_regular_file_is_not_replaced(page: Path) -> None:
    # A device must survive `--out /dev/null`, also when root says it. A FIFO stands in for it here.
    target = page.parent / "fifo"
    os.mkfifo(target)
    reader = os.open(target, os.O_RDONLY | os.O_NONBLOCK)
    try:
        result = docrules("run", page, "--out", "fifo", cwd=page.parent)
        assert stat.S_ISFIFO(target.stat().st_mode)
        assert names(page.parent) == ["fifo", "page.html"]
        if result.code == EXIT_CLEAN:
            assert ports(json.loads(os.read(reader, 1 << 16))["rules"]) == [("tcp", 443, 443)]
        else:
            assert_refused(result, "fifo")
    finally:
        os.close(reader)


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_a_defect_that_breaks_the_schema_exits_4_and_writes_nothing(page: Path, tmp_path: Path, form: str) -> None:
    # The checkout with a contract that its code does not keep: every rule would have to be udp.
    for folder in ("extract", "schemas"):
        shutil.copytree(REPO / folder, tmp_path / "broken" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    schema = tmp_path / "broken" / "schemas" / "rules.schema.json"
    contract = load(schema)
    contract["$defs"]["rule"]["properties"]["protocol"] = {"const": "udp"}
    schema.write_text(json.dumps(contract))
    rules = f"rules.{form}"
    for name in (rules, "report.json"):
        (tmp_path / "broken" / name).write_text("old")

    result = docrules_process("run", page, "--format", form, "--out", rules, "--report", "report.json", cwd=tmp_path / "broken")
    assert (result.code, result.out) == (EXIT_INTERNAL, b"")
    assert "rules/0/protocol" in result.err
    assert "Traceback" not in result.err
    assert (tmp_path / "broken" / rules).read_text() == (tmp_path / "broken" / "report.json").read_text() == "old"
    assert names(tmp_path / "broken") == ["extract", "report.json", rules, "schemas"]


# --- exit 3: a document cannot be read --------------------------------------------------------------------------------


def test_a_binary_page_exits_3_and_the_others_are_written(page: Path) -> None:
    (page.parent / "logo.html").write_bytes(BINARY)
    result = docrules("run", page.parent, "--out", "rules.json", "--report", "report.json", cwd=page.parent)
    assert result.code == EXIT_UNREADABLE
    assert [(found["document"], found["severity"], found["code"]) for found in result.findings] == [
        ("logo.html", "error", "binary-document")
    ]
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]
    assert [one["id"] for one in load(page.parent / "report.json")["documents"]] == ["logo", "page"]


def test_a_dangling_link_exits_3_and_the_others_are_written(page: Path) -> None:
    (page.parent / "moved.html").symlink_to(page.parent / "gone.html")
    result = docrules("run", page.parent, cwd=page.parent)
    assert result.code == EXIT_UNREADABLE
    assert [(found["document"], found["code"]) for found in result.findings] == [("moved.html", "unreadable-document")]
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]


def test_a_link_to_itself_exits_3_and_the_others_are_written(page: Path) -> None:
    (page.parent / "loop.html").symlink_to("loop.html")
    result = docrules("run", page.parent, cwd=page.parent)
    assert result.code == EXIT_UNREADABLE, result.err
    assert [(found["document"], found["code"]) for found in result.findings] == [("loop.html", "unreadable-document")]
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(page: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text(html(("TCP", "4444", "A", "secret")))
    (page.parent / "link.html").symlink_to(tmp_path / "secret.html")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "page.html").write_text(html(("TCP", "5555", "A", "secret")))
    (page.parent / "folder").symlink_to(tmp_path / "secrets")
    result = docrules("run", page.parent, "--report", "report.json", cwd=page.parent)
    assert result.code in (EXIT_CLEAN, EXIT_UNREADABLE)
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]
    assert b"secret" not in (page.parent / "rules.json").read_bytes()


def test_a_fifo_in_a_folder_is_not_waited_for(page: Path) -> None:
    os.mkfifo(page.parent / "pipe.html")
    try:
        result = docrules_process("run", page.parent, cwd=page.parent, prefix=(sys.executable, "-c", WITHIN_10_SECONDS))
    finally:
        (page.parent / "pipe.html").unlink()
    # It is no document, whatever its name: left out, or named as one that cannot be read.
    assert (result.code, result.codes) in [(EXIT_CLEAN, set()), (EXIT_UNREADABLE, {"unreadable-document"})]
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]


# The alarm outlives exec and ends a process that waits for ever.
WITHIN_10_SECONDS = "import os, signal, sys; signal.alarm(10); os.execv(sys.argv[1], sys.argv[1:])"


@needs_permissions
def test_a_file_without_read_permission_exits_3_and_the_others_are_written(page: Path) -> None:
    secret = page.parent / "secret.html"
    secret.write_text(html(HTTPS_ROW))
    secret.chmod(0)
    result = docrules("run", page.parent, cwd=page.parent)
    assert result.code == EXIT_UNREADABLE
    assert result.codes == {"unreadable-document"}
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]


def test_when_nothing_can_be_read_the_old_files_stay_untouched(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(BINARY)
    old = {}
    for name in ("rules.json", "report.json"):
        (tmp_path / name).write_text("old")
        old[name] = (tmp_path / name).stat().st_mtime_ns
    result = docrules("run", "page.html", "--report", "report.json", cwd=tmp_path)
    assert (result.code, result.out) == (EXIT_UNREADABLE, b"")
    assert "no rules were written" in result.err
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in old} == old
    assert names(tmp_path) == ["page.html", "report.json", "rules.json"]


def test_when_every_document_shows_a_defect_the_old_files_stay_untouched(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(page: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage, "read_tables", defective)
    (page.parent / "rules.json").write_text("old")
    result = docrules("run", page, cwd=page.parent)
    assert (result.code, result.codes) == (EXIT_INTERNAL, {"internal-error"})
    assert "no rules were written" in result.err
    assert (page.parent / "rules.json").read_text() == "old"


def test_binary_standard_input_exits_3_and_prints_no_json(tmp_path: Path) -> None:
    result = docrules("run", "-", "--out", "-", cwd=tmp_path, stdin=BINARY)
    assert (result.code, result.out, result.codes) == (EXIT_UNREADABLE, b"", {"binary-document"})


def test_closed_standard_input_is_an_unreadable_document(tmp_path: Path) -> None:
    result = docrules_process("run", "-", cwd=tmp_path, prefix=("sh", "-c", 'exec "$@" <&-', "sh"))
    assert (result.code, result.codes) == (EXIT_UNREADABLE, {"unreadable-document"})
    assert names(tmp_path) == []


def test_a_half_broken_folder_gives_what_is_whole_and_names_the_rest(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "binary.md").write_bytes(BINARY)
    (docs / "blank.md").write_text("")
    (docs / "cut.html").write_text(html(("UDP", "53", "A", "DNS"), end=""))
    (docs / "dangling.md").symlink_to("gone.md")
    (docs / "impossible.html").write_text(html(("TCP", "70000", "A", "x"), ("TCP", "22", "A", "SSH")))
    (docs / "plain.md").write_text("# Release notes\n\nNothing about ports.\n")
    (docs / "whole.html").write_text(html(HTTPS_ROW))
    result = docrules("run", "docs", "--report", "report.json", "--verbose", cwd=tmp_path)
    assert result.code == EXIT_UNREADABLE
    assert {(found["document"], found["code"]) for found in result.findings} == {
        ("binary.md", "binary-document"),
        ("blank.md", "empty-document"),
        ("cut.html", "table-unfinished"),
        ("dangling.md", "unreadable-document"),
        ("impossible.html", "port-out-of-range"),
        ("plain.md", "no-table"),
    }
    data, report = load(tmp_path / "rules.json"), load(tmp_path / "report.json")
    assert ports(data["rules"]) == [("udp", 53, 53), ("tcp", 22, 22), ("tcp", 443, 443)]
    assert [rule["port_text"] for rule in data["unresolved"]] == ["70000"]
    assert [one["path"] for one in report["documents"]] == names(docs)
    assert [one["path"] for one in data["documents"]] == names(docs)


# --- pages that hold little or half ----------------------------------------------------------------------------------


def test_empty_pages_are_warnings_and_no_rules(tmp_path: Path) -> None:
    for name, content in (("mark.html", "\ufeff"), ("nothing.md", ""), ("space.md", " \n\n\t\n")):
        (tmp_path / name).write_text(content, "utf-8")
    result = docrules("run", ".", cwd=tmp_path)
    assert result.code == EXIT_CLEAN
    assert [(found["document"], found["code"]) for found in result.findings] == [
        ("mark.html", "empty-document"),
        ("nothing.md", "empty-document"),
        ("space.md", "empty-document"),
    ]
    data = load(tmp_path / "rules.json")
    assert (len(data["documents"]), data["rules"], data["unresolved"]) == (3, [], [])


def test_pages_without_a_table_are_noted_and_give_no_rules(tmp_path: Path) -> None:
    words = {"words.md": "# Title\n\nWords.\n", "comment.html": "<!-- nothing -->", "fence.md": "```\n| Port |\n| --- |\n| 443 |\n```\n"}
    for name, content in words.items():
        (tmp_path / name).write_text(content)
    result = docrules("run", ".", "--report", "report.json", cwd=tmp_path)
    assert result.code == EXIT_CLEAN
    data, report = load(tmp_path / "rules.json"), load(tmp_path / "report.json")
    assert (data["rules"], data["unresolved"]) == ([], [])
    assert [[found["code"] for found in one["findings"]] for one in report["documents"]] == [["no-table"]] * len(words)


def test_notes_are_printed_on_request_only(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Title\n\nWords.\n")
    assert docrules("run", "page.md", cwd=tmp_path).codes == set()
    assert docrules("run", "page.md", "--verbose", cwd=tmp_path).codes == {"no-table"}


@pytest.mark.parametrize("name", ["page.html", "page.md"])
@pytest.mark.parametrize("end", ["", "<tr><td>TCP</td><td>80"], ids=["no end tag", "within a row"])
def test_an_html_table_that_is_cut_off_gives_its_whole_rows_and_a_finding(tmp_path: Path, name: str, end: str) -> None:
    (tmp_path / name).write_text(html(HTTPS_ROW, ("UDP", "53", "A", "DNS"), end=end))
    result = docrules("run", name, cwd=tmp_path)
    assert result.code == EXIT_CLEAN, result.err
    rules = load(tmp_path / "rules.json")["rules"]
    assert ports(rules)[:2] == [("tcp", 443, 443), ("udp", 53, 53)]
    assert [rule["evidence"][0]["line"] for rule in rules[:2]] == [4, 5]
    assert "table-unfinished" in result.codes


TABLE = "<table>\n<tr><th>Protocol</th><th>Port</th><th>Source</th></tr>\n<tr><td>TCP</td><td>443</td><td>A</td></tr>\n</table>\n"
OPEN_TABLE = TABLE.replace("</table>\n", "")
CROOKED = {
    "a-fence-inside-markup.md": "<div>\n```\n</div>\n\n" + TABLE,
    "arrow.md": "a --> b\n\n" + TABLE,
    "backtick.md": "Use ` " + TABLE.replace("\n", ""),
    "code-that-looks-like-a-comment.md": "Write `<!--` before it.\n\n" + TABLE,
    "end-tag-too-many.md": "</table>\n\n" + TABLE + "</table>\n",
    "in-a-list.md": "1. x\n\n   " + TABLE.replace("\n", "\n   "),
    "in-a-quote.md": "> " + TABLE.replace("\n", "\n> "),
    "nested-and-open.md": "<table><tr><td>\n" + TABLE,
    "no-end-tag.md": OPEN_TABLE,
    "no-end-tag-and-more.md": OPEN_TABLE + "\n# More\n\n" + TABLE.replace("443", "80"),
    "one-line.md": TABLE.replace("\n", ""),
    "tags-over-lines.md": TABLE.replace("<tr><td>", "<tr\n  class='row'\n><td\n>"),
}


def test_a_crooked_page_keeps_its_lines_and_never_stops_the_run(tmp_path: Path) -> None:
    for name, text in CROOKED.items():
        (tmp_path / name).write_text(f"# Inbound rules for Web Security Group\n\n{text}")
    result = docrules("run", ".", "--out", "-", cwd=tmp_path)
    assert result.code == EXIT_CLEAN, result.err
    rules = json.loads(result.out)["rules"]
    found: dict[str, set[int]] = {}
    for rule in rules:
        for one in rule["evidence"]:
            found.setdefault(one["document"] + ".md", set()).add(one["line"])
    expected = {}
    for name in CROOKED:
        text = (tmp_path / name).read_text()
        rows = [text.rindex("<tr", 0, match.start()) for match in re.finditer("TCP", text)]
        expected[name] = {text.count("\n", 0, row) + 1 for row in rows}
    assert found == expected


def test_the_shipped_server_page_cut_in_the_middle_keeps_the_rules_before_the_cut(tmp_path: Path, shipped: Shipped) -> None:
    page = tmp_path / PAGES / "server-security-group.md"
    page.parent.mkdir(parents=True)
    data = (DOCS / PAGES / page.name).read_bytes()
    page.write_bytes(data[: data.index(b"Tomcat JK connector")])
    result = docrules("run", page, "--root", tmp_path, "--out", "-", cwd=tmp_path)
    assert result.code == EXIT_CLEAN, result.err
    assert "table-unfinished" in result.codes
    whole = shipped.of("server-security-group")[:9]
    assert [(rule["id"], rule["evidence"]) for rule in json.loads(result.out)["rules"]][:9] == [
        (rule["id"], rule["evidence"]) for rule in whole
    ]


def test_pipe_rows_without_a_delimiter_row_are_reported_with_their_line(tmp_path: Path) -> None:
    lines = pipes(HTTPS_ROW, ("UDP", "53", "A", "DNS")).splitlines(keepends=True)
    (tmp_path / "page.md").write_text("".join(line for line in lines if "---" not in line))
    result = docrules("run", "page.md", cwd=tmp_path)
    assert (result.code, load(tmp_path / "rules.json")["rules"]) == (EXIT_CLEAN, [])
    assert [(found["line"], found["severity"], found["code"]) for found in result.findings] == [("3", "warning", "broken-pipe-table")]


def test_a_pipe_table_that_is_cut_off_gives_its_rows(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(pipes(HTTPS_ROW) + "| UDP | 53")
    assert docrules("run", "page.md", cwd=tmp_path).code == EXIT_CLEAN
    assert ports(load(tmp_path / "rules.json")["rules"]) == [("tcp", 443, 443), ("udp", 53, 53)]


# --- what goes where --------------------------------------------------------------------------------------------------


def test_standard_output_holds_the_json_alone(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(("TCP", "70000", "A", "x"), HTTPS_ROW))
    printed = docrules("run", "page.html", "--out", "-", cwd=tmp_path)
    assert names(tmp_path) == ["page.html"]
    docrules("run", "page.html", "--out", "rules.json", cwd=tmp_path)
    assert printed.out == (tmp_path / "rules.json").read_bytes()
    assert printed.codes == {"port-out-of-range"}
    assert printed.code == EXIT_FINDINGS


def test_the_report_is_written_beside_rules_on_standard_output(page: Path) -> None:
    result = docrules("run", page, "--out", "-", "--report", "report.json", cwd=page.parent)
    assert ports(json.loads(result.out)["rules"]) == [("tcp", 443, 443)]
    assert load(page.parent / "report.json")["summary"]["rules"] == 1


TWO_ROWS = (HTTPS_ROW, ("TCP", "User-defined range", "Monitoring", "=1+1"))


def test_rules_as_lines_are_those_of_the_data_and_say_their_status(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(*TWO_ROWS))
    docrules("run", "page.html", cwd=tmp_path)
    result = docrules("run", "page.html", "--format", "jsonl", "--out", "rules.jsonl", cwd=tmp_path)
    assert result.code == EXIT_CLEAN
    data = load(tmp_path / "rules.json")
    lines = [json.loads(line) for line in (tmp_path / "rules.jsonl").read_text("utf-8").splitlines()]
    assert [line.pop("status") for line in lines] == ["rule", "open"]
    assert lines == [*data["rules"], *data["unresolved"]]


def test_rules_as_rows_are_those_of_the_interface(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(*TWO_ROWS))
    printed = docrules("run", "page.html", "--format", "csv", "--out", "-", cwd=tmp_path)
    assert printed.out.startswith(b"\xef\xbb\xbfstatus,action,")
    rows = list(csv.DictReader(io.StringIO(printed.out.decode("utf-8-sig"), newline="")))
    wanted = extract_paths([tmp_path / "page.html"]).to_dicts()
    assert [row["description"] for row in rows] == ["HTTPS", "'=1+1"]
    for row, same in zip(rows, wanted, strict=True):
        assert list(row) == list(same)
        assert row["from_port"] == ("" if same["from_port"] is None else str(same["from_port"]))
        assert [row[name] for name in ("status", "source", "id")] == [same[name] for name in ("status", "source", "id")]


def test_another_form_of_the_rules_goes_with_a_report_and_names_no_command_that_cannot_read_it(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(*TWO_ROWS))
    options = ("--report", "report.json", "--sarif", "s.sarif", "--markdown", "s.md")
    result = docrules("run", "page.html", "--format", "csv", "--out", "rules.csv", *options, cwd=tmp_path)
    assert result.code == EXIT_CLEAN
    assert "-> rules.csv" in result.err
    assert "next" not in result.err
    assert load(tmp_path / "report.json")["summary"]["unresolved"] == 1
    assert names(tmp_path) == ["page.html", "report.json", "rules.csv", "s.md", "s.sarif"]


def test_another_form_of_the_rules_is_written_anew_when_they_change(page: Path) -> None:
    """What is there is not compared with: only a rules.json says what was published."""
    for row in (HTTPS_ROW, ("UDP", "53", "Resolvers", "DNS")):
        page.write_text(html(row))
        for form in ("jsonl", "csv"):
            assert docrules("run", page.parent, "--format", form, "--out", f"../rules.{form}", "-q", cwd=page.parent) == (
                EXIT_CLEAN,
                b"",
                "",
            )
            text = (page.parent.parent / f"rules.{form}").read_text("utf-8")
            assert row[2] in text
            assert len(text.splitlines()) == (1 if form == "jsonl" else 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("--format csv needs --out FILE", "rules.json")),
        (("--out", "rules.json"), ("rules.json", "docrules diff", "rules.csv")),
        (("--out", "RULES.JSON"), ("RULES.csv",)),
        (("--out", "rules.csv", "--changes", "changes.json"), ("--changes", "--format csv")),
        (("--out", "rules.csv", "--max-shrink", "10"), ("--max-shrink", "--format csv")),
        (("--out", "rules.csv", "--accept-shrink", "less"), ("--accept-shrink", "--format csv")),
    ],
)
def test_another_form_of_the_rules_never_takes_the_place_of_the_data(page: Path, arguments: Sequence[str], words: Sequence[str]) -> None:
    docrules("run", page, cwd=page.parent)
    before = (page.parent / "rules.json").read_bytes()
    assert_refused(docrules("run", page, "--format", "csv", *arguments, cwd=page.parent), *words)
    assert names(page.parent) == ["page.html", "rules.json"]
    assert (page.parent / "rules.json").read_bytes() == before


def test_quiet_prints_errors_only(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(("TCP", "70000", "A", "x"), ("TCP", "User-defined range", "A", "x")))
    loud = docrules("run", "page.html", cwd=tmp_path)
    quiet = docrules("run", "page.html", "--quiet", cwd=tmp_path)
    assert loud.codes == {"port-out-of-range", "port-not-a-number"}
    assert len(quiet.err.splitlines()) == 1
    assert (quiet.code, quiet.codes) == (EXIT_FINDINGS, {"port-out-of-range"})


def test_quiet_is_silent_on_a_clean_page(page: Path) -> None:
    assert docrules("run", page, "-q", cwd=page.parent) == (EXIT_CLEAN, b"", "")


def test_quiet_still_says_why_a_call_is_refused(tmp_path: Path) -> None:
    assert_refused(docrules("run", "nowhere", "--quiet", cwd=tmp_path), "nowhere")


def test_closed_standard_error_does_not_stop_the_run(page: Path) -> None:
    result = docrules_process("run", page, cwd=page.parent, prefix=("sh", "-c", 'exec "$@" 2>&-', "sh"))
    assert result.code == EXIT_CLEAN
    assert ports(load(page.parent / "rules.json")["rules"]) == [("tcp", 443, 443)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_standard_output_that_is_full_is_refused(page: Path) -> None:
    command = ["sh", "-c", 'exec "$0" -m extract run "$1" --out - >/dev/full', sys.executable, str(page)]
    done = subprocess.run(command, cwd=page.parent, capture_output=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (EXIT_USAGE, b"error: standard output cannot be written: No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
def test_standard_output_that_cannot_be_written_leaves_the_files_as_they_were(page: Path, redirection: str) -> None:
    (page.parent / "a.json").write_text("old")
    prefix = ("sh", "-c", f'exec "$@" {redirection}', "sh")
    result = docrules_process("run", page, "--out", "-", "--report", "a.json", "--sarif", "s.sarif", cwd=page.parent, prefix=prefix)
    assert_refused(result, "standard output")
    assert names(page.parent) == ["a.json", "page.html"]
    assert (page.parent / "a.json").read_text() == "old"


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="standard output has no name")
@pytest.mark.parametrize("option", ["--report", "--sarif", "--markdown"])
@pytest.mark.parametrize("redirection", [">both", "| cat >both"])
def test_a_report_never_goes_where_the_rules_go(page: Path, option: str, redirection: str) -> None:
    command = f"'{sys.executable}' -m extract run page.html --out - {option} /dev/stdout {redirection}"
    done = subprocess.run(["sh", "-c", command], cwd=page.parent, capture_output=True, timeout=SECONDS, check=False)
    assert done.stderr.decode() == f"error: {option} names standard output, where the rules go; name a file\n"
    assert (page.parent / "both").read_bytes() == b""


def test_a_report_goes_to_a_standard_output_that_the_rules_do_not_go_to(page: Path) -> None:
    result = docrules_process("run", page, "--report", "/dev/stdout", cwd=page.parent)
    assert json.loads(result.out)["summary"]["rules"] == 1


def test_closed_standard_output_is_refused(page: Path) -> None:
    assert_refused(docrules_process("run", page, "--out", "-", cwd=page.parent, prefix=("sh", "-c", 'exec "$@" >&-', "sh")), "closed")


# Set the title of the window, clear the screen, ring the bell, delete, CSI as one character, turn the text around.
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x08\x7f\x9b31m\u202eevil"


def hostile_folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    row = tuple(f"{word}{HOSTILE}" for word in ("TCP", "User-defined", "Group", "HTTPS"))
    (docs / "cells.html").write_text(html(row, ("T&#155;CP", f"70000{HOSTILE}", "A", "x"), heading=f"Inbound rules for {HOSTILE}"), "utf-8")
    (docs / "\x1b[31m\nname\x9b.html").write_text(html(("TCP", "70000", "A", "x")))
    (docs / "front.md").write_text(f"---\ntitle: [{HOSTILE}\n---\n" + pipes(HTTPS_ROW), "utf-8")
    (docs / "binary\x07.md").write_bytes(BINARY)
    return docs


def test_control_characters_of_a_document_never_reach_the_terminal(tmp_path: Path) -> None:
    hostile_folder(tmp_path)
    result = docrules("run", "docs", "--verbose", cwd=tmp_path)
    assert {"binary-document", "front-matter", "port-out-of-range", "protocol-unknown"} <= result.codes
    assert CONTROL.findall(result.err) == []


def test_control_characters_in_a_refused_call_never_reach_the_terminal(tmp_path: Path) -> None:
    docs = hostile_folder(tmp_path)
    (docs / "\x1b[31m\nname\x9b.md").write_text("clash")
    result = docrules("run", "docs", cwd=tmp_path)
    assert_refused(result, "name")
    assert CONTROL.findall(result.err) == []
    assert len(result.err.splitlines()) == 1


def test_a_terminal_gets_colours_and_no_control_characters_of_the_document(tmp_path: Path) -> None:
    hostile_folder(tmp_path)
    text = on_terminal("run", "docs", "--verbose", cwd=tmp_path, code=EXIT_UNREADABLE, errors=True).decode()
    assert "\x1b[31merror\x1b[0m" in text
    # The program's own sequences are colours and, where the work takes long, those of a progress bar.
    for sequence in ("\x1b]", "\x1b[2J", "\x07", "\x08", "\x7f", "\x9b", "\u202e", "\x1b[31m\nname"):
        assert sequence not in text


# --- help and version -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_the_commands(tmp_path: Path, flag: str) -> None:
    result = docrules(flag, cwd=tmp_path)
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    assert re.search(r"^  run +\S", result.out.decode(), re.MULTILINE)


def test_help_of_run_explains_every_option_and_every_exit_code(tmp_path: Path) -> None:
    text = docrules("run", "--help", cwd=tmp_path).out.decode()
    for option in ("--out FILE", "--report FILE", "--root DIR", "--jobs N", "--quiet", "--verbose", "--help"):
        assert re.search(rf"^  .*{option}\s+\S", text, re.MULTILINE), option
    codes = text.partition("Exit codes:")[2]
    for code in (EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_UNREADABLE, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE):
        assert re.search(rf"^ +{code}  \S", codes, re.MULTILINE), code
    for said in ("`docrules kinds`", ".warc", ".warc.gz"):
        assert said in text


def test_the_examples_of_the_help_run(page: Path) -> None:
    from tests.test_packs import epub, item, pack
    from tests.test_warc import archive, warc

    archive(page.parent, warc(), name="crawl.warc.gz")
    pack(page.parent / "manual.epub", epub(item("page.xhtml"), OEBPS__page_xhtml=page.read_bytes()))
    text = docrules("run", "--help", cwd=page.parent).out.decode()
    examples = re.findall(r"docrules (run .+)", text.partition("Examples:")[2].partition("Options:")[0])
    assert len(examples) == 8
    for example in (one for one in examples if "--watch" not in one):
        arguments = example.partition(" | ")[0].split()
        assert (
            docrules(*arguments, cwd=page.parent.parent if "docs/" in example else page.parent, stdin=page.read_bytes()).code == EXIT_CLEAN
        )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "arguments", [("--help",), ("run", "--help"), ("findings", "-h"), ("explain", "-h"), ("--version",), ("findings",)]
)
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
def test_help_that_cannot_be_written_is_no_defect(tmp_path: Path, arguments: tuple[str, ...], redirection: str) -> None:
    result = docrules_process(*arguments, cwd=tmp_path, prefix=("sh", "-c", f'exec "$@" {redirection}', "sh"))
    assert_refused(result, "standard output")


def test_help_of_findings_says_which_findings_fail_a_run_and_its_own_exit_codes(tmp_path: Path) -> None:
    severities, _, codes = docrules("findings", "--help", cwd=tmp_path).out.decode().partition("Severities:")[2].partition("Exit codes:")
    for word in ("--fail-on", "with 1", "with 3", "with 4"):
        assert word in severities
    for code in (EXIT_CLEAN, EXIT_USAGE, EXIT_INTERNAL):
        assert re.search(rf"^ +{code}  \S", codes, re.MULTILINE), code


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    result = docrules("--version", cwd=tmp_path)
    assert (result.code, result.out.decode().strip()) == (EXIT_CLEAN, f"docrules, version {importlib.metadata.version('docrules')}")


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    result = docrules(cwd=tmp_path)
    assert result.code == EXIT_USAGE
    assert result.err == docrules("--help", cwd=tmp_path).out.decode()


def test_an_interrupt_while_the_program_starts_ends_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow/msgspec.py").write_text("raise KeyboardInterrupt\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path / "slow"), str(REPO))))
    result = docrules_process("run", "docs", cwd=tmp_path)
    assert (result.code, result.err) == (EXIT_INTERRUPTED, "interrupted; nothing was written\n")


# --- pipes and signals ------------------------------------------------------------------------------------------------


def test_a_reader_that_is_gone_causes_no_noise(page: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "extract", "run", str(page), "--out", "-", "--report", "report.json", "--quiet"]
    done = subprocess.run(command, cwd=page.parent, stdout=writer, stderr=subprocess.PIPE, timeout=SECONDS, check=False)
    os.close(writer)
    assert done.stderr.decode() == ""
    assert done.returncode == EXIT_BROKEN_PIPE
    assert names(page.parent) == ["page.html"]


def test_head_takes_what_it_wants(tmp_path: Path) -> None:
    # More than a pipe holds, so that the program is still writing when the reader goes.
    command = f"'{sys.executable}' -m extract run '{DOCS}' --out - --quiet | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, timeout=SECONDS, check=False)
    assert (done.stdout, done.stderr.decode()) == (b"{\n", "")


def interrupted(process: subprocess.Popen[bytes], send: Callable[[], None]) -> int:
    """Press Ctrl-C until the process ends: a signal that comes right before a call that blocks is only seen after that call."""
    for _ in range(SECONDS):
        send()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(1)
    pytest.fail("the process does not end")


def test_ctrl_c_exits_130_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text("old")
    command = [sys.executable, "-m", "extract", "run", "-", "--report", "report.json"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        # More than a pipe holds: once it is gone, the program is reading and will not stop by itself.
        process.stdin.write(b" " * (1 << 20))
        process.stdin.flush()
        assert interrupted(process, lambda: process.send_signal(signal.SIGINT)) == EXIT_INTERRUPTED
        assert process.stdout.read() == b""
        assert process.stderr.read().decode().strip() == "interrupted; nothing was written"
    assert (tmp_path / "rules.json").read_text() == "old"
    assert names(tmp_path) == ["rules.json"]


def open_when_read(fifo: Path, process: subprocess.Popen[bytes]) -> int:
    while process.poll() is None:
        with contextlib.suppress(OSError):
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    pytest.fail("the process ended without reading its documents")


def test_ctrl_c_ends_the_processes_of_jobs_too(tmp_path: Path) -> None:
    documents = [f"page-{number}.html" for number in range(10, 50)]
    held = ("page-10.html", "page-30.html")
    for name in documents:
        (tmp_path / name).write_text(html(HTTPS_ROW))
    for name in held:
        (tmp_path / name).unlink()
        os.mkfifo(tmp_path / name)
    command = [sys.executable, "-m", "extract", "run", *documents, "--jobs", "2"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout and process.stderr
        # Each worker has got to a document that does not end: both are at work, and stay so until the signal.
        writers = [open_when_read(tmp_path / name, process) for name in held]

        def press() -> None:
            os.killpg(process.pid, signal.SIGINT)  # what a terminal does: every process of the group gets it
            while writers:
                os.close(writers.pop())

        assert interrupted(process, press) == EXIT_INTERRUPTED
        # End of file says that no worker holds these pipes any more.
        assert process.stdout.read() == b""
        assert process.stderr.read().decode().strip() == "interrupted; nothing was written"
    assert names(tmp_path) == documents


# Stops the program as Ctrl-C would, at the moment in which it does what the named audit event says (PEP 578).
INTERRUPTED_AT = """
import sys
from extract import pipeline
from extract.cli import main

def hook(event, arguments):
    if event == sys.argv[0] and armed:
        armed.clear()
        raise KeyboardInterrupt

armed = [True]
sys.argv = sys.argv[1:]
sys.addaudithook(hook)
main()
"""


@pytest.mark.parametrize("event", ["tempfile.mkstemp", "os.chmod", "os.rename"])
def test_ctrl_c_while_writing_leaves_whole_files_and_no_others(page: Path, event: str) -> None:
    (page.parent / "rules.json").write_text("old")
    command = [sys.executable, "-c", INTERRUPTED_AT, event, "run", str(page), "--quiet"]
    done = subprocess.run(command, cwd=page.parent, capture_output=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stdout) == (EXIT_INTERRUPTED, b"")
    assert names(page.parent) == ["page.html", "rules.json"]
    assert (page.parent / "rules.json").read_text() == "old"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu", "docs"], "error: no such command 'rnu'; did you mean 'run'?"),
        (["frobnicate"], "error: no such command 'frobnicate'"),
        (["run", "--reprot", "x", "docs"], "error: no such option '--reprot'"),
        (["run"], "error: no PATH is given, and no configuration names paths"),
    ],
)
def test_an_error_of_the_call_is_said_as_all_others_are(arguments: list[str], said: str) -> None:
    done = subprocess.run([sys.executable, "-m", "extract", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert "--help" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("typed", "meant"), [(["help"], ["--help"]), (["help", "run"], ["run", "--help"])])
def test_help_is_a_word_as_well_as_an_option(typed: list[str], meant: list[str]) -> None:
    one, other = (
        subprocess.run([sys.executable, "-m", "extract", *arguments], capture_output=True, text=True, check=True).stdout
        for arguments in (typed, meant)
    )
    assert one == other
