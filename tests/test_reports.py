"""Acceptance: the reports for a pull request and the switch that fails a run, through the command line."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from extract import pipeline as stage
from tests.test_cli import (
    BINARY,
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EXIT_INTERNAL,
    EXIT_UNREADABLE,
    EXIT_USAGE,
    HTTPS_ROW,
    REPO,
    assert_refused,
    docrules,
    html,
    load,
    names,
)

BROKEN_ROW = ("TCP", "70000", "Load Balancer Security Group", "Broken")
OPEN_ROW = ("TCP", "User-defined range", "Load Balancer Security Group", "FTP")
NOTED_ROW = ("TCP", "443", "Load Balancer Security Group", "HTTP overÂ\u00a0TLS")


def write(path: Path, *rows: tuple[str, ...]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html(*rows), "utf-8")
    return path


def uris(path: Path) -> list[str]:
    results: list[dict[str, Any]] = load(path)["runs"][0]["results"]
    return [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]


# --- the files --------------------------------------------------------------------------------------------------------


def test_all_files_of_a_run_are_written_together(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "page.html", HTTPS_ROW, OPEN_ROW)
    options = ("--out", "r.json", "--report", "a.json", "--sarif", "s.sarif", "--markdown", "m.md")
    assert docrules("run", "docs", *options, cwd=tmp_path).code == EXIT_CLEAN
    assert names(tmp_path) == ["a.json", "docs", "m.md", "r.json", "s.sarif"]
    assert [result["ruleId"] for result in load(tmp_path / "s.sarif")["runs"][0]["results"]] == ["port-not-a-number"]
    assert (tmp_path / "m.md").read_text("utf-8").startswith("## docrules\n")


def test_reports_do_not_change_the_rules(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "page.html", HTTPS_ROW, OPEN_ROW)
    docrules("run", "docs", "--out", "plain.json", cwd=tmp_path)
    docrules("run", "docs", "--out", "r.json", "--sarif", "s.sarif", "--markdown", "m.md", "--fail-on", "note", cwd=tmp_path)
    assert (tmp_path / "plain.json").read_bytes() == (tmp_path / "r.json").read_bytes()


def test_reports_are_written_beside_rules_on_standard_output(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    result = docrules("run", page, "--out", "-", "--sarif", "s.sarif", "--markdown", "m.md", cwd=tmp_path)
    assert len(json.loads(result.out)["rules"]) == 1
    assert names(tmp_path) == ["m.md", "page.html", "s.sarif"]


def test_the_same_documents_give_the_same_reports_whatever_the_jobs(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / "docs" / f"{number}.html", OPEN_ROW, BROKEN_ROW, NOTED_ROW)
    for jobs in ("1", "2"):
        docrules("run", "docs", "--jobs", jobs, "--sarif", f"{jobs}.sarif", "--markdown", f"{jobs}.txt", cwd=tmp_path)
    assert (tmp_path / "1.sarif").read_bytes() == (tmp_path / "2.sarif").read_bytes()
    assert (tmp_path / "1.txt").read_bytes() == (tmp_path / "2.txt").read_bytes()


@pytest.mark.parametrize("option", ["--sarif", "--markdown"])
def test_a_report_does_not_go_to_standard_output(tmp_path: Path, option: str) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    assert_refused(docrules("run", page, option, "-", cwd=tmp_path), option)


@pytest.mark.parametrize(
    ("one", "other"),
    [("--out", "--sarif"), ("--report", "--sarif"), ("--out", "--markdown"), ("--report", "--markdown"), ("--sarif", "--markdown")],
)
def test_one_file_for_two_outputs_is_refused(tmp_path: Path, one: str, other: str) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    assert_refused(docrules("run", page, one, "same", other, "./same", cwd=tmp_path), one, other, "same file")
    assert names(tmp_path) == ["page.html"]


@pytest.mark.parametrize("option", ["--sarif", "--markdown"])
def test_a_report_never_overwrites_a_document(tmp_path: Path, option: str) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    before = page.read_bytes()
    assert_refused(docrules("run", page, option, page, cwd=tmp_path), "page.html")
    assert page.read_bytes() == before
    assert names(tmp_path) == ["page.html"]


@pytest.mark.parametrize("option", ["--sarif", "--markdown"])
def test_a_report_in_a_missing_folder_is_refused_before_anything_is_written(tmp_path: Path, option: str) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    assert_refused(docrules("run", page, option, "missing/file", cwd=tmp_path), "does not exist")
    assert names(tmp_path) == ["page.html"]


@pytest.mark.parametrize("out", ["rules.json", "-"])
def test_when_nothing_can_be_read_the_reports_say_so_and_there_is_no_data(tmp_path: Path, out: str) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    reports = ("--sarif", "s.sarif", "--markdown", "m.md", "--fail-on", "never")
    assert docrules("run", "page.html", "--out", "-", *reports, cwd=tmp_path).code == EXIT_CLEAN
    page.write_bytes(BINARY)
    result = docrules("run", "page.html", "--out", out, "--report", "report.json", *reports, cwd=tmp_path)
    assert (result.code, result.out) == (EXIT_UNREADABLE, b"")
    assert names(tmp_path) == ["m.md", "page.html", "s.sarif"]
    [run] = load(tmp_path / "s.sarif")["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["binary-document"]
    assert run["invocations"] == [{"executionSuccessful": False}]
    assert "binary-document" in (tmp_path / "m.md").read_text("utf-8")


# --- outputs among the input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["docs/x/s.md", "docs/S.HTML", "./docs/../docs/x/s.markdown", "linked/s.mdx"])
@pytest.mark.parametrize("option", ["--markdown", "--out", "--sarif", "--report"])
def test_an_output_that_the_next_run_would_read_is_refused_by_the_first_one(tmp_path: Path, option: str, name: str) -> None:
    write(tmp_path / "docs" / "x" / "page.html", HTTPS_ROW)
    (tmp_path / "linked").symlink_to("docs/x")
    assert_refused(docrules("run", "docs", option, name, cwd=tmp_path), "documents", "elsewhere")
    assert names(tmp_path) == ["docs", "linked"]
    assert names(tmp_path / "docs") == ["x"]
    assert names(tmp_path / "docs" / "x") == ["page.html"]


@pytest.mark.parametrize("name", ["docs/s.txt", "docs/.s.md", "docs/.reports/s.md", "docs-of-others/s.md", "s.md"])
def test_an_output_that_no_run_takes_for_a_document_is_written(tmp_path: Path, name: str) -> None:
    write(tmp_path / "docs" / "page.html", HTTPS_ROW)
    (tmp_path / "docs" / ".reports").mkdir()
    (tmp_path / "docs-of-others").mkdir()
    for _ in range(2):
        assert docrules("run", "docs", "--markdown", name, cwd=tmp_path).code == EXIT_CLEAN
    assert (tmp_path / name).read_text("utf-8").startswith("## docrules\n\n1 document,")


def test_a_report_beside_a_page_that_is_named_is_written(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    assert docrules("run", page, "--markdown", "page.md", cwd=tmp_path).code == EXIT_CLEAN


@pytest.mark.parametrize("given", [("docs",), ("docs", "--patches", "./patches")])
def test_an_output_that_the_next_run_would_take_for_patches_is_refused(tmp_path: Path, given: tuple[str, ...]) -> None:
    write(tmp_path / "docs" / "page.html", HTTPS_ROW)
    (tmp_path / "patches" / "acme").mkdir(parents=True)
    assert_refused(docrules("run", *given, "--sarif", "patches/acme/gate.toml", cwd=tmp_path), "patches", "elsewhere")
    assert names(tmp_path / "patches" / "acme") == []
    assert docrules("run", *given, "--sarif", "patches/acme/gate.sarif", cwd=tmp_path).code == EXIT_CLEAN


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [False, True], ids=["checkout", "linked worktree"])
def test_places_are_relative_to_the_checkout_of_the_current_folder(tmp_path: Path, linked: bool) -> None:
    repository = tmp_path / "repository"
    write(repository / "web site" / "docs" / "acme" / "page.html", OPEN_ROW)
    if linked:
        (repository / ".git").write_text("gitdir: elsewhere\n")
    else:
        (repository / ".git").mkdir()
    (repository / "tools").mkdir()
    docrules("run", "../web site/docs", "--sarif", "s.sarif", "--markdown", "m.md", cwd=repository / "tools")
    assert uris(repository / "tools" / "s.sarif") == ["web%20site/docs/acme/page.html"]
    assert "`web site/docs/acme/page.html:4`" in (repository / "tools" / "m.md").read_text("utf-8")


def test_without_a_checkout_places_are_relative_to_the_current_folder(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "acme" / "page.html", OPEN_ROW)
    docrules("run", "docs/acme", "--sarif", "s.sarif", cwd=tmp_path)
    assert uris(tmp_path / "s.sarif") == ["docs/acme/page.html"]


def test_documents_outside_of_the_checkout_and_standard_input_do_not_look_like_files_of_it(tmp_path: Path) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    write(tmp_path / "docs" / "acme" / "page.html", OPEN_ROW)
    stdin = html(OPEN_ROW, heading="Inbound rules for Other Security Group").encode()
    write(tmp_path / "repository" / "acme" / "page.html", HTTPS_ROW)
    docrules("run", "../docs", "-", "--sarif", "s.sarif", "--markdown", "m.md", cwd=tmp_path / "repository", stdin=stdin)
    assert uris(tmp_path / "repository" / "s.sarif") == []
    [notification] = load(tmp_path / "repository" / "s.sarif")["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert "2 warnings (acme/page.html, stdin)" in notification["message"]["text"]
    shown = (tmp_path / "repository" / "m.md").read_text("utf-8")
    assert "| `acme/page.html:4`, outside of the repository |" in shown
    assert "| `stdin:4`, outside of the repository |" in shown


def test_fingerprints_do_not_depend_on_the_folder_that_is_given(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "acme" / "gate" / "1.0" / "page.html", OPEN_ROW, BROKEN_ROW, NOTED_ROW)
    found = []
    for given in ("docs", "docs/acme/gate", "docs/acme/gate/1.0/page.html"):
        docrules("run", given, "--sarif", "s.sarif", cwd=tmp_path)
        found.append([result["partialFingerprints"] for result in load(tmp_path / "s.sarif")["runs"][0]["results"]])
    assert len(found[0]) == 3
    assert found[0] == found[1] == found[2]


def test_a_link_is_named_by_the_file_that_it_leads_to(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "5.5" / "page.html", OPEN_ROW)
    (tmp_path / "docs" / "latest.html").symlink_to("5.5/page.html")
    docrules("run", "docs/latest.html", "--sarif", "s.sarif", cwd=tmp_path)
    assert uris(tmp_path / "s.sarif") == ["docs/5.5/page.html"]


def test_a_name_that_is_no_utf_8_is_a_place_too(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "caf\udce9 <b>\x1b[31m.html", OPEN_ROW)
    assert docrules("run", "docs", "--sarif", "s.sarif", "--markdown", "m.md", cwd=tmp_path).code == EXIT_CLEAN
    assert uris(tmp_path / "s.sarif") == ["docs/caf%E9%20%3Cb%3E%1B%5B31m.html"]
    assert "`docs/caf· <b>·[31m.html:4`" in (tmp_path / "m.md").read_text("utf-8")


def test_no_report_holds_the_folder_that_it_was_made_in(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "page.html", OPEN_ROW, BROKEN_ROW)
    docrules("run", tmp_path / "docs", "--sarif", tmp_path / "s.sarif", "--markdown", tmp_path / "m.md", cwd=tmp_path)
    assert str(tmp_path) not in (tmp_path / "s.sarif").read_text("utf-8") + (tmp_path / "m.md").read_text("utf-8")


# --- the exit code ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "failing"),
    [
        (HTTPS_ROW, set()),
        (NOTED_ROW, {"note"}),
        (OPEN_ROW, {"note", "warning", "unresolved"}),
        (BROKEN_ROW, {"note", "warning", "unresolved", "error"}),
    ],
    ids=["clean", "note", "warning", "error"],
)
@pytest.mark.parametrize("choice", ["error", "warning", "note", "unresolved", "never"])
def test_the_run_fails_on_what_was_chosen(tmp_path: Path, row: tuple[str, ...], failing: set[str], choice: str) -> None:
    page = write(tmp_path / "page.html", row)
    result = docrules("run", page, "--fail-on", choice, cwd=tmp_path)
    assert result.code == (EXIT_FINDINGS if choice in failing else EXIT_CLEAN)
    assert (tmp_path / "rules.json").exists()


def test_a_warning_without_an_open_rule_does_not_fail_a_run_on_unresolved(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(html(HTTPS_ROW, end="</table>\n<table><tr><td>cut off</td></tr>\n"))
    result = docrules("run", page, "--fail-on", "unresolved", cwd=tmp_path)
    assert result.codes == {"table-unfinished"}
    assert result.code == EXIT_CLEAN


def test_errors_fail_a_run_unless_another_choice_is_made(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", BROKEN_ROW)
    assert docrules("run", page, cwd=tmp_path).code == EXIT_FINDINGS


@pytest.mark.parametrize("choice", ["never", "note"])
def test_what_cannot_be_read_exits_3_whatever_was_chosen(tmp_path: Path, choice: str) -> None:
    write(tmp_path / "docs" / "page.html", OPEN_ROW)
    (tmp_path / "docs" / "gone.html").symlink_to("nowhere.html")
    result = docrules("run", "docs", "--fail-on", choice, "--sarif", "s.sarif", cwd=tmp_path)
    assert result.code == EXIT_UNREADABLE
    assert uris(tmp_path / "s.sarif") == ["docs/gone.html", "docs/page.html"]


@pytest.mark.parametrize("choice", ["never", "note"])
def test_a_defect_exits_4_whatever_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choice: str) -> None:
    def defective(page: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage, "read_tables", defective)
    page = write(tmp_path / "page.html", HTTPS_ROW)
    assert docrules("run", page, "--fail-on", choice, cwd=tmp_path).code == EXIT_INTERNAL


def test_an_unknown_choice_is_refused(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", HTTPS_ROW)
    result = docrules("run", page, "--fail-on", "always", cwd=tmp_path)
    assert result.code == EXIT_USAGE
    assert "unresolved" in result.err
    assert names(tmp_path) == ["page.html"]


def test_the_help_explains_the_reports_and_every_choice(tmp_path: Path) -> None:
    text = docrules("run", "--help", cwd=tmp_path).out.decode()
    for word in ("--sarif FILE", "--markdown FILE", "--fail-on WHAT", "error", "warning", "note", "unresolved", "never"):
        assert word in text
    assert "--fail-on" in text.partition("Exit codes:")[2]


# --- make -------------------------------------------------------------------------------------------------------------


def made(*variables: str) -> list[str]:
    """Return the arguments that `make extract` calls the program with."""
    done = subprocess.run(
        ["make", "-n", "extract", *variables],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    return shlex.split(done.stdout[done.stdout.index("-m extract run") :])


def test_make_hands_the_reports_and_the_choice_on_whatever_is_in_their_names() -> None:
    arguments = made("SARIF=it's a $$HOME.sarif", "MARKDOWN=a b.md", "FAIL_ON=unresolved")
    for option, value in (("--sarif", "it's a $HOME.sarif"), ("--markdown", "a b.md"), ("--fail-on", "unresolved")):
        assert arguments[arguments.index(option) + 1] == value


def test_make_writes_no_report_that_nobody_asked_for() -> None:
    assert not {"--sarif", "--markdown", "--fail-on"} & set(made())


# Prints the arguments in place of the program.
ECHO = "#!/bin/sh\nfor argument; do printf '%s\\n' \"$argument\"; done\n"


@pytest.mark.parametrize(
    ("out", "report"),
    [
        ("data/rules.json", "data/report.json"),
        ("x.json", "x.report.json"),
        ("x.txt", "x.report.json"),
        ("some.d/a b.tar.json", "some.d/a b.tar.report.json"),
        ("some.d/x", "some.d/x.report.json"),
        ("some.d/.hidden", "some.d/.hidden.report.json"),
        ("-", None),
    ],
)
def test_make_writes_the_report_where_explain_looks_for_it(tmp_path: Path, out: str, report: str | None) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text(ECHO)
    (tmp_path / "bin" / "python").chmod(0o755)
    (tmp_path / ".runtime").touch()
    command = ["make", "-s", "-o", f"{tmp_path}/.runtime", "extract", f"VENV={tmp_path}", f"OUT={out}"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=60, check=True, env={"PATH": "/usr/bin:/bin"})
    arguments = done.stdout.splitlines()
    assert arguments[:4] == ["-m", "extract", "run", "data/docs"]
    assert arguments[arguments.index("--out") + 1] == out
    assert ("--report" in arguments) is (report is not None)
    if report is not None:
        assert arguments[arguments.index("--report") + 1] == report
        assert Path(report).name in {"report.json", f"{Path(out).stem}.report.json"}
