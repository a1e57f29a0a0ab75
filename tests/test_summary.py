"""The summary of a run: what needs a look, in Markdown of which every element is ours, short enough for a comment."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from extract import Extraction, Unresolved, extract_paths, extract_text
from extract.catalogue import finding
from extract.model import DocumentReport, Endpoint, Finding, PatchReport
from extract.publish.sections import MAX_LENGTH
from extract.publish.summary import markdown
from tests.test_wording import ACTIVE, HOSTILE, Rendered

REPO = Path(__file__).resolve().parent.parent
# What a summary is made of, without attributes.
ELEMENTS = {"h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary"}

HEADER = ("Protocol", "Port", "Source", "Description")
CLEAN = ("TCP", "443", "Client Security Group", "HTTPS")
OPEN = ("TCP", "User-defined range", "Client Security Group", "FTP")
BROKEN = ("TCP", "70000", "Client Security Group", "Broken")
SLIP = ("UDP", "53", "Client Security Group", "DNS overÂ\u00a0UDP")


def page(*rows: tuple[str, ...], heading: str = "Inbound rules for Web Security Group") -> str:
    lines = [HEADER, ("---",) * len(HEADER), *rows]
    return f"# {heading}\n\n" + "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def summarized(extraction: Extraction) -> str:
    """Return the summary of documents and patches that stand in the repository under the paths that they have in the data."""
    paths = [*(report.path for report in extraction.reports), *(patch.path for patch in extraction.patches)]
    return markdown(extraction, {path: path for path in [*paths, *(one.path for one in extraction.documents)]})


def summary_of(*rows: tuple[str, ...]) -> str:
    return summarized(extract_text(page(*rows), path="page.md"))


def sections(text: str) -> dict[str, list[list[str]]]:
    """Return heading -> the rows of its table, each as its cells."""
    found: dict[str, list[list[str]]] = {}
    for part in text.partition("<details>")[0].split("\n### ")[1:]:
        title, _, rest = part.partition("\n")
        rows = [line.strip("|").split(" | ") for line in rest.splitlines() if line.startswith("| ")]
        found[title] = [[cell.strip() for cell in row] for row in rows[2:]]
    return found


def reported(*findings: Finding, path: str = "page.md", patches: tuple[PatchReport, ...] = ()) -> Extraction:
    report = DocumentReport(id=path, path=path, sha256="0" * 64, tables=(), findings=findings)
    return msgspec.structs.replace(extract_text("x", path="x.md"), reports=(report,) if findings else (), patches=patches)


def test_the_counts_stand_in_one_line_below_the_heading() -> None:
    lines = summary_of(CLEAN, OPEN, BROKEN, SLIP).splitlines()
    assert lines[0] == "## docrules"
    rules = "**2 rules**, 2 of them complete, and 2 unresolved"
    assert lines[2] == f"1 document, 1 table, 1 of them with rules: {rules}; findings: 1 error, 1 warning, 1 note."


def test_a_clean_run_has_nothing_but_its_counts() -> None:
    text = summary_of(CLEAN)
    rules = "**1 rule**, 1 of them complete, and 0 unresolved"
    assert text == f"## docrules\n\n1 document, 1 table, 1 of them with rules: {rules}; findings: none.\n"


def test_documents_stand_in_the_table_with_something_to_look_at_only(tmp_path: Path) -> None:
    rows = {"a.md": (CLEAN,), "b.md": (CLEAN, OPEN), "c.md": (BROKEN, CLEAN, OPEN), "d.md": (SLIP,)}
    for name, cells in rows.items():
        (tmp_path / name).write_text(page(*cells))
    found = sections(summarized(extract_paths([tmp_path])))
    assert found["Documents"] == [["`b.md`", "1", "1", "0", "1"], ["`c.md`", "1", "2", "1", "1"]]


def test_errors_come_before_warnings_with_place_message_and_code() -> None:
    found = sections(summary_of(OPEN, CLEAN, BROKEN))["Errors and warnings"]
    assert [(severity, place, code) for severity, place, _, code in found] == [
        ("error", "`page.md:7`", "`port-out-of-range`"),
        ("warning", "`page.md:5`", "`port-not-a-number`"),
    ]
    assert "70000" in found[0][2]


def test_an_unresolved_rule_shows_what_is_known_and_why_it_is_open() -> None:
    [[place, known, reason]] = sections(summary_of(CLEAN, OPEN))["Unresolved rules"]
    assert place == "`page.md:6`"
    assert known == "tcp User-defined range from Client Security Group to Web Security Group"
    assert "'User-defined range'" in reason


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"port_text": None, "from_port": 80, "to_port": 80, "protocol": None}, "80 from Client Security Group to Web Security Group"),
        (
            {"port_text": None, "from_port": 80, "to_port": 90, "action": "deny"},
            "deny tcp 80-90 from Client Security Group to Web Security Group",
        ),
        (
            {"port_text": None, "protocol": "icmp", "icmp_type": 3, "icmp_code": 4, "source": None},
            "icmp type 3 code 4 to Web Security Group",
        ),
        ({"port_text": None, "protocol": "icmp", "icmp_type": 8, "destination": None}, "icmp type 8 from Client Security Group"),
        ({"source": Endpoint("any", "any"), "destination": None}, "tcp User-defined range from any"),
        ({"port_text": None, "protocol": None, "source": None, "destination": None}, "nothing"),
    ],
)
def test_what_is_known_is_what_the_row_says(changes: dict[str, object], expected: str) -> None:
    extraction = extract_text(page(OPEN), path="page.md")
    rule: Unresolved = msgspec.structs.replace(extraction.unresolved[0], **changes)
    text = summarized(msgspec.structs.replace(extraction, unresolved=(rule,)))
    assert sections(text)["Unresolved rules"][0][1] == expected


def test_patches_are_listed_with_their_findings() -> None:
    stale = finding("patch-stale", "the patch matches nothing", line=9)
    patches = (
        PatchReport(
            id="ftp-range", path="p.toml", line=3, operation="set", rules=2, places=(), reason="see the *guide*", link=None, findings=()
        ),
        PatchReport(id="old", path="p.toml", line=8, operation="drop", rules=0, places=(), reason="gone", link=None, findings=(stale,)),
    )
    found = sections(markdown(reported(patches=patches), {"p.toml": "patches/p.toml"}))
    assert found["Patches"] == [
        ["`ftp-range`", "set", "2", "see the `*guide*`", "none"],
        ["`old`", "drop", "0", "gone", "1 error"],
    ]
    assert found["Errors and warnings"] == [["error", "`patches/p.toml:9`", "the patch matches nothing", "`patch-stale`"]]


def test_notes_are_counted_by_kind_and_folded_away() -> None:
    text = summary_of(SLIP, SLIP, OPEN)
    visible, _, folded = text.partition("<details>")
    assert "mojibake" not in visible
    assert "<summary>3 notes</summary>" in folded
    assert "| `mojibake` | Text with a wrong encoding (mojibake) was repaired | 2 |" in folded
    assert {"details", "summary"} <= Rendered(text).elements


def test_documents_are_named_by_their_path_in_the_repository() -> None:
    text = markdown(extract_text(page(OPEN, BROKEN), path="page.md"), {"page.md": "docs/page.md"})
    assert "`docs/page.md:5`" in text
    assert "`page.md" not in text


def test_documents_outside_of_the_repository_do_not_look_like_files_of_it() -> None:
    stale = finding("patch-stale", "the patch matches nothing", line=9)
    patch = PatchReport(id="old", path="p.toml", line=8, operation="drop", rules=0, places=(), reason="gone", link=None, findings=(stale,))
    extraction = msgspec.structs.replace(extract_text(page(OPEN, BROKEN), path="page.md"), patches=(patch,))
    found = sections(markdown(extraction, {}))
    places = [row[0] for row in found["Documents"]] + [row[1] for row in found["Errors and warnings"]]
    places += [row[0] for row in found["Unresolved rules"]]
    assert {place.partition(", ")[0] for place in places} == {"`page.md`", "`page.md:5`", "`page.md:6`", "`p.toml:9`"}
    assert {place.partition(", ")[2] for place in places} == {"outside of the repository"}


def test_the_summary_of_the_shipped_documents_is_made_of_our_elements() -> None:
    rendered = Rendered(summarized(extract_paths([REPO / "data" / "docs"])))
    assert rendered.elements <= ELEMENTS


# --- hostile text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_makes_no_element_and_no_link_wherever_it_stands(text: str) -> None:
    extraction = extract_text(page(OPEN), path="page.md")
    [rule] = extraction.unresolved
    endpoint = Endpoint("group", text)
    rule = msgspec.structs.replace(rule, port_text=text, reason=text, source=endpoint, destination=endpoint)
    patch = PatchReport(id=text, path=text, line=1, operation="set", rules=1, places=(), reason=text, link=text, findings=())
    report = DocumentReport(
        id=extraction.reports[0].id, path=text, sha256="0" * 64, tables=(), findings=(finding("table-doubtful", text, line=1),)
    )
    hostile = msgspec.structs.replace(extraction, unresolved=(rule,), patches=(patch,), reports=(report,))
    rendered = Rendered(markdown(hostile, {"page.md": text}))
    assert rendered.elements <= ELEMENTS
    assert not ACTIVE.search(rendered.prose)
    assert rendered.prose.count("Unresolved rules") == rendered.prose.count("Patches") == 1


@pytest.mark.parametrize("text", ["<b>x</b>", "@everyone #1", "https://evil.example", "`a` | \\| b", "\u202egnp.exe"])
def test_hostile_pages_make_no_element_and_no_link(text: str) -> None:
    cells = tuple(f"{cell} {text}".replace("|", "\\|").replace("<", "&lt;") for cell in OPEN)
    extraction = extract_text(page(cells, BROKEN, heading=f"Inbound rules for {text}"), path="page.md")
    assert extraction.findings
    rendered = Rendered(summarized(extraction))
    assert rendered.elements <= ELEMENTS
    assert not ACTIVE.search(rendered.prose)


# --- length -----------------------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_counted() -> None:
    findings = [finding("table-doubtful", f"table {number} is odd", line=number) for number in range(1, 5_001)]
    text = summarized(reported(*findings))
    assert len(text) <= MAX_LENGTH
    shown = len(sections(text)["Errors and warnings"])
    assert 0 < shown < 5_000
    assert f"\n… and {5_000 - shown} more\n" in text


def test_every_section_has_room_and_what_one_leaves_the_next_one_takes() -> None:
    extraction = extract_text(page(*(("TCP", "User-defined range", f"Group {number}", "x") for number in range(2_000))), path="page.md")
    text = summarized(extraction)
    found = sections(text)
    assert len(text) <= MAX_LENGTH
    assert len(found["Documents"]) == 1
    assert len(found["Errors and warnings"]) > 50
    assert len(found["Unresolved rules"]) > 50
    assert text.count("… and ") == 2
    assert len(text) > MAX_LENGTH * 0.9


def test_texts_without_end_do_not_make_the_summary_longer_than_a_comment() -> None:
    long = "|`" * 100_000
    findings = [finding("table-doubtful", f"{number} {long}", line=number) for number in range(1, 200)]
    patches = tuple(
        PatchReport(id=f"{number}{long}", path=long, line=1, operation="set", rules=1, places=(), reason=long, link=None, findings=())
        for number in range(99)
    )
    text = summarized(reported(*findings, path=long, patches=patches))
    assert len(text) <= MAX_LENGTH
    assert Rendered(text).elements <= ELEMENTS
    assert all(rows for rows in sections(text).values())
