"""`docrules explain`: where a published rule or row comes from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from extract.cli.terminal import COLOURS, plain, write_to_stdout
from extract.errors import UsageError
from extract.publish import published
from extract.publish.explain import Line, explain, render, to_json

_DATA = Path("data")
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


@click.command("explain", epilog=_EPILOG)
@click.argument("what")
@click.option("--rules", default=None, metavar="FILE", help="The published rules. Default: data/rules.json, else rules.json.")
@click.option(
    "--report",
    default=None,
    metavar="FILE",
    help="The report of the same run. Default: beside the rules, NAME.report.json for NAME.json, else report.json.",
)
@click.option(
    "--docs", default=None, metavar="DIR", help="The folder that paths in the data are relative to. Default: data/docs where it exists."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain_command(what: str, rules: str | None, report: str | None, docs: str | None, as_json: bool) -> None:
    """Explain a published rule or a row: the source lines, the steps from its cells to every value, the findings.

    WHAT is the id of a rule (or its first digits, 4 or more), or a row as DOCUMENT:TABLE:ROW, as evidence and findings name it.

    \b
    Examples:
      docrules explain 8a3d1ccbef8f302b
      docrules explain vendor/product/1.0/page:2:14
      docrules explain 8a3d --json | jq .rules[].steps
    """
    stated = Path(rules) if rules else _default_rules()
    folder = _folder(docs)
    run = published.load(stated, Path(report) if report else _default_report(stated))
    explanation = explain(run, published.find(run, what), folder)
    if as_json:
        data = to_json(explanation)
    else:
        colour = sys.stdout is not None and sys.stdout.isatty()
        data = "".join(f"{_printed(line, colour)}\n" for line in render(explanation)).encode("utf-8", "replace")
    write_to_stdout(data)
    sys.exit(0)


def _default_rules() -> Path:
    for path in (_DATA / "rules.json", Path("rules.json")):
        if path.is_file():
            return path
    raise UsageError("there is neither data/rules.json nor rules.json here; write one with `docrules run`, or name it with --rules")


def _default_report(rules: Path) -> Path:
    # A report that has the name of the rules is theirs; report.json may be that of another file in the folder.
    beside = (rules.with_name(f"{rules.stem}.report.json"), rules.with_name("report.json"))
    for path in beside:
        if path.is_file():
            return path
    raise UsageError(f"there is no report beside {rules}; write one with `docrules run … --report {beside[1]}`, or name it with --report")


def _folder(docs: str | None) -> Path | None:
    if docs is None:
        return _DATA / "docs" if (_DATA / "docs").is_dir() else None
    if not Path(docs).is_dir():
        raise UsageError(f"--docs {docs} is no folder")
    return Path(docs)


def _printed(line: Line, colour: bool) -> str:
    parts = [(style, plain(text)) for style, text in line]
    return "".join(_LOOKS[style](text) if colour and style else text for style, text in parts)
