"""The findings of a run as SARIF 2.1.0, for GitHub code scanning and whatever else shows it.

What GitHub needs and what it refuses stands in its page "SARIF support for code scanning"; sections are those of the OASIS standard.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from extract.catalogue import Entry, catalogue
from extract.model import Extraction, Finding, Place
from extract.publish import places
from extract.publish.places import Placed
from extract.publish.wording import count, plain, shortened

# GitHub refuses a run of more than 25,000 results and shows 5,000 of them. Here they are known by their severity, and counted.
MAX_RESULTS = 5_000
# A message quotes the document: it must not grow with it.
MAX_MESSAGE = 1_000
MAX_RELATED = 20
# GitHub cuts off descriptions of rules there.
MAX_DESCRIPTION = 1_024

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_TAGS = ("documentation", "firewall")
# RFC 3986, 2.3
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# `line 12`, `rows 2, 3 and 7`: where something stands, which changes when something else is inserted above it.
_NUMBERED = re.compile(r"\b(lines?|rows?|tables?) \d+(?:(?:,? and |, | to |[-–])\d+)*", re.IGNORECASE)


def sarif(extraction: Extraction, paths: Mapping[str, str], version: str) -> bytes:
    """Return the findings of documents and patches as a SARIF file: two-space JSON, UTF-8, final line feed.

    `paths` holds the path from the root of the repository, with forward slashes, of each document and file of patches by its path in
    the data; what is not in it keeps the path in the data. `version` is that of this program.
    """
    ordered = places.worst_first(extraction)
    shown = ordered[:MAX_RESULTS]
    # All entries, not only those that occur: a file with fewer findings then differs in its results alone.
    entries = catalogue()
    indices = {code: index for index, code in enumerate(entries)}
    run = {
        "tool": {"driver": {"name": "docrules", "semanticVersion": version, "rules": [_rule(entry) for entry in entries.values()]}},
        "invocations": [_invocation(ordered, len(ordered) - len(shown))],
        # The root has no address: that of the machine that made the file helps nobody.
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "results": [
            _result(placed, indices[placed.finding.code], fingerprint, paths)
            for placed, fingerprint in zip(shown, _fingerprints(shown), strict=True)
        ],
    }
    return msgspec.json.format(msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}), indent=2) + b"\n"


def _rule(entry: Entry) -> dict[str, Any]:
    description, advice = entry.description, entry.advice
    return {
        "id": entry.code,
        "name": "".join(word.capitalize() for word in entry.code.split("-")),
        "shortDescription": {"text": _braced(entry.title)},
        "fullDescription": {"text": _braced(shortened(description, MAX_DESCRIPTION))},
        "help": {"text": _braced(advice), "markdown": _braced(f"{description}\n\n**What to do:** {advice}")},
        "defaultConfiguration": {"level": entry.severity},
        "properties": {"tags": _TAGS},
    }


def _invocation(ordered: Iterable[Placed], left_out: int) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": all(found.code != "internal-error" for _, found in ordered)}
    if left_out:
        text = f"{count(left_out, 'finding')} beyond the first {MAX_RESULTS} of highest severity left out of this file"
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return invocation


def _result(placed: Placed, index: int, fingerprint: str, paths: Mapping[str, str]) -> dict[str, Any]:
    path, found = placed
    related = found.related[:MAX_RELATED]
    links = ", ".join(f"[{_named(place)}]({number})" for number, place in enumerate(related, 1))
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": found.severity,
        "message": {"text": _text(found.message) + (f" (see {links})" if links else "")},
        "locations": [_location(path, found.line, paths)],
        # The one name that GitHub compares.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if related:
        result["relatedLocations"] = [
            {"id": number, **_location(place.document, place.line, paths), "message": {"text": _named(place)}}
            for number, place in enumerate(related, 1)
        ]
    return result


def _location(path: str, line: int | None, paths: Mapping[str, str]) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": _uri(paths.get(path, path)), "uriBaseId": _ROOT}, "region": {"startLine": line or 1}}
    return {"physicalLocation": place}


def _named(place: Place) -> str:
    """Return the text of a link to a place; never words of a document, which could end the link."""
    row = f", row {place.row}" if place.row else ""
    return f"table {place.table}{row}" if place.table else f"line {place.line or 1}"


def _text(message: str) -> str:
    """Return a message as the text that SARIF shows for it: of what documents say, nothing is a link (3.11.6)."""
    return _braced(shortened(plain(message), MAX_MESSAGE).replace("](", "] ("))


def _braced(text: str) -> str:
    """Return text in which braces stand for themselves, not for the place of an argument (3.11.5)."""
    return text.replace("{", "{{").replace("}", "}}")


def _uri(path: str) -> str:
    """Return a path as a relative reference: each byte of a segment that is not unreserved is percent-encoded (RFC 3986, 2.1).

    So is the colon, before which a reader would take the first segment for a scheme.
    """
    segments = path.encode("utf-8", "surrogateescape").split(b"/")
    return "/".join("".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in segment) for segment in segments)


def _fingerprints(ordered: Sequence[Placed]) -> Iterator[str]:
    """Yield for each finding what stays the same when it moves within its document: a hash over what it is about, and which one it is
    of those with the same hash.
    """
    seen: dict[str, int] = {}
    for path, found in ordered:
        key = json.dumps([found.code, path, _about(found)])
        digest = hashlib.sha256(key.encode()).hexdigest()[:16]
        seen[digest] = seen.get(digest, 0) + 1
        yield f"{digest}:{seen[digest]}"


def _about(found: Finding) -> list[tuple[str, str]] | str:
    return sorted(found.cells.items()) or _NUMBERED.sub(r"\1", found.message)
