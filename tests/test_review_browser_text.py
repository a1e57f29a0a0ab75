"""The review page in a browser: text of documents is shown, whatever it says, and nothing of it runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.browser import NARROW, WIDE, Visits, of_documents, search, settle, written
from tests.test_review import hostile_report, hostile_rules

if TYPE_CHECKING:
    from playwright.sync_api import Page

RUN = "window.__ran=1"
MARKUP = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"</script></style></textarea></title><svg onload={RUN}>",
    f"\" autofocus onfocus={RUN} x=\"' onmouseover='{RUN}",
    "<link rel=stylesheet href=http://evil.test/x.css><iframe src=http://evil.test></iframe>",
    "{{ 7 * 7 }} {% raw %} ${7*7} <%= 7*7 %> #{7*7}",
    "<!--<script> --> ]]> &lt;b&gt;&amp;",
    f"javascript:{RUN}",
    "<a href=javascript:window.__ran=1>here</a>",
)
EVERYTHING = " ".join(MARKUP)
TURNED = "abc\u202edef\u2066ghi\u200bjkl"
LONG = "W" * 10_000


def check_nothing_ran(page: Page) -> None:
    assert page.evaluate("typeof window.__ran") == "undefined"
    assert page.evaluate("document.querySelectorAll('img, iframe, link, base, object, embed, textarea, a[href^=java i]').length") == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert "49" not in page.title()


def use(page: Page, say: str) -> None:
    """Do what shows texts anew: search, choose, open, pick, sort."""
    search(page, say[:200])
    page.locator("#clear").click()
    page.locator("#filters > summary").click()
    page.locator("#document").select_option(index=1)
    page.keyboard.press("Escape")
    page.locator("#clear").click()
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    page.locator("[data-drawing] [data-node]").first.press("Enter")
    page.locator("#pick").hover()
    page.locator("#pick").click()
    page.evaluate("location.hash = '#view=table&sort=description'")
    settle(page)


def visit_hostile(visit: Visits, folder: Path, say: str) -> Page:
    (folder / "rules.json").write_text(json.dumps(hostile_rules(say)), "utf-8")
    (folder / "report.json").write_text(json.dumps(hostile_report(say)), "utf-8")
    older = hostile_rules(say)
    older["rules"][0]["to_port"] = 65535
    (folder / "older.json").write_text(json.dumps(older), "utf-8")
    return visit(written(folder, "rules.json", "--against", "older.json", cwd=folder))


@pytest.mark.parametrize("say", [EVERYTHING, TURNED], ids=["markup", "turned"])
def test_text_in_any_field_is_shown_and_nothing_of_it_runs_or_is_asked_for(visit: Visits, tmp_path: Path, say: str) -> None:
    page = visit_hostile(visit, tmp_path, say)
    literal = say
    for sign in "\u202e\u2066\u200b":
        literal = literal.replace(sign, f"U+{ord(sign):04X}")
    page.locator(".rule .description").first.evaluate("one => one.scrollIntoView()")
    settle(page)
    assert page.locator(".rule .description").first.inner_text() == literal
    assert page.locator("section.document h2").first.inner_text() == literal
    assert literal in page.locator(".ends").first.inner_text()
    assert literal in page.locator("#changes").inner_text()
    check_nothing_ran(page)
    use(page, say)
    assert page.locator("#rules td.is-description").first.inner_text() == literal
    check_nothing_ran(page)


# --- through the pipeline -----------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    element = etree.Element("i")
    element.text = text
    return etree.tostring(element, encoding="unicode").removeprefix("<i>").removesuffix("</i>")


def document(say: str, rows: Sequence[Sequence[str]] = ()) -> str:
    """Return a page that says something in its front matter, title, heading, caption, headers and cells."""
    said = escaped(say)
    every = [["TCP", "443", said, said], ["TCP", "444", "Client Group", said], ["none", said, said, said], *rows]
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in one)}</tr>" for one in every)
    return (
        f"---\ntitle: {json.dumps(say)}\nurl: javascript:{RUN}\n---\n<title>{said}</title><h1>{said}</h1>\n"
        f"<h2>Inbound rules for Web Security Group</h2><p>{said}</p>\n<table><caption>{said}</caption>\n"
        f"<tr><th>Protocol</th><th>Port</th><th>Source</th><th>Description {said}</th></tr>{body}</table>\n"
        f"<h2>{said}</h2><table><tr><th>{said}</th><th>b</th></tr><tr><td>{said}</td><td>{said}</td></tr></table>\n"
    )


@pytest.mark.parametrize("say", [EVERYTHING, LONG], ids=["markup", "long"])
def test_documents_and_patches_that_are_hostile_stay_text(visit: Visits, tmp_path: Path, say: str) -> None:
    name = f"<img src=x onerror={RUN}>"
    patch = tmp_path / "patches" / "acme" / f"{name}.toml"
    patch.parent.mkdir(parents=True)
    patch.write_text(
        f"[[patch]]\nid = 'one'\nreason = {json.dumps(say)}\n[patch.match]\nfrom_port = 444\n"
        f"[patch.expect]\nrules = 1\n[patch.set]\ndescription = {json.dumps('Patched ' + say)}\n",
        "utf-8",
    )
    file = of_documents(tmp_path, {f"acme/{name}/1/{name}.html": document(say)})
    page = visit(file)
    page.locator("section.document .about").evaluate("one => one.scrollIntoView()")
    settle(page)
    assert name in page.locator("section.document .about").inner_text()
    assert page.locator("table.judged caption").inner_text() == say
    assert page.locator("p.mark.patched").count() == 1
    assert page.locator("a", has_text="live page").count() == 0
    check_nothing_ran(page)
    use(page, say)
    check_nothing_ran(page)
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        for view in ("pages", "table"):
            page.evaluate(f"location.hash = '#view={view}'")
            settle(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, view)


def test_the_text_itself_is_harmless_even_where_no_policy_is_kept(visit: Visits, tmp_path: Path) -> None:
    file = of_documents(tmp_path, {"acme/gateway/1/page.html": document(EVERYTHING)})
    content = file.read_text("utf-8")
    start = content.index('<meta http-equiv="Content-Security-Policy"')
    file.write_text(content[:start] + content[content.index(">", start) + 1 :], "utf-8")
    page = visit(file)
    use(page, EVERYTHING)
    check_nothing_ran(page)


def test_the_policy_stops_what_should_ever_get_in(visit: Visits, shipped: Path, tmp_path: Path) -> None:
    file = tmp_path / "changed.html"
    evil = f"<script>{RUN}</script><img src='data:,' onerror='{RUN}'><link rel=stylesheet href='http://evil.test/x.css'>"
    evil += f"<img src='http://evil.test/x.png'><iframe src='http://evil.test/'></iframe><a id=evil href='javascript:{RUN}'>x</a>"
    file.write_text(shipped.read_text("utf-8").replace("<main>", f"<main>{evil}"), "utf-8")
    page = visit(file)
    page.locator("#evil").click()
    settle(page)
    assert page.evaluate("typeof window.__ran") == "undefined"
    assert len([one for one in visit.done if "Content Security Policy" in one]) >= 5
    asked = [one for one in visit.done if one.startswith("request: ")]
    assert sorted(asked) == sorted(one.replace("failed: csp: ", "request: ") for one in visit.done if one.startswith("failed: csp: "))
    assert not [one for one in visit.done if one.startswith(("dialog", "popup"))]
    visit.done.clear()


def test_an_address_that_holds_markup_is_text_too(visit: Visits, shipped: Path) -> None:
    page = visit(shipped, f"#q=<img src=x onerror={RUN}>&release=<script>&pick=0.node.constructor&sort=__proto__&view=table")
    assert page.locator("#q").input_value() == f"<img src=x onerror={RUN}>"
    check_nothing_ran(page)


# --- languages ----------------------------------------------------------------------------------------------------------

LANGUAGES = {
    "de": ("Datenbank-Gruppe", "Größenänderung der Übertragungsserver"),
    "ja": ("ロードバランサーグループ", "管理者のためのアクセス、神戸"),
    "ar": ("مجموعة الأمان", "الوصول إلى خادم الويب"),
}


def test_languages_are_intact_and_run_in_their_own_direction(visit: Visits, tmp_path: Path) -> None:
    rows = [["TCP", str(1001 + number), group, said] for number, (group, said) in enumerate(LANGUAGES.values())]
    page = visit(of_documents(tmp_path, {"page.html": document("Rules", rows)}))
    for number, (language, (group, said)) in enumerate(LANGUAGES.items()):
        page.evaluate("location.hash = ''")
        search(page, group.upper())
        [rule] = page.locator(".rule:visible").all()
        assert rule.locator(".ends").inner_text() == f"{group} → Web Security Group"
        assert rule.locator(".description").inner_text() == said
        cell = page.locator("tr[data-row]:visible td", has_text=said).first
        for one in (cell, rule.locator(".description")):
            assert one.evaluate("one => getComputedStyle(one).direction") == ("rtl" if language == "ar" else "ltr")
        # The arrow points away from the source, which stands to its left in every language.
        arrow, ends = rule.locator(".arrow").bounding_box(), rule.locator(".ends").bounding_box()
        assert arrow and ends and ends["x"] < arrow["x"] < ends["x"] + ends["width"] / 2
        page.locator("#view-table").click()
        assert page.locator("#rules td.is-source").all_inner_texts() == [group]
        assert page.locator("#rules td.is-traffic").all_inner_texts() == [f"tcp {1001 + number}"]
