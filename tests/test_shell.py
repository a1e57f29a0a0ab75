"""What a shell is told: how a line goes on, in bash, zsh and fish, and the manual page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from extract.catalogue import catalogue
from extract.cli.commands import cli
from extract.export.targets import all_targets
from tests.test_cli import EXIT_CLEAN, REPO, docrules

PROGRAM = Path(sys.executable).with_name("docrules")
COMMANDS = cli.list_commands(click.Context(cli))
SHELLS = ("bash", "zsh", "fish")
SECONDS = 60


def program(**environment: str) -> str:
    """Run the installed program as the script of a shell does, and return what it prints."""
    done = subprocess.run(
        [PROGRAM], env={**os.environ, **environment}, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=REPO
    )
    assert done.stderr == ""
    return done.stdout


def offered(shell: str, *words: str) -> list[tuple[str, str]]:
    """Return what a shell offers in the place of the last word: pairs of a kind and a text."""
    if shell == "fish":
        # fish hands over the line up to the word, and the word.
        answer = program(_DOCRULES_COMPLETE="fish_complete", COMP_WORDS=" ".join(words), COMP_CWORD=words[-1])
        return [(kind, rest.split("\t")[0]) for kind, _, rest in (line.partition(",") for line in answer.splitlines() if line)]
    answer = program(**{"_DOCRULES_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)})
    lines = answer.splitlines()
    if shell == "zsh":
        # Kind, text and description, a line each.
        return list(zip(lines[::3], lines[1::3], strict=True))
    return [(kind, text) for kind, _, text in (line.partition(",") for line in lines if line)]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_and_completes_commands(shell: str) -> None:
    script = program(_DOCRULES_COMPLETE=f"{shell}_source")
    assert f"_DOCRULES_COMPLETE={shell}_complete" in script
    assert offered(shell, "docrules", "re") == [("plain", "report")]
    assert [text for _, text in offered(shell, "docrules", "")] == COMMANDS
    assert offered(shell, "docrules", "run", "da") == [("file", "da")], "files are left to the shell"


@pytest.mark.parametrize("line", ["run x.md da", "run --out da", "explain da", "diff da", "report da", "report --against da", "patch x da"])
def test_files_are_left_to_the_shell(line: str) -> None:
    assert offered("bash", "docrules", *line.split()) == [("file", "da")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("run --cache da", [("dir", "da")]),
        ("fetch da", [("dir", "da")]),
        ("run --fail-on w", [("plain", "warning")]),
        ("run --fail", [("plain", "--fail-on")]),
        ("graph --format d", [("plain", "dot")]),
        ("export n", [("plain", "nftables")]),
        ("bindings --target n", [("plain", "nftables")]),
        ("findings port-out", [("plain", "port-out-of-range")]),
        # What only the documents know.
        ("graph --scope da", []),
        ("run --accept-shrink da", []),
        # A slip is no reason to print anything into the line.
        ("rnu da", []),
    ],
)
def test_what_is_offered_is_what_can_stand_there(line: str, expected: list[tuple[str, str]]) -> None:
    assert offered("bash", "docrules", *line.split()) == expected


def test_names_are_those_that_the_program_knows() -> None:
    assert {text for _, text in offered("bash", "docrules", "findings", "")} == set(catalogue())
    assert {text for _, text in offered("bash", "docrules", "export", "")} == set(all_targets())


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash found")
def test_bash_completes_a_line(tmp_path: Path) -> None:
    code = """
        eval "$(_DOCRULES_COMPLETE=bash_source docrules)"
        complete -p docrules >/dev/null || exit 1
        COMP_WORDS=(docrules fin); COMP_CWORD=1
        _docrules_completion docrules
        echo "${COMPREPLY[@]}"
    """
    environment = {**os.environ, "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (EXIT_CLEAN, "findings\n", "")


# --- the manual page --------------------------------------------------------------------------------------------------


def manual() -> str:
    result = docrules("--man", cwd=REPO)
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    return result.out.decode()


def each_command() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command
        yield name, command


def test_the_manual_page_has_every_command_with_all_its_options_and_exit_codes() -> None:
    head, *sections = re.split(r"^\.SH ", manual(), flags=re.MULTILINE)
    assert head.startswith(".TH DOCRULES 1 ")
    assert [one.partition("\n")[0] for one in sections] == ["NAME", "SYNOPSIS", *(f"DOCRULES {name.upper()}" for name in COMMANDS)]
    for (name, command), text in zip(each_command(), sections[2:], strict=True):
        said = text.replace("\\-", "-")
        options = [option for param in command.params if isinstance(param, click.Option) and not param.hidden for option in param.opts]
        assert all(option in said for option in options), name
        assert "Exit codes:" in said
        assert f"\n  docrules {name}" in said, "an example"


def test_no_line_of_the_manual_page_is_an_instruction_but_those_that_are_meant() -> None:
    instructions = {line.split()[0] for line in manual().splitlines() if line.startswith((".", "'"))}
    assert instructions == {".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi"}
    assert set(re.findall(r"\\.", manual())) <= {"\\-", "\\e", "\\&", "\\f"}


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff found")
def test_the_manual_page_is_laid_out_without_a_warning() -> None:
    done = subprocess.run(
        ["groff", "-k", "-man", "-ww", "-Tutf8", "-rLL=100n"], input=manual(), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (EXIT_CLEAN, "")
    # Letters that are overstruck are bold.
    shown = " ".join(re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout).split())
    assert "docrules run [OPTIONS] [PATH]..." in shown
    assert (
        "graph Draw who talks to whom: groups, roles, hosts and networks as nodes, and the traffic between two of them as one arrow."
        in shown
    )
