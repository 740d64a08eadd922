"""Tasks that a service runs for as long as it serves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

RESTART_S = 1.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def background() -> AsyncIterator[set[asyncio.Task[None]]]:
    """Tasks that live as long as the block and are cancelled with it."""
    tasks: set[asyncio.Task[None]] = set()
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def forever(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A background task that fails is a bug: it is logged and begun again, not mourned."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("a background task is begun again")
        await asyncio.sleep(RESTART_S)


async def every(pause_s: float, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(pause_s)
        await work()
