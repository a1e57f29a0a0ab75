"""What a remark takes back of its row: all of it (`Removed in 5.0`), its opening (`Do not open`), or a part (`Except 8444`).

A remark is read sentence by sentence, for `Used if clustered. Do not open.` says two things. A long sentence is a description, which may
mention what was removed, blocked or left out.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from extract import vocabulary
from extract.cells import actions, announced
from extract.cells.cleaning import SENTENCE_END, clean
from extract.model import Action
from extract.regex import late

_CHARS = 60
# More words before a participle tell of what is blocked.
_FEW_WORDS = 4
# A longer header is no question.
_HEADER_WORDS = 5
_DIGIT = late(r"\d")
# A number, and a particle that is written with it.
_PORT_BEFORE = late(r"\d\w? ?$")
# What stands in brackets or behind a semicolon is said for itself.
_PARTS = late(r"[;()]")
_CLAUSE_END = late(r"[,:.、。-]")
# A sentence without a word of these classes takes nothing back. Most remarks have none.
_TELLING = ("no_longer", "withdrawn", "denied", "closed_cell", "closed", "deny", "exception", "only", "negation", "negation_behind")


def is_headed(header: str, text: str) -> bool:
    """Return whether a cell says since when a row no longer applies: `5.0` under `Removed in`."""
    return text[:1].isdecimal() and withdraws(f"{header} {text}")


@functools.lru_cache(maxsize=1024)
def withdraws(text: str) -> bool:
    """Return whether a cell withdraws its row: `Removed`, `Removed in 5.0`, `Insecure, do not use`, `Login. No longer used.`"""
    return any(_is_withdrawn(clause) for clauses in _short(text) for clause in clauses)


def _is_withdrawn(clause: str) -> bool:
    return vocabulary.finder("no_longer").search(clause) is not None or actions.is_withdrawn(clause, "withdrawn")


@functools.lru_cache(maxsize=2048)
def _short(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the folded clauses of each short sentence of a cell that may take something back."""
    sentences = (part for sentence in SENTENCE_END.split(text) for part in _PARTS.split(clean(sentence)) if len(part) <= _CHARS)
    telling = (folded for folded in map(vocabulary.fold, sentences) if vocabulary.finder(*_TELLING).search(folded) is not None)
    return tuple(tuple(map(str.strip, _CLAUSE_END.split(folded))) for folded in telling)


@functools.lru_cache(maxsize=1024)
def forbids(text: str) -> bool:
    """Return whether a remark says that its row is not to be opened: `Do not open`, `Login; must be blocked`, `Port is closed`.

    It does not where it says when, as `do not open unless asked` says when a rule is needed, and where it denies (`description_denies`).
    """
    closed = any(
        _is_closed(clause) and not _has_condition(clauses, number) for clauses in _short(text) for number, clause in enumerate(clauses)
    )
    return closed and not actions.description_denies(text)


@functools.lru_cache(maxsize=1024)
def names_nobody(text: str) -> bool:
    """Return whether an end says that nobody is one: `nobody`, `No one (bound to 127.0.0.1)`."""
    return _PARTS.split(_CLAUSE_END.split(vocabulary.fold(clean(text)))[0])[0].strip() in vocabulary.words("nobody")


def _has_condition(clauses: Sequence[str], number: int) -> bool:
    """Return whether a clause holds a condition, or one of its neighbours begins with one: `Do not open, unless asked`."""
    finder = vocabulary.finder("condition")
    beside = (*clauses[max(number - 1, 0) : number], *clauses[number + 1 : number + 2])
    return finder.search(clauses[number]) is not None or any(finder.match(clause) is not None for clause in beside)


def _is_closed(clause: str) -> bool:
    if clause in vocabulary.words("denied", "closed_cell") or any(not _is_turned(clause, found) for found in actions.closing(clause)):
        return True
    # `Not enabled by default` says that a rule is needed now and then.
    if actions.is_not_allowed(clause) and not vocabulary.finder("case").search(clause):
        return True
    return _tells_to_close(clause) or _ends_closed(clause)


def _is_turned(clause: str, closed: vocabulary.Found) -> bool:
    """Return whether words for closing stand within others that say the opposite: `must not be closed`."""
    return any(found.start < closed.start and closed.end <= found.end for found in vocabulary.finder("case").finditer(clause))


def _tells_to_close(clause: str) -> bool:
    """Return whether a clause tells to block a port (`Port sperren`), or traffic from somewhere (`Block from outside`)."""
    for found in vocabulary.finder("deny").finditer(clause):
        if found.start == 0 and (actions.has_object_behind(clause, found.end) or _is_from(clause[found.end :])):
            return True
        if found.end == len(clause) and actions.ending("traffic", clause[: found.start]) is not None:
            return True
    return False


def _is_from(behind: str) -> bool:
    """Return whether a text goes on with where traffic comes from."""
    return behind[:1] == " " and vocabulary.finder("away_from").match(behind[1:]) is not None


def _ends_closed(clause: str) -> bool:
    """Return whether a few words end with a participle: `Must be blocked`, `Permanently disabled`. `Blocked` alone denies."""
    said = [found for section in ("denied", "withdrawn", "closed_cell") for found in vocabulary.finder(section).finditer(clause)]
    if vocabulary.finder("negation").search(clause):
        # `Never blocked`; the words for `not used` hold a negation.
        said = [found for found in said if vocabulary.finder("negation").search(found.word)]
    return len(clause.split()) <= _FEW_WORDS and any(found.start > 0 and found.end == len(clause) for found in said)


@functools.lru_cache(maxsize=1024)
def leaves_out(text: str) -> bool:
    """Return whether a remark leaves out a part of its row: `Except 8444`, `Not from the internet`, `Only from the office`."""
    return any(_leaves_out(clause) or _narrows_origin(clause) for clauses in _short(text) for clause in clauses)


def answers_no(header: str, text: str) -> bool:
    """Return whether a cell answers that traffic is not let through, or only from some: `No` under `Exposed?`, `LAN only`, `localhost`.

    `Enabled by default` asks what is set, and not what is to be opened.
    """
    asked, exposed = _asks(header)
    if asked is None:
        return False
    answer = _CLAUSE_END.split(_PARTS.split(vocabulary.fold(clean(text)))[0])[0].strip()
    if answer in (vocabulary.words("no_tick", "negation") if asked == "allow" else vocabulary.words("tick")):
        return True
    if asked == "deny" or vocabulary.finder("condition").search(answer) is not None:
        return False
    inside = exposed and answer in vocabulary.words("inside")
    return inside or vocabulary.finder("only").search(answer) is not None or actions.closes(answer)


# A header stands above each of its rows.
@functools.lru_cache(maxsize=256)
def _asks(header: str) -> tuple[Action | None, bool]:
    """Return what a header asks, whether rows are allowed or denied (None: neither), and whether it asks who reaches them."""
    folded = vocabulary.fold(header)
    exposed = vocabulary.finder("exposed").search(folded) is not None
    asked = announced.of_heading(header.rstrip(" ?\uff1f")) or ("allow" if exposed or _asks_for_use(folded) else None)
    if len(folded.split()) > _HEADER_WORDS or vocabulary.finder("case").search(folded):
        return None, exposed
    return asked, exposed


def _asks_for_use(folded: str) -> bool:
    """Return whether a whole header asks whether a port is in use: `In use?`, `Still needed`."""
    return folded.strip(" ?:\uff1f") in vocabulary.words("in_use")


def _leaves_out(clause: str) -> bool:
    """Return whether a clause begins with an exception, makes one from all, or names a port beside one.

    `Without TLS` says what a service lacks, and `except when clustered` when a rule is needed.
    """
    for found in vocabulary.finder("exception").finditer(clause):
        behind, before = clause[found.end :].strip(), clause[: found.start]
        if found.word in vocabulary.words("lacking") or vocabulary.finder("condition").match(behind):
            continue
        port = vocabulary.finder("traffic").match(behind)
        if _DIGIT.match(behind, port.end + 1 if port else 0) or _PORT_BEFORE.search(before):
            return True
        if behind and (not before or vocabulary.finder("any").match(before)):
            return True
    return False


def _narrows_origin(clause: str) -> bool:
    for found in (found for section in ("only", "negation") for found in vocabulary.finder(section).finditer(clause)):
        if found.start == 0 and _is_from(clause[found.end :]):
            return True
        # `内部からのみ`
        if found.end == len(clause) and clause[: found.start].endswith(tuple(vocabulary.words("away_from"))):
            return True
    return False
