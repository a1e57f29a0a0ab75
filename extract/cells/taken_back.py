"""What a short remark takes back of its row: all of it (`Removed in 5.0`), its opening (`Do not open`), or a part (`Except 8444`).

A longer text is a description, which may mention what was removed, blocked or left out.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from extract import vocabulary
from extract.cells import actions
from extract.cells.cleaning import clean
from extract.regex import late

_CHARS = 60
# More words before a participle tell of what is blocked.
_FEW_WORDS = 4
# A longer header is no question.
_HEADER_WORDS = 5
_DIGIT = late(r"\d")
# A number, and a particle that is written with it.
_PORT_BEFORE = late(r"\d\w? ?$")
_CLAUSE_END = late(r"[,;:.()（）、，。-]")


@functools.lru_cache(maxsize=1024)
def withdraws(text: str) -> bool:
    """Return whether a short cell withdraws its row: `Removed`, `Removed in 5.0`, `Insecure, do not use`, `no longer used`."""
    if len(text) > _CHARS:
        return False
    return vocabulary.finder("no_longer").search(vocabulary.fold(clean(text))) is not None or any(map(_is_withdrawn, _clauses(text)))


def _clauses(text: str) -> Iterator[str]:
    return map(str.strip, _CLAUSE_END.split(vocabulary.fold(clean(text))))


def _is_withdrawn(clause: str) -> bool:
    found = vocabulary.finder("withdrawn").match(clause)
    # Nothing follows the word, or only the release since which it applies.
    return found is not None and (found.end == len(clause) or _DIGIT.search(clause, found.end) is not None)


@functools.lru_cache(maxsize=1024)
def closes(text: str) -> bool:
    """Return whether a short remark says that its row is not to be opened: `Do not open`, `Login; must be blocked`, `Port is closed`.

    It does not where it says when, as `do not open unless asked` says when a rule is needed, and where it denies (`description_denies`).
    """
    if len(text) > _CHARS or actions.description_denies(text):
        return False
    return vocabulary.finder("condition").search(vocabulary.fold(clean(text))) is None and any(map(_is_closed, _clauses(text)))


def _is_closed(clause: str) -> bool:
    # `Deny list of the mail filter` names a thing.
    things = tuple(vocabulary.words("deny_list"))
    said = [found for found in vocabulary.finder("closed").finditer(clause) if not found.word.endswith(things)]
    if clause in vocabulary.words("closed_cell") or any(not _is_turned(clause, found) for found in said):
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
def excepts(text: str) -> bool:
    """Return whether a short remark leaves out a part of its row: `Except 8444`, `Not from the internet`, `Only from the office`."""
    return len(text) <= _CHARS and any(_leaves_out(clause) or _narrows_origin(clause) for clause in _clauses(text))


def refuses(header: str, text: str) -> bool:
    """Return whether a cell answers that traffic is not let through, or only from some: `No` under `Open in firewall?`, `Only from nodes`.

    `Enabled by default` asks what is set, and not what is to be opened.
    """
    asked = actions.of_heading(header.rstrip(" ?\uff1f"))
    folded = vocabulary.fold(header)
    if asked is None or len(folded.split()) > _HEADER_WORDS or vocabulary.finder("case").search(folded):
        return False
    answer = next(_clauses(text), "")
    if answer in vocabulary.words("no_tick" if asked == "allow" else "tick"):
        return True
    only = vocabulary.finder("only").match(answer)
    return asked == "allow" and only is not None and vocabulary.finder("condition").match(answer) is None


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
