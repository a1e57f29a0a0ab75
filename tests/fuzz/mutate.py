"""Pages to break, and ways of breaking them. A case is a function of the seed and its number alone.

Bytes are handled as text of Latin-1, which has a character for each of them, so that encodings break as well.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests import goldens
from tests.bench import haystack
from tests.bench.documents import REPO, is_markdown

LARGEST = 300_000
"""Bytes that no case exceeds by much: what is repeated thousands of times is short."""
_SMALL = 12_000
_HAYSTACK = 60


class Case(NamedTuple):
    """A page that was broken."""

    number: int
    path: str
    data: bytes
    how: tuple[str, ...]


_PIECE = re.compile(r"<[^<>]*>?|[^<]+")
_ATTRIBUTE = re.compile(r"""(\s[\w:-]+\s*=\s*)(["'])([^"'<>]*)\2""")
_TAGS = """table tbody thead tfoot tr td th caption colgroup col div p span a b i nobr font h1 h2 ul li dl dt dd pre code blockquote section
    form button fieldset select optgroup option input textarea label template svg math mi mtext annotation-xml foreignObject desc title
    style script noscript noembed noframes iframe xmp plaintext object applet marquee ruby rt rp html head body frameset frame br hr img
    details summary dialog search main article center image listing keygen custom-element""".split()
_RAW = ("<!--", "<!-- -- ", "<![CDATA[", "<!doctype ", "<?php ", "<script>", "<style>", "<textarea>", "<title>", "<xmp>", "<plaintext>",
        "<noscript>", "<iframe>", "<noembed>", "<noframes>", "<script><!--<script>", "</", "<!", "<td title='", '<p class="')  # fmt: skip
_ENTITIES = ("&amp", "&#0;", "&#xD800;", "&#x110000;", "&#99999999999999999999;", "&notit;", "&NotEqualTilde;", "&lt;td&gt;", "&", "&#x;",
             "&nbsp", "&#128;", "&CounterClockwiseContourIntegral;", "&ampamp;", "&#13;", "&#xFFFE;", "&#x")  # fmt: skip
_BYTES = ("\0", "\x0c", "\r", "\r\n", "\xed\xa0\x80", "\xed\xbf\xbf", "\xff", "\xc3", "\xef\xbb\xbf", "\xff\xfe", "\xef\xbf\xbd",
          "\xf4\x90\x80\x80", "\x1b$B", "\xe2\x80\xae", "\x85", "\xa0", "\t", "\x0b")  # fmt: skip
FRAGMENTS = tuple(line.replace("\\n", "\n") for line in Path(__file__).with_name("fragments.txt").read_text("utf-8").splitlines())
"""What tears trees apart, one a line; each was, or could be, the case of some parser."""


# --- ways of breaking a page: each takes a generator and the text, and returns the text broken ---------------------------


def _slice(rng: random.Random, pieces: list[str], most: int = 40) -> slice:
    start = rng.randrange(len(pieces))
    return slice(start, start + rng.randint(1, most))


def _delete(rng: random.Random, text: str) -> str:
    pieces = _PIECE.findall(text)
    del pieces[_slice(rng, pieces)]
    return "".join(pieces)


def _duplicate(rng: random.Random, text: str) -> str:
    pieces = _PIECE.findall(text)
    at = rng.randrange(len(pieces))
    return "".join([*pieces[:at], *pieces[_slice(rng, pieces)], *pieces[at:]])


def _swap(rng: random.Random, text: str) -> str:
    pieces = _PIECE.findall(text)
    one, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
    pieces[one], pieces[other] = pieces[other], pieces[one]
    return "".join(pieces)


def _shuffle(rng: random.Random, text: str) -> str:
    pieces = _PIECE.findall(text)
    span = _slice(rng, pieces)
    some = pieces[span]
    rng.shuffle(some)
    pieces[span] = some
    return "".join(pieces)


def _cut(rng: random.Random, text: str) -> str:
    """Take out what lies between two places, wherever they are: in tags, in characters, in comments."""
    start = rng.randrange(len(text))
    return text[:start] + text[start + rng.randint(1, 400) :]


def _end_early(rng: random.Random, text: str) -> str:
    return text[: rng.randrange(len(text))]


def _bytes(rng: random.Random, text: str) -> str:
    for _ in range(rng.randint(1, 20)):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice((rng.choice(_BYTES), chr(rng.randrange(256)))) + text[at + rng.randint(0, 1) :]
    return text


def _insert(rng: random.Random, text: str, what: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + what + text[at:]


def _between(rng: random.Random, text: str, what: str) -> str:
    pieces = _PIECE.findall(text)
    return "".join([*pieces[: (at := rng.randint(0, len(pieces)))], what, *pieces[at:]])


def _fragment(rng: random.Random, text: str) -> str:
    return _between(rng, text, _as_bytes(rng.choice(FRAGMENTS)))


def _tags(rng: random.Random, text: str) -> str:
    for _ in range(rng.randint(1, 6)):
        text = _between(rng, text, f"<{rng.choice(('', '', '/'))}{rng.choice(_TAGS)}{rng.choice(('', '', ' ', '/', ' hidden'))}>")
    return text


def _rename(rng: random.Random, text: str) -> str:
    """Give one element another name, at its start alone or wherever the name stands."""
    names = re.findall(r"<([a-z]\w*)", text, re.IGNORECASE)
    if not names:
        return text
    return re.sub(rf"(</?){rng.choice(names)}\b", rf"\1{rng.choice(_TAGS)}", text, count=rng.choice((0, 1, 3)), flags=re.IGNORECASE)


def _raw(rng: random.Random, text: str) -> str:
    return rng.choice((_insert, _between))(rng, text, rng.choice(_RAW))


def _entity(rng: random.Random, text: str) -> str:
    return _insert(rng, text, rng.choice(_ENTITIES))


def _unquote(rng: random.Random, text: str) -> str:
    """Take a quotation mark off attributes, or both."""
    chosen = rng.choice((r"\1\3\2", r"\1\2\3", r"\1\3"))
    return _ATTRIBUTE.sub(lambda found: found.expand(chosen) if rng.random() < 0.3 else found[0], text)


def _nest(rng: random.Random, text: str) -> str:
    name = rng.choice(_TAGS)
    depth = rng.choice((2, 20, 200, 600, 5000))
    pieces = _PIECE.findall(text)
    span = _slice(rng, pieces, 200)
    closing = f"</{name}>" * rng.choice((0, depth, depth // 2))
    return "".join([*pieces[: span.start], f"<{name}>" * depth, *pieces[span], closing, *pieces[span.stop :]])


def _repeat(rng: random.Random, text: str) -> str:
    """Repeat a short piece thousands of times."""
    pieces = _PIECE.findall(text)
    span = _slice(rng, pieces, 6)
    piece = rng.choice(
        ("".join(pieces[span]), _as_bytes(rng.choice(FRAGMENTS)), rng.choice(_RAW), rng.choice(_ENTITIES), rng.choice(_BYTES))
    )
    times = min(rng.choice((30, 300, 3000, 10_000)), max(LARGEST - len(text), 0) // max(len(piece), 1))
    return "".join([*pieces[: span.start], piece * times, *pieces[span.start :]])


def _count(rng: random.Random, text: str) -> str:
    """Write a tag thousands of times, each time with another attribute: what is kept of all of them adds up."""
    before, name, after = rng.choice(_TAGS), rng.choice(_TAGS), rng.choice(("", "x", "<p>", "<tr>", f"</{rng.choice(_TAGS)}>"))
    tag = rng.choice((f"<{name} a%d=1>{after}", f"<{name} a=%d>{after}"))
    times = min(rng.choice((30, 300, 3000)), max(LARGEST - len(text), 0) // len(tag))
    return _between(rng, text, f"<{before}>" + "".join(tag % number for number in range(times)))


_WAYS: dict[str, tuple[int, Callable[[random.Random, str], str]]] = {
    "delete": (8, _delete),
    "duplicate": (8, _duplicate),
    "swap": (8, _swap),
    "shuffle": (8, _shuffle),
    "cut": (8, _cut),
    "end-early": (2, _end_early),
    "bytes": (6, _bytes),
    "fragment": (14, _fragment),
    "tags": (10, _tags),
    "rename": (6, _rename),
    "raw": (5, _raw),
    "entity": (5, _entity),
    "unquote": (4, _unquote),
    "nest": (3, _nest),
    "repeat": (2, _repeat),
    "count": (2, _count),
}
"""Name -> how often it is chosen, and what it does."""


def _as_bytes(text: str) -> str:
    return text.encode().decode("latin-1")


# --- cases --------------------------------------------------------------------------------------------------------------


@functools.cache
def pages() -> tuple[tuple[str, str], ...]:
    """Return the pages to break, (path, text): golden ones, shipped documents, the smaller ones of a haystack, and fragments alone."""
    files = [*map(goldens.page_of, goldens.folders()), *sorted((REPO / "data/docs").rglob("*.md"))]
    found = [("page.md" if is_markdown(file) else "page.html", file.read_bytes()) for file in files]
    made = [haystack.page(number) for number in range(_HAYSTACK)]
    found += [(f"page.{one.path.rpartition('.')[2]}", one.data) for one in made if len(one.data) <= _SMALL]
    found += [(path, fragment.encode()) for fragment in FRAGMENTS for path in ("page.html", "page.md")]
    return tuple((path, data.decode("latin-1")) for path, data in found)


def case(number: int, seed: int = 0) -> Case:
    """Return the case of that number."""
    rng = random.Random(f"{seed}/{number}")
    path, text = rng.choice(pages())
    names, weights = tuple(_WAYS), [weight for weight, _ in _WAYS.values()]
    how = rng.choices(names, weights, k=rng.randint(1, 8))
    for name in how:
        text = _WAYS[name][1](rng, text or "x")
    return Case(number, path, text[: 2 * LARGEST].encode("latin-1"), tuple(how))
