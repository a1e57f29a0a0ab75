"""The pages that are dense with rules: those of this repository, and a corpus beside it where there is one."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

REPO = Path(__file__).resolve().parents[2]
SETS = {
    "repository": {"data/docs": "**/*.*", "tests/pages": "**/page.*"},
    "corpus": {"../shared/corpus/dev": "**/page.*"},
}
"""Name -> folder -> pattern. A set of which no folder exists is left out."""
MARKDOWN = frozenset({".md", ".mdx", ".markdown"})


class Page(NamedTuple):
    path: str
    data: bytes
    markdown: bool


def pages(name: str, rendered: Path | None = None) -> list[Page]:
    """Return the pages of a set, read before any clock starts; those in Markdown as HTML when `render_all` wrote them to `rendered`."""
    found: list[Page] = []
    for folder, pattern in SETS[name].items():
        for file in sorted((REPO / folder).glob(pattern)):
            if file.is_file():
                path = f"{folder.removeprefix('../')}/{file.relative_to(REPO / folder).as_posix()}"
                markdown = is_markdown(file)
                source = rendered / f"{len(found)}.html" if rendered and markdown else file
                found.append(Page(path, source.read_bytes(), markdown))
    return found


def render_all(found: Sequence[Page], folder: Path) -> None:
    """Write what an HTML parser gets of Markdown, so that the processes which measure parsers need not load another one."""
    for number, page in enumerate(found):
        if page.markdown:
            (folder / f"{number}.html").write_bytes(as_html(page).data)


def is_markdown(file: Path) -> bool:
    return file.suffix.lower() in MARKDOWN


def cmark(data: bytes) -> str:
    """Markdown to HTML by cmarkgfm, which is C."""
    cmarkgfm = importlib.import_module("cmarkgfm")
    options = importlib.import_module("cmarkgfm.cmark").Options.CMARK_OPT_UNSAFE
    html: str = cmarkgfm.github_flavored_markdown_to_html(data.decode("utf-8", "replace"), options=options)
    return html


def as_html(page: Page) -> Page:
    return page._replace(data=cmark(page.data).encode()) if page.markdown else page
