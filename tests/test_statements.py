"""Sentences that state transports for ports."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.cells import statements

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)


def facts(*texts: str) -> list[tuple[set[tuple[int, int]], set[str]]]:
    return [(set(one.ports), set(one.protocols)) for one in statements.read((text, 1) for text in texts)]


@pytest.mark.parametrize(
    ("text", "ports", "protocols"),
    [
        ("8088-8093 is needed for both TCP and UDP.", {(8088, 8093)}, {"tcp", "udp"}),
        ("Port 443 must be open for TCP.", {(443, 443)}, {"tcp"}),
        ("TCP port 443 must be open.", {(443, 443)}, {"tcp"}),
        ("Open TCP ports 80 and 443.", {(80, 80), (443, 443)}, {"tcp"}),
        ("Ports 5000–5010 (UDP) carry media.", {(5000, 5010)}, {"udp"}),
        ("Clients use TCP ports 49,152-65,535.", {(49152, 65535)}, {"tcp"}),
        ("Version 2.1 uses TCP 443.", {(443, 443)}, {"tcp"}),
        ("TCP 443, see step 3.", {(443, 443)}, {"tcp"}),
        ("SCTP 36412 carries signalling.", {(36412, 36412)}, {"sctp"}),
        ("Der TCP-Port 443 muss offen sein.", {(443, 443)}, {"tcp"}),
        ("Le port 443 (TCP) doit être ouvert.", {(443, 443)}, {"tcp"}),
        ("ポート 443 は TCP で使用します。", {(443, 443)}, {"tcp"}),
        ("ポート443（TCP）を開きます。", {(443, 443)}, {"tcp"}),
        ("TCPポート443を使用します。", {(443, 443)}, {"tcp"}),
        ("打开TCP端口443。", {(443, 443)}, {"tcp"}),
    ],
)
def test_a_sentence_that_states_transports_for_ports(text: str, ports: set[tuple[int, int]], protocols: set[str]):
    assert facts(text) == [(ports, protocols)]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "TCP is used.",
            "See RFC 793 for TCP.",
            "TCP/IP v4 is used.",
            "Horizon 7 uses TCP and UDP.",
            "TCP 23 is not used.",
            "UDP 161 is blocked.",
            "All ports are open except TCP 23.",
            "Connections come from source port TCP 20.",
            "UDP port 8443 won't be used.",
            "UDP 8443 isn’t used.",
            "You mustn't open UDP 8443.",
            "UDP 8443 should be closed.",
            "UDP 8443 is disabled by default.",
            "Avoid UDP 8443.",
            "Remove the rule for UDP 8443.",
            "Nothing listens on UDP 8443.",
            "UDP 8443 was removed in version 5.",
            "The product used UDP port 8443 in earlier releases.",
            "Do you need UDP 8443?",
            "Traffic originates from UDP 8443.",
            "UDP 8443 は使用しません。",
            "UDP 8443 n'est plus utilisé.",
            "UDP 8443 deixou de ser usada.",
            "UDP buffer sizes of 8000-9000 bytes.",
            "UDP traffic is 8000-9000 packets.",
            "UDP 8443 is not used because it is blocked.",
            "UDP 8443 is blocked by default and cannot be opened.",
            "The server supports 500 TCP connections.",
            "You need 3 ports.",
            "TCP 30 seconds.",
            "Released 2019-2020 for TCP.",
            "See https://example.com:9999/ for the TCP port.",
            "The default port 9999 can be changed to port 7777.",
            "The port must be between 1024 and 65535.",
            "Use TCP 8443 instead of UDP 8443.",
            "TCP-Port 7777 sperren.",
            "TCP 4.43",
        ),
        *("TCP 99999 is no port.", "TCP 0 is reserved.", "TCP 90-80 is no range.", "ESP is protocol 50.", "HTTPS uses 443."),
    ],
)
def test_what_states_nothing(text: str):
    assert facts(text) == []


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("Port 443 must be open.", {(443, 443)}),
        ("The console listens on port 8443, the API on ports 9000-9010.", {(8443, 8443), (9000, 9010)}),
        ("Der Dienst lauscht auf Port 8443.", {(8443, 8443)}),
        ("ポート 8443 を開きます。", {(8443, 8443)}),
        ("TCPDUMP shows port 443.", {(443, 443)}),
    ],
)
def test_a_sentence_that_states_ports_alone(text: str, ports: set[tuple[int, int]]):
    assert facts(text) == [(ports, set())]


@pytest.mark.parametrize(
    ("text", "port"), [("TCP 443 must not be blocked.", 443), ("Make sure the TCP port 2616 is not blocked on your firewall.", 2616)]
)
def test_what_must_not_be_blocked_is_stated(text: str, port: int):
    assert facts(text) == [({(port, port)}, {"tcp"})]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("UDP: 500; TCP: 8443, 9999", {(500, 500, "udp"), (8443, 8443, "tcp"), (9999, 9999, "tcp")}),
        ("TCP port: 8443; UDP port: 500", {(8443, 8443, "tcp"), (500, 500, "udp")}),
        ("TCP: 8443, UDP: 500", {(8443, 8443, "tcp"), (500, 500, "udp")}),
        ("Agents use TCP (default port: 8443, i.e. HTTPS).", {(8443, 8443, "tcp")}),
    ],
)
def test_which_port_goes_with_which_transport(text: str, pairs: set[tuple[int, int, str]]):
    assert {pair for one in statements.read([(text, 1)]) for pair in one.pairs} == pairs


def test_a_sentence_about_something_else_does_not_complete_the_one_before():
    assert facts("Port 8443 is needed. The DNS server uses UDP.") == [({(8443, 8443)}, set())]


def test_ports_alone_before_a_sentence_of_its_own_are_a_statement_of_their_own():
    assert facts("It listens on port 8443. Open UDP 53.") == [({(8443, 8443)}, set()), ({(53, 53)}, {"udp"})]


def test_sentences_are_statements_of_their_own():
    assert facts("Open TCP 80. Open UDP 53.") == [({(80, 80)}, {"tcp"}), ({(53, 53)}, {"udp"})]


def test_a_transport_in_the_sentence_behind_the_ports():
    (one,) = statements.read([("They talk on 8088-8093. Allow this range over both TCP and UDP.", 7)])
    assert one.ports == ((8088, 8093),)
    assert one.protocols == ("tcp", "udp")
    assert one.text == "They talk on 8088-8093. Allow this range over both TCP and UDP."
    assert one.line == 7


def test_a_transport_belongs_to_one_sentence_only():
    assert facts("Open TCP 80. UDP is not used.") == [({(80, 80)}, {"tcp"})]


def test_texts_do_not_run_into_each_other():
    assert facts("They talk on 8088-8093.", "TCP is used.") == []
    assert [one.line for one in statements.read([("TCP 80.", 3), ("UDP 53.", 9)])] == [3, 9]


def test_the_statement_is_the_sentence():
    (one,) = statements.read([("Read this first. TCP 443 must be open. Then go on.", 1)])
    assert one.text == "TCP 443 must be open."


@pytest.mark.parametrize(
    ("text", "first", "last", "protocol", "expected"),
    [
        ("8088-8093 needs TCP and UDP.", 8088, 8093, "tcp", True),
        ("8088-8093 needs TCP and UDP.", 8088, 8093, "udp", True),
        ("8088-8093 needs TCP.", 8088, 8093, "udp", False),
        ("8088-8093 needs TCP.", 8088, 8088, "tcp", False),
        ("8088-8093 needs TCP.", 8090, 8094, "tcp", False),
        ("8088-8093 needs TCP.", None, None, "tcp", False),
        ("UDP 53 and TCP 443 are needed.", 53, 53, "udp", True),
        ("UDP 53 and TCP 443 are needed.", 443, 443, "tcp", True),
        ("UDP 53 and TCP 443 are needed.", 53, 53, "tcp", False),
        ("UDP 53 and TCP 443 are needed.", 443, 443, "udp", False),
        ("Open 443 (TCP) and 53 (UDP).", 443, 443, "udp", False),
    ],
)
def test_a_statement_supports_what_it_names(text: str, first: int | None, last: int | None, protocol: str, expected: bool):
    found = statements.Sentences(statements.read([(text, 1)])).of(first, last, protocol)
    assert bool(found) is expected


def test_statements_keep_their_order():
    both = statements.read([("TCP 443 is open.", 1), ("Open TCP 443.", 2)])
    assert statements.Sentences(both).of(443, 443, "tcp") == both


def test_a_page_without_a_statement_supports_nothing():
    assert statements.Sentences(()).of(443, 443, "tcp") == ()


@PROPERTY
@given(st.lists(st.integers(1, 65535), min_size=1, max_size=4, unique=True), st.sampled_from(["tcp", "udp", "sctp"]))
def test_the_ports_of_a_sentence_are_its_numbers(listed, word):
    text = f"Open {word.upper()} ports {', '.join(map(str, listed))} in the firewall."
    assert facts(text) == [({(one, one) for one in listed}, {word})]


@PROPERTY
@given(st.lists(st.one_of(st.text(max_size=60), st.text(alphabet="TCPUDP 0123456789-.,;()", max_size=60)), max_size=3))
def test_arbitrary_text_never_raises_nor_states_what_is_no_port(texts):
    for one in statements.read((text, line) for line, text in enumerate(texts)):
        assert one.ports
        assert set(one.protocols) <= {"tcp", "udp", "sctp", "dccp", "udplite"}
        assert all(0 < first <= last <= 65535 for first, last in one.ports)
        assert one.text in texts[one.line]
