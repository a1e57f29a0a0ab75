"""Direction and action cells, and what a piece of prose says about direction."""

from __future__ import annotations

import functools
import re
from typing import Literal

from extract import vocabulary
from extract.normalize.tokens import clean, tokenize

Stated = Literal["ingress", "egress", "both"]

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+(?=\S)|(?<=[。！？])")


@functools.lru_cache(maxsize=2048)
def of_cell(text: str) -> Stated | None:
    """Read a direction cell: words alone, `In/Out`, `Inbound / Outbound`."""
    folded = vocabulary.fold(clean(text)).strip(" .:")
    if not folded:
        return None
    if folded in vocabulary.words("directions", "both"):
        return "both"
    ingress = bool(vocabulary.finder("directions", "ingress").search(folded)) or folded in vocabulary.words("directions", "cell_ingress")
    egress = bool(vocabulary.finder("directions", "egress").search(folded)) or folded in vocabulary.words("directions", "cell_egress")
    if not (ingress or egress):
        parts = {part.strip() for part in re.split(r"[/,&+]| and | or ", folded)}
        ingress = bool(parts & vocabulary.words("directions", "cell_ingress"))
        egress = bool(parts & vocabulary.words("directions", "cell_egress"))
    if ingress and egress:
        return "both"
    return "ingress" if ingress else "egress" if egress else None


@functools.lru_cache(maxsize=4096)
def arrow_of(text: str) -> str | None:
    """Return the arrow that a cell holds: "->", "<-" or "<->"; a lone `>` or `<` is one too."""
    cleaned = clean(text)
    lone = {">": "->", "<": "<-", "<>": "<->", ">>": "->", "<<": "<-"}.get(cleaned.replace(" ", ""))
    return lone or next((token.text for token in tokenize(cleaned) if token.kind == "arrow"), None)


@functools.lru_cache(maxsize=4096)
def of_heading(text: str) -> Stated | Literal["mixed"] | None:
    """Read a heading, caption or group row. Both directions in one are "mixed": they announce, they do not demand."""
    folded = vocabulary.fold(text)
    ingress = vocabulary.finder("directions", "ingress").search(folded)
    egress = vocabulary.finder("directions", "egress").search(folded)
    if ingress and egress:
        return "mixed"
    return "ingress" if ingress else "egress" if egress else None


def of_prose(text: str) -> tuple[Stated | Literal["mixed"] | None, str]:
    """Read the sentences of a paragraph; return what the last one that speaks of direction says, and that sentence.

    Both directions count only where the sentence demands both for traffic ("must be open for inbound and outbound
    communication"); a sentence that is about direction as a topic says nothing.
    """
    for sentence in reversed(_SENTENCE.split(text)):
        stated = _of_sentence(sentence)
        if stated:
            return stated, sentence
    return None, ""


@functools.lru_cache(maxsize=4096)
def _of_sentence(sentence: str) -> Stated | Literal["mixed"] | None:
    folded = vocabulary.fold(sentence)
    ingress = [match.start() for match in vocabulary.finder("directions", "ingress").finditer(folded)]
    egress = [match.start() for match in vocabulary.finder("directions", "egress").finditer(folded)]
    if not ingress and not egress:
        return None
    if vocabulary.finder("directions", "about").search(folded):
        return None
    if not (ingress and egress):
        return "ingress" if ingress else "egress"
    behind = folded[max(ingress[-1], egress[-1]) :]
    noun = re.match(rf"\S+\s+(?:network\s+)?{vocabulary.pattern_of(vocabulary.words('directions', 'carried'))}", behind)
    if noun and vocabulary.finder("directions", "demand").search(folded):
        return "both"
    return "mixed"


@functools.lru_cache(maxsize=1024)
def action_of(text: str) -> Literal["allow", "deny"] | None:
    """Read an action cell: what it says first counts (`Deny`, `Allow (default)`)."""
    folded = vocabulary.fold(text)
    deny = vocabulary.finder("words", "deny").search(folded)
    allow = vocabulary.finder("words", "allow").search(folded)
    if deny and (not allow or deny.start() < allow.start()):
        return "deny"
    return "allow" if allow else None
