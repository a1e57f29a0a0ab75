"""What was read from a page against the rules that were rendered."""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from extract import Extraction, Rule, extract_text
from tests.roundtrip import pages
from tests.roundtrip.draw import LANGUAGES, phrases
from tests.roundtrip.model import Block, Flow, Note, Page, Table

Verdict = Literal["equal", "fewer", "silent", "other"]
# From best to worst. `fewer` says why; `silent` is fewer without a reason.
VERDICTS: tuple[Verdict, ...] = ("equal", "fewer", "silent", "other")


@dataclass
class Outcome:
    """How one table was read."""

    verdict: Verdict
    style: dict[str, str]
    missing: list[Flow]
    surplus: list[Flow]


def compare(page: Page, sections: list[list[Block]] | None = None) -> list[Outcome]:
    """Read a page, or some of its sections, and return what became of each table."""
    extraction = extract_text(pages.render(page, sections), path=f"page.{page.suffix}")
    blocks = [*page.intro, *[block for section in (page.sections if sections is None else sections) for block in section]]
    published = _published(extraction)
    told = _told(extraction)
    outcomes: list[Outcome] = []
    number = 0
    for block in blocks:
        if isinstance(block, Table) or (isinstance(block, Note) and page.markup == "asciidoc"):
            number += 1
            table = block if isinstance(block, Table) else Table([], style={"layout": "note"})
            outcomes.append(_outcome(table, published.get(number, set()), number in told))
    return outcomes


def worst(outcomes: list[Outcome]) -> Verdict:
    """Return the verdict on a page, which is that on its worst table."""
    return VERDICTS[max((VERDICTS.index(outcome.verdict) for outcome in outcomes), default=0)]


def _outcome(table: Table, found: set[Flow], told: bool) -> Outcome:
    wanted = {folded(flow) for flow in table.flows}
    accepted = wanted | {folded(flow) for flow in table.optional}
    missing, surplus = _sorted(wanted - found), _sorted(found - accepted)
    verdict: Verdict = "other" if surplus else "equal" if not missing else "fewer" if told else "silent"
    return Outcome(verdict, table.style, missing, surplus)


def _sorted(flows: set[Flow]) -> list[Flow]:
    return sorted(flows, key=repr)


def _published(extraction: Extraction) -> dict[int, set[Flow]]:
    found: dict[int, set[Flow]] = {}
    for rule in extraction.rules:
        for evidence in rule.evidence:
            found.setdefault(evidence.table, set()).add(folded(_flow(rule)))
    return found


def _told(extraction: Extraction) -> set[int]:
    """Return the tables of which the result says why something is not under the rules."""
    told = {evidence.table for rule in extraction.unresolved for evidence in rule.evidence}
    return told | {finding.table for finding in extraction.findings if finding.table is not None}


def _flow(rule: Rule) -> Flow:
    return Flow(
        rule.action,
        rule.direction,
        rule.protocol,
        rule.from_port,
        rule.to_port,
        rule.icmp_type,
        rule.source.name if rule.source else None,
        rule.destination.name if rule.destination else None,
    )


def folded(flow: Flow) -> Flow:
    """Return a rule with its names as they are compared."""
    head = (flow.action, flow.direction, flow.protocol, flow.low, flow.high, flow.icmp_type)
    return Flow(*head, _name(flow.source), _name(flow.destination))


def _name(name: str | None) -> str | None:
    if name is None:
        return None
    text = " ".join(name.casefold().split())
    if text in _words_for_any():
        return "any"
    text = _group_words().sub("", text).strip() or text
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return text


@functools.cache
def _words_for_any() -> frozenset[str]:
    """Return what means any end: `*` and `Any` in two rows are one rule."""
    words = {phrase.casefold() for language in LANGUAGES for phrase in phrases(language)["cells"]["any_end"]}
    return frozenset(words - {"0.0.0.0/0", "internet", "интернет", "інтернет"})


@functools.cache
def _group_words() -> re.Pattern[str]:
    """Return what finds the words for a group: with or without them, a name is the same."""
    words = sorted(
        {phrase.casefold() for language in LANGUAGES for phrase in phrases(language)["headers"]["group"]},
        key=lambda word: (-len(word), word),
    )
    return re.compile("|".join(re.escape(word) for word in words))
