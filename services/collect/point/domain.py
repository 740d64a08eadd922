"""What points, places and slots are, and which slots may be chosen. Pure.

Everything here is asked with the place and the point as one write read them:
what an order takes is decided by the same rules as what its customer was shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum
from itertools import takewhile

from chassis.errors import AppError, Kind
from services.collect.point.hours import (
    MINUTE,
    OpeningSpan,
    Span,
    local_day,
    openings,
    whole_minute,
)

SLOT_MINUTES_DEFAULT = 60
SLOT_CAPACITY_DEFAULT_COUNT = 6
PREPARATION_MINUTES_DEFAULT = 30

# How far ahead slots are offered.
HORIZON = timedelta(days=5)
# A shop open for an hour a week still prepares what takes eight.
READY_DAYS_MAX = 60
COLLECT_DAYS = 3  # Opening days after the slot's own.
COLLECT_DAYS_MAX = 31
COLLECT_WITHOUT_HOURS = timedelta(days=3)

SLOT_ID = re.compile(r"([a-z0-9-]{1,64})@([0-9]{8}T[0-9]{4}Z)")
SLOT_TIME = "%Y%m%dT%H%MZ"


class InvalidSlotError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_SLOT"


class SlotFullError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "SLOT_FULL"


class SlotPastError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "SLOT_PAST"


class PlaceKind(Enum):
    SHOP = "shop"
    WAREHOUSE = "warehouse"


class PointKind(Enum):
    """Who hands over: an associate, or a cabinet that opens for the right code."""

    COUNTER = "counter"
    LOCKER = "locker"


class Size(IntEnum):
    """How much room there is. A larger compartment takes what a smaller one does."""

    S = 1
    M = 2
    L = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Our copy of one of inventory's locations, as it was at `revision`."""

    location_id: str
    name: str
    kind: PlaceKind
    latitude: float | None
    longitude: float | None
    time_zone: str
    opening_hours: tuple[OpeningSpan, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Compartment:
    compartment_id: str
    size: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where customers collect. `cabinet_id` and `compartments` are a locker's, else empty."""

    point_id: str
    location_id: str
    kind: PointKind
    slot_minutes: int = SLOT_MINUTES_DEFAULT
    slot_capacity_count: int = SLOT_CAPACITY_DEFAULT_COUNT
    preparation_minutes: int = PREPARATION_MINUTES_DEFAULT
    cabinet_id: str = ""
    compartments: tuple[Compartment, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A span in which customers come to a point, once somebody has taken it."""

    slot_id: str
    point_id: str
    start_time: datetime
    end_time: datetime
    capacity_count: int
    taken_count: int
    revision: int

    @property
    def left_count(self) -> int:
        return max(0, self.capacity_count - self.taken_count)


def slot_id_of(point_id: str, start: datetime) -> str:
    """Such as `paris-bastille-counter@20261121T0930Z`."""
    return f"{point_id}@{start.astimezone(UTC).strftime(SLOT_TIME)}"


def parse_slot_id(text: str) -> tuple[str, datetime]:
    """The point's id and the start. Raises InvalidSlotError for what `slot_id_of` did not make."""
    try:
        if (found := SLOT_ID.fullmatch(text)) is None:
            raise ValueError
        return found[1], datetime.strptime(found[2], SLOT_TIME).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidSlotError("slot_id did not come from a point's options") from None


def spans(place: Place, point: Point, now: datetime) -> tuple[Span, ...]:
    """Every slot of the point that may still be chosen, soonest first, full or not."""
    ready = ready_time(place, point, now)
    if ready is None:
        return ()
    offered = takewhile(
        lambda span: span[0] < now + HORIZON,
        slot_spans(place, point, since=ready, days=HORIZON.days),
    )
    return tuple(span for span in offered if span[0] >= ready)


def ready_time(place: Place, point: Point, now: datetime) -> datetime | None:
    """When an order of `now` would be ready, in whole minutes; only open minutes count.

    None if the shop does not open for long enough in the days to come.
    """
    since, left = whole_minute(now), point.preparation_minutes * MINUTE
    for opens, closes in openings(
        place.opening_hours, time_zone=place.time_zone, since=since, days=READY_DAYS_MAX
    ):
        begins = max(opens, since)
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    return None


def taken(slot: Slot | None, *, span: Span, point: Point, slot_id: str) -> Slot:
    """The slot with one more order in it; `slot` is None if nobody took it before.

    `span` is what `span_of` says of the slot. Raises SlotFullError.
    """
    start, end = span
    before = slot or Slot(
        slot_id=slot_id,
        point_id=point.point_id,
        start_time=start,
        end_time=end,
        capacity_count=point.slot_capacity_count,
        taken_count=0,
        revision=0,
    )
    if before.taken_count >= point.slot_capacity_count:
        raise SlotFullError(
            f"slot {slot_id} takes {point.slot_capacity_count} orders and has them: choose another",
            slot_id=slot_id,
            slot_capacity_count=point.slot_capacity_count,
        )
    return replace(
        before,
        end_time=end,
        capacity_count=point.slot_capacity_count,
        taken_count=before.taken_count + 1,
        revision=before.revision + 1,
    )


def given_back(slot: Slot) -> Slot:
    """The slot with one order less in it. Raises ValueError if there is none: a bug."""
    if slot.taken_count < 1:
        raise ValueError(f"{slot.slot_id} was given back more often than taken")
    return replace(slot, taken_count=slot.taken_count - 1, revision=slot.revision + 1)


def collect_by(place: Place, slot_end: datetime) -> datetime:
    """Until when an order is kept: the close of the third opening day after the slot's own."""
    slot_day = local_day(slot_end - MINUTE, place.time_zone)
    closes_of_day: dict[object, datetime] = {}
    for opens, closes in openings(
        place.opening_hours, time_zone=place.time_zone, since=slot_end, days=COLLECT_DAYS_MAX
    ):
        day = local_day(opens, place.time_zone)
        if day > slot_day:
            if len(closes_of_day) == COLLECT_DAYS and day not in closes_of_day:
                break
            closes_of_day[day] = closes
    if len(closes_of_day) < COLLECT_DAYS:
        return slot_end + COLLECT_WITHOUT_HOURS
    return max(closes_of_day.values())


def span_of(place: Place, point: Point, slot_id: str, now: datetime) -> Span:
    """From and to of a slot that may still be chosen. Raises InvalidSlotError, SlotPastError."""
    point_id, start = parse_slot_id(slot_id)
    if point_id != point.point_id:
        raise InvalidSlotError(
            f"slot {slot_id} is another point's than {point.point_id}",
            slot_id=slot_id,
            point_id=point.point_id,
        )
    if start >= now + HORIZON:
        raise InvalidSlotError(
            f"slot {slot_id} is more than {HORIZON.days} days ahead", slot_id=slot_id
        )
    ready = ready_time(place, point, now)
    if ready is None or start < ready:
        raise SlotPastError(
            f"slot {slot_id} is too soon or over: choose a later one", slot_id=slot_id
        )
    for span in slot_spans(place, point, since=start, days=0):
        if span[0] == start:
            return span
    raise InvalidSlotError(f"no slot of the point begins at {slot_id}", slot_id=slot_id)


def slot_spans(place: Place, point: Point, *, since: datetime, days: int) -> Iterator[Span]:
    """The slots of the openings that end after `since`: each whole, from the opening on."""
    length = point.slot_minutes * MINUTE
    for opens, closes in openings(
        place.opening_hours, time_zone=place.time_zone, since=since, days=days
    ):
        for number in range((closes - opens) // length):
            yield opens + number * length, opens + (number + 1) * length
