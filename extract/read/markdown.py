"""Markdown to HTML with the line of every block and of every HTML tag, by GitHub's own parser (cmark-gfm).

The parser passes HTML through and does not keep its lines. So each tag gets its line number as an attribute before parsing. If a tag
turns out to be code or text, the number is removed afterwards. In this way only the parser has to know what is code. Inside of HTML
tables, indentation is reduced to that of the `<table>`: after a blank line CommonMark returns to Markdown and would read deeper lines as
a code block, which the author of a table never means. No line is moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from cmarkgfm.cmark import Options

from extract.model import Finding, Grid
from extract.read import cmark, pipes
from extract.read.prepare import POSITION, STAMP, disarm, stamp
from extract.regex import late

_OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_SOURCEPOS | Options.CMARK_OPT_FOOTNOTES
_CONTAINER_MARK = late(r"\n *+(?:===[!+]?|!!!|\?\?\?\+?) ")
_CONTAINER = late(r"^ *(?:===[!+]? +[\"\u201c](.+?)[\"\u201d]\s*$|(?:!!!|\?\?\?\+?) +\w)")
# A stamp that ended up in text: the parser wrote the tag's `<` as a character reference.
_STAMP_IN_TEXT = late(rf"(&lt;\w+) {STAMP}=\d+ ")
_COMMENT = late(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_STAMPED_TABLE = late(rf"<table {STAMP}=(\d+) ", re.IGNORECASE)
_TABLE_TAG = late(r"<(/?)table(?=[\s>/]|$)|(<!--)|(-->)", re.IGNORECASE)
_CODE_SPAN = late(r"(?<!`)(`++).*?(?<!`)\1(?!`)")
_CODE_BLOCK = late(rf'<pre {POSITION}="(\d+):(\d+)-(\d+):')


class Rendered(msgspec.Struct, frozen=True):
    """The HTML of a page. By line: the cells of its pipe tables beyond their columns, and the tables that were meant but are not valid.
    And what is wrong with the page.
    """

    html: str
    surplus: dict[int, tuple[str, ...]]
    broken: dict[int, Grid]
    findings: tuple[Finding, ...]


def render(text: str) -> Rendered:
    """Return the page as HTML. Lines in the stamps, the surplus map and the findings are lines of `text`."""
    text = disarm(text)
    lines = text.split("\n")
    if _CONTAINER_MARK.search(f"\n{text}"):
        lines = _unindent_containers(lines)
    html = _parse(lines)
    if _level(lines, html):
        html = _parse(lines)
    if "&lt;" in html:
        html = _STAMP_IN_TEXT.sub(r"\1", html)
    html = pipes.place_headers(html)
    broken = tuple(pipes.broken(html, lines))
    return Rendered(html, pipes.surplus(html, lines), {one.grid.line: one.grid for one in broken}, tuple(one.finding for one in broken))


def _parse(lines: Iterable[str]) -> str:
    return cmark.to_html(stamp("\n".join(lines)), _OPTIONS, ("table", "strikethrough"))


def _unindent_containers(lines: list[str]) -> list[str]:
    """Level what tabs and admonitions of Python-Markdown indent by four columns, which CommonMark would read as code.

    `=== "Label"` becomes the bold line that a reader sees on the tab; `!!! note` lines stay as they are.
    """
    found: list[str] = []
    open_at: list[int] = []
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if line.strip():
            while open_at and indent < open_at[-1] + 4:
                open_at.pop()
        level = line[min(4 * len(open_at), indent) :]
        match = _CONTAINER.match(line)
        if match:
            open_at.append(indent)
            level = f"**{match[1]}**" if match[1] else level
        found.append(level)
    return found


def _level(lines: list[str], html: str) -> bool:
    """Level the indentation of HTML tables with blank lines, in place; return whether anything has changed.

    `html` is what the parser made of the lines as they were: it tells tables from examples, and fences from text.
    """
    if f"<pre {POSITION}" not in html or not _STAMPED_TABLE.search(html):
        return False
    starts = {int(match[1]) - 1 for match in _STAMPED_TABLE.finditer(_COMMENT.sub("", html))}
    if not starts:
        return False
    fenced = _fenced(lines, html)
    changed = False
    for first, last in _regions(lines, starts, fenced):
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        if all(lines[index].strip() for index in range(first, last + 1)):
            continue
        for index in range(first + 1, last + 1):
            level = indent + lines[index].lstrip() if lines[index].strip() else ""
            if index not in fenced and level != lines[index]:
                lines[index] = level
                changed = True
    return changed


def _fenced(lines: list[str], html: str) -> frozenset[int]:
    """Return the indices of the lines of fenced code blocks; code that is only indented does not count."""
    found: set[int] = set()
    for match in _CODE_BLOCK.finditer(html):
        first = int(match[1]) - 1
        if lines[first].encode()[int(match[2]) - 1 :].startswith((b"```", b"~~~")):
            found.update(range(first, int(match[3])))
    return frozenset(found)


def _regions(lines: list[str], starts: set[int], fenced: frozenset[int]) -> list[tuple[int, int]]:
    """Return first and last line index of every outermost HTML table that begins in one of the lines `starts` and ends."""
    regions: list[tuple[int, int]] = []
    depth, first, comment = 0, 0, False
    for index, line in enumerate(lines):
        if index in fenced or ("<" not in line and "-->" not in line) or (not depth and not comment and index not in starts):
            continue
        for match in _TABLE_TAG.finditer(_CODE_SPAN.sub("", line) if "`" in line else line):
            if match[2] or match[3]:
                comment = bool(match[2])
            elif comment:
                continue
            elif match[1]:
                depth -= depth > 0
                if depth == 0:
                    regions.append((first, index))
            else:
                first = first if depth else index
                depth += 1
    return regions
