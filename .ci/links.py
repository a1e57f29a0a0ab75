"""Check a site of HTML files: every link leads to a file of it, and to a place in that file, and no page loads anything from elsewhere.

    links.py FOLDER

Exit code 0: all is well. 1: what is not is printed, one line each. 2: there are no pages.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

# What a browser loads by itself (HTML Living Standard, 4.2.4, 4.8 and 4.12), with the attribute that names it. A link of another relation
# to the page is a link.
_LOADED = dict.fromkeys(("audio", "embed", "iframe", "img", "script", "source", "video"), "src") | {"object": "data"}
_LOADED_LINKS = frozenset({"icon", "manifest", "modulepreload", "preload", "prefetch", "stylesheet"})
_ELSEWHERE = ("http", "https")


class Link(NamedTuple):
    """What a page names: an address, and whether a browser loads it by itself."""

    address: str
    loaded: bool


class Page(HTMLParser):
    """The links of a page, and the names of its places."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[Link] = []
        self.places: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a tag names."""
        given = {name: value for name, value in attrs if value is not None}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        if tag == "link" and "href" in given:
            self.links.append(Link(given["href"], bool(_LOADED_LINKS & set(given.get("rel", "").lower().split()))))
        elif tag in _LOADED and _LOADED[tag] in given:
            self.links.append(Link(given[_LOADED[tag]], True))
        elif tag in ("a", "area") and "href" in given:
            self.links.append(Link(given["href"], False))


def problems(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the pages of a folder, each with its page."""
    folder = folder.resolve()
    pages = {file: Page(file.read_text("utf-8")) for file in sorted(folder.rglob("*.html"))}
    for file, page in pages.items():
        for link in page.links:
            wrong = _wrong(folder, file, link, pages)
            if wrong:
                yield f"{file.relative_to(folder)}: {link.address}: {wrong}"


def _wrong(folder: Path, file: Path, link: Link, pages: dict[Path, Page]) -> str | None:
    parts = urlsplit(link.address)
    if parts.scheme in _ELSEWHERE or parts.netloc:
        return "is loaded from elsewhere" if link.loaded else None
    if parts.scheme:
        return None
    # An address that begins with a slash is one from the top of the site; without a path, it is the page itself.
    start = folder if parts.path.startswith("/") else file.parent
    target = (start / unquote(parts.path).lstrip("/")).resolve() if parts.path else file
    if target.is_dir():
        target /= "index.html"
    if not target.is_relative_to(folder):
        return "leads out of the site"
    if not target.is_file():
        return "there is no such file"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].places:
        return "there is no such place in the page"
    return None


def main() -> int:
    """Print what is wrong; return the exit code."""
    folder = Path(sys.argv[1])
    if not any(folder.rglob("*.html")):
        print(f"{folder} holds no page", file=sys.stderr)
        return 2
    found = list(problems(folder))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
