"""The parser of Markdown: what it makes of a page is what the binding makes of it, and the memory that it takes is given back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cmarkgfm import markdown_to_html_with_extensions
from cmarkgfm.cmark import Options

from extract.read import cmark

OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_SOURCEPOS | Options.CMARK_OPT_FOOTNOTES
EXTENSIONS = ("table", "strikethrough")
TEXTS = ("", "# Title\n\n| A | B |\n| --- | --- |\n| ~~1~~ | ü |\n\n[^1]\n\n[^1]: note\n", "a\0b", "<b>" * 100)
STATUS = Path("/proc/self/status")


@pytest.mark.parametrize("text", TEXTS)
def test_the_html_is_that_of_the_binding(text: str) -> None:
    assert cmark.to_html(text, OPTIONS, EXTENSIONS) == markdown_to_html_with_extensions(text, OPTIONS, EXTENSIONS)


def resident_kib() -> int:
    found = re.search(r"VmRSS:\s*(\d+)", STATUS.read_text("ascii"))
    assert found
    return int(found[1])


@pytest.mark.skipif(not STATUS.exists(), reason="the size of a process is read as Linux tells it")
def test_the_memory_of_a_page_is_given_back() -> None:
    text = TEXTS[1] * 2_000
    for _ in range(3):
        cmark.to_html(text, OPTIONS, EXTENSIONS)
    before = resident_kib()
    for _ in range(30):
        cmark.to_html(text, OPTIONS, EXTENSIONS)
    # Without it 30 pages keep more than five times their text, and their HTML.
    assert resident_kib() - before < 30 * len(text) // 1024
