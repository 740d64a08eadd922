"""The time of the engine's primary: one for all, whatever a server's own clock says."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.engine import ClockJumpedError, EngineClock
from chassis.mongo import Database

SECOND = timedelta(seconds=1)


class Monotonic:
    """A server's count of seconds, which the test moves."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def test_it_is_the_engines_time_carried_on_by_the_monotonic_clock(
    database: Database,
) -> None:
    monotonic = Monotonic()
    clock = EngineClock(monotonic_s=monotonic)
    await clock.read(database)
    answered = await time_of(database)

    assert abs(clock() - answered) < SECOND
    before = clock()
    monotonic.now_s += 90
    assert clock() - before == 90 * SECOND


async def test_a_jump_is_said_once_and_then_lived_with(database: Database) -> None:
    monotonic = Monotonic()
    clock = EngineClock(monotonic_s=monotonic)
    await clock.read(database)
    monotonic.now_s += 3600  # To us an hour has passed, to the engine none.

    with pytest.raises(ClockJumpedError):
        await clock.read(database)
    await clock.read(database)

    answered = await time_of(database)
    assert abs(clock() - answered) < SECOND


async def time_of(database: Database) -> datetime:
    told: datetime = (await database.admin("hello"))["localTime"]
    return told.replace(tzinfo=UTC)
