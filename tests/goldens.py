"""Golden pages: a folder for each, with a page and `expected.txt`, which says what the page shows and what its rules are.

The first line of `expected.txt` is the one-line purpose. Then, in the order of the page, a line for each table that is no rule table
(`table 2: no-rules`) and a line for each rule:

    table.row | action | direction | protocol | ports | source | destination | description

`-` stands for "not stated"; a port that the page leaves open is its words in quotes; ICMP types and codes are `type 3 code 4`.
"""

from __future__ import annotations

from pathlib import Path

from extract import Endpoint, Extraction, Rule, Unresolved, extract_text

PAGES = Path(__file__).parent / "pages"


def folders() -> list[Path]:
    """Return the golden pages, sorted by name."""
    return sorted(path.parent for path in PAGES.glob("*/expected.txt"))


def page_of(folder: Path) -> Path:
    """Return the page of a folder: the one file named page.*."""
    (page,) = folder.glob("page.*")
    return page


def extract_page(folder: Path) -> Extraction:
    """Extract one golden page."""
    page = page_of(folder)
    return extract_text(page.read_bytes(), path=page.name)


def render(extraction: Extraction) -> list[str]:
    """Return an extraction in the notation of `expected.txt`, without the purpose."""
    lines: list[tuple[int, int, int, str]] = []
    for report in extraction.reports:
        for table in report.tables:
            if table.verdict != "rules":
                lines.append((table.table, 0, 0, f"table {table.table}: {table.verdict}"))
    every: list[Rule | Unresolved] = [*extraction.rules, *extraction.unresolved]
    for order, rule in enumerate(every):
        for evidence in rule.evidence:
            lines.append((evidence.table, evidence.row, order, f"{evidence.table}.{evidence.row} | {render_rule(rule)}"))
    return [line for *_, line in sorted(lines)]


def render_rule(rule: Rule | Unresolved) -> str:
    """Return one rule without its place."""
    fields = (
        rule.action,
        rule.direction,
        rule.protocol,
        _ports(rule),
        _endpoint(rule.source),
        _endpoint(rule.destination),
        rule.description,
    )
    return " | ".join(field or "-" for field in fields)


def _ports(rule: Rule | Unresolved) -> str | None:
    if rule.icmp_type is not None:
        return f"type {rule.icmp_type}" + (f" code {rule.icmp_code}" if rule.icmp_code is not None else "")
    if rule.from_port is not None:
        return str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"
    return f'"{rule.port_text}"' if isinstance(rule, Unresolved) and rule.port_text else None


def _endpoint(endpoint: Endpoint | None) -> str | None:
    return endpoint.name if endpoint else None
