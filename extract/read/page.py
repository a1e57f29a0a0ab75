"""One document to a Page: which markup it is, its blocks in order, its tables as grids, all with the lines of the file."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from extract.catalogue import finding
from extract.model import Block, Document, Finding, Grid, Origin, Page, Prose
from extract.read import decode, frontmatter, grid, layout, nested, notes, prepare, tableless, tree, unseen
from extract.read.accept import sniff, text_of
from extract.read.body import Body
from extract.read.formats import identity, kind_of
from extract.read.refused import RefusedError
from extract.read.tree import Element
from extract.regex import late

# A tag of a table, or an element in which tags are text.
_TABLE_TAG = late(
    r"<(?:(/?)table(?=[\s>/])|!--.*?(?:-->|\Z)|(s(?:cript|tyle)|t(?:extarea|itle))\b.*?(?:</\2|\Z))", re.IGNORECASE | re.DOTALL
)
# How the elements in which tags are text begin, in a page in lower case.
_QUOTING = (b"<!--", b"<script", b"<style", b"<textarea", b"<title")


def read(data: bytes, path: str, kind: str | None = None, origin: Origin | None = None, *, prose: bool = True) -> Page:
    """Return a document as a Page.

    `path` is the path that the data will carry (relative, forward slashes); `kind` is the name of a kind of documents or None, and then
    suffix and content decide. What `origin` says counts before what path and front matter say. What is of another format gives a page
    without tables and a finding. Without `prose`, a page that cannot hold a table comes without blocks, parsed as far as its title.
    """
    page = _read(data, path, kind, prose)
    return msgspec.structs.replace(page, document=_described(page.document, origin)) if origin is not None else page


def _read(data: bytes, path: str, kind: str | None, prose: bool) -> Page:
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        decoded = text_of(data, path, kind)
    except RefusedError as refused:
        return Page(_document(path, sha256, ""), (), (refused.found,))
    if not decoded.text.strip():
        message = "this document is empty"
        return Page(_document(path, sha256, ""), (), (finding("empty-document", message, line=1), *decoded.findings), at=decoded.at)
    # What precedes a page in a saved one is taken off already, and a document that was made HTML has none.
    plain = decoded.places is None and decoded.kind is None
    front = frontmatter.split(decoded.text) if plain else frontmatter.FrontMatter({}, decoded.text, ())
    named, kind = kind, "html" if not plain else _markup(front.body, path, kind)
    form = _format(decoded, path, named, kind)
    title = frontmatter.title_of(front.fields)
    bare = tableless.is_tableless(front.body, kind)
    if bare and not prose and (title := title or _title_above(front.body, kind, decoded)):
        return Page(_document(path, sha256, title, form, front.fields), (), (*decoded.findings, *front.findings), at=decoded.at)
    root, source = _parsed(front.body, kind, decoded.places)
    # The text is as large as the page, and the tree five times that: both together are the most that a page takes.
    decoded, front = msgspec.structs.replace(decoded, text=""), msgspec.structs.replace(front, body="")
    markup, findings = _marked_up(root, source, decoded)
    body = Body(root, markup)
    document = _document(path, sha256, title or body.title(), form, front.fields)
    stated = document.title if front.fields else ""
    above = (Block("title", stated, 1),) if stated else ()
    # The text of a page without tables is not used, so mistakes in it do not matter.
    about = () if bare else (*findings, *body.tables.findings)
    broken = {decoded.line(line): table for line, table in source.broken.items()}
    return Page(
        document,
        _doubted(body.tables.grids, decoded.uncertain),
        (*decoded.findings, *front.findings, *about),
        # Cached, because the blocks are asked for once for each table.
        functools.cache(partial(_prose, body, above)),
        partial(body.titles, stated),
        broken,
        decoded.at,
    )


def _markup(body: str, path: str, kind: str | None) -> str:
    """Return "html" or "markdown": what the body of a page is written in."""
    if kind is None:
        return sniff(body, path)
    return kind if kind == "markdown" else "html"


def _format(decoded: decode.Decoded, path: str, named: str | None, markup: str) -> str:
    """Return the name of the kind that a document was read as."""
    if decoded.kind is not None or decoded.places is None:
        return decoded.kind or markup
    kind = kind_of(path, named)
    return kind.name if kind is not None and kind.is_message else "mhtml"


def _doubted(grids: tuple[Grid, ...], uncertain: Mapping[int, str]) -> tuple[Grid, ...]:
    """Return tables with the reason why the grid of one is uncertain."""
    if not uncertain:
        return grids
    return tuple(msgspec.structs.replace(grid, uncertain=uncertain.get(grid.number, "")) for grid in grids)


def _prose(body: Body, above: tuple[Block, ...]) -> Prose:
    """Return what a page says, with what its front matter says above its body."""
    prose = body.prose()
    return msgspec.structs.replace(prose, blocks=(*above, *prose.blocks)) if above else prose


def _title_above(body: str, kind: str, decoded: decode.Decoded) -> str:
    """Return the title of a tableless page by its beginning; empty when the whole of it must be parsed for that."""
    opening = tableless.opening(body, kind)
    if not opening:
        return ""
    root, source = _parsed(opening, kind)
    markup, findings = _marked_up(root, source, decoded)
    above = Body(root, markup)
    # The cut may leave a script open, whose rest would be read as text. If the heading is hidden, a later one may be the title.
    return above.title() if not findings and (above.heading() or tableless.is_unheaded(body, kind)) else ""


def _document(path: str, sha256: str, title: str, form: str | None = None, fields: Mapping[str, Any] | None = None) -> Document:
    """Make the document's record; vendor, product and release are what the default layout makes of its path. `form` is its format."""
    names = layout.default_names(path) or layout.Names()
    url = (fields or {}).get("url")
    return Document(
        id=identity(path),
        path=path,
        sha256=sha256,
        title=title,
        vendor=names.vendor,
        product=names.product,
        release=names.release,
        url=url if isinstance(url, str) and url.startswith(("https://", "http://")) else None,
        format=form,
    )


def _described(document: Document, origin: Origin) -> Document:
    """Return the record of a document with what is known of it. A given title only names the document; rules use the title of the page.

    `origin` also says what the path means, even if it means nothing.
    """
    known = {name: value for name, value in msgspec.structs.asdict(origin).items() if value is not None or name in layout.NAMES}
    return msgspec.structs.replace(document, **known)


class _Source(msgspec.Struct, frozen=True):
    """What the parser gets, what was found out on the way, and what the walk needs to know of the source when it is gone."""

    text: str
    findings: list[Finding]
    stamped: bool
    surplus: dict[int, tuple[str, ...]] | None
    broken: Mapping[int, Grid]
    unclosed: int | None


def _parsed(body: str, kind: str, places: decode.Places | None = None) -> tuple[Element, _Source]:
    """Return the tree of the body of a document, and what is known of its source, which is let go."""
    source = _source(body, kind, places)
    root, found = tree.parse(source.text)
    return root, msgspec.structs.replace(source, text="", findings=[*source.findings, *found])


def _marked_up(root: Element, source: _Source, decoded: decode.Decoded) -> tuple[grid.Markup, list[Finding]]:
    """Return what is known of the elements of a body, and what is wrong with its source."""
    # Findings so far say lines of the text, others lines of the file.
    findings = [_in_file(one, decoded) for one in source.findings]
    line_of = _lines(decoded, source.stamped)
    hidden = unseen.find(root)
    spanning = tree.spanning(root)
    if source.unclosed is not None:
        findings.extend(_unfinished_table(root, source.unclosed, line_of))
    markup = grid.Markup(line_of, hidden, spanning, source.surplus)
    inner = nested.find(root, markup)
    return msgspec.structs.replace(markup, lists=inner.lists, holding=inner.holding, marks=notes.find(root, hidden)), findings


def _source(body: str, kind: str, places: decode.Places | None) -> _Source:
    """Prepare the body of a document for the parser."""
    findings: list[Finding] = []
    surplus = None
    broken: Mapping[int, Grid] = {}
    stamped = kind == "markdown" or places is not None
    if kind == "markdown":
        from extract.read import markdown  # noqa: PLC0415 - its parser and what calls it take 4 ms to import

        rendered = markdown.render(body)
        body, surplus, broken = rendered.html, rendered.surplus, rendered.broken
        findings.extend(rendered.findings)
    elif places is not None:
        body = prepare.stamp(body, places.line)
    body, unfinished = prepare.prepare(body)
    if kind != "markdown":
        findings.extend(_unfinished_elements(unfinished))
    unclosed = _unclosed(body) if not _is_closed(body.encode("utf-8", "replace").lower()) else None
    return _Source(body, findings, stamped, surplus, broken, unclosed)


def _lines(decoded: decode.Decoded, stamped: bool) -> Callable[[Element], int]:
    """Return what gives the line of an element in the file, 0 when it is not known."""

    def parsed(element: Element) -> int:
        return element.node.source_line or 0

    def written(element: Element) -> int:
        if (mark := element.get(prepare.STAMP)) is None:
            mark = (element.get(prepare.POSITION) or "").partition(":")[0]
        return int(mark) if mark.isdigit() else 0

    found = written if stamped else parsed
    # The stamps on a page that stands in the file in another form say lines of the file.
    if decoded.lines is None or decoded.places is not None:
        return found
    return lambda element: decoded.line(line) if (line := found(element)) else 0


def _in_file(found: Finding, decoded: decode.Decoded) -> Finding:
    if found.line is None or decoded.lines is None:
        return found
    return finding(found.code, found.message, line=decoded.line(found.line), table=found.table, row=found.row)


def _unfinished_elements(unfinished: tuple[tuple[str, int], ...]) -> Iterator[Finding]:
    for name, line in unfinished:
        message = f"<{name}> has no end, so browsers show nothing of the page below it; the page was read as if the tag were text"
        yield finding("element-unfinished", message, line=line)


def _is_closed(lower: bytes) -> bool:
    """Return whether a page certainly closes its tables: they are not nested, and no element around them can hold tags that are text."""
    first, last = lower.find(b"<table"), lower.rfind(b"</table>")
    if first < 0:
        return True
    quoted = any(lower.find(mark, first, last) >= 0 for mark in _QUOTING)
    return not quoted and all(piece.count(b"</table>") == 1 for piece in lower[first:].split(b"<table")[1:])


def _unclosed(source: str) -> int | None:
    """Return which of the tables of a page is the first that the page does not close, None when it closes all."""
    opened: list[int] = []
    count = 0
    for tag in _TABLE_TAG.finditer(source):
        if tag[1] == "":
            opened.append(count)
            count += 1
        elif tag[1] and opened:
            opened.pop()
    return opened[0] if opened else None


def _unfinished_table(root: Element, unclosed: int, line_of: Callable[[Element], int]) -> Iterator[Finding]:
    """Yield a finding about a table that the page does not close: HTML parsers close them silently at the end."""
    tables = list(root.iter("table"))
    if tables:
        message = "this table has no </table>; what follows may be read as a part of it"
        yield finding("table-unfinished", message, line=line_of(tables[min(unclosed, len(tables) - 1)]) or None)
