"""The packed result of one document. It is sent between processes and machines, cached, and kept until its scope is complete."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

import msgspec

from extract.cells.statements import PortSentence
from extract.check import account
from extract.check.stated import Accounted, Described, Result, Scope, Settled, Stated
from extract.memory import give_back
from extract.model import Document, Evidence, Finding
from extract.packed import BLOCK, pack
from extract.rows.row import Candidate

# Memory is given back after so many blocks of documents: half a second's work.
_BLOCKS = 16
# The lowest compression level shrinks a part to a seventh. Higher levels gain hardly more.
_LEVEL = 1
_ENCODER = msgspec.msgpack.Encoder()


class Part(msgspec.Struct, frozen=True, array_like=True):
    """What one document gives, for `assemble`. It holds everything, so the document need not be there any more.

    It can be pickled, and is compressed then. Parts of one scope are assembled together. Parts of different scopes only share patches.
    """

    document: Document
    # Whether the document states something that others of its scope can add to: rules, or sentences about ports.
    states: bool
    # As MessagePack: all of it where the document states something, else the report on it.
    data: bytes

    @property
    def scope(self) -> Scope:
        """What the rules of the document are bound to: a release, else a folder or the document itself."""
        return self.document.scope

    def __reduce__(self) -> tuple[object, tuple[Document, bool, bytes]]:
        return _carried, (self.document, self.states, zlib.compress(self.data, _LEVEL))


class _Stating(msgspec.Struct, frozen=True, array_like=True):
    """A result without its document: each row once, with everything that it states."""

    rows: tuple[tuple[Evidence, tuple[Candidate, ...]], ...]
    described: tuple[tuple[str, int, str, str | None], ...]
    statements: tuple[PortSentence, ...]
    tables: tuple[Accounted, ...]
    findings: tuple[Finding, ...]
    at: Mapping[int, str]


@functools.cache
def _decoder() -> msgspec.msgpack.Decoder[_Stating]:
    """Return what decodes a part; to make it takes as long as to import half of this package."""
    return msgspec.msgpack.Decoder(_Stating)


def part_of(result: Result) -> Part:
    """Return a result, packed. UnicodeEncodeError says that it holds text which no file can hold."""
    states = bool(result.stated or result.statements)
    # The document is packed much later, when its text must no longer be able to fail.
    _ENCODER.encode(result.document)
    return Part(result.document, states, _ENCODER.encode(_stating(result) if states else account.report_of(result)))


def _stating(result: Result) -> _Stating:
    rows = ((evidence, tuple(one.candidate for one in group)) for evidence, group in groupby(result.stated, attrgetter("evidence")))
    described = tuple((one.name, one.line, one.text, one.at) for one in result.described)
    return _Stating(tuple(rows), described, result.statements, result.tables, result.findings, result.at)


def _result(part: Part) -> Result:
    document, packed = part.document, _decoder().decode(part.data)
    return Result(
        document,
        tuple([Stated(document, evidence, candidate) for evidence, candidates in packed.rows for candidate in candidates]),
        tuple(Described(document, *described) for described in packed.described),
        packed.statements,
        packed.tables,
        packed.findings,
        packed.at,
    )


def _carried(document: Document, states: bool, data: bytes) -> Part:
    """Return the part of a pickle."""
    return Part(document, states, zlib.decompress(data))


def opened(parts: Iterable[Part]) -> Iterator[Result | Settled]:
    """Yield what must be kept of parts until all have arrived: parts that state something, and the others packed in blocks.

    Most documents of a large run state nothing, and then no other one can add to the report.
    """
    settled: list[Part] = []
    blocks = 0
    for part in parts:
        if part.states:
            yield _result(part)
            continue
        settled.append(part)
        if len(settled) == BLOCK:
            yield _block(settled)
            settled = []
            blocks += 1
            if blocks % _BLOCKS == 0:
                give_back()
    if settled:
        yield _block(settled)


def _block(parts: list[Part]) -> Settled:
    return Settled(pack([part.document for part in parts]), pack([msgspec.Raw(part.data) for part in parts]))
