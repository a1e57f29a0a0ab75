"""ZIP archives and EPUBs: what is packed gives the rules that it gives in a folder, and no archive leads out of itself or fills memory."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import Extraction, api, extract_paths
from extract.errors import DocrulesError, UsageError
from extract.read.not_read import in_words
from extract.read.pack import record
from tests.test_cli import EXIT_CLEAN, EXIT_FINDINGS, EXIT_UNREADABLE, EXIT_USAGE, HTTPS_ROW, docrules, html, load, pipes, ports
from tests.word_files import document, paragraph

PAGE = html(HTTPS_ROW).encode()
OTHER = html(("TCP", "22", "Admins", "SSH"), heading="Inbound rules for Admin Security Group").encode()
ADMIN = pipes(("TCP", "22", "Admins", "SSH")).encode()
FILES = {"acme/db/5.5/ports.html": PAGE, "acme/db/5.5/more/admin.md": ADMIN, "notes.yaml": b"a: 1\n"}
CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
XHTML = b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Ports</title></head><body>%b</body></html>'
FONTS = "http://www.idpf.org/2008/embedding"


def item(href: str, kind: str = "application/xhtml+xml") -> str:
    return f'<item id="x" href="{href}" media-type="{kind}"/>'


def encrypted(*algorithms: str) -> str:
    """Return what says that files of an EPUB are encrypted."""
    said = "".join(f'<e:EncryptedData><e:EncryptionMethod Algorithm="{one}"/></e:EncryptedData>' for one in algorithms)
    return f'<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#">{said}</encryption>'


def epub(*items: str, **files: bytes | str) -> dict[str, bytes | str]:
    """Return the files of an EPUB; names have two underscores in place of each slash, and one in place of each dot."""
    package = f'<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>{"".join(items)}</manifest></package>'
    written = {name.replace("__", "/").replace("_", "."): content for name, content in files.items()}
    return {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package, **written}


def pack(path: Path, files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write an archive of files."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return path


def unpacked(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def paths(extraction: Extraction) -> list[str]:
    return [one.path for one in extraction.documents]


def problems(extraction: Extraction) -> list[str]:
    return [one.message for one in extraction.each_finding() if one.code == "unreadable-document"]


# --- as a folder ---


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("root", [None, "."])
def test_an_archive_gives_the_data_of_the_folder_that_it_was_made_of(tmp_path: Path, method: int, root: str | None) -> None:
    unpacked(tmp_path / "a" / "docs.zip", FILES)
    (tmp_path / "b").mkdir()
    pack(tmp_path / "b" / "docs.zip", FILES, method)
    options = ("--root", root) if root else ()
    for place in "ab":
        ran = docrules("run", "docs.zip", *options, "--out", "rules.json", "--report", "report.json", cwd=tmp_path / place)
        assert ran.code == EXIT_CLEAN
        assert "not read: 1 .yaml" in ran.err
    for file in ("rules.json", "report.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert sorted(ports(load(tmp_path / "b" / "rules.json")["rules"])) == [("tcp", 22, 22), ("tcp", 443, 443)]


def test_a_page_gives_the_same_rules_in_a_folder_an_archive_and_an_epub(tmp_path: Path) -> None:
    page = XHTML % PAGE
    folder = unpacked(tmp_path / "folder", {"OEBPS/ports.xhtml": page})
    zipped = pack(tmp_path / "docs.zip", {"OEBPS/ports.xhtml": page})
    book = pack(tmp_path / "book.epub", epub(item("ports.xhtml"), OEBPS__ports_xhtml=page))
    one, other, third = (extract_paths([given]) for given in (folder, zipped, book))
    assert one.rules == other.rules == third.rules
    assert len(one.rules) == 1
    assert one.documents == other.documents == third.documents


def test_other_kinds_are_read_in_archives(tmp_path: Path) -> None:
    given = pack(tmp_path / "docs.zip", {"manual.docx": document(paragraph("Ports")), "ports.csv": "Protocol,Port\nTCP,443\n"})
    made = extract_paths([given])
    assert [(one.path, one.format) for one in made.documents] == [("manual.docx", "docx")]
    assert made.summary.not_read == {".csv": 1}


def test_processes_and_caches_change_nothing(tmp_path: Path) -> None:
    many = {f"p{number}.html": html(("TCP", str(number), "A", "B")) for number in range(1, 71)}
    given = pack(tmp_path / "docs.zip", many)
    alone = extract_paths([given])
    assert len(alone.rules) == 70
    assert extract_paths([given], jobs=2, cache=tmp_path / "cache") == alone
    assert extract_paths([given], cache=tmp_path / "cache") == alone


def test_an_archive_is_read_when_it_is_named(tmp_path: Path) -> None:
    unpacked(tmp_path / "docs", {"page.html": PAGE})
    pack(tmp_path / "docs" / "more.zip", {"admin.html": OTHER})
    pack(tmp_path / "docs" / "book.epub", {})
    ran = docrules("run", "docs", "--out", "-", cwd=tmp_path)
    assert "not read: 1 .epub, 1 .zip (name the archive to have its pages read)" in ran.err
    both = extract_paths([tmp_path / "docs", tmp_path / "docs" / "more.zip", tmp_path / "docs" / "more.zip"])
    assert paths(both) == ["admin.html", "page.html"]
    assert both.summary.not_read == {".epub": 1}


def test_two_documents_of_one_path_end_the_run(tmp_path: Path) -> None:
    pack(tmp_path / "a.zip", {"page.html": PAGE})
    pack(tmp_path / "b.zip", {"page.html": OTHER})
    ran = docrules("run", "a.zip", "b.zip", "--out", "-", cwd=tmp_path)
    assert ran.code == EXIT_USAGE
    assert "page.html in a.zip and page.html in b.zip would both be the document 'page'; rename one, or give the folder" in ran.err
    assert docrules("run", "a.zip", "b.zip", "--root", ".", "--out", "-", cwd=tmp_path).code == EXIT_CLEAN


@pytest.mark.parametrize(("root", "docs"), [(None, "in/docs.zip"), ("in", "in")])
def test_the_commands_that_show_a_source_find_it(tmp_path: Path, root: str | None, docs: str) -> None:
    (tmp_path / "in").mkdir()
    pack(tmp_path / "in" / "docs.zip", FILES)
    docrules("run", "in/docs.zip", *(("--root", root) if root else ()), "--out", "rules.json", "--report", "report.json", cwd=tmp_path)
    rule = next(one for one in load(tmp_path / "rules.json")["rules"] if one["from_port"] == 443)
    assert b"<tr><td>TCP</td><td>443</td>" in docrules("explain", rule["id"], "--rules", "rules.json", "--docs", docs, cwd=tmp_path).out
    reported = docrules("report", "rules.json", "--docs", docs, "--html", "report.html", cwd=tmp_path)
    assert "is not shown" not in reported.err
    pack(tmp_path / "in" / "docs.zip", {"other.html": PAGE})
    reported = docrules("report", "rules.json", "--docs", docs, cwd=tmp_path)
    assert "docs.zip holds no document acme/db/5.5/ports.html (name its archive with --docs)" in reported.err


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_an_archive_that_lost_a_page_does_not_take_the_place_of_its_rules(tmp_path: Path, form: str) -> None:
    out, published = ("rules.json", "rules.json") if form == "json" else ("rules/", "rules/vendor=acme/product=db/release=5.5/rules.jsonl")
    call = ("run", "docs.zip", "--format", form, "--out", out)
    pack(tmp_path / "docs.zip", FILES)
    assert docrules(*call, cwd=tmp_path).code == EXIT_CLEAN
    before = (tmp_path / published).read_bytes()
    pack(tmp_path / "docs.zip", {"acme/db/5.5/ports.html": PAGE})
    lost = docrules(*call, cwd=tmp_path)
    assert lost.code == EXIT_FINDINGS and "acme/db/5.5: " in lost.err and "less would be left than" in lost.err, lost.err
    assert (tmp_path / published).read_bytes() == before
    assert docrules(*call, "--accept-shrink", "it is gone", cwd=tmp_path).code == EXIT_CLEAN
    assert (tmp_path / published).read_bytes() != before


def test_a_patch_for_what_lies_beside_an_archive_is_not_stale(tmp_path: Path) -> None:
    (tmp_path / "patches/acme").mkdir(parents=True)
    patch = '[[patch]]\nid = "p"\nreason = "r"\nmatch = { document = "acme/db/5.6/ports", port_text = "1" }\ndrop = true\n'
    (tmp_path / "patches/acme/db.toml").write_text(patch, "utf-8")
    pack(tmp_path / "docs.zip", FILES)
    assert docrules("run", "docs.zip", "--patches", "patches", "--out", "rules.json", cwd=tmp_path).code == EXIT_CLEAN


def test_a_run_does_not_write_over_its_archive(tmp_path: Path) -> None:
    given = pack(tmp_path / "docs.zip", FILES)
    before = given.read_bytes()
    assert docrules("run", "docs.zip", "--out", "docs.zip", cwd=tmp_path).code == EXIT_USAGE
    assert given.read_bytes() == before


def test_frames_of_a_page_that_a_browser_saved_are_documents_of_their_own(tmp_path: Path) -> None:
    unpacked(tmp_path / "docs", {"page.html": PAGE, "page_files/frame.html": OTHER, "page_files/style.css": b""})
    made = extract_paths([tmp_path / "docs"])
    assert paths(made) == ["page.html", "page_files/frame.html"]
    assert [one.from_port for one in made.rules] == [443, 22]


# --- names ---

NAMES = [
    ("a/b.html", ["a/b.html"], {}),
    ("./a//b.html", ["a/b.html"], {}),
    ("a\\b.html", ["a/b.html"], {}),
    ("ü/端口.html", ["ü/端口.html"], {}),
    ("/etc/b.html", [], {record.NAME: 1}),
    ("../b.html", [], {record.NAME: 1}),
    ("a\\..\\..\\b.html", [], {record.NAME: 1}),
    ("C:\\b.html", [], {record.NAME: 1}),
    ("a\nb.html", [], {record.NAME: 1}),
    (".hidden/b.html", [], {}),
    ("a/.b.html", [], {}),
    ("__MACOSX/a/b.html", [], {}),
    ("a.html/", [], {}),
    ("inner.zip", [], {record.NESTED: 1}),
    ("a/inner.EPUB", [], {record.NESTED: 1}),
    ("crawl.warc.gz", [], {record.NESTED: 1}),
    ("data.JSON", [], {".json": 1}),
    ("LICENSE", [], {"": 1}),
]


@pytest.mark.parametrize(("name", "found", "passed"), NAMES, ids=[name for name, _, _ in NAMES])
def test_what_the_name_of_a_file_says(tmp_path: Path, name: str, found: list[str], passed: dict[str, int]) -> None:
    made = extract_paths([pack(tmp_path / "docs.zip", {"z.html": OTHER, name: PAGE})])
    assert paths(made) == sorted([*found, "z.html"])
    assert made.summary.not_read == passed
    assert not problems(made)


@pytest.mark.parametrize(
    ("raw", "name"), [("ü.html".encode(), "ü.html"), ("ü.html".encode("cp437"), "ü.html"), (b"\xffx.html", "\N{NO-BREAK SPACE}x.html")]
)
def test_names_that_do_not_say_their_encoding(tmp_path: Path, raw: bytes, name: str) -> None:
    stand_in = b"x" * (len(raw) - 5) + b".html"
    given = pack(tmp_path / "docs.zip", {stand_in.decode(): PAGE})
    given.write_bytes(given.read_bytes().replace(stand_in, raw))
    made = extract_paths([given])
    assert (paths(made), len(made.rules)) == ([name], 1)


def test_links_are_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.html")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as archive:
        archive.writestr("page.html", PAGE)
        archive.writestr(link, "/etc/passwd")
    ran = docrules("run", "docs.zip", "--out", "rules.json", cwd=tmp_path)
    assert ran.code == EXIT_CLEAN
    assert "not read: 1 link in an archive, which is not followed" in ran.err


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("second", "rules", "problem"), [(PAGE, 1, ""), (OTHER, 0, "2 files of this name, which differ")])
def test_two_files_of_one_name(tmp_path: Path, second: bytes, rules: int, problem: str) -> None:
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as archive:
        archive.writestr("page.html", PAGE)
        archive.writestr("page.html", second)
    made = extract_paths([tmp_path / "docs.zip"])
    assert len(made.rules) == rules
    assert problem in "".join(problems(made))
    assert made.summary.not_read == ({} if problem else {record.COPY: 1})


def same_checksum(start: bytes, as_of: bytes) -> bytes:
    """Return bytes that begin with some and have the CRC-32 of others: four more bytes are enough for any (Stigge and others, 2006)."""
    table = [zlib.crc32(bytes([number])) ^ zlib.crc32(b"\0") for number in range(256)]
    back = {entry >> 24: (entry << 8 ^ number) & 0xFFFFFFFF for number, entry in enumerate(table)}
    register = zlib.crc32(as_of) ^ 0xFFFFFFFF
    for byte in reversed(struct.pack("<L", zlib.crc32(start) ^ 0xFFFFFFFF)):
        register = (register << 8 & 0xFFFFFFFF) ^ back[register >> 24] ^ byte
    return start + struct.pack("<L", register)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_of_one_name_and_one_checksum_may_differ(tmp_path: Path) -> None:
    first = PAGE.replace(b"443", b"444") + b"<!---->"
    second = same_checksum(PAGE + b"<!-", first)
    assert (len(first), zlib.crc32(first)) == (len(second), zlib.crc32(second))
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as archive:
        archive.writestr("page.html", first)
        archive.writestr("page.html", second)
    made = extract_paths([tmp_path / "docs.zip"])
    assert (made.rules, ["2 files of this name, which differ" in one for one in problems(made)]) == ((), [True])


@pytest.mark.parametrize("kind", record.WORDS)
def test_what_is_counted_has_words(kind: str) -> None:
    one, several = record.WORDS[kind]
    assert (in_words({kind: 1}), in_words({kind: 2})) == (f"1 {one}", f"2 {several}")


# --- what cannot be read ---


def changed(data: bytes, *changes: tuple[int, bytes]) -> bytes:
    """Return an archive of one file whose entry in the list of files has other bytes at some places."""
    start = data.rindex(b"PK\x01\x02")
    entry = bytearray(data[start:])
    for place, content in changes:
        entry[place : place + len(content)] = content
    return data[:start] + bytes(entry)


def one_file(content: bytes = PAGE, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("page.html"), content, method)
    return written.getvalue()


def placed(data: bytes, offset: int) -> bytes:
    """Return an archive of one file whose list of files says with 64 bits where it stands (APPNOTE 4.5.3)."""
    start, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    extra = struct.pack("<HHQ", 1, 8, offset)
    entry = bytearray(data[start:end]) + extra
    entry[30:32], entry[42:46] = struct.pack("<H", len(extra)), b"\xff" * 4
    finish = bytearray(data[end:])
    finish[12:16] = struct.pack("<L", len(entry))
    return data[:start] + bytes(entry) + bytes(finish)


WHOLE = one_file()
BROKEN = {
    "behind its end": (placed(WHOLE, 2**40), "damaged or cut off in its archive"),
    "beyond any file": (placed(WHOLE, 2**63), "damaged or cut off in its archive"),
    "no archive": (b"<html>", "this archive is none, or is damaged or cut off"),
    "empty": (b"", "this archive is none, or is damaged or cut off"),
    "cut off": (WHOLE[:-30], "this archive is none, or is damaged or cut off"),
    "password": (changed(WHOLE, (8, b"\x01\x00")), "asks for a password"),
    "checksum": (changed(WHOLE, (16, b"\x00\x00\x00\x00")), "damaged or cut off in its archive (docs.zip, at byte 0)"),
    "longer than it says": (changed(WHOLE, (24, struct.pack("<L", 10))), "damaged or cut off in its archive"),
    "shorter than it says": (changed(WHOLE, (24, struct.pack("<L", 10_000))), "damaged or cut off in its archive"),
    "not where it says": (changed(WHOLE, (42, struct.pack("<L", 5))), "damaged or cut off in its archive"),
    "bytes": (WHOLE[:50] + bytes([WHOLE[50] ^ 0xFF]) + WHOLE[51:], "damaged or cut off in its archive"),
    "other compression": (one_file(method=zipfile.ZIP_LZMA), "packed in a way that is not read"),
    "too large": (changed(WHOLE, (24, struct.pack("<L", record.MAX_PAGE + 1))), "has more than 67,108,864 bytes"),
    "bomb": (changed(WHOLE, (24, struct.pack("<L", 3_000_000_000))), "take 3,000,000,000 bytes when they are unpacked"),
    "over each other": (changed(WHOLE, (20, struct.pack("<L", 100_000))), "lie over each other"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str) -> None:
    data, problem = BROKEN[name]
    (tmp_path / "docs.zip").write_bytes(data)
    (tmp_path / "other.html").write_bytes(OTHER)
    ran = docrules("run", "docs.zip", "other.html", "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_UNREADABLE, {"unreadable-document"})
    assert problem in ran.err
    # What else is given is read all the same.
    assert ports(load(tmp_path / "rules.json")["rules"]) == [("tcp", 22, 22)]


def test_a_list_of_files_without_end_is_not_held(tmp_path: Path) -> None:
    size = (16 << 20) + 1
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, size, 0, 0)
    (tmp_path / "docs.zip").write_bytes(b"PK\x01\x02" + bytes(size - 4) + end)
    assert "its list of files has more than 16,777,216 bytes" in problems(extract_paths([tmp_path / "docs.zip"]))[0]


def test_an_archive_without_documents_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no document stands in .*docs\.zip; not read: 1 \.yaml"):
        extract_paths([pack(tmp_path / "docs.zip", {"a.yaml": "a"})])


def test_an_archive_that_changes_below_a_run(tmp_path: Path) -> None:
    given = pack(tmp_path / "docs.zip", {"page.html": PAGE})
    sources = api.find_sources([given])
    given.write_bytes(b"")
    assert "damaged or cut off in its archive" in problems(api.extract_sources(sources))[0]
    given.unlink()
    assert problems(api.extract_sources(sources)) == ["cannot be read: No such file or directory"]


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, len(WHOLE)))
def test_damage_ends_in_words(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place] = byte
    file = tmp_path_factory.mktemp("damaged") / "docs.zip"
    for content in (bytes(data), WHOLE[:end]):
        file.write_bytes(content)
        try:
            made = extract_paths([file])
        except DocrulesError:
            continue
        assert len(made.rules) == 1 or problems(made) or content == WHOLE


# --- EPUB ---


def test_the_pages_of_an_epub_are_those_of_its_package_document(tmp_path: Path) -> None:
    items = (
        item("Text/ports%20a.xhtml"),
        item("../admin.xml"),
        item("style.css", "text/css"),
        item("https://example.com/x.html"),
        item("../../x.html"),
    )
    files = epub(*items, OEBPS__style_css="", OEBPS__old_html=OTHER)
    files |= {"OEBPS/Text/ports a.xhtml": XHTML % PAGE, "admin.xml": XHTML % OTHER}
    made = extract_paths([pack(tmp_path / "book.epub", files)])
    assert paths(made) == ["OEBPS/Text/ports a.xhtml", "admin.xml~.xhtml"]
    assert {one.format for one in made.documents} == {"html"}
    assert sorted(one.from_port or 0 for one in made.rules) == [22, 443]
    assert made.summary.not_read == {".css": 1, ".opf": 1, record.NAME: 1, record.UNLISTED: 1}


@pytest.mark.parametrize("algorithms", [(FONTS,), ("http://ns.adobe.com/pdf/enc#RC", FONTS)])
def test_fonts_of_an_epub_may_be_obfuscated(tmp_path: Path, algorithms: tuple[str, ...]) -> None:
    files = epub(item("ports.xhtml"), OEBPS__ports_xhtml=XHTML % PAGE) | {"META-INF/encryption.xml": encrypted(*algorithms)}
    assert len(extract_paths([pack(tmp_path / "book.epub", files)]).rules) == 1


NO_BOOKS = {
    "protected": ({"META-INF/encryption.xml": encrypted(FONTS, "http://www.w3.org/2001/04/xmlenc#aes256-cbc")}, "this EPUB is protected"),
    "protected by an unknown way": ({"META-INF/encryption.xml": encrypted("")}, "this EPUB is protected"),
    "encryption that is no XML": ({"META-INF/encryption.xml": "<a"}, "META-INF/encryption.xml of this EPUB: this is no well-formed XML"),
    "container that is no XML": ({"META-INF/container.xml": "<a"}, "META-INF/container.xml of this EPUB: this is no well-formed XML"),
    "container without a package": ({"META-INF/container.xml": "<container/>"}, "it holds no package document"),
    "package elsewhere": ({"META-INF/container.xml": CONTAINER.replace("OEBPS", "/etc")}, "it holds no /etc/book.opf"),
    "package too large": ({"OEBPS/book.opf": " " * (9 << 20)}, "OEBPS/book.opf of this EPUB has more than 8,388,608 bytes"),
    "entities": (
        {"OEBPS/book.opf": f'<!DOCTYPE a [<!ENTITY a "{"b" * 1000}">]><a>{"&a;" * 2000}</a>'},
        "OEBPS/book.opf of this EPUB: ",
    ),
}


@pytest.mark.parametrize("name", NO_BOOKS)
def test_what_is_no_epub_that_can_be_read(tmp_path: Path, name: str) -> None:
    others, problem = NO_BOOKS[name]
    pack(tmp_path / "book.epub", epub(item("ports.xhtml"), OEBPS__ports_xhtml=XHTML % PAGE) | others)
    ran = docrules("run", "book.epub", "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_UNREADABLE, {"unreadable-document"})
    assert problem in ran.err


def test_an_archive_of_files_is_no_epub(tmp_path: Path) -> None:
    made = extract_paths([pack(tmp_path / "book.epub", FILES)])
    assert problems(made) == ["this is no EPUB: it holds no META-INF/container.xml; give it the suffix of what it is"]


def test_two_pages_of_an_epub_that_would_be_one_document_are_named(tmp_path: Path) -> None:
    given = pack(tmp_path / "book.epub", epub(item("a.xhtml"), item("a.html"), OEBPS__a_xhtml=XHTML % PAGE))
    with pytest.raises(UsageError, match=r"OEBPS/a\.html in .*book\.epub and OEBPS/a\.xhtml in .*book\.epub would both be"):
        extract_paths([given])


def test_a_page_that_an_epub_lists_and_does_not_hold(tmp_path: Path) -> None:
    files = epub(item("ports.xhtml"), item("gone.xhtml"), OEBPS__ports_xhtml=XHTML % PAGE)
    made = extract_paths([pack(tmp_path / "book.epub", files)])
    assert len(made.rules) == 1
    assert problems(made) == ["the package document of this EPUB lists this page, and it is missing; download the EPUB again"]
