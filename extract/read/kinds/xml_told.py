"""What is to be told about a document in XML: what stands elsewhere, what stands only in some editions, which names have no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.catalogue import finding
from extract.model import Finding
from extract.read.kinds.xml_names import TABLES, Names
from extract.read.kinds.xml_source import Source, local

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# What a document that takes very much from elsewhere is told of, at most.
_MAX_FINDINGS = 100


class Told:
    """Gathers the findings about a document."""

    def __init__(self, source: Source, names: Names) -> None:
        """Take the document, and what its elements are."""
        self._source, self._names = source, names
        self._missing: list[Finding] = []
        # Attribute and file -> the lines that refer to it and what they name there, outside of tables.
        self._elsewhere: dict[tuple[str, str], list[tuple[int | None, str]]] = {}
        # Table and words -> the lines that say so.
        self._conditions: dict[tuple[int, str], list[int]] = {}

    def missing(self, element: Element, what: str, target: str, table: int | None) -> None:
        """Note that something stands elsewhere. Outside of tables, one finding names all that is taken from a file: there are hundreds."""
        if table is None:
            self._elsewhere.setdefault((what, target.partition("#")[0]), []).append((element.sourceline, target))
            return
        message = f'{what}="{target}" was not followed: what it stands for is missing here; give the document with its references resolved'
        self._missing.append(self._finding("reference-not-followed", message, element.sourceline, table))

    def condition(self, element: Element) -> str:
        """Return in which editions an element stands, empty where it stands in all."""
        if not len(element.attrib):
            return ""
        return " ".join(f'{name}="{value}"' for name in self._names.conditions if (value := element.get(name)))

    def conditioned(self, element: Element, condition: str, table: int) -> None:
        """Note that a part of a table stands only in some editions."""
        self._conditions.setdefault((table, condition), []).append(element.sourceline or 1)

    def findings(self) -> list[Finding]:
        """Return what is to be told, each kind at most so often."""
        return [*self._source.findings, *self._undefined(), *self._missing[:_MAX_FINDINGS], *self._taken(), *self._conditioned()]

    def _taken(self) -> list[Finding]:
        found = []
        for (what, _), named in list(self._elsewhere.items())[:_MAX_FINDINGS]:
            line, target = named[0]
            others = f" and {len(named) - 1} more to the same file were" if len(named) > 1 else " was"
            message = (
                f'{what}="{target}"{others} not followed: what stands there is missing here; give the document with its references resolved'
            )
            found.append(self._finding("reference-not-followed", message, line, None))
        return found

    def _conditioned(self) -> list[Finding]:
        found = []
        for (table, words), lines in list(self._conditions.items())[:_MAX_FINDINGS]:
            said = "a part of this table stands" if len(lines) == 1 else f"{len(lines)} parts of this table stand"
            message = f"{said} only in editions with {words}; all were read"
            found.append(self._finding("conditional-text", message, lines[0], table))
        return found

    def _undefined(self) -> list[Finding]:
        """Say which names stand for nothing in this file; in tables alone, where they decide what a rule says."""
        told: dict[str, Element] = {}
        for name, element in self._source.undefined:
            if name not in told and any(map(self._is_table, [element, *element.iterancestors()])):
                told[name] = element
        message = "is not defined in this document; it is kept as it is written. Give the document with its entities resolved"
        return [
            self._finding("reference-not-followed", f"{name} {message}", element.sourceline, None)
            for name, element in list(told.items())[:_MAX_FINDINGS]
        ]

    def _is_table(self, element: Element) -> bool:
        return local(element) in TABLES | self._names.simple_tables

    def _finding(self, code: str, message: str, line: int | None, table: int | None) -> Finding:
        return finding(code, message, line=self._source.line(line or 1), table=table)
