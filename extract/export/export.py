"""One export: write the rules of a scope to the files of a target, account for every rule, and check the files by reading them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, get_args

from extract.check.stated import scope_of
from extract.errors import UsageError
from extract.export import plan
from extract.export.bindings import Bindings
from extract.export.flows import Flow, impossible
from extract.export.refusals import Refusal, refuse
from extract.export.report import Account, Report, Status, refused
from extract.export.resolve import Resolver, unused
from extract.export.target import Files, Options, Target, Work
from extract.model import Direction, Document, Evidence, Rule, Unresolved
from extract.publish.diff_scopes import Snapshot

_Entry = Rule | Unresolved


class Exported(NamedTuple):
    """What an export gives."""

    files: Files
    report: Report


class Chosen(NamedTuple):
    """The rules of one scope, each with the place where it stands first, in the order of documents, tables and rows."""

    scope: str
    documents: tuple[Document, ...]
    entries: tuple[tuple[_Entry, Evidence], ...]
    # By the id of the rule, all its places in the documents, in that order.
    places: Mapping[str, tuple[Evidence, ...]]


def scopes(snapshot: Snapshot) -> Mapping[str, tuple[Document, ...]]:
    """Return the name of each scope that has rules -> its documents."""
    held = {one.document for entry in _entries(snapshot) for one in entry.evidence}
    found: dict[str, list[Document]] = {}
    for document in snapshot.documents:
        if document.id in held:
            found.setdefault("/".join(scope_of(document)).rstrip("/"), []).append(document)
    return {name: tuple(documents) for name, documents in found.items()}


def _entries(snapshot: Snapshot) -> tuple[_Entry, ...]:
    return (*snapshot.rules, *snapshot.unresolved)


def choose(snapshot: Snapshot, scope: str | None, document: str | None) -> Chosen:
    """Return the rules of a scope, or of one of its documents.

    Raises UsageError if there is no such scope, if several fit, and for rules that this program cannot have written.
    """
    known = scopes(snapshot)
    if scope is None:
        if len(known) != 1:
            raise UsageError(f"a name means the same within one scope only; choose one with --scope: {', '.join(known) or 'there is none'}")
        scope = next(iter(known))
    documents = known.get(scope.rstrip("/"))
    if documents is None:
        raise UsageError(f"there is no scope {scope!r} with rules; there is {', '.join(known) or 'none'}")
    if document is not None:
        documents = _named(documents, document, scope)
    order = {one.id: number for number, one in enumerate(documents)}
    places = {
        entry.id: tuple(sorted((one for one in entry.evidence if one.document in order), key=_rank(order))) for entry in _entries(snapshot)
    }
    found = [(entry, places[entry.id][0]) for entry in _entries(snapshot) if places[entry.id]]
    _check(entry for entry, _ in found)
    # Of one row, as they stand in the data.
    found.sort(key=lambda item: _rank(order)(item[1]))
    return Chosen(scope.rstrip("/"), documents, tuple(found), places)


def _check(entries: Iterable[_Entry]) -> None:
    """Raise UsageError for a rule that says nothing possible, and for two of one id or one fingerprint."""
    known: set[str] = set()
    for entry in entries:
        wrong = impossible(entry) if isinstance(entry, Rule) else ""
        if {entry.id, entry.fingerprint} & known:
            wrong = "its id or fingerprint is that of another one"
        if wrong:
            raise UsageError(f"rule {entry.id}: {wrong}; write the file anew with `docrules run`")
        known |= {entry.id, entry.fingerprint}


def _rank(order: Mapping[str, int]) -> Callable[[Evidence], tuple[int, int, int]]:
    return lambda one: (order[one.document], one.table, one.row)


def _named(documents: tuple[Document, ...], name: str, scope: str) -> tuple[Document, ...]:
    found = tuple(one for one in documents if f"/{one.id}".endswith(f"/{name.strip('/')}") or one.path == name)
    if len(found) != 1:
        raise UsageError(f"--document {name!r} names {len(found) or 'no'} documents of {scope}")
    return found


def export(target: Target, chosen: Chosen, bindings: Bindings, options: Options) -> Exported:
    """Return the output of a target for chosen rules, and the account of each.

    Raises WiderError when the output does not say the same as the rules that were taken, UsageError when the call cannot be carried out.
    """
    resolver = Resolver(target, bindings, options.machine, _silent(chosen, options.machine))
    flows, refusals = _bound(target, resolver, chosen)
    accounts = {entry.id: _absent(target, entry, place, refusals[entry.id]) for entry, place in chosen.entries if entry.id in refusals}
    taken = plan.choose(target, flows)
    open_rules = tuple(entry for entry, _ in chosen.entries if isinstance(entry, Unresolved))
    files = target.write(Work(taken.flows, open_rules, chosen.documents, options, _directions(resolver, chosen, refusals)))
    plan.prove(target, taken.flows, files, len(open_rules))
    for flow in flows:
        accounts[flow.rule.id] = _outcome(flow, taken)
    rules = tuple(accounts[entry.id] for entry, _ in chosen.entries)
    counted = Counter(one.status for one in rules)
    statuses: Sequence[Status] = get_args(Status)
    report = Report(
        target=target.NAME,
        scope=chosen.scope,
        machine=options.machine or None,
        counts={status: counted[status] for status in statuses},
        rules=rules,
        blocks=target.blocks(options) if taken.flows else "",
        notes=tuple(unused(bindings, [entry for entry, _ in chosen.entries], resolver)),
    )
    return Exported(files, report)


def _silent(chosen: Chosen, machine: str) -> frozenset[str]:
    """Return the documents in which no rule names a machine, where it is named in others."""
    naming = {
        place.document
        for entry, _ in chosen.entries
        if any(end is not None and end.name == machine for end in (entry.source, entry.destination))
        for place in chosen.places.get(entry.id, ())
    }
    return frozenset(document.id for document in chosen.documents if naming) - naming


def _directions(resolver: Resolver, chosen: Chosen, refusals: Mapping[str, Refusal | None]) -> frozenset[Direction]:
    """Return the directions that rules of the output are about, also where all of them were refused."""
    ways = [resolver.ways(entry) for entry, _ in chosen.entries if refusals.get(entry.id, True) is not None]
    return frozenset(way for known in ways if len(known) == 1 for way in known)


def _bound(target: Target, resolver: Resolver, chosen: Chosen) -> tuple[list[Flow], dict[str, Refusal | None]]:
    """Return the flows of rules, and why of the others, by id, there is none; None where a rule is not about the machine.

    What an earlier row of a table may deny, and is not in the output, must not be let through by a later one.
    """
    flows: list[Flow] = []
    refusals: dict[str, Refusal | None] = {}
    # Table -> row and rule, of what may deny there and is not in the output.
    lost: dict[tuple[str, int], list[tuple[int, plan.Denial]]] = {}
    for entry, place in chosen.entries:
        places = chosen.places.get(entry.id, (place,))
        found = resolver.open(entry) if isinstance(entry, Unresolved) else resolver.flow(entry, places)
        if isinstance(found, Flow):
            flows.append(found)
            continue
        refusals[entry.id] = found
        if entry.action != "allow":
            for one in places:
                lost.setdefault((one.document, one.table), []).append((one.row, (entry, resolver.ways(entry))))
    if not target.NEEDS_BINDINGS:
        return flows, refusals
    stopped = [flow for flow in flows if all(_is_stopped(flow, row, lost.get(table, ())) for table, row in flow.rows.items())]
    for flow in stopped:
        refusals[flow.rule.id] = refuse(
            "allow-behind-deny", "an earlier row of its table, which is not in the output, may deny a part of it"
        )
    return [flow for flow in flows if flow.rule.id not in refusals], refusals


def _is_stopped(flow: Flow, row: int, lost: Iterable[tuple[int, plan.Denial]]) -> bool:
    return plan.may_be_stopped(flow, [denial for number, denial in lost if number <= row])


def _absent(target: Target, entry: _Entry, place: Evidence, refusal: Refusal | None) -> Account:
    """Return the account of an entry that there is no flow of."""
    if isinstance(entry, Unresolved) and not target.NEEDS_BINDINGS:
        return _account(entry, place, "listed", refusal=refusal)
    return _account(entry, place, "refused" if refusal is not None else "elsewhere", refusal=refusal)


def _outcome(flow: Flow, taken: plan.Chosen) -> Account:
    name = flow.rule.fingerprint
    if name in taken.refused:
        return _account(flow.rule, flow.place, "refused", refusal=taken.refused[name])
    if name in taken.merged:
        return _account(flow.rule, flow.place, "merged", flow=flow, into=taken.merged[name])
    return _account(flow.rule, flow.place, "implied" if name in taken.implied else "exported", flow=flow)


def _account(
    entry: _Entry, place: Evidence, status: Status, *, refusal: Refusal | None = None, flow: Flow | None = None, into: str | None = None
) -> Account:
    code, reason, todo = refused(refusal.code, refusal.reason, entry.id) if refusal is not None else (None, None, None)
    return Account(
        id=entry.id,
        fingerprint=entry.fingerprint,
        document=place.document,
        table=place.table,
        row=place.row,
        status=status,
        into=into,
        code=code,
        reason=reason,
        todo=todo,
        assumed=flow.assumed if flow is not None else (),
        anywhere=flow is not None and entry.action == "allow" and (flow.source.is_anywhere or flow.destination.is_anywhere),
    )
