"""Calling again: after what says nothing about the request itself, and for ever on streams."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from typing import Any

import grpc

from clients.house import CannotRunError, Session, reason_of, words_of

PAUSE_FIRST_S, PAUSE_MAX_S = 0.2, 10.0
# Failures in a row, some ten minutes of them.
FAILURES_MAX = 60
# UNAVAILABLE: nobody there, or on its way out. DEADLINE_EXCEEDED: it may or may not have
# happened, so the same request with the same id is the only right answer.
AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


async def pause(failed_count: int) -> None:
    """Longer after each failure; with jitter, or all tills come back at once."""
    pause_s = min(PAUSE_FIRST_S * 2 ** min(failed_count, 10), PAUSE_MAX_S)
    await asyncio.sleep(random.uniform(pause_s / 2, pause_s))


async def answers(
    begin: Callable[..., Any], session: Session, *, too_old: Callable[[], None]
) -> AsyncGenerator[Any, None]:
    """What a stream answers; `begin(metadata=…)` is called again whenever one ends, for ever.

    It begins where the reader has come, so it takes the cursor as it then is. `too_old` is
    told when that cursor leads nowhere any more. Raises CannotRunError when nobody answers
    for long, or the answer is no.
    """
    failed_count = 0
    while True:
        failed_count += 1
        try:
            call = begin(metadata=await session.metadata())
            try:
                async for response in call:
                    failed_count = 0
                    yield response
            finally:
                call.cancel()
        except grpc.aio.AioRpcError as error:
            if reason_of(error) == "CURSOR_TOO_OLD":
                too_old()
            elif error.code() is grpc.StatusCode.UNAUTHENTICATED and failed_count <= 1:
                session.forget()
            elif error.code() not in AGAIN or failed_count >= FAILURES_MAX:
                raise CannotRunError(words_of(error)) from error
        await pause(failed_count)
