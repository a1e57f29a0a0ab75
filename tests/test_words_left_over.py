"""The words of cells that decide something: each is a value, known to narrow nothing, or leaves the row open."""

from __future__ import annotations

import pytest

from extract import extract_text

COLUMNS = {"Protocol": "TCP", "Port": "9443", "Source": "Clients", "Direction": "Inbound", "Action": "Allow"}


def stated(header: str, cell: str) -> str:
    """Return what the row is read as that has this cell under this header: its rules, or `open`."""
    rows = [COLUMNS | {"Port": "22"}, COLUMNS | {header: cell}, COLUMNS | {"Protocol": "UDP", "Port": "53"}]
    body = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row.values()) + "</tr>" for row in rows)
    page = f"<h2>Ports</h2><table><tr>{''.join(f'<th>{name}</th>' for name in COLUMNS)}</tr>{body}</table>"
    extraction = extract_text(page, kind="html")
    rules = [rule for rule in extraction.rules if rule.evidence[0].row == 2]
    left_open = any(one.evidence[0].row == 2 for one in extraction.unresolved)
    assert left_open != bool(rules), "rules or open, and not both"
    return "open" if left_open else ", ".join(sorted(f"{rule.action} {rule.direction} {rule.protocol}" for rule in rules))


@pytest.mark.parametrize(
    "cell",
    [
        *("Any except UDP", "All but UDP", "not TCP", "!UDP", "TCP/UDP, not ICMP", "TCP außer VPN", "sauf UDP", "TCP以外", "кроме TCP"),
        *("TCP established", "TCP (established)", "All TCP (established)", "TCP（已建立）", "TCP (nur lokal)", "tcp (syn)"),
        *("TCP frobnicate", "proprietary TCP", "TCP, others", "TCP over frobnication", "Any (established)", "Any (see note 1)", "TBD"),
    ],
)
def test_words_beside_a_protocol_leave_the_row_open(cell: str) -> None:
    assert stated("Protocol", cell) == "open"


@pytest.mark.parametrize(
    "cell",
    [
        *("TCP", "tcp.", "TCP*", "TCP[1]", "TCP (6)", "6", "TCP (optional)", "TCP (web console)", "TCP (HTTPS)", "TCP/IP", "TCP only"),
        *("TCP only if clustered", "TCP if clustered", "TCP falls aktiviert", "TCP si activé", "TCP (如果启用)", "TCP - web console"),
    ],
)
def test_labels_and_conditions_beside_a_protocol_narrow_nothing(cell: str) -> None:
    assert stated("Protocol", cell) == "allow ingress tcp"


@pytest.mark.parametrize(
    "cell",
    [
        *("Inbound (established)", "Inbound, reply traffic", "Inbound except VPN", "not inbound", "No inbound", "Inbound frobnicate"),
        *("Eingehend (nur lokal)", "Entrant sauf VPN", "入站（已建立）", "Входящие, кроме VPN", "Entrante (establecidas)"),
    ],
)
def test_words_beside_a_direction_leave_the_row_open(cell: str) -> None:
    assert stated("Direction", cell) == "open"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *(
            (text, "allow ingress tcp")
            for text in ("Inbound", "Inbound rules", "Inbound only", "Inbound traffic", "Inbound from the Internet")
        ),
        *((text, "allow ingress tcp") for text in ("Inbound if clustered", "Nur eingehend", "In", "入站", "Inbound (optional)")),
        ("Inbound and outbound connections", "allow egress tcp, allow ingress tcp"),
    ],
)
def test_what_a_direction_cell_may_say_besides_narrows_nothing(cell: str, expected: str) -> None:
    assert stated("Direction", cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "Allow established",
            "Allow (established)",
            "Allow except VPN",
            "Allow only from VPN",
            "Allow (08:00-18:00)",
            "Allow temporarily",
        ),
        *("Accept/Drop", "Allow, deny the rest", "Allow with inspection", "Zulassen, ausser VPN", "Autoriser sauf VPN", "許可（確立済み）"),
        *("Conditional", "Rate limit", "Remove", "No", "frobnicate"),
    ],
)
def test_words_beside_an_action_leave_the_row_open(cell: str) -> None:
    assert stated("Action", cell) == "open"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *(
            (text, "allow ingress tcp")
            for text in ("Allow", "Allow all traffic", "Allow, log", "Allowed by default", "Must be open", "Allow*")
        ),
        *(
            (text, "allow ingress tcp")
            for text in ("Allow if clustered", "Yes, allow", "Alle zulassen", "Tout autoriser", "すべて許可", "允许所有流量")
        ),
        *(
            (text, "deny ingress tcp")
            for text in ("Deny", "Not allowed", "do not allow", "Rejeitar", "Tolak", "Chặn", "禁止", "Zablokuj", "Reddet")
        ),
    ],
)
def test_what_an_action_cell_may_say_besides_narrows_nothing(cell: str, expected: str) -> None:
    assert stated("Action", cell) == expected
