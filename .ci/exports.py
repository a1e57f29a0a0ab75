"""Carry the rules of annotated pages into every target, and fail where an output is not what the rules say.

    exports.py EXTRACTOR CORPUS

EXTRACTOR is a command that takes `run FOLDER --out FILE --report FILE`. CORPUS holds the sets of pages dev and dev2. The rules of each
document are exported by this checkout to each target with every name bound; to those that need bindings also with both ends answered
where a page states none, and then for each name as this machine. An export compares its output with the rules by itself. Here the output
is compared once more with all rules that the account calls exported, merged or implied, so that a rule that was lost on the way is seen.

Exit code 0: no defect. 1: at least one. 2: nothing to export (no rules, no corpus).
"""

from __future__ import annotations

import argparse
import ipaddress
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from floor import SCORED, extracted, stop

from extract.errors import DocrulesError
from extract.export import report
from extract.export.bindings import Binding, Bindings, Network, Unstated
from extract.export.boxes import Box, Symbols, let_through, subtract
from extract.export.export import Chosen, Exported, choose, export, scopes
from extract.export.flows import Flow, boxes
from extract.export.resolve import Resolver
from extract.export.target import Options, Target
from extract.export.targets import all_targets
from extract.model import Rule
from extract.publish import published

_FILE = "bindings.toml"


def bound(chosen: Chosen, *, unstated: bool) -> Bindings:
    """Return bindings for every name in some rules, each to networks of its own and to what each target has; or for all ends."""
    endpoints = {name: _binding(number) for number, name in enumerate(names(chosen), 1)}
    answers = [
        Unstated(document=document.id, side=side, networks=_networks(0), file=_FILE, line=1)
        for document in chosen.documents
        for side in ("source", "destination")
    ]
    return Bindings(endpoints, tuple(answers) if unstated else ())


def _binding(number: int) -> Binding:
    kubernetes = {"namespace": "pages", "pod_labels": {"end": str(number)}}
    return Binding(networks=_networks(number), targets={"kubernetes": kubernetes}, file=_FILE, line=1)


def _networks(number: int) -> tuple[Network, ...]:
    return ipaddress.ip_network(f"10.{number // 250}.{number % 250}.0/24"), ipaddress.ip_network(f"2001:db8:{number:x}::/64")


def names(chosen: Chosen) -> list[str]:
    """Return the names of the ends of some rules that stand for something of the user's."""
    ends = [end for entry, _ in chosen.entries for end in (entry.source, entry.destination) if end is not None]
    return sorted({end.name for end in ends if end.kind not in ("any", "cidr")})


def problem(target: Target, chosen: Chosen, bindings: Bindings, machine: str, done: Exported) -> str | None:
    """Return what is wrong with an export, None when nothing is."""
    report.to_json(done.report)
    if [one.id for one in done.report.rules] != [entry.id for entry, _ in chosen.entries]:
        return "the account is not of each rule"
    if not target.NEEDS_BINDINGS:
        return None
    symbols = Symbols()
    written = let_through(target.read(done.files, symbols))
    flows = list(_flows(target, chosen, bindings, machine, done))
    wanted: list[Box] = [box for flow in flows if flow.rule.action == "allow" for box in boxes(flow, symbols)]
    if rest := subtract(written, wanted):
        return f"lets through what no rule does: {rest[0]}"
    denied = [box for flow in flows if flow.rule.action == "deny" for box in boxes(flow, symbols)]
    if rest := subtract(wanted, [*written, *denied]):
        return f"lacks what a rule lets through: {rest[0]}"
    return None


def _flows(target: Target, chosen: Chosen, bindings: Bindings, machine: str, done: Exported) -> Iterator[Flow]:
    """Yield the flows of the rules that are in an output by its account."""
    status = {one.id: one.status for one in done.report.rules}
    resolver = Resolver(target, bindings, machine)
    for entry, _ in chosen.entries:
        if isinstance(entry, Rule) and status[entry.id] in ("exported", "merged", "implied"):
            flow = resolver.flow(entry, chosen.places[entry.id])
            if isinstance(flow, Flow):
                yield flow


def documents(rules: Path) -> Iterator[Chosen]:
    """Yield the rules of each document."""
    snapshot = published.load_rules(rules)
    for scope, held in scopes(snapshot).items():
        for document in held:
            yield choose(snapshot, scope, document.path)


def calls(target: Target, chosen: Chosen) -> Iterator[tuple[str, Bindings, str]]:
    """Yield the exports of a document to a target: what they are called, the bindings, and the end that is this machine."""
    yield "names bound", bound(chosen, unstated=False), ""
    if target.NEEDS_BINDINGS:
        everything = bound(chosen, unstated=True)
        yield "all ends bound", everything, ""
        yield from (("for a machine", everything, name) for name in names(chosen))


def exported(target: Target, chosen: Chosen, bindings: Bindings, machine: str) -> tuple[Counter[str], str | None]:
    """Return how many rules became what, and what is wrong."""
    try:
        done = export(target, chosen, bindings, Options(chosen.scope, machine))
        return Counter(done.report.counts), problem(target, chosen, bindings, machine, done)
    except (DocrulesError, ValueError) as error:
        return Counter(), f"{type(error).__name__}: {error}"


def show(title: str, counted: Mapping[str, Counter[str]]) -> None:
    """Print how many rules became what, by target."""
    columns = get_args(report.Status)
    print(f"{title:28}" + "".join(f"{column:>10}" for column in columns))
    for name, counts in counted.items():
        print(f"  {name:26}" + "".join(f"{counts[column]:>10}" for column in columns))


def main() -> int:
    """Export every document to every target, print counts and defects."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extractor", metavar="EXTRACTOR")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    args = parser.parse_args()
    targets = all_targets()
    counted: dict[str, dict[str, Counter[str]]] = {}
    defects: list[str] = []
    pages = 0
    with tempfile.TemporaryDirectory() as made:
        for name in SCORED:
            if not (args.corpus / name).is_dir():
                stop(f"no pages at {args.corpus / name}")
            rules, _ = extracted(args.extractor, args.corpus / name, Path(made))
            for chosen in documents(rules):
                pages += 1
                for target in targets.values():
                    for title, bindings, machine in calls(target, chosen):
                        counts, wrong = exported(target, chosen, bindings, machine)
                        counted.setdefault(title, {}).setdefault(target.NAME, Counter()).update(counts)
                        if wrong is not None:
                            defects.append(f"{chosen.documents[0].path}: {target.NAME}, {title} {machine!r}: {wrong}")
    if not pages:
        stop("there are no rules")
    for title, by_target in counted.items():
        show(title, by_target)
    print(f"{pages} documents, {len(defects)} defects")
    for defect in defects:
        print(defect)
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
