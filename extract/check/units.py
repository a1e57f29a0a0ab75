"""What must be assembled together: the documents of a scope, and the scopes that the patches of a product are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from extract.check.patch_files import Patch
from extract.check.patches import is_about
from extract.check.stated import Scope
from extract.model import Document

_Release = tuple[str | None, str | None, str | None]


class Unit(msgspec.Struct, frozen=True):
    """Scopes that are assembled together, with the patches that are about them. The unit of patches without documents has no scopes."""

    scopes: tuple[Scope, ...]
    patches: tuple[Patch, ...] = ()


def units(documents: Iterable[Document], patches: Sequence[Patch] = ()) -> tuple[Unit, ...]:
    """Return which scopes of documents must be assembled together; each scope is in one unit, and each patch.

    A patch may be about several releases of a product, and two patches of a product may contradict each other. So the scopes that the
    patches of one product are about go together, and each other scope is a unit. `Extraction.merge` of all units gives the same as one
    run over all documents. Only the vendor, product, release and id of a document matter.
    """
    releases: dict[Scope, set[_Release]] = {}
    for document in documents:
        releases.setdefault(document.scope, set()).add((document.vendor, document.product, document.release))
    found = [Unit((scope,)) for scope in releases]
    without: list[Patch] = []
    for some in _by_product(patches):
        about = {scope for scope, named in releases.items() if _is_any_about(some, named)}
        if not about:
            without += some
            continue
        joined = [unit for unit in found if not about.isdisjoint(unit.scopes)]
        found = [unit for unit in found if about.isdisjoint(unit.scopes)]
        found.append(_joined(joined, some))
    found.sort(key=lambda unit: unit.scopes)
    return (*found, Unit((), tuple(without))) if without else tuple(found)


def _by_product(patches: Iterable[Patch]) -> Iterable[list[Patch]]:
    products: dict[tuple[str, str], list[Patch]] = {}
    for patch in patches:
        # Of no vendor, two files may both be about documents of no product.
        products.setdefault((patch.vendor, patch.product if patch.vendor else ""), []).append(patch)
    return products.values()


def _is_any_about(patches: Sequence[Patch], releases: Iterable[_Release]) -> bool:
    return any(is_about(patch, *release) for release in releases for patch in patches)


def _joined(joined: Sequence[Unit], more: Sequence[Patch]) -> Unit:
    scopes = sorted(scope for unit in joined for scope in unit.scopes)
    return Unit(tuple(scopes), (*(patch for unit in joined for patch in unit.patches), *more))
