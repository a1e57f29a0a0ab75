"""Pages that cannot hold a table, told from their text: most pages of a documentation site, and nothing of them needs to be parsed.

The answer is safe in one direction: a page that is called tableless gives no table when it is parsed. One that is not may still
give none.
"""

from __future__ import annotations

import re

from extract.read import pipes
from extract.regex import late

# No parser makes a table of anything but this tag (WHATWG HTML, 13.2.6.4.7 "in body"); rows and cells without one are dropped.
_TABLE = late("<[tT][aA][bB][lL][eE]")
# cmark-gfm takes this for the delimiter row of a table of one column: it needs a colon, for without one it underlines a heading.
_ALIGNED = late(r"^[ \t>]*+(?::-++:?|-++:)[ \t]*+$", re.MULTILINE)
# A line that may begin or end a block of code, and its fence.
_FENCE = late(r"\n( *+(```+|~~~+)[^\n]*+)")
# HTML at the beginning of a line, and the marks of containers.
_DOUBTFUL = late(r"\n(?: {0,3}<| *+(?:===|!!!|\?\?\?))")
_HEADING = late(r"<[hH]1[\s>/]")
_HEADING_END = late(r"</[hH]1[\s>/]")
_TITLE_END = late(r"</[tT][iI][tT][lL][eE][\s>/]")
# A heading in Markdown: of number signs, or underlined by equals signs (CommonMark 4.2 and 4.3).
_MARKDOWN_HEADING = late(r"^ {0,3}(?:#[ \t][^\n]*+|=++[ \t]*+)$", re.MULTILINE)


def is_tableless(body: str, kind: str) -> bool:
    """Return whether the body of a page ("html" or "markdown", line feeds only) cannot hold a table, nor lines that look like one."""
    if _TABLE.search(body):
        return False
    if kind != "markdown":
        return True
    piped, aligned = "|" in body, ":-" in body or "-:" in body
    if not (piped or aligned):
        return True
    text = _outside_fences(body)
    if aligned and _ALIGNED.search(text):
        return False
    return not (piped and pipes.has_rows(text))


def _outside_fences(body: str) -> str:
    """Return Markdown without its fenced code blocks (CommonMark 4.5), where there is no doubt about these.

    A fence in the first column is one, whatever stands above it, but for HTML, which may reach down to it, and the containers of
    Python-Markdown, which move lines. One in a container ends with it, which takes a parser to tell.
    """
    # To search for line feeds takes a fifth of the time of looking at each character for the beginning of a line.
    body = f"\n{body}"
    marks = list(_FENCE.finditer(body))
    if not marks or _DOUBTFUL.search(body):
        return body
    kept: list[str] = []
    fence, begins, done = "", 0, 0
    for mark in marks:
        line, run = mark[1], mark[2]
        if not fence and line.startswith(run):
            if run[0] == "~" or "`" not in line[len(run) :]:
                fence, begins = run, mark.start()
        elif not fence:
            # It may be that of a list item, or one that the next fence in the first column ends.
            return body
        elif run.startswith(fence) and line.index(run) <= 3 and not line.strip(" \t").strip(fence[0]):
            kept.append(body[done:begins])
            fence, done = "", mark.end()
    return "".join([*kept, body[done:]])


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
