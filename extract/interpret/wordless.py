"""Find documents that cannot hold rules from their bytes: a first filter for crawls, before anything is parsed.

A document is wordless if its bytes hold no word for ports, ICMP or a protocol in any language of the vocabulary, and no word that makes
a title about ports. `early` and `judge` use the same words for tables. The answer is safe in one direction: if there is a doubt, the
document is not wordless. That is the case for encodings that do not keep ASCII, for saved pages, and for text that was decoded wrongly.
Words may be written in capitals, with character references, with invisible characters, and with tags between their letters.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import groupby

import msgspec

from extract import vocabulary
from extract.read import decode
from extract.read import text as texts
from extract.regex import late

# Larger documents are not searched, because that takes 50 bytes of memory for each word. Few pages of a crawl are larger.
_MAX_BYTES = 4 << 20
# UTF-16 contains the first of these bytes. Encodings that change the meaning of ASCII letters contain the second.
_OPAQUE = (b"\0", b"\x1b")
# Letters of ASCII in lower case, bytes of other letters as they are, and a blank for all else: `TCP443` and `dst_port` hold words.
_LETTERS = bytes(byte if byte >= 0x80 else ord(chr(byte).lower()) if chr(byte).isalpha() else 0x20 for byte in range(256))
_LETTER = rb"0-9A-Za-z\x80-\xff"
# A character reference. The most common ones, which do not stand for letters, are left out.
_REFERENCE = late(rb"&(?!(?:amp|apos|gt|lt|nbsp|quot);)[#A-Za-z]")
_INLINE = rb"<(?!/?(?:%b)[\s/>])[^<>]*+>" % "|".join(sorted(texts.BLOCKS)).encode()
# Tags and marks of emphasis and code between two letters, which part no word. Each begins with its sign: one expression for all of them
# takes ten times as long.
_INSIDE = tuple(
    late(rb"%b(?<=[%b]%b)%b(?=[%b])" % (sign, _LETTER, sign, rest, _LETTER))
    for sign, rest in ((b"<", _INLINE[1:] + rb"(?:%b)*+" % _INLINE), (rb"\*", rb"\*{0,2}+"), (b"`", rb"`{0,2}+"))
)
# What stands between the words of a phrase.
_BETWEEN = rb"(?:%b|&[a-z0-9#]{1,32}+;|[^a-z0-9<&]++|[<&](?![a-z/!#])){1,20}+" % _INLINE
# The beginning of the cell is searched only this far before a word.
_CELL = 2_000
# After this many words outside of cells, the search gives up, and the document is not wordless.
_MANY = 1_000
_LETTERED = late(rf"[{vocabulary.LETTERS}]")
_TOKEN = late(rf"(?:(?![\d_])[{vocabulary.LETTERS}])+")
_VERSIONED = late(rf"({_TOKEN.pattern})(?:(?<=v)\d)?")


class _Words(msgspec.Struct, frozen=True):
    """The words by the ways in which they are looked for; the bytes are UTF-8."""

    # Those that count wherever they stand.
    alone: frozenset[bytes]
    # Phrases by the longest of their words: what finds them, and all words of those that have letters beyond ASCII.
    phrases: Mapping[bytes, tuple[re.Pattern[bytes], ...]]
    foreign: Mapping[bytes, tuple[frozenset[bytes], ...]]
    # Those that count in cells of tables only.
    everyday: Mapping[bytes, re.Pattern[bytes]]
    # Those of scripts without blanks between words, and what finds most texts to hold none.
    signs: vocabulary.Finder
    any_sign: re.Pattern[str]


def is_wordless(data: bytes) -> bool:
    """Return whether the bytes of a document hold no word for ports, ICMP or a protocol; False where that cannot be told."""
    if len(data) > _MAX_BYTES or any(sign in data for sign in _OPAQUE) or decode.is_archive(data):
        return False
    try:
        text = data if data.isascii() else data.decode("utf-8").encode()
        if _REFERENCE.search(text):
            text = html.unescape(text.decode()).encode()
    except ValueError:
        # Of another encoding; or a reference to a character by a number of thousands of digits.
        return False
    if _holds_word(text):
        return False
    joined = _joined(text)
    return joined == text or not _holds_word(joined)


def _joined(text: bytes) -> bytes:
    """Return a text without tags and signs that stand inside of words and do not separate them."""
    joined = text if text.isascii() else texts.shown(text.decode()).encode()
    for parting in _INSIDE:
        joined = parting.sub(b"", joined)
    return joined


def _holds_word(text: bytes) -> bool:
    """Return whether a text in UTF-8 holds one of the words."""
    words = _words()
    tokens = text.translate(_LETTERS).split()
    if not words.alone.isdisjoint(tokens):
        return True
    held = set(tokens)
    if not text.isascii():
        # A blank behind a letter looks like text that was decoded wrongly.
        beyond = b"\n".join([token for token in tokens if not token.isascii()]).decode()
        # As `vocabulary.fold` does, which keeps what it has folded.
        folded = unicodedata.normalize("NFKC", beyond).casefold()
        found = _tokens(folded)
        if not words.alone.isdisjoint(found) or texts.is_broken(beyond) or _holds_sign(folded):
            return True
        held |= found
    return _holds_phrase(text.lower(), held)


def _holds_phrase(lower: bytes, held: Set[bytes]) -> bool:
    """Return whether a text in lower case holds a phrase, or a word that counts only in cells; `held` are its words."""
    words = _words()
    return (
        any(phrase.search(lower) for token in words.phrases.keys() & held for phrase in words.phrases[token])
        or any(_heads_cell(lower, words.everyday[token]) for token in words.everyday.keys() & held)
        or any(phrase <= held for token in words.foreign.keys() & held for phrase in words.foreign[token])
    )


def _holds_sign(folded: str) -> bool:
    """Return whether a folded text holds a word of a script that puts no blanks between words."""
    words = _words()
    return words.any_sign.search(folded) is not None and words.signs.search(folded.replace("\n", " ")) is not None


def _heads_cell(lower: bytes, word: re.Pattern[bytes]) -> bool:
    """Return whether a word may stand in a cell of a table. If the cell begins far away, it is prose, and the word does not count."""
    for number, found in enumerate(word.finditer(lower)):
        before = lower[max(0, found.start() - _CELL) : found.start()]
        begins = max(before.rfind(b"<td"), before.rfind(b"<th"))
        if b"|" in before[before.rfind(b"\n") + 1 :] or (begins >= 0 and b"</t" not in before[begins:]) or number == _MANY:
            return True
    return False


@functools.cache
def _words() -> _Words:
    """Return the words, each in all forms in which headers are understood."""
    # Beyond ASCII they would have to be looked for in other forms of case, too.
    everyday = {word for word in vocabulary.forms_of(vocabulary.words("everyday")) if word.isascii() and _TOKEN.fullmatch(word)}
    every = (vocabulary.forms_of(vocabulary.traffic_words()) - everyday) | vocabulary.words("port_topic")
    lettered = frozenset(filter(_LETTERED.match, every))
    # The number at the end of a version changes nothing: `icmpv6`.
    alone = frozenset(found[1].encode() for found in map(_VERSIONED.fullmatch, lettered) if found)
    phrases = [word for word in lettered if alone.isdisjoint(_tokens(word))]
    return _Words(
        alone,
        {token: tuple(map(_phrase, some)) for token, some in _by_longest(filter(str.isascii, phrases))},
        {token: tuple(map(_tokens, some)) for token, some in _by_longest(word for word in phrases if not word.isascii())},
        {word.encode(): _whole([word]) for word in everyday},
        vocabulary.Finder(every - lettered),
        re.compile(vocabulary.either(every - lettered)),
    )


def _by_longest(phrases: Iterable[str]) -> Iterator[tuple[bytes, list[str]]]:
    """Yield phrases by the longest of their words."""

    def longest(phrase: str) -> bytes:
        return max(_tokens(phrase), key=lambda token: (len(token), token))

    for token, some in groupby(sorted(phrases, key=lambda phrase: (longest(phrase), phrase)), longest):
        yield token, list(some)


def _tokens(text: str) -> frozenset[bytes]:
    """Return the words of a text, without digits. Signs of scripts without blanks part them: `支持udp传输`."""
    return frozenset(token.encode() for token in _TOKEN.findall(text))


def _phrase(phrase: str) -> re.Pattern[bytes]:
    """Return what finds a phrase of ASCII, whatever stands between its words but letters."""
    return _whole(re.findall(r"[a-z0-9]+", phrase))


def _whole(words: Sequence[str]) -> re.Pattern[bytes]:
    """Return what finds words in a row, with no letter or digit around them."""
    # The first word stands first: then it is searched for as a string is, ten times as fast.
    first, *others = (word.encode() for word in words)
    return re.compile(b"".join((first, rb"(?<![a-z0-9]%b)" % first, *(_BETWEEN + word for word in others), rb"(?![a-z0-9])")))
