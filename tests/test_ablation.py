"""No mechanism serves one page only, and none serves nothing: otherwise it is a special case in disguise, or dead."""

import pytest

from tests import ablation


@pytest.fixture(scope="module")
def whole() -> dict[str, list[str]]:
    return ablation.rendered()


@pytest.mark.parametrize("name", ablation.MECHANISMS)
def test_a_mechanism_serves_several_pages(name: str, whole: dict[str, list[str]]) -> None:
    assert len(ablation.served(name, whole)) >= 2


def test_switching_a_mechanism_off_leaves_no_trace(whole: dict[str, list[str]]) -> None:
    with ablation.without("direction from the surroundings"):
        pass
    assert ablation.rendered() == whole
