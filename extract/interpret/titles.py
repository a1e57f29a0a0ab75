"""What a title says of whose rules follow: headings, captions, labels and group rows, read with one grammar.

A title is words with a known meaning (a direction, `ports`, `required`, `of`), and what is left of it. What is left is a name where the
title speaks of a direction and holds nothing that makes it a sentence:

    title  = [name] direction [topic] | direction [name] [topic] | topic [article] name direction    X incoming ports, ports X listens on
           | direction [topic] preposition name                                                   inbound ports of X, outbound to X

The preposition says which end the name is. A name that could be cut short names nobody.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from extract import vocabulary
from extract.cells import direction, limits
from extract.cells.ports import is_none
from extract.cells.tokens import clean, tokenize
from extract.regex import late

End = Literal["owner", "far"]
# A name of more words is a sentence.
_NAME_WORDS = 6
_TITLE_WORDS = 14
# Titles are repeated for each table below them.
_TEXTS = 2048

Kind = Literal["clause", "way", "named", "ports", "topic", "generic", "article", "preposition", "transport"]
# What the words of a title are looked up as, in this order where one stands in two classes.
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
_SIGNS = late(r"[\W_]+")
_LETTER = late(r"[^\W\d_]")
# Scripts without capital letters: a name in one of these must have an edge that can be seen.
_UNCASED = late("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NUMBERING = late(r"^\W*(?:\d+(?:\.\d+)*[.)]?\s+)?")
_ENDING = (".", "?", "!", "。", "？", "！")


class Ends(msgspec.Struct, frozen=True):
    """The ends that a title names: the group or host that the rules belong to, or where their traffic comes from and goes to."""

    owner: str | None = None
    source: str | None = None
    destination: str | None = None


NOBODY = Ends()
"""No end is named."""


class _Span(msgspec.Struct, frozen=True):
    start: int
    end: int
    kind: Kind | Literal["name"]
    word: str = ""


class _Title:
    """A title in the form in which words are compared, and where each of its letters stands in the text."""

    def __init__(self, text: str) -> None:
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

    def spans(self) -> list[_Span]:
        """Return the words with a known meaning, and what stands between them, from left to right."""
        known = list(self._known())
        spans: list[_Span] = []
        position = 0
        for span in (*known, _Span(len(self.folded), len(self.folded), "article")):
            spans.extend(self._names(position, span.start))
            spans.append(span)
            position = span.end
        return spans[:-1]

    def _known(self) -> Iterator[_Span]:
        found: list[tuple[int, int, int, _Span]] = []
        for rank, (kind, sections) in enumerate(_CLASSES):
            for section in sections:
                for one in vocabulary.finder(section).finditer(self.folded):
                    found.append((one.start, -one.end, rank, _Span(one.start, one.end, kind, one.word)))
        for token in tokenize(clean(self.text)):
            if token.kind == "protocol":
                for match in re.finditer(rf"(?<!\w){re.escape(vocabulary.fold(token.text))}(?!\w)", self.folded):
                    found.append((match.start(), -match.end(), len(_CLASSES), _Span(match.start(), match.end(), "transport", match[0])))
        reached = 0
        for start, end, _, span in sorted(found, key=lambda one: one[:3]):
            if start >= reached:
                # A thing that is named by a direction is a part of a name, and no direction.
                if span.kind != "named":
                    yield span
                reached = -end

    def _names(self, start: int, end: int) -> Iterator[_Span]:
        """Yield the words of a stretch without a known one, parted at brackets and colons."""
        for part in re.finditer(r"[^()\[\]{}:：,;（）|/]+", self.folded[start:end]):
            word = part[0]
            if _LETTER.search(word):
                left = len(word) - len(word.lstrip(" -\u2013\u2014.*#\"'`"))
                right = len(word.rstrip(" -\u2013\u2014.*#\"'`"))
                yield _Span(start + part.start() + left, start + part.start() + right, "name")


@functools.lru_cache(maxsize=_TEXTS)
def _read(text: str) -> tuple[_Title, tuple[_Span, ...]]:
    """Return a title with its spans: several questions are asked of each."""
    title = _Title(text)
    return title, tuple(title.spans())


@functools.lru_cache(maxsize=_TEXTS)
def ends_of(text: str) -> Ends:
    """Return the ends that a title names beside a direction: `X incoming ports`, `Inbound to X`, `Ports that X listens on`."""
    if len(text) > limits.MAX_NAME or len(text.split()) > _TITLE_WORDS or text.rstrip().endswith(_ENDING):
        return NOBODY
    way = direction.of_heading(text)
    if way not in ("ingress", "egress"):
        return NOBODY
    title, spans = _read(text)
    if any(span.kind == "clause" for span in spans):
        return NOBODY
    runs = _runs(spans)
    names = [title.written(spans[run[0]].start, spans[run[-1]].end) for run in runs]
    if not all(_is_name(name) and _is_whole(title, spans, run) for name, run in zip(names, runs, strict=True)):
        return NOBODY
    return _placed(spans, [run[0] for run in runs], names, way)


def _placed(spans: Sequence[_Span], firsts: Sequence[int], names: Sequence[str], way: str) -> Ends:
    """Return which ends the names of a title are; `firsts` are the numbers of the spans that they begin with."""
    if len(names) == 2:
        through = _is_in(_led_by(spans, firsts[0]), "away_from") and _is_in(_led_by(spans, firsts[1]), "toward")
        return Ends(source=names[0], destination=names[1]) if through else NOBODY
    if len(names) != 1:
        return NOBODY
    end = _end_of(spans, firsts[0], way)
    if end == "owner":
        return Ends(owner=names[0])
    if end == "far":
        return Ends(source=names[0]) if way == "ingress" else Ends(destination=names[0])
    return NOBODY


def _runs(spans: Sequence[_Span]) -> list[list[int]]:
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


def _led_by(spans: Sequence[_Span], first: int) -> str:
    """Return the preposition in front of a name; empty when there is none."""
    led = [span for span in spans[:first] if span.kind != "article"]
    return led[-1].word if led and led[-1].kind == "preposition" else ""


def _is_name(name: str) -> bool:
    """Return whether words can be the name of a group or a host."""
    folded = vocabulary.fold(name)
    weak = vocabulary.words("title_weak")
    words = folded.split()
    if not words or len(words) > _NAME_WORDS or is_none(name) or folded in weak or all(word in weak for word in words):
        return False
    if vocabulary.finder("instruct").match(folded):
        return False
    first = _LETTER.search(name)
    cased = first is not None and (not first[0].islower() or re.search(r"[\d_-]", name) is not None)
    return cased or words[-1] in vocabulary.words("component")


def _is_whole(title: _Title, spans: Sequence[_Span], run: Sequence[int]) -> bool:
    """Return whether nothing that could be a part of the name stands right before it: in `Access Gateway inbound` something does."""
    first, last = spans[run[0]], spans[run[-1]]
    before = spans[run[0] - 1] if run[0] else None
    if before is not None and before.kind in ("topic", "generic", "transport") and not title.folded[before.end : first.start].strip():
        return False
    if _UNCASED.search(title.folded[first.start : last.end]):
        edges = (title.folded[first.start - 1 : first.start], title.folded[last.end : last.end + 1])
        behind = spans[run[-1] + 1] if run[-1] + 1 < len(spans) else None
        owned = behind is not None and behind.kind == "preposition"
        return _SIGNS.fullmatch(edges[0] or " ") is not None and (owned or _SIGNS.fullmatch(edges[1] or " ") is not None)
    return True


def _end_of(spans: Sequence[_Span], first: int, way: str) -> End | None:
    """Return which end a name is, by the preposition in front of it; None when that could mean either."""
    word = _led_by(spans, first)
    through = _is_in(word, "toward" if way == "egress" else "away_from")
    if through and _is_in(word, "belongs_to"):
        # `Reglas entrantes de X` are rules of X; `Entrante de X` may come from it.
        led = [span for span in spans[:first] if span.kind != "article"]
        return "owner" if any(span.kind in ("ports", "topic") for span in led) else None
    return "far" if through else "owner"


@functools.lru_cache(maxsize=_TEXTS)
def is_way_alone(text: str) -> bool:
    """Return whether a title says a direction and nothing else: `Inbound`, `Egress rules`, `Flux entrants`."""
    if len(text.split()) > _TITLE_WORDS or direction.of_heading(text) not in ("ingress", "egress"):
        return False
    return not names_anything(text)


@functools.lru_cache(maxsize=_TEXTS)
def names_anything(text: str) -> bool:
    """Return whether a title holds words without a known meaning, or is a clause."""
    return any(span.kind in ("name", "clause") for span in _read(text)[1])


@functools.lru_cache(maxsize=_TEXTS)
def is_name_alone(text: str) -> bool:
    """Return whether a title is a name and nothing else, of whatever kind of thing: `Harvester`, `Lattice Broker`."""
    if len(text.split()) > _NAME_WORDS or text.rstrip().endswith(_ENDING) or direction.of_heading(text):
        return False
    _, spans = _read(text)
    return bool(spans) and all(span.kind in ("name", "article") for span in spans) and _is_name(text)


@functools.lru_cache(maxsize=_TEXTS)
def names_component(text: str) -> bool:
    """Return whether a title is the name of a component: a noun of the vocabulary for hosts, machines and software at its end.

    One that says a direction is about traffic, in whatever language (`Eingehende Verbindungen zum Server`).
    """
    words = re.findall(r"[\w()-]+", vocabulary.fold(re.sub(r"\s*\([^()]{3,}\)", "", text)))
    if not words or len(words) > _NAME_WORDS or is_none(text) or text.endswith((".", "?", "!")) or direction.of_heading(text):
        return False
    _, spans = _read(text)
    if any(span.kind in ("clause", "ports", "topic") for span in spans) or vocabulary.finder("instruct").match(vocabulary.fold(text)):
        return False
    return words[-1] in vocabulary.words("component") and words[-1] not in vocabulary.words("not_listening")


@functools.cache
def _owner_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the patterns of `rules for X`, each after what a text must have in it: most have nothing, and compiling all took 2 ms."""
    return tuple((word, late(written, re.IGNORECASE)) for word, written in vocabulary.phrases("rules_for").items())


@functools.lru_cache(maxsize=_TEXTS)
def named_group(text: str) -> str | None:
    """Return X of `rules for X`, or a text that is itself the name of one security group."""
    lower = text.casefold()
    for word, pattern in _owner_patterns():
        match = pattern.search(text) if word in lower else None
        if match:
            name = match["name"].strip(" :.：")
            return name if name and len(name.split()) <= _TITLE_WORDS and not text.rstrip().endswith(_ENDING) else None
    return text if _is_group(text) else None


def _is_group(text: str) -> bool:
    """Return whether a title is the name of a group: `X security group` or `Security group X`, and no sentence about groups."""
    if text.rstrip().endswith((*_ENDING, ":", "：")) or len(text.split()) > _TITLE_WORDS:
        return False
    group = group_finder().search(vocabulary.fold(text))
    if group is None:
        return False
    title, spans = _read(text)
    group = group_finder().search(title.folded) or group
    before, behind = title.folded[: group.start].strip(), title.folded[group.end :].strip(" -:.#*()\"'")
    if any(span.kind == "clause" for span in spans) or vocabulary.finder("instruct").match(title.folded):
        return False
    if vocabulary.finder("belongs_to").match(behind):
        # `Managed security group for the primary instance`
        return not before or not _is_unnamed(before)
    if behind and (before or vocabulary.finder("group_topic").search(behind) or _begins_otherwise(behind)):
        return False
    return bool(behind) or (bool(_LETTER.search(before)) and not _is_unnamed(before))


def _begins_otherwise(behind: str) -> bool:
    return any(vocabulary.finder(section).match(behind) for section in ("toward", "away_from", "clause", "called"))


def _is_unnamed(before: str) -> bool:
    """Return whether what stands before "security group" is no name: `Your`, `The default`, or a gerund (`Sharing one`)."""
    words = [word for word in re.findall(r"[\w'’-]+", before) if word not in vocabulary.words("article")]
    return not words or words[-1] in vocabulary.words("unnamed") or all(word in vocabulary.words("title_generic") for word in words)


@functools.cache
def group_finder() -> vocabulary.Finder:
    """Return what finds a security group in the singular, in full or in short."""
    return vocabulary.Finder([*vocabulary.words("group"), *(short for short in vocabulary.abbreviations() if not short.endswith("s"))])


_QUOTED = late(r"[\s:]*+[\"'`(\u201c\u2018\u00ab\u300c]\s*+([^\"'`()\u201d\u2019\u00bb\u300d]{1,60})[\"'`)\u201d\u2019\u00bb\u300d]")
_WORD_BEHIND = late(r"\s*+:?\s*+([\w.<>{}$-]{2,80})")
_CAPITALS = late(r"\s*+((?:[A-Z\d][\w.-]*+\s?+){1,5})")


def _identifier(match: re.Match[str] | None) -> str | None:
    """Return a word that is made like the name of a thing in a console (`lattice-nodes`), and like no word of a language."""
    word = match[1].strip(" .-_") if match else ""
    return word if len(word) > 1 and re.search(r"[-_\d]", word) and _LETTER.search(word) else None


@functools.lru_cache(maxsize=_TEXTS)
def group_called(text: str) -> str | None:
    """Return the group that an introducing sentence calls by its name: `a security group called X with these rules`."""
    return _group_of_sentence(text, _called_at)


@functools.lru_cache(maxsize=_TEXTS)
def group_for(text: str) -> str | None:
    """Return whose group an introducing sentence speaks of: `the security group for X opens these ports`."""
    return _group_of_sentence(text, _for_whom)


def _group_of_sentence(text: str, named_at: Callable[[_Title, int, int], str | None]) -> str | None:
    """Return what is named beside a group in a text that announces rules; a text that names two groups names none."""
    if len(text) > limits.MAX_NAME or not group_finder().search(vocabulary.fold(text)):
        return None
    title = _Title(text)
    if not (title.folded.rstrip().endswith((":", "：")) or vocabulary.finder("announce").search(title.folded)):
        return None
    found = {name for group in group_finder().finditer(title.folded) if (name := named_at(title, group.start, group.end))}
    return found.pop() if len(found) == 1 else None


def _called_at(title: _Title, start: int, end: int) -> str | None:
    """Return the name beside a group noun of a sentence, behind it or before it."""
    behind = title.written(end, len(title.folded))
    called = vocabulary.finder("called").match(title.folded[end:].lstrip())
    rest = behind[called.end :] if called else behind
    quoted = _QUOTED.match(rest)
    name = quoted[1].strip(" .") if quoted else _identifier(_WORD_BEHIND.match(rest))
    if name is None and called and (capitals := _CAPITALS.match(rest)):
        name = capitals[1].strip(" .")
    if name is not None:
        return name if vocabulary.fold(name) not in vocabulary.words("group") and _LETTER.search(name) else None
    before = title.written(0, start).split()
    word = _identifier(_WORD_BEHIND.fullmatch(before[-1].strip("\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb"))) if before else None
    return f"{word} {title.written(start, end)}" if word else None


def _for_whom(title: _Title, _: int, end: int) -> str | None:
    """Return X of `security group for X opens …`."""
    blanks = len(title.folded[end:]) - len(title.folded[end:].lstrip())
    whom = vocabulary.finder("belongs_to").match(title.folded[end + blanks :])
    if not whom:
        return None
    begin = end + blanks + whom.end
    opens = vocabulary.finder("group_opens").search(title.folded[begin:])
    if opens is None or re.search(r"[,.;:]", title.folded[begin : begin + opens.start]):
        return None
    name = title.written(begin, begin + opens.start)
    return re.sub(rf"^{vocabulary.pattern_of(vocabulary.words('article'))}\s+", "", name, flags=re.IGNORECASE) or None
