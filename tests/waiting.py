"""Waits for what another process will do: asks again, for a bounded time."""

import asyncio
from collections.abc import Awaitable, Callable

ASK_AGAIN_S = 0.02


async def until(
    holds: Callable[[], Awaitable[bool]], *, timeout_s: float = 30, again_s: float = ASK_AGAIN_S
) -> None:
    """Return once `holds()`, which is asked every `again_s`. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110 (no event reaches us from another process)
            await asyncio.sleep(again_s)
