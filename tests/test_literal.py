from __future__ import annotations

import pytest

from extract.check import literal


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("443", 443, 443),
        ("80, 443", 443, 443),
        ("TCP443", 443, 443),
        ("0443", 443, 443),
        ("443¹", 443, 443),
        ("４４３", 443, 443),
        ("8000-8100", 8000, 8100),
        ("8000 – 8100 (UDP)", 8000, 8100),
        ("8000 to 8100", 8000, 8100),
        ("8000 bis 8100", 8000, 8100),
        ("between 8000 and 8100", 8000, 8100),
        ("8000 through TCP port 8100", 8000, 8100),
    ],
)
def test_digits_that_stand_in_a_cell_are_found(text: str, first: int, last: int) -> None:
    assert literal.names_ports(text, first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("4430", 443, 443),
        ("1443", 443, 443),
        ("10.0.0.443", 443, 443),
        ("443.1", 443, 443),
        ("https", 443, 443),
        ("443¹", 4431, 4431),
        ("8000, 8100", 8000, 8100),
        ("8000 and 8100", 8000, 8100),
        ("8000-8050-8100", 8000, 8100),
        ("8100-8000", 8000, 8100),
    ],
)
def test_parts_of_other_numbers_and_lists_are_not(text: str, first: int, last: int) -> None:
    assert not literal.names_ports(text, first, last)


@pytest.mark.parametrize(
    ("text", "keyword", "found"),
    [
        ("TCP/UDP", "udp", True),
        ("443/tcp", "tcp", True),
        ("tcp6", "tcp", True),
        ("ICMP - IPv4", "icmp", True),
        ("ICMP - IPv6", "icmp", False),
        ("ICMPv6", "icmp", False),
        ("udplite", "udp", False),
        ("HTTPS", "tcp", False),
    ],
)
def test_a_protocol_is_found_as_a_word(text: str, keyword: str, found: bool) -> None:
    assert literal.names_protocol(text, keyword) is found


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Web SG, App SG", "App SG", True),
        ("**Web**  `SG`", "web sg", True),
        ("Web[1] SG†", "Web SG", True),
        ("Server²", "Server", True),
        ("110.0.0.0/8", "10.0.0.0/8", False),
        ("Webserver", "Web", False),
        ("データベース サーバー", "サーバー", True),
        ("anything", "", False),
        ("webserver, web", "web", True),
        ("web_1 web2", "web", False),
    ],
)
def test_a_name_is_found_up_to_case_white_space_and_markup_as_whole_words(text: str, name: str, found: bool) -> None:
    assert literal.holds(text, name) is found


@pytest.mark.parametrize(
    ("text", "found"), [("Inbound", {"ingress"}), ("Out", {"egress"}), ("In/Out", {"ingress", "egress"}), ("→", set())]
)
def test_a_direction_is_found_by_its_words(text: str, found: set[str]) -> None:
    assert {stated for stated in ("ingress", "egress") if literal.says_direction(text, stated)} == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("Permit", {"allow"}), ("Drop", {"deny"}), ("not allowed", {"deny"}), ("許可しない", {"deny"}), ("Log", set())],
)
def test_an_action_is_found_by_its_words_and_turned_by_a_negation(text: str, found: set[str]) -> None:
    assert {action for action in ("allow", "deny") if literal.says_action(text, action)} == found


@pytest.mark.parametrize(("text", "blank"), [("", True), (" – ", True), ("N/A", True), ("→", True), ("0", False), ("any", False)])
def test_a_blank_cell_says_nothing_in_words(text: str, blank: bool) -> None:
    assert literal.is_blank(text) is blank
