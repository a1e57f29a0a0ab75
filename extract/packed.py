"""Sequences of values that are kept as compressed bytes until they are asked for.

The reports on ten thousand pages without rules are very similar: each takes 6 kB as objects, and 0.2 kB packed.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import zlib
from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar, overload

import msgspec

Value = TypeVar("Value")

BLOCK = 32
"""So many values are packed together: one alone takes three times the room, and more are too many to unpack for the sake of one."""

FEW = 500
"""Up to so many documents a result holds plain tuples: those take at most some 3 MB."""

# This many blocks are kept unpacked, because blocks of cached pages and of pages that were read alternate.
_OPEN = 4
# Higher levels save a tenth more and take twice the time.
_LEVEL = 1
_ENCODER = msgspec.msgpack.Encoder()


@functools.cache
def _decoder(kind: Hashable) -> msgspec.msgpack.Decoder[Any]:
    """Return what unpacks blocks of a type; to make it takes as long as to unpack many."""
    return msgspec.msgpack.Decoder(list[kind])  # type: ignore[valid-type]


def pack(values: Sequence[object]) -> bytes:
    """Return at most `BLOCK` values of the model as bytes that a `Packed` of their type takes."""
    return zlib.compress(_ENCODER.encode(values), _LEVEL)


def kept(values: Packed[Value]) -> Sequence[Value]:
    """Return values as a result keeps them: a few as a tuple, more of them packed."""
    return tuple(values) if len(values) <= FEW else values


def in_order(kind: type[Value], sequences: Sequence[Sequence[Value]], order: str) -> Sequence[Value]:
    """Return the values of several sequences, each in the order of a field, as one in that order, kept as `kept` does."""
    values = heapq.merge(*sequences, key=attrgetter(order))
    if sum(map(len, sequences)) <= FEW:
        return tuple(values)
    return Packed(kind, (), (pack(block) for block in iter(lambda: list(itertools.islice(values, BLOCK)), [])))


class Packed(Sequence[Value], Generic[Value]):
    """An immutable sequence of values of one type, some of them packed. It equals every sequence of equal values."""

    def __init__(self, kind: type[Value], loose: Iterable[Value] = (), blocks: Iterable[bytes] = (), order: str | None = None) -> None:
        """Take the type, which `msgspec` can decode, values as they are, values packed by `pack`, and the field that orders all."""
        # mypy does not take a type for hashable.
        self._decoder: msgspec.msgpack.Decoder[list[Value]] = _decoder(kind)  # type: ignore[arg-type]
        self._loose, self._blocks = tuple(loose), tuple(blocks)
        # The blocks that were used last. The next value is usually in one of them.
        self._unpacked: dict[int, list[Value]] = {}
        # Below 0 those of the loose values, counted from their end; else block times BLOCK and place in it.
        self._places = array("q", range(-len(self._loose), 0))
        for number in range(len(self._blocks)):
            self._places.extend(range(number * BLOCK, number * BLOCK + len(self._block(number))))
        # Documents are read in the order of their paths, so most are in order, and sorting takes memory.
        if order is not None and any(later < former for former, later in itertools.pairwise(getattr(value, order) for value in self)):
            keys = [getattr(value, order) for value in self]
            self._places = array("q", [self._places[index] for index in sorted(range(len(keys)), key=keys.__getitem__)])

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Value: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Value, ...]: ...

    def __getitem__(self, index: int | slice) -> Value | tuple[Value, ...]:
        if isinstance(index, slice):
            return tuple(map(self._at, self._places[index]))
        return self._at(self._places[index])

    def __iter__(self) -> Iterator[Value]:
        return map(self._at, self._places)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Packed({list(self)!r})"

    def __reduce__(self) -> tuple[type[tuple[Value, ...]], tuple[list[Value]]]:
        # A copy, or what another process gets, is a plain sequence of the same values.
        return tuple, (list(self),)

    def _at(self, place: int) -> Value:
        return self._loose[place] if place < 0 else self._block(place // BLOCK)[place % BLOCK]

    def _block(self, number: int) -> list[Value]:
        if number not in self._unpacked:
            if len(self._unpacked) == _OPEN:
                del self._unpacked[next(iter(self._unpacked))]
            self._unpacked[number] = self._decoder.decode(zlib.decompress(self._blocks[number]))
        return self._unpacked[number]
