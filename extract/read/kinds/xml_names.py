"""What the elements of a language of documentation in XML are, by their names."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

TABLES = frozenset({"table", "informaltable"})


class Names(msgspec.Struct, frozen=True):
    """What the elements of a language are, by their names; what is not listed is a part of the line when it stands among text."""

    sections: frozenset[str]
    # Element -> element of HTML.
    blocks: Mapping[str, str]
    inline: frozenset[str]
    strong: frozenset[str]
    struck: frozenset[str]
    raised: frozenset[str]
    preformatted: frozenset[str]
    footnotes: frozenset[str]
    pictures: frozenset[str]
    # What readers do not see.
    hidden: frozenset[str]
    # What holds the titles of what it stands in, and is hidden but for these.
    about: frozenset[str]
    # Tables of another model: the table, its rows, those of headers, and its cells.
    simple_tables: frozenset[str]
    simple_rows: frozenset[str]
    simple_heads: frozenset[str]
    simple_cells: frozenset[str]
    # Those of which a row may lack one, in their order; their headers end with `hd`.
    ordered_cells: tuple[str, ...]
    # Attributes that say in which editions something stands, and those that say what else stands in its place.
    conditions: tuple[str, ...]
    references: tuple[str, ...]
    # An attribute that names words, which stand in an element without text of its own.
    names: str
    # The attribute of which page builders make the class of an element of HTML: style sheets strike out and hide by it.
    style: str
    # An attribute and its value of what is taken back.
    deleted: tuple[str, str]
    # Attributes of elements without text that name what stands there.
    targets: tuple[str, ...]
    # A footnote with an id is shown where something refers to it, and not where it stands.
    notes_by_reference: bool
