"""Gauges of what is counted now and then in the background. Knows nothing of what that is."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

from chassis.errors import AppError

# What is not known is not 0, which would be the best of news.
UNKNOWN = math.nan

log = logging.getLogger(__name__)


async def keep_current(
    look: Callable[[], Awaitable[None]], forget: Callable[[], None], *, what: str, every_s: float
) -> None:
    """Look every `every_s`, until cancelled; forget what was seen while the engine is away."""
    while True:
        try:
            await look()
        except AppError as error:
            log.warning("%s cannot be counted: %s", what, error.reason)
            forget()
        await asyncio.sleep(every_s)
