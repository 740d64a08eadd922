"""Waits for what another process will do: asks again, for a bounded time."""

import asyncio
from collections.abc import Awaitable, Callable

ASK_AGAIN_S = 0.02


async def until(holds: Callable[[], Awaitable[bool]], *, timeout_s: float = 30) -> None:
    """Return once `holds()`. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110 (no event reaches us from another process)
            await asyncio.sleep(ASK_AGAIN_S)
