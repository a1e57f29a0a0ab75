"""A column is known by what it holds: golden pages whose headers nobody knows, one at a time."""

from __future__ import annotations

import pytest

from tests import blanking

# Of 100 columns whose header is a word that means nothing, so many at least give the rules of before. Measured: source 50, destination 31,
# port 79, protocol 95, type 82, direction 97, description 95, service 92. The rest is open or lacks an end: `DENY: the rest` and
# `Multicast` under a header that nobody knows leave their rows open.
SAME = {"source": 48, "destination": 28, "port": 76, "protocol": 92, "type": 70, "direction": 94, "description": 94, "service": 90}
# And so many at most give a rule that is none of those before, or one of them without a value: measured 2.8.
DIFFERENT = 3.0
# With a word of another language the program knows the header. Measured: 97.6 the same, 0.4 different.
KNOWN, KNOWN_DIFFERENT = 97, 0.5
SYNONYMS = {
    "source": "Quelle",
    "destination": "Destinazione",
    "port": "ポート番号",
    "protocol": "Протокол",
    "direction": "Richtung",
    "action": "Действие",
    "description": "Beschreibung",
    "near": "Knoten",
    "far": "Gegenstelle",
}


@pytest.fixture(scope="module")
def nonsense() -> list[blanking.Blanked]:
    return list(blanking.blanked("Qorvel"))


def percent(found: list[blanking.Blanked], outcome: blanking.Outcome) -> float:
    return 100 * sum(one.outcome == outcome for one in found) / len(found)


@pytest.mark.parametrize("role", SAME)
def test_cells_tell_what_a_column_is(role: str, nonsense: list[blanking.Blanked]) -> None:
    assert percent([one for one in nonsense if one.role == role], "same") >= SAME[role]


def test_a_header_that_nobody_knows_makes_no_other_rules(nonsense: list[blanking.Blanked]) -> None:
    assert len(nonsense) > 900
    assert percent(nonsense, "different") <= DIFFERENT


def test_a_header_of_another_language_is_known() -> None:
    found = list(blanking.blanked(SYNONYMS))
    assert percent(found, "same") >= KNOWN
    assert percent(found, "different") <= KNOWN_DIFFERENT
