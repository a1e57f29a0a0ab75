"""Every golden page gives exactly the rules that its expected.txt states. `pytest --regenerate` rewrites the rules, for review."""

from pathlib import Path

import pytest

from tests import goldens


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_page(folder: Path, request: pytest.FixtureRequest) -> None:
    expected = folder / "expected.txt"
    purpose, *lines = expected.read_text("utf-8").splitlines()
    found = goldens.render(goldens.extract_page(folder))
    if request.config.getoption("--regenerate"):
        expected.write_text("\n".join([purpose, *found]) + "\n", "utf-8")
    assert [line for line in lines if line.strip()] == found


def test_nothing_is_regenerated_by_default(request: pytest.FixtureRequest) -> None:
    assert request.config.getoption("--regenerate") is False


def test_there_are_golden_pages_and_each_says_what_it_shows() -> None:
    assert len(goldens.folders()) >= 30
    for folder in goldens.folders():
        purpose = folder.joinpath("expected.txt").read_text("utf-8").splitlines()[0]
        assert 20 < len(purpose) <= 160 and "|" not in purpose, folder.name
