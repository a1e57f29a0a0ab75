"""The catalogue of findings: every check has a stable code, a severity, and texts that explain it. Messages are rendered by the checks.

The entries are data, in findings.toml beside this module.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import msgspec
import tomli

from extract.errors import VocabularyError
from extract.model import Concern, Finding, Place, Severity


class FindingKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of finding. Description, advice and case are paragraphs: one line each, an empty line between two."""

    code: str
    # By what follows for the data, where the table or page states rules; elsewhere it may be a note (`extract.check.severity`).
    severity: Severity
    # What kind of question it asks.
    concern: Concern = "other"
    title: str
    # What several of them have in common, behind a number: `rows name no protocol`.
    folded: str | None = None
    # What its row states is under `unresolved`, until a patch answers it.
    leaves_open: bool = False
    # The fields of a rule of which a patch must set one to answer it; empty where no value can.
    answered_by: tuple[str, ...] = ()
    # What the check looks at, why it matters, and what became of the value meanwhile.
    description: str
    advice: str
    # A document, HTML or Markdown by its content, that gives this finding.
    page: str | None = None
    # What gives this finding, in words, where no small page of text can show it.
    case: str | None = None

    def __post_init__(self) -> None:
        """Check what types cannot say; msgspec turns the ValueError into a ValidationError."""
        for name, value in msgspec.structs.asdict(self).items():
            if isinstance(value, str) and not value.strip():
                raise ValueError(f"the {name} of {self.code!r} is empty")
        if (self.page is None) == (self.case is None):
            raise ValueError(f"{self.code!r} needs a page or a case, and not both")


@functools.cache
def catalogue() -> Mapping[str, FindingKind]:
    """Return code -> entry, in the order of the file. VocabularyError when the file cannot be read or is malformed."""
    try:
        text = Path(__file__).with_name("findings.toml").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(f"the catalogue of findings cannot be read: {error}") from error
    return parse(text)


def parse(text: str) -> Mapping[str, FindingKind]:
    """Return code -> entry for the text of a catalogue, the lines of each paragraph joined.

    VocabularyError when it is no TOML, an entry lacks something, has an empty value or both page and case, or a code is listed twice.
    """
    try:
        entries = msgspec.convert(tomli.loads(text)["finding"], tuple[FindingKind, ...])
    except (tomli.TOMLDecodeError, KeyError, msgspec.ValidationError) as error:
        raise VocabularyError(f"the catalogue of findings is malformed: {error}") from error
    found = {entry.code: _joined(entry) for entry in entries}
    if len(found) != len(entries):
        raise VocabularyError("the catalogue of findings lists a code twice")
    return found


def _joined(entry: FindingKind) -> FindingKind:
    texts = {name: text for name in ("description", "advice", "case") if (text := getattr(entry, name)) is not None}
    return msgspec.structs.replace(entry, **{name: _paragraphs(text) for name, text in texts.items()})


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def finding(
    code: str,
    message: str,
    *,
    document: str | None = None,
    line: int | None = None,
    table: int | None = None,
    row: int | None = None,
    cells: Mapping[str, str] | None = None,
    related: tuple[Place, ...] = (),
) -> Finding:
    """Return a finding of the catalogue; the document is filled in by whoever knows it. KeyError on an unknown code."""
    severity = catalogue()[code].severity
    return Finding(
        code=code,
        severity=severity,
        message=message,
        document=document,
        line=line,
        table=table,
        row=row,
        cells=dict(cells or {}),
        related=related,
    )
