"""The words beside the numbers of a port cell: remarks, which narrow nothing, and words that leave their numbers open.

A remark belongs to the number that it stands beside: what stands in brackets (`443 (web console)`), what says when a rule is needed
(`443 if clustered`), a label that a sign sets apart (`Console: 443`), a placeholder directly behind a number (`443 <LB>`), words in front
of the first number of a list. Any other word may narrow the traffic, and so does a remark with a word that does: `443 (established)`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from extract import vocabulary
from extract.cells.port_items import Item, parts
from extract.cells.tokens import Kind, Token

NUMERIC = frozenset({"number", "range"})
NOT = "!\u2260\xac"
PUNCTUATION = "-.:=_'\"·•"
_UNREAD = frozenset({"word", "placeholder", "reference"})
_STRANGE = frozenset({"word", "placeholder"})
_CLOSING = frozenset(")]")
# What sets a label apart from its number.
_JOINTS = frozenset({":", "=", "-", "\uff1a"})
# Words of scripts without blanks hold conditions anywhere.
_SPACED = "\u0e00"


def is_said(token: Token) -> bool:
    """Return whether a token is more than punctuation."""
    return bool(token.text.strip(PUNCTUATION))


def narrows(text: str) -> bool:
    """Return whether words are known to narrow traffic: `established`, `localhost`, `from the load balancer`, `not 22`."""
    folded = vocabulary.fold(text)
    if vocabulary.finder("exception").search(folded) or vocabulary.finder("narrowing").search(folded):
        return True
    return _joint().match(folded) is not None and not is_condition(folded)


@functools.cache
def _joint() -> vocabulary.Finder:
    """Return what finds a word that an end of traffic follows."""
    return vocabulary.Finder(vocabulary.words("from") | vocabulary.words("away_from") | vocabulary.words("to") | vocabulary.words("toward"))


def is_condition(folded: str) -> bool:
    """Return whether folded words begin with what says when a rule is needed, or hold it in a script without blanks."""
    finder = vocabulary.finder("condition")
    return finder.match(folded) is not None or (folded > _SPACED and finder.search(folded) is not None)


def of_brackets(tokens: Iterable[Token], line: str) -> tuple[list[Token], str]:
    """Return tokens without brackets that are remarks, which go to the number beside them; and the remarks of a line without a number.

    A bracket that narrows is one word, and numbers in brackets behind a number are words.
    """
    kept: list[Token] = []
    # Whether a number stands in front, behind the last separator.
    outside = False
    waiting: list[str] = []
    rest = iter(tokens)
    for token in rest:
        if token.kind != "open":
            kept.append(_remarked(token, waiting))
            outside = _behind(outside, token)
            continue
        inner = []
        end = len(line)
        for one in rest:
            if one.kind == "close" and one.depth <= token.depth + 1:
                end = one.start
                break
            inner.append(one)
        kinds = {one.kind for one in inner}
        if not kinds.isdisjoint(_UNREAD):
            said = line[token.start + 1 : end].strip()
            if narrows(said):
                kept.append(replace(token, kind="word", text=f"({said})"))
            elif not _remark_last(kept, said):
                waiting.append(said)
            continue
        if outside and not kinds.isdisjoint(NUMERIC):
            kept.extend(replace(one, kind="word") for one in inner if one.kind in NUMERIC)
            continue
        glued = bool(kept) and kept[-1].start + len(kept[-1].text) == token.start
        for one in inner:
            kept.append(replace(_remarked(one, waiting), glued=glued))
            outside = _behind(outside, one)
    return kept, joined(waiting)


def _behind(outside: bool, token: Token) -> bool:
    """Return whether a number stands behind the last separator, up to and with this token."""
    if token.kind == "separator" or parts(token):
        return False
    return outside or token.kind in NUMERIC


def _remarked(token: Token, waiting: list[str]) -> Token:
    """Return a token with the remarks that wait for the first number behind them."""
    if token.kind not in NUMERIC or not waiting:
        return token
    said, waiting[:] = joined([*waiting, token.remark]), []
    return replace(token, remark=said)


def remarked(item: Item, *texts: str) -> Item:
    """Return an item with further remarks."""
    return replace(item, remark=joined([item.remark, *texts]))


def on_first(items: tuple[Item, ...], texts: Sequence[str]) -> tuple[Item, ...]:
    """Return items, the first one with further remarks."""
    return (remarked(items[0], *texts), *items[1:]) if items and texts else items


def joined(texts: Sequence[str]) -> str:
    """Return remarks as one text."""
    return "; ".join(dict.fromkeys(filter(None, texts)))


def of_words(tokens: Sequence[Token], line: str) -> tuple[list[Token], list[list[Token]]]:
    """Return the tokens of a line of numbers without words, which are remarks of the numbers; and the entries that words leave open."""
    kept: list[Token] = []
    opened: list[list[Token]] = []
    waiting: list[str] = []
    clause = False
    for entry, separators in _listed(tokens, line):
        text = text_of(entry, line)
        if any(token.kind in NUMERIC for token in entry):
            said, words, clause = _split(entry, line)
            if any(map(_is_strange, said)):
                opened.append(entry)
            else:
                kept.extend(_remarked(token, waiting) for token in said)
                _remark_last(kept, joined(words))
        elif not any(map(_is_strange, entry)):
            kept.extend(entry)
        elif (clause or is_condition(vocabulary.fold(text))) and _remark_last(kept, text):
            # `443 if A or B`: the condition goes on.
            clause = True
        elif opened or narrows(text) or any(token.kind in NUMERIC for token in kept):
            opened.append(entry)
        else:
            waiting.append(text)
        kept.extend(separators)
    return kept, opened


def takes_back(tokens: Sequence[Token], line: str) -> bool:
    """Return whether a line takes back or narrows what it names: `Any except UDP`, `not TCP`, `!UDP`, `TCP (established)`."""
    words = [token for token in tokens if token.kind in ("word", "filler")]
    if not words:
        return False
    folded = vocabulary.fold(line)
    if any(vocabulary.finder(section).search(folded) for section in ("exception", "narrowing")):
        return True
    return any(token.text in NOT or vocabulary.fold(token.text) in vocabulary.words("negation") for token in words)


def strange_beside(tokens: Sequence[Token], line: str, kind: Kind) -> str:
    """Return the words of a line beside tokens of a kind that are neither in brackets, nor a label, nor when a rule is needed."""
    outside = [token for token in tokens if not token.depth and token.kind not in ("open", "close")]
    for piece in _pieces(outside):
        if any(token.kind == kind for token in piece):
            end = _condition(piece, 0, line)
            said = piece if end is None else piece[:end]
            if any(map(_is_strange, said)):
                return text_of(said, line)
    return ""


def _listed(tokens: Sequence[Token], line: str) -> Iterator[tuple[list[Token], list[Token]]]:
    """Yield the entries of a list, each with the separator behind it. The `en` of `en caso de` is no Dutch `and`."""
    entry: list[Token] = []
    for token in tokens:
        if parts(token) and not (token.kind == "filler" and is_condition(vocabulary.fold(line[token.start :]))):
            yield entry, [token]
            entry = []
        else:
            entry.append(token)
    yield entry, []


def _split(entry: list[Token], line: str) -> tuple[list[Token], list[str], bool]:
    """Return the tokens of an entry without its labels, conditions and placeholders; these as text; and whether a condition ends it.

    An entry with words that narrow is returned whole.
    """
    said: list[Token] = []
    words: list[str] = []
    for piece in _pieces(entry):
        taken, text = _cut(piece, line)
        if text and narrows(text):
            return entry, [], False
        said.extend(taken)
        if text:
            words.append(text)
    return said, words, _condition(entry, 0, line) is not None


def _pieces(entry: list[Token]) -> list[list[Token]]:
    """Return the pieces of an entry between the signs that set a label apart; a sign ends its piece."""
    found: list[list[Token]] = [[]]
    for token in entry:
        found[-1].append(token)
        if token.text in _JOINTS:
            found.append([])
    return found


def _cut(piece: list[Token], line: str) -> tuple[list[Token], str]:
    """Return the tokens of a piece in front of its condition, and the condition; a piece of words without a number is a label."""
    numbers = [index for index, token in enumerate(piece) if token.kind in NUMERIC]
    if not numbers:
        return ([token for token in piece if not _is_strange(token)], text_of(piece, line)) if any(map(_is_strange, piece)) else (piece, "")
    last = numbers[-1]
    if last + 2 == len(piece) and piece[-1].kind == "placeholder":
        return piece[:-1], piece[-1].text
    index = _condition(piece, numbers[0] + 1, line)
    return (piece, "") if index is None else (piece[:index], line[piece[index].start : _end(piece)])


def _condition(tokens: list[Token], first: int, line: str) -> int | None:
    """Return the first token from an index on that begins a condition."""
    for index in range(first, len(tokens)):
        if tokens[index].kind in ("word", "filler") and is_condition(vocabulary.fold(line[tokens[index].start :])):
            return index
    return None


def _end(tokens: list[Token]) -> int:
    return tokens[-1].start + len(tokens[-1].text)


def text_of(tokens: list[Token], line: str) -> str:
    """Return what stands in a line from the first to the last of some tokens, with the end of a bracket that begins among them."""
    if not tokens:
        return ""
    said, behind = line[tokens[0].start : _end(tokens)], line[_end(tokens) : _end(tokens) + 1]
    return (said + behind if behind in _CLOSING and "(" in said and ")" not in said else said).strip(" :=")


def _is_strange(token: Token) -> bool:
    """Return whether a token is a word that is neither known nor a mark of a range: `von 8000 bis 8010`."""
    if token.kind not in _STRANGE or not is_said(token):
        return False
    return vocabulary.fold(token.text) not in vocabulary.words("range_from")


def _remark_last(kept: list[Token], said: str) -> bool:
    """Add a remark to the last number; return whether there is one."""
    for index in range(len(kept) - 1, -1, -1):
        if kept[index].kind in NUMERIC:
            kept[index] = replace(kept[index], remark=joined([kept[index].remark, said]))
            return True
    return False
