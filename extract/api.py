"""What runs the pipeline: documents under paths or given as text, one after the other or in several processes, to an Extraction."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from extract import pipeline
from extract.cache import Cache
from extract.check import patch_files
from extract.check.overrides import NONE, Overrides
from extract.check.part import Part
from extract.check.patch_files import Patch
from extract.documents import Way, check_path, encode, kept, map_each, map_source, of_loaded, of_lost
from extract.documents import map_document as map_document  # noqa: PLC0414 - it is offered here, too
from extract.errors import UsageError
from extract.model import Extraction, Origin, Report
from extract.publish.wording import located
from extract.read import layout, manifest
from extract.read.manifest import Manifest
from extract.read.pack.record import is_pack
from extract.read.sources import STDIN, Source, find, in_turn
from extract.read.warc import urls

# Below this many documents a second process costs more than it saves (start-up measured at 0.3 s, a page of new cells at 20 ms).
_PARALLEL_FROM = 64

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""One path, or several."""
Progress = Callable[[int, int], None]
"""Called with the number of documents done and of all documents."""
Runner = Callable[[Callable[[Sequence[Source]], list[Part]], Sequence[Source], Callable[[Source], Part]], Iterator[Part]]
"""What reads documents elsewhere, see `extract.cluster`: what to do with some of them, the documents, and what one gives that is lost."""


def extract_paths(
    paths: Paths,
    *,
    root: str | os.PathLike[str] | None = None,
    patches: str | os.PathLike[str] | None = None,
    jobs: int | None = 1,
    progress: Progress | None = None,
    cache: str | os.PathLike[str] | None = None,
    only_rules: bool = False,
) -> Extraction:
    """Extract the rules of all documents under a path or several (files, folders, archives of them, "-" for standard input).

    `patches` is a folder of patch files, <vendor>/<product>.toml; without it pages are taken as they are. What a manifest sources.toml
    in the folder of documents says about them is used.

    `root` is the folder that paths in the data are relative to. `jobs` is the number of processes, None for as many as make it faster; a
    script that asks for more than one needs `if __name__ == "__main__":`, because each process imports it. The result does not
    depend on `jobs` or on the order of the paths. `cache` is a folder that keeps the result of each document, so that an unchanged
    document is parsed only once. It does not change the result, and without it nothing is kept. `only_rules` as for `map_document`. Raises
    UsageError when the paths give no documents, and for a patch file that cannot be read; what is wrong with a document is a finding of the
    result.
    """
    paths = _several(paths)
    others: dict[str, str] = {}
    passed: Counter[str] = Counter()
    sources = find_sources(paths, root, others, passed)
    return _logged(
        extract_sources(
            sources,
            patches=patch_files.load(Path(patches)) if patches is not None else (),
            origins=find_manifest(paths, root),
            complete=is_complete(paths, root),
            not_read=Counter(others.values()) + passed,
            jobs=jobs,
            progress=progress,
            cache=_cache(cache),
            only_rules=only_rules,
        )
    )


def _several(paths: Paths) -> Sequence[str | os.PathLike[str]]:
    """Return the paths of a call. Raises UsageError for what is no path, as programs without types give it."""
    given: object = [paths] if isinstance(paths, (str, os.PathLike, bytes)) else paths
    if not isinstance(given, Iterable):
        raise UsageError(f"{given!r} is no path; give a str, a pathlib.Path, or several of them")
    # They are looked through several times, and `Path.glob` yields them once.
    several = list(given)
    for one in several:
        if not isinstance(one, (str, os.PathLike)) or not isinstance(os.fspath(one), str):
            raise UsageError(f"{one!r} is no path; give a str, a pathlib.Path, or several of them")
    return several


def extract_text(
    text: str | bytes, *, path: str = "document", kind: str | None = None, cache: str | os.PathLike[str] | None = None
) -> Extraction:
    """Extract the rules of one document given as text or bytes.

    `path` is what the data will carry (relative, forward slashes) and, as vendor/product/release/…, names vendor, product and release. Its
    suffix says what the text is, as that of a file does; without one, the text itself does. `kind` is the name of one of the kinds that
    `docrules kinds` lists, "html" for example, where neither should decide; `cache` as for `extract_paths`. Raises UsageError for another
    path or kind, and for what is neither text nor bytes.
    """
    data = encode(text) if isinstance(text, str) else text
    return _logged(pipeline.assemble([map_document(data, path, kind=kind, cache=_cache(cache))]))


def _logged(extraction: Extraction) -> Extraction:
    """Log the findings of a result, for programs that embed this one: errors, warnings, and notes as information."""
    import logging  # noqa: PLC0415 - the command line prints findings itself, and it takes 5 ms to import

    logger = logging.getLogger("docrules")
    if not logger.handlers:
        # Without a handler, Python prints warnings to standard error.
        logger.addHandler(logging.NullHandler())
    levels = {"error": logging.ERROR, "warning": logging.WARNING, "note": logging.INFO}
    for report in itertools.chain[Report](extraction.reports, extraction.patches, extraction.sources):
        for found in report.findings:
            logger.log(levels[found.severity], "%s: %s [%s]", located(report.path, found.line or 1, found.at), found.message, found.code)
    return extraction


def _cache(folder: str | os.PathLike[str] | None) -> Cache | None:
    return Cache(Path(folder)) if folder is not None else None


def find_sources(
    paths: Sequence[str | os.PathLike[str]],
    root: str | os.PathLike[str] | None = None,
    not_read: dict[str, str] | None = None,
    passed: Counter[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Source, ...]:
    """Return the documents under the paths, unread; the arguments are those of `extract_paths`, the last three as for `sources.find`.

    Raises UsageError when there are none, and for a path that does not exist or that the data cannot carry.
    """
    if root is not None and not Path(root).is_dir():
        raise UsageError(f"the root {os.fspath(root)} is no folder")
    sources = find(paths, Path(root) if root is not None else None, not_read, passed, progress)
    if not sources:
        raise UsageError("no path was given")
    for source in sources:
        check_path(source.path)
    return sources


def is_complete(paths: Sequence[str | os.PathLike[str]], root: str | os.PathLike[str] | None = None) -> bool:
    """Return whether a run over the paths reads everything below its root: then a patch for a document that it does not hold is stale."""
    if root is None:
        return all(Path(path).is_dir() for path in paths)
    return any(Path(path).is_dir() and Path(path).samefile(root) for path in paths)


def is_whole(paths: Sequence[str | os.PathLike[str]], root: str | os.PathLike[str] | None = None) -> bool:
    """Return whether a run over the paths reads what belongs together as a whole: then less than before is a loss.

    An archive of files holds all that was packed. What else lies beside it is not known, so no patch is stale after it alone.
    """
    return is_complete(paths, root) or (root is None and all(Path(path).is_dir() or is_pack(os.fspath(path)) for path in paths))


def find_patches(paths: Sequence[str | os.PathLike[str]], root: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the folder `patches` beside the folder of documents (the root, else the one folder that is given), if there is one."""
    folder = Path(root) if root is not None else Path(paths[0]) if len(paths) == 1 and Path(paths[0]).is_dir() else None
    beside = Path(os.path.abspath(folder)).parent / "patches" if folder is not None else None  # noqa: PTH100 - resolve() follows links
    return beside if beside is not None and beside != folder and beside.is_dir() else None


def find_manifest(paths: Sequence[str | os.PathLike[str]], root: str | os.PathLike[str] | None = None) -> Manifest | None:
    """Return the manifest in the folder that the paths of the data are relative to, None when there is none.

    Raises UsageError as `manifest.find` does.
    """
    if root is not None:
        return manifest.find([Path(root)])
    given = [Path(path) for path in paths if str(path) != STDIN]
    return manifest.find(path if path.is_dir() else path.parent for path in given)


def extract_sources(
    sources: Sequence[Source],
    *,
    patches: Sequence[Patch] = (),
    origins: Manifest | None = None,
    complete: bool = True,
    not_read: Mapping[str, int] | None = None,
    jobs: int | None = 1,
    progress: Progress | None = None,
    cache: Cache | None = None,
    runner: Runner | None = None,
    only_rules: bool = False,
    overrides: Overrides = NONE,
) -> Extraction:
    """Extract the rules of documents that `find_sources` found, corrected by patches; the others are those of `map_sources`.

    `origins` is the manifest that says where the documents come from; `complete` says that the sources are all that there are, see
    `is_complete`; `not_read` counts what else lies in the folders, by suffix; `overrides` as for `assemble`. Raises DocrulesError when the
    processes cannot be started.
    """
    parts = map_sources(with_origins(sources, origins), jobs=jobs, progress=progress, cache=cache, runner=runner, only_rules=only_rules)
    return pipeline.assemble(parts, patches=patches, origins=origins, complete=complete, not_read=not_read, overrides=overrides)


def with_origins(sources: Sequence[Source], origins: Manifest | None) -> Sequence[Source]:
    """Return documents with what is known of each before it is read."""
    return [msgspec.structs.replace(one, origin=known) if (known := _origin(one, origins)) is not None else one for one in sources]


def map_sources(
    sources: Sequence[Source],
    *,
    jobs: int | None = 1,
    progress: Progress | None = None,
    cache: Cache | None = None,
    runner: Runner | None = None,
    only_rules: bool = False,
) -> Iterator[Part]:
    """Yield what each document gives, in no order; `jobs`, `progress` and `only_rules` as for `extract_paths`.

    `runner` reads the documents in place of processes of this machine; those that are not in the `cache`, which is asked for here alone.
    Raises UsageError for standard input, which only this process can read.
    """
    for done, part in enumerate(_run(sources, jobs, Way(cache, only_rules), runner), 1):
        if progress is not None:
            progress(done, len(sources))
        yield part


def _origin(source: Source, origins: Manifest | None) -> Origin | None:
    """Return what is known of a document before it is read: by the manifest, and of a page of an archive by its address."""
    said = origins.origin_of(source.path) if origins is not None else None
    if source.record is None:
        return said
    if said is None:
        said = Origin(**(layout.default_names(source.path) or layout.Names())._asdict())
    # Where no layout says what the folders mean, the host is the vendor, whatever its port.
    by_host = origins is None or origins.layouts is None
    if by_host and said.vendor in (None, source.path.partition("/")[0]):
        said = msgspec.structs.replace(said, vendor=urls.host_of(source.path))
    return msgspec.structs.replace(said, url=said.url or urls.url_of(source.path))


def _run(sources: Sequence[Source], jobs: int | None, way: Way, runner: Runner | None) -> Iterator[Part]:
    """Yield the result of each document, first those of the cache. If few others are left, they need no further processes."""
    unknown = []
    # One process reads these in order from their archive, and nothing else runs meanwhile.
    for source, loaded in in_turn(source for source in sources if source.is_in_turn):
        yield of_loaded(source, loaded, way)
    for source in (source for source in sources if not source.is_in_turn):
        known = kept(source, way.cache, way.only_rules) if way.cache is not None else None
        if known is None:
            unknown.append(source)
        else:
            yield known
    yield from _run_here(unknown, jobs, way) if runner is None else _run_by(runner, unknown, way)


def _run_by(runner: Runner, sources: Sequence[Source], way: Way) -> Iterator[Part]:
    if any(source.file is None for source in sources):
        raise UsageError("standard input is read by this process alone; name files, which the workers can read")
    return runner(partial(map_each, way=way._replace(cache=None)), sources, of_lost)


def _run_here(sources: Sequence[Source], jobs: int | None, way: Way) -> Iterator[Part]:
    workers = jobs if jobs is not None else (os.cpu_count() or 1) if len(sources) >= _PARALLEL_FROM else 1
    workers = min(max(workers, 1), max(len(sources), 1))
    if workers == 1 or any(source.file is None for source in sources):
        yield from map(partial(map_source, way=way), sources)
        return
    from extract import workers as pool  # noqa: PLC0415 - most runs need no second process, and it takes 15 ms to import

    yield from pool.run(partial(map_each, way=way), sources, workers, of_lost)
