"""ICMP types and codes, in words and in numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.cells import icmp

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)
ALL = {(None, None)}


def types(*lines: str, keyword: str = "icmp") -> set[tuple[int | None, int | None]] | None:
    """Return the pairs of type and code of a cell beside ICMP; None when it is no ICMP."""
    found = icmp.parse(lines, keyword)
    return None if found is None else {(one.type, one.code) for one in found}


@pytest.mark.parametrize(
    ("cell", "v4", "v6"),
    [
        ("Echo Reply", 0, 129),
        ("echo-reply", 0, 129),
        ("Echo Request", 8, 128),
        ("echo-request", 8, 128),
        ("ECHO REQUEST", 8, 128),
        ("echo", 8, 128),
        ("ping", 8, 128),
        ("Ping", 8, 128),
        ("Ping request", 8, 128),
        ("ICMP echo request", 8, 128),
        ("Echo\u00a0Request", 8, 128),
        ("Echo Requests", 8, 128),
        ("Echo Request*", 8, 128),
        ("Destination Unreachable", 3, 1),
        ("destination-unreachable", 3, 1),
        ("Unreachable", 3, 1),
        ("Time Exceeded", 11, 3),
        ("TTL exceeded", 11, 3),
        ("Redirect", 5, 137),
        ("Parameter Problem", 12, 4),
        ("Router Advertisement", 9, 134),
        ("Router Solicitation", 10, 133),
        ("Source Quench", 4, None),
        ("Timestamp", 13, None),
        ("Timestamp Reply", 14, None),
        ("Address Mask Request", 17, None),
        ("Packet Too Big", None, 2),
        ("Neighbor Solicitation", None, 135),
        ("Neighbour Advertisement", None, 136),
    ],
)
def test_names_are_those_of_the_protocol(cell: str, v4: int | None, v6: int | None):
    assert types(cell) == (None if v4 is None else {(v4, None)})
    assert types(cell, keyword="ipv6-icmp") == (None if v6 is None else {(v6, None)})


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Network unreachable", 0),
        ("Host unreachable", 1),
        ("Protocol unreachable", 2),
        ("Port unreachable", 3),
        ("Fragmentation needed", 4),
        ("fragmentation needed and DF set", 4),
    ],
)
def test_names_of_codes_are_destination_unreachable_of_icmp_alone(cell: str, code: int):
    assert types(cell) == {(3, code)}
    assert types(cell, keyword="ipv6-icmp") is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("8", (8, None)),
        ("type 8", (8, None)),
        ("Type: 8", (8, None)),
        ("type=8", (8, None)),
        ("ICMP 8", (8, None)),
        ("ICMP type 8", (8, None)),
        ("Type 8 (Echo Request)", (8, None)),
        ("8 (Echo Request)", (8, None)),
        ("8 (ping)", (8, None)),
        ("8 - Echo Request", (8, None)),
        ("8: Echo Request", (8, None)),
        ("Type 8 – Echo Request", (8, None)),
        ("Echo Request (8)", (8, None)),
        ("Echo Request (type 8)", (8, None)),
        ("echo-request (8)", (8, None)),
        ("8/0", (8, 0)),
        ("8-0", (8, 0)),
        ("8:0", (8, 0)),
        ("3 - 4", (3, 4)),
        ("3 – 4", (3, 4)),
        ("type 8 code 0", (8, 0)),
        ("Type 8, Code 0", (8, 0)),
        ("type 3/code 4", (3, 4)),
        ("ICMP type 3 code 4", (3, 4)),
        ("3/4 (fragmentation needed)", (3, 4)),
        ("type 8, code any", (8, None)),
        ("8/*", (8, None)),
        ("8/any", (8, None)),
        ("255", (255, None)),
    ],
)
def test_numbers(cell: str, expected: tuple[int, int | None]):
    assert types(cell) == {expected}


@pytest.mark.parametrize(
    "cell",
    [
        *("", "-", "N/A", "Any", "All", "*", "all types", "any type", "all ports", "0-255"),
        # What the consoles of clouds show for every type: the port range of all of a protocol, or -1.
        *("-1", "-1/-1", "0-65535", "1-65535"),
        *("alle", "tous", "todos", "すべて", "所有", "모두", "tất cả", "все"),
    ],
)
def test_every_type(cell: str):
    assert types(cell) == ALL
    assert types(cell, keyword="ipv6-icmp") == ALL


def test_no_line_is_every_type():
    assert types() == ALL


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Echo Request, Echo Reply",), {8, 0}),
        (("Echo Reply; Echo Request",), {8, 0}),
        (("Echo Request and Echo Reply",), {8, 0}),
        (("Echo Request & Echo Reply",), {8, 0}),
        (("Echo Request/Echo Reply",), {8, 0}),
        (("Echo Request", "Echo Reply"), {8, 0}),
        (("Echo Request, Echo Reply, Destination Unreachable",), {8, 0, 3}),
        (("types 0, 8",), {0, 8}),
        (("types 0 and 8",), {0, 8}),
        (("0, 3, 8, 11",), {0, 3, 8, 11}),
    ],
)
def test_lists(lines: tuple[str, ...], expected: set[int]):
    assert types(*lines) == {(one, None) for one in expected}


@pytest.mark.parametrize(
    "cell", ["256", "300", "type 300", "8/300", "8 code 300", "443", "8080", "12345", "443/tcp", "see Note 1", "nonsense", "3/፩"]
)
def test_what_is_no_icmp_type_is_not_read_as_one(cell: str):
    """Every type would be wider than what the page says, so these are no "all"."""
    assert types(cell) is None


@pytest.mark.parametrize("cell", ["128-129", "133-137", "135–136"])
def test_a_range_of_types_is_not_read_as_type_and_code(cell: str):
    """No type of either registry has a code between 16 and 254."""
    assert all(code is None for _, code in types(cell, keyword="ipv6-icmp") or ())


@pytest.mark.parametrize("keyword", ["icmp", "ipv6-icmp"])
def test_whether_a_name_was_read(keyword: str):
    assert [one.word for one in icmp.parse(("Echo Request",), keyword) or ()] == [True]
    assert [one.word for one in icmp.parse(("8",), keyword) or ()] == [False]


# --- properties -------------------------------------------------------------------------------------------------------

NOTATIONS = ["{}/{}", "{}:{}", "{} - {}", "{}–{}", "type {} code {}", "Type: {}, Code: {}", "ICMP type {} code {}", "ICMP {}/{}"]


@PROPERTY
@given(st.integers(0, 255), st.integers(0, 15), st.sampled_from(NOTATIONS))
def test_type_and_code_survive_every_notation(kind, code, notation):
    assert types(notation.format(kind, code)) == {(kind, code)}


@PROPERTY
@given(
    st.permutations(["Echo Request", "Echo Reply", "Time Exceeded", "Destination Unreachable"]),
    st.sampled_from([", ", "; ", " / ", " and ", " & "]),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_neither_order_nor_case_of_names_counts(names, separator, case):
    assert types(separator.join(case(name) for name in names)) == {(8, None), (0, None), (11, None), (3, None)}


@PROPERTY
@given(st.lists(st.text(max_size=20), max_size=3), st.sampled_from(["icmp", "ipv6-icmp"]))
def test_arbitrary_text_never_raises_nor_leaves_the_range_of_a_type(lines, keyword):
    for one in icmp.parse(tuple(lines), keyword) or ():
        assert one.type is None or 0 <= one.type <= 255
        assert one.code is None or 0 <= one.code <= 255
        assert one.code is None or one.type is not None
