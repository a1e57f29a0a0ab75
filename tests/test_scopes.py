"""Which documents belong together: what layouts make of paths, what holds without one, and what a run says about it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from extract import Extraction, extract_paths
from extract.errors import UsageError
from extract.model import Document
from extract.read import layout, manifest
from tests.test_cli import EXIT_CLEAN, EXIT_USAGE, docrules

RELEASES = (Path(__file__).parent.parent / "docs/releases.md").read_text("utf-8")
DEFAULT = layout.DEFAULT


def page(*ports: str) -> str:
    rows = "".join(f"| TCP | {port} | Client SG | Web SG | {port} |\n" for port in ports)
    return f"# Ports\n\n| Protocol | Port | Source | Destination | Description |\n| - | - | - | - | - |\n{rows}"


PORTS = ("22", "80", "443", "8443", "9000")


def lay(folder: Path, pages: dict[str, str], sources: str | None = None) -> Path:
    """Write pages by their paths below a folder, and what its manifest says."""
    for path, text in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    if sources is not None:
        (folder / manifest.NAME).write_text(sources, "utf-8")
    return folder


def extracted(folder: Path, paths: list[str], sources: str | None = None) -> Extraction:
    return extract_paths([lay(folder, dict.fromkeys(paths, page(*PORTS)), sources)])


def names(document: Document) -> tuple[str | None, str | None, str | None]:
    return document.vendor, document.product, document.release


# --- what a layout makes of a path --------------------------------------------------------------------------------------

NOTHING = (None, None, None)
FITS: list[tuple[str, str, tuple[str | None, ...] | None]] = [
    ("{vendor}/{product}/{release}/**", "acme/gate/1.0/ports.md", ("acme", "gate", "1.0")),
    ("{vendor}/{product}/{release}/**", "acme/gate/main/a/b/ports.md", ("acme", "gate", "main")),
    ("{vendor}/{product}/{release}/**", "acme/gate/ports.md", None),
    ("{product}/{release}/**", "gate/1.0/ports.md", (None, "gate", "1.0")),
    ("docs/{product}/{release}/**", "docs/gate/1.0/ports.md", (None, "gate", "1.0")),
    ("docs/{product}/{release}/**", "doc/gate/1.0/ports.md", None),
    ("*/{product}/v{release}/**", "en/gate/v1.0/ports.md", (None, "gate", "1.0")),
    ("*/{product}/v{release}/**", "en/gate/1.0/ports.md", None),
    ("**/{product}/{release}/*", "gate/1.0/ports.md", (None, "gate", "1.0")),
    ("**/{product}/{release}/*", "a/b/c/gate/1.0/ports.md", (None, "gate", "1.0")),
    ("{product}/ports-{release}.md", "gate/ports-1.2.md", (None, "gate", "1.2")),
    ("{product}/ports-{release}.md", "gate/1.2/ports.md", None),
    ("{product}/{release}/*.md", "gate/1.2/ports.md", (None, "gate", "1.2")),
    ("{product}/{release}/*.md", "gate/1.2/ports.html", None),
    ("a+b/{product}/{release}/**", "a+b/gate/1/x.md", (None, "gate", "1")),
    ("a+b/{product}/{release}/**", "aab/gate/1/x.md", None),
    ("legacy/**", "legacy/acme/gate/1.0/x.md", NOTHING),
    ("**", "x.md", NOTHING),
]


@pytest.mark.parametrize(("text", "path", "expected"), FITS)
def test_a_layout_names_the_folders_of_a_path(text: str, path: str, expected: tuple[str | None, ...] | None) -> None:
    assert layout.compiled(text).names(path) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/{product}/{release}/**", "slash"),
        ("{product}//{release}/**", "slash"),
        ("{product}/{release}/", "slash"),
        ("{product}/{release}", "write {product}/{release}/**"),
        ("**/{release}/**", "more than once"),
        ("{product}/{product}/{release}/**", "{product} more than once"),
        ("{product}-{release}/**", "a folder holds one name or one *"),
        ("{product}/{release}.*", "a folder holds one name or one *"),
        ("{version}/**", "{version} is no name; there are {vendor}, {product}, {release}"),
        ("{}/**", "{} is no name"),
        ("{product/**", "brace"),
        ("product}/{release}/**", "brace"),
    ],
)
def test_what_is_no_layout_is_refused_with_the_line_and_the_reason(tmp_path: Path, text: str, said: str) -> None:
    folder = lay(tmp_path, {"a/1/x.md": page("22")}, f'\nproduct = "gate"\nlayout = "{text}"\n')
    with pytest.raises(
        UsageError, match=re.escape(f"{folder / manifest.NAME}:3: the layout {text!r} cannot be used: ") + f".*{re.escape(said)}"
    ):
        extract_paths([folder])


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ('layout = "{vendor}/{product}/**"', "names no release"),
        ('layout = "{release}/**"', 'names no product; write product = "…" beside it'),
        ('layout = "{vendor}/**"', "names no product and no release"),
        ('vendor = "acme"', "vendor is for what a layout leaves out"),
        ("layout = []", "layout is an empty list"),
        ("layout = 1", "layout is 1; write a text or a list, each entry a text"),
        ("", "neither a [[source]] nor a layout"),
    ],
)
def test_a_layout_says_whose_release_it_names(tmp_path: Path, sources: str, said: str) -> None:
    folder = lay(tmp_path, {"a/1/x.md": page("22")}, sources)
    with pytest.raises(UsageError, match=re.escape(f"{folder / manifest.NAME}:1: ")) as error:
        extract_paths([folder])
    assert said in str(error.value)


# --- what is believed without one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", ["5.5", "v1.28", "V2", "R81.20", "2.x", "19c", "2019", "2019-SP2", "7.2.1-rc1", "12.1a", "10_2", "7.2 SP1"]
)
def test_releases_are_told_by_their_form(folder: str) -> None:
    assert layout.is_release(folder)
    assert layout.default_names(f"acme/gate/{folder}/ports.md") == ("acme", "gate", folder)


@pytest.mark.parametrize(
    "folder", ["install", "main", "latest", "02-install", "3-ipv6", "k8s", "ipv6", "http2", "v", "x.1", "1.0-beta", ""]
)
def test_other_folders_are_none(folder: str) -> None:
    assert not layout.is_release(folder)


@pytest.mark.parametrize(
    "path",
    [
        "v1.0/ports.md",
        "en/2.x/install/ports.md",
        "docs/1.9/networking/ports.md",
        "docs/1.9/7/ports.md",
        "pages/acme/gate/1.8/ports/index.md",
        "pages/acme/2/1.8/ports/index.md",
        "a/b/c/ports.md",
        "/acme/gate/1.0/ports.md",
    ],
)
def test_the_default_is_not_believed_where_another_folder_is_the_release(path: str) -> None:
    assert layout.default_names(path) is None


@pytest.mark.parametrize(
    "paths",
    [
        [f"v1.{minor}/ports.md" for minor in range(5)],
        [f"en/1.{minor}/install/ports.md" for minor in range(5)],
        [f"docs/site/install/1.{minor}/ports.md" for minor in range(5)],
        [f"docs/site/install/ports-1.{minor}.md" for minor in range(5)],
        [f"docs/site/1.{minor}/ports.md" for minor in range(5)],
        [f"ports{minor}.md" for minor in range(5)],
    ],
    ids=lambda paths: paths[0],
)
def test_versions_of_a_page_are_never_merged(tmp_path: Path, paths: list[str]) -> None:
    extraction = extracted(tmp_path, paths)
    assert len(extraction.rules) == len({rule.id for rule in extraction.rules}) == len(paths) * len(PORTS)
    assert all(len(rule.evidence) == 1 for rule in extraction.rules)


def test_a_folder_is_a_scope(tmp_path: Path) -> None:
    folder = lay(tmp_path, {"a/x.md": page("22"), "a/y.md": page("22").replace("Client SG", "Client Security Group"), "b/x.md": page("22")})
    rules = extract_paths([folder]).rules
    assert [([one.document for one in rule.evidence], rule.source and rule.source.name) for rule in rules] == [
        (["a/x", "a/y"], "Client Security Group"),
        (["b/x"], "Client SG"),
    ]


# --- what a manifest says -----------------------------------------------------------------------------------------------

TWO = ["docs/1.9/net/ports.md", "docs/1.10/net/ports.md", "docs/1.10/intro/ports.md"]


def test_a_layout_puts_the_pages_of_a_release_together(tmp_path: Path) -> None:
    extraction = extracted(tmp_path, TWO, 'vendor = "acme"\nproduct = "gate"\nlayout = "docs/{release}/**"')
    assert {names(document) for document in extraction.documents} == {("acme", "gate", "1.9"), ("acme", "gate", "1.10")}
    assert sorted(len(rule.evidence) for rule in extraction.rules) == [1] * len(PORTS) + [2] * len(PORTS)
    assert len({rule.fingerprint for rule in extraction.rules}) == len(PORTS)


def test_a_layout_need_not_name_a_vendor(tmp_path: Path) -> None:
    extraction = extracted(tmp_path, ["gate/1.9/ports.md", "gate/1.10/ports.md", "wall/1.9/ports.md"], 'layout = "{product}/{release}/**"')
    assert [names(document) for document in extraction.documents] == [(None, "gate", "1.10"), (None, "gate", "1.9"), (None, "wall", "1.9")]
    assert len({rule.fingerprint for rule in extraction.rules}) == 2 * len(PORTS)
    assert len({rule.id for rule in extraction.rules}) == 3 * len(PORTS)


def test_the_first_layout_that_fits_counts(tmp_path: Path) -> None:
    both = 'layout = ["{vendor}/{product}/old/**", "{vendor}/{product}/{release}/**"]\n'
    with pytest.raises(UsageError, match="names no release"):
        extracted(tmp_path, ["acme/gate/old/ports.md"], both)
    sources = 'layout = ["*/*/old/**", "{vendor}/{product}/{release}/**"]'
    found = extracted(tmp_path, ["acme/gate/old/ports.md", "acme/gate/new/ports.md", "acme/ports.md"], sources).documents
    assert [names(document) for document in found] == [("acme", "gate", "new"), NOTHING, NOTHING]


def test_with_a_layout_the_default_is_not_believed(tmp_path: Path) -> None:
    (document,) = extracted(tmp_path, ["acme/gate/1.0/ports.md"], 'layout = "{product}/{release}/*"').documents
    assert names(document) == NOTHING


def test_entries_count_before_the_layout(tmp_path: Path) -> None:
    entry = '[[source]]\npath = "docs/1.9"\nvendor = "a"\nproduct = "b"\nrelease = "c"\n'
    found = extracted(tmp_path, TWO, f'product = "gate"\nlayout = "docs/{{release}}/**"\n{entry}').documents
    assert [names(document) for document in found] == [(None, "gate", "1.10"), (None, "gate", "1.10"), ("a", "b", "c")]


def test_the_layout_of_the_readme_is_one(tmp_path: Path) -> None:
    example = re.search(r"<!-- layout example -->\n```toml\n(.*?)```", RELEASES, re.DOTALL)
    assert example is not None
    (document,) = extracted(tmp_path, ["docs/gate/1.0/net/ports.md"], example[1]).documents
    assert names(document) == ("acme", "gate", "1.0")


# --- what a run says ----------------------------------------------------------------------------------------------------

SAID = [
    (["acme/gate/1.0/a.md", "acme/gate/1.0/b.md"], None, f"layout: {DEFAULT} for 2 documents"),
    (["acme/gate/1.0/a.md", "x/a.md", "x/b.md", "y/a.md"], None, f"layout: {DEFAULT} for 1 document; 3 documents in 2 scopes by folder"),
    (["a.md"], None, "layout: none; 1 document in 1 scope by folder"),
    (
        ["gate/1/a.md", "b.md"],
        'layout = "{product}/{release}/**"',
        "layout: {product}/{release}/** for 1 document; 1 document in 1 scope by folder",
    ),
    (["b.md"], 'layout = "{product}/{release}/**"', "layout: {product}/{release}/** for 0 documents; 1 document in 1 scope by folder"),
    (
        ["gate/1/a.md"],
        '[[source]]\npath = "gate"\nvendor = "a"\nproduct = "b"\nrelease = "c"',
        "layout: 1 document as [[source]] says",
    ),
]


@pytest.mark.parametrize(("paths", "sources", "said"), SAID, ids=[said for *_, said in SAID])
def test_a_run_says_which_layout_it_used(tmp_path: Path, paths: list[str], sources: str | None, said: str) -> None:
    folder = lay(tmp_path / "docs", dict.fromkeys(paths, page("22")), sources)
    ran = docrules(
        "run", str(folder), "--out", str(tmp_path / "rules.json"), "--report", str(tmp_path / "report.json"), "--no-cache", cwd=tmp_path
    )
    assert ran.code == EXIT_CLEAN
    assert said in ran.err.splitlines()
    told = json.loads((tmp_path / "report.json").read_bytes())["summary"]["layouts"]
    assert sum(one["documents"] for one in told) == len(paths)


def test_a_layout_that_cannot_be_used_ends_the_run(tmp_path: Path) -> None:
    folder = lay(tmp_path / "docs", {"a.md": page("22")}, 'layout = "{releas}/**"')
    ran = docrules("run", str(folder), "--out", str(tmp_path / "rules.json"), cwd=tmp_path)
    assert ran.code == EXIT_USAGE
    assert "{releas} is no name" in ran.err
    assert not (tmp_path / "rules.json").exists()


# --- what changes between releases --------------------------------------------------------------------------------------


def compared(tmp_path: Path, sources: str) -> str:
    pages = {"docs/gate/1.9/net/ports.md": page("22", "80"), "docs/gate/1.10/net/ports.md": page("22", "443")}
    folder = lay(tmp_path / "docs", pages, sources)
    rules = tmp_path / "rules.json"
    assert docrules("run", str(folder), "--out", str(rules), "--no-cache", cwd=tmp_path).code == EXIT_CLEAN
    ran = docrules("diff", "1.9", "1.10", "--rules", str(rules), "--all", cwd=tmp_path)
    assert ran.code == EXIT_CLEAN
    return ran.out.decode()


def test_releases_of_a_layout_are_compared(tmp_path: Path) -> None:
    told = compared(tmp_path, 'vendor = "acme"\nlayout = "docs/{product}/{release}/**"')
    assert "acme/gate 1.9 → 1.10" in told
    assert "2 changes: 1 opens, 1 closes" in told


def test_releases_of_a_product_without_a_vendor_are_compared_by_document(tmp_path: Path) -> None:
    told = compared(tmp_path, 'layout = "docs/{product}/{release}/**"')
    assert "docs/gate/1.10/net/ports" in told
    assert "2 changes: 1 opens, 1 closes" in told


def test_folders_are_compared_by_the_layout_of_each(tmp_path: Path) -> None:
    sources = 'vendor = "acme"\nlayout = "{product}/{release}/**"'
    old = lay(tmp_path / "old", {"gate/one/ports.md": page("22")}, sources)
    new = lay(tmp_path / "new", {"gate/one/ports.md": page("22"), "gate/two/ports.md": page("22", "80")}, sources)
    ran = docrules("diff", str(old), str(new), cwd=tmp_path)
    assert "acme/gate one → two" in ran.out.decode()
    assert "opens access (1)" in ran.out.decode()


def test_a_page_that_moves_to_another_folder_is_the_same_page(tmp_path: Path) -> None:
    old = lay(tmp_path / "old", {"a/ports.md": page(*PORTS), "a/other.md": page("1")})
    new = lay(tmp_path / "new", {"b/c/firewall.md": page(*PORTS), "a/other.md": page("1")})
    assert "5 changes: 5 evidence" in docrules("diff", str(old), str(new), cwd=tmp_path).out.decode()
    rules = tmp_path / "rules.json"
    for folder in (old, new):
        assert docrules("run", str(folder), "--out", str(rules), "--no-cache", cwd=tmp_path).code == EXIT_CLEAN


def test_a_layout_that_is_written_later_changes_no_rule(tmp_path: Path) -> None:
    folder = lay(tmp_path / "docs", dict.fromkeys(["gate/main/a.md", "gate/old/b/c.md"], page(*PORTS)))
    rules = tmp_path / "rules.json"
    assert docrules("run", str(folder), "--out", str(rules), "--no-cache", cwd=tmp_path).code == EXIT_CLEAN
    for sources in ('vendor = "acme"\nlayout = "{product}/{release}/**"', 'layout = "**"'):
        before = tmp_path / "before.json"
        before.write_bytes(rules.read_bytes())
        lay(folder, {}, sources)
        ran = docrules("run", str(folder), "--out", str(rules), "--no-cache", cwd=tmp_path)
        assert (ran.code, ran.findings) == (EXIT_CLEAN, [])
        told = docrules("diff", str(before), str(rules), cwd=tmp_path).out.decode()
        assert told.splitlines()[-1] == "no changes"
