"""Formats of documentation by suffix: those that are read, and for each of the others a tool that converts it."""

from __future__ import annotations

from collections.abc import Mapping

from extract.read.kinds.registry import BY_NAME, BY_SUFFIX, KINDS, Kind, is_installed

HTML_SUFFIXES = frozenset(BY_NAME["html"].suffixes)
MARKDOWN_SUFFIXES = frozenset(BY_NAME["markdown"].suffixes)
MAIL_SUFFIXES = frozenset(BY_NAME["eml"].suffixes)
ARCHIVE_SUFFIXES = frozenset(BY_NAME["mhtml"].suffixes) | MAIL_SUFFIXES
SUFFIXES = frozenset(BY_SUFFIX)
"""What is read as a document."""

_SHEET = "save it as .xlsx"
_WORD = "save it as HTML, or convert it with pandoc"
_ARCHIVE = "name the archive to have its pages read"
_DATA = "it is data; read the page that documents it"

ADVICE: Mapping[str, str] = {
    ".ditamap": "it names topics; give these",
    ".xls": _SHEET,
    ".xlsb": _SHEET,
    ".ods": _SHEET,
    ".doc": _WORD,
    ".odt": _WORD,
    ".rtf": _WORD,
    ".webarchive": "save the page as HTML",
    ".ipynb": "convert it with nbconvert",
    ".json": _DATA,
    ".yaml": _DATA,
    ".yml": _DATA,
}
"""Suffix in lower case -> what to do with a file that has it."""

READ_BY_NAME: Mapping[str, str] = {
    ".txt": "name the file to have it read as Markdown",
    ".asp": "name the file to have it read as HTML",
    ".aspx": "name the file to have it read as HTML",
    ".jsp": "name the file to have it read as HTML",
    ".php": "name the file to have it read as HTML",
    ".shtml": "name the file to have it read as HTML",
    ".warc": _ARCHIVE,
    ".zip": _ARCHIVE,
    ".epub": _ARCHIVE,
    **{suffix: "name the file to have its tables read" for kind in KINDS if not kind.searched for suffix in kind.suffixes},
}
"""The same for formats that a search of a folder passes over, and that are read when somebody names a file."""


def kind_of(path: str, named: str | None) -> Kind | None:
    """Return the kind of a document by the name of the kind that was asked for, else by the suffix of its path."""
    return BY_NAME[named] if named is not None else BY_SUFFIX.get(suffix_of(path))


def is_searched(suffix: str) -> bool:
    """Return whether a search of a folder reads files with a suffix in lower case: not where the library for them is missing."""
    kind = BY_SUFFIX.get(suffix)
    return kind is not None and kind.searched and is_installed(kind)


def searched() -> tuple[str, ...]:
    """Return what a folder is searched for, in order."""
    return tuple(filter(is_searched, sorted(SUFFIXES)))


def advice(suffix: str) -> str | None:
    """Return what to do with a file of a folder that a search passed over; None where nobody knows its format."""
    kind = BY_SUFFIX.get(suffix)
    if kind is not None and not is_installed(kind):
        return f"to read them needs {kind.package}: {kind.install}"
    passed = "links out of the folder are not followed" if is_searched(suffix) else None
    return passed or READ_BY_NAME.get(suffix) or ADVICE.get(suffix)


WORDLESS = "document:no-word"
"""What documents are counted under that were not read because their bytes hold no word for ports, ICMP or a protocol."""


def identity(path: str) -> str:
    """Return the id of a document by its path: without the suffix of a format that is read; `ports-5.4` has none."""
    suffix = suffix_of(path)
    if suffix not in SUFFIXES:
        return path
    root = "/" if path.startswith("/") else ""
    return root + "/".join(_parts(path))[: -len(suffix)]


def _parts(path: str) -> list[str]:
    """Return the folders and the name of a path. pathlib does the same, but takes ten times as long and never frees the parts."""
    return [part for part in path.split("/") if part and part != "."]


def suffix_of(path: str) -> str:
    """Return the suffix of a path in lower case; neither a leading nor a final dot begins one."""
    name = next(reversed(_parts(path)), "")
    dot = name.rfind(".")
    return name[dot:].lower() if 0 < dot < len(name) - 1 else ""
