"""Marks of list items are no part of what the items say; what only looks like one is."""

from __future__ import annotations

import pytest

from extract.cells import marks, ports


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        (("1. 80", "2. 443"), ("80", "443")),
        (("1) 80", "2) 443", "3) 8080"), ("80", "443", "8080")),
        (("(1) 80", "(2) 443"), ("80", "443")),
        (("a) 80", "b) 443"), ("80", "443")),
        (("1、80", "2、443"), ("80", "443")),
        (("① 80", "② 443"), ("80", "443")),
        (("• 10.0.0.0/8",), ("10.0.0.0/8",)),
        (("・Clients", "・Users"), ("Clients", "Users")),
        (("▪80", "▪443"), ("80", "443")),
        (("- 80", "- 443"), ("80", "443")),
        (("* Clients", "* Users"), ("Clients", "Users")),
        (("(1) 80 (2) 443",), ("80", "443")),
        (("1) TCP 80, 2) UDP 53",), ("TCP 80", "UDP 53")),
        (("① 80 ② 443",), ("80", "443")),
        (("①80②443",), ("80", "443")),
    ],
)
def test_marks_are_left_out(lines: tuple[str, ...], items: tuple[str, ...]) -> None:
    assert marks.without(lines) == items


@pytest.mark.parametrize(
    "lines",
    [
        ("80", "443"),
        ("1", "2"),
        ("1.5",),
        ("10.0.0.1", "10.0.0.2"),
        ("1. 80",),
        ("1. 80", "3. 443"),
        ("22. 80", "23. 443"),
        ("1-1024",),
        ("-1",),
        ("- 443", "8443"),
        ("* (all)",),
        ("1、2、3",),
        ("(1) (2)",),
        ("o",),
        ("•",),
    ],
)
def test_what_is_no_mark_stays(lines: tuple[str, ...]) -> None:
    assert marks.without(lines) == lines


@pytest.mark.parametrize("text", ["443①", "443 ①", "443❶"])
def test_a_number_in_a_circle_is_no_port(text: str) -> None:
    assert [item.first for item in ports.parse((text,)).items] == [443]
