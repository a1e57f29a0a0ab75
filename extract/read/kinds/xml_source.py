"""XML to a tree, from bytes alone: no DTD is loaded, no entity reaches a file, and what is not defined is kept as it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from extract.model import Finding
from extract.read import decode
from extract.read.refused import refused
from extract.regex import late

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# A book is a few megabytes. A tree takes ten times as much memory as its source.
MAX_BYTES = 64 << 20
# What the entities of a document may add to its text. The names of products take some kilobytes.
_MAX_EXPANDED = 1 << 20
# XML 1.0, 2.8 "Prolog and Document Type Declaration".
_DECLARATION = late(r"\A\s*+<\?xml\s[^?>]*+\?>")
_DOCTYPE = late(r"(?:<!--.*?-->|<\?.*?\?>|\s++)*+<!DOCTYPE\b", re.DOTALL)
# A name without a document type is an error, and one that stands for what is not read is none.
_UNREAD = '<!DOCTYPE unread SYSTEM "unread">'
_MARKUP = late("[<&]")
_TABLES = frozenset("table informaltable simpletable properties choicetable".split())


class Source(msgspec.Struct, frozen=True):
    """A tree, and what was found on the way to it. Lines are those of the text; `lines` gives those of the file."""

    root: Element
    lines: tuple[int, ...] | None
    findings: list[Finding]
    # The names that stand for nothing in this file, each with the lines of the elements that it stands in.
    undefined: list[tuple[str, Element]]

    def line(self, number: int) -> int:
        """Return the line of the file for a line of the text."""
        return self.lines[min(number, len(self.lines)) - 1] if self.lines else number


def parse(data: bytes) -> Source:
    """Return the tree of an XML document without comments. Raises RefusedError for what is not well-formed, too large or too deep."""
    from lxml import etree  # noqa: PLC0415 - few documents are XML, and it takes 10 ms to import

    if len(data) > MAX_BYTES:
        raise refused(f"this document has more than {MAX_BYTES >> 20} MB; split it")
    decoded = decode.decode(data)
    text = _DECLARATION.sub(lambda match: "\n" * match[0].count("\n"), decoded.text, count=1)
    if not _DOCTYPE.match(text):
        text = _UNREAD + text
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root: Element = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        line = decoded.line(error.lineno or 1)
        raise refused(f"this is no well-formed XML: {_words(error.msg)}", code="broken-document", line=line) from error
    return Source(root, decoded.lines, list(decoded.findings), _spelled_out(root))


def _words(message: str | None) -> str:
    """Return what is wrong without the name that the library gives to what is no file, and without its place, which is said apart."""
    return (message or "it has no element").replace(" (<string>)", "").partition(", line ")[0]


def _spelled_out(root: Element) -> list[tuple[str, Element]]:
    """Make text of the entities in a tree; return those that stand for nothing that is known, with the elements that they stand in."""
    from lxml import etree  # noqa: PLC0415 - as above

    dtd = root.getroottree().docinfo.internalDTD
    known = {one.name: one.content for one in dtd.iterentities()} if dtd is not None else {}
    # What holds markup or other names is left as it is: to read on in it is how a small document becomes a huge one.
    plain = {str(name): str(content) for name, content in known.items() if content is not None and not _MARKUP.search(content)}
    undefined: list[tuple[str, Element]] = []
    left = _MAX_EXPANDED
    for parent in {parent: None for entity in root.iter(etree.Entity) if (parent := entity.getparent()) is not None}:
        left -= _spell_out(parent, plain, undefined)
        if left < 0:
            raise refused(f"its entities make more than {_MAX_EXPANDED:,} characters of text; build it, and give the page")
    return undefined


def _spell_out(parent: Element, plain: Mapping[str, str], undefined: list[tuple[str, Element]]) -> int:
    """Make text of the entities in an element; return how many characters. All at once: one by one takes the square of their number."""
    from lxml import etree  # noqa: PLC0415 - as above

    beside = _is_beside(parent)
    made = 0
    # What stands behind each element that stays; what stands before the first one is that of none.
    parts = [parent.text or ""]
    texts: list[tuple[Element | None, list[str]]] = [(None, parts)]
    for child in list(parent):
        if not isinstance(child, etree._Entity):
            parts = [child.tail or ""]
            texts.append((child, parts))
            continue
        name = (child.text or "").strip("&;")
        content = plain.get(name)
        if content is None:
            undefined.append((f"&{name};", parent))
            content = f"entity-{name}" if beside else f"&{name};"
        made += len(content)
        parts += content, child.tail or ""
        child.tail = None
        parent.remove(child)
    for element, pieces in texts:
        if element is None:
            parent.text = "".join(pieces)
        else:
            element.tail = "".join(pieces)
    return made


def _is_beside(parent: Element) -> bool:
    """Return whether a name without a value in an element stands beside other words of a table.

    There it may narrow what these say, whatever words it is made of, and is written as a word that nobody knows.
    """
    alone = len(parent) == 1 and not (parent.text or parent[0].tail or "").strip()
    in_table = any(local(one) in _TABLES for one in [parent, *parent.iterancestors()])
    return in_table and not alone


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
