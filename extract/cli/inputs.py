"""The files that a run left and that other commands read: where they are when nobody says so."""

from __future__ import annotations

from pathlib import Path

import click

from extract.errors import UsageError

DATA = Path("data")
"""The folder in which `make extract` keeps everything."""

report_option = click.option(
    "--report",
    default=None,
    metavar="FILE",
    help="The report of the same run. Default: beside the rules, NAME.report.json for NAME.json, else report.json.",
)
docs_option = click.option(
    "--docs", default=None, metavar="DIR", help="The folder that paths in the data are relative to. Default: data/docs where it exists."
)


def default_rules(how: str) -> list[Path]:
    """Return the files that hold rules where none is named: `make extract` writes the one, `docrules run` the other.

    UsageError is raised when there is none of them; `how` says in it how to name one.
    """
    files = [path for path in (DATA / "rules.json", Path("rules.json")) if path.is_file()]
    if files:
        return files
    raise UsageError(f"there is neither data/rules.json nor rules.json here; write one with `docrules run`, or {how}")


def default_report(rules: Path) -> Path:
    """Return the report of the run that wrote a file of rules. Raises UsageError when none lies beside it."""
    # A report that has the name of the rules is theirs; report.json may be that of another file in the folder.
    beside = (rules.with_name(f"{rules.stem}.report.json"), rules.with_name("report.json"))
    for path in beside:
        if path.is_file():
            return path
    raise UsageError(f"there is no report beside {rules}; write one with `docrules run … --report {beside[1]}`, or name it with --report")


def documents(docs: str | None) -> Path | None:
    """Return the folder of the documents: the one that is named, else data/docs, None when there is none.

    Raises UsageError when the one that is named is no folder.
    """
    if docs is None:
        return DATA / "docs" if (DATA / "docs").is_dir() else None
    if not Path(docs).is_dir():
        raise UsageError(f"--docs {docs} is no folder")
    return Path(docs)
