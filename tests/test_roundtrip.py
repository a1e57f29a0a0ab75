"""Pages made from rules are read as these rules, or as fewer with a reason (tests/roundtrip says how)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.roundtrip import compare, pages
from tests.roundtrip.__main__ import Result, measure_one
from tests.roundtrip.draw import LANGUAGES, phrases
from tests.roundtrip.model import Page, Table

SEEDS = range(100)
# Wrong is worse than open: of the pages that are not read whole there may be a few, of those that are read wrongly none.
EQUAL = 97


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return [measure_one(seed) for seed in SEEDS]


def test_no_page_publishes_a_rule_that_was_not_rendered(results: list[Result]) -> None:
    wrong = [result.seed for result in results if result.verdict == "other"]
    assert not wrong, f"{len(wrong)} pages, see python -m tests.roundtrip --seed {wrong[0]} --pages 1 --show 1"


def test_no_page_loses_a_rule_without_a_reason(results: list[Result]) -> None:
    silent = [result.seed for result in results if result.verdict == "silent"]
    assert not silent, f"{len(silent)} pages, see python -m tests.roundtrip --seed {silent[0]} --pages 1 --show 1"


def test_most_pages_are_read_whole(results: list[Result]) -> None:
    assert sum(result.verdict == "equal" for result in results) >= EQUAL


def digest() -> str:
    """Return a hash over some pages."""
    written = "".join(pages.render(pages.make_page(seed)) for seed in range(50))
    return hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_gives_the_same_page_in_every_process(hash_seed: str) -> None:
    program = "from tests import test_roundtrip; print(test_roundtrip.digest())"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    folder = Path(__file__).parent.parent
    told = subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == digest()


def equal_page() -> tuple[Page, Table]:
    """Return a page that is read as it was rendered, and a table of it with rules."""
    for seed in SEEDS:
        page = pages.make_page(seed)
        for table in pages.tables_of([block for section in page.sections for block in section]):
            if table.flows and compare.worst(compare.compare(page)) == "equal":
                return page, table
    raise AssertionError("no page is read as it was rendered")


def test_a_rule_that_was_not_rendered_is_noticed() -> None:
    page, table = equal_page()
    table.flows = {replace(flow, destination="somebody else") for flow in table.flows}
    assert compare.worst(compare.compare(page)) == "other"


def test_a_rule_that_was_not_read_is_noticed() -> None:
    page, table = equal_page()
    table.flows |= {replace(flow, protocol="sctp") for flow in table.flows}
    assert compare.worst(compare.compare(page)) in ("fewer", "silent")


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_that_belong_together_stand_at_the_same_place(language: str) -> None:
    found = phrases(language)
    assert len(found["headers"]["tcp_port"]) == len(found["headers"]["udp_port"])
    assert len(found["cells"]["ingress"]) == len(found["cells"]["egress"])
    assert all(len(pair) == 2 for pair in found["headers"]["pairs"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_kind_of_phrase_that_pages_cannot_do_without(language: str) -> None:
    # A language may lack a kind of which none of its words is unambiguous.
    spare = {"peer", "except", "type", "port_from", "port_to", "ingress_words", "egress_words", "group", "flow", "and", "range"}
    english, found = phrases("en"), phrases(language)
    for section in ("headers", "cells", "titles", "sentences", "text"):
        assert {kind for kind in english[section] if not found[section].get(kind)} <= spare
