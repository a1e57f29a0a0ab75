"""What the surroundings of a table say of the action of its rules: headings and captions, and the sentence right above it.

A list of ports to block has no action column as often as not. Read as a list of ports to open, it would open what it closes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from extract import vocabulary
from extract.interpret import context as ctx
from extract.model import Said
from extract.regex import late

# Behind a verb for denying, these make it one: `Block inbound traffic`, `Deny rules`. `Block storage` names something else.
_OBJECT = late(
    r" (?:all|any|every|everything|other|these|the|following|inbound|outbound|incoming|outgoing|ingress|egress|traffic|ports?|connections?"
    r"|access|rules?|polic(?:y|ies)|tcp|udp|icmp)\b"
)
# In front of the last word these make a verb of it: `Ports to block`, but not `Message Block`.
_TO = late(r"(?:^|\s)(?:to|must|should|shall|always|zu|à|a|da|para|per)\s$")
_ALLOWING = late(r"\b(?:(?:allow|permit|accept|open|unblock|enabl|requir|need)(?:s|ed|ing|e|es)?|exceptions?)\b")
# `Ports that must not be exposed`, `Never open`, `Ports to close`; a closed network is a place.
_CLOSED = late(
    r"\bports? (?:[a-z]+ ){0,3}(?:be|are|stay|remain|kept|to) closed?\b|\bclosed ports?\b|\bgeschlossene ports\b|\bpuertos cerrados\b"
    r"|\bports (?:fermés|à fermer)\b|\bportas fechadas\b|\bporte chiuse\b|\bзакрытые порты\b"
    r"|\b(?:not|never)\s+(?:be\s+)?(?:left\s+|made\s+)?"
    r"(?:open|opened|expose|exposed|accessible|reachable|allow|allowed|permit|permitted|forwarded)\b"
)
# A sentence with one of these tells of a case, and not of the rules below it.
_CASE = late(
    r"\b(?:if|unless|when|whenever|where|while|may|might|can|could|would|often|usually|typically|sometimes|troubleshoot(?:ing)?|wenn|falls|si"
    r"|cuando|quando|lorsque)\b"
)
_NOUN = (
    r"\b(?:ports?|traffic|connections?|rules?|verbindungen|verkehr|regeln|trafic|connexions|règles|puertos|tráfico|conexiones|reglas|portas"
    r"|tráfego|conexões|regras|porte|traffico|connessioni|regole)\b"
)
_TRAFFIC = late(_NOUN)
_TRAFFIC_TO = late(rf"{_NOUN} (?:to|à|a|da|de|para|per) $")


def denial_of(context: ctx.Context) -> Said | None:
    """Return what says that the rules of a table deny, the nearest first; None when nothing does, or when something nearer allows."""
    for text, line, by, sentence in _places(context):
        stated = _of_sentence(text) if sentence else of_heading(text)
        if stated:
            return Said("deny", text, line, by) if stated == "deny" else None
    return None


def _places(context: ctx.Context) -> Iterator[tuple[str, int, str, bool]]:
    """Yield texts with their lines, what they are, and whether they are sentences."""
    if context.caption:
        yield context.caption.text, context.caption.line, "caption", False
    for block in context.intro[:2]:
        if ctx.is_caption(block) or block is context.label:
            yield block.text, block.line, "line above the table", False
        elif block.kind == "paragraph" and block is context.intro[0]:
            yield block.text, block.line, "introducing sentence", True
    for heading, _ in context.sections:
        yield heading.text, heading.line, "heading", False
    if context.title:
        yield context.title.text, context.title.line, "page title", False


@functools.lru_cache(maxsize=2048)
def of_heading(text: str) -> str | None:
    """Return "deny" or "allow" where a heading says that of the rules below it: `Blocked ports`, `Ports to block`, `Deny all inbound`."""
    folded = vocabulary.fold(text)
    found = vocabulary.finder("words", "deny").search(folded)
    if found is None:
        return "deny" if _CLOSED.search(folded) and not _CASE.search(folded) else "allow" if _ALLOWING.search(folded) else None
    if _is_doubtful(folded):
        return None
    participle = found.word in vocabulary.words("words", "denied")
    before = folded[: found.start]
    last = found.end == len(folded.rstrip(" :：.")) and (not before or _TO.search(before) is not None)
    return "deny" if participle or last or _TRAFFIC_TO.search(before) or _OBJECT.match(folded, found.end) else None


@functools.lru_cache(maxsize=2048)
def _of_sentence(text: str) -> str | None:
    """Return "deny" or "allow" where a sentence announces traffic that is blocked: `The following ports must be blocked:`."""
    folded = vocabulary.fold(text)
    if not any(found.word in vocabulary.words("words", "denied") for found in vocabulary.finder("words", "deny").finditer(folded)):
        return "allow" if _ALLOWING.search(folded) else None
    announces = folded.endswith((":", "：")) or vocabulary.finder("directions", "announce").search(folded) is not None
    return "deny" if announces and _TRAFFIC.search(folded) and not _is_doubtful(folded) else None


def _is_doubtful(folded: str) -> bool:
    """Return whether a text says more than that something is blocked: that it is not, when it is, or that something else is allowed."""
    return (
        vocabulary.finder("words", "negation").search(folded) is not None
        or _ALLOWING.search(folded) is not None
        or _CASE.search(folded) is not None
        or re.search(r"\bby default\b", folded) is not None
    )
