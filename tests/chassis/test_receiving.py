"""The messages of calls: taken from known callers first, in bounded time, size and number."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from comptoir.type.v1 import key_service_pb2 as key_pb
from comptoir.type.v1 import key_service_pb2_grpc as key_grpc
from prometheus_client import CollectorRegistry

from chassis import receiving
from chassis.event_servicer import EventServicer
from chassis.events import MemoryLog
from chassis.interceptors import Context
from chassis.server import UNREAD_BYTES_MAX
from chassis.telemetry import metrics_text
from tests.http2 import DATA, END_STREAM, SETTINGS, begun, begun_call, frame
from tests.serving import calling_as, serving_at
from tests.waiting import until

HEAD = b"/comptoir.type.v1.EventService/GetHead"
WATCH = b"/comptoir.type.v1.EventService/WatchEvents"
KEYS = b"/comptoir.type.v1.KeyService/ListKeys"
WHO = calling_as("collect", "service:collect")
WHO_BY_HAND = tuple((name.encode(), value.encode()) for name, value in WHO)
SMALL = struct.pack(">BI", 0, 1_000) + b"x" * 10
INITIAL_WINDOW_SIZE = 0x4


class Keys(key_grpc.KeyServiceServicer):
    """What anybody may ask for."""

    async def ListKeys(
        self, request: key_pb.ListKeysRequest, context: Context
    ) -> key_pb.ListKeysResponse:
        return key_pb.ListKeysResponse()


class Server:
    """A real one, and what it has answered."""

    def __init__(self, address: str, registry: CollectorRegistry) -> None:
        self.address = address
        self._registry = registry

    async def answers(self, path: bytes, code: str) -> None:
        """Wait until a call of a method has ended so."""
        await self._counts(f'calls_total{{code="{code}",method="{path[1:].decode()}"}} 1.0')

    async def serves(self, path: bytes, count: int) -> None:
        """Wait until so many calls of a method are under way."""
        await self._counts(f'calls_in_flight{{method="{path[1:].decode()}"}} {count:.1f}')

    async def _counts(self, line: str) -> None:
        async def is_counted() -> bool:
            return f"grpc_server_{line}" in metrics_text(self._registry).decode()

        await until(is_counted)

    def latencies(self, path: bytes) -> tuple[float | None, ...]:
        """How many calls of a method were timed, and the sum of it."""
        names = (f"grpc_server_latency_seconds_{name}" for name in ("count", "sum"))
        method = {"method": path[1:].decode()}
        return tuple(self._registry.get_sample_value(name, method) for name in names)

    @asynccontextmanager
    async def connected(
        self, content: bytes
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Sent on a connection that stays for as long as the block lasts."""
        host, _, port = self.address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(begun() + content)
        try:
            yield reader, writer
        finally:
            writer.close()

    @asynccontextmanager
    async def sent(self, content: bytes) -> AsyncIterator[asyncio.StreamReader]:
        """As `connected`, with nothing more to send."""
        async with self.connected(content) as (reader, _):
            yield reader

    @asynccontextmanager
    async def stubs(self) -> AsyncIterator[tuple[Any, Any]]:
        """Of what is open to services, and to anybody."""
        async with grpc.aio.insecure_channel(self.address) as channel:
            await channel.channel_ready()
            yield pb_grpc.EventServiceStub(channel), key_grpc.KeyServiceStub(channel)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    registry = CollectorRegistry()
    servicers = EventServicer(MemoryLog(), {}), Keys()
    async with serving_at(*servicers, registry=registry) as address:
        yield Server(address, registry)


@pytest.mark.parametrize("path", [HEAD, WATCH, KEYS])
async def test_a_message_that_does_not_come_whole_ends_its_call(
    server: Server, monkeypatch: pytest.MonkeyPatch, path: bytes
) -> None:
    monkeypatch.setattr(receiving, "MESSAGE_S_MAX", 0.1)
    async with server.sent(begun_call(1, path, *WHO_BY_HAND) + frame(DATA, 0, 1, SMALL)):
        await server.answers(path, "INVALID_ARGUMENT")
    assert server.latencies(path) == (0, 0)


async def test_the_time_of_a_message_is_its_senders(server: Server) -> None:
    message = struct.pack(">BI", 0, 0)
    sent_s = time.monotonic()
    async with server.connected(begun_call(1, HEAD, *WHO_BY_HAND)) as (_, writer):
        await server.serves(HEAD, 1)
        begun_s = time.monotonic()
        await asyncio.sleep(0.3)  # As a slow line would.
        waited_s = time.monotonic() - begun_s
        writer.write(frame(DATA, END_STREAM, 1, message))
        await server.answers(HEAD, "OK")

    count, sum_s = server.latencies(HEAD)
    assert count == 1 and sum_s is not None
    assert sum_s < time.monotonic() - sent_s - waited_s


@pytest.mark.parametrize("path", [HEAD, WATCH, KEYS])
async def test_a_call_without_a_message_is_the_callers_mistake(server: Server, path: bytes) -> None:
    async with server.sent(begun_call(1, path, *WHO_BY_HAND, flags=END_STREAM)):
        await server.answers(path, "INVALID_ARGUMENT")


@pytest.mark.parametrize("path", [HEAD, WATCH])
async def test_who_may_not_call_is_told_so_before_their_message(
    server: Server, path: bytes
) -> None:
    async with server.sent(begun_call(1, path)):
        await server.answers(path, "UNAUTHENTICATED")


async def test_whoever_says_nothing_hinders_nobody(server: Server) -> None:
    """However many they are, whoever has something to say does not wait for them."""
    silent = b"".join(begun_call(2 * n + 1, KEYS) for n in range(2 * receiving.NOBODYS_MAX))
    async with server.sent(silent), server.stubs() as (events, keys):
        await server.serves(KEYS, 2 * receiving.NOBODYS_MAX)
        await keys.ListKeys(key_pb.ListKeysRequest())
        await events.GetHead(pb.GetHeadRequest(), metadata=WHO)


async def test_of_too_many_the_slowest_make_room(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are ended long before their time; as many as there is room for have all of it."""
    monkeypatch.setattr(receiving, "HURRIED_S", 0.1)
    monkeypatch.setattr(receiving, "MESSAGE_S_MAX", 3600.0)
    silent = b"".join(begun_call(2 * n + 1, KEYS) for n in range(3 * receiving.NOBODYS_MAX))
    async with server.sent(silent):
        await server.serves(KEYS, receiving.NOBODYS_MAX)


async def test_who_hangs_up_in_mid_message_leaves_nothing(server: Server) -> None:
    async with server.sent(begun_call(1, HEAD, *WHO_BY_HAND) + frame(DATA, 0, 1, SMALL)):
        await server.serves(HEAD, 1)
    await server.serves(HEAD, 0)


async def test_a_call_may_send_little_that_nobody_reads(server: Server) -> None:
    async with server.sent(b"") as reader:
        settings = await first_settings(reader)
    assert settings[INITIAL_WINDOW_SIZE] <= UNREAD_BYTES_MAX


async def first_settings(reader: asyncio.StreamReader) -> dict[int, int]:
    head = await reader.readexactly(9)
    assert head[3] == SETTINGS
    content = await reader.readexactly(int.from_bytes(head[:3]))
    return dict(struct.iter_unpack(">HI", content))
