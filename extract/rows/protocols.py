"""The protocol of a row: which cell, label or sentence states it, by a documented precedence."""

from __future__ import annotations

import functools
import re

from msgspec.structs import replace

from extract import vocabulary
from extract.cells import direction, protocol
from extract.cells.port_items import Item
from extract.cells.protocol import ProtocolCell
from extract.cells.statements import PortSentence, Sentences
from extract.model import Trace, Value
from extract.rows.view import RowView, context_trace

_EVERY = (vocabulary.ANY_PROTOCOL,)
# The maximum length of the name of a rule type.
_TYPE_WORDS = 6

Words = tuple[str, ...]
"""Keywords of protocols."""
Stated = tuple[Words, tuple[Trace, ...]]
"""Protocols and how they came about."""


class ProtocolReader:
    """Finds the protocols of the port items of one row."""

    def __init__(self, view: RowView, statements: Sentences) -> None:
        """Take the row, and what sentences of the page state about ports."""
        self._view = view
        self._statements = statements

    def read(self, item: Item, value: Value, column: ProtocolCell) -> Stated:
        """Return the protocols of one item with their trace. `value` is its port cell, `column` what the protocol cells say.

        Precedence: protocol column, port cell, type column, a remark in brackets; then application labels in the same order; then
        column header, group row, caption, heading, sentence. A subset in the port cell narrows the protocol column. If two cells
        contradict each other, a sentence of the page that supports only the other cell overrides this precedence.
        """
        own, types = column.protocols or self._ticked(), self._view.protocols("type")
        if own == _EVERY and types and types != _EVERY and not item.protocols:
            said, why = self._view.values("type")[0].text, f"{column.lines[0].said!r} beside it means all of that protocol"
            return types, (Trace("protocol", "reading", said, "/".join(types), "type names one protocol", why),)
        stated, trace = self._beside_port_cell(own, item, value)
        if stated:
            stated, correction = self._beside_type(stated, types, item)
            return stated, (*trace, *correction, *self._stated_trace(item, value, column, stated))
        if types:
            cells = ((cell.text, self._view.read(cell).protocol.protocols) for cell in self._view.values("type"))
            return types, tuple(trace for said, words in cells for trace in word_trace(said, words))
        return self._labelled(item, value, column)

    def _ticked(self) -> tuple[str, ...]:
        """Return the transports whose columns the row ticks."""
        return tuple(dict.fromkeys(value.hint for value in self._view.values("mark") if value.hint and self._view.read(value).ticked))

    def _labelled(self, item: Item, value: Value, column: ProtocolCell) -> Stated:
        """Return the protocols of an item for which no cell states any."""
        for remark in self._view.values("description", "service"):
            words, said = self._view.read(remark).remark
            if words:
                why = f"the cell {remark.header!r} states the protocol"
                return words, (Trace("protocol", "reading", said, "/".join(words), "remark in brackets", why),)
        labels = tuple(label for line in column.lines for label in line.labels) or item.labels
        labels = labels or tuple(label for cell in self._view.values("type") for label in self._view.read(cell).protocol.labels)
        if words := protocol.transports_of(labels):
            said = ", ".join(labels)
            why = f"{said} runs over {' and '.join(words)}"
            return words, (Trace("protocol", "label", said, "/".join(words), "application label", why),)
        if value.hint:
            why = "the header names the protocol of the column"
            return (value.hint,), (Trace("protocol", "context", value.header, value.hint, "column header", why),)
        if fact := self._view.fact("protocol"):
            return (fact.value,), (context_trace("protocol", fact, fact.value),)
        return (), ()

    def _stated_trace(self, item: Item, value: Value, column: ProtocolCell, stated: Words) -> list[Trace]:
        """Return the traces of protocols that a protocol cell, a tick or the port cell states in other words than their keyword."""
        found = [trace for line in column.lines if set(line.protocols) & set(stated) for trace in word_trace(line.said, line.protocols)]
        for mark in self._view.values("mark"):
            if mark.hint in stated and not column.protocols and self._view.read(mark).ticked:
                why = f"the cell under {mark.header!r} is ticked"
                found.append(Trace("protocol", "reading", mark.text, mark.hint, "ticked column", why))
        if stated == item.protocols:
            found.extend(word_trace(value.text, stated))
        return found

    def _beside_port_cell(self, stated: Words, item: Item, value: Value) -> Stated:
        """Choose between the protocols of the protocol cell and those of an item of the port cell."""
        if not item.protocols:
            return stated, ()
        if not stated or stated == _EVERY or item.words or set(item.protocols) <= set(stated):
            return item.protocols, ()
        text = f"the protocol cell says {'/'.join(stated)}, the port cell {value.text!r}"
        kept = Trace("protocol", "correction", value.text, "/".join(stated), "protocol-contradicts-port-cell", text)
        return self._decided(item, stated, item.protocols, "port cell", kept)

    def _beside_type(self, stated: Words, types: Words, item: Item) -> Stated:
        """Choose between the protocols of the protocol or port cell and those of the type cell."""
        if not types or set(types) & set(stated) or vocabulary.ANY_PROTOCOL in (*types, *stated):
            return stated, ()
        said = became = self._view.values("type")[0].text
        for word in types:
            became = re.sub(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", "/".join(stated).upper(), became, flags=re.IGNORECASE)
        became = became if became != said and len(types) == 1 else "/".join(stated)
        text = f"the type says {'/'.join(types)}, the protocol cell {'/'.join(stated)}"
        return self._decided(item, stated, types, "type", Trace("type", "correction", said, became, "type-contradicts-protocol", text))

    def _decided(self, item: Item, stated: Words, other: Words, cell: str, kept: Trace) -> Stated:
        """Return which of two words that contradict each other count: those that precedence prefers, or those of the other cell.

        `kept` is the correction of the other cell, and says how the two contradict each other.
        """
        decides, agrees = self._evidence(item, stated, other)
        if decides:
            why = f"{kept.why}; {_quoted(decides)} decides for the {cell}"
            stated, kept = other, replace(kept, field="protocol", said="/".join(stated), became="/".join(other))
        else:
            why = f"{kept.why}; the protocol cell counts" + (f", and {_quoted(agrees)} agrees" if agrees else "")
        self._view.find(kept.by, why)
        sentence = decides or agrees
        place = {"line": sentence.line, "quote": sentence.text} if sentence else {}
        return stated, (replace(kept, why=why, **place),)

    def _evidence(self, item: Item, preferred: Words, other: Words) -> tuple[PortSentence | None, PortSentence | None]:
        """Return the sentence that decides against the cell that precedence prefers, and the one that agrees with it.

        Sentences decides only when it is clear: sentences about this row state every protocol of the other cell for exactly these ports,
        and none states the preferred one's. For a row that denies, precedence decides, because sentences are about allowed traffic.
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

    def left_open(self) -> str:
        """Return what the first cell says that narrows its protocols, or adds words that nobody knows; empty when none does.

        A rule type is the name of a rule in a console, and may hold any words; a text as long as a sentence is no such name.
        """
        types = [one for one in self._view.values("type") if len(one.text.split()) <= _TYPE_WORDS and self._view.read(one).action != "deny"]
        for value in (*self._view.values("protocol"), *types):
            if self._view.read(value).protocol.narrowed:
                return value.text
        for value in self._view.values("protocol"):
            read = self._view.read(value).protocol
            if read.strange and not any(self._view.read(value).icmp(word) for word in read.protocols if word.endswith("icmp")):
                return value.text
            if self._contradicts(read):
                return value.text
        return ""

    def _contradicts(self, read: ProtocolCell) -> bool:
        """Return whether a protocol cell names ports, and the port cell others: `TCP 80 | 443`."""
        named = {number for line in read.lines for number in line.numbers} if read.protocols else set()
        ports = [(one.first, one.last) for value in self._view.values("port") for one in self._view.read(value).ports.items]
        return bool(named) and any(first is not None and (first, last) not in named for first, last in ports)

    def unknown(self) -> str:
        """Record why the row has no protocol; return the reason when the cell holds an unknown word."""
        if said := self.left_open():
            text = f"the cell says {said!r}, and not all of these words were understood"
            self._view.find("words-not-understood", text)
            return text
        for value in self._view.values("protocol"):
            read = self._view.read(value).protocol
            if not read.none and not read.protocols and not read.labels:
                text = f"the protocol cell says {value.text!r}, which is no known protocol"
                self._view.find("protocol-unknown", text)
                return text
        self._view.find("protocol-missing", "neither the row nor the text around the table names a protocol")
        return "the page names no protocol for this row"


@functools.lru_cache(maxsize=4096)
def word_trace(said: str, words: tuple[str, ...]) -> tuple[Trace, ...]:
    """Return a trace when a text states protocols in other words than their keywords: `All`, `IP protocol 50`, `ICMPv6`."""
    if not said or all(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", vocabulary.fold(said)) for word in words):
        return ()
    return (Trace("protocol", "label", said, "/".join(words), "protocol words", f"{said} means {' and '.join(words)}"),)


def _quoted(statement: PortSentence) -> str:
    return f"line {statement.line} ({statement.text!r})"
