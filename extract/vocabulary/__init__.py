"""The words, as data: what rule tables, headers and sentences are written with, by meaning. One file is one language.

Files are read when the first of their words is needed; `files` guards against empty words and unknown classes. Tests check that
the words stand in the files in the form that is compared (Unicode NFKC and case folding), and that no word stands there twice. To check
this at each start took 2 ms. The functions below make the tables in which the mechanisms look words up.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping, Set

import msgspec

from extract.regex import late
from extract.vocabulary import files
from extract.vocabulary.lookup import ASCII_BEGIN as ASCII_BEGIN
from extract.vocabulary.lookup import ASCII_END as ASCII_END
from extract.vocabulary.lookup import BEGIN as BEGIN
from extract.vocabulary.lookup import END as END
from extract.vocabulary.lookup import LETTERS as LETTERS
from extract.vocabulary.lookup import Finder as Finder
from extract.vocabulary.lookup import Found as Found
from extract.vocabulary.lookup import either as either
from extract.vocabulary.lookup import pattern_of as pattern_of

ANY_PROTOCOL = "any"
_TOKEN = late(r"[^\W\d_]+")
# Shorter stems are other words: `port` and `part`.
_MIN_STEM = 4
# A participle that denies is a word for denying.
_PARTS = {"deny": ("deny", "denied")}


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
def words(*sections: str) -> frozenset[str]:
    """Return classes of words as one set of folded words; those of all languages are joined."""
    return frozenset[str]().union(*(files.words(part) for section in sections for part in _PARTS.get(section, (section,))))


@functools.cache
def pattern(*sections: str) -> str:
    """Return a regular expression that matches any word of some classes, whole words where the script has them."""
    return pattern_of(words(*sections))


@functools.cache
def phrases(section: str) -> Mapping[str, str]:
    """Return a class of regular expressions of all languages, each with a word that every match contains."""
    return files.phrases(section)


@functools.cache
def abbreviations() -> Mapping[str, str]:
    """Return short and full form of what consoles call a security group."""
    return dict(files.registry("abbreviations")["group"])


@functools.cache
def protocol_words() -> Mapping[str, Protocol]:
    """Return every spelling of a protocol -> its registry entry."""
    found: dict[str, Protocol] = {}
    for entry in files.registry("protocols")["protocol"]:
        protocol = Protocol(entry["keyword"], entry["number"], entry["ports"])
        for word in entry["words"]:
            found[word] = protocol
    every = Protocol(ANY_PROTOCOL, -1, False)
    for word in files.registry("protocols")["any"]["words"]:
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
    for group in files.registry("applications")["group"]:
        for word in group["words"]:
            found[word] = tuple(group["transports"])
    return found


@functools.cache
def service_ports() -> Mapping[str, int]:
    """Return IANA service name -> registered port."""
    return {fold(name): port for name, port in files.registry("services")["ports"].items()}


@functools.cache
def icmp_types() -> Mapping[str, tuple[int | None, int | None, int | None]]:
    """Return ICMP name -> (ICMP type, code, ICMPv6 type), each None where the registry has none."""
    found: dict[str, tuple[int | None, int | None, int | None]] = {}
    for entry in files.registry("icmp")["type"]:
        for word in entry["words"]:
            found[word] = (entry.get("v4"), None, entry.get("v6"))
    for entry in files.registry("icmp")["code"]:
        for word in entry["words"]:
            found[word] = (entry["type"], entry["code"], None)
    return found


@functools.cache
def finder(section: str, *others: str) -> Finder:
    """Return what finds the words of a class, or of several, in folded text."""
    return Finder(words(section, *others))


@functools.cache
def header_concepts() -> Mapping[str, Finder]:
    """Return concept -> what finds its words in the folded text of column headers."""
    return {concept: Finder(header_words(concept)) for concept in files.classes()["headers"]}


@functools.cache
def header_words(concept: str) -> frozenset[str]:
    """Return the words of column headers that name a concept."""
    return files.header_words(concept)


@functools.cache
def traffic_words() -> frozenset[str]:
    """Return the words for ports, ICMP and protocols, by headers and by the registry, but for those that mean any protocol alone."""
    headers = header_words("port") | header_words("protocol") | header_words("icmp")
    return (headers | protocol_words().keys()) - words("any") - {ANY_PROTOCOL}


@functools.lru_cache(maxsize=4096)
def base_forms(folded: str) -> str:
    """Return the folded text of a header with each word that the vocabulary does not list in the form that it lists.

    `Node names`, `Quellen`, `портами`: number and case are endings, a class of each language, and what is left is a word of that language
    without one of them. A word that is listed stays as it is.
    """
    listed, stems, endings = _inflections()
    longest = _longest_inflected()
    return _TOKEN.sub(lambda token: token[0] if token[0] in listed or len(token[0]) > longest else _base(token[0], stems, endings), folded)


def forms_of(listed: Set[str]) -> frozenset[str]:
    """Return words with all forms that `base_forms` brings to one of them."""
    _, stems, endings = _inflections()
    found = {
        stem + ending
        for stem, by_language in stems.items()
        for language, word in by_language.items()
        if word in listed
        for ending in endings[language]
    }
    return frozenset(listed | found)


def _base(word: str, stems: Mapping[str, Mapping[str, str]], endings: Mapping[str, frozenset[str]]) -> str:
    for length in range(len(word), _MIN_STEM - 1, -1):
        for language, listed in stems.get(word[:length], {}).items():
            if word[length:] in endings[language]:
                return listed
    return word


@functools.cache
def _inflections() -> tuple[frozenset[str], Mapping[str, Mapping[str, str]], Mapping[str, frozenset[str]]]:
    """Return the words that headers are made of, stem -> language -> the word that it is the stem of, and language -> endings."""
    listed: set[str] = set()
    stems: dict[str, dict[str, str]] = {}
    endings: dict[str, frozenset[str]] = {}
    for language in files.languages():
        endings[language] = files.words_of(language, "ending") | {""}
        for word in sorted(files.header_words_of(language)):
            listed.update(word.split())
            for ending in endings[language] if " " not in word else ():
                stem = word.removesuffix(ending)
                if word.endswith(ending) and len(stem) >= _MIN_STEM:
                    stems.setdefault(stem, {}).setdefault(language, word)
    return frozenset(listed), stems, endings


@functools.cache
def _longest_inflected() -> int:
    """Return the maximum length of a stem with an ending. Without it, every prefix of a longer word would be looked up."""
    _, stems, endings = _inflections()
    return max(map(len, stems)) + max(len(ending) for listed in endings.values() for ending in listed)
