"""Server interceptors, and the one place where errors become gRPC statuses."""

import inspect
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote

import grpc
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from chassis import partitions
from chassis.encoded import serializer_over
from chassis.errors import AppError, Kind

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

log = logging.getLogger(__name__)

# An error travels in trailers. Beyond 8 KiB of them a caller's gRPC may refuse the answer,
# beyond 16 KiB it does, and shows RESOURCE_EXHAUSTED instead (channel arguments
# grpc.max_metadata_size and grpc.absolute_max_metadata_size).
TRAILERS_BYTES_MAX = 7 << 10
VIOLATIONS_MAX = 50
# Of an error that is larger, since it says again what it was sent.
TEXT_BYTES_IF_LARGE_MAX = 100
VIOLATIONS_IF_LARGE_MAX = 10
# Of a trailer: the caller's gRPC is not to try again by itself (gRFC A6).
NOT_AGAIN = ("grpc-retry-pushback-ms", "-1")


@dataclass(frozen=True, slots=True)
class Method:
    """What is called: its path, `/package.Service/Name`, and whether either side streams."""

    path: str
    streaming: bool


Around: TypeAlias = Callable[[Method, Context], AbstractAsyncContextManager[None]]


class HandlerWrapping(grpc.aio.ServerInterceptor, ABC):
    """Puts `wrapped` in the place of each method's handler."""

    def __init__(self) -> None:
        # Wrapping anew on each call costs more than all the rest of an interceptor.
        self._handlers: dict[str, Any] = {}

    @abstractmethod
    def wrapped(self, path: str, handler: Any) -> Any:
        """What answers instead of `handler`; asked once for each path."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        if handler is not None and path not in self._handlers:
            self._handlers[path] = self.wrapped(path, handler)
        return handler and self._handlers[path]


class Interceptor(HandlerWrapping):
    """Runs every call, of all four kinds, inside `around(method, context)`."""

    def __init__(self, around: Around) -> None:
        super().__init__()
        self._around = around

    def wrapped(self, path: str, handler: Any) -> Any:
        method = Method(path, handler.request_streaming or handler.response_streaming)
        return wrap(handler, partial(self._around, method))


def wrap(handler: Any, around: Callable[[Context], AbstractAsyncContextManager[None]]) -> Any:
    """The same handler with each call inside `around(context)`."""
    behaviour = behaviour_of(handler)

    async def answer(request: Any, context: Context) -> Any:
        async with around(context):
            return await behaviour(request, context)

    async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
        async with around(context):
            responses = behaviour(request, context)
            if inspect.isawaitable(responses):  # It calls context.write itself.
                await responses
                return
            async with aclosing(responses):
                async for response in responses:
                    yield response

    return handler_like(handler, stream if handler.response_streaming else answer)


def behaviour_of(handler: Any) -> Any:
    """The function in a method handler that answers its calls."""
    return getattr(handler, kind_of(handler))


def handler_like(
    handler: Any, behaviour: Any, *, decode: Callable[[bytes], Any] | None = None
) -> Any:
    """A method handler of the same kind and types that answers with `behaviour`.

    `decode` makes the requests of bytes, instead of what the handler has for that. What
    `behaviour` returns encoded goes out as it is: see `chassis.encoded`.
    """
    make = getattr(grpc, f"{kind_of(handler)}_rpc_method_handler")
    serializer = serializer_over(handler.response_serializer)
    return make(behaviour, decode or handler.request_deserializer, serializer)


def kind_of(handler: Any) -> str:
    sides = (handler.request_streaming, handler.response_streaming)
    return "_".join("stream" if streaming else "unary" for streaming in sides)


def error_interceptor(domain: str) -> Interceptor:
    """Maps `AppError` to its status and everything else to a bare INTERNAL.

    Cancellation passes: grpc leaks the call when a handler swallows it (grpc#43360).
    """

    @asynccontextmanager
    async def mapped(method: Method, context: Context) -> AsyncIterator[None]:
        try:
            yield
        except AppError as error:
            status = rpc_status.to_status(status_from(error, domain))
            trailers = tuple(status.trailing_metadata)
            if error.kind is Kind.UNAVAILABLE and not method.streaming and is_at_home(context):
                trailers = (*trailers, NOT_AGAIN)
            await context.abort(status.code, status.details, trailers)
        except grpc.aio.AbortError:
            raise  # The handler chose its status; a second abort is a UsageError.
        except Exception:
            # The cause goes to our log, never to the caller (AIP-193).
            log.exception("unexpected error in %s", method.path)
            await context.abort(grpc.StatusCode.INTERNAL, "internal error")

    return Interceptor(mapped)


def is_at_home(context: Context) -> bool:
    """Whether the call is about a partition, so that gRPC chose this replica and would again."""
    return any(key == partitions.KEY for key, _ in context.invocation_metadata() or ())


def status_from(error: AppError, domain: str) -> status_pb2.Status:
    """The status that `chassis.client.app_error_from` reads back, of a size that arrives.

    An error that another service raised first keeps the domain it came with.
    """
    domain = getattr(error, "domain", domain)
    status = status_of(error, domain, shown=str, violations_max=VIOLATIONS_MAX)
    if trailers_bytes(status) > TRAILERS_BYTES_MAX:
        status = status_of(error, domain, shown=shortened, violations_max=VIOLATIONS_IF_LARGE_MAX)
    return status


def status_of(
    error: AppError, domain: str, *, shown: Callable[[str], str], violations_max: int
) -> status_pb2.Status:
    status = status_pb2.Status(
        code=code_pb2.Code.Value(error.kind.value), message=shown(str(error))
    )
    metadata = {key: shown(value) for key, value in error.metadata.items()}
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=domain, metadata=metadata)
    status.details.add().Pack(info)
    if error.violations:
        bad = error_details_pb2.BadRequest()
        for violation in error.violations[:violations_max]:
            bad.field_violations.add(
                field=shown(violation.field), description=shown(violation.description)
            )
        status.details.add().Pack(bad)
    if error.retry_after_s is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(round(error.retry_after_s * 1000))
        status.details.add().Pack(retry)
    return status


def trailers_bytes(status: status_pb2.Status) -> int:
    """The message goes by itself, percent-encoded, and once more within the status, in base64."""
    size_bytes: int = status.ByteSize()
    return len(quote(status.message)) + size_bytes * 4 // 3


def shortened(text: str) -> str:
    content = text.encode()
    if len(content) <= TEXT_BYTES_IF_LARGE_MAX:
        return text
    return content[:TEXT_BYTES_IF_LARGE_MAX].decode(errors="ignore") + "…"
