"""Which files of an EPUB are its pages (EPUB 3.3, and the container of EPUB 2): what its package document lists as XHTML."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from extract.errors import UnreadableInputError
from extract.read import formats
from extract.read.kinds import xml_source
from extract.read.pack import loading
from extract.read.pack.record import NAME, Entry
from extract.read.refused import RefusedError
from extract.regex import late

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# A package document lists some thousand files. A tree takes ten times its size.
_MAX_XML = 8 << 20
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
# EPUB 3.3, 4.4, and what Adobe wrote before it: fonts are made useless outside of their book, and pages are not.
_FONTS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_ELSEWHERE = late(r"[a-z][a-z0-9+.-]*+:", re.IGNORECASE)
_CONTROL = late(r"[\x00-\x1f\x7f\\]")
_ESCAPE = late(rb"%([0-9a-fA-F]{2})")


def pages(pack: str, entries: Mapping[str, Entry], passed: Counter[str]) -> Mapping[str, str]:
    """Return the name in the container of each page that an EPUB lists -> its path in the data.

    That is its name; one that has not the suffix of a web page is given it behind a tilde. The order of reading is left out, for no rule
    follows from it. `passed` counts pages whose names lead out of the container.

    Raises UnreadableInputError for what is no EPUB, and for one that is protected (DRM).
    """
    if _ENCRYPTION in entries:
        _check_protection(_tree(pack, entries, _ENCRYPTION))
    package = next((one.get("full-path") or "" for one in _named(_tree(pack, entries, _CONTAINER), "rootfile")), "")
    listed = [one for one in _named(_tree(pack, entries, package), "item") if (one.get("media-type") or "").strip().lower() in _PAGES]
    # A page elsewhere is none of this book.
    names = [_resolved(package, href) for one in listed if not _ELSEWHERE.match(href := one.get("href") or "")]
    passed[NAME] += names.count("")
    return {name: _path(name) for name in names if name}


def _check_protection(root: Element) -> None:
    for data in _named(root, "EncryptedData"):
        methods = [one.get("Algorithm") for one in data if xml_source.local(one) == "EncryptionMethod"]
        if not methods or not _FONTS.issuperset(methods):
            raise UnreadableInputError("this EPUB is protected (META-INF/encryption.xml), so nothing in it can be read; get it without DRM")


def _tree(pack: str, entries: Mapping[str, Entry], name: str) -> Element:
    entry = entries.get(name)
    if entry is None:
        raise UnreadableInputError(f"this is no EPUB: it holds no {name[:80] or 'package document'}; give it the suffix of what it is")
    if max(entry.size, entry.packed) > _MAX_XML:
        raise UnreadableInputError(f"{name[:80]} of this EPUB has more than {_MAX_XML:,} bytes; unpack it and give the folder")
    try:
        return xml_source.parse(loading.load(pack, entry).data).root
    except RefusedError as error:
        raise UnreadableInputError(f"{name[:80]} of this EPUB: {error}") from error


def _named(root: Element, name: str) -> Iterator[Element]:
    return (one for one in root.iter("{*}*") if xml_source.local(one) == name)


def _resolved(package: str, href: str) -> str:
    """Return the name in the container that a reference of the package document leads to; empty where it leads out of the container."""
    plain = _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), href.partition("#")[0].encode()).decode("utf-8", "replace")
    name = posixpath.normpath(posixpath.join(posixpath.dirname(package), plain))
    return "" if name in (".", "..") or name.startswith(("/", "../")) or _CONTROL.search(name) else name


def _path(name: str) -> str:
    return name if formats.suffix_of(name) in formats.HTML_SUFFIXES else f"{name}~.xhtml"
