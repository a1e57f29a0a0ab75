"""The manifest of sources: what it says about documents, what counts where several entries do, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from extract import Extraction, extract_paths, schema
from extract.errors import UsageError
from extract.model import Document, Origin
from extract.read import manifest
from tests.test_cli import EXIT_CLEAN, EXIT_USAGE, docrules, load, names

PAGE = """<h1 id="in">Inbound rules for Web Security Group</h1>
<table>
<tr><th>Protocol</th><th>Port</th></tr>
<tr><td>TCP</td><td>443</td></tr>
</table>
"""
PATH = "acme/gate/1.0/web.html"
URL = "https://docs.example.com/gate/web.html"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    page = tmp_path / "docs" / PATH
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, "utf-8")
    return tmp_path / "docs"


def write(docs: Path, *entries: str) -> Path:
    file = docs / manifest.NAME
    file.write_text("\n".join(f"[[source]]\n{entry}\n" for entry in entries), "utf-8")
    return file


def extracted(docs: Path, *entries: str) -> Extraction:
    write(docs, *entries)
    return extract_paths([docs])


def document(docs: Path, *entries: str) -> Document:
    (found,) = extracted(docs, *entries).documents
    return found


# --- what it says -------------------------------------------------------------------------------------------------------


def test_a_document_has_what_its_entry_says(docs: Path) -> None:
    body = f'path = "{PATH}"\nvendor = "Acme"\nproduct = "Gate"\nrelease = "2"\nurl = "{URL}"\nlicence = "CC-BY-4.0"\ntitle = "Ports"'
    found = document(docs, body)
    assert (found.vendor, found.product, found.release) == ("Acme", "Gate", "2")
    assert (found.url, found.licence, found.title) == (URL, "CC-BY-4.0", "Ports")
    assert (found.id, found.path) == ("acme/gate/1.0/web", PATH)


def test_what_no_entry_says_is_as_without_a_manifest(docs: Path) -> None:
    plain = extract_paths([docs]).documents
    assert extracted(docs, 'path = "other"\nlicence = "MIT"').documents == plain
    assert plain[0].licence is None
    found = document(docs, f'path = "{PATH}"\nlicence = "MIT"')
    assert (found.vendor, found.product, found.release, found.url) == ("acme", "gate", "1.0", None)
    assert found.title == "Inbound rules for Web Security Group"


def test_a_folder_is_about_everything_below_it(docs: Path) -> None:
    for path in ("acme/gate", "acme/gate/", "acme"):
        assert document(docs, f'path = "{path}"\nlicence = "MIT"').licence == "MIT"
    for path in ("acme/gat", "acme/gate/1.0/web", "gate", "Acme"):
        assert document(docs, f'path = "{path}"\nlicence = "MIT"').licence is None


def test_the_longest_path_counts_for_each_value(docs: Path) -> None:
    entries = [
        f'path = "{PATH}"\nurl = "{URL}"',
        'path = "acme/gate"\nlicence = "MIT"',
        'path = "acme"\nlicence = "all rights reserved"\nvendor = "Acme"\nproduct = "Gate"\nrelease = "1"',
    ]
    for order in (entries, entries[::-1]):
        found = document(docs, *order)
        assert (found.url, found.licence, found.vendor) == (URL, "MIT", "Acme")


def test_the_manifest_counts_before_front_matter_and_front_matter_before_nothing(docs: Path) -> None:
    (docs / PATH).write_text(f'---\ntitle: Own\nurl: "https://own.example.com/"\n---\n{PAGE}', "utf-8")
    assert document(docs, 'path = "acme"\nlicence = "MIT"').url == "https://own.example.com/"
    assert document(docs, f'path = "{PATH}"\nurl = "{URL}"').url == URL


def test_evidence_links_to_the_page_that_the_manifest_names(docs: Path) -> None:
    (rule,) = extracted(docs, f'path = "{PATH}"\nurl = "{URL}"').rules
    assert rule.evidence[0].url == f"{URL}#in"


def test_rules_belong_to_the_release_that_the_manifest_names(docs: Path) -> None:
    (before,) = extract_paths([docs]).rules
    (after,) = extracted(docs, 'path = "acme"\nvendor = "acme"\nproduct = "gate"\nrelease = "2.0"').rules
    assert before.id != after.id
    assert before.fingerprint == after.fingerprint


def test_a_title_of_the_manifest_names_the_document_and_changes_no_rule(docs: Path) -> None:
    before = extract_paths([docs])
    after = extracted(docs, f'path = "{PATH}"\ntitle = "Outbound rules for Database Security Group"')
    assert after.rules == before.rules
    assert after.documents[0].title == "Outbound rules for Database Security Group"


def test_patches_are_found_under_the_product_that_the_manifest_names(docs: Path) -> None:
    patches = docs.parent / "patches" / "new"
    patches.mkdir(parents=True)
    (patches / "name.toml").write_text('[[patch]]\nid = "a"\nreason = "b"\nmatch = { from_port = 443 }\nset = { description = "c" }\n')
    write(docs, 'path = "acme"\nvendor = "new"\nproduct = "name"\nrelease = "1"')
    extraction = extract_paths([docs], patches=docs.parent / "patches")
    assert [rule.description for rule in extraction.rules] == ["c"]


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 8, b"x" * 10])
def test_a_document_without_tables_has_an_origin_too(docs: Path, data: bytes) -> None:
    (docs / PATH).write_bytes(data)
    assert document(docs, 'path = "acme"\nlicence = "MIT"').licence == "MIT"


def test_a_document_that_cannot_be_read_has_an_origin_too(docs: Path) -> None:
    (docs / "acme" / "gone.html").symlink_to("nowhere.html")
    found = {one.path: one.licence for one in extracted(docs, 'path = "acme"\nlicence = "MIT"').documents}
    assert found == {PATH: "MIT", "acme/gone.html": "MIT"}


def test_the_data_does_not_depend_on_the_number_of_processes(docs: Path) -> None:
    (docs / "acme" / "second.html").write_text(PAGE, "utf-8")
    write(docs, f'path = "{PATH}"\nurl = "{URL}"', 'path = "acme"\nlicence = "MIT"')
    assert extract_paths([docs], jobs=2) == extract_paths([docs], jobs=1)


# --- entries that are about nothing -------------------------------------------------------------------------------------


def test_every_entry_is_accounted_for(docs: Path) -> None:
    extraction = extracted(docs, f'path = "{PATH}"\nurl = "{URL}"', 'path = "acme"\nlicence = "MIT"', 'path = "other/"\nlicence = "MIT"')
    assert [(one.path, one.line, one.describes, one.documents) for one in extraction.sources] == [
        ("sources.toml", 1, PATH, 1),
        ("sources.toml", 5, "acme", 1),
        ("sources.toml", 9, "other", 0),
    ]


def test_an_entry_about_no_document_is_noted(docs: Path) -> None:
    extraction = extracted(docs, 'path = "other"\nlicence = "MIT"', f'path = "acme/new.html"\nurl = "{URL}"')
    found = [one for one in extraction.findings if one.code == "source-unmatched"]
    assert [(one.severity, one.document, one.line, one.message) for one in found] == [
        ("note", "sources.toml", 1, "this run read no document below 'other'"),
        ("note", "sources.toml", 5, "this run read no document at 'acme/new.html'; `docrules fetch` gets it"),
    ]
    assert extraction.summary.findings["note"] >= len(found)


def test_a_run_over_single_files_says_nothing_about_other_entries(docs: Path) -> None:
    write(docs, 'path = "other"\nlicence = "MIT"', 'path = "acme"\nlicence = "MIT"')
    extraction = extract_paths([docs / PATH], root=docs)
    assert [one.describes for one in extraction.sources] == ["acme"]


# --- where it is found --------------------------------------------------------------------------------------------------


def test_it_is_found_in_the_root(docs: Path) -> None:
    write(docs, 'path = "acme"\nlicence = "MIT"')
    for paths, root in (([docs], None), ([docs / "acme"], docs), ([docs / PATH], docs)):
        assert extract_paths(paths, root=root).documents[0].licence == "MIT"
    for paths, root in (([docs / "acme"], None), ([docs], docs.parent)):
        assert extract_paths(paths, root=root).documents[0].licence is None


def test_it_is_found_in_the_folder_of_files_that_are_given(docs: Path) -> None:
    (docs / "page.html").write_text(PAGE)
    write(docs, 'path = "page.html"\nlicence = "MIT"')
    assert extract_paths([docs / "page.html"]).documents[0].licence == "MIT"


def test_one_beside_other_folders_is_refused(docs: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "page.html").write_text(PAGE)
    assert len(extract_paths([docs, other]).documents) == 2
    write(docs, 'path = "acme"\nlicence = "MIT"')
    with pytest.raises(UsageError, match=r"sources\.toml says where .* give their --root"):
        extract_paths([docs, other])


# --- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('licence = "MIT"', "path"),
        ('path = "a"', "entry 2 of source has path alone; give vendor, product"),
        ('path = ""\nlicence = "MIT"', "path"),
        ('path = "/a"\nlicence = "MIT"', "path"),
        ('path = "../a"\nlicence = "MIT"', "path"),
        ('path = "a/../b"\nlicence = "MIT"', "path"),
        ('path = "a/./b"\nlicence = "MIT"', "path"),
        ('path = "a//b"\nlicence = "MIT"', "path"),
        ('path = ".hidden/a"\nlicence = "MIT"', "path"),
        ('path = "a/.hidden"\nlicence = "MIT"', "path"),
        ("path = 'a\\b'\nlicence = \"MIT\"", "path"),
        ('path = "a\\nb"\nlicence = "MIT"', "path"),
        ('path = "a"\nlicence = ""', "licence"),
        ('path = "a"\nlicence = " MIT"', "licence"),
        ('path = "a"\nlicence = 1', "licence"),
        ('path = "a"\nlicense = "MIT"', "license"),
        (
            'path = "a"\nvendor = "x"\nrelease = "1"',
            "vendor, product, release are given together or not at all; this entry has vendor, release",
        ),
        (f'path = "a"\nurl = "{URL}"', "a document has a url, a folder has none; 'a' names no document"),
        (f'path = "a.html/"\nurl = "{URL}"', "a document has a url, a folder has none"),
        ('path = "a"\ntitle = "x"', "a document has a title, a folder has none"),
        ('path = "a.html"\nurl = "ftp://example.com/"', "url"),
        ('path = "a.html"\nurl = "file:///etc/passwd"', "url"),
        ('path = "a.html"\nurl = "https:///a"', "url"),
        ('path = "a.html"\nurl = "https://example.com/a b"', "url"),
        ('path = "a.html"\nurl = "https://me:secret@example.com/"', "the url holds a user name or password"),
        ('path = "a.html"\nurl = "https://me@example.com/"', "the url holds a user name or password"),
    ],
)
def test_an_entry_that_breaks_the_schema_is_refused_with_its_line(docs: Path, body: str, said: str) -> None:
    file = write(docs, 'path = "acme"\nlicence = "MIT"', body)
    with pytest.raises(UsageError, match=f"^{re.escape(str(file))}:[5-7]: .*{re.escape(said)}"):
        manifest.load(file)


def test_two_entries_about_one_path_are_refused(docs: Path) -> None:
    file = write(docs, 'path = "acme"\nlicence = "MIT"', 'path = "acme/"\nlicence = "GPL-2.0"')
    with pytest.raises(UsageError, match=r":5: line 1 is about 'acme' already"):
        manifest.load(file)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[[source", "is no TOML"),
        (b"", "source"),
        (b"source = 1", "source"),
        (b"source = []", "source"),
        (b"source = [1]", "source"),
        (b"[[sources]]\npath = 'a'", "sources"),
        (b'[[source]]\npath = "\xff"', "it is not UTF-8"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(docs: Path, data: bytes, said: str) -> None:
    file = docs / manifest.NAME
    file.write_bytes(data)
    with pytest.raises(UsageError, match=f"^{re.escape(str(file))}:.*{said}"):
        manifest.load(file)


def test_an_inline_array_is_a_manifest(docs: Path) -> None:
    file = docs / manifest.NAME
    file.write_text('source = [{ path = "acme", licence = "MIT" }, { path = "acme/gate", licence = "0BSD" }]')
    assert manifest.load(file).origin_of(PATH) == Origin(vendor="acme", product="gate", release="1.0", licence="0BSD")


def test_the_schema_is_strict_and_both_validators_read_it_in_the_same_way() -> None:
    found = schema.load("sources")
    jsonschema.Draft202012Validator.check_schema(found)
    assert found["$id"] == "urn:docrules:schema:sources:1.1.0"
    assert found["additionalProperties"] is found["$defs"]["source"]["additionalProperties"] is False
    entries: list[dict[str, Any]] = [
        {"path": "a", "licence": "MIT"},
        {"path": "a"},
        {"path": "a/b.md", "url": URL},
        {"path": "a/b.md", "url": "https://a@b/"},
        {"path": "a", "vendor": "b"},
        {"path": "a", "vendor": "b", "product": "c", "release": "d"},
        {"path": "../a", "licence": "MIT"},
    ]
    for entry in entries:
        table = {"source": [entry]}
        assert jsonschema.Draft202012Validator(found).is_valid(table) == (schema.problem("sources", table) is None)


# --- the command --------------------------------------------------------------------------------------------------------


def test_a_run_writes_licence_url_and_the_account_of_the_manifest(docs: Path, tmp_path: Path) -> None:
    write(docs, f'path = "{PATH}"\nurl = "{URL}"\nlicence = "MIT"', 'path = "other"\nlicence = "MIT"')
    result = docrules("run", docs, "--report", "report.json", "--verbose", cwd=tmp_path)
    assert result.code == EXIT_CLEAN
    data, report = load(tmp_path / "rules.json"), load(tmp_path / "report.json")
    assert (data["documents"][0]["licence"], data["documents"][0]["url"]) == ("MIT", URL)
    assert data["rules"][0]["evidence"][0]["url"] == f"{URL}#in"
    assert [(one["describes"], one["documents"]) for one in report["sources"]] == [(PATH, 1), ("other", 0)]
    assert "sources.toml:6: note: this run read no document below 'other' [source-unmatched]" in result.err
    assert docrules("explain", f"{PATH}:1:1", "--rules", "rules.json", cwd=tmp_path).code == EXIT_CLEAN


def test_code_scanning_finds_the_manifest_where_it_lies(docs: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(docs, 'path = "other"\nlicence = "MIT"')
    docrules("run", docs, "--sarif", "docrules.sarif", cwd=tmp_path)
    results = json.loads((tmp_path / "docrules.sarif").read_text())["runs"][0]["results"]
    (found,) = [one for one in results if one["ruleId"] == "source-unmatched"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "docs/sources.toml"


def test_a_run_does_not_write_over_its_manifest(docs: Path, tmp_path: Path) -> None:
    file = write(docs, 'path = "acme"\nlicence = "MIT"')
    before = file.read_bytes()
    result = docrules("run", docs, "--out", file, cwd=tmp_path)
    assert (result.code, file.read_bytes()) == (EXIT_USAGE, before)


def test_a_run_with_a_broken_manifest_writes_nothing(docs: Path, tmp_path: Path) -> None:
    write(docs, 'path = "acme"')
    result = docrules("run", docs, cwd=tmp_path)
    assert (result.code, result.err.startswith("error: "), names(tmp_path)) == (EXIT_USAGE, True, ["docs"])
