"""What texts say of the action of a rule: action cells, names of rules, descriptions, and what stands above a table.

Most tables list what is to be opened, and have no action column. A cell that is there for it may say either; everything else denies
where it says so in so many words, and what may be read in another way counts for nothing.
"""

from __future__ import annotations

import functools
import re

from extract import vocabulary
from extract.cells.tokens import clean
from extract.model import Action
from extract.regex import late

# Behind a verb for denying, these make it one: `Block inbound traffic`, `Deny rules`. `Block storage` names something else.
_OBJECT = (
    r"(?:all|any|every|everything|other|these|the|following|inbound|outbound|incoming|outgoing|ingress|egress|traffic|ports?|connections?"
    r"|access|rules?|polic(?:y|ies)|tcp|udp|icmp)"
)
_OBJECT_BEHIND = late(rf" {_OBJECT}\b")
# Names of rules: `DenyAllInBound`, `inbound_deny_all_tcp`, `Deny-Any`. `Block storage` and `Drop box` name other things.
_NAME = late(rf"(?:^|[_\W]|(?<=[a-z]))(?:[Dd]eny|DENY)(?![a-z])|(?:^|[_\W])(?i:block|drop|reject)[_\W]?(?i:{_OBJECT})")
# A rule name has few words; a longer text is a description that may mention blocking.
_NAME_WORDS = 4
# `Deny` tells a firewall what to do, but for a list of what is denied. `Block storage` and `Drop folder` name other things, and
# `Denies unknown users` tells what a service does.
_PHRASE = late(rf"(?:(?:block|drop|reject)s?|denies) {_OBJECT}\b|deny (?!lists?\b)")
# What may stand before and behind a word for denying that stands for itself: `DENY: what is left`, `Implicit deny`.
_KIND = late(r"(?:(?:implicit|explicit|default|final) )?+")
_ALONE = late(r" ?(?:$|[:：.,;]|[-\u2013\u2014] )")
# A service of that name has port 9 (RFC 863).
_DISCARD = "discard"
# In front of the last word these make a verb of it: `Ports to block`, but not `Message Block`.
_TO = late(r"(?:^| )(?:to|must|should|shall|always|zu|à|a|da|para|per) $")


@functools.lru_cache(maxsize=1024)
def of_cell(text: str) -> Action | None:
    """Read an action cell: what it says first counts (`Deny`, `Allow (default)`). What is not allowed is denied."""
    folded = vocabulary.fold(clean(text))
    if _not_allowed().search(folded):
        return "deny"
    deny = vocabulary.finder("deny").search(folded)
    allow = vocabulary.finder("allow").search(folded)
    if deny and (not allow or deny.start < allow.start):
        return "deny"
    return "allow" if allow else None


@functools.cache
def _not_allowed() -> re.Pattern[str]:
    """Return what turns a word for allowing around: `not (explicitly) allowed`, `許可しない`."""
    allow = vocabulary.pattern_of(vocabulary.words("allow"))
    before = vocabulary.pattern_of(vocabulary.words("negation"))
    behind = vocabulary.pattern_of(vocabulary.words("negation_behind"))
    return re.compile(rf"{before}\s*(?:\b\w+\s+)?{allow}|{allow}\s*{behind}")


def name_denies(text: str) -> bool:
    """Return whether a text is the name of a rule that denies."""
    return _NAME.search(text) is not None and len(text.split()) <= _NAME_WORDS


def description_denies(text: str) -> bool:
    """Return whether a description begins with saying that traffic is blocked."""
    folded = vocabulary.fold(text)
    if _PHRASE.match(folded):
        return True
    kind = _KIND.match(folded)
    rest = folded[kind.end() :] if kind else folded
    found = vocabulary.finder("deny").match(rest)
    return found is not None and found.word != _DISCARD and _ALONE.match(rest, found.end) is not None


@functools.lru_cache(maxsize=2048)
def of_heading(text: str) -> Action | None:
    """Read a heading, caption or group row for the rules below it: `Blocked ports`, `Ports to block`, `Deny all inbound traffic`."""
    folded = vocabulary.fold(text)
    found = vocabulary.finder("deny").search(folded)
    if found is None:
        if vocabulary.finder("closed").search(folded):
            return None if vocabulary.finder("case").search(folded) else "deny"
        return "allow" if vocabulary.finder("allow").search(folded) else None
    if _is_doubtful(folded):
        return None
    before = folded[: found.start]
    last = found.end == len(folded.rstrip(" :：.")) and (not before or _TO.search(before) is not None)
    verb = last or _OBJECT_BEHIND.match(folded, found.end) or _traffic_to().search(before)
    return "deny" if verb or found.word in vocabulary.words("denied") else None


@functools.lru_cache(maxsize=2048)
def of_sentence(text: str) -> Action | None:
    """Read the sentence above a table where it announces rules: `The following ports must be blocked:`."""
    folded = vocabulary.fold(text)
    if not (folded.endswith((":", "：")) or vocabulary.finder("announce").search(folded)):
        return None
    if any(found.word in vocabulary.words("denied") for found in vocabulary.finder("deny").finditer(folded)):
        return "deny" if vocabulary.finder("traffic").search(folded) and not _is_doubtful(folded) else None
    return "allow" if vocabulary.finder("allow").search(folded) else None


@functools.cache
def _traffic_to() -> re.Pattern[str]:
    """Return what ends as `ports to …` does."""
    return re.compile(rf"{vocabulary.pattern_of(vocabulary.words('traffic'))} (?:to|à|a|da|de|para|per) $")


def _is_doubtful(folded: str) -> bool:
    """Return whether a text says more than that something is blocked: that it is not, when it is, or that something else is allowed."""
    folded = folded.replace("’", "'")
    sections = ("negation", "negation_behind", "exception", "allow", "wanted", "case")
    return any(vocabulary.finder(section).search(folded) for section in sections)
