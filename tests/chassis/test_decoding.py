"""Bytes that are no message, on all four kinds of call, through a real server."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.message import DecodeError

from chassis.decoding import Decoding
from chassis.event_servicer import EventServicer
from chassis.events import MemoryLog
from chassis.interceptors import Context, error_interceptor
from tests.chassis.echo import KINDS, call, serving
from tests.serving import Metadata, calling_as, reason_of
from tests.serving import serving as serving_house

WATCH = "/comptoir.type.v1.EventService/WatchEvents"
HEAD = "/comptoir.type.v1.EventService/GetHead"


def decode(content: bytes) -> bytes:
    if content == b"bad":
        raise DecodeError("it holds a secret")
    return content


async def again(word: bytes, context: Context) -> bytes:
    return word


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    interceptors = [error_interceptor("test.comptoir"), Decoding()]
    async with serving(again, interceptors, decode=decode) as address:
        async with grpc.aio.insecure_channel(address) as opened:
            yield opened


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_no_message_is_the_callers_mistake(
    channel: grpc.aio.Channel, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, kind, b"bad")

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(caught.value) == "MALFORMED_MESSAGE"
    assert "secret" not in str(caught.value) and not caplog.records
    assert (await call(channel, kind, b"good"))[-1] == b"good"


@pytest.mark.parametrize("path", [HEAD, WATCH])
@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ((), "UNAUTHENTICATED"),
        (calling_as("anna", "customer"), "ACCESS_DENIED"),
        (calling_as("collect", "service:collect"), "MALFORMED_MESSAGE"),
    ],
)
async def test_only_who_may_call_learns_that_the_message_is_none(
    path: str, who: Metadata, reason: str
) -> None:
    async with serving_house(EventServicer(MemoryLog(), {})) as opened:
        method: Any = opened.unary_stream(path) if path == WATCH else opened.unary_unary(path)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            ongoing = method(b"\xff", metadata=who, timeout=5)
            await (anext(aiter(ongoing)) if path == WATCH else ongoing)

    assert reason_of(caught.value) == reason


async def test_a_stream_is_read_up_to_what_is_no_message() -> None:
    async def joined(messages: Any, context: Context) -> AsyncIterator[bytes]:
        async for message in messages:
            yield message

    handler: Any = grpc.stream_stream_rpc_method_handler(joined, request_deserializer=decode)
    server = grpc.aio.server(interceptors=[error_interceptor("test.comptoir"), Decoding()])
    service = grpc.method_handlers_generic_handler("t.T", {"stream_stream": handler})
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    answers: list[bytes] = []
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        method: Any = channel.stream_stream("/t.T/stream_stream")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for answer in method(iter([b"one", b"two", b"bad", b"three"]), timeout=5):
                answers.append(answer)
    await server.stop(None)

    assert answers == [b"one", b"two"]
    assert reason_of(caught.value) == "MALFORMED_MESSAGE"
