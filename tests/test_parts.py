"""Documents are mapped one by one, and assembled scope by scope: what comes of it is what one run over all of them gives."""

from __future__ import annotations

import functools
import pickle
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import extract
from extract import Extraction, Origin, Part, api, assemble, load_patches, map_document, units
from extract.check.patch_files import Patch, parse
from extract.errors import UsageError
from extract.publish import render
from extract.read.manifest import Manifest
from extract.read.sources import Source
from extract.read.warc.record import Loaded
from tests import goldens

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "data" / "docs"
PORTS = "<h1>Inbound rules for {} Security Group</h1><table><tr><th>Protocol<th>Port<th>Source{}</table>"
QUIET = b"<h1>About</h1><table><tr><th>Name<th>Age<tr><td>Ada<td>36</table>"


def page(name: str, *rows: tuple[str, str, str]) -> bytes:
    return PORTS.format(name, "".join(f"<tr><td>{'<td>'.join(row)}" for row in rows)).encode()


@functools.cache
def shipped() -> tuple[Part, ...]:
    sources = api.with_origins(api.find_sources([DOCS]), api.find_manifest([DOCS]))
    return tuple(api.map_sources(sources))


@functools.cache
def golden() -> tuple[Part, ...]:
    """Return the golden pages as documents of releases and folders: pages of one release stand beside each other, as in real sets."""
    found = []
    for number, folder in enumerate(goldens.folders()):
        file = goldens.page_of(folder)
        release = f"acme/gate{number % 5}/{number % 3}.{number % 2}" if number % 4 else f"guide{number % 6}"
        found.append(map_document(file.read_bytes(), f"{release}/{folder.name}{file.suffix}"))
    return tuple(found)


def files_of(extraction: Extraction) -> tuple[bytes, bytes]:
    return render.rules_json(extraction), render.report_json(extraction)


def merged(extractions: Iterable[Extraction]) -> Extraction:
    first, *others = extractions
    return first.merge(others)


def by_units(parts: Sequence[Part], patches: Sequence[Patch] = (), origins: Manifest | None = None) -> Iterator[Extraction]:
    for unit in units((part.document for part in parts), patches):
        yield assemble((part for part in parts if part.scope in unit.scopes), patches=unit.patches, origins=origins)


def same(found: Extraction, expected: Extraction) -> None:
    assert files_of(found) == files_of(expected)
    assert found == expected


# --- what one document gives ------------------------------------------------------------------------------------------


def test_a_part_survives_pickle_and_is_smaller_there() -> None:
    for part in (*shipped(), *golden()):
        carried = pickle.dumps(part)
        assert pickle.loads(carried) == part  # noqa: S301 - of this test
        assert len(carried) < len(part.data) / 2 + 1_000


@pytest.mark.parametrize(
    ("path", "origin", "scope"),
    [
        ("acme/gate/1.0/ports.md", None, ("acme", "gate", "1.0")),
        ("guides/ports.md", None, ("guides/",)),
        ("ports.md", None, ("./",)),
        ("guides/ports-1.2.md", None, ("guides/ports-1.2",)),
        ("guides/ports.md", Origin(vendor="acme", product="gate", release="2"), ("acme", "gate", "2")),
        ("guides/ports.md", Origin(product="gate", release="2"), ("gate", "2")),
    ],
)
@pytest.mark.parametrize("data", [QUIET, page("Web", ("TCP", "443", "any")), b"", b"%PDF-1.7\n"])
def test_a_part_tells_its_scope_whatever_the_document_holds(path: str, origin: Origin | None, scope: tuple[str, ...], data: bytes) -> None:
    assert map_document(data, path, origin=origin).scope == scope


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"%PDF-1.7\n", b"\xff\xfe<", b"<table>" * 5_000, b"&#xd800;<table><tr><td>TCP<td>1"])
def test_what_is_wrong_with_a_document_is_no_exception(data: bytes) -> None:
    found = assemble([map_document(data, "page.html")])
    assert [document.path for document in found.documents] == ["page.html"]
    files_of(found)


@pytest.mark.parametrize(("path", "kind"), [("/ports.html", None), ("../up.html", None), ("", None), ("\ud800", None), ("a.html", "scrap")])
def test_a_path_or_kind_that_cannot_be_is_an_error_of_the_caller(path: str, kind: str | None) -> None:
    with pytest.raises(UsageError):
        map_document(b"", path, kind=kind)


def test_the_text_of_a_document_gives_what_its_part_gives() -> None:
    data = page("Web", ("TCP", "443", "any"))
    assert assemble([map_document(data, "a/page.html", kind="html")]) == extract.extract_text(data, path="a/page.html", kind="html")


class Unloadable(Source, frozen=True, gc=False):
    """A document that is larger than memory."""

    def loaded(self) -> Loaded:
        raise MemoryError("no room")


def test_a_document_that_cannot_be_loaded_costs_itself_only() -> None:
    sources = [Unloadable("a/large.html", "a/large.html"), *api.find_sources([goldens.page_of(goldens.folders()[0])])]
    found = assemble(api.map_sources(sources))
    assert [(one.code, one.document) for one in found.findings if one.severity == "error"] == [("internal-error", "a/large.html")]
    assert found.rules


# --- scope by scope ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [shipped, golden])
def test_scopes_that_are_assembled_apart_make_the_whole(parts: functools.partial[tuple[Part, ...]]) -> None:
    found = parts()
    scopes = {part.scope for part in found}
    assert len(scopes) > 1 or found == shipped()
    same(merged(assemble(found, scope=scope) for scope in sorted(scopes, reverse=True)), assemble(found))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), groups=st.integers(1, 9))
def test_neither_the_order_of_parts_nor_how_scopes_are_grouped_matters(seed: int, groups: int) -> None:
    chance = random.Random(seed)
    parts = list(golden())
    chance.shuffle(parts)
    scopes = sorted({part.scope for part in parts})
    chance.shuffle(scopes)
    several = [set(scopes[number::groups]) for number in range(groups)]
    extractions = [assemble(part for part in parts if part.scope in some) for some in several]
    same(merged(extractions), assemble(golden()))


def test_more_results_than_a_tuple_should_hold_are_merged_packed_and_in_order() -> None:
    parts = [map_document(QUIET, f"set{number % 7}/page-{'abcdefghij'[number % 10]}{'x' * (number // 10)}.html") for number in range(600)]
    whole = assemble(parts)
    found = merged(assemble(parts, scope=scope) for scope in {part.scope for part in parts})
    assert not isinstance(found.reports, tuple)
    same(found, whole)


def test_what_belongs_together_and_was_assembled_apart_is_refused() -> None:
    one, other = (map_document(page("Web", ("TCP", "443", "any")), f"acme/gate/1.0/{name}.html") for name in "ab")
    with pytest.raises(ValueError, match=r"'acme', 'gate', '1\.0'"):
        assemble([one]).merge([assemble([other])])
    with pytest.raises(ValueError, match="two extractions"):
        assemble([one]).merge([assemble([one])])


# --- patches and the manifest -----------------------------------------------------------------------------------------


def patch(name: str, lines: str, vendor: str = "acme", product: str = "gate") -> Patch:
    (made,) = parse(f'[[patch]]\nid = "{name}"\nreason = "the vendor says so"\n{lines}\n', f"patches/{vendor}/{product}.toml")
    return msgspec.structs.replace(made, vendor=vendor, product=product)


RELEASES = [
    map_document(page("Web", ("TCP", "443", "Proxy"), ("TCP", port, "Proxies")), f"acme/gate/{release}/ports.html")
    for release, port in (("1.0", "8080"), ("1.1", "8081"), ("2.0", "8080"))
]
OTHERS = [
    map_document(page("Mail", ("TCP", "25", "any")), "acme/mail/1.0/ports.html"),
    map_document(page("Web", ("TCP", "8080", "any")), "other/gate/1.0/ports.html"),
    map_document(QUIET, "about.html"),
]
PATCHES = [
    patch("all-releases", 'match = { from_port = 443 }\nexpect = { rules = 3 }\nset = { description = "HTTPS" }'),
    patch("one-release", 'releases = ["1.1"]\nmatch = { from_port = 8081 }\nset = { description = "proxy" }'),
    patch("gone", 'releases = ["0.9"]\nmatch = { from_port = 1 }\ndrop = true'),
    patch("partly-gone", 'releases = ["1.0", "1.1"]\nmatch = { from_port = 8080 }\ndrop = true'),
    patch("names", '[patch.alias]\n"Proxies" = "Proxy"'),
    patch("names-otherwise", 'releases = ["3.0", "1.1"]\n[patch.alias]\n"Proxies" = "Relay"'),
    patch("added", 'releases = ["2.0"]\nmatch = { from_port = 8080 }\nadd = { from_port = 9090, to_port = 9090 }'),
    patch("mail", "match = { from_port = 25 }\ndrop = true", product="mail"),
    patch("nobody", "match = { from_port = 25 }\ndrop = true", vendor="nobody"),
]


@settings(max_examples=40, deadline=None)
@given(chosen=st.sets(st.integers(0, len(PATCHES) - 1)), kept=st.sets(st.integers(0, 5), min_size=1), seed=st.integers(0, 2**32))
def test_patches_go_by_product(chosen: set[int], kept: set[int], seed: int) -> None:
    patches = [PATCHES[number] for number in chosen]
    parts = [(*RELEASES, *OTHERS)[number] for number in kept]
    random.Random(seed).shuffle(parts)
    same(merged(by_units(parts, patches)), assemble(parts, patches=patches))


def test_only_the_scopes_that_patches_are_about_go_together() -> None:
    documents = [part.document for part in (*RELEASES, *OTHERS)]
    assert [len(unit.scopes) for unit in units(documents)] == [1] * 6
    found = units(documents, [PATCHES[3], PATCHES[8]])
    assert [unit.scopes for unit in found if len(unit.scopes) > 1] == [(("acme", "gate", "1.0"), ("acme", "gate", "1.1"))]
    assert found[-1].scopes == ()
    assert [one.id for one in found[-1].patches] == ["nobody"]


def test_the_shipped_patches_and_manifest_give_the_shipped_files() -> None:
    origins = api.find_manifest([DOCS])
    found = list(by_units(shipped(), load_patches(ROOT / "data" / "patches"), origins))
    assert files_of(merged(found)) == ((ROOT / "data/rules.json").read_bytes(), (ROOT / "data/report.json").read_bytes())


def test_an_entry_of_the_manifest_is_stale_only_where_no_scope_has_a_document_for_it(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(
        "\n".join(f'[[source]]\npath = "{path}"\nlicence = "MIT"' for path in ("acme", "acme/gate", "other", "nobody", "about.html"))
    )
    origins = extract.load_manifest(tmp_path / "sources.toml")
    parts = [*RELEASES, *OTHERS]
    whole = assemble(parts, origins=origins)
    assert [one.documents for one in whole.sources] == [4, 3, 1, 0, 1]
    same(merged(by_units(parts, origins=origins)), whole)
    assert [[found.code for found in one.findings] for one in whole.sources] == [[], [], [], ["source-unmatched"], []]


def test_a_patch_that_was_judged_twice_is_refused() -> None:
    one, other = (assemble(RELEASES, scope=part.scope, patches=[PATCHES[0]]) for part in RELEASES[:2])
    with pytest.raises(ValueError, match="the patch 'all-releases'"):
        one.merge([other])


# --- other processes --------------------------------------------------------------------------------------------------


def test_another_process_maps_to_the_same_part(tmp_path: Path) -> None:
    data = page("Web", ("TCP", "443", "any"))
    (tmp_path / "page.html").write_bytes(data)
    code = (
        "import pickle, sys; from extract import map_document;"
        "sys.stdout.buffer.write(pickle.dumps(map_document(open('page.html', 'rb').read(), 'page.html')))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    assert pickle.loads(run.stdout) == map_document(data, "page.html")  # noqa: S301 - of this test
