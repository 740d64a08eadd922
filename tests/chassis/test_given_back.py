"""The measure of what is left behind, tried on what leaves nothing and on what does."""

import asyncio
from contextvars import ContextVar, copy_context

import pytest

from tests.growth import assert_given_back

HELD: ContextVar[list[list[int]]] = ContextVar("HELD")


async def test_what_cancelled_timers_hold_is_not_left() -> None:
    """They stay behind one that waits, with their context, until there are a hundred."""
    waiting = asyncio.get_running_loop().call_later(1800, print)
    await assert_given_back(leave_timers)
    waiting.cancel()


async def leave_timers() -> None:
    for _ in range(8):
        context = copy_context()
        context.run(HELD.set, [[number] for number in range(10)])
        asyncio.get_running_loop().call_later(3600, print, context=context).cancel()
    await asyncio.sleep(0)  # asyncio looks at them between callbacks.


async def test_what_is_left_each_time_is_found() -> None:
    left = list[list[int]]()
    waiting = asyncio.get_running_loop().call_later(1800, print)

    async def abuse() -> None:
        left.extend([number] for number in range(100))
        await leave_timers()  # Which come and go beside it.

    with pytest.raises(AssertionError, match="left each time"):
        await assert_given_back(abuse)
    waiting.cancel()
