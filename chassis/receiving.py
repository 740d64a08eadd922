"""Takes the one message of a call once its caller is known, in bounded time and number.

gRPC by itself takes it before anybody is asked who calls, and waits for it as long as the
connection lasts: a thousand calls whose megabyte lacks its last byte are a gigabyte that nobody
answers for. So to gRPC every method takes a stream. It lets a sender go on only where that is
read, and what is not read yet is a window's worth.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any

import grpc
from grpc_status import rpc_status

from chassis.access import PUBLIC
from chassis.errors import AppError, Kind
from chassis.interceptors import (
    Context,
    HandlerWrapping,
    behaviour_of,
    handler_like,
    status_from,
)

# From the head of a call to the end of its message, which comes with it or right behind it.
MESSAGE_S_MAX = 5.0
# Messages on their way: beyond so many, those that take longer than HURRIED_S are not waited for.
# A mebibyte each is what they may take.
KNOWN_MAX, NOBODYS_MAX = 128, 32
HURRIED_S = 0.2
LOOK_S = 0.05


# How long this call's one message took to come, which is its sender's time and not ours.
NEVER = math.inf
WAITED_S: ContextVar[float] = ContextVar("waited_s", default=0.0)


class NoMessageError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "MESSAGE_MISSING"


class MessageLateError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "MESSAGE_LATE"


class Arriving(HandlerWrapping):
    """Goes outermost: gRPC hands on the messages of every call as they come.

    What those between it and `Receiving` get for a request they must pass on unread.
    """

    def wrapped(self, path: str, handler: Any) -> Any:
        if handler.request_streaming:
            return handler
        if handler.response_streaming:
            make = grpc.stream_stream_rpc_method_handler
        else:
            make = grpc.stream_unary_rpc_method_handler
        decode, encode = handler.request_deserializer, handler.response_serializer
        return make(behaviour_of(handler), decode, encode)


class Receiving(HandlerWrapping):
    """Goes behind access: whoever has not proved who they are has less room than those who have."""

    def __init__(self, opens: Mapping[str, frozenset[str]], *, domain: str) -> None:
        super().__init__()
        self._opens = opens
        self._known, self._nobodys = Room(KNOWN_MAX, domain), Room(NOBODYS_MAX, domain)

    def wrapped(self, path: str, handler: Any) -> Any:
        if handler.request_streaming:
            return handler
        is_public = PUBLIC in self._opens.get(path, ())
        return receiving(handler, self._nobodys if is_public else self._known)


def receiving(handler: Any, room: "Room") -> Any:
    """The same handler, which is given a call's messages and takes one."""
    behaviour = behaviour_of(handler)

    async def answer(_: object, context: Context) -> Any:
        return await behaviour(await room.message_of(context), context)

    async def stream(_: object, context: Context) -> AsyncIterator[Any]:
        message = await room.message_of(context)
        async with aclosing(behaviour(message, context)) as responses:
            async for response in responses:
                yield response

    return handler_like(handler, stream if handler.response_streaming else answer)


class Room:
    """Where messages arrive. Those who are slow make room for others, the slowest first."""

    def __init__(self, size: int, domain: str) -> None:
        self._size = size
        self._domain = domain
        # In the order in which they began.
        self._begun_s: dict[Context, float] = {}
        self._looking: asyncio.TimerHandle | None = None
        self._endings: set[asyncio.Task[None]] = set()

    async def message_of(self, context: Context) -> Any:
        """Raises NoMessageError. A call that is late is answered here, and then ends by itself."""
        self._begun_s[context] = begun_s = time.monotonic()
        WAITED_S.set(NEVER)  # Until it has come.
        if self._looking is None:
            self._look_later()
        try:
            message = await context.read()
        finally:
            self._begun_s.pop(context, None)
        if message is grpc.aio.EOF:
            raise NoMessageError("a call of this method carries one message, and none came")
        WAITED_S.set(time.monotonic() - begun_s)
        return message

    def _look_later(self, *, stood_still: bool = False) -> None:
        late_s = math.inf if stood_still else time.monotonic() + 2 * LOOK_S
        self._looking = asyncio.get_running_loop().call_later(LOOK_S, self._look, late_s)

    def _look(self, late_s: float) -> None:
        now_s = time.monotonic()
        if now_s > late_s:  # We stood still, not they: their messages may be here, not read yet.
            self._look_later(stood_still=True)
            return
        while self._begun_s:
            context, begun_s = next(iter(self._begun_s.items()))
            patience_s = HURRIED_S if len(self._begun_s) > self._size else MESSAGE_S_MAX
            if now_s - begun_s < patience_s:
                self._look_later()
                return
            del self._begun_s[context]
            ending = asyncio.create_task(self._end(context, now_s - begun_s))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
        self._looking = None

    async def _end(self, context: Context, waited_s: float) -> None:
        """Answer in the handler's place, which waits. To cancel its read would leak it
        (grpc#43360); once the call is answered, the read ends with it."""
        late = MessageLateError(f"no whole message came within {waited_s:.1f} s")
        try:
            await context.abort_with_status(rpc_status.to_status(status_from(late, self._domain)))
        except (grpc.aio.AbortError, grpc.aio.UsageError):
            pass  # That is how an abort ends; or it was answered meanwhile.
