import os

import pytest
from hypothesis import settings

from extract.cache import VARIABLE
from tests.browser import browser, shipped, visit

__all__ = ["browser", "shipped", "visit"]  # fixtures

# No test reads what another run has left on this machine, or leaves anything there; those of the cache name a folder of their own.
os.environ[VARIABLE] = ""

# The same examples on every run: a check that fails now and then is a check that nobody believes.
settings.register_profile("docrules", derandomize=True, deadline=None)
settings.load_profile("docrules")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", default=False, help="rewrite the expected rules of the golden pages")
