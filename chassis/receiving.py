"""Takes the one message of a call once its caller is known, in bounded time and number.

gRPC by itself takes it before anybody is asked who calls, and waits for it as long as the
connection lasts: a thousand calls whose megabyte lacks its last byte are a gigabyte that nobody
answers for. So to gRPC every method takes a stream. It lets a sender go on only where that is
read, and what is not read yet is a window's worth.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import grpc

from chassis.access import PUBLIC
from chassis.errors import AppError, Kind
from chassis.interceptors import Context, HandlerWrapping, behaviour_of, handler_like
from chassis.limits import CALLS_RETRY_S, TooManyCallsError

# Messages on their way at once: a mebibyte each is what they may take at most. Others wait.
KNOWN_MAX, NOBODYS_MAX = 128, 32
MESSAGE_S_MAX, ROOM_S_MAX = 5.0, 10.0


class NoMessageError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "MESSAGE_MISSING"


class MessageLateError(AppError):
    kind, reason = Kind.DEADLINE_EXCEEDED, "MESSAGE_LATE"


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

    def __init__(self, opens: Mapping[str, frozenset[str]]) -> None:
        super().__init__()
        self._opens = opens
        self._known, self._nobodys = asyncio.Semaphore(KNOWN_MAX), asyncio.Semaphore(NOBODYS_MAX)

    def wrapped(self, path: str, handler: Any) -> Any:
        if handler.request_streaming:
            return handler
        is_public = PUBLIC in self._opens.get(path, ())
        return receiving(handler, self._nobodys if is_public else self._known)


def receiving(handler: Any, room: asyncio.Semaphore) -> Any:
    """The same handler, which is given a call's messages and takes one."""
    behaviour = behaviour_of(handler)

    async def answer(_: object, context: Context) -> Any:
        return await behaviour(await message_of(context, room), context)

    async def stream(_: object, context: Context) -> AsyncIterator[Any]:
        message = await message_of(context, room)
        async with aclosing(behaviour(message, context)) as responses:
            async for response in responses:
                yield response

    return handler_like(handler, stream if handler.response_streaming else answer)


async def message_of(context: Context, room: asyncio.Semaphore) -> Any:
    """Raises NoMessageError, MessageLateError and TooManyCallsError."""
    await entered(room)
    try:
        async with asyncio.timeout(MESSAGE_S_MAX):
            message = await context.read()
    except TimeoutError:
        raise MessageLateError(f"no whole message came within {MESSAGE_S_MAX:g} s") from None
    finally:
        room.release()
    if message is grpc.aio.EOF:
        raise NoMessageError("a call of this method carries one message, and none came")
    return message


async def entered(room: asyncio.Semaphore) -> None:
    """Raises TooManyCallsError."""
    if not room.locked():
        await room.acquire()
        return
    try:
        async with asyncio.timeout(ROOM_S_MAX):
            await room.acquire()
    except TimeoutError:
        raise TooManyCallsError(
            "the messages of too many calls are on their way", retry_after_s=CALLS_RETRY_S
        ) from None
