"""Files that people write: what is wrong is said with the line, the key, what stands there and what may stand there."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import schema, written
from extract.check import patch_files
from extract.errors import UsageError
from extract.export import bindings
from extract.read import manifest
from extract.written import explain, lines

ROOT = Path(__file__).resolve().parent.parent
PATCH = '[[patch]]\nid = "a"\nreason = "r"\n'
DROP = "match = { from_port = 1 }\ndrop = true\n"
SET = "match = { from_port = 1 }\n"
TWO = f'{PATCH}{DROP}\n[[patch]]\nid = "b"\nreason = """\n[[patch]] # no\n"""\n[patch.match]\nprotocol = "tcp"\n[patch.set]\n'

PATCHES = {
    "[[patch]\n": "1:8: is no TOML: Expected ']]' at the end of an array declaration",
    "a = 1\na = 2\n": "2:6: is no TOML: Cannot overwrite a value",
    "x = " + "[" * 1_000: ": is no TOML: ",
    "": "1: the file lacks the key patch",
    "patches = 1\n": "1: there is no key 'patches'; did you mean 'patch'?",
    "patch = 1\n": "1: patch is 1; write a list, each entry a table",
    "patch = [1]\n": "1: entry 1 of patch is 1; write a table",
    f"{PATCH}{DROP}what = 1\n": "6: entry 1 of patch has no key 'what'; there is id, reason, link,",
    f"{PATCH}mtch = {{ from_port = 1 }}\ndrop = true\n": "4: entry 1 of patch has no key 'mtch'; did you mean 'match'?",
    f"{PATCH}match = {{ port = 1 }}\ndrop = true\n": "4: match has no key 'port'; did you mean 'to_port' or 'port_text'?",
    f'{TWO}protokol = "udp"\n': "15: set has no key 'protokol'; did you mean 'protocol'?",
    f'{TWO}direction = "ingres"\n': '15: set.direction is "ingres"; write "ingress" or "egress" or "?"; did you mean "ingress"?',
    f'{SET}[[patch]]\nreason = "r"\n': "1: there is no key 'match'; did you mean 'patch'?",
    f'[[patch]]\nid = "a"\n{DROP}': "1: entry 1 of patch lacks the key reason: Why the data should differ from the page;",
    f'[[patch]]\nid = "A b"\nreason = "r"\n{DROP}': (
        '2: id is "A b"; write lower-case letters and digits, with single hyphens between them'
    ),
    f"{PATCH}match = {{ from_port = 70000 }}\ndrop = true\n": "4: match.from_port is 70000; write a whole number from 0 to 65535",
    f'{PATCH}match = {{ from_port = "443" }}\ndrop = true\n': (
        '4: match.from_port is "443"; write a whole number from 0 to 65535; did you mean 443?'
    ),
    f"{PATCH}match = {{ from_port = 443.0 }}\ndrop = true\n": "4: match.from_port is no whole number; write it without a point",
    f"{PATCH}match = {{ from_port = nan }}\ndrop = true\n": "4: match.from_port is NaN; write a whole number from 0 to 65535",
    f'{PATCH}match = {{ protocol = "TCP" }}\ndrop = true\n': (
        '4: match.protocol is "TCP"; write an IANA keyword in lower case, or any; did you mean "tcp"?'
    ),
    f'{PATCH}link = "javascript:1"\n{DROP}': '4: link is "javascript:1"; write an address that begins with http:// or https://',
    f"{PATCH}link = 1979-05-27\n{DROP}": "4: link is the date or time 1979-05-27; write an address that begins",
    f'{PATCH}releases = "5.5"\n{DROP}': '4: releases is "5.5"; write a list, each entry a text; did you mean ["5.5"]?',
    f"{PATCH}releases = []\n{DROP}": "4: releases is an empty list; it needs an entry, a text",
    f'{PATCH}releases = ["1", "1"]\n{DROP}': '4: releases holds "1" twice',
    f"{PATCH}match = {{}}\ndrop = true\n": "4: match is empty; give document, table, action, direction, protocol",
    f"{PATCH}{SET}drop = false\n": "5: drop is false; write true",
    f'{PATCH}{SET}set = "udp"\n': '5: set is "udp"; write a table',
    f"{PATCH}{DROP}set = {{}}\n": "1: a patch has exactly one of set, drop, add, alias; this one has set and drop",
    f"{PATCH}drop = true\n": "1: a patch that does drop needs a match: which rules it is about",
    f"{PATCH}alias = {{ A = 1 }}\n": '4: alias.A is 1; write a text; did you mean "1"?',
    f'{PATCH}alias = {{ A = "" }}\n': "4: alias.A is empty; write a text",
}

SOURCES = {
    "[[source": "1:9: is no TOML: ",
    "": "1: it holds neither a [[source]] nor a layout",
    "\n[[sources]]\npath = 'a'\n": "2: there is no key 'sources'; did you mean 'source'?",
    'layuot = "x/**"\n': "1: there is no key 'layuot'; did you mean 'layout'?",
    'source = [\n  { path = "a/", licence = "MIT" },\n  { path = "b/", licens = "MIT" },\n]\n': (
        "3: entry 2 of source has no key 'licens'; did you mean 'licence'?"
    ),
    'layout = [\n  "{vendor}/{product}/{release}/**",\n  "{produkt}/**",\n]\n': "3: the layout '{produkt}/**' cannot be used",
    "# a comment\n\nlayout = [\n  1,\n]\n": "4: entry 1 of layout is 1; write a text",
    "layout = true\n": "1: layout is true; write a text or a list, each entry a text",
    'layout = "x"\n': "1: the layout 'x' cannot be used: it ends with a folder",
    '\nvendor = "acme"\n': "2: vendor is for what a layout leaves out, and there is none",
    'layout = "{product}/{release}/**"\nvendor = " "\n': (
        '2: vendor is " "; write a text that is not empty and neither begins nor ends with a blank'
    ),
    "source = []\n": "1: source is an empty list; it needs an entry, a table",
    "[[source]]\n": "1: an entry needs the path of a document or folder",
    '[[source]]\npath = "a"\n': "1: entry 1 of source has path alone; give vendor, product, release, url, licence or title",
    '[[source]]\npath = "../a"\nlicence = "MIT"\n': '2: path is "../a"; write a path below the folder of documents',
    '[[source]]\npath = "a"\nlicense = "MIT"\n': "3: entry 1 of source has no key 'license'; did you mean 'licence'?",
    '[[source]]\npath = "a.html"\nurl = "ftp://a"\n': '3: url is "ftp://a"; write an address that begins with http:// or https://',
    '[[source]]\npath = "a.html"\nurl = "HTTPS://example.com/"\n': 'did you mean "https://example.com/"?',
    '[[source]]\npath = "a"\nlicence = "MIT"\n\n[[source]]\npath = "b"\nlicence = 1\n': "7: licence is 1; write a text that is not",
    '[[source]]\npath = "a"\nvendor = "x"\n': "1: vendor, product, release are given together or not at all; this entry has vendor",
}

BINDINGS = {
    "[endpoint.Web\n": "1:14: is no TOML: Expected ']' at the end of a table declaration",
    "endpoints = 1\n": "1: there is no key 'endpoints'; did you mean 'endpoint'?",
    "endpoint = 1\n": "1: endpoint is 1; write a table",
    '[endpoint]\nWeb = "10.0.0.0/8"\n': '2: endpoint.Web is "10.0.0.0/8"; write a table',
    "[endpoint.Web]\n": "1: endpoint.Web is empty; give networks, refuse, terraform-aws or kubernetes",
    '[endpoint.Web]\nnetwork = ["10.0.0.0/8"]\n': "2: endpoint.Web has no key 'network'; did you mean 'networks'?",
    '[endpoint.Web]\nnetworks = "10.0.0.0/8"\n': (
        '2: endpoint.Web.networks is "10.0.0.0/8"; write a list, each entry a text; did you mean ["10.0.0.0/8"]?'
    ),
    '[endpoint.Web]\nnetworks = [\n  "10.0.0.0/8",\n  1,\n]\n': "4: entry 2 of endpoint.Web.networks is 1; write a text",
    '[endpoint.Web]\nnetworks = ["10.0.0.1/8"]\n': "2: '10.0.0.1/8' is no network: 10.0.0.1/8 has host bits set",
    "[endpoint.Web]\nrefuse = 2026-01-01\n": "2: endpoint.Web.refuse is the date or time 2026-01-01; write a text; did",
    "[endpoint.Web.terraform-aws]\n": "1: endpoint.Web.terraform-aws lacks the key security_group: ",
    '[endpoint.Web.terraform]\nsecurity_group = "var"\n': "1: endpoint.Web has no key 'terraform'; did you mean 'terraform-aws'?",
    '[scope]\nvendr = "acme"\n': "2: scope has no key 'vendr'; did you mean 'vendor'?",
    '[scope]\nvendor = "other"\n': "2: its names are of vendor 'other'; this export is of acme/gate/1.0",
    '[[unstated]]\ndocument = "a"\nside = "src"\nnetworks = ["::/0"]\n': '3: side is "src"; write "source" or "destination"',
    '[[unstated]]\nside = "source"\nnetworks = ["::/0"]\n': "1: entry 1 of unstated lacks the key document: Id of the document",
}


@pytest.mark.parametrize(("text", "said"), PATCHES.items())
def test_what_is_wrong_with_a_file_of_patches(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        patch_files.parse(text, "acme/gate.toml")
    assert str(error.value).startswith("acme/gate.toml:") and said in str(error.value)


@pytest.mark.parametrize(("text", "said"), SOURCES.items())
def test_what_is_wrong_with_a_manifest_of_sources(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError) as error:
        manifest.load(file)
    assert str(error.value).startswith(f"{file}:") and said in str(error.value)


@pytest.mark.parametrize(("text", "said"), BINDINGS.items())
def test_what_is_wrong_with_bindings(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        bindings.parse(text, "ours.toml", ("acme", "gate", "1.0"))
    assert str(error.value).startswith("ours.toml:") and said in str(error.value)


def test_a_long_value_and_many_keys_are_cut_short() -> None:
    with pytest.raises(UsageError) as error:
        patch_files.parse(f'{PATCH}link = "{"x" * 10_000}"\n{DROP}', "p.toml")
    assert len(str(error.value)) < 200


def test_every_pattern_of_a_file_that_people_write_has_words() -> None:
    def patterns(value: Any) -> set[str]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        own = {value["pattern"]} if isinstance(value, dict) and isinstance(value.get("pattern"), str) else set()
        return own.union(*map(patterns, inner))

    kinds = [path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.schema.json")]
    people = [schema.load(kind) for kind in kinds if "schema_version" not in schema.load(kind)["properties"]]
    assert len(people) >= 3
    assert set().union(*map(patterns, people)) == set(explain.FORMS)


# --- where values stand -------------------------------------------------------------------------------------------------

TEXT = """\
# [not.a.table]
top = 1 # top = 2

[a]
b = \"""
[c]
\"""
"quo ted" = 'x # y' # [z]
list = [
  1, # ]
  { in = "]" },
]
d.e = { f = 3 }
[[g]]
x = 1
[g.h]
y = '''
[[g]]'''
[[g]]
[[g.i]]
z = 1
[[g.i]]
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("top",), 2),
        (("a",), 4),
        (("a", "b"), 5),
        (("a", "quo ted"), 8),
        (("a", "list"), 9),
        (("a", "list", 0), 10),
        (("a", "list", 1, "in"), 11),
        (("a", "d", "e", "f"), 13),
        (("g",), 14),
        (("g", 0, "x"), 15),
        (("g", 0, "h", "y"), 17),
        (("g", 1), 19),
        (("g", 1, "i", 0, "z"), 21),
        (("g", 1, "i", 1), 22),
        (("a", "nothing"), 4),
        (("g", 1, "i", 1, "z"), 22),
        (("nothing",), 1),
        ((), 1),
    ],
)
def test_the_line_of_a_value(place: tuple[str | int, ...], line: int) -> None:
    assert lines.line_of(TEXT, place) == line
    assert lines.line_of(f"\n\n{TEXT}", place) == line + (2 if place and place != ("nothing",) else 0)


def test_the_entries_of_a_list_stand_at_their_heads() -> None:
    assert lines.heads(TEXT, "g", 2) == [14, 19]
    assert lines.heads("\nx = [\n{}, {} ]\n", "x", 2) == [3, 3]
    assert lines.heads("x = [\n{}, # }\n# ,\n{ y = [1, ']'] },\n]\n", "x", 2) == [2, 4]
    assert lines.heads('[["x"]]\n[[x]]\n', "x", 2) == [1, 2]


SHIPPED = sorted({*(ROOT / "data").rglob("*.toml"), *(ROOT / "extract").rglob("*.toml")})


@pytest.mark.parametrize("file", [file for file in SHIPPED if file.stat().st_size < 30_000], ids=lambda file: str(file.name))
def test_every_value_of_a_shipped_file_stands_in_a_line_that_names_it(file: Path) -> None:
    text = file.read_text("utf-8")
    shown = text.split("\n")
    whole = tomllib.loads(text)
    for place in places(whole):
        found = shown[lines.line_of(text, place) - 1]
        last = next(key for key in reversed(place) if isinstance(key, str))
        entry = value_at(whole, place) if isinstance(place[-1], int) else None
        assert last in found or json.dumps(entry, ensure_ascii=False) in found, place


def value_at(value: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for key, inner in entries for one in ((*path, key), *places(inner, (*path, key)))]


PIECES = st.sampled_from(["a", "[", "]", "[[a]]\n", "[b.c]\n", "=", " 1", '"', '"""', "'", "'''", "#", "\n", "\\", "{", "}", ",", "\r\n"])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_refused_with_a_line_or_its_values_have_lines(text: str) -> None:
    try:
        found = written.parse(text, "f")
    except UsageError as error:
        assert re.match(r"f:\d+:\d+: is no TOML: ", str(error))
        return
    for place in places(found.table):
        assert 1 <= found.line(place) <= text.count("\n") + 1


LISTS = st.recursive(st.just(0), lambda inner: st.lists(inner, max_size=3), max_leaves=8)


@given(st.lists(LISTS, max_size=4), st.booleans())
def test_each_entry_of_a_list_of_lists_stands_in_its_own_line(entries: list[Any], closed: bool) -> None:
    """Each value is a number that no other one is, and stands in the line of that number."""
    text = ["x.y = ["]

    def write(value: Any) -> None:
        if isinstance(value, list):
            text.append("[ # ] ,")
            for one in value:
                write(one)
            text.append("],")
        else:
            text.append(f"{len(text) + 1},")

    for one in entries:
        write(one)
    text.append("]" if closed else " ]# [")
    whole = "\n".join(text)
    read = tomllib.loads(whole)
    for place in places(read):
        value = value_at(read, place)
        if isinstance(value, int):
            assert lines.line_of(whole, place) == value


def test_the_mark_of_an_editor_and_its_line_ends_are_no_part_of_a_file() -> None:
    found = written.parse("\ufeffa = 1\r\nb = 2\r\n", "f")
    assert (found.table, found.line(["b"])) == ({"a": 1, "b": 2}, 2)
