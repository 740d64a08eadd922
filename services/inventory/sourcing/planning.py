"""Planning who serves what for a pick-up point, from what is in reach and in stock. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.errors import Violation
from services.inventory.sourcing.covering import (
    STEPS_MAX,
    Server,
    Sums,
    Value,
    best_cover,
    sums_of,
)
from services.inventory.sourcing.reaching import Reach, Times, times_of
from services.inventory.stock.domain import (
    QUANTITY_MAX,
    SKU_LENGTH_MAX,
    Place,
    invalid_lines,
    is_sku,
)

LINES_MAX = 100
AHEAD_MAX = timedelta(days=30)


class Wanted(NamedTuple):
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a parcel, an hour and a unit of cost weigh; all zero: parcels first, then time, then
    cost."""

    parcel: float = 0.0
    hour: float = 0.0
    cost: float = 0.0

    @property
    def are_weights(self) -> bool:
        """None is negative, none no number: a search would have no bound."""
        return all(0 <= each < math.inf for each in (self.parcel, self.hour, self.cost))

    @property
    def are_set(self) -> bool:
        return any((self.parcel, self.hour, self.cost))

    def value(self, at: datetime) -> Value:
        """What is to be least for what is asked for at `at`."""
        begin_s = at.timestamp()

        def weighed(parcels: int, ready: int, cost: int) -> tuple[float, ...]:
            hours = max(ready - begin_s, 0) / 3600
            return (self.parcel * parcels + self.hour * hours + self.cost * cost,)

        return weighed if self.are_set else fewest_first


def fewest_first(parcels: int, ready: int, cost: int) -> tuple[float, ...]:
    return parcels, ready, cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is wanted, when it is asked for, and what counts."""

    wanted: tuple[Wanted, ...]
    at: datetime
    weights: Weights = Weights()

    @property
    def value(self) -> Value:
        return self.weights.value(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a location can serve: lines by their place in the question, as bits."""

    reach: Reach
    times: Times
    lines: int

    @property
    def server(self) -> Server:
        ready = int(self.times.ready.timestamp())
        return Server(self.lines, ready, self.reach.cost, self.reach.parcels)


class Parcel(NamedTuple):
    """What one location serves, with nothing that another serves too."""

    offer: Offer
    lines: int


class Choice(NamedTuple):
    """A way to serve the lines; `exact` if no better one is there."""

    parcels: tuple[Parcel, ...]
    exact: bool

    @property
    def sums(self) -> Sums:
        servers = [parcel.offer.server for parcel in self.parcels]
        return sums_of(range(len(servers)), servers)

    @property
    def ready(self) -> datetime:
        """When the last parcel is, of which there is one at least."""
        return max(parcel.offer.times.ready for parcel in self.parcels)

    @property
    def location_ids(self) -> tuple[str, ...]:
        return tuple(parcel.offer.reach.location_id for parcel in self.parcels)


class Offers(NamedTuple):
    """What can be served by whom, and who is closed that could."""

    open: tuple[Offer, ...]
    closed: frozenset[str]

    @property
    def lines(self) -> int:
        lines = 0
        for offer in self.open:
            lines |= offer.lines
        return lines


def offers_of(question: Question, reaches: Sequence[Reach], free: Mapping[Place, int]) -> Offers:
    """Of each location in reach that has a line whole, the pick-up location's own first."""
    found: list[Offer] = []
    closed: set[str] = set()
    # Shops of a chain are open alike, and rules are few: most times are the same.
    known: dict[object, Times | None] = {}
    for reach in reaches:
        lines = whole_lines(reach.location_id, question.wanted, free)
        if not lines:
            continue
        if reach.alike not in known:
            known[reach.alike] = times_of(reach, reaches[0], question.at)
        times = known[reach.alike]
        if times is None:
            closed.add(reach.location_id)
        else:
            found.append(Offer(reach=reach, times=times, lines=lines))
    return Offers(tuple(found), frozenset(closed))


def whole_lines(location_id: str, wanted: Sequence[Wanted], free: Mapping[Place, int]) -> int:
    lines = 0
    for number, (sku, quantity) in enumerate(wanted):
        if free.get(Place(location_id, sku), 0) >= quantity:
            lines |= 1 << number
    return lines


def chosen(
    lines: int, offers: Sequence[Offer], value: Value, *, steps_max: int = STEPS_MAX
) -> Choice:
    """The best way to serve the lines, each of which somebody offers."""
    servers = [offer.server for offer in offers]
    cover = best_cover(lines, servers, value, steps_max=steps_max)
    serving = [offers[number] for number in cover.chosen]
    ready = sums_of(cover.chosen, servers).ready
    # What the pick-up location has comes from itself, where it is there as soon: to take more of
    # it costs nothing, and may save a parcel.
    own = [each for each in offers if not each.reach.parcels and each.server.ready <= ready]
    return Choice(
        tuple(parcels_of(lines, {o.reach.location_id: o for o in (*own, *serving)})), cover.exact
    )


def parcels_of(lines: int, serving: Mapping[str, Offer]) -> Iterator[Parcel]:
    """Each line from one location: the pick-up location, else who is there first, by id."""
    in_turn = sorted(
        serving.items(), key=lambda each: (each[1].reach.parcels, each[1].server.ready, each[0])
    )
    parcels = []
    for _, offer in in_turn:
        if taken := offer.lines & lines:
            parcels.append(Parcel(offer, taken))
            lines &= ~taken
    yield from sorted(
        parcels, key=lambda parcel: (parcel.offer.server.ready, parcel.offer.reach.location_id)
    )


def check_wanted(wanted: Sequence[Wanted]) -> None:
    """Raises InvalidLinesError."""
    if not 1 <= len(wanted) <= LINES_MAX:
        raise invalid_lines(Violation("lines", f"1 to {LINES_MAX} lines"))
    violations: list[Violation] = []
    seen: set[str] = set()
    for number, (sku, quantity) in enumerate(wanted):
        path = f"lines[{number}]"
        if not is_sku(sku):
            words = f"1 to {SKU_LENGTH_MAX} printable characters"
            violations.append(Violation(f"{path}.sku", words))
        if sku in seen:
            violations.append(Violation(f"{path}.sku", "another than the lines before"))
        if not 1 <= quantity <= QUANTITY_MAX:
            violations.append(Violation(f"{path}.quantity", f"1 to {QUANTITY_MAX} units"))
        seen.add(sku)
    if violations:
        raise invalid_lines(*violations)
