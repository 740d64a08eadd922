"""What one buyer has of one article, and how much a limit leaves of it. Pure.

A counter, written in the transaction of whatever it counts: no query adds up reservations,
since two that each found room would both be made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chassis.errors import AppError, Kind
from services.inventory.limit.domain import PERIOD_MAX, Limit

DAY_S = int(timedelta(days=1).total_seconds())
PERIOD_MAX_S = int(PERIOD_MAX.total_seconds())
# Longer than any hold that its time may have to refuse.
KEPT_S = 8 * DAY_S


class BuyerLimitReachedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "BUYER_LIMIT_REACHED"


class TakenKey(NamedTuple):
    """Whose counter it is: an article's, for a program and whom it reserves for."""

    sku: str
    owner: str
    buyer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a buyer holds of an article, and has bought.

    Attributes:
        held: Units held, by the instant at which the hold lapses, as in a stock row.
        bought: Units committed, by the end of the day on which they were, in seconds since 1970:
            some ninety at most.
        at: The counter's own time, which no server's clock sets back. Without it, one whose
            clock is behind would still commit a hold in whose place another was granted.
    """

    sku: str
    owner: str
    buyer_id: str
    held: Mapping[int, int] = field(default_factory=dict)
    bought: Mapping[int, int] = field(default_factory=dict)
    at: int = 0
    revision: int = 0

    @property
    def key(self) -> TakenKey:
        return TakenKey(self.sku, self.owner, self.buyer_id)

    @property
    def forget_time(self) -> datetime:
        """When nothing in it counts for any limit there may be, and its time refuses nothing."""
        ends = (self.at + KEPT_S, *self.held, *(day + PERIOD_MAX_S for day in self.bought))
        return datetime.fromtimestamp(max(ends), UTC)

    def held_at(self, t_s: float) -> int:
        return sum(units for instant, units in self.held.items() if instant > max(t_s, self.at))

    def bought_at(self, t_s: float, period_s: int) -> int:
        """Within the period; none without one."""
        if not period_s:
            return 0
        return sum(units for day, units in self.bought.items() if day + period_s > t_s)

    def moved(self, held: Mapping[int, int], bought: int, *, t_s: int, day_s: int) -> "Taken":
        """With so many more units held until each instant, or fewer if negative, and bought.

        What has lapsed by `t_s` is dropped, so that it cannot be given back twice.
        """
        at = max(self.at, t_s)
        holds = added(self.held, held)
        buys = added(self.bought, {day_s: bought})
        return Taken(
            sku=self.sku,
            owner=self.owner,
            buyer_id=self.buyer_id,
            held={instant: units for instant, units in holds.items() if instant > at},
            bought={day: units for day, units in buys.items() if day + PERIOD_MAX_S > at},
            at=at,
            revision=self.revision + 1,
        )


def added(units: Mapping[int, int], more: Mapping[int, int]) -> dict[int, int]:
    """Without what comes to nothing."""
    sums = {at: units.get(at, 0) + more.get(at, 0) for at in sorted({*units, *more})}
    return {at: count for at, count in sums.items() if count > 0}


def nothing_taken(key: TakenKey) -> Taken:
    return Taken(sku=key.sku, owner=key.owner, buyer_id=key.buyer_id)


def end_of_day(t_s: int) -> int:
    return (t_s // DAY_S + 1) * DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A limit and what its buyer has already.

    Attributes:
        freed: Units held that count as free: of what is replaced.
    """

    limit: Limit
    taken: Taken
    freed: int = 0

    def left(self, t: datetime) -> int:
        """Units that the buyer may hold besides."""
        t_s = t.timestamp()
        has = self.taken.held_at(t_s) - self.freed + self.bought(t_s)
        return max(self.limit.quantity_max - has, 0)

    def bought(self, t_s: float) -> int:
        return self.taken.bought_at(t_s, self.limit.period_s)

    def next_free(self, t_s: float) -> int | None:
        """When something of it counts no more; None if nothing counts."""
        period_s = self.limit.period_s
        lapsing = (at for at in self.taken.held if at > self.taken.at)
        ends = (day + period_s for day in self.taken.bought if period_s)
        return min((at for at in (*lapsing, *ends) if at > t_s), default=None)


Caps = Mapping[str, Cap]


def reached(cap: Cap, wished: int, t: datetime) -> BuyerLimitReachedError:
    """Says what counts, so that the buyer can be told why and until when; nothing may count, where
    more is wished than anybody may have."""
    t_s, limit = t.timestamp(), cap.limit
    held, bought, free_s = cap.taken.held_at(t_s), cap.bought(t_s), cap.next_free(t_s)
    return BuyerLimitReachedError(
        f"one buyer may have {limit.quantity_max} units of {limit.sku}: this one holds {held} and"
        f" has bought {bought}, {wished} more were asked for",
        sku=limit.sku,
        quantity_max=limit.quantity_max,
        held_quantity=held,
        bought_quantity=bought,
        quantity=wished,
        free_time="" if free_s is None else text_of(free_s),
    )


def text_of(instant_s: int) -> str:
    """As RFC 3339 has it."""
    return f"{datetime.fromtimestamp(instant_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def time_of(caps: Caps, now: datetime) -> datetime:
    """`now`, or the latest time of the counters."""
    at = max((cap.taken.at for cap in caps.values()), default=0)
    return max(now, datetime.fromtimestamp(at, UTC))


def check_within(quantities: Iterable[tuple[str, int]], caps: Caps, t: datetime) -> None:
    """Raises BuyerLimitReachedError for the first sku of which more is wished than is left."""
    wished: dict[str, int] = {}
    for sku, quantity in quantities:
        wished[sku] = wished.get(sku, 0) + quantity
    for sku, quantity in wished.items():
        if sku in caps and quantity > caps[sku].left(t):
            raise reached(caps[sku], quantity, t)
