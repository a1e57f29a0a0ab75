"""One line of a port cell: its numbers with their protocols and labels, or the words that it holds in place of numbers."""

from __future__ import annotations

import functools
import itertools
import re

import msgspec
from msgspec.structs import replace

from extract import vocabulary
from extract.cells.port_items import EVERY, Item, assigned, entries, is_own_number, numbered, parts
from extract.cells.tokens import Token, tokenize
from extract.regex import late

__all__ = ["Line", "assigned", "is_open", "read"]

# `Access/SIP(TLS)/TCP/5061`: what stands before the transport is the name of the traffic.
_SLASHED = late(r"/\s*(?:tcp|udp|sctp)\s*/\s*[\d,.-]+$", re.IGNORECASE)
_UNREAD = frozenset({"word", "placeholder", "reference"})
_PLACEHOLDER = late(r"[<{\[$%]")
_PUNCTUATION = "-.:=_'\"·•"


class Line(msgspec.Struct, frozen=True):
    """What one line of a port cell says."""

    items: tuple[Item, ...] = ()
    # The registered ports of service names, in a line of such names alone: no ports when other lines have numbers.
    services: tuple[Item, ...] = ()
    protocols: tuple[str, ...] = ()
    # Protocols and application labels of a line without a number.
    labels: tuple[str, ...] = ()
    # The words of a line that names neither.
    variable: str | None = None
    unknown: tuple[str, ...] = ()
    arrow: str | None = None
    any: bool = False
    icmp: tuple[int, int | None] | None = None
    any_protocol: bool = False


# Lines recur from page to page: measured on pages without rules, nine in ten are known. Of many long ones, much would be kept.
@functools.lru_cache(maxsize=256)
def read(line: str, written: str) -> Line:
    """Read one cleaned line; `written` is the line as the page has it."""
    tokens = list(tokenize(line))
    if len(tokens) == 1 and tokens[0].kind in ("number", "range"):
        # More than half of the lines of the golden pages that are read for ports.
        return Line(items=(numbered(tokens[0]),))
    kinds = {token.kind for token in tokens}
    # Most lines are words: what concerns numbers, brackets and arrows is left out where there are none.
    arrow = None
    if "arrow" in kinds:
        arrow = next(token.text for token in tokens if token.kind == "arrow")
        tokens = [token for token in tokens if token.kind != "arrow"]
    if "open" in kinds:
        tokens = _drop_remarks(tokens)
        kinds = {token.kind for token in tokens}
    if "protocol" in kinds and "number" in kinds:
        tokens = _drop_own_numbers(tokens)
        kinds = {token.kind for token in tokens}
    protocols = tuple(dict.fromkeys(word for token in tokens if token.kind == "protocol" for word in token.words))
    numeric = "number" in kinds or "range" in kinds
    icmp = _icmp_of(tokens) if "type" in kinds else None
    if icmp is not None and (not numeric or set(protocols) <= {"icmp", "ipv6-icmp"}):
        labels = tuple(dict.fromkeys(token.text for token in tokens if token.kind == "label"))
        return Line(protocols=protocols, labels=labels, arrow=arrow, icmp=icmp)
    every = "any" in kinds or "any-port" in kinds
    if not numeric:
        return _without_numbers(tokens, protocols, written, arrow, every)
    exceptions = vocabulary.words("exception")
    if "word" in kinds and any(token.kind == "word" and vocabulary.fold(token.text) in exceptions for token in tokens):
        # `all TCP ports except 22`: the number is the one port that is not meant.
        return Line(items=(Item(None, None, " ".join(written.split()), protocols),), arrow=arrow)
    if every:
        tokens = _with_every(tokens)
    if "word" in kinds:
        tokens = _with_names(tokens)
    items, loose = assigned(tokens)
    known = () if "/" in line and _SLASHED.search(line) else _words(tokens)
    return Line(items=items, unknown=(*known, *loose), arrow=arrow, any_protocol=vocabulary.ANY_PROTOCOL in protocols)


def _without_numbers(tokens: list[Token], protocols: tuple[str, ...], written: str, arrow: str | None, every: bool) -> Line:
    """Read a line without numbers: names of services, "any", protocols, or words that leave the port open."""
    words = _words(tokens)
    labels = tuple(dict.fromkeys([token.text for token in tokens if token.kind == "label"]))
    any_protocol = vocabulary.ANY_PROTOCOL in protocols
    text = " ".join(written.split())
    services = () if every else _services(tokens)
    if services and not _some(tokens):
        return Line(services=services, protocols=protocols, labels=labels or tuple(item.said for item in services), arrow=arrow)
    if every and (not words or any(token.kind == "any-port" for token in tokens)) and not _some(tokens):
        return Line(any=True, protocols=protocols, labels=labels, unknown=words, any_protocol=any_protocol, arrow=arrow)
    if not tokens:
        return Line(arrow=arrow)
    if (protocols or labels) and not words and not _is_variable(text):
        return Line(protocols=protocols, labels=labels, any_protocol=any_protocol, arrow=arrow)
    if not protocols:
        return Line(labels=labels if not words else (), variable=text, arrow=arrow)
    # `TCP 443b` names a port that is not understood; a line of a protocol and words names none.
    if not any(char.isdigit() for word in words for char in word) and not is_open(text):
        return Line(protocols=protocols, labels=labels, unknown=words, any_protocol=any_protocol, arrow=arrow)
    return Line(items=(Item(None, None, text, protocols, labels),), arrow=arrow)


def _some(tokens: list[Token]) -> bool:
    """Return whether a word outside of brackets leaves the port open: `any dynamic port`."""
    return any(token.kind in ("filler", "word") and not token.depth and _is_variable(token.text) for token in tokens)


def is_open(text: str) -> bool:
    """Return whether words leave a port open on purpose: `dynamic`, `<mountd port>`, `see Note 1`."""
    return bool(_PLACEHOLDER.search(text) or _is_variable(text) or _reference_finder().match(vocabulary.fold(text)))


def _is_variable(text: str) -> bool:
    return bool(_variable_finder().search(vocabulary.fold(text)))


@functools.cache
def _variable_finder() -> vocabulary.Finder:
    return vocabulary.finder("variable")


@functools.cache
def _reference_finder() -> vocabulary.Finder:
    return vocabulary.finder("reference")


def _words(tokens: list[Token]) -> tuple[str, ...]:
    """Return the words that the grammar does not know."""
    return tuple([token.text for token in tokens if token.kind in _UNREAD and token.text.strip(_PUNCTUATION)])


def _drop_remarks(tokens: list[Token]) -> list[Token]:
    """Leave out brackets that are remarks: `(2008 OS and later)`, `(drives)`; and numbers in brackets behind a number."""
    kept: list[Token] = []
    outside = False
    # Whether a number stands in front, behind the last separator.
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.kind != "open":
            kept.append(token)
            outside = _behind(outside, token)
            position += 1
            continue
        end = position + 1
        while end < len(tokens) and not (tokens[end].kind == "close" and tokens[end].depth <= token.depth + 1):
            end += 1
        inner = tokens[position + 1 : end]
        remark = any(t.kind in ("word", "reference", "placeholder") for t in inner)
        numeric = any(t.kind in ("number", "range") for t in inner)
        if numeric and outside and not remark:
            kept.extend(replace(t, kind="word") for t in inner if t.kind in ("number", "range"))
        elif not remark:
            glued = bool(kept) and kept[-1].start + len(kept[-1].text) == token.start
            for one in inner:
                kept.append(replace(one, glued=glued))
                outside = _behind(outside, one)
        position = end + 1
    return kept


def _behind(outside: bool, token: Token) -> bool:
    """Return whether a number stands behind the last separator, up to and with this token."""
    if token.kind == "separator" or parts(token):
        return False
    return outside or token.kind in ("number", "range")


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


def _with_every(tokens: list[Token]) -> list[Token]:
    """Make "any" an entry of a list that holds numbers elsewhere: `TCP 80, UDP any`. In `*:443` it is none."""
    every = set()
    for entry in entries(tokens):
        kinds = {token.kind for token in entry if token.text.strip(_PUNCTUATION)}
        said = [token for token in entry if token.kind in ("any", "any-port")]
        alone = kinds <= {"any", "any-port", "filler"} and all(not token.depth for token in said)
        if said and (alone or ("protocol" in kinds and kinds <= {"any", "any-port", "filler", "protocol", "label", "separator"})):
            every.add(said[0])
    return [replace(token, kind="number", value=EVERY) if token in every else token for token in tokens]


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
    return token if port is None else replace(token, kind="number", value=(port, port))


def _services(tokens: list[Token]) -> tuple[Item, ...]:
    """Return the registered ports of a line that consists of names of services: `http, https`, `tcp/domain`."""
    registered = vocabulary.service_ports()
    names: set[Token] = set()
    for token in tokens:
        if (token.kind == "label" or token.kind in _UNREAD) and token.text.strip(_PUNCTUATION):
            if vocabulary.fold(token.text) not in registered:
                return ()
            names.add(token)
    if not names:
        return ()
    beside = {vocabulary.fold(token.text) for token in tokens if token.kind == "filler" and not parts(token)}
    # `DNS server` names a host, `https.port` a setting.
    if not beside <= vocabulary.words("protocol_filler") or any(token.text == "." for token in tokens[:-1]):
        return ()
    items, _ = assigned([_registered(token) if token in names else token for token in tokens])
    labels = vocabulary.application_words()
    return tuple(replace(item, labels=(item.said,)) if vocabulary.fold(item.said) in labels else item for item in items)


def _icmp_of(tokens: list[Token]) -> tuple[int, int | None] | None:
    if not any(token.kind == "type" for token in tokens):
        return None
    number = next(token.value[0] for token in tokens if token.kind == "type")
    return number, next((token.value[0] for token in tokens if token.kind == "code"), None)
