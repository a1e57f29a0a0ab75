"""Column headers: the concepts that their words name, whatever their order, number, case and language."""

from __future__ import annotations

import functools
import itertools

import msgspec

from extract import vocabulary
from extract.cells import announced, direction
from extract.cells.tokens import clean, tokenize
from extract.model import Action, Direction
from extract.regex import late

# Concepts that say which port (`from port`, `internal port`): the port in their words counts.
_PARTS = frozenset({"start", "end", "internal", "external"})
_WORD = late(r"[^\W\d_]")
# A word of `whole_header` counts where it is half of the header.
_HALF = 2


class Header(msgspec.Struct, frozen=True):
    """A header's text and the concepts that its words name."""

    text: str
    concepts: frozenset[str]
    # The one transport that it names.
    hint: str | None
    # The one direction that it names.
    way: Direction | None
    # The direction of the rows that are ticked below it: `In` says it there alone.
    tick: Direction | None
    # What its cells do with traffic, where they only say yes or no (`Allowed`), or what happens to the ports below it (`Blocked ports`).
    action: Action | None = None
    # Whether the vocabulary knows each of its words.
    known: bool = False


@functools.lru_cache(maxsize=4096)
def read_header(text: str) -> Header:
    """Return the concepts of a header text."""
    folded = vocabulary.base_forms(vocabulary.fold(clean(text)).strip(" :*.…"))
    named, short = _spans(folded)
    sided = [span for span in short if _is_side(folded, span[:2], named)]
    spans = named + sided
    stated = direction.of_heading(text)
    way = stated if stated in ("ingress", "egress") else _beside(folded, sided)
    alone = direction.of_cell(text)
    return Header(
        text=text,
        # A word inside a longer one of another concept does not count: vi `đích` (destination) in `mục đích` (purpose).
        concepts=frozenset(_outermost(spans)),
        hint=_hint(text),
        way=way,
        tick=way or (alone if alone != "both" else None),
        # `Allowed?` asks what its cells answer.
        action=announced.of_heading(text.rstrip(" ?\uff1f")),
        known=bool(spans) and _is_known(folded, spans),
    )


Spans = list[tuple[int, int, str]]


def _spans(folded: str) -> tuple[Spans, Spans]:
    """Return where words of concepts stand in a header, and where the short ones do that may be sides or prepositions."""
    short, whole = vocabulary.words("short_side"), vocabulary.words("whole_header")
    long = sum(1 for word in folded.split() if _WORD.search(word)) > _HALF
    named: Spans = []
    sides: Spans = []
    for concept, finder in vocabulary.header_concepts().items():
        for start, end, word in finder.finditer(folded):
            if word in short:
                sides.append((start, end, concept))
            # One Chinese character means less inside of a word: `源` (source) in `资源` (resource).
            elif not (long and word in whole and word != folded) and not (len(word) == 1 and start):
                named.append((start, end, concept))
    return named, sides


def _hint(text: str) -> str | None:
    """Return the one transport that a header names."""
    words = {word for token in tokenize(clean(text)) if token.kind == "protocol" for word in token.words}
    return next(iter(words)) if len(words) == 1 and words <= vocabulary.ported() else None


def _beside(folded: str, sided: Spans) -> Direction | None:
    """Return the direction that a short word says beside a side: `Out to`, `In from`."""
    for start, end, _ in sided:
        stated = direction.of_cell(f"{folded[:start]} {folded[end:]}".strip())
        if stated in ("ingress", "egress"):
            return stated
    return None


def _outermost(spans: Spans) -> set[str]:
    """Return the concepts of words that are not inside of a longer word, in one pass: a header may hold many words."""
    found: set[str] = set()
    reached = 0
    # The end of the longest word that begins further left.
    for start, group in itertools.groupby(sorted(spans), key=lambda span: span[0]):
        words = list(group)
        longest = max((end for _, end, concept in words if concept not in _PARTS), default=start)
        found.update(concept for _, end, concept in words if end > reached and end >= longest)
        reached = max(reached, longest)
    return found


def _is_side(folded: str, span: tuple[int, int], spans: Spans) -> bool:
    """Return whether a short word (`to`, `from`) is a side, and not a preposition inside of a longer header.

    It is one at either end of a header of which every other word is known (`Network from`, `Outgoing to`, `From source host`), in brackets
    (`Receiving node (to)`), and in front of one further word.
    """
    start, end = span
    before, behind = folded[:start].strip(" /-"), folded[end:].strip(" /-:")
    if before.endswith("(") and behind.startswith(")"):
        return True
    if not before:
        return len(behind.split()) <= 1 or behind.startswith("(") or _is_known(folded, spans, span)
    return (not behind or behind.startswith("(")) and _is_known(folded, spans, span)


def _is_known(folded: str, spans: Spans, *further: tuple[int, int]) -> bool:
    """Return whether each word of a header is one that the vocabulary knows to stand there."""
    taken = [(start, end) for start, end, _ in spans] + list(further)
    for section in (
        "side_before",
        "from",
        "to",
        "range",
        "ingress",
        "egress",
        "cell_ingress",
        "cell_egress",
        "allow",
        "component",
        "article",
    ):
        taken += [(found.start, found.end) for found in vocabulary.finder(section).finditer(folded)]
    reached = 0
    for start, end in sorted(taken):
        if _WORD.search(folded[reached:start] if start > reached else ""):
            return False
        reached = max(reached, end)
    return not _WORD.search(folded[reached:])
