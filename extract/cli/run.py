"""`docrules run`: documents to rules."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from extract import api
from extract.cache import Cache, default_folder
from extract.check import patch_files
from extract.check.patch_files import Patch
from extract.cli import configured, engines, exits, formats, outputs, run_text
from extract.cli.configuration import Configuration
from extract.cli.configured import Configured
from extract.cli.terminal import EXIT_FINDINGS, count, plain, print_waiting, progress, write_to_stdout
from extract.errors import UsageError
from extract.model import Extraction
from extract.publish import files, places, publication
from extract.publish.publication import Comparison
from extract.read.sources import Source

if TYPE_CHECKING:
    from extract.cli.watching import Seen

# So many lines of changes are printed.
_CHANGE_LINES = 40

_EPILOG = """\b
Exit codes:
  0  clean
  1  findings of severity error, or what --fail-on names; the output was written.
     Also: a release would lose too much of what is published; nothing was
     written (with partitions: only those that do not lose too much)
  2  the call cannot be carried out; nothing was written
  3  a document could not be read; the others were extracted
  4  a defect of this program
  130  interrupted
  141  the reader of standard output went away; no file was written
"""


@click.command("run", cls=Configured, epilog=_EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--out", default="rules.json", show_default=True, metavar="FILE", help="Where the rules go; - for standard output.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(formats.FORMATS),
    default=formats.JSON,
    show_default=True,
    metavar="FORMAT",
    help="The format of --out: json (rules.json), jsonl (one rule per line), csv (one row per rule, as docrules export csv writes it) or"
    " parquet. In all formats except json, unresolved rules follow the others, and the field status tells them apart. parquet writes a"
    " file for each release, and so does jsonl if --out is a folder or ends in /: docs/scale.md.",
)
@click.option("--report", default=None, metavar="FILE", help="Where the report on every table and row goes. Not written unless named.")
@click.option("--sarif", default=None, metavar="FILE", help="Where the findings go as SARIF 2.1.0, for code scanning.")
@click.option("--markdown", default=None, metavar="FILE", help="Where a summary goes as Markdown, for a pull request.")
@click.option(
    "--changes",
    default=None,
    metavar="FILE",
    help="Feed of changes, newest first: an entry is added when the rules of --out change. Not written unless named.",
)
@click.option(
    "--max-shrink",
    type=click.IntRange(0, 100),
    default=publication.DEFAULT_LIMIT,
    show_default=True,
    metavar="PERCENT",
    help="A run over a whole folder or a .zip or .epub stops if a count or share of a release falls by more than this below what --out"
    " holds.",
)
@click.option("--accept-shrink", default=None, metavar="REASON", help="Publish anyway; the reason goes into --changes.")
@click.option(
    "--fail-on",
    type=click.Choice(list(exits.FAILING)),
    default="error",
    show_default=True,
    metavar="WHAT",
    help="When the exit code is 1: error, warning or note (findings of this severity or above), unresolved (errors and unresolved rules)"
    " or never.",
)
@click.option(
    "--root",
    default=None,
    metavar="DIR",
    help="The top folder: paths in the data are relative to it, and it may hold a sources.toml."
    " Default: the given folder, or the folder of the given file.",
)
@click.option(
    "--patches",
    "patch_folder",
    default=None,
    metavar="DIR",
    help="Folder of corrections, <vendor>/<product>.toml. Default: the folder patches beside the folder of documents, if there is one.",
)
@click.option("--raw", is_flag=True, help="Read the pages without patches.")
@click.option(
    "--only-rules/--all",
    help="Skip documents whose bytes hold no word for ports, ICMP or a protocol, in any language: a first filter for a crawl. Pages that"
    " name their traffic only by applications are lost. The run counts each skipped document, and the report has a note about it."
    " Default: --all.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Number of processes that read documents. Default: as many as make the run faster. The output does not depend on it.",
)
@click.option(
    "--engine",
    type=click.Choice(engines.ENGINES),
    default=engines.PROCESSES,
    show_default=True,
    metavar="ENGINE",
    help="What reads the documents: processes (on this machine) or dask (the workers of a cluster, which must see the files under the"
    " same paths: docs/scale.md).",
)
@click.option(
    "--scheduler", default=None, metavar="ADDRESS", help="The scheduler of the cluster, tcp://HOST:PORT. Default: one on this machine."
)
@click.option(
    "--cache",
    "cache_folder",
    default=None,
    metavar="DIR",
    help="Folder that keeps the result of each document, so that an unchanged document is parsed only once. The output does not depend on"
    " it. Default: $DOCRULES_CACHE (empty for none), otherwise docrules in $XDG_CACHE_HOME or ~/.cache.",
)
@click.option("--no-cache", is_flag=True, help="Parse every document, and keep nothing.")
@click.option("--quiet", "-q", is_flag=True, help="Print only findings of severity error, and no summary.")
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Print each finding by itself, and notes, too. Without this option, all findings of one kind in a document are one line.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Run again when a document, a patch or sources.toml changes, and print what is new: findings, and what changes of the rules."
    " Ctrl-C ends. This needs the extra docrules[watch].",
)
def command(
    *,
    paths: tuple[str, ...],
    out: str,
    format_: str,
    report: str | None,
    sarif: str | None,
    markdown: str | None,
    changes: str | None,
    max_shrink: int,
    accept_shrink: str | None,
    fail_on: str,
    root: str | None,
    patch_folder: str | None,
    raw: bool,
    only_rules: bool,
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    cache_folder: str | None,
    no_cache: bool,
    quiet: bool,
    verbose: bool,
    watch: bool,
    seen: Seen | None = None,
) -> None:
    """Read documents and write their firewall rules.

    PATH is a document (HTML, Markdown, a workbook: `docrules kinds` lists what is read), a folder that is searched for documents, an
    archive of documents (.zip, .epub, or .warc and .warc.gz with the extra docrules[warc]) or - for standard input.

    \b
    Examples:
      docrules run docs/ --out rules.json --report report.json
      docrules run page.html --out - | jq .rules
      curl -s https://example.com/ports.html | docrules run - --out -
      docrules run docs/ --format csv --out rules.csv
      docrules run docs/ --format parquet --out rules
      docrules run manual.epub --out rules.json
      docrules run crawl.warc.gz --out rules.json
      docrules run docs/ --watch
    """
    if watch and seen is None:
        _repeat(click.get_current_context().params)
    settings = _settings(paths, format_, out)
    sources, others, passed = _found(paths, root, quiet)
    corrections = _patch_folder(paths, root, patch_folder, raw)
    patches, patch_sources = _patches(corrections)
    origins = api.find_manifest(paths, root)
    read_files = [*sources, *patch_sources, *([origins.source] if origins is not None else [])]
    complete = api.is_complete(paths, root)
    limit = max_shrink if api.is_whole(paths, root) else None
    _print_settings(settings, read_files, complete, quiet)
    partitioned = formats.is_partitioned(format_, out)
    named = {"out": None if partitioned else out, "report": report, "sarif": sarif, "markdown": markdown, "changes": changes}
    _check_publication(out, changes, accept_shrink)
    folders = [Path(path) for path in paths if Path(path).is_dir()]
    targets = outputs.targets(named, read_files, folders, corrections, settings.file)
    # What the run itself writes is not among what it passed over.
    written_here = {os.path.abspath(target) for target in targets.values()}  # noqa: PTH100 - resolve() would follow links
    not_read = Counter(suffix for file, suffix in others.items() if file not in written_here) + passed
    cache = _cache(cache_folder, no_cache)
    if partitioned:
        from extract.cli import partitions  # noqa: PLC0415 - a run that writes one file need not wait for it

        inputs = partitions.Inputs(sources, patches, origins, complete, not_read, folders, read_files, settings.severities)
        with engines.opened(engine, scheduler, jobs) as runner:
            code = partitions.run(
                inputs,
                Path(out),
                format_,
                targets,
                partitions.Reading(jobs, cache, runner, only_rules),
                partitions.Shrinking(limit, accept_shrink),
                fail_on=fail_on,
                quiet=quiet,
                verbose=verbose,
            )
        sys.exit(code)
    with engines.opened(engine, scheduler, jobs) as runner, progress("documents", quiet) as advance:
        extraction = api.extract_sources(
            sources,
            patches=patches,
            origins=origins,
            complete=complete,
            not_read=not_read,
            jobs=jobs,
            progress=advance,
            cache=cache,
            runner=runner,
            only_rules=only_rules,
            overrides=settings.severities,
        )
    read = any(all(one.code not in places.LEFT_OUT for one in found.findings) for found in extraction.reports)
    # Without data there are no rules and no account of them. The files about the run are written, to replace those of an earlier run.
    written = {"out", *targets} if read else targets.keys() & outputs.ABOUT_THE_RUN
    rules = formats.content(format_, extraction) if "out" in written else b""
    contents: dict[str, files.Content] = {"out": rules, **outputs.contents(written - {"out", "changes"}, extraction, read_files)}
    to_stdout = partial(write_to_stdout, files.parts(rules)) if read and out == outputs.STDOUT else None
    told = None
    with files.exclusive(targets.values(), partial(print_waiting, quiet)):
        # Before the comparison, which may end the run: they may say why there is less.
        found = run_text.findings(extraction, quiet=quiet, verbose=verbose)
        click.echo("".join(f"{line}\n" for line in (seen.fresh(found) if seen is not None else found)), err=True, nl=False)
        if read and "out" in targets and format_ == formats.JSON:
            told = _told(targets, extraction, rules, limit, accept_shrink)
            if "changes" in targets:
                contents["changes"] = publication.feed_with(targets["changes"], told, rules, accept_shrink)
        files.write_all({target: contents[option] for option, target in targets.items() if option in contents.keys() & written}, to_stdout)
    if not read:
        click.echo("nothing could be read, so no rules were written", err=True)
    elif not quiet:
        docs = _docs(paths, root)
        command = run_text.Files("" if out == outputs.STDOUT else out, report, docs, format_ == formats.JSON, configured.known(settings))
        click.echo("\n".join(run_text.summary(extraction, command, cache.hits if cache is not None else 0)), err=True)
        _print_changes(told)
    sys.exit(exits.code_of(extraction, fail_on))


def _docs(paths: Sequence[str], root: str | None) -> str | None:
    """Return what the commands that are named take as --docs, None where a run does not tell."""
    alone = str(Path(paths[0]).parent) if len(paths) == 1 and Path(paths[0]).is_file() else None
    return configured.documents({"paths": paths, "root": root}) or alone


def _settings(paths: Sequence[str], form: str, out: str) -> Configuration:
    """Return the configuration of a run. Raises UsageError for a call that names no path, or a form that cannot go where it is to go."""
    context = click.get_current_context()
    if not paths:
        context.fail("no PATH is given, and no configuration names paths")
    formats.check(form, out, context)
    return configured.of(context)


def _repeat(given: Mapping[str, Any]) -> NoReturn:
    """Run as the command was called, again and again."""
    from extract.cli import watching  # noqa: PLC0415 - few runs are repeated

    watching.check(given["paths"], given["out"], given["accept_shrink"])
    inputs = watching.Inputs(given["paths"], given["root"], given["patch_folder"], given["raw"])
    run = cast("Callable[..., None]", command.callback)
    watching.repeat(lambda seen: run(**given, seen=seen), inputs)


def _found(paths: Sequence[str], root: str | None, quiet: bool) -> tuple[Sequence[Source], Mapping[str, str], Counter[str]]:
    """Return the documents of a run, the other files of its folders with their suffixes, and what archives hold besides, counted."""
    others, passed = dict[str, str](), Counter[str]()
    # Only archives take long to look through.
    with progress("finding pages", quiet) as advance:
        return api.find_sources(paths, root, others, passed, advance), others, passed


def _check_publication(out: str, changes: str | None, accepted: str | None) -> None:
    if accepted is not None and not accepted.strip():
        raise UsageError("--accept-shrink needs a reason")
    if changes is not None and out == outputs.STDOUT:
        raise UsageError("--changes tells what changes in a file; name one with --out")


def _told(targets: Mapping[str, Path], extraction: Extraction, rules: files.Content, limit: int | None, accepted: str | None) -> Comparison:
    """Return what a run changes of the published rules. A run that would publish less than it may ends here, with nothing written."""
    told = publication.compare(targets["out"], extraction, rules, limit)
    hint = '--accept-shrink "why" publishes all the same'
    # A run over some documents only reports losses if the user asks for --changes.
    if told.drops and not accepted and (limit is not None or "changes" in targets):
        for drop in told.drops:
            click.echo(f"{plain(drop.scope)}: {plain(drop.what)}; likely cause: {plain(drop.cause)}", err=True)
        click.echo(f"nothing was published: less would be left than {plain(str(targets['out']))} holds; {hint}", err=True)
        sys.exit(max(EXIT_FINDINGS, exits.code_of(extraction, "never")))
    if told.missing:
        file = plain(str(targets["out"]))
        click.echo(
            f"warning: {count(told.missing, 'document')} that {file} held were not looked at, and their rules are gone from it", err=True
        )
    if told.passed_over:
        click.echo(
            f"warning: {count(told.passed_over, 'document')} that gave rules to {plain(str(targets['out']))} before had no word for ports,"
            " ICMP or a protocol now and were not read (--only-rules), so their rules are gone from it",
            err=True,
        )
    return told


def _print_changes(told: Comparison | None) -> None:
    """Print what changes of what was published before; a first publication changes nothing."""
    if told is None or not told.changes:
        return
    from extract.publish import diff_text, diff_words  # noqa: PLC0415 - most runs change nothing, and they take 8 ms to import

    lines = list(diff_text.render(told.changes, False)) if diff_words.to_act_on(told.changes) else []
    for line in lines[:_CHANGE_LINES]:
        click.echo("".join(plain(text) for _, text in line), err=True)
    if len(lines) > _CHANGE_LINES:
        click.echo(f"… and {len(lines) - _CHANGE_LINES} lines more; docrules diff shows all", err=True)


def _patch_folder(paths: Sequence[str], root: str | None, folder: str | None, raw: bool) -> Path | None:
    if raw:
        if folder is not None:
            raise UsageError("--raw leaves out patches, so --patches makes no sense beside it")
        return None
    return Path(folder) if folder is not None else api.find_patches(paths, root)


def _patches(folder: Path | None) -> tuple[tuple[Patch, ...], list[Source]]:
    """Return the patches of a run, and their files."""
    if folder is None:
        return (), []
    patches = patch_files.load(folder)
    by_path = {patch.path: folder / patch.vendor / f"{patch.product}.toml" for patch in patches}
    return patches, [Source.of(path, str(file)) for path, file in sorted(by_path.items())]


def _cache(folder: str | None, without: bool) -> Cache | None:
    if without:
        if folder is not None:
            raise UsageError("--no-cache keeps nothing, so --cache makes no sense beside it")
        return None
    found = Path(folder) if folder is not None else default_folder(os.environ)
    return Cache(found) if found is not None else None


def _print_settings(settings: Configuration, files: Sequence[Source], complete: bool, quiet: bool) -> None:
    told = () if quiet else configured.lines(settings, {source.path for source in files}, complete)
    click.echo("".join(f"{plain(line)}\n" for line in told), err=True, nl=False)
