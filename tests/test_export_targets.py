"""Every target is held to the whole contract of exports: a new one is one file, and is tested by being there."""

from __future__ import annotations

import json

import jsonschema
import pytest

from extract import extract_paths, schema
from extract.export import refusals
from extract.export.bindings import Bindings
from extract.export.report import to_json
from extract.export.targets import all_targets
from extract.publish.diff_scopes import Snapshot
from tests.exports import PAGES, every_scope, exported, machines, shipped, snapshot

TARGETS = all_targets()
FOLDERS = sorted(path for path in PAGES.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def data() -> Snapshot:
    return shipped()


@pytest.mark.parametrize("name", TARGETS)
def test_the_shipped_rules_are_exported_and_each_is_accounted_for(name: str, data: Snapshot) -> None:
    for chosen in every_scope(data):
        done = exported(TARGETS[name], chosen)
        assert [one.id for one in done.report.rules] == [entry.id for entry, _ in chosen.entries]
        assert sum(done.report.counts.values()) == len(chosen.entries)
        assert {one.code for one in done.report.rules} - {None} <= set(refusals.catalogue())
        jsonschema.Draft202012Validator(schema.load("export")).validate(json.loads(to_json(done.report)))
        assert exported(TARGETS[name], chosen).files == done.files, "the same input gives the same bytes"


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_golden_pages_are_exported_and_read_back(name: str, folder: object) -> None:
    """Nothing wider, nothing missing but what is refused: an export that is not so fails, and so does this test."""
    rules = snapshot(extract_paths([folder]))  # type: ignore[list-item]
    for chosen in every_scope(rules):
        done = exported(TARGETS[name], chosen)
        assert sum(done.report.counts.values()) == len(chosen.entries)
        for machine in machines(chosen)[:3]:
            exported(TARGETS[name], chosen, machine=machine)


@pytest.mark.parametrize("name", TARGETS)
def test_a_name_that_is_not_bound_is_never_anywhere(name: str, data: Snapshot) -> None:
    """Without bindings an output may lack rules; it lets through nothing that the rules do not."""
    for chosen in every_scope(data):
        done = exported(TARGETS[name], chosen, Bindings())
        assert sum(done.report.counts.values()) == len(chosen.entries)
