"""A server of byte strings that answers as a function says, for all four kinds of call."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc

from chassis.client import RemoteError
from chassis.interceptors import Context

# What gRPC says of a stream whose end it has lost: it came while a message went out (grpc#36066).
LOST = "Internal error from Core"
TRIES_MAX = 5
KINDS = ["unary_unary", "unary_stream", "stream_unary", "stream_stream"]

# Takes the (first) request and gives the last answer, or raises.
Answer = Callable[[bytes, Context], Awaitable[bytes]]


@asynccontextmanager
async def serving(
    answer: Answer,
    interceptors: Iterable[grpc.aio.ServerInterceptor] = (),
    *,
    decode: Callable[[bytes], bytes] | None = None,
) -> AsyncIterator[str]:
    """Serve `/t.T/<kind>`; yields the address. Streams send `first`, then the answer.

    `decode` is what gRPC makes a request with.
    """

    async def one(request: Any, context: Context) -> bytes:
        word = request if isinstance(request, bytes) else await anext(aiter(request))
        return await answer(word, context)

    async def stream(request: Any, context: Context) -> AsyncIterator[bytes]:
        yield b"first"
        yield await one(request, context)

    methods = {
        kind: getattr(grpc, f"{kind}_rpc_method_handler")(
            stream if kind.endswith("stream") else one, request_deserializer=decode
        )
        for kind in KINDS
    }
    server = grpc.aio.server(interceptors=list(interceptors))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("t.T", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)


def begin(channel: grpc.aio.Channel, kind: str, word: bytes, **options: Any) -> Any:
    method = getattr(channel, kind)(f"/t.T/{kind}")
    return method(iter([word]) if kind.startswith("stream") else word, **options)


async def call(
    channel: grpc.aio.Channel, kind: str, word: bytes, **options: Any
) -> Sequence[bytes]:
    """Every answer; called again where gRPC has lost how the stream ended."""
    for tries_left in reversed(range(TRIES_MAX)):
        try:
            return await answers(begin(channel, kind, word, **({"timeout": 5} | options)), kind)
        except (grpc.aio.AioRpcError, RemoteError) as error:
            if LOST not in str(error) or not tries_left:
                raise
    raise AssertionError


async def answers(outcome: Any, kind: str) -> Sequence[bytes]:
    if kind.endswith("unary"):
        return [await outcome]
    return [answer async for answer in outcome]
