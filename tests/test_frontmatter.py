"""Front matter comes off, the body keeps its lines, and what is no front matter stays."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.read.frontmatter import split, title_of

PROPERTY = settings(deadline=None, derandomize=True, max_examples=300)

TABLE = "| Port | Use |\n|---|---|\n| 443 | web: console |\n"


def codes(text: str) -> list[str]:
    return [found.code for found in split(text).findings]


# --- what front matter is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        pytest.param('{"title": "A"}# Heading\n\nx\n', "A", "# Heading\n\nx\n", id="JSON glued to the heading"),
        pytest.param('{"title": "A"}\n# Heading\n', "A", "\n# Heading\n", id="JSON on its line"),
        pytest.param('{\n  "title": "A",\n  "a": {"b": [1, 2]}\n}# Heading\n', "A", "\n\n\n# Heading\n", id="JSON on lines"),
        pytest.param('\n\n{"title": "A"}\nx', "A", "\n\n\nx", id="JSON after blank lines"),
        pytest.param('{"title": "A } B \\" {"}x', 'A } B " {', "x", id="braces and quotes in JSON strings"),
        pytest.param("---\ntitle: A\n---\n# H\n", "A", "\n\n\n# H\n", id="YAML"),
        pytest.param("--- \t\ntitle: A\n---\t\n# H\n", "A", "\n\n\n# H\n", id="YAML with trailing blanks"),
        pytest.param("\n---\ntitle: A\n---\nx", "A", "\n\n\n\nx", id="YAML after a blank line"),
        pytest.param("---\ntitle: A\n---", "A", "\n\n", id="YAML and nothing else"),
        pytest.param("---\ntitle: 'A: B'\ntags: [x, y]\n---\nx", "A: B", "\n\n\n\nx", id="YAML with quotes and lists"),
        pytest.param("---\ntitle: >-\n  A\n  B\n---\nx", "A B", "\n\n\n\n\nx", id="YAML with a folded title"),
        pytest.param("---\ntitle: A\nms:assetid: x\n'quoted key': [\n]\n---\nx", "A", "\n\n\n\n\n\nx", id="YAML with keys of all kinds"),
        pytest.param("---\ntitle: 5.10\n---\nx", "5.10", "\n\n\nx", id="a title that looks like a number"),
        pytest.param("---\ntitle: ~\n---\nx", "", "\n\n\nx", id="a title of nothing"),
        pytest.param("---\ntitle: A&#174; &amp; B&nbsp;&lt;C&gt;\n---\nx", "A® & B <C>", "\n\n\nx", id="a title with character references"),
        pytest.param("---\ntitle: AT&T R&D &copy &#; &none;\n---\nx", "AT&T R&D &copy &#; &none;", "\n\n\nx", id="a title with ampersands"),
        pytest.param("---\ntitle: A&#10;&#0;&#xD800;B\n---\nx", "A \ufffd\ufffdB", "\n\n\nx", id="a title with references to nothing"),
        pytest.param("---\ntitle: A\n...\nx", "A", "\n\n\nx", id="YAML that ends with dots"),
        pytest.param('+++\ntitle = "A"\n+++\n# H\n', "A", "\n\n\n# H\n", id="TOML"),
        pytest.param('+++\n[extra]\nx = 1\n+++\n# H\n', "", "\n\n\n\n# H\n", id="TOML without a title"),
    ],
)  # fmt: skip
def test_front_matter_comes_off(text: str, title: str, body: str) -> None:
    front = split(text)
    assert (title_of(front.fields), front.body, front.findings) == (title, body, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "x",
        "# Heading\n",
        "---",
        "---\n",
        "---\n---\n",
        "---\ntitle: A\n",
        "+++\ntitle = 1\n",
        "----\ntitle: A\n----\n",
        "# H\n\n---\ntitle: A\n---\n",
        "---\n\nSome text.\n\n---\n\nMore text.\n",
        "***\n\nSome text: a colon.\n\n***\n",
        "{% if version %}\n# H\n{% endif %}\n",
        '{% include "a.md" %}\n',
        "{{ include }}\n# H\n",
        "{{< note >}}\n",
        "{: .class}\n# H\n",
        "{#anchor}\n",
        "{",
        "{}x",
        "[1, 2]\n",
        '"text"\n',
    ],
)
def test_what_is_no_front_matter_stays(text: str) -> None:
    front = split(text)
    assert title_of(front.fields) == ""
    assert front.findings == ()
    assert front.body == ("x" if text == "{}x" else text)


@pytest.mark.parametrize("opener", ["{% if a %}", "{{ x }}", "{: .x}", "---", "***", "- - -", "* * *"])
def test_no_opener_of_a_page_hides_its_table(opener: str) -> None:
    text = f"{opener}\n\n{TABLE}\n"
    assert split(text).body == text


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(TABLE, id="pipe table"),
        pytest.param("<table><tr><td>Port: 443</td></tr></table>\n", id="HTML table, which is a mapping for YAML"),
        pytest.param("# Ports: inbound\n\nOpen these: the ports\n\n" + TABLE, id="heading, text and table"),
        pytest.param("- TCP 443\n- UDP 53\n", id="list"),
        pytest.param("- TCP: 443\n- UDP: 53\n", id="list of mappings"),
        pytest.param("Some text.\n\nNote: open these.\n", id="paragraphs"),
    ],
)
def test_nothing_between_two_thematic_breaks_is_lost(between: str) -> None:
    # A mapping whose key is markup or prose is no front matter, and neither is what no site generator could read.
    text = f"---\n\n{between}\n---\n\nEnd.\n"
    assert split(text).body == text


def test_yaml_that_ends_with_dots_does_not_take_the_page_along() -> None:
    front = split(f"---\ntitle: A\n...\n\n{TABLE}\n---\n\nEnd.\n")
    assert TABLE in front.body


def test_yaml_without_an_end_does_not_take_the_page_along() -> None:
    front = split(f"---\ntitle: A\n\n{TABLE}\n---\n\nEnd.\n")
    assert TABLE in front.body


# --- broken front matter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("---\ntitle: [A\n---\n# H\n", id="open bracket"),
        pytest.param("---\ntitle: A: B\n---\n# H\n", id="colon in a plain title"),
        pytest.param("---\ntitle: A\n\tindented: tab\n---\n# H\n", id="tab"),
        pytest.param("---\ntitle: {{ name }}: x\n---\n# H\n", id="template in YAML"),
        pytest.param("---\n? [a]\n: b\n---\n# H\n", id="unhashable key"),
        pytest.param("---\na: *nowhere\n---\n# H\n", id="unknown alias"),
        pytest.param("---\na: !!python/object/apply:os.system [x]\n---\n# H\n", id="Python object"),
        pytest.param("---\ntitle: 2024-13-45\n---\n# H\n", id="impossible date"),
        pytest.param("---\na: !!timestamp x\n---\n# H\n", id="tag: timestamp"),
        pytest.param("---\na: !!bool x\n---\n# H\n", id="tag: bool"),
        pytest.param('---\na: !!int ""\n---\n# H\n', id="tag: int"),
        pytest.param("---\na: !!float x\n---\n# H\n", id="tag: float"),
        pytest.param("---\na: !!binary x\n---\n# H\n", id="tag: binary"),
        pytest.param("---\na: " + "9" * 5000 + "\n---\n# H\n", id="huge number in YAML"),
        pytest.param("---\na: " + "[" * 20_000 + "\n---\n# H\n", id="deep YAML"),
        pytest.param("+++\ntitle = \n+++\n# H\n", id="TOML without a value"),
        pytest.param("+++\ntitle: A\n+++\n# H\n", id="YAML in TOML's fence"),
        pytest.param("+++\na = " + "[" * 20_000 + "\n+++\n# H\n", id="deep TOML"),
    ],
)
def test_broken_front_matter_is_reported_and_the_page_is_read(text: str) -> None:
    front = split(text)
    assert front.body.endswith("\n# H\n")
    assert front.body.count("\n") == text.count("\n")
    # What a person means to be a date or a number may well be read as text: then there is nothing to report.
    assert [found.code for found in front.findings] == ["front-matter"] or front.fields


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"title": "A"\n# H\n', id="unclosed"),
        pytest.param('{"title": A}\n# H\n', id="no quotes"),
        pytest.param('{ "title": "A",}\n# H\n', id="comma too many"),
        pytest.param('{"a": ' + "9" * 5000 + "}\n# H\n", id="huge number"),
        pytest.param('{"a": ' + "[" * 100_000 + "\n# H\n", id="deep"),
    ],
)
def test_broken_json_is_reported_and_stays(text: str) -> None:
    # Where broken JSON ends nobody knows, so nothing is taken off.
    front = split(text)
    assert (front.fields, front.body) == ({}, text)
    assert codes(text) == ["front-matter"]


def test_a_finding_is_one_line() -> None:
    (found,) = split("---\na: [x\nb: y\n---\n").findings
    assert "\n" not in found.message
    assert found.line == 1


@pytest.mark.parametrize("scalar", ["~", "3", "true", "text", "'quoted'", "# comment"])
def test_a_lone_scalar_between_fences_is_text(scalar: str) -> None:
    text = f"---\n{scalar}\n---\nx\n"
    front = split(text)
    assert front.fields == {}
    assert scalar in front.body


# --- attacks ------------------------------------------------------------------------------------------------------------


def bomb(first: str, each: str) -> str:
    names = [f"n{index}" for index in range(25)]
    levels = [f"{name}: &{name} {each.format(','.join([f'*{before}'] * 9))}" for before, name in itertools.pairwise(names)]
    return "\n".join(["---", f"n0: &n0 {first}", *levels, "title: A", "---", "# H", ""])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(bomb("[x, x]", "[{}]"), id="aliases"),
        pytest.param(bomb("{x: 1}", "{{<<: [{}]}}"), id="merge keys"),
    ],
)
def test_yaml_bomb_goes_off_nowhere(text: str) -> None:
    # In a process of its own: the other outcome is a run without end. The limit is far from what reading takes.
    script = "import sys; from extract.read.frontmatter import split; print(split(sys.stdin.read()).body.strip())"
    run = subprocess.run([sys.executable, "-c", script], input=text, capture_output=True, text=True, timeout=20, check=True)
    assert run.stdout == "# H\n"


def test_yaml_that_holds_itself() -> None:
    assert split("---\na: &a [*a]\ntitle: A\n---\nx").body == "\n\n\n\nx"


def test_a_block_of_100_000_lines_is_no_front_matter() -> None:
    text = "---\n" + "a: b\n" * 100_000 + "---\nx\n"
    front = split(text)
    assert (front.fields, front.body) == ({}, text)


# --- lines --------------------------------------------------------------------------------------------------------------

WORDS = st.text(alphabet="abc {}[]:-+\"'\\|<>\n\t#é", max_size=40)
VALUES = st.recursive(WORDS | st.integers() | st.booleans() | st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=6)


@PROPERTY
@given(st.dictionaries(WORDS, VALUES, max_size=4), WORDS, st.sampled_from([None, 1]))
def test_json_keeps_the_lines_of_the_body(fields: dict[str, object], body: str, indent: int | None) -> None:
    text = json.dumps(fields, indent=indent)
    front = split(text + body)
    assert front.fields == fields
    assert front.body == "\n" * text.count("\n") + body


@PROPERTY
@given(st.sampled_from(["---\n", "+++\n", "{", "\n---\n", "---\n\n", ""]), WORDS, st.sampled_from(["---\n", "+++\n", "}", "..."]), WORDS)
def test_every_line_of_the_body_stays_where_it_was(opener: str, inside: str, closer: str, body: str) -> None:
    text = f"{opener}{inside}\n{closer}{body}"
    before, after = text.split("\n"), split(text).body.split("\n")
    assert len(after) == len(before)
    # A line is as it was, gone, or (the one that front matter ends on) the end of what it was.
    assert all(was.endswith(line) for was, line in zip(before, after, strict=True))


# --- titles -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({}, ""),
        ({"title": "A"}, "A"),
        ({"title": "  A \n B "}, "A B"),
        ({"title": " "}, ""),
        ({"title": None, "linkTitle": "B"}, "B"),
        ({"title": ["A"], "page_title": "B"}, "B"),
        ({"linkTitle": "B", "title": "A"}, "A"),
        ({"TOCTitle": "A"}, "A"),
        ({"sidebar_label": "A"}, "A"),
        ({"subtitle": "A"}, ""),
        ({1: "A"}, ""),
    ],
)
def test_title(fields: dict[str, object], title: str) -> None:
    assert title_of(fields) == title
