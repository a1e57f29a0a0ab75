"""Endpoint cells to endpoints: several names in a cell, CIDRs, host names, groups."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterator

from extract import vocabulary
from extract.cells import limits, remarks
from extract.cells.grammar import ignoring_case
from extract.cells.ports import is_none
from extract.model import Endpoint
from extract.read.text import NOTE_GLUED, NOTE_SIGNS
from extract.regex import late

# A run of blanks is matched only from its first blank. To try from each blank would take quadratic time.
_BLANKS = r"(?:(?<!\s)\s++)?"
_RAISED = "\u00b9\u00b2\u00b3\u2070\u2074-\u2079"
_FOOTNOTE = late(
    _BLANKS + rf"(?:\[\^[^\]]{{0,40}}\]|\[\d{{1,2}}\]|(?<=[\w)])[{NOTE_SIGNS}]{{1,3}}|(?<=\w){NOTE_GLUED}|[†‡§※{_RAISED}]{{1,2}})(?=\s|$|,)"
)
_MARKUP = late(r"`|\*\*(?=\S)|(?<=\S)\*\*|(?<!\w)__|__(?!\w)|\\(?=[-_*.#\[\]()`\\])")
# Markup and the marks of footnotes contain one of these characters.
_MARKED = late(rf"[`*_\\\[†‡§※{_RAISED}]")
_SEPARATOR = late(_BLANKS + r"(?:[;；、，]\s*|,\s+|,$)|(?<!\s)\s++,|(?<=\d),(?=\d)|(?<=\w),(?=[^\s\d])")
_LISTED = late("[;；、，,]")
_CLOSING = late(r"[)）}]")
_BRACKETS = late(r"\([^()]*\)|（[^（）]*）|\{[^{}]*\}")
_REMARK = late(r"\([^()]*\)|（[^（）]*）")
_HOST = late(r"(?:\*\.)?(?:[a-z0-9_*](?:[a-z0-9_*-]*[a-z0-9_*])?\.)+[a-z]{2,24}\.?", re.IGNORECASE)
_URL = late(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_ADDRESS = late(r"[\d.:a-fA-F]+(?:/(?:\d{1,3}|255(?:\.\d{1,3}){3}))?")
_MASKED = ("address", "mask")
_POINTED = late(r"[.:]")
_UNSPACED = "\u2e80"
# One word in which nothing can separate names: an address, the name of a host, `Any`.
_WORD = late(r"[A-Za-z0-9.:/*_-]+")
_GROUP_ID = late(r"sg-[0-9a-z{<]")
# What stands before a colon and a blank, in front of one word: `US region: relay.example`. The colon of an address has no blank behind it.
_LABEL = late(r"^[^:：]{1,60}(?::\s+|：\s*)(?=\S+$)")
_MASK_LINE = late(r"/\d{1,3}|255(?:\.\d{1,3}){3}")
_LABEL_LINE = late(r"^[^:：]{1,60}[:：]$")
_CIDR_REMARK = late(r"(\S/\d{1,3})\s*\((?:cidr|ipv[46])\)", re.IGNORECASE)
# A cell of this many words that ends like a sentence, or holds two, describes one endpoint in prose.
_SENTENCE_WORDS = 6
# "Anyone" next to a name: the name may narrow it.
_NARROWED = frozenset({"any", "role"})


def parse(lines: tuple[str, ...]) -> tuple[Endpoint, ...]:
    """Return the endpoints of a cell: one per paragraph, list item, line break, comma, semicolon or `and` between names.

    Empty and "not applicable" cells give none. Names keep their spelling; CIDRs become canonical.
    """
    if limits.is_too_long(lines):
        return (Endpoint("role", " ".join(lines)),)
    said = [text for line in lines if not is_none(text := _cleaned(line)) or text == "*"]
    whole = " ".join(said)
    if len(said) > 1 and _excepts(whole):
        # An exception on a line of its own is one of the lines above it.
        return (Endpoint("role", whole),)
    found = tuple(dict.fromkeys(_named(_joined(said))))
    # `Any, internal only` names one endpoint, which is not anyone.
    return (Endpoint("role", whole),) if {one.kind for one in found} >= _NARROWED else found


def _named(texts: list[str]) -> Iterator[Endpoint]:
    """Yield the endpoints that lines name."""
    for index, text in enumerate(texts):
        below = texts[index + 1] if index + 1 < len(texts) else ""
        if _LABEL_LINE.match(text) and all(map(_is_address, split(below))):
            # `US region:` above the hosts of that region.
            continue
        yield from [_endpoint(_alone(_unlabelled(name))) for name in split(text) if name == text or not _names_nobody(name)]


def _alone(name: str) -> str:
    """Return a name without `only`, which every name means: `10.0.0.5 only`. `Any, only TLS` narrows another thing."""
    folded = vocabulary.fold(name)
    if len(folded) != len(name):
        return name
    for found in vocabulary.finder("only").finditer(folded):
        # One character of a script without blanks may be a part of a name: Korean for Taiwan ends with `only`.
        behind = found.end == len(name) and (name[: found.start].endswith(" ") or (found.word > _UNSPACED and len(found.word) > 1))
        before = found.start == 0 and name[found.end :].startswith(" ")
        rest = (name[: found.start] if behind else name[found.end :]).strip()
        # The Indonesian word for anyone ends with the one for only.
        if (before or behind) and rest and not _goes_on(rest) and _endpoint(name).kind != "any":
            return rest
    return name


def _goes_on(rest: str) -> bool:
    """Return whether what follows `only` is no name of its own: `from the office`, `of clusters`, `any`."""
    joints = vocabulary.words("name_preposition", "from", "away_from")
    return vocabulary.fold(rest.split(maxsplit=1)[0]) in joints or _begins_clause(rest) or _endpoint(rest).kind == "any"


def _joined(texts: list[str]) -> list[str]:
    """Join the lines of one name. A remark in brackets continues the line before, and so does a line next to a preposition."""
    joined = texts[:1]
    for text in texts[1:]:
        if _MASK_LINE.fullmatch(text):
            # `10.0.0.0` above `/24`, or above `255.255.255.0`
            joined[-1] += text if text.startswith("/") else f" {text}"
        elif _REMARK.fullmatch(text) or _excepts(text) or _goes_on_from(joined[-1], text):
            joined[-1] = f"{joined[-1]} {text}"
        else:
            joined.append(text)
    return joined


def _goes_on_from(above: str, text: str) -> bool:
    """Return whether a line continues the one above it: a preposition joins the two, or a word that stands in a line of its own."""
    if text.split(maxsplit=1)[0] in _prepositions() or above.rsplit(maxsplit=1)[-1] in _prepositions():
        return True
    joints = vocabulary.words("to", "conjunction")
    return vocabulary.fold(text) in joints or vocabulary.fold(above.rsplit(maxsplit=1)[-1]) in joints


def _excepts(text: str) -> bool:
    """Return whether a text excludes a part of what it names: `All nodes, except the primary` is one endpoint, and not all nodes."""
    return remarks.excepts(text)


def _prepositions() -> frozenset[str]:
    return vocabulary.words("name_preposition")


def _unlabelled(name: str) -> str:
    """Remove the label in front of an address or a host name, because it is not a part of it. `Address group: …` is a name."""
    label = _LABEL.match(name) if ":" in name or "：" in name else None
    if label is None or not _is_address(name[label.end() :]) or vocabulary.header_concepts()["owner"].search(vocabulary.fold(label[0])):
        return name
    return name[label.end() :]


def _is_address(name: str) -> bool:
    return bool(name) and (_network(name) is not None or _HOST.fullmatch(name) is not None or _URL.fullmatch(name) is not None)


def _names_nobody(name: str) -> bool:
    """Return whether a part of a cell names no endpoint: it says "none", or it introduces an example."""
    return (is_none(name) and name != "*") or vocabulary.fold(name).strip(" :") in vocabulary.words("example")


def passed_over(lines: tuple[str, ...]) -> Iterator[str]:
    """Yield each limit that the lines of a cell reach, and how the text is read instead."""
    for text in map(_cleaned, lines):
        if _is_sentence(text):
            continue
        masked, _ = _mask(text)
        if _BRACKETS.search(masked):
            yield f"brackets are nested more than {limits.MAX_DEPTH} deep; the outer ones were read as other text"
        if any(len(piece) > limits.MAX_LISTED and len(_parted(piece)) > 1 for piece in _listed(masked)[0]):
            yield f"names are joined by `and` over more than {limits.MAX_LISTED:,} characters, which were read as one name"


def _cleaned(line: str) -> str:
    """Return a line of a cell without markup, marks of footnotes and the labels of addresses."""
    text = " ".join(line.split())
    if _MARKED.search(text):
        text = _FOOTNOTE.sub("", _MARKUP.sub("", text)).strip()
    if "/" in text and "(" in text:
        text = _CIDR_REMARK.sub(r"\1", text)
    if ":" in text or "：" in text:
        text = _address_label().sub("", text)
    return text


@functools.cache
def _address_label() -> re.Pattern[str]:
    """Return the label in front of an address: `IP address: 10.0.0.1`."""
    return re.compile(rf"^{vocabulary.pattern('address_label')}\s*:\s*(?=[\d:a-f*])", re.IGNORECASE)


def split(text: str) -> tuple[str, ...]:
    """Split a line into names. `or` never splits: the page leaves the choice open, one name as written says so."""
    if _WORD.fullmatch(text) or _is_sentence(text) or _excepts(text):
        return (text,)
    # No cell holds the null character: reading replaces it. Here it marks where a bracket was.
    masked, brackets = _mask(text.replace("\x00", ""))
    names: list[str] = []
    pieces, listed = _listed(masked)
    for index, piece in enumerate(pieces):
        names.extend(_split_and(_leading_and().sub("", piece) if index else piece) if listed else [piece])
    names = [name for piece in names for name in _split_blank(piece)]
    return tuple(_unmask(name, brackets).strip() for name in names if name.strip())


def _listed(masked: str) -> tuple[list[str], bool]:
    """Return the pieces of a list, of which brackets are masked; and whether they are names, which `and` may join, too."""
    listed = _SEPARATOR.split(masked) if _LISTED.search(masked) else [masked]
    pieces = [piece.strip() for piece in listed if piece.strip()]
    if len(pieces) > 2:
        # `A, B, or C` is a list; `A or B` and `A, or B` leave the choice open.
        pieces[-1] = _leading_or().sub("", pieces[-1])
    return (pieces, True) if len(pieces) < 2 or _are_names(pieces) else ([masked], False)


def _is_sentence(text: str) -> bool:
    words = text.split()
    return len(words) >= _SENTENCE_WORDS and (text.endswith((".", "。")) or re.search(r"[a-z]{2}\.\s+[A-Z]", text) is not None)


def _mask(text: str) -> tuple[str, list[str]]:
    """Put placeholders for brackets, so that what stands inside does not split."""
    brackets: list[str] = []

    def keep(match: re.Match[str]) -> str:
        brackets.append(match[0])
        return f"\x00{len(brackets) - 1}\x01"

    # Every level of brackets takes a pass over the text. Authors do not nest this deep, so brackets beyond the limit are read as text.
    for _ in range(limits.MAX_DEPTH):
        found = len(brackets)
        if _CLOSING.search(text):
            text = _BRACKETS.sub(keep, text)
        if len(brackets) == found:
            break
    return text, brackets


def _unmask(text: str, brackets: list[str]) -> str:
    while "\x00" in text:
        text = re.sub("\x00(\\d+)\x01", lambda match: brackets[int(match[1])], text)
    return text


def _bare(text: str) -> str:
    return re.sub("\x00\\d+\x01", "", text).strip()


def _are_names(pieces: list[str]) -> bool:
    """Return whether the pieces between commas are names: `installing, upgrading, and removing agents` are not."""
    for piece in pieces[1:]:
        words = _leading_or().sub("", _leading_and().sub("", piece)).split()
        if words and words[0].islower() and (_is_activity(words[0]) or _begins_clause(" ".join(words))):
            return False
        if _leading_or().match(piece) or (not piece.isascii() and piece.startswith(_unspaced_clauses())):
            return False
    return True


@functools.cache
def _unspaced_clauses() -> tuple[str, ...]:
    """Return what begins a clause in the scripts without blanks: `负载均衡器，进行外部 SSL 终端`."""
    return tuple(sorted(word for word in vocabulary.words("name_clause") if word[0] >= _UNSPACED))


def _begins_clause(text: str) -> bool:
    """Return whether a piece of a list is a part of a sentence: `Localhost, unless debugging is on` names one end."""
    folded = vocabulary.fold(text)
    return folded.split()[0] in vocabulary.words("name_clause") or remarks.is_condition(folded)


def _is_activity(word: str) -> bool:
    return word.endswith(tuple(vocabulary.words("activity_ending")))


@functools.cache
def _leading_or() -> re.Pattern[str]:
    return re.compile(rf"^{vocabulary.pattern('name_alternative')}\s+")


@functools.cache
def _leading_and() -> re.Pattern[str]:
    return re.compile(rf"^{vocabulary.pattern_of(_spaced_and())}\s+")


@functools.cache
def _spaced_and() -> frozenset[str]:
    """Return the words for `and` of the scripts that put blanks between words."""
    return frozenset(word for word in vocabulary.words("name_conjunction") if re.match(f"[{vocabulary.LETTERS}]", word))


@functools.cache
def _and() -> re.Pattern[str]:
    return re.compile(rf"(?:,|(?<!\s))\s++{vocabulary.pattern_of(_spaced_and())}\s+", re.IGNORECASE)


@functools.cache
def _and_words() -> frozenset[str]:
    """Return words, in the form of `ignoring_case`. Every `and` between blanks contains one of them."""
    return frozenset(max(ignoring_case(word).split(), key=len) for word in _spaced_and())


@functools.cache
def _unspaced_and() -> re.Pattern[str]:
    return re.compile(rf"(?<=\S){vocabulary.pattern_of(vocabulary.words('name_conjunction') - _spaced_and())}(?=\S)")


def _parted(piece: str) -> list[str]:
    """Return what stands between the conjunctions of a text."""
    parts = [piece] if _and_words().isdisjoint(ignoring_case(piece).split()) else _and().split(piece)
    return parts if piece.isascii() else [inner for part in parts for inner in _unspaced_and().split(part)]


def _split_and(piece: str) -> list[str]:
    parts = _parted(piece)
    # A text of this length without a comma is prose and describes one endpoint. To join its parts again would take quadratic time.
    if len(parts) == 1 or len(piece) > limits.MAX_LISTED:
        return [piece]
    found = [parts[0]]
    for part in parts[1:]:
        if _joins_names(found[-1], part):
            found.append(part)
        else:
            # Keep the author's words between the two halves of one name.
            start = piece.index(found[-1])
            end = piece.index(part, start + len(found[-1]))
            found[-1] = piece[start : end + len(part)]
    return found


def _joins_names(left: str, right: str) -> bool:
    """Return whether `and` stands between two names and not between two adjectives of one noun.

    `server and agent nodes` and `web and database servers` are one name each: the left side lacks the noun. `Node LIF and data LIF`,
    `clients and servers` are two.
    """
    left_words, right_words = _bare(left).split(), _bare(right).split()
    if not left_words or not right_words:
        return False
    last_left, last_right = left_words[-1].casefold(), right_words[-1].casefold()
    if re.search(r"[\d.*/]", last_left) or not last_left.isascii() or last_left.rstrip("s") == last_right.rstrip("s"):
        return True
    if right_words[0].islower() and _is_activity(right_words[0]):
        # `agent discovery and monitoring of agents`: an activity.
        return False
    if vocabulary.words("name_preposition") & {word.casefold() for word in (*left_words, *right_words)}:
        return False
    if len(right_words) == 1 or (last_left.endswith("s") and not _bare(left).split()[-1].isupper()):
        # `clients and web servers`; `DNS and NTP servers` are servers of two kinds.
        return True
    nouns = vocabulary.words("component") | _plurals_of_groups()
    shared = last_right in nouns and (last_left not in nouns or last_right.endswith("s"))
    return not shared


@functools.cache
def _plurals_of_groups() -> frozenset[str]:
    """Return the last words of phrases for several security groups."""
    plurals = (*vocabulary.words("groups"), *(short for short in vocabulary.abbreviations() if short.endswith("s")))
    return frozenset(re.split(r"[\s-]", word)[-1] for word in plurals)


def _split_blank(name: str) -> list[str]:
    """Split addresses that are separated only by blanks."""
    words = name.split()
    if len(words) == len(_MASKED) and _network("/".join(words)) and words[1].startswith("255."):
        # An address and its mask.
        return ["/".join(words)]
    if len(words) > 1 and all(_ADDRESS.fullmatch(word) and _POINTED.search(word) for word in words):
        return words
    return [name]


def _endpoint(name: str) -> Endpoint:
    folded = vocabulary.fold(name).strip(" .")
    if folded in vocabulary.words("any"):
        return Endpoint("any", name)
    network = _network(name)
    if network:
        return network
    if _is_group(folded):
        return Endpoint("group", name)
    if _HOST.fullmatch(name) or _URL.fullmatch(name):
        return Endpoint("host", name)
    return Endpoint("role", name)


def _is_group(folded: str) -> bool:
    """Return whether a name is that of a group: `web security group`, `DB SG`, `sg-0123`."""
    finders = (vocabulary.finder("group"), vocabulary.finder("groups"), _short())
    return any(finder.search(folded) for finder in finders) or _GROUP_ID.match(folded) is not None


@functools.cache
def _short() -> vocabulary.Finder:
    return vocabulary.Finder(vocabulary.abbreviations())


def _network(name: str) -> Endpoint | None:
    if not _ADDRESS.fullmatch(name) or not _POINTED.search(name):
        return None
    try:
        if "/" not in name:
            return Endpoint("host", str(ipaddress.ip_address(name)))
        return Endpoint("cidr", str(ipaddress.ip_network(name, strict=False)))
    except ValueError:
        return None
