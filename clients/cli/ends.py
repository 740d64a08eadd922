"""How a stream really ended, where grpc.aio hides it. Knows no import."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import grpc

T = TypeVar("T")

TRIES_MAX, PAUSE_S = 50, 0.01


class End:
    """Notes every status a stream is given.

    A write that comes after the end of a stream makes grpc.aio say INTERNAL of it, before the
    status of the service has come or after: a refusal would pass for a fault of the service.
    """

    def __init__(self, call: Any) -> None:
        self._seen: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._note)

    async def of(self, error: grpc.aio.AioRpcError) -> grpc.aio.AioRpcError:
        """`error`, or what the service said if that is on its way."""
        if error.code() is not grpc.StatusCode.INTERNAL:
            return error
        for _ in range(TRIES_MAX):
            if self._seen is not None:
                return self._seen
            await asyncio.sleep(PAUSE_S)
        return error

    def _note(self, call: Any) -> None:
        """Called by grpc.aio whenever the status is set."""
        code = at_hand(call.code())
        if code is not grpc.StatusCode.INTERNAL:
            self._seen = grpc.aio.AioRpcError(
                code,
                grpc.aio.Metadata(),
                at_hand(call.trailing_metadata()),
                at_hand(call.details()),
            )


def at_hand(coroutine: Coroutine[Any, Any, T]) -> T:
    """What it returns without waiting: a call that has ended has all of its status."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        value: T = stop.value
        return value
    coroutine.close()
    raise AssertionError("a call that has ended has its status")
