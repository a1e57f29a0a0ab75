"""The severity of a finding: by what follows from it for the data. What is wrong with a table without rules is a note."""

from __future__ import annotations

import pytest

from extract import extract_text

RULES = "| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP | 8443 | Any |\n"
OPTIONS = "| Option | Default |\n| --- | --- |\n| Level | warn |\n"


def severities(text: str, path: str = "page.md") -> dict[str, str]:
    """Return code -> severity of what a page gives, where the code is none of those that say that there is no rule."""
    found = extract_text(text, path=path).findings
    return {one.code: one.severity for one in found if one.code not in ("no-rule-table", "no-table")}


SURPLUS = "| Log level | warn | or | less |\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The row of a table without rules has too many cells; rules elsewhere on the page make no difference.
        (OPTIONS + SURPLUS, {"surplus-cells": "note"}),
        (f"# Inbound ports\n\n{RULES}\n## Options\n\n{OPTIONS}{SURPLUS}", {"surplus-cells": "note"}),
        (f"# Inbound ports\n\n{RULES}| TCP | 443 | Any | x |\n", {"surplus-cells": "warning", "row-shifted": "warning"}),
        # Front matter names no group of a page without rules.
        (f'---\ntitle: "Beacon\n---\n\n{OPTIONS}', {"front-matter": "note"}),
        (f'---\ntitle: "Beacon\n---\n\n# Inbound ports\n\n{RULES}', {"front-matter": "warning"}),
        # An empty page may be one that failed to arrive, whatever was on it.
        ("", {"empty-document": "warning"}),
    ],
)
def test_what_is_wrong_matters_where_rules_are(text: str, expected: dict[str, str]) -> None:
    assert severities(text) == expected


BROKEN_OPTIONS = "| Option | Default |\n| Log level | warn |\n"
BROKEN_RULES = "| Protocol | Port | Source |\n| TCP | 8443 | Any |\n"
BROKEN_ROW = "| UDP | 514 | Any |\n| UDP | 515 | Any |\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BROKEN_OPTIONS, "note"),
        (BROKEN_RULES, "warning"),
        # Rows that a blank line parted from their table are rows of rules where the page has such.
        (f"# Inbound ports\n\n{RULES}\n\n{BROKEN_ROW}", "warning"),
        (f"# Inbound ports\n\n{RULES}\n\n{BROKEN_OPTIONS}", "note"),
        (f"{OPTIONS}\n\n| `color` | Whether output is coloured. |\n| `noop` | Whether nothing is done. |\n", "note"),
    ],
)
def test_lines_that_became_no_table_matter_where_they_would_hold_rules(text: str, expected: str) -> None:
    assert severities(text)["broken-pipe-table"] == expected


def test_a_limit_in_a_table_without_rules_fails_no_run() -> None:
    wide = "".join(f"<td>{number}x" for number in range(300))
    page = "<h1>{}</h1><table><tr><th>{}<th>{}<th>{}<tr><td>{}<td>{}<td>Any<tr>{}</table>"
    assert severities(page.format("Options", "Option", "Default", "Remark", "Level", "warn", wide), "page.html")["limit-reached"] == "note"
    rules = page.format("Inbound ports", "Protocol", "Port", "Source", "TCP", "8443", wide)
    assert severities(rules, "page.html")["limit-reached"] == "error"
