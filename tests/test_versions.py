"""The order of releases by their names."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.publish.versions import version_key

ORDERED = [
    ("5.9", "5.10"),
    ("5", "5.1"),
    ("5.5", "5.5.1"),
    ("5.5-alpha2", "5.5-beta1"),
    ("5.5-beta", "5.5-rc1"),
    ("5.5-rc2", "5.5-rc10"),
    ("5.5rc1", "5.5"),
    ("5.5", "5.5 SP1"),
    ("1.0.2", "1.0.2a"),
    ("1.0.2a", "1.0.2b"),
    ("5.5 SP1", "5.5.1"),
    ("v5.9", "5.10"),
    ("5.9", "v5.10"),
    ("Version 9", "version 10"),
    ("2023.4", "2024.1"),
    ("20231231", "20240101"),
    ("R9", "R10"),
    ("5.5-SNAPSHOT", "5.5"),
    ("99.9", "latest"),
    ("99.9", "main"),
    ("", "1"),
    ("9" * 5000, "1" + "0" * 5000),
]


@pytest.mark.parametrize(("earlier", "later"), ORDERED, ids=lambda name: name[:12] or "empty")
def test_one_release_comes_before_another(earlier: str, later: str) -> None:
    assert version_key(earlier) < version_key(later)
    assert not version_key(later) < version_key(earlier)


@given(st.lists(st.text(max_size=12), unique=True), st.randoms(use_true_random=False))
def test_any_names_have_one_order(names: list[str], chance: random.Random) -> None:
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert sorted(shuffled, key=version_key) == sorted(names, key=version_key)
