"""`docrules kinds`: which documents are read, and what each kind needs."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from extract.cli.terminal import write_to_stdout
from extract.read.kinds.registry import KINDS, PACKS, Kind, version

_ALL = (*KINDS, *PACKS)
_EPILOG = """\b
Exit codes:
  0  listed
  4  a defect of this program
"""


class _Listed(msgspec.Struct, frozen=True):
    """A kind as JSON."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    # A search of a folder reads it.
    searched: bool
    # The package that it needs beyond docrules itself, and its version; None where it needs none, and where that is not installed.
    package: str | None
    version: str | None
    # Whether documents of the kind are read by this installation.
    installed: bool
    # What installs what it needs; None where nothing is missing.
    install: str | None


@click.command("kinds", epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list of all kinds.")
def command(as_json: bool) -> None:
    """List the kinds of documents that are read.

    At the end stand archives, whose documents are read each by itself.

    For each: its name, which is `format` of a document in the data; its suffixes; the library that it needs, and whether that is installed.
    A search of a folder passes over kinds whose library is missing, and over those that are read by name alone: the run counts them.

    \b
    Examples:
      docrules kinds
      docrules kinds --json | jq -r '.[] | select(.installed | not) | .install'
    """
    if as_json:
        write_to_stdout(msgspec.json.format(msgspec.json.encode(list(map(_listed, _ALL))), indent=2) + b"\n")
        return
    write_to_stdout("".join(f"{line}\n" for line in _lines()).encode())


def _listed(kind: Kind) -> _Listed:
    found = version(kind)
    return _Listed(
        kind.name,
        kind.title,
        kind.suffixes,
        kind.searched,
        kind.package or None,
        found or None,
        found is not None,
        kind.install if found is None else None,
    )


def _lines() -> Iterator[str]:
    """Yield a line for each kind, in columns."""
    suffixes = max(len(" ".join(kind.suffixes)) for kind in _ALL)
    names = max(len(kind.name) for kind in _ALL)
    titles = max(len(kind.title) for kind in _ALL)
    for kind in _ALL:
        line = f"{kind.name:<{names}}  {' '.join(kind.suffixes):<{suffixes}}  {kind.title:<{titles}}  {_state(kind)}"
        yield line.rstrip()


def _state(kind: Kind) -> str:
    found = version(kind)
    if found is None:
        return f"needs {kind.package}: {kind.install}"
    library = f"{kind.package} {found}" if found else ""
    return ", ".join(filter(None, (library, "" if kind.searched else "read by name alone")))
