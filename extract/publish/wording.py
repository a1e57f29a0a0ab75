"""Make text of documents safe to show: terminals, logs and Markdown show it and never interpret it."""

from __future__ import annotations

import re

from extract.cells.limits import shortened
from extract.regex import late

UNSEEN = r"\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
"""As a set of a regular expression: what drives a terminal, ends a line, turns the direction of the text around it or has no width.

Also halves of characters, which no file can hold. Joiners and the soft hyphen stay: Persian, Hindi and German are spelled with them.
"""

_CONTROL = late(f"[{UNSEEN}]")
# A log of GitHub Actions obeys a line that begins with `::`, behind blanks too, and `##[` anywhere in a line (workflow commands).
_COMMAND = late(r"(^\s*+:)(?=:)|(##)(?=\[)")
_DOT = "\N{MIDDLE DOT}"
# What makes a word more than a word in GitHub Flavored Markdown, or in what GitHub makes of its text: markup and entities, mentions
# (@), mathematics ($), links (a colon within a word, www.), emoji (:x:), issues (#1, GH-1) and commits (seven hex digits or more).
_MARKUP = late(r"[#$&*<>@\[\\\]^_`|~]|:(?=\S)|www\.|gh-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
_BACKTICKS = late("`+")


def plain(text: str) -> str:
    """Return text, as one line, without what would drive a terminal, turn text around, or be a command in the log of a workflow."""
    return _COMMAND.sub(lambda match: match[0] + _DOT, legible(text))


def legible(text: str) -> str:
    """Return text, as one line, without signs that control a terminal or turn text around. Only for text inside of a line of a log."""
    return _CONTROL.sub(_DOT, text)


def count(number: int, thing: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def located(path: str, line: int | None, at: str | None = None) -> str:
    """Return a place as people and editors find it: `ports.html:12`, and `ports.xlsx, sheet Ports, A5` where lines mean nothing."""
    return f"{path}, {at}" if at else f"{path}:{line}" if line else path


def in_markdown(text: str, length: int) -> str:
    """Return text, cut to a length, as one line of Markdown that shows just this text, in a cell of a table too.

    Words that Markdown or GitHub would make more of are put in code spans, in which neither looks for anything. Escapes would not do:
    GitHub looks for mentions, references and links when the Markdown has become text again.
    """
    parts: list[str] = []
    marked: list[str] = []
    for word in [*_line(text, length).split(" "), ""]:
        if _MARKUP.search(word):
            marked.append(word)
            continue
        if marked:
            parts.append(_spans(" ".join(marked)))
            marked.clear()
        parts.append(word)
    return " ".join(parts).rstrip()


def code(text: str, length: int) -> str:
    """Return text, cut to a length, as a code span of Markdown that shows just this text, in a cell of a table too."""
    return _spans(_line(text, length))


def _line(text: str, length: int) -> str:
    return shortened(plain(" ".join(text.split())), length)


def _spans(text: str) -> str:
    """Return code spans for a text. A bar would end the cell of a table even in a code span, so it stands between two of them."""
    return "&#124;".join(_span(part) for part in text.split("|"))


def _span(text: str) -> str:
    if not text:
        return ""
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))
    # One space at both ends is taken off again.
    pad = " " if text.strip() and (text[0] in "` " or text[-1] in "` ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
