"""What a test does whose consumer is not there: it is skipped, unless the environment says that it must be there."""

from __future__ import annotations

import pytest

from tests.exports import REQUIRED, program

NAME = "a-program-that-nobody-has"


@pytest.mark.parametrize("required", ["", "nft aclgen", f"{NAME}-either"])
def test_a_test_of_a_missing_consumer_is_skipped(monkeypatch: pytest.MonkeyPatch, required: str) -> None:
    monkeypatch.setenv(REQUIRED, required)
    with pytest.raises(pytest.skip.Exception, match=f"{NAME} is not installed"):
        program(NAME)


def test_it_fails_where_the_consumer_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRED, f"nft {NAME}")
    with pytest.raises(pytest.fail.Exception, match=f"{NAME} is not installed.*{REQUIRED} says that it is"):
        program(NAME)
