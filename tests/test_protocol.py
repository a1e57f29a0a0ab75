"""Protocol, type and service cells: which IP protocols they state, and which labels stand in place of one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import vocabulary
from extract.cells import protocol

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)


def stated(*lines: str) -> set[str]:
    return set(protocol.parse(lines).protocols)


def transports(*lines: str) -> set[str]:
    """Return the transports of a cell as a row without any other statement reads them."""
    cell = protocol.parse(lines)
    return set(cell.protocols or protocol.transports_of(cell.labels))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        # one transport
        ("TCP", "tcp"),
        ("tcp", "tcp"),
        ("ＴＣＰ", "tcp"),
        ("TCP/IP", "tcp"),
        ("TCP (IPv4)", "tcp"),
        ("TCPv4", "tcp"),
        ("TCP6", "tcp"),
        ("UDP", "udp"),
        ("UDPv6", "udp"),
        ("SCTP", "sctp"),
        ("DCCP", "dccp"),
        ("UDP-Lite", "udplite"),
        ("TCP*", "tcp"),
        ("TCP¹", "tcp"),
        ("TCP [1]", "tcp"),
        ("`TCP`", "tcp"),
        ("TCP (default)", "tcp"),
        ("UDP multicast", "udp"),
        # several
        ("TCP/UDP", "tcp udp"),
        ("UDP/TCP", "tcp udp"),
        ("TCP / UDP", "tcp udp"),
        ("TCP, UDP", "tcp udp"),
        ("TCP; UDP", "tcp udp"),
        ("TCP & UDP", "tcp udp"),
        ("TCP+UDP", "tcp udp"),
        ("TCP|UDP", "tcp udp"),
        ("TCP-UDP", "tcp udp"),
        ("TCP_UDP", "tcp udp"),
        ("TCP and UDP", "tcp udp"),
        ("TCP or UDP", "tcp udp"),
        ("both TCP and UDP", "tcp udp"),
        ("Both", "tcp udp"),
        ("TCP und UDP", "tcp udp"),
        ("TCP oder UDP", "tcp udp"),
        ("TCP et UDP", "tcp udp"),
        ("TCP ou UDP", "tcp udp"),
        ("TCP y UDP", "tcp udp"),
        ("TCP e UDP", "tcp udp"),
        ("TCP и UDP", "tcp udp"),
        ("TCP、UDP", "tcp udp"),
        ("TCP および UDP", "tcp udp"),
        ("TCP及びUDP", "tcp udp"),
        ("TCP和UDP", "tcp udp"),
        ("TCP 또는 UDP", "tcp udp"),
        ("TCP hoặc UDP", "tcp udp"),
        ("ＴＣＰ／ＵＤＰ", "tcp udp"),
        # protocols without ports
        ("ICMP", "icmp"),
        ("ICMPv4", "icmp"),
        ("ICMPv6", "ipv6-icmp"),
        ("ICMP6", "ipv6-icmp"),
        ("IPv6-ICMP", "ipv6-icmp"),
        ("ICMP (ping)", "icmp"),
        ("ESP", "esp"),
        ("IPsec ESP", "esp"),
        ("IPsec (ESP)", "esp"),
        ("AH", "ah"),
        ("AH/ESP", "ah esp"),
        ("GRE", "gre"),
        ("VRRP", "vrrp"),
        ("VRRPv3", "vrrp"),
        ("OSPF", "ospf"),
        ("IGMP", "igmp"),
        ("PIM", "pim"),
        ("EIGRP", "eigrp"),
        ("IP in IP", "ipv4"),
        # with or by its number
        ("6", "tcp"),
        ("17", "udp"),
        ("1", "icmp"),
        ("58", "ipv6-icmp"),
        ("112", "vrrp"),
        ("132", "sctp"),
        ("TCP (6)", "tcp"),
        ("6 (TCP)", "tcp"),
        ("6/tcp", "tcp"),
        ("VRRP (112)", "vrrp"),
        ("IP 50", "esp"),
        ("IP protocol 50", "esp"),
        *((said, "any") for said in ("All protocols", "Alle Protokolle", "Tous les protocoles", "所有协议", "全プロトコル")),
        ("IP Protocol 50 (ESP)", "esp"),
        ("IP protocol number 51", "ah"),
        ("protocol 47 (GRE)", "gre"),
        ("Protocol 89", "ospf"),
        # a transport beside its application
        ("HTTPS (TCP)", "tcp"),
        ("TCP (HTTPS)", "tcp"),
        ("SSH/TCP", "tcp"),
        ("HTTPS over TCP", "tcp"),
        ("TCP - HTTPS", "tcp"),
        ("DNS (UDP)", "udp"),
        ("syslog (TCP)", "tcp"),
        ("RDP (UDP)", "udp"),
        # cloud consoles
        ("Custom TCP Rule", "tcp"),
        ("Custom TCP", "tcp"),
        ("Custom UDP Rule", "udp"),
        ("Custom ICMP Rule - IPv4", "icmp"),
        ("Custom ICMP Rule - IPv6", "ipv6-icmp"),
        ("Custom ICMP - IPv6", "ipv6-icmp"),
        ("All ICMP - IPv4", "icmp"),
        ("All ICMP-IPv4", "icmp"),
        ("All ICMP - IPv6", "ipv6-icmp"),
        ("All TCP", "tcp"),
        ("All UDP", "udp"),
        ("All TCP ports", "tcp"),
        ("any UDP port", "udp"),
    ],
)
def test_protocols(cell: str, expected: str):
    assert stated(cell) == set(expected.split())


@pytest.mark.parametrize(
    "cell",
    [
        *("Any", "ANY", "All", "*", "IP", "ip", "any/any", "-1"),
        *("All traffic", "ALL TRAFFIC", "All traffic (-1)", "All protocols", "Any protocol"),
        *("alle", "beliebig", "tous", "todos", "cualquiera", "qualquer", "tutti"),
        *("すべて", "任意", "所有", "모두", "tất cả", "любой", "все"),
    ],
)
def test_every_protocol(cell: str):
    assert stated(cell) == {"any"}


@pytest.mark.parametrize("cell", ["All TCP", "All UDP", "Any TCP", "All ICMP - IPv4", "TCP (all)", "TCP/*"])
def test_all_of_one_protocol(cell: str):
    read = protocol.parse((cell,))
    assert read.every
    assert "any" not in read.protocols


@pytest.mark.parametrize("cell", ["TCP", "TCP/UDP", "Custom TCP Rule", "SSH"])
def test_a_protocol_is_not_all_of_it_unless_said(cell: str):
    assert not protocol.parse((cell,)).every


@pytest.mark.parametrize(
    "cell", ["", "-", "—", "--", "N/A", "n/a", "None", "not applicable", "keine", "aucun", "なし", "无", "없음", "нет"]
)
def test_none(cell: str):
    read = protocol.parse((cell,))
    assert read.none
    assert not read.protocols
    assert not read.labels


@pytest.mark.parametrize("cell", ["Proprietary", "Multicast", "T", "TCPX", "see Note 1", "IPsec", "0", "255", "256", "443"])
def test_what_is_no_protocol_states_none(cell: str):
    assert transports(cell) == set()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("TCP", "UDP"), ["tcp", "udp"]),
        (("TCP", "", "UDP"), ["tcp", "udp"]),
        (("TCP", "TCP"), ["tcp", "tcp"]),
    ],
)
def test_lines_are_kept_apart(lines: tuple[str, ...], expected: list[str]):
    assert [word for line in protocol.parse(lines).lines for word in line.protocols] == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("IPv4", "icmp"), ("IPv6", "ipv6-icmp"), ("ipv6", "ipv6-icmp"), ("IP v4", "icmp"), ("TCP", None)]
)
def test_the_ip_version_that_stands_alone(cell: str, expected: str | None):
    read = protocol.parse((cell,))
    assert read.version == expected
    assert expected is None or not read.protocols


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("SSH", "tcp"),
        ("HTTP/HTTPS", "tcp"),
        ("HTTP, HTTPS", "tcp"),
        ("HTTP(S)", "tcp"),
        ("LDAP(S)", "tcp"),
        ("SMB (CIFS)", "tcp"),
        ("SNMP", "udp"),
        ("SNMP trap", "udp"),
        ("SNMPv3", "udp"),
        ("DNS", "tcp udp"),
        ("SIP", "tcp udp"),
        ("SIP/TLS", "tcp"),
        ("syslog over TLS", "tcp"),
        ("STUN", "udp"),
        ("STUN/TURN", "tcp udp"),
        ("HTTPS, SNMP", "tcp udp"),
        ("TLS 1.2", "tcp"),
    ],
)
def test_an_application_in_place_of_a_transport(cell: str, expected: str):
    assert not protocol.parse((cell,)).protocols
    assert transports(cell) == set(expected.split())


def test_labels_are_kept_as_written():
    assert protocol.parse(("SNMP Trap", "hTTps")).labels == ("SNMP Trap", "hTTps")


def test_transports_of_nothing_or_of_unknown_labels_are_none():
    assert protocol.transports_of(()) == ()
    assert protocol.transports_of(("frobnicate",)) == ()


def test_words_that_are_no_protocol_are_reported():
    assert protocol.parse(("TCP frobnicate",)).unknown == ("frobnicate",)


def test_ports_in_a_protocol_cell_are_kept():
    assert [line.numbers for line in protocol.parse(("TCP 443", "UDP 53-54")).lines] == [((443, 443),), ((53, 54),)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cluster traffic (TCP and UDP)", "tcp udp"),
        ("Cluster traffic (both TCP/UDP)", "tcp udp"),
        ("Name resolution (UDP only)", "udp"),
        ("Name resolution （UDP）", "udp"),
        ("Replication [TCP]", "tcp"),
        ("(via TCP)", "tcp"),
        ("Tunnel (ESP)", "esp"),
        ("Needs TCP and UDP", ""),
        ("Health checks (TCP probes)", ""),
        ("See the guide (chapter TCP tuning)", ""),
        ("Web (HTTPS)", ""),
        ("Web (443)", ""),
        ("Cluster traffic", ""),
        ("", ""),
    ],
)
def test_a_remark_in_brackets_states_a_protocol_only_when_it_holds_nothing_else(text: str, expected: str):
    words, said = protocol.bracketed((text,))
    assert set(words) == set(expected.split())
    assert said in text
    assert bool(said) == bool(words)


# --- properties -------------------------------------------------------------------------------------------------------

SEPARATORS = ["/", ", ", "; ", " & ", " and ", " or ", "|", "+", "、", " und ", " et ", " и ", "\u00a0/\u00a0"]


@PROPERTY
@given(
    st.lists(st.sampled_from(["tcp", "udp", "sctp", "esp", "gre", "icmp", "vrrp"]), min_size=1, max_size=4, unique=True),
    st.sampled_from(SEPARATORS),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_a_list_of_protocols_is_read_whole_in_every_notation(words, separator, case):
    assert stated(separator.join(case(word) for word in words)) == set(words)
    assert stated(*(case(word) for word in words)) == set(words)


@PROPERTY
@given(
    st.sampled_from(sorted(vocabulary.protocol_numbers().keys() - {-1})), st.sampled_from(["{}", "IP {}", "IP protocol {}", "protocol {}"])
)
def test_a_protocol_number_is_its_keyword(number, notation):
    assert stated(notation.format(number)) == {vocabulary.protocol_numbers()[number].keyword}


@PROPERTY
@given(st.lists(st.text(max_size=30), max_size=3))
def test_arbitrary_text_never_raises_and_states_only_known_protocols(lines):
    read = protocol.parse(tuple(lines))
    keywords = {entry.keyword for entry in vocabulary.protocol_words().values()}
    assert set(read.protocols) <= keywords
    assert set(protocol.transports_of(read.labels)) <= vocabulary.ported()
    assert not (read.none and (read.protocols or read.labels or read.unknown))
    words, said = protocol.bracketed(tuple(lines))
    assert set(words) <= keywords
    assert bool(words) == bool(said)
