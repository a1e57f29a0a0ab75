"""What stands in a table and in none of its cells: browsers show it above the table (WHATWG HTML, 13.2.6.1, "foster parenting")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml import etree

from extract.regex import late

# The parts of a table that hold further parts, and the others. The commonest come first: the look ends with the first that fits.
_HOLDERS = ("tr", "tbody", "thead", "tfoot", "colgroup")
_AROUND = " or ".join(f"self::{part}" for part in _HOLDERS)
_OTHERS = "self::td or self::th or self::caption or self::col"
# Whether anything is loose. Most tables end with this look. One for all of them, and no union of node sets: libxml2 compares each node
# of one with all of the other, 15 s for 40,000 sections.
_HOLDS = f"text()[normalize-space()] or *[not({_OTHERS} or {_AROUND})]"
_ANY_LOOSE = etree.XPath(f"boolean({_HOLDS} or *[{_AROUND}][{_HOLDS} or tr[{_HOLDS}]])")
_NO_CHAR = late("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BESIDE = etree.XPath(f"node()[{_AROUND} or not({_OTHERS}) and normalize-space()]")


def find(table: etree._Element) -> Iterator[etree._Element | etree._ElementUnicodeResult]:
    """Yield texts and elements that a table holds beside its cells; an element with parts of tables in it stays around them."""
    if _ANY_LOOSE(table):
        yield from _beside(table)


def _beside(part: etree._Element) -> Iterator[etree._Element | etree._ElementUnicodeResult]:
    for one in cast("list[etree._Element | etree._ElementUnicodeResult]", _BESIDE(part)):
        if isinstance(one, str):
            yield one
        elif one.tag in _HOLDERS:
            yield from _beside(one)
        elif next(one.iter("caption", "tr", "td", "th", "table"), None) is None:
            yield one


def put_in_front(table: etree._Element) -> None:
    """Move what is loose in a table in front of it."""
    texts: list[str] = []
    for one in find(table):
        if isinstance(one, str):
            texts.append(one)
            _cut(one)
        else:
            _put(table, texts)
            texts.clear()
            # With the text behind it, which is loose as well.
            table.addprevious(one)
    _put(table, texts)


def _cut(text: etree._ElementUnicodeResult) -> None:
    holder = text.getparent()
    if holder is not None:
        if text.is_tail:
            holder.tail = None
        else:
            holder.text = None


def _put(table: etree._Element, texts: list[str]) -> None:
    """Write texts right in front of a table; together, since each time costs as much as what stands there already."""
    before, around = table.getprevious(), table.getparent()
    if before is not None:
        before.tail = settable((before.tail or "") + "".join(texts))
    elif around is not None:
        around.text = settable((around.text or "") + "".join(texts))


def settable(text: str) -> str:
    """Return text as lxml lets it be set: the parser reads characters that XML does not have, and lxml writes none (XML 1.0, 2.2 Char)."""
    return _NO_CHAR.sub("\N{REPLACEMENT CHARACTER}", text)
