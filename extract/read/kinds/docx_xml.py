"""The parts of a DOCX file as trees, and the names in them without their namespaces."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Iterator

from lxml import etree

from extract.read.kinds import package
from extract.read.refused import refused

# A text of 3,000 pages. So much markup without text takes 0.7 GB as a tree.
MAX_PART = 32 << 20
# ISO/IEC 29500-1, annex A: each namespace in its transitional and in its strict form.
_NAMESPACES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "urn:schemas-microsoft-com:office:office": "o",
    "urn:schemas-microsoft-com:vml": "v",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://purl.oclc.org/ooxml/drawingml/chart": "c",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm",
    "http://purl.oclc.org/ooxml/drawingml/diagram": "dgm",
}
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_OFF = frozenset({"0", "false", "off", "none"})
# What stands around content and changes nothing about it: its children are where it is.
_AROUND = frozenset("w:sdtContent w:customXml w:smartTag w:ins w:moveTo w:hyperlink w:fldSimple w:dir w:bdo mc:Choice mc:Fallback".split())
REMOVED = frozenset({"w:del", "w:moveFrom"})
"""What a tracked change takes out."""
_CHANGED = REMOVED | {"w:ins", "w:moveTo"}


@functools.lru_cache(maxsize=4096)
def _short(tag: str) -> str:
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    return f"{_NAMESPACES.get(namespace, '')}:{local}"


def name(node: etree._Element) -> str:
    """Return the name of an element with the usual prefix, `w:p`; `:p` for a namespace that is not known."""
    return _short(node.tag) if isinstance(node.tag, str) else ""


def attribute(node: etree._Element | None, key: str) -> str | None:
    """Return an attribute by its usual name (`w:val`), None where there is none."""
    if node is None:
        return None
    return next((str(value) for tag, value in node.attrib.items() if _short(str(tag)) == key), None)


def child(node: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first child of a name, and the first of the next name in that; None where there is none."""
    for step in path:
        node = None if node is None else next((one for one in node if name(one) == step), None)
    return node


def number(node: etree._Element | None, key: str = "w:val", default: int = 0) -> int:
    """Return an attribute as a number; the default where it is none."""
    value = (attribute(node, key) or "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else default


def is_on(node: etree._Element | None) -> bool | None:
    """Return what a property that is on or off says, None where it is missing (ISO/IEC 29500-1, 17.17.4)."""
    return None if node is None else (attribute(node, "w:val") or "1").lower() not in _OFF


def through(node: etree._Element) -> Iterator[etree._Element]:
    """Yield the children of an element as the reader of a document sees them, with tracked changes accepted.

    Content controls, markup of other programs, links and insertions are passed through, and what was deleted or moved away is left out.
    Of alternatives (ISO/IEC 29500-3, 7.6) the first one is taken.
    """
    stack = [iter(node)]
    while stack:
        one = next(stack[-1], None)
        if one is None:
            stack.pop()
            continue
        kind = name(one)
        if kind in _AROUND:
            stack.append(iter(one))
        elif kind == "w:sdt":
            stack.append(iter([content] if (content := child(one, "w:sdtContent")) is not None else ()))
        elif kind == "mc:AlternateContent":
            stack.append(iter([best] if (best := _alternative(one)) is not None else ()))
        elif kind not in REMOVED:
            yield one


def is_changed(root: etree._Element) -> bool:
    """Return whether a document holds tracked changes of its text."""
    return any(name(one) in _CHANGED for one in root.iter(etree.Element))


def _alternative(node: etree._Element) -> etree._Element | None:
    choice = child(node, "mc:Choice")
    return choice if choice is not None else child(node, "mc:Fallback")


def parse(data: bytes) -> etree._Element:
    """Return the root of a part. Raises RefusedError for what is no XML."""
    # Nested deeper than 256 elements, it is refused by the parser.
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        message = f"this Word document cannot be read ({error}); open it in Word and save it again"
        raise refused(message, code="broken-document") from error


class Package:
    """A DOCX file: its main part, and the parts that it refers to by type."""

    def __init__(self, data: bytes) -> None:
        """Find the main part. Raises RefusedError where there is none, and for an archive that must not be unpacked."""
        self._archive = package.parts(data, "Word document", "_rels/.rels")
        main = self._related("_rels/.rels", "").get("officeDocument")
        if main is None or main not in self._archive:
            raise refused("this is no Word document: no part of its archive is the text; give it the suffix of what it is")
        self._main = main
        folder, file = posixpath.split(main)
        self._parts = self._related(posixpath.join(folder, "_rels", f"{file}.rels"), folder)

    def document(self) -> etree._Element:
        """Return the root of the main part. Raises RefusedError."""
        return self._parsed(self._main)

    def part(self, kind: str) -> etree._Element | None:
        """Return the root of the part of a kind, `styles`, None where there is none. Raises RefusedError."""
        path = self._parts.get(kind)
        return self._parsed(path) if path is not None and path in self._archive else None

    def _parsed(self, path: str) -> etree._Element:
        content = self._archive.read(path)
        if len(content) > MAX_PART:
            message = f"{path[:80]!r} of this Word document has more than {MAX_PART:,} bytes; save what holds the rules on its own"
            raise refused(message)
        return parse(content)

    def _related(self, path: str, folder: str) -> dict[str, str]:
        """Return the parts of the package that a part refers to: the last step of the type -> the path of the first of that type."""
        if path not in self._archive:
            return {}
        found: dict[str, str] = {}
        for one in self._parsed(path).iter(_RELATIONSHIP):
            target = one.get("Target") or ""
            if one.get("TargetMode") != "External" and target:
                whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                found.setdefault((one.get("Type") or "").rpartition("/")[2], whole)
        return found
