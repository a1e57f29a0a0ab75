"""AsciiDoc as HTML, by asciidoctor, with the lines of the file. What a document includes is not read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from extract.catalogue import finding
from extract.model import Finding
from extract.read import decode
from extract.read.kinds import asciidoctor
from extract.read.kinds.converted import Converted
from extract.read.refused import refused
from extract.regex import late

MAX_BYTES = 8 << 20
# At the beginning of a line, and of a cell that holds a document of its own.
_INCLUDE = late(r"(?:^|\|)include::([^\[\s|][^\[|]*)\[")
_CONDITION = late(r"(?:^|\|)(ifn?def::[^\[|]*|ifeval::)\[")
_TITLE = late(r"=\s+\S")
_TABLE = late(r"<table\b[^>]*>")
# `asciidoctor: ERROR: <stdin>: line 12: dropping cells from incomplete row detected end of table`
_SAID = late(r"asciidoctor: ([A-Z]+): (?:<stdin>: line (\d+): )?(.*)")
_MISSING = "skipping reference to missing attribute: "
_UNFINISHED = "unterminated "
# Tags that begin a line, and whose line is that of what they hold.
_BEFORE = ("<tr>", "<thead>", "<tbody>", "<tfoot>", "<ul>", "<ol>", "<dl>")
# `<thead>`, `<tr>`, `<th class=…>`: so far below it the mark of what a tag holds may stand.
_NEAR = 3
_MAX_TOLD = 100


def convert(data: bytes) -> Converted:
    """Return a document as HTML. Raises RefusedError where asciidoctor is not installed or fails.

    HTML that the document passes through is passed through: readers of the page see it, too.
    """
    if not asciidoctor.is_installed():
        raise refused("AsciiDoc needs asciidoctor: install the package of your system, or run: gem install asciidoctor")
    if len(data) > MAX_BYTES:
        raise refused(f"this document has more than {MAX_BYTES >> 20} MB; split it")
    decoded = decode.decode(data)
    # No document knows the mark, for it depends on all of its text.
    mark = f"line-{hashlib.sha256(data).hexdigest()[:16]}-"
    ran = asciidoctor.convert(decoded.text, mark)
    if ran.failed:
        raise refused(f"asciidoctor did not read this document: {ran.failed}", code="broken-document")
    source = decoded.text.split("\n")
    text = _named(ran.html.decode("utf-8", "replace").replace("\r", " ").rstrip("\n"), ran.said)
    lines = _lines(text.split("\n"), mark, source)
    tables = [lines[text.count("\n", 0, table.start())] for table in _TABLE.finditer(text)]
    uncertain: dict[int, str] = {}
    findings = [*decoded.findings, *list(_not_read(source, decoded))[:_MAX_TOLD], *_told(ran.said, source, tables, uncertain, decoded)]
    return Converted(text=text, lines=tuple(map(decoded.line, lines)), findings=tuple(findings), uncertain=uncertain)


def version() -> str | None:
    """Return the version of asciidoctor; None where it is not installed."""
    return asciidoctor.version()


def _named(html: str, said: str) -> str:
    """Return HTML in which names without a value say what they are, where words stand beside them in a cell: these may say less than they
    seem to.
    """
    names = {re.escape(words.removeprefix(_MISSING).strip()) for _, _, words in _SAID.findall(said) if words.startswith(_MISSING)}
    if not names:
        return html
    name = rf"\{{(?:{'|'.join(sorted(names))})\}}"
    beside = re.compile(rf"(?<!>){name}|{name}(?!<)")
    first, *cells = html.split("<td")
    parted = [cell.partition("</td>") for cell in cells]
    named = [(beside.sub(r"attribute:\g<0>", cell), end, rest) for cell, end, rest in parted]
    return first + "".join(f"<td{cell}{end}{rest}" for cell, end, rest in named)


def _lines(html: list[str], mark: str, source: list[str]) -> list[int]:
    """Return the line of the source for each line of HTML: that of the mark in it, else of the mark before it."""
    pattern = re.compile(rf"\b{mark}(\d+)")
    marks = [int(found[1]) if (found := pattern.search(line)) else 0 for line in html]
    last = next((number for number, line in enumerate(source, 1) if _TITLE.match(line)), 1)
    lines: list[int] = []
    for index, line in enumerate(html):
        last = marks[index] or last
        coming = next(filter(None, marks[index : index + _NEAR]), last) if line.startswith(_BEFORE) else last
        lines.append(coming)
    return lines


def _not_read(source: list[str], decoded: decode.Decoded) -> Iterator[Finding]:
    """Yield findings about what a document includes, and about what stands only in some editions of it."""
    for number, line in enumerate(source, 1):
        if "]" not in line:
            continue
        if included := _INCLUDE.search(line):
            message = f"include::{included[1]}[] was not read: nothing that a document names is; give the page that is built of it"
            yield finding("reference-not-followed", message, line=decoded.line(number))
        elif condition := _CONDITION.search(line):
            said = f"{condition[1]}[{line[condition.end() :].rpartition(']')[0]}]"
            message = f"what stands under {said} depends on how the page is built; no attribute was set from outside of the document"
            yield finding("conditional-text", message, line=decoded.line(number))


def _told(said: str, source: list[str], tables: list[int], uncertain: dict[int, str], decoded: decode.Decoded) -> Iterator[Finding]:
    """Yield findings about what asciidoctor said, each once; a table that it could not read whole is uncertain."""
    for message in dict.fromkeys(_SAID.findall(said)):
        level, line, words = message
        if words.startswith(_MISSING):
            name = "{" + words.removeprefix(_MISSING).strip() + "}"
            number = next((number for number, one in enumerate(source, 1) if name in one), 1)
            where = f"{name} has no value in this document; it is kept as it is written. Give the page that is built of it"
            yield finding("reference-not-followed", where, line=decoded.line(number))
        elif level in ("ERROR", "FATAL") or words.startswith(_UNFINISHED):
            number = int(line or 1)
            yield finding("markup-not-understood", f"asciidoctor says: {words}", line=decoded.line(number))
            above = [table for table, first in enumerate(tables, 1) if first <= number]
            if above and ("row" in words or "cell" in words or "table" in words):
                uncertain[above[-1]] = f"asciidoctor says: {words}"
