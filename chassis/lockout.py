"""Slows down whoever guesses a secret, however many guesses come at once. Pure.

A guess is counted before it is checked, in a write of its own: of a hundred sent at
once no more are looked at than of a hundred in a row. The right secret counts back.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chassis.errors import AppError, Kind

FREE_COUNT = 5
DELAY_MIN = timedelta(seconds=30)
DELAY_MAX = timedelta(minutes=15)
PLACE_BYTES = 2
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# Waiting so long for five guesses without a delay gets nobody further than guessing on:
# that is one in DELAY_MAX.
FORGOTTEN_AFTER = timedelta(days=30)


class TooManyAttemptsError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The guesses at one secret since the last right one.

    Attributes:
        key: Whose secret. Kept whether or not there is such a one, or its
            absence would tell.
        failed_count: Those that were wrong or are being looked at.
        closed_until: Until when none is looked at.
    """

    key: str
    failed_count: int = 0
    closed_until: datetime = LONG_AGO

    def checked(self, now: datetime) -> "Attempts":
        """Itself. Raises TooManyAttemptsError while no guess is looked at."""
        if now < self.closed_until:
            raise TooManyAttemptsError(
                "too many attempts: wait before the next",
                retry_after_s=(self.closed_until - now).total_seconds(),
            )
        return self

    def failed(self, now: datetime) -> "Attempts":
        """With one more guess counted. Write it before looking at the guess."""
        failed_count = self.failed_count + 1
        return replace(self, failed_count=failed_count, closed_until=now + delay(failed_count))

    @property
    def forget_time(self) -> datetime:
        """From when on they slow nobody down; of none, at once."""
        return self.closed_until + FORGOTTEN_AFTER

    def succeeded(self) -> "Attempts":
        return Attempts(key=self.key)


class Allowance(NamedTuple):
    """How many wrong guesses are taken in how long."""

    count_max: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongGuesses:
    """How many wrong guesses came from one source, at whatever secrets, since `begin_time`.

    What slows down whoever tries one guess at each of many secrets. Counted after the look,
    so that those who guess right write nothing here; as many more are looked at as there are
    calls at once.
    """

    key: str
    begin_time: datetime
    count: int = 0

    def checked(self, allowance: Allowance, now: datetime) -> "WrongGuesses":
        """Itself. Raises TooManyAttemptsError when the allowance is used up."""
        end = self.begin_time + allowance.window
        if self.count >= allowance.count_max and now < end:
            raise TooManyAttemptsError(
                "too many attempts: wait before the next",
                retry_after_s=(end - now).total_seconds(),
            )
        return self

    @property
    def forget_time(self) -> datetime:
        """From when on no allowance asks for them."""
        return self.begin_time + FORGOTTEN_AFTER

    def wrong(self, allowance: Allowance, now: datetime) -> "WrongGuesses":
        """With one more."""
        if now - self.begin_time >= allowance.window:
            return WrongGuesses(key=self.key, begin_time=now, count=1)
        return replace(self, count=self.count + 1)


def place_of(kind: str, name: str) -> str:
    """Where guesses at this secret are counted: one of 65,536 places, a few names in each.

    For secrets whose right one always passes: anybody may make names up, a place for each
    would fill the database, and sharing one harms nobody.
    """
    return f"{kind} {hashlib.sha256(name.encode()).digest()[:PLACE_BYTES].hex()}"


def delay(failed_count: int) -> timedelta:
    """How long to wait after so many in a row: 30 s from the fifth on, doubling to 15 min."""
    if failed_count < FREE_COUNT:
        return timedelta(0)
    # The exponent is bounded too: a million guesses must not make a number of a million bits.
    doublings = min(failed_count - FREE_COUNT, 10)
    return min(DELAY_MIN * (1 << doublings), DELAY_MAX)
