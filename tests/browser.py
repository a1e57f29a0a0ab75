"""A real browser for the tests of the review page, and the pages that they open in it.

Every visit is a context of its own without a network. What the page asks for, prints to its console or throws is recorded, and the test
fails at its end when there was anything but the file itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.test_cli import EXIT_CLEAN, REPO, docrules

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SHIPPED = REPO / "data" / "rules.json"
NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDE, NARROW = 1400, 400
HEIGHT = 1000
# Longer than the page takes for anything.
SECONDS = 10
# Of every rule that a reader sees in the view that is chosen, its id.
SHOWN = (
    """() => [...document.querySelectorAll(".rule")].filter((rule) => rule.checkVisibility()).map((rule) => rule.id.replace("rule-", ""))"""
)

Visit = Callable[..., "Page"]
"""visit(file, fragment, width=…, dark=…, script=…): open a page in a context of its own."""


def executable() -> str | None:
    """Return where a Chromium is, None when none is installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Give a browser without a window; the test that needs it is skipped where none is installed."""
    path = executable()
    if path is None:
        reason = f"no browser found ({', '.join(NAMES)}); on Debian and Ubuntu: apt install chromium"
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # The sandbox of Chromium refuses to be started by root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


class Visits:
    """Pages that are open, with everything that they did besides being read."""

    def __init__(self, browser: Browser) -> None:
        """`browser` opens the pages; close() ends what was opened."""
        self.browser = browser
        self.contexts: list[Any] = []
        self.done: list[str] = []

    def __call__(
        self, file: Path, fragment: str = "", *, width: int = WIDE, height: int = HEIGHT, dark: bool = False, script: bool = True
    ) -> Page:
        """Open a file; `fragment` begins with `#`. Without `script` nothing of it runs."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            offline=True,
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.set_default_timeout(SECONDS * 1000)
        self.contexts.append(context)
        page = context.new_page()
        own = file.as_uri()
        page.on("request", lambda request: None if request.url.split("#")[0] == own else self.done.append(f"request: {request.url}"))
        page.on("requestfailed", lambda request: self.done.append(f"failed: {request.failure}: {request.url}"))
        page.on("console", lambda message: self.done.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.done.append(f"error: {error}"))
        page.on("dialog", self._dismiss)
        page.on("popup", lambda popup: self.done.append(f"popup: {popup.url}"))
        page.goto(own + fragment)
        return page

    def _dismiss(self, dialog: Any) -> None:
        self.done.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def close(self) -> None:
        """End all contexts."""
        for context in self.contexts:
            context.close()


# Playwright holds the event loop of its thread as long as it runs, and other tests need their own: so no longer than a module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    visits = Visits(browser)
    yield visits
    visits.close()
    # A blob is what a file is saved from; it is made of the page, and nothing is fetched.
    assert [one for one in visits.done if "blob:" not in one] == []


def written(folder: Path, *arguments: str | Path, cwd: Path = REPO) -> Path:
    """Write the review page into a folder; return its path."""
    file = folder / "review.html"
    result = docrules("report", *arguments, "--html", file, cwd=cwd)
    assert result.code == EXIT_CLEAN, result.err
    return file


def of_documents(folder: Path, documents: Mapping[str, str]) -> Path:
    """Extract documents, by their paths, and write the review page; return its path."""
    for name, content in documents.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    docrules("run", "docs", "--out", "rules.json", "--report", "report.json", cwd=folder)
    return written(folder, "--docs", "docs", cwd=folder)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the shipped data."""
    return written(tmp_path_factory.mktemp("shipped"), SHIPPED)


def shown(page: Page) -> list[str]:
    """Return the ids of the rules that are seen beside their rows."""
    found: list[str] = page.evaluate(SHOWN)
    return found


def search(page: Page, text: str) -> None:
    """Type into the search field, and wait until what is found stands there."""
    page.locator("#q").fill(text)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has drawn what it was told to."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
