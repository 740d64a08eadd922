"""Streams that are called again, from where their reader has come, whenever one ends."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

import grpc

from comptoir_client.calling import AGAIN, PAUSE_MAX_S, pause
from comptoir_client.errors import CallError, call_error_from
from comptoir_client.sessions import Session

if TYPE_CHECKING:
    from grpc.aio import UnaryStreamCall, UnaryStreamMultiCallable

Request = TypeVar("Request")
Response = TypeVar("Response")

CURSOR_TOO_OLD = "CURSOR_TOO_OLD"
# Services send a bookmark a second; a line that is silent for this long is broken.
SILENCE_S_MAX = 10.0
# In a row: some ten minutes of them.
FAILURES_MAX = 60
AGAIN_STREAMS = (*AGAIN, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED)


async def follow(
    method: "UnaryStreamMultiCallable[Request, Response]",
    request: Callable[[], Request],
    session: Session,
    *,
    silence_s_max: float = SILENCE_S_MAX,
) -> AsyncGenerator[Response, None]:
    """What `method`, e.g. a stub's `WatchStock`, answers, for ever.

    `request` is asked for whenever a stream begins, so let it hold the cursor as it then is.
    Raises CallError when the answer is no (`CURSOR_TOO_OLD` among them), or nobody answers
    for some ten minutes. Leave it with `aclosing`, or the last stream goes on for a while.
    """
    failed_count, is_renewed = 0, False
    while True:
        retry_after_s = 0.0
        try:
            stream = method(request(), metadata=await session.metadata())
            async with aclosing(heard(stream, silence_s_max)) as responses:
                async for response in responses:
                    failed_count, is_renewed = 0, False
                    yield response
        except grpc.aio.AioRpcError as error:
            failed = call_error_from(error)
            if not is_to_be_begun_again(failed, failed_count, is_renewed=is_renewed):
                raise failed from error
            if failed.code is grpc.StatusCode.UNAUTHENTICATED:
                session.forget()
                is_renewed = True
            retry_after_s = min(failed.retry_after_s or 0.0, PAUSE_MAX_S)
        # A stream that the service ends, as it does after an hour, or that is silent, comes here.
        failed_count += 1
        if failed_count > FAILURES_MAX:
            raise CallError("it answers nothing", code=grpc.StatusCode.DEADLINE_EXCEEDED)
        await pause(failed_count, at_least_s=retry_after_s)


async def heard(
    stream: "UnaryStreamCall[Request, Response]", silence_s_max: float
) -> AsyncGenerator[Response, None]:
    """Its responses until it ends, or has been silent for so long."""
    responses = aiter(stream)
    try:
        while True:
            async with asyncio.timeout(silence_s_max):
                response = await anext(responses)
            yield response
    except (StopAsyncIteration, TimeoutError):
        return
    finally:
        stream.cancel()


def is_to_be_begun_again(failed: CallError, failed_count: int, *, is_renewed: bool) -> bool:
    if failed.code is grpc.StatusCode.UNAUTHENTICATED:
        return not is_renewed  # What refuses a new token too will go on refusing.
    return failed.code in AGAIN_STREAMS and failed_count < FAILURES_MAX
