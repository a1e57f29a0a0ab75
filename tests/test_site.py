"""The site of README and docs: all pages are in its menu, and the check of what was made finds each link that leads nowhere."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import links
import pytest

REPO = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((REPO / "zensical.toml").read_text("utf-8"))["project"]


def named(menu: list[dict[str, Any]]) -> Iterator[str]:
    for entry in menu:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            else:
                yield from named(target)


def test_every_page_is_in_the_menu_once() -> None:
    pages = [*REPO.glob("*.md"), *(REPO / "docs").glob("*.md"), *(REPO / "schemas").glob("*.md")]
    assert sorted(named(CONFIG["nav"])) == sorted(page.relative_to(REPO).as_posix() for page in pages)


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ('<a href="other/">', []),
        ('<a href="other/index.html#there">', []),
        ('<a href="/other/#there">', []),
        ('<a href="a%20file.json">', []),
        ('<a href="">', []),
        ('<a href="#here" id="here">', []),
        ('<a href="other/?q=1#there">', []),
        ('<a href="https://example.com/">', []),
        ('<a href="mailto:somebody@example.com">', []),
        ('<link rel="canonical" href="https://example.com/">', []),
        ('<img src="data:image/png;base64,AAAA">', []),
        ('<a href="none/">', ["none/: there is no such file"]),
        ('<a href="folder">', ["folder: there is no such file"]),
        ('<img src="none.png">', ["none.png: there is no such file"]),
        ('<link rel="stylesheet" href="none.css">', ["none.css: there is no such file"]),
        ('<a href="#nowhere">', ["#nowhere: there is no such place in the page"]),
        ('<a href="other/#nowhere">', ["other/#nowhere: there is no such place in the page"]),
        ('<a href="../outside.html">', ["../outside.html: leads out of the site"]),
        ('<script src="https://cdn.example.com/x.js"></script>', ["https://cdn.example.com/x.js: is loaded from elsewhere"]),
        ('<img src="//cdn.example.com/x.png">', ["//cdn.example.com/x.png: is loaded from elsewhere"]),
        ('<link rel="preload stylesheet" href="https://x.example/f.css">', ["https://x.example/f.css: is loaded from elsewhere"]),
        ('<IFRAME SRC="http://x.example/">', ["http://x.example/: is loaded from elsewhere"]),
    ],
)
def test_each_link_of_a_site_is_looked_at(html: str, wrong: list[str], tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "other").mkdir(parents=True)
    (site / "folder").mkdir()
    (tmp_path / "outside.html").write_text("")
    (site / "a file.json").write_text("{}")
    (site / "other/index.html").write_text('<h1 id="there">')
    (site / "index.html").write_text(html)
    assert list(links.problems(site)) == [f"index.html: {one}" for one in wrong]
    done = subprocess.run([sys.executable, REPO / ".ci/links.py", site], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1 if wrong else 0, "")


def test_a_folder_without_pages_is_no_site(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, REPO / ".ci/links.py", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
