"""What does not matter to a reader must not matter to the rules: every golden page under every transformation."""

from __future__ import annotations

from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from extract import Extraction, Rule, Unresolved, extract_text
from extract.read import decode, frontmatter
from extract.read.accept import sniff
from tests import goldens, transforms

FOLDERS = goldens.folders()


def as_html(folder: Path) -> str:
    """Return a golden page as an HTML document; a Markdown page as its site would render it."""
    page = goldens.page_of(folder)
    text = decode.decode(page.read_bytes()).text
    if sniff(text, page.name) == "html":
        return text
    front = frontmatter.split(text)
    body = cmarkgfm.markdown_to_html_with_extensions(
        front.body, options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES, extensions=["table", "strikethrough"]
    )
    title = frontmatter.title_of(front.fields)
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def rules_of(extraction: Extraction, description: bool = True) -> list[str]:
    every: list[Rule | Unresolved] = [*extraction.rules, *extraction.unresolved]
    found = [goldens.render_rule(rule) for rule in every]
    return sorted(line if description else line.rpartition(" | ")[0] for line in found)


def reads_by_rows(folder: Path) -> bool:
    """Return whether no table of a page is a key/value table or a matrix, where the place of a column is its meaning."""
    tables = [table for report in goldens.extract_page(folder).reports for table in report.tables]
    return not any(table.layout in ("key/value", "matrix") for table in tables)


def renders_as_github_does(folder: Path) -> bool:
    """Return whether a page needs no extension (tabs, admonitions) that only its own site generator has."""
    return '=== "' not in goldens.page_of(folder).read_text("utf-8")


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def page(request: pytest.FixtureRequest) -> str:
    return as_html(request.param)


@pytest.mark.parametrize("transform", transforms.SAME_RULES, ids=lambda transform: transform.__name__)
def test_same_rules(page: str, transform: transforms.Transformation) -> None:
    assert rules_of(extract_text(transform(page))) == rules_of(extract_text(page))


@pytest.mark.parametrize("transform", transforms.SAME_FLOWS, ids=lambda transform: transform.__name__)
@pytest.mark.parametrize("page", [folder for folder in FOLDERS if reads_by_rows(folder)], ids=lambda folder: folder.name, indirect=True)
def test_same_flows(page: str, transform: transforms.Transformation) -> None:
    assert rules_of(extract_text(transform(page)), False) == rules_of(extract_text(page), False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "windows-1252", "shift_jis", "windows-1251", "euc-kr", "gb18030"])
def test_other_encodings(page: str, encoding: str) -> None:
    declared = f'<meta charset="{encoding}">{page}'
    data = declared.encode(encoding, "xmlcharrefreplace")
    assert rules_of(extract_text(data)) == rules_of(extract_text(page))


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if renders_as_github_does(folder)], ids=lambda folder: folder.name)
def test_markdown_and_its_rendering_agree(folder: Path) -> None:
    assert rules_of(extract_text(as_html(folder))) == rules_of(goldens.extract_page(folder))


def is_written_as_pipes(folder: Path) -> bool:
    """Return whether the tables of a page can be pipe tables, which hold nothing beside their cells."""
    return goldens.page_of(folder).suffix == ".html" and folder.name != "html-text-loose-in-tables"


@pytest.mark.parametrize("folder", [one for one in FOLDERS if is_written_as_pipes(one)], ids=lambda folder: folder.name)
def test_html_tables_and_pipe_tables_agree(folder: Path) -> None:
    page = as_html(folder)
    rewritten = transforms.html_tables_as_pipe_tables(page)
    assert rules_of(extract_text(rewritten, path="page.md")) == rules_of(extract_text(page))
