"""Publishing over what was published before: the feed of changes, the coverage gate, and what people are told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

HEADER = "| Protocol | Port | Source | Description |\n| --- | --- | --- | --- |\n"
WEB, DATA = "acme/gate/1.0/web.md", "acme/gate/1.0/data.md"


def page(name: str, *ports: int) -> str:
    rows = "".join(f"| TCP | {port} | Client Security Group | Use of {port} |\n" for port in ports)
    return f"# Inbound rules for {name} Security Group\n\n{HEADER}{rows}"


class Ran(NamedTuple):
    """What a run gave."""

    code: int
    said: str
    feed: list[dict[str, Any]]


class Site:
    """A folder of documents and what is published of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(WEB, page("Web", *range(1, 11)))
        self.write(DATA, page("Data", *range(101, 111)))

    def write(self, path: str, text: str) -> None:
        file = self.folder / "docs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def run(self, *arguments: str, docs: str = "docs") -> Ran:
        command = [
            sys.executable,
            "-m",
            "extract",
            "run",
            docs,
            "--out",
            "rules.json",
            "--report",
            "report.json",
            "--changes",
            "changes.json",
        ]
        done = subprocess.run([*command, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        feed = self.folder / "changes.json"
        return Ran(done.returncode, done.stderr, json.loads(feed.read_text())["entries"] if feed.exists() else [])

    def files(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.iterdir() if file.is_file()}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# --- the feed ---------------------------------------------------------------------------------------------------------


def test_a_first_publication_is_counted_and_changes_nothing(site: Site) -> None:
    site.write("acme/gate/1.0/open.md", page("Open", 201).replace("201", "user-defined"))
    ran = site.run()
    (entry,) = ran.feed
    assert ran.code == 0
    assert entry.pop("first") == {"documents": 3, "rules": 20, "unresolved": 1}
    assert entry == {"id": entry["id"], "counts": {}, "accepted": None, "drops": [], "changes": []}
    assert "opens" not in ran.said and "change" not in ran.said


def test_a_first_publication_without_rules_is_no_entry(site: Site) -> None:
    for path in (WEB, DATA):
        site.write(path, "# Nothing yet\n")
    assert site.run().feed == []


def test_a_product_that_comes_to_others_opens_access(site: Site) -> None:
    site.run()
    site.write("acme/wall/1.0/web.md", page("Wall", 1, 2))
    ran = site.run()
    assert (ran.feed[0]["counts"], ran.feed[0]["first"]) == ({"opens": 2}, None)
    assert "acme/wall 1.0 (new)" in ran.said and "opens access (2)" in ran.said


def test_what_a_patch_states_is_stated_now(site: Site) -> None:
    header = "| Protocol | Port |\n| --- | --- |\n"
    site.write(WEB, f"# Ports\n\n{header}" + "".join(f"| TCP | {port} |\n" for port in range(1, 21)))
    site.run()
    patch = site.folder / "patches" / "acme" / "gate.toml"
    patch.parent.mkdir(parents=True)
    lines = ('id = "way"', 'reason = "clients ask"', 'match.document = "web"', 'set.direction = "ingress"', 'set.source = "Clients"')
    patch.write_text("\n".join(["[[patch]]", *lines]), "utf-8")
    ran = site.run()
    assert (ran.code, ran.feed[0]["counts"]) == (0, {"now-stated": 20})
    assert "now stated" in ran.said and "20 changes: 20 now-stated" in ran.said
    assert "opens" not in ran.said and "closes" not in ran.said
    patch.unlink()
    assert site.run("--accept-shrink", "the patch was wrong").feed[0]["counts"] == {"no-longer-stated": 20}


def test_a_run_that_changes_nothing_leaves_every_byte(site: Site) -> None:
    site.run()
    before = site.files()
    assert site.run().code == 0
    assert site.files() == before


def test_a_change_goes_on_top_and_what_lies_below_stays(site: Site) -> None:
    (first,) = site.run().feed
    site.write(WEB, page("Web", *range(1, 10), 99))
    ran = site.run()
    assert ran.feed[1:] == [first]
    assert ran.feed[0]["counts"] == {"opens": 1, "closes": 1}
    assert "acme/gate 1.0" in ran.said
    assert "99" in ran.said


def test_changes_of_place_alone_are_no_entry(site: Site) -> None:
    site.run()
    site.write(WEB, "Text.\n\n" + page("Web", *range(1, 11)))
    assert len(site.run().feed) == 1
    assert json.loads((site.folder / "rules.json").read_text())["rules"][10]["evidence"][0]["line"] == 7


def test_a_new_release_is_compared_with_the_one_before_it(site: Site) -> None:
    site.run()
    site.write("acme/gate/2.0/web.md", page("Web", *range(1, 10)))
    site.write("acme/gate/2.0/data.md", page("Data", *range(101, 111)))
    ran = site.run()
    assert ran.feed[0]["counts"] == {"closes": 1}
    (change,) = ran.feed[0]["changes"]
    assert (change["scope"]["previous"], change["scope"]["current"], change["previous"]["from_port"]) == ("1.0", "2.0", 10)


def test_a_publication_that_was_cut_off_after_the_feed_is_told_once(site: Site) -> None:
    site.run()
    rules = (site.folder / "rules.json").read_bytes()
    site.write(WEB, page("Web", *range(1, 12)))
    feed = site.run().feed
    (site.folder / "rules.json").write_bytes(rules)
    assert site.run().feed == feed


def test_going_back_and_forth_is_told_every_time(site: Site) -> None:
    ids = set()
    for count in (11, 12, 11, 12, 11):
        site.write(WEB, page("Web", *range(1, count)))
        ids.add(site.run().feed[0]["id"])
    assert len(ids) == 5


def test_a_feed_that_is_not_understood_is_not_replaced(site: Site) -> None:
    (site.folder / "changes.json").write_text("[]")
    command = [sys.executable, "-m", "extract", "run", "docs", "--out", "rules.json", "--changes", "changes.json"]
    done = subprocess.run(command, cwd=site.folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "changes.json is no feed of changes" in done.stderr
    assert set(site.files()) == {"changes.json"}


def test_the_feed_needs_a_file_of_rules(site: Site) -> None:
    ran = site.run("--out", "-")
    assert (ran.code, site.files()) == (2, {})
    assert "--changes tells what changes in a file" in ran.said


# --- the gate ---------------------------------------------------------------------------------------------------------


def test_a_page_that_vanished_stops_the_publication(site: Site) -> None:
    site.run()
    before = site.files()
    (site.folder / "docs" / DATA).unlink()
    ran = site.run()
    assert (ran.code, site.files()) == (1, before)
    assert f"the document {DATA} is gone; likely cause: the page vanished" in ran.said
    assert "rules: 20 before, 10 now" in ran.said
    assert '--accept-shrink "why" publishes all the same' in ran.said


def test_what_is_accepted_is_published_with_the_reason(site: Site) -> None:
    site.run()
    (site.folder / "docs" / DATA).unlink()
    ran = site.run("--accept-shrink", "the group is gone")
    assert (ran.code, ran.feed[0]["accepted"], ran.feed[0]["counts"]) == (0, "the group is gone", {"closes": 10})
    assert [drop["what"] for drop in ran.feed[0]["drops"]][:1] == [f"the document {DATA} is gone"]
    assert site.run().code == 0


def test_the_limit_can_be_set(site: Site) -> None:
    site.run()
    site.write(WEB, page("Web", 1, 2, 3))
    assert site.run("--max-shrink", "30").code == 1
    assert site.run("--max-shrink", "40").code == 0


def test_a_reason_without_a_drop_is_not_kept(site: Site) -> None:
    assert site.run("--accept-shrink", "in case").feed[0]["accepted"] is None


def test_a_run_over_one_file_is_expected_to_hold_less(site: Site) -> None:
    site.run()
    ran = site.run("--root", "docs", docs=f"docs/{WEB}")
    assert ran.code == 0
    assert "warning: 1 document that rules.json held were not looked at, and their rules are gone from it" in ran.said


@pytest.mark.parametrize("damage", ['{"schema_version": "0.1.0"}', '{"schema_version": "1.0.0", "docu'])
def test_rules_that_cannot_be_compared_with_stop_the_publication(site: Site, damage: str) -> None:
    site.run()
    (site.folder / "rules.json").write_text(damage)
    before = site.files()
    ran = site.run()
    assert (ran.code, site.files()) == (1, before)
    assert "rules.json: what it holds cannot be compared with; likely cause: " in ran.said
    accepted = site.run("--accept-shrink", "an older version")
    assert (accepted.code, len(accepted.feed), accepted.feed[0]["accepted"]) == (0, 2, "an older version")
    assert len(json.loads((site.folder / "rules.json").read_text())["rules"]) == 20


def test_a_page_that_can_no_longer_be_read_stops_the_publication_and_is_named(site: Site) -> None:
    for number in range(5):
        site.write(f"acme/gate/1.0/{number}.md", page(f"Other {number}", *range(200 + 20 * number, 215 + 20 * number)))
    site.write("acme/gate/1.0/small.md", page("Small", 7))
    site.run()
    before = site.files()
    (site.folder / "docs/acme/gate/1.0/small.md").write_bytes(b"\0\1\2" * 100)
    ran = site.run()
    assert (ran.code, site.files()) == (3, before)
    assert "[binary-document]" in ran.said
    assert "the document acme/gate/1.0/small.md cannot be read" in ran.said


def test_an_empty_reason_is_none(site: Site) -> None:
    assert site.run("--accept-shrink", " ").code == 2


def test_a_renamed_page_leaves_no_ghost(site: Site) -> None:
    site.run()
    (site.folder / "docs" / DATA).rename(site.folder / "docs/acme/gate/1.0/database.md")
    ran = site.run()
    assert (ran.code, len(ran.feed)) == (0, 1)
    rules = json.loads((site.folder / "rules.json").read_text())
    assert {place["document"] for rule in rules["rules"] for place in rule["evidence"]} == {"acme/gate/1.0/web", "acme/gate/1.0/database"}
