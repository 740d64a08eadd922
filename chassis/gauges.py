"""Gauges of what is counted now and then in the background."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

from chassis.errors import AppError

# What is not known is not 0, which would be the best of news.
UNKNOWN = math.nan

log = logging.getLogger(__name__)


async def keep_current(
    look: Callable[[], Awaitable[None]], forget: Callable[[], None], *, every_s: float
) -> None:
    """Look every `every_s`, until cancelled; forget what was seen when looking fails."""
    while True:
        try:
            await look()
        except AppError as error:
            log.warning("what waits cannot be counted: %s", error.reason)
            forget()
        await asyncio.sleep(every_s)
