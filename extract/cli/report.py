"""`docrules report`: the review page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from extract.cli import inputs, outputs
from extract.cli.configured import Configured
from extract.cli.terminal import count, plain, write_to_stdout
from extract.publish import files, graph_layout, published
from extract.publish.diff import compare
from extract.publish.review.build import build
from extract.publish.review.page import page
from extract.publish.review.values import Review

# So many documents are named whose source cannot be shown.
_PROBLEMS = 5
_EPILOG = """\b
Exit codes:
  0  written
  2  the call cannot be carried out; nothing was written
  4  a defect of this program
"""


@click.command("report", cls=Configured, epilog=_EPILOG)
@click.argument("rules", required=False, metavar="[RULES.json]")
@click.option(
    "--html", default=None, metavar="FILE", help="Where the page goes; - for standard output. Default: report.html beside the rules."
)
@inputs.report_option
@inputs.docs_option
@click.option("--against", default=None, metavar="FILE", help="An older rules.json: the page begins with what changed since.")
def command(rules: str | None, html: str | None, report: str | None, docs: str | None, against: str | None) -> None:
    """Write the review page: the source and the rules side by side, in one file that opens in a browser without a network.

    RULES.json is the published rules; by default data/rules.json, else rules.json.

    \b
    Examples:
      docrules report --html report.html
      docrules report data/rules.json --html report.html --against old/rules.json
    """
    path = Path(rules) if rules is not None else inputs.default_rules("name it")[0]
    beside = Path(report) if report is not None else inputs.default_report(path)
    named = inputs.named_documents(docs)
    run = published.load(path, beside)
    folder = named or inputs.documents(run.documents.values())
    target = html if html is not None else str(path.with_name("report.html"))
    read = [path, beside, *(Path(one) for one in (against, docs) if one is not None and Path(one).is_file())]
    # Where nobody says that the working folder is one of documents, a single page was read from it.
    searched = [one for one in (named, folder if folder != Path() else None) if one is not None and one.is_dir()]
    places = outputs.targets({"out": target}, (), searched)
    for place in places.values():
        files.check_target(place, read)
    changes = compare(published.load_rules(Path(against)), published.snapshot(run)) if against is not None else None
    review = build(run, folder, changes)
    data = page(review).encode("utf-8", "replace")
    if not places:
        write_to_stdout(data)
        return
    with files.exclusive(places.values(), lambda _: None):
        files.write_all(dict.fromkeys(places.values(), data))
    _print_summary(review, target, len(data))


def _print_summary(review: Review, target: str, size: int) -> None:
    # All documents of a folder that is not known have the same problem.
    problems = Counter(one.problem for one in review.documents if one.problem)
    for problem, documents in list(problems.items())[:_PROBLEMS]:
        click.echo(f"warning: {plain(problem)}{f' ({documents} documents)' if documents > 1 else ''}", err=True)
    if len(problems) > _PROBLEMS:
        click.echo(f"warning: and {len(problems) - _PROBLEMS} more of the kind", err=True)
    resolved = sum(rule.resolved for rule in review.rules)
    rules = f"{count(resolved, 'rule')} and {len(review.rules) - resolved} unresolved of {count(review.total, 'document')}"
    if review.rules and not graph_layout.is_installed():
        click.echo("note: who talks to whom is not drawn; pip install 'docrules[graph]' brings what draws it", err=True)
    click.echo(f"{rules} -> {plain(target)} ({-(-size // 1000):,} kB)", err=True)
