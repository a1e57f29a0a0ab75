"""The cell of a workbook as people see it: numbers as they are shown, struck-out and raised text, and what a spreadsheet made of it.

A spreadsheet changes what is typed: `80,443` becomes the number 80443 that is shown with a comma, and `8-10` becomes a day. What people
typed is lost then, so such a cell is written in a way that is no port, with a finding where a port was most likely meant.
"""

from __future__ import annotations

import datetime
import html
import math
from typing import Any

import msgspec

from extract.read.kinds import number_format
from extract.read.kinds.number_format import Shown


class Value(msgspec.Struct, frozen=True, gc=False):
    """What a cell shows."""

    text: str = ""
    # The text as HTML, where it is more than text.
    markup: str | None = None
    # What people should know of it: the code of a finding, and what it says behind the name of the cell.
    code: str = ""
    problem: str = ""


def shown(cell: Any, formula: object = None, *, zeros: bool = True) -> Value:
    """Return what a cell of openpyxl shows.

    `formula` is its formula, where the workbook holds no value of it; `zeros` says whether the sheet shows zeros.
    """
    if formula is not None:
        said = f"holds the formula {str(formula)[:80]!r} without its value; open the workbook with Excel and save it"
        # In braces, for a formula is no list of ports: `=443+1`.
        return Value(f"{{{formula}}}", None, "formula-without-value", said)
    value = cell.value
    if value is None:
        return Value()
    form = cell.number_format or "General"
    if not zeros and value == 0 and not isinstance(value, bool):
        form = ";;;@"
    found = _rich(value, form) if isinstance(value, list) else _plain(value, form)
    if not cell.font.strike:
        return found
    return msgspec.structs.replace(found, markup=f"<s>{found.markup if found.markup is not None else _escaped(found.text)}</s>", code="")


def _rich(value: Any, form: str) -> Value:
    """Return text with runs of their own fonts: what is struck out is taken back, and what is raised or lowered is the mark of a note."""
    look = number_format.of_text(form)
    whole = "".join(map(str, value))
    if look.way != "whole":
        return _looking(whole, form, look)
    pieces: list[str] = []
    for run in value:
        text = _escaped(str(run))
        font = getattr(run, "font", None)
        if font is not None and font.vertAlign in ("superscript", "subscript"):
            text = f"<sup>{text}</sup>"
        if font is not None and font.strike:
            text = f"<s>{text}</s>"
        pieces.append(text)
    return Value(_around(whole, look), "".join((_escaped(look.before), *pieces, _escaped(look.after))))


def _plain(value: object, form: str) -> Value:
    if isinstance(value, bool):
        return Value(str(value).upper())
    if isinstance(value, (int, float)):
        return _number(value, form)
    if isinstance(value, datetime.datetime):
        return Value(value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" "))
    if isinstance(value, datetime.date):
        return Value(value.isoformat())
    if isinstance(value, (datetime.time, datetime.timedelta)):
        return Value(_clock(value))
    return _looking(str(value), form, number_format.of_text(form))


def _clock(value: datetime.time | datetime.timedelta) -> str:
    """Return a time with its unit: `80:443` that was typed is one, and `87:23` would be ports."""
    if isinstance(value, datetime.time):
        return f"{value.hour}:{value.minute:02} h"
    minutes = int(value.total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02} h"


def _number(value: float, form: str) -> Value:
    look = number_format.of_number(form, value)
    if not math.isfinite(value) or int(value) != value:
        return _looking(repr(value), form, look) if look.way == "nothing" else Value(repr(value))
    whole = int(value)
    return _with_thousands(whole, look) if look.way == "thousands" else _looking(str(whole), form, look)


def _looking(value: str, form: str, look: Shown) -> Value:
    """Return what a format makes of a value."""
    if look.way == "nothing":
        return Value("", None, "hidden-content", f"holds {value[:80]!r}, which its format {form[:80]!r} hides; it was not read")
    if look.way == "words":
        return Value(look.before)
    if look.way == "otherwise":
        said = f"holds {value[:80]!r}, and its format {form[:80]!r} shows it in another way"
        return Value(f"{value} ({form})?", None, "ambiguous-number", f"{said}; format the cell as text and type what it shows")
    return Value(_around(value, look))


def _around(value: str, look: Shown) -> str:
    return f"{look.before}{value}{look.after}"


def _with_thousands(number: int, look: Shown) -> Value:
    """Return a number that is shown with commas: whoever typed `25,587` meant one port or two, and nobody knows which.

    No port is written with a zero in front, so `10,000` is one number.
    """
    first, *groups = f"{number:,}".split(",")
    if number < 0 or not groups or any(group.startswith("0") for group in groups):
        return Value(_around(str(number), look))
    displayed = ",".join((first, *groups))
    said = f"shows {displayed} and holds the number {number}: the ports {' and '.join((first, *groups))}, or one number"
    return Value(
        f"{_around(str(number), look)} ({displayed})?", None, "ambiguous-number", f"{said}; format the cell as text and type it again"
    )


def _escaped(text: str) -> str:
    return "<br>".join(html.escape(line) for line in text.splitlines())
