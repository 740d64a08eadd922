"""What runs beside a service's calls ends with it, also where its cancellation got lost."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import pytest

from chassis import background, redis

BOUND_S = 30.0


async def missing_a_cancellation(begun: asyncio.Event, *_: object) -> None:
    """Like `asyncio.wait_for` of Python 3.11 at a bad moment."""
    begun.set()
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


async def test_a_task_that_missed_its_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "CANCEL_AGAIN_S", 0.01)
    begun = asyncio.Event()

    async def deaf_once() -> None:
        await missing_a_cancellation(begun)
        await asyncio.Event().wait()

    async with asyncio.timeout(BOUND_S):
        async with background.background() as tasks:
            task = asyncio.create_task(deaf_once())
            tasks.add(task)
            await begun.wait()
    assert task.cancelled()


class Subscription:
    """Hears nothing, and misses a cancellation while it looks; `gone` is what it raises then, and
    from then on."""

    def __init__(self, begun: asyncio.Event, gone: Exception | None) -> None:
        self._begun = begun
        self._gone = gone

    async def __aenter__(self) -> "Subscription":
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def subscribe(self, _: str) -> None:
        if self._begun.is_set() and self._gone is not None:
            raise self._gone

    async def ping(self) -> None:
        return

    async def get_message(self, **_: object) -> None:
        await missing_a_cancellation(self._begun)
        if self._gone is not None:
            raise self._gone


class Redis:
    def __init__(self, gone: Exception | None) -> None:
        self.sending, self.listening = asyncio.Event(), asyncio.Event()
        self._gone = gone

    def publish(self, *_: object) -> Awaitable[None]:
        return missing_a_cancellation(self.sending)

    def pubsub(self) -> Subscription:
        return Subscription(self.listening, self._gone)


@pytest.mark.parametrize("gone", [None, ConnectionError("Redis is gone")])
async def test_a_wake_ends_where_redis_py_loses_its_cancellation(gone: Exception | None) -> None:
    client: Any = Redis(gone)
    wake = redis.Wake(client, "channel")
    running = asyncio.create_task(wake.run())
    wake.set()
    async with asyncio.timeout(BOUND_S):
        await client.sending.wait()
        await client.listening.wait()

    running.cancel()
    await asyncio.wait([running], timeout=BOUND_S)
    assert running.cancelled()
