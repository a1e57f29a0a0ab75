"""Random choices: phrases of a language, names, and chances. The only source of chance is the seed."""

from __future__ import annotations

import functools
import random
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
PHRASES = Path(__file__).parent / "phrases"
LANGUAGES = tuple(sorted(path.stem for path in PHRASES.glob("*.toml")))

# Names of products are the same in every language, and are not declined.
OWNERS = ("Heron Gateway", "Basalt Controller", "Quill Server", "Lantern Proxy", "Osprey Node", "Cobalt Appliance", "Teal Broker")
GROUPS = ("teal-nodes", "amber-db", "cobalt-web", "quartz-cache")
PRODUCTS = ("Harbor Suite", "Meridian", "Sextant")
ADDRESSES = ("10.20.0.0/16", "192.168.4.0/24", "172.16.8.0/22", "203.0.113.0/24", "10.9.8.7")
HOSTS = ("updates.example.com", "*.cdn.example.com", "license.example.net", "relay01.example.org")


@functools.cache
def phrases(language: str) -> dict[str, Any]:
    """Return the phrases of a language."""
    return tomllib.loads((PHRASES / f"{language}.toml").read_text("utf-8"))


class Draw:
    """What a page in one language draws from."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        # Half of the pages are English, as are most of the pages that vendors publish.
        self.language = "en" if self.chance(0.5) else self.choose(LANGUAGES)
        self._phrases = phrases(self.language)
        self._owners = self.sample(OWNERS, len(OWNERS))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def choose(self, among: Sequence[T]) -> T:
        return among[int(self.random.random() * len(among))]

    def sample(self, among: Sequence[T], number: int) -> list[T]:
        left = list(among)
        return [left.pop(int(self.random.random() * len(left))) for _ in range(min(number, len(left)))]

    def number(self, low: int, high: int) -> int:
        return low + int(self.random.random() * (high - low + 1))

    def all(self, section: str, key: str) -> list[Any]:
        """Return all phrases of a kind; none where the language has no unambiguous one."""
        found: list[Any] = self._phrases[section].get(key, [])
        return found

    def has(self, section: str, key: str) -> bool:
        return bool(self.all(section, key))

    def phrase(self, section: str, key: str, **names: str) -> str:
        chosen: str = self.choose(self.all(section, key))
        return chosen.format(**names) if names else chosen

    def pair(self) -> tuple[str, str]:
        """Return the headers of a column of sources and one of destinations that belong together."""
        source, destination = self.choose(self.all("headers", "pairs"))
        return source, destination

    def both(self, section: str, one: str, other: str) -> tuple[str, str]:
        """Return two phrases that belong together: they stand at the same place of two lists."""
        pairs = list(zip(self.all(section, one), self.all(section, other), strict=True))
        return self.choose(pairs)

    def owner(self) -> str:
        """Return a name that no other section of the page has."""
        return self._owners.pop()

    def quiet(self) -> dict[str, Any]:
        chosen: dict[str, Any] = self.choose(self._phrases["quiet"])
        return chosen

    def ends(self, several: bool) -> tuple[str, ...]:
        """Return who stands in a cell of sources or destinations."""
        if self.chance(0.1):
            return (self.phrase("cells", "any_end"),)
        kind = self.random.random()
        among = self.all("text", "names") if kind < 0.7 else ADDRESSES if kind < 0.85 else HOSTS
        return tuple(self.sample(among, self.number(2, 3) if several and self.chance(0.2) else 1))
