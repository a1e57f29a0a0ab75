"""Whose rules follow a title: headings, captions, labels and group rows, read with one grammar.

A title consists of words with a known meaning (a direction, `ports`, `required`, `of`) and the rest. The rest is a name if the title states
a direction and is not a sentence:

    title  = name direction [topic] | topic [article] name direction      X incoming ports, ports that X listens on
           | direction [topic] preposition name                          inbound ports of X, outbound to X
           | direction name [topic]                                      inbound X ports, where X ends in a noun for hosts or software

The preposition says whether the name is the source or the destination. A name that may be incomplete is not used.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from extract import vocabulary
from extract.cells import direction, endpoint, limits
from extract.cells.ports import is_none
from extract.cells.tokens import clean, tokenize
from extract.regex import late

# A name of more words is a sentence.
NAME_WORDS = 6
TITLE_WORDS = 14
# Titles are repeated for each table below them.
TEXTS = 2048

Kind = Literal["clause", "way", "named", "ports", "topic", "generic", "article", "preposition", "transport", "name"]
# What the words of a title are looked up as; of two classes that hold a word, the first counts.
_CLASSES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("named", ("named_by_direction",)),
    ("way", ("ingress", "egress")),
    ("clause", ("clause", "negation")),
    ("preposition", ("belongs_to", "toward", "away_from")),
    ("ports", ("ports_and_rules",)),
    ("topic", ("title_topic", "topic")),
    ("generic", ("title_generic",)),
    ("article", ("article",)),
)
_LETTER = late(r"[^\W\d_]")
_BETWEEN_NAMES = late(r"[^()\[\]{}:：,;（）|/]+")
# Scripts without capital letters: a name in one of these must have edges that can be seen.
_UNCASED = late("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# In front of a name: the number of a section, a list mark, an icon; behind it the end of a possessive or the sign of a link.
_LEADING = late(r"^(?:\d[\d.]*+(?=\s)|[^\w\s]|\s)++")
_TRAILING = late(r"(?:['’]\w?$|[^\w)]|\s)+$")
ENDING = (".", "?", "!", "。", "？", "！")


class Ends(msgspec.Struct, frozen=True):
    """The ends that a title names: the group or host that the rules belong to, or where their traffic comes from and goes to."""

    owner: str | None = None
    source: str | None = None
    destination: str | None = None


NOBODY = Ends()
"""No end is named."""


class Span(msgspec.Struct, frozen=True):
    """A word with a known meaning, or a stretch without one, where it stands in the folded title."""

    start: int
    end: int
    kind: Kind
    word: str = ""


class Title:
    """A title in the form in which words are compared, and where each of its letters stands in the text."""

    def __init__(self, text: str) -> None:
        """Take the text as written."""
        self.text = text
        folded: list[str] = []
        self._places: list[int] = []
        for index, char in enumerate(text):
            form = " " if char.isspace() else vocabulary.fold(char)
            folded.append(form)
            self._places.extend([index] * len(form))
        self.folded = "".join(folded)
        self._places.append(len(text))

    def written(self, start: int, end: int) -> str:
        """Return a part of the title as it is written."""
        return self.text[self._places[start] : self._places[end]].strip()

    @functools.cached_property
    def spans(self) -> tuple[Span, ...]:
        """The words with a known meaning, and what stands between them, from left to right."""
        spans: list[Span] = []
        position = 0
        for span in self._known():
            spans.extend(self._names(position, span.start))
            spans.append(span)
            position = span.end
        return (*spans, *self._names(position, len(self.folded)))

    def has(self, *kinds: Kind) -> bool:
        """Return whether the title has a span of one of these kinds."""
        return any(span.kind in kinds for span in self.spans)

    def _known(self) -> Iterator[Span]:
        found: list[tuple[int, int, int, Span]] = []
        for rank, (kind, sections) in enumerate(_CLASSES):
            for section in sections:
                for one in vocabulary.finder(section).finditer(self.folded):
                    if kind == "way" or not self._is_abbreviation(one.start, one.end):
                        found.append((one.start, -one.end, rank, Span(one.start, one.end, kind, one.word)))
        for token in tokenize(clean(self.text)):
            if token.kind == "protocol":
                for match in re.finditer(rf"(?<!\w){re.escape(vocabulary.fold(token.text))}(?!\w)", self.folded):
                    found.append((match.start(), -match.end(), len(_CLASSES), Span(match.start(), match.end(), "transport", match[0])))
        reached = 0
        for start, end, _, span in sorted(found, key=lambda one: one[:3]):
            if start >= reached:
                # If the name of a thing contains a direction, that word is a part of a name and not a direction.
                if span.kind != "named":
                    yield span
                reached = -end

    def _is_abbreviation(self, start: int, end: int) -> bool:
        """Return whether a word is in capitals and the title is not: `HA` is no form of the Italian verb."""
        written = self.written(start, end)
        return len(written) > 1 and written.isupper() and not self.text.isupper()

    def _names(self, start: int, end: int) -> Iterator[Span]:
        """Yield the words of a stretch without a known one, parted at brackets and colons."""
        for part in _BETWEEN_NAMES.finditer(self.folded, start, end):
            lead, trail = _LEADING.match(part[0]), _TRAILING.search(part[0])
            first, last = part.start() + (lead.end() if lead else 0), part.start() + (trail.start() if trail else len(part[0]))
            if first < last and _LETTER.search(self.folded, first, last):
                yield Span(first, last, "name")


@functools.lru_cache(maxsize=TEXTS)
def read(text: str) -> Title:
    """Return a title that is read once for all that is asked of it."""
    return Title(text)


@functools.lru_cache(maxsize=TEXTS)
def ends_of(text: str) -> Ends:
    """Return the ends that a title names beside a direction: `X incoming ports`, `Inbound to X`, `Ports that X listens on`."""
    way = direction.of_heading(text)
    if way not in ("ingress", "egress") or not _is_short(text, TITLE_WORDS):
        return NOBODY
    title = read(text)
    runs = _runs(title.spans)
    if title.has("clause") or not all(_is_whole(title, run) for run in runs):
        return NOBODY
    names = [title.written(title.spans[run[0]].start, title.spans[run[-1]].end) for run in runs]
    if not all(map(is_name, names)):
        return NOBODY
    led = [_led_by(title.spans, run) for run in runs]
    if len(names) == 2:
        through = _is_in(led[0], "away_from") and _is_in(led[1], "toward")
        return Ends(source=names[0], destination=names[1]) if through else NOBODY
    return _placed(title.spans, runs[0], led[0], names[0], way) if len(names) == 1 else NOBODY


def _is_short(text: str, words: int) -> bool:
    return len(text) <= limits.MAX_NAME and len(text.split()) <= words and not text.rstrip().endswith(ENDING)


def _runs(spans: Sequence[Span]) -> list[list[int]]:
    """Return the names of a title, as the numbers of their spans: names with `of the` or `and` between them are one."""
    runs: list[list[int]] = []
    joined = False
    for index, span in enumerate(spans):
        if span.kind == "name":
            if runs and joined:
                runs[-1].append(index)
            else:
                runs.append([index])
            joined = True
        elif span.kind != "article" and not (span.kind == "preposition" and _is_in(span.word, "belongs_to")):
            joined = False
    return runs


def _is_in(word: str, section: str) -> bool:
    return word in vocabulary.words(section)


def _led_by(spans: Sequence[Span], run: Sequence[int]) -> str:
    """Return the preposition in front of a name, or the particle behind it where the language puts it there; empty when there is none."""
    led = [span for span in spans[: run[0]] if span.kind != "article"]
    if led and led[-1].kind == "preposition":
        return led[-1].word
    behind = spans[run[-1] + 1] if run[-1] + 1 < len(spans) else None
    return behind.word if behind is not None and behind.kind == "preposition" and _UNCASED.search(behind.word) else ""


def is_name(name: str, written: bool = True) -> bool:
    """Return whether words can be the name of a group or a host: no application, no word that only stands in names, no verb.

    `written` asks for more: a capital letter, a sign of an identifier, or a noun for a host at the end.
    """
    folded = vocabulary.fold(name)
    weak, words = vocabulary.words("title_weak"), folded.split()
    if not words or len(words) > NAME_WORDS or is_none(name) or folded in weak or all(word in weak for word in words):
        return False
    if all(word in vocabulary.application_words() for word in words) or vocabulary.finder("instruct").match(folded):
        return False
    if not written:
        return True
    first = _LETTER.search(name)
    cased = first is not None and (not first[0].islower() or re.search(r"[\d_-]", name) is not None)
    return cased or ends_in_component(words)


def ends_in_component(words: Sequence[str]) -> bool:
    """Return whether folded words end in a noun for hosts, machines or software."""
    return bool(words) and words[-1] in vocabulary.words("component")


def _is_whole(title: Title, run: Sequence[int]) -> bool:
    """Return whether a name is complete: no part of it stands right before it (`Access Gateway inbound`), and no word after it makes it an
    adjective (`CNI specific inbound rules`).
    """
    spans, folded = title.spans, title.folded
    first, last = spans[run[0]], spans[run[-1]]
    before = spans[run[0] - 1] if run[0] else None
    if before is not None and before.kind in ("topic", "generic", "transport") and not folded[before.end : first.start].strip():
        return False
    behind = spans[run[-1] + 1] if run[-1] + 1 < len(spans) else None
    if behind is not None and behind.kind == "generic" and not folded[last.end : behind.start].strip(" -"):
        return False
    if not _UNCASED.search(folded, first.start, last.end):
        return True
    led = before is not None and before.kind in ("preposition", "ports")
    owned = behind is not None and behind.kind == "preposition"
    return (led or _is_edge(folded[first.start - 1 : first.start])) and (owned or _is_edge(folded[last.end : last.end + 1]))


def _is_edge(char: str) -> bool:
    return not char.strip() or not char.isalnum()


def _placed(spans: Sequence[Span], run: Sequence[int], led: str, name: str, way: str) -> Ends:
    """Return which endpoint a name is, by the preposition in front of it; none if the preposition may mean either."""
    before = [span for span in spans[: run[0]] if span.kind != "article"]
    if not led and before and before[-1].kind == "way" and not ends_in_component(vocabulary.fold(name).split()):
        # `Inbound replication ports` says what comes in, not where.
        return NOBODY
    if _is_in(led, "toward" if way == "egress" else "away_from"):
        if _is_in(led, "belongs_to"):
            # `Reglas entrantes de X` are rules of X; `Entrante de X` may come from it.
            return Ends(owner=name) if any(span.kind in ("ports", "topic") for span in before) and way == "ingress" else NOBODY
        return Ends(source=name) if way == "ingress" else Ends(destination=name)
    return Ends(owner=name)


@functools.lru_cache(maxsize=TEXTS)
def is_way_alone(text: str) -> bool:
    """Return whether a title says a direction and nothing else: `Inbound`, `Egress rules`, `Flux entrants`."""
    return direction.of_heading(text) in ("ingress", "egress") and _is_short(text, TITLE_WORDS) and not names_anything(text)


def names_anything(text: str) -> bool:
    """Return whether a title holds words without a known meaning, or is a clause."""
    return read(text).has("name", "clause")


@functools.lru_cache(maxsize=TEXTS)
def is_name_alone(text: str) -> bool:
    """Return whether a title is a name and nothing else, of whatever kind of thing: `Harvester`, `Lattice Broker`."""
    if not _is_short(text, NAME_WORDS) or direction.of_heading(text):
        return False
    spans = read(text).spans
    return len(spans) in (1, 2) and spans[-1].kind == "name" and all(span.kind == "article" for span in spans[:-1]) and is_name(text)


@functools.lru_cache(maxsize=TEXTS)
def can_end(text: str, arrowed: bool) -> bool:
    """Return whether one side of a flow can be an endpoint: with an arrow any name, with a word (`X to Y`) only a clear name."""
    title = read(text)
    if title.has("clause", "way", "ports") or vocabulary.finder("instruct").match(title.folded):
        return False
    if not title.has("name"):
        return any(one.kind in ("cidr", "host") for one in endpoint.parse((text,)))
    return arrowed or (not title.has("topic", "generic", "preposition") and is_name(text))


@functools.lru_cache(maxsize=TEXTS)
def names_component(text: str) -> bool:
    """Return whether a title is the name of a component: a noun of the vocabulary for hosts, machines and software at its end.

    One that says a direction is about traffic, in whatever language (`Eingehende Verbindungen zum Server`).
    """
    words = re.findall(r"[\w()-]+", vocabulary.fold(re.sub(r"\s*\([^()]{3,}\)", "", text)))
    if not words or not _is_short(text, NAME_WORDS) or is_none(text) or direction.of_heading(text):
        return False
    title = read(text)
    if title.has("clause", "ports", "topic") or vocabulary.finder("instruct").match(title.folded) or _holds_verb(title.spans):
        return False
    return ends_in_component(words) and words[-1] not in vocabulary.words("not_listening")


def _holds_verb(spans: Sequence[Span]) -> bool:
    """Return whether an article, or a word for where something goes, stands behind a name: `Restart the server` is no name."""
    for before, span in itertools.pairwise(spans):
        joint = span.kind == "article" and span.word not in vocabulary.words("conjunction")
        if before.kind in ("name", "generic") and (joint or _is_in(span.word, "toward")):
            return True
    return False
