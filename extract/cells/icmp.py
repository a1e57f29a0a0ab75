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
    r"(?:icmp(?:v[46])?\s*)?(?:types?[\s:=]*)?(\d{1,3})"
    r"(?:\s*(?P<joint>[-/,;:.]|\s)\s*(?:codes?[\s:=]*)?(\d{1,3}|[^\W\d]+|\*))?(?:\s*\((?P<name>[^)]*)\))?"
)
_NUMBER_NAME = late(r"(?:icmp(?:v[46])?\s*)?(?:types?[\s:=]*)?(\d{1,3})\s*[-:]\s*(?P<name>[^\d\s].*)")
_LIST = late(r"(?:icmp(?:v[46])?\s*)?types?[\s:]*")
# Digits count from the first of them on: from each of them on costs the square of their number.
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
    if is_none(text) or folded in vocabulary.words("any") or folded in vocabulary.words("every_icmp") or folded.replace(" ", "") in _EVERY:
        return (Icmp(None, None, text, False),)
    whole = _read(folded, text, keyword)
    if whole is not None:
        return whole
    found: list[Icmp] = []
    listed = _LIST.sub("", folded, count=1) if _LIST.match(folded) else folded
    lists = [vocabulary.fold(clean(line)) for line in lines] if len(lines) > 1 else [listed]
    for part in (part.strip() for one in lists for part in _split(one) if part.strip()):
        read = _read(part, part, keyword)
        for inner in () if read is not None else part.split("/"):
            named = _named(inner.strip(), keyword)
            if named is None:
                return None
            found.append(named)
        found.extend(read or ())
    return tuple(dict.fromkeys(found)) or None


def without_keyword(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a cell without the name of the protocol in front of a type: `ICMP: Echo Request`."""
    return tuple(_KEYWORD.sub("", clean(line)).rstrip(")") if _NAMED.search(line) else line for line in lines)


def _split(text: str) -> list[str]:
    return [part for listed in _LISTED.split(text) for part in vocabulary.finder("conjunction").split(listed)]


def _read(folded: str, said: str, keyword: str) -> tuple[Icmp, ...] | None:
    """Read one entry: a name, a type, a type and a code, or a range of types."""
    named = _named(folded, keyword)
    if named is not None:
        return (named,)
    labelled = _NUMBER_NAME.fullmatch(folded)
    if labelled:
        # `8 - Echo Request`: the number counts where the name is known and agrees.
        name = _named(labelled["name"].strip(), keyword)
        agrees = name is not None and name.code is None and name.type == int(labelled[1])
        return (Icmp(int(labelled[1]), None, said, False),) if agrees else None
    numeric = _TYPE_CODE.fullmatch(folded)
    if not numeric or not (numeric[3] is None or numeric[3].isdigit() or numeric[3] in vocabulary.words("any")):
        return None
    if folded.startswith(("types", "icmp types")) and numeric[3]:
        return None
    first = int(numeric[1])
    code = int(numeric[3]) if numeric[3] and numeric[3].isdigit() else None
    if max(first, code or 0) > MAX_TYPE:
        return None
    if numeric["joint"] == "-" and code is not None and code > _MAX_CODE:
        return tuple(Icmp(kind, None, said, False) for kind in range(first, code + 1)) or None
    return (Icmp(first, code, said, False),)


def _named(text: str, keyword: str) -> Icmp | None:
    bare = _AROUND_NAME.sub("", text).strip(" :-()")
    for candidate in (text, bare, text.removesuffix("s"), bare.removesuffix("s")):
        entry = vocabulary.icmp_types().get(candidate)
        if entry:
            kind = entry[2] if keyword == "ipv6-icmp" else entry[0]
            return Icmp(kind, entry[1] if keyword == "icmp" else None, text, True) if kind is not None else None
    return None
