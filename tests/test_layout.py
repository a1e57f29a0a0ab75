from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.publish.layout import Line, padded, quoted, table, width_of, wrapped

WORDS = st.lists(st.sampled_from(["a", "word", "x" * 30, "データベース", "e\u0301", "  ", "'q'"]), max_size=20).map(" ".join)


def text(line: Line) -> str:
    return "".join(part for _, part in line)


def texts(line: Line, width: int, hang: int) -> list[str]:
    return [text(one) for one in wrapped(line, width, hang)]


@pytest.mark.parametrize(("shown", "columns"), [("abc", 3), ("データ", 6), ("e\u0301", 1), ("ｱ", 1), ("", 0)])
def test_signs_fill_the_columns_that_a_terminal_gives_them(shown: str, columns: int) -> None:
    assert width_of(shown) == columns
    assert width_of(padded(shown, 8)) == 8


def test_a_backslash_stays_one_in_quotation_marks() -> None:
    assert quoted(r"DOM\user") == r"'DOM\user'"
    assert quoted("it's") == '"it\'s"'
    assert quoted("'\"") == "''\"'"


def test_lines_go_on_below_and_keep_their_styles() -> None:
    line: Line = (("label", "  name: "), ("", "one two "), ("dim", "three"))
    assert texts(line, 14, 4) == ["  name: one", "    two three"]
    assert [part for one in wrapped(line, 14, 4) for part in one if part[1].strip()] == [
        ("label", "name:"),
        ("", "one"),
        ("", "two"),
        ("dim", "three"),
    ]


def test_what_is_longer_than_a_line_is_broken_within() -> None:
    assert texts((("", "a " + "x" * 12),), 6, 2) == ["a", "  xxxx", "  xxxx", "  xxxx"]
    assert texts((("", "データベース"),), 5, 1) == ["デー", " タベ", " ース"]
    assert texts((("", ""),), 10, 0) == [""]


@given(WORDS, st.integers(10, 40), st.integers(0, 6))
def test_nothing_is_lost_and_no_line_is_too_long(words: str, width: int, hang: int) -> None:
    found = texts((("", words.strip()),), width, hang)
    assert "".join("".join(found).split()) == "".join(words.split())
    assert all(width_of(line) <= width for line in found)
    assert all(line.startswith(" " * hang) for line in found[1:])


def test_a_long_name_does_not_move_the_values() -> None:
    rows: list[tuple[str, Line]] = [("Port", (("", "443"),)), ("n" * 30, (("", "x"),)), ("送信元", (("", "  管理者 b c"),))]
    assert [text(line) for line in table(rows, 20, 2, 8)] == [
        "  Port    443",
        "  " + "n" * 18,
        "  " + "n" * 12,
        "          x",
        "  送信元    管理者 b",
        "            c",
    ]
