"""`docrules fetch`, against a real server that does what servers do on bad days."""

from __future__ import annotations

import contextlib
import email.utils
import functools
import gzip
import importlib.metadata
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from extract.fetch import state
from extract.fetch.page import _is_private_host
from tests.test_cli import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    REPO,
    SECONDS,
    Result,
    docrules,
    docrules_process,
    load,
    names,
)

PAGE = b"<h1>Inbound rules for Web Security Group</h1><table><tr><th>Protocol<th>Port</tr><tr><td>TCP<td>443</tr></table>"
OTHER = PAGE.replace(b"443", b"8443")
PATH = "acme/gate/1.0/web.html"
HTML = {"Content-Type": "text/html"}
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of the server")

Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by what the test wants for the target; requests are remembered."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.requests.append((self.path, dict(self.headers.items())))
        replies = self.server.replies.get(self.path, [send(b"no such page", status=404)])
        # The last one is for all further requests.
        (replies.pop(0) if len(replies) > 1 else replies[0])(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether there is still somebody to wait for."""
        return not self.server.stopped.wait(seconds)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: dict[str, list[Reply]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.stopped = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what some tests are about."""

    def answer(self, target: str, *replies: Reply) -> str:
        """Set what is answered for a path, or for an address when the server stands in for a proxy; return the address."""
        self.replies[target] = list(replies)
        return f"{self.address}{target}" if target.startswith("/") else target

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def send(body: bytes = PAGE, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def reply(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Type": "text/html", "Content-Length": str(len(body))} | named).items():
            if value:
                handler.send_header(name, value)
        handler.end_headers()
        handler.write(body)

    return reply


def redirect(target: str, status: int = 302) -> Reply:
    return send(b"", status, Location=target)


def raw(*parts: bytes, pause: float = 0.0) -> Reply:
    """Answer with bytes as they are, then hang up."""

    def reply(handler: Handler) -> None:
        for part in parts:
            handler.write(part)
            if pause and not handler.wait(pause):
                return

    return reply


def endlessly(begin: bytes, part: bytes, pause: float = 0.0) -> Reply:
    def reply(handler: Handler) -> None:
        handler.write(begin)
        while not (pause and not handler.wait(pause)):
            handler.write(part)

    return reply


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def site() -> Iterator[Server]:
    with running(Server()) as server:
        yield server


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


def write(docs: Path, *pages: tuple[str, str]) -> None:
    entries = [f"[[source]]\npath = {json.dumps(path)}\nurl = {json.dumps(url)}\n" for path, url in pages]
    (docs / "sources.toml").write_text("\n".join(entries), "utf-8")


def written(file: Path) -> tuple[int, int, int]:
    """Return what tells whether a file was written. When it was read last is no part of that."""
    status = file.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def fetch(docs: Path, url: str, *options: str | Path) -> Result:
    """Fetch one page to PATH."""
    write(docs, (PATH, url))
    return docrules("fetch", docs, *options, cwd=docs.parent)


def put(docs: Path, data: bytes = PAGE, path: str = PATH) -> Path:
    file = docs / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def failure(result: Result) -> str:
    """Return why the one page failed; the copy from before must be there still."""
    first, last = result.err.splitlines()
    assert (result.code, last) == (EXIT_FINDINGS, "1 page: 0 fetched, 0 unchanged, 1 failed")
    reason, kept = first.removeprefix(f"{PATH}: failed: ").rsplit("; ", 1)
    assert kept == "the last copy is kept"
    return reason


# --- what works ---------------------------------------------------------------------------------------------------------


def test_a_page_is_fetched_to_its_path(site: Server, docs: Path) -> None:
    result = fetch(docs, site.answer("/web", send()))
    assert (result.code, result.out) == (EXIT_CLEAN, b"")
    assert result.err == f"{PATH}: fetched\n1 page: 1 fetched, 0 unchanged, 0 failed\n"
    assert (docs / PATH).read_bytes() == PAGE
    assert stat.S_IMODE((docs / PATH).stat().st_mode) == 0o666 & ~umask()


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_was_fetched_is_what_a_run_reads(site: Server, docs: Path, tmp_path: Path) -> None:
    url = site.answer("/web", send())
    fetch(docs, url)
    assert docrules("run", docs, cwd=tmp_path).code == EXIT_CLEAN
    data = load(tmp_path / "rules.json")
    assert [(one["path"], one["url"]) for one in data["documents"]] == [(PATH, url)]
    assert [rule["from_port"] for rule in data["rules"]] == [443]


def test_every_page_with_a_url_is_fetched_in_the_order_of_the_manifest(site: Server, docs: Path) -> None:
    pages = [
        (f"page-{number}.md", site.answer(f"/{number}", send(f"# {number}".encode(), Content_Type="text/markdown"))) for number in range(9)
    ]
    write(docs, *pages)
    (docs / "sources.toml").write_text((docs / "sources.toml").read_text() + '[[source]]\npath = "other.md"\nlicence = "MIT"\n')
    result = docrules("fetch", docs, cwd=docs.parent)
    assert result.err.splitlines() == [*(f"{path}: fetched" for path, _ in pages), "9 pages: 9 fetched, 0 unchanged, 0 failed"]
    assert [(docs / path).read_text() for path, _ in pages] == [f"# {number}" for number in range(9)]
    assert names(docs) == sorted([".fetch.json", "sources.toml", *(path for path, _ in pages)])


def test_no_more_pages_than_asked_for_are_fetched_at_a_time(site: Server, docs: Path) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def reply(handler: Handler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        handler.wait(0.05)
        with lock:
            now -= 1
        send()(handler)

    write(docs, *((f"page-{number}.html", site.answer(f"/{number}", reply)) for number in range(8)))
    assert docrules("fetch", docs, "--jobs", "2", cwd=docs.parent).code == EXIT_CLEAN
    assert most == 2


def test_the_program_says_who_it_is_and_sends_no_more_than_it_must(site: Server, docs: Path) -> None:
    fetch(docs, site.answer("/web?a=b", send()) + "#part")
    ((target, headers),) = site.requests
    assert target == "/web?a=b"
    assert headers["User-Agent"] == f"docrules/{importlib.metadata.version('docrules')}"
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_one_page_that_fails_does_not_stop_the_others(site: Server, docs: Path) -> None:
    write(docs, ("a.html", site.answer("/a", send(status=404))), ("b.html", site.answer("/b", send())))
    result = docrules("fetch", docs, cwd=docs.parent)
    assert result.code == EXIT_FINDINGS
    assert result.err.splitlines() == [
        "a.html: failed: HTTP status 404; there is no copy yet",
        "b.html: fetched",
        "2 pages: 1 fetched, 0 unchanged, 1 failed",
    ]
    quiet = docrules("fetch", docs, "--quiet", cwd=docs.parent)
    assert quiet.err.splitlines() == ["a.html: failed: HTTP status 404; there is no copy yet"]


@pytest.mark.parametrize(
    "kind", ["text/html; charset=utf-8", "TEXT/HTML", "application/xhtml+xml", "text/markdown", "text/x-markdown", "text/plain"]
)
def test_html_markdown_and_text_are_taken(site: Server, docs: Path, kind: str) -> None:
    assert fetch(docs, site.answer("/web", send(Content_Type=kind))).code == EXIT_CLEAN


@pytest.mark.parametrize(
    ("charset", "body"),
    [("iso-8859-1", PAGE + "größe".encode()), ("utf-8", PAGE + "größe".encode("latin-1")), ("no-such-charset", PAGE)],
)
def test_bytes_are_kept_as_they_were_sent_whatever_charset_the_server_tells(site: Server, docs: Path, charset: str, body: bytes) -> None:
    assert fetch(docs, site.answer("/web", send(body, Content_Type=f"text/html; charset={charset}"))).code == EXIT_CLEAN
    assert (docs / PATH).read_bytes() == body


def test_compressed_content_is_decompressed(site: Server, docs: Path) -> None:
    assert fetch(docs, site.answer("/web", send(gzip.compress(PAGE), Content_Encoding="gzip"))).code == EXIT_CLEAN
    assert (docs / PATH).read_bytes() == PAGE


def test_chunked_content_and_content_that_ends_with_the_connection_are_read(site: Server, docs: Path) -> None:
    chunks = raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n", b"4\r\ntext\r\n0\r\n\r\n")
    assert fetch(docs, site.answer("/chunked", chunks)).code == EXIT_CLEAN
    assert (docs / PATH).read_bytes() == b"<p>text"
    assert fetch(docs, site.answer("/old", raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n", PAGE))).code == EXIT_CLEAN
    assert (docs / PATH).read_bytes() == PAGE


# --- what did not change ------------------------------------------------------------------------------------------------


def tagged(body: bytes, tag: str) -> Reply:
    """Answer as servers do that know validators."""

    def reply(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == tag:
            handler.send_response(304)
            handler.end_headers()
        else:
            send(body, ETag=tag)(handler)

    return reply


def test_a_page_that_the_server_calls_unchanged_is_left_untouched(site: Server, docs: Path) -> None:
    url = site.answer("/web", tagged(PAGE, '"1"'))
    fetch(docs, url)
    before, kept = written(docs / PATH), (docs / ".fetch.json").read_bytes()
    result = fetch(docs, url)
    assert (result.code, result.err.splitlines()[0]) == (EXIT_CLEAN, f"{PATH}: unchanged")
    assert written(docs / PATH) == before
    assert (docs / ".fetch.json").read_bytes() == kept
    assert [headers.get("If-None-Match") for _, headers in site.requests] == [None, '"1"']


def test_the_date_of_a_page_is_a_validator_too(site: Server, docs: Path) -> None:
    date = "Mon, 01 Jan 2024 00:00:00 GMT"
    url = site.answer("/web", send(Last_Modified=date), send(b"", 304))
    fetch(docs, url)
    assert fetch(docs, url).err.splitlines()[0] == f"{PATH}: unchanged"
    assert [headers.get("If-Modified-Since") for _, headers in site.requests] == [None, date]


def test_the_same_bytes_again_are_no_change(site: Server, docs: Path) -> None:
    url = site.answer("/web", send())
    fetch(docs, url)
    before = written(docs / PATH)
    assert fetch(docs, url).err.splitlines()[0] == f"{PATH}: unchanged"
    assert written(docs / PATH) == before


def test_a_page_that_changed_replaces_its_file(site: Server, docs: Path) -> None:
    url = site.answer("/web", tagged(PAGE, '"1"'))
    fetch(docs, url)
    site.answer("/web", tagged(OTHER, '"2"'))
    assert fetch(docs, url).err.splitlines()[0] == f"{PATH}: fetched"
    assert (docs / PATH).read_bytes() == OTHER


@pytest.mark.parametrize("change", ["edited", "removed", "other address"])
def test_validators_are_not_used_for_other_bytes_or_another_address(site: Server, docs: Path, change: str) -> None:
    url = site.answer("/web", tagged(PAGE, '"1"'))
    fetch(docs, url)
    if change == "edited":
        put(docs, b"<p>mine")
    elif change == "removed":
        (docs / PATH).unlink()
    else:
        url = site.answer("/moved", tagged(OTHER, '"1"'))
    assert fetch(docs, url).err.splitlines()[0] == f"{PATH}: fetched"
    assert (docs / PATH).read_bytes() == (OTHER if change == "other address" else PAGE)


def test_validators_are_sent_to_the_place_that_gave_them_only(site: Server, docs: Path) -> None:
    site.answer("/there", tagged(PAGE, '"1"'))
    url = site.answer("/web", redirect("/there"))
    fetch(docs, url)
    assert fetch(docs, url).err.splitlines()[0] == f"{PATH}: unchanged"
    asked = [(target, headers.get("If-None-Match")) for target, headers in site.requests]
    assert asked == [("/web", None), ("/there", None), ("/web", None), ("/there", '"1"')]


def test_not_modified_without_being_asked_is_no_page(site: Server, docs: Path) -> None:
    put(docs)
    assert failure(fetch(docs, site.answer("/web", send(b"", 304)))) == "HTTP status 304"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"version": 99, "pages": {}}', b'{"version": 1, "pages": {"a": 1}}', b"\xff"])
def test_validators_that_cannot_be_read_only_cost_time(site: Server, docs: Path, data: bytes) -> None:
    (docs / ".fetch.json").write_bytes(data)
    assert fetch(docs, site.answer("/web", send())).code == EXIT_CLEAN
    assert load(docs / ".fetch.json")["version"] == 1


@pytest.mark.parametrize("tag", ["größe", "a\x0bb", "x" * 2000])
def test_a_validator_that_cannot_be_sent_is_not_sent(site: Server, docs: Path, tag: str) -> None:
    url = site.answer("/web", send())
    fetch(docs, url)
    kept = state.load(docs)[PATH]
    state.save(docs, {PATH: state.Kept(url=kept.url, source=kept.source, etag=tag, last_modified=None, sha256=kept.sha256)})
    assert fetch(docs, url).code == EXIT_CLEAN
    assert "If-None-Match" not in site.requests[-1][1]


def test_what_is_kept_names_no_time_and_no_page_that_is_gone_from_the_manifest(site: Server, docs: Path) -> None:
    url = site.answer("/web", tagged(PAGE, '"1"'))
    fetch(docs, url)
    kept = load(docs / ".fetch.json")["pages"]
    assert {path: sorted(fields) for path, fields in kept.items()} == {PATH: ["etag", "last_modified", "sha256", "source", "url"]}
    write(docs, ("other.html", url))
    docrules("fetch", docs, cwd=docs.parent)
    assert list(load(docs / ".fetch.json")["pages"]) == ["other.html"]


def test_a_failure_does_not_forget_the_validators(site: Server, docs: Path) -> None:
    url = site.answer("/web", tagged(PAGE, '"1"'), send(status=404), tagged(PAGE, '"1"'))
    assert [fetch(docs, url).code for _ in range(3)] == [EXIT_CLEAN, EXIT_FINDINGS, EXIT_CLEAN]
    assert site.requests[-1][1]["If-None-Match"] == '"1"'


# --- what goes wrong ----------------------------------------------------------------------------------------------------

GARBAGE = b"\x00\x01\x02" * 100
FAILURES: list[tuple[str, Reply, str]] = [
    ("not found", send(b"<p>gone", 404), "HTTP status 404"),
    ("forbidden", send(b"<p>no", 403), "HTTP status 403"),
    ("nothing", send(b"", 204), "HTTP status 204"),
    ("a part", send(PAGE[:50], 206), "HTTP status 206"),
    ("redirect without a target", send(b"", 302), "HTTP status 302"),
    ("pdf", send(b"%PDF-1.7", Content_Type="application/pdf"), "its content is application/pdf, neither HTML nor Markdown nor text"),
    ("json", send(b"{}", Content_Type="application/json"), "its content is application/json, neither"),
    ("no type", send(Content_Type=""), "its content is of a type that the server does not tell"),
    ("pdf called html", send(b"%PDF-1.7"), "its content is binary, whatever the server calls text/html"),
    ("binary called text", send(GARBAGE, Content_Type="text/plain"), "its content is binary"),
    ("empty", send(b""), "it is empty"),
    ("blank", send(b" \n"), "it is empty"),
    ("broken gzip", send(PAGE, Content_Encoding="gzip"), "it cannot be decompressed"),
    ("half of gzip", send(gzip.compress(PAGE)[:-20], Content_Encoding="gzip"), "its compressed content does not end where the answer ends"),
    ("more than gzip", send(gzip.compress(PAGE) + b"x", Content_Encoding="gzip"), "its compressed content does not end where"),
    ("other compression", send(Content_Encoding="br"), "it is compressed with br, which was not asked for"),
    ("gzip in gzip", send(gzip.compress(gzip.compress(PAGE)), Content_Encoding="gzip, gzip"), "it is compressed with gzip, gzip"),
    ("file", redirect("file:///etc/passwd"), "it redirects to 'file:///etc/passwd', which is no address of http or https"),
    ("ftp", redirect("ftp://127.0.0.1/page"), "it redirects to 'ftp://127.0.0.1/page', which is no"),
    ("script", redirect("javascript:alert(1)"), "it redirects to what is no URL"),
    ("mail", redirect("mailto:/a@example.com"), "it redirects to 'mailto:/a@example.com', which is no address of http or https"),
    ("credentials", redirect("http://me:secret@127.0.0.1/"), "it redirects to an address with a user name or password"),
    ("no host", redirect("https:///page"), "it redirects to 'https:///page', which is no address"),
    ("no port", redirect("http://127.0.0.1:99999/"), "it redirects to 'http://127.0.0.1:99999/', which has no port from 0 to 65535"),
    ("half an address", redirect("http://[::1"), "the connection failed (Invalid URL in location header"),
    ("circle", redirect("/web"), "it redirects more than 10 times"),
]


@pytest.mark.parametrize(("reply", "reason"), [pytest.param(reply, reason, id=name) for name, reply, reason in FAILURES])
def test_what_is_no_page_never_replaces_one(site: Server, docs: Path, reply: Reply, reason: str) -> None:
    put(docs)
    assert failure(fetch(docs, site.answer("/web", reply))).startswith(reason)
    assert (docs / PATH).read_bytes() == PAGE
    assert not (docs / ".fetch.json").exists()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PASSING: list[tuple[str, Reply]] = [
    ("server error", send(b"<p>oops", 500)),
    ("bad gateway", send(b"<p>oops", 502)),
    ("too many requests", send(b"<p>slow down", 429)),
    ("hangs up at once", raw()),
    ("hangs up in the headers", raw(HEAD)),
    ("hangs up in the content", raw(HEAD + b"Content-Length: 1000\r\n\r\n<p>")),
    ("hangs up in a chunk", raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n100\r\n<p>")),
    ("no HTTP", raw(b"hello\r\n\r\n")),
    ("length that is no number", raw(HEAD + b"Content-Length: many\r\n\r\n<p>")),
    ("two lengths", raw(HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n<p>")),
]


@pytest.mark.parametrize("reply", [pytest.param(reply, id=name) for name, reply in PASSING])
def test_what_may_be_over_soon_is_tried_again(site: Server, docs: Path, reply: Reply) -> None:
    result = fetch(docs, site.answer("/web", reply, send()))
    assert (result.code, len(site.requests)) == (EXIT_CLEAN, 2)
    assert (docs / PATH).read_bytes() == PAGE


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (send(b"", 503), "HTTP status 503"),
        (raw(HEAD + b"Content-Length: 1000\r\n\r\n<p>"), "the connection failed (peer closed connection without sending complete message"),
    ],
)
def test_what_is_not_over_after_three_attempts_fails(site: Server, docs: Path, reply: Reply, reason: str) -> None:
    put(docs)
    assert failure(fetch(docs, site.answer("/web", reply))).startswith(reason)
    assert len(site.requests) == 3
    assert (docs / PATH).read_bytes() == PAGE


def test_what_is_gone_is_asked_for_once(site: Server, docs: Path) -> None:
    put(docs)
    failure(fetch(docs, site.answer("/web", send(status=404))))
    assert len(site.requests) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_asks_to_wait_is_waited_for(site: Server, docs: Path, form: str) -> None:
    value = "1" if form == "seconds" else email.utils.formatdate(time.time() + 2, usegmt=True)
    started = time.monotonic()
    assert fetch(docs, site.answer("/web", send(b"", 503, Retry_After=value), send())).code == EXIT_CLEAN
    assert time.monotonic() - started > 0.9


@pytest.mark.parametrize(("value", "options"), [("3600", ()), ("10", ("--timeout", "5"))])
def test_a_server_that_asks_to_wait_for_long_is_left_for_the_next_time(
    site: Server, docs: Path, value: str, options: tuple[str, ...]
) -> None:
    put(docs)
    started = time.monotonic()
    result = fetch(docs, site.answer("/web", send(b"", 429, Retry_After=value)), *options)
    assert failure(result) == f"HTTP status 429, and the server asks to wait for {value} seconds"
    assert time.monotonic() - started < 4


def test_a_wait_that_nobody_understands_is_none(site: Server, docs: Path) -> None:
    assert fetch(docs, site.answer("/web", send(b"", 503, Retry_After="soon"), send())).code == EXIT_CLEAN


def test_a_server_that_is_not_there_is_named(docs: Path) -> None:
    put(docs)
    with socket.socket() as taken:
        # Bound and not listening: nobody else gets the port meanwhile.
        taken.bind(("127.0.0.1", 0))
        assert failure(fetch(docs, f"http://127.0.0.1:{taken.getsockname()[1]}/")).startswith("the connection failed (")


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://[::1/", "http://a%00b/", "http://a..b/", f"http://{'a' * 99}/"])
def test_an_address_that_is_none_fails_its_page(docs: Path, url: str) -> None:
    put(docs)
    assert failure(fetch(docs, url, "--timeout", "5"))


def late_redirect(handler: Handler) -> None:
    handler.wait(0.3)
    redirect("/web")(handler)


SLOW: list[tuple[str, Reply]] = [
    ("no answer", endlessly(b"", b"", 0.1)),
    ("headers that drip", endlessly(b"HTTP/1.1 200 OK\r\nX: ", b"a", 0.1)),
    ("headers without end", endlessly(HEAD, b"A: b\r\n", 0.1)),
    ("content that drips", endlessly(HEAD + b"Content-Length: 100000\r\n\r\n", b"a", 0.1)),
    ("content that stops", endlessly(HEAD + b"Content-Length: 100000\r\n\r\n<p>", b"", 0.1)),
    ("redirect after redirect", late_redirect),
]


@pytest.mark.parametrize("reply", [pytest.param(reply, id=name) for name, reply in SLOW])
def test_a_page_takes_no_longer_than_its_limit(site: Server, docs: Path, reply: Reply) -> None:
    put(docs)
    started = time.monotonic()
    assert failure(fetch(docs, site.answer("/web", reply), "--timeout", "1")) == "it took longer than 1 second"
    assert time.monotonic() - started < 10
    assert (docs / PATH).read_bytes() == PAGE


@functools.cache
def bomb() -> bytes:
    """Return eight megabytes that decompress to eight gigabytes: after a full flush, the same part gives the same bytes again."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(16_000_000)
    first, second = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + second * 500


def explode(handler: Handler) -> None:
    send(bomb(), Content_Encoding="gzip")(handler)


ENDLESS = b"<p>" + b" " * 65_536
LARGE: list[tuple[str, Reply]] = [
    ("content", send(b"<p>" + b"a" * 1_000_000)),
    ("content without end", endlessly(HEAD + b"\r\n", ENDLESS)),
    ("chunks without end", endlessly(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(ENDLESS), ENDLESS))),
    ("gzip bomb", explode),
]


@pytest.mark.parametrize("reply", [pytest.param(reply, id=name) for name, reply in LARGE])
def test_a_page_is_no_larger_than_its_limit(site: Server, docs: Path, reply: Reply) -> None:
    put(docs)
    assert failure(fetch(docs, site.answer("/web", reply), "--max-size", "1")) == "it is larger than 1,000,000 bytes"
    assert (docs / PATH).read_bytes() == PAGE


def test_a_page_of_just_the_limit_is_taken(site: Server, docs: Path) -> None:
    body = b"<p>" + b"a" * 999_997
    for reply in (send(body), send(gzip.compress(body), Content_Encoding="gzip")):
        assert fetch(docs, site.answer("/web", reply), "--max-size", "1").code == EXIT_CLEAN
        assert (docs / PATH).read_bytes() == body


def test_a_gzip_bomb_takes_no_memory(site: Server, docs: Path) -> None:
    write(docs, (PATH, site.answer("/web", explode)))
    result = docrules_process("fetch", docs, cwd=REPO, prefix=("sh", "-c", 'ulimit -v 2000000; exec "$@"', "sh"))
    assert result.err.splitlines()[0] == f"{PATH}: failed: it is larger than 20,000,000 bytes; there is no copy yet"


def test_what_a_server_says_does_not_drive_the_terminal(site: Server, docs: Path) -> None:
    put(docs)
    reply = raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/\xc2\x9b31m\xe2\x80\xae\r\nContent-Length: 0\r\n\r\n")
    assert failure(fetch(docs, site.answer("/web", reply))).startswith("its content is text/·31m·, neither")


def test_what_a_server_says_is_cut_off(site: Server, docs: Path) -> None:
    put(docs)
    assert len(failure(fetch(docs, site.answer("/web", redirect("x:/" + "a" * 5000))))) <= 300


# --- redirects ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(site: Server, docs: Path, status: int) -> None:
    site.answer("/docs/page", send())
    assert fetch(docs, site.answer("/docs/web", redirect("page", status))).code == EXIT_CLEAN
    assert (docs / PATH).read_bytes() == PAGE


def test_cookies_hold_for_one_page_only(site: Server, docs: Path) -> None:
    site.answer("/wall", send(b"", 302, Location="/page", Set_Cookie="seen=1; Path=/"))
    site.answer("/page", send())
    url = f"{site.address}/wall"
    write(docs, ("a.html", url), ("b.html", url))
    docrules("fetch", docs, "--jobs", "1", cwd=docs.parent)
    assert [(target, headers.get("Cookie")) for target, headers in site.requests] == [("/wall", None), ("/page", "seen=1")] * 2


PUBLIC = "http://docs.example.com/page"


@pytest.fixture
def proxy(site: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server as the proxy for all hosts of plain HTTP."""
    monkeypatch.setenv("HTTP_PROXY", site.address)
    return site


def test_a_proxy_of_the_environment_is_used(proxy: Server, docs: Path) -> None:
    assert fetch(docs, proxy.answer(PUBLIC, send())).code == EXIT_CLEAN
    assert [target for target, _ in proxy.requests] == [PUBLIC]


@pytest.mark.parametrize("url", ["nonsense://proxy", "socks5://127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_is_an_error_of_the_call(docs: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALL_PROXY", url)
    result = fetch(docs, "http://docs.example.com/page")
    assert (result.code, result.err.startswith("error: a proxy that the environment names cannot be used: ")) == (EXIT_USAGE, True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "localhost", "a.localhost."]
)
def test_a_redirect_from_a_public_host_into_a_private_network_is_refused(proxy: Server, docs: Path, host: str) -> None:
    put(docs)
    proxy.answer(f"http://{host}/secret", send(OTHER))
    reason = failure(fetch(docs, proxy.answer(PUBLIC, redirect(f"http://{host}/secret"))))
    assert reason == f"it redirects from a public host to {host.strip('[]')}, which is in a private network"
    assert [target for target, _ in proxy.requests] == [PUBLIC]


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1"])
def test_a_host_that_turns_out_private_is_refused_before_anything_is_sent(
    proxy: Server, docs: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    put(docs)
    monkeypatch.setenv("NO_PROXY", host)
    proxy.answer("/secret", send(OTHER))
    reason = failure(fetch(docs, proxy.answer(PUBLIC, redirect(f"http://{host}:{proxy.server_port}/secret"))))
    assert reason.startswith("it redirects from a public host to ")
    assert [target for target, _ in proxy.requests] == [PUBLIC]


def test_a_public_host_on_the_way_is_not_forgotten(proxy: Server, docs: Path) -> None:
    put(docs)
    proxy.answer("http://other.example.com/", redirect("http://10.0.0.1/"))
    assert "public host to 10.0.0.1" in failure(fetch(docs, proxy.answer(PUBLIC, redirect("http://other.example.com/"))))


def test_a_private_address_that_people_wrote_is_visited_and_may_redirect(site: Server, docs: Path) -> None:
    site.answer("/there", send())
    assert fetch(docs, site.answer("/web", redirect(f"http://localhost:{site.server_port}/there"))).code == EXIT_CLEAN


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("93.184.215.14", False),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", False),
        ("docs.example.com", False),
        ("localhost.example.com", False),
        ("::ffff:93.184.215.14", False),
        ("0.1.2.3", True),
        ("100.64.0.1", True),
        ("172.16.0.1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:127.0.0.1", True),
        ("LOCALHOST", True),
    ],
)
def test_private_is_what_is_not_in_the_public_network(host: str, private: bool) -> None:
    assert _is_private_host(host) is private


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with TLS whose certificate is trusted."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=SECONDS)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with running(server):
        yield server


@needs_openssl
def test_a_redirect_out_of_https_is_refused_unless_it_is_allowed(secure: Server, site: Server, docs: Path) -> None:
    put(docs)
    target = site.answer("/web", send(OTHER))
    secure.answer("/web", redirect(target))
    url = f"https://127.0.0.1:{secure.server_port}/web"
    assert failure(fetch(docs, url)) == f"it redirects from https to {target}, where anybody on the way could change it"
    assert site.requests == []
    assert fetch(docs, url, "--allow-http").code == EXIT_CLEAN
    assert (docs / PATH).read_bytes() == OTHER


@needs_openssl
def test_a_server_must_prove_who_it_is(secure: Server, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(docs)
    secure.answer("/web", send(OTHER))
    url = f"https://127.0.0.1:{secure.server_port}/web"
    assert fetch(docs, url).code == EXIT_CLEAN
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate verify failed" in failure(fetch(docs, url))


# --- the folder ---------------------------------------------------------------------------------------------------------


def test_a_page_is_not_written_through_a_link_out_of_the_folder(site: Server, docs: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (docs / "acme").symlink_to(tmp_path / "outside")
    result = fetch(docs, site.answer("/web", send()))
    assert f"{PATH}: failed: a link leads its path out of the folder of documents; there is no copy yet" in result.err
    assert (names(tmp_path / "outside"), site.requests) == ([], [])


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_not_written_to(site: Server, docs: Path, kind: str) -> None:
    (docs / PATH).parent.mkdir(parents=True)
    (docs / PATH).mkdir() if kind == "folder" else os.mkfifo(docs / PATH)
    result = fetch(docs, site.answer("/web", send()))
    assert (result.code, "there is something at its path that is no file" in result.err) == (EXIT_FINDINGS, True)


def test_a_folder_that_cannot_be_made_fails_its_page(site: Server, docs: Path) -> None:
    (docs / "acme").write_text("no folder")
    result = fetch(docs, site.answer("/web", send()))
    assert (result.code, "cannot be made" in result.err) == (EXIT_FINDINGS, True)


def test_nothing_is_left_behind_beside_the_pages(site: Server, docs: Path) -> None:
    fetch(docs, site.answer("/web", send(), send(status=404), endlessly(HEAD + b"\r\n", b"a", 0.1)))
    fetch(docs, f"{site.address}/web")
    fetch(docs, f"{site.address}/web", "--timeout", "1")
    assert names((docs / PATH).parent) == ["web.html"]
    assert names(docs) == [".fetch.json", "acme", "sources.toml"]


def test_an_interruption_keeps_what_had_arrived(site: Server, docs: Path) -> None:
    write(docs, ("a.html", site.answer("/a", send(ETag='"1"'))), ("b.html", site.answer("/b", endlessly(b"", b"", 0.1))))
    command = [sys.executable, "-m", "extract", "fetch", str(docs), "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=REPO) as process:
        until = time.monotonic() + SECONDS
        while not any(target == "/b" for target, _ in site.requests) and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (EXIT_INTERRUPTED, "interrupted; the pages that had arrived are in their places\n")
    assert (docs / "a.html").read_bytes() == PAGE
    assert list(load(docs / ".fetch.json")["pages"]) == ["a.html"]


# --- the call -----------------------------------------------------------------------------------------------------------


def test_a_dry_run_lists_the_pages_and_asks_nobody(site: Server, docs: Path) -> None:
    url = site.answer("/web", send())
    result = fetch(docs, url, "--dry-run")
    assert (result.code, result.out.decode(), result.err) == (EXIT_CLEAN, f"{PATH}  {url}\n", "")
    assert (site.requests, names(docs)) == ([], ["sources.toml"])


def test_the_folder_is_data_docs_unless_another_one_is_named(site: Server, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "docs"
    folder.mkdir(parents=True)
    write(folder, (PATH, site.answer("/web", send())))
    assert docrules("fetch", cwd=tmp_path).code == EXIT_CLEAN
    assert (folder / PATH).read_bytes() == PAGE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no docs/sources.toml, which says where the pages come from; write it, or name the folder that holds"),
        ('[[source]]\npath = "a"\nlicence = "MIT"\n', "docs/sources.toml gives no page a url, so there is nothing to fetch"),
        ('[[source]]\npath = "a.html"\nurl = "ftp://a/"\n', 'docs/sources.toml:3: url is "ftp://a/"; write an address'),
        ('[[source]]\npath = "a.html"\nurl = "http://me:secret@a/"\n', "docs/sources.toml:1: the url holds a user name or password"),
    ],
)
def test_a_call_that_cannot_be_carried_out_is_refused(docs: Path, text: str | None, said: str) -> None:
    if text is not None:
        (docs / "sources.toml").write_text(text)
    result = docrules("fetch", "docs", cwd=docs.parent)
    assert (result.code, result.err.startswith(f"error: {said}")) == (EXIT_USAGE, True), result.err


def test_no_other_command_loads_what_reaches_a_network(tmp_path: Path) -> None:
    script = """
import sys
from extract.cli import main
try: main()
except SystemExit as end: code = end.code
print(code, sorted({"httpx", "httpcore", "extract.fetch", "asyncio"} & set(sys.modules)))
"""
    arguments = ["run", str(REPO / "data" / "docs"), "--out", str(tmp_path / "rules.json"), "--quiet"]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=SECONDS, cwd=REPO, check=True)
    assert done.stdout == "0 []\n"
