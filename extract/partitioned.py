"""A run that writes rules as partitions, one after the other. Memory holds only unfinished partitions, and a finished one stays whole.

The manifest names each scope before its file is written. So every file is known to the next run, which can write it again or remove it.
A stopped run can be continued: a partition is kept if the manifest says that it was made of the same inputs, and if its file has not
changed. The bytes of the documents identify the inputs, so the documents do not have to be parsed for this.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from extract import api, cache, documents, pipeline
from extract.api import Progress, Runner
from extract.check.overrides import NONE, Overrides
from extract.check.part import Part
from extract.check.patch_files import Patch
from extract.check.stated import Scope
from extract.check.units import Unit, units
from extract.errors import UnreadableInputError
from extract.model import Document, DocumentReport, Drop, Extraction, Flat, Origin, Rule, Severity, SourceReport, Unresolved
from extract.publish import files, partitions, places, render
from extract.publish.partitions import Form, Partition
from extract.read.manifest import Manifest
from extract.read.sources import Source

# The manifest is written when this share of its entries is new: a hundred times for two thousand scopes. If a run is killed between two
# writes, the next run repeats the work since the last write.
_SHARE = 20

Digests = Mapping[str, tuple[str, Origin | None]]
"""Path of a document -> the hash of its bytes, and what is known of it otherwise."""


class Run:
    """One run into a folder.

    `unchanged`, `written`, `held` and `removed` tell what became of partitions; `found` holds those of this run.
    """

    def __init__(
        self,
        folder: Path,
        form: Form,
        sources: Sequence[Source],
        *,
        patches: Sequence[Patch] = (),
        origins: Manifest | None = None,
        complete: bool = True,
        overrides: Overrides = NONE,
    ) -> None:
        """Take what is to be read and where it goes; `sources` are without origins."""
        self.unchanged = self.written = self.held = 0
        self.removed: list[str] = []
        # What lies in the folder and is nothing that the manifest names.
        self.foreign: list[str] = []
        self.found: dict[Scope, Partition] = {}
        # Scopes that lost too much. They keep their old partitions, unless the user accepts the loss.
        self.drops: list[Drop] = []
        # How many documents gave rules that are gone, and were passed over for they hold no word of rules any more.
        self.passed_over = 0
        # Scope -> how many documents its partition lost to a run that does not read all that there are.
        self.fewer: dict[Scope, int] = {}
        self._folder, self._form, self._complete, self._origins, self._overrides = folder, form, complete, origins, overrides
        self._known: dict[Scope, Partition] = {}
        self._sources = api.with_origins(sources, origins)
        self._by_scope: dict[Scope, list[Source]] = defaultdict(list)
        for source in self._sources:
            self._by_scope[documents.unread(source).scope].append(source)
        self._units = units(self._documents(), patches)
        self.scopes = len(self._by_scope)
        self._unsaved = 0
        self._only_rules = self._accept = False
        self._limit: int | None = None

    def source_reports(self) -> tuple[SourceReport, ...]:
        """Return what became of the entries of the manifest of sources."""
        if self._origins is None:
            return ()
        return self._overrides.of_reports(self._origins.reports(self._documents(), self._complete))

    def _documents(self) -> Iterator[Document]:
        """Yield what is known of each document before it is read. They are made anew each time: kept, they took 240 bytes each."""
        return map(documents.unread, self._sources)

    def write(
        self,
        *,
        every: bool = False,
        jobs: int | None = 1,
        progress: Progress | None = None,
        cache: cache.Cache | None = None,
        runner: Runner | None = None,
        only_rules: bool = False,
        limit: int | None = None,
        accept: bool = False,
        waiting: Callable[[Path], None] = lambda folder: None,
    ) -> Generator[Extraction]:
        """Write partitions and yield what each unit gives, in no order, when its partitions are whole; last, what has no documents.

        Units with unchanged partitions are skipped, unless `every` is set. `jobs`, `progress`, `cache`, `runner` and `only_rules` are those
        of `map_sources`, `waiting` is that of `files.exclusive`. If a scope would lose more than `limit` percent, it keeps its partition
        (see `partition_coverage.drops`), unless `accept` is set. `limit` None allows every loss, for a run over some documents. Raises
        UsageError as `partitions.load` does, and where something cannot be written.
        """
        self._only_rules, self._limit, self._accept = only_rules, limit, accept
        with files.naming(self._folder):
            self._folder.mkdir(exist_ok=True)
        with files.exclusive([self._folder / partitions.MANIFEST], waiting):
            # Not sooner: while this run waited, another one may have written partitions.
            was = partitions.load(self._folder, self._form)
            todo = self._planned(was, every)
            read = partial(api.map_sources, jobs=jobs, progress=progress, cache=cache, runner=runner, only_rules=only_rules)
            try:
                yield from self._made(todo, read, waiting)
            except (KeyboardInterrupt, GeneratorExit):
                self._save(complete=False)
                raise
            if self._complete:
                self._remove(waiting)
            # If another run did not finish a scope that this run does not read, the scope stays unfinished.
            self._save(complete=self._complete or was.complete or self._known.keys() <= self._by_scope.keys())
            named = {partitions.file_of(scope, self._form) for scope in self._known}
            self.foreign = sorted(set(partitions.visible(self._folder)) - named)
            yield self._assembled((), next((unit for unit in self._units if not unit.scopes), Unit(())))

    def _planned(self, was: partitions.Manifest, every: bool) -> Sequence[Unit]:
        """Return the units that are to be made. The manifest names their scopes from now on."""
        self._known = {one.scope: one for one in was.partitions}
        todo = [unit for unit in self._units if unit.scopes and (every or not self._is_unchanged(unit))]
        for scope in (scope for unit in todo for scope in unit.scopes):
            self._known.setdefault(scope, partitions.planned(scope))
        if todo:
            self._save(complete=False)
        return todo

    def _made(
        self, todo: Sequence[Unit], read: Callable[[Sequence[Source]], Iterator[Part]], waiting: Callable[[Path], None]
    ) -> Iterator[Extraction]:
        unit_of = {scope: unit for unit in todo for scope in unit.scopes}
        missing = {unit.scopes: sum(len(self._by_scope[scope]) for scope in unit.scopes) for unit in todo}
        parts: dict[tuple[Scope, ...], list[Part]] = defaultdict(list)
        sources = [source for unit in todo for scope in unit.scopes for source in self._by_scope[scope]]
        for part in read(sources):
            unit = unit_of[part.scope]
            parts[unit.scopes].append(part)
            if len(parts[unit.scopes]) == missing[unit.scopes]:
                extraction = self._assembled(parts.pop(unit.scopes), unit)
                self._put(unit, extraction, waiting)
                yield extraction

    def _assembled(self, parts: Iterable[Part], unit: Unit) -> Extraction:
        return pipeline.assemble(parts, patches=unit.patches, origins=self._origins, complete=self._complete, overrides=self._overrides)

    def _put(self, unit: Unit, extraction: Extraction, waiting: Callable[[Path], None]) -> None:
        """Write the partitions of a unit, and note them."""
        for _ in render.rules_parts(extraction):
            # Each is validated on the way.
            pass
        scopes = {document.id: document.scope for document in extraction.documents}
        stated: dict[Scope, list[Rule | Unresolved]] = defaultdict(list)
        entries: Sequence[Rule | Unresolved] = (*extraction.rules, *extraction.unresolved)
        for entry in entries:
            stated[scopes[entry.evidence[0].document]].append(entry)
        counts = _found(unit, extraction, scopes)
        inputs = self._inputs_read(unit, extraction)
        for scope in unit.scopes:
            before, rows = self._known[scope], list(partitions.rows_of(scope, stated[scope]))
            data = partitions.content(self._form, rows) if rows else None
            after = self._partition(scope, rows, data, counts[scope], inputs)
            reports = [report for report in extraction.reports if scopes[report.id] == scope]
            if not self._may_replace(before, after, rows, reports):
                self.held += 1
                # It stays in the manifest as it was; this run found what it found.
                self.found[scope] = msgspec.structs.replace(before, findings=after.findings)
                continue
            if self._write(scope, data, waiting) or before.is_planned:
                self.written += 1
            else:
                self.unchanged += 1
            self._known[scope] = self.found[scope] = after
            self._note_fewer(scope, before)
        self._unsaved += len(unit.scopes)
        if self._unsaved * _SHARE >= len(self._known):
            self._save(complete=False)

    def _partition(
        self, scope: Scope, rows: Sequence[Flat], data: bytes | None, counts: Counter[Severity], inputs: str | None
    ) -> Partition:
        left_open = sum(row["status"] == "open" for row in rows)
        return Partition(
            scope=scope,
            file=partitions.file_of(scope, self._form) if data is not None else None,
            sha256=hashlib.sha256(data).hexdigest() if data is not None else None,
            rules=len(rows) - left_open,
            open=left_open,
            documents=len(self._by_scope[scope]),
            findings={severity: counts[severity] for severity in places.SEVERITIES},
            inputs=inputs,
        )

    def _may_replace(self, before: Partition, after: Partition, rows: Sequence[Flat], reports: Sequence[DocumentReport]) -> bool:
        """Return whether a partition may replace another one. Losses that are too large are recorded."""
        if before.is_planned or (before.sha256 == after.sha256 and before.documents <= after.documents):
            return True
        from extract.publish import partition_coverage  # noqa: PLC0415 - most partitions do not change, and it takes 5 ms to import

        held = partition_coverage.there(self._folder, before, self._form)
        fell: list[Drop] = []
        if self._limit is not None:
            fell += partition_coverage.drops(before, held, after, partition_coverage.of_rows(rows), reports, self._limit)
        self.drops += fell
        if fell and not self._accept:
            return False
        self.passed_over += partition_coverage.passed_over(held, reports)
        return True

    def _inputs_read(self, unit: Unit, extraction: Extraction) -> str | None:
        """Return the hash over what a unit was made of, None where a document was left out, so that it is tried again."""
        if any(found.code in places.LEFT_OUT for found in extraction.each_finding()):
            return None
        return self._inputs(unit, self._digests(unit, {one.path: one.sha256 for one in extraction.documents}))

    def _note_fewer(self, scope: Scope, before: Partition) -> None:
        documents = len(self._by_scope[scope])
        if before.documents > documents and not self._complete:
            self.fewer[scope] = before.documents - documents

    def _write(self, scope: Scope, data: bytes | None, waiting: Callable[[Path], None]) -> bool:
        """Write the file of a scope, or remove it where there is nothing to write. Return whether that changed anything."""
        file = self._folder / partitions.file_of(scope, self._form)
        if data is None:
            return self._unlink(file, waiting)
        with files.naming(file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
        with files.exclusive([file], waiting):
            changes = not files.holds(file, data)
            files.write_all({file: data})
        return changes

    def _remove(self, waiting: Callable[[Path], None]) -> None:
        """Remove the partitions whose documents are gone."""
        for scope in sorted(self._known.keys() - self._by_scope.keys()):
            file = partitions.file_of(scope, self._form)
            if self._unlink(self._folder / file, waiting):
                self.removed.append(file)
            del self._known[scope]

    def _unlink(self, file: Path, waiting: Callable[[Path], None]) -> bool:
        """Remove a file, what killed runs left beside it, and the folders that are empty without it. Return whether the file was there."""
        with files.naming(file), files.exclusive([file], waiting):
            there = file.exists()
            file.unlink(missing_ok=True)
            for folder in list(file.parents)[: len(partitions.KEYS)]:
                if not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()
        return there

    def _save(self, *, complete: bool) -> None:
        known = partitions.Manifest(complete=complete, format=self._form, partitions=tuple(self._known.values()))
        files.write_all({self._folder / partitions.MANIFEST: partitions.encoded(known)})
        self._unsaved = 0

    def _is_unchanged(self, unit: Unit) -> bool:
        """Return whether the partitions of a unit are those that its documents and patches would give again; they are noted."""
        known = [self._known[scope] for scope in unit.scopes if scope in self._known]
        inputs = {one.inputs for one in known}
        # Most that change are told without a look at a document.
        if len(known) < len(unit.scopes) or len(inputs) > 1 or None in inputs or not all(map(self._is_whole, known)):
            return False
        if inputs != {self._inputs(unit, self._digests(unit))}:
            return False
        self.unchanged += len(known)
        self.found.update({one.scope: one for one in known})
        return True

    def _is_whole(self, known: Partition) -> bool:
        file = self._folder / partitions.file_of(known.scope, self._form)
        if known.file is None:
            return not file.exists()
        try:
            return known.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError:
            return False

    def _digests(self, unit: Unit, read: Mapping[str, str] | None = None) -> Digests | None:
        """Return what tells the documents of a unit, None where one cannot be read; `read` holds the hashes of those that were."""
        found = {}
        for source in (source for scope in unit.scopes for source in self._by_scope[scope]):
            if read is None and source.file is None:
                # Standard input can be read once.
                return None
            try:
                digest = read[source.path] if read is not None else hashlib.sha256(source.load()).hexdigest()
            except UnreadableInputError:
                return None
            found[source.path] = (digest, source.origin)
        return found

    def _inputs(self, unit: Unit, digests: Digests | None) -> str | None:
        program = cache.program()
        if program is None or digests is None:
            return None
        # Only the check for stale patches depends on it.
        complete = self._complete or not unit.patches
        severities = [(one.code, one.severity, one.paths.text if one.paths is not None else None) for one in self._overrides.entries]
        said = (program, self._form, complete, self._only_rules, severities, unit.scopes, unit.patches, sorted(digests.items()))
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def _found(unit: Unit, extraction: Extraction, scopes: Mapping[str, Scope]) -> Mapping[Scope, Counter[Severity]]:
    """Return how much was found in the documents of each scope. What was found about patches counts for the first one."""
    counts: dict[Scope, Counter[Severity]] = defaultdict(Counter)
    for patch in extraction.patches:
        counts[unit.scopes[0]].update(found.severity for found in patch.findings)
    for report in extraction.reports:
        counts[scopes[report.id]].update(found.severity for found in report.findings)
    return counts
