"""Wakes what waits in this process. Loses nothing: whoever waits also looks by itself."""

import asyncio

PAUSE_ALONE_S = 0.02


class Signal:
    """Take `next()`, look, then wait for it: what is set while you look is not missed."""

    def __init__(self, pause_s: float = PAUSE_ALONE_S) -> None:
        self._pause_s = pause_s
        self._next = asyncio.Event()

    @property
    def pause_s(self) -> float:
        """How long to wait before looking all the same: others may not reach this signal."""
        return self._pause_s

    def set(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    def next(self) -> asyncio.Event:
        return self._next


async def within(event: asyncio.Event, timeout_s: float) -> None:
    """Return when `event` is set, or after `timeout_s`."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
