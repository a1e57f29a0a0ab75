"""What a new release changes."""

from __future__ import annotations

import msgspec

from extract.model.values import ChangeKind, Impact, Rule, Unresolved


class ChangeScope(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared: two releases of a product; or the document of a rule that is of none."""

    vendor: str | None
    product: str | None
    # The release on the old side; None when there the product is not, and for a document.
    previous: str | None
    current: str | None
    # The id of the document, on the new side when it is there; None for a product.
    document: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that is another one than before, and what that means for a firewall that follows the pages.

    `kind` says what became of the rule, `moved` that only its place, cells or trace are others. `impact` says what becomes of access:
    opens (new access), widens (more than before), replaces (other ports or another protocol: new access, and old access ends),
    re-routes (the same ports and protocol, but between other ends or in another direction: the same), closes, narrows, now-stated (a
    direction or an end that was null is stated, and all that was stated is the same), no-longer-stated (the way back), unresolved
    (something that cannot be applied yet came, went or changed), wording (the same traffic in other words), evidence (nothing but where it
    stands, or how it was read).
    """

    # A hash over scope, kind, fingerprints and words; never over places.
    id: str
    kind: ChangeKind
    impact: Impact
    scope: ChangeScope
    # The fields that differ, in the order of the model; empty for a rule that is on one side only.
    fields: tuple[str, ...]
    previous: Rule | Unresolved | None
    current: Rule | Unresolved | None


class Drop(msgspec.Struct, frozen=True):
    """A number of a scope that fell by more than the limit from one publication to the next, or a document that vanished."""

    scope: str
    what: str
    cause: str


class FirstPublication(msgspec.Struct, frozen=True, kw_only=True):
    """How much was published where nothing was before."""

    documents: int
    rules: int
    unresolved: int


class FeedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What one publication changed."""

    # A hash over the entry below and the two states of the data.
    id: str
    # Every impact that occurs.
    counts: dict[Impact, int]
    # Why drops were published all the same; null when there were none.
    accepted: str | None
    drops: tuple[Drop, ...]
    # All but those of evidence alone, which are counted.
    changes: tuple[Change, ...]
    # What was published where nothing was before, so that there are no changes to tell; None in every other entry.
    first: FirstPublication | None = None
