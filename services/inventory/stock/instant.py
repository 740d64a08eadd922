"""The instant that a question is about: now, or ahead. Pure."""

from datetime import datetime, timedelta

from chassis.errors import AppError, Kind, Violation

# How far behind ours a caller's clock may be: then it asks for now.
CLOCKS_APART = timedelta(minutes=5)


class InvalidAtTimeError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_AT_TIME"


def check_at_time(at: datetime, now: datetime, *, ahead_max: timedelta) -> datetime:
    """When it is asked for, never before `now`. Raises InvalidAtTimeError."""
    if not now - CLOCKS_APART <= at <= now + ahead_max:
        raise invalid_at_time(f"not in the past, at most {ahead_max.days} days ahead")
    return max(at, now)


def invalid_at_time(rule: str = "a time of the years 1 to 9999") -> InvalidAtTimeError:
    violation = Violation("at_time", rule)
    return InvalidAtTimeError("at_time is not as it must be", violations=(violation,))
