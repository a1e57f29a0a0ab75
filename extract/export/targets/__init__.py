"""The targets: one module for each, with the functions that `extract.export.target.Target` names. A new target is one file."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping

from extract.export.target import Target


@functools.cache
def all_targets() -> Mapping[str, Target]:
    """Return name -> module of each target, in the order of the alphabet."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {module.NAME: module for module in sorted(modules, key=lambda module: str(module.NAME))}
