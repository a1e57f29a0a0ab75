"""`docrules patch`: patches to fill in, for what a run left open."""

from __future__ import annotations

import re
from pathlib import Path

import click

from extract.catalogue import catalogue
from extract.check import patch_files
from extract.cli import inputs, outputs
from extract.cli.configured import Configured
from extract.cli.findings import unknown
from extract.cli.terminal import plain, write_to_stdout
from extract.errors import UsageError
from extract.publish import files, published
from extract.publish.skeleton import skeleton
from extract.regex import late

_PLACE = late(r"(?P<document>.+?)(?::(?P<table>[0-9]{1,9}))?(?::[0-9]{1,9})?", re.DOTALL)
_EPILOG = """\b
Exit codes:
  0  written
  2  the call cannot be carried out; nothing was written
  4  a defect of this program
"""


@click.command("patch", cls=Configured, epilog=_EPILOG)
@click.argument("code")
@click.argument("place", metavar="DOCUMENT[:TABLE]")
@click.option(
    "--out", default="-", metavar="FILE", help="The file of patches. If it exists, the patches are added to it. Default: standard output."
)
@click.option("--rules", default=None, metavar="FILE", help="The published rules. Default: data/rules.json, else rules.json.")
@inputs.report_option
def command(code: str, place: str, out: str, rules: str | None, report: str | None) -> None:
    """Write patches that answer the findings of one kind, in a document or in one of its tables.

    CODE is the code of a finding, as `docrules run` prints it in brackets. Rows with the same question share a patch. Replace each "?"
    with your answer. A patch that still holds a "?" is not applied, and each run reports it.

    \b
    Examples:
      docrules patch protocol-missing vendor/product/1.0/page:2
      docrules patch port-not-a-number vendor/product/1.0/page --out data/patches/vendor/product.toml
    """
    if code not in catalogue():
        raise UsageError(unknown(code))
    if not catalogue()[code].answered_by:
        raise UsageError(f"no value of a rule answers {code}; `docrules findings {code}` says what to do")
    path = Path(rules) if rules is not None else inputs.default_rules("name it with --rules")[0]
    run = published.load(path, Path(report) if report is not None else inputs.default_report(path))
    match = _PLACE.fullmatch(place)
    if match is None:
        raise UsageError(f"{place!r} is no DOCUMENT[:TABLE]")
    found = published.document(run, match["document"])
    table = published.table_of(found, int(match["table"])).table if match["table"] else None
    text = skeleton(run, code, found, table)
    if out == outputs.STDOUT:
        write_to_stdout(text.encode())
        return
    _add(Path(out), text)


def _add(file: Path, text: str) -> None:
    """Write patches to a file, behind those that it holds. Raises UsageError when they do not go together."""
    files.check_target(file, is_output=False)
    try:
        before = file.read_text("utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8'}") from error
    whole = f"{before.rstrip()}\n\n{text}" if before.strip() else text
    patch_files.parse(whole, str(file))
    files.write_all({file: whole.encode()})
    number = len(patch_files.parse(text, str(file)))
    click.echo(f"{number} {'patch' if number == 1 else 'patches'} to fill in -> {plain(str(file))}", err=True)
