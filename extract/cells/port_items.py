"""The numbers among the tokens of a port cell, each with the protocols and labels that belong to it."""

from __future__ import annotations

import functools

import msgspec
from msgspec.structs import replace

from extract import vocabulary
from extract.cells.assign import Stream
from extract.cells.tokens import MAX_PORT, Token

# The value of a number token that stands for every port among numbers (`TCP 80, UDP any`).
EVERY = (-1, -1)


class Item(msgspec.Struct, frozen=True):
    """One number or range, or one open port, as a cell states it."""

    first: int | None
    last: int | None
    said: str
    protocols: tuple[str, ...] = ()
    # Application labels beside the number, as written.
    labels: tuple[str, ...] = ()
    # Index of the line in its cell.
    line: int = 0
    arrow: str | None = None
    # Every port: `Any`, `All`, `*`.
    any: bool = False
    # Remarks next to the number, which do not narrow it.
    remark: str = ""
    # Whether it stands for words that were not understood.
    words: bool = False

    @property
    def problem(self) -> str | None:
        """Return the code of the finding that this item deserves, if any."""
        if self.first is None or self.last is None:
            return None
        if self.first > MAX_PORT or self.last > MAX_PORT:
            return "port-out-of-range"
        return "range-reversed" if self.first > self.last else None


def is_own_number(number: Token | Item, protocols: tuple[str, ...]) -> bool:
    """Return whether a number is the one of a protocol without ports in IANA's registry."""
    value = number.value if isinstance(number, Token) else (number.first, number.last)
    return value[0] == value[1] and any(_own_numbers().get(word, -1) == value[0] for word in protocols)


@functools.cache
def _own_numbers() -> dict[str, int]:
    """Return the protocols without ports -> their number in the registry."""
    return {entry.keyword: entry.number for entry in vocabulary.protocol_words().values() if not entry.ports}


def parts(token: Token) -> bool:
    """Return whether a token separates the entries of a list; a slash and a dash join a number and what it is called."""
    if token.kind == "separator":
        return token.text not in ("/", "-")
    return token.kind == "filler" and vocabulary.fold(token.text) in vocabulary.words("conjunction")


def entries(tokens: list[Token]) -> list[list[Token]]:
    """Return the entries of a list."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if parts(token):
            found.append([])
        else:
            found[-1].append(token)
    return found


def assigned(tokens: list[Token] | tuple[Token, ...]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """Return the numbers among tokens, each with its protocols and labels, and the labels that belong to none of them.

    A protocol without ports is an item of its own: `tcp:22, icmp`.
    """
    items: list[Item] = []
    kinds = {token.kind for token in tokens}
    if "protocol" not in kinds and "label" not in kinds:
        return tuple(numbered(token) for token in tokens if token.kind in ("number", "range")), ()
    protocols, labels = Stream(), Stream(last_only=True)
    alone = _standing_alone(tokens)
    # What the items of protocols alone are about.
    stated: set[tuple[str, ...]] = set()
    for token in tokens:
        if parts(token):
            group = token.text in (";", "；")
            protocols.separate(group)
            labels.separate(group)
        elif token.kind in ("number", "range"):
            protocols.number(len(items), token.depth)
            labels.number(len(items), token.depth)
            items.append(numbered(token))
        elif token in alone:
            if token.words not in stated:
                stated.add(token.words)
                items.append(_alone(token))
        elif token.kind == "protocol":
            protocols.word(token.words, token.depth, token.glued)
        elif token.kind == "label":
            labels.word((token.text,), token.depth, token.glued)
    given, names = protocols.shares(), labels.shares()
    found = [
        replace(item, protocols=given.given.get(slot, item.protocols), labels=names.given.get(slot, ())) for slot, item in enumerate(items)
    ]
    found.extend(Item(None, None, word.upper(), (word,)) for word in given.loose)
    return tuple(found), names.loose


def _alone(token: Token) -> Item:
    """Return the item of a protocol without ports."""
    return Item(None, None, token.opened or token.text, token.words, words=bool(token.opened))


def numbered(token: Token) -> Item:
    """Return the item of a number, a range or an "any" among numbers."""
    if token.opened:
        return Item(None, None, token.opened, words=True)
    every = token.value == EVERY
    first, last = (None, None) if every else token.value
    return Item(first, last, token.text, any=every, remark=token.remark)


def is_portless(words: tuple[str, ...]) -> bool:
    """Return whether protocols have no ports; "any protocol" may have."""
    return not set(words) & (vocabulary.ported() | {vocabulary.ANY_PROTOCOL})


def _standing_alone(tokens: list[Token] | tuple[Token, ...]) -> set[Token]:
    """Return the protocols without ports that are entries of their own, and not the protocol of an "any" beside them."""
    found: set[Token] = set()
    for entry in entries(list(tokens)):
        if not any(token.value == EVERY for token in entry):
            found.update(token for token in entry if token.kind == "protocol" and is_portless(token.words))
    return found
