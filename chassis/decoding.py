"""What comes that is no message of the contract: refused as the caller's mistake, behind access.

gRPC decodes before any interceptor's `around` and answers what it cannot decode itself: with
UNKNOWN, which callers take for our fault, and with a traceback in our log for each.
"""

from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import DecodeError

from chassis.errors import AppError, Kind
from chassis.interceptors import Context, HandlerWrapping, behaviour_of, handler_like


class MalformedMessageError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "MALFORMED_MESSAGE"


class Decoding(HandlerWrapping):
    """Goes innermost: whoever may not call learns nothing of what is wrong with their bytes."""

    def wrapped(self, path: str, handler: Any) -> Any:
        return decoding(handler)


def decoding(handler: Any) -> Any:
    """The same handler, whose calls raise MalformedMessageError for what it cannot decode."""
    behaviour, decode = behaviour_of(handler), handler.request_deserializer
    read = Decoded if handler.request_streaming else decoded

    def decode_or_none(content: bytes) -> Any:
        try:
            return decode(content)
        except DecodeError:
            return None

    def answered(request: Any, context: Context) -> Any:
        return behaviour(read(request), context)

    return handler_like(handler, answered, decode=decode_or_none)


class Decoded:
    """The messages of a stream, up to the first that is none."""

    def __init__(self, messages: AsyncIterator[Any]) -> None:
        self._messages = aiter(messages)

    def __aiter__(self) -> "Decoded":
        return self

    async def __anext__(self) -> Any:
        return decoded(await anext(self._messages))


def decoded(message: Any) -> Any:
    if message is None:
        raise MalformedMessageError("what came is no message of this method's type")
    return message
