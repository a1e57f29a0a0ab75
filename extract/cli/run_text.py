"""What `docrules run` says of a run: the findings, folded, and a summary that is read in ten seconds."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from extract.catalogue import catalogue
from extract.cli import counts, inputs
from extract.cli.inputs import Known
from extract.cli.terminal import count, finding_line, folded_line, has_colours, plain
from extract.model import Extraction, Report, Severity
from extract.publish import folded
from extract.publish.anywhere import lets_anyone_in
from extract.publish.folded import Folded
from extract.publish.places import SEVERITIES
from extract.vocabulary import ANY_PROTOCOL

# So many commands are named that answer or show what was found.
_COMMANDS = 5
_LACKING = {"action": "an action", "protocol": "a protocol", "ports": "ports"}


class Files(NamedTuple):
    """Where a run has written: the rules, empty for standard output, and the report, None where none was asked for; and what it read."""

    rules: str
    report: str | None
    # The folder that paths in the data are relative to, or the archive that was read; None where several were given.
    docs: str | None
    # Whether the rules are a rules.json, which the other commands read.
    as_json: bool = True
    # What the commands that are named take by themselves.
    known: Known = Known()


def findings(extraction: Extraction, *, quiet: bool, verbose: bool) -> Iterator[str]:
    """Yield a line for the findings of each kind in each document; with `verbose` one for each finding, notes too."""
    colour = has_colours(sys.stderr)
    if verbose:
        yield from (finding_line(found, colour) for found in extraction.each_finding())
        return
    yield from (folded_line(one, colour) for one in _folded(extraction, quiet))


def _folded(extraction: Extraction, quiet: bool) -> tuple[Folded, ...]:
    severities: tuple[Severity, ...] = SEVERITIES[:1] if quiet else SEVERITIES[:2]
    reports: Iterator[Report] = chain(extraction.reports, extraction.patches, extraction.sources)
    return folded.fold(reports, severities)


def summary(extraction: Extraction, written: Files, unchanged: int) -> Iterator[str]:
    """Yield the lines of the summary, what matters most first. `unchanged` documents were not read, for they did not change."""
    told = extraction.summary
    target = plain(written.rules) or "standard output"
    yield f"{count(told.rules, 'rule')}, {told.complete} of them complete, and {told.unresolved} unresolved -> {target}"
    yield from _lacking(extraction)
    yield from _widest(extraction)
    yield from counts.lines(extraction, unchanged)
    found = ", ".join(count(number, severity) for severity, number in told.findings.items() if number)
    yield f"findings: {found or 'none'}"
    if not told.rule_tables:
        yield "no rule table was found in any document; --report says why each table was left out"
    yield from _next(_folded(extraction, quiet=False), written)


def _lacking(extraction: Extraction) -> Iterator[str]:
    """Yield what the unresolved rules lack: `unresolved: 90 lack a protocol, 45 ports`."""
    kinds = Counter(one.missing for one in extraction.unresolved)
    told = [f"{number} {' and '.join(_LACKING[name] for name in missing)}" for missing, number in kinds.most_common()]
    if told:
        lack = "lacks" if kinds.most_common(1)[0][1] == 1 else "lack"
        yield f"unresolved: {', '.join(told).replace(' ', f' {lack} ', 1)}"


def _widest(extraction: Extraction) -> Iterator[str]:
    """Yield how many rules open the most, and how many do not say enough for a firewall."""
    kinds = {
        "let anyone in": sum(map(lets_anyone_in, extraction.rules)),
        "open every protocol": sum(rule.action == "allow" and rule.protocol == ANY_PROTOCOL for rule in extraction.rules),
        "are not complete": sum(not rule.complete for rule in extraction.rules),
    }
    told = [f"{number} {kind}" for kind, number in kinds.items() if number]
    if told:
        yield f"rules to look at first: {', '.join(told)}"


def _next(found: Sequence[Folded], written: Files) -> Iterator[str]:
    """Yield the commands that answer or show what was found, one for each kind, for the place where there is most of it."""
    kinds: dict[str, list[Folded]] = {}
    for one in found:
        if one.severity != "note" and any(place.table is not None for place in one.findings):
            kinds.setdefault(one.code, []).append(one)
    if not kinds or not written.rules or not written.as_json:
        return
    yield "next:" if written.report is not None else "next, after a run with --report FILE:"
    for code, folds in list(kinds.items())[:_COMMANDS]:
        places = sum(len(one.findings) for one in folds)
        yield f"  {_command(code, max(folds, key=lambda one: len(one.findings)), written)}   ({count(places, 'finding')})"
    if len(kinds) > _COMMANDS:
        yield f"  and {count(len(kinds) - _COMMANDS, 'kind')} more; docrules report shows all of them"


def _command(code: str, most: Folded, written: Files) -> str:
    first = next(place for place in most.findings if place.table is not None)
    rules, known = Path(written.rules), written.known if Path(written.rules) in written.known.rules else Known()
    if catalogue()[code].answered_by:
        # One file of answers for all tables of the document.
        place = f"{most.path}:{first.table}" if len(most.tables) == 1 else most.path
        said = f"docrules patch {code} {shlex.quote(place)}"
    else:
        row = f":{first.row}" if first.row is not None else ""
        said = f"docrules explain {shlex.quote(f'{most.path}:{first.table}{row}')}"
        if written.docs is not None and Path(written.docs) not in known.docs:
            said += f" --docs {shlex.quote(written.docs)}"
    if rules not in written.known.rules:
        said += f" --rules {shlex.quote(written.rules)}"
    beside = inputs.reports_of(rules) if known.report is None else (known.report,)
    if written.report is not None and Path(written.report) not in beside:
        said += f" --report {shlex.quote(written.report)}"
    return plain(said)
