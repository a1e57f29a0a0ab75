"""The findings of a run as SARIF 2.1.0, for GitHub code scanning and whatever else shows it.

What GitHub needs and what it refuses stands in its page "SARIF support for code scanning"; sections are those of the OASIS standard.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from extract.catalogue import FindingKind, catalogue
from extract.cells.limits import shortened
from extract.model import Extraction, Finding, Place
from extract.publish import places
from extract.publish.places import Placed
from extract.publish.wording import count, plain
from extract.regex import late

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
# `line 12`, `rows 2, 3 and 7`, `byte 105`: where something stands, which changes when something else is inserted above it.
_NUMBERED = late(r"\b(lines?|rows?|tables?|bytes?|char) \d+(?:(?:,? and |, | to |[-–])\d+)*", re.IGNORECASE)
_BRACKET = late(r"\\*[\[\]]")
# A notification names so many of the documents that it is about.
_NAMES = 5
# What a message shows of the path of another document.
_MAX_NAME = 200


def sarif(extraction: Extraction, paths: Mapping[str, str], version: str) -> bytes:
    """Return the findings of documents and patches as a SARIF file: two-space JSON, UTF-8, final line feed.

    `paths` holds the path from the root of the repository, with forward slashes, of each document and file of patches by its path in
    the data. A result needs a place in the repository, so the findings of what is not in `paths` are left out; a notification counts
    them. `version` is that of this program.
    """
    ordered = places.worst_first(extraction)
    inside = [placed for placed in ordered if placed.path in paths]
    shown = inside[:MAX_RESULTS]
    # All entries, not only those that occur: a file with fewer findings then differs in its results alone.
    entries = catalogue()
    indices = {code: index for index, code in enumerate(entries)}
    notifications = [*_outside(ordered, paths), *_beyond(len(inside) - len(shown))]
    run = {
        "tool": {"driver": {"name": "docrules", "semanticVersion": version, "rules": [_rule(entry) for entry in entries.values()]}},
        "invocations": [_invocation(ordered, notifications)],
        # The root has no address: that of the machine that made the file helps nobody.
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "results": [
            _result(placed, indices[placed.finding.code], fingerprint, paths)
            for placed, fingerprint in zip(shown, _fingerprints(shown, paths), strict=True)
        ],
    }
    return msgspec.json.format(msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}), indent=2) + b"\n"


def _rule(entry: FindingKind) -> dict[str, Any]:
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


def _invocation(ordered: Iterable[Placed], notifications: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": not any(found.code in places.LEFT_OUT for _, found in ordered)}
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    return invocation


def _outside(ordered: Iterable[Placed], paths: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield a notification about the findings that have no place in the repository: GitHub refuses a file with a result without one."""
    found = [placed for placed in ordered if placed.path not in paths]
    if not found:
        return
    severities = Counter(placed.finding.severity for placed in found)
    counts = ", ".join(count(severities[severity], severity) for severity in places.SEVERITIES if severities[severity])
    names = sorted({placed.path for placed in found})
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    text = f"left out of this file, for they are about documents outside of the repository: {counts} ({', '.join(names[:_NAMES])}{more})"
    yield {"level": found[0].finding.severity, "message": {"text": _text(text)}}


def _beyond(left_out: int) -> Iterator[dict[str, Any]]:
    if left_out:
        text = f"{count(left_out, 'finding')} beyond the first {MAX_RESULTS} of highest severity left out of this file"
        yield {"level": "warning", "message": {"text": text}}


def _result(placed: Placed, index: int, fingerprint: str, paths: Mapping[str, str]) -> dict[str, Any]:
    path, found = placed
    related = found.related[:MAX_RELATED]
    numbers = {place: number for number, place in enumerate(dict.fromkeys(one for one in related if one.document in paths), 1)}
    seen = ", ".join(_link(_text(_named(place, path, paths), links=True), numbers.get(place)) for place in related)
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": found.severity,
        "message": {"text": f"{_text(found.message, links=True)} (see {seen})" if seen else _text(found.message)},
        "locations": [_location(path, paths, found.line, found.at)],
        # The one name that GitHub compares.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if numbers:
        result["relatedLocations"] = [
            {"id": number, **_location(place.document, paths, place.line, place.at), "message": {"text": _text(_named(place, path, paths))}}
            for place, number in numbers.items()
        ]
    return result


def _location(path: str, paths: Mapping[str, str], line: int | None, at: str | None) -> dict[str, Any]:
    """Return a place. One in a file without lines is said in words (3.33); GitHub asks for a line all the same."""
    region = {"startLine": 1 if at else line or 1}
    physical = {"artifactLocation": {"uri": _uri(paths[path]), "uriBaseId": _ROOT}, "region": region}
    return {"physicalLocation": physical, **({"logicalLocations": [{"name": _text(at)}]} if at else {})}


def _link(text: str, number: int | None) -> str:
    return f"[{text}]({number})" if number else text


def _named(place: Place, path: str, paths: Mapping[str, str]) -> str:
    """Return how a place is called; its document is named where it is another one than that of the finding."""
    row = f", row {place.row}" if place.row else ""
    where = f"table {place.table}{row}" if place.table else place.at or f"line {place.line or 1}"
    return where if place.document == path else f"{where} of {shortened(paths.get(place.document, place.document), _MAX_NAME)}"


def _text(message: str, *, links: bool = False) -> str:
    """Return a message as the text that SARIF shows for it: of what documents say, nothing is a link (3.11.6).

    In a message with `links` every bracket that is no part of one is escaped, for an open one would begin the next link.
    """
    text = shortened(plain(message), MAX_MESSAGE).replace("](", "] (")
    return _braced(_BRACKET.sub(lambda match: "".join(f"\\{sign}" for sign in match[0]), text) if links else text)


def _braced(text: str) -> str:
    """Return text in which braces stand for themselves, not for the place of an argument (3.11.5)."""
    return text.replace("{", "{{").replace("}", "}}")


def _uri(path: str) -> str:
    """Return a path as a relative reference: each byte of a segment that is not unreserved is percent-encoded (RFC 3986, 2.1).

    So is the colon, before which a reader would take the first segment for a scheme.
    """
    segments = path.encode("utf-8", "surrogateescape").split(b"/")
    return "/".join("".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in segment) for segment in segments)


def _fingerprints(ordered: Sequence[Placed], paths: Mapping[str, str]) -> Iterator[str]:
    """Yield for each finding a fingerprint that does not change when the finding moves within its document: a hash over its content, and a
    number among findings with the same hash. It uses the path in the repository, so the folder that was given does not matter.
    """
    seen: Counter[str] = Counter()
    for path, found in ordered:
        key = json.dumps([found.code, paths[path], _about(found)])
        digest = hashlib.sha256(key.encode()).hexdigest()[:16]
        seen[digest] += 1
        yield f"{digest}:{seen[digest]}"


def _about(found: Finding) -> list[tuple[str, str]] | str:
    return sorted(found.cells.items()) or _NUMBERED.sub(r"\1", found.message)
