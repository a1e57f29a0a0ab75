"""`docrules export`: rules to what a real firewall takes."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import click

from extract.check.stated import scope_of
from extract.cli import inputs, outputs
from extract.cli.configured import Configured
from extract.cli.terminal import EXIT_FINDINGS, plain, write_to_stdout
from extract.errors import UsageError
from extract.export import bindings as bound
from extract.export import report as account
from extract.export.export import Chosen, Exported, choose, export
from extract.export.target import Files, Options, Target
from extract.export.targets import all_targets
from extract.model import Rule
from extract.publish import diff, files, published
from extract.publish.diff_scopes import Snapshot

_EPILOG = """\b
Exit codes:
  0  nothing was refused
  1  a rule was refused; the report says which, why and what to do. The output was written
  2  the call cannot be carried out; nothing was written
  4  a defect of this program; nothing was written
"""


def _list(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        write_to_stdout("".join(f"{line}\n" for line in _listed(all_targets())).encode())
        context.exit()


def _listed(targets: Mapping[str, Target]) -> Iterator[str]:
    for name, target in targets.items():
        yield f"{name}: {target.SUMMARY}"
        yield f"  {_order(target)}"
        yield (
            "  ends are bound to networks, or to what it knows" if target.NEEDS_BINDINGS else "  ends are passed on as the pages have them"
        )
        yield from (f"  limit: {limit}" for limit in target.LIMITS)
        if blocked := target.blocks(Options("")):
            yield f"  beside the rules: {blocked}"


def _order(target: Target) -> str:
    if not target.NEEDS_BINDINGS:
        return "a list in the order of the rows, denials as well"
    return "allows and denies, in the order of the rows" if target.ORDERED else "allows only"


@click.command("export", cls=Configured, epilog=_EPILOG)
@click.option(
    "--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="List the targets with their limits, and exit."
)
@click.argument("target")
@click.argument("rules", required=False, metavar="[RULES.json]")
@click.option("--scope", default=None, metavar="SCOPE", help="The release to export, VENDOR/PRODUCT/RELEASE. Default: the only one.")
@click.option("--document", default=None, metavar="ID", help="Export the rules of this document only.")
@click.option(
    "--as",
    "machine",
    default=None,
    metavar="NAME",
    help="The source or destination that is this machine. You do not have to bind it. Rules about other machines are left out.",
)
@click.option(
    "--bindings",
    "binding_files",
    multiple=True,
    metavar="FILE",
    help="The file that says what the names stand for in your network; may be given several times.",
)
@click.option(
    "--out",
    required=True,
    metavar="DIR|FILE|-",
    help="Where the output goes: a file, an existing folder, or - for standard output (if the output is one file).",
)
@click.option("--report", default=None, metavar="FILE", help="Where the account of every rule goes, as JSON.")
@click.option(
    "--since",
    default=None,
    metavar="RELEASE",
    help="terraform-aws: write moved blocks for rules that changed since this release, so that a plan changes them in place if it can.",
)
@click.option(
    "--base-chain",
    is_flag=True,
    help="nftables: write a complete filter instead of chains to jump to. If rules state a direction, it drops all other traffic there.",
)
def command(
    *,
    target: str,
    rules: str | None,
    scope: str | None,
    document: str | None,
    machine: str | None,
    binding_files: tuple[str, ...],
    out: str,
    report: str | None,
    since: str | None,
    base_chain: bool,
) -> None:
    """Write the rules of one release for a firewall, and prove that the output opens nothing more than the rules.

    TARGET is a target from --list. RULES.json is the published rules; by default data/rules.json, else rules.json.

    Before the output is written, it is read back and compared with the rules. A rule that cannot be exported is refused, with the reason
    and what to do. A rule that a page leaves open is never exported.

    \b
    Examples:
      docrules export csv --scope vendor/product/1.0 --out rules.csv
      docrules export nftables --scope vendor/product/1.0 --as "Web server" --bindings ours.toml --out ruleset.nft
      docrules export terraform-aws --scope vendor/product/1.1 --since 1.0 --bindings ours.toml --out docrules.tf.json
    """
    known = all_targets()
    if target not in known:
        raise UsageError(f"there is no target {target!r}; there is {', '.join(known)} (`docrules export --list`)")
    path = Path(rules) if rules is not None else inputs.default_rules("name it")[0]
    snapshot = published.load_rules(path)
    chosen = choose(snapshot, scope, document)
    found = bound.load([Path(file) for file in binding_files], scope_of(chosen.documents[0]))
    _check_machine(chosen, machine, found.endpoints)
    _check_options(known[target], {"--bindings": binding_files, "--as": machine, "--since": since, "--base-chain": base_chain})
    only = chosen.documents[0].id.removeprefix(f"{chosen.scope}/") if document is not None else ""
    options = Options(chosen.scope, machine or "", base_chain, _moved(snapshot, chosen, since), only)
    done = export(known[target], chosen, found, options)
    _write(done, out, Path(report) if report is not None else None, [path, *map(Path, binding_files)])
    click.echo("\n".join(account.to_text(done.report)), err=True)
    sys.exit(EXIT_FINDINGS if done.report.counts["refused"] else 0)


def _check_machine(chosen: Chosen, machine: str | None, bound: Collection[str]) -> None:
    """Raise UsageError where neither a rule nor a binding names the end that is to be this machine."""
    if machine is None:
        return
    names = sorted(
        {end.name for entry, _ in chosen.entries for end in (entry.source, entry.destination) if end is not None and end.kind != "any"}
    )
    if machine not in names and machine not in bound:
        raise UsageError(
            f"no rule of {chosen.scope} names {machine!r}; there is {', '.join(names) or 'none'}. Bind a name that no page says"
        )


def _check_options(target: Target, given: Mapping[str, object]) -> None:
    """Raise UsageError for an option that the target does not take: passing over it would be a guess."""
    taken = {*target.OPTIONS, *(("--bindings", "--as") if target.NEEDS_BINDINGS else ())}
    strange = next((name for name, value in given.items() if value and name not in taken), None)
    if strange is not None:
        raise UsageError(f"{target.NAME} takes no {strange} (`docrules export --list`)")


def _moved(snapshot: Snapshot, chosen: Chosen, since: str | None) -> dict[str, str]:
    """Return fingerprint in an earlier release -> fingerprint now, of the rules that `docrules diff` takes for the same ones changed."""
    if since is None:
        return {}
    now = scope_of(chosen.documents[0])
    before = (*now[:-1], since)
    documents = [one for one in snapshot.documents if scope_of(one) == before]
    if len(now) < 2 or not documents:
        raise UsageError(f"--since {since}: there is no such release of {'/'.join(now[:-1]) or chosen.scope} in the rules")
    pairs = diff.compare(_of(snapshot, before), _of(snapshot, now))
    changed = [(one.previous, one.current) for one in pairs if isinstance(one.previous, Rule) and isinstance(one.current, Rule)]
    return {old.fingerprint: new.fingerprint for old, new in changed if old.fingerprint != new.fingerprint}


def _of(snapshot: Snapshot, scope: tuple[str, ...]) -> Snapshot:
    documents = tuple(one for one in snapshot.documents if scope_of(one) == scope)
    names = {one.id for one in documents}
    return Snapshot(
        documents,
        tuple(one for one in snapshot.rules if one.evidence[0].document in names),
        tuple(one for one in snapshot.unresolved if one.evidence[0].document in names),
    )


def _write(done: Exported, out: str, report: Path | None, read: list[Path]) -> None:
    """Write the output and the report, all of it or nothing. Raises UsageError where a file cannot be written."""
    if str(report) == outputs.STDOUT or not out:
        raise UsageError("--report takes the name of a file" if out else "--out is empty")
    if out == outputs.STDOUT and len(done.files) != 1:
        raise UsageError(f"the output is {len(done.files)} files ({', '.join(done.files)}); name a folder with --out")
    targets = {} if out == outputs.STDOUT else _places(done.files, Path(out))
    if report is not None and any(os.path.realpath(report) == os.path.realpath(one) for one in targets):
        raise UsageError("--out and --report name the same file")
    if report is not None:
        targets[report] = account.to_json(done.report)
        files.check_target(report, read)
    _make_folders(targets, Path(out))
    for place in targets:
        files.check_target(place, read)
    with files.exclusive(targets, lambda _: None):
        # What fails here leaves no report of what nobody got.
        if out == outputs.STDOUT:
            write_to_stdout(next(iter(done.files.values())))
        files.write_all(targets)


def _make_folders(places: Mapping[Path, bytes], out: Path) -> None:
    """Make the folders of an output below its own, which is there. Raises UsageError where one cannot be made."""
    for folder in sorted({place.parent for place in places if out in place.parents} - {out}):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"the folder {plain(str(folder))} cannot be made: {error.strerror}") from error


def _places(made: Files, out: Path) -> dict[Path, bytes]:
    """Return where each file of the output goes: one file as it is named, or by its own name below a folder that is there."""
    if len(made) == 1 and not out.is_dir():
        name = next(iter(made))
        if not out.suffix and Path(name).suffix:
            raise UsageError(f"{plain(str(out))} is no folder; create it first, or name a file, {plain(str(out / name))} say")
        return {out: made[name]}
    if not out.is_dir():
        raise UsageError(f"the output is {len(made)} files, and {plain(str(out))} is no folder; create it first")
    return {out / name: content for name, content in made.items()}
