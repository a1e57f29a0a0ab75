"""Tables that hold numbers in the range of ports and are no rules: nobody is told to look at them."""

from __future__ import annotations

import pytest

from extract import Extraction, extract_text


def read(*rows: str, above: str = "# Deployment\n") -> Extraction:
    header, *body = rows
    line = "|".join("---" for _ in header.split("|"))
    return extract_text(f"{above}\n| {header} |\n| {line} |\n" + "".join(f"| {row} |\n" for row in body), path="page.md")


@pytest.mark.parametrize(
    "rows",
    [
        # What commands print.
        ("NAME | TYPE | CLUSTER-IP | PORT(S)", "relay | ClusterIP | 10.0.0.7 | 3000/TCP"),
        ("NAME | EXTERNAL-IP | PORT(S) | AGE", "relay | 192.0.2.7 | 443/TCP | 5d"),
        ("Proto | Recv-Q | Send-Q | Port", "tcp | 0 | 0 | 22"),
        ("NAME | READY | AGE | PORT", "relay | 1/1 | 5d | 8443"),
        # What a client logs in with, in several languages.
        ("Instance | Host | Port | Username | Password", "Primary | 192.0.2.7 | 3306 | root | secret"),
        ("Datenbank | Host | Port | Kennwort", "Archiv | 192.0.2.7 | 5432 | geheim"),
        ("Base | Hôte | Port | Mot de passe", "Archives | 192.0.2.7 | 5432 | secret"),
        ("数据库 | 主机 | 端口 | 用户名", "上游 | 192.0.2.7 | 3306 | root"),
        # Two ends and numbers, of which nothing says that they are ports.
        ("From | To | Fee", "Lyon | Paris | 443", "Paris | Lille | 80"),
        ("Source | Destination | Service", "Agent | Console | 22", "Console | Agent | 443"),
    ],
)
def test_a_table_of_something_else_is_none_of_rules(rows: tuple[str, ...]) -> None:
    extraction = read(*rows)
    assert (extraction.rules, extraction.unresolved) == ((), ())
    assert {found.severity for found in extraction.findings} <= {"note"}


@pytest.mark.parametrize(
    "rows",
    [
        # A column that a command prints as well does not make a table the output of a command.
        ("Protocol | Port(s) | Source | State", "TCP | 443 | Any | Open"),
        # A protocol and a source outweigh a column of logins.
        ("Protocol | Port | Source | Destination | Login", "TCP | 22 | Admins | Servers | root"),
    ],
)
def test_a_table_of_rules_with_such_a_column_is_one_of_rules(rows: tuple[str, ...]) -> None:
    assert len(read(*rows, above="# Inbound ports\n").rules) == 1


def test_actions_for_any_protocol_between_two_ends_are_rules_without_ports() -> None:
    rows = ("Block | Guests | Office | Any", "Pass | Office | Any | Any")
    found = read("Action | Source | Destination | Protocol", *rows).rules
    assert [(rule.action, rule.protocol, rule.from_port) for rule in found] == [("deny", "any", None), ("allow", "any", None)]


@pytest.mark.parametrize("service", ["TCP 443", "443/tcp", "HTTPS (443)", "443 - HTTPS"])
@pytest.mark.parametrize("ends", ["Source | Destination", "From | To", "Quelle | Ziel"])
def test_a_cell_that_names_protocol_and_port_needs_no_header_beside_both_ends(ends: str, service: str) -> None:
    (rule,) = read(f"{ends} | Service | Remark", f"Agent | Console | {service} | log in").rules
    assert (rule.protocol, rule.from_port, rule.complete) == ("tcp", 443, True)
