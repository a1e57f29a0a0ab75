"""The path of a page in the data, by its address. Each address has a path of its own, and `url_of` gives the address back.

The first folder is the host. A name that ends in `.html` stands as it is, for it says what the page is. Behind every other name, `~` parts
what the address says from the suffix, and the query stands between them:

    https://docs.example.com/db/5.5/ports.html        docs.example.com/db/5.5/ports.html
    https://docs.example.com/db/5.5/ports             docs.example.com/db/5.5/ports~.html
    https://docs.example.com/db/5.5/                  docs.example.com/db/5.5/~.html
    https://docs.example.com/show.php?page=db/ports   docs.example.com/show.php~page=db~ports.html
    http://docs.example.com/ports.html                docs.example.com%3A80/ports.html

A tilde in an address is written `%7E`, which is the same (RFC 3986, 2.3).
"""

from __future__ import annotations

import re

from extract.regex import late

MAX_URL = 8_000
"""Servers need not take a longer one (RFC 9110, 4.1)."""

HTML = ".html"
MARKDOWN = ".md"

_URL = late(rb"(https?)://([^/\\?#]*+)([^?#]*+)(?:\?([^#]*+))?+(?:#.*+)?+", re.IGNORECASE | re.DOTALL)
# A domain, an IPv4 address, or an IPv6 address in brackets; the WHATWG URL Standard forbids more.
_HOST = late(r"(?=\.*+[^.])(?:[a-z0-9._-]|%[89A-F][0-9A-F])++|\[[0-9a-f:.]++\]")
_PORT = late(r"(.*?)(?::([0-9]{0,5}))?", re.DOTALL)
_ESCAPE = late(rb"%[0-9a-fA-F]{2}")
# What stands for itself in a path or a query (RFC 3986, 3.3 and 3.4), a percent sign among it; all else is written as an escape.
_UNSAFE = late(rb"[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]")
_NO_PART = late(rb"[\t\n\r]")
_DOT = frozenset({".", "%2E"})
_TWO_DOTS = frozenset({"..", ".%2E", "%2E.", "%2E%2E"})
_PORTS = {"http": "80", "https": "443"}
_FOLDER = late(r"(.*?)(?:%3A(https%3A)?([0-9]++))?", re.DOTALL)
_LOWER_ESCAPE = late(r"%[0-9a-f]{2}")
_COLON = "%3A"


def normal(url: bytes) -> str | None:
    """Return an address in the form in which all ways to write it are the same; None for one that is no address of a web page.

    Left out are the fragment, which no server sees, a user and password, which must not be published, the default port, an empty query and
    the segments `.` and `..` (WHATWG URL Standard, 4.4).
    """
    found = _URL.fullmatch(_NO_PART.sub(b"", url.strip().removeprefix(b"<").removesuffix(b">")))
    if found is None or len(url) > MAX_URL:
        return None
    scheme = found[1].lower().decode()
    host, port = _authority(found[2], scheme)
    if host is None:
        return None
    path = "/".join(_resolved(_escaped(found[3].replace(b"\\", b"/")).split("/")[1:]))
    query = _escaped(found[4] or b"")
    return f"{scheme}://{host}{port}/{path}{'?' if query else ''}{query}"


def host_of(path: str) -> str:
    """Return the host of a page by its path in the data."""
    return _plain(_parted(path.partition("/")[0])[0])


def path_of(url: str, suffix: str) -> str:
    """Return the path in the data of a page with an address that is normal; the suffix is that of its format, `.html` or `.md`."""
    scheme, _, rest = url.partition("://")
    address, _, query = rest.partition("?")
    authority, *segments = address.split("/")
    *folders, name = (segment.replace("~", "%7E") for segment in segments)
    if query or suffix != HTML or not name.endswith(HTML) or name == HTML:
        name = f"{name}~{query.replace('~', '%7E').replace('/', '~')}{suffix}"
    else:
        name = name.removesuffix(HTML) + suffix
    return "/".join((_first(scheme, authority), *(folder or "~" for folder in folders), name))


def url_of(path: str) -> str:
    """Return the address of a page by its path in the data."""
    first, *folders, name = path.split("/")
    name, _, query = name.removesuffix(HTML if name.endswith(HTML) else MARKDOWN).partition("~") if "~" in name else (name, "", "")
    host, scheme, port = _parted(first)
    authority = _plain(host) + ("" if port == _PORTS[scheme] else f":{port}")
    address = "/".join((authority, *("" if folder == "~" else folder for folder in folders), name))
    return f"{scheme}://{_tildes(address)}{'?' if query else ''}{_tildes(query.replace('~', '/'))}"


def _first(scheme: str, authority: str) -> str:
    """Return the first folder: the host, and behind it a port that is not 443, and a scheme that the port does not tell."""
    host, port = _split(authority)
    port = port or _PORTS[scheme]
    folder = host.replace(":", _COLON).replace("[", "%5B").replace("]", "%5D")
    if port == _PORTS["https"] and scheme == "https":
        return folder
    return f"{folder}{_COLON}{'https' + _COLON if scheme == 'https' else ''}{port}"


def _parted(folder: str) -> tuple[str, str, str]:
    """Return the host, the scheme and the port in the first folder of a path."""
    found = _FOLDER.fullmatch(folder)
    if found is None or found[3] is None:
        return folder, "https", _PORTS["https"]
    return found[1], "https" if found[2] else "http", found[3]


def _plain(host: str) -> str:
    return host.replace("%5B", "[").replace("%5D", "]").replace(_COLON, ":") if host.startswith("%5B") else host


def _tildes(text: str) -> str:
    return text.replace("%7E", "~")


def _authority(written: bytes, scheme: str) -> tuple[str | None, str]:
    """Return the host and the port with its colon, empty for the default; no host where there is none that can be."""
    host, port = _split(_escaped(written.rpartition(b"@")[2].replace(b"[", b"%5B").replace(b"]", b"%5D")))
    host = _LOWER_ESCAPE.sub(lambda escape: escape[0].upper(), host.lower().replace("%5b", "[").replace("%5d", "]"))
    port = port.lstrip("0") or ("0" if port else "")
    if not _HOST.fullmatch(host) or (port and int(port) > 65_535):
        return None, ""
    return host, f":{port}" if port and port != _PORTS[scheme] else ""


def _split(authority: str) -> tuple[str, str]:
    """Return host and port; an address in brackets holds colons."""
    host, bracket, behind = authority.rpartition("]") if "]" in authority else ("", "", authority)
    found = _PORT.fullmatch(behind)
    return (authority, "") if found is None else (host + bracket + found[1], found[2] or "")


def _escaped(part: bytes) -> str:
    """Return a part of an address in ASCII. Bytes that are no sign of an address are escaped, and escapes are written in one way."""
    text = _UNSAFE.sub(lambda unsafe: b"%%%02X" % unsafe[0][0], part)
    return _ESCAPE.sub(lambda escape: escape[0].upper(), text).decode("ascii").replace("%7E", "~")


def _resolved(segments: list[str]) -> list[str]:
    """Return the segments of a path without those that mean another one."""
    kept: list[str] = []
    for number, segment in enumerate(segments, 1):
        goes_up = segment in _TWO_DOTS
        if goes_up and kept:
            kept.pop()
        if not goes_up and segment not in _DOT:
            kept.append(segment)
        elif number == len(segments):
            kept.append("")
    return kept or [""]
