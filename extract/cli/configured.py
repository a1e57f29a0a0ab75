"""Commands that take values from the configuration: where the command line does not name an option, the key of it counts."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from extract.check import overrides
from extract.cli import configuration
from extract.cli.configuration import Configuration
from extract.cli.inputs import DOCS, Known
from extract.errors import UsageError
from extract.read import layout
from extract.read.pack.record import is_pack
from extract.read.warc.record import is_archive

RUN: Mapping[str, str] = {
    "paths": "paths",
    "out": "out",
    "format_": "format",
    "report": "report",
    "sarif": "sarif",
    "markdown": "markdown",
    "changes": "changes",
    "root": "root",
    "patch_folder": "patches",
    "max_shrink": "max-shrink",
    "fail_on": "fail-on",
    "only_rules": "only-rules",
}
"""Parameter of `docrules run` -> key."""

READERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("bindings", "diff", "export", "graph"), ("rules",)),
    "patch": ("rules", "report"),
    **dict.fromkeys(("explain", "report"), ("rules", "report", "docs")),
}
"""Command that reads what a run wrote -> its parameters that say where this is."""

# What a run writes, and how. These are about the same documents, so they are taken together or not at all.
_WRITTEN = frozenset({"out", "format", "report", "sarif", "markdown", "changes"})


class Configured(click.Command):
    """A command with the options --config and --no-config, whose other options have the values of the configuration as defaults."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what `click.Command` takes."""
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(
                ["--config"],
                metavar="FILE",
                help=f"Take the configuration of this file. Default: {configuration.NAME}, or [tool.docrules] of {configuration.PYPROJECT},"
                " in the working folder or above it (docs/configuration.md).",
            ),
            click.Option(["--no-config"], is_flag=True, help="Take no configuration."),
        ]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments. Raises UsageError for a configuration that cannot be taken."""
        given = self._given(ctx, args)
        asking = self.get_help_option(ctx)
        if not ctx.resilient_parsing and (asking is None or asking.name not in given):
            found = _chosen(given)
            ctx.obj = found
            ctx.default_map = _of_run(found, given) if self.name == "run" else _of_reader(found, given, READERS[str(self.name)])
        rest = super().parse_args(ctx, args)
        for name in ("config", "no_config"):
            ctx.params.pop(name, None)
        if ctx.default_map and ctx.params.get("paths") == () and "paths" in ctx.default_map:
            # Before click 8.3, an argument that takes any number is never taken from there.
            ctx.params["paths"] = ctx.default_map["paths"]
            ctx.set_parameter_source("paths", ParameterSource.DEFAULT_MAP)
        return rest

    def _given(self, ctx: click.Context, args: list[str]) -> dict[str, Any]:
        """Return the parameters that the command line names, with their values."""
        probe = click.Context(self, info_name=ctx.info_name, parent=ctx.parent, resilient_parsing=True, **self.context_settings)
        super().parse_args(probe, list(args))
        names = (str(one.name) for one in self.get_params(probe))
        said = {name: probe.params.get(name) for name in names if probe.get_parameter_source(name) is ParameterSource.COMMANDLINE}
        return {name: value for name, value in said.items() if value != ()}


def of(context: click.Context) -> Configuration:
    """Return the configuration that holds for a command."""
    found: Configuration | None = context.find_object(Configuration)
    return found if found is not None else Configuration()


def _chosen(given: Mapping[str, Any]) -> Configuration:
    if given.get("no_config"):
        if given.get("config") is not None:
            raise UsageError("--no-config takes no configuration, so --config makes no sense beside it")
        return Configuration(is_named=True)
    file = given.get("config")
    return configuration.named(file) if file is not None else configuration.search()


def _of_run(found: Configuration, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameter -> value of what the configuration says for a run, as far as the command line leaves it room.

    Raises UsageError where the configuration lies among the documents, where other documents would take the place of its own, and where
    it writes elsewhere unasked.
    """
    values = dict(found.values)
    paths = given.get("paths") or values.get("paths", ())
    _check_outside(found, paths)
    others = "paths" in given and "paths" in values and _real(given["paths"]) != _real(values["paths"])
    if others and "out" in values and "out" not in given:
        raise UsageError(f"{found.place('out')}: out is where the rules of {', '.join(values['paths'])} go; name --out for other paths")
    if others or "out" in given:
        values = {key: value for key, value in values.items() if key not in _WRITTEN}
    if given.get("raw"):
        values.pop("patches", None)
    _check_written(found, values)
    return {name: values[key] for name, key in RUN.items() if key in values}


def _of_reader(found: Configuration, given: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return parameter -> value for a command that reads what a run wrote. Rules that the command line names are those of another run."""
    values = found.values
    if "rules" in given or "out" not in values or values.get("format", "json") != "json":
        return {}
    taken = {"rules": values["out"], "report": values.get("report"), "docs": documents(values)}
    return {name: value for name, value in taken.items() if name in names and value is not None}


def documents(values: Mapping[str, Any]) -> str | None:
    """Return the folder that paths in the data are relative to, or the archive that was read; None where a run does not tell."""
    paths = values.get("paths", ())
    one = values.get("root") or (paths[0] if len(paths) == 1 else None)
    return one if one is not None and (Path(one).is_dir() or is_archive(one) or is_pack(one)) else None


def known(found: Configuration) -> Known:
    """Return what the commands that read a run take by themselves."""
    if found.is_named:
        # The next call may find another one.
        return Known(())
    taken = _of_reader(found, {}, READERS["report"])
    if not taken:
        return Known()
    report, docs = taken.get("report"), taken.get("docs")
    return Known((Path(taken["rules"]),), Path(report) if report is not None else None, (Path(docs),) if docs is not None else DOCS)


def lines(found: Configuration, paths: Collection[str], complete: bool) -> Iterator[str]:
    """Yield what a run says of its configuration; `paths` are those of all that findings can be about."""
    if found.file is None:
        return
    changed = overrides.in_words(found.severities.entries)
    yield f"configuration: {found.name}{f'; severities: {changed}' if changed else ''}"
    for one in found.severities.unmatched(paths) if complete else ():
        place = found.place("findings", "per-path", one.text)
        yield f"warning: {place}: no document of this run has a path like {one.text}; {_meant(one.text, paths)}"


def _meant(glob: str, paths: Collection[str]) -> str:
    """Return what a glob that fits none of some paths was most likely meant to be, or what the paths look like."""
    # What holds no word fits everything.
    for likely in filter(lambda one: one.strip("*/"), _likely(glob, paths)):
        with contextlib.suppress(ValueError):
            if any(layout.glob(likely).names(path) is not None for path in paths):
                return f"did you mean {likely}?"
    return f"findings name paths like {min(paths)}"


def _likely(glob: str, paths: Collection[str]) -> Iterator[str]:
    """Yield what people mean by a glob: without its last part or its suffix, with a slip in a name, or from another folder."""
    yield from (f"{glob}/**", f"{glob}.*")
    folders = glob.split("/")
    names = {name.lower(): name for path in paths for name in path.split("/")}
    near = {name: difflib.get_close_matches(name.lower(), names, 1) for name in folders if "*" not in name}
    yield "/".join(names[near[name][0]] if near.get(name) else name for name in folders)
    yield from ("/".join(folders[first:]) for first in range(1, len(folders)))
    yield f"**/{glob}"


def _check_outside(found: Configuration, paths: tuple[str, ...]) -> None:
    """Raise UsageError for a configuration that was found among the documents of a run."""
    if found.file is None or found.is_named:
        return
    place = Path(os.path.realpath(found.file.parent))
    if any(Path(path).is_dir() and place.is_relative_to(os.path.realpath(path)) for path in paths):
        raise UsageError(
            f"{found.name}: lies among the documents that are read, and they are not trusted; move it, read a folder beside it, or give"
            f" --config {found.name} or --no-config"
        )


def _check_written(found: Configuration, values: Mapping[str, Any]) -> None:
    """Raise UsageError where a configuration that was found writes outside of its folder: it may have come with the documents beside it."""
    if found.file is None or found.is_named:
        return
    folder = os.path.realpath(found.file.parent)
    for key in sorted(_WRITTEN & values.keys() - {"format"}):
        if not Path(os.path.realpath(values[key])).is_relative_to(folder):
            raise UsageError(
                f"{found.place(key)}: {key} lies outside of the folder of this configuration, and nobody has named it; give --config"
                f" {found.name} if it is yours, or --no-config"
            )


def _real(paths: tuple[str, ...]) -> set[str]:
    return {os.path.realpath(path) for path in paths}
