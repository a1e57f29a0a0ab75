"""What every mechanism and every word is good for: how many golden pages change without it.

    python -m tests.ablation            mechanisms
    python -m tests.ablation --words    vocabulary entries: on how many pages each stands

A mechanism that serves one page only is a special case in disguise. A word that stands on no golden page must be in the vocabulary for
another reason, which its section or its `source` gives: a registry, or a language that the header and direction words promise.
"""

from __future__ import annotations

import contextlib
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from extract import Extraction, Rule, Unresolved, extract_text, vocabulary
from extract.cells import actions, flows, port_line, ports, protocol, reading, remarks
from extract.interpret import (
    cards,
    columns,
    costs,
    drafts,
    endlike,
    facts,
    headers,
    judge,
    matrix,
    naming,
    profiles,
    shape,
    titles,
    together,
    transports,
)
from extract.model import Field
from extract.read import decode
from extract.rows import protocols as protocol_rows
from extract.rows import traffic
from tests import goldens

Patch = tuple[object, str, Any]


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _unpaired(*_: Any, **__: Any) -> dict[int, Any]:
    return {}


def _no_roles(*_: Any) -> tuple[Any, ...]:
    return ()


def _no_words(*_: Any) -> tuple[tuple[str, ...], str]:
    return (), ""


def _unread(field: Field) -> Patch:
    """Take the readers of a field away."""
    return facts, "READERS", {**facts.READERS, field: ()}


SHIPPED = Path(__file__).parent.parent / "data/docs"

MECHANISMS: dict[str, Patch] = {
    "direction from the surroundings": _unread("direction"),
    "action from the surroundings": _unread("action"),
    "descriptions that deny": (actions, "description_denies", lambda _: False),
    "protocol from the surroundings": _unread("protocol"),
    "group that owns the rules (rules for X, X security group, X inbound ports)": _unread("owner"),
    "component in the heading above the table": (facts, "_add_component", _nothing),
    "names beside a direction in titles": (titles, "ends_of", lambda _: titles.NOBODY),
    "sentences about all ports": (transports, "_is_about_all", lambda *_: False),
    "group rows inside a table": (drafts.RowReader, "_lone_cell", _nothing),
    "repeated header rows": (drafts, "repeats", lambda *_: False),
    "header rows found by their words": (shape, "_looks_like_header", lambda *_: False),
    "header rows that continue": (shape, "_continues_header", lambda *_: False),
    "key/value tables": (cards, "read", _nothing),
    "matrices of hosts": (matrix, "read", _nothing),
    "cells that are not what their header says": (costs, "FITS", {}),
    "cells that speak against a role": (costs, "AGAINST", ()),
    "cells that tell their column": (columns, "_FORMS", ()),
    "columns that tell of each other": (together, "_TERMS", ()),
    "columns of one kind": (costs, "ONCE", {}),
    "signs of ends under unknown headers": (endlike, "_SIGNS", ()),
    "second meanings of headers over numbers": (naming, "_second_numbers", _no_roles),
    "ticked columns": (naming, "_ticks", _no_roles),
    "columns that speak for others (ends of an arrow, ICMP)": (together, "hints", _no_roles),
    "hardware words": (judge.Judge, "_hardware", _no_roles),
    "numbers that count up": (judge.Judge, "_counts_up", lambda *_: False),
    "remarks in brackets in port cells": (
        remarks,
        "of_brackets",
        lambda tokens, _: ([t for t in tokens if t.kind not in ("open", "close")], ""),
    ),
    "service names in place of ports": (port_line, "_registered", lambda token: token),
    "port lines paired with protocol lines": (traffic.TrafficReader, "_paired", _unpaired),
    "exchanged port and protocol cells": (traffic.TrafficReader, "_unswap", lambda _, values, cells: (values, cells)),
    "application labels": (protocol, "transports_of", lambda *_: ()),
    "transport in a remark": (protocol, "bracketed", _no_words),
    "type contradicts protocol": (
        protocol_rows.ProtocolReader,
        "_beside_type",
        lambda _, stated, *__: (stated, ()),
    ),
    "flows in one cell": (flows, "_flow", lambda: re.compile(r"(?!)")),
    "names that deny": (actions, "name_denies", lambda _: False),
}
"""Mechanism -> where it lives and what takes its place."""


@contextlib.contextmanager
def without(name: str) -> Iterator[None]:
    """Switch a mechanism off; caches of parsed cells are emptied before and after."""
    owner, attribute, replacement = MECHANISMS[name]
    _forget()
    with mock.patch.object(owner, attribute, replacement):
        yield
    _forget()


def _forget() -> None:
    for module in (actions, columns, flows, headers, naming, profiles, port_line, ports, protocol, reading, titles, transports):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def rendered() -> dict[str, list[str]]:
    """Return the rules of every golden page and of every shipped document, by name."""
    found = {folder.name: _rules(goldens.extract_page(folder)) for folder in goldens.folders()}
    for path in sorted(SHIPPED.rglob("*.md")):
        found[path.stem] = _rules(extract_text(path.read_bytes(), path=path.name))
    return found


def _rules(extraction: Extraction) -> list[str]:
    every: list[Rule | Unresolved] = [*extraction.rules, *extraction.unresolved]
    traces = [trace.by for rule in every for trace in rule.trace if trace.kind == "correction"]
    return [*goldens.render(extraction), *sorted(traces)]


def served(name: str, whole: dict[str, list[str]]) -> list[str]:
    """Return the pages that change without a mechanism."""
    with without(name):
        changed = rendered()
    return [page for page, lines in whole.items() if changed[page] != lines]


def words() -> Iterator[tuple[str, str, str, int]]:
    """Yield (file, section, word, number of golden pages that hold it)."""
    texts = [vocabulary.fold(decode.decode(goldens.page_of(folder).read_bytes()).text) for folder in goldens.folders()]
    for path in sorted(Path(vocabulary.__file__).parent.rglob("*.toml")):
        if path.stem != "classes" and ".examples" not in path.name:
            for section, word in _entries(tomllib.loads(path.read_text("utf-8"))):
                pattern = re.compile(vocabulary.pattern_of([vocabulary.fold(word)]))
                yield path.stem, section, word, sum(1 for text in texts if pattern.search(text))


def _entries(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield section and word: of lists, and of what maps a word to something."""
    for section, inner in table.items():
        for part in inner if isinstance(inner, list) else [inner]:
            for key, value in part.items():
                if isinstance(value, list) and key != "transports":
                    yield from ((f"{section} {key}", word) for word in value)
                elif not isinstance(value, dict) and not isinstance(inner, list):
                    yield section, key


def main() -> None:
    if "--words" in sys.argv:
        for name, section, word, count in words():
            print(f"{count:4d}  {name}.toml [{section}]  {word}")
        return
    whole = rendered()
    for name in MECHANISMS:
        pages = served(name, whole)
        print(f"{len(pages):4d}  {name}")


if __name__ == "__main__":
    main()
