"""`docrules bindings`: a file to fill in, with every name that rules have."""

from __future__ import annotations

from pathlib import Path

import click

from extract.check.stated import scope_of
from extract.cli import inputs
from extract.cli.configured import Configured
from extract.cli.terminal import plain, write_to_stdout
from extract.errors import UsageError
from extract.export import bindings as bound
from extract.export.export import choose
from extract.export.skeleton import skeleton
from extract.export.targets import all_targets
from extract.publish import files, published

_EPILOG = """\b
Exit codes:
  0  written
  2  the call cannot be carried out; nothing was written
  4  a defect of this program
"""


@click.command("bindings", cls=Configured, epilog=_EPILOG)
@click.argument("rules", required=False, metavar="[RULES.json]")
@click.option(
    "--scope", default=None, metavar="SCOPE", help="The release whose names to list, VENDOR/PRODUCT/RELEASE. Default: the only one."
)
@click.option("--target", default=None, metavar="TARGET", help="Show what else than networks this target can bind a name to.")
@click.option("--update", default=None, metavar="FILE", help="Add new names to this file, and keep its other content.")
def command(rules: str | None, scope: str | None, target: str | None, update: str | None) -> None:
    """Write a file to fill in: what the names in the rules stand for in your network. It lists every name, where it occurs and how often.

    RULES.json is the published rules; by default data/rules.json, else rules.json. Each name is a table that is commented out, because
    docrules never guesses what a name stands for.

    \b
    Examples:
      docrules bindings --scope vendor/product/1.0 > ours.toml
      docrules bindings --scope vendor/product/1.1 --update ours.toml
    """
    if target is not None and target not in all_targets():
        raise UsageError(f"there is no target {target!r}; there is {', '.join(all_targets())}")
    path = Path(rules) if rules is not None else inputs.default_rules("name it")[0]
    chosen = choose(published.load_rules(path), scope, None)
    if update is None:
        write_to_stdout(skeleton(chosen, target, bound.Bindings()).encode())
        return
    file = Path(update)
    files.check_target(file, [path], is_output=False)
    known = bound.load([file], scope_of(chosen.documents[0]))
    before = file.read_text("utf-8")
    added = skeleton(chosen, target, known, before)
    if not added:
        click.echo(f"{plain(update)} says something of every name", err=True)
        return
    files.write_all({file: f"{before.rstrip()}\n\n{added}".encode()})
    click.echo(f"added what is new to {plain(update)}", err=True)
