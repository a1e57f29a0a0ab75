"""The files of the vocabulary: one for each language, one for the signs of all of them, one for the classes, and the registries.

The files of languages are read all at once, when the first word is asked for, and their lists when their class is: read as TOML, they took
a third of the time that a small page takes. They are TOML in a form that needs no more than lines: `class = [...]`, each on one line, with
strings in double quotes. What is not in that form is an error, and the tests read each file as TOML as well.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import tomli

from extract.errors import VocabularyError
from extract.regex import late

_HEADERS, _WORDS, _PHRASES = "headers", "words", "phrases"
_SIGNS = "signs"
# Examples of a language lie beside its file, and are for the tests.
_SUFFIX, _EXAMPLES = ".toml", ".examples.toml"
# Without this a file holds no empty word; an escape may stand for a blank.
_EMPTY = late(r"""(["'])(?:[ \t]|\\\w++)*+\1""")
_STRINGS = msgspec.json.Decoder(list[str])

Written = Mapping[str, Mapping[str, str]]
"""Section -> name -> the value as it stands in the file."""


@functools.cache
def classes() -> Written:
    """Return section -> class -> its meaning in quotes: what the files of languages may hold, in order."""
    return _written(Path(__file__).with_name("classes.toml"))


@functools.cache
def languages() -> Mapping[str, Written]:
    """Return code of a language, or `signs` -> its lists as written. VocabularyError when one is missing, malformed or unknown."""
    folder = Path(__file__).with_name("languages")
    try:
        files = sorted(path for path in folder.iterdir() if path.name.endswith(_SUFFIX) and not path.name.endswith(_EXAMPLES))
    except OSError as error:
        raise VocabularyError(f"vocabulary folder {folder.name} cannot be read: {error}") from error
    known = classes()
    found = {path.stem: _written(path) for path in (folder.with_name(_SIGNS + _SUFFIX), *files)}
    for code, sections in found.items():
        for section, lists in sections.items():
            if not lists.keys() <= known.get(section, {}).keys():
                unknown = sorted(lists.keys() - known.get(section, {}).keys())
                raise VocabularyError(f"vocabulary file {code}.toml: [{section}] {', '.join(unknown)}: no class of classes.toml")
    return found


def _written(path: Path) -> Written:
    """Return what a file of lines holds; its values stay as they are written."""
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line or line[0] == "#":
            continue
        name, equals, value = line.partition(" = ")
        if equals and found and name not in section:
            section[name] = value
        elif line[0] == "[" and line[-1] == "]" and line[1:-1] not in found:
            section = found[line[1:-1]] = {}
        else:
            raise VocabularyError(f"vocabulary file {path.name}, line {number}: not a section, nor a class on one line, or there twice")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(f"vocabulary file {path.name} cannot be read: {error}") from error


def header_words(concept: str) -> frozenset[str]:
    """Return the words of all languages for a concept of column headers. VocabularyError for an unknown one."""
    return _all_of(_HEADERS, concept)


def words(name: str) -> frozenset[str]:
    """Return the words of all languages in a class of words. VocabularyError for an unknown one."""
    return _all_of(_WORDS, name)


def words_of(code: str, name: str) -> frozenset[str]:
    """Return the words of one language in a class of words."""
    written = languages()[code].get(_WORDS, {}).get(name)
    return frozenset(_listed(code, _WORDS, name, written)) if written else frozenset()


def header_words_of(code: str) -> frozenset[str]:
    """Return the words of one language for all concepts of column headers."""
    return frozenset(
        word for name, written in languages()[code].get(_HEADERS, {}).items() for word in _listed(code, _HEADERS, name, written)
    )


def _all_of(section: str, name: str) -> frozenset[str]:
    return frozenset(word for code, written in _of_class(section, name) for word in _listed(code, section, name, written))


def _listed(code: str, section: str, name: str, written: str) -> list[str]:
    try:
        listed = _STRINGS.decode(written)
    except msgspec.MsgspecError as error:
        raise VocabularyError(f"vocabulary file {code}.toml: [{section}] {name} is no list of words: {error}") from error
    if not all(map(str.strip, listed)):
        raise VocabularyError(f"vocabulary file {code}.toml: [{section}] {name} holds an empty word")
    return listed


def phrases(name: str) -> Mapping[str, str]:
    """Return the regular expressions of a class, each with a word that every match contains. VocabularyError for an unknown one."""
    found: dict[str, str] = {}
    for code, written in _of_class(_PHRASES, name):
        for word, pattern in _toml(f"{code}.toml", f"{name} = {written}")[name].items():
            if found.setdefault(word, pattern) != pattern:
                raise VocabularyError(f"vocabulary file {code}.toml: [{_PHRASES}] {name} has {word!r}, which another language has as well")
    return found


def _of_class(section: str, name: str) -> Iterable[tuple[str, str]]:
    """Yield code of a language and list as written, of those that have the class."""
    if name not in classes()[section]:
        raise VocabularyError(f"vocabulary: no class {name} in [{section}] of classes.toml")
    for code, sections in languages().items():
        if section in sections and name in sections[section]:
            yield code, sections[section][name]


@functools.cache
def registry(name: str) -> Mapping[str, Any]:
    """Return the file of a registry as parsed. VocabularyError when it is missing, malformed or holds an empty word."""
    path = Path(__file__).with_name("registries") / f"{name}.toml"
    text = _text(path)
    table = _toml(path.name, text)
    if _EMPTY.search(text) and _holds_empty(table):
        raise VocabularyError(f"vocabulary file {path.name} holds an empty word")
    return table


def _toml(name: str, text: str) -> dict[str, Any]:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise VocabularyError(f"vocabulary file {name} cannot be read: {error}") from error


def _holds_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return any(map(_holds_empty, value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()))
