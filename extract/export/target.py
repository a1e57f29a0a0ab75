"""What every target is: a module with the same few functions, which the core calls and a test holds to the whole contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from extract import vocabulary
from extract.export.bindings import Binding
from extract.export.boxes import Entry, Symbols
from extract.export.flows import End, Flow
from extract.export.refusals import Refusal, refuse
from extract.model import Direction, Document, Rule, Unresolved

Files = Mapping[str, bytes]
"""Name of a file below the folder of the output -> its content. A target that writes one file calls it by the default name."""


class Options(NamedTuple):
    """The user's options for an output."""

    # VENDOR/PRODUCT/RELEASE, or the folder of documents of none.
    scope: str
    # The end that is this machine; empty where nobody said.
    machine: str = ""
    # nftables: hooks and a policy of drop, and not only chains to jump to.
    base_chain: bool = False
    # Fingerprint of a rule in the release before -> its fingerprint now (Terraform: moved blocks).
    moved: Mapping[str, str] = {}
    # The one document of the scope that is exported, below the scope; empty where all of them are.
    document: str = ""

    @property
    def subject(self) -> str:
        """Return what the output is about. Outputs of different documents never replace each other."""
        return f"{self.scope}:{self.document}" if self.document else self.scope


class Work(NamedTuple):
    """What a target writes: flows that it has taken, in the order in which they count, and what stays open beside them."""

    flows: Sequence[Flow]
    unresolved: Sequence[Unresolved]
    documents: Sequence[Document]
    options: Options
    # That rules are about, also where the target could take none of them.
    directions: frozenset[Direction] = frozenset()


def unported(rule: Rule, ported: Collection[str], takes: str) -> Refusal | None:
    """Return why a target that has ports for some protocols cannot say those of a rule; None where it can, or there are none."""
    if rule.from_port is None or rule.protocol in ported:
        return None
    if rule.protocol == vocabulary.ANY_PROTOCOL:
        ports = f"port {rule.from_port}" if rule.from_port == rule.to_port else f"ports {rule.from_port} to {rule.to_port}"
        return refuse("any-with-ports", f"{ports} of every protocol")
    return refuse("protocol-not-expressible", f"{rule.protocol} has no ports in {takes}")


class Target(Protocol):
    """The names of a target; a module of `extract.export.targets` has them."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of a module
        """Return what the command line calls it."""

    @property
    def SUMMARY(self) -> str:  # noqa: N802
        """Return what it writes, in a line."""

    @property
    def LIMITS(self) -> Sequence[str]:  # noqa: N802
        """Return what it cannot express, a line each."""

    @property
    def NEEDS_BINDINGS(self) -> bool:  # noqa: N802
        """Return whether ends must be something that the target knows; if not, names and what is not stated are passed on."""

    @property
    def ORDERED(self) -> bool:  # noqa: N802
        """Return whether the first entry that fits decides, so that it can deny."""

    @property
    def OPTIONS(self) -> Collection[str]:  # noqa: N802
        """Return the options of the command that it alone takes."""

    def end(self, name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
        """Return how the target names an endpoint; None if its networks or a refusal of the core decide."""

    def refuse(self, flow: Flow) -> Refusal | None:
        """Return why the target cannot express a flow, None when it can."""

    def limit(self, flows: Sequence[Flow]) -> Mapping[str, Refusal]:
        """Return the flows, by the fingerprint of the rule, that are too many for the target."""

    def implies(self, flow: Flow, written: Sequence[Flow]) -> bool:
        """Return whether a denial can be left out, because the target denies everything that is not written."""

    def blocks(self, options: Options) -> str:
        """Return what the mere existence of an output with rules blocks beside them; empty when nothing."""

    def write(self, work: Work) -> Files:
        """Return the output. The same work gives the same bytes."""

    def read(self, files: Files, symbols: Symbols) -> Sequence[Entry]:
        """Parse an output, and return what it allows and denies, in order. Raises ValueError for text that the target did not write."""
