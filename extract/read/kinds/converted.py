"""What a converter gives: a document of another kind as HTML, with the places of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from extract.model import Finding


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """A document of another kind as HTML, with the places of the file."""

    # HTML, everything of the document escaped. Each table row, heading, paragraph and list item begins on a line of its own.
    text: str
    # For each line of `text` the place in the file: its line; for a file without lines a running number of places, from 1.
    lines: tuple[int, ...]
    # For a file without lines: the number of a place -> words that a person can follow: `sheet Ports, A5`.
    at: Mapping[int, str] = {}
    findings: tuple[Finding, ...] = ()
    # The number of a table, from 1 in the order of <table> in `text` -> why its grid is uncertain; such a table becomes doubtful.
    uncertain: Mapping[int, str] = {}


class Converter(Protocol):
    """A module of one kind."""

    def convert(self, data: bytes) -> Converted:
        """Return a document as HTML, made in memory. Raises RefusedError for what cannot be read, and for a library that is missing."""
