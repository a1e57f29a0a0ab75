"""ICMP types and codes from words and numbers (IANA "ICMP Parameters", "ICMPv6 Parameters")."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from extract import vocabulary
from extract.normalize.ports import is_none
from extract.normalize.tokens import clean

MAX_TYPE = 255

_TYPE_CODE = re.compile(
    r"(?:icmp(?:v[46])?\s*)?(?:types?[\s:=]*)?(\d{1,3})(?:\s*(?:[-/,;:.]|\s)\s*(?:codes?[\s:=]*)?(\d{1,3}|any|all|\*))?(?:\s*\((?P<name>[^)]*)\))?",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[,;/\n]| and | or | & ")
_EVERY_TYPE = ((0, 255), (0, 65535), (1, 65535))


class Icmp(NamedTuple):
    """An ICMP type and code; None stands for all."""

    type: int | None
    code: int | None
    said: str
    word: bool
    # Whether a name was read, and not numbers.


@functools.lru_cache(maxsize=2048)
def parse(lines: tuple[str, ...], keyword: str) -> tuple[Icmp, ...] | None:
    """Read a cell beside ICMP (`keyword` is "icmp" or "ipv6-icmp").

    Returns the types it names, one entry with None for "all" or nothing said, or None when the words are no ICMP.
    """
    text = clean(" ".join(lines))
    folded = vocabulary.fold(text)
    if (
        is_none(text)
        or folded in vocabulary.words("words", "any")
        or folded in ("all types", "any type", "all ports", "any port", "all icmp", "-1")
    ):
        return (Icmp(None, None, text, False),)
    numeric = _TYPE_CODE.fullmatch(folded)
    if numeric:
        first = int(numeric[1])
        code = int(numeric[2]) if numeric[2] and numeric[2].isdigit() else None
        if (first, code) in _EVERY_TYPE:
            return (Icmp(None, None, text, False),)
        return (Icmp(first, code, text, False),) if first <= MAX_TYPE and (code or 0) <= MAX_TYPE else None
    found = []
    for part in _SPLIT.split(folded):
        named = _named(part.strip(), keyword)
        if named is None:
            return None
        found.append(named)
    return tuple(dict.fromkeys(found))


def _named(text: str, keyword: str) -> Icmp | None:
    bare = re.sub(r"^icmp(v[46])?\s+|\s*\(?(icmp\s*)?(type\s*)?\d*\)?$", "", text).strip(" :-()")
    for candidate in (text, bare, text.removesuffix("s"), bare.removesuffix("s")):
        entry = vocabulary.icmp_types().get(candidate)
        if entry:
            kind = entry[2] if keyword == "ipv6-icmp" else entry[0]
            return Icmp(kind, entry[1] if keyword == "icmp" else None, text, True) if kind is not None else None
    return None
