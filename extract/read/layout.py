"""What the folders of a set of documents mean: which of them names the vendor, the product and the release.

A layout is a path with names in braces. Each folder of it is literal (`docs`), `*` (any one folder), `**` (any number of folders; at the
end everything below), or holds one name, alone (`{release}`) or with text around it (`v{release}`).
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

import msgspec

from extract.regex import late

DEFAULT = "{vendor}/{product}/{release}/**"
"""What the folders mean where nobody says so; see `default_names`."""

NAMES = ("vendor", "product", "release")

_ANYTHING = "**"
# A path is tried in as many ways as its folders can be shared out among them.
_MOST = 3
_PIECE = late(r"\{([^{}]*)\}|\*|[^{}*]+")
# `5.5`, `v1.28`, `R81.20`, `2.x`, `19c`, `2019-SP2`; neither `02-install` nor `3-ipv6`.
_RELEASE = late(r"[vr]?\d+[a-z]?(?:[ ._+-](?:\d+[a-z]?|[a-z]{1,2}\d+|x))*+", re.IGNORECASE)


class Names(NamedTuple):
    """What the folders of a path name. A value is None if no folder names it."""

    vendor: str | None = None
    product: str | None = None
    release: str | None = None


class Layout(msgspec.Struct, frozen=True):
    """A layout that was understood."""

    text: str
    named: frozenset[str]
    pattern: re.Pattern[str]

    def names(self, path: str) -> Names | None:
        """Return what a path names, None when it does not fit the layout."""
        found = self.pattern.fullmatch(path)
        return Names(**found.groupdict()) if found else None


@functools.lru_cache(maxsize=64)
def compiled(text: str) -> Layout:
    """Return the layout in a text. Raises ValueError, which says what is wrong, if the text is not a layout."""
    if text.split("/").count(_ANYTHING) > 1:
        raise ValueError(f"it has {_ANYTHING} more than once, so what is meant is not certain")
    return _compiled(text)


@functools.lru_cache(maxsize=64)
def glob(text: str) -> Layout:
    """Return a layout without names, such as `*/2.0/**`. Raises ValueError, which says what is wrong, if the text is not one."""
    if text.split("/").count(_ANYTHING) > _MOST:
        raise ValueError(f"it has {_ANYTHING} more than {_MOST} times")
    last = text.rpartition("/")[2]
    if last and _is_folder(last) and not set(last) & set("{}*"):
        raise ValueError(f"it lacks the suffix of a document; write {text}.* for that name, {text}/{_ANYTHING} for a folder")
    found = _compiled(text)
    if found.named:
        raise ValueError("{ } are for a layout of sources.toml; write * for any one folder")
    return found


def _compiled(text: str) -> Layout:
    folders = text.split("/")
    if "" in folders:
        raise ValueError("it begins or ends with a slash, or has two of them side by side")
    if _is_folder(folders[-1]):
        raise ValueError(f"it ends with a folder and says nothing of the documents in it; write {text}/{_ANYTHING}")
    named: list[str] = []
    parts = [_folder(folder, named) for folder in folders[:-1]]
    # Whatever stands below: folders or none, and the document.
    last = r"(?:[^/]+/)*+[^/]+" if folders[-1] == _ANYTHING else _one(folders[-1], named)
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"it has {{{twice}}} more than once")
    return Layout(text, frozenset(named), re.compile("".join(parts) + last, re.DOTALL))


def _is_folder(last: str) -> bool:
    """Return whether what a layout ends with can be no document."""
    return last != _ANYTHING and "." not in last and not last.endswith("*")


def _folder(folder: str, named: list[str]) -> str:
    """Return the pattern of a folder with the slash behind it, and add the name that it holds."""
    return "(?:[^/]+/)*" if folder == _ANYTHING else _one(folder, named) + "/"


def _one(folder: str, named: list[str]) -> str:
    pieces = list(_PIECE.finditer(folder))
    if sum(len(piece[0]) for piece in pieces) != len(folder):
        raise ValueError(f"{folder!r} has a brace without its other one")
    if sum(piece[0][0] in "{*" for piece in pieces) > 1:
        raise ValueError(f"{folder!r} leaves open where one name ends and the next begins; a folder holds one name or one *")
    pattern = ""
    for piece in pieces:
        name = piece[1]
        if name is not None and name not in NAMES:
            raise ValueError(f"{{{name}}} is no name; there are {', '.join(f'{{{one}}}' for one in NAMES)}")
        if name is not None:
            named.append(name)
        pattern += f"(?P<{name}>[^/]+)" if name is not None else "[^/]*" if piece[0] == "*" else re.escape(piece[0])
    return pattern


def default_names(path: str) -> Names | None:
    """Return what the default layout says about a path; None if the path does not fit it.

    A path fits if its third folder looks like a release and no other folder does. `docs/1.9/networking/ports.md` and
    `guide/en/install/1.9/ports.md` have other layouts. To read them by the default layout would put the rules of several releases
    together.
    """
    # An absolute path begins with the folders of a machine.
    if path.startswith("/"):
        return None
    folders = [part for part in path.split("/") if part and part != "."][:-1]
    if len(folders) < 3 or [index for index, folder in enumerate(folders) if is_release(folder)] != [2]:
        return None
    return Names(*folders[:3])


def is_release(folder: str) -> bool:
    """Return whether the name of a folder looks like a release: numbers, with the letters and signs that releases have."""
    return _RELEASE.fullmatch(folder) is not None
