"""Bindings: what the names of rules are in the environment of a user, in a file that belongs to it (schemas/bindings.schema.json)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from extract import written
from extract.check.stated import Scope
from extract.errors import UsageError
from extract.model import EndSide
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
    side: EndSide
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
        found = parse(written.read(file, str(file)), str(file), scope)
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
    found = written.parse(text, file)
    written.check(found, "bindings")
    table = found.table
    _check_scope(found, scope)
    endpoints = {name: _binding(name, said, found) for name, said in table.get("endpoint", {}).items()}
    unstated = []
    for number, said in enumerate(table.get("unstated", ())):
        place = ("unstated", number)
        networks = _networks(said["networks"], found, (*place, "networks"))
        unstated.append(Unstated(document=said["document"], side=said["side"], networks=networks, file=file, line=found.line(place)))
    return Bindings(endpoints, tuple(unstated))


def _check_scope(found: written.Written, scope: Scope) -> None:
    known = dict(zip(_SCOPE[-len(scope) :] if len(scope) > 1 else (), scope, strict=False))
    for name, value in found.table.get("scope", {}).items():
        if known.get(name) != value:
            raise found.wrong(("scope", name), f"its names are of {name} {value!r}; this export is of {'/'.join(scope)}")


def _binding(name: str, said: Mapping[str, Any], found: written.Written) -> Binding:
    place = ("endpoint", name)
    if "refuse" in said and len(said) > 1:
        raise found.wrong(place, f"{name!r} is refused, so nothing else can be said of it")
    targets = {key: value for key, value in said.items() if key not in ("networks", "refuse")}
    networks = _networks(said.get("networks", ()), found, (*place, "networks"))
    return Binding(networks=networks, refuse=said.get("refuse", ""), targets=targets, file=found.name, line=found.line(place))


def _networks(texts: Iterable[str], found: written.Written, place: written.Place) -> tuple[Network, ...]:
    networks = []
    for number, text in enumerate(texts):
        try:
            networks.append(network(text))
        except ValueError as error:
            raise found.wrong((*place, number), f"{text!r} is no network: {error}") from error
    return tuple(networks)


def network(text: str) -> Network:
    """Return a network by its text. Raises ValueError for host bits, a mask, and an interface (`fe80::1%eth0`, RFC 4007)."""
    if "%" in text:
        raise ValueError("it names an interface, which no rule of a network can hold")
    if not _PREFIX.fullmatch(text.partition("/")[2]):
        # Some read 0.0.0.255 as a mask and some as its opposite, and 0.0.0.0 as one address or as all.
        raise ValueError("behind its slash stands no number of bits")
    return ipaddress.ip_network(text)
