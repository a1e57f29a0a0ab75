"""The review page in a browser, for everyone: without script, in the dark, on paper, on a telephone, by keyboard and by ear."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import NARROW, SHIPPED, WIDE, Visits, of_documents, search, settle, shown, written
from tests.test_cli import DOCS

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATED = json.loads(SHIPPED.read_bytes())
EVERY = [*STATED["rules"], *STATED["unresolved"]]
SERVER = "axway/securetransport/5.5/server-security-group.md"
# The least contrast of text of usual size (WCAG 2.2, 1.4.3).
CONTRAST = 4.5
TABULATOR_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
    .filter((one) => one.checkVisibility({ contentVisibilityAuto: false }) && !one.disabled && one.tabIndex >= 0).length"""
BEYOND = """() => [...document.querySelectorAll("#tools button, #tools summary, #tools input, #count")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth).map((one) => one.id || one.textContent)"""
FOCUSED = """() => {
    const one = document.activeElement;
    const before = window.focusedBefore;
    window.focusedBefore = one;
    const outlined = [one, ...one.querySelectorAll("*")].some((inner) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(inner);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    });
    const box = one.getBoundingClientRect();
    return {
        name: one.id || one.textContent.trim().slice(0, 40),
        later: !before || Boolean(before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING),
        outlined,
        inSight: box.bottom > 0 && box.top < innerHeight && box.width > 0,
        body: one === document.body,
    };
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one document."""
    return of_documents(tmp_path_factory.mktemp("server"), {SERVER: (DOCS / SERVER).read_text("utf-8")})


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, server: Path) -> Path:
    """The page of the same document with changes since an older state."""
    folder = tmp_path_factory.mktemp("changed")
    older = json.loads(server.with_name("rules.json").read_bytes())
    older["rules"][0].update(from_port=65000, to_port=65000)
    older["rules"][1]["description"] = "Another one"
    del older["rules"][3]
    (folder / "older.json").write_text(json.dumps(older), "utf-8")
    return written(folder, server.with_name("rules.json"), "--docs", server.with_name("docs"), "--against", folder / "older.json")


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


# --- without script -----------------------------------------------------------------------------------------------------


def test_without_script_everything_is_there_to_be_read(visit: Visits, shipped: Path) -> None:
    page = visit(shipped, script=False)
    assert sorted(shown(page)) == sorted(rule["id"] for rule in EVERY)
    open_all(page)
    text = " ".join((page.locator("body").text_content() or "").split())
    for document in json.loads((SHIPPED.parent / "report.json").read_bytes())["documents"]:
        assert document["path"] in text
        if all(table["verdict"] == "no-rules" for table in document["tables"]):
            continue
        assert all(" ".join(found["message"].split()) in text for found in document["findings"] if found["row"] is None)
        rows = page.locator(f"section[data-path='{document['path']}'] tr[data-row]")
        assert rows.evaluate_all("all => all.filter((one) => one.checkVisibility()).length") == sum(
            table["data_rows"] for table in document["tables"]
        )
    assert page.locator("svg:visible [data-edge]").count() > 10
    assert page.locator("#tools:visible, #empty:visible, #all:visible").count() == 0


# --- light and dark -----------------------------------------------------------------------------------------------------

# Of each text: where it stands, its colour, and the colour behind it.
COLOURS = """() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const behind = (one) => {
        const shape = one.closest("[data-node], [data-edge]")?.querySelector(".node-shape, rect");
        const colour = shape ? getComputedStyle(shape).fill : getComputedStyle(one).backgroundColor;
        return colour === "rgba(0, 0, 0, 0)" ? behind(one.parentElement) : colour;
    };
    const texts = "h1, .lead, .flow .traffic, .why, .mark, .severity, .id, td, #count, [data-node] text, [data-edge] text";
    return [...document.querySelectorAll(texts)].filter((one) => one.checkVisibility() && one.textContent.trim()).map((one) => {
        const style = getComputedStyle(one);
        return [one.outerHTML.slice(0, 80), channels(one.closest("svg") ? style.fill : style.color), channels(behind(one))];
    });
}"""


def luminance(colour: list[float]) -> float:
    linear = [one / 12.92 if (one := value / 255) <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for value in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_follow_the_system_and_are_told_apart_in_both(visit: Visits, shipped: Path) -> None:
    behind = []
    for dark in (False, True):
        found = visit(shipped, dark=dark).evaluate(COLOURS)
        assert len(found) > 500
        assert not [(name, ratio) for name, text, ground in found if (ratio := contrast(text, ground)) < CONTRAST]
        behind.append(luminance(found[0][2]))
    assert behind[0] > 0.8 and behind[1] < 0.05


# --- on paper -----------------------------------------------------------------------------------------------------------


def test_on_paper_everything_is_open_and_the_tool_bar_is_gone(visit: Visits, server: Path) -> None:
    import pypdf

    page = visit(server, dark=True)
    inferred = page.locator("details.mark.inferred").first
    assert inferred.locator("li").first.is_hidden()
    pdf = pypdf.PdfReader(io.BytesIO(page.pdf()))
    text = " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
    for said in ("Firewall rules to review", "8088-8093", "type-contradicts-protocol", "introducing sentence", "How its columns were read"):
        assert said in text
    assert "no rule" in text and "Who talks to whom" in text
    for control in ("Side by side", "Copy or save", "Skip to the documents"):
        assert control not in text
    # What was folded is folded again.
    page.wait_for_function("() => !document.querySelector('details.mark.inferred').open")


def test_what_is_filtered_is_printed_and_nothing_else(visit: Visits, server: Path) -> None:
    import pypdf

    page = visit(server)
    search(page, "udp 8090")
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(page.pdf())).pages)
    assert "8088-8093" in text and "10022" not in text


def test_paper_is_white_in_the_dark(visit: Visits, server: Path) -> None:
    page = visit(server, dark=True)
    page.emulate_media(media="print")
    found = page.evaluate(COLOURS)
    assert not [name for name, text, ground in found if contrast(text, ground) < CONTRAST]
    assert all(luminance(ground) > 0.7 for _, _, ground in found)


# --- narrow screens -----------------------------------------------------------------------------------------------------


def test_the_page_itself_is_never_wider_than_the_screen(visit: Visits, changed: Path) -> None:
    page = visit(changed)
    open_all(page)
    for width in (320, NARROW, 800, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        for view in ("view=pages", "view=table", "pick=0.edge.0", "q=tcp&direction=ingress&protocol=tcp&findings=1"):
            page.evaluate(f"location.hash = '#{view}'")
            settle(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, view)
            # Nor does the tool bar hide what does not fit.
            assert page.evaluate(BEYOND) == [], (width, view)


# Words that stand on two lines although they could stand on one, elements whose content is cut off, and those beyond the screen. A drawing
# is as wide as it is, and is moved within its frame.
NARROW_FAULTS = r"""() => {
    const seen = (one) => one.checkVisibility();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const faults = [];
    while (texts.nextNode()) {
        const { currentNode: node } = texts;
        const parent = node.parentElement;
        if (parent.closest("script, style, svg, option") || !seen(parent)) {
            continue;
        }
        for (const word of node.data.matchAll(/\p{L}{2,20}(?!\p{L})(?<!\p{L}{21})/gu)) {
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
            if (lines.size > 1) {
                faults.push(`broken: ${word[0]}`);
            }
        }
    }
    for (const one of document.querySelectorAll("body *:not(.skip, svg, svg *, .search label)")) {
        if (seen(one) && one.clientWidth && one.getBoundingClientRect().right > innerWidth + 1) {
            faults.push(`beyond: ${one.outerHTML.slice(0, 80)}`);
        }
        const cut = one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible";
        if (seen(one) && cut && one.clientWidth && !one.matches(".canvas, svg")) {
            faults.push(`cropped: ${one.outerHTML.slice(0, 80)}`);
        }
    }
    return faults;
}"""
LONG_WORDS = {
    "acme/gateway/1/rules.html": "<h2>Inbound rules of the AdministrativeCommunicationGatewaySecurityGroup</h2>"
    "<table><tr><th>Protocol</th><th>Port</th><th>Source of the communication</th><th>Responsibilities</th></tr>"
    "<tr><td>TCP</td><td>443, 8443, 9443, 10443, 11443, 12443</td><td>internationalization/administrative_communication/gateway</td>"
    "<td>Infrastructure; https://docs.example.com/administrative/communication?responsibility=infrastructure</td></tr>"
    "<tr><td>Custom</td><td>81</td><td>Client</td><td>Telecommunications</td></tr></table>"
}


@pytest.mark.parametrize("width", [320, NARROW])
def test_on_a_narrow_screen_nothing_is_cropped_and_no_word_is_broken_in_two(
    visit: Visits, changed: Path, tmp_path: Path, width: int
) -> None:
    for file in (changed, of_documents(tmp_path, LONG_WORDS)):
        # As high as the page, for what is not laid out yet is not looked at.
        page = visit(file, width=width, height=20_000)
        for view in ("view=pages", "view=table", "pick=0.edge.0", "q=tcp&severity=warning"):
            page.evaluate(f"location.hash = '#{view}'")
            open_all(page)
            settle(page)
            assert page.evaluate(NARROW_FAULTS) == [], view


# --- the keyboard -------------------------------------------------------------------------------------------------------


def test_the_tabulator_reaches_everything_in_the_order_of_the_page_and_shows_where_it_is(visit: Visits, server: Path) -> None:
    page = visit(server)
    expected = page.evaluate(TABULATOR_STOPS)
    stops: list[dict[str, Any]] = []
    for _ in range(expected + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["body"] or (stops and not stop["later"]):
            break
        stops.append(stop)
    assert stops[0]["name"] == "Skip to the documents"
    assert not [stop["name"] for stop in stops if not stop["outlined"]]
    assert not [stop["name"] for stop in stops if not stop["inSight"]]
    assert len(stops) == expected


def test_the_keyboard_alone_searches_filters_and_leaves_menus(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("22")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#filters").get_attribute("open") is not None
    for _ in range(5):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "protocol"
    page.keyboard.press("t")
    settle(page)
    assert page.url.endswith("#q=22&protocol=tcp")
    page.keyboard.press("Escape")
    assert page.locator("#filters").get_attribute("open") is None
    assert page.evaluate("document.activeElement.matches('#filters > summary')")


def test_the_first_link_leads_past_the_tool_bar(visit: Visits, shipped: Path) -> None:
    page = visit(shipped)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('documents').contains(document.activeElement)")


# --- axe ----------------------------------------------------------------------------------------------------------------


def violations(page: Page) -> list[Any]:
    """Return what axe-core finds that is serious or worse, each with the elements that it is about."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        (one["id"], one["impact"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_axe_finds_nothing_serious_in_any_view(visit: Visits, changed: Path, width: int, dark: bool) -> None:
    # As high as the page, for what is not laid out yet is not looked at.
    page = visit(changed, width=width, height=20_000, dark=dark)
    open_all(page)
    assert violations(page) == []
    page.evaluate("location.hash = '#view=table&sort=source'")
    settle(page)
    assert violations(page) == []


def test_axe_finds_nothing_serious_as_the_page_opens_and_where_nothing_is_found(visit: Visits, server: Path) -> None:
    page = visit(server)
    assert violations(page) == []
    search(page, "no such thing")
    assert violations(page) == []
