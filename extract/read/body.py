"""The body of a page: its tables are read at once, the rest when somebody asks for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from extract.model import Block, Prose
from extract.read import grid, tables, tree
from extract.read.blocks import HEADINGS, Walk, titled
from extract.read.tables import Surroundings, Tables
from extract.read.tree import Element


class Body:
    """The body of a page. `tables` are its tables."""

    def __init__(self, root: Element | None, markup: grid.Markup) -> None:
        """Take the tree, None when there is nothing in it, and what is known of its elements beside it."""
        self._root, self._markup = root, markup
        self._prose: Prose | None = None
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

    def headings(self) -> str:
        """Return the text of the headings and of the title of the page, a line each, also of those that readers do not see."""
        found = tree.select(self._root, ",".join(HEADINGS)) if self._root is not None else []
        if self._root is None or any(next(element.iter("table"), None) is not None for element in found):
            return "\n".join([block.text for block in self.prose().blocks if block.kind in ("heading", "title")])
        return "\n".join([titled(self._root)[1], *(text for element in found for text in self._texts(element))])

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
            # What is in it was looked at with it: once, however deep headings stand in each other.
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
