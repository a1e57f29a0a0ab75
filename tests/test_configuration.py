"""The configuration: where it is looked for, what it changes, what the command line leaves of it, and what is wrong with one."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import extract_paths, schema
from extract.catalogue import catalogue
from extract.cli import configuration, configured, exits, formats, run
from extract.cli.commands import cli
from extract.errors import UsageError
from tests.test_cli import EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, Result, docrules, load

PAGE = "# Inbound rules for Web Security Group\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n"
CLEAN, WORDS = f"{PAGE}| TCP | 443 | Clients |\n", f"{PAGE}| TCP | User-defined | Clients |\n"
LOST = "| TCP | 443 | a | b\n| --- | --- | --- |\n"
BASE = 'paths = ["docs"]\nout = "data/rules.json"\nreport = "data/report.json"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with two releases of a product, one of which leaves a row open."""
    for release, page in (("1.0", CLEAN), ("2.0", WORDS)):
        folder = tmp_path / "docs" / "acme" / "gate" / release
        folder.mkdir(parents=True)
        (folder / "ports.md").write_text(page, "utf-8")
    for name in (".git", "data", "sub/deep"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def write(folder: Path, text: str, name: str = "docrules.toml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def told(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what `docrules config` says."""
    done = docrules("config", "--json", *arguments, cwd=folder)
    assert done.code == EXIT_CLEAN, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def severities(done: Result) -> set[tuple[str | None, str | None]]:
    return {(found["severity"], found["code"]) for found in done.findings}


# --- what it changes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [".", "sub", "sub/deep"])
def test_a_run_takes_its_paths_from_the_configuration_wherever_in_the_project_it_is_called(project: Path, folder: str) -> None:
    write(project, BASE)
    assert docrules("run", cwd=project / folder).code == EXIT_CLEAN
    assert load(project / "data/rules.json")["documents"][0]["path"] == "acme/gate/1.0/ports.md"
    assert load(project / "data/report.json")["summary"]["findings"]["warning"] == 1


def test_the_configuration_gives_the_same_bytes_as_the_options(project: Path) -> None:
    write(project, BASE)
    docrules("run", cwd=project / "sub")
    docrules("run", "docs", "--no-config", "--out", "rules.json", "--report", "report.json", cwd=project)
    for name in ("rules.json", "report.json"):
        assert (project / name).read_bytes() == (project / "data" / name).read_bytes()


def test_a_table_of_pyproject_is_a_configuration(project: Path) -> None:
    write(project, "[project]\nname = 'x'\n\n[tool.docrules]\n" + BASE, "pyproject.toml")
    assert docrules("run", cwd=project).code == EXIT_CLEAN
    assert told(project)["values"]["out"] == {"value": "data/rules.json", "from": "pyproject.toml:6"}


@pytest.mark.parametrize("fails", ["error", "warning", "note", "unresolved", "never"])
def test_what_fails_a_run_is_configured(project: Path, fails: str) -> None:
    write(project, f'{BASE}fail-on = "{fails}"\n')
    by_option = docrules("run", "docs", "--no-config", "--out", "r.json", "--fail-on", fails, cwd=project).code
    assert docrules("run", cwd=project).code == by_option


def test_commands_that_read_a_run_take_its_files(project: Path) -> None:
    write(project, BASE.replace("data/", "data/own-"))
    docrules("run", cwd=project)
    deep = project / "sub" / "deep"
    shown = docrules("explain", "acme/gate/2.0/ports:1:1", cwd=deep)
    assert shown.code == EXIT_CLEAN and b"../../data/own-rules.json and ../../data/own-report.json" in shown.out
    assert "User-defined" in shown.out.decode(), "the source was found too"
    assert b'id = "' in docrules("patch", "port-not-a-number", "acme/gate/2.0/ports", cwd=deep).out
    assert docrules("diff", "1.0", "2.0", cwd=deep).code == EXIT_CLEAN
    assert b"Clients" in docrules("graph", "--format", "mermaid", "--scope", "acme/gate/1.0", cwd=deep).out
    assert b"Clients" in docrules("bindings", "--scope", "acme/gate/1.0", cwd=deep).out
    assert b"443" in docrules("export", "csv", "--scope", "acme/gate/1.0", "--out", "-", cwd=deep).out
    assert docrules("report", cwd=deep).code == EXIT_CLEAN and (project / "data/report.html").is_file()


def test_the_commands_that_a_run_names_work_as_they_stand(project: Path) -> None:
    write(project, BASE.replace("data/", "data/own-"))
    named = [line.strip().partition("   ")[0] for line in docrules("run", cwd=project).err.splitlines() if line.startswith("  docrules ")]
    assert named == ["docrules patch port-not-a-number acme/gate/2.0/ports.md:1"]
    assert docrules(*named[0].split()[1:], cwd=project).code == EXIT_CLEAN
    other = docrules("run", "docs", "--out", "rules.json", "--report", "report.json", cwd=project).err
    assert "patch port-not-a-number acme/gate/2.0/ports.md:1 --rules rules.json   (" in other
    assert docrules("patch", "port-not-a-number", "acme/gate/2.0/ports.md:1", "--rules", "rules.json", cwd=project).code == EXIT_CLEAN


@pytest.mark.parametrize(
    "how", [("--config", "named.toml"), ("docs", "--no-config", "--report", "data/mine.json", "--out", "data/rules.json")]
)
def test_they_name_the_rules_where_the_next_call_may_take_others(project: Path, how: tuple[str, ...]) -> None:
    write(project, BASE.replace("data/", "data/own-"))
    write(project, BASE.replace("report.json", "mine.json"), "named.toml")
    named = [
        line.strip().partition("   ")[0] for line in docrules("run", *how, cwd=project).err.splitlines() if line.startswith("  docrules ")
    ]
    assert named == ["docrules patch port-not-a-number acme/gate/2.0/ports.md:1 --rules data/rules.json --report data/mine.json"]
    assert docrules(*named[0].split()[1:], cwd=project).code == EXIT_CLEAN


def test_the_python_api_reads_no_configuration(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, f'{BASE}[findings.overrides]\nport-not-a-number = "error"\n')
    monkeypatch.chdir(project)
    assert extract_paths("docs").summary.findings == {"error": 0, "warning": 1, "note": 0}
    assert docrules("run", cwd=project).code == EXIT_FINDINGS


# --- the command line comes first ---------------------------------------------------------------------------------------

EVERY = {
    "paths": (["docs"], ["docs/acme"]),
    "out": ("data/rules.json", "other.json"),
    "format": ("json", "csv"),
    "report": ("data/report.json", "other.report.json"),
    "sarif": ("data/x.sarif", "other.sarif"),
    "markdown": ("data/x.md", "other.md"),
    "changes": ("data/changes.json", "other.changes.json"),
    "root": ("docs", "docs/acme"),
    "patches": ("data", "sub"),
    "max-shrink": (5, 7),
    "fail-on": ("warning", "never"),
    "only-rules": (True, False),
}


def test_every_key_is_a_key_of_the_schema_and_an_option_of_a_run() -> None:
    fields = schema.load("config")["properties"]
    assert set(EVERY) == set(configured.RUN.values()) == set(fields) - {"findings"}
    options = {parameter.name: parameter for parameter in run.command.params}
    assert set(configured.RUN) <= set(options)
    assert fields["fail-on"]["enum"] == list(exits.FAILING)
    assert fields["format"]["enum"] == list(formats.FORMATS)
    assert {key for key, field in fields.items() if field.get("$ref") == "#/$defs/path"} == set(configuration.PATHS)
    for name, key in configured.RUN.items():
        said = options[name].opts[0] if isinstance(options[name], click.Option) else None
        assert said in (f"--{key}", None)


def test_the_parameters_of_readers_are_there() -> None:
    context = click.Context(cli)
    for name, parameters in configured.READERS.items():
        command = cli.get_command(context, name)
        assert command is not None and set(parameters) <= {parameter.name for parameter in command.params}


def test_each_value_says_where_it_comes_from(project: Path) -> None:
    keys = {key: mine for key, (mine, _) in EVERY.items()}
    write(project, "".join(f"\n{key} = {json.dumps(value)}\n" for key, value in keys.items()))
    found = told(project)["values"]
    assert found == {key: {"value": value, "from": f"docrules.toml:{2 * number}"} for number, (key, value) in enumerate(keys.items(), 1)}


@pytest.mark.parametrize("key", EVERY)
def test_an_option_comes_before_its_key(project: Path, key: str) -> None:
    mine, other = EVERY[key]
    write(project, f"{key} = {json.dumps(mine)}\n")
    named = {"paths": ["docs/acme"], "only-rules": ["--all"]}
    arguments = named.get(key, [f"--{key}", str(other)])
    assert told(project, *arguments)["values"][key] == {"value": other, "from": "command line"}
    assert told(project, "--no-config")["values"][key]["from"] == "default"
    assert told(project)["values"][key] == {"value": mine, "from": "docrules.toml:1"}


def test_what_the_configuration_writes_is_taken_together_or_not_at_all(project: Path) -> None:
    """Else the report of one page would take the place of that of the project."""
    write(project, f'{BASE}sarif = "data/x.sarif"\nmarkdown = "data/x.md"\nchanges = "data/changes.json"\n')
    assert docrules("run", "--out", "-", cwd=project).code == EXIT_CLEAN
    assert docrules("run", "--out", "other.json", cwd=project).code == EXIT_CLEAN
    assert docrules("run", "--out", "other.csv", "--format", "csv", cwd=project).code == EXIT_CLEAN
    assert list((project / "data").iterdir()) == []
    refused = docrules("run", "docs/acme/gate/1.0", cwd=project)
    assert (refused.code, list((project / "data").iterdir())) == (EXIT_USAGE, [])
    assert "docrules.toml:2: out is where the rules of docs go; name --out for other paths" in refused.err
    assert docrules("run", "docs/acme/gate/1.0", "--out", "one.json", cwd=project).code == EXIT_CLEAN
    assert list((project / "data").iterdir()) == []
    assert docrules("run", "docs/", cwd=project).code == EXIT_CLEAN, "the same paths, in other words"
    assert len(list((project / "data").iterdir())) == 5


def test_rules_that_are_named_are_those_of_another_run(project: Path) -> None:
    write(project, BASE)
    docrules("run", cwd=project)
    docrules("run", "docs", "--out", "other.json", "--report", "other.report.json", cwd=project)
    shown = docrules("explain", "acme/gate/2.0/ports:1", "--rules", "other.json", cwd=project)
    assert b"read from other.json and other.report.json" in shown.out


def test_patches_of_the_configuration_do_not_hinder_a_run_without_any(project: Path) -> None:
    write(project, f'{BASE}patches = "sub"\n')
    assert docrules("run", "--raw", cwd=project).code == EXIT_CLEAN


def test_a_form_of_the_configuration_is_one_for_its_own_file(project: Path) -> None:
    write(project, 'paths = ["docs"]\nformat = "csv"\nout = "data/rules.csv"\n')
    assert docrules("run", cwd=project).code == EXIT_CLEAN
    assert (project / "data/rules.csv").read_bytes().count(b"\n") == 3
    assert docrules("run", "--out", "rules.json", cwd=project).code == EXIT_CLEAN
    assert load(project / "rules.json")["rules"]
    assert docrules("graph", cwd=project).code == EXIT_CLEAN, "what is no rules.json is not read as one"


def test_partitions_go_into_a_folder_of_the_configuration(project: Path) -> None:
    write(project, 'paths = ["docs"]\nformat = "jsonl"\nout = "data/rules/"\n[findings.overrides]\nport-not-a-number = "error"\n')
    assert docrules("run", cwd=project / "sub").code == EXIT_FINDINGS
    assert (project / "data/rules/_manifest.json").is_file()
    again = docrules("run", cwd=project)
    assert (again.code, "0 written" in again.err, "findings: 1 error" in again.err) == (EXIT_FINDINGS, True, True)
    write(project, 'paths = ["docs"]\nformat = "jsonl"\nout = "data/rules/"\n')
    assert docrules("run", cwd=project).code == EXIT_CLEAN, "other severities, so what is there is read again"


@pytest.mark.parametrize("key", ["out", "report", "patches", "root"])
def test_a_path_that_no_system_takes_is_a_usage_error(project: Path, key: str) -> None:
    write(project, f'paths = ["docs"]\n{key} = "{"x" * 5_000}"\n')
    assert docrules("run", cwd=project).code == EXIT_USAGE
    write(project, f'paths = ["{"x" * 5_000}"]\n')
    assert docrules("run", cwd=project).code == EXIT_USAGE


def test_a_run_without_paths_says_what_is_missing(project: Path) -> None:
    refused = docrules("run", cwd=project)
    assert (refused.code, refused.err.splitlines()[0]) == (EXIT_USAGE, "error: no PATH is given, and no configuration names paths")


# --- where it is looked for ---------------------------------------------------------------------------------------------


def test_the_nearest_folder_counts_and_no_folder_above_the_repository(project: Path) -> None:
    write(project, 'fail-on = "warning"\n')
    assert told(project / "sub/deep")["values"]["fail-on"] == {"value": "warning", "from": "../../docrules.toml:1"}
    write(project / "sub", 'fail-on = "never"\n')
    assert told(project / "sub/deep")["values"]["fail-on"]["value"] == "never"
    (project / "sub/deep/.git").write_text("gitdir: elsewhere\n")
    assert told(project / "sub/deep")["file"] is None
    assert docrules("config", cwd=project / "sub/deep").out.startswith(b"no configuration: neither docrules.toml nor [tool.docrules] of")


def test_what_lies_among_documents_is_never_a_configuration(project: Path) -> None:
    write(project / "docs", f'out = "{project}/stolen.json"\n')
    assert docrules("run", "docs", "--out", "mine.json", cwd=project).code == EXIT_CLEAN
    for folder, path in ((project / "docs", "."), (project / "docs/acme", "../../docs"), (project / "docs/acme", "..")):
        refused = docrules("run", path, cwd=folder)
        assert refused.code == EXIT_USAGE and "lies among the documents that are read" in refused.err
    write(project / "docs", f'paths = ["."]\nout = "{project}/stolen.json"\n')
    assert docrules("run", cwd=project / "docs").code == EXIT_USAGE
    assert not (project / "stolen.json").exists()
    assert docrules("run", "--config", "docrules.toml", cwd=project / "docs").code == EXIT_CLEAN, "whoever names it trusts it"


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("run", "docs", "--out", "r.json", "--report"), "pyproject.toml"),
        (("run", "docs", "--out", "r.json", "--sarif"), "docrules.toml"),
        (("run", "docs", "--format", "csv", "--out"), "docrules.toml"),
        (("run", "docs", "--out", "r.json", "--report"), "link.json"),
        (("run", "docs", "--config", "other.toml", "--report"), "other.toml"),
        (("run", "docs", "--out", "r.json", "--report"), "docs/sources.toml"),
        (("graph", "old.json", "--format", "dot", "--out"), "docrules.toml"),
        (("report", "old.json", "--html"), "pyproject.toml"),
    ],
)
def test_no_output_takes_the_place_of_what_says_how_to_run(project: Path, command: tuple[str, ...], name: str) -> None:
    """Not even of one that is not there yet: the next run would read it."""
    kept = {file: write(project, text, file) for file, text in (("other.toml", ""), ("docrules.toml", ""), ("pyproject.toml", "a = 1\n"))}
    (project / "link.json").symlink_to("docrules.toml")
    assert docrules("run", "docs", "--out", "old.json", "--report", "old.report.json", cwd=project).code == EXIT_CLEAN
    before = {file: path.read_bytes() for file, path in kept.items()}
    refused = docrules(*command, name, cwd=project)
    assert (refused.code, "name another file" in refused.err) == (EXIT_USAGE, True)
    assert {file: path.read_bytes() for file, path in kept.items()} == before
    assert not (project / "docs/sources.toml").exists()


@pytest.mark.parametrize("key", ["out", "report", "sarif", "markdown", "changes"])
def test_what_nobody_has_named_writes_in_its_own_folder_alone(project: Path, key: str) -> None:
    """As one that came in an archive with the pages, where somebody reads one of them."""
    kept = project / "kept.txt"
    kept.write_text("kept\n")
    (project / "docs/data").symlink_to(project)
    for path in ("../kept.txt", str(kept), "data/kept.txt"):
        write(project / "docs", f'{key} = "{path}"\n')
        refused = docrules("run", "acme/gate/2.0/ports.md", cwd=project / "docs")
        assert (refused.code, f"docrules.toml:1: {key} lies outside of the folder" in refused.err) == (EXIT_USAGE, True)
    assert kept.read_text() == "kept\n"
    assert docrules("run", "acme/gate/2.0/ports.md", "--out", "r.json", cwd=project / "docs").code == EXIT_CLEAN, "it is not taken"
    if key != "changes":
        kept.unlink()
        named = docrules("run", "acme/gate/2.0/ports.md", "--config", "docrules.toml", cwd=project / "docs")
        assert (named.code, kept.is_file()) == (EXIT_CLEAN, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="a file is given away by root alone")
def test_what_somebody_else_has_put_above_is_not_taken_unasked(project: Path) -> None:
    file = write(project, BASE)
    os.chown(file, 12345, 12345)
    refused = docrules("run", cwd=project / "sub")
    assert (refused.code, "../docrules.toml: belongs to another user" in refused.err) == (EXIT_USAGE, True)
    assert docrules("run", "--config", "../docrules.toml", cwd=project / "sub").code == EXIT_CLEAN
    os.chown(project / "sub", 12345, 12345)
    assert docrules("run", cwd=project / "sub").code == EXIT_CLEAN, "a folder of theirs, as a mounted checkout is"


def test_a_link_is_followed_and_its_paths_start_where_it_lies(project: Path) -> None:
    write(project / "sub", BASE, "shared.toml")
    (project / "docrules.toml").symlink_to("sub/shared.toml")
    assert docrules("run", cwd=project).code == EXIT_CLEAN
    assert (project / "data/rules.json").is_file()


@pytest.mark.parametrize("data", [b"[tool.ruff\n", b"a = '\xfc'\n", b"#" * 1_000_001], ids=["no TOML", "no UTF-8", "large"])
def test_a_pyproject_of_others_is_not_looked_at(project: Path, data: bytes) -> None:
    (project / "pyproject.toml").write_bytes(data)
    assert told(project)["file"] is None
    write(project, "# docrules\n[tool.ruff]\n", "pyproject.toml")
    assert told(project)["file"] is None


def test_a_removed_working_folder_has_no_configuration(project: Path) -> None:
    gone = project / "gone"
    gone.mkdir()
    before = Path.cwd()
    os.chdir(gone)
    try:
        gone.rmdir()
        assert configuration.search() == configuration.Configuration()
    finally:
        os.chdir(before)


UNUSABLE = {
    "a link that leads nowhere": (lambda file: file.symlink_to("nowhere"), "docrules.toml: cannot be read: No such file or directory"),
    "a link to itself": (lambda file: file.symlink_to(file.name), "docrules.toml: cannot be read: Too many levels of symbolic links"),
    "a folder": (lambda file: file.mkdir(), "docrules.toml: is no file"),
    "a pipe": (os.mkfifo, "docrules.toml: is no file"),
    "no UTF-8": (lambda file: file.write_bytes(b"out = '\xff'"), "docrules.toml: cannot be read: it is not UTF-8"),
    "a huge file": (lambda file: file.write_bytes(b"#" * 1_000_001), "docrules.toml: is larger than 1,000,000 bytes"),
    "two in one folder": (
        lambda file: (write(file.parent, BASE), write(file.parent, "[tool.docrules]\n", "pyproject.toml")),
        "docrules.toml and [tool.docrules] of pyproject.toml are both there",
    ),
}


@pytest.mark.parametrize(("make", "said"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_read_ends_the_call(project: Path, make: Any, said: str) -> None:
    make(project / "docrules.toml")
    for call in (("run", "docs", "--out", "r.json"), ("explain", "x"), ("config",)):
        refused = docrules(*call, cwd=project)
        assert (refused.code, refused.out) == (EXIT_USAGE, b"")
        assert refused.err.startswith(f"error: {said}"), refused.err
    assert not (project / "r.json").exists()
    assert docrules("run", "docs", "--no-config", "--out", "r.json", cwd=project).code == EXIT_CLEAN
    assert docrules("run", "--help", cwd=project).code == EXIT_CLEAN


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_ends_the_call(project: Path) -> None:
    write(project, BASE).chmod(0)
    refused = docrules("run", cwd=project)
    assert (refused.code, "docrules.toml: cannot be read: Permission denied" in refused.err) == (EXIT_USAGE, True)


def test_a_file_that_is_named_must_be_there_and_about_this_program(project: Path) -> None:
    write(project, "[tool.ruff]\n", "pyproject.toml")
    for file, said in (("nowhere.toml", "nowhere.toml: cannot be read: No such file"), ("pyproject.toml", "has no [tool.docrules]")):
        refused = docrules("run", "docs", "--config", file, cwd=project)
        assert refused.code == EXIT_USAGE and said in refused.err
    both = docrules("run", "docs", "--config", "pyproject.toml", "--no-config", cwd=project)
    assert both.code == EXIT_USAGE and "--no-config takes no configuration" in both.err


# --- what is wrong in one -----------------------------------------------------------------------------------------------

WRONG = {
    'paths = ["docs"\nout = "x"\n': "2:1: is no TOML: Unclosed array",
    "out = \n": "1:7: is no TOML: Invalid value",
    "a = 1\na = 1\n": "2:6: is no TOML: Cannot overwrite a value",
    "x = " + "[" * 1_000: ": is no TOML: ",
    "\nmax-shrnk = 5\n": "2: there is no key 'max-shrnk'; did you mean 'max-shrink'?",
    "max_shrink = 5\n": "1: there is no key 'max_shrink'; did you mean 'max-shrink'?",
    "jobs = 4\n": "1: there is no key 'jobs'; there is paths, out, format, report, sarif, markdown, changes, root, patches, max-shrink,",
    'paths = "docs"\n': '1: paths is "docs"; write a list, each entry a path; did you mean ["docs"]?',
    "paths = []\n": "1: paths is an empty list; it needs an entry, a path",
    'paths = [\n  "docs",\n  1,\n]\n': "3: entry 2 of paths is 1; write a path",
    'paths = ["docs", "docs"]\n': '1: paths holds "docs" twice',
    'paths = ["-"]\n': "1: paths names files and folders; standard input is for the command line",
    'out = "-"\n': "1: out names a file or folder; standard output is for the command line",
    'out = ""\n': "1: out is empty; write a path",
    'report = "a\\u0000b"\n': '1: report is "a\\u0000b"; write a path',
    "report = false\n": "1: report is false; write a path",
    'fail-on = "warn"\n': '1: fail-on is "warn"; write "error", "warning", "note", "unresolved" or "never"; did you mean "warning"?',
    'fail-on = "Error"\n': 'did you mean "error"?',
    "max-shrink = 101\n": "1: max-shrink is 101; write a whole number from 0 to 100",
    'max-shrink = "5"\n': '1: max-shrink is "5"; write a whole number from 0 to 100; did you mean 5?',
    "max-shrink = true\n": "1: max-shrink is true; write a whole number from 0 to 100",
    "max-shrink = 1e400\n": "1: max-shrink is Infinity; write a whole number",
    'only-rules = "yes"\n': '1: only-rules is "yes"; write true or false',
    "out = 2026-01-01\n": "1: out is the date or time 2026-01-01; write a path",
    "findings = 1\n": "1: findings is 1; write a table",
    "[findings]\n": "1: findings is empty; give overrides or per-path",
    '[finding.overrides]\nport-missing = "note"\n': "1: there is no key 'finding'; did you mean 'findings'?",
    '[findings.override]\nport-missing = "note"\n': "1: findings has no key 'override'; did you mean 'overrides'?",
    '[findings.overrides]\n# …\nport-mising = "note"\n': "3: there is no finding 'port-mising'; did you mean port-missing",
    '[findings.overrides]\nport-missing = "warn"\n': (
        '2: findings.overrides.port-missing is "warn"; write "error", "warning" or "note"; did you mean "warning"?'
    ),
    '[findings.overrides]\nport-missing = "off"\n': '2: port-missing cannot be switched off, for what was found is counted; write "note"',
    "[findings.overrides]\nport-missing = false\n": "2: port-missing cannot be switched off",
    '[findings.overrides]\npatch-stale = "warning"\n': (
        "2: patch-stale says that something of a document or patch is not in the data, so it stays an error"
    ),
    '[findings.per-path."old/**"]\nunreadable-document = "note"\n': "2: unreadable-document says that something",
    '[findings.per-path."a/old"]\nport-missing = "note"\n': (
        "1: the path 'a/old' cannot be used: it lacks the suffix of a document; write a/old.* for that name, a/old/** for a folder"
    ),
    '[findings.per-path."a/*-old"]\nport-missing = "note"\n': "1: the path 'a/*-old' cannot be used: it ends with a folder",
    '[findings.per-path."{vendor}/**"]\nport-missing = "note"\n': "1: the path '{vendor}/**' cannot be used: { } are for a layout",
    '[findings.per-path]\nport-missing = "note"\n': "2: the path 'port-missing' cannot be used",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items())
@pytest.mark.parametrize("name", ["docrules.toml", "pyproject.toml"])
def test_what_is_wrong_is_said_with_the_line_and_ends_the_call(project: Path, name: str, text: str, said: str) -> None:
    before = ""
    if name == "pyproject.toml":
        if "is no TOML" in said or "[find" in text:
            text = text.replace("[find", "[tool.docrules.find")
            text = f"{text}# docrules"
        else:
            before = "[tool.docrules]\n"
    file = write(project, before + text, name)
    refused = docrules("run", "docs", "--out", "r.json", cwd=project)
    assert (refused.code, refused.out, (project / "r.json").exists()) == (EXIT_USAGE, b"", False)
    number, colon, rest = said.partition(":")
    shown = f"{int(number) + before.count(chr(10))}{colon}{rest}" if number.isdigit() and "is no TOML" not in said else said
    assert refused.err.startswith(f"error: {file.name}:") and shown in refused.err, refused.err


VALUES = st.recursive(
    st.sampled_from([True, 1, 5.0, "", "-", "a", "off", "note", "error", "a/**", "port-missing", "patch-stale", "**/**/**/**"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["overrides", "per-path", "a/**", "{x}/**", "port-missing", "paths", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*schema.load("config")["properties"], "tool", "x"]), VALUES, max_size=3))
def test_whatever_a_configuration_holds_it_is_taken_or_refused_with_a_line(table: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = "".join(f"{key} = {inline(value)}\n" for key, value in table.items())
        file = write(Path(folder), text, "c.toml")
        try:
            found = configuration.named(str(file))
        except UsageError as error:
            assert re.match(re.escape(str(file)) + r":\d+: ", str(error)), error
        else:
            assert schema.is_valid("config", table) and set(found.values) == set(table) - {"findings"}


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {inline(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(inline, value)) + "]" if isinstance(value, list) else json.dumps(value)


# --- severities ---------------------------------------------------------------------------------------------------------


def overridden(project: Path, text: str, *arguments: str) -> Result:
    write(project, BASE + text)
    return docrules("run", "--verbose", *arguments, cwd=project)


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("error", "error", EXIT_FINDINGS),
        ("error", "never", EXIT_CLEAN),
        ("warning", "warning", EXIT_FINDINGS),
        ("note", "warning", EXIT_CLEAN),
        ("note", "note", EXIT_FINDINGS),
        ("note", "unresolved", EXIT_FINDINGS),
    ],
)
def test_a_severity_reaches_the_exit_code_the_report_sarif_and_the_summary(project: Path, severity: str, fail_on: str, code: int) -> None:
    text = f'sarif = "data/x.sarif"\nmarkdown = "data/x.md"\n[findings.overrides]\nport-not-a-number = "{severity}"\n'
    done = overridden(project, text, "--fail-on", fail_on)
    assert done.code == code
    assert severities(done) == {(severity, "port-not-a-number")}
    report = load(project / "data/report.json")
    assert report["summary"]["findings"] == {"error": 0, "warning": 0, "note": 0} | {severity: 1}
    (found,) = (found for document in report["documents"] for found in document["findings"])
    assert found["severity"] == severity
    assert (" by configuration; the row is under unresolved" in found["message"]) == (severity != "warning")
    (result,) = load(project / "data/x.sarif")["runs"][0]["results"]
    assert result["level"] == severity
    assert f"findings: 1 {severity}" in (project / "data/x.md").read_text("utf-8")
    assert load(project / "data/rules.json")["unresolved"], "what is open stays open"


def test_a_severity_can_be_for_some_paths_and_the_first_that_fits_counts(project: Path) -> None:
    text = '[findings.per-path."**/2.0/**"]\nport-not-a-number = "error"\n[findings.per-path."acme/**"]\nport-not-a-number = "note"\n'
    (project / "docs/acme/gate/1.0/ports.md").write_text(WORDS)
    done = overridden(project, text + '[findings.overrides]\nport-not-a-number = "warning"\n')
    assert {(found["document"], found["severity"]) for found in done.findings} == {
        ("acme/gate/2.0/ports.md", "error"),
        ("acme/gate/1.0/ports.md", "note"),
    }


@pytest.mark.parametrize(
    ("glob", "meant"),
    {
        "acme/gaet/**": "did you mean acme/gate/**?",
        "ACME/gate/**": "did you mean acme/gate/**?",
        "acme/gate/*/prots.md": "did you mean acme/gate/*/ports.md?",
        "acme/gate/1.0": "did you mean acme/gate/1.0/**?",
        "acme/gate/1.0/ports.html": "did you mean acme/gate/1.0/ports.md?",
        "docs/acme/gate/**": "did you mean acme/gate/**?",
        "gate/1.0/*": "did you mean **/gate/1.0/*?",
        "other/**": "findings name paths like acme/gate/1.0/ports.md",
    }.items(),
)
def test_of_a_path_that_no_document_has_is_told_what_is_meant(project: Path, glob: str, meant: str) -> None:
    done = overridden(project, f'[findings.per-path."{glob}"]\nport-not-a-number = "error"\n')
    assert f"warning: docrules.toml:4: no document of this run has a path like {glob}; {meant}\n" in done.err
    assert f"configuration: docrules.toml; severities: port-not-a-number to error in {glob}" in done.err


def test_what_a_patch_answered_stays_a_note(project: Path) -> None:
    folder = project / "patches" / "acme"
    folder.mkdir(parents=True)
    patch = 'id = "p"\nreason = "r"\nmatch = { port_text = "User-defined" }\nset = { from_port = 1, to_port = 2 }\n'
    (folder / "gate.toml").write_text(f"[[patch]]\n{patch}", "utf-8")
    done = overridden(project, '[findings.overrides]\nport-not-a-number = "error"\n')
    assert (done.code, severities(done)) == (EXIT_CLEAN, {("note", "port-not-a-number")})


def test_what_is_wrong_with_a_table_without_rules_stays_a_note(project: Path) -> None:
    """Raised or not: it changes nothing that anybody uses."""
    page = "| Name | Colour |\n| --- | --- |\n| a | b | c |\n| d |\n"
    (project / "docs/acme/gate/2.0/ports.md").write_text(page, "utf-8")
    plain = docrules("run", "docs", "--out", "r.json", "--no-config", "--verbose", cwd=project)
    codes = sorted({str(found["code"]) for found in plain.findings} & {"surplus-cells", "missing-cells"})
    assert codes == ["missing-cells", "surplus-cells"]
    done = overridden(project, "[findings.overrides]\n" + "".join(f'{code} = "error"\n' for code in codes))
    assert {("note", code) for code in codes} <= severities(done) and done.code == EXIT_CLEAN


def test_documents_that_state_nothing_count_as_they_are_told_to(project: Path) -> None:
    for number in range(40):
        (project / "docs" / f"page-{number}.md").write_text("# Nothing\n", "utf-8")
    done = overridden(project, '[findings.overrides]\nno-table = "warning"\n', "--fail-on", "warning")
    assert done.code == EXIT_FINDINGS
    assert load(project / "data/report.json")["summary"]["findings"]["warning"] == 41


def test_what_is_lost_can_be_raised_and_never_lowered(project: Path) -> None:
    (project / "docs/acme/gate/2.0/ports.md").write_text("", "utf-8")
    done = overridden(project, '[findings.overrides]\nempty-document = "error"\n')
    assert (done.code, severities(done)) == (EXIT_FINDINGS, {("error", "empty-document")})
    for code, kind in catalogue().items():
        if kind.concern == "lost" and kind.severity != "note":
            refused = overridden(project, f'[findings.overrides]\n{code} = "note"\n')
            assert (refused.code, f"docrules.toml:5: {code} says that something" in refused.err) == (EXIT_USAGE, True)


def test_what_could_not_be_read_fails_whatever_is_configured(project: Path) -> None:
    shutil.copy(shutil.which("true") or "/bin/true", project / "docs/acme/gate/2.0/other.html")
    assert overridden(project, 'fail-on = "never"\n').code == 3


def test_the_printed_configuration_can_be_read_by_people(project: Path) -> None:
    write(project, f'{BASE}\n[findings.overrides]\nport-missing = "error"\n[findings.per-path."acme/**"]\nname-slip = "note"\n')
    lines = docrules("config", "--fail-on", "note", "--only-rules", cwd=project).out.decode().splitlines()
    shown = [" ".join(line.split()) for line in lines]
    assert shown[:4] == [
        "configuration: docrules.toml",
        "paths docs docrules.toml:1",
        "out data/rules.json docrules.toml:2",
        "format json default",
    ]
    assert {"root not named default", "fail-on note command line", "only-rules true command line"} <= set(shown)
    assert shown[-2:] == ["name-slip note, not warning in acme/** docrules.toml:8", "port-missing error, not warning docrules.toml:6"]
    refused = docrules("config", "--bogus", cwd=project)
    assert (refused.code, "Usage: docrules config [OPTIONS]" in refused.err) == (EXIT_USAGE, True), refused.err
    assert "More: docrules config --help" in refused.err


# --- the page about it --------------------------------------------------------------------------------------------------

DOCS = (Path(__file__).resolve().parent.parent / "docs/configuration.md").read_text("utf-8")


def block_after(marker: str) -> str:
    found = re.search(re.escape(f"<!-- {marker} -->") + r"\n```\w+\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)
    assert found, marker
    return found[1]


def test_the_example_and_the_outputs_of_the_page_are_those_of_the_program(project: Path) -> None:
    (project / "patches").mkdir()
    write(project, block_after("docrules.toml: an example"))
    assert docrules("run", cwd=project / "sub").code == EXIT_FINDINGS
    printed = docrules("config", cwd=project).out.decode()
    assert printed == block_after("output of docrules config with that example")
    write(project, 'fail-on = "warn"\n')
    said = block_after('a mistake and what is said of it: fail-on = "warn"')
    assert docrules("run", cwd=project).err == said


def test_the_page_names_every_key() -> None:
    table = DOCS[DOCS.index("| Key |") : DOCS.index("The file follows")]
    named = [key for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) for key in re.findall(r"`([a-z-]+)`", row)]
    assert sorted(named) == sorted(schema.load("config")["properties"])
