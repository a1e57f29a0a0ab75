"""Which layout placed which documents: what a run used to tell releases apart."""

from __future__ import annotations

from collections.abc import Iterable

from extract.check.stated import Scope, scope_of
from extract.model import Document, LayoutReport
from extract.read import layout
from extract.read.manifest import Manifest


def used(documents: Iterable[Document], origins: Manifest | None) -> tuple[LayoutReport, ...]:
    """Return how the documents of a run were put together: by layouts, in their order, by entries of the manifest, by folders.

    A layout that the manifest gives and that no document fits is told, too.
    """
    given = [one.text for one in origins.layouts or ()] if origins is not None else []
    by_layout: dict[str, list[Document]] = {text: [] for text in given}
    by_entry: list[Document] = []
    by_folder: list[Document] = []
    for document in documents:
        if origins is not None and origins.is_placed(document.path):
            by_entry.append(document)
        elif document.release is not None:
            text, _ = origins.layout_of(document.path) if origins is not None else (layout.DEFAULT, None)
            by_layout.setdefault(text or layout.DEFAULT, []).append(document)
        else:
            by_folder.append(document)
    found = [LayoutReport(by="layout", layout=text, documents=len(some), scopes=_scopes(some)) for text, some in by_layout.items()]
    if by_entry:
        found.append(LayoutReport(by="entry", layout=None, documents=len(by_entry), scopes=_scopes(by_entry)))
    if by_folder:
        found.append(LayoutReport(by="folder", layout=None, documents=len(by_folder), scopes=_scopes(by_folder)))
    return tuple(found)


def _scopes(documents: Iterable[Document]) -> int:
    return len(set[Scope](map(scope_of, documents)))
