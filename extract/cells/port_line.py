"""One line of a port cell: its numbers with their protocols and labels, or the words that it holds in place of numbers."""

from __future__ import annotations

import functools
import itertools
import re

import msgspec
from msgspec.structs import replace

from extract import vocabulary
from extract.cells import remarks
from extract.cells.port_items import EVERY, Item, assigned, entries, is_own_number, is_portless, numbered, parts
from extract.cells.remarks import NOT, NUMERIC, is_said, is_variable
from extract.cells.tokens import Kind, Token, labels_of, protocols_of, tokenize
from extract.regex import late

__all__ = ["Line", "assigned", "is_open", "read"]

# `Access/SIP(TLS)/TCP/5061`: what stands before the transport is the name of the traffic.
_SLASHED = late(r"[/)]\s*(?:tcp|udp|sctp)\s*/\s*[\d,.-]+$", re.IGNORECASE)
_UNREAD = frozenset({"word", "placeholder", "reference"})
_WORDED: frozenset[Kind] = frozenset({"word", "placeholder", "filler"})
_ANY = frozenset({"any", "any-port"})
_NUMERIC_OR_ANY = NUMERIC | _ANY
_ICMP = frozenset({"icmp", "ipv6-icmp"})
_PLACEHOLDER = late(r"[<{\[$%]")
# A range without its second end: `1024-`, `1024..`.
_CUT = late(r"\d\s*(?:-|~|\.{2,}|\u2026)\s*$")
# One number with a blank between its thousands, or two numbers: `8 080`. Those that begin with a well-known port are two: `22 443`.
_GROUPED = late(r"(?<![\w,.:/-])(?<!\d\s)(?!2[0-35]|53|6[789])(?:[1-5]?\d|6[0-5])\s\d{3}(?!\s?\d)")
# Ports below this are not opened in practice: a smaller number counts something else.
_FEW = 20
# A number below this behind a label is a version.
_VERSION = 10
# Numbers that are no ports: one that begins with 0, as in a date; `443-445-447`; `80 -> 443`; the mark of a list item, `1. 80`.
_NO_PORT = late(r"(?<![\w.:])0\d|\d-\d+-\d|\d\s*[-=]>|=>\s*\d|^\W*\d{1,2}\s?(?:[.)\u3001]\s+.*|:\s+)\d")


class Line(msgspec.Struct, frozen=True):
    """What one line of a port cell says."""

    items: tuple[Item, ...] = ()
    # Whether the items are the registered ports of names of services alone: no ports when other lines have numbers.
    named: bool = False
    protocols: tuple[str, ...] = ()
    # Protocols and application labels of a line without a number.
    labels: tuple[str, ...] = ()
    # The words of a line that names neither.
    variable: str | None = None
    unknown: tuple[str, ...] = ()
    arrow: str | None = None
    any: bool = False
    icmp: tuple[int, int | None] | None = None
    # Remarks of a line without a number, which do not narrow it.
    remark: str = ""


# Lines recur from page to page: measured on pages without rules, nine in ten are known. Only short lines are cached, to save memory.
@functools.lru_cache(maxsize=256)
def read(line: str, written: str) -> Line:
    """Read one cleaned line; `written` is the line as the page has it."""
    tokens = list(tokenize(line))
    if len(tokens) == 1 and tokens[0].kind in NUMERIC:
        # More than half of the lines of the golden pages that are read for ports.
        return Line(items=(numbered(tokens[0]),))
    kinds = {token.kind for token in tokens}
    if "arrow" not in kinds:
        return _read(tokens, kinds, line, written)
    if _joins_ports(tokens):
        return _opened(" ".join(written.split()), tokens)
    arrow = next(token.text for token in tokens if token.kind == "arrow")
    tokens = [token for token in tokens if token.kind != "arrow"]
    return replace(_read(tokens, kinds - {"arrow"}, line, written), arrow=arrow)


def _joins_ports(tokens: list[Token]) -> bool:
    """Return whether an arrow joins ports of a source and a destination, or ports before and behind a translation: `1024-65535 → 443`.

    `any → 443` leaves no doubt: every source port is what a rule says that names none.
    """
    at = next(index for index, token in enumerate(tokens) if token.kind == "arrow")
    start, end = (tokens[at + 1 :], tokens[:at]) if tokens[at].text == "<-" else (tokens[:at], tokens[at + 1 :])
    starts, ends = ([token.value for token in side if token.kind in NUMERIC] for side in (start, end))
    if starts and ends:
        return starts != ends
    return bool(starts) and any(token.kind in _ANY or is_variable(token.text) for token in end)


def _read(tokens: list[Token], kinds: set[Kind], line: str, written: str) -> Line:
    """Read a line without an arrow, whose tokens are of these kinds."""
    text = " ".join(written.split())
    if not kinds.isdisjoint(_NUMERIC_OR_ANY) and _says_less(tokens, line):
        return _opened(text, tokens)
    remark = ""
    # Most lines are only words, so the steps for numbers and brackets are skipped if there are none.
    if "open" in kinds:
        tokens, remark = remarks.of_brackets(tokens, line)
        kinds = {token.kind for token in tokens}
    if "protocol" in kinds and "number" in kinds:
        tokens = _drop_own_numbers(tokens)
        kinds = {token.kind for token in tokens}
    numeric = not kinds.isdisjoint(NUMERIC)
    if "type" in kinds and (not numeric or set(protocols_of(tokens)) <= _ICMP):
        return Line(protocols=protocols_of(tokens), labels=labels_of(tokens), icmp=_icmp_of(tokens), remark=remark)
    if numeric:
        return _with_numbers(tokens, kinds, line, text)
    made = _without_numbers(tokens, kinds, text, remark)
    return made if made.variable or made.items else replace(made, remark=remark)


def _opened(text: str, tokens: list[Token]) -> Line:
    """Return a line that is left open as a whole."""
    return Line(items=(Item(None, None, text, protocols_of(tokens), words=True),))


def _with_numbers(tokens: list[Token], kinds: set[Kind], line: str, text: str) -> Line:
    """Read a line of numbers: each with its protocols, labels and remarks, or left open by the words beside it."""
    if "word" in kinds:
        tokens = _with_names(tokens)
    if not kinds.isdisjoint(_ANY):
        tokens = _with_every(tokens)
    if _SLASHED.search(line):
        return Line(items=assigned(tokens)[0])
    worded: list[str] = []
    if not kinds.isdisjoint(_WORDED):
        if tokens[0].kind == "word" and max(token.value[1] for token in tokens) < _FEW:
            # `Engine 3` above the ports of that engine.
            return Line(variable=text)
        tokens, worded = remarks.of_words(tokens, line)
    items, loose = assigned(tokens)
    stated = protocols_of(tokens)
    if (stated and _is_unsure(items)) or not all(map(is_open, worded)):
        # `443, from the proxy` and `80, 443 and others`: the words may be about all that the line says, or part it from its protocol.
        return _opened(text, tokens)
    left_open = [Item(None, None, words, stated, words=True) for words in worded]
    return Line(items=tuple(dict.fromkeys((*remarks.on_first(items, loose), *left_open))))


def _is_unsure(items: tuple[Item, ...]) -> bool:
    """Return whether some items are left open and others have no protocol. The protocol may belong to these, if it has ports."""
    opened = any(item.words and not (item.protocols and is_portless(item.protocols)) for item in items)
    return opened and any(not item.words and not item.protocols for item in items)


def _without_numbers(tokens: list[Token], kinds: set[Kind], text: str, remark: str) -> Line:
    """Read a line without numbers: names of services, "any", protocols, or words that leave the port open."""
    if not tokens:
        return Line()
    protocols, labels, words = protocols_of(tokens), labels_of(tokens), _words(tokens)
    if not kinds.isdisjoint(_ANY):
        if not words and not labels and _is_alone(tokens, remark):
            return Line(any=True, protocols=protocols)
        return _opened(text, tokens) if protocols else Line(variable=text)
    if services := _services(tokens, (*words, *labels)):
        return Line(items=services, named=True, protocols=protocols, labels=labels)
    if (protocols or labels) and not words and not is_variable(text):
        return Line(protocols=protocols, labels=labels)
    if not protocols:
        return Line(labels=() if words else labels, variable=text)
    return _beside_protocols(protocols, labels, words, text)


def _beside_protocols(protocols: tuple[str, ...], labels: tuple[str, ...], words: tuple[str, ...], text: str) -> Line:
    """Read a line of protocols and words: `TCP 443b` names a port that is not understood, `TCP web:` none."""
    if is_open(text) or any(map(str.isdigit, "".join(words))):
        return Line(items=(Item(None, None, text, protocols, labels),))
    if is_portless(protocols) or remarks.narrows(text):
        return Line(items=(Item(None, None, text, protocols, labels, words=True),))
    return Line(protocols=protocols, labels=labels, unknown=words)


def _is_alone(tokens: list[Token], remark: str) -> bool:
    """Return whether nothing stands beside "any" but a word for ports, a default, or when a rule is needed: `All ports (default)`."""
    if remark and not remarks.is_condition(vocabulary.fold(remark)):
        return False
    return all(not is_variable(token.text) and (token.depth or _speaks_of_ports(token.text)) for token in tokens if token.kind == "filler")


def _speaks_of_ports(word: str) -> bool:
    folded = vocabulary.fold(word)
    return folded in vocabulary.header_words("port") or folded in vocabulary.words("conjunction")


def _says_less(tokens: list[Token], line: str) -> bool:
    """Return whether a line excludes ports, or begins a range without an end: `all ports except 22`, `not 22`, `from 1024`."""
    if _CUT.search(line) or _GROUPED.search(line) or _NO_PORT.search(line):
        return True
    if any(_takes_away(one, other) or _is_version(one, other) for one, other in itertools.pairwise(tokens)):
        return True
    if any(map(_is_of_two_sides, tokens, tokens[1:], tokens[2:])):
        return True
    worded = any(token.kind in ("word", "filler") for token in tokens)
    if worded and vocabulary.finder("exception").search(vocabulary.fold(line)):
        return True
    return worded and any(_takes_back(one, other) or _is_joint(one, other) for one, other in itertools.pairwise(tokens))


def _takes_away(number: Token, sign: Token) -> bool:
    """Return whether a dash stands behind "any" (`Any - 22`), or a sign that may be an arrow between ports (`any > 443`, `443 > 8443`)."""
    if number.kind in _ANY and sign.text.strip() == "-":
        return True
    return number.kind in _NUMERIC_OR_ANY and sign.kind == "range" and sign.text.startswith((">", "<"))


def _is_of_two_sides(ports: Token, sign: Token, number: Token) -> bool:
    """Return whether a number behind a range may be the port of the other side: `1024-65535:443`; `1024-65535/8080` is no list of ports."""
    if ports.kind != "range" or number.kind not in NUMERIC:
        return False
    return sign.text == ":" or (sign.text == "/" and ports.value[0] <= number.value[0] and number.value[1] <= ports.value[1])


def _is_version(label: Token, number: Token) -> bool:
    """Return whether the number behind a label is that of its version: `SMB 3`."""
    return label.kind == "label" and number.kind == "number" and number.value[1] < _VERSION and not number.depth


def _is_joint(sign: Token, number: Token) -> bool:
    """Return whether an unknown sign joins two numbers: `8000?8100`."""
    joint = sign.kind == "word" and len(sign.text) == 1 and is_said(sign)
    return joint and number.kind in NUMERIC and number.start == sign.start + 1


def _takes_back(word: Token, number: Token) -> bool:
    """Return whether a word in front of a number negates it, or begins a range that does not end: `not 22`, `!22`, `from 1024`."""
    if word.kind not in ("word", "filler") or number.kind not in NUMERIC:
        return False
    folded = vocabulary.fold(word.text)
    begins = number.kind == "number" and folded in vocabulary.words("range_from")
    return begins or word.text in NOT or folded in vocabulary.words("negation")


def _some(tokens: list[Token]) -> bool:
    """Return whether a word outside of brackets leaves the port open: `any dynamic port`."""
    return any(token.kind in ("filler", "word") and not token.depth and is_variable(token.text) for token in tokens)


def is_open(text: str) -> bool:
    """Return whether words leave a port open on purpose: `dynamic`, `<mountd port>`, `see Note 1`."""
    return bool(_PLACEHOLDER.search(text) or is_variable(text) or vocabulary.finder("reference").match(vocabulary.fold(text)))


def _words(tokens: list[Token]) -> tuple[str, ...]:
    """Return the words that the grammar does not know."""
    return tuple([token.text for token in tokens if token.kind in _UNREAD and is_said(token)])


def _drop_own_numbers(tokens: list[Token]) -> list[Token]:
    """Leave out the registry number beside a protocol without ports, which is no port: `50 (ESP)`, `GRE 47`."""
    dropped = set()
    beside = [
        index for index, token in enumerate(tokens) if not (token.text in ("/", "-") or (token.kind == "word" and not is_said(token)))
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
        kinds = {token.kind for token in entry if is_said(token)}
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


def _services(tokens: list[Token], names: tuple[str, ...]) -> tuple[Item, ...]:
    """Return the registered ports of a line whose words and labels are names of services: `http, https`, `tcp/domain`."""
    registered = vocabulary.service_ports()
    if not names or not all(vocabulary.fold(name) in registered for name in names):
        return ()
    beside = {vocabulary.fold(token.text) for token in tokens if token.kind == "filler" and not parts(token)}
    # `DNS server` names a host, `https.port` a setting.
    if not beside <= vocabulary.words("protocol_filler") or any(token.text == "." for token in tokens[:-1]) or _some(tokens):
        return ()
    items, _ = assigned([_registered(token) if token.text in names else token for token in tokens])
    labels = vocabulary.application_words()
    return tuple(replace(item, labels=(item.said,)) if vocabulary.fold(item.said) in labels else item for item in items)


def _icmp_of(tokens: list[Token]) -> tuple[int, int | None]:
    number = next(token.value[0] for token in tokens if token.kind == "type")
    return number, next((token.value[0] for token in tokens if token.kind == "code"), None)
