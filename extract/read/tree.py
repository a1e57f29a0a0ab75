"""HTML source to a tree, as browsers make it (WHATWG HTML, 13.2 "Parsing HTML documents")."""

from __future__ import annotations

import re
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import turbohtml
from turbohtml.etree import ElementView as Element
from turbohtml.etree import XPath, document_fromstring, from_lxml

from extract.catalogue import finding
from extract.model import Finding
from extract.regex import late

__all__ = ["PARSERS", "Element", "parse", "select", "spanning"]

# Without it, a table that begins in a paragraph would be a part of that (13.2.6.4.7 "in body", "quirks mode"), which no author means.
_DOCTYPE = "<!DOCTYPE html>"
# The parser puts what is nested deeper than 512 elements elsewhere, as browsers do, and then cells stand outside of their tables. The
# deepest of 700 real pages has 25.
_DEEPEST = 500
_DEEP = "depth"
_SHADOW = late("shadowrootmode", re.IGNORECASE)
_TOO_MUCH = "the page takes more memory than its length explains"
# Some markup takes memory with the square of its length: 8,000 <body> tags of 14 bytes, 783 MB. A large page may take so many bytes, and so
# many times its length: one of cells alone, which no page is, takes 40 times.
_LARGE = 32_768
_ROOM = 64 << 20
_TIMES = 100
_PAGE_BYTES = resource.getpagesize()
_bounded_parse = threading.Lock()

_is_deep = XPath(f"boolean({'/*' * _DEEPEST})")


class _UnfitError(Exception):
    """A page that this parser would read otherwise than it means."""


Made = tuple[Element, tuple[Finding, ...]]
Parser = Callable[[str], Made]


def select(root: Element, selector: str) -> list[Element]:
    """Return the elements of a tree that a selector of CSS fits. Measured, this takes a sixteenth of what XPath takes."""
    return [Element(node) for node in root.node.select(selector)]


def _like_browsers(source: str) -> Made:
    # `<?` begins a comment (13.2.5.6 "Tag open state"), and so does `</?`. The tree knows the first one as a node of its own, and what
    # stands behind that is not in the text of the element around it.
    commented = source.replace("<?", "</?") if "<?" in source else source
    folded = source.lower()
    templates = "<template" in folded
    if templates and "shadowrootmode" in folded:
        # What such a template holds would be in no element.
        commented = _SHADOW.sub("data-mode", commented)
    root = _bounded(document_fromstring, _DOCTYPE + commented)
    if templates:
        _open_templates(root)
    # Each level takes a tag of its own. The parser counts anew in each template.
    if source.count("<") > _DEEPEST and _is_deep(root):
        raise _UnfitError(f"elements are nested more than {_DEEPEST} deep")
    return root, ()


def _bounded(parse: Callable[[str], Element], source: str) -> Element:
    """Parse a page within the memory that a page of its length may take. _UnfitError says that it takes more.

    What the parser asks for counts, to the byte: it is the same for a page in every process. What a process maps for that is not, so the
    system's limit only ends what takes far more.
    """
    if len(source) < _LARGE:
        return parse(source)
    import tracemalloc  # noqa: PLC0415 - few pages need it, and it takes 4 ms to import

    most = _ROOM + _TIMES * len(source)
    # Both are those of the process, so one page is parsed at a time.
    with _bounded_parse, _address_space(2 * (most + _ROOM)):
        traced = tracemalloc.is_tracing()
        if not traced:
            tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            root = parse(source)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            if not traced:
                tracemalloc.stop()
    if peak - before > most:
        raise _UnfitError(_TOO_MUCH)
    return root


@contextmanager
def _address_space(most: int) -> Iterator[None]:
    """Let this process map so many bytes more, where the system tells and allows it. _UnfitError says that it asked for more."""
    used = _used()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if not used or (soft != resource.RLIM_INFINITY and soft <= used + most):
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (used + most, hard))
    try:
        yield
    except MemoryError:
        raise _UnfitError(_TOO_MUCH) from None
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _used() -> int:
    """Return the bytes that this process has mapped; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split(maxsplit=1)[0]) * _PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0


def _by_libxml2(source: str) -> Made:
    from lxml import etree  # noqa: PLC0415 - few pages need it, and it takes 10 ms to import

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    root = cast("etree._Element | None", etree.fromstring(source.encode("utf-8", "replace"), parser))
    tree = from_lxml(root if root is not None else etree.Element("html"))
    if any(_DEEP in entry.message and entry.level_name == "FATAL" for entry in parser.error_log):
        message = "elements are nested more than 2,048 deep; what lies deeper was not read"
        return tree, (finding("document-too-deep", message),)
    return tree, ()


PARSERS: Sequence[Parser] = (_like_browsers, _by_libxml2)
"""What makes a tree, best first: the next one is asked where one fails."""


def parse(source: str, parsers: Sequence[Parser] = PARSERS) -> Made:
    """Return the root of the tree of a page, and what is wrong with it. The last parser's failure is raised."""
    findings: tuple[Finding, ...] = ()
    for parser in parsers[:-1]:
        try:
            root, found = parser(source)
        except MemoryError:
            # The machine lacks it. Another parser would give other data than on the next machine.
            raise
        except Exception as error:  # noqa: BLE001 - a page must not be lost by what a library does with it
            message = f"the parser failed ({_reason(error)}), and another one read the page; lines of its tables are not known"
            findings = (*findings, finding("other-parser", message))
        else:
            return root, (*findings, *found)
    root, found = parsers[-1](source)
    return root, (*findings, *found)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, _UnfitError) else type(error).__name__


def spanning(root: Element) -> frozenset[Element]:
    """Return the elements that may span rows or columns of a table."""
    return frozenset(select(root, "[colspan],[rowspan]"))


def _open_templates(root: Element) -> None:
    """Make elements that readers do not see of templates, whose content stands in no element (4.12.3 "The template element")."""
    # Backwards, so that those in others come first.
    for template in reversed(list(root.iter("template"))):
        held = root.makeelement("noscript")
        template.addprevious(held)
        held.extend([Element(child) for part in template.node.children for child in part.children if isinstance(child, turbohtml.Element)])
        template.drop_tree()
