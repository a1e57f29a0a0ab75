"""The result of a run as the bytes of its files."""

from __future__ import annotations

from typing import Any

import msgspec

from extract import schema
from extract.model import Extraction


def rules_json(extraction: Extraction) -> bytes:
    """Return rules.json: two-space JSON, UTF-8, final line feed. Raises SchemaViolationError when it breaks its schema."""
    data = {
        "documents": extraction.documents,
        "rules": extraction.rules,
        "unresolved": extraction.unresolved,
    }
    return _checked("rules", data)


def report_json(extraction: Extraction) -> bytes:
    """Return report.json. Raises SchemaViolationError when it breaks its schema."""
    data = {
        "summary": extraction.summary,
        "documents": extraction.reports,
        "patches": extraction.patches,
        "sources": extraction.sources,
    }
    return _checked("report", data)


def _checked(name: str, data: dict[str, Any]) -> bytes:
    versioned = {"schema_version": schema.version(name), **data}
    encoded = msgspec.json.encode(versioned)
    schema.validate(name, encoded)
    return msgspec.json.format(encoded, indent=2) + b"\n"
