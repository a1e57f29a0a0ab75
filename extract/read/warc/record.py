"""What is known of a page in an archive before it is read."""

from __future__ import annotations

import re

import msgspec

from extract.model import Finding
from extract.regex import late

SUFFIXES = (".warc", ".warc.gz")
"""What the name of an archive ends in."""
MAX_BODY = 64 << 20
"""A page may have so many bytes, when its encodings are undone: a third more than the largest that was measured. It bounds memory."""
MAX_HEADER = 65_536
"""The header of a record, and that of a response, may have so many bytes; servers refuse requests with far less."""

_MEDIA_TYPE = late(r"[ \t]*+([^;,\s]++)")
# RFC 9110, 5.6.6 and 8.3.2.
_CHARSET = late(r';[ \t]*+charset[ \t]*+=[ \t]*+"?([^";\s]++)', re.IGNORECASE)

# Responses that become no document, under what the report counts them -> one, and several of them, in words.
COPY = "record:copy"
DUPLICATE = "record:duplicate"
KIND = "record:kind"
REVISIT = "record:revisit"
STATUS = "record:status"
TYPE = "record:type"
URL = "record:url"
WORDS = {
    COPY: ("other copy of a page that was read", "other copies of pages that were read"),
    DUPLICATE: ("duplicate of a page that was read", "duplicates of pages that were read"),
    KIND: ("record that is no HTTP response", "records that are no HTTP responses"),
    REVISIT: ("revisit, which says that a page was unchanged", "revisits, which say that pages were unchanged"),
    STATUS: ("response with another status than 200", "responses with another status than 200"),
    TYPE: ("response that is no page of text", "responses that are no pages of text"),
    URL: ("response whose address is no URL", "responses whose addresses are no URLs"),
}


class Record(msgspec.Struct, frozen=True, gc=False):
    """Where a page stands in an archive: the offset of its record, or of the compressed member that holds it as its record `index`."""

    offset: int
    index: int = 0
    # What in the record says that more belongs to the page; empty when nothing does.
    cut: str = ""


class Loaded(msgspec.Struct, frozen=True):
    """The bytes of a document, and what was found on the way to them."""

    data: bytes
    findings: tuple[Finding, ...] = ()


def is_archive(name: str) -> bool:
    """Return whether a file is an archive, by its name."""
    return name.lower().endswith(SUFFIXES)


def media_type(header: bytes | None) -> str:
    """Return the media type in a Content-Type (RFC 9110, 8.3.1), in lower case; empty when there is none. Of several the first counts."""
    found = _MEDIA_TYPE.match((header or b"").decode("latin-1"))
    return found[1].lower() if found else ""


def charset(header: bytes | None) -> str | None:
    """Return the encoding in a Content-Type, None when it names none."""
    found = _CHARSET.search((header or b"").decode("latin-1"))
    return found[1] if found else None
