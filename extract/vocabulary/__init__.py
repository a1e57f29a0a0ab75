"""The words, as data: what rule tables, headers and sentences are written with, by meaning, with the source of each list.

Each TOML file is read once, when it is first needed; `load` guards against empty words. That the words stand in the files as they are
compared, after Unicode NFKC and case folding, and none of them twice, is a matter of the tests: to look again took 2 ms of each start.
The functions below compose what the mechanisms look words up in.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import tomli

from extract.errors import VocabularyError
from extract.regex import late
from extract.vocabulary.lookup import ASCII_BEGIN as ASCII_BEGIN
from extract.vocabulary.lookup import ASCII_END as ASCII_END
from extract.vocabulary.lookup import BEGIN as BEGIN
from extract.vocabulary.lookup import END as END
from extract.vocabulary.lookup import LETTERS as LETTERS
from extract.vocabulary.lookup import Finder as Finder
from extract.vocabulary.lookup import pattern_of as pattern_of

ANY_PROTOCOL = "any"
# Without this a file holds no empty word; an escape may stand for a blank.
_EMPTY = late(r"""(["'])(?:[ \t]|\\\w++)*+\1""")


class Protocol(msgspec.Struct, frozen=True):
    """An entry of IANA's protocol numbers."""

    keyword: str
    number: int
    ports: bool


# A page says the same words over and over: measured on the golden pages, folding each once saves a tenth of a run.
@functools.lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """Return the text in the form in which words are compared: NFKC, case folded, one blank for any white space."""
    # Both forms of ASCII are itself, but for its capital letters.
    return " ".join((text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()).split())


@functools.cache
def load(name: str) -> Mapping[str, Any]:
    """Return a vocabulary file as parsed. VocabularyError when it is missing, malformed or holds an empty word."""
    try:
        text = Path(__file__).with_name(f"{name}.toml").read_text("utf-8")
        table = tomli.loads(text)
    except (OSError, tomli.TOMLDecodeError) as error:
        raise VocabularyError(f"vocabulary file {name}.toml cannot be read: {error}") from error
    if _EMPTY.search(text) and _holds_empty(table):
        raise VocabularyError(f"vocabulary file {name}.toml holds an empty word")
    return table


def _holds_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return any(map(_holds_empty, value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()))


# The files of which each section is a class of words with one meaning.
_CLASSES = ("words", "directions", "tables", "phrases")


@functools.cache
def words(section: str) -> frozenset[str]:
    """Return a class of words as a set of folded words; those of all languages are joined."""
    table = next(load(name)[section] for name in _CLASSES if section in load(name))
    return frozenset(word for entries in table.values() if isinstance(entries, list) for word in entries)


@functools.cache
def abbreviations() -> Mapping[str, str]:
    """Return short and full form of what consoles call a security group."""
    return dict(load("words")["group_abbreviation"])


@functools.cache
def protocol_words() -> Mapping[str, Protocol]:
    """Return every spelling of a protocol -> its registry entry."""
    found: dict[str, Protocol] = {}
    for entry in load("protocols")["protocol"]:
        protocol = Protocol(entry["keyword"], entry["number"], entry["ports"])
        for word in entry["words"]:
            found[word] = protocol
    every = Protocol(ANY_PROTOCOL, -1, False)
    for word in load("protocols")["any"]["words"]:
        found[word] = every
    return found


@functools.cache
def protocol_numbers() -> Mapping[int, Protocol]:
    """Return IANA protocol number -> registry entry."""
    found: dict[int, Protocol] = {}
    for protocol in protocol_words().values():
        found.setdefault(protocol.number, protocol)
    return found


@functools.cache
def ported() -> frozenset[str]:
    """Return the keywords of the protocols that have ports."""
    return frozenset(protocol.keyword for protocol in protocol_words().values() if protocol.ports)


@functools.cache
def application_words() -> Mapping[str, tuple[str, ...]]:
    """Return application label -> the transports it stands for."""
    found: dict[str, tuple[str, ...]] = {}
    for group in load("applications")["group"]:
        for word in group["words"]:
            found[word] = tuple(group["transports"])
    return found


@functools.cache
def service_ports() -> Mapping[str, int]:
    """Return IANA service name -> registered port."""
    return {fold(name): port for name, port in load("services")["ports"].items()}


@functools.cache
def icmp_types() -> Mapping[str, tuple[int | None, int | None, int | None]]:
    """Return ICMP name -> (ICMP type, code, ICMPv6 type), each None where the registry has none."""
    found: dict[str, tuple[int | None, int | None, int | None]] = {}
    for entry in load("icmp")["type"]:
        for word in entry["words"]:
            found[word] = (entry.get("v4"), None, entry.get("v6"))
    for entry in load("icmp")["code"]:
        for word in entry["words"]:
            found[word] = (entry["type"], entry["code"], None)
    return found


@functools.cache
def finder(section: str) -> Finder:
    """Return what finds a class of words in folded text."""
    return Finder(words(section))


@functools.cache
def header_concepts() -> Mapping[str, Finder]:
    """Return concept -> what finds its words in the folded text of column headers."""
    return {concept: Finder(header_words(concept)) for concept in load("headers")}


@functools.cache
def header_words(concept: str) -> frozenset[str]:
    """Return the words of column headers that name a concept."""
    return frozenset(word for language, listed in load("headers")[concept].items() if language != "meaning" for word in listed)
