"""Web archives: their pages are read as files are, each under a path of its address; what is damaged in them is said, and ends no run."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import fastwarc.stream_io
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import Extraction, api, extract_paths, schema
from extract.errors import UsageError
from extract.read import formats, layout
from extract.read.warc import payload, record, urls
from tests.test_cli import DOCS, EXIT_CLEAN, EXIT_UNREADABLE, EXIT_USAGE, HTTPS_ROW, REPO, docrules, html, load, pipes, ports

HTML = "text/html; charset=utf-8"
HOST = "https://docs.example.com/"
URL = f"{HOST}db/5.5/ports.html"
PATH = "docs.example.com/db/5.5/ports.html"
PAGE = html(HTTPS_ROW).encode()
OTHER = html(("TCP", "22", "Admins", "SSH")).encode()


def warc(
    url: str | bytes = URL,
    body: bytes = PAGE,
    *,
    kind: str | None = HTML,
    status: str = "200 OK",
    type_: str = "response",
    date: str = "2024-05-01T10:00:00Z",
    fields: str = "",
    http: str = "",
    length: int | str | None = None,
) -> bytes:
    """Return a record of an archive: what a server answered."""
    said = f"Content-Type: {kind}\r\n" if kind is not None else ""
    block = f"HTTP/1.1 {status}\r\n{said}{http}\r\n".encode() + body
    target = url.encode() if isinstance(url, str) else url
    head = b"WARC/1.1\r\nWARC-Type: %b\r\nWARC-Target-URI: %b\r\nWARC-Date: %b\r\n" % (type_.encode(), target, date.encode())
    size = len(block) if length is None else length
    return head + f"{fields}Content-Type: application/http\r\nContent-Length: {size}\r\n\r\n".encode() + block + b"\r\n\r\n"


def archive(folder: Path, *records: bytes, name: str = "crawl.warc") -> Path:
    """Write an archive; the suffix says whether it is compressed, a member a record."""
    path = folder / name
    path.write_bytes(b"".join(map(gzip.compress, records) if name.endswith(".gz") else records))
    return path


def extracted(folder: Path, *records: bytes, name: str = "crawl.warc", **options: Any) -> Extraction:
    return extract_paths([archive(folder, *records, name=name)], **options)


def found(extraction: Extraction) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in extraction.each_finding() if one.severity != "note"]


def paths(extraction: Extraction) -> list[str]:
    return [document.path for document in extraction.documents]


# --- the path of a page ---


@pytest.mark.parametrize("line", re.findall(r"^\| `http.*", (REPO / "docs/warc.md").read_text("utf-8"), re.MULTILINE))
def test_paths_are_those_of_the_documentation(line: str) -> None:
    url, path = re.findall(r"`(.*?)`", line)
    normal = urls.normal(url.encode())
    assert normal == url
    assert urls.path_of(url, Path(path).suffix) == path
    assert urls.host_of(path) == "docs.example.com"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (b"HTTPS://User:secret@Docs.Example.COM:443/a#part", "https://docs.example.com/a"),
        (b" <http://a.example:080> ", "http://a.example/"),
        (b"http://a.example:8080?x", "http://a.example:8080/?x"),
        (b"https://a.example/b/../c/./d/%2e%2E/e", "https://a.example/c/e"),
        (b"https://a.example/../../etc/passwd", "https://a.example/etc/passwd"),
        (b"https://a.example/b\\..\\c?", "https://a.example/c"),
        (b"https://a.example//b//", "https://a.example//b//"),
        ("https://bücher.example/ü \t|".encode(), "https://b%C3%BCcher.example/%C3%BC%20%7C"),
        (b"https://[2001:DB8::1]:8443/%7euser", "https://[2001:db8::1]:8443/~user"),
    ],
)
def test_an_address_is_written_in_one_way(written: bytes, normal: str) -> None:
    assert urls.normal(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        *(b"", b"a.html", b"ftp://a.example/", b"https:///x", b"https://../x", b"https://./x", b"https://a b/", b"https://a%2fb/"),
        *(b"https://a:b/", b"https://a:70000/", b"https://[::1/", b"https://a]/", b"dns:a.example", b"https://a/" + b"x" * 9_000),
    ],
)
def test_what_is_no_address_of_a_page(written: bytes) -> None:
    assert urls.normal(written) is None


SEGMENTS = st.lists(
    st.sampled_from(["", ".", "..", "a", "~", "%7E", "%2e", ".html", "a.html", "a.md", "~.html", "é", "\\", "a:b", "%", "\x00"])
)
QUERIES = st.sampled_from(["", "?", "?a", "?a=/b", "?~", "?.html", "?a=%2F", "?a?b", "#x"])
HOSTS = st.sampled_from(["a.example", "b", "[::1]", "é.example", "A", "..", "a%3A80", "a~b", "u@a"])
PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":"])
ADDRESSES = st.one_of(
    st.builds(
        lambda scheme, host, port, segments, query: f"{scheme}://{host}{port}/{'/'.join(segments)}{query}".encode(),
        st.sampled_from(["http", "https"]), HOSTS, PORTS, SEGMENTS, QUERIES,
    ),
    st.text(max_size=30).map(lambda text: f"https://a.example/{text}".encode("utf-8", "replace")),
    st.binary(max_size=30).map(b"http://a.example/".__add__),
)  # fmt: skip
SUFFIXES = st.sampled_from([urls.HTML, urls.MARKDOWN])


@given(ADDRESSES, SUFFIXES)
def test_a_path_is_safe_and_gives_its_address_back(written: bytes, suffix: str) -> None:
    url = urls.normal(written)
    if url is None:
        return
    assert urls.normal(url.encode()) == url
    path = urls.path_of(url, suffix)
    parts = path.split("/")
    assert not {"", ".", ".."} & set(parts)
    assert path.isascii() and path.isprintable() and "\\" not in path
    assert formats.suffix_of(path) == suffix
    assert urls.url_of(path) == url


@given(ADDRESSES, ADDRESSES, SUFFIXES, SUFFIXES)
def test_no_two_addresses_share_a_document(one: bytes, other: bytes, suffix: str, another: str) -> None:
    first, second = urls.normal(one), urls.normal(other)
    if first is not None and second is not None:
        same = formats.identity(urls.path_of(first, suffix)) == formats.identity(urls.path_of(second, another))
        assert same == (first == second)


# --- what is read ---


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz", "CRAWL.WARC.GZ"])
def test_a_page_is_a_document_under_its_address(tmp_path: Path, name: str) -> None:
    archive(tmp_path, warc(), name=name)
    result = docrules("run", name, cwd=tmp_path)
    data = load(tmp_path / "rules.json")
    assert result.code == EXIT_CLEAN
    assert ports(data["rules"]) == [("tcp", 443, 443)]
    [document] = data["documents"]
    assert {key: document[key] for key in ("id", "path", "url", "vendor", "product", "release")} == {
        "id": PATH.removesuffix(".html"),
        "path": PATH,
        "url": URL,
        "vendor": "docs.example.com",
        "product": "db",
        "release": "5.5",
    }
    assert data["rules"][0]["evidence"][0]["url"] == URL


def shipped() -> list[tuple[str, bytes]]:
    return [(path.relative_to(DOCS).as_posix(), path.read_bytes()) for path in sorted(DOCS.rglob("*.md"))]


def without_archive(extraction: Extraction) -> str:
    """Return the rules as text, with the ids that files have: in an archive a page in Markdown is `x.md~`, and it has an address."""
    rules = msgspec.json.encode([extraction.rules, extraction.unresolved]).decode()
    return re.sub(r'"url":(null|"[^"]*")', "", rules.replace(".md~", ""))


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_shipped_pages_give_the_same_rules_as_from_files(tmp_path: Path, name: str, jobs: int) -> None:
    records = [warc(f"https://{path}", data, kind="text/markdown") for path, data in shipped()]
    from_files = without_archive(extract_paths([DOCS]))
    assert without_archive(extracted(tmp_path, *records, name=name, jobs=jobs)) == from_files
    assert len(from_files) > 10_000


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_progress_is_told_of_the_pass_that_finds_pages(tmp_path: Path, name: str) -> None:
    records = [warc(f"{HOST}{page}.html", PAGE + b"<p>%d" % page) for page in range(18)]
    files = [archive(tmp_path, *records[:9], name=f"a-{name}"), archive(tmp_path, *records[9:], name=f"b-{name}")]
    size = sum(file.stat().st_size for file in files)
    calls: list[tuple[int, int]] = []
    assert len(api.find_sources(files, progress=lambda done, total: calls.append((done, total)))) == 18
    done = [number for number, _ in calls]
    assert done == sorted(done)
    assert len(set(done)) > 18
    assert (done[0], done[-1]) == (0, size)
    assert {total for _, total in calls} == {size}


@pytest.mark.parametrize("members", [1, 2, 3], ids=["one member", "two members", "three members"])
def test_members_that_hold_several_records_are_read_in_turn(tmp_path: Path, members: int) -> None:
    records = [warc(f"{HOST}{number}.html", html(("TCP", str(number), "A", "")).encode()) for number in range(1, 8)]
    size = -(-len(records) // members)
    whole = b"".join(gzip.compress(b"".join(records[start : start + size])) for start in range(0, len(records), size))
    (tmp_path / "x.warc.gz").write_bytes(whole)
    read = [extract_paths([tmp_path / "x.warc.gz"], jobs=2, cache=tmp_path / "cache") for _ in range(2)]
    assert [[rule.from_port for rule in one.rules] for one in read] == [[1, 2, 3, 4, 5, 6, 7]] * 2
    assert read[0].rules == extracted(tmp_path, *records).rules


@pytest.mark.parametrize(
    ("kind", "url", "suffix"),
    [
        ("text/html", f"{HOST}a", ".html"),
        ("Text/HTML;charset=x", f"{HOST}a.php", ".html"),
        ("text/html, text/html", f"{HOST}a", ".html"),
        ("application/xhtml+xml", f"{HOST}a.html", ".html"),
        ("text/markdown", f"{HOST}a.md", ".md"),
        ("text/plain", f"{HOST}a.md", ".md"),
        ("text/plain", f"{HOST}a.txt", ".md"),
        ("text/plain", f"{HOST}a.htm", ".html"),
        ("text/plain", f"{HOST}data.json", None),
        ("text/plain", f"{HOST}a.rst?x=a.md", None),
        ("text/css", f"{HOST}a.html", None),
        ("application/pdf", f"{HOST}a.html", None),
        (None, f"{HOST}a.html", None),
    ],
)
def test_media_types_say_what_is_a_page(tmp_path: Path, kind: str | None, url: str, suffix: str | None) -> None:
    text = pipes(HTTPS_ROW).encode() if suffix == ".md" else PAGE
    extraction = extracted(tmp_path, warc(url, text, kind=kind), warc())
    assert [Path(path).suffix for path in paths(extraction) if path != PATH] == ([suffix] if suffix else [])
    assert extraction.summary.not_read == ({} if suffix else {record.TYPE: 1})
    assert len(extraction.rules[0].evidence) + len(extraction.rules) == (3 if suffix else 2)


def test_the_archive_may_say_the_type_where_the_server_does_not(tmp_path: Path) -> None:
    assert paths(extracted(tmp_path, warc(kind=None, fields="WARC-Identified-Payload-Type: text/html\r\n"))) == [PATH]


def test_what_is_no_page_is_counted(tmp_path: Path) -> None:
    archive(
        tmp_path,
        warc("https://docs.example.com/1", type_="request"),
        warc("https://docs.example.com/2", type_="revisit"),
        warc("https://docs.example.com/3", type_="resource"),
        warc("https://docs.example.com/3").replace(b"WARC-Type", b"No-Type"),
        warc("https://docs.example.com/4", status="404 Not Found"),
        warc("https://docs.example.com/5", status="301 Moved Permanently"),
        warc("https://docs.example.com/6", kind="image/png"),
        warc("file:///etc/passwd"),
        warc(),
    )
    result = docrules("run", "crawl.warc", "--report", "report.json", cwd=tmp_path)
    said = (
        "not read: 2 records that are no HTTP responses, 1 revisit, which says that a page was unchanged, 2 responses with another status "
        "than 200, 1 response that is no page of text, 1 response whose address is no URL"
    )
    assert said in result.err.splitlines()
    counts = load(tmp_path / "report.json")["summary"]["not_read"]
    assert counts == {record.KIND: 2, record.REVISIT: 1, record.STATUS: 2, record.TYPE: 1, record.URL: 1}
    assert result.code == EXIT_CLEAN


def test_an_archive_without_a_page_is_a_wrong_call(tmp_path: Path) -> None:
    archive(tmp_path, warc(kind="image/png"))
    result = docrules("run", "crawl.warc", cwd=tmp_path)
    assert (result.code, result.err) == (EXIT_USAGE, "error: no page stands in crawl.warc; not read: 1 response that is no page of text\n")


def test_a_search_of_a_folder_counts_archives(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.html").write_bytes(PAGE)
    archive(tmp_path / "docs", warc(), name="a.warc.gz")
    result = docrules("run", "docs", cwd=tmp_path)
    assert "not read: 1 .warc (name the archive to have its pages read)" in result.err


# --- the same page again ---


@pytest.mark.parametrize("order", [1, -1])
def test_of_one_address_the_newest_response_counts(tmp_path: Path, order: int) -> None:
    dates = ["2023-12-31T23:59:59Z", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00.5Z"]
    pages = [html(("TCP", str(port), "A", "")).encode() for port in (1, 2, 3)]
    records = [warc(body=page, date=date) for page, date in zip(pages, dates, strict=True)][::order]
    extraction = extracted(tmp_path, *records)
    assert [rule.from_port for rule in extraction.rules] == [3]
    assert extraction.summary.not_read == {record.COPY: 2}


def test_the_same_response_is_read_once(tmp_path: Path) -> None:
    one = archive(tmp_path, warc(), warc(f"{URL}#part", date="2020-01-01T00:00:00Z"), name="1.warc")
    other = archive(tmp_path, warc(), name="2.warc.gz")
    read = [extract_paths(given) for given in ([one, other], [other, one], [one, tmp_path / "." / "1.warc", other])]
    assert [(paths(one), one.summary.not_read) for one in read] == [([PATH], {record.DUPLICATE: 2})] * 3


def test_pages_that_are_the_same_in_a_folder_are_read_once(tmp_path: Path) -> None:
    extraction = extracted(tmp_path, warc(f"{URL}?print=1"), warc(), warc(URL.replace("https", "http")))
    assert (paths(extraction), extraction.summary.not_read) == ([PATH], {record.DUPLICATE: 2})


def test_two_releases_may_have_the_same_page(tmp_path: Path) -> None:
    extraction = extracted(tmp_path, warc(), warc(URL.replace("5.5", "5.6")))
    assert [document.release for document in extraction.documents] == ["5.5", "5.6"]
    assert [rule.from_port for rule in extraction.rules] == [443, 443]


def test_the_digest_that_an_archive_states_makes_no_page_disappear(tmp_path: Path) -> None:
    digest = "WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"
    extraction = extracted(tmp_path, warc(fields=digest), warc(f"{HOST}db/5.5/other.html", OTHER, fields=digest))
    assert sorted(rule.from_port for rule in extraction.rules if rule.from_port is not None) == [22, 443]


def test_a_page_that_is_among_the_files_too_is_read_there(tmp_path: Path) -> None:
    mirrored = tmp_path / "mirror" / PATH
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(OTHER)
    extraction = extract_paths([tmp_path / "mirror", archive(tmp_path, warc())])
    assert [rule.from_port for rule in extraction.rules] == [22]
    assert extraction.summary.not_read == {record.COPY: 1}


# --- whose page it is ---


def test_the_host_is_the_vendor_where_the_folders_name_none(tmp_path: Path) -> None:
    [document] = extracted(tmp_path, warc("http://docs.example.com:8080/ports")).documents
    assert (document.vendor, document.product, document.release) == ("docs.example.com", None, None)
    assert (document.path, document.url) == ("docs.example.com%3A8080/ports~.html", "http://docs.example.com:8080/ports")


def test_a_release_of_a_host_is_one_scope_whatever_the_port(tmp_path: Path) -> None:
    extraction = extracted(tmp_path, warc(), warc(f"{URL.replace('https', 'http')}?x", OTHER))
    assert {(one.vendor, one.product, one.release) for one in extraction.documents} == {("docs.example.com", "db", "5.5")}


def test_the_layout_of_a_manifest_counts(tmp_path: Path) -> None:
    [written] = re.findall(r"```toml\n(.*?)```", (REPO / "docs/warc.md").read_text("utf-8"), re.DOTALL)
    assert schema.problem("sources", tomllib.loads(written)) is None
    (tmp_path / "sources.toml").write_text(written)
    records = [warc(f"{HOST}db/v7/a.html"), warc("https://other.example/kit/8/a.html"), warc("https://third.example/a.html")]
    names = [layout.Names(one.vendor, one.product, one.release) for one in extracted(tmp_path, *records).documents]
    assert names == [("example", "db", "7"), ("example", "kit", "8"), (None, None, None)]


def test_an_entry_of_a_manifest_describes_a_page(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(f'[[source]]\npath = "{PATH}"\nlicence = "CC-BY-4.0"\ntitle = "Ports"\n')
    [document] = extracted(tmp_path, warc()).documents
    assert (document.title, document.licence, document.url, document.vendor) == ("Ports", "CC-BY-4.0", URL, "docs.example.com")


# --- what was done on the way ---


def chunked(data: bytes, size: int = 100) -> bytes:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x;name=value\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def brotli(data: bytes, folder: Path) -> bytes:
    path = folder / "page.br"
    with path.open("wb") as file:
        writer = fastwarc.stream_io.BrotliWriter(file)
        writer.write(data)
        writer.close()
    return path.read_bytes()


def raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(data) + deflate.flush()


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Transfer-Encoding: chunked", chunked(PAGE)),
        ("Content-Encoding: gzip", gzip.compress(PAGE)),
        ("Content-Encoding: x-gzip", gzip.compress(PAGE[:50]) + gzip.compress(PAGE[50:])),
        ("Content-Encoding: deflate", zlib.compress(PAGE)),
        ("Content-Encoding: deflate", raw_deflate(PAGE)),
        ("Content-Encoding: identity", PAGE),
        ("Content-Encoding: deflate, gzip\r\nTransfer-Encoding: chunked", chunked(gzip.compress(zlib.compress(PAGE)))),
        ("Content-Encoding: deflate\r\nContent-Encoding: gzip", gzip.compress(zlib.compress(PAGE))),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", PAGE),
        ("Content-Encoding: br", PAGE),
    ],
)
def test_encodings_are_undone_unless_they_were_before(tmp_path: Path, header: str, body: bytes) -> None:
    extraction = extracted(tmp_path, warc(body=body, http=f"{header}\r\n"))
    assert (found(extraction), [rule.from_port for rule in extraction.rules]) == ([], [443])


def test_brotli_is_undone(tmp_path: Path) -> None:
    extraction = extracted(tmp_path, warc(body=brotli(PAGE, tmp_path), http="Content-Encoding: br\r\n"))
    assert (found(extraction), [rule.from_port for rule in extraction.rules]) == ([], [443])


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Content-Encoding: compress", "'compress', which is not known"),
        ("Content-Encoding: gzip, gzip, gzip, gzip, gzip", "encoded 5 times"),
        ("Transfer-Encoding: chunked, chunked", "encoded 2 times"),
    ],
)
def test_encodings_that_are_not_undone(tmp_path: Path, header: str, said: str) -> None:
    [(code, message)] = found(extracted(tmp_path, warc(http=f"{header}\r\n")))
    assert code == "unreadable-document"
    assert said in message and message.endswith("(crawl.warc, record at byte 0)")


LONG = html(*[("TCP", str(port), "A", "x") for port in range(1, 900)]).encode()


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Transfer-Encoding: chunked", chunked(LONG)[:20_000]),
        ("Content-Encoding: gzip", gzip.compress(LONG)[:-500]),
        ("Content-Encoding: deflate", zlib.compress(LONG)[:-500]),
    ],
)
def test_an_encoding_that_breaks_off_is_said(tmp_path: Path, header: str, body: bytes) -> None:
    extraction = extracted(tmp_path, warc(body=body, http=f"{header}\r\n"))
    assert ("page-cut", cut("its encoding breaks off")) in found(extraction)
    assert len(extraction.rules) > 100


def cut(why: str) -> str:
    return f"the end of this page is missing in the archive ({why}); what stands before it was read"


@pytest.mark.parametrize(
    ("fields", "http", "why"),
    [
        ("WARC-Truncated: length\r\n", "", "WARC-Truncated: length"),
        ("WARC-Truncated: [31m<b>\r\n", "", "WARC-Truncated"),
        ("WARC-Segment-Number: 1\r\n", "", "WARC-Segment-Number"),
        ("", f"Content-Length: {len(PAGE) + 1}\r\n", "the server announced more bytes"),
        ("", f"Content-Length: {'9' * 5_000}\r\n", "the server announced more bytes"),
        ("", f"Content-Length: {len(PAGE)}\r\n", None),
        ("", "Content-Length: 1\r\n", None),
        ("", "Content-Length: none\r\n", None),
        ("", f"Content-Encoding: gzip\r\nContent-Length: {len(PAGE) + 1}\r\n", None),
    ],
)
def test_a_page_whose_end_is_missing_is_said_cached_or_not(tmp_path: Path, fields: str, http: str, why: str | None) -> None:
    record_ = warc(fields=fields, http=http)
    said = [found(extracted(tmp_path, record_, cache=tmp_path / "cache")) for _ in range(2)]
    assert said == [[("page-cut", cut(why))] if why else []] * 2


NAME = "Übergang"


@pytest.mark.parametrize(
    ("charset", "data", "name"),
    [
        ("windows-1252", NAME.encode("windows-1252"), NAME),
        ('"ISO-8859-1"', NAME.encode("latin-1"), NAME),
        ("shift_jis", "東京".encode("shift_jis"), "東京"),
        ("iso-2022-jp", "東京".encode("iso-2022-jp"), "東京"),
        ("no-such", NAME.encode("windows-1252"), NAME),
    ],
)
@pytest.mark.parametrize("meta", ["", "<meta charset=koi8-r>"])
def test_the_charset_of_the_response_counts_above_that_of_the_page(tmp_path: Path, charset: str, data: bytes, name: str, meta: str) -> None:
    page = meta.encode() + html(("TCP", "443", "@", "x")).encode().replace(b"@", data)
    [rule] = extracted(tmp_path, warc(body=page, kind=f"text/html; charset={charset}")).rules
    if charset == "no-such" and meta:
        name = data.decode("koi8-r")
    assert rule.source is not None
    assert rule.source.name == name


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_byte_order_mark_and_bytes_in_utf_8_count_above_the_charset(tmp_path: Path, mark: str) -> None:
    page = html(("TCP", "443", NAME, "x")).encode(mark)
    [rule] = extracted(tmp_path, warc(body=page, kind="text/html; charset=windows-1251")).rules
    assert rule.source is not None
    assert rule.source.name == NAME


def test_bytes_that_the_charset_does_not_allow_are_said(tmp_path: Path) -> None:
    page = html(("TCP", "443", "@", "x")).encode().replace(b"@", NAME.encode("windows-1252"))
    said = found(extracted(tmp_path, warc(body=page, kind="text/html; charset=utf-8")))
    assert [code for code, _ in said] == ["undecodable-bytes"]


# --- damage ---

FIRST = warc(f"{HOST}1.html", html(("TCP", "1", "A", "")).encode())
LAST = warc(f"{HOST}3.html", html(("TCP", "3", "A", "")).encode())
BAD = {
    "length too large": warc(f"{HOST}2.html", OTHER, length=10**9),
    "length too small": warc(f"{HOST}2.html", OTHER, length=300),
    "length negative": warc(f"{HOST}2.html", OTHER, length=-1),
    "length beyond all numbers": warc(f"{HOST}2.html", OTHER, length="9" * 40),
    "no length": warc(f"{HOST}2.html", OTHER).replace(b"Content-Length", b"Content-Size"),
    "header of the record": warc(f"{HOST}2.html", OTHER, fields="X: y\r\n" * 100_000),
    "line in the header": warc(f"{HOST}2.html{'x' * 1_000_000}", OTHER),
    "no record": b"\r\n".join([b"<html>"] * 1_000),
    "other version": warc(f"{HOST}2.html", OTHER).replace(b"WARC/1.1", b"HTTP/1.1"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_a_record_that_is_none_is_said_with_its_place(tmp_path: Path, name: str, bad: bytes) -> None:
    records = [FIRST, bad, LAST]
    archive(tmp_path, *records, name=name)
    result = docrules("run", name, cwd=tmp_path)
    place = len(gzip.compress(FIRST)) if name.endswith(".gz") else len(FIRST)
    assert result.code == EXIT_UNREADABLE
    [said] = [one for one in result.findings if one["code"] == "unreadable-document"]
    assert said["document"] == name
    assert re.search(rf"at byte (0|{place:,}): ", said["message"] or "")
    read = [rule["from_port"] for rule in load(tmp_path / "rules.json")["rules"]]
    assert read[0] == 1
    assert (3 in read) == name.endswith(".gz"), "without compression nobody knows where the next record begins"


def test_the_header_of_a_response_costs_its_page_alone(tmp_path: Path) -> None:
    huge = warc(f"{HOST}2.html", OTHER, http="X: y\r\n" * 100_000)
    extraction = extracted(tmp_path, FIRST, huge, LAST)
    [(code, message)] = found(extraction)
    assert code == "unreadable-document"
    assert f"at byte {len(FIRST)}: the header of this response is none, or has more than 65,536 bytes" in message


@pytest.mark.parametrize("damage", [b"x" * 40, b"\x1f\x8b\x08\0" * 500], ids=["bytes", "beginnings of members"])
def test_a_damaged_member_costs_its_page_alone(tmp_path: Path, damage: bytes) -> None:
    one, two, three = (gzip.compress(record_) for record_ in (FIRST, warc(f"{HOST}2.html", OTHER), LAST))
    for data in (one + two[:60] + damage + two[100:] + three, one + damage + three, damage + one + three):
        (tmp_path / "x.warc.gz").write_bytes(data)
        extraction = extract_paths([tmp_path / "x.warc.gz"])
        assert [rule.from_port for rule in extraction.rules] == [1, 3]
        assert [code for code, _ in found(extraction)] == ["unreadable-document"]


@pytest.mark.parametrize("cut", [1, 60, 200, 450, 600])
@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_an_archive_that_ends_too_early(tmp_path: Path, name: str, cut: int) -> None:
    path = archive(tmp_path, FIRST, LAST, name=name)
    last = len(gzip.compress(LAST)) if name.endswith(".gz") else len(LAST)
    path.write_bytes(path.read_bytes()[: -min(cut, last - 20)])
    extraction = extract_paths([path])
    complete = cut == 1 and not name.endswith(".gz")
    assert [rule.from_port for rule in extraction.rules][:1] == [1]
    assert [code for code, _ in found(extraction)] == ([] if complete else ["unreadable-document"])


def test_zeros_behind_an_archive_are_padding(tmp_path: Path) -> None:
    path = archive(tmp_path, FIRST, name="x.warc.gz")
    path.write_bytes(path.read_bytes() + bytes(10_240))
    assert found(extract_paths([path])) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", b"\x1f\x8b", gzip.compress(b""), gzip.compress(PAGE), bytes(range(256)) * 999],
    ids=["nothing", "a page", "a beginning", "nothing packed", "a page packed", "bytes"],
)
@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_a_file_that_is_no_archive(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    result = docrules("run", name, cwd=tmp_path)
    assert result.code == EXIT_UNREADABLE
    assert [(one["document"], one["code"]) for one in result.findings] == [(name, "unreadable-document")]


def test_archives_of_one_name_are_told_of_together(tmp_path: Path) -> None:
    for folder in ("1", "2"):
        (tmp_path / folder).mkdir()
        archive(tmp_path / folder, b"none")
    result = docrules("run", "1/crawl.warc", "2/crawl.warc", cwd=tmp_path)
    assert result.code == EXIT_UNREADABLE
    assert [one["document"] for one in result.findings] == ["crawl.warc"]


def test_an_archive_that_changes_during_the_run(tmp_path: Path) -> None:
    from extract.api import extract_sources, find_sources

    path = archive(tmp_path, warc(), warc(f"{HOST}2.html"))
    sources = find_sources([path])
    path.write_bytes(b"x" * 10_000)
    said = found(extract_sources(sources))
    assert {message.partition(" (")[0] for _, message in said} == {"the archive is not what it was when this run began"}
    path.unlink()
    assert all("cannot be read" in message for _, message in found(extract_sources(sources)))


@given(st.data())
def test_damage_of_any_kind_ends_no_run(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["x.warc", "x.warc.gz"]))
    path = archive(tmp_path_factory.mktemp("archive"), FIRST, warc(), LAST, name=name)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=40))
    path.write_bytes(content)
    try:
        extraction = extract_paths([path])
    except UsageError as error:
        # The types of all records were hit.
        assert "no page stands in" in str(error)
    else:
        assert "internal-error" not in {code for code, _ in found(extraction)}


# Each in a process with this much memory and time of the processor; a page may have 64 MiB.
_SCRIPT = (
    "import resource, sys; from extract import extract_paths; "
    "resource.setrlimit(resource.RLIMIT_CPU, (30, 30)); resource.setrlimit(resource.RLIMIT_DATA, (300 << 20, 300 << 20)); "
    "print(*sorted({one.code for one in extract_paths([sys.argv[1]]).each_finding()}))"
)
_ZEROS = b"\0" * (1 << 20)


def zeros(megabytes: int, before: bytes = b"") -> bytes:
    """Return zeros, compressed: a thousandth of them is left."""
    deflate = zlib.compressobj(wbits=31)
    pieces = [deflate.compress(before), *(deflate.compress(_ZEROS) for _ in range(megabytes))]
    return b"".join(pieces) + deflate.flush()


def page_of_zeros() -> bytes:
    size = 300
    begin = warc(f"{HOST}2.html", b"", length=(size << 20) + 44).removesuffix(b"\r\n\r\n")
    return zeros(size, before=begin)


def overlapping(members: int) -> bytes:
    """Return beginnings of members, each followed by stored blocks that all of them go through (RFC 1951, 3.2.4) to a damaged end."""
    block = b"\0\x05\0\xfa\xff"
    begin = b"\x1f\x8b\x08" + bytes(7) + block + b"WARC/" + b"\0\x14\0\xeb\xff"
    return begin * members + block * 2 * 400_000


def refused(http: str, body: bytes) -> bytes:
    return FIRST + warc(f"{HOST}2.html", body, http=f"{http}\r\n")


WHOLE = gzip.compress(FIRST)
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a page of zeros": (lambda: WHOLE + page_of_zeros(), "unreadable-document"),
    "a member of zeros": (lambda: WHOLE + zeros(300), "unreadable-document"),
    "an encoding of zeros": (lambda: refused("Content-Encoding: gzip", zeros(300)), "unreadable-document"),
    "an encoding in an encoding": (lambda: refused("Content-Encoding: gzip, gzip", gzip.compress(zeros(300))), "unreadable-document"),
    "members of nothing": (lambda: WHOLE + gzip.compress(b"") * 20_000, "unreadable-document"),
    "a body of members of nothing": (lambda: refused("Content-Encoding: gzip", gzip.compress(b"") * 100_000), "page-cut"),
    "chunks of one byte": (lambda: refused("Transfer-Encoding: chunked", b"1\r\nx\r\n" * 300_000), "page-cut"),
    "beginnings of members": (lambda: WHOLE + b"\x1f\x8b\x08\0" * 200_000, "unreadable-document"),
    "damaged members in damaged members": (lambda: WHOLE + overlapping(30_000), "unreadable-document"),
    "records without end": (lambda: FIRST + b"WARC/1.1\r\n" * 200_000, "unreadable-document"),
    "fields in a header": (lambda: FIRST + warc(f"{HOST}2.html", fields="X: y\r\n" * 1_000_000), "unreadable-document"),
}


@pytest.mark.parametrize(("made", "code"), BOMBS.values(), ids=BOMBS.keys())
def test_work_is_bounded(tmp_path: Path, made: Callable[[], bytes], code: str) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(made())
    done = subprocess.run([sys.executable, "-c", _SCRIPT, path], capture_output=True, text=True, check=False)
    assert code in done.stdout.split(), done.stderr


# --- the other commands ---


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_the_source_is_shown_from_the_archive(tmp_path: Path, name: str) -> None:
    archive(tmp_path, warc(), warc(f"{HOST}db/5.5/other.html", OTHER), name=name)
    docrules("run", name, "--report", "rules.report.json", cwd=tmp_path)
    rule = load(tmp_path / "rules.json")["rules"][1]
    explained = docrules("explain", rule["id"], "--rules", "rules.json", "--docs", name, cwd=tmp_path)
    assert explained.code == EXIT_CLEAN
    assert b"<tr><td>TCP</td><td>443</td>" in explained.out
    reported = docrules("report", "rules.json", "--docs", name, "--html", "report.html", cwd=tmp_path)
    assert (reported.code, "warning" in reported.err) == (EXIT_CLEAN, False)
    assert "so its source is not shown" not in (tmp_path / "report.html").read_text("utf-8")


def test_where_the_archive_does_not_hold_the_page_that_is_said(tmp_path: Path) -> None:
    archive(tmp_path, warc())
    archive(tmp_path, warc(f"{HOST}x.html"), name="other.warc")
    docrules("run", "crawl.warc", "--report", "rules.report.json", cwd=tmp_path)
    reported = docrules("report", "rules.json", "--docs", "other.warc", cwd=tmp_path)
    assert f"other.warc holds no page {PATH} (name its archive with --docs), so its source is not shown" in reported.err
    archive(tmp_path, warc(body=OTHER), name="other.warc")
    changed = docrules("report", "rules.json", "--docs", "other.warc", cwd=tmp_path)
    assert "is not what was extracted" in changed.err
    assert "is no folder and no archive of pages" in docrules("report", "rules.json", "--docs", "rules.json", cwd=tmp_path).err


@pytest.mark.parametrize(
    "command", [("run", "crawl.warc", "--out", "crawl.warc"), ("report", "rules.json", "--docs", "crawl.warc", "--html", "crawl.warc")]
)
def test_the_archive_is_not_overwritten(tmp_path: Path, command: Sequence[str]) -> None:
    path = archive(tmp_path, warc())
    docrules("run", "crawl.warc", "--report", "rules.report.json", cwd=tmp_path)
    result = docrules(*command, cwd=tmp_path)
    assert (result.code, path.read_bytes()) == (EXIT_USAGE, warc())
    assert "would be overwritten" in result.err


def test_findings_about_pages_of_an_archive_have_no_place_in_the_repository(tmp_path: Path) -> None:
    archive(tmp_path, warc(body=PAGE.replace(b"443", b"70000")))
    docrules("run", "crawl.warc", "--sarif", "x.sarif", cwd=tmp_path)
    assert "crawl.warc" not in (tmp_path / "x.sarif").read_text("utf-8")


def test_without_the_library_the_message_names_the_extra(tmp_path: Path) -> None:
    archive(tmp_path, warc())
    # As on a machine where it is not installed.
    code = "import sys; sys.modules['fastwarc.warc'] = None; sys.argv[1:] = ['run', 'crawl.warc']; from extract.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_USAGE
    assert done.stderr == ("error: web archives are read with the library fastwarc, which is not installed; pip install 'docrules[warc]'\n")


def test_the_limit_of_a_page_is_that_of_its_decoded_bytes() -> None:
    assert len(payload.page(zlib.compress(bytes(record.MAX_BODY)), "", "deflate", None).data) == record.MAX_BODY
    with pytest.raises(Exception, match="more than 67,108,864 bytes"):
        payload.page(zlib.compress(bytes(record.MAX_BODY + 1)), "", "deflate", None)


def test_a_folder_named_like_an_archive_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.warc").mkdir()
    (tmp_path / "x.warc" / "page.html").write_bytes(PAGE)
    assert paths(extract_paths([tmp_path / "x.warc"])) == ["page.html"]
    with pytest.raises(UsageError, match="does not exist"):
        extract_paths([tmp_path / "none.warc"])
