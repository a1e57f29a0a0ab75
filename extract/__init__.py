"""Vendor documentation in, canonical network rules out.

from extract import extract_paths
for rule in extract_paths(["data/docs"]).rules: print(rule.protocol, rule.from_port, rule.source)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.api import extract_paths, extract_text
    from extract.check.part import Part
    from extract.check.patch_files import load as load_patches
    from extract.check.units import Unit, units
    from extract.documents import map_document
    from extract.model import Document, Endpoint, Evidence, Extraction, Finding, Origin, Rule, Trace, Unresolved
    from extract.pipeline import assemble
    from extract.publish.render import rules_json
    from extract.read.manifest import load as load_manifest

__all__ = [
    "Document",
    "Endpoint",
    "Evidence",
    "Extraction",
    "Finding",
    "Origin",
    "Part",
    "Rule",
    "Trace",
    "Unit",
    "Unresolved",
    "assemble",
    "extract_paths",
    "extract_text",
    "load_manifest",
    "load_patches",
    "map_document",
    "rules_json",
    "units",
]

# Name -> where it is and what it is called there; all others are values of the model.
_PLACES = {
    "Part": ("extract.check.part", "Part"),
    "Unit": ("extract.check.units", "Unit"),
    "assemble": ("extract.pipeline", "assemble"),
    "extract_paths": ("extract.api", "extract_paths"),
    "extract_text": ("extract.api", "extract_text"),
    "load_manifest": ("extract.read.manifest", "load"),
    "load_patches": ("extract.check.patch_files", "load"),
    "map_document": ("extract.documents", "map_document"),
    "rules_json": ("extract.publish.render", "rules_json"),
    "units": ("extract.check.units", "units"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for (PEP 562): the package is imported before each of its modules, and `docrules --help` needs few of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, called = _PLACES.get(name, ("extract.model", name))
    return getattr(import_module(module), called)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
