"""The words that are left of an action or direction cell without its known words. They may narrow the traffic.

`Allow`, `Allow outbound traffic` and `Allow if clustered` are known whole; `Allow from the VPN` and `Allow (08:00-18:00)` are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from extract import vocabulary
from extract.cells.cleaning import clean
from extract.cells.remarks import takes_back
from extract.regex import late

Kind = Literal["action", "direction"]

_WAYS = ("ingress", "egress", "cell_ingress", "cell_egress", "both")
_AROUND = ("traffic", "deny_object", "conjunction", "article", "any", "cell_filler")
# The classes of words that cells of a kind are made of.
_KNOWN: Mapping[Kind, tuple[str, ...]] = {"action": ("allow", *_WAYS, *_AROUND), "direction": (*_WAYS, *_AROUND)}
_WORD = late(r"\w+")
# What ends a condition.
_CLOSING = late(r"[)）\];；]")


def words_of(text: str, kind: Kind) -> tuple[str, ...]:
    """Return the folded words of a cell that no class of words explains; all its words if it excludes or negates something."""
    folded = vocabulary.fold(clean(text))
    if takes_back(folded):
        return tuple(_WORD.findall(folded))
    folded = _without_conditions(folded)
    for section in _KNOWN[kind]:
        folded = _without(section, folded)
    return tuple(_WORD.findall(folded))


def _without(section: str, folded: str) -> str:
    """Return a folded text with a sign for each word of a class."""
    for found in reversed(list(vocabulary.finder(section).finditer(folded))):
        folded = f"{folded[: found.start]}|{folded[found.end :]}"
    return folded


def _without_conditions(folded: str) -> str:
    """Return a folded text without conditions, which say when a rule is needed."""
    while found := vocabulary.finder("condition").search(folded):
        end = _CLOSING.search(folded, found.end)
        folded = f"{folded[: found.start]}|{folded[end.start() if end else len(folded) :]}"
    return folded
