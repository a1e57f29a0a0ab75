"""One line of a port cell: its numbers with their protocols and labels, or the words that it holds in place of numbers."""

from __future__ import annotations

import functools
import itertools
import re
from typing import NamedTuple

from extract import vocabulary
from extract.normalize.assign import Stream
from extract.normalize.tokens import MAX_PORT, Token, tokenize

# `Access/SIP(TLS)/TCP/5061`: what stands before the transport is the name of the traffic.
_SLASHED = re.compile(r"/\s*(?:tcp|udp|sctp)\s*/\s*[\d,.-]+$", re.IGNORECASE)
_PUNCTUATION = "-.:=_'\"·•"
# Beside these the name of a service still stands in place of a number; `DNS server` names a host, `https.port` a setting.
_SERVICE_FILLERS = frozenset({"port", "ports", "protocol", "protocols", "over", "via", "using", "only", "both"})
# The value of a number token that stands for every port among numbers (`TCP 80, UDP any`).
_EVERY = (-1, -1)


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


class Line(NamedTuple):
    """What one line of a port cell says."""

    items: tuple[Item, ...] = ()
    services: tuple[Item, ...] = ()
    # The registered ports of service names, in a line of such names alone: no ports when other lines have numbers.
    protocols: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    # Protocols and application labels of a line without a number.
    variable: str | None = None
    # The words of a line that names neither.
    unknown: tuple[str, ...] = ()
    arrow: str | None = None
    any: bool = False
    icmp: tuple[int, int | None] | None = None
    any_protocol: bool = False


def read(line: str, written: str) -> Line:
    """Read one cleaned line; `written` is the line as the page has it."""
    tokens = list(tokenize(line))
    arrow = next((token.text for token in tokens if token.kind == "arrow"), None)
    tokens = _drop_own_numbers(_drop_remarks([token for token in tokens if token.kind != "arrow"]))
    protocols = tuple(dict.fromkeys(word for token in tokens if token.kind == "protocol" for word in token.words))
    icmp = _icmp_of(tokens)
    numeric = any(token.kind in ("number", "range") for token in tokens)
    if icmp is not None and (not numeric or set(protocols) <= {"icmp", "ipv6-icmp"}):
        labels = tuple(dict.fromkeys(token.text for token in tokens if token.kind == "label"))
        return Line(protocols=protocols, labels=labels, arrow=arrow, icmp=icmp)
    if numeric and any(vocabulary.fold(token.text) in vocabulary.words("words", "exception") for token in tokens if token.kind == "word"):
        # `all TCP ports except 22`: the number is the one port that is not meant.
        return Line(items=(Item(None, None, " ".join(written.split()), protocols),), arrow=arrow)
    if numeric:
        tokens = _with_names(_with_every(tokens))
        items, loose = assigned(tokens)
        known = () if _SLASHED.search(line) else _words(tokens)
        return Line(items=items, unknown=(*known, *loose), arrow=arrow, any_protocol=vocabulary.ANY_PROTOCOL in protocols)
    return _without_numbers(tokens, protocols, written)._replace(arrow=arrow)


def _without_numbers(tokens: list[Token], protocols: tuple[str, ...], written: str) -> Line:
    """Read a line without numbers: names of services, "any", protocols, or words that leave the port open."""
    words = _words(tokens)
    labels = tuple(dict.fromkeys(token.text for token in tokens if token.kind == "label"))
    every = any(token.kind in ("any", "any-port") for token in tokens)
    some = any(token.kind in ("filler", "word") and not token.depth and _is_variable(token.text) for token in tokens)
    any_protocol = vocabulary.ANY_PROTOCOL in protocols
    text = " ".join(written.split())
    services = () if every or some else _services(tokens)
    if services:
        return Line(services=services, protocols=protocols, labels=labels or tuple(item.said for item in services))
    if every and not some and (any(token.kind == "any-port" for token in tokens) or not words):
        return Line(any=True, protocols=protocols, labels=labels, unknown=words, any_protocol=any_protocol)
    if not tokens:
        return Line()
    # `TCP 443b` names a port that is not understood; a line of a protocol and words names none.
    digits = any(any(char.isdigit() for char in word) for word in words)
    if (protocols or labels) and not words and not _is_variable(text):
        return Line(protocols=protocols, labels=labels, any_protocol=any_protocol)
    if protocols and not digits and not is_open(text):
        return Line(protocols=protocols, labels=labels, unknown=words, any_protocol=any_protocol)
    if protocols:
        return Line(items=(Item(None, None, text, protocols, labels),))
    return Line(labels=labels if not words else (), variable=text)


def is_open(text: str) -> bool:
    """Return whether words leave a port open on purpose: `dynamic`, `<mountd port>`, `see Note 1`."""
    return bool(re.search(r"[<{\[$%]", text) or _is_variable(text) or _reference_finder().match(vocabulary.fold(text)))


def _is_variable(text: str) -> bool:
    return bool(_variable_finder().search(vocabulary.fold(text)))


@functools.cache
def _variable_finder() -> re.Pattern[str]:
    return vocabulary.finder("words", "variable")


@functools.cache
def _reference_finder() -> re.Pattern[str]:
    return vocabulary.finder("words", "reference")


def _words(tokens: list[Token]) -> tuple[str, ...]:
    """Return the words that the grammar does not know."""
    return tuple(token.text for token in tokens if token.kind in ("word", "placeholder", "reference") and token.text.strip(_PUNCTUATION))


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
        if token.kind == "separator" or _parts(token):
            break
        found.append(token)
    return found


def _drop_own_numbers(tokens: list[Token]) -> list[Token]:
    """Leave out the registry number beside a protocol without ports, which is no port: `50 (ESP)`, `GRE 47`."""
    dropped = set()
    beside = [
        index
        for index, token in enumerate(tokens)
        if not (token.text in ("/", "-") or (token.kind == "word" and not token.text.strip(_PUNCTUATION)))
    ]
    for one, other in itertools.pairwise(beside):
        for name, number in ((one, other), (other, one)):
            if tokens[name].kind == "protocol" and tokens[number].kind == "number" and is_own_number(tokens[number], tokens[name].words):
                dropped.add(number)
    return [token for index, token in enumerate(tokens) if index not in dropped]


def is_own_number(number: Token | Item, protocols: tuple[str, ...]) -> bool:
    """Return whether a number is the one of a protocol without ports in IANA's registry."""
    value = number.value if isinstance(number, Token) else (number.first, number.last)
    return value[0] == value[1] and value[0] in {
        entry.number for entry in vocabulary.protocol_words().values() if entry.keyword in protocols and not entry.ports
    }


def _parts(token: Token) -> bool:
    """Return whether a token separates the entries of a list; a slash and a dash join a number and what it is called."""
    if token.kind == "separator":
        return token.text not in ("/", "-")
    return token.kind == "filler" and vocabulary.fold(token.text) in vocabulary.words("words", "conjunction")


def _entries(tokens: list[Token]) -> list[list[Token]]:
    """Return the entries of a list."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if _parts(token):
            found.append([])
        else:
            found[-1].append(token)
    return found


def _with_every(tokens: list[Token]) -> list[Token]:
    """Make "any" an entry of a list that holds numbers elsewhere: `TCP 80, UDP any`. In `*:443` it is none."""
    every = set()
    for entry in _entries(tokens):
        kinds = {token.kind for token in entry if token.text.strip(_PUNCTUATION)}
        said = [token for token in entry if token.kind in ("any", "any-port")]
        alone = kinds <= {"any", "any-port", "filler"} and all(not token.depth for token in said)
        if said and (alone or ("protocol" in kinds and kinds <= {"any", "any-port", "filler", "protocol", "label", "separator"})):
            every.add(said[0])
    return [token._replace(kind="number", value=_EVERY) if token in every else token for token in tokens]


def _with_names(tokens: list[Token]) -> list[Token]:
    """Make the name of a service a number where it is an entry of a list of numbers: `www, 443`, not `443 login`."""
    named: set[Token] = set()
    start = 0
    for end in (*(index for index, token in enumerate(tokens) if token.text in (",", ";", "、", "，", "；")), len(tokens)):
        entry = [token for token in tokens[start:end] if token.kind not in ("protocol", "separator")]
        if len(entry) == 1 and entry[0].kind == "word" and not entry[0].depth:
            named.update(entry)
        start = end + 1
    return [_registered(token) if token in named else token for token in tokens]


def _registered(token: Token) -> Token:
    port = vocabulary.service_ports().get(vocabulary.fold(token.text))
    return token if port is None else token._replace(kind="number", value=(port, port))


def _services(tokens: list[Token]) -> tuple[Item, ...]:
    """Return the registered ports of a line that consists of names of services: `http, https`, `tcp/domain`."""
    names = {token for token in tokens if token.kind in ("label", "word", "placeholder", "reference") and token.text.strip(_PUNCTUATION)}
    registered = vocabulary.service_ports()
    if not names or any(vocabulary.fold(token.text) not in registered for token in names):
        return ()
    beside = {vocabulary.fold(token.text) for token in tokens if token.kind == "filler" and not _parts(token)}
    if not beside <= _SERVICE_FILLERS or any(token.text == "." for token in tokens[:-1]):
        return ()
    items, _ = assigned([_registered(token) if token in names else token for token in tokens])
    labels = vocabulary.application_words()
    return tuple(item._replace(labels=(item.said,)) if vocabulary.fold(item.said) in labels else item for item in items)


def assigned(tokens: list[Token] | tuple[Token, ...]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """Return the numbers among tokens, each with its protocols and labels, and the labels that belong to none of them.

    A protocol without ports is an item of its own: `tcp:22, icmp`.
    """
    items: list[Item] = []
    protocols, labels = Stream(), Stream(last_only=True)
    alone = _standing_alone(tokens)
    for token in tokens:
        if _parts(token):
            for stream in (protocols, labels):
                stream.separate(group=token.text in (";", "；"))
        elif token.kind in ("number", "range"):
            every = token.value == _EVERY
            first, last = (None, None) if every else token.value
            for stream in (protocols, labels):
                stream.number(len(items), token.depth)
            items.append(Item(first, last, token.text, any=every))
        elif token in alone:
            if not any(item.first is None and item.protocols == token.words for item in items):
                items.append(Item(None, None, token.text, token.words))
        elif token.kind == "protocol":
            protocols.word(token.words, token.depth, token.glued)
        elif token.kind == "label":
            labels.word((token.text,), token.depth, token.glued)
    given, names = protocols.shares(), labels.shares()
    found = [
        item._replace(protocols=given.given.get(slot, item.protocols), labels=names.given.get(slot, ())) for slot, item in enumerate(items)
    ]
    found.extend(Item(None, None, word.upper(), (word,)) for word in given.loose)
    return tuple(found), names.loose


def is_portless(words: tuple[str, ...]) -> bool:
    """Return whether protocols have no ports; "any protocol" may have."""
    return not set(words) & (vocabulary.ported() | {vocabulary.ANY_PROTOCOL})


def _standing_alone(tokens: list[Token] | tuple[Token, ...]) -> set[Token]:
    """Return the protocols without ports that are entries of their own, and not the protocol of an "any" beside them."""
    found: set[Token] = set()
    for entry in _entries(list(tokens)):
        if not any(token.value == _EVERY for token in entry):
            found.update(token for token in entry if token.kind == "protocol" and is_portless(token.words))
    return found


def _icmp_of(tokens: list[Token]) -> tuple[int, int | None] | None:
    if not any(token.kind == "type" for token in tokens):
        return None
    number = next(token.value[0] for token in tokens if token.kind == "type")
    return number, next((token.value[0] for token in tokens if token.kind == "code"), None)
