"""The exit code of a run: what it says of its findings, and of what could not be read or done."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from extract.cli.terminal import EXIT_FINDINGS, EXIT_INTERNAL, EXIT_UNREADABLE
from extract.model import Extraction, Severity
from extract.publish import places

FAILING: Mapping[str, tuple[Severity, ...]] = {
    "error": ("error",),
    "warning": ("error", "warning"),
    "note": ("error", "warning", "note"),
    "unresolved": ("error",),
    "never": (),
}
"""--fail-on -> the severities of findings that fail a run."""


def code_of(extraction: Extraction, fail_on: str) -> int:
    """Return the exit code of a run."""
    codes = {found.code for found in extraction.each_finding()}
    return code(codes, extraction.summary.findings, len(extraction.unresolved), fail_on)


def code(codes: Collection[str], findings: Mapping[str, int], unresolved: int, fail_on: str) -> int:
    """Return the exit code by the codes of findings, their number by severity, and the number of rules that are left open.

    --fail-on does not change the code for unreadable documents and internal errors.
    """
    if places.FAILED.intersection(codes):
        return EXIT_INTERNAL
    if places.UNREADABLE.intersection(codes):
        return EXIT_UNREADABLE
    failing = any(findings[severity] for severity in FAILING[fail_on])
    return EXIT_FINDINGS if failing or (fail_on == "unresolved" and unresolved) else 0
