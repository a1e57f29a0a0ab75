"""What a shell offers for the values of a command: the files of the folder, or the names that the program knows.

click completes commands, options and choices (https://click.palletsprojects.com/en/stable/shell-completion/). A value that is a mere text
it leaves empty, and a shell that asks the program then offers no file either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType


class _Shell(StringParamType):
    """A text that the shell itself completes: `file` or `dir`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return what tells the shell to do so."""
        del ctx, param
        return [CompletionItem(incomplete, type=self.kind)]


class _Names(StringParamType):
    """A text that is one of some names."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self.names = names

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin as what is there."""
        del ctx, param
        return [CompletionItem(name) for name in self.names() if name.startswith(incomplete)]


def _codes() -> Iterable[str]:
    from extract.catalogue import catalogue  # noqa: PLC0415 - only what is asked for

    return catalogue()


def _targets() -> Iterable[str]:
    from extract.export.targets import all_targets  # noqa: PLC0415 - as above

    return all_targets()


_FILE, _FOLDER, _CODE, _TARGET = _Shell("file"), _Shell("dir"), _Names(_codes), _Names(_targets)
# By what a value is called in help; what is not here is a name that only the documents know.
_BY_NAME: Mapping[str, StringParamType] = {
    **dict.fromkeys(("FILE", "[PATH]...", "RULES.json", "OLD", "NEW", "DIR|FILE|-", "WHAT", "DOCUMENT[:TABLE]"), _FILE),
    **dict.fromkeys(("DIR", "FOLDER"), _FOLDER),
    "CODE": _CODE,
    "TARGET": _TARGET,
}


def prepare(command: click.Command) -> None:
    """Let the values of a command be completed."""
    for param in command.params:
        name = param.metavar or (param.name or "").upper()
        if param.type is click.STRING and not getattr(param, "is_flag", False):
            param.type = _BY_NAME.get(name if name in _BY_NAME else name.strip("[]"), param.type)
