"""The port grammar: one cell to the ports, protocols and arrows that it states.

A cell is a list of lines (paragraphs, list items, <br>). Each line is a list of items; a protocol or an application label
belongs to the numbers behind it when the line begins with one (`TCP 80, 443; UDP 53`), else to the numbers before it
(`80/tcp, 53/udp`, `389/TCP/UDP`). A line with a protocol alone belongs to the lines before it, or, when it is the first, to
those after it (`22<br>TCP`). Nothing is derived from a port number.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from extract import vocabulary
from extract.normalize.tokens import MAX_PORT, Token, clean, tokenize

# The EC2 API writes -1 for "all" (IpPermission: FromPort, ToPort, IpProtocol).
# `Access/SIP(TLS)/TCP/5061`: what stands before the transport is the name of the traffic.
_SLASHED = re.compile(r"/\s*(?:tcp|udp|sctp)\s*/\s*[\d,.-]+$", re.IGNORECASE)
_EVERY = re.compile(r"^-1$")


class Item(NamedTuple):
    """One number or range, or one open port, as a cell states it."""

    first: int | None
    last: int | None
    said: str
    protocols: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    # Application labels beside the number, as written.
    line: int = 0
    # Index of the line in its cell.
    arrow: str | None = None
    any: bool = False
    # Every port: `Any`, `All`, `*`.

    @property
    def problem(self) -> str | None:
        """Return the code of the finding that this item deserves, if any."""
        if self.first is None or self.last is None:
            return None
        if self.first > MAX_PORT or self.last > MAX_PORT:
            return "port-out-of-range"
        return "range-reversed" if self.first > self.last else None


class PortCell(NamedTuple):
    """What a cell states when it is read as a port cell."""

    items: tuple[Item, ...] = ()
    protocols: tuple[str, ...] = ()
    # Protocols of a cell that names no port.
    labels: tuple[str, ...] = ()
    none: bool = False
    # Empty, or a word for "not applicable".
    variable: str | None = None
    # The words of a cell that names neither a port nor a protocol.
    unknown: tuple[str, ...] = ()
    # Words that the grammar does not know, in cells that name a port.
    arrow: str | None = None
    icmp: tuple[int, int | None] | None = None
    # ICMP type and code that the cell states with these words.
    any_protocol: bool = False

    @property
    def numeric(self) -> bool:
        """Return whether the cell names at least one port or range."""
        return any(item.first is not None or item.any for item in self.items)

    @property
    def stated(self) -> tuple[str, ...]:
        """Return the protocols that the cell names, with or without a port."""
        found = dict.fromkeys(self.protocols)
        for item in self.items:
            found.update(dict.fromkeys(item.protocols))
        return tuple(found)


class _Line(NamedTuple):
    items: tuple[Item, ...]
    protocols: tuple[str, ...]
    labels: tuple[str, ...]
    variable: str | None
    unknown: tuple[str, ...]
    arrow: str | None
    any: bool
    icmp: tuple[int, int | None] | None
    any_protocol: bool


def is_none(text: str) -> bool:
    """Return whether a cell says that there is nothing: empty, a dash, `N/A`."""
    folded = vocabulary.fold(text).strip(" .")
    return not folded or folded in vocabulary.words("words", "none") or not folded.strip("-–—/ .")


@functools.lru_cache(maxsize=16384)
def parse(lines: tuple[str, ...]) -> PortCell:
    """Read the lines of a cell as a port cell. Never fails: what is not understood is in `unknown` or `variable`."""
    cleaned = [_EVERY.sub("*", clean(line)) for line in lines]
    present = [(index, line) for index, line in enumerate(cleaned) if not is_none(line)]
    if not present:
        return PortCell(none=True)
    read = [(index, _read_line(line, lines[index])) for index, line in present]
    return _combine(read, " ".join(lines))


def _combine(read: list[tuple[int, _Line]], text: str) -> PortCell:
    items: list[Item] = []
    # What a line without a number says holds for the lines behind it when no number came before, else for those before.
    prefix: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    loose_protocols: dict[str, None] = {}
    loose_labels: dict[str, None] = {}
    unknown: list[str] = []
    arrow: str | None = None
    icmp = None
    any_protocol = False
    for position, (index, line) in enumerate(read):
        unknown.extend(line.unknown)
        icmp = icmp or line.icmp
        any_protocol = any_protocol or line.any_protocol
        if line.items:
            items.extend(_labelled(item, prefix, index, line.arrow) for item in line.items)
        elif line.any:
            items.append(
                _labelled(Item(None, None, text, any=True), (line.protocols or prefix[0], line.labels or prefix[1]), index, line.arrow)
            )
        elif line.protocols or line.labels:
            if items and not any(item.protocols for item in items) and line.protocols:
                items = [item._replace(protocols=line.protocols) for item in items]
            elif items and not line.protocols:
                items = [item._replace(labels=item.labels or line.labels) for item in items]
            else:
                prefix = (line.protocols, line.labels)
                loose_protocols.update(dict.fromkeys(line.protocols))
                loose_labels.update(dict.fromkeys(line.labels))
        elif line.arrow:
            arrow = line.arrow
        elif line.variable:
            if _labels_next(line.variable, read[position + 1 :]):
                unknown.append(line.variable)
            else:
                items.append(Item(None, None, line.variable, prefix[0], prefix[1], index))
    if arrow:
        items = [item if item.arrow else item._replace(arrow=arrow) for item in items]
    named = any(item.first is not None or item.any or item.protocols for item in items)
    variable = None if named or not items else " ".join(item.said for item in items)
    return PortCell(
        items=tuple(items),
        protocols=tuple(loose_protocols) if not items else (),
        labels=tuple(loose_labels) if not items else (),
        variable=variable,
        unknown=tuple(unknown),
        arrow=arrow or next((line.arrow for _, line in read if line.arrow), None),
        icmp=icmp,
        any_protocol=any_protocol,
    )


def _labelled(item: Item, prefix: tuple[tuple[str, ...], tuple[str, ...]], index: int, arrow: str | None) -> Item:
    return item._replace(protocols=item.protocols or prefix[0], labels=item.labels or prefix[1], line=index, arrow=item.arrow or arrow)


def _labels_next(text: str, behind: list[tuple[int, _Line]]) -> bool:
    """Return whether words are the heading of the numbers in the next line: `Dynamic RPC ports` above `49152-65535`."""
    if not behind or not behind[0][1].items:
        return False
    return not _is_open(text) or any(item.first != item.last for item in behind[0][1].items)


def _is_open(text: str) -> bool:
    """Return whether words leave a port open on purpose: `dynamic`, `<mountd port>`, `see Note 1`."""
    folded = vocabulary.fold(text)
    return bool(re.search(r"[<{\[$%]", text) or _variable_finder().search(folded) or _reference_finder().match(folded))


@functools.cache
def _variable_finder() -> re.Pattern[str]:
    return vocabulary.finder("words", "variable")


@functools.cache
def _reference_finder() -> re.Pattern[str]:
    return vocabulary.finder("words", "reference")


def _read_line(line: str, written: str) -> _Line:
    tokens = list(tokenize(line))
    arrow = next((token.text for token in tokens if token.kind == "arrow"), None)
    tokens = [token for token in tokens if token.kind != "arrow"]
    tokens = _drop_remarks(tokens)
    numbers = [token for token in tokens if token.kind in ("number", "range")]
    protocols = dict.fromkeys(word for token in tokens if token.kind == "protocol" for word in token.words)
    labels = dict.fromkeys(token.text for token in tokens if token.kind == "label")
    every = any(token.kind in ("any", "any-port") for token in tokens)
    words = tuple(token.text for token in tokens if token.kind in ("word", "placeholder", "reference") and token.text.strip("-.:=_'\"·•"))
    icmp = _icmp_of(tokens, line, protocols)
    if icmp is not None and (not numbers or set(protocols) <= {"icmp", "ipv6-icmp"}):
        return _Line((), tuple(protocols), tuple(labels), None, (), arrow, False, icmp, False)
    any_protocol = "any" in protocols
    if numbers:
        known = () if _SLASHED.search(line) else words
        return _Line(tuple(_assign(tokens)), (), (), None, known, arrow, False, None, any_protocol)
    service = _service(line)
    if service is not None:
        return _Line((service,), tuple(protocols), tuple(labels), None, (), arrow, False, None, False)
    if every and (any(token.kind == "any-port" for token in tokens) or not words):
        return _Line((), tuple(protocols), tuple(labels), None, words, arrow, True, None, any_protocol)
    if (protocols or labels) and not words and not _variable_finder().search(vocabulary.fold(line)):
        return _Line((), tuple(protocols), tuple(labels), None, (), arrow, False, None, any_protocol)
    if protocols and not _is_open(line):
        return _Line((), tuple(protocols), tuple(labels), None, words, arrow, False, None, any_protocol)
    if not tokens:
        return _Line((), (), (), None, (), arrow, False, None, False)
    open_port = Item(None, None, " ".join(written.split()), tuple(protocols), tuple(labels))
    if protocols:
        return _Line((open_port,), (), (), None, (), arrow, False, None, False)
    return _Line((), (), tuple(labels) if not words else (), open_port.said, (), arrow, False, None, False)


def _drop_remarks(tokens: list[Token]) -> list[Token]:
    """Leave out brackets that are remarks: `(2008 OS and later)`, `(drives)`; and numbers in brackets behind a number."""
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.kind != "open":
            kept.append(token)
            position += 1
            continue
        end = position + 1
        while end < len(tokens) and not (tokens[end].kind == "close" and tokens[end].depth <= token.depth + 1):
            end += 1
        inner = tokens[position + 1 : end]
        remark = any(t.kind in ("word", "reference", "placeholder") for t in inner)
        numeric = any(t.kind in ("number", "range") for t in inner)
        outside = any(t.kind in ("number", "range") for t in _since_separator(kept))
        if numeric and outside and not remark:
            kept.extend(t._replace(kind="word") for t in inner if t.kind in ("number", "range"))
        elif not remark:
            glued = bool(kept) and kept[-1].start + len(kept[-1].text) == token.start
            kept.extend(t._replace(glued=glued) for t in inner)
        position = end + 1
    return kept


def _since_separator(tokens: list[Token]) -> list[Token]:
    found: list[Token] = []
    for token in reversed(tokens):
        if token.kind == "separator":
            break
        found.append(token)
    return found


def _assign(tokens: list[Token]) -> list[Item]:
    """Give each number of a line its protocols and labels."""
    significant = [token for token in tokens if token.kind in ("number", "range", "protocol", "label", "separator")]
    leading = next((token.kind for token in significant if token.kind != "separator"), "number")
    assignment = _Assignment(prefixed=leading in ("protocol", "label"))
    for position, token in enumerate(significant):
        assignment.take(token, significant, position)
    return assignment.items


class _Assignment:
    """The state of reading a line: numbers so far, and the protocols and labels that wait for the numbers behind them."""

    def __init__(self, prefixed: bool) -> None:
        self.items: list[Item] = []
        self._prefixed = prefixed
        self._protocols: dict[str, None] = {}
        self._labels: dict[str, None] = {}
        self._group = 0
        # Index of the first item that the next suffix belongs to.
        self._previous: Token | None = None

    def take(self, token: Token, tokens: list[Token], position: int) -> None:
        after_number = self._previous is not None and self._previous.kind in ("number", "range")
        if token.kind == "separator":
            if token.text in (";", "；") and not self._prefixed:
                self._group = len(self.items)
            return
        if token.kind in ("number", "range"):
            self._number(token)
        elif token.kind == "protocol" and _stands_alone(token, self._previous):
            self.items.append(Item(None, None, token.text, token.words))
            return
        elif self._prefixed and not (token.depth and self.items):
            if after_number and not _numbers_follow(tokens, position):
                self.items = _suffix(self.items, len(self.items) - 1, token)
            else:
                self._prefix(token, restart=after_number)
        elif not self._prefixed and _leads_number(tokens, position):
            self._prefixed = True
            self._prefix(token, restart=True)
        else:
            # `8300, 8301(UDP)`: a bracket that touches its number belongs to that one alone.
            alone = token.kind == "label" or token.glued or self._prefixed
            self.items = _suffix(self.items, len(self.items) - 1 if alone else self._group, token)
        self._previous = token

    def _number(self, token: Token) -> None:
        if not self._prefixed and self._previous is not None and self._previous.kind in ("protocol", "label"):
            self._group = len(self.items)
        protocols, labels = (tuple(self._protocols), tuple(self._labels)) if self._prefixed else ((), ())
        self.items.append(Item(*token.value, token.text, protocols, labels))

    def _prefix(self, token: Token, restart: bool) -> None:
        if restart:
            self._protocols, self._labels = {}, {}
        if token.kind == "protocol":
            self._protocols.update(dict.fromkeys(token.words))
        else:
            self._labels[token.text] = None


def _stands_alone(token: Token, previous: Token | None) -> bool:
    """Return whether a protocol without ports is an item of its own (`tcp:22, icmp`) and not the name of a number (`50 (ESP)`)."""
    if set(token.words) & (vocabulary.ported() | {vocabulary.ANY_PROTOCOL}):
        return False
    numbers = [entry.number for entry in vocabulary.protocol_words().values() if entry.keyword in token.words]
    return previous is None or previous.value[0] not in numbers


def _numbers_follow(tokens: list[Token], position: int) -> bool:
    """Return whether a protocol or label behind a number begins a new group: `TCP 80, 443; UDP 53`."""
    rest = [token.kind for token in tokens[position + 1 :] if token.kind != "separator"]
    return next((kind for kind in rest if kind not in ("protocol", "label")), None) in ("number", "range")


def _leads_number(tokens: list[Token], position: int) -> bool:
    """Return whether a protocol in a line that began with numbers leads the next one: `2049, 111; UDP 111`, `443, TCP 8443`."""
    if position == 0 or tokens[position - 1].kind != "separator" or tokens[position - 1].text == "/":
        return False
    following = [token.kind for token in tokens[position + 1 : position + 3]]
    return following[:1] in (["number"], ["range"]) and following[1:] not in (["protocol"], ["label"])


def _suffix(items: list[Item], first: int, token: Token) -> list[Item]:
    """Give a protocol or label to the items from `first` on."""
    kept = items[: max(first, 0)]
    for item in items[max(first, 0) :]:
        if token.kind == "protocol":
            kept.append(item._replace(protocols=tuple(dict.fromkeys((*item.protocols, *token.words)))))
        else:
            kept.append(item._replace(labels=tuple(dict.fromkeys((*item.labels, token.text)))))
    return kept


def _service(line: str) -> Item | None:
    """Return the registered port of an IANA service name that stands alone in place of a number."""
    port = vocabulary.service_ports().get(vocabulary.fold(line))
    return Item(port, port, line) if port is not None else None


def _icmp_of(tokens: list[Token], line: str, protocols: dict[str, None]) -> tuple[int, int | None] | None:
    kinds = [token.kind for token in tokens]
    if "type" in kinds:
        number = next(token.value[0] for token in tokens if token.kind == "type")
        code = next((token.value[0] for token in tokens if token.kind == "code"), None)
        return number, code
    return None
