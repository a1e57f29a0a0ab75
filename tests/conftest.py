import pytest
from hypothesis import settings

# The same examples on every run: a check that fails now and then is a check that nobody believes.
settings.register_profile("docrules", derandomize=True, deadline=None)
settings.load_profile("docrules")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", default=False, help="rewrite the expected rules of the golden pages")
