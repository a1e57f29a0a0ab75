"""The commands by their names, and the options that all of them have."""

from __future__ import annotations

import difflib
import errno
import importlib
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from extract.cli import terminal
from extract.errors import DocrulesError, UsageError

_HELP = ["-h", "--help"]
# So much is shown of a name that is too long.
_NAME = 60
# The commands in the order in which help lists them, each with its module. Only the called command is imported. To
# import all of them would take half of the start-up time of a run over one page.
_COMMANDS = {
    name: f"extract.cli.{name}"
    for name in ("bindings", "config", "diff", "explain", "export", "fetch", "findings", "graph", "kinds", "patch", "report", "run")
}


def _printing(text: Callable[[click.Context], str]) -> Callable[[click.Context, click.Parameter, bool], None]:
    """Return the callback of an option that prints a text and exits.

    If standard output is full or closed, the callbacks of click report a crash, or success.
    """

    def show(context: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not context.resilient_parsing:
            terminal.write_to_stdout(f"{text(context)}\n".encode("utf-8", "replace"))
            context.exit()

    return show


def _version(_: click.Context) -> str:
    return f"docrules, version {terminal.version()}"


def _manual(context: click.Context) -> str:
    from extract.cli import man  # noqa: PLC0415 - few read it

    return man.page(cli, terminal.version()).rstrip("\n")


def _with_help(command: click.Command) -> click.Command:
    # click makes the option once and keeps it.
    option = command.get_help_option(click.Context(command, help_option_names=_HELP))
    if option is not None:
        option.callback = _printing(click.Context.get_help)
    return command


class _Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments. Without any, the help is what is wanted: click 8.2 makes the message of an error of it, on one line here."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(terminal.EXIT_USAGE)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, None when there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name]).command
        if ctx.resilient_parsing:
            # A shell asks how the line could go on.
            from extract.cli import completion  # noqa: PLC0415 - no run needs it

            completion.prepare(command)
        return _with_help(command)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments begin with. Raises click.UsageError for another word, with the command that it is like."""
        if args[0] not in _COMMANDS and not ctx.resilient_parsing:
            like = difflib.get_close_matches(args[0], _COMMANDS)
            ctx.fail(f"no such command {args[0]!r}{'; did you mean ' + ' or '.join(map(repr, like)) + '?' if like else ''}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": _HELP, "max_content_width": 110})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, help="Show the version and exit.", callback=_printing(_version))
@click.option(
    "--man", is_flag=True, expose_value=False, is_eager=True, help="Show the manual page, for man, and exit.", callback=_printing(_manual)
)
def cli() -> None:
    """Turn the firewall-rule tables of vendor documentation into canonical network rules."""


_with_help(cli)


def _show(error: click.ClickException) -> None:
    """Print an error of the call as all others are printed."""
    message = error.format_message()
    click.echo(f"error: {terminal.plain(message[:1].lower() + message[1:])}", err=True)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        click.echo(f"{context.get_usage()}\nMore: {context.command_path} --help", err=True)


def _failed(error: Exception) -> int:
    """Print what nobody has caught, and return its exit code."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        # A call or a configuration gave it, and whatever looks at it first fails.
        name = str(error.filename)
        click.echo(f"error: the name {terminal.plain(name[:_NAME])}… ({len(name)} characters) is too long for this system", err=True)
        return terminal.EXIT_USAGE
    click.echo(f"internal error: {type(error).__name__}: {terminal.plain(str(error))}; please report this", err=True)
    return terminal.EXIT_INTERNAL


def invoke() -> NoReturn:
    """Run the command line. Every error that is expected ends in one line and its exit code, never in a traceback."""
    try:
        arguments = sys.argv[1:]
        # `docrules help run` is what many type.
        asked = [*arguments[1:], "--help"] if arguments[:1] == ["help"] else arguments
        code = cli.main(asked, prog_name="docrules", standalone_mode=False)
    except click.ClickException as error:
        _show(error)
        sys.exit(terminal.EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt) as error:
        click.echo(f"interrupted; {str(error) or 'nothing was written'}", err=True)
        sys.exit(terminal.EXIT_INTERRUPTED)
    except UsageError as error:
        click.echo(f"error: {terminal.plain(str(error))}", err=True)
        sys.exit(terminal.EXIT_USAGE)
    except DocrulesError as error:
        click.echo(f"internal error: {terminal.plain(str(error))}", err=True)
        sys.exit(terminal.EXIT_INTERNAL)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a message and exit code 4 instead of a traceback
        sys.exit(_failed(error))
    sys.exit(code or 0)
