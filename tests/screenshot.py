"""Takes the picture of the review page that README shows: `make screenshot`, or `python tests/screenshot.py FILE` for one elsewhere."""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

from tests.browser import SHIPPED, Visits, settle, started, written

PICTURE = Path(__file__).resolve().parent / "pictures" / "review.webp"
WIDTH, HEIGHT = 1280, 1760
# What the servers say to each other: ranges, three protocols, and a row that contradicts itself.
GROUP = "SecureTransport Server Security Group"

# A third of the size of the PNG that a browser makes, and sharp.
SMALLER = """async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.82).split(",")[1];
}"""


def main(target: Path) -> None:
    """Write the picture: an arrow of the drawing is picked, and below it stand its rows with their rules."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        visits = Visits(browser)
        page = visits(written(Path(folder), SHIPPED), width=WIDTH, height=HEIGHT)
        page.locator(f"[data-drawing][open] [data-edge][aria-label^='{GROUP} to {GROUP}:']").press("Enter")
        page.locator("[data-drawing][open] [data-edge].picked").evaluate("one => one.blur()")
        page.locator("#drawings").evaluate("one => one.scrollIntoView()")
        page.locator(".rule:visible", has=page.locator(".mark.corrected")).first.dispatch_event("pointerover")
        settle(page)
        target.write_bytes(base64.b64decode(visits.browser.new_page().evaluate(SMALLER, base64.b64encode(page.screenshot()).decode())))
        visits.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
