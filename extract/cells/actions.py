"""What texts say of the action of a rule: action cells, names of rules, descriptions, and what stands above a table.

Most tables list what is to be opened, and have no action column. An action cell may allow or deny. Any other text denies only if it says
so explicitly; a text with a second possible meaning does not count.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Literal

from extract import vocabulary
from extract.cells import direction
from extract.cells.cleaning import SENTENCE_END, clean
from extract.model import Action
from extract.regex import late

# A rule name has few words; a longer text is a description that may mention blocking.
_NAME_WORDS = 4
_WORDS = late(r"[\w'’-]+")
# A longer title is a sentence.
_TITLE_WORDS = 6
_DIGIT = late(r"\d")
_TITLE_BEGIN = late(r"^[\W\d_]+")
# What parts a title from what is said of it: `Inbound (obsolete)`, `Inbound - obsolete`.
_TITLE_PARTS = late(r"[()\[\]\uff08\uff09:\uff1a,;]| [-\u2013\u2014] ")
# So many words may follow what says that ports are gone: `no longer needed today`.
_ENDING_WORDS = 2
# At most this many words stand between a noun and its participle in a short title or sentence.
_PREDICATE_WORDS = 5
# The signs that may follow a word for denying that is a label of its own: `DENY: what is left`.
_ALONE = late(r" ?(?:$|[:：.,;]|[-\u2013\u2014] )")
# Scripts without blanks between words.
_UNSPACED = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
Announced = Literal["allow", "deny", "withdrawn"]
"""What a title or a sentence says of the rules below it."""

# A service of that name has port 9 (RFC 863).
_DISCARD = "discard"


def of_cell(text: str) -> Action | None:
    """Read an action cell. Its first action counts (`Deny`, `Allow (default)`). `Not allowed` is deny."""
    folded = vocabulary.fold(clean(text))
    if is_not_allowed(folded) or folded.strip(" .") in vocabulary.words("closed_cell"):
        return "deny"
    deny = vocabulary.finder("deny").search(folded)
    allow = vocabulary.finder("allow").search(folded)
    if deny and (not allow or deny.start <= allow.start):
        return "deny"
    return "allow" if allow else None


def is_not_allowed(folded: str) -> bool:
    """Return whether a text turns a word for allowing around, as `not allowed` does. The pattern is large, and negations are few."""
    return _is_negated(folded) and _not_allowed().search(folded) is not None


def _is_forbidden(folded: str) -> bool:
    return _is_negated(folded) and _forbidden().search(folded) is not None


def _is_negated(folded: str) -> bool:
    return any(vocabulary.finder(section).search(folded) for section in ("negation", "negation_behind"))


@functools.cache
def _not_allowed() -> re.Pattern[str]:
    """Return what turns a word for allowing around: `not (explicitly) allowed`, `許可しない`, `never ever be reachable`."""
    allow, before, behind = (vocabulary.pattern(section) for section in ("allow", "negation", "negation_behind"))
    return re.compile(rf"{before}\s*(?:\b\w+\s+)?{allow}|{allow}\s*{behind}|{_forbidden().pattern}")


@functools.cache
def _forbidden() -> re.Pattern[str]:
    """Return what says that nobody may reach a port: `nicht von außen erreichbar sein`, `不要对公网开放`.

    `Need not be reachable` and `不需要开放` say that nobody has to.
    """
    before, reachable, allow, wanted = (vocabulary.pattern(section) for section in ("negation", "reachable", "allow", "wanted"))
    condition = vocabulary.pattern("condition")
    spaced = rf"\s+(?:(?!{wanted}|{condition})[\w'’-]+\s+){{0,4}}{reachable}"
    unspaced = rf"(?:(?!{wanted}){_UNSPACED}){{0,8}}{allow}"
    return re.compile(rf"{before}(?:{spaced}|{unspaced})")


def instructs(text: str) -> bool:
    """Return whether a text says what to do with traffic, and nothing else: `Allow outbound traffic`, `Block all`."""
    folded = vocabulary.fold(clean(text)).strip(" .")
    verb = next((found for section in ("deny", "allow") if (found := vocabulary.finder(section).match(folded))), None)
    behind = vocabulary.words("ingress", "egress", "cell_ingress", "cell_egress", "deny_object", "traffic", "conjunction", "article")
    return verb is not None and all(word in behind for word in _WORDS.findall(folded[verb.end :]))


# Ends recur from row to row.
@functools.lru_cache(maxsize=2048)
def is_an_action(text: str) -> bool:
    """Return whether a whole text is an action, and no name: `Deny`, `Blocked`, `Block all`."""
    return instructs(text) or vocabulary.fold(clean(text)).strip(" .") in vocabulary.words("denied", "closed_cell")


def way_of(text: str) -> direction.Way | None:
    """Return the direction that an action cell names beside its action: `ALLOW IN`, `Permit (outbound)`."""
    folded = vocabulary.fold(clean(text))
    for section in ("deny", "allow"):
        found = vocabulary.finder(section).search(folded)
        if found:
            rest = f"{folded[: found.start]} {folded[found.end :]}"
            return direction.of_cell(rest.strip(" ()[].,:-"))
    return None


def is_named(text: str) -> bool:
    """Return whether a text is as short as the name of a rule."""
    return len(text.split()) <= _NAME_WORDS


# Cached, because each row of a table asks for the same headers.
@functools.lru_cache(maxsize=256)
def excludes(header: str) -> bool:
    """Return whether a header begins or ends with a word that excludes the cells below it: `Excluded ports`, `Puertos excluidos`.

    `Port without TLS` does not exclude: it says which kind of ports the column holds.
    """
    folded = vocabulary.fold(clean(header)).strip(" .:?")
    return any(found.start == 0 or found.end == len(folded) for found in vocabulary.finder("exception").finditer(folded))


@functools.lru_cache(maxsize=256)
def refuses(header: str) -> bool:
    """Return whether a header excludes the endpoints of its column: `Not from`, `Blocked source`. `No` does not: it numbers the rows."""
    folded = vocabulary.fold(clean(header)).strip(" .:?")
    negation = vocabulary.finder("negation").match(folded)
    return (negation is not None and negation.end < len(folded)) or vocabulary.finder("deny").search(folded) is not None


def closes(text: str) -> bool:
    """Return whether a whole text says that something is closed or narrowed: `Closed`, `Established`."""
    folded = vocabulary.fold(clean(text)).strip(" .")
    return folded in vocabulary.words("closed_cell", "narrowing")


def name_denies(text: str) -> bool:
    """Return whether a text is the name of a rule that denies."""
    if len(text.split()) > _NAME_WORDS:
        return False
    return _name().search(text) is not None or any(
        text.lower().startswith(_objects(), verb.end()) for verb in _verb().finditer(text.lower())
    )


@functools.cache
def _name() -> re.Pattern[str]:
    """Return what is in names of rules that deny: `DenyAllInBound`, `inbound_deny_all_tcp`, `Deny-Any`."""
    forms = (form for word in vocabulary.words("deny_name") for form in (word, word.capitalize(), word.upper()))
    return re.compile(rf"(?:^|[_\W]|(?<=[a-z])){vocabulary.either(forms)}(?![a-z])")


@functools.cache
def _verb() -> re.Pattern[str]:
    """Return what denies in the name of a rule with an object behind it: `Drop_all`. `Block storage` and `Drop box` name other things."""
    return re.compile(rf"(?:^|[_\W]){vocabulary.either(vocabulary.words('deny_verb'))}[_\W]?")


@functools.cache
def _objects() -> tuple[str, ...]:
    return tuple(sorted(vocabulary.words("deny_object")))


def description_denies(text: str) -> bool:
    """Return whether a description begins with saying that traffic is blocked."""
    folded = vocabulary.fold(text)
    if _tells_to_deny(folded):
        return True
    kind = vocabulary.finder("deny_kind").match(folded)
    rest = folded[kind.end :].lstrip() if kind else folded
    found = vocabulary.finder("deny").match(rest)
    return found is not None and found.word != _DISCARD and _ALONE.match(rest, found.end) is not None


def _tells_to_deny(folded: str) -> bool:
    """Return whether a description begins as `Blocks all traffic` or `Deny the rest`.

    `Deny` tells a firewall what to do, unless it is the name of a list (`Deny list`). `Block storage` and `Drop folder` name other
    things, and `Denies unknown users` says what a service does.
    """
    telling, denies = (vocabulary.finder(section).match(folded) for section in ("deny_telling", "deny_name"))
    if telling and has_object_behind(folded, telling.end):
        return True
    return denies is not None and folded[denies.end :][:1] == " " and not vocabulary.finder("deny_list").match(folded[denies.end + 1 :])


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
        if is_not_allowed(folded) or vocabulary.finder("closed").search(folded):
            return None if vocabulary.finder("case").search(folded) else "deny"
        return "allow" if vocabulary.finder("allow").search(folded) else None
    if _is_doubtful(folded):
        return None
    denies = _is_verb(folded, found) or (found.word in vocabulary.words("denied") and _is_of_traffic(folded, found))
    return "deny" if denies or closing(folded) else None


def closing(folded: str) -> list[vocabulary.Found]:
    """Return the words of a text that close ports: `must be closed`, `禁止访问`. `Deny list of the mail filter` names a thing."""
    things = tuple(vocabulary.words("deny_list"))
    return [found for found in vocabulary.finder("closed").finditer(folded) if not found.word.endswith(things)]


def of_title(text: str) -> Announced | None:
    """Read a heading as `of_heading` does. A heading that withdraws or narrows its rules gives "withdrawn": `Ports no longer used`."""
    if (stated := of_heading(text)) is not None or len(text.split()) > _TITLE_WORDS:
        return stated
    folded = vocabulary.fold(clean(text)).strip(" .:")
    if closes(text) and folded not in vocabulary.words("narrowing_who"):
        return "withdrawn"
    if any(is_withdrawn(part.strip(), "withdrawn", "closed_cell") for part in _TITLE_PARTS.split(folded)):
        return "withdrawn"
    # A whole title `No longer needed` is about everything below it. Inside of a longer title, the words may be about anything.
    if vocabulary.finder("no_longer").match(folded):
        return "withdrawn"
    # `Ports that cannot be disabled` stay.
    taken_back = any(vocabulary.finder("negation").search(folded[: found.start]) is None for found in _takings_back(folded))
    return "withdrawn" if taken_back and vocabulary.finder("traffic").search(folded) else None


def _takings_back(folded: str) -> Iterator[vocabulary.Found]:
    return (found for section in ("withdrawn", "no_longer") for found in vocabulary.finder(section).finditer(folded))


def is_withdrawn(clause: str, *sections: str) -> bool:
    """Return whether a folded clause is a word of some classes, or one with the release since which it applies: `Closed since 4.0`."""
    for section in sections:
        found = vocabulary.finder(section).match(clause)
        if found and (found.end == len(clause) or _DIGIT.search(clause, found.end)):
            return True
    return False


def _is_verb(folded: str, found: vocabulary.Found) -> bool:
    """Return whether a word for denying tells what to do with ports or traffic: `Ports to block`, `Block inbound traffic`."""
    before = folded[: found.start]
    # `Ports to block`, `Default deny`
    led = ending("deny_before", before) is not None or vocabulary.words("cell_filler").issuperset(before.split())
    last = found.end == len(folded.rstrip(" :：.")) and led
    return last or has_object_behind(folded, found.end) or _tells_what_to_do_with_traffic(before)


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
    if vocabulary.finder("closed").search(folded) or _is_forbidden(folded):
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


def ending(section: str, text: str) -> str | None:
    """Return the text before its last word if that word, followed by a blank, is of a class; otherwise None."""
    for found in vocabulary.finder(section).finditer(text):
        if text[found.end :] == " " and (found.start == 0 or text[found.start - 1] == " "):
            return text[: found.start]
    return None


def has_object_behind(folded: str, end: int) -> bool:
    """Return whether what follows a word makes a verb of it: `Block inbound traffic`, but not `Block storage`."""
    return folded[end : end + 1] == " " and vocabulary.finder("deny_object").match(folded[end + 1 :]) is not None


def _tells_what_to_do_with_traffic(before: str) -> bool:
    """Return whether a text ends as `ports to …` does, before a word for denying."""
    traffic = ending("deny_traffic_to", before)
    return traffic is not None and ending("traffic", traffic) is not None


def _is_doubtful(folded: str) -> bool:
    """Return whether a text does not simply block: it says "not", or "sometimes", or that something else is allowed."""
    folded = folded.replace("’", "'")
    sections = ("negation", "negation_behind", "exception", "allow", "wanted", "case")
    return any(vocabulary.finder(section).search(folded) for section in sections)
