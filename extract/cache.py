"""A cache on disk for the results of documents. An unchanged document does not have to be parsed again.

An entry holds the result of one document alone. Its name is a hash over everything that the result depends on: the bytes, the path in
the data, the kind, and the program. So an entry is never out of date. Patches and checks over all documents run after the cache, on
every run.

The cache never changes a result and never fails a run. A damaged, truncated or foreign entry counts as absent and is written again. If
the folder cannot be read or written, the run is only slower. The program trusts everybody who may write to the folder.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import stat
import time
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from extract.check.part import Part
from extract.model import Origin
from extract.read.formats import kind_of
from extract.read.kinds.registry import version
from extract.regex import late

VARIABLE = "DOCRULES_CACHE"

_DISTRIBUTION = "docrules"
# Entries are in 256 folders, by the first two digits of their names. Storing an entry keeps its folder below this size. So the whole
# cache stays below 512 MiB, and each cleaning looks only at a few entries.
_FOLDER_BYTES = 2 << 20
_UNUSED_SECONDS = 30 * 86_400
# When an entry was last used is known to a day: a time stamp for every use would be a write for every read.
_USED_SECONDS = 86_400
# A writer that takes longer than this has been killed.
_PARTIAL_SECONDS = 3_600
_BLOCK = 4_096
_ENTRY = late(r"[0-9a-f]{62}")
_PARTIAL = ".partial-"
_DIGEST_BYTES = 32
# An entry shrinks to a seventh at the lowest level, and hardly more at others.
_LEVEL = 1
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Part)


def default_folder(environment: Mapping[str, str]) -> Path | None:
    """Return where the command line keeps results, None for nowhere: $DOCRULES_CACHE (empty for nowhere), else the user's cache folder.

    That is $XDG_CACHE_HOME/docrules, or ~/.cache/docrules where the variable names no absolute path.
    """
    named = environment.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    try:
        return (base if base.is_absolute() else Path.home() / ".cache") / _DISTRIBUTION
    except RuntimeError:
        # A user without a home folder, as some containers have.
        return None


@functools.cache
def program() -> str | None:
    """Return a hash over all of the program that decides what a document gives, None when that cannot be told.

    It covers the code and the words of this package, the libraries that read pages, and the Unicode tables of Python. The JSON
    Schemas are not in it, because they check the output on every run.
    """
    import importlib.metadata  # noqa: PLC0415 - takes 10 ms to import, which a run without cache can do without

    package = str(Path(__file__).parent)
    # As texts: paths take three times as long, and this is done on every run.
    files = sorted(f"{folder}/{name}" for folder, _, names in os.walk(package) for name in names if name.endswith((".py", ".toml")))
    digest = hashlib.sha256(unicodedata.unidata_version.encode())
    try:
        lines = importlib.metadata.requires(_DISTRIBUTION) or ()
        # What extras ask for need not be there, and reads no pages.
        required = (re.match(r"[\w.-]+", line) for line in lines if "extra ==" not in line)
        for name in sorted(match[0] for match in required if match):
            # What it says of itself, with its version; to take the version out of it takes three times as long.
            library = importlib.metadata.distribution(name)
            _add(digest, name.encode(), (library.read_text("METADATA") or library.version).encode())
        for file in files:
            _add(digest, file.removeprefix(package).encode(), Path(file).read_bytes())
    except (importlib.metadata.PackageNotFoundError, OSError):
        return None
    # A package that was installed without its sources, or in an archive.
    return digest.hexdigest() if files else None


def _add(digest: hashlib._Hash, *parts: bytes) -> None:
    """Add byte strings so that no two series of them can run together into the same bytes."""
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)


class Cache:
    """The results in one folder. A document is its path in the data, the kind that was asked for, what a manifest says, and its bytes.

    `hits` counts the results that were found.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when something is stored."""
        self.hits = 0
        self._folder = folder
        self._program = program()

    def get(self, path: str, kind: str | None, data: bytes, origin: Origin | None = None) -> Part | None:
        """Return what a document gave, None when there is nothing that can be relied on."""
        return self._load(self._key(path, kind, data, origin))

    def get_or_make(self, path: str, kind: str | None, data: bytes, make: Callable[[], Part], origin: Origin | None = None) -> Part:
        """Return what a document gave, else what `make` gives, and store that. What `make` raises is raised, and nothing is stored."""
        key = self._key(path, kind, data, origin)
        part = self._load(key)
        if part is None:
            part = make()
            self._store(key, part)
        return part

    def _key(self, path: str, kind: str | None, data: bytes, origin: Origin | None) -> str:
        digest = hashlib.sha256()
        _add(
            digest,
            (self._program or "").encode(),
            path.encode(),
            (kind or "").encode(),
            _library(path, kind),
            msgspec.json.encode(origin),
            data,
        )
        return digest.hexdigest()

    def _entry(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]

    def _load(self, key: str) -> Part | None:
        entry = self._entry(key)
        try:
            content = entry.read_bytes()
        except OSError:
            return None
        digest, packed = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if digest != _checksum(key, packed):
            return None
        try:
            part = _DECODER.decode(zlib.decompress(packed))
        except (zlib.error, msgspec.MsgspecError, ValueError):
            return None
        with contextlib.suppress(OSError):
            if time.time() - entry.stat().st_mtime > _USED_SECONDS:
                os.utime(entry)
        self.hits += 1
        return part

    def _store(self, key: str, part: Part) -> None:
        if self._program is None:
            return
        packed = zlib.compress(_ENCODER.encode(part), _LEVEL)
        entry = self._entry(key)
        with contextlib.suppress(OSError):
            # The content of documents may be private to this user.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            entry.parent.mkdir(mode=0o700, exist_ok=True)
            _write(entry, _checksum(key, packed) + packed)
            _prune(entry)


def _library(path: str, kind: str | None) -> bytes:
    """Return the version of the library that a document of its kind needs beyond those of every installation."""
    known = kind_of(path, kind)
    return (version(known) or "").encode() if known is not None else b""


def _checksum(key: str, packed: bytes) -> bytes:
    """Return what an entry begins with. The key is in it, so that a file under the name of another one is noticed."""
    return hashlib.sha256(key.encode() + packed).digest()


def _write(entry: Path, data: bytes) -> None:
    """Write an entry whole. It does not have to be synced to disk: after a power failure, the checksum of a broken entry fails."""
    import tempfile  # noqa: PLC0415 - most pages are in the cache already, and it imports seven modules

    handle, name = tempfile.mkstemp(prefix=_PARTIAL, dir=entry.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        partial.replace(entry)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _prune(stored: Path) -> None:
    """Remove from the folder of an entry that was just stored what has not been used for long, and what is too much.

    Files that are no entries are left alone: the folder may be one that holds other things.
    """
    now = time.time()
    kept: list[tuple[float, int, str]] = []
    with os.scandir(stored.parent) as files:
        for file in files:
            status = file.stat(follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode) or file.name == stored.name:
                continue
            if _ENTRY.fullmatch(file.name):
                kept.append((status.st_mtime, -(-status.st_size // _BLOCK) * _BLOCK, file.path))
            elif file.name.startswith(_PARTIAL) and now - status.st_mtime > _PARTIAL_SECONDS:
                Path(file.path).unlink(missing_ok=True)
    room = _FOLDER_BYTES - stored.stat().st_size
    for used, size, path in sorted(kept, reverse=True):
        room -= size
        if room < 0 or now - used > _UNUSED_SECONDS:
            Path(path).unlink(missing_ok=True)
