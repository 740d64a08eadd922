"""How long the call being served may still take, for whatever it waits for in turn."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from chassis.interceptors import Context, Interceptor, Method

# What is kept of the caller's time to carry the answer back.
ANSWER_S = 0.02

# On the monotonic clock. One task for each call, so it cannot leak into another.
_ends_s: ContextVar[float | None] = ContextVar("deadline", default=None)


def left_s(cap_s: float) -> float:
    """`cap_s`, or what is left of the caller's deadline if that is less. May be negative."""
    ends_s = _ends_s.get()
    return cap_s if ends_s is None else min(cap_s, ends_s - time.monotonic() - ANSWER_S)


@contextmanager
def until(ends_s: float | None) -> Iterator[None]:
    """Give what runs inside this deadline (monotonic, None for none).

    For work that outlives its call: a task inherits the deadline it was made under,
    and every later call of it would fail.
    """
    token = _ends_s.set(ends_s)
    try:
        yield
    finally:
        _ends_s.reset(token)


def deadline_interceptor() -> Interceptor:
    """Notes the deadline of each unary call.

    A stream lives for an hour: what is left of it says nothing about one step in it.
    """

    @asynccontextmanager
    async def noted(method: Method, context: Context) -> AsyncIterator[None]:
        remaining_s = None if method.streaming else context.time_remaining()
        # Set without a reset: the task ends with the call.
        _ends_s.set(None if remaining_s is None else time.monotonic() + remaining_s)
        yield

    return Interceptor(noted)
