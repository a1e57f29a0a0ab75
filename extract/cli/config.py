"""`docrules config`: what holds for a run, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
from click.core import ParameterSource

from extract.catalogue import catalogue
from extract.cli import configuration, configured, run
from extract.cli.configuration import Configuration
from extract.cli.terminal import plain, write_to_stdout

_EPILOG = """\b
Exit codes:
  0  printed
  2  the configuration cannot be taken, or `docrules run` would refuse the arguments
  4  a defect of this program
"""


class _Value(NamedTuple):
    """A value of a run."""

    key: str
    value: Any
    # `docrules.toml:3`, `command line` or `default`.
    origin: str


@click.command("config", epilog=_EPILOG, context_settings={"ignore_unknown_options": True})
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT]...")
def command(as_json: bool, arguments: tuple[str, ...]) -> None:
    """Print the configuration that holds: each value, and whether it comes from a file (with the line), the command line or nowhere.

    Each ARGUMENT is one of `docrules run`, --config and --no-config too: what is printed holds for a run with them.

    \b
    Examples:
      docrules config
      docrules config --out /tmp/rules.json
      docrules config --json | jq .values.out
    """
    with _of_run(arguments) as context:
        found = configured.of(context)
        values = [_value(found, context, name, key) for name, key in configured.RUN.items()]
    if as_json:
        write_to_stdout(msgspec.json.format(msgspec.json.encode(_as_json(found, values)), indent=2) + b"\n")
        return
    write_to_stdout("".join(f"{plain(line)}\n" for line in _lines(found, values)).encode("utf-8", "replace"))


def _of_run(arguments: Sequence[str]) -> click.Context:
    """Return the context of a run with some arguments. Raises click.UsageError, as one of this command, where a run would refuse them."""
    here = click.get_current_context()
    try:
        return run.command.make_context("run", list(arguments), parent=here.parent)
    except click.UsageError as error:
        error.ctx = here
        raise


def _value(found: Configuration, context: click.Context, name: str, key: str) -> _Value:
    value, source = context.params[name], context.get_parameter_source(name)
    if source is ParameterSource.DEFAULT_MAP:
        return _Value(key, value, found.place(key))
    if source is ParameterSource.COMMANDLINE and value != ():
        return _Value(key, value, "command line")
    return _Value(key, value, "default")


def _as_json(found: Configuration, values: list[_Value]) -> dict[str, Any]:
    return {
        "file": found.name or None,
        "values": {key: {"value": value, "from": origin} for key, value, origin in values},
        "findings": [
            {"code": one.code, "severity": one.severity, "paths": one.paths.text if one.paths is not None else None, "from": origin}
            for one, origin in configuration.severities(found)
        ],
    }


def _lines(found: Configuration, values: list[_Value]) -> Iterator[str]:
    if found.file is not None:
        yield f"configuration: {found.name}"
    else:
        yield f"no configuration: neither {configuration.NAME} nor [tool.docrules] of {configuration.PYPROJECT} in {Path.cwd()} or above it"
    rows = [(key, _shown(value), origin) for key, value, origin in values]
    for one, origin in configuration.severities(found):
        where = f" in {one.paths.text}" if one.paths is not None else ""
        usual = catalogue()[one.code].severity
        rows.append((one.code, f"{one.severity}{f', not {usual}' if usual != one.severity else ''}{where}", origin))
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, shown, origin in rows:
        yield f"{key:<{first}}  {shown:<{second}}  {origin}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "not named"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "not named" if value is None else str(value)
