"""What style, class and role take out of the text that readers see: what is hidden or struck out, and the marks of footnotes.

The elements that do so by their names alone are in `text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from extract.read import text as texts
from extract.regex import late

# The values of what may take an element out. They know their elements: asked for elements, libxml2 compares each with all that it has
# found, 48 s for 80,000 cells.
_ATTRIBUTES = etree.XPath("//@hidden|//@style|//@class|//@role|//@*[name()='epub:type']|//@href[starts-with(.,'#')]")
_HIDDEN = late(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)")
_STRUCK = late(r"text-decoration(?:-line)?\s*:[^;]{0,100}line-through")
_RAISED = late(r"vertical-align\s*:\s*(?:super|text-top)|mso-footnote-id")
# Class names of common style sheets, without case.
_STRUCK_CLASSES = frozenset(
    (
        "line-through linethrough strikethrough strike-through strike struck text-decoration-line-through text-strike strikeout "
        "crossed-out confluence-strikethrough diff-del"
    ).split()
)
# In a table alone: around tables they hide what a click shows.
_HIDDEN_CLASSES = frozenset("d-none hidden is-hidden hide invisible u-hidden".split())
_IN_TABLES = frozenset("tbody thead tfoot tr td th".split())
# `d-none d-md-inline`, `hidden md:block`: shown where there is room.
_SHOWN = late(r":|^d-(?:sm|md|lg|xl|xxl)-")
_NOTE_CLASSES = frozenset(
    (
        "footnote footnote-ref footnote-reference footnoteref fnref noteref note-ref superscript sup msofootnotereference fn fn-ref "
        "footnote-marker footnote_ref footnotenumber footnote-number tablefootnote"
    ).split()
)
# The targets of links to notes: `#fn1`, `#_ftn2`, `#footnote-3`.
_NOTE_TARGET = late(r"#_*(?:fn|ftn|ftnt|footnote|endnote|note)[\w:.-]*\d")
# DPUB-ARIA 1.1 and EPUB 3 call a reference to a note so.
_NOTE_ROLES = frozenset({"doc-noteref", "noteref"})
_SIGNS = tuple(
    (
        b"hidden line-through linethrough strike struck d-none super text-top noteref note-ref footnote fn ftn endnote mso collapse hide "
        b"invisible strikeout crossed-out diff-del"
    ).split()
)


def may_be(source: bytes) -> bool:
    """Return whether a source, in lower case, may hold an element of these: most pages do not, and are not searched."""
    return any(sign in source for sign in _SIGNS) or (b"style" in source and b"none" in source)


def find(root: etree._Element) -> frozenset[etree._Element]:
    """Return the elements of a tree whose text readers do not see, or see as the mark of a note."""
    return frozenset(value.getparent() for value in _ATTRIBUTES(root) if _TAKEN_OUT[value.attrname](value.getparent(), value.lower()))


def _by_style(element: etree._Element, style: str) -> bool:
    hidden = _HIDDEN.search(style) or _STRUCK.search(style)
    return hidden is not None or (_RAISED.search(style) is not None and texts.is_note(element))


def _by_class(element: etree._Element, names: str) -> bool:
    classes = frozenset(names.split())
    if not classes.isdisjoint(_HIDDEN_CLASSES):
        in_table = element.tag in _IN_TABLES or next(element.iterancestors("td", "th"), None) is not None
        return in_table and not any(map(_SHOWN.search, classes))
    return not classes.isdisjoint(_STRUCK_CLASSES) or (not classes.isdisjoint(_NOTE_CLASSES) and texts.is_note(element))


def _by_role(element: etree._Element, roles: str) -> bool:
    return not _NOTE_ROLES.isdisjoint(roles.split()) and texts.is_note(element)


def _by_target(element: etree._Element, target: str) -> bool:
    return _NOTE_TARGET.match(target) is not None and texts.is_note(element)


_TAKEN_OUT: Mapping[str, Callable[[etree._Element, str], bool]] = {
    "hidden": lambda _, __: True,
    "style": _by_style,
    "class": _by_class,
    "role": _by_role,
    "epub:type": _by_role,
    "href": _by_target,
}
