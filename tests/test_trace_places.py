"""Where the traces of values say that these come from: document, line and quote, which are there together or not at all."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from extract import Extraction, extract_paths, extract_text
from extract.model import Rule, Trace, Unresolved
from tests import goldens

REPO = Path(__file__).resolve().parent.parent
ROWS = "<tr><th>Protocol</th><th>Port</th><th>Source</th></tr>\n<tr><td>TCP</td><td>443</td><td>Client SG</td></tr>\n"
TABLE = f"<table>\n{ROWS}</table>"
GROUP = "<tr><td colspan=3>Inbound</td></tr>\n<tr><td>"


def traces(extraction: Extraction, kind: str = "") -> Iterator[Trace]:
    """Yield the traces of one kind, or all."""
    rules: list[Rule | Unresolved] = [*extraction.rules, *extraction.unresolved]
    for rule in rules:
        yield from (trace for trace in rule.trace if kind in ("", trace.kind))


def place(trace: Trace) -> tuple[str | None, int | None, str | None]:
    return trace.document, trace.line, trace.quote


def stands(file: Path, trace: Trace) -> bool:
    """Return whether a file holds the quote from the line on: a text, or a cell of a row, begins there and may go on for some lines."""
    assert trace.line is not None and trace.quote is not None
    lines = file.read_text("utf-8", "replace").split("\n")[trace.line - 1 :][:20]
    text = "\n".join(lines)
    # The label of a tab is an attribute of its tag.
    return plain(trace.quote) in plain(text) or plain(trace.quote) in plain(re.sub(r"<[^<>]*>", "", text))


def plain(text: str) -> str:
    """Return letters and digits of a text, without what a blank without a break looks like where it was decoded wrongly."""
    return re.sub(r"[\W_]|\u00c2(?=\u00a0)", "", html.unescape(text))


@pytest.mark.parametrize(
    ("page", "line", "quote"),
    [
        (f"<p>Read this.</p>\n<h2>Inbound rules</h2>\n{TABLE}", 2, "Inbound rules"),
        (f"<h2>Ports</h2>\n<p>These ports accept inbound traffic.</p>\n{TABLE}", 2, "These ports accept inbound traffic."),
        (f"<table>\n<caption>Inbound rules</caption>\n{ROWS}</table>", 1, "Inbound rules"),
        (f"<table>\n{ROWS.replace('<tr><td>', GROUP)}</table>", 3, "Inbound"),
        (f"<h2>Rules for Web Security Group</h2>\n\n{TABLE}", 1, "Rules for Web Security Group"),
    ],
    ids=["heading", "sentence", "caption", "group row", "owner"],
)
def test_what_stands_around_a_row_has_its_document_line_and_words(page: str, line: int, quote: str) -> None:
    extraction = extract_text(page, path="acme/page.html")
    found = {place(trace) for trace in traces(extraction, "context") if trace.field == "direction"}
    assert found == {("acme/page", line, quote)}


def test_the_sentence_that_decides_and_the_one_that_agrees_are_placed() -> None:
    table = TABLE.replace("<th>Port</th>", "<th>Port</th><th>Type</th>").replace("<td>443</td>", "<td>443</td><td>Custom UDP Rule</td>")
    decides, agrees = "Allow UDP 443.", "Allow TCP 443."
    for sentence, became in ((decides, "udp"), (agrees, "Custom TCP Rule")):
        (correction,) = traces(extract_text(f"<h1>Ports</h1>\n<p>{sentence}</p>\n{table}", path="page.html"), "correction")
        assert (correction.became, *place(correction)) == (became, "page", 2, sentence)
    (correction,) = traces(extract_text(table, path="page.html"), "correction")
    assert place(correction) == (None, None, None)


def test_what_the_row_or_its_header_says_has_no_place() -> None:
    page = TABLE.replace("<th>Protocol</th>", "").replace("<td>TCP</td>", "").replace("<th>Port</th>", "<th>TCP ports</th>")
    found = list(traces(extract_text(page)))
    assert [(trace.kind, trace.by) for trace in found] == [("context", "column header")]
    assert place(found[0]) == (None, None, None)


# --- documents together -----------------------------------------------------------------------------------------------


def extracted(folder: Path, pages: dict[str, str], patches: str = "") -> Extraction:
    files = {f"docs/{name}": page for name, page in pages.items()}
    for path, text in (files | ({"patches/acme/gate.toml": patches} if patches else {})).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return extract_paths([folder / "docs"], root=folder / "docs", patches=folder / "patches" if patches else None)


def test_a_name_in_full_is_placed_in_the_document_that_is_headed_with_it(tmp_path: Path) -> None:
    headed = f"<p>Read this.</p>\n<h1>Rules for Client Security Group</h1>\n{TABLE.replace('Client SG', 'Any')}"
    extraction = extracted(tmp_path, {"acme/gate/1/a.html": TABLE, "acme/gate/1/b.html": headed, "acme/gate/2/b.html": f"\n{headed}"})
    (alias,) = traces(extraction, "alias")
    assert (alias.said, alias.became) == ("Client SG", "Client Security Group")
    assert place(alias) == ("acme/gate/1/b", 2, "Rules for Client Security Group")


def test_a_name_in_full_that_no_heading_has_is_placed_in_the_first_row_that_writes_it(tmp_path: Path) -> None:
    full = TABLE.replace("Client SG", "Client Security Group").replace("443", "22")
    extraction = extracted(tmp_path, {f"acme/gate/1/{name}.html": page for name, page in (("a", TABLE), ("b", f"\n{full}"), ("c", full))})
    (alias,) = traces(extraction, "alias")
    assert place(alias) == ("acme/gate/1/b", 4, "Client Security Group")


def test_what_a_patch_says_is_written_nowhere(tmp_path: Path) -> None:
    patch = '[[patch]]\nid = "full"\nreason = "r"\nmatch = { from_port = 22 }\nset = { source = "Client Security Group" }\n'
    pages = {"acme/gate/1/a.html": TABLE, "acme/gate/1/b.html": TABLE.replace("443", "22").replace("Client SG", "Other SG")}
    extraction = extracted(tmp_path, pages, patch)
    assert {trace.kind for trace in traces(extraction)} >= {"patch", "alias"}
    assert {place(trace) for kind in ("patch", "alias") for trace in traces(extraction, kind)} == {(None, None, None)}


def test_a_rule_of_two_documents_keeps_the_places_of_both(tmp_path: Path) -> None:
    page = f"<h1>Inbound rules</h1>\n{TABLE}"
    (rule,) = extracted(tmp_path, {"acme/gate/1/a.html": page, "acme/gate/1/b.html": page}).rules
    found = [place(trace) for trace in rule.trace if trace.field == "direction"]
    assert found == [("acme/gate/1/a", 1, "Inbound rules"), ("acme/gate/1/b", 1, "Inbound rules")]


# --- everything that is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_every_quote_of_a_golden_page_stands_in_its_line(folder: Path) -> None:
    extraction = goldens.extract_page(folder)
    check(extraction, folder)


def test_every_quote_of_the_shipped_data_stands_in_its_line() -> None:
    docs = REPO / "data" / "docs"
    extraction = extract_paths([docs], root=docs, patches=REPO / "data" / "patches")
    assert check(extraction, docs) > 200


def check(extraction: Extraction, folder: Path) -> int:
    """Check every trace of an extraction; return how many have a place."""
    files = {document.id: folder / document.path for document in extraction.documents}
    placed = 0
    for trace in traces(extraction):
        if trace.document is None:
            assert place(trace) == (None, None, None)
            continue
        placed += 1
        assert stands(files[trace.document], trace), trace
    return placed
