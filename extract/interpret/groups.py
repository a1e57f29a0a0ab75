"""The security group that titles and sentences name: `rules for X`, `X security group`, `a security group called X`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from extract import vocabulary
from extract.cells import limits
from extract.interpret import titles
from extract.interpret.titles import ENDING, NAME_WORDS, TEXTS, TITLE_WORDS, Title
from extract.regex import late

_LETTER = late(r"[^\W\d_]")
_QUOTED = late(r"[\s:]*+[\"'`\u201c\u2018\u00ab\u300c]\s*+([^\"'`()\u201d\u2019\u00bb\u300d]{1,60})[\"'`\u201d\u2019\u00bb\u300d]")
_WORD = late(r"\s*+:?\s*+[(（]?([\w.<>{}$-]{2,80})")
_CAPITALS = late(r"\s*+((?:[A-Z\d][\w.-]*+\s?+){1,5})")
_QUOTES = "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb\u300c\u300d"
_PUNCTUATION = late(r"[,.;:]")


@functools.cache
def _finder() -> vocabulary.Finder:
    """Return what finds a security group in the singular, in full or in short."""
    return vocabulary.Finder([*vocabulary.words("group"), *(short for short in vocabulary.abbreviations() if not short.endswith("s"))])


@functools.cache
def _owner_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the patterns of `rules for X`, each with a text that it requires. They compile on demand, because all take 2 ms."""
    return tuple((word, late(written, re.IGNORECASE)) for word, written in vocabulary.phrases("rules_for").items())


@functools.lru_cache(maxsize=TEXTS)
def of_title(text: str) -> str | None:
    """Return X of `rules for X`, or a text that is itself the name of one security group."""
    if len(text) > limits.MAX_NAME or text.rstrip().endswith(ENDING):
        return None
    lower = text.casefold()
    for word, pattern in _owner_patterns():
        match = pattern.search(text) if word in lower else None
        if match:
            name = match["name"].strip(" :.：")
            return name if len(name.split()) <= TITLE_WORDS and _can_own(name) else None
    return text if _is_group(text) else None


def _can_own(name: str) -> bool:
    """Return whether rules can be for what is named: a component or a group, but no traffic, no direction and no topic."""
    title = titles.read(name)
    first = next((span.kind for span in title.spans if span.kind != "article"), "article")
    if first in ("clause", "transport") or title.has("way"):
        return False
    named = [title.written(span.start, span.end) for span in title.spans if span.kind == "name"]
    return any(len(part.split()) > NAME_WORDS or titles.is_name(part, written=False) for part in named)


def _is_group(text: str) -> bool:
    """Return whether a title is the name of a group: `X security group` or `Security group X`, and no sentence about groups."""
    group = _finder().search(vocabulary.fold(text))
    if group is None or text.rstrip().endswith((":", "：")) or len(text.split()) > TITLE_WORDS:
        return False
    title = titles.read(text)
    group = _finder().search(title.folded) or group
    before, behind = title.folded[: group.start].strip(), title.folded[group.end :].strip(" -#*")
    if title.has("clause") or vocabulary.finder("instruct").match(title.folded):
        return False
    if before and (_is_unnamed(before) or not _LETTER.search(before)):
        return False
    if not behind or vocabulary.finder("belongs_to").match(behind):
        # `Managed security group for the primary instance`
        return bool(before)
    if before:
        return False
    return (
        title.folded[group.end :].lstrip().startswith(":")
        or _identifier(_WORD.fullmatch(behind)) is not None
        or _is_called(title, group.end)
    )


def _is_called(title: Title, end: int) -> bool:
    """Return whether a name stands behind a group noun, as in languages that have the noun first: `Groupe de sécurité Teal Broker`."""
    name = title.written(end, len(title.folded)).strip(" -#*")
    return name[:1].isupper() and len(name.split()) <= NAME_WORDS and titles.is_name_alone(name)


def _is_unnamed(before: str) -> bool:
    """Return whether what stands before "security group" is no name: `Your`, `The default`, `Change the`, `Sharing one`."""
    articles, unnamed = vocabulary.words("article"), vocabulary.words("unnamed")
    words = re.findall(r"[\w'’-]+", before)
    rest = words[1:] if words and words[0] in articles else words
    generic = vocabulary.words("title_generic")
    return not rest or rest[-1] in unnamed or any(word in articles for word in rest) or all(word in generic for word in rest)


def _identifier(match: re.Match[str] | None) -> str | None:
    """Return a word that has the form of a name in a console (`lattice-nodes`), and not of a word of a language."""
    word = match[1].strip(" .-_") if match else ""
    return word if len(word) > 1 and re.search(r"[-_\d]", word) and _LETTER.search(word) else None


@functools.lru_cache(maxsize=TEXTS)
def called(text: str) -> str | None:
    """Return the group that an introducing sentence calls by its name: `a security group called X with these rules`."""
    return _of_sentence(text, _called_at)


@functools.lru_cache(maxsize=TEXTS)
def owned(text: str) -> str | None:
    """Return whose group an introducing sentence speaks of: `the security group for X opens these ports`."""
    return _of_sentence(text, _for_whom)


def _of_sentence(text: str, named_at: Callable[[Title, int, int], str | None]) -> str | None:
    """Return what is named beside a group in a text that announces rules; a text that names two groups names none."""
    if len(text) > limits.MAX_NAME or not _finder().search(vocabulary.fold(text)):
        return None
    title = Title(text)
    if not (title.folded.rstrip().endswith((":", "：")) or vocabulary.finder("announce").search(title.folded)):
        return None
    found = {name for group in _finder().finditer(title.folded) if (name := named_at(title, group.start, group.end))}
    return found.pop() if len(found) == 1 else None


def _called_at(title: Title, start: int, end: int) -> str | None:
    """Return the name beside a group noun of a sentence, behind it or before it. A group that traffic comes from is the other side."""
    words = [word.strip(_QUOTES) for word in title.folded[:start].split()]
    if any(word in vocabulary.words("away_from") and word not in vocabulary.words("belongs_to") for word in words[-3:]):
        return None
    name = _name_behind(title, end)
    if name is not None:
        return name if vocabulary.fold(name) not in vocabulary.words("group") and _LETTER.search(name) else None
    # `an auto-created security group` has no name.
    if not words or (len(words) > 1 and words[-2] in vocabulary.words("unnamed")):
        return None
    word = _identifier(_WORD.fullmatch(title.written(0, start).split()[-1].strip(_QUOTES)))
    return f"{word} {title.written(start, end)}" if word else None


def _name_behind(title: Title, end: int) -> str | None:
    """Return what a group noun is followed by, where that is a name: a word in quotes, an identifier, or what it is said to be called."""
    behind = title.written(end, len(title.folded))
    naming = vocabulary.finder("called").match(title.folded[end:].lstrip())
    rest = behind[naming.end :] if naming else behind
    quoted = _QUOTED.match(rest)
    if quoted and (naming or len(quoted[1].split()) == 1):
        return quoted[1].strip(" .")
    capitals = _CAPITALS.match(rest) if naming else None
    return _identifier(_WORD.match(rest)) or (capitals[1].strip(" .") if capitals else None)


def _for_whom(title: Title, _: int, end: int) -> str | None:
    """Return X of `security group for X opens …`."""
    blanks = len(title.folded[end:]) - len(title.folded[end:].lstrip())
    whom = vocabulary.finder("belongs_to").match(title.folded[end + blanks :])
    if not whom:
        return None
    begin = end + blanks + whom.end
    opens = vocabulary.finder("group_opens").search(title.folded[begin:])
    if opens is None or _PUNCTUATION.search(title.folded[begin : begin + opens.start]):
        return None
    name = title.written(begin, begin + opens.start)
    return re.sub(rf"^{vocabulary.pattern('article')}\s+", "", name, flags=re.IGNORECASE) or None
