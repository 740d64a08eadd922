"""Whether a point would take a basket, why not, and how long the answer stands."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.collect.locker import domain as cabinets
from services.collect.locker.cabinet import Cabinet
from services.collect.point.domain import Point, Size, Slot, ready_time, slot_id_of, spans
from services.collect.point.options import OfferedSlot, Option, Stock, offered, option_of
from tests.collect.shops import counter, locker, paris, place

NOON = paris("2026-11-23 12:00")
SECOND = timedelta(seconds=1)
COUNTER, PLENTY = counter(), Stock()
SLOT = OfferedSlot(
    slot_id="paris-counter@20261123T1200Z",
    start_time=paris("2026-11-23 13:00"),
    end_time=paris("2026-11-23 14:00"),
    left_count=1,
)
CABINET = replace(
    cabinets.furnished(
        None,
        cabinet_id="cabinet-1",
        point_id="paris-locker",
        location_id="paris",
        compartments=locker().compartments,
    ),
    seen_time=NOON - 10 * SECOND,
)


def option(
    point: Point = COUNTER,
    *,
    stock: Stock = PLENTY,
    slots: tuple[OfferedSlot, ...] = (SLOT,),
    cabinet: Cabinet | None = None,
    size: Size | None = Size.S,
    now: datetime = NOON,
) -> Option:
    return option_of(
        point,
        place(),
        distance_m=None,
        stock=stock,
        slots=slots,
        cabinet=cabinet,
        size=size,
        now=now,
    )


def test_a_point_with_stock_and_a_slot_is_available() -> None:
    offer = option()

    assert (offer.available, offer.reason) == (True, "")
    assert offer.ready_time == ready_time(place(), counter(), NOON)


def test_a_shop_that_lacks_a_sku_says_which() -> None:
    offer = option(stock=Stock(short_skus=("LAMP",)))

    assert (offer.available, offer.reason) == (False, "INSUFFICIENT_STOCK")
    assert offer.short_skus == ("LAMP",)


def test_a_point_without_a_slot_says_so() -> None:
    assert option(slots=()).reason == "NO_SLOT"


def test_a_locker_that_is_there_with_room_is_available() -> None:
    assert option(locker(), cabinet=CABINET).available


@pytest.mark.parametrize("size", [Size.L, None])
def test_a_locker_without_room_says_so(size: Size | None) -> None:
    assert option(locker(), cabinet=CABINET, size=size).reason == "NO_COMPARTMENT"


def test_a_locker_whose_compartments_are_taken_has_no_room() -> None:
    taken = cabinets.kept(CABINET, order_id="one", size=Size.M, now=NOON)

    assert option(locker(), cabinet=taken, size=Size.M).reason == "NO_COMPARTMENT"
    assert option(locker(), cabinet=taken, size=Size.S).available


@pytest.mark.parametrize("seen_time", [None, NOON - 60 * SECOND])
def test_a_locker_not_heard_for_a_minute_cannot_be_loaded(seen_time: datetime | None) -> None:
    silent = replace(CABINET, seen_time=seen_time)

    assert option(locker(), cabinet=silent).reason == "CABINET_OFFLINE"


def test_a_parcel_of_unknown_size_is_no_matter_at_a_counter() -> None:
    assert option(size=None).available


@pytest.mark.parametrize("late_ms", [0, 1, 30_000, 59_999, 60_000])
def test_the_answer_stands_until_its_ready_time_changes(late_ms: int) -> None:
    now = NOON + timedelta(milliseconds=late_ms)
    offer = option(now=now)

    last = offer.valid_until_time - timedelta(milliseconds=1)
    assert last >= now
    assert ready_time(place(), counter(), last) == offer.ready_time
    assert ready_time(place(), counter(), offer.valid_until_time) != offer.ready_time


@pytest.mark.parametrize("late_ms", [0, 1, 30_000, 60_000])
def test_the_slots_offered_stand_as_long(late_ms: int) -> None:
    now = paris("2026-11-23 12:30") + timedelta(milliseconds=late_ms)
    last = option(now=now).valid_until_time - timedelta(milliseconds=1)

    assert spans(place(), counter(), last) == spans(place(), counter(), now)


def test_a_hold_that_lapses_sooner_ends_it() -> None:
    now = NOON + 1 * SECOND

    stock = Stock(valid_until_time=now + SECOND)
    assert option(stock=stock, now=now).valid_until_time == now + SECOND


def test_a_cabinet_that_may_fall_silent_sooner_ends_it() -> None:
    now = NOON + 1 * SECOND
    silent_soon = replace(CABINET, seen_time=now - 59 * SECOND)

    assert option(locker(), cabinet=silent_soon, now=now).valid_until_time == now + SECOND


def test_a_full_slot_is_not_offered() -> None:
    times = spans(place(), counter(), NOON)[:2]
    full = Slot(
        slot_id=slot_id_of("paris-counter", times[0][0]),
        point_id="paris-counter",
        start_time=times[0][0],
        end_time=times[0][1],
        capacity_count=2,
        taken_count=2,
        revision=2,
    )

    [left] = offered(counter(), times, {full.slot_id: full})
    assert (left.start_time, left.left_count) == (times[1][0], 2)
