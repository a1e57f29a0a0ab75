"""Pages that cannot hold a table, told from their text: most pages of a documentation site, and nothing of them needs to be parsed.

The answer is safe in one direction: a page that is called tableless gives no table when it is parsed. One that is not may still
give none.
"""

from __future__ import annotations

import re

from extract.read import pipes

# No parser makes a table of anything but this tag (WHATWG HTML, 13.2.6.4.7 "in body"); rows and cells without one are dropped.
_TABLE = re.compile("<[tT][aA][bB][lL][eE]")
# cmark-gfm takes this for the delimiter row of a table of one column: it needs a colon, for without one it underlines a heading.
_ALIGNED = re.compile(r"^[ \t>]*+(?::-++:?|-++:)[ \t]*+$", re.MULTILINE)
_HEADING = re.compile(r"<[hH]1[\s>/]")
_HEADING_END = re.compile(r"</[hH]1[\s>/]")
_TITLE_END = re.compile(r"</[tT][iI][tT][lL][eE][\s>/]")
# A heading in Markdown: of number signs, or underlined by equals signs (CommonMark 4.2 and 4.3).
_MARKDOWN_HEADING = re.compile(r"^ {0,3}(?:#[ \t][^\n]*+|=++[ \t]*+)$", re.MULTILINE)


def is_tableless(body: str, kind: str) -> bool:
    """Return whether the body of a page ("html" or "markdown", line feeds only) cannot hold a table, nor lines that look like one."""
    if _TABLE.search(body):
        return False
    if kind != "markdown":
        return True
    if (":-" in body or "-:" in body) and _ALIGNED.search(body):
        return False
    return "|" not in body or not pipes.has_rows(body.split("\n"))


def opening(body: str, kind: str) -> str:
    """Return the beginning of a tableless page in which its title stands, as far as one can tell without parsing it; else nothing.

    The title is a heading of the first level, else the <title>. What stands below one changes nothing above, save for addresses of
    links in Markdown, which may be given further down.
    """
    if kind == "markdown":
        found = _MARKDOWN_HEADING.search(body)
        above = body[: found.end()] if found else ""
        return "" if "[" in above.rstrip().rpartition("\n\n")[2] or _HEADING.search(above) else above
    start = _HEADING.search(body)
    end = _HEADING_END.search(body, start.end()) if start else _TITLE_END.search(body)
    above = body[: end.end() - 1] + ">" if end else ""
    # A comment that the cut leaves open would be read as text.
    return "" if above.rfind("<!--") > above.rfind("-->") else above


def is_unheaded(body: str, kind: str) -> bool:
    """Return whether a page has no heading of the first level at all; in Markdown it takes a parser to tell."""
    return kind != "markdown" and not _HEADING.search(body)
