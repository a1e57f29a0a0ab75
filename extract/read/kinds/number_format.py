"""What the format of a cell shows of its number or text (ECMA-376-1, 18.8.31 "numFmts"), as far as it can be told for certain."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from extract.regex import late

_TOKEN = late(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?P<space>_.|\*.)|\[(?P<bracket>[^\]]*)\]?|(?P<general>general)|(?P<text>@)'
    r"|(?P<digits>[#0?][#0?,]*+(?:\.[#0?]*+)?+)|(?P<computed>[%.\w/])|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
# `[$€-407]` shows the sign of a currency, `[$-409]` shows nothing.
_CURRENCY = late(r"\$([^-]*)")
_CONDITION = late(r"[<>=]|[hms]+$", re.IGNORECASE)
_SECTIONS = 4

Way = Literal["whole", "thousands", "words", "nothing", "otherwise"]


class Shown(msgspec.Struct, frozen=True):
    """How a format shows a value: `whole` with words around it, with a comma between `thousands`, `words` alone, `nothing`, `otherwise`."""

    way: Way
    before: str = ""
    after: str = ""


def of_number(form: str, value: float) -> Shown:
    """Return how a format shows a number."""
    return _of_number(form, 1 if value < 0 else 2 if value == 0 else 0)


@functools.lru_cache(maxsize=1024)
def _of_number(form: str, index: int) -> Shown:
    sections = list(_sections(form))
    if any(_is_condition(section) for section in sections):
        return Shown("otherwise")
    return _shown(sections[index] if index < min(len(sections), _SECTIONS - 1) else sections[0])


@functools.lru_cache(maxsize=1024)
def of_text(form: str) -> Shown:
    """Return how a format shows a text."""
    sections = list(_sections(form))
    last = _shown(sections[-1])
    if len(sections) >= _SECTIONS:
        return last
    return last if any(token["text"] for token in _TOKEN.finditer(sections[-1])) else Shown("whole")


def _sections(form: str) -> Iterator[str]:
    """Yield the parts of a format: for numbers above zero, below it, for zero itself, and for text."""
    section = ""
    for token in _TOKEN.finditer(form):
        if token["plain"] == ";":
            yield section
            section = ""
        else:
            section += token[0]
    yield section


def _is_condition(section: str) -> bool:
    return any(_CONDITION.match(token["bracket"]) for token in _TOKEN.finditer(section) if token["bracket"])


def _shown(section: str) -> Shown:
    words = ["", ""]
    slots: list[str] = []
    for token in _TOKEN.finditer(section):
        kind = token.lastgroup
        if kind == "computed" or (kind in ("general", "text", "digits") and slots):
            # A part of a date, a power of ten, a share, or the digits of one number apart from each other.
            return Shown("otherwise")
        if kind in ("general", "text", "digits"):
            slots.append(token["digits"] or "")
        elif kind == "bracket":
            currency = _CURRENCY.match(token["bracket"])
            words[bool(slots)] += currency[1] if currency else ""
        else:
            words[bool(slots)] += " " if kind == "space" else token[kind] if kind else ""
    before, after = words
    if not slots:
        return Shown("words", before) if before.strip() else Shown("nothing")
    whole = slots[0].partition(".")[0]
    if whole.endswith(","):
        # Shown in thousands.
        return Shown("otherwise")
    return Shown("thousands" if "," in whole else "whole", before, after)
