"""What titles, labels and sentences say of the rules below them: that they allow, that they deny, or that they no longer apply."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Literal

from extract import vocabulary
from extract.cells import actions
from extract.cells.cleaning import SENTENCE_END, clean
from extract.model import Action
from extract.regex import late

# A longer title is a sentence.
_TITLE_WORDS = 6
_TITLE_BEGIN = late(r"^[\W\d_]+")
# What parts a title from what is said of it: `Inbound (obsolete)`, `Inbound - obsolete`.
_TITLE_PARTS = late(r"[()\[\]\uff08\uff09:\uff1a,;]| [-\u2013\u2014] ")
# So many words may follow what says that ports are gone: `no longer needed today`.
_ENDING_WORDS = 2
# At most this many words stand between a noun and its participle in a short title or sentence.
_PREDICATE_WORDS = 5
_WORDS = late(r"[\w'’-]+")

Announced = Literal["allow", "deny", "withdrawn"]
"""What a title or a sentence says of the rules below it."""


@functools.lru_cache(maxsize=2048)
def of_heading(text: str) -> Action | None:
    """Read a heading, caption or group row for the rules below it: `Blocked ports`, `Ports to block`, `Deny all inbound traffic`."""
    # An icon or a number in front of a title says nothing by itself: `❌ Blocks`.
    folded = _TITLE_BEGIN.sub("", vocabulary.fold(text))
    # `Is port 25 blocked?` may be answered either way; `Which ports are blocked?` stands above the ports that are.
    if folded.endswith(("?", "？")) and vocabulary.finder("asking").search(folded) is None:
        return None
    found = vocabulary.finder("deny").search(folded)
    if found is None:
        if actions.is_not_allowed(folded) or vocabulary.finder("closed").search(folded):
            return None if vocabulary.finder("case").search(folded) else "deny"
        return "allow" if vocabulary.finder("allow").search(folded) else None
    if _is_doubtful(folded):
        return None
    denies = _is_verb(folded, found) or (found.word in vocabulary.words("denied") and _is_of_traffic(folded, found))
    return "deny" if denies or actions.closing(folded) else None


def of_title(text: str) -> Announced | None:
    """Read a heading as `of_heading` does. A heading that withdraws or narrows its rules gives "withdrawn": `Ports no longer used`."""
    if (stated := of_heading(text)) is not None or len(text.split()) > _TITLE_WORDS:
        return stated
    folded = vocabulary.fold(clean(text)).strip(" .:")
    if actions.closes(text) and folded not in vocabulary.words("narrowing_who"):
        return "withdrawn"
    if any(actions.is_withdrawn(part.strip(), "withdrawn", "closed_cell") for part in _TITLE_PARTS.split(folded)):
        return "withdrawn"
    # A whole title `No longer needed` is about everything below it. Inside of a longer title, the words may be about anything.
    if vocabulary.finder("no_longer").match(folded):
        return "withdrawn"
    # `Ports that cannot be disabled` stay.
    taken_back = any(vocabulary.finder("negation").search(folded[: found.start]) is None for found in _takings_back(folded))
    return "withdrawn" if taken_back and vocabulary.finder("traffic").search(folded) else None


def _takings_back(folded: str) -> Iterator[vocabulary.Found]:
    return (found for section in ("withdrawn", "no_longer") for found in vocabulary.finder(section).finditer(folded))


def _is_verb(folded: str, found: vocabulary.Found) -> bool:
    """Return whether a word for denying tells what to do with ports or traffic: `Ports to block`, `Block inbound traffic`."""
    before = folded[: found.start]
    # `Ports to block`, `Default deny`
    led = actions.ending("deny_before", before) is not None or vocabulary.words("cell_filler").issuperset(before.split())
    last = found.end == len(folded.rstrip(" :：.")) and led
    return last or actions.has_object_behind(folded, found.end) or _tells_what_to_do_with_traffic(before)


@functools.lru_cache(maxsize=2048)
def of_sentence(text: str) -> Announced | None:
    """Read the sentences above a table that announce rules: `The following ports must be blocked:`, `These ports are no longer used:`."""
    stated: Announced | None = None
    for sentence in SENTENCE_END.split(text):
        folded = vocabulary.fold(sentence)
        if folded.endswith((":", "：")) or vocabulary.finder("announce").search(folded):
            action = _of_announcement(folded)
            if action in ("deny", "withdrawn"):
                return action
            stated = stated or action
    return stated


def _of_announcement(folded: str) -> Announced | None:
    if vocabulary.finder("others").search(folded) or not vocabulary.finder("traffic").search(folded):
        return None
    if vocabulary.finder("closed").search(folded) or actions.is_forbidden(folded):
        # `The ports below are not allowed` says so with a negation and a word for allowing.
        return None if any(vocabulary.finder(section).search(folded) for section in ("case", "exception")) else "deny"
    denies = vocabulary.finder("deny").match(folded) is not None or any(
        found.word in vocabulary.words("denied") and _is_of_traffic(folded, found) for found in vocabulary.finder("deny").finditer(folded)
    )
    if denies:
        return None if _is_doubtful(folded) else "deny"
    if _says_withdrawn(folded):
        return "withdrawn"
    return "allow" if vocabulary.finder("allow").search(folded) else None


def _says_withdrawn(folded: str) -> bool:
    """Return whether an announcement ends with saying that its ports are gone: `These ports are deprecated`, `… are not used any more`."""
    if vocabulary.finder("case").search(folded) is not None:
        return False
    return any(
        len(_WORDS.findall(folded[found.end :])) <= _ENDING_WORDS and _is_said_of_ports(folded[: found.start])
        for found in _takings_back(folded)
    )


def _is_said_of_ports(before: str) -> bool:
    """Return whether what stands in front of a predicate names ports, and turns nothing around: not `these ports cannot be`."""
    return vocabulary.finder("traffic").search(before) is not None and vocabulary.finder("negation").search(before) is None


def _is_of_traffic(folded: str, denied: vocabulary.Found) -> bool:
    """Return whether a participle says of ports or traffic that they are denied, or stands alone.

    `Blocked inbound ports` and `The following ports must be blocked` do; `Blocked senders service ports` is about a service, and `ports
    that report blocked users` are open.
    """
    before, behind = folded[: denied.start], folded[denied.end :]
    if all(word in _joining() for word in _WORDS.findall(f"{before} {behind}")):
        return True
    following = _WORDS.match(behind.lstrip())
    if not before and following is not None and following[0] in vocabulary.words("denied_by"):
        return True
    predicate = following is None or following[0] in _joining()
    for found in vocabulary.finder("traffic").finditer(folded):
        between = folded[denied.end : found.start] if denied.end <= found.start else folded[found.end : denied.start]
        words = _WORDS.findall(between)
        if len(between.strip()) <= 1 or all(word in _joining() for word in words):
            return True
        if found.end <= denied.start and predicate and len(words) <= _PREDICATE_WORDS:
            return True
    return False


@functools.cache
def _joining() -> frozenset[str]:
    """Return the words that may stand between a participle and what it says something of."""
    return vocabulary.words("article", "clause", "title_generic", "tie", "ingress", "egress")


def _tells_what_to_do_with_traffic(before: str) -> bool:
    """Return whether a text ends as `ports to …` does, before a word for denying."""
    traffic = actions.ending("deny_traffic_to", before)
    return traffic is not None and actions.ending("traffic", traffic) is not None


def _is_doubtful(folded: str) -> bool:
    """Return whether a text does not simply block: it says "not", or "sometimes", or that something else is allowed."""
    folded = folded.replace("’", "'")
    sections = ("negation", "negation_behind", "exception", "allow", "wanted", "case")
    return any(vocabulary.finder(section).search(folded) for section in sections)
