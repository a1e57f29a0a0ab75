"""`docrules run` into a folder of partitions: what is printed of it, and the files about it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

import click
import msgspec

from extract.api import Runner
from extract.cache import Cache
from extract.check.overrides import Overrides
from extract.check.patch_files import Patch
from extract.cli import exits, outputs, run_text
from extract.cli.terminal import EXIT_FINDINGS, count, plain, print_waiting, progress
from extract.errors import UsageError
from extract.model import Extraction
from extract.partitioned import Run
from extract.publish import files, parquet, places
from extract.publish.partitions import Form
from extract.read.manifest import Manifest
from extract.read.not_read import in_words
from extract.read.sources import Source

# So many files that are no partitions are named.
_FOREIGN = 5


class Inputs(NamedTuple):
    """What a run reads."""

    sources: Sequence[Source]
    patches: Sequence[Patch]
    origins: Manifest | None
    complete: bool
    not_read: Mapping[str, int]
    # The folders in which documents are looked for.
    folders: Sequence[Path]
    # The files that findings are about.
    read_files: Sequence[Source]
    overrides: Overrides


class Reading(NamedTuple):
    """How documents are read: by how many processes or by what else, what keeps what they gave, and whether some are passed over."""

    jobs: int | None
    cache: Cache | None
    runner: Runner | None
    only_rules: bool


class Shrinking(NamedTuple):
    """How far the rules of a scope may fall, in percent, None for any; and why it is accepted where they fall further."""

    limit: int | None
    accepted: str | None


def run(
    inputs: Inputs,
    folder: Path,
    form: str,
    targets: Mapping[str, Path],
    reading: Reading,
    shrinking: Shrinking,
    *,
    fail_on: str,
    quiet: bool,
    verbose: bool,
) -> int:
    """Write the partitions of a run and the files about it, print what was found, and return the exit code.

    `targets` are the files about the run; what they tell is known only when each document was read, so then none is passed over. Raises
    UsageError where the folder cannot be used.
    """
    _check(folder, inputs, form)
    about = Run(
        folder,
        cast("Form", form),
        inputs.sources,
        patches=inputs.patches,
        origins=inputs.origins,
        complete=inputs.complete,
        overrides=inputs.overrides,
    )
    waiting = partial(print_waiting, quiet)
    findings: Counter[str] = Counter()
    codes: set[str] = set()
    kept: list[Extraction] = []
    not_read = Counter(inputs.not_read)
    with progress("documents", quiet) as advance, _saying_what_is_whole(about, folder):
        made = about.write(
            every=bool(targets),
            limit=shrinking.limit,
            accept=shrinking.accepted is not None,
            progress=advance,
            waiting=waiting,
            **reading._asdict(),
        )
        # Closed here, and not when nobody refers to it any more: it then notes what is whole.
        with contextlib.closing(made):
            for extraction in made:
                not_read.update(extraction.summary.not_read or {})
                codes |= {found.code for found in extraction.each_finding()}
                # What became of the manifest of sources, only the whole run can tell.
                _findings(msgspec.structs.replace(extraction, sources=()), quiet, verbose)
                if not targets:
                    kept.clear()
                kept.append(extraction)
    # The last one is about what has no documents.
    last = msgspec.structs.replace(kept[-1], sources=about.source_reports())
    findings.update(found.severity for found in last.each_finding())
    _findings(msgspec.structs.replace(last, patches=()), quiet, verbose)
    if targets:
        whole = kept[0].merge(kept[1:])
        counted = msgspec.structs.replace(whole.summary, not_read=dict(sorted(not_read.items())))
        contents = outputs.contents(targets, msgspec.structs.replace(whole, summary=counted), inputs.read_files)
        with files.exclusive(targets.values(), waiting):
            files.write_all({targets[option]: made for option, made in contents.items()})
    for known in about.found.values():
        findings.update(known.findings)
    click.echo("".join(f"{line}\n" for line in _fallen(about, folder, shrinking)), err=True, nl=False)
    if not quiet:
        click.echo("\n".join(_summary(about, folder, not_read, findings)), err=True)
    code = exits.code(codes, findings, sum(one.open for one in about.found.values()), fail_on)
    return max(EXIT_FINDINGS, code) if about.held else code


@contextlib.contextmanager
def _saying_what_is_whole(about: Run, folder: Path) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, click.Abort) as error:
        whole = f"{len(about.found)} of {count(about.scopes, 'scope')} are whole in {plain(str(folder))}"
        raise click.Abort(f"{whole}, and the same command goes on from there") from error


def _check(folder: Path, inputs: Inputs, form: str) -> None:
    """Raise UsageError where partitions cannot go: before the work, not after it."""
    if form == "parquet":
        parquet.require()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder for the partitions")
    if not folder.parent.is_dir():
        raise UsageError(f"the folder {folder.parent} does not exist; create it first")
    for documents in inputs.folders:
        if folder.resolve().is_relative_to(documents.resolve()):
            raise UsageError(f"{folder} lies among the documents; name a folder elsewhere")


def _findings(extraction: Extraction, quiet: bool, verbose: bool) -> None:
    click.echo("".join(f"{line}\n" for line in run_text.findings(extraction, quiet=quiet, verbose=verbose)), err=True, nl=False)


def _fallen(about: Run, out: Path, shrinking: Shrinking) -> Iterator[str]:
    """Yield what is less than before, whether it is published or not."""
    for drop in about.drops:
        yield f"{plain(drop.scope)}: {plain(drop.what)}; likely cause: {plain(drop.cause)}"
    if about.held:
        scopes = f"{count(about.held, 'scope')} {'keeps the partition' if about.held == 1 else 'keep the partitions'} of before"
        yield f'{scopes}: less would be left than {plain(str(out))} holds; --accept-shrink "why" publishes all the same'
    elif about.drops and shrinking.accepted is not None:
        yield f"published all the same: {plain(shrinking.accepted)}"
    if about.passed_over:
        yield (
            f"warning: {count(about.passed_over, 'document')} that gave rules to {plain(str(out))} before had no word for ports,"
            " ICMP or a protocol now and were not read (--only-rules), so their rules are gone from it"
        )


def _summary(about: Run, out: Path, not_read: Mapping[str, int], findings: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines of the summary, what matters most first."""
    found = about.found.values()
    for scope, number in sorted(about.fewer.items()):
        yield f"warning: {plain('/'.join(scope))} lost {count(number, 'document')} that this run did not look at, with their rules"
    for file in about.foreign[:_FOREIGN]:
        yield f"warning: {plain(str(out / file))} is not one of the partitions, but engines that read the folder read it too; move it away"
    if (more := len(about.foreign) - _FOREIGN) > 0:
        yield f"warning: {count(more, 'more file')} of {plain(str(out))} are none either"
    for file in about.removed:
        yield f"removed {plain(file)}: no document of it is there any more"
    rules, left_open = sum(one.rules for one in found), sum(one.open for one in found)
    yield f"{count(rules, 'rule')} and {left_open} unresolved in {count(len(found), 'scope')} -> {plain(str(out))}"
    told_before = ", whose findings were told by the run that wrote them" if about.unchanged else ""
    held = f", {about.held} held back" if about.held else ""
    yield f"{about.written} written, {len(about.removed)} removed, {about.unchanged} unchanged{held}{told_before}"
    without = sum(one.file is None for one in found)
    yield f"{count(sum(one.documents for one in found), 'document')}; {count(without, 'scope')} without rules"
    if not_read:
        yield f"not read: {in_words(not_read)}"
    told = ", ".join(count(findings[severity], severity) for severity in places.SEVERITIES if findings[severity])
    yield f"findings: {told or 'none'}"
