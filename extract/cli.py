"""The commands. They parse arguments, call the pipeline, print, and choose the exit code; nothing else."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import click

from extract import pipeline
from extract.errors import DocrulesError, UsageError
from extract.model import Extraction, Finding, Summary
from extract.publish import files, render

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_UNREADABLE = 3
EXIT_INTERNAL = 4
# 128 + SIGINT and 128 + SIGPIPE, as shells report them
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141

_UNREADABLE = frozenset({"unreadable-document", "binary-document"})
_LEFT_OUT = _UNREADABLE | {"internal-error"}
# Work shorter than this needs no progress bar.
_QUIET_SECONDS = 1.0
# Document text must not drive the terminal it is printed on.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}

_EPILOG = """\b
Exit codes:
  0  clean
  1  findings of severity error; the output was written
  2  the call cannot be carried out; nothing was written
  3  a document could not be read; the others were extracted
  4  a defect of this program
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="docrules", prog_name="docrules")
def cli() -> None:
    """Turn the firewall-rule tables of vendor documentation into canonical network rules."""


@cli.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", default="rules.json", show_default=True, metavar="FILE", help="Where the rules go; - for standard output.")
@click.option("--report", default=None, metavar="FILE", help="Where the report on every table and row goes. Not written unless named.")
@click.option(
    "--root",
    default=None,
    metavar="DIR",
    help="Folder that paths in the data are relative to, <vendor>/<product>/<release>/... below it."
    " Default: the given folder, or the folder of the given file.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Processes that read documents. Default: as many as pay off. The output does not depend on it.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print findings of severity error only, and no summary.")
@click.option("--verbose", "-v", is_flag=True, help="Print notes as well; without it they stand in the report only.")
def run(paths: tuple[str, ...], out: str, report: str | None, root: str | None, jobs: int | None, quiet: bool, verbose: bool) -> None:
    """Extract the rules of documents.

    PATH is a file (HTML or Markdown, whatever its suffix), a folder (searched for .html .htm .xhtml .md .mdx .markdown) or - for
    standard input.

    \b
    Examples:
      docrules run docs/ --out rules.json --report report.json
      docrules run page.html --out - | jq .rules
      curl -s https://example.com/ports.html | docrules run - --out -
    """
    targets = _targets(out, report)
    sources = pipeline.find_sources(paths, root)
    for target in targets.values():
        files.check_target(target, [source.file for source in sources if source.file is not None])
    with _progress(quiet) as progress:
        extraction = pipeline.extract_sources(sources, jobs=jobs, progress=progress)
    read = [found for found in extraction.reports if not any(one.code in _LEFT_OUT for one in found.findings)]
    if read:
        contents = {"out": render.rules_json(extraction), "report": render.report_json(extraction) if report else b""}
        files.write_all({target: contents[name] for name, target in targets.items()})
        if out == "-":
            _write_to_stdout(contents["out"])
    _print_findings(extraction, {"error"} if quiet else {"error", "warning", "note"} if verbose else {"error", "warning"})
    if not read:
        click.echo("nothing could be read, so nothing was written", err=True)
    elif not quiet:
        _print_summary(extraction.summary, out)
    sys.exit(_exit_code(extraction))


def _targets(out: str, report: str | None) -> dict[str, Path]:
    targets = {"out": Path(out)} if out != "-" else {}
    if report is not None:
        if report == "-":
            raise UsageError("--report names a file; only --out may be -")
        targets["report"] = Path(report)
    if len(targets) == 2 and len({os.path.realpath(target) for target in targets.values()}) == 1:
        raise UsageError("--out and --report name the same file")
    return targets


def _write_to_stdout(data: bytes) -> None:
    if sys.stdout is None:
        raise UsageError("standard output is closed; name a file with --out")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        # Python flushes once more on exit, and would complain: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            sys.exit(EXIT_BROKEN_PIPE)
        raise UsageError(f"standard output cannot be written: {error.strerror}") from error


def _is_terminal() -> bool:
    # Python sets a stream that was closed when it started to None.
    return sys.stderr is not None and sys.stderr.isatty()


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a progress callback that shows a bar once the work has taken a second, on a terminal only."""
    if quiet or not _is_terminal():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - takes longer to import than a page takes to extract
    from rich.progress import Progress, TaskID  # noqa: PLC0415

    bar = Progress(console=Console(stderr=True), transient=True)
    started = time.monotonic()
    task: list[TaskID] = []

    def advance(done: int, total: int) -> None:
        if not task:
            if time.monotonic() - started < _QUIET_SECONDS:
                return
            bar.start()
            task.append(bar.add_task("documents", total=total))
        bar.update(task[0], completed=done)

    try:
        yield advance
    finally:
        bar.stop()


def _print_findings(extraction: Extraction, severities: set[str]) -> None:
    for found in extraction.findings:
        if found.severity in severities:
            click.echo(_finding_line(found, _is_terminal()), err=True)


def _finding_line(found: Finding, colour: bool) -> str:
    """Return `document:line: severity: message [code]`, the form that editors and CI systems jump to."""
    place = f"{found.document}:{found.line}" if found.line else f"{found.document}"
    where = f" (table {found.table}, row {found.row})" if found.row else f" (table {found.table})" if found.table else ""
    severity = click.style(found.severity, fg=_COLOURS[found.severity]) if colour else found.severity
    return f"{_plain(place)}: {severity}: {_plain(found.message)}{where} [{found.code}]"


def _plain(text: str) -> str:
    return _CONTROL.sub("\N{MIDDLE DOT}", text)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _print_summary(summary: Summary, out: str) -> None:
    target = "standard output" if out == "-" else _plain(out)
    found = ", ".join(_count(count, severity) for severity, count in summary.findings.items() if count)
    became = f"{summary.rule_rows} became rules, {summary.unresolved_rows} unresolved, {summary.no_rule_rows} no rule"
    lines = [
        f"{_count(summary.documents, 'document')}, {_count(summary.tables, 'table')}, {summary.rule_tables} of them with rules",
        f"{_count(summary.data_rows, 'row')}: {became}",
        f"{_count(summary.rules, 'rule')} and {summary.unresolved} unresolved -> {target}",
        f"findings: {found or 'none'}",
    ]
    if not summary.rule_tables:
        lines.append("no rule table was found in any document; --report says why each table was left out")
    click.echo("\n".join(lines), err=True)


def _exit_code(extraction: Extraction) -> int:
    codes = {found.code for found in extraction.findings}
    if "internal-error" in codes:
        return EXIT_INTERNAL
    if codes & _UNREADABLE:
        return EXIT_UNREADABLE
    return EXIT_FINDINGS if extraction.summary.findings["error"] else 0


def main() -> NoReturn:
    """Run the command line. Every error that is expected ends in one line and its exit code, never in a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was written", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except UsageError as error:
        click.echo(f"error: {_plain(str(error))}", err=True)
        sys.exit(EXIT_USAGE)
    except DocrulesError as error:
        click.echo(f"internal error: {_plain(str(error))}", err=True)
        sys.exit(EXIT_INTERNAL)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a message and exit code 4 instead of a traceback
        click.echo(f"internal error: {type(error).__name__}: {_plain(str(error))}; please report this", err=True)
        sys.exit(EXIT_INTERNAL)
    sys.exit(code)
