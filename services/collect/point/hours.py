"""Opening hours, which are local and weekly, as spans of real time. Pure; knows no point."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

Span: TypeAlias = tuple[datetime, datetime]

MINUTE = timedelta(minutes=1)
# A span closes at most two midnights after the day it began on.
DAYS_BEFORE = 2


@dataclass(frozen=True, slots=True)
class OpeningSpan:
    """Open every week from the ISO `weekday` (1 is Monday), in minutes after local midnight.

    `closes_minute` may be beyond 1440: then it closes on another day.
    """

    weekday: int
    opens_minute: int
    closes_minute: int


def openings(
    hours: tuple[OpeningSpan, ...], *, time_zone: str, since: datetime, days: int
) -> Iterator[Span]:
    """The spans that end after `since`, for `days` days, in UTC: in order, none over another."""
    zone, shut = ZoneInfo(time_zone), datetime.min.replace(tzinfo=UTC)
    first = local_day(since, time_zone) - timedelta(days=DAYS_BEFORE)
    for number in range(DAYS_BEFORE + days + 1):
        for opens, closes in openings_of(hours, zone, first + timedelta(days=number)):
            begins, shut = max(opens, shut), max(closes, shut)
            if max(begins, since) < closes:
                yield begins, closes


def openings_of(hours: tuple[OpeningSpan, ...], zone: ZoneInfo, day: date) -> list[Span]:
    """The spans that begin on the local `day`, in UTC.

    Where clocks change, a local time has two readings, or none and two that are
    near. The later one opens and the earlier one closes: then nobody is sent to
    a door that is shut.
    """
    midnight = datetime.combine(day, time.min)
    found = []
    for span in sorted(hours, key=lambda span: span.opens_minute):
        if span.weekday == day.isoweekday():
            opens = max(readings(midnight + span.opens_minute * MINUTE, zone))
            closes = min(readings(midnight + span.closes_minute * MINUTE, zone))
            if opens < closes:
                found.append((opens, closes))
    return found


def readings(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants that a clock of `zone` that shows `local` may mean; the same but for changes."""
    aware = local.replace(tzinfo=zone)
    return aware.astimezone(UTC), aware.replace(fold=1).astimezone(UTC)


def local_day(instant: datetime, time_zone: str) -> date:
    return instant.astimezone(ZoneInfo(time_zone)).date()


def whole_minute(instant: datetime) -> datetime:
    """`instant` if it is a whole minute, else the next one."""
    begun = instant.replace(second=0, microsecond=0)
    return begun if begun == instant else begun + MINUTE
