"""What texts say of the action of a rule: action cells, names of rules and descriptions. `announced` reads what stands above a table.

Most tables list what is to be opened, and have no action column. An action cell may allow or deny. Any other text denies only if it says
so explicitly; a text with a second possible meaning does not count.
"""

from __future__ import annotations

import functools
import re

from extract import vocabulary
from extract.cells import direction
from extract.cells.cleaning import clean
from extract.model import Action
from extract.regex import late

# A rule name has few words; a longer text is a description that may mention blocking.
_NAME_WORDS = 4
_WORDS = late(r"[\w'’-]+")
_DIGIT = late(r"\d")
# The signs that may follow a word for denying that is a label of its own: `DENY: what is left`.
_ALONE = late(r" ?(?:$|[:：.,;]|[-\u2013\u2014] )")
# Scripts without blanks between words.
_UNSPACED = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
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


def is_forbidden(folded: str) -> bool:
    """Return whether a folded text says that nobody may reach a port: `must not be reachable from outside`."""
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


def closing(folded: str) -> list[vocabulary.Found]:
    """Return the words of a text that close ports: `must be closed`, `禁止访问`. `Deny list of the mail filter` names a thing."""
    things = tuple(vocabulary.words("deny_list"))
    return [found for found in vocabulary.finder("closed").finditer(folded) if not found.word.endswith(things)]


def is_withdrawn(clause: str, *sections: str) -> bool:
    """Return whether a folded clause is a word of some classes, or one with the release since which it applies: `Closed since 4.0`."""
    for section in sections:
        found = vocabulary.finder(section).match(clause)
        if found and (found.end == len(clause) or _DIGIT.search(clause, found.end)):
            return True
    return False


def ending(section: str, text: str) -> str | None:
    """Return the text before its last word if that word, followed by a blank, is of a class; otherwise None."""
    for found in vocabulary.finder(section).finditer(text):
        if text[found.end :] == " " and (found.start == 0 or text[found.start - 1] == " "):
            return text[: found.start]
    return None


def has_object_behind(folded: str, end: int) -> bool:
    """Return whether what follows a word makes a verb of it: `Block inbound traffic`, but not `Block storage`."""
    return folded[end : end + 1] == " " and vocabulary.finder("deny_object").match(folded[end + 1 :]) is not None
