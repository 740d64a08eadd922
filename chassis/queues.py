"""Queues the writers of one record within this process, so that they do not fight for it.

The engine lets one of two writers in and sends the other away to begin anew; of sixty-four
on two rows most come back again and again. In a queue each begins when it can win. Only
speed is won here: what other replicas write still conflicts in the engine.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager


class Queues:
    """A queue for each key, there as long as somebody stands in it."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @property
    def waiting_count(self) -> int:
        """Keys that somebody holds or waits for."""
        return len(self._queues)

    @asynccontextmanager
    async def turn(self, keys: Iterable[Hashable]) -> AsyncIterator[None]:
        """Inside, nobody else of this process holds any of `keys`; first come, first served."""
        async with AsyncExitStack() as stack:
            # In one order for all, or two would wait for each other.
            for key in sorted(set(keys), key=repr):
                await stack.enter_async_context(self._alone(key))
            yield

    @asynccontextmanager
    async def _alone(self, key: Hashable) -> AsyncIterator[None]:
        lock, count = self._queues.get(key, (asyncio.Lock(), 0))
        self._queues[key] = lock, count + 1
        try:
            async with lock:
                yield
        finally:
            lock, count = self._queues.pop(key)
            if count > 1:
                self._queues[key] = lock, count - 1
