"""How long a service's event log is kept, and who forgets what is older. Knows no engine."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Protocol

from chassis.clock import Clock
from chassis.config import ConfigError
from chassis.errors import AppError

# Who asks which sessions have ended looks this far back, and more: a shorter log would let
# revoked tokens in. And nobody whose consumer stops for a moment should need a snapshot.
KEPT_MIN = timedelta(hours=1)
LOOK_S = 60.0
# Documents of one deletion, which holds no lock for long: each may hold the events of hundreds
# of writes, and all of them are read for it. And of one look, so that a log that was
# never trimmed does not take the engine from those who are served: a hundred thousand a
# minute are more than a sequencer moves.
TRIMMED_AT_ONCE_MAX = 100
ROUNDS_MAX = 1000
PAUSE_S = 0.02

log = logging.getLogger(__name__)


class Trimmable(Protocol):
    async def trim(self, before: datetime, limit: int) -> int:
        """As `MemoryLog.trim`."""


def kept_for(retention_s: float) -> timedelta:
    """How long events are kept. Raises ConfigError for less than KEPT_MIN."""
    if not KEPT_MIN.total_seconds() <= retention_s <= timedelta.max.total_seconds():
        least_s = round(KEPT_MIN.total_seconds())
        raise ConfigError(f"LOG_RETENTION_S must be {least_s} seconds or more, not {retention_s}")
    return timedelta(seconds=retention_s)


async def trim(
    events: Trimmable,
    *,
    before: datetime,
    at_once_max: int = TRIMMED_AT_ONCE_MAX,
    rounds_max: int = ROUNDS_MAX,
) -> int:
    """Forget what happened before `before`, in bounded steps; answers how much.

    Any replica may, several at once too: what is forgotten is forgotten from the oldest on.
    """
    gone_count = 0
    for _ in range(rounds_max):
        gone = await events.trim(before, at_once_max)
        gone_count += gone
        if gone < at_once_max:
            break
        await asyncio.sleep(PAUSE_S)
    return gone_count


async def keep_trimmed(events: Trimmable, *, kept: timedelta, clock: Clock) -> None:
    """Until cancelled, through every absence of the engine."""
    while True:
        try:
            await trim(events, before=clock() - kept)
        except AppError as error:
            log.warning("the event log is not trimmed now: %s", error.reason)
        await asyncio.sleep(LOOK_S)
