"""The algebra of opening hours, over random weeks in zones whose clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.point.domain import (
    HORIZON,
    Place,
    Point,
    collect_by,
    ready_time,
    slot_id_of,
    span_of,
    spans,
)
from services.collect.point.hours import MINUTE, OpeningSpan, openings, whole_minute
from tests.collect.shops import counter, place

DAY = timedelta(days=1)
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe")
# Nights in which the clocks of one of the zones change, either way.
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
)


@st.composite
def weeks(draw: st.DrawFn) -> tuple[OpeningSpan, ...]:
    """Any hours at all, those that overlap or end a day later too.

    Often such that begin or end in the hours in which clocks change, on Sundays.
    """
    minutes, days = st.integers(0, 1439), st.integers(1, 7)
    found = []
    for _ in range(draw(st.integers(0, 6))):
        opens = draw(minutes)
        found.append(OpeningSpan(draw(days), opens, draw(st.integers(opens + 1, 2880))))
    for _ in range(draw(st.integers(0, 2))):
        opens = draw(st.integers(60, 200))
        found.append(OpeningSpan(7, opens, opens + draw(st.integers(20, 300))))
    for _ in range(draw(st.integers(0, 2))):
        found.append(OpeningSpan(7, draw(st.integers(0, 60)), draw(st.integers(90, 200))))
    return tuple(found)


def instants() -> st.SearchStrategy[datetime]:
    """Around changes of clocks, to the millisecond."""
    milliseconds = st.integers(-5 * 86_400_000, 2 * 86_400_000)
    return st.builds(
        lambda change, ms: change + timedelta(milliseconds=ms),
        st.sampled_from(CHANGES),
        milliseconds,
    )


places = st.builds(
    lambda hours, zone: place(hours=hours, time_zone=zone), weeks(), st.sampled_from(ZONES)
)
points = st.builds(
    lambda slot, preparation: counter(slot_minutes=slot, preparation_minutes=preparation),
    st.integers(15, 240),
    st.integers(1, 1440),
)


def is_open(at: Place, instant: datetime) -> bool:
    """By the clock on the wall of the shop, and nothing else."""
    wall = instant.astimezone(ZoneInfo(at.time_zone))
    minute = wall.hour * 60 + wall.minute
    for days_before in range(3):
        weekday = (wall.date() - days_before * DAY).isoweekday()
        since = minute + days_before * 1440
        for hours in at.opening_hours:
            if hours.weekday == weekday and hours.opens_minute <= since < hours.closes_minute:
                return True
    return False


def has_change(at: Place, begin: datetime, end: datetime) -> bool:
    zone = ZoneInfo(at.time_zone)
    # Local dates reach a day beyond, and spans two more.
    offsets = {
        (begin + number * DAY).astimezone(zone).utcoffset()
        for number in range(-4, (end - begin) // DAY + 5)
    }
    return len(offsets) > 1


def minutes_between(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + number * MINUTE for number in range((end - begin) // MINUTE)]


@settings(deadline=None)
@given(at=places, point=points, now=instants())
def test_every_slot_lies_within_opening_hours(at: Place, point: Point, now: datetime) -> None:
    for start, end in spans(at, point, now):
        assert all(is_open(at, minute) for minute in minutes_between(start, end)[::7])
        assert is_open(at, end - MINUTE)


@settings(deadline=None)
@given(at=places, change=st.sampled_from(CHANGES))
def test_nobody_is_sent_to_a_shut_door_when_clocks_change(at: Place, change: datetime) -> None:
    since = change - timedelta(hours=6)
    found = openings(at.opening_hours, time_zone=at.time_zone, since=since, days=1)

    for opens, closes in found:
        night = minutes_between(max(opens, since), min(closes, change + timedelta(hours=6)))
        assert all(is_open(at, minute) for minute in night)


@settings(deadline=None)
@given(at=places, point=points, now=instants())
def test_slots_are_in_order_and_none_overlaps(at: Place, point: Point, now: datetime) -> None:
    found = spans(at, point, now)

    assert all(end - start == point.slot_minutes * MINUTE for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))


@settings(deadline=None)
@given(at=places, point=points, now=instants())
def test_no_slot_begins_before_the_order_is_ready_or_beyond_the_horizon(
    at: Place, point: Point, now: datetime
) -> None:
    ready = ready_time(at, point, now)

    for start, _ in spans(at, point, now):
        assert ready is not None and now < ready <= start < now + HORIZON


@settings(deadline=None)
@given(at=places, point=points, now=instants())
def test_preparation_counts_open_minutes_alone(at: Place, point: Point, now: datetime) -> None:
    ready = ready_time(at, point, now)

    if ready is not None and ready - now < 10 * DAY:
        begun = whole_minute(now)
        spent = [m for m in minutes_between(begun, ready) if is_open(at, m)]
        # A night in which clocks change may lose what cannot be known to be open.
        assert len(spent) >= point.preparation_minutes
        if not has_change(at, begun, ready):
            assert len(spent) == point.preparation_minutes


@settings(deadline=None)
@given(at=places, now=instants())
def test_openings_are_the_open_minutes_where_clocks_stand(at: Place, now: datetime) -> None:
    begin = now.replace(second=0, microsecond=0)
    end = begin + DAY
    found = list(openings(at.opening_hours, time_zone=at.time_zone, since=begin, days=3))

    for minute in minutes_between(begin, end)[::11]:
        if not has_change(at, begin, end):
            covered = any(opens <= minute < closes for opens, closes in found)
            assert covered == is_open(at, minute)


@settings(deadline=None)
@given(at=places, now=instants())
def test_openings_do_not_overlap(at: Place, now: datetime) -> None:
    found = list(openings(at.opening_hours, time_zone=at.time_zone, since=now, days=9))

    assert all(opens < closes for opens, closes in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    assert all(closes > now for _, closes in found)


@settings(deadline=None)
@given(at=places, point=points, now=instants(), later_minutes=st.integers(0, 3 * 1440))
def test_slots_do_not_move_as_time_goes_by(
    at: Place, point: Point, now: datetime, later_minutes: int
) -> None:
    later = now + later_minutes * MINUTE
    before, after = spans(at, point, now), spans(at, point, later)

    ready = ready_time(at, point, later)
    assert [s for s in before if ready and s[0] >= ready] == [
        s for s in after if s[0] < now + HORIZON
    ]


@settings(deadline=None)
@given(at=places, point=points, now=instants())
def test_what_is_offered_can_be_taken(at: Place, point: Point, now: datetime) -> None:
    for start, end in spans(at, point, now)[::9]:
        slot_id = slot_id_of(point.point_id, start)
        assert span_of(at, point, slot_id, now) == (start, end)


@settings(deadline=None)
@given(at=places, end=instants())
def test_an_order_is_kept_until_a_close_or_for_three_days(at: Place, end: datetime) -> None:
    until = collect_by(at, end)

    assert until > end
    if until != end + 3 * DAY:
        found = openings(at.opening_hours, time_zone=at.time_zone, since=end, days=32)
        assert until in [closes for _, closes in found]
