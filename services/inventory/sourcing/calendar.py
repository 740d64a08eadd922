"""When a location is open and when parcels leave it: local and weekly, as real instants. Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from services.inventory.location.domain import DAY_MIN, Location, OpeningHours

Span: TypeAlias = tuple[datetime, datetime]

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# How far it is looked: what is not open by then serves nobody who waits.
HORIZON_DAYS = 60
# A span closes at most two midnights after the day it began on.
DAYS_BEFORE = 2
WHOLE_DAYS = tuple(
    OpeningHours(weekday=weekday, opens_minute=0, closes_minute=DAY_MIN) for weekday in range(1, 8)
)


def worked(
    location: Location, since: datetime, work: timedelta, *, closed_dates: Collection[str]
) -> datetime | None:
    """When the location has been open for `work` from `since` on; None beyond the horizon.

    Without `work` it is the first instant at which it is open. Whoever has no opening hours
    is there round the clock, but for the days on which it is closed.
    """
    if not location.opening_hours and not closed_dates:
        return since + work
    for begins, ends in open_spans(location, since, closed_dates=closed_dates):
        begins = max(begins, since)
        if begins + work <= ends:
            return begins + work
        work -= ends - begins
    return None


def departure(
    location: Location,
    ready: datetime,
    *,
    cut_offs: Sequence[int],
    weekdays: Collection[int],
    closed_dates: Collection[str],
) -> datetime | None:
    """When what is packed at `ready` leaves; None beyond the horizon."""
    zone = ZoneInfo(location.time_zone)
    if cut_offs:
        leaving = cut_off_instants(zone, ready, cut_offs, weekdays, closed_dates)
        return next((instant for instant in leaving if instant >= ready), None)
    if runs(local_day(ready, zone), weekdays, closed_dates):
        return ready
    # Not today: with the first who are there on a day on which something leaves.
    for begins, _ in open_spans(location, ready, closed_dates=closed_dates):
        if begins >= ready and runs(local_day(begins, zone), weekdays, closed_dates):
            return begins
    return None


def cut_off_instants(
    zone: ZoneInfo,
    since: datetime,
    cut_offs: Sequence[int],
    weekdays: Collection[int],
    closed_dates: Collection[str],
) -> Iterator[datetime]:
    """Those of the local day of `since` and of the days after it, in order.

    Of the two readings of a local time at a change of clocks the earlier: nobody is promised a
    departure that has left.
    """
    first = local_day(since, zone)
    for number in range(HORIZON_DAYS + 1):
        day = first + number * DAY
        if runs(day, weekdays, closed_dates):
            midnight = datetime.combine(day, time.min)
            # Of a local time that there is not that day the earlier reading lies before others.
            yield from sorted(min(readings(midnight + m * MINUTE, zone)) for m in cut_offs)


def open_spans(
    location: Location, since: datetime, *, closed_dates: Collection[str]
) -> Iterator[Span]:
    """The spans that end after `since`, up to the horizon, in order, none over another."""
    zone, shut = ZoneInfo(location.time_zone), datetime.min.replace(tzinfo=UTC)
    first = local_day(since, zone) - DAYS_BEFORE * DAY
    hours = location.opening_hours or WHOLE_DAYS
    for number in range(DAYS_BEFORE + HORIZON_DAYS + 1):
        day = first + number * DAY
        if day.isoformat() in closed_dates:
            continue
        for begins, ends in spans_of(hours, zone, day):
            begins, shut = max(begins, shut), max(ends, shut)
            if max(begins, since) < ends:
                yield begins, ends


def spans_of(hours: Sequence[OpeningHours], zone: ZoneInfo, day: date) -> list[Span]:
    """The spans that begin on the local `day`, in UTC.

    Where clocks change a local time has two readings, or none and two that are near. The later
    one opens and the earlier one closes: then nobody is sent to a door that is shut.
    """
    midnight = datetime.combine(day, time.min)
    of_day = (span for span in hours if span.weekday == day.isoweekday())
    spans = (
        (
            max(readings(midnight + span.opens_minute * MINUTE, zone)),
            min(readings(midnight + span.closes_minute * MINUTE, zone)),
        )
        for span in sorted(of_day, key=lambda span: span.opens_minute)
    )
    return [(opens, closes) for opens, closes in spans if opens < closes]


def runs(day: date, weekdays: Collection[int], closed_dates: Collection[str]) -> bool:
    on_weekday = not weekdays or day.isoweekday() in weekdays
    return on_weekday and day.isoformat() not in closed_dates


def readings(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants that a clock of `zone` that shows `local` may mean; the same but for changes."""
    aware = local.replace(tzinfo=zone)
    return aware.astimezone(UTC), aware.replace(fold=1).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
