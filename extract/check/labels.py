"""Check application labels against their rows: the label may be registered for another port, or run over another transport.

Ports are those of IANA's "Service Name and Transport Protocol Port Number Registry", transports those of the application's own
specification (the vocabulary names the sources). A label never changes a value; what disagrees is worth a look.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence

from extract import vocabulary
from extract.catalogue import finding
from extract.cells.reading import Cells
from extract.model import Draft, Finding
from extract.rows.row import Candidate


def check(draft: Draft, candidates: Sequence[Candidate], cells: Cells) -> Iterator[Finding]:
    """Yield a note for each label of a row that disagrees with the ports or the transports that the row states."""
    spans = sorted({(one.from_port, one.to_port) for one in candidates if one.from_port is not None and one.to_port is not None})
    transports = {one.protocol for one in candidates if one.protocol in vocabulary.ported()}
    if not spans or not transports:
        return
    for label in _labels(draft, cells):
        name = vocabulary.fold(label)
        ports_of, runs_over = _registered(name), vocabulary.application_words().get(name, ())
        problems = []
        if ports_of and not any(first <= port <= last for port in ports_of for first, last in spans):
            problems.append(f"is registered for port {' and '.join(map(str, ports_of))}")
        if runs_over and not transports & set(runs_over):
            problems.append(f"runs over {' and '.join(runs_over)}")
        if problems:
            said = f"{'/'.join(sorted(word for word in transports if word))} {_listed(spans)}"
            message = f"{label!r} {' and '.join(problems)}; this row says {said}{_registered_as(spans)}"
            yield finding("label-disagrees", message, line=draft.line, table=draft.table, row=draft.row, cells=draft.cells)


def _labels(draft: Draft, cells: Cells) -> tuple[str, ...]:
    """Return the labels of a row as written: cells that hold nothing else, and names beside the numbers of port cells."""
    applications, services = vocabulary.application_words(), vocabulary.service_ports()
    values = draft.values
    # Of the registered names many are plain words (`shell`, `login`): they are labels where a protocol or port is expected.
    labels = [value.text.strip(" .()") for role in ("type", "protocol") if role in values for value in values[role]]
    # A number alone has none.
    named = [value for value in values.get("port", ()) if not value.text.isdecimal()]
    labels += [label for value in named for item in cells[value.lines].ports.items for label in item.labels]
    found: dict[str, str] = {}
    for label in labels:
        name = vocabulary.fold(label)
        if name in applications or name in services:
            found.setdefault(name, label)
    for role in ("service", "description"):
        for value in values.get(role, ()):
            name = vocabulary.fold(label := value.text.strip(" .()"))
            if name in applications:
                found.setdefault(name, label)
    return tuple(found.values())


def _registered(name: str) -> tuple[int, ...]:
    """Return the ports that a name is registered for; `http-alt` is what else HTTP is served on."""
    ports_of = vocabulary.service_ports()
    return tuple(sorted({ports_of[word] for word in (name, f"{name}-alt") if word in ports_of}))


def _registered_as(spans: Sequence[tuple[int, int]]) -> str:
    """Return what else the ports of the row are registered as."""
    names = _names_of_ports()
    known = [f"{first} is registered as {names[first]}" for first, last in spans if first == last and first in names]
    return f"; {', '.join(known)}" if known else ""


@functools.cache
def _names_of_ports() -> Mapping[int, str]:
    """Return registered port -> the first of its names."""
    names: dict[int, str] = {}
    for name, port in vocabulary.service_ports().items():
        names.setdefault(port, name)
    return names


def _listed(spans: Sequence[tuple[int, int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
