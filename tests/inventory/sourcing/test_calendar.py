"""When a location is open and when parcels leave it, clocks changed or not."""

from datetime import UTC, datetime, timedelta

import pytest

from services.inventory.location.domain import Address, Location, LocationKind, OpeningHours
from services.inventory.sourcing.calendar import departure, worked

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)  # A Friday, 13:00 in Paris.
HOUR = timedelta(hours=1)


def location(*hours: tuple[int, int, int], zone: str = "Europe/Paris") -> Location:
    return Location(
        location_id="lyon",
        kind=LocationKind.SHOP,
        name="Lyon",
        address=Address(country="FR"),
        coordinates=None,
        time_zone=zone,
        opening_hours=tuple(
            OpeningHours(weekday=day, opens_minute=opens * 60, closes_minute=closes * 60)
            for day, opens, closes in hours
        ),
    )


def paris(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+01:00")


WEEK = location(*((day, 10, 19) for day in range(1, 7)))
WAREHOUSE = location()


@pytest.mark.parametrize(
    ("since", "hours", "done"),
    [
        ("2026-01-02T13:00", 2, "2026-01-02T15:00"),
        ("2026-01-02T08:00", 0, "2026-01-02T10:00"),
        ("2026-01-02T18:00", 1, "2026-01-02T19:00"),
        ("2026-01-02T18:00", 3, "2026-01-03T12:00"),
        ("2026-01-03T18:00", 3, "2026-01-05T12:00"),  # Not on Sunday.
        ("2026-01-02T19:00", 0, "2026-01-03T10:00"),  # It has just closed.
    ],
)
def test_work_goes_on_while_the_location_is_open(since: str, hours: int, done: str) -> None:
    assert worked(WEEK, paris(since), hours * HOUR, closed_dates=()) == paris(done)


def test_nobody_works_on_a_closed_day() -> None:
    closed = ("2026-01-03", "2026-01-05")
    done = worked(WEEK, paris("2026-01-02T18:00"), 3 * HOUR, closed_dates=closed)
    assert done == paris("2026-01-06T12:00")


def test_without_hours_work_goes_round_the_clock_but_on_closed_days() -> None:
    since = paris("2026-01-02T23:00")
    assert worked(WAREHOUSE, since, 2 * HOUR, closed_dates=()) == paris("2026-01-03T01:00")
    done = worked(WAREHOUSE, since, 2 * HOUR, closed_dates=("2026-01-03",))
    assert done == paris("2026-01-04T01:00")


def test_what_never_opens_is_never_done() -> None:
    days = tuple((datetime(2026, 1, 1) + timedelta(days=n)).date().isoformat() for n in range(70))
    assert worked(WEEK, NOW, HOUR, closed_dates=days) is None


@pytest.mark.parametrize(
    ("ready", "leaves"),
    [
        ("2026-01-02T09:59", "2026-01-02T10:00"),
        ("2026-01-02T10:00", "2026-01-02T10:00"),
        ("2026-01-02T10:01", "2026-01-02T16:00"),
        ("2026-01-02T16:01", "2026-01-05T10:00"),  # Not at the weekend.
    ],
)
def test_a_parcel_leaves_at_the_next_cut_off_of_a_day_on_which_it_runs(
    ready: str, leaves: str
) -> None:
    left = departure(
        WAREHOUSE, paris(ready), cut_offs=(600, 960), weekdays=(1, 2, 3, 4, 5), closed_dates=()
    )
    assert left == paris(leaves)


def test_nothing_leaves_on_a_closed_day() -> None:
    left = departure(
        WAREHOUSE, NOW, cut_offs=(600,), weekdays=(), closed_dates=("2026-01-03", "2026-01-04")
    )
    assert left == paris("2026-01-05T10:00")


def test_without_a_cut_off_it_leaves_when_packed_or_with_the_first_who_are_there() -> None:
    def leaves(ready: str) -> datetime | None:
        weekdays = (1, 2, 3, 4, 5)
        return departure(WEEK, paris(ready), cut_offs=(), weekdays=weekdays, closed_dates=())

    assert leaves("2026-01-02T15:30") == paris("2026-01-02T15:30")
    assert leaves("2026-01-03T15:30") == paris("2026-01-05T10:00")


def test_nothing_leaves_before_it_is_packed_in_a_night_that_began_the_day_before() -> None:
    night = location(*((day, 22, 30) for day in range(1, 8)))
    ready = paris("2026-01-03T02:00")  # In the night from Friday; nothing leaves on Saturday.
    left = departure(night, ready, cut_offs=(), weekdays=(5,), closed_dates=())
    assert left == paris("2026-01-09T22:00")


def test_a_cut_off_is_of_the_sources_own_zone() -> None:
    there = location(zone="America/Montreal")
    left = departure(there, NOW, cut_offs=(600,), weekdays=(), closed_dates=())
    assert left == datetime(2026, 1, 2, 15, tzinfo=UTC)


def test_a_door_opens_at_the_later_reading_of_an_hour_that_comes_twice() -> None:
    night = location((7, 2, 5))  # On 25 October 2026 Paris has 02:00 at 00:00 and 01:00 UTC.
    since = datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert worked(night, since, timedelta(0), closed_dates=()) == datetime(
        2026, 10, 25, 1, tzinfo=UTC
    )


def test_a_parcel_leaves_at_the_earlier_reading_of_an_hour_that_comes_twice() -> None:
    since = datetime(2026, 10, 24, 22, tzinfo=UTC)
    left = departure(WAREHOUSE, since, cut_offs=(150,), weekdays=(), closed_dates=())
    assert left == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_of_cut_offs_that_a_change_of_clocks_turns_round_the_earlier_is_the_next() -> None:
    """On 29 March 2026 there is no 02:30 in Paris: read early it is half an hour before 02:00."""
    since = datetime(2026, 3, 29, 0, 15, tzinfo=UTC)
    left = departure(WAREHOUSE, since, cut_offs=(105, 150), weekdays=(), closed_dates=())
    assert left == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
