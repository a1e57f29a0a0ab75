"""The directives of reStructuredText: what they hold, whatever extension of Sphinx they belong to."""

from __future__ import annotations

from collections.abc import Mapping

from docutils import nodes
from docutils.parsers.rst import directives

from extract.read.kinds.rst_block import Block, line_of
from extract.read.kinds.rst_tables import CSVTable, ListTable, Table

# Sphinx and docutils: nothing of these is shown where they stand.
_UNSEEN = frozenset(
    (
        "toctree index highlight highlightlang currentmodule currentlanguage contents sectnum section-numbering target-notes meta header "
        "footer tabularcolumns title tags local-toc sectionauthor codeauthor moduleauthor default-domain date"
    ).split()
)
# What their argument says is no text; what they hold is.
_CONTAINERS = frozenset(
    "compound tabs tab-set grid grid-item grid-item-card card-carousel table-wrapper highlights pull-quote epigraph hlist".split()
)
# Their argument is the class of what they hold.
_CLASSES = frozenset("container class rst-class cssclass".split())
# Their argument stands above what they hold, as the label of a tab does.
_LABELLED = frozenset("tab tab-item group-tab code-tab dropdown details collapse topic sidebar admonition rubric card centered".split())
_CODE = frozenset("code code-block sourcecode prompt highlight-block graphviz mermaid uml plantuml digraph graph".split())
# Sphinx says so in words in front of what they hold, and the names of the directives are these words.
_VERSIONED = frozenset("versionadded versionchanged versionremoved deprecated deprecated-removed".split())
_CONDITIONAL = frozenset("only ifconfig".split())
# They show the text of files.
_FILES = frozenset("include literalinclude mdinclude".split())

CONDITION = "condition"
"""The attribute of elements that stand only in some editions."""
ROLES = "role_classes"
"""The attribute of a document that holds the classes of its own roles."""


class Kept(Block):
    """Any directive: what it holds stands on the page, and its argument too."""

    def stands_for(self) -> list[nodes.Node]:
        return [*self.titled(), *self.parsed()]


class _Unseen(Block):
    def stands_for(self) -> list[nodes.Node]:
        return []


class _Role(Block):
    """A role of the document: what it marks has the class that is given, else one of its own name; and those of the role it is made of."""

    def stands_for(self) -> list[nodes.Node]:
        name, _, base = " ".join(self.argument).partition("(")
        known: dict[str, list[str]] = vars(self.state.document).setdefault(ROLES, {})
        own = (self.named.get("class") or name).split()
        known[name.strip().lower()] = [*own, *known.get(base.strip(" )").lower(), [])]
        return []


class _DefaultRole(Block):
    """The role of what is marked without naming one."""

    def stands_for(self) -> list[nodes.Node]:
        name = " ".join(self.argument).lower()
        known: dict[str, list[str]] = vars(self.state.document).setdefault(ROLES, {})
        known[""] = known.get(name, [name])
        return []


class _Container(Block):
    def stands_for(self) -> list[nodes.Node]:
        return self.parsed()


class _Class(Block):
    def stands_for(self) -> list[nodes.Node]:
        names = " ".join(self.argument)
        # Without content, it speaks of the element behind it.
        return self.classed(self.parsed(), names) or [nodes.comment("", classes=names.split())]


class _Labelled(Block):
    def stands_for(self) -> list[nodes.Node]:
        label = self.label()
        title = [self._here(nodes.paragraph("", "", nodes.strong("", "", *label)))] if label else []
        return [*title, *self.parsed()]


class _Versioned(Block):
    def stands_for(self) -> list[nodes.Node]:
        said = f"{self.name.lower().removeprefix('version')} {' '.join(self.argument)}"
        held = self.parsed()
        if held and isinstance(held[0], nodes.paragraph):
            held[0].insert(0, nodes.Text(f"{said}: "))
            return held
        return [self._here(nodes.paragraph("", said)), *held]


class _Conditional(Block):
    def stands_for(self) -> list[nodes.Node]:
        return [nodes.container("", *self.parsed(), **{CONDITION: " ".join(self.argument)})]


class _Code(Block):
    def stands_for(self) -> list[nodes.Node]:
        text = "\n".join(self.body)
        block = self._here(nodes.literal_block(text, text))
        block.line = line_of(self.body, 0) or self.lineno
        caption = self.named.get("caption", "")
        return [*([self._here(nodes.paragraph("", caption))] if caption else []), *([block] if text.strip() else [])]


class _Preformatted(Block):
    """Text that begins in the line of its directive, or below it."""

    def stands_for(self) -> list[nodes.Node]:
        text = "\n".join([*self.argument, *self.body])
        return [self._here(nodes.literal_block(text, text))] if text.strip() else []


class _File(Block):
    def stands_for(self) -> list[nodes.Node]:
        return [self.not_read(f".. {self.name}::", " ".join(self.argument))]


class _Raw(Block):
    def stands_for(self) -> list[nodes.Node]:
        return [self.not_read(".. raw::", " ".join(self.argument))]


class _Image(Block):
    def stands_for(self) -> list[nodes.Node]:
        picture = nodes.image("", alt=self.named.get("alt", ""))
        return [picture, *self.parsed()]


class _Replace(Block):
    """The text of a substitution."""

    def stands_for(self) -> list[nodes.Node]:
        lines = [*self.argument, *self.body]
        text, messages = self.state.inline_text("\n".join(lines), self.lineno)
        return [*text, *messages]


class _Unicode(Block):
    """The characters of a substitution."""

    def stands_for(self) -> list[nodes.Node]:
        found = []
        for code in " ".join(self.argument).partition(".. ")[0].split():
            try:
                found.append(directives.unicode_code(code))
            except ValueError:
                found.append(code)
        return [nodes.Text("".join(found))]


_KINDS: Mapping[type[Block], frozenset[str]] = {
    _Unseen: _UNSEEN,
    _Role: frozenset({"role"}),
    _DefaultRole: frozenset({"default-role"}),
    _Container: _CONTAINERS,
    _Class: _CLASSES,
    _Labelled: _LABELLED,
    _Versioned: _VERSIONED,
    _Conditional: _CONDITIONAL,
    _Code: _CODE,
    _Preformatted: frozenset({"parsed-literal", "math"}),
    _File: _FILES,
    _Raw: frozenset({"raw"}),
    _Image: frozenset({"image", "figure"}),
    _Replace: frozenset({"replace"}),
    _Unicode: frozenset({"unicode"}),
    Table: frozenset({"table"}),
    ListTable: frozenset({"list-table", "flat-table"}),
    CSVTable: frozenset({"csv-table"}),
}
DIRECTIVES: Mapping[str, type[Block]] = {name: kind for kind, names in _KINDS.items() for name in names}
