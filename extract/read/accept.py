"""Which bytes are a document that can be read, and in which markup it is written. Anything else is refused with the reason."""

from __future__ import annotations

import re

from extract.catalogue import finding
from extract.errors import UnreadableInputError
from extract.read import decode, formats
from extract.read.kinds import registry
from extract.read.kinds.registry import Kind
from extract.read.refused import RefusedError, refused
from extract.regex import late

# Possessive, to avoid slow backtracking: documents are untrusted.
_HTML_START = late(r"(?>\s++|<\?xml[^>]*+>|<!--(?s:.*?)-->|<meta\s[^>]*+>)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TAG_START = late(r"\s*+<(?:[a-z][a-z0-9-]*+[\s>/]|!--)", re.IGNORECASE)
_MARKDOWN_LINE = late(r"^(?:#{1,6} |[-*+] |\d++\. |```|~~~|\|.*\||[ \t]*+\|?+[ \t]*+:?+-{3,}+:?+[ \t]*+\|)", re.MULTILINE)
# An equals sign in a page that is still encoded for a message.
_QUOTED = "=3D"
_NO_PAGE = (
    "this is no message with an HTML part, which is the one that is read; save what it says as .html or .md, and attachments as files"
)


def text_of(data: bytes, path: str, kind: str | None) -> decode.Decoded:
    """Return the text of a document. Raises RefusedError for one of another format, by its bytes or by its suffix.

    `kind` is the name of a kind of documents; None where suffix and content decide.
    """
    suffix = formats.suffix_of(path)
    hint = formats.ADVICE.get(suffix)
    made = formats.kind_of(path, kind)
    if made is not None and made.binary:
        return _converted(data, made)
    if decode.is_binary(data):
        message = f"this file is binary, no HTML or Markdown; {hint or 'remove it from the documents or convert it first'}"
        raise RefusedError(finding("binary-document", message))
    if decode.is_archive(data):
        return _message(data)
    decoded = decode.decode(data)
    # A full HTML document is HTML whatever its name. Without the header that says so, nobody knows how a saved page is to be decoded.
    full = _HTML_START.match(decoded.text) is not None or not decoded.text.strip()
    if made is not None and made.module and (kind is not None or not full):
        return _converted(data, made)
    if kind is None and hint and not full:
        raise refused(f"{suffix} is not read; {hint}", line=1)
    _check_header(suffix, full and _QUOTED not in decoded.text)
    return decoded


def _check_header(suffix: str, page: bool) -> None:
    """Raise RefusedError for a file with the suffix of a message that has no header of one, and is no page either."""
    if page or suffix not in formats.ARCHIVE_SUFFIXES:
        return
    message = f"this is no saved web page ({suffix}): it does not begin with a header that says so; save the page again"
    raise refused(_NO_PAGE if suffix in formats.MAIL_SUFFIXES else message, line=1)


def _message(data: bytes) -> decode.Decoded:
    """Return the page of a message. Raises RefusedError for one without a page."""
    from extract.read import archive  # noqa: PLC0415 - few pages are saved ones, and what reads headers takes 20 ms to import

    try:
        return archive.read(data)
    except UnreadableInputError as error:
        raise refused(str(error), line=1) from error


def _converted(data: bytes, kind: Kind) -> decode.Decoded:
    """Return a document of a kind that is made HTML. Raises RefusedError where it cannot be, and where the library for it is missing."""
    if not registry.is_installed(kind):
        raise refused(f"to read {kind.title} ({kind.suffixes[0]}) needs {kind.package}: {kind.install}")
    made = registry.converter(kind).convert(data)
    return decode.Decoded(made.text, "utf-8", made.lines, made.findings, None, kind.name, made.at, made.uncertain)


def sniff(text: str, path: str) -> str:
    """Return "html" or "markdown": a full HTML document is HTML whatever its name; then the suffix; then the content."""
    if _HTML_START.match(text):
        return "html"
    suffix = formats.suffix_of(path)
    if suffix in formats.HTML_SUFFIXES:
        return "html"
    if suffix in formats.MARKDOWN_SUFFIXES:
        return "markdown"
    return "html" if _TAG_START.match(text) and not _MARKDOWN_LINE.search(text) else "markdown"
