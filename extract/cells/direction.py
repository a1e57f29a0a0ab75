"""Direction cells, and what headings and a piece of prose say about direction."""

from __future__ import annotations

import functools
import re
from typing import Literal

from extract import vocabulary
from extract.cells import limits
from extract.cells.tokens import clean, tokenize
from extract.regex import late

Stated = Literal["ingress", "egress", "both"]

_SENTENCE = late(r"(?<=[.!?。！？])\s+(?=\S)|(?<=[。！？])")

_LISTED = late(r"[/,&+、]")


@functools.lru_cache(maxsize=2048)
def of_cell(text: str) -> Stated | None:
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


@functools.lru_cache(maxsize=4096)
def arrow_of(text: str) -> str | None:
    """Return the arrow that a cell holds: "->", "<-" or "<->"; a lone `>` or `<` is one too."""
    if len(text) > limits.MAX_CELL:
        return None
    cleaned = clean(text)
    lone = {">": "->", "<": "<-", "<>": "<->", ">>": "->", "<<": "<-"}.get(cleaned.replace(" ", ""))
    return lone or next((token.text for token in tokenize(cleaned) if token.kind == "arrow"), None)


@functools.lru_cache(maxsize=4096)
def of_heading(text: str) -> Stated | Literal["mixed"] | None:
    """Read a heading, caption or group row. Both directions in one are "mixed": they announce, they do not demand."""
    folded = vocabulary.fold(text)
    ingress = vocabulary.finder("ingress").search(folded)
    egress = vocabulary.finder("egress").search(folded)
    if ingress and egress:
        return "mixed"
    return "ingress" if ingress else "egress" if egress else None


def of_prose(text: str) -> tuple[Stated | Literal["mixed"] | None, str]:
    """Read the sentences of a paragraph; return what the last one that states the direction of listed rules says, and that sentence.

    A sentence counts when it announces the rules ("the following inbound ports"), instructs ("Allow inbound traffic …") or leads with
    the direction ("Inbound traffic – …"); one that explains something ("… will have a random source port for outgoing calls") does not.
    """
    for sentence in reversed(_SENTENCE.split(text)):
        stated = _of_sentence(sentence)
        if stated:
            return stated, sentence
    return None, ""


@functools.lru_cache(maxsize=4096)
def _of_sentence(sentence: str) -> Stated | Literal["mixed"] | None:
    folded = vocabulary.fold(sentence)
    ingress = list(vocabulary.finder("ingress").finditer(folded))
    egress = list(vocabulary.finder("egress").finditer(folded))
    if not ingress and not egress:
        return None
    if vocabulary.finder("about").search(folded):
        return None
    if ingress and egress:
        return "both" if _demands_both(folded, min(ingress[0].start, egress[0].start)) else "mixed" if _announces(folded) else None
    first = (ingress or egress)[0]
    if _announces(folded) or _leads(folded, first.start, first.end):
        return "ingress" if ingress else "egress"
    return None


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
