"""A run as a summary in GitHub Flavored Markdown, for a comment on a pull request or the page of a workflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from extract.catalogue import catalogue
from extract.cells.limits import shortened
from extract.model import DocumentReport, Endpoint, Extraction, PatchReport, Unresolved
from extract.publish import places
from extract.publish.places import Placed
from extract.publish.sections import MAX_LENGTH, Section, render, row
from extract.publish.wording import code, count, in_markdown, located
from extract.read.not_read import in_words

# What a cell of the summary quotes, so that a row stays a row.
_MAX_TEXT = 400
_MAX_PATH = 200


def markdown(extraction: Extraction, paths: Mapping[str, str]) -> str:
    """Return the summary: counts, documents that need a look, errors and warnings, unresolved rules, patches, counts of the notes.

    `paths` holds the path from the root of the repository of each document and file of patches by its path in the data; what is not in
    it is named as outside of the repository. What documents say is shown as text, whatever it looks like, and the whole in `MAX_LENGTH`
    characters.
    """
    findings = places.worst_first(extraction)
    serious = [placed for placed in findings if placed.finding.severity != "note"]
    documents = tuple(_document_rows(extraction, paths))
    sections = [
        Section("Documents", ("Document", "Rules", "Unresolved", "Errors", "Warnings"), documents, len(documents)),
        Section("Errors and warnings", ("Severity", "Place", "Finding", "Code"), _finding_rows(serious, paths), len(serious)),
        Section("Unresolved rules", ("Place", "What is known", "Reason"), _unresolved_rows(extraction, paths), len(extraction.unresolved)),
        Section("Patches", ("Patch", "Operation", "Rules", "Reason", "Findings"), _patch_rows(extraction.patches), len(extraction.patches)),
    ]
    notes = _notes(findings)
    text = f"## docrules\n\n{_counts(extraction)}\n"
    return text + render(sections, MAX_LENGTH - len(notes) - len(text)) + notes


def _counts(extraction: Extraction) -> str:
    counts = extraction.summary
    found = ", ".join(count(number, severity) for severity, number in counts.findings.items() if number)
    patched = f", {counts.patched} of them patched" if counts.patched else ""
    read = f"{count(counts.documents, 'document')}, {count(counts.tables, 'table')}, {counts.rule_tables} of them with rules"
    rules = f"**{count(counts.rules, 'rule')}**, {counts.complete} of them complete, and {counts.unresolved} unresolved"
    passed = f"\n\nNot read: {in_words(counts.not_read)}." if counts.not_read else ""
    return f"{read}: {rules}{patched}; findings: {found or 'none'}.{passed}"


def _document_rows(extraction: Extraction, paths: Mapping[str, str]) -> Iterator[str]:
    """Yield the documents of which something is unresolved, an error or a warning."""
    rules = Counter(name for rule in extraction.rules for name in {place.document for place in rule.evidence})
    unresolved = Counter(name for rule in extraction.unresolved for name in {place.document for place in rule.evidence})
    for report in extraction.reports:
        severities = _severities(report)
        if unresolved[report.id] or severities["error"] or severities["warning"]:
            numbers = (rules[report.id], unresolved[report.id], severities["error"], severities["warning"])
            yield row([_place(report.path, paths), *map(str, numbers)])


def _finding_rows(findings: Sequence[Placed], paths: Mapping[str, str]) -> Iterator[str]:
    for path, found in findings:
        yield row(
            [found.severity, _place(path, paths, found.line, found.at), in_markdown(found.message, _MAX_TEXT), code(found.code, _MAX_TEXT)]
        )


def _unresolved_rows(extraction: Extraction, paths: Mapping[str, str]) -> Iterator[str]:
    by_id = {document.id: document.path for document in extraction.documents}
    for rule in extraction.unresolved:
        place = rule.evidence[0]
        known, reason = in_markdown(_known(rule), _MAX_TEXT), in_markdown(rule.reason, _MAX_TEXT)
        yield row([_place(by_id[place.document], paths, place.line, place.at), known, reason])


def _known(rule: Unresolved) -> str:
    """Return what is known of a rule: `tcp User-defined range from A to B`."""
    parts = [
        "deny" if rule.action == "deny" else None,
        rule.protocol,
        rule.port_text if rule.port_text is not None else _ports(rule),
        _side("from", rule.source),
        _side("to", rule.destination),
    ]
    return " ".join(part for part in parts if part) or "nothing"


def _ports(rule: Unresolved) -> str | None:
    if rule.icmp_type is not None:
        return f"type {rule.icmp_type}" + (f" code {rule.icmp_code}" if rule.icmp_code is not None else "")
    if rule.from_port is None:
        return None
    return str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"


def _side(word: str, endpoint: Endpoint | None) -> str | None:
    return f"{word} {endpoint.name}" if endpoint is not None else None


def _patch_rows(patches: Sequence[PatchReport]) -> Iterator[str]:
    for patch in patches:
        found = ", ".join(count(number, severity) for severity, number in _severities(patch).items() if number)
        reason = in_markdown(patch.reason, _MAX_TEXT)
        yield row([code(patch.id, _MAX_TEXT), patch.operation, str(patch.rules), reason, found or "none"])


def _severities(report: DocumentReport | PatchReport) -> dict[str, int]:
    counts = Counter(found.severity for found in report.findings)
    return {severity: counts[severity] for severity in places.SEVERITIES}


def _notes(findings: Sequence[Placed]) -> str:
    """Return the notes, counted by kind, folded away; their text stands in the report."""
    counts = Counter(found.code for _, found in findings if found.severity == "note")
    if not counts:
        return ""
    rows = "".join(
        row([code(entry.code, _MAX_TEXT), in_markdown(entry.title, _MAX_TEXT), str(counts[entry.code])])
        for entry in catalogue().values()
        if counts[entry.code]
    )
    table = f"{row(['Code', 'Meaning', 'Notes'])}{row(['---'] * 3)}{rows}"
    return f"\n<details>\n<summary>{count(counts.total(), 'note')}</summary>\n\n{table}\n</details>\n"


def _place(path: str, paths: Mapping[str, str], line: int | None = None, at: str | None = None) -> str:
    named = code(located(shortened(paths.get(path, path), _MAX_PATH), line, at), _MAX_TEXT)
    return named if path in paths else f"{named}, outside of the repository"
