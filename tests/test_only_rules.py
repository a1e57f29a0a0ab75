"""Documents that hold no word for ports, ICMP or a protocol are passed over, and said to be; no document that holds rules ever is."""

from __future__ import annotations

import functools
import html as entities
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from extract import extract_paths, map_document, vocabulary
from extract.interpret.wordless import is_wordless
from extract.read import formats
from tests import goldens, transforms
from tests.roundtrip import pages
from tests.test_cli import DOCS, EXIT_CLEAN, EXIT_FINDINGS, HTTPS_ROW, Result, docrules, html, load
from tests.test_robustness import as_html
from tests.test_warc import archive, warc

QUIET = "# Licence\n\nThe method is patented. You may pass on copies of it.\n\n| Part | Price |\n| --- | --- |\n| Gate | 12 |\n"
PORTS = "| Port | Source |\n| --- | --- |\n| 443/tcp | Proxy |\n"
MADE = 200
SAID = "documents without a word for ports, ICMP or a protocol (--only-rules)"


def page(word: str) -> str:
    """Return a page in which a word heads a column, and nothing else says what its numbers are."""
    return f"<p>Gates &amp; co.<table><tr><th>{word}<th>Name<tr><td>443<td>Gate</table>"


# --- what is a word of rules ---


@pytest.mark.parametrize(
    "text",
    [
        *("Port", "PORTS", "port:443", "8080port", "dst_port", "tcp443", "TCP/IP", "icmpv6", "(UDP)", "ah", "6in4", "Destination-Port"),
        *("&#80;ort", "P&#x6F;rt", "p&ouml;rt poort", "po&shy;rt", "po&#173;rt", "tcp&nbsp;443", "&nbsptcp", "po\u00adrt", "t\u200bcp"),
        *("po<b>rt</b>", "<b>P</b>ort", "<i>t<b>c</b></i>p", "po<wbr>rt", "po<!-- -->rt", "<span class=x>t</span><span>cp</span>"),
        *("**P**ort", "po*rt*", "`po`rt", "\uff30\uff4f\uff52\uff54", "\uff34CP", "\u201ctcp\u201d", "\ufeffport", "tcp\u00b2"),
        *("\u041f\u041e\u0420\u0422", "\u043f\u043e\u0440\u0442\u0430\u043c\u0438", "C\u1ed5ng", unicodedata.normalize("NFD", "c\u1ed5ng")),
        *("\u00ba puerto n\u00ba", "Ba\u011flant\u0131\u00a0Noktas\u0131", "\u7aef\u53e3", "\u7aef<b>\u53e3</b>"),
        *("\u30dd\u30fc\u30c8", "\uff8e\uff9f\uff70\uff84"),
        *("\u652f\u6301udp\u4f20", "\u4f7f\u7528\u534f\u8bae", "\uc804\uc1a1 <b>\uacc4\uce35</b>", "giao&nbsp;th\u1ee9c"),
        *("all traffic", "All</b>\n  <b>Traffic", "authentication&nbsp;header", "Layer 4", "IP in IP", "udp lite", "transport layer"),
        *("firewall", "security <i>groups</i>", "pare-feu", "\u9632\u706b\u5899"),
    ],
)  # fmt: skip
def test_a_document_with_a_word_of_rules_is_never_passed_over(text: str) -> None:
    assert not is_wordless(page(text).encode())
    assert not is_wordless(f"---\ntitle: {text}\n---\n\n# Gates\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Support",
            "import",
            "Portal",
            "transported",
            "respond",
            "aha",
            "agree",
            "support\u00e9",
            "sport",
            "\u30b5\u30dd\u30fc\u30c8",
        ),
        *("all of the traffic", "authentication in a header", "layer 40", "re</td><td>port&egrave;", "any", "*", "anywhere"),
        *("\u00e9t\u00e9 \u2013 d\u00e9j\u00e0 &copy; 2024", "\u6587\u6863", "AT&T", "a &#x2014; b", "R&D;"),
    ],
)
def test_a_document_without_one_is(text: str) -> None:
    assert is_wordless(page(text).encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>The method and the transport.</p>", True),
        ("<form method=post></form><table><tr><td>Name</td></tr></table>", True),
        ("<table><tr><td>Name</td></tr></table><p>Method</p>", True),
        ("<table><tr><th>Method<th>Number", False),
        ("<TABLE><TR><TH class='x'><b>TRANSPORTS</b></TH>", False),
        ("Number | Method\n--- | ---\n443 | HTTPS\n", False),
        ("| Number |\n| --- |\n| 1 |\n\nThis method is old.", True),
    ],
)
def test_an_everyday_word_counts_in_the_cell_of_a_table(text: str, expected: bool) -> None:
    assert is_wordless(text.encode()) is expected


CASES: list[Callable[[str], str]] = [str, str.upper, str.title, functools.partial(unicodedata.normalize, "NFD")]
WRITTEN: list[Callable[[str], str]] = [
    str,
    lambda word: "".join(f"&#{ord(sign)};" for sign in word),
    lambda word: entities.escape(word).encode("ascii", "xmlcharrefreplace").decode(),
    "\u00ad".join,
    lambda word: f"<b>{word[0]}</b>{word[1:]}",
    lambda word: word.replace(" ", "&nbsp;"),
    lambda word: word.replace(" ", "</b>\n<i>"),
]


@pytest.mark.parametrize("write", range(len(WRITTEN)))
@pytest.mark.parametrize("case", range(len(CASES)))
def test_every_word_of_the_vocabulary_is_found_however_it_is_written(case: int, write: int) -> None:
    words = vocabulary.forms_of(vocabulary.traffic_words())
    # The capital of a Turkish letter is that of another one: nobody understands that in a header either.
    written = [form for word in words if vocabulary.fold(form := CASES[case](word)) == word]
    assert len(written) > 0.9 * len(words)
    assert [form for form in written if is_wordless(page(WRITTEN[write](form)).encode())] == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp932", "gb18030", "iso2022_jp", "euc_kr", "cp1251", "utf-8-sig"])
def test_a_document_in_an_encoding_that_hides_words_is_read(encoding: str) -> None:
    word = {"cp1251": "\u041f\u043e\u0440\u0442", "euc_kr": "\ud3ec\ud2b8"}.get(encoding, "\u30dd\u30fc\u30c8")
    assert not is_wordless(f"<meta charset={encoding}>{page(word)}".encode(encoding))


@pytest.mark.parametrize("word", ["\u043f\u043e\u0440\u0442", "protok\u00f3\u0142", "\u57e0"])
def test_words_that_were_decoded_wrongly_are_read(word: str) -> None:
    assert not is_wordless(page(word.encode().decode("windows-1252")).encode())


def test_a_saved_page_is_read_whatever_its_bytes_hold() -> None:
    header = b"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    assert not is_wordless(header + b"<html><table><tr><th>Po=\nrt")


@pytest.mark.parametrize(
    "data",
    [
        *(b"<" * 300_000, b"a<b " * 100_000, b"a<b>" * 100_000, b"&a" * 150_000, b"a*" * 150_000, b"all<" * 80_000, b"a" * 300_000),
        *(b"authentication <a authentication" * 10_000, b"method " * 50_000, "\u30b5\u30dd\u30fc\u30c8".encode() * 30_000),
    ],
)
def test_hostile_documents_without_a_word_are_passed_over(data: bytes) -> None:
    assert is_wordless(data) is not data.startswith(b"method")


def test_a_reference_that_python_cannot_read_is_no_error() -> None:
    assert not is_wordless(b"&#" + b"9" * 100_000 + b";")


# --- the rules are the same ---


def check(data: bytes, path: str) -> None:
    """Look whether a document that is passed over states nothing."""
    assert not is_wordless(data) or not map_document(data, path).states


@pytest.mark.parametrize("folder", goldens.folders(), ids=lambda folder: folder.name)
def test_golden_pages_give_the_same(folder: Path) -> None:
    file = goldens.page_of(folder)
    data = file.read_bytes()
    filtered, whole = map_document(data, file.name, only_rules=True), map_document(data, file.name)
    assert filtered == whole if whole.states else filtered.document.sha256 == whole.document.sha256


def test_generated_pages_give_the_same() -> None:
    for seed in range(MADE):
        check(pages.render(pages.make_page(seed)).encode(), f"{seed}.md")


@pytest.mark.parametrize("transform", [*transforms.SAME_RULES, *transforms.SAME_FLOWS], ids=lambda transform: transform.__name__)
def test_golden_pages_in_other_markup_give_the_same(transform: transforms.Transformation) -> None:
    for folder in goldens.folders():
        check(transform(as_html(folder)).encode(), "page.html")


def test_the_shipped_pages_give_the_same_rules() -> None:
    filtered, whole = extract_paths([DOCS], only_rules=True), extract_paths([DOCS])
    assert (filtered.rules, filtered.unresolved) == (whole.rules, whole.unresolved)


# --- what is said of a document that is passed over ---


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two releases with a page of rules each, a page without a word of them, and a file of another kind."""
    for release in ("1.0", "2.0"):
        (tmp_path / "docs/acme/gate" / release).mkdir(parents=True)
        (tmp_path / "docs/acme/gate" / release / "ports.html").write_text(html(HTTPS_ROW), "utf-8")
        (tmp_path / "docs/acme/gate" / release / "licence.md").write_text(QUIET, "utf-8")
    (tmp_path / "docs/logo.png").write_bytes(b"")
    return tmp_path


def run(folder: Path, *options: str | Path, cache: str | None = None) -> Result:
    kept = ["--cache", cache] if cache else ["--no-cache"]
    return docrules("run", "docs", "--out", "rules.json", "--report", "report.json", *kept, *options, cwd=folder)


def test_it_is_counted_and_has_a_line_of_its_own(folder: Path) -> None:
    ran = run(folder, "--only-rules", "--markdown", "summary.md", "--verbose")
    assert ran.code == EXIT_CLEAN
    assert f"not read: 2 {SAID}, 1 other file" in ran.err.splitlines()
    found = {one["document"] for one in ran.findings if one["code"] == "document-not-read"}
    assert found == {f"acme/gate/{release}/licence.md" for release in ("1.0", "2.0")}
    report = load(folder / "report.json")
    assert report["summary"]["not_read"] == {".png": 1, formats.WORDLESS: 2}
    assert [one["path"] for one in report["documents"] if not one["tables"]] == sorted(str(path) for path in found)
    assert f"Not read: 2 {SAID}, 1 other file." in (folder / "summary.md").read_text("utf-8")
    assert docrules("report", "--html", "page.html", cwd=folder).code == EXIT_CLEAN
    assert "2 documents without rules, none with a table; 2 not read" in (folder / "page.html").read_text("utf-8")


def test_without_the_option_every_document_is_read(folder: Path) -> None:
    assert "without a word" not in run(folder).err
    assert load(folder / "report.json")["summary"]["tables"] == 4


def test_the_rules_are_those_of_a_run_without_it(folder: Path) -> None:
    run(folder)
    whole = load(folder / "rules.json")
    run(folder, "--only-rules")
    assert [load(folder / "rules.json")[part] for part in ("rules", "unresolved")] == [whole[part] for part in ("rules", "unresolved")]


@pytest.mark.parametrize("options", [("--jobs", "2"), ("--engine", "dask", "--jobs", "1")], ids=["processes", "dask"])
def test_whoever_reads_passes_over_the_same(folder: Path, options: tuple[str, ...]) -> None:
    run(folder, "--only-rules")
    files = [(folder / name).read_bytes() for name in ("rules.json", "report.json")]
    assert run(folder, "--only-rules", *options).code == EXIT_CLEAN
    assert [(folder / name).read_bytes() for name in ("rules.json", "report.json")] == files


def test_what_a_cache_holds_changes_nothing(folder: Path) -> None:
    run(folder, "--only-rules")
    expected = (folder / "report.json").read_bytes()
    run(folder, cache="kept")
    ran = run(folder, "--only-rules", cache="kept")
    assert (folder / "report.json").read_bytes() == expected
    assert "2 of 4 documents unchanged since an earlier run" in ran.err
    # Nor does a document that was passed over stay so.
    assert "4 tables" in run(folder, cache="kept").err


def test_pages_of_archives_are_passed_over_too_but_for_those_whose_end_is_missing(tmp_path: Path) -> None:
    quiet = QUIET.encode()
    urls = [f"https://docs.example.com/gate/1.0/{name}" for name in ("ports", "licence", "cut")]
    records = [
        warc(urls[0], PORTS.encode(), kind="text/markdown"),
        warc(urls[1], quiet, kind="text/markdown"),
        warc(urls[2], quiet + b"|", kind="text/markdown", fields="WARC-Truncated: length\r\n"),
    ]
    for name in ("crawl.warc", "crawl.warc.gz"):
        found = extract_paths([archive(tmp_path, *records, name=name)], only_rules=True)
        assert len(found.rules) == 1
        codes = {report.path.rpartition("/")[2]: {one.code for one in report.findings} for report in found.reports}
        assert "document-not-read" in codes["licence~.md"]
        assert "page-cut" in codes["cut~.md"]
        assert "document-not-read" not in codes["cut~.md"] | codes["ports~.md"]
        assert found.summary.not_read == {formats.WORDLESS: 1}


def test_partitions_count_them_and_are_made_again_without_the_option(folder: Path) -> None:
    def partitioned(*options: str) -> str:
        return docrules("run", "docs", "--out", "out/", "--format", "jsonl", "--no-cache", *options, cwd=folder).err

    said = partitioned("--only-rules")
    assert f"not read: 2 {SAID}, 1 other file" in said
    files = {path: path.read_bytes() for path in folder.glob("out/**/*.jsonl")}
    assert "0 written, 0 removed, 2 unchanged" in partitioned("--only-rules")
    # What the filter should have missed shows.
    assert "without a word" not in partitioned()
    assert "4 documents" in partitioned("--report", "report.json")
    assert {path: path.read_bytes() for path in folder.glob("out/**/*.jsonl")} == files
    partitioned("--report", "report.json", "--only-rules")
    assert load(folder / "report.json")["summary"]["not_read"] == {".png": 1, formats.WORDLESS: 2}


def test_rules_that_are_gone_with_the_last_word_of_a_document_are_said(folder: Path) -> None:
    run(folder, "--only-rules")
    (folder / "docs/acme/gate/2.0/ports.html").write_text("<p>Gone.", "utf-8")
    ran = run(folder, "--only-rules")
    assert ran.code == EXIT_FINDINGS
    assert "its bytes hold no word for ports, ICMP or a protocol, so this document was not read (--only-rules)" in ran.err
    accepted = run(folder, "--only-rules", "--accept-shrink", "the page is closed")
    assert accepted.code == EXIT_CLEAN
    assert "warning: 1 document that gave rules to rules.json before had no word for ports, ICMP or a protocol now" in accepted.err
    assert "had no word" not in run(folder, "--only-rules").err


def test_rules_that_are_gone_from_a_partition_with_the_last_word_of_a_document_are_said(folder: Path) -> None:
    def partitioned(*options: str) -> Result:
        return docrules("run", "docs", "--out", "out/", "--format", "jsonl", "--no-cache", "--only-rules", *options, cwd=folder)

    partitioned()
    (folder / "docs/acme/gate/2.0/ports.html").write_text("<p>Gone.", "utf-8")
    ran = partitioned()
    assert ran.code == EXIT_FINDINGS
    assert "likely cause: its bytes hold no word for ports, ICMP or a protocol" in ran.err
    said = "warning: 1 document that gave rules to out before had no word for ports, ICMP or a protocol now"
    assert said not in ran.err
    assert said in partitioned("--accept-shrink", "the page is closed").err
    assert said not in partitioned().err
