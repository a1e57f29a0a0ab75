"""A directive of reStructuredText, taken apart: its argument, its options and what it holds."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers import rst

from extract.regex import late

_OPTION = late(r":([^:\s](?:[^:]|:(?!\s|$))*):(?:\s+(.*)|)$")


class Block(rst.Directive):
    """A directive that takes its text apart itself, so that no option that it does not know loses what it holds."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        start = 0
        if self.block_text.split("\n", 1)[0].partition("::")[2].strip():
            start = next((n for n, line in enumerate(self.content) if not line.strip() or _OPTION.match(line)), len(self.content))
        self.argument = self.content[:start]
        self.named: dict[str, str] = {}
        end, last = start, ""
        while end < len(self.content) and (line := self.content[end]).strip():
            if option := _OPTION.match(line):
                last = option[1].lower()
                self.named[last] = option[2] or ""
            elif last and line[:1].isspace():
                self.named[last] += f"\n{line.strip()}"
            else:
                break
            end += 1
        self.offset = self.content_offset + end
        self.body = self.content[end:]
        elsewhere = [(f":{name}:", self.named[name]) for name in ("file", "url") if name in self.named]
        if elsewhere:
            return [*(self.not_read(f".. {self.name}:: {what}", target) for what, target in elsewhere), *self.parsed()]
        return self.classed(self.stands_for(), self.named.get("class", ""))

    def classed(self, shown: list[nodes.Node], names: str) -> list[nodes.Node]:
        """Return elements with a class around them, as they have it on the page: it may strike them out."""
        if not names or any(isinstance(one, nodes.Inline | nodes.Text) for one in shown):
            return shown
        return [nodes.container("", *shown, classes=names.split())] if shown else []

    def stands_for(self) -> list[nodes.Node]:
        """Return what the directive stands for."""
        raise NotImplementedError

    def not_read(self, what: str, target: str) -> nodes.Node:
        """Return what stands for text that stands elsewhere; `what` and `target` say what and where."""
        return self._here(nodes.paragraph("", "", what=what, target=target))

    def _here(self, node: nodes.Element) -> nodes.Element:
        """Place an element where the directive stands."""
        node.line = self.lineno
        return node

    def parsed(self) -> list[nodes.Node]:
        """Return what the directive holds, parsed."""
        return self._nested(self.body, self.offset)

    def titled(self) -> list[nodes.Node]:
        """Return the argument, parsed."""
        return self._nested(self.argument, self.content_offset)

    def label(self) -> list[nodes.Node]:
        """Return the argument as the text of a title."""
        text, messages = self.state.inline_text(" ".join(self.argument), self.lineno)
        return [*text, *messages]

    def _nested(self, lines: Any, offset: int) -> list[nodes.Node]:
        holder = nodes.Element()
        self.state.nested_parse(lines, offset, holder, match_titles=True)
        return list(holder.children)

    def broken(self, why: str) -> nodes.Node:
        """Return a message that docutils takes up, with the text of the directive."""
        text = nodes.literal_block(self.block_text, self.block_text)
        message: nodes.Node = self.state_machine.reporter.error(f"{why} (directive {self.name!r})", text, line=self.lineno)
        return message


def line_of(lines: Any, index: int) -> int | None:
    """Return the line of the file, from 1, of a line of a directive."""
    return int(lines.items[index][1]) + 1 if index < len(lines.items) and lines.items[index][1] is not None else None
