"""What callers begin and do not end well leaves nothing in the server: through a real one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import grpc
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc

from chassis.event_servicer import EventServicer
from chassis.events import MemoryLog
from tests.growth import assert_given_back
from tests.http2 import PREFACE, calls, half_a_message, headers_without_end, reset_calls
from tests.serving import calling_as, serving_at
from tests.waiting import until

HEAD = b"/comptoir.type.v1.EventService/GetHead"
WATCH = b"/comptoir.type.v1.EventService/WatchEvents"
WHO = calling_as("collect", "service:collect")
COUNT = 100


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    async with serving_at(EventServicer(MemoryLog(), {})) as opened:
        yield opened


@pytest.fixture(scope="module")
async def channel(address: str) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(address) as opened:
        yield opened


async def survived(channel: grpc.aio.Channel, abuse: Callable[[], Awaitable[object]]) -> None:
    """After `abuse` whoever calls as they should is answered, and nothing is left of it."""
    stub: Any = pb_grpc.EventServiceStub(channel)

    async def is_answered() -> bool:
        # Not at once, if thousands of calls wait for the loop: gRPC's core refuses what comes
        # behind three thousand, with CANCELLED (grpc.server.max_pending_requests_hard_limit).
        call = stub.GetHead(pb.GetHeadRequest(), metadata=WHO)
        return (await call.code()) is grpc.StatusCode.OK

    async def abused() -> None:
        await abuse()
        await until(is_answered)

    await assert_given_back(abused)


async def sent(address: str, content: bytes) -> None:
    """On a connection of its own, closed when the server has heard it all, or enough."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    with suppress(ConnectionError):
        writer.write(content)
        await writer.drain()
        await reader.read(1)
    writer.close()


@pytest.mark.parametrize(
    "content",
    [
        calls(HEAD, COUNT),
        calls(WATCH, COUNT),
        calls(b"/no.Such/Method", COUNT),
        reset_calls(HEAD, COUNT),
        reset_calls(WATCH, COUNT),
        half_a_message(HEAD),
        headers_without_end(HEAD, COUNT),
        b"GET / HTTP/1.1\r\nHost: comptoir\r\n\r\n" * COUNT,
        bytes(range(256)) * COUNT,
    ],
    ids=[
        "calls without a message",
        "streams without a request",
        "calls of nothing",
        "calls taken back at once",
        "streams taken back at once",
        "half a message",
        "a head without end",
        "HTTP/1.1",
        "noise",
    ],
)
async def test_a_connection_leaves_nothing(
    channel: grpc.aio.Channel, address: str, content: bytes
) -> None:
    async def abuse() -> None:
        for _ in range(2):
            await sent(address, content)

    await survived(channel, abuse)


async def test_who_connects_and_does_not_begin_is_hung_up_on(address: str) -> None:
    host, _, port = address.partition(":")
    begun = [await asyncio.open_connection(host, int(port)) for _ in range(3 * COUNT)]
    for (_, writer), content in zip(begun, (b"", PREFACE[:10], PREFACE) * COUNT, strict=True):
        writer.write(content)
    async with asyncio.timeout(60):
        await asyncio.gather(*(reader.read() for reader, _ in begun))
    for _, writer in begun:
        writer.close()


async def test_calls_that_are_cancelled_leave_nothing(channel: grpc.aio.Channel) -> None:
    stub: Any = pb_grpc.EventServiceStub(channel)

    async def abuse() -> None:
        begun = [stub.GetHead(pb.GetHeadRequest(), metadata=WHO) for _ in range(COUNT)]
        await asyncio.sleep(0)
        for call in begun:
            call.cancel()
        await asyncio.gather(*(call.code() for call in begun))

    await survived(channel, abuse)


async def test_streams_that_nobody_reads_leave_nothing(channel: grpc.aio.Channel) -> None:
    stub: Any = pb_grpc.EventServiceStub(channel)

    async def abuse() -> None:
        begun = [stub.WatchEvents(pb.WatchEventsRequest(), metadata=WHO) for _ in range(COUNT)]
        await asyncio.gather(*(call.initial_metadata() for call in begun))
        for call in begun:
            call.cancel()
        await asyncio.gather(*(call.code() for call in begun))

    await survived(channel, abuse)


async def test_bombs_are_refused_and_leave_nothing(channel: grpc.aio.Channel) -> None:
    method: Any = channel.unary_unary(HEAD.decode())

    async def abuse() -> None:
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await method(
                    bytes(8 << 20), metadata=WHO, compression=grpc.Compression.Gzip, timeout=60
                )
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED

    await survived(channel, abuse)


@pytest.mark.parametrize(
    ("content", "metadata", "code"),
    [
        (bytes((1 << 20) + 1), WHO, "RESOURCE_EXHAUSTED"),
        (b"", (*WHO, ("x-large", "a" * 20_000)), "RESOURCE_EXHAUSTED"),
        (b"", (*WHO, *((f"x-{number}", "a") for number in range(500))), "RESOURCE_EXHAUSTED"),
        (b"\xff", WHO, "INVALID_ARGUMENT"),
        (b"", (*WHO, ("x-bin", bytes(range(256)))), "OK"),
        (b"", (("authorization-bin", b"\xff"),), "UNAUTHENTICATED"),
    ],
    ids=[
        "a message too large",
        "metadata too large",
        "metadata too many",
        "bytes that are no message",
        "bytes beside",
        "credentials that are none",
    ],
)
async def test_what_is_too_much_is_refused_and_leaves_nothing(
    channel: grpc.aio.Channel, content: bytes, metadata: Any, code: str
) -> None:
    method: Any = channel.unary_unary(HEAD.decode())

    async def abuse() -> None:
        begun = [method(content, metadata=metadata, timeout=60) for _ in range(20)]
        codes = await asyncio.gather(*(call.code() for call in begun))
        assert {each.name for each in codes} == {code}

    await survived(channel, abuse)
