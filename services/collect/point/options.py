"""What one point offers for a basket, from all that is known of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.collect.locker import domain as locker
from services.collect.locker.cabinet import ONLINE, Cabinet
from services.collect.point.domain import (
    Place,
    Point,
    PointKind,
    Size,
    Slot,
    ready_time,
    slot_id_of,
)
from services.collect.point.hours import Span, whole_minute

SLOTS_MAX = 20
MILLISECOND = timedelta(milliseconds=1)

INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
NO_SLOT = "NO_SLOT"
NO_COMPARTMENT = "NO_COMPARTMENT"
CABINET_OFFLINE = "CABINET_OFFLINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedSlot:
    """A slot with room for `left_count` orders."""

    slot_id: str
    start_time: datetime
    end_time: datetime
    left_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What the point's shop lacks of the basket, and until when no hold on it lapses."""

    short_skus: tuple[str, ...] = ()
    valid_until_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What a point offers. `reason` says why an order would not be taken; empty if it would.

    `ready_time` is None where the shop does not open for long enough.
    """

    point: Point
    reason: str
    short_skus: tuple[str, ...]
    ready_time: datetime | None
    slots: tuple[OfferedSlot, ...]
    distance_m: int | None
    valid_until_time: datetime

    @property
    def available(self) -> bool:
        return not self.reason


def option_of(
    point: Point,
    place: Place,
    *,
    distance_m: int | None,
    stock: Stock,
    slots: tuple[OfferedSlot, ...],
    cabinet: Cabinet | None,
    size: Size | None,
    now: datetime,
) -> Option:
    """`size` is the compartment that a locker must have free; None if none would do."""
    reason = INSUFFICIENT_STOCK if stock.short_skus else "" if slots else NO_SLOT
    if not reason and point.kind is PointKind.LOCKER:
        reason = locker_reason(cabinet, size, now)
    return Option(
        point=point,
        reason=reason,
        short_skus=stock.short_skus,
        ready_time=ready_time(place, point, now),
        slots=slots,
        distance_m=distance_m,
        valid_until_time=valid_until(stock, cabinet, now),
    )


def locker_reason(cabinet: Cabinet | None, size: Size | None, now: datetime) -> str:
    """Why a cabinet does not take the basket; empty if it does.

    One that is offline cannot be loaded.
    """
    if cabinet is None or size is None or not locker.has_room(cabinet, size):
        return NO_COMPARTMENT
    return "" if cabinet.is_online(now) else CABINET_OFFLINE


def valid_until(stock: Stock, cabinet: Cabinet | None, now: datetime) -> datetime:
    """When the option changes by itself at the earliest.

    Ready times and slots are counted from the minute that is not over yet: they
    stand for all of it, its last instant included.
    """
    ends = [whole_minute(now) + MILLISECOND]
    if stock.valid_until_time is not None:
        ends.append(stock.valid_until_time)
    if cabinet is not None and cabinet.seen_time is not None and cabinet.is_online(now):
        ends.append(cabinet.seen_time + ONLINE)
    return min(ends)


def offered(
    point: Point, spans: Sequence[Span], taken: Mapping[str, Slot]
) -> tuple[OfferedSlot, ...]:
    """Those of `spans` that have room; nobody has come to those that `taken` does not hold."""
    slots = []
    for start, end in spans:
        slot_id = slot_id_of(point.point_id, start)
        taken_count = taken[slot_id].taken_count if slot_id in taken else 0
        left_count = point.slot_capacity_count - taken_count
        if left_count > 0:
            slots.append(
                OfferedSlot(slot_id=slot_id, start_time=start, end_time=end, left_count=left_count)
            )
    return tuple(slots)
