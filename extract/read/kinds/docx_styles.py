"""What the styles of a DOCX file say about a paragraph and a run: which heading it is, and whether it is shown (ISO/IEC 29500-1, 17.7)."""

from __future__ import annotations

import re

import msgspec
from lxml import etree

from extract.read.kinds.docx_xml import attribute, child, is_on, name, number
from extract.regex import late

# The names of built-in styles are the same in every language of the user interface (ISO/IEC 29500-1, 17.7.4.9).
_HEADING = late(r"heading ([1-9])", re.IGNORECASE)
_CONTENTS = late(r"toc (?:[1-9]|heading)|table of figures", re.IGNORECASE)
_CAPTION, _TITLE = "caption", "title"
_BODY_TEXT = 9
_DEEPEST = 50


class Style(msgspec.Struct, frozen=True):
    """What a style with those that it is based on says; None where they say nothing."""

    heading: int | None = None
    listed: bool = False
    caption: bool = False
    title: bool = False
    # A line of a table of contents: it says nothing that a heading does not say.
    contents: bool = False
    hidden: bool | None = None
    struck: bool | None = None


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, part: etree._Element | None) -> None:
        """Take the part that holds the styles; without it, there are none."""
        self._nodes: dict[str, etree._Element] = {}
        self._default: str | None = None
        self._known: dict[str, Style] = {}
        for node in part if part is not None else ():
            if name(node) != "w:style" or not (identity := attribute(node, "w:styleId")):
                continue
            self._nodes.setdefault(identity, node)
            if attribute(node, "w:type") == "paragraph" and (attribute(node, "w:default") or "0").lower() in ("1", "true", "on"):
                self._default = identity

    def of(self, identity: str | None, *, paragraph: bool = False) -> Style:
        """Return what a style says; of a paragraph without one, what the style of paragraphs says."""
        if identity is None and paragraph:
            identity = self._default
        if identity is None or identity not in self._nodes:
            return Style()
        if identity not in self._known:
            self._known[identity] = self._resolved(identity)
        return self._known[identity]

    def _resolved(self, identity: str) -> Style:
        chain: list[etree._Element] = []
        seen: set[str] = set()
        known: str | None = identity
        while known in self._nodes and known not in seen and len(chain) < _DEEPEST:
            seen.add(known)
            chain.append(self._nodes[known])
            known = attribute(child(chain[-1], "w:basedOn"), "w:val")
        names = [(attribute(child(node, "w:name"), "w:val") or "").strip() for node in chain]
        lists = [number_of(child(node, "w:pPr")) for node in chain]
        return Style(
            heading=next((level for node, said in zip(chain, names, strict=True) if (level := _level(node, said)) is not None), None),
            listed=next((one > 0 for one in lists if one is not None), False),
            caption=any(said.lower() == _CAPTION for said in names),
            title=any(said.lower() == _TITLE for said in names),
            contents=any(_CONTENTS.fullmatch(said) for said in names),
            hidden=_first(chain, "w:vanish"),
            struck=_first(chain, "w:strike", "w:dstrike"),
        )


def outline(properties: etree._Element | None) -> int | None:
    """Return the level of a heading from 1 that properties of a paragraph state, 0 for body text, None where they state none."""
    if (node := child(properties, "w:outlineLvl")) is None:
        return None
    level = number(node, default=_BODY_TEXT)
    return level + 1 if level < _BODY_TEXT else 0


def number_of(properties: etree._Element | None) -> int | None:
    """Return the number of the list that a paragraph is an item of, 0 for none, None where its properties state nothing."""
    node = child(properties, "w:numPr", "w:numId")
    return None if node is None else number(node)


def _level(node: etree._Element, said: str) -> int | None:
    level = outline(child(node, "w:pPr"))
    if level is not None:
        return level
    match = _HEADING.fullmatch(said)
    return int(match[1]) if match else None


def _first(chain: list[etree._Element], *keys: str) -> bool | None:
    for node in chain:
        said = [on for key in keys if (on := is_on(child(node, "w:rPr", key))) is not None]
        if said:
            return any(said)
    return None
