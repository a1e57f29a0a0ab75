"""Results that are kept for short texts."""

from __future__ import annotations

from extract.memo import for_short


def test_short_texts_are_remembered_and_long_ones_made_anew() -> None:
    made: list[tuple[str, ...]] = []

    @for_short
    def words(lines: tuple[str, ...]) -> int:
        """Count them."""
        made.append(lines)
        return sum(len(line.split()) for line in lines)

    long = ("all ports " * 20,)
    assert [words(("tcp 443", "udp")), words(("tcp 443", "udp")), words(long), words(long)] == [3, 3, 40, 40]
    assert made == [("tcp 443", "udp"), long, long]
    assert words.__doc__ == "Count them."
    words.cache_clear()
    words(("tcp 443", "udp"))
    assert made.count(("tcp 443", "udp")) == 2
