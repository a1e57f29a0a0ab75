"""How long the review page of 200 documents and 5,000 rules takes in a browser: `make bench BENCH_ARGS=--review`.

The documents are made up, so the numbers can be compared from one state of the program to the next. Times are those of the browser
itself: until the first text is seen, until the tool bar works, and from a key or click until what is found is drawn.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser import of_documents, started

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCUMENTS, ROWS = 200, 25
RELEASES = 10
WORDS = ("8090", "tcp/443", "database", "udp 53", "")
# From an event of a user until the browser has drawn what came of it.
_DRAWN = """([act, value]) => new Promise((done) => {
    const field = document.getElementById("q");
    const begin = performance.now();
    if (act === "type") {
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (act === "choose") {
        const choice = document.getElementById("protocol");
        choice.value = value;
        choice.dispatchEvent(new Event("change", { bubbles: true }));
    } else {
        document.getElementById(value).click();
    }
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin))));
})"""
_OPENED = """() => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return [paint.startTime, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd];
}"""


def document(number: int) -> str:
    """Return a page of one group with rules from some others, of which a few overlap."""
    rows = []
    for row in range(ROWS):
        port = 1000 + (number * 37 + row * 211) % 9000
        last = f"-{port + 3}" if row % 4 == 0 else ""
        what = ("database", "portal", "cache")[row % 3]
        cells = (
            "UDP" if row % 5 == 0 else "TCP",
            f"{port}{last}",
            f"Group {(number + row) % 12} Security Group",
            f"Connection {row}: {what}",
        )
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n")
    head = "<tr><th>Protocol</th><th>Port</th><th>Source</th><th>Description</th></tr>\n"
    title = f"<h1>Inbound rules for Group {number % 20} Security Group</h1>\n<p>Inbound traffic is allowed.</p>\n"
    return f"{title}<table>{head}{''.join(rows)}</table>\n"


def _wait(page: Page, act: str, value: str, repeat: int) -> float:
    """Return milliseconds from the event until it is drawn, the middle of some."""
    return statistics.median(page.evaluate(_DRAWN, [act, value]) for _ in range(repeat))


def main(repeat: int) -> None:
    """Print what was measured."""
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        pages = {f"acme/product-{one % RELEASES}/{1 + one % 2}/page-{one:03}.html": document(one) for one in range(DOCUMENTS)}
        begin = time.perf_counter()
        file = of_documents(Path(folder), pages)
        written = time.perf_counter() - begin
        opened = []
        for _ in range(repeat):
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.goto(file.as_uri())
            opened.append(page.evaluate(_OPENED))
        print(f"{DOCUMENTS} documents, {page.locator('#count').inner_text()}, {file.stat().st_size / 1e6:.1f} MB")
        print(f"Chromium {browser.version} on {platform.machine()}; the middle of {repeat}\n")
        print(f"extracted and written   {written:8.1f} s")
        print(f"first text seen         {statistics.median(first for first, _ in opened):8.0f} ms")
        print(f"ready to be used        {statistics.median(ready for _, ready in opened):8.0f} ms")
        for word in WORDS:
            print(f"{f'search for {word}' if word else 'search for nothing':<22}  {_wait(page, 'type', word, repeat):8.0f} ms")
        print(f"filter by a protocol    {_wait(page, 'choose', 'udp', repeat):8.0f} ms")
        print(f"without the filter      {_wait(page, 'choose', '', repeat):8.0f} ms")
        print(f"the next problem        {_wait(page, 'click', 'next', repeat):8.0f} ms")
        print(f"all rules as a table    {_wait(page, 'click', 'view-table', 1):8.0f} ms")
        print(f"side by side again      {_wait(page, 'click', 'view-pages', 1):8.0f} ms")
