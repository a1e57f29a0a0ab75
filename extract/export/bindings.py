"""Bindings: what the names of rules are in the environment of a user, in a file that belongs to it (schemas/bindings.schema.json)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomli

from extract import schema
from extract.check.stated import Scope
from extract.errors import UsageError
from extract.regex import late

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PREFIX = late(r"[0-9]{0,3}")
_SCOPE = ("vendor", "product", "release")


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """What one end is."""

    networks: tuple[Network, ...] = ()
    # Why no rule with this end is exported; empty where they are.
    refuse: str = ""
    # Target -> what the end is there.
    targets: Mapping[str, Mapping[str, Any]] = {}
    file: str
    line: int


class Unstated(msgspec.Struct, frozen=True, kw_only=True):
    """A decision of the user: what an end is that the page does not state."""

    document: str
    side: Literal["source", "destination"]
    networks: tuple[Network, ...]
    file: str
    line: int

    def is_about(self, document: str) -> bool:
        """Return whether a document is the one that is meant, by its id."""
        return f"/{document}".endswith(f"/{self.document.strip('/')}")


class Bindings(msgspec.Struct, frozen=True):
    """All bindings of a call."""

    endpoints: Mapping[str, Binding] = {}
    unstated: tuple[Unstated, ...] = ()


def load(files: Iterable[Path], scope: Scope) -> Bindings:
    """Return the bindings of files together, for the rules of a scope.

    Raises UsageError, with file and line, for a file that cannot be read, is no TOML, breaks the schema or is about another scope, for a
    network with host bits, and for what two files say.
    """
    endpoints: dict[str, Binding] = {}
    unstated: list[Unstated] = []
    for file in files:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{file}: cannot be read: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8'}") from error
        found = parse(text, str(file), scope)
        for name, binding in found.endpoints.items():
            twin = endpoints.setdefault(name, binding)
            if twin is not binding:
                raise UsageError(f"{file}:{binding.line}: {twin.file}:{twin.line} says what {name!r} is already; say it once")
        for one in found.unstated:
            twins = [other for other in unstated if (other.document.strip("/"), other.side) == (one.document.strip("/"), one.side)]
            if twins:
                raise UsageError(
                    f"{file}:{one.line}: {twins[0].file}:{twins[0].line} answers for the {one.side} of {one.document!r} already"
                )
            unstated.append(one)
    return Bindings(endpoints, tuple(unstated))


def parse(text: str, file: str, scope: Scope) -> Bindings:
    """Return the bindings in the text of a file. Raises UsageError as `load` does."""
    try:
        table = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}: is no TOML: {error}") from error
    broken = schema.problem("bindings", table)
    if broken is not None:
        where, message = broken
        line = _lines(text).get(tuple(map(str, where[:2])), 1)
        raise UsageError(f"{file}:{line}: {'.'.join(map(str, where)) or 'the file'}: {message} (schemas/bindings.schema.json)")
    _check_scope(table.get("scope", {}), file, text, scope)
    lines = _lines(text)
    endpoints = {name: _binding(name, said, file, lines.get(("endpoint", name), 1)) for name, said in table.get("endpoint", {}).items()}
    heads = [text.count("\n", 0, match.start()) + 1 for match in re.finditer(r"^[ \t]*\[\[[ \t]*unstated[ \t]*\]\]", text, re.MULTILINE)]
    unstated = []
    for index, said in enumerate(table.get("unstated", ())):
        line = heads[index] if index < len(heads) else 1
        networks = _networks(said["networks"], f"{file}:{line}")
        unstated.append(Unstated(document=said["document"], side=said["side"], networks=networks, file=file, line=line))
    return Bindings(endpoints, tuple(unstated))


def _check_scope(said: Mapping[str, str], file: str, text: str, scope: Scope) -> None:
    known = dict(zip(_SCOPE[-len(scope) :] if len(scope) > 1 else (), scope, strict=False))
    for name, value in said.items():
        if known.get(name) != value:
            line = _lines(text).get(("scope",), 1)
            raise UsageError(f"{file}:{line}: its names are of {name} {value!r}; this export is of {'/'.join(scope)}")


def _binding(name: str, said: Mapping[str, Any], file: str, line: int) -> Binding:
    place = f"{file}:{line}"
    if "refuse" in said and len(said) > 1:
        raise UsageError(f"{place}: {name!r} is refused, so nothing else can be said of it")
    targets = {key: value for key, value in said.items() if key not in ("networks", "refuse")}
    networks = _networks(said.get("networks", ()), place)
    return Binding(networks=networks, refuse=said.get("refuse", ""), targets=targets, file=file, line=line)


def _networks(texts: Iterable[str], place: str) -> tuple[Network, ...]:
    found = []
    for text in texts:
        try:
            found.append(network(text))
        except ValueError as error:
            raise UsageError(f"{place}: {text!r} is no network: {error}") from error
    return tuple(found)


def network(text: str) -> Network:
    """Return a network by its text. Raises ValueError for host bits, a mask, and an interface (`fe80::1%eth0`, RFC 4007)."""
    if "%" in text:
        raise ValueError("it names an interface, which no rule of a network can hold")
    if not _PREFIX.fullmatch(text.partition("/")[2]):
        # Some read 0.0.0.255 as a mask and some as its opposite, and 0.0.0.0 as one address or as all.
        raise ValueError("behind its slash stands no number of bits")
    return ipaddress.ip_network(text)


def _lines(text: str) -> Mapping[tuple[str, ...], int]:
    """Return the line of each table that has a line of its own, by its name in parts."""
    found: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            try:
                found.setdefault(tuple(_parts(tomli.loads(line))), number)
            except ValueError:
                # A list that goes over lines.
                continue
    return found


def _parts(table: Any) -> Iterator[str]:
    while isinstance(table, dict) and table:
        name, table = next(iter(table.items()))
        yield name
