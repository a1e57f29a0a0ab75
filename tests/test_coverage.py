"""The coverage gate: what may fall from one publication to the next, and what is said when more does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from extract import Extraction, extract_paths
from extract.publish.coverage import drops
from extract.publish.diff_scopes import Snapshot
from extract.publish.publication import DEFAULT_LIMIT

HEADER = "| Protocol | Port | Source | Description |\n| --- | --- | --- | --- |\n"
GATE = "acme/gate/1.0"


def page(*ports: object, header: str = HEADER, heading: str = "Inbound rules for Web Security Group") -> str:
    return f"# {heading}\n\n{header}" + "".join(f"| TCP | {port} | Client Security Group | Use of {port} |\n" for port in ports)


def extracted(folder: Path, pages: Mapping[str, str]) -> Extraction:
    for path, text in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return extract_paths([folder])


def fallen(tmp_path: Path, old: Mapping[str, str], new: Mapping[str, str], limit: int = DEFAULT_LIMIT) -> list[tuple[str, str, str]]:
    """Return scope, what and cause of each drop between two folders."""
    before, after = extracted(tmp_path / "old", old), extracted(tmp_path / "new", new)
    snapshots = [Snapshot(one.documents, one.rules, one.unresolved) for one in (before, after)]
    return [(one.scope, one.what, one.cause) for one in drops(snapshots[0], snapshots[1], after.reports, limit)]


def test_the_same_pages_and_more_of_them_pass(tmp_path: Path) -> None:
    old = {f"{GATE}/a.md": page(*range(1, 11))}
    assert fallen(tmp_path, old, {**old, f"{GATE}/b.md": page(99), "acme/gate/2.0/a.md": page(*range(1, 12))}) == []


def test_a_page_that_vanished_is_an_alarm_whatever_it_held(tmp_path: Path) -> None:
    old = {f"{GATE}/a.md": page(*range(1, 101)), f"{GATE}/b.md": "# Nothing\n"}
    assert fallen(tmp_path, old, {f"{GATE}/a.md": old[f"{GATE}/a.md"]}) == [
        ("acme/gate/1.0", "the document acme/gate/1.0/b.md is gone", "the page vanished")
    ]


def test_a_page_that_can_no_longer_be_read_is_an_alarm(tmp_path: Path) -> None:
    old = {f"{GATE}/a.md": page(*range(1, 101)), f"{GATE}/b.md": page(200)}
    found, *_ = fallen(tmp_path, old, {**old, f"{GATE}/b.md": "\0\1\2" * 100})
    assert found[1] == "the document acme/gate/1.0/b.md cannot be read"
    assert "binary" in found[2]


def test_rules_that_are_new_and_say_less_are_no_loss(tmp_path: Path) -> None:
    """As when a patch answers what rows without a direction leave open."""
    bare = "# Ports\n\n| Protocol | Port | Description |\n| --- | --- | --- |\n"
    old = {f"{GATE}/a.md": page(1, 2, 3), f"{GATE}/b.md": bare + "".join(f"| | {port} | Use |\n" for port in range(10, 30))}
    new = {**old, f"{GATE}/b.md": old[f"{GATE}/b.md"].replace("| | ", "| TCP | ")}
    assert fallen(tmp_path, old, new) == []
    assert fallen(tmp_path, {f"{GATE}/b.md": old[f"{GATE}/b.md"]}, {f"{GATE}/b.md": new[f"{GATE}/b.md"]}) == []


@pytest.mark.parametrize("text", [page(1, 2, 3), page(1, 2, 4), f"Text.\n\n{page(1, 2, 3)}"], ids=["same bytes", "most rules", "new prose"])
def test_a_page_that_was_renamed_has_not_vanished(tmp_path: Path, text: str) -> None:
    other = {f"{GATE}/z.md": page(*range(100, 200), heading="Inbound rules for Data Security Group")}
    assert fallen(tmp_path, {f"{GATE}/a.md": page(1, 2, 3), **other}, {f"{GATE}/b.md": text, **other}) == []


def test_a_release_that_takes_the_place_of_another_one_is_no_loss(tmp_path: Path) -> None:
    assert fallen(tmp_path, {f"{GATE}/a.md": page(1, 2, 3)}, {"acme/gate/2.0/a.md": page(1, 2, 3, 4)}) == []


def test_a_release_is_compared_with_the_one_that_it_replaces_or_stands_beside(tmp_path: Path) -> None:
    old = {f"{GATE}/a.md": page(*range(1, 41)), f"{GATE}/b.md": page(*range(50, 70))}
    half = {"acme/gate/2.0/a.md": page(*range(1, 21)), "acme/gate/2.0/b.md": page(*range(50, 60))}
    lost = "acme/gate/1.0 \N{RIGHTWARDS ARROW} 2.0"
    for number, new in enumerate((half, {**old, **half})):
        assert (lost, "rules: 60 before, 30 now") in [(scope, what) for scope, what, _ in fallen(tmp_path / str(number), old, new)]
    one_page = fallen(tmp_path / "page", old, {**old, "acme/gate/2.0/a.md": old[f"{GATE}/a.md"]})
    assert one_page[0] == (lost, "tables: 2 before, 1 now", "pages that are not there: acme/gate/1.0/b.md")


def test_a_page_of_another_release_is_no_rename(tmp_path: Path) -> None:
    old = {f"{GATE}/{name}.md": page(*range(start, start + 10)) for name, start in (("a", 1), ("b", 20), ("c", 40))}
    second = {path.replace("1.0", "2.0"): text for path, text in old.items()}
    del (left := dict(old))[f"{GATE}/c.md"]
    assert ("acme/gate/1.0", f"the document {GATE}/c.md is gone", "the page vanished") in fallen(tmp_path, old, {**left, **second})


def test_a_document_of_no_release_may_be_renamed_and_edited(tmp_path: Path) -> None:
    text = page(*range(1, 41))
    assert fallen(tmp_path, {"a.md": text}, {"a2.md": text.replace("Use of 7 |", "Use of seven |")}) == []


def test_what_falls_to_nothing_counts_at_any_size(tmp_path: Path) -> None:
    old, new = page(1, 2, 3), page(1, 2, 3, header=HEADER.replace("Source", "Description"))
    found = fallen(tmp_path, {f"{GATE}/a.md": old}, {f"{GATE}/a.md": new})
    assert "rules with a stated source: 100 % before, 0 % now" in [what for _, what, _ in found]


@pytest.mark.parametrize(("left", "limit", "stops"), [(10, 10, False), (9, 10, False), (8, 10, True), (8, 25, False), (0, 100, False)])
def test_rules_may_fall_by_the_limit(tmp_path: Path, left: int, limit: int, stops: bool) -> None:
    old, new = {f"{GATE}/a.md": page(*range(1, 11))}, {f"{GATE}/a.md": page(*range(1, left + 1))}
    assert any(what.startswith("rules: 10 before") for _, what, _ in fallen(tmp_path, old, new, limit)) is stops


def test_a_table_that_is_no_longer_recognised_is_named_with_the_reason(tmp_path: Path) -> None:
    old = {f"{GATE}/a.md": page(*range(1, 6)) + "\nText.\n\n" + HEADER + "| UDP | 53 | Any | Names |\n"}
    new = {
        f"{GATE}/a.md": old[f"{GATE}/a.md"]
        .replace("| UDP | 53 |", "| UDP | Delta |")
        .replace("Port |", "Letter |", 2)
        .replace("Letter |", "Port |", 1)
    }
    found = fallen(tmp_path, old, new)
    assert [what for _, what, _ in found][:1] == ["tables: 2 before, 1 now"]
    assert "a.md: 2 tables with rules before, 1 now" in found[0][2]


def test_a_header_that_changed_is_named(tmp_path: Path) -> None:
    old = {f"{GATE}/a.md": page(*range(1, 11))}
    new = {f"{GATE}/a.md": page(*range(1, 11), header=HEADER.replace("Source", "Description"))}
    found = fallen(tmp_path, old, new)
    assert ("acme/gate/1.0", "rules with a stated source: 100 % before, 0 % now") in [(scope, what) for scope, what, _ in found]
    assert "the header Protocol | Port | Source | Description became Protocol | Port | Description | Description" in found[0][2]


def test_rows_that_are_left_open_count(tmp_path: Path) -> None:
    old = {f"{GATE}/a.md": page(*range(1, 11))}
    found = fallen(tmp_path, old, {f"{GATE}/a.md": page(*range(1, 8), "dynamic", "<port>", "random")})
    assert "rows of which everything is resolved: 100 % before, 70 % now" in [what for _, what, _ in found]


def test_each_scope_is_judged_by_itself(tmp_path: Path) -> None:
    big = {"acme/big/1.0/a.md": page(*range(1, 500))}
    found = fallen(tmp_path, {**big, f"{GATE}/a.md": page(1, 2, 3)}, {**big, f"{GATE}/a.md": page(1)})
    assert [scope for scope, _, _ in found] == ["acme/gate/1.0"]
