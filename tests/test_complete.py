"""Which rules are complete for a firewall, and that null never means any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import extract_paths, extract_text, schema
from extract.model import Direction, Endpoint, Extraction, Rule, is_complete
from extract.publish import render

ANYWHERE, WEB, APP = Endpoint("any", "Any"), Endpoint("group", "Web SG"), Endpoint("group", "App SG")

# direction, source, destination -> whether a rule is complete
CASES: list[tuple[Direction | None, Endpoint | None, Endpoint | None, bool]] = [
    ("ingress", WEB, APP, True),
    ("egress", WEB, APP, True),
    (None, WEB, APP, True),
    ("ingress", WEB, None, True),
    ("ingress", None, APP, True),
    ("egress", None, None, True),
    ("ingress", None, None, True),
    (None, ANYWHERE, APP, True),
    (None, WEB, None, False),
    (None, None, APP, False),
    (None, ANYWHERE, None, False),
    (None, None, None, False),
]


def extracted(header: str, *rows: str, above: str = "") -> Extraction:
    table = "".join(f"| {row} |\n" for row in (header, " | ".join(["---"] * len(header.split("|"))), *rows))
    return extract_text(f"{above}\n\n{table}", path="page.md")


def rule(**values: Any) -> Rule:
    (found,) = extracted("Protocol | Port", "TCP | 443").rules
    return msgspec.structs.replace(found, **values)


@pytest.mark.parametrize(("direction", "source", "destination", "complete"), CASES)
def test_a_rule_is_complete_with_a_direction_or_both_ends(
    direction: Direction | None, source: Endpoint | None, destination: Endpoint | None, complete: bool
) -> None:
    assert is_complete(direction, source, destination) is complete
    assert rule(direction=direction, source=source, destination=destination).complete is complete


# name -> header, rows, what stands above them, whether the rules are complete
PAGES: dict[str, tuple[str, tuple[str, ...], str, list[bool]]] = {
    "a direction above the table": ("Protocol | Port", ("TCP | 443", "UDP | 53"), "# Inbound", [True, True]),
    "a direction in some rows": ("Direction | Protocol | Port", ("Inbound | TCP | 443", "- | TCP | 80"), "", [True, False]),
    "nothing but ports": ("Protocol | Port", ("TCP | 443",), "", [False]),
    "one end": ("Protocol | Port | Destination", ("TCP | 443 | Web server",), "", [False]),
    "both ends": ("Protocol | Port | From | To", ("TCP | 443 | Web server | App server",), "", [True]),
    "anywhere is an end": ("Protocol | Port | From | To", ("TCP | 443 | Any | App server",), "", [True]),
    "ICMP without a type": ("Direction | Protocol | Port", ("Inbound | ICMP | N/A",), "", [True]),
    "a protocol without ports": ("Direction | Protocol | Port", ("Inbound | ESP | N/A",), "", [True]),
    "every protocol": ("Direction | Protocol | Port", ("Inbound | All | All",), "", [True]),
}


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_states_makes_its_rules_complete(name: str) -> None:
    header, rows, above, complete = PAGES[name]
    extraction = extracted(header, *rows, above=above)
    assert [one.complete for one in extraction.rules] == complete
    assert extraction.summary.complete == sum(complete)
    published = json.loads(render.rules_json(extraction))
    assert [one["complete"] for one in published["rules"]] == complete
    assert json.loads(render.report_json(extraction))["summary"]["complete"] == sum(complete)


def test_an_unresolved_rule_has_no_such_field() -> None:
    extraction = extracted("Direction | Protocol | Port", "Inbound | TCP | User-defined range")
    assert (extraction.summary.unresolved, extraction.summary.complete) == (1, 0)
    assert "complete" not in json.loads(render.rules_json(extraction))["unresolved"][0]


def test_a_patch_that_states_the_direction_completes_the_rule(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "acme" / "gate" / "1.0" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_text("| Protocol | Port |\n| --- | --- |\n| TCP | 443 |\n| TCP | 80 |\n", "utf-8")
    patch = tmp_path / "patches" / "acme" / "gate.toml"
    patch.parent.mkdir(parents=True)
    values = 'match = { from_port = 443 }\nset = { direction = "ingress" }'
    patch.write_text(f'[[patch]]\nid = "one"\nreason = "because"\n{values}\n', "utf-8")
    raw = extract_paths([tmp_path / "docs"])
    assert {(one.from_port, one.complete) for one in raw.rules} == {(80, False), (443, False)}
    patched = extract_paths([tmp_path / "docs"], patches=tmp_path / "patches")
    assert {(one.from_port, one.complete) for one in patched.rules} == {(80, False), (443, True)}
    assert (raw.summary.complete, patched.summary.complete) == (0, 1)


ENDS = st.none() | st.sampled_from([ANYWHERE, WEB, APP])
PORTS = {"tcp": (443, 443), "udp": (0, 65535), "esp": (None, None), "icmp": (None, None), "any": (None, None)}
TEMPLATE = json.loads(render.rules_json(extracted("Protocol | Port", "TCP | 443")))


@given(st.sampled_from(["ingress", "egress", None]), ENDS, ENDS, st.sampled_from(sorted(PORTS)), st.booleans())
def test_the_schema_admits_what_the_field_means_and_nothing_else(
    direction: Direction | None, source: Endpoint | None, destination: Endpoint | None, protocol: str, told: bool
) -> None:
    first, last = PORTS[protocol]
    made = rule(direction=direction, source=source, destination=destination, protocol=protocol, from_port=first, to_port=last)
    entry = msgspec.to_builtins(made)
    assert schema.problem("rules", {**TEMPLATE, "rules": [entry]}) is None
    problem = schema.problem("rules", {**TEMPLATE, "rules": [{**entry, "complete": told}]})
    assert (problem is None) == (told == made.complete)
    assert msgspec.json.decode(msgspec.json.encode({**entry, "complete": told}), type=Rule) == made, "it is worked out anew"
