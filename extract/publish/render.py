"""The result of a run as the bytes of its files, made and validated part by part: a whole file is never held in several forms at once."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from extract import schema
from extract.model import Extraction

# So many documents or rules are encoded, validated and laid out together. Validation holds them as objects, of some 10 kB each.
_TOGETHER = 250
# The lowest: higher ones save little and take twice the time.
_LEVEL = 1
_NEXT = b"\n  "
_CLOSE = b"\n]"


def rules_json(extraction: Extraction) -> bytes:
    """Return rules.json: two-space JSON, UTF-8, final line feed. Raises SchemaViolationError when it breaks its schema."""
    return _joined(rules_parts(extraction))


def rules_content(extraction: Extraction) -> Callable[[], Iterator[bytes]]:
    """Return what gives rules.json in parts, as often as it is called: they are made once, and kept compressed to a tenth.

    A run compares what it would publish with what is published, and then writes it. Raises SchemaViolationError as `rules_json` does.
    """
    kept = [zlib.compress(part, _LEVEL) for part in rules_parts(extraction)]
    return lambda: map(zlib.decompress, kept)


def rules_parts(extraction: Extraction) -> Iterator[bytes]:
    """Yield rules.json in parts. Raises SchemaViolationError when the next part breaks the schema."""
    lists = {"documents": extraction.documents, "rules": extraction.rules, "unresolved": extraction.unresolved}
    return _parts("rules", {}, lists)


def report_json(extraction: Extraction) -> bytes:
    """Return report.json. Raises SchemaViolationError when it breaks its schema."""
    return _joined(report_parts(extraction))


def report_parts(extraction: Extraction) -> Iterator[bytes]:
    """Yield report.json in parts. Raises SchemaViolationError when the next part breaks the schema."""
    lists = {"documents": extraction.reports, "patches": extraction.patches, "sources": extraction.sources}
    return _parts("report", {"summary": extraction.summary}, lists)


def _joined(parts: Iterable[bytes]) -> bytes:
    # One growing buffer: a list of parts would stay in memory next to the joined bytes.
    whole = io.BytesIO()
    whole.writelines(parts)
    return whole.getvalue()


def _parts(name: str, single: Mapping[str, Any], lists: Mapping[str, Sequence[Any]]) -> Iterator[bytes]:
    """Yield a file that begins with single values, behind which lists follow. The schemas say nothing of a list but what is in it."""
    head = {"schema_version": schema.version(name), **single}
    empty: dict[str, Any] = dict.fromkeys(lists, ())
    yield msgspec.json.format(_valid(name, {**head, **empty}, "", 0), indent=2).partition(f',\n  "{next(iter(lists))}": '.encode())[0]
    for key, values in lists.items():
        yield f',\n  "{key}": ['.encode()
        for first in range(0, len(values), _TOGETHER):
            some = msgspec.json.encode(values[first : first + _TOGETHER])
            _valid(name, {**head, **empty, key: msgspec.Raw(some)}, key, first)
            laid_out = msgspec.json.format(some, indent=2)
            # A line feed is never within a text, where JSON writes it as an escape.
            yield (b"," if first else b"") + laid_out.removeprefix(b"[").removesuffix(_CLOSE).replace(b"\n", _NEXT)
        yield b"\n  ]" if values else b"]"
    yield b"\n}\n"


def _valid(name: str, data: Mapping[str, Any], key: str, first: int) -> bytes:
    """Return data as JSON. Raises SchemaViolationError when it breaks the schema; the list `key` of it begins with that number."""
    encoded = msgspec.json.encode(data)
    schema.validate(name, encoded, key, first)
    return encoded
