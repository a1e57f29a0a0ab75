"""`docrules diff`: what another state of the documentation means for a firewall."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast, get_args

import click

from extract import api
from extract.check import patch_files
from extract.cli.configured import Configured
from extract.cli.terminal import EXIT_INTERNAL, EXIT_UNREADABLE, columns, finding_line, has_colours, plain, write_to_stdout
from extract.errors import UsageError
from extract.model import Change, Document, Extraction, Impact
from extract.publish import diff_html, diff_markdown, diff_text, places, published
from extract.publish.diff import Snapshot, changes_json, compare
from extract.publish.layout import Line, width_of, wrapped
from extract.publish.versions import version_key

EXIT_CHANGES = 1
# A message names so many of the releases that may have been meant.
_MAX_NAMES = 10
# On a terminal, what goes on below is indented so far.
_HANG = 6

_LOOKS: dict[str, Callable[[str], str]] = {
    "title": partial(click.style, bold=True),
    "dim": partial(click.style, dim=True),
    **dict.fromkeys(("opens", "widens"), partial(click.style, fg="red")),
    **dict.fromkeys(("replaces", "re-routes"), partial(click.style, fg="magenta")),
    **dict.fromkeys(("closes", "narrows"), partial(click.style, fg="cyan")),
    **dict.fromkeys(("now-stated", "no-longer-stated", "unresolved"), partial(click.style, fg="yellow")),
    **dict.fromkeys(("wording", "evidence"), partial(click.style, dim=True)),
}

_EPILOG = """\b
Impacts, the most important first:
  opens             new access
  widens            more access than before
  replaces          other ports or another protocol: opens the new access and closes the old
  re-routes         another source, destination or direction: opens the new access and closes the old
  closes            access ends
  narrows           less access than before
  now-stated        the page now states a direction or an endpoint; the rest of the access is the same
  no-longer-stated  the page no longer states a direction or an endpoint; the rest of the access is the same
  unresolved        an unresolved rule was added, removed or changed; you cannot apply it
  wording           the same access in other words
  evidence          the same access in another place, or read in another way

\b
Exit codes:
  0  compared
  1  there are changes, with --exit-code
  2  the call cannot be carried out
  3  a document could not be read, so there is nothing to compare
  4  a defect of this program
"""


@click.command("diff", cls=Configured, epilog=_EPILOG)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--rules", default="data/rules.json", show_default=True, metavar="FILE", help="The published rules that OLD and NEW are releases of."
)
@click.option("--product", default=None, metavar="VENDOR/PRODUCT", help="Compare this product only.")
@click.option(
    "--impact",
    "impacts",
    type=click.Choice(get_args(Impact)),
    multiple=True,
    metavar="IMPACT",
    help="Show only changes of this impact; may be given several times. The exit code counts only these changes, too.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
    metavar="FORMAT",
    help="text, json, markdown (for a pull request) or html (one page).",
)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Show changes of wording and evidence, too; otherwise they are only counted. JSON holds all changes.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there are changes, of wording and evidence too.")
def command(
    *, old: str, new: str, rules: str, product: str | None, impacts: tuple[Impact, ...], form: str, every: bool, exit_code: bool
) -> None:
    """Compare two states of the documentation: which rules are new, gone or changed, and what that means for access.

    OLD and NEW are each a rules.json, a folder of documents (extracted with the patches beside it), or a release in the file of --rules.
    A path takes precedence over a release of the same name.

    If a release is only in NEW, it is compared with the latest earlier release in OLD.

    \b
    Examples:
      docrules diff 5.4 5.5
      docrules diff old/rules.json data/rules.json --exit-code --impact opens --impact widens
      docrules diff old/docs data/docs --format html > changes.html
    """
    before, after = _sides(old, new, Path(rules))
    if product is not None:
        before, after = _of_product(before, after, product)
    found = compare(before, after)
    # If the user names an impact, show its changes.
    shown = tuple(change for change in found if not impacts or change.impact in impacts)
    write_to_stdout(_rendered(shown, form, every or bool(impacts)))
    sys.exit(EXIT_CHANGES if exit_code and shown else 0)


def _rendered(changes: Sequence[Change], form: str, every: bool) -> bytes:
    if form == "json":
        return changes_json(tuple(changes))
    if form == "markdown":
        return diff_markdown.markdown(changes, every).encode("utf-8", "replace")
    if form == "html":
        return diff_html.page(changes, every).encode("utf-8", "replace")
    colour = has_colours(sys.stdout)
    width = columns()
    lines = (tuple((style, plain(text)) for style, text in line) for line in diff_text.render(changes, every))
    laid_out = lines if width is None else (part for line in lines for part in _wrapped(line, width))
    return "".join(f"{_printed(line, colour)}\n" for line in laid_out).encode("utf-8", "replace")


def _wrapped(line: diff_text.Line, width: int) -> Iterator[diff_text.Line]:
    if width_of("".join(text for _, text in line)) <= width:
        return iter((line,))
    # The styles are others, and are carried on as they are.
    return cast("Iterator[diff_text.Line]", wrapped(cast("Line", line), width, _HANG))


def _printed(parts: diff_text.Line, colour: bool) -> str:
    return "".join(_LOOKS[style](text) if colour and style and text else text for style, text in parts)


def _sides(old: str, new: str, rules: Path) -> tuple[Snapshot, Snapshot]:
    """Return what OLD and NEW name. Of two releases of one file, only the products that have both are compared."""
    releases = [name for name in (old, new) if not os.path.exists(name)]  # noqa: PTH110 - Path.exists() raises for a name that is too long
    if not releases:
        return _read(Path(old)), _read(Path(new))
    run = _published(rules, releases[0])
    before, after = (_of_release(run, name, rules) if name in releases else _read(Path(name)) for name in (old, new))
    if len(releases) == 1:
        return before, after
    both = _products(before) & _products(after)
    if not both:
        raise UsageError(f"no product in {rules} has both releases, {old} and {new}; there is {_listed(run)}")
    return _only(before, lambda one: _product(one) in both), _only(after, lambda one: _product(one) in both)


def _published(rules: Path, name: str) -> Snapshot:
    if not rules.is_file():
        hint = f"there is no {rules} that could have a release of this name; name the file with --rules"
        raise UsageError(f"{name!r} is neither a file nor a folder, and {hint}")
    return published.load_rules(rules)


def _read(path: Path) -> Snapshot:
    if not path.is_dir():
        return published.load_rules(path)
    patches = api.find_patches([path])
    corrections = patch_files.load(patches) if patches is not None else ()
    extraction = api.extract_sources(api.find_sources([path]), patches=corrections, origins=api.find_manifest([path]), jobs=None)
    _stop_at_errors(extraction, path)
    return Snapshot(extraction.documents, extraction.rules, extraction.unresolved)


def _stop_at_errors(extraction: Extraction, folder: Path) -> None:
    """Print the errors of a folder, and end the program when one of them leaves out a document: its rules would look removed."""
    errors = [found for found in extraction.findings if found.severity == "error"]
    for found in errors:
        click.echo(finding_line(found, has_colours(sys.stderr)), err=True)
    codes = {found.code for found in errors}
    if codes & places.LEFT_OUT:
        click.echo(f"error: not all of {plain(str(folder))} could be read, so nothing was compared", err=True)
        sys.exit(EXIT_INTERNAL if codes & places.FAILED else EXIT_UNREADABLE)


def _of_release(run: Snapshot, name: str, rules: Path) -> Snapshot:
    found = _only(run, lambda one: one.release == name)
    if not found.documents:
        raise UsageError(f"{name!r} is neither a file nor a folder, and no release in {rules}; there is {_listed(run)}")
    return found


def _of_product(old: Snapshot, new: Snapshot, product: str) -> tuple[Snapshot, Snapshot]:
    before, after = (_only(one, lambda document: _product(document) == product) for one in (old, new))
    if not before.documents and not after.documents:
        known = sorted({*_products(old), *_products(new)})
        raise UsageError(f"neither OLD nor NEW has the product {product!r}; there is {_named(known)}")
    return before, after


def _only(run: Snapshot, wanted: Callable[[Document], bool]) -> Snapshot:
    documents = tuple(document for document in run.documents if wanted(document))
    known = {document.id for document in documents}
    return Snapshot(
        documents,
        tuple(rule for rule in run.rules if rule.evidence[0].document in known),
        tuple(rule for rule in run.unresolved if rule.evidence[0].document in known),
    )


def _product(document: Document) -> str | None:
    return "/".join(filter(None, (document.vendor, document.product))) if document.product and document.release else None


def _products(run: Snapshot) -> set[str]:
    return {product for document in run.documents if (product := _product(document)) is not None}


def _listed(run: Snapshot) -> str:
    """Return the releases of a run in words."""
    found = {(product, document.release or "") for document in run.documents if (product := _product(document)) is not None}
    return _named([f"{product} {release}" for product, release in sorted(found, key=lambda one: (one[0], version_key(one[1])))])


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return f"{', '.join(names[:_MAX_NAMES])}{more}" if names else "none in it"
