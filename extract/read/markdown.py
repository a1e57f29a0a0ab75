"""Markdown to HTML with the line of every table row, by GitHub's own parser (cmark-gfm).

Three things are done to the source first, without moving a line. HTML tables get their line numbers stamped on their tags,
because the parser passes HTML through and forgets where it stood. Inside them, indentation is reduced to that of the
`<table>`: after a blank line CommonMark returns to Markdown and would read deeper lines as a code block, which is never what
the author of a table meant. And what the parser drops silently (surplus cells, tables without a delimiter row) is looked for.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cmarkgfm import markdown_to_html_with_extensions
from cmarkgfm.cmark import Options

from extract.catalogue import finding
from extract.model import Finding

STAMP = "data-source-line"
"""Attribute that carries the line of an element in the text that was parsed."""

_OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_SOURCEPOS | Options.CMARK_OPT_FOOTNOTES
_FENCE = re.compile(r"^(?:[ \t>]|[-*+][ \t]|\d+[.)][ \t])*(`{3,}|~{3,})")
_TABLE_TAG = re.compile(r"<(/?)table(?=[\s>/])|(<!--)|(-->)", re.IGNORECASE)
_STAMPED_TAG = re.compile(r"<(table|tr|td|th)(?=[\s>/])", re.IGNORECASE)
_CONTAINER = re.compile(r"^ *(?:===[!+]? +[\"\u201c](.+?)[\"\u201d]\s*$|(?:!!!|\?\?\?\+?) +\w)")
# Lines of template languages and attribute lists, which GFM takes for a row of the table that they stand in.
_TEMPLATE = re.compile(r"^(?:\{%.*%\}|<%.*%>|\{\{[<%].*|\{:.*\})$")
_PIPE = re.compile(r"(?<!\\)(?:\\\\)*\|")
_DELIMITER = re.compile(r"^[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")


class Rendered(NamedTuple):
    """The HTML of a page, and the cells that its pipe tables have beyond their columns, by line."""

    html: str
    surplus: dict[int, tuple[str, ...]]
    findings: tuple[Finding, ...]


def render(text: str) -> Rendered:
    """Return the page as HTML. Lines in the stamps, the surplus map and the findings are lines of `text`."""
    lines = _unindent_containers(text.split("\n"))
    fenced = _fenced_lines(lines)
    regions, findings = _table_regions(lines, fenced)
    for first, last in regions:
        _prepare(lines, first, last)
    html = markdown_to_html_with_extensions("\n".join(lines), options=_OPTIONS, extensions=["table", "strikethrough"])
    surplus = {}
    inside = {number for first, last in regions for number in range(first, last + 1)}
    for first, last in _pipe_runs(lines, fenced, inside):
        surplus.update(_surplus(lines, first, last))
        if not any(_DELIMITER.match(lines[number]) and "|" in lines[number] for number in range(first, last + 1)):
            message = (
                f"lines {first + 1}-{last + 1} look like a table but have no delimiter row (| --- | --- |), so no Markdown parser sees one"
            )
            findings.append(finding("broken-pipe-table", message, line=first + 1))
        elif not _is_table(lines, first):
            message = "the header row and the delimiter row have different numbers of columns, so this is no table in GitHub's Markdown"
            findings.append(finding("broken-pipe-table", message, line=first + 1))
    return Rendered(html, surplus, tuple(findings))


def _unindent_containers(lines: list[str]) -> list[str]:
    """Level what tabs and admonitions of Python-Markdown indent by four columns, which CommonMark would read as code.

    `=== "Label"` becomes the bold line that a reader sees on the tab; `!!! note` lines stay as they are.
    """
    if not any(_CONTAINER.match(line) for line in lines):
        return lines
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


def _fenced_lines(lines: list[str]) -> frozenset[int]:
    """Return the indices of the lines in fenced code blocks: a table in there is an example and no table."""
    found, fence = set(), ""
    for index, line in enumerate(lines):
        if "```" not in line and "~~~" not in line:
            if fence:
                found.add(index)
            continue
        match = _FENCE.match(line)
        if fence:
            found.add(index)
            if match and match[1].startswith(fence) and not line[match.end() :].strip():
                fence = ""
        elif match and (match[1][0] == "~" or "`" not in line[match.end() :]):
            found.add(index)
            fence = match[1]
    return frozenset(found)


def _table_regions(lines: list[str], fenced: frozenset[int]) -> tuple[list[tuple[int, int]], list[Finding]]:
    """Return first and last line index of every outermost HTML table, and a finding for one that never ends."""
    regions: list[tuple[int, int]] = []
    findings: list[Finding] = []
    depth, first, comment = 0, 0, False
    for index, line in enumerate(lines):
        if index in fenced or ("<" not in line and "-->" not in line):
            continue
        for match in _TABLE_TAG.finditer(line):
            if match[2] or match[3]:
                comment = bool(match[2])
            elif comment or line.count("`", 0, match.start()) % 2:
                continue
            elif match[1]:
                depth -= depth > 0
                if depth == 0 and (not regions or regions[-1][0] != first):
                    regions.append((first, index))
            else:
                first = first if depth else index
                depth += 1
    if depth and (not regions or regions[-1][0] != first):
        findings.append(
            finding("table-unfinished", "this HTML table has no </table>; what follows may be read as a part of it", line=first + 1)
        )
    return regions, findings


def _prepare(lines: list[str], first: int, last: int) -> None:
    """Stamp the tags of an HTML table with their lines, and level its indentation when it has blank lines."""
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    level = any(not lines[index].strip() for index in range(first, last + 1))
    for index in range(first, last + 1):
        line = lines[index]
        if level and index > first:
            line = indent + line.lstrip() if line.strip() else ""
        lines[index] = stamp(_STAMPED_TAG, line, index + 1)


def stamp(tags: re.Pattern[str], line: str, number: int) -> str:
    """Write a line number on the tags of one line of markup."""
    return tags.sub(rf'<\1 {STAMP}="{number}"', line)


def _pipe_runs(lines: list[str], fenced: frozenset[int], inside: set[int]) -> list[tuple[int, int]]:
    """Return first and last index of each run of three or more lines that read `… | … |`."""
    runs, first = [], None
    for index in range(len(lines) + 1):
        line = lines[index].strip() if index < len(lines) else ""
        pipes = index not in fenced and index not in inside and line.startswith("|") and line.count("|") > 1
        pipes = pipes or (first is not None and bool(_TEMPLATE.match(line)))
        if pipes and first is None:
            first = index
        elif not pipes and first is not None:
            if index - first > 2:
                runs.append((first, index - 1))
            first = None
    return runs


def _cells(line: str) -> list[str]:
    """Split a row the way GFM does: at pipes that no backslash escapes, code spans notwithstanding."""
    inner = line.strip().lstrip("> ").strip()
    inner = inner.removeprefix("|")
    cells = _PIPE.split(inner)
    if cells and not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]


def _is_table(lines: list[str], first: int) -> bool:
    return any(
        _DELIMITER.match(lines[number + 1]) and len(_cells(lines[number])) == len(_cells(lines[number + 1]))
        for number in range(max(first - 1, 0), min(first + 2, len(lines) - 1))
    )


def _surplus(lines: list[str], first: int, last: int) -> dict[int, tuple[str, ...]]:
    """Return line -> the cells beyond the width of the table, for one run of pipe lines."""
    width = len(_cells(lines[first]))
    found = {}
    for index in range(first + 1, last + 1):
        cells = _cells(lines[index])
        if len(cells) > width and any(cells[width:]):
            found[index + 1] = tuple(cell for cell in cells[width:] if cell)
    return found
