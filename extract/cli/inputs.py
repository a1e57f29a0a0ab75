"""The files that a run left and that other commands read: where they are when nobody says so."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import click

from extract.errors import UsageError
from extract.model import Document
from extract.publish import originals
from extract.read.pack.record import is_pack
from extract.read.warc.record import is_archive

DATA = Path("data")
"""The folder in which `make extract` keeps everything."""
DOCS = (DATA / "docs", Path("docs"), Path())
"""Where documents are looked for. A folder counts if it holds one with the content that was read, so none is shown that was not."""
RULES = (DATA / "rules.json", Path("rules.json"))
"""Where rules are looked for: `make extract` writes the one, `docrules run` the other."""


class Known(NamedTuple):
    """What commands that read a run take where nobody names it."""

    rules: tuple[Path, ...] = RULES
    # None for what lies beside the rules.
    report: Path | None = None
    docs: tuple[Path, ...] = DOCS


report_option = click.option(
    "--report",
    default=None,
    metavar="FILE",
    help="The report of the same run. Default: NAME.report.json beside the rules NAME.json, otherwise report.json.",
)
docs_option = click.option(
    "--docs",
    default=None,
    metavar="DIR",
    help="The folder that paths in the data are relative to, or the archive that was read. Default: data/docs, docs or the working"
    " folder, the first of them that holds a document as it was read.",
)


def default_rules(how: str) -> list[Path]:
    """Return the files that hold rules where none is named.

    UsageError is raised when there is none of them; `how` says in it how to name one.
    """
    files = [path for path in RULES if path.is_file()]
    if files:
        return files
    raise UsageError(f"there is neither data/rules.json nor rules.json here; write one with `docrules run`, or {how}")


def default_report(rules: Path) -> Path:
    """Return the report of the run that wrote a file of rules. Raises UsageError when none lies beside it."""
    places = reports_of(rules)
    for path in places:
        if path.is_file():
            return path
    write = f"write one with `docrules run … --report {shlex.quote(str(places[1]))}`"
    raise UsageError(f"there is no report beside {rules}; {write}, or name it with --report")


def reports_of(rules: Path) -> tuple[Path, Path]:
    """Return where the report on a file of rules is looked for."""
    # A report that has the name of the rules is theirs; report.json may be that of another file in the folder.
    return rules.with_name(f"{rules.stem}.report.json"), rules.with_name("report.json")


def named_documents(docs: str | None) -> Path | None:
    """Return the folder of the documents, or their archive, that a call names; None when it names none.

    Raises UsageError when what is named is neither.
    """
    if docs is None:
        return None
    if not Path(docs).is_dir() and not ((is_archive(docs) or is_pack(docs)) and Path(docs).is_file()):
        raise UsageError(f"--docs {docs} is no folder and no archive of pages (.zip, .epub, .warc, .warc.gz)")
    return Path(docs)


def documents(asked: Collection[Document]) -> Path | None:
    """Return the folder that holds some of the documents that are asked for, where a call names none; None when none is known."""
    folders = [folder for folder in DOCS if folder.is_dir()]
    for folder in folders:
        if any(isinstance(originals.content(one, folder), bytes) for one in asked):
            return folder
    # What has changed since is not shown, and a message names it. Path.is_file() raises for some names.
    changed = (folder for folder in folders if any(os.path.isfile(folder / one.path) for one in asked))  # noqa: PTH113
    return next(changed, DOCS[0] if DOCS[0].is_dir() else None)
