"""The words beside the numbers of a port cell: remarks, which narrow nothing, and words that leave their numbers open.

A remark belongs to the number next to it: text in brackets (`443 (web console)`), a condition (`443 if clustered`), a label before a colon
or a like sign (`Console: 443`), a placeholder directly after a number (`443 <LB>`), words before the first number of a list. Any other
word may narrow the traffic. A remark with a narrowing word narrows it, too: `443 (established)`.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from extract import vocabulary
from extract.cells.port_items import Item, is_portless, parts
from extract.cells.tokens import Kind, Token
from extract.regex import late

NUMERIC = frozenset({"number", "range"})
# An address other than 0.0.0.0, or a time of day.
_PLACE_OR_TIME = late(r"(?<![\d.])(?!0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}|::[0-9a-f]|(?<!\d)\d{1,2}:\d\d(?!\d)|\d\s?[ap]m\b")
NOT = "!\u2260\xac"
PUNCTUATION = "-.:=_'\"·•"
_STRANGE = frozenset({"word", "placeholder"})
# What sets a label apart from its number.
_JOINTS = frozenset({":", "=", "-", "\uff1a"})
# Words of scripts without blanks hold conditions anywhere.
_SPACED = "\u0e00"
_UNSPACED = "\u2e80"
_BLANKS = late(r"[\s,;:()]+")


def is_said(token: Token) -> bool:
    """Return whether a token is more than punctuation."""
    return bool(token.text.strip(PUNCTUATION))


def narrows(text: str) -> bool:
    """Return whether words are known to narrow traffic: `established`, `admins only`, `from the load balancer`, `not 22`, `10.0.0.5`."""
    if takes_back(text) or _PLACE_OR_TIME.search(text):
        return True
    folded = vocabulary.fold(text)
    return not is_condition(folded) and (_joint().match(folded) is not None or vocabulary.finder("only").search(folded) is not None)


@functools.cache
def _joint() -> vocabulary.Finder:
    """Return the finder of words that introduce an endpoint, such as `from`."""
    return vocabulary.Finder(vocabulary.words("from", "away_from", "to", "toward"))


def is_condition(folded: str) -> bool:
    """Return whether folded words begin with what says when a rule is needed, or hold it in a script without blanks."""
    finder = vocabulary.finder("condition")
    return finder.match(folded) is not None or (folded > _SPACED and finder.search(folded) is not None)


def of_brackets(tokens: Iterable[Token], line: str) -> tuple[list[Token], str]:
    """Return tokens without brackets that are remarks, which go to the number beside them; and the remarks of a line without a number.

    A bracket that narrows counts as one word. So does a bracket with numbers after a number, or alone after a separator: `443, (1)`.
    """
    taker = _Brackets(line)
    rest = iter(tokens)
    for token in rest:
        if token.kind != "open":
            taker.take(token)
            continue
        inner = []
        end = len(line)
        for one in rest:
            if one.kind == "close" and one.depth <= token.depth + 1:
                end = one.start
                break
            inner.append(one)
        taker.take_bracket(token, inner, end)
    return taker.kept, joined(taker.waiting)


class _Brackets:
    """Takes the tokens of a line, bracket by bracket."""

    def __init__(self, line: str) -> None:
        self._line = line
        self.kept: list[Token] = []
        # Remarks in front of the first number.
        self.waiting: list[str] = []
        # Whether a number stands in front, behind the last separator.
        self._outside = False

    def take(self, token: Token, glued: bool | None = None) -> None:
        """Take a token outside of brackets, or one inside that counts as if it stood outside."""
        token = _remarked(token, self.waiting)
        self.kept.append(token if glued is None else replace(token, glued=glued))
        self._outside = not parts(token) and (self._outside or token.kind in NUMERIC)

    def take_bracket(self, token: Token, inner: list[Token], end: int) -> None:
        """Take a bracket, with what stands in it and where it ends."""
        said = self._line[token.start + 1 : end].strip()
        worded = any(one.kind == "reference" or _is_strange(one) for one in inner)
        if worded:
            narrowed = narrows(said) or _is_behind_portless(self.kept) or (self._outside and _states_port(inner))
        else:
            narrowed = _is_numbered(inner) and self._is_note()
        if narrowed:
            self.kept.append(replace(token, kind="word", text=self._line[token.start : end + 1]))
        elif worded:
            if not _remark_last(self.kept, said):
                self.waiting.append(said)
        else:
            glued = bool(self.kept) and _end(self.kept) == token.start
            for one in inner:
                self.take(one, glued)

    def _is_note(self) -> bool:
        """Return whether numbers in brackets are no ports here."""
        if self._outside or _is_behind_portless(self.kept):
            return True
        return bool(self.kept) and self.kept[-1].kind == "separator" and _is_numbered(self.kept)


def _states_port(tokens: Iterable[Token]) -> bool:
    """Return whether a number stands beside a protocol: `or 636/TCP with TLS` in a bracket is another port, and no remark."""
    said = [token for token in tokens if token.kind != "separator"]
    pairs = itertools.pairwise(said)
    return any({one.kind, other.kind} & NUMERIC and "protocol" in (one.kind, other.kind) for one, other in pairs)


def _is_numbered(tokens: Iterable[Token]) -> bool:
    return any(token.kind in NUMERIC for token in tokens)


def _is_behind_portless(kept: list[Token]) -> bool:
    """Return whether a protocol without ports stands in front, in a list that names others: `TCP 22, ICMP (ping)`."""
    portless = bool(kept) and kept[-1].kind == "protocol" and is_portless(kept[-1].words)
    return portless and _is_numbered(kept)


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


def of_words(tokens: Sequence[Token], line: str) -> tuple[list[Token], list[str]]:
    """Return the tokens of a line of numbers without words, which are remarks of the numbers; and the entries of words alone.

    If words leave an entry open, its tokens say so. They stay in the list, because the protocols of other entries depend on them.
    """
    taker = _Entries(line)
    for entry, separators in _listed(tokens, line):
        taker.take(entry)
        taker.kept.extend(separators)
        # `443, dynamic` names two ports, `443 or custom` one that can be changed.
        taker.listed = any(token.kind == "separator" for token in separators)
    # Words that wait for a number that was not left open are about the whole line.
    return taker.kept, [*taker.waiting, *taker.worded]


@functools.cache
def _date() -> re.Pattern[str]:
    """Return the form of a day and a month. A spreadsheet makes `10-Aug` of the ports `8-10`, so it names no port."""
    return re.compile(rf"(?:[0-2]?\d|3[01])\s*[-./]\s*(?:{vocabulary.pattern('month')})\.?")


class _Entries:
    """Takes the entries of a line of numbers, one after the other."""

    def __init__(self, line: str) -> None:
        self._line = line
        self.kept: list[Token] = []
        # The entries of words alone.
        self.worded: list[str] = []
        # Whether a comma or its kin stands in front.
        self.listed = False
        # Words in front of the first number.
        self.waiting: list[str] = []
        # Whether the entry in front ends in a condition, which may go on.
        self._clause = False

    def take(self, entry: list[Token]) -> None:
        """Take an entry."""
        text = text_of(entry, self._line)
        if _is_numbered(entry):
            self._take_numbers(entry, text)
        elif any(map(_is_strange, entry)):
            self._take_words(entry, text)
        else:
            self.kept.extend(entry)
            if self.listed and entry and all(token.kind == "filler" for token in entry) and is_variable(text):
                self.worded.append(text)

    def _take_numbers(self, entry: list[Token], text: str) -> None:
        said, words, self._clause = _split(entry, self._line)
        if any(map(_is_strange, said)) or _date().fullmatch(vocabulary.fold(text)):
            self.kept.extend(replace(token, opened=text) for token in said if not _is_strange(token))
        else:
            self.kept.extend(_remarked(token, self.waiting) for token in said)
            _remark_last(self.kept, joined(words))

    def _take_words(self, entry: list[Token], text: str) -> None:
        if not narrows(text):
            if (self._clause or is_condition(vocabulary.fold(text))) and _remark_last(self.kept, text):
                # `443 if A or B`: the condition goes on.
                self._clause = True
                return
            if not self.worded and not _is_numbered(self.kept):
                self.waiting.append(text)
                return
        said = [replace(token, opened=text) for token in entry if not _is_strange(token)]
        self.kept.extend(said)
        if not any(token.kind == "protocol" and is_portless(token.words) for token in said):
            self.worded.append(text)


def is_variable(text: str) -> bool:
    """Return whether a word of a text leaves a port open: `dynamic`."""
    return vocabulary.finder("variable").search(vocabulary.fold(text)) is not None


def takes_back(line: str) -> bool:
    """Return whether a line excludes or narrows what it names: `TCP (established)`, `Any except UDP`, `not TCP`, `!UDP`."""
    folded = vocabulary.fold(line)
    if vocabulary.finder("narrowing").search(folded) is not None or excepts(line):
        return True
    # `Remove` in the middle of a sentence is what a port is for.
    return vocabulary.finder("withdrawn").match(folded) is not None


def excepts(line: str) -> bool:
    """Return whether a line excludes a part of what it names, or all of it: `Any except UDP`, `not TCP`, `!UDP`."""
    folded = vocabulary.fold(line)
    if any(sign in folded for sign in NOT) or vocabulary.finder("exception").search(folded):
        return True
    # `non-SSL` is the name of a kind, and excludes nothing.
    words, said = vocabulary.words("negation"), _BLANKS.split(folded)
    return not words.isdisjoint(said) or any(found.word > _UNSPACED for found in vocabulary.finder("negation").finditer(folded))


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
    """Return what stands in a line from the first to the last of some tokens."""
    return line[tokens[0].start : _end(tokens)].strip(" :=") if tokens else ""


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
