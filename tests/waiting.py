"""Waits for what another process will do: asks again, for a bounded time."""

import asyncio
from collections.abc import Awaitable, Callable

ASK_AGAIN_S, ASK_AGAIN_S_MAX = 0.02, 0.25
SHARE_OF_WAITED = 0.05


async def until(
    holds: Callable[[], Awaitable[bool]], *, timeout_s: float = 30, again_s: float = ASK_AGAIN_S
) -> None:
    """Return once `holds()`, which is asked again after `again_s`, and the longer it takes the more
    seldom: whoever asks takes time from what is waited for. Raises TimeoutError."""
    now = asyncio.get_running_loop().time
    began_s = now()
    async with asyncio.timeout(timeout_s):
        while not await holds():
            waited_s = now() - began_s
            await asyncio.sleep(max(again_s, min(SHARE_OF_WAITED * waited_s, ASK_AGAIN_S_MAX)))
