"""`docrules fetch`: pages from the network into the folder of documents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from extract.cli.terminal import EXIT_FINDINGS, EXIT_INTERRUPTED, count, plain, progress, version, write_to_stdout

if TYPE_CHECKING:
    from extract.fetch import Outcome

_MEGABYTE = 1_000_000
_EPILOG = """\b
Exit codes:
  0  every page was fetched, or is unchanged
  1  a page could not be fetched; its last copy was kept
  2  the call cannot be carried out
  4  a defect of this program
"""


@click.command("fetch", epilog=_EPILOG)
@click.argument("folder", default="data/docs", metavar="[FOLDER]")
@click.option("--jobs", type=click.IntRange(1, 32), default=4, show_default=True, metavar="N", help="Number of pages to fetch at a time.")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="The time limit for one page, including redirects and retries.",
)
@click.option(
    "--max-size",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="MB",
    help="The size limit for one page after decompression.",
)
@click.option(
    "--allow-http", is_flag=True, help="Follow redirects from https to http. Anybody on the network path can then change the page."
)
@click.option("--dry-run", is_flag=True, help="List the pages with their addresses; fetch nothing.")
@click.option("--quiet", "-q", is_flag=True, help="Print only pages that failed, and no summary.")
def command(*, folder: str, jobs: int, timeout: int, max_size: int, allow_http: bool, dry_run: bool, quiet: bool) -> None:
    """Fetch the pages that sources.toml names.

    FOLDER is the folder of documents. In its file sources.toml, every entry with a url is a page, and its path says where the page goes:

    \b
    [[source]]
    path = "vendor/product/1.0/ports.html"
    url = "https://docs.example.com/ports.html"
    licence = "CC-BY-4.0"

    An unchanged page is left untouched. FOLDER/.fetch.json keeps what servers need to tell whether a page changed. Links in a page are
    not fetched. Proxies are taken from the environment (HTTPS_PROXY, NO_PROXY).

    \b
    Examples:
      docrules fetch
      docrules fetch docs/ --dry-run
    """
    # The one part of the program that reaches a network: no other command so much as loads it.
    from extract.fetch import Limits, fetch, wanted  # noqa: PLC0415 - as said above

    root = Path(folder)
    pages = wanted(root)
    if dry_run:
        write_to_stdout("".join(f"{plain(page.path)}  {plain(page.url)}\n" for page in pages).encode())
        sys.exit(0)
    limits = Limits(timeout, max_size * _MEGABYTE, allow_http)
    agent = f"docrules/{version()}"
    try:
        with progress("pages", quiet) as advance:
            outcomes = fetch(root, pages, limits=limits, agent=agent, jobs=jobs, progress=advance)
    except KeyboardInterrupt:
        click.echo("interrupted; the pages that had arrived are in their places", err=True)
        sys.exit(EXIT_INTERRUPTED)
    failed = [one for one in outcomes if one.status == "failed"]
    for one in failed if quiet else outcomes:
        click.echo(_line(one), err=True)
    if not quiet:
        fetched = sum(one.status == "fetched" for one in outcomes)
        unchanged = len(outcomes) - fetched - len(failed)
        click.echo(f"{count(len(outcomes), 'page')}: {fetched} fetched, {unchanged} unchanged, {len(failed)} failed", err=True)
    sys.exit(EXIT_FINDINGS if failed else 0)


def _line(outcome: Outcome) -> str:
    why = f": {outcome.reason}; {'the last copy is kept' if outcome.has_copy else 'there is no copy yet'}" if outcome.reason else ""
    return plain(f"{outcome.path}: {outcome.status}{why}")
