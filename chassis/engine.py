"""Whether a MongoDB is fit for the house, and takes writes now."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pymongo.errors import OperationFailure

from chassis.clock import utc_now
from chassis.errors import AppError, Kind
from chassis.mongo import Database, DatabaseUnavailableError

log = logging.getLogger(__name__)

# A process killed inside a transaction locks its rows for so long.
TRANSACTION_LIFETIME_S_MAX = 3
UNAUTHORIZED_CODE = 13


class UnfitEngineError(Exception):
    """The engine answers, but cannot keep what this house promises."""


async def check_engine(database: Database) -> None:
    """Raises UnfitEngineError without transactions, or where they may lie about for long."""
    if "setName" not in await database.admin("hello"):
        raise UnfitEngineError("MongoDB runs without a replica set, so it has no transactions")
    name = "transactionLifetimeLimitSeconds"
    try:
        answer = await database.admin("getParameter", **{name: 1})
    except OperationFailure as error:
        if error.code != UNAUTHORIZED_CODE:
            raise
        log.warning("%s cannot be read with these credentials: see that it is 3 or less", name)
        return
    if answer[name] > TRANSACTION_LIFETIME_S_MAX:
        raise UnfitEngineError(
            f"{name} is {answer[name]}, so a process killed in a transaction locks its rows"
            f" for so long: set it to {TRANSACTION_LIFETIME_S_MAX} or less"
        )


class ClockJumpedError(AppError):
    kind, reason = Kind.UNAVAILABLE, "CLOCK_JUMPED"


JUMP_MAX = timedelta(seconds=1)


class EngineClock:
    """The time of the engine's primary, which is the same for every replica of a service.

    A server's own clock may be days off; a hold that has lapsed to it alone would be lent
    again while its owner still counts on it. Between two readings the monotonic clock
    carries on, so that whoever sets this machine's clock changes nothing here.
    """

    def __init__(self, *, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._read_s = monotonic_s()
        self._read_time = utc_now()
        self._is_read = False

    def __call__(self) -> datetime:
        now = self._read_time + timedelta(seconds=self._monotonic_s() - self._read_s)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    async def read(self, database: Database) -> None:
        """Ask the primary. Raises ClockJumpedError, once, where its time is not what we had."""
        asked_s = self._monotonic_s()
        told: datetime = (await database.admin("hello"))["localTime"]
        answered = told.replace(tzinfo=UTC)  # It is, but answers to commands do not say so.
        # Half of the way is the engine's answer, half of it the way back.
        middle_s = (asked_s + self._monotonic_s()) / 2
        expected = self._read_time + timedelta(seconds=middle_s - self._read_s)
        jumped = self._is_read and abs(answered - expected) > JUMP_MAX
        self._read_s, self._read_time, self._is_read = middle_s, answered, True
        if jumped:
            raise ClockJumpedError(
                "the engine's time is not what it was: not serving until the next look"
            )


async def check_writable(database: Database) -> None:
    """Raises DatabaseUnavailableError while no member of the replica set takes writes."""
    if not (await database.admin("hello")).get("isWritablePrimary"):
        raise DatabaseUnavailableError("no member of the replica set takes writes")
