"""SARIF: what GitHub code scanning needs is there, whatever documents say, and a finding keeps its fingerprint when it moves."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import Extraction, extract_paths, extract_text
from extract.catalogue import catalogue, finding
from extract.model import DocumentReport, Finding, PatchReport, Place
from extract.publish.sarif import MAX_MESSAGE, MAX_RELATED, MAX_RESULTS, sarif
from tests import goldens

REPO = Path(__file__).resolve().parent.parent

# --- what GitHub documents, in our words ------------------------------------------------------------------------------


def record(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that holds nothing else; a name that ends with _ may be missing."""
    names = {name.removesuffix("_"): schema for name, schema in properties.items()}
    optional = {name.removesuffix("_") for name in properties if name.endswith("_")}
    return {"type": "object", "properties": names, "required": sorted(set(names) - optional), "additionalProperties": False}


def words(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


TEXT = record(text=words(4_000))
LEVEL = {"enum": ["error", "warning", "note"]}
# A relative reference of RFC 3986 that begins with no scheme and no slash, and does not lead up.
URI = {"type": "string", "pattern": r"^(?!/)(?!(?:.*/)?\.\.?(?:/|$))(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*$"}
PHYSICAL = record(
    artifactLocation=record(uri=URI, uriBaseId={"const": "%SRCROOT%"}),
    region=record(startLine={"type": "integer", "minimum": 1}),
)
RULE = record(
    id={"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
    name={"type": "string", "pattern": "^([A-Z][a-z]*)+$", "maxLength": 255},
    shortDescription=record(text=words(1_024)),
    fullDescription=record(text=words(1_024)),
    help=record(text=words(10_000), markdown=words(10_000)),
    defaultConfiguration=record(level=LEVEL),
    properties=record(tags={"type": "array", "items": words(100), "maxItems": 10, "uniqueItems": True}),
)
RESULT = record(
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=TEXT,
    locations={"type": "array", "items": record(physicalLocation=PHYSICAL), "minItems": 1, "maxItems": 1},
    partialFingerprints=record(primaryLocationLineHash={"type": "string", "pattern": "^[0-9a-f]{16}:[1-9][0-9]*$"}),
    relatedLocations_={
        "type": "array",
        "items": record(id={"type": "integer", "minimum": 1}, physicalLocation=PHYSICAL, message=TEXT),
        "minItems": 1,
        "maxItems": 100,
    },
)
RUN = record(
    tool=record(
        driver=record(
            name={"const": "docrules"},
            semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
            rules={"type": "array", "items": RULE, "minItems": 1, "maxItems": 25_000},
        )
    ),
    invocations={
        "type": "array",
        "items": record(
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications_={"type": "array", "items": record(level=LEVEL, message=TEXT), "minItems": 1},
        ),
        "minItems": 1,
        "maxItems": 1,
    },
    originalUriBaseIds={"const": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}}},
    columnKind={"const": "utf16CodeUnits"},
    results={"type": "array", "items": RESULT, "maxItems": 5_000},
)
LOG = {
    "type": "object",
    "properties": {
        "$schema": {"const": "https://json.schemastore.org/sarif-2.1.0.json"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN, "minItems": 1, "maxItems": 1},
    },
    "required": ["$schema", "version", "runs"],
    "additionalProperties": False,
}
VALIDATOR = jsonschema_rs.Draft202012Validator(LOG)


def checked(extraction: Extraction, paths: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the one run of the SARIF file of an extraction, after everything that holds for each file was checked.

    Without `paths` all documents stand in the repository under the path that they have in the data.
    """
    data = sarif(extraction, everywhere(extraction) if paths is None else paths, "1.2.3")
    log: dict[str, Any] = json.loads(data)
    VALIDATOR.validate(log)
    assert data == json.dumps(log, indent=2, ensure_ascii=False).encode() + b"\n"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]
        related = [place["id"] for place in result.get("relatedLocations", [])]
        assert related == list(range(1, len(related) + 1))
    found = fingerprints(run)
    assert len(set(found)) == len(found)
    return dict(run)


def everywhere(extraction: Extraction) -> dict[str, str]:
    named = {place.document for found in extraction.findings for place in found.related}
    return {path: path for path in named | {report.path for report in extraction.reports} | {patch.path for patch in extraction.patches}}


def fingerprints(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"]) for result in run["results"])


def uri(result: Mapping[str, Any]) -> str:
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def line(result: Mapping[str, Any]) -> int:
    return int(result["locations"][0]["physicalLocation"]["region"]["startLine"])


# --- extractions ------------------------------------------------------------------------------------------------------

EMPTY = extract_text("", path="page.html")


def extraction(*findings: Finding, path: str = "docs/page.html", patches: tuple[PatchReport, ...] = ()) -> Extraction:
    """Return an extraction with these findings, each about the document that it names, else about the one at `path`."""
    by_path: dict[str, list[Finding]] = {}
    for one in findings:
        by_path.setdefault(one.document or path, []).append(one)
    reports = (
        DocumentReport(
            id=name, path=name, sha256="0" * 64, tables=(), findings=tuple(msgspec.structs.replace(one, document=name) for one in found)
        )
        for name, found in by_path.items()
    )
    return msgspec.structs.replace(EMPTY, reports=tuple(reports), patches=patches)


def message(text: str) -> str:
    [result] = checked(extraction(finding("table-doubtful", text)))["results"]
    return str(result["message"]["text"])


HEADER = ("Type", "Protocol", "Port", "Source", "Description")
ROWS = (
    ("Custom UDP Rule", "TCP", "443", "Client Security Group", "HTTPS"),
    ("Custom TCP Rule", "TCP", "User-defined range", "Client Security Group", "FTP"),
    ("Custom TCP Rule", "TCP", "70000", "Client Security Group", "Broken"),
    ("Custom TCP Rule", "TCP", "90-80", "Client Security Group", "Reversed"),
    ("Custom TCP Rule", "TCP", "70000", "Client Security Group", "Broken"),
)


def page(*rows: Sequence[str], above: str = "", between: str = "", attributes: str = "") -> str:
    def row(tag: str, cells: Sequence[str]) -> str:
        return f"<tr{attributes}>{between}" + "".join(f"<{tag}>{cell}</{tag}>{between}" for cell in cells) + "</tr>\n"

    body = row("th", HEADER) + "".join(row("td", cells) for cells in rows)
    return f"{above}<h1>Inbound rules for Web Security Group</h1>\n<table>\n{body}</table>\n<table><tr><td>cut off</td></tr>\n"


def run_of(text: str) -> dict[str, Any]:
    return checked(extract_text(text, path="acme/gate/1.0/page.html"))


# --- what every file holds --------------------------------------------------------------------------------------------


def test_the_shipped_documents_give_a_file_as_github_documents_it() -> None:
    run = checked(extract_paths([REPO / "data" / "docs"]))
    assert {result["ruleId"] for result in run["results"]} >= {"type-contradicts-protocol", "port-not-a-number"}
    assert run["tool"]["driver"]["semanticVersion"] == "1.2.3"


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_every_golden_page_gives_a_file_as_github_documents_it(folder: Path) -> None:
    found = goldens.extract_page(folder)
    assert len(checked(found)["results"]) == len(found.findings)


def test_without_findings_the_results_are_empty_and_the_rules_are_there() -> None:
    run = checked(extraction())
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(catalogue())


def test_the_rules_do_not_depend_on_the_findings() -> None:
    few, many = checked(extraction()), checked(extraction(finding("mojibake", "x"), finding("empty-document", "y")))
    assert few["tool"] == many["tool"]


def test_a_rule_says_what_the_catalogue_says() -> None:
    rule = next(rule for rule in checked(extraction())["tool"]["driver"]["rules"] if rule["id"] == "port-out-of-range")
    entry = catalogue()["port-out-of-range"]
    assert rule["name"] == "PortOutOfRange"
    assert rule["shortDescription"]["text"] == entry.title
    assert rule["fullDescription"]["text"] == (entry.description or entry.title)
    assert rule["help"]["text"] == (entry.advice or entry.title)
    assert rule["help"]["text"] in rule["help"]["markdown"]
    assert rule["defaultConfiguration"] == {"level": "error"}


def test_a_finding_without_a_line_stands_on_the_first_one() -> None:
    results = checked(extraction(finding("no-table", "x"), finding("empty-document", "y", line=7)))["results"]
    assert {result["ruleId"]: line(result) for result in results} == {"no-table": 1, "empty-document": 7}


def test_the_findings_of_patches_are_results_in_their_file() -> None:
    about = finding("patch-stale", "the patch matches nothing", line=12)
    patch = PatchReport(id="p", path="acme.toml", line=11, operation="drop", rules=0, places=(), reason="r", link=None, findings=(about,))
    [result] = checked(extraction(patches=(patch,)), {"acme.toml": "patches/acme.toml"})["results"]
    assert (result["ruleId"], uri(result), line(result)) == ("patch-stale", "patches/acme.toml", 12)


@pytest.mark.parametrize("code", ["internal-error", "unreadable-document", "binary-document"])
def test_what_could_not_be_read_or_done_is_no_successful_execution(code: str) -> None:
    [invocation] = checked(extraction(finding(code, "x")))["invocations"]
    assert invocation == {"executionSuccessful": False}


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docs/page.html", "docs/page.html"),
        ("with space/100%.md", "with%20space/100%25.md"),
        ("c:/boot.md", "c%3A/boot.md"),
        ("größe/日.html", "gr%C3%B6%C3%9Fe/%E6%97%A5.html"),
        ("a?b#c&d.md", "a%3Fb%23c%26d.md"),
        ("tilde~dash-dot.low_line", "tilde~dash-dot.low_line"),
        ("back\\slash\nline.md", "back%5Cslash%0Aline.md"),
    ],
)
def test_a_path_is_a_percent_encoded_reference(path: str, expected: str) -> None:
    [result] = checked(extraction(finding("no-table", "x"), path=path))["results"]
    assert uri(result) == expected


def test_bytes_of_a_path_that_are_no_utf_8_are_encoded_as_they_are() -> None:
    found = extraction(finding("no-table", "x"), path="caf\N{REPLACEMENT CHARACTER}.md")
    [result] = checked(found, {"caf\N{REPLACEMENT CHARACTER}.md": "docs/caf\udce9.md"})["results"]
    assert uri(result) == "docs/caf%E9.md"


SEGMENT = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name not in (".", "..")
)


@given(st.lists(SEGMENT, min_size=1, max_size=4).map("/".join))
@settings(deadline=None)
def test_a_reference_leads_back_to_its_path_and_nowhere_else(path: str) -> None:
    [result] = checked(extraction(finding("no-table", "x", document="in.html")), {"in.html": path})["results"]
    assert unquote(uri(result)) == path


def test_what_is_about_documents_outside_of_the_repository_is_counted_and_no_result() -> None:
    outside = [finding("port-out-of-range", "x", document="stdin"), finding("no-table", "x", document="[o](1){0}.md")]
    run = checked(extraction(finding("no-table", "x", document="a.md"), *outside), {"a.md": "docs/a.md"})
    assert [uri(result) for result in run["results"]] == ["docs/a.md"]
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["message"]["text"].endswith(": 1 error, 1 note ([o] (1){{0}}.md, stdin)")


def test_of_many_documents_outside_of_the_repository_some_are_named() -> None:
    run = checked(extraction(*(finding("no-table", "x", document=f"{number}.md") for number in range(9))), {})
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].endswith(": 9 notes (0.md, 1.md, 2.md, 3.md, 4.md and 4 more)")
    assert run["results"] == []


def test_related_places_are_locations_that_the_message_links_to() -> None:
    related = (Place("b.md", 9, 2, 3), Place("page.html", 4), Place("page.html", 5, 1))
    found = extraction(finding("duplicate-rule", "stated twice", line=7, table=1, row=2, related=related), path="page.html")
    [result] = checked(found, {"b.md": "docs/b.md", "page.html": "docs/page.html"})["results"]
    assert result["message"]["text"] == "stated twice (see [table 2, row 3 of docs/b.md](1), [line 4](2), [table 1](3))"
    places = [(uri({"locations": [place]}), line({"locations": [place]}), place["message"]["text"]) for place in result["relatedLocations"]]
    expected = [("docs/b.md", 9, "table 2, row 3 of docs/b.md"), ("docs/page.html", 4, "line 4"), ("docs/page.html", 5, "table 1")]
    assert places == expected


def test_a_related_place_outside_of_the_repository_is_named_and_no_location() -> None:
    related = (Place("stdin", 9, 2, 3), Place("page.html", 4))
    found = extraction(finding("duplicate-rule", "x", related=related), path="page.html")
    [result] = checked(found, {"page.html": "page.html"})["results"]
    assert result["message"]["text"] == "x (see table 2, row 3 of stdin, [line 4](1))"
    assert [uri({"locations": [place]}) for place in result["relatedLocations"]] == ["page.html"]
    [result] = checked(extraction(finding("duplicate-rule", "x", related=related[:1]), path="page.html"), {"page.html": "page.html"})[
        "results"
    ]
    assert "relatedLocations" not in result


# Either an escaped bracket or the text of a link: SARIF 2.1.0, 3.11.6.
LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\((\d+)\)")


@pytest.mark.parametrize("text", ["other [evil text", "[a](2)", "evil]", r"\[x", r"\\[x\\](1)", "[[", "a [b] c"])
def test_brackets_of_documents_neither_begin_nor_end_a_link(text: str) -> None:
    path = f"{text.replace('/', '')}.md"
    found = extraction(finding("descriptions-differ", text, related=(Place(path, 3, 1, 1), Place("page.html", 4))), path="page.html")
    [result] = checked(found)["results"]
    shown = str(result["message"]["text"])
    links = LINK.findall(re.sub(r"\\[\[\]\\]", "", shown))
    assert [number for _, number in links] == ["1", "2"]
    assert links[0][0].startswith("table 1, row 1 of ")
    assert links[1][0] == "line 4"
    assert len(re.findall(r"(?<!\\)(?:\\\\)*[\[\]]", shown)) == 4


def test_without_links_brackets_are_shown_as_they_are() -> None:
    assert message("port [1] and ]x[") == "port [1] and ]x["


def test_of_many_related_places_some_are_named() -> None:
    related = tuple(Place("page.html", number) for number in range(1, 500))
    [result] = checked(extraction(finding("duplicate-rule", "x", related=related)))["results"]
    assert len(result["relatedLocations"]) == MAX_RELATED


# --- fingerprints -----------------------------------------------------------------------------------------------------


def test_the_page_of_these_tests_gives_findings_with_and_without_cells() -> None:
    found = extract_text(page(*ROWS)).findings
    assert {bool(one.cells) for one in found} == {True, False}
    assert len({one.code for one in found}) >= 5


@pytest.mark.parametrize(
    "changed",
    [
        page(*ROWS, above="\n" * 40),
        page(*ROWS, above="<p>A new paragraph.</p>\n\n"),
        page(("Custom TCP Rule", "TCP", "22", "Client Security Group", "SSH"), *ROWS),
        page(*reversed(ROWS)),
        page(*ROWS, between="\n\t", attributes=' class="row" id="r"'),
        page(*ROWS).replace("\n", "\r\n"),
    ],
    ids=["blank lines", "a paragraph above", "a row above", "rows reversed", "rendered anew", "other line ends"],
)
def test_fingerprints_stay_when_findings_move(changed: str) -> None:
    before, after = run_of(page(*ROWS)), run_of(changed)
    assert fingerprints(before) == fingerprints(after)


@given(st.permutations(ROWS), st.integers(0, 5))
@settings(deadline=None, max_examples=25)
def test_fingerprints_stay_in_any_order_of_the_rows(rows: Sequence[Sequence[str]], blank: int) -> None:
    assert fingerprints(run_of(page(*rows, above="\n" * blank))) == fingerprints(run_of(page(*ROWS)))


def test_the_folder_that_was_given_does_not_change_fingerprints() -> None:
    given = [(extract_text(page(*ROWS), path=path), {path: "docs/acme/gate/page.html"}) for path in ("page.html", "acme/gate/page.html")]
    one, other = (fingerprints(checked(extraction, paths)) for extraction, paths in given)
    assert one == other


def test_bytes_above_a_finding_do_not_change_its_fingerprint() -> None:
    data = b'<meta charset="utf-8"><p>caf\xe9</p>' + page(*ROWS).encode()
    before, after = (checked(extract_text(text, path="page.html")) for text in (data, data.replace(b"<p>", b"<p>a paragraph of words ")))
    assert "undecodable-bytes" in {result["ruleId"] for result in before["results"]}
    assert fingerprints(before) == fingerprints(after)


@pytest.mark.parametrize("folder", [one for one in goldens.folders() if goldens.page_of(one).suffix == ".html"], ids=lambda one: one.name)
def test_blank_lines_at_the_top_of_a_golden_page_change_lines_and_no_fingerprint(folder: Path) -> None:
    data = goldens.page_of(folder).read_bytes()
    before, after = (checked(extract_text(text, path="page.html")) for text in (data, b"\n\n\n" + data))
    assert fingerprints(before) == fingerprints(after)
    for one, other in zip(before["results"], after["results"], strict=True):
        assert line(other) in (line(one) + 3, 1)


def test_a_row_that_changes_has_another_fingerprint_and_the_others_keep_theirs() -> None:
    before = fingerprints(run_of(page(*ROWS)))
    after = fingerprints(run_of(page((*ROWS[0][:-1], "Other words"), *ROWS[1:])))
    assert len(set(before) - set(after)) == len(set(after) - set(before)) == 1


def test_equal_rows_are_told_apart_by_a_count() -> None:
    found = [one for code, one in fingerprints(run_of(page(*ROWS))) if code == "port-out-of-range"]
    assert {one.partition(":")[2] for one in found} == {"1", "2"}
    assert len({one.partition(":")[0] for one in found}) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lines 3-5 look like a table", "lines 13-15 look like a table", True),
        ("table 1: odd; table 12: odd", "table 2: odd; table 13: odd", True),
        ("see rows 1, 2 and 3", "see rows 4, 7, 9, and 11", True),
        ("Line 16 agrees", "Line 1 agrees", True),
        ("port 443 is open", "port 444 is open", False),
        ("row 3 says 80", "row 3 says 81", False),
        ("deadline 3", "deadline 4", False),
    ],
)
def test_without_cells_the_message_counts_but_not_its_numbers_of_lines_and_rows(one: str, other: str, same: bool) -> None:
    first, second = (fingerprints(checked(extraction(finding("table-doubtful", text)))) for text in (one, other))
    assert (first == second) is same


CODES = st.sampled_from(sorted(catalogue()))
FINDINGS = st.builds(
    finding,
    CODES,
    st.text(min_size=1, max_size=20),
    document=st.sampled_from(["a.md", "b.md"]),
    line=st.none() | st.integers(1, 99),
    cells=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)


@given(st.lists(FINDINGS, max_size=12), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_findings_does_not_matter(findings: list[Finding], random: Any) -> None:
    shuffled = random.sample(findings, len(findings))
    assert checked(extraction(*findings))["results"] == checked(extraction(*shuffled))["results"]


# --- limits -----------------------------------------------------------------------------------------------------------


def test_results_are_ordered_by_severity_and_then_by_place() -> None:
    found = [
        finding("mojibake", "x", document="a.md", line=1),
        finding("port-out-of-range", "x", document="b.md", line=9),
        finding("empty-document", "x", document="a.md", line=2),
        finding("port-out-of-range", "x", document="b.md", line=3),
        finding("port-out-of-range", "x", document="a.md", line=30),
    ]
    ordered = [(result["level"], uri(result), line(result)) for result in checked(extraction(*found))["results"]]
    assert ordered == [("error", "a.md", 30), ("error", "b.md", 3), ("error", "b.md", 9), ("warning", "a.md", 2), ("note", "a.md", 1)]


def test_more_results_than_github_shows_are_left_out_counted_and_the_worst_are_kept() -> None:
    notes = [finding("mojibake", f"note {number}", line=number) for number in range(1, MAX_RESULTS + 3)]
    run = checked(extraction(*notes, finding("port-out-of-range", "an error", line=9_999)))
    assert len(run["results"]) == MAX_RESULTS
    assert run["results"][0]["level"] == "error"
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("3 findings ")
    assert run["invocations"][0]["executionSuccessful"] is True


def test_no_more_than_the_limit_is_left_whole() -> None:
    run = checked(extraction(*(finding("mojibake", "x", line=number) for number in range(1, MAX_RESULTS + 1))))
    assert len(run["results"]) == MAX_RESULTS
    assert "toolExecutionNotifications" not in run["invocations"][0]


def test_a_full_file_is_within_the_ten_megabytes_that_github_takes() -> None:
    related = tuple(Place("docs/page.html", number, 1, number) for number in range(1, 100))
    full = extraction(
        *(finding("table-doubtful", f"{number} words " * 1_000, line=number, related=related) for number in range(MAX_RESULTS))
    )
    assert len(gzip.compress(sarif(full, everywhere(full), "1.2.3"))) < 10_000_000


# --- hostile text -----------------------------------------------------------------------------------------------------


def test_control_characters_and_overrides_of_direction_are_replaced() -> None:
    assert message("\x1b[31mred\x07 \u202eevil\u2066 a\nb \ud800") == "·[31mred· ·evil· a·b ·"


def test_what_documents_say_is_no_link() -> None:
    text = message("the cell says '[click](https://evil.example)' and [row](1)")
    assert not re.search(r"\]\(", text)
    assert "[click] (https://evil.example)" in text


def test_what_documents_say_is_no_placeholder() -> None:
    assert message("'{0}' and {{ name }}") == "'{{0}}' and {{{{ name }}}}"


def test_a_long_message_is_cut_and_says_so() -> None:
    text = message("word " * 100_000)
    assert len(text) <= MAX_MESSAGE
    assert text.endswith("…")


@given(st.text(st.characters(), min_size=1))
@settings(deadline=None)
def test_any_message_gives_a_file_as_github_documents_it(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\]\(", message(text))


def test_hostile_pages_give_files_as_github_documents_them() -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\u202e[a](https://evil.example){0}<script>alert(1)</script>"
    run = run_of(page(*((*cells[:2], f"{cells[2]} {hostile}", *cells[3:]) for cells in ROWS)))
    assert run["results"]
    assert "](https" not in json.dumps(run)


def test_no_absolute_path_stands_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(*ROWS))
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    found = extract_paths([tmp_path])
    data = sarif(found, everywhere(found), "1.2.3")
    assert str(tmp_path).encode() not in data
    assert b"file:" not in data
