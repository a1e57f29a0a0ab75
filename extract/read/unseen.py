"""What style, class and role take out of the text that readers see: what is hidden or struck out, and the marks of footnotes.

The elements that do so by their names alone are in `text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extract.read import text as texts
from extract.read import tree
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
        "footnote-marker footnote_ref footnotenumber footnote-number tablefootnote"
    ).split()
)
# The targets of links to notes: `#fn1`, `#_ftn2`, `#footnote-3`.
_NOTE_TARGET = late(r"#_*(?:fn|ftn|ftnt|footnote|endnote|note)[\w:.-]*\d")
# DPUB-ARIA 1.1 and EPUB 3 call a reference to a note so.
_NOTE_ROLES = frozenset({"doc-noteref", "noteref"})
# A part of what each of them says, in lower case. A page is only searched for those whose part stands somewhere in it: most hold none.
_STEMS = "hid none collapse invisible through strike struck crossed diff-del sup text-top mso fn ftn foot note".split()


def _selectors(stem: str) -> str:
    """Return the selectors of CSS of what a stem is a part of."""
    classes = [name for name in sorted(_HIDDEN_CLASSES | _STRUCK_CLASSES | _NOTE_CLASSES) if stem in name]
    roles = [role for role in sorted(_NOTE_ROLES) if stem in role]
    found = [f'[class~="{name}" i]' for name in classes]
    found += [f'[{name}~="{role}" i]' for role in roles for name in ("role", r"epub\:type")]
    return ",".join([*found, f'[style*="{stem}" i]', f'[href^="#"][href*="{stem}" i]', *(["[hidden]"] if stem == "hid" else [])])


_SELECTORS = {stem.encode(): _selectors(stem) for stem in _STEMS}


def signs(source: bytes) -> str:
    """Return selectors of what may take elements out of a source, which is in lower case; empty for most pages."""
    return ",".join([selectors for stem, selectors in _SELECTORS.items() if stem in source])


def find(root: Element, signs: str) -> frozenset[Element]:
    """Return the elements of a tree whose text readers do not see, or see as the mark of a note; `signs` is what its source holds."""
    return frozenset(element for element in tree.select(root, signs) if _is_taken_out(element)) if signs else frozenset()


def _is_taken_out(element: Element) -> bool:
    return any(name in _TAKEN_OUT and _TAKEN_OUT[name](element, value.lower()) for name, value in element.items())


def _by_style(element: Element, style: str) -> bool:
    hidden = _HIDDEN.search(style) or _STRUCK.search(style)
    return hidden is not None or (_RAISED.search(style) is not None and texts.is_note(element))


def _by_class(element: Element, names: str) -> bool:
    classes = frozenset(names.split())
    if not classes.isdisjoint(_HIDDEN_CLASSES):
        in_table = element.tag in _IN_TABLES or next(element.iterancestors("td", "th"), None) is not None
        return in_table and not any(map(_SHOWN.search, classes))
    return not classes.isdisjoint(_STRUCK_CLASSES) or (not classes.isdisjoint(_NOTE_CLASSES) and texts.is_note(element))


def _by_role(element: Element, roles: str) -> bool:
    return not _NOTE_ROLES.isdisjoint(roles.split()) and texts.is_note(element)


def _by_target(element: Element, target: str) -> bool:
    return _NOTE_TARGET.match(target) is not None and texts.is_note(element)


_TAKEN_OUT: Mapping[str, Callable[[Element, str], bool]] = {
    "hidden": lambda _, __: True,
    "style": _by_style,
    "class": _by_class,
    "role": _by_role,
    "epub:type": _by_role,
    "href": _by_target,
}
