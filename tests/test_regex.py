"""Patterns that are compiled when they are first used."""

import re

import pytest

from extract.regex import late


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("search", ("TCP 443, UDP 53",)),
        ("match", ("TCP 443",)),
        ("match", ("on TCP 443", 3)),
        ("fullmatch", ("TCP 443",)),
        ("findall", ("TCP 443, UDP 53",)),
        ("split", ("TCP 443, UDP 53",)),
        ("sub", (r"\2/\1", "TCP 443, UDP 53")),
        ("subn", ("", "TCP 443, UDP 53", 1)),
    ],
)
def test_a_late_pattern_does_what_a_compiled_one_does(method: str, arguments: tuple[object, ...]) -> None:
    written = r"(tcp|udp) (\d+)"
    patterns = (late(written, re.IGNORECASE), re.compile(written, re.IGNORECASE))
    first, again, compiled = (getattr(pattern, method)(*arguments) for pattern in (patterns[0], *patterns))
    said = [found.groups() if isinstance(found, re.Match) else found for found in (first, again, compiled)]
    assert said[0] == said[1] == said[2]
    assert said[0]


def test_nothing_is_compiled_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    compile_ = re.compile

    def noted(pattern: bytes, flags: int) -> re.Pattern[bytes]:
        compiled.append(pattern)
        return compile_(pattern, flags)

    monkeypatch.setattr(re, "compile", noted)
    pattern = late(rb"<h\d")
    assert pattern.pattern == rb"<h\d"
    assert not compiled
    assert [pattern.search(text) is not None for text in (b"<h1>", b"<hr>", b"<h6>")] == [True, False, True]
    assert compiled == [rb"<h\d"]


def test_what_a_pattern_has_not_is_said_by_name() -> None:
    with pytest.raises(AttributeError, match="scanner"):
        _ = getattr(late("a"), "scanner")  # noqa: B009 - it has none, which a type checker knows
