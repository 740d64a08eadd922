"""How the counters of limits follow what becomes of reservations. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from chassis.changes import Changed
from services.inventory.ledger.domain import Cause, Movement
from services.inventory.limit.domain import Limits
from services.inventory.limit.taken import Cap, Caps, Taken, TakenKey, end_of_day
from services.inventory.reservation.domain import Reservation, Status
from services.inventory.stock.domain import StockRow

A = TypeVar("A")

Takens = Mapping[TakenKey, Taken]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The counters that a write goes by.

    Attributes:
        keys: Of what is there already.
        limits: Those on what is to be made; none if nothing is, or nothing of it has one.
        owner: Who makes it, as `buyer_id` is for whom.
    """

    keys: tuple[TakenKey, ...] = ()
    limits: Limits = field(default_factory=dict)
    owner: str = ""
    buyer_id: str = ""

    @property
    def all_keys(self) -> tuple[TakenKey, ...]:
        return tuple(dict.fromkeys([*self.keys, *map(self.key_of, self.limits)]))

    def key_of(self, sku: str) -> TakenKey:
        return TakenKey(sku, self.owner, self.buyer_id)

    def caps(self, takens: Takens, old: Reservation | None = None) -> Caps:
        """What `old` holds, which is to be replaced, counts as free."""
        freed = Counter[TakenKey]()
        for key, _, quantity in [] if old is None else claims_of(old):
            freed[key] += quantity
        return {
            sku: Cap(limit=limit, taken=takens[key], freed=freed[key])
            for sku, limit in self.limits.items()
            for key in [self.key_of(sku)]
        }


NO_COUNTS = Counts()


def as_counted(before: Reservation | None, takens: Takens) -> Reservation | None:
    """Over, where a counter of its has been past its end: what it held has been granted anew,
    at other locations perhaps, whose time its own rows do not know."""
    if before is None or not before.counted_skus:
        return before
    at = max((takens[key].at for key in before.taken_keys if key in takens), default=0)
    return before.at(datetime.fromtimestamp(at, UTC))


def with_counts(
    changed: Changed[A], before: Iterable[Reservation | None], takens: Takens
) -> Changed[A]:
    """With the counters as they come to stand, of whatever reservations have changed."""
    if not takens:
        return changed
    was = {each.reservation_id: each for each in before if each is not None}
    left = [each for each in changed.records if isinstance(each, Reservation)]
    held = dict[TakenKey, Counter[int]]()
    for each in left:
        count(held, claims_of(was.get(each.reservation_id)), sign=-1)
        count(held, claims_of(each), sign=1)
    bought = bought_by(left, changed.records)
    t_s = max((each.at for each in changed.records if isinstance(each, StockRow)), default=0)
    moved = [
        takens[key].moved(held.get(key, {}), bought[key], t_s=t_s, day_s=end_of_day(t_s))
        for key in dict.fromkeys([*held, *bought])
        if bought[key] or any(held.get(key, {}).values())
    ]
    return replace(changed, records=(*changed.records, *moved))


def claims_of(reservation: Reservation | None) -> Iterator[tuple[TakenKey, int, int]]:
    """Counter, instant and units of each line that counts, as long as it is held."""
    if reservation is None or reservation.status is not Status.ACTIVE:
        return
    for line in reservation.lines:
        if line.sku in reservation.counted_skus:
            key = TakenKey(line.sku, reservation.owner, reservation.buyer_id)
            yield key, reservation.expire_instant, line.quantity


def count(
    held: dict[TakenKey, Counter[int]], claims: Iterable[tuple[TakenKey, int, int]], *, sign: int
) -> None:
    for key, instant, quantity in claims:
        held.setdefault(key, Counter())[instant] += sign * quantity


def bought_by(left: Iterable[Reservation], records: Iterable[object]) -> Counter[TakenKey]:
    """What was found of those that were committed: one at most, whose movements these are."""
    bought = Counter[TakenKey]()
    ends = [each for each in left if each.status is Status.COMMITTED and each.counted_skus]
    moved = [each for each in records if isinstance(each, Movement)] if ends else []
    for each in ends:
        for movement in moved:
            if movement.cause is Cause.ORDER and movement.sku in each.counted_skus:
                bought[TakenKey(movement.sku, each.owner, each.buyer_id)] += movement.quantity
    return bought
