"""What headings and sentences say of the action of the rules below them."""

import pytest

from extract import extract_text
from extract.cells.announced import of_heading

ROWS = "| Port | Protocol | Why |\n| --- | --- | --- |\n| 23 | TCP | Shell |\n"


@pytest.mark.parametrize(
    "heading",
    [
        "Blocked ports",
        "Which ports are blocked?",
        "Welche Ports sind gesperrt?",
        "哪些端口被阻止？",
        "Ports to block",
        "Ports to block:",
        "Ports to block from outside",
        "Denied traffic",
        "Deny rules",
        "Example 4 - Deny all inbound traffic",
        "Block these ports at the perimeter",
        "Traffic that is dropped",
        "Ports that must be blocked from the outside",
        "Ports that must not be exposed to the Internet",
        "Ports that are never opened",
        "Ports to close",
        "Ports that must stay closed",
        "Closed ports",
        "Puertos cerrados",
        "Deny",
        "Ports à bloquer",
        "Puertos a bloquear",
        "Puertos que se deben mantener bloqueados",
        "Gesperrte Ports",
        "Ports bloqués",
        "Puertos que deben estar bloqueados al exterior",
        "Portas bloqueadas",
        "Porte bloccate",
        "Заблокированные порты",
        "禁止的端口",
        "차단된 포트",
    ],
)
def test_headings_that_deny(heading: str) -> None:
    assert of_heading(heading) == "deny"
    (rule,) = extract_text(f"# Network\n\n## {heading}\n\n{ROWS}", path="page.md").rules
    assert (rule.action, rule.trace[0].field, rule.trace[0].said) == ("deny", "action", heading)


@pytest.mark.parametrize(
    "heading",
    [
        "Required ports",
        "Is port 23 blocked?",
        "Why are these ports blocked?",
        "Block storage",
        "Server Message Block",
        "Ports that must not be blocked",
        "Blocked by default: ports to open",
        "Unblock these ports",
        "Ports to open if a firewall blocks them",
        "Traffic that may be blocked",
        "Allow or block access",
        "Drop folder",
        "Troubleshooting blocked connections",
        "Prohibited ports and required ports",
        "Exceptions to what is blocked",
        "Ports in a closed network",
        "Ports that are closed when the installation ends",
        "Ports open by default that may be closed",
        "Ports of the scanner that is used to block malware",
        "Reject queue of the mail gateway",
        "Public blockchain nodes",
    ],
)
def test_headings_that_deny_nothing(heading: str) -> None:
    assert of_heading(heading) != "deny"
    assert [rule.action for rule in extract_text(f"# Network\n\n## {heading}\n\n{ROWS}", path="page.md").rules] == ["allow"]


@pytest.mark.parametrize(
    ("above", "action"),
    [
        ("The following ports must be blocked at the perimeter:", "deny"),
        ("Connections to the ports below are rejected.", "deny"),
        ("These rules close what the group opens. The following traffic is dropped:", "deny"),
        ("All other ports are blocked. Only the following ports are used:", "allow"),
        ("Use the following configuration to block all non-essential traffic to your controllers.", "allow"),
        ("If your firewall has blocked traffic, the following ports are the reason:", "allow"),
        ("The following ports must not be blocked:", "allow"),
        ("Traffic that is sent to the old address is dropped.", "allow"),
        ("TCP is used where UDP is blocked.", "allow"),
        ("Traffic on the following ports is often blocked by providers:", "allow"),
        ("The agent fails where the ports below are blocked.", "allow"),
    ],
)
def test_sentences_above_a_table(above: str, action: str) -> None:
    """One that may be read in another way counts for nothing: most tables list what is to be opened."""
    assert [rule.action for rule in extract_text(f"# Network\n\n{above}\n\n{ROWS}", path="page.md").rules] == [action]


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        (f"# Blocked ports\n\n## Exceptions that are allowed\n\n{ROWS}", ["allow"]),
        (f"# Blocked ports\n\nOpen the following ports:\n\n{ROWS}", ["allow"]),
        (f"# Blocked ports\n\n## From the guest network\n\n{ROWS}", ["deny"]),
        (f"# Blocked ports\n\nNo service needs one of these ports.\n\n{ROWS}", ["deny"]),
        (f"# Blocked ports\n\nThe console opens them when it starts.\n\n{ROWS}", ["deny"]),
        (
            f"# Ports\n\n**Blocked ports**\n\n{ROWS}\n**Further ports**\n\n| Port | Protocol |\n| --- | --- |\n| 22 | TCP |\n",
            ["deny", "allow"],
        ),
    ],
)
def test_the_nearest_counts(text: str, actions: list[str]) -> None:
    assert [rule.action for rule in sorted(extract_text(text, path="page.md").rules, key=lambda rule: -(rule.from_port or 0))] == actions


def test_an_action_cell_counts_before_a_heading() -> None:
    table = "| Port | Protocol | Action |\n| --- | --- | --- |\n| 22 | TCP | Allow |\n| 23 | TCP | Deny |\n| 24 | TCP | |\n"
    rules = extract_text(f"# Blocked ports\n\n{table}", path="page.md").rules
    assert {rule.from_port: rule.action for rule in rules} == {22: "allow", 23: "deny", 24: "deny"}


def test_a_group_row_denies_the_rows_below_it() -> None:
    table = (
        "<table><tr><th>Port<th>Protocol<th>Why<tr><td>443<td>TCP<td>Web<tr><td colspan=3>Blocked ports<tr><td>23<td>TCP<td>Shell"
        "<tr><td colspan=3>Allowed from the office<tr><td>22<td>TCP<td>Shell</table>"
    )
    rules = extract_text(f"<h1>Ports</h1>{table}", path="page.html").rules
    assert {rule.from_port: rule.action for rule in rules} == {443: "allow", 23: "deny", 22: "allow"}
