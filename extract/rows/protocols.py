"""The protocol of a row: which cell, label or sentence states it, by a documented precedence."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from extract import vocabulary
from extract.cells import direction, ports, protocol
from extract.cells.statements import PortSentence, Sentences
from extract.model import Trace, Value
from extract.rows.view import RowView, context_trace


class ProtocolReader:
    """Finds the protocols of the port items of one row."""

    def __init__(self, view: RowView, statements: Sentences) -> None:
        """Take the row, and what sentences of the page state about ports."""
        self._view = view
        self._statements = statements

    def read(
        self, item: ports.Item, value: Value | None, lines: Sequence[protocol.ProtocolLine]
    ) -> tuple[tuple[str, ...], tuple[Trace, ...]]:
        """Return the protocols of one item with their trace.

        Precedence: protocol column, port cell, type column, a remark in brackets; then application labels in the same order; then
        column header, group row, caption, heading, sentence. A subset in the port cell narrows the protocol column. Where two cells
        contradict each other, a sentence of the page that speaks for the other one alone goes before precedence.
        """
        column = tuple(dict.fromkeys(word for line in lines for word in line.protocols)) or self._ticked()
        types = tuple(dict.fromkeys(word for cell in self._view.values("type") for word in self._view.read(cell).protocol.protocols))
        every = vocabulary.ANY_PROTOCOL
        stated = column
        trace: list[Trace] = []
        if column == (every,) and types and types != (every,) and not item.protocols:
            said = self._view.values("type")[0].text
            return types, (
                Trace(
                    "protocol",
                    "reading",
                    said,
                    "/".join(types),
                    "type names one protocol",
                    f"{lines[0].said!r} beside it means all of that protocol",
                ),
            )
        if item.protocols:
            if not column or set(item.protocols) <= set(column) or column == (every,):
                stated = item.protocols
            elif set(item.protocols) != set(column):
                stated, correction = self._port_cell_contradicts(item, value, column)
                trace.append(correction)
        if stated:
            if types and not set(types) & set(stated) and every not in (*types, *stated):
                stated, correction = self._type_contradicts(types, stated, item)
                trace.append(correction)
            trace.extend(self._stated_trace(item, value, lines, stated))
            return stated, tuple(trace)
        if types:
            return types, tuple(
                trace for cell in self._view.values("type") for trace in word_trace(cell.text, self._view.read(cell).protocol.protocols)
            )
        return self._labelled(item, value, lines)

    def _ticked(self) -> tuple[str, ...]:
        """Return the transports whose columns the row ticks."""
        return tuple(dict.fromkeys(value.hint for value in self._view.values("mark") if value.hint and self._view.read(value).ticked))

    def _labelled(
        self, item: ports.Item, value: Value | None, lines: Sequence[protocol.ProtocolLine]
    ) -> tuple[tuple[str, ...], tuple[Trace, ...]]:
        for remark in self._view.values("description", "service"):
            words, said = self._view.read(remark).remark
            if words:
                return words, (
                    Trace(
                        "protocol",
                        "reading",
                        said,
                        "/".join(words),
                        "remark in brackets",
                        f"the cell {remark.header!r} states the protocol",
                    ),
                )
        labels = [(label, line.said) for line in lines for label in line.labels]
        labels += [(label, value.text if value is not None else item.said) for label in item.labels]
        labels += [(label, cell.text) for cell in self._view.values("type") for label in self._view.read(cell).protocol.labels]
        if labels:
            sources: list[tuple[str, ...]] = [tuple(label for line in lines for label in line.labels), item.labels]
            chosen = next((found for found in sources if found), tuple(label for label, _ in labels))
            words = protocol.transports_of(chosen)
            if words:
                said = ", ".join(chosen)
                return words, (
                    Trace("protocol", "label", said, "/".join(words), "application label", f"{said} runs over {' and '.join(words)}"),
                )
        if value is not None and value.hint:
            return (value.hint,), (
                Trace("protocol", "context", value.header, value.hint, "column header", "the header names the protocol of the column"),
            )
        if fact := self._view.fact("protocol"):
            return (fact.value,), (context_trace("protocol", fact, fact.value),)
        return (), ()

    def _stated_trace(
        self, item: ports.Item, value: Value | None, lines: Sequence[protocol.ProtocolLine], stated: tuple[str, ...]
    ) -> list[Trace]:
        """Return the traces of protocols that a protocol cell, a tick or the port cell states in other words than their keyword."""
        found = [trace for line in lines if set(line.protocols) & set(stated) for trace in word_trace(line.said, line.protocols)]
        for mark in self._view.values("mark") if not any(line.protocols for line in lines) else ():
            if mark.hint in stated and self._view.read(mark).ticked:
                why = f"the cell under {mark.header!r} is ticked"
                found.append(Trace("protocol", "reading", mark.text, mark.hint, "ticked column", why))
        if stated == item.protocols:
            found.extend(word_trace(value.text if value is not None else item.said, stated))
        return found

    def _port_cell_contradicts(self, item: ports.Item, value: Value | None, column: tuple[str, ...]) -> tuple[tuple[str, ...], Trace]:
        """Decide between the protocol cell and a protocol in the port cell."""
        code, said = "protocol-contradicts-port-cell", value.text if value is not None else item.said
        text = f"the protocol cell says {'/'.join(column)}, the port cell {said!r}"
        decides, agrees = self._evidence(item, column, item.protocols)
        if decides:
            why = f"{text}; {_quoted(decides)} decides for the port cell"
            self._view.find(code, why)
            return item.protocols, _corrected("protocol", ("/".join(column), "/".join(item.protocols)), code, why, decides)
        why = f"{text}; the protocol cell counts" + (f", and {_quoted(agrees)} agrees" if agrees else "")
        self._view.find(code, why)
        return column, _corrected("protocol", (said, "/".join(column)), code, why, agrees)

    def _type_contradicts(self, types: tuple[str, ...], stated: tuple[str, ...], item: ports.Item) -> tuple[tuple[str, ...], Trace]:
        """Decide between the type cell and what the protocol or port cell states."""
        code, said = "type-contradicts-protocol", self._view.values("type")[0].text
        text = f"the type says {'/'.join(types)}, the protocol cell {'/'.join(stated)}"
        decides, agrees = self._evidence(item, stated, types)
        if decides:
            why = f"{text}; {_quoted(decides)} decides for the type"
            self._view.find(code, why)
            return types, _corrected("protocol", ("/".join(stated), "/".join(types)), code, why, decides)
        became = said
        for word in types:
            became = re.sub(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", "/".join(stated).upper(), became, flags=re.IGNORECASE)
        became = became if became != said and len(types) == 1 else "/".join(stated)
        why = f"{text}; the protocol cell counts" + (f", and {_quoted(agrees)} agrees" if agrees else "")
        self._view.find(code, why)
        return stated, _corrected("type", (said, became), code, why, agrees)

    def _evidence(
        self, item: ports.Item, preferred: tuple[str, ...], other: tuple[str, ...]
    ) -> tuple[PortSentence | None, PortSentence | None]:
        """Return the sentence that decides against the cell that precedence prefers, and the one that agrees with it.

        Sentences decides only when it is clear: sentences about this row state every protocol of the other cell for exactly these ports,
        and none states the preferred one's. A row that denies is left to precedence, for sentences speak of what is allowed.
        """
        agrees = next((found for word in preferred for found in self._statements.of(item.first, item.last, word)), None)
        denied = any(self._view.read(value).action == "deny" for value in self._view.values("action"))
        if agrees or denied:
            return None, agrees
        against = [
            next((found for found in self._statements.of(item.first, item.last, word) if self._is_about_row(found)), None) for word in other
        ]
        return (None if None in against else against[0]), None

    def _is_about_row(self, statement: PortSentence) -> bool:
        """Return whether a sentence says that traffic is wanted, of the direction and the group that the row belongs to."""
        way, owner = self._view.fact("direction"), self._view.fact("owner")
        folded = vocabulary.fold(statement.text)
        if not vocabulary.finder("affirm").search(folded):
            return False
        stated = direction.of_heading(statement.text)
        if stated not in (None, "mixed") and way is not None and way.value not in (stated, "both"):
            return False
        named = vocabulary.finder("group").search(folded) is not None
        return not named or (owner is not None and vocabulary.fold(owner.value) in folded)

    def unknown(self) -> str:
        """Record why the row has no protocol; return the reason when the cell holds an unknown word."""
        for value in self._view.values("protocol"):
            read = self._view.read(value).protocol
            if not read.none and not read.protocols and not read.labels:
                text = f"the protocol cell says {value.text!r}, which is no known protocol"
                self._view.find("protocol-unknown", f"{text}; the row is under unresolved")
                return text
        self._view.find(
            "protocol-missing", "neither the row nor what stands around the table names a protocol; the row is under unresolved"
        )
        return "the page names no protocol for this row"


@functools.lru_cache(maxsize=4096)
def word_trace(said: str, words: tuple[str, ...]) -> tuple[Trace, ...]:
    """Return a trace when a text states protocols in other words than their keywords: `All`, `IP protocol 50`, `ICMPv6`."""
    if not said or all(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", vocabulary.fold(said)) for word in words):
        return ()
    return (Trace("protocol", "label", said, "/".join(words), "protocol words", f"{said} means {' and '.join(words)}"),)


def _corrected(field: str, words: tuple[str, str], code: str, why: str, statement: PortSentence | None) -> Trace:
    """Return the trace of a correction, what was said and what it became, with the sentence that it rests on, if there is one."""
    said, became = words
    line, quote = (statement.line, statement.text) if statement is not None else (None, None)
    return Trace(field, "correction", said, became, code, why, line=line, quote=quote)


def _quoted(statement: PortSentence) -> str:
    return f"line {statement.line} ({statement.text!r})"
