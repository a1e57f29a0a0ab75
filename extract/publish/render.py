"""The result of a run as the bytes of its files."""

from __future__ import annotations

from typing import Any

import msgspec

from extract import schema
from extract.model import Extraction

SCHEMA_VERSION = "1.0.0"


def rules_json(extraction: Extraction) -> bytes:
    """Return rules.json: two-space JSON, UTF-8, final line feed. Raises SchemaViolationError when it breaks its schema."""
    data = {
        "schema_version": SCHEMA_VERSION,
        "documents": extraction.documents,
        "rules": extraction.rules,
        "unresolved": extraction.unresolved,
    }
    return _checked("rules", data)


def report_json(extraction: Extraction) -> bytes:
    """Return report.json. Raises SchemaViolationError when it breaks its schema."""
    data = {
        "schema_version": SCHEMA_VERSION,
        "summary": extraction.summary,
        "documents": extraction.reports,
        "patches": extraction.patches,
        "sources": extraction.sources,
    }
    return _checked("report", data)


def _checked(name: str, data: dict[str, Any]) -> bytes:
    encoded = msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"
    schema.validate(name, encoded)
    return encoded
