"""What style, class and role take out of the text that readers see: what is hidden or struck out, and the marks of footnotes.

The elements that do so by their names alone are in `text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.read import text as texts
from extract.read.tree import Element
from extract.regex import late

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
        "footnote-marker footnote_ref footnotenumber footnote-number mcfootnotenumber tablefootnote"
    ).split()
)
# The targets of links to notes: `#fn1`, `#_ftn2`, `#footnote-3`.
_NOTE_TARGET = late(r"#_*(?:fn|ftn|ftnt|footnote|endnote|note)[\w:.-]*\d")
_CLASSES = _HIDDEN_CLASSES | _STRUCK_CLASSES | _NOTE_CLASSES
# DPUB-ARIA 1.1 and EPUB 3 call a reference to a note so.
_NOTE_ROLES = frozenset({"doc-noteref", "noteref"})


def find(root: Element) -> frozenset[Element]:
    """Return the elements of a tree whose text readers do not see, or see as the mark of a note."""
    found: set[Element] = set()
    for name, (selector, tells, fits) in _TAKEN_OUT.items():
        # Most elements have a class, and few classes are among those that tell: each value is looked at once.
        told: dict[str, object] = {}
        for node in root.node.select(selector):
            value = str(node.attr(name) or "").lower()
            if value not in told:
                told[value] = tells(value)
            if told[value] and fits(element := Element(node), value):
                found.add(element)
    return frozenset(found)


def _tells_by_style(style: str) -> bool:
    return any(pattern.search(style) for pattern in (_HIDDEN, _STRUCK, _RAISED))


def _by_style(element: Element, style: str) -> bool:
    return _HIDDEN.search(style) is not None or _STRUCK.search(style) is not None or texts.is_note(element)


def _tells_by_class(names: str) -> bool:
    return not _CLASSES.isdisjoint(names.split())


def _by_class(element: Element, names: str) -> bool:
    classes = frozenset(names.split())
    if not classes.isdisjoint(_HIDDEN_CLASSES):
        in_table = element.tag in _IN_TABLES or next(element.iterancestors("td", "th"), None) is not None
        return in_table and not any(map(_SHOWN.search, classes))
    return not classes.isdisjoint(_STRUCK_CLASSES) or texts.is_note(element)


def _tells_by_role(roles: str) -> bool:
    return not _NOTE_ROLES.isdisjoint(roles.split())


def _is_note(element: Element, _: str) -> bool:
    return texts.is_note(element)


_TAKEN_OUT: Mapping[str, tuple[str, Callable[[str], object], Callable[[Element, str], bool]]] = {
    "hidden": ("[hidden]", lambda _: True, lambda _, __: True),
    "style": ("[style]", _tells_by_style, _by_style),
    "class": ("[class]", _tells_by_class, _by_class),
    "role": ("[role]", _tells_by_role, _is_note),
    "epub:type": (r"[epub\:type]", _tells_by_role, _is_note),
    "href": ('[href^="#"]', _NOTE_TARGET.match, _is_note),
}
"""Attribute -> selector of CSS of the elements that have it, whether a value of it may take out, and whether it does so of an element."""
