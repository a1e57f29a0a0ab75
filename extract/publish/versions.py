"""The order of releases by their names."""

from __future__ import annotations

from extract import vocabulary
from extract.regex import late

_PARTS = late(r"[0-9]+|[^\W\d_]+")
_LEADING_V = late(r"v(?:ersion)?[ ._-]*(?=[0-9])")
# Suffixes for versions before a release, such as rc, in their order.
_BEFORE = ("dev", "snapshot", "alpha", "beta", "milestone", "preview", "pre", "rc", "candidate")
# Names that mean the newest release, whatever its number.
_NEWEST = frozenset({"current", "head", "latest", "main", "master", "next", "trunk", "unreleased"})

_Part = tuple[int, int, str]
_EARLIER, _END, _WORD, _NUMBER, _LATEST = range(5)


def version_key(release: str) -> tuple[tuple[_Part, ...], str]:
    """Return what releases are sorted by: 5.9 < 5.10-rc1 < 5.10 < 5.10-SP1 < 5.10.1 < latest. Equal only for equal names."""
    folded = _LEADING_V.sub("", vocabulary.fold(release), count=1)
    return (*map(_part, _PARTS.findall(folded)), (_END, 0, "")), release


def _part(text: str) -> _Part:
    if text[0].isdigit():
        # By length and digits, not as a number: Python refuses to read thousands of digits.
        digits = text.lstrip("0")
        return _NUMBER, len(digits), digits
    if text in _BEFORE:
        return _EARLIER, _BEFORE.index(text), text
    return _LATEST if text in _NEWEST else _WORD, 0, text
