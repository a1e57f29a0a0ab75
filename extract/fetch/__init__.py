"""Fetching: the pages that the manifest of sources names, from the network into the folder of documents.

This is the one part of the program that reaches a network, and only `docrules fetch` imports it. It only visits addresses in the
manifest, which people write. It never follows links in documents.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from extract.errors import UsageError
from extract.fetch import state
from extract.fetch.page import Answer, Limits, PageError, Visitor
from extract.fetch.state import Kept
from extract.publish import files
from extract.read import manifest

__all__ = ["Limits", "Outcome", "Wanted", "fetch", "wanted"]

# A server may name a redirect of any length.
_REASON_CHARS = 300

Progress = Callable[[int, int], None]
"""Called with the number of pages done and of all pages."""


class Wanted(NamedTuple):
    """A page to fetch: its path below the folder of documents, and its URL."""

    path: str
    url: str


class Outcome(NamedTuple):
    """What became of one page."""

    path: str
    status: Literal["fetched", "unchanged", "failed"]
    # Why it failed; servers have a say in the words.
    reason: str = ""
    # Whether there is a file now: that which was fetched, or after a failure the one from before.
    has_copy: bool = True


def wanted(folder: Path) -> tuple[Wanted, ...]:
    """Return the pages that the manifest in a folder gives a URL, in its order.

    Raises UsageError when there is no manifest, no such page, and for a manifest that `manifest.load` refuses.
    """
    file = folder / manifest.NAME
    if not file.is_file():
        raise UsageError(f"there is no {file}, which says where the pages come from; write it, or name the folder that holds one")
    found = tuple(Wanted(entry.path, entry.url) for entry in manifest.load(file).entries.values() if entry.url is not None)
    if not found:
        raise UsageError(f"{file} gives no page a url, so there is nothing to fetch")
    return found


def fetch(
    folder: Path, pages: Sequence[Wanted], *, limits: Limits, agent: str, jobs: int, progress: Progress | None = None
) -> tuple[Outcome, ...]:
    """Fetch pages into a folder, `jobs` at a time, and return what became of each, in the same order.

    A page that cannot be had leaves its file as it was. `agent` is what the program calls itself to servers. Raises UsageError when the
    environment names a proxy that cannot be used, and when the validators for the next time cannot be kept.
    """
    kept = state.load(folder)
    try:
        return asyncio.run(_all(folder, pages, kept, Visitor(limits, agent), jobs, progress))
    finally:
        # After an interruption too: for the pages that did arrive.
        state.save(folder, {page.path: kept[page.path] for page in pages if page.path in kept})


async def _all(
    folder: Path, pages: Sequence[Wanted], kept: dict[str, Kept], visitor: Visitor, jobs: int, progress: Progress | None
) -> tuple[Outcome, ...]:
    places = asyncio.Semaphore(jobs)
    done = 0

    async def one(page: Wanted) -> Outcome:
        nonlocal done
        async with places:
            outcome = await _one(folder, page, kept, visitor)
        done += 1
        if progress is not None:
            progress(done, len(pages))
        return outcome

    return tuple(await asyncio.gather(*map(one, pages)))


async def _one(folder: Path, page: Wanted, kept: dict[str, Kept], visitor: Visitor) -> Outcome:
    target = folder / page.path
    try:
        before = _copy(folder, target)
        known = kept.get(page.path)
        # Validators are about the bytes that came with them, from the address that was asked.
        valid = known if known is not None and before is not None and (known.url, known.sha256) == (page.url, _hash(before)) else None
        answer = await visitor.get(page.url, valid)
        if answer is None:
            return Outcome(page.path, "unchanged")
        _write(target, answer.body)
        kept[page.path] = _kept(page, answer)
        return Outcome(page.path, "unchanged" if answer.body == before else "fetched")
    except PageError as error:
        return Outcome(page.path, "failed", str(error)[:_REASON_CHARS], target.is_file())


def _copy(folder: Path, target: Path) -> bytes | None:
    """Return the bytes that a page has now, None when it has no file yet. PageError when no file can be there."""
    if not Path(os.path.realpath(target)).is_relative_to(os.path.realpath(folder)):
        raise PageError("a link leads its path out of the folder of documents")
    try:
        if target.exists() and not target.is_file():
            raise PageError("there is something at its path that is no file")
        return target.read_bytes() if target.exists() else None
    except OSError as error:
        raise PageError(f"{target} cannot be read: {error.strerror or error}") from error


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write_all({target: data})
    except OSError as error:
        raise PageError(f"the folder {target.parent} cannot be made: {error.strerror or error}") from error
    except UsageError as error:
        raise PageError(str(error)) from error


def _kept(page: Wanted, answer: Answer) -> Kept:
    return Kept(url=page.url, source=answer.url, etag=answer.etag, last_modified=answer.last_modified, sha256=_hash(answer.body))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
