"""The commands. They parse arguments, call the pipeline, print, and choose the exit code; nothing else."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from extract.cli import terminal
from extract.cli.diff import diff as diff_command
from extract.cli.explain import explain_command
from extract.cli.fetch import fetch_command
from extract.cli.findings import findings as findings_command
from extract.cli.run import run as run_command
from extract.errors import DocrulesError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="docrules", prog_name="docrules")
def cli() -> None:
    """Turn the firewall-rule tables of vendor documentation into canonical network rules."""


cli.add_command(run_command)
cli.add_command(findings_command)
cli.add_command(explain_command)
cli.add_command(fetch_command)
cli.add_command(diff_command)


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
