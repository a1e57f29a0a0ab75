"""`docrules explain`: where a published rule or row comes from."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from extract.cli import inputs
from extract.cli.configured import Configured
from extract.cli.terminal import COLOURS, has_colours, plain, write_to_stdout
from extract.errors import UsageError
from extract.model import Document
from extract.publish import explain_table, published
from extract.publish.explain import explain, to_json
from extract.publish.explain_text import render
from extract.publish.layout import Line
from extract.publish.published import Asked, NotFoundError, Published

# A page of text that no terminal bounds.
_MAX_WIDTH = 100
_MIN_WIDTH = 60
_LOOKS: dict[str, Callable[[str], str]] = {
    "title": partial(click.style, bold=True),
    "label": partial(click.style, bold=True, fg="blue"),
    "dim": partial(click.style, dim=True),
    "mark": partial(click.style, fg="green"),
    **{severity: partial(click.style, fg=colour) for severity, colour in COLOURS.items()},
}
_EPILOG = """\b
Exit codes:
  0  explained
  2  WHAT names nothing or several rules, or a file cannot be read
  4  a defect of this program
"""


@click.command("explain", cls=Configured, epilog=_EPILOG)
@click.argument("what")
@click.option(
    "--rules", default=None, metavar="FILE", help="The published rules. Default: data/rules.json; if WHAT is not in it, rules.json."
)
@inputs.report_option
@inputs.docs_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(what: str, rules: str | None, report: str | None, docs: str | None, as_json: bool) -> None:
    """Show how a rule, a row or a table was read.

    For a rule or a row, you see the source lines, the steps from its cells to every value, and the findings. For a table, you see the
    role of each column, and the result of each row.

    WHAT is a rule, a row or a table. Name a rule by its id or the first 4 or more digits of it. Name a row as DOCUMENT:TABLE:ROW, like
    evidence and findings do, and a table as DOCUMENT:TABLE.

    \b
    Examples:
      docrules explain 8a3d1ccbef8f302b
      docrules explain vendor/product/1.0/page:2:14
      docrules explain vendor/product/1.0/page:2
      docrules explain 8a3d --json | jq .rules[].steps
    """
    named = inputs.named_documents(docs)
    found = _found(what, [Path(rules)] if rules else inputs.default_rules("name it with --rules"), Path(report) if report else None)
    asked = found.asked
    if asked.document is not None and asked.table is not None:
        of_table = explain_table.explain_table(asked.document, asked.table)
        data, text = to_json(of_table), explain_table.render(of_table, _width())
    else:
        explanation = explain(found.run, asked, named or inputs.documents(_documents(found.run, asked)))
        data, text = to_json(explanation), render(explanation, _width())
    if as_json:
        write_to_stdout(data)
        return
    colour = has_colours(sys.stdout)
    read: Line = (("dim", f"read from {found.rules} and {found.report}"),)
    lines = [*text, (), read]
    write_to_stdout("".join(f"{_printed(line, colour)}\n" for line in lines).encode("utf-8", "replace"))


def _documents(run: Published, asked: Asked) -> Sequence[Document]:
    """Return the documents of a rule or row."""
    keys = [asked.key] if asked.key is not None else map(published.key_of, asked.rule.evidence if asked.rule is not None else ())
    return [run.documents[key.document] for key in keys]


class _Found(NamedTuple):
    """What was asked for, with the files that it stands in."""

    run: Published
    asked: Asked
    rules: Path
    report: Path


def _found(what: str, files: Sequence[Path], report: Path | None) -> _Found:
    """Return what was asked for from the first of the files that holds it. UsageError names the files that do not."""
    missed: NotFoundError | None = None
    for rules in files:
        beside = report or inputs.default_report(rules)
        run = published.load(rules, beside)
        try:
            return _Found(run, published.find(run, what), rules, beside)
        except NotFoundError as error:
            missed = missed or error
    raise UsageError(f"{missed} (read from {' and '.join(map(str, files))})")


def _width() -> int:
    """Return the columns of the output: those of the terminal; elsewhere what people can read, or less where the environment says so."""
    columns = shutil.get_terminal_size((_MAX_WIDTH, 0)).columns
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return max(columns if terminal else min(columns, _MAX_WIDTH), _MIN_WIDTH)


def _printed(line: Line, colour: bool) -> str:
    if not colour:
        # As a whole, for a command to the log of a workflow may begin in one part and end in the next.
        return plain("".join(text for _, text in line))
    return "".join(_LOOKS[style](plain(text)) if style else plain(text) for style, text in line)
