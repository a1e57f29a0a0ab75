"""Direction cells, and what headings and a piece of prose say about direction."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Literal

from extract import vocabulary
from extract.cells import limits
from extract.cells.cleaning import SENTENCE_END, clean
from extract.cells.tokens import tokenize
from extract.regex import late

Way = Literal["ingress", "egress", "both"]

_WAYS: tuple[Way, ...] = ("ingress", "egress")

_LISTED = late(r"[/,&+、]")


# The same few words fill columns of all pages, and most columns are asked whether they hold directions.
@functools.lru_cache(maxsize=512)
def of_cell(text: str) -> Way | None:
    """Read a direction cell: words alone, `In/Out`, `Inbound / Outbound`."""
    folded = vocabulary.fold(clean(text)).strip(" .:")
    if not folded:
        return None
    if folded in vocabulary.words("both"):
        return "both"
    ingress = bool(vocabulary.finder("ingress").search(folded)) or folded in vocabulary.words("cell_ingress")
    egress = bool(vocabulary.finder("egress").search(folded)) or folded in vocabulary.words("cell_egress")
    # `Inbound/Out`, `In- and outbound`
    joined = vocabulary.finder("conjunction")
    parts = {part.strip(" -") for listed in _LISTED.split(folded) for part in joined.split(listed)}
    ingress = ingress or bool(parts & vocabulary.words("cell_ingress"))
    egress = egress or bool(parts & vocabulary.words("cell_egress"))
    if ingress and egress:
        return "both"
    return "ingress" if ingress else "egress" if egress else None


def arrow_of(text: str) -> str | None:
    """Return the arrow that a cell holds: "->", "<-" or "<->"; a lone `>` or `<` is one too."""
    if len(text) > limits.MAX_CELL:
        return None
    cleaned = clean(text)
    lone = {">": "->", "<": "<-", "<>": "<->", ">>": "->", "<<": "<-"}.get(cleaned.replace(" ", ""))
    return lone or next((token.text for token in tokenize(cleaned) if token.kind == "arrow"), None)


@functools.lru_cache(maxsize=4096)
def of_heading(text: str) -> Way | Literal["mixed"] | None:
    """Read a heading, caption or group row. Both directions are "mixed": the text only announces rules."""
    ingress, egress = map(bool, _ways(vocabulary.fold(text)))
    if ingress and egress:
        return "mixed"
    return "ingress" if ingress else "egress" if egress else None


def _ways(folded: str) -> tuple[list[vocabulary.Found], list[vocabulary.Found]]:
    """Return the words for either direction. `Ingress controller` is the name of a thing and does not count."""
    ingress, egress = (list(vocabulary.finder(way).finditer(folded)) for way in _WAYS)
    if ingress or egress:
        things = [(found.start, found.end) for found in vocabulary.finder("named_by_direction").finditer(folded)]
        if things:
            ingress, egress = ([one for one in way if not any(a <= one.start < b for a, b in things)] for way in (ingress, egress))
    return ingress, egress


# One sentence can introduce each of the tables below it.
@functools.lru_cache(maxsize=2048)
def of_prose(text: str) -> tuple[Way | Literal["mixed"] | None, str]:
    """Read the sentences of a paragraph; return what the last one that states the direction of listed rules says, and that sentence.

    A sentence counts when it announces the rules ("the following inbound ports"), instructs ("Allow inbound traffic …") or leads with
    the direction ("Inbound traffic – …"); one that explains something ("… will have a random source port for outgoing calls") does not.
    """
    # A quick look before the sentences are told apart.
    if not any(_ways(vocabulary.fold(text))):
        return None, ""
    sentences = SENTENCE_END.split(text)
    for sentence in reversed(sentences):
        stated = _of_sentence(sentence)
        if stated:
            return stated, sentence
    return _announced(sentences) if len(sentences) > 1 and _announces(vocabulary.fold(sentences[-1])) else (None, "")


def _announced(sentences: Sequence[str]) -> tuple[Way | None, str]:
    """Return the one direction of the sentences before the one that announces the rules: `Servers listen on ports. See the table.`"""
    stated: dict[Way, str] = {}
    for sentence in sentences:
        folded = vocabulary.fold(sentence)
        if not _tells(folded) or any(vocabulary.finder(section).search(folded) for section in ("case", "hedge")):
            continue
        stated.update((way, sentence) for way, found in zip(_WAYS, _ways(folded), strict=True) if found)
    return next(iter(stated.items())) if len(stated) == 1 else (None, "")


def _tells(folded: str) -> bool:
    """Return whether a sentence states the direction of traffic. A sentence about messages does not, and neither does a negated one."""
    spoken = vocabulary.finder("traffic").search(folded) or vocabulary.finder("anaphora").match(folded)
    return spoken is not None and not any(
        vocabulary.finder(section).search(folded) for section in ("about", "negation", "negation_behind", "elsewhere")
    )


@functools.lru_cache(maxsize=2048)
def of_page(text: str) -> Way | None:
    """Read a paragraph for all rules of a page: what its first sentence that speaks of all of them says of their direction."""
    # A quick look before the sentences are told apart.
    if not vocabulary.finder("general").search(vocabulary.fold(text)):
        return None
    for sentence in SENTENCE_END.split(text):
        if vocabulary.finder("general").search(vocabulary.fold(sentence)):
            stated, _ = of_prose(sentence)
            if stated in _WAYS:
                return stated
    return None


@functools.lru_cache(maxsize=4096)
def _of_sentence(sentence: str) -> Way | Literal["mixed"] | None:
    folded = vocabulary.fold(sentence)
    ingress, egress = _ways(folded)
    if not ingress and not egress:
        return None
    first = min([*ingress, *egress])
    leads = _leads(folded, first.start, first.end)
    if not leads and not _tells(folded):
        return None
    if ingress and egress:
        return "both" if _demands_both(folded, first.start) else "mixed" if _announces(folded) else None
    return ("ingress" if ingress else "egress") if leads or _announces(folded) else None


def _announces(folded: str) -> bool:
    return (
        folded.endswith((":", "："))
        or vocabulary.finder("announce").search(folded) is not None
        or vocabulary.finder("instruct").match(folded) is not None
        or vocabulary.finder("general").search(folded) is not None
    )


def _leads(folded: str, start: int, end: int) -> bool:
    """Return whether the direction opens the sentence as a label: `Inbound traffic – …`, `Outgoing: …`."""
    return len(folded[:start].split()) <= 2 and re.match(r"(?:\s+[\w-]+){0,2}\s*(?:[-\u2013\u2014:]|$)", folded[end:]) is not None


def _demands_both(folded: str, start: int) -> bool:
    words = folded[:start].split()
    demands = bool(words) and words[-1] in vocabulary.words("demand_both")
    return demands and vocabulary.words("demand_rule").isdisjoint(folded[start:].split()[:5])
