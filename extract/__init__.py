"""Vendor documentation in, canonical network rules out.

from extract import extract_paths
for rule in extract_paths(["data/docs"]).rules: print(rule.protocol, rule.from_port, rule.source)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.api import extract_paths, extract_text
    from extract.model import Document, Endpoint, Evidence, Extraction, Finding, Rule, Trace, Unresolved

__all__ = ["Document", "Endpoint", "Evidence", "Extraction", "Finding", "Rule", "Trace", "Unresolved", "extract_paths", "extract_text"]


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562): the package is imported before each of its modules, and `docrules --help` needs few of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("extract.api" if name.startswith("extract_") else "extract.model"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
