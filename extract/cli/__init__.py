"""The commands. They parse arguments, call the pipeline, print, and choose the exit code; nothing else."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from extract.cli import terminal
from extract.cli.diff import diff as diff_command
from extract.cli.explain import explain_command
from extract.cli.fetch import fetch_command
from extract.cli.findings import findings as findings_command
from extract.cli.run import run as run_command
from extract.errors import DocrulesError, UsageError

_HELP = ["-h", "--help"]


def _printing(text: Callable[[click.Context], str]) -> Callable[[click.Context, click.Parameter, bool], None]:
    """Return the callback of an option that prints a text and exits.

    Those of click take standard output that is full or closed for a defect, or for success.
    """

    def show(context: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not context.resilient_parsing:
            terminal.write_to_stdout(f"{text(context)}\n".encode("utf-8", "replace"))
            context.exit()

    return show


def _version(_: click.Context) -> str:
    return f"docrules, version {importlib.metadata.version('docrules')}"


@click.group(context_settings={"help_option_names": _HELP, "max_content_width": 110})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, help="Show the version and exit.", callback=_printing(_version))
def cli() -> None:
    """Turn the firewall-rule tables of vendor documentation into canonical network rules."""


cli.add_command(run_command)
cli.add_command(findings_command)
cli.add_command(explain_command)
cli.add_command(fetch_command)
cli.add_command(diff_command)

# click makes the option once and keeps it.
for command in (cli, *cli.commands.values()):
    help_option = command.get_help_option(click.Context(command, help_option_names=_HELP))
    if help_option is not None:
        help_option.callback = _printing(click.Context.get_help)


def main() -> NoReturn:
    """Run the command line. Every error that is expected ends in one line and its exit code, never in a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(terminal.EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was written", err=True)
        sys.exit(terminal.EXIT_INTERRUPTED)
    except UsageError as error:
        click.echo(f"error: {terminal.plain(str(error))}", err=True)
        sys.exit(terminal.EXIT_USAGE)
    except DocrulesError as error:
        click.echo(f"internal error: {terminal.plain(str(error))}", err=True)
        sys.exit(terminal.EXIT_INTERNAL)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a message and exit code 4 instead of a traceback
        click.echo(f"internal error: {type(error).__name__}: {terminal.plain(str(error))}; please report this", err=True)
        sys.exit(terminal.EXIT_INTERNAL)
    sys.exit(code or 0)
