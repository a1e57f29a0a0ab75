"""Endpoint cells: how many endpoints they name, of which kind, and that no name loses a letter."""

import ipaddress
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from extract.cells import endpoint
from extract.model import Endpoint

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)


def names(*lines: str) -> list[str]:
    return [one.name for one in endpoint.parse(lines)]


# --- one name ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        *("Web server", "vCenter Server", "Load Balancer", "Active Directory / DNS", "Control-M/Server", "Client/Server", "my_server_name"),
        *(
            "Internet",
            "Self",
            "localhost",
            "VPC CIDR",
            "This security group",
            "Customer-defined",
            "<ip_address>",
            "${VAR}",
            "{{ controller_ip }}",
        ),
        # what stands in brackets does not split
        *("Servers (primary, secondary)", "Servers (primary and secondary)", "Node (eth0; eth1)", "{web, app}", "节点（主、备）"),
        # `and` between adjectives of one noun
        *(
            "server and agent nodes",
            "Web and App servers",
            "DNS and NTP servers",
            "App and DB security groups",
            "control plane and worker nodes",
        ),
        # `or` leaves the choice open
        *("Web server or App server", "10.0.0.0/8 or 192.168.0.0/16", "Web, or application, server"),
        # prose
        *(
            "The host that runs the agent, which connects to the server",
            "Any host that is used for installing, upgrading, and removing agents",
        ),
        *(
            "Cluster nodes, including the witness",
            "The server connects to the host, and the host answers at once.",
            "Load Balancer, e.g. HAProxy",
        ),
        # addresses that are no network keep their spelling
        *(
            "10.0.0.1-10.0.0.5",
            "10.0.0.1 - 10.0.0.5",
            "10.x.x.x",
            "10.0.0.*",
            "256.1.1.1",
            "10.0.0.0/33",
            "1.2.3.4:443",
        ),
    ],
)
def test_one_name_as_written(cell: str):
    assert names(cell) == [cell]


@pytest.mark.parametrize(
    "cell", ["", " ", "-", "—", "--", "N/A", "n/a", "None", "none", "not applicable", "keine", "aucun", "なし", "无", "нет"]
)
def test_none(cell: str):
    assert names(cell) == []


def test_no_line_is_none():
    assert endpoint.parse(()) == ()


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Server*", "Server"),
        ("Server¹", "Server"),
        ("Server [1]", "Server"),
        ("Server[^2]", "Server"),
        ("Server†", "Server"),
        ("**Server**", "Server"),
        ("**Web** server", "Web server"),
        ("`sg-web`", "sg-web"),
        (r"my\_server", "my_server"),
        ("  Web server ", "Web server"),
        ("*.example.com", "*.example.com"),
        ("*", "*"),
    ],
)
def test_marks_are_no_part_of_a_name(cell: str, name: str):
    assert names(cell) == [name]


# --- several names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Web server, App server",), ["Web server", "App server"]),
        (("Web server,App server",), ["Web server", "App server"]),
        (("Web server ,App server",), ["Web server", "App server"]),
        (("Web server; App server",), ["Web server", "App server"]),
        (("Web server and App server",), ["Web server", "App server"]),
        (("Web servers and App servers",), ["Web servers", "App servers"]),
        (("clients and servers",), ["clients", "servers"]),
        (("Node LIF and data LIF",), ["Node LIF", "data LIF"]),
        (("ESXi hosts and vCenter Server",), ["ESXi hosts", "vCenter Server"]),
        (("A, B and C",), ["A", "B", "C"]),
        (("A, B, and C",), ["A", "B", "C"]),
        (("Servers, clients, and agents",), ["Servers", "clients", "agents"]),
        (("App SG, DB SG",), ["App SG", "DB SG"]),
        (("App SG and DB SG",), ["App SG", "DB SG"]),
        (("Server (primary), Server (secondary)",), ["Server (primary)", "Server (secondary)"]),
        (("Web server (a, b), App server (c)",), ["Web server (a, b)", "App server (c)"]),
        (("Control-M/Server, Control-M/Agent",), ["Control-M/Server", "Control-M/Agent"]),
        (("<ip>, <host>",), ["<ip>", "<host>"]),
        (("node-1, node-2",), ["node-1", "node-2"]),
        # lines
        (("Web server", "App server"), ["Web server", "App server"]),
        (("Web server", "-", "App server"), ["Web server", "App server"]),
        (("Web server,", "App server"), ["Web server", "App server"]),
        (("Web server;", "App server."), ["Web server", "App server."]),
        (("Web server, App server", "DB server"), ["Web server", "App server", "DB server"]),
        # other languages
        (("Server und Client",), ["Server", "Client"]),
        (("serveurs et clients",), ["serveurs", "clients"]),
        (("servidor y cliente",), ["servidor", "cliente"]),
        (("servidor e cliente",), ["servidor", "cliente"]),
        (("сервер и клиент",), ["сервер", "клиент"]),
        (("サーバー、クライアント",), ["サーバー", "クライアント"]),
        (("サーバーおよびクライアント",), ["サーバー", "クライアント"]),
        (("サーバー及びクライアント",), ["サーバー", "クライアント"]),
        (("服务器、客户端",), ["服务器", "客户端"]),
        (("服务器，客户端",), ["服务器", "客户端"]),
        (("服务器；客户端",), ["服务器", "客户端"]),
        (("服务器以及客户端",), ["服务器", "客户端"]),
        # addresses
        (("10.0.0.0/8, 192.168.0.0/16",), ["10.0.0.0/8", "192.168.0.0/16"]),
        (("10.0.0.0/8,192.168.0.0/16",), ["10.0.0.0/8", "192.168.0.0/16"]),
        (("10.0.0.0/8 192.168.0.0/16",), ["10.0.0.0/8", "192.168.0.0/16"]),
        (("10.0.0.0/8 and 192.168.0.0/16",), ["10.0.0.0/8", "192.168.0.0/16"]),
        (("10.0.0.0/8\u00a0192.168.0.0/16",), ["10.0.0.0/8", "192.168.0.0/16"]),
        (("10.1.1.1,10.1.1.2",), ["10.1.1.1", "10.1.1.2"]),
        (("0.0.0.0/0, ::/0",), ["0.0.0.0/0", "::/0"]),
        (("api.example.com, auth.example.com",), ["api.example.com", "auth.example.com"]),
        (("web01.example.com,web02.example.com",), ["web01.example.com", "web02.example.com"]),
        (("http://a.example.com, http://b.example.com",), ["http://a.example.com", "http://b.example.com"]),
    ],
)
def test_several_names(lines: tuple[str, ...], expected: list[str]):
    assert names(*lines) == expected


@pytest.mark.parametrize("lines", [("Web server, Web server",), ("Web server", "Web server"), ("10.0.0.1/8, 10.0.0.2/8",)])
def test_the_same_endpoint_twice_is_one(lines: tuple[str, ...]):
    assert len(names(*lines)) == 1


# --- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Any", Endpoint("any", "Any")),
        ("ANY", Endpoint("any", "ANY")),
        ("*", Endpoint("any", "*")),
        ("All", Endpoint("any", "All")),
        ("Anywhere", Endpoint("any", "Anywhere")),
        ("すべて", Endpoint("any", "すべて")),
        ("любой", Endpoint("any", "любой")),
        ("10.0.0.0/8", Endpoint("cidr", "10.0.0.0/8")),
        ("10.0.0.1/8", Endpoint("cidr", "10.0.0.0/8")),
        ("10.0.0.0/8 (CIDR)", Endpoint("cidr", "10.0.0.0/8")),
        ("0.0.0.0/0", Endpoint("cidr", "0.0.0.0/0")),
        ("::/0", Endpoint("cidr", "::/0")),
        ("2001:DB8::1/32", Endpoint("cidr", "2001:db8::/32")),
        ("fe80::/10", Endpoint("cidr", "fe80::/10")),
        ("127.0.0.1", Endpoint("host", "127.0.0.1")),
        ("2001:DB8::1", Endpoint("host", "2001:db8::1")),
        ("example.com", Endpoint("host", "example.com")),
        ("*.example.com", Endpoint("host", "*.example.com")),
        ("*.blob.core.windows.net", Endpoint("host", "*.blob.core.windows.net")),
        ("ec2.us-east-1.amazonaws.com", Endpoint("host", "ec2.us-east-1.amazonaws.com")),
        ("https://example.com/path", Endpoint("host", "https://example.com/path")),
        ("https://example.com:8443", Endpoint("host", "https://example.com:8443")),
        ("Server Security Group", Endpoint("group", "Server Security Group")),
        ("Server SG", Endpoint("group", "Server SG")),
        ("sg-0123abc", Endpoint("group", "sg-0123abc")),
        ("NSG web", Endpoint("group", "NSG web")),
        ("same security group", Endpoint("group", "same security group")),
        ("Web server", Endpoint("role", "Web server")),
        ("Internet", Endpoint("role", "Internet")),
        ("Any host", Endpoint("role", "Any host")),
        ("All nodes", Endpoint("role", "All nodes")),
        ("Allied Telesis switch", Endpoint("role", "Allied Telesis switch")),
        ("SGML server", Endpoint("role", "SGML server")),
        ("256.1.1.1", Endpoint("role", "256.1.1.1")),
        ("10.0.0.0/33", Endpoint("role", "10.0.0.0/33")),
        ("Node.js", Endpoint("host", "Node.js")),
    ],
)
def test_kinds(cell: str, expected: Endpoint):
    assert endpoint.parse((cell,)) == (expected,)


@pytest.mark.parametrize("cell", ["Any host", "All nodes", "any other server", "10.0.0.0/8 (any)", "Internet (any)", "Anyone in the LAN"])
def test_a_name_that_holds_a_word_for_any_is_not_any(cell: str):
    """Reading more than the page says would widen the rule."""
    assert all(one.kind != "any" for one in endpoint.parse((cell,)))


# --- properties -------------------------------------------------------------------------------------------------------

SEPARATOR = re.compile(r"(?:[\s,，;；、]|\b(?:and|und|et|y|e|и|as well as|sowie|or)\b|および|及び|以及)*", re.IGNORECASE)
# Reading replaces the null character (WHATWG HTML, 13.2.3.5): no cell holds one.
texts = st.text(st.characters(exclude_characters="\x00"), max_size=40)
phrases = st.lists(
    st.sampled_from(
        [
            *(
                "Web",
                "server",
                "servers",
                "node",
                "A",
                "B",
                "10.0.0.1",
                "10.0.0.0/8",
                "sg-1",
                "example.com",
                "*",
                "the",
                "installing",
                "Any",
            ),
            *(
                ",",
                ", ",
                ";",
                "、",
                "，",
                " and ",
                " und ",
                " or ",
                " e ",
                "および",
                "(",
                ")",
                "{",
                "}",
                "（",
                "）",
                ".",
                " ",
                "\u00a0",
                "/",
                "-",
                "N/A",
            ),
        ]
    ),
    max_size=10,
).map("".join)
words = st.builds("{}{}".format, st.sampled_from(["Web", "Db", "App", "Node", "Edge", "Proxy"]), st.integers(0, 99))
networks = st.builds(lambda address, length: f"{ipaddress.IPv4Address(address)}/{length}", st.integers(0, 2**32 - 1), st.integers(0, 32))


@PROPERTY
@given(st.one_of(texts, phrases))
def test_splitting_never_loses_a_letter(text):
    """The names stand in the text in their order, and between them there are separators and conjunctions alone."""
    position = 0
    for name in endpoint.split(text):
        start = text.index(name, position)
        assert SEPARATOR.fullmatch(text, position, start)
        position = start + len(name)
    assert SEPARATOR.fullmatch(text, position)


@PROPERTY
@given(st.lists(st.one_of(texts, phrases), max_size=3))
def test_arbitrary_text_never_raises_and_gives_names(lines):
    found = endpoint.parse(tuple(lines))
    assert len(set(found)) == len(found)
    assert all(one.name == one.name.strip() != "" for one in found)


@pytest.mark.parametrize("cell", ["\x000\x01", "a \x007\x01 b"])
def test_control_characters_are_harmless(cell: str):
    assert isinstance(endpoint.parse((cell,)), tuple)


@PROPERTY
@given(
    st.lists(words, min_size=2, max_size=5, unique=True),
    st.sampled_from([", ", ",", "; ", ";", "、", "；", "，", " ,", " , ", ",\u00a0", " ; "]),
)
def test_a_list_of_names_is_read_whole_in_any_order(listed, separator):
    assert set(names(separator.join(listed))) == set(listed)
    assert names(separator.join(reversed(listed))) == list(reversed(listed))


@PROPERTY
@given(st.lists(words, min_size=3, max_size=5, unique=True), st.sampled_from([" and ", ", and ", " und ", " et ", " y ", " и "]))
def test_the_last_name_may_follow_a_conjunction(listed, last):
    assert names(", ".join(listed[:-1]) + last + listed[-1]) == listed


@PROPERTY
@given(networks)
def test_a_network_is_canonical(written):
    assert endpoint.parse((written,)) == (Endpoint("cidr", str(ipaddress.ip_network(written, strict=False))),)


@PROPERTY
@given(st.integers(0, 2**128 - 1))
def test_an_ipv6_address_is_canonical_in_every_spelling(number):
    address = ipaddress.IPv6Address(number)
    for spelling in (str(address), str(address).upper(), address.exploded):
        assert endpoint.parse((spelling,)) == (Endpoint("host", str(address)),)


@PROPERTY
@given(st.lists(networks, min_size=1, max_size=4), st.sampled_from([", ", ",", " ", "; ", " and ", "\u00a0", "\n"]))
def test_a_list_of_networks_is_read_whole(listed, separator):
    expected = {str(ipaddress.ip_network(one, strict=False)) for one in listed}
    lines = listed if separator == "\n" else [separator.join(listed)]
    assert set(names(*lines)) == expected


@PROPERTY
@given(words, words)
def test_or_never_splits(left, right):
    assume(left != right)
    assert names(f"{left} or {right}") == [f"{left} or {right}"]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Security server, Connection server, or Access point", ["Security server", "Connection server", "Access point"]),
        ("Security server, or Access point", ["Security server, or Access point"]),
        ("源地址：0.0.0.0/0", ["0.0.0.0/0"]),
        ("Source: 10.0.0.0/8", ["10.0.0.0/8"]),
        ("Address Group: 10.0.0.0/24", ["Address Group: 10.0.0.0/24"]),
    ],
)
def test_lists_that_end_in_or_and_addresses_with_the_name_of_their_side(cell: str, names: list[str]) -> None:
    assert [one.name for one in endpoint.parse((cell,))] == names
