"""The body of a page. Its tables are read at once, the rest on demand."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from extract.model import Block, Prose
from extract.read import grid, tables, tree
from extract.read.blocks import HEADINGS, Walk, titled
from extract.read.tables import State, Surroundings, Tables
from extract.read.tree import Element


class Body:
    """The body of a page. `tables` are its tables."""

    def __init__(self, root: Element | None, markup: grid.Markup) -> None:
        """Take the tree, None when there is nothing in it, and what is known of its elements beside it."""
        self._root, self._markup = root, markup
        self._prose: Prose | None = None
        self._titles: Mapping[int, str] | None = None
        self._surroundings = Surroundings(markup)
        known = tables.read(root, markup) if root is not None else Tables((), ())
        if known is None:
            walk = self._walk(None)
            known, self._prose = walk.tables(), walk.prose()
        self.tables = known

    def prose(self) -> Prose:
        """Return what the page says beside its tables."""
        if self._prose is None:
            self._prose = self._walk(self.tables).prose()
        return self._prose

    def titles(self, stated: str, table: int) -> str:
        """Return the titles that may be the nearest one above a table, a line each. Only the text of the whole page tells which one is.

        `table` is its number, and `stated` the title that stands in front of the body, in front matter.
        """
        if self._titles is None:
            self._titles = self._read_titles(stated)
        return self._titles.get(table, self._titles[0])

    def _read_titles(self, stated: str) -> Mapping[int, str]:
        """Return the titles that may stand nearest above each table, by its number, and under 0 all of them."""
        found = tree.select(self._root, ",".join((*HEADINGS, "table"))) if self._root is not None else []
        if self._root is None or any(one.tag != "table" and next(one.iter("table"), None) is not None for one in found):
            return {0: "\n".join([stated, *(block.text for block in self.prose().blocks if block.kind in ("heading", "title"))])}
        nearest = [stated, titled(self._root)[1]]
        every, above = [*nearest], dict[int, str]()
        for element in found:
            around = self._surroundings.of(element)
            if element.tag != "table":
                said = tuple(self._texts(element))
                nearest = [*said] if said and self._is_plain(element, around) else [*nearest, *said]
                every += said
            elif around.read:
                above[len(above) + 1] = "\n".join(every if around.depth else nearest)
        return {0: "\n".join(every), **above}

    def _is_plain(self, heading: Element, around: State) -> bool:
        """Return whether a heading is visible and outside of all cells. Then everything above it is further away than the heading."""
        return around.read and not (around.depth or around.unseen or heading in self._markup.hidden)

    def title(self) -> str:
        """Return the title of the page: its first heading of the first level, else its <title>, else its first heading."""
        if self._root is None:
            return title_of(self.prose().blocks)
        found = self.heading()
        if found == "":
            _, found = titled(self._root)
        if found == "":
            found = self._heading(self._root.iter(*HEADINGS), range(1, 7))
        return found if found is not None else title_of(self.prose().blocks)

    def heading(self) -> str | None:
        """Return the first heading of the first level that readers see, empty where there is none; None when there is a table in it."""
        return self._heading(self._root.iter("h1"), range(1, 2)) if self._root is not None else ""

    def _walk(self, known: Tables | None) -> Walk:
        walk = Walk(self._markup, known)
        if self._root is not None:
            walk.walk(self._root)
        # The tree takes five times as much memory as the page.
        self._root, self._surroundings = None, Surroundings(self._markup)
        return walk

    def _texts(self, heading: Element, levels: Container[int] = range(1, 7)) -> Iterator[str]:
        """Yield the texts of a heading, which holds no table, as the walk of the page finds them: a line break parts them."""
        walk = Walk(self._markup)
        walk.heading(heading)
        return (block.text for block in walk.blocks if block.kind == "heading" and block.level in levels)

    def _heading(self, elements: Iterable[Element], levels: Container[int]) -> str | None:
        """Return the text of the first heading of these levels that readers see; None when there is a table in it."""
        within: set[Element] = set()
        for element in elements:
            around = self._surroundings.of(element)
            if around.unseen or not around.read or element in self._markup.hidden or element in within:
                continue
            if next(element.iter("table"), None) is not None:
                return None
            if text := next(self._texts(element, levels), ""):
                return text
            # Nested headings were handled together with the outer one, so each element is visited once.
            within.update(element.iter(*HEADINGS))
        return ""


def title_of(blocks: Iterable[Block]) -> str:
    """Return the title of a page, as `Body.title` does, by its blocks."""
    found: dict[str, str] = {}
    for block in blocks:
        if block.kind == "heading" and block.level == 1:
            return block.text
        if block.kind in ("heading", "title"):
            found.setdefault(block.kind, block.text)
    return found.get("title") or found.get("heading") or ""
