"""What a new release changes."""

from __future__ import annotations

import msgspec

from extract.model.values import ChangeKind, Impact, Rule, Unresolved


class ChangeScope(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared: two releases of a product; or the document of a rule that is of none."""

    vendor: str | None
    product: str | None
    # The release on the old side; None if the product is not there, and for a document.
    previous: str | None
    current: str | None
    # The id of the document, on the new side when it is there; None for a product.
    document: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one rule, and its meaning for a firewall that follows the pages.

    `kind` says how the rule changed; `moved` means that only its place, cells or trace changed. `impact` says how access changes: opens
    (new access), widens (more than before), replaces (other ports or another protocol: new access, and old access ends), re-routes (the
    same ports and protocol, but another source, destination or direction: new access, and old access ends), closes, narrows, now-stated
    (a direction or endpoint that was null is stated, and everything that was stated is the same), no-longer-stated (the reverse),
    unresolved (something that cannot be applied yet was added, removed or changed), wording (the same traffic in other words), evidence
    (only the place of the rule, or how it was read).
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
