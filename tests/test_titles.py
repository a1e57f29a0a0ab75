"""Titles: whose rules follow, and what only looks as if it said so."""

from __future__ import annotations

import pytest

from extract.interpret import groups, titles, transports
from extract.interpret.titles import Ends


@pytest.mark.parametrize(
    ("title", "owner"),
    [
        ("Lattice Server - Inbound:", "Lattice Server"),
        ("Incoming ports of the Lattice Server", "Lattice Server"),
        ("Table: Lattice Server (outbound)", "Lattice Server"),
        ("Inbound Lattice Server ports", "Lattice Server"),
        ("Ports the Lattice Server listens on", "Lattice Server"),
        ("3.2.1 Lattice Server inbound ports", "Lattice Server"),
        ("🔒 Lattice Server inbound ports", "Lattice Server"),
        ("Harvester inbound", "Harvester"),
        ("HA Mediator inbound rules", "HA Mediator"),
        ("Eingehende Verbindungen zum Server", "Server"),
        ("Reglas de entrada del Servidor", "Servidor"),
        ("ゲートウェイの受信ポート", "ゲートウェイ"),
    ],
)
def test_what_is_left_beside_a_direction_owns_the_rules(title: str, owner: str) -> None:
    assert titles.ends_of(title) == Ends(owner=owner)


@pytest.mark.parametrize(
    ("title", "ends"),
    [
        ("Inbound from the Load Balancer", Ends(source="Load Balancer")),
        ("Outbound to the Mail Relay", Ends(destination="Mail Relay")),
        ("Outbound from the Lattice Server", Ends(owner="Lattice Server")),
        ("Inbound from Console to Worker", Ends(source="Console", destination="Worker")),
        ("Saída para Ember Gateway", Ends()),
        ("来自 Ember Gateway 的入站流量", Ends(source="Ember Gateway")),
    ],
)
def test_a_preposition_says_which_end_a_name_is(title: str, ends: Ends) -> None:
    assert titles.ends_of(title) == ends


@pytest.mark.parametrize(
    "title",
    [
        "Required inbound ports",
        "Accessible ports (outgoing)",
        "Inbound ports must be opened by Administrators",
        "Access Gateway inbound",
        "CNI specific inbound rules",
        "Inbound Management Traffic",
        "Outbound DNS",
        "Inbound ports to open",
        "Ingress controller ports",
        "受信を許可するポート",
        "Inbound and outbound ports",
        "Ports that accept incoming connections",
    ],
)
def test_a_title_without_a_whole_name_names_nobody(title: str) -> None:
    assert titles.ends_of(title) == titles.NOBODY


@pytest.mark.parametrize("title", ["Harvester", "Lattice Broker", "Control plane", "Passerelle Ember", "The Lattice Server"])
def test_names(title: str) -> None:
    assert titles.is_name_alone(title)


@pytest.mark.parametrize(
    "title",
    ["Before you begin", "Step 3: open the ports", "Ports on premises", "Requirements", "Getting Started", "Erste Schritte", "Inbound"],
)
def test_topics_and_clauses_are_no_names(title: str) -> None:
    assert not titles.is_name_alone(title)


@pytest.mark.parametrize("title", ["Restart the Server", "Securing the Appliance", "Connect to the Database"])
def test_what_to_do_with_a_component_is_no_name_of_it(title: str) -> None:
    assert not titles.names_component(title)


@pytest.mark.parametrize(
    ("title", "group"),
    [
        ("Rules for the HA mediator external security group", "HA mediator external security group"),
        ("Rules for master node in self-deployed cluster", "master node in self-deployed cluster"),
        ("Jumphost NSG", "Jumphost NSG"),
        ("Managed security group for the primary instance", "Managed security group for the primary instance"),
        ("Security group lattice-nodes", "Security group lattice-nodes"),
        ("Rules for inbound traffic", None),
        ("Firewall rules for the following components", None),
        ("Change the security group", None),
        ("Your security group", None),
        ("Which security group do I need?", None),
        ("Security group naming", None),
    ],
)
def test_groups_of_titles(title: str, group: str | None) -> None:
    assert groups.of_title(title) == group


@pytest.mark.parametrize(
    ("sentence", "group"),
    [
        ("Create a security group called lattice-nodes with these rules.", "lattice-nodes"),
        ("The lattice-nodes security group contains the following rules.", "lattice-nodes security group"),
        ("A network security group (lattice-nsg) is created with the following rules.", "lattice-nsg"),
        ("Attach the security group “lattice-nodes”, which has the following rules.", "lattice-nodes"),
        ("Allow the following from the security group lattice-app:", None),
        ("Create a VPC-wide security group with these rules:", None),
        ("Create a security group (one per VPC) with these rules:", None),
        ("Copy the security group lattice-a to the security group lattice-b with these rules:", None),
    ],
)
def test_groups_that_a_sentence_calls_by_their_names(sentence: str, group: str | None) -> None:
    assert groups.called(sentence) == group


@pytest.mark.parametrize(
    ("sentence", "transport"),
    [
        ("All ports are TCP unless otherwise noted.", "tcp"),
        ("Note: Port numbers refer to TCP.", "tcp"),
        ("TCP is used throughout.", "tcp"),
        ("Alle Ports sind TCP-Ports, sofern nicht anders angegeben.", "tcp"),
        ("UDP is blocked on all ports.", None),
        ("All ports support TCP keepalive.", None),
        ("Each port is checked with a TCP ping.", None),
        ("Unless otherwise noted, timeouts are those of TCP sessions.", None),
        ("Not all ports are TCP.", None),
        ("All ports are TCP or UDP.", None),
    ],
)
def test_the_transport_of_all_ports(sentence: str, transport: str | None) -> None:
    assert transports.of_every_port(sentence) == transport


@pytest.mark.parametrize(
    ("title", "transport"),
    [
        ("TCP", "tcp"),
        ("TCP services", "tcp"),
        ("TCP ports of the Lattice Server", "tcp"),
        ("No UDP ports", None),
        ("Ports of the TCP Relay", None),
        ("UDP Director: ports", None),
        ("Ports other than TCP", None),
        ("TCP 443", None),
    ],
)
def test_the_transport_of_a_title(title: str, transport: str | None) -> None:
    assert transports.of_title(title) == transport
