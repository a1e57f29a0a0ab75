"""Which words belong to which numbers of a list: `TCP 80, 443; UDP 53`, `80/tcp, 53/udp`, `389/TCP/UDP`.

The same question comes up for the protocols of a line, for its labels, and for lines of a cell that hold words alone. Words before
the first number lead; words behind the last one trail. Between two numbers the list separators decide: `443, UDP 53` leads,
`443 TCP, 53` trails. If separators do not decide, words lead or trail as the first words of the text do.
"""

from __future__ import annotations

import msgspec


class _Part(msgspec.Struct, frozen=True):
    """A number, or words about numbers, in the order of the text."""

    # Empty for a number.
    words: tuple[str, ...]
    # What the caller calls the number.
    slot: int
    # Whether a list separator stands before it.
    parted: bool
    # Counts the semicolons before it.
    group: int
    depth: int
    glued: bool


class Shares(msgspec.Struct, frozen=True):
    """The words of each number, by slot, and the words that no number takes."""

    given: dict[int, tuple[str, ...]]
    loose: tuple[str, ...]


class Stream:
    """Takes numbers and words in the order of a text, and shares the words out among the numbers."""

    def __init__(self, last_only: bool = False) -> None:
        """With `last_only`, words behind several numbers belong to the last one: `80, 443 (HTTPS)`."""
        self._last_only = last_only
        self._parts: list[_Part] = []
        self._parted = False
        self._group = 0

    def separate(self, group: bool = False) -> None:
        """Take a list separator; `group` when it also ends a group, as semicolons do."""
        self._parted = True
        self._group += group

    def number(self, slot: int, depth: int = 0) -> None:
        """Take a number."""
        self._add((), slot, depth, False)

    def word(self, words: tuple[str, ...], depth: int = 0, glued: bool = False) -> None:
        """Take words; `glued` when they stand in a bracket that touches the number before."""
        self._add(words, -1, depth, glued)

    def _add(self, words: tuple[str, ...], slot: int, depth: int, glued: bool) -> None:
        self._parts.append(_Part(words, slot, self._parted, self._group, depth, glued))
        self._parted = False

    def shares(self) -> Shares:
        """Return what each number takes."""
        sharing = _Sharing(self._last_only)
        leading = bool(self._parts) and bool(self._parts[0].words)
        position = 0
        while position < len(self._parts):
            if not self._parts[position].words:
                sharing.number(self._parts[position])
                position += 1
                continue
            end = position
            while end < len(self._parts) and self._parts[end].words:
                end += 1
            behind, ahead = _divided(self._parts[position:end], position > 0, self._parts[end] if end < len(self._parts) else None, leading)
            sharing.trail(behind)
            sharing.lead(ahead)
            position = end
        return Shares({part.slot: tuple(words) for part, words in zip(sharing.numbers, sharing.given, strict=True)}, tuple(sharing.loose))


def _divided(run: list[_Part], numbers: bool, following: _Part | None, leading: bool) -> tuple[list[_Part], list[_Part]]:
    """Divide words between two numbers into those that trail and those that lead: `53 TCP, UDP 80` has one of each."""
    if following is None:
        return run, []
    if not numbers:
        return [], run
    first_parted = next((index for index, part in enumerate(run) if part.parted), None)
    if first_parted and not following.parted:
        return run[:first_parted], run[first_parted:]
    if run[0].parted != following.parted:
        return ([], run) if run[0].parted else (run, [])
    return ([], run) if leading else (run, [])


class _Sharing:
    """The state of sharing out: the numbers so far, and the words that wait for the numbers behind them."""

    def __init__(self, last_only: bool) -> None:
        self.numbers: list[_Part] = []
        self.given: list[dict[str, None]] = []
        self.loose: dict[str, None] = {}
        self._last_only = last_only
        self._carried: tuple[str, ...] = ()
        # Depth of the first number that the carried words reached: `TCP (80, 443), 53` does not carry beyond the bracket.
        self._floor: int | None = None
        # Index of that number.
        self._led = 0
        # Index of the first number behind the last words.
        self._start = 0

    def number(self, part: _Part) -> None:
        if self._carried and self._floor is None:
            self._floor, self._led = part.depth, len(self.given)
        elif self._carried and self._floor is not None and part.depth < self._floor:
            self._carried, self._start = (), len(self.given)
        elif not self._carried and self.numbers and part.group != self.numbers[-1].group:
            self._start = len(self.given)
        self.numbers.append(part)
        self.given.append(dict.fromkeys(self._carried))

    def lead(self, run: list[_Part]) -> None:
        if run:
            self._carried = tuple(dict.fromkeys(word for part in run for word in part.words))
            self._floor, self._start = None, len(self.given)

    def trail(self, run: list[_Part]) -> None:
        if not run:
            return
        words = dict.fromkeys(word for part in run for word in part.words)
        last = len(self.given) - 1
        first, nearer = self._start, False
        if self._carried:
            # Back to the last separator. `TCP 53/UDP` has both; in `TCP 80, 443 UDP` the nearer one counts.
            first = next((index for index in range(last, self._led, -1) if self.numbers[index].parted), self._led)
            nearer = first > self._led
        if not self.given or (self._carried and run[0].parted and last > self._led):
            # `TCP 80, 443, UDP`: the text does not say which port the last transport belongs to.
            self.loose.update(words)
        else:
            for given in self.given[last if run[0].glued or self._last_only else first :]:
                if nearer:
                    given.clear()
                given.update(words)
        self._start = len(self.given)
