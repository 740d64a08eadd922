"""Tasks that a service runs for as long as it serves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

RESTART_S = 1.0
CANCEL_AGAIN_S = 5.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def background() -> AsyncIterator[set[asyncio.Task[None]]]:
    """Tasks that live as long as the block and are cancelled with it."""
    tasks: set[asyncio.Task[None]] = set()
    try:
        yield tasks
    finally:
        await ended(tasks)


async def ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """None of them goes on. One that missed its cancellation (see `give_way`) gets another."""
    all_tasks = set(tasks)
    left = all_tasks
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
    await asyncio.gather(*all_tasks, return_exceptions=True)


def give_way() -> None:
    """Raises CancelledError if this task was cancelled and has not heard of it.

    `asyncio.wait_for` of Python 3.11 drops a cancellation that comes as what it waits for is
    done (python/cpython#86296), and redis-py sends each command by it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


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
