"""Every regular expression of the package against texts that are made from it: what it costs grows as its text does, and no faster."""

from __future__ import annotations

import itertools
import re
import signal
from collections.abc import Iterable, Iterator, Mapping
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import pytest

from extract.cells import tokens
from extract.read import read
from tests.patterns import CALLS, Pattern, Place, makers, modules, patterns

# A pattern is suspected when a short text takes longer than the first of these times, of the processor, and convicted when the long one
# takes longer than the second: some hundredths of a second are what it takes where the cost grows with the length, several seconds where
# it grows with the square. Tokens are made in Python.
SHORT, LONG = 5_000, 80_000
SECONDS = (0.008, 1.0)
SECONDS_OF_TOKENS = (0.08, 3.0)
# A repeat of no more than this is none.
FEW = 16
# So many pieces of a pattern are put together with each other.
PIECES = 10

# Patterns for texts in which no blank follows another one, and why the texts are of that kind.
FOLDED: Mapping[Place, str] = {
    ("extract.interpret.groups", "_owner_patterns"): "headings and captions, as reading folds them",
    ("extract.interpret.titles", "names_component"): "headings and captions, as reading folds them",
    ("extract.cells.icmp", "_AROUND_NAME"): "what `vocabulary.fold` gives, and parts of it",
    ("extract.cells.icmp", "_TYPE_CODE"): "what `vocabulary.fold` gives",
    ("extract.cells.flows", "_flow"): "the lines of cells, as reading folds them",
    ("extract.cells.flows", "_SLASH_PAIR"): "the lines of cells, as reading folds them",
}
# Patterns for texts that are short, and what sees to that.
BOUNDED: Mapping[Place, str] = {
    ("extract.cells.statements", "_URL"): "a sentence of more than `_MAX_CHARS`, 600 characters, is not looked at",
    ("extract.publish.sarif", "_BRACKET"): "a message is cut to `MAX_MESSAGE`, 1,000 characters, before",
}


# --- texts that are made from a pattern -------------------------------------------------------------------------------

Node = tuple[Any, Any]

CLASSES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}
# What a class may hold beside the characters that it names.
COMMON = "a1 !-.<\n\u3042"


def is_in(sign: str, members: Iterable[Node]) -> bool:
    """Return whether a character is named by a class; whether the class is turned around does not matter."""
    return any(
        (code is codes.LITERAL and chr(what) == sign)
        or (code is codes.RANGE and what[0] <= ord(sign) <= what[1])
        or (code is codes.CATEGORY and re.fullmatch(CLASSES[what], sign))
        for code, what in members
    )


def signs_of(members: list[Node]) -> list[str]:
    """Return some of the characters of a class."""
    named = [chr(what) if code is codes.LITERAL else chr(what[0]) for code, what in members if code in (codes.LITERAL, codes.RANGE)]
    turned = members[0][0] is codes.NEGATE
    return [sign for sign in (*COMMON, *named) if is_in(sign, members) is not turned][:4]


class Texts:
    """What a pattern is attacked with: what its repeats repeat, what stands before them, and the characters that it knows."""

    def __init__(self, compiled: re.Pattern[Any]) -> None:
        text = compiled.pattern if isinstance(compiled.pattern, str) else compiled.pattern.decode("latin-1")
        self._signs: dict[str, None] = {}
        self._repeated: dict[str, None] = {}
        self._before: dict[str, None] = {}
        self._of(parser.parse(text, compiled.flags & re.VERBOSE), "")

    def pumps(self) -> Iterator[str]:
        """Yield what is repeated: pieces of the pattern, and pairs of them."""
        if self._repeated:
            pieces = [*itertools.islice(self._repeated, 2 * PIECES), *itertools.islice(self._signs, PIECES)]
            yield from dict.fromkeys(filter(None, (*pieces, *map("".join, itertools.permutations(pieces[:PIECES], 2)))))

    def texts(self, length: int, beginnings: int) -> Iterator[str]:
        """Yield texts of about this length, with so many beginnings that are not repeated."""
        for pump in self.pumps():
            body = pump * (length // len(pump))
            for before in ("", *itertools.islice(filter(None, self._before), beginnings)):
                yield before + body
                yield before + body + "\n\0"

    def _of(self, nodes: Iterable[Node], before: str) -> str:
        """Return a text that nodes match, more or less; `before` is one for what stands before them."""
        made = ""
        for code, what in nodes:
            made += self._one(code, what, before + made)
        return made

    def _one(self, code: Any, what: Any, before: str) -> str:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            known = len(self._signs)
            text = self._of(what[2], before)
            if what[1] > FEW:
                new = list(self._signs)[known:]
                self._repeated.update(dict.fromkeys((text, *new, before[-20:] + text)))
                self._before.setdefault(before)
            return text * max(int(what[0]), 1)
        if code is codes.BRANCH:
            texts = [self._of(one, before) for one in what[1]]
            return texts[0]
        if code in (codes.SUBPATTERN, codes.ASSERT, codes.ASSERT_NOT):
            text = self._of(what[-1], before)
            return text if code is codes.SUBPATTERN else ""
        if code is codes.ATOMIC_GROUP:
            return self._of(what, before)
        signs: list[str] = []
        if code is codes.IN:
            signs = signs_of(what)
        elif code is codes.LITERAL:
            signs = [chr(what)]
        elif code in (codes.ANY, codes.NOT_LITERAL):
            signs = signs_of([(codes.NEGATE, None), (codes.LITERAL, what or 10)])
        self._signs.update(dict.fromkeys(signs))
        return signs[0] if signs else ""


# --- the attack -------------------------------------------------------------------------------------------------------


class TooSlowError(Exception):
    pass


def _stop(signum: int, frame: FrameType | None) -> None:
    raise TooSlowError


def go_through(pattern: Pattern, text: Any) -> None:
    """Use a pattern on a text as the package does."""
    compiled = pattern.compiled
    if pattern.method == "finditer":
        for _ in compiled.finditer(text):
            pass
    elif pattern.method == "tokens":
        tokens.tokenize.__wrapped__(text)
    else:
        getattr(compiled, pattern.method)(text)


def takes_longer(pattern: Pattern, text: str, seconds: float) -> bool:
    """Return whether a pattern takes more than so much time of the processor for a text."""
    text = " ".join(text.split()) if pattern.place in FOLDED else text
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        go_through(pattern, text if isinstance(pattern.compiled.pattern, str) else text.encode())
        signal.setitimer(signal.ITIMER_PROF, 0)
    except TooSlowError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return False


def slow_texts(pattern: Pattern) -> Iterator[str]:
    """Yield the texts for which a pattern takes more time than their length is worth."""
    texts = Texts(pattern.compiled)
    # A token does not care for what stands before it.
    (suspicious, too_long), beginnings = (SECONDS_OF_TOKENS, 0) if pattern.method == "tokens" else (SECONDS, 2)
    for short, long in zip(texts.texts(SHORT, beginnings), texts.texts(LONG, beginnings), strict=True):
        if takes_longer(pattern, short, suspicious) and takes_longer(pattern, long, too_long):
            yield f"{long[:40]!r} … {long[-10:]!r}"


def slow(*found: Pattern) -> list[str]:
    """Return the patterns that are slow, each with a text that shows it."""
    return [
        f"{pattern}, {pattern.compiled.pattern[:60]!r} by {pattern.method}: {text}"
        for pattern in found
        for text in itertools.islice(slow_texts(pattern), 1)
    ]


# Three modules in four tests would be one test of a minute; one test for each pattern would be hundreds of nothing.
PARTS = 8


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer of processor time")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_pattern_costs_the_square_of_a_text(part: int) -> None:
    assert slow(*(one for one in patterns()[part::PARTS] if one.place not in BOUNDED)) == []


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer of processor time")
@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s*x", "search"),
        (r"\s*+x", "finditer"),
        (r"(a+)+b", "match"),
        (r"(?:a|b|ab)*c", "match"),
        (r"<[^>]*>", "finditer"),
        (r"(?:,\s*)?\s+and", "finditer"),
        (r"(.+?)\s+/\s+(.+)", "fullmatch"),
        (rb"[a-z]+://", "finditer"),
    ],
)
def test_a_pattern_that_costs_the_square_of_a_text_is_found(pattern: str | bytes, method: str) -> None:
    assert slow(Pattern("", "", re.compile(pattern), method))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer of processor time")
@pytest.mark.parametrize(
    ("pattern", "method"),
    [(r"\s*x", "match"), (r"a+b", "match"), (r"<[^<>]*>", "finditer"), (r"(?:(?<!\s)\s++)?,", "finditer"), (r"[a-z]{1,20}://", "finditer")],
)
def test_a_pattern_that_costs_what_a_text_is_long_is_not(pattern: str, method: str) -> None:
    assert slow(Pattern("", "", re.compile(pattern), method)) == []


def test_patterns_are_found_wherever_they_stand() -> None:
    found = {(*one.place, one.method) for one in patterns()}
    assert {
        ("extract.cells.endpoint", "_SEPARATOR", "finditer"),
        ("extract.cells.endpoint", "_is_sentence", "search"),
        ("extract.interpret.profiles", "_SIGNS", "finditer"),
        ("extract.interpret.profiles", "_FLOW_CELL", "fullmatch"),
        ("extract.interpret.groups", "_owner_patterns", "search"),
        ("extract.cells.cleaning", "_open_ended", "finditer"),
        ("extract.cells.statements", "_not_denied", "finditer"),
    } <= found


def test_what_is_excused_is_there() -> None:
    assert {*FOLDED, *BOUNDED} <= {one.place for one in patterns()}
    assert {one.name for name in modules() for one in makers(name) if one.args.args} == set(CALLS)


def test_reading_folds_the_blanks_of_every_text() -> None:
    blanks = "a &nbsp;\t\n  \u2003b"
    page = read(
        f"<title>{blanks}</title><h1>{blanks}</h1><p>{blanks}<table><caption>{blanks}</caption><tr><td>{blanks}</table>".encode(),
        "page.html",
    )
    texts = [block.text for block in page.blocks] + [grid.caption for grid in page.grids]
    texts += [line for grid in page.grids for row in grid.rows for cell in row.slots if cell is not None for line in cell.lines]
    assert set(filter(None, texts)) == {"a b"}
