"""Get one page over HTTP. The address comes from the user, but answers of the server are not trusted.

A redirect may only lead to http and https, not from https to http, and not from the public network into a private one. The size of the
content, also after decompression, and the time are limited. Content that is not text is refused.
"""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import time
import zlib
from typing import Any, NamedTuple

import httpx

from extract.errors import UsageError
from extract.fetch.state import Kept
from extract.publish.wording import count
from extract.read import decode

_MAX_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ATTEMPTS = 3
# Before the second attempt, doubled for each further one; a server that wants more than the most has to wait for the next run.
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_CONNECT_SECONDS = 10.0
_SILENCE_SECONDS = 20.0
_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/markdown", "text/x-markdown", "text/plain"})
_LAST_PORT = 65535
_GZIP = zlib.MAX_WBITS | 16
# What a server calls its version of a page is sent back to it; longer than this, it is none.
_VALIDATOR_CHARS = 1000


class PageError(Exception):
    """A page cannot be fetched. The message says why, and may contain words of the server."""


class _PassingError(PageError):
    """Something that may be over soon; `wait` is the number of seconds that the server asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Limits(NamedTuple):
    """What a page may take."""

    # For the page with all redirects, attempts and waiting.
    seconds: int = 60
    # Bytes, after decompression.
    size: int = 20_000_000
    may_leave_https: bool = False


class Answer(NamedTuple):
    """A page as it was sent: the bytes, where they came from in the end, and the validators for the next time."""

    body: bytes
    url: str
    etag: str | None
    last_modified: str | None


class Visitor:
    """Gets pages. Each has connections and cookies of its own, so that none has an influence on another."""

    def __init__(self, limits: Limits, agent: str) -> None:
        """Take the limits of a page, and what the program calls itself."""
        self._limits = limits
        self._headers = {
            "User-Agent": agent,
            "Accept": "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9",
            # The decompression is ours: that of the client has no limit.
            "Accept-Encoding": "gzip",
        }
        self._trust = httpx.create_ssl_context()

    async def get(self, url: str, kept: Kept | None) -> Answer | None:
        """Return a page, None when the server says that it is the one of `kept` still.

        Raises PageError when it cannot be had, and UsageError when the environment names a proxy that cannot be used.
        """
        try:
            async with asyncio.timeout(self._limits.seconds) as limit, self._client() as client:
                return await self._patiently(client, url, kept, limit.when() or 0.0)
        except TimeoutError as error:
            raise PageError(f"it took longer than {count(self._limits.seconds, 'second')}") from error
        except (PageError, UsageError):
            raise
        except Exception as error:
            # What one server sends must not take the other pages with it.
            raise PageError(f"{type(error).__name__}: {error}") from error

    def _client(self) -> httpx.AsyncClient:
        seconds = self._limits.seconds
        timeout = httpx.Timeout(min(_SILENCE_SECONDS, seconds), connect=min(_CONNECT_SECONDS, seconds))
        # A connection that is used again would not show where it goes.
        once = httpx.Limits(max_keepalive_connections=0)
        try:
            return httpx.AsyncClient(headers=self._headers, verify=self._trust, timeout=timeout, limits=once)
        except (ImportError, ValueError) as error:
            raise UsageError(f"a proxy that the environment names cannot be used: {error}") from error

    async def _patiently(self, client: httpx.AsyncClient, url: str, kept: Kept | None, deadline: float) -> Answer | None:
        """Try again what may be over soon, as long as there is time."""
        attempt = 1
        while True:
            try:
                return await self._follow(client, url, kept)
            except _PassingError as error:
                wait = error.wait if error.wait is not None else _FIRST_WAIT * 2 ** (attempt - 1)
                is_too_long = wait > min(_LONGEST_WAIT, deadline - asyncio.get_running_loop().time())
                if is_too_long and error.wait is not None:
                    raise PageError(f"{error}, and the server asks to wait for {wait:.0f} seconds") from error
                if is_too_long or attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(wait)
                attempt += 1

    async def _follow(self, client: httpx.AsyncClient, address: str, kept: Kept | None) -> Answer | None:
        """Ask for a page where redirects lead."""
        url, public = _url(address), False
        for _ in range(_MAX_REDIRECTS + 1):
            hop = _Hop(url, public)
            asked = _conditions(kept) if kept is not None and kept.source == str(url) else {}
            try:
                async with client.stream("GET", url, headers=asked, extensions={"trace": hop.trace}) as response:
                    location = response.headers.get("location")
                    if response.status_code not in _REDIRECTS or location is None:
                        return await self._take(response, bool(asked))
            except httpx.InvalidURL as error:
                raise PageError(f"it redirects to what is no URL: {error}") from error
            except httpx.TransportError as error:
                raise _PassingError(f"the connection failed ({str(error) or type(error).__name__})") from error
            target = _url(location, url)
            if url.scheme == "https" and target.scheme == "http" and not self._limits.may_leave_https:
                raise PageError(f"it redirects from https to {target}, where anybody on the way could change it")
            url, public = target, public or not hop.is_private
        raise PageError(f"it redirects more than {_MAX_REDIRECTS} times")

    async def _take(self, response: httpx.Response, conditional: bool) -> Answer | None:
        """Return the content of an answer that is no redirect."""
        status = response.status_code
        if status == 304 and conditional:
            return None
        if status == 429 or status >= 500:
            raise _PassingError(f"HTTP status {status}", _retry_after(response.headers.get("retry-after", "")))
        if status != 200:
            raise PageError(f"HTTP status {status}")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _TYPES:
            raise PageError(f"its content is {kind or 'of a type that the server does not tell'}, neither HTML nor Markdown nor text")
        body = await _body(response, self._limits.size)
        if not body.strip():
            raise PageError("it is empty")
        if decode.is_binary(body):
            raise PageError(f"its content is binary, whatever the server calls {kind}")
        return Answer(body, str(response.url), response.headers.get("etag"), response.headers.get("last-modified"))


class _Hop:
    """One request, and whether it goes into a private network. From the public one, that is refused before anything is sent.

    Behind a proxy, the connection cannot be checked, so the host name in the URL decides.
    """

    def __init__(self, url: httpx.URL, from_public: bool) -> None:
        self._host = url.raw_host.decode("ascii")
        self._from_public = from_public
        self._direct = False
        self.is_private = _is_private_host(self._host)
        self._check()

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Look at a connection as it is made; a name has shown by then what it stands for."""
        if event == "connection.connect_tcp.started":
            self._direct = info["host"] == self._host
        elif event == "connection.connect_tcp.complete" and self._direct:
            stream = info["return_value"]
            self.is_private = _is_private_host(stream.get_extra_info("server_addr")[0])
            try:
                self._check()
            except PageError:
                await stream.aclose()
                raise

    def _check(self) -> None:
        if self._from_public and self.is_private:
            raise PageError(f"it redirects from a public host to {self._host}, which is in a private network")


def _url(address: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return an address that may be visited, relative to another one. Raises PageError for any other."""
    try:
        url = httpx.URL(address) if base is None else base.join(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise PageError(f"{address!r} is no URL: {error}") from error
    how = "its address is" if base is None else "it redirects to"
    if url.scheme not in ("http", "https") or not url.host:
        raise PageError(f"{how} {address!r}, which is no address of http or https")
    if url.port is not None and url.port > _LAST_PORT:
        raise PageError(f"{how} {address!r}, which has no port from 0 to {_LAST_PORT}")
    if url.userinfo:
        raise PageError(f"{how} an address with a user name or password")
    return url


def _is_private_host(host: str) -> bool:
    """Return whether a host is an address outside of the public network, or a name of this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return name == "localhost" or name.endswith(".localhost")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global


def _conditions(kept: Kept) -> dict[str, str]:
    """Return the headers that ask for a page only if it has changed."""
    headers = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
    return {
        name: value
        for name, value in headers.items()
        if value and value.isascii() and value.isprintable() and len(value) <= _VALIDATOR_CHARS
    }


def _retry_after(value: str) -> float | None:
    """Return the seconds that a server asks to wait for, given as a number or a date; None when it asks for none."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(email.utils.parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


async def _body(response: httpx.Response, size: int) -> bytes:
    """Return the content, decompressed as far as the limit goes. Raises PageError beyond it."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise PageError(f"it is compressed with {encoding}, which was not asked for")
    unpacker = zlib.decompressobj(_GZIP) if encoding != "identity" else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += unpacker.decompress(chunk, size + 1 - len(body)) if unpacker is not None else chunk
        except zlib.error as error:
            raise PageError(f"it cannot be decompressed: {error}") from error
        if len(body) > size:
            raise PageError(f"it is larger than {size:,} bytes")
    if unpacker is not None and (not unpacker.eof or unpacker.unused_data):
        raise PageError("its compressed content does not end where the answer ends")
    return bytes(body)
