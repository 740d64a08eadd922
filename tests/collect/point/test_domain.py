"""Which slots may be chosen, what taking one does, and until when an order is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.collect.point.domain import (
    HORIZON,
    InvalidSlotError,
    SlotFullError,
    SlotPastError,
    collect_by,
    given_back,
    parse_slot_id,
    ready_time,
    slot_id_of,
    span_of,
    spans,
    taken,
)
from services.collect.point.hours import OpeningSpan, openings
from tests.collect.shops import counter, paris, place

MONDAY_10 = paris("2026-11-23 10:00")
HOUR = timedelta(hours=1)


def starts(now: datetime, **hours: object) -> list[datetime]:
    return [start for start, _ in spans(place(**hours), counter(), now)]  # type: ignore[arg-type]


def test_a_slot_is_named_by_its_point_and_start() -> None:
    slot_id = slot_id_of("paris-bastille-counter", datetime(2026, 11, 21, 9, 30, tzinfo=UTC))

    assert slot_id == "paris-bastille-counter@20261121T0930Z"
    assert parse_slot_id(slot_id) == (
        "paris-bastille-counter",
        datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "paris",
        "@20261121T0930Z",
        "paris@20261121T0930",
        "paris@20261321T0930Z",
        "paris@00000101T0000Z",
        "paris@20261121T0930Z\n",
        "Paris@20261121T0930Z",
        "paris@\uff12\uff10\uff12\uff161121T0930Z",
    ],
)
def test_what_names_no_slot_is_refused(text: str) -> None:
    with pytest.raises(InvalidSlotError):
        parse_slot_id(text)


def test_an_order_is_ready_after_its_preparation() -> None:
    assert ready_time(place(), counter(), MONDAY_10) == MONDAY_10 + timedelta(minutes=30)


def test_an_order_is_ready_in_whole_minutes_and_never_early() -> None:
    now = MONDAY_10 + timedelta(milliseconds=1)

    assert ready_time(place(), counter(), now) == MONDAY_10 + timedelta(minutes=31)


def test_preparation_that_the_evening_cuts_off_goes_on_when_the_shop_opens() -> None:
    saturday_1910 = paris("2026-11-28 19:10")

    assert ready_time(place(), counter(), saturday_1910) == paris("2026-11-30 10:10")


def test_an_order_may_be_ready_at_the_very_close() -> None:
    assert ready_time(place(), counter(), paris("2026-11-28 19:00")) == paris("2026-11-28 19:30")


def test_nothing_is_ever_ready_where_it_never_opens() -> None:
    assert ready_time(place(hours=()), counter(), MONDAY_10) is None
    assert starts(MONDAY_10, hours=()) == []


def test_slots_begin_when_the_order_is_ready_at_the_earliest() -> None:
    assert starts(paris("2026-11-23 10:30"))[0] == paris("2026-11-23 11:00")
    assert starts(paris("2026-11-23 10:31"))[0] == paris("2026-11-23 12:00")


def test_a_slot_that_would_end_after_the_close_is_not_offered() -> None:
    monday = [s for s in starts(MONDAY_10) if s < paris("2026-11-24 00:00")]

    assert monday[-1] == paris("2026-11-23 18:00")


def test_slots_are_offered_for_five_days() -> None:
    assert starts(MONDAY_10)[-1] == paris("2026-11-27 18:00")


def test_slots_stand_at_the_same_times_whenever_they_are_asked_for() -> None:
    early, late = starts(MONDAY_10), starts(MONDAY_10 + 30 * HOUR)

    assert set(late) & set(early) == {s for s in early if s >= late[0]}


def test_a_shop_open_past_midnight_has_slots_on_both_days() -> None:
    hours = (OpeningSpan(1, 1320, 1560),)  # Monday 22:00 to Tuesday 2:00.

    # The first hour prepares the order.
    assert starts(MONDAY_10, hours=hours) == [
        paris("2026-11-23 23:00") + number * HOUR for number in range(3)
    ]


def test_at_one_in_the_morning_the_evening_before_is_still_open() -> None:
    hours = (OpeningSpan(1, 1320, 1620),)  # Monday 22:00 to Tuesday 3:00.

    assert starts(paris("2026-11-24 00:30"), hours=hours)[0] == paris("2026-11-24 01:00")


def test_hours_that_overlap_give_each_slot_once() -> None:
    hours = (OpeningSpan(1, 600, 720), OpeningSpan(1, 660, 780))

    assert starts(paris("2026-11-23 08:00"), hours=hours) == [
        paris("2026-11-23 11:00"),
        paris("2026-11-23 12:00"),
    ]


def take(slot_id: str, now: datetime = MONDAY_10, slot: object = None) -> object:
    span = span_of(place(), counter(), slot_id, now)
    return taken(slot, span=span, point=counter(), slot_id=slot_id)  # type: ignore[arg-type]


NOON = slot_id_of("paris-counter", paris("2026-11-23 12:00"))
NOON_SPAN = (paris("2026-11-23 12:00"), paris("2026-11-23 13:00"))


def test_a_slot_nobody_has_taken_begins_with_one_order() -> None:
    slot = taken(None, span=NOON_SPAN, point=counter(), slot_id=NOON)

    assert (slot.start_time, slot.end_time) == (
        paris("2026-11-23 12:00"),
        paris("2026-11-23 13:00"),
    )
    assert (slot.taken_count, slot.left_count, slot.revision) == (1, 1, 1)


def test_a_full_slot_takes_no_other_order() -> None:
    one = taken(None, span=NOON_SPAN, point=counter(), slot_id=NOON)
    two = taken(one, span=NOON_SPAN, point=counter(), slot_id=NOON)

    with pytest.raises(SlotFullError):
        take(NOON, slot=two)


def test_what_was_given_back_can_be_taken_again() -> None:
    one = taken(None, span=NOON_SPAN, point=counter(), slot_id=NOON)
    two = taken(one, span=NOON_SPAN, point=counter(), slot_id=NOON)
    back = given_back(two)

    assert (back.taken_count, back.revision) == (1, 3)
    assert take(NOON, slot=back) == replace(two, revision=4)


def test_a_slot_is_never_given_back_more_often_than_taken() -> None:
    one = taken(None, span=NOON_SPAN, point=counter(), slot_id=NOON)

    with pytest.raises(ValueError):
        given_back(given_back(one))


def test_capacity_is_the_points_own_of_now() -> None:
    one = taken(None, span=NOON_SPAN, point=counter(), slot_id=NOON)
    smaller = counter(slot_capacity_count=1)

    with pytest.raises(SlotFullError):
        taken(one, span=NOON_SPAN, point=smaller, slot_id=NOON)


@pytest.mark.parametrize("start", ["2026-11-23 10:00", "2026-11-22 12:00", "2020-01-01 00:00"])
def test_a_slot_before_the_order_is_ready_is_past(start: str) -> None:
    with pytest.raises(SlotPastError):
        take(slot_id_of("paris-counter", paris(start)))


def test_a_slot_of_another_point_is_refused() -> None:
    with pytest.raises(InvalidSlotError):
        take(slot_id_of("lyon-counter", paris("2026-11-23 12:00")))


@pytest.mark.parametrize("start", ["2026-11-23 12:30", "2026-11-23 19:00", "2026-11-24 08:00"])
def test_a_start_at_which_no_slot_begins_is_refused(start: str) -> None:
    with pytest.raises(InvalidSlotError):
        take(slot_id_of("paris-counter", paris(start)))


@pytest.mark.parametrize("start", [MONDAY_10 + HORIZON, datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_a_slot_beyond_the_horizon_is_refused(start: datetime) -> None:
    with pytest.raises(InvalidSlotError):
        take(slot_id_of("paris-counter", start))


def test_every_slot_that_is_offered_can_be_taken() -> None:
    for start in starts(MONDAY_10):
        take(slot_id_of("paris-counter", start))


def test_a_slot_that_begins_when_the_order_is_ready_can_be_taken() -> None:
    take(slot_id_of("paris-counter", paris("2026-11-23 11:00")), paris("2026-11-23 10:30"))


@pytest.mark.parametrize(
    ("day", "opens", "closes", "begin", "end"),
    [
        # 02:30 does not exist: as an opening it is after the change, as a close before it.
        ("2026-03-29", 150, 360, "2026-03-29T03:30+02:00", "2026-03-29T06:00+02:00"),
        ("2026-03-29", 0, 150, "2026-03-29T00:00+01:00", "2026-03-29T01:30+01:00"),
        # 02:30 is twice: as an opening it is the second time, as a close the first.
        ("2026-10-25", 150, 360, "2026-10-25T02:30+01:00", "2026-10-25T06:00+01:00"),
        ("2026-10-25", 0, 150, "2026-10-25T00:00+02:00", "2026-10-25T02:30+02:00"),
        # An hour less and an hour more in between.
        ("2026-03-29", 0, 360, "2026-03-29T00:00+01:00", "2026-03-29T06:00+02:00"),
        ("2026-10-25", 0, 360, "2026-10-25T00:00+02:00", "2026-10-25T06:00+01:00"),
    ],
)
def test_when_clocks_change_the_later_reading_opens_and_the_earlier_closes(
    day: str, opens: int, closes: int, begin: str, end: str
) -> None:
    since = datetime.fromisoformat(f"{day}T00:00+00:00") - 12 * HOUR
    hours = (OpeningSpan(7, opens, closes),)

    assert list(openings(hours, time_zone="Europe/Paris", since=since, days=1)) == [
        (datetime.fromisoformat(begin), datetime.fromisoformat(end))
    ]


def test_an_order_is_kept_to_the_close_of_the_third_opening_day_after() -> None:
    friday_slot_end = paris("2026-11-27 13:00")

    # Saturday, Monday, Tuesday: Sunday is no opening day.
    assert collect_by(place(), friday_slot_end) == paris("2026-12-01 19:30")


def test_the_last_close_of_the_third_day_counts() -> None:
    hours = tuple(
        OpeningSpan(day, opens, closes)
        for day in range(1, 8)
        for opens, closes in ((540, 720), (840, 1080))
    )

    assert collect_by(place(hours=hours), paris("2026-11-23 11:00")) == paris("2026-11-26 18:00")


def test_a_slot_that_ends_at_midnight_is_of_the_day_before() -> None:
    hours = tuple(OpeningSpan(day, 0, 1440) for day in range(1, 8))

    assert collect_by(place(hours=hours), paris("2026-11-24 00:00")) == paris("2026-11-27 00:00")


def test_a_shop_without_hours_keeps_orders_for_three_days() -> None:
    end = paris("2026-11-23 13:00")

    assert collect_by(place(hours=()), end) == end + timedelta(days=3)
