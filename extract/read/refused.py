"""What says that a document cannot be read."""

from __future__ import annotations

from extract.catalogue import finding
from extract.model import Finding


class RefusedError(Exception):
    """A document is none that can be read; the finding says why, and what to do."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.message)
        self.found = found


def refused(message: str, *, code: str = "unsupported-format", line: int | None = None) -> RefusedError:
    """Return the error for a document that cannot be read; the message says why, and what to do."""
    return RefusedError(finding(code, message, line=line))
