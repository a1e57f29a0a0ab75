"""What stands around a table: headings, captions, the sentences that introduce it. The nearest one wins."""

from __future__ import annotations

import functools
import itertools
import re
from collections import deque
from collections.abc import Callable, Iterator, Reversible

import msgspec

from extract import vocabulary
from extract.cells import direction, limits, tokens
from extract.cells.ports import is_none
from extract.model import Block, Grid, Page, Said
from extract.regex import late

# How far above a table a sentence can still introduce it, in blocks of its own section.
_REACH = 24
# A name of more words is a sentence.
_NAME_WORDS = 14
# A paragraph of more words is no label.
_LABEL_WORDS = 8

# A name of more than 200 characters is none: without a limit a text of such beginnings takes quadratic time.
_GROUP_OF = late(
    r"\bsecurity group (?:for|of) (?:the )?(?P<name>[^,.;:]{1,200}?)"
    r"\s++(?:opens?|includes?|requires?|must|needs?|should|has|contains?|allows?)\b",
    re.IGNORECASE,
)
_INSTRUCTION = late(
    r"(?:\d+[.)]\s*)?(?:step\s+\d+\W+)?(?:add|adding|allow|allowing|assign|assigning|attach|attaching|choose|configure|configuring|create|creating|define|defining|edit|editing|modify|modifying|open|opening|view|viewing|review|manage|managing|understand|verify|learn|see|check|required|default|select|set|setting|specify|use|using|working|update|updating|about|introduction|overview|how)\b",
    re.IGNORECASE,
)
_ARROWED = late(r"([^<>=\u2190-\u21ff]+?)(?:<?-{1,4}>|<-{1,4}|<?={1,3}>|[\u2190\u2192\u2194\u21d0\u21d2\u21d4])([^<>=\u2190-\u21ff]+)")
_FLOW_WORDS = 8
_PLURAL_PORTS = late(r"\b(?:tcp|udp|sctp)\b\W+(?:\w+\W+){0,2}?ports\b|\bports\b\W+(?:\w+\W+){0,2}?\(?(?:tcp|udp|sctp)\b", re.IGNORECASE)
_PORTS = late(r"\bports?\b|ポート|端口|連接埠|포트|puertos|portas|porte|порт|cổng", re.IGNORECASE)
_ICMP = late(r"\bicmp", re.IGNORECASE)
_NUMBER = late(r"\d{2}")
_WORD = late(r"[\w()-]+")
_SENTENCE = late(r"(?<=[.!?。])\s+|(?<=[。！？])")


class Context(msgspec.Struct, frozen=True):
    """The surroundings of one table, nearest first."""

    intro: tuple[Block, ...]
    # Blocks of the table's own section, nearest first.
    label: Block | None
    # The first of them, where it stands right above the table and is no sentence, in bold or not.
    sections: tuple[tuple[Block, tuple[Block, ...]], ...]
    # (heading, what introduces its section), innermost first.
    general: tuple[_General, int]
    # Everything above the first table of the page, and how many blocks of it stand above this one.
    title: Block | None
    caption: Said | None


class _Section:
    """What counts of a section: its first blocks and its last ones, one more of either than is looked at (see `forget_table`)."""

    def __init__(self, heading: Block | None) -> None:
        self.heading = heading
        self.first: list[Block] = []
        self.last: deque[Block] = deque(maxlen=_REACH + 1)

    def add(self, block: Block) -> None:
        if len(self.first) <= _REACH:
            self.first.append(block)
        self.last.append(block)

    def forget_table(self) -> None:
        """Leave out the last table."""
        table = next((block for block in itertools.chain(reversed(self.last), reversed(self.first)) if block.kind == "table"), None)
        for blocks in (self.first, self.last):
            for index in range(len(blocks) - 1, -1, -1):
                if blocks[index] is table:
                    del blocks[index]

    def copy(self) -> _Section:
        twin = _Section(self.heading)
        twin.first, twin.last = self.first.copy(), self.last.copy()
        return twin


class _General:
    """Everything above the first table of a page, which is read once for all tables."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._read = 0
        self._found: Said | None = None

    def direction(self, count: int) -> Said | None:
        """Return what the first sentence of so many blocks says that states the direction of the whole page."""
        while self._found is None and self._read < count:
            self._found = _direction_of_page(self.blocks[self._read])
            self._read += 1
        # When something was found, it stands in the last block that was read.
        return self._found if self._read <= count else None


Around = Callable[[], Context]
"""Gives the context of a table when it is asked for: most tables are no rule tables, whatever stands around them."""


def contexts(page: Page) -> dict[int, Context]:
    """Return the context of every table of a page, by table number."""
    found: dict[int, Context] = {}
    title = next((block for block in page.blocks if block.kind == "title"), None)
    general = _General()
    stacks: dict[int, list[_Section]] = {0: [_Section(None)]}
    seen_table = False
    for block in page.blocks:
        stack = _stack_of(stacks, block)
        if block.kind == "table":
            found[block.level] = _context(stack, general, title, page.grids[block.level - 1])
            stack[-1].add(block)
            seen_table = seen_table or len(page.grids[block.level - 1].rows) > 1
        elif block.kind == "heading":
            while len(stack) > 1 and (heading := stack[-1].heading) is not None and heading.level >= block.level:
                stack.pop()
            stack.append(_Section(block))
        elif block.kind != "title":
            stack[-1].add(block)
            if not seen_table:
                general.blocks.append(block)
    return found


def _stack_of(stacks: dict[int, list[_Section]], block: Block) -> list[_Section]:
    """Return the sections open where the block stands: a heading in a cell opens a section for that cell only."""
    parent = 0
    for scope in block.scopes:
        if scope not in stacks:
            stacks[scope] = [section.copy() for section in stacks[parent]]
            # The table around the cell is what the block stands in, not one that comes before it.
            stacks[scope][-1].forget_table()
        parent = scope
    return stacks[parent]


def _context(stack: list[_Section], general: _General, title: Block | None, grid: Grid) -> Context:
    intro = tuple(_introducing(stack[-1].last))
    near = stack[-1].last[-1] if stack[-1].last else None
    label = near if near is not None and near.kind in ("strong", "paragraph", "item") and _is_label(near.text) else None
    sections = []
    for depth, section in enumerate(reversed(stack)):
        if section.heading is not None:
            opening = () if depth == 0 else tuple(_opening(section.first))
            sections.append((section.heading, opening))
        elif depth:
            sections.append((Block("heading", "", 1), tuple(_opening(section.first))))
    caption = Said("", grid.caption, grid.line, "caption") if grid.caption else None
    return Context(intro, label, tuple(sections), (general, len(general.blocks)), title, caption)


def _introducing(blocks: Reversible[Block]) -> Iterator[Block]:
    """Yield the blocks that can introduce the next table, nearest first: those behind the last table, then the paragraphs before
    it (captions and list items before another table introduced that one; so did a label right above it, unless nothing else stands
    between this table and that label).
    """
    passed = parted = above = False
    for block in itertools.islice(reversed(blocks), _REACH):
        if block.kind == "table":
            passed = above = True
            continue
        if not passed or (block.kind == "paragraph" and not (above and parted and _is_label(block.text))):
            yield block
        parted, above = True, False


def _is_label(text: str) -> bool:
    """Return whether a paragraph is no sentence (`Inbound`, `Inbound rules:`)."""
    return len(text.split()) <= _LABEL_WORDS and not text.endswith((".", "!", "?", "。", "！", "？"))


def _opening(blocks: list[Block]) -> Iterator[Block]:
    """Yield what introduces a section: its paragraphs up to the first table."""
    for block in blocks[:_REACH]:
        if block.kind == "table":
            return
        if block.kind == "paragraph":
            yield block


def direction_of(context: Context, flow: bool) -> Said | None:
    """Return the nearest statement of direction: ingress, egress or both; None when nothing says it or the nearest says both
    without demanding both. For a table with source and destination (`flow`) only captions and headings count, and the sentence
    right above it.
    """
    if context.caption:
        stated = direction.of_heading(context.caption.text)
        if stated:
            return _said(stated, context.caption.text, context.caption.line, "caption")
    for position, block in enumerate(context.intro):
        if flow and position > 1 and block.kind != "strong":
            continue
        said = _direction_in(block, block is context.label)
        if said:
            return said if said.value != "mixed" else None
    for heading, opening in context.sections:
        stated = direction.of_heading(heading.text)
        if stated:
            return _said(stated, heading.text, heading.line, "heading")
        if flow:
            continue
        for block in reversed(opening):
            said = _direction_in(block)
            if said:
                return said if said.value != "mixed" else None
    if context.title and (stated := direction.of_heading(context.title.text)):
        return _said(stated, context.title.text, context.title.line, "page title")
    if flow:
        return None
    general, count = context.general
    return general.direction(count)


def _said(stated: str, text: str, line: int, by: str) -> Said | None:
    return Said(stated, text, line, by) if stated != "mixed" else None


def _direction_in(block: Block, label: bool = False) -> Said | None:
    if block.kind == "code":
        return None
    if label or is_caption(block):
        stated: str | None = direction.of_heading(block.text)
        if stated == "mixed":
            stated = _of_prose(block.text)[0]
        return Said(stated, block.text, block.line, "line above the table") if stated else None
    stated, sentence = _of_prose(block.text)
    return Said(stated, sentence, block.line, "introducing sentence") if stated else None


# A sentence can introduce each of the tables below it, and a heading each of those in its section: the memos below read them once.
_TEXTS = 2048


@functools.lru_cache(maxsize=_TEXTS)
def _of_prose(text: str) -> tuple[str | None, str]:
    folded = vocabulary.fold(text)
    # A quick look before the sentences are told apart.
    if not (vocabulary.finder("ingress").search(folded) or vocabulary.finder("egress").search(folded)):
        return None, ""
    return direction.of_prose(text)


def _direction_of_page(block: Block) -> Said | None:
    if block.kind not in ("paragraph", "item"):
        return None
    # A quick look before the sentences are told apart.
    if not vocabulary.finder("general").search(vocabulary.fold(block.text)):
        return None
    for sentence in _SENTENCE.split(block.text):
        if vocabulary.finder("general").search(vocabulary.fold(sentence)):
            stated, _ = direction.of_prose(sentence)
            if stated in ("ingress", "egress"):
                return Said(stated, sentence, block.line, "sentence about the whole page")
    return None


def is_caption(block: Block) -> bool:
    """Return whether a block reads as the caption of what follows: bold, or short and ending in a colon."""
    return block.kind == "strong" or (block.kind == "paragraph" and block.text.endswith((":", "：")) and _is_label(block.text))


def protocol_of(context: Context) -> Said | None:
    """Return the one transport that a caption, a heading or an introducing sentence states for all ports of the table."""
    if context.caption and (word := _one_transport(context.caption.text)):
        return Said(word, context.caption.text, context.caption.line, "caption")
    for block in context.intro:
        if block.kind == "code":
            continue
        heading_like = block.kind == "strong" or is_caption(block)
        word = _one_transport(block.text) if heading_like else _transport_of_ports(block.text)
        if word:
            return Said(word, block.text, block.line, "line above the table" if heading_like else "introducing sentence")
    for heading, opening in context.sections:
        if word := _one_transport(heading.text):
            return Said(word, heading.text, heading.line, "heading")
        for block in opening:
            if word := _transport_of_ports(block.text):
                return Said(word, block.text, block.line, "sentence that introduces the section")
    if context.title and (word := _one_transport(context.title.text)):
        return Said(word, context.title.text, context.title.line, "page title")
    return None


def _transports(text: str) -> set[str]:
    ported = vocabulary.ported()
    return {word for token in tokens.tokenize(tokens.clean(text)) if token.kind == "protocol" for word in token.words if word in ported}


@functools.lru_cache(maxsize=_TEXTS)
def _one_transport(text: str) -> str | None:
    """Return the transport of a heading that speaks of ports (`TCP ports`), when it names exactly one and no number."""
    if len(text) > limits.MAX_CELL:
        return None
    if _ICMP.search(text) and not _transports(text):
        named = {word for token in tokens.tokenize(tokens.clean(text)) if token.kind == "protocol" for word in token.words}
        return named.pop() if len(named) == 1 else None
    if not _PORTS.search(text):
        return None
    found = _transports(text) if not _NUMBER.search(text) else set()
    return found.pop() if len(found) == 1 else None


@functools.lru_cache(maxsize=_TEXTS)
def _transport_of_ports(text: str) -> str | None:
    """Return the transport of a sentence about ports in general (`the following UDP ports`); one that names a number is not."""
    if "port" not in text.lower() or not _PLURAL_PORTS.search(text):
        return None
    for sentence in _SENTENCE.split(text):
        if _PLURAL_PORTS.search(sentence) and not _NUMBER.search(sentence):
            found = _transports(sentence)
            if len(found) == 1:
                return found.pop()
    return None


def near_of(context: Context) -> Said | None:
    """Return the group or component that the rules of the table belong to, where a caption, heading or sentence names it.

    `rules for X` and `X security group` name it outright, the nearest first; then a sentence about "the security group for X".
    """
    places = [(context.caption.text, context.caption.line, "caption")] if context.caption else []
    captions = (block for block in context.intro if is_caption(block) or block is context.label)
    places += [(block.text, block.line, "line above the table") for block in captions]
    places += [(heading.text, heading.line, "heading") for heading, _ in context.sections]
    if context.title:
        places.append((context.title.text, context.title.line, "page title"))
    for text, line, by in places:
        if name := named_group(text):
            return Said(name, text, line, by)
    for block in context.intro:
        match = _GROUP_OF.search(block.text)
        if match and block.kind != "code":
            return Said(match["name"].strip(), block.text, block.line, "introducing sentence")
    return None


@functools.lru_cache(maxsize=_TEXTS)
def named_group(text: str) -> str | None:
    """Return X of `rules for X`, or a text that is itself the name of one security group."""
    lower = text.casefold()
    for word, pattern in _owner_patterns():
        match = pattern.search(text) if word in lower else None
        if match:
            name = match["name"].strip(" :.：")
            return name if name and len(name.split()) <= _NAME_WORDS else None
    group = _group_finder().search(text)
    if (
        not group
        or vocabulary.finder("group_topic").search(vocabulary.fold(text[group.end() :]))
        or _INSTRUCTION.match(text)
        or text.endswith((".", ":", "。", "："))
        or len(text.split()) > _NAME_WORDS
    ):
        return None
    rest = (text[: group.start()] + text[group.end() :]).strip()
    return text if _WORD.search(re.sub(r"^(?:the|a|an|your|this)\b", "", rest, flags=re.IGNORECASE)) else None


@functools.cache
def _owner_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the patterns of `rules for X`, each after what a text must have in it: most have nothing, and compiling all took 2 ms."""
    return tuple((word, late(written, re.IGNORECASE)) for word, written in vocabulary.phrases("rules_for").items())


@functools.cache
def _group_finder() -> re.Pattern[str]:
    """Find a group in the singular."""
    return re.compile(vocabulary.pattern_of(vocabulary.words("group")), re.IGNORECASE)


def flow_of(context: Context) -> Said | None:
    """Return a caption or heading that names both ends of a flow with an arrow (`Client --> Server`), the nearest one."""
    places = [(context.caption.text, context.caption.line, "caption")] if context.caption else []
    places += [(block.text, block.line, "line above the table") for block in context.intro[:4] if is_caption(block)]
    places += [(heading.text, heading.line, "heading") for heading, _ in context.sections]
    for text, line, by in places:
        if names_flow(text):
            return Said(text, text, line, by)
    return None


def names_flow(text: str) -> bool:
    """Return whether a short text is two names with an arrow between them."""
    match = _ARROWED.fullmatch(text)
    return match is not None and all(len(side.split()) <= _FLOW_WORDS for side in match.groups())


def component_of(context: Context) -> Said | None:
    """Return the component that the heading or caption right above a table names, when that is all that it says."""
    places = [(block.text, block.line, "line above the table") for block in context.intro[:3] if is_caption(block)]
    places += [(heading.text, heading.line, "heading") for heading, _ in context.sections[:1] if heading.text]
    if not places:
        return None
    text, line, by = places[0]
    return Said(text.rstrip(" :："), text, line, by) if names_component(text) else None


@functools.lru_cache(maxsize=_TEXTS)
def names_component(text: str) -> bool:
    """Return whether a heading is the name of a component (`Control plane`, `Node(s)`) and not of a topic (`Required ports`).

    One that says a direction is about traffic, in whatever language (`Eingehende Verbindungen zum Server`).
    """
    words = [word.casefold() for word in _WORD.findall(vocabulary.fold(re.sub(r"\s*\([^()]{3,}\)", "", text)))]
    if not words or len(words) > 6 or is_none(text) or text.endswith((".", "?", "!")) or direction.of_heading(text):
        return False
    topics = vocabulary.words("topic")
    if any(word in topics or word.endswith("ing") for word in words) or words[-1] in vocabulary.words("not_listening"):
        return False
    return words[-1] in vocabulary.words("component")
