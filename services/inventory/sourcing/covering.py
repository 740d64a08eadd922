"""Who serves which lines, at best: weighted set cover by branch and bound. Pure.

Lines are bits. A branch takes the line that fewest can serve and tries each who can, most lines
first. What is left of a branch is bounded from below: of a server's parcel, cost and time no
line can be spared more than an equal share (a dual solution of the cover's relaxation), so the
sum of the least shares of the lines that are left is less than any way to serve them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

# Divides evenly by each of 1 to 20, so that shares of up to 20 lines are whole numbers.
SHARES = 232_792_560
# A third of a second at most, on a thread of its own.
STEPS_MAX = 20_000

# What is to be least, of parcels, seconds and cost; never less where one of them is more.
Value: TypeAlias = Callable[[int, int, int], tuple[float, ...]]


class Server(NamedTuple):
    """What one location can serve, when it would be there and what that takes."""

    lines: int
    ready: int
    cost: int
    parcels: int = 1


class Cover(NamedTuple):
    """Who serves, by their place among the servers; `exact` if no other choice is better."""

    chosen: tuple[int, ...]
    exact: bool
    steps: int = 0


class Sums(NamedTuple):
    """What a choice comes to so far."""

    parcels: int = 0
    ready: int = 0
    cost: int = 0

    def and_of(self, server: Server) -> "Sums":
        parcels, cost = self.parcels + server.parcels, self.cost + server.cost
        return Sums(parcels, max(self.ready, server.ready), cost)


class Share(NamedTuple):
    """The least that lines take, whoever serves them; of one line in parts of SHARES."""

    parcels: int
    ready: int
    cost: int


def best_cover(
    lines: int, servers: Sequence[Server], value: Value, *, steps_max: int = STEPS_MAX
) -> Cover:
    """The choice of least value that serves all lines, each of which somebody must serve."""
    # The earliest first, which is also the order in which lines and finishers are gone through.
    order = sorted(range(len(servers)), key=lambda number: servers[number][1:])
    in_order = [servers[number] for number in order]
    search = Search(lines, in_order, value, steps_max)
    search.take(greedy(lines, in_order))
    for number, server in enumerate(in_order):
        if not server.parcels and server.lines & lines:
            search.take((number, *greedy(lines & ~server.lines, in_order)))
    search.branch(lines, (), Sums())
    chosen = tuple(order[number] for number in search.best)
    return Cover(chosen, exact=search.steps <= steps_max, steps=search.steps)


def greedy(lines: int, servers: Sequence[Server]) -> tuple[int, ...]:
    """Whoever serves most of what is left, again and again; of several the earliest, cheapest."""
    chosen: list[int] = []
    while lines:
        number = max(
            range(len(servers)),
            key=lambda n: (
                (servers[n].lines & lines).bit_count(),
                -servers[n].ready,
                -servers[n].cost,
            ),
        )
        chosen.append(number)
        lines &= ~servers[number].lines
    return tuple(chosen)


def sums_of(chosen: Sequence[int], servers: Sequence[Server]) -> Sums:
    sums = Sums()
    for number in chosen:
        sums = sums.and_of(servers[number])
    return sums


def bits_of(lines: int) -> Iterator[int]:
    while lines:
        bit = lines & -lines
        yield bit
        lines ^= bit


class Search:
    """One search, and the best it has found."""

    def __init__(self, lines: int, servers: Sequence[Server], value: Value, steps_max: int) -> None:
        self.best: tuple[int, ...] = ()
        self.steps = 0
        self._least: tuple[float, ...] | None = None
        self._servers = servers
        self._value = value
        self._steps_max = steps_max
        self._of_line = {bit: servers_of(bit, servers) for bit in bits_of(lines)}
        shares = [equal_share(lines, server) for server in servers]
        self._shares = {
            bit: Share(
                parcels=min(shares[number][0] for number in its),
                ready=min(servers[number].ready for number in its),
                cost=min(shares[number][1] for number in its),
            )
            for bit, its in self._of_line.items()
        }
        self._rarest_first = sorted(self._of_line, key=lambda bit: len(self._of_line[bit]))
        self._servers_of = {bit: sum(1 << n for n in its) for bit, its in self._of_line.items()}
        self._own_lines = 0
        for server in servers:
            self._own_lines |= 0 if server.parcels else server.lines
        # With what sums it was here before, by the lines that were left.
        self._seen: dict[int, Sums] = {}

    def take(self, chosen: tuple[int, ...]) -> None:
        """Keep a choice that serves everything, if it is the best so far."""
        value = self._value(*sums_of(chosen, self._servers))
        if self._least is None or value < self._least:
            self.best, self._least = chosen, value

    def branch(self, left: int, chosen: tuple[int, ...], sums: Sums) -> None:
        """Try all that may serve what is left, after `chosen`, which come to `sums`."""
        self.steps += 1
        if self.steps > self._steps_max or self._was_here(left, sums):
            return
        more = self._at_least(left)
        if self._is_hopeless(left, sums, more, servers_count=1):
            return
        self._finish(left, chosen, sums)
        if self._is_hopeless(left, sums, more, servers_count=2):
            return
        for number in self._worth_trying(left):
            server = self._servers[number]
            if left & ~server.lines:
                self.branch(left & ~server.lines, (*chosen, number), sums.and_of(server))

    def _was_here(self, left: int, sums: Sums) -> bool:
        """Whether the same was left before, at no less in any respect."""
        seen = self._seen.get(left)
        if seen is not None and all(before <= now for before, now in zip(seen, sums, strict=True)):
            return True
        self._seen[left] = sums
        return False

    def _finish(self, left: int, chosen: tuple[int, ...], sums: Sums) -> None:
        """Try whoever alone serves what is left: so the last step of a way is none.

        The earliest come first: a later one is worth a look only where it takes less.
        """
        serving = -1
        for bit in bits_of(left):
            serving &= self._servers_of[bit]
        parcels, ready, cost = sums
        least_parcels = least_cost = math.inf
        for bit in bits_of(serving):
            number = bit.bit_length() - 1
            server = self._servers[number]
            if server.cost >= least_cost and server.parcels >= least_parcels:
                continue
            least_parcels, least_cost = server.parcels, server.cost
            value = self._value(
                parcels + server.parcels, max(ready, server.ready), cost + server.cost
            )
            if self._least is None or value < self._least:
                self.best, self._least = (*chosen, number), value

    def _at_least(self, left: int) -> Share:
        """What serving these lines takes at least, whoever does."""
        parcels = ready = cost = 0
        for bit in bits_of(left):
            share = self._shares[bit]
            parcels += share.parcels
            cost += share.cost
            ready = max(ready, share.ready)
        return Share(-(-parcels // SHARES), ready, cost // SHARES)

    def _is_hopeless(self, left: int, sums: Sums, more: Share, *, servers_count: int) -> bool:
        """Whether nothing better than the best can come of so many servers more, or of others."""
        parcels = sums.parcels + max(more.parcels, servers_count - self._is_own_left(left))
        at_least = self._value(parcels, max(sums.ready, more.ready), sums.cost + more.cost)
        return self._least is not None and at_least >= self._least

    def _is_own_left(self, left: int) -> bool:
        """Whether one of those who might follow sends no parcel."""
        return bool(self._own_lines & left)

    def _worth_trying(self, left: int) -> list[int]:
        """Who can serve the rarest line left, most lines first, without those whom another
        outdoes in every respect."""
        rarest = next(bit for bit in self._rarest_first if bit & left)
        cheapest: dict[int, tuple[int, int]] = {}
        trying: list[int] = []
        for number in self._of_line[rarest]:  # The earliest first.
            server = self._servers[number]
            serves, price = server.lines & left, (server.parcels, server.cost)
            before = cheapest.get(serves)
            if before is None or price < before:
                cheapest[serves] = price
                trying.append(number)
        trying.sort(key=lambda number: -(self._servers[number].lines & left).bit_count())
        return trying


def servers_of(bit: int, servers: Sequence[Server]) -> list[int]:
    """Who can serve the line."""
    return [number for number, server in enumerate(servers) if server.lines & bit]


def equal_share(lines: int, server: Server) -> tuple[int, int]:
    """Of the parcels and of the cost of a server, for each line it can serve, in SHARES."""
    count = (server.lines & lines).bit_count() or 1
    return server.parcels * SHARES // count, server.cost * SHARES // count
