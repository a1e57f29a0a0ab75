"""Text of documents in the page: shown sign by sign, and never obeyed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import msgspec
from markupsafe import Markup, escape

from extract.publish.wording import UNSEEN
from extract.regex import late

_UNSEEN = late(f"[{UNSEEN}]")
# Hebrew, Arabic and their kin, their presentation forms, and the planes that are set aside for such scripts.
_TURNED = late("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
# A longer word may be longer than its column: it is broken behind a sign or before a capital letter, and never between digits.
_SHORT = 16
_LONG = late(rf"\S{{{_SHORT},}}")
_BREAK = late(r"(?<=[/\\=_:;,&?@])(?=[^\W\d_])|(?<=\.)(?=[^\W\d_]{5})|(?<=[a-z])(?=[A-Z])")
_SPACES = late(r"[\t\n\r]+")
# What could end a script element or begin a comment in it, and what old scripts take for the end of a line.
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def sign_name(sign: str) -> str:
    """Return how a sign that is not seen is written: `U+202E`."""
    return f"U+{ord(sign):04X}"


def shown(text: str) -> Markup:
    """Return markup that shows just this text; signs that are not seen or turn it around stand in it by their names."""
    flat = _SPACES.sub(" ", text)
    if not _UNSEEN.search(flat):
        return _breakable(flat)
    parts: list[Markup] = []
    end = 0
    for match in _UNSEEN.finditer(flat):
        parts += [_breakable(flat[end : match.start()]), Markup('<span class="sign">{}</span>').format(sign_name(match[0]))]
        end = match.end()
    return Markup("").join([*parts, _breakable(flat[end:])])


def _breakable(text: str) -> Markup:
    if len(text) < _SHORT:
        return escape(text)
    parts: list[Markup] = []
    end = 0
    for word in _LONG.finditer(text):
        parts += [escape(text[end : word.start()]), Markup("<wbr>").join(map(escape, _BREAK.split(word[0])))]
        end = word.end()
    return Markup("").join([*parts, escape(text[end:])])


def isolated(text: str) -> Markup:
    """Return the same for a place within a line: in its own direction, whatever stands around it."""
    return Markup("<bdi>{}</bdi>").format(shown(text)) if is_turned(text) else shown(text)


def is_turned(text: str) -> bool:
    """Return whether some of a text runs from right to left. What does not needs no isolation: everything around it isolates itself."""
    return _TURNED.search(text) is not None


def plain(text: str) -> str:
    """Return the same as text, for attributes."""
    return _UNSEEN.sub(lambda match: f"[{sign_name(match[0])}]", _SPACES.sub(" ", text))


def lines(texts: Iterable[str]) -> Markup:
    """Return lines of a cell as markup."""
    return Markup("<br>").join(shown(text) for text in texts)


def pattern_in_script() -> str:
    """Return the signs that are not seen as a set of a regular expression, as the script of the page writes it."""
    return re.sub(r"\\U000(\w{5})", r"\\u{\1}", UNSEEN)


def in_script(value: object) -> str:
    """Return a value as JSON that can stand in a script element."""
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)
