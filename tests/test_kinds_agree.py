"""The same document gives the same rules in every kind: golden pages, written out as each kind and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract import extract_text
from tests.goldens import folders, page_of, render
from tests.kinds import WRITERS, Parts, features, parts_of

PARTS: dict[str, Parts] = {folder.name: parts for folder in folders() if (parts := parts_of(page_of(folder))) is not None}


def carried(kind: str) -> list[str]:
    """Return the pages that a kind can carry."""
    writer = WRITERS[kind]
    return [name for name, parts in PARTS.items() if features(parts) <= writer.carries and name not in writer.differs]


def rules_of(data: bytes, path: str) -> list[str]:
    return render(extract_text(data, path=path))


@pytest.mark.parametrize(("kind", "page"), [(kind, page) for kind in WRITERS for page in carried(kind)])
def test_a_page_gives_the_same_rules_in_another_kind(kind: str, page: str) -> None:
    source = page_of(Path(__file__).parent / "pages" / page)
    writer = WRITERS[kind]
    assert rules_of(writer.write(PARTS[page]), f"page{writer.suffix}") == rules_of(source.read_bytes(), source.name)


@pytest.mark.parametrize("kind", WRITERS)
def test_each_kind_carries_pages_of_different_shapes(kind: str) -> None:
    assert len(carried(kind)) >= 10
    assert WRITERS[kind].differs.keys() <= PARTS.keys()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_document_says_what_it_was_read_as(kind: str) -> None:
    writer = WRITERS[kind]
    (document,) = extract_text(writer.write(PARTS[carried(kind)[0]]), path=f"page{writer.suffix}").documents
    assert document.format == kind
