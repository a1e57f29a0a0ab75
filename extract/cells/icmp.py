"""ICMP types and codes from words and numbers (IANA "ICMP Parameters", "ICMPv6 Parameters")."""

from __future__ import annotations

import re

import msgspec

from extract import vocabulary
from extract.cells.ports import is_none
from extract.cells.tokens import clean
from extract.regex import late

MAX_TYPE = 255

# In folded text: `8`, `type 3, code 4`, `3/any`.
_TYPE_CODE = late(
    r"(?:icmp(?:v[46])?\s*)?(?:types?[\s:=]*)?(?P<type>\d{1,3})"
    r"(?:\s*(?P<joint>[-/,;:.]|\s)\s*(?:codes?[\s:=]*)?(?:(?P<code>\d{1,3})|(?P<word>[^\W\d]+|\*)))?(?:\s*\([^)]*\))?"
)
_NUMBER_NAME = late(r"(?:icmp(?:v[46])?\s*)?(?:types?[\s:=]*)?(\d{1,3})\s*[-:]\s*(?P<name>[^\d\s].*)")
_LIST = late(r"^(?:icmp(?:v[46])?\s*)?types?[\s:]*")
# A run of digits is matched only from its first digit. To try from each digit would take quadratic time.
_AROUND_NAME = late(r"^icmp(v[46])?\s+|\s*\(?(icmp\s*)?(type\s*)?(?<!\d)\d*\)?$")
_KEYWORD = late(r"^\s*icmp(?:v[46])?\s*+[-:/(]?\s*+(?=\S)", re.IGNORECASE)
_NAMED = late(r"icmp", re.IGNORECASE)
_LISTED = late(r"[,;\n]| & ")
# What consoles show for every type: the range of a port or of a type, or -1.
_EVERY = frozenset({"-1", "-1/-1", "0-255", "0-65535", "1-65535"})
# No type of either registry has a code above this: `128-129` is a range of types.
_MAX_CODE = 16


class Icmp(msgspec.Struct, frozen=True):
    """An ICMP type and code; None stands for all."""

    type: int | None
    code: int | None
    said: str
    # Whether a name was read, and not numbers.
    word: bool


def parse(lines: tuple[str, ...], keyword: str) -> tuple[Icmp, ...] | None:
    """Read a cell beside ICMP (`keyword` is "icmp" or "ipv6-icmp").

    Returns the types it names, one entry with None for "all" or nothing said, or None when the words are no ICMP.
    """
    text = clean(" ".join(lines))
    folded = vocabulary.fold(text)
    if is_none(text) or _is_every(folded):
        return (Icmp(None, None, text, False),)
    if whole := _read(folded, text, keyword):
        return whole
    found: list[Icmp] = []
    lists = [vocabulary.fold(clean(line)) for line in lines] if len(lines) > 1 else [_LIST.sub("", folded)]
    parts = (part.strip() for one in lists for listed in _LISTED.split(one) for part in vocabulary.finder("conjunction").split(listed))
    for entry in filter(None, parts):
        read = _read(entry, entry, keyword) or _names(entry, keyword)
        if not read:
            return None
        found.extend(read)
    return tuple(dict.fromkeys(found)) or None


def _is_every(folded: str) -> bool:
    """Return whether a text says every type: `any/any`, `all ICMP`, `0-255`."""
    every = all(part.strip() in vocabulary.words("any") for part in folded.split("/"))
    return every or folded in vocabulary.words("every_icmp") or folded.replace(" ", "") in _EVERY


def without_keyword(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a cell without the name of the protocol in front of a type: `ICMP: Echo Request`."""
    return tuple(_KEYWORD.sub("", clean(line)).rstrip(")") if _NAMED.search(line) else line for line in lines)


def _read(folded: str, said: str, keyword: str) -> tuple[Icmp, ...]:
    """Read one entry: a name, a type, a type and a code, or a range of types. Nothing is returned for what is none of them."""
    if named := _named(folded, keyword):
        return (named,)
    if labelled := _NUMBER_NAME.fullmatch(folded):
        # `8 - Echo Request`: the number counts where the name is known and agrees.
        number, name = int(labelled[1]), _named(labelled["name"].strip(), keyword)
        return (Icmp(number, None, said, False),) if name and (name.type, name.code) == (number, None) else ()
    return _numbers(folded, said)


def _numbers(folded: str, said: str) -> tuple[Icmp, ...]:
    """Read a type, a type and a code, or a range of types, all by number."""
    entry = _TYPE_CODE.fullmatch(folded)
    # `types 8, 0` is a list.
    if not entry or (entry["joint"] and folded.startswith(("types", "icmp types"))):
        return ()
    if entry["word"] and entry["word"] not in vocabulary.words("any"):
        return ()
    first, second = int(entry["type"]), int(entry["code"] or 0)
    if max(first, second) > MAX_TYPE:
        return ()
    if entry["joint"] == "-" and second > _MAX_CODE:
        return tuple(Icmp(kind, None, said, False) for kind in range(first, second + 1))
    return (Icmp(first, second if entry["code"] else None, said, False),)


def _names(entry: str, keyword: str) -> tuple[Icmp, ...]:
    """Read names that slashes join; nothing is returned where one of them is unknown."""
    read = [_named(name.strip(), keyword) for name in entry.split("/")]
    return tuple(one for one in read if one) if all(read) else ()


def _named(text: str, keyword: str) -> Icmp | None:
    bare = _AROUND_NAME.sub("", text).strip(" :-()")
    for candidate in (text, bare, text.removesuffix("s"), bare.removesuffix("s")):
        entry = vocabulary.icmp_types().get(candidate)
        if entry:
            kind = entry[2] if keyword == "ipv6-icmp" else entry[0]
            return Icmp(kind, entry[1] if keyword == "icmp" else None, text, True) if kind is not None else None
    return None
