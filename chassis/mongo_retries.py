"""When a transaction is tried again, and until when. Knows no client."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from chassis.mongo_drivers import Session
from chassis.mongo_errors import UNKNOWN_COMMIT, ContendedError

T = TypeVar("T")

PAUSE_FIRST_S = 0.005
PAUSE_MAX_S = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """When a transaction's time is up, and until when it lets others go first (monotonic)."""

    ends_s: float
    patience_ends_s: float

    @classmethod
    def of(cls, timeout_s: float, patience_s: float | None) -> "Limits":
        now_s = time.monotonic()
        patience_s = timeout_s if patience_s is None else min(patience_s, timeout_s)
        return cls(now_s + timeout_s, now_s + patience_s)


async def committed_once(
    work: Callable[[Session], Awaitable[T]], session: Session, deadline_s: float
) -> T:
    """The result of `work`, whose transaction has begun, once it is committed."""
    try:
        result = await work(session)
    except BaseException:
        await session.abort_transaction()
        raise
    # The commit alone: it may have happened, and then `work` must not run again.
    await retried(session.commit_transaction, UNKNOWN_COMMIT, deadline_s)
    return result


async def retried(attempt: Callable[[], Awaitable[T]], label: str, deadline_s: float) -> T:
    """Try again, after a pause with jitter, while errors carry `label` and there is time.

    An engine that is away carries the label of contention too, but is not waited for.
    """
    pause_s = PAUSE_FIRST_S
    while True:
        try:
            return await attempt()
        except (PyMongoError, ContendedError) as error:
            if not worth_another(error, label) or time.monotonic() + pause_s > deadline_s:
                raise
        await asyncio.sleep(random.uniform(0, pause_s))
        pause_s = min(2 * pause_s, PAUSE_MAX_S)


def worth_another(error: PyMongoError | ContendedError, label: str) -> bool:
    if isinstance(error, ContendedError):
        return True
    return error.has_error_label(label) and not isinstance(error, ServerSelectionTimeoutError)
