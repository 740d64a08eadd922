"""Floods at the doors of the running services: they answer afterwards, and have what they had."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc
import psutil
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from tests.http2 import calls, half_a_message, headers_without_end, reset_calls
from tests.rights.callers import Issuers, bearer, service
from tests.rights.methods import SERVICES
from tests.suite import Stack
from tests.waiting import until

HEAD = b"/comptoir.type.v1.EventService/GetHead"
WATCH = b"/comptoir.type.v1.EventService/WatchEvents"
NO_TEXT = b"/\xff"
CALLS, RESETS, CONNECTIONS, CANCELLED = 200, 500, 40, 200
# Connections to engines come and go, and so do streams from peers.
DESCRIPTORS_SLACK, CALLS_SLACK = 16, 4
# Of one round, a kilobyte for each call. The first ones add more, until the collector has come
# by, which is seldom in a service: some of them must add less.
MEMORY_BYTES_MAX = 3 << 19
ROUNDS_MAX = 12


@dataclass(frozen=True, slots=True)
class Held:
    """By a service's process."""

    descriptors: int
    memory_bytes: int
    calls: float


class Flooded:
    def __init__(self, stack: Stack, name: str, metadata: Any) -> None:
        self._address = stack.address(name)
        self._process = psutil.Process(stack.pid(name))
        self._metrics = f"http://127.0.0.1:{stack.panel['ports'][f'{name} metrics']}/metrics"
        self._metadata = metadata

    async def held(self) -> Held:
        async with aiohttp.ClientSession() as http, http.get(self._metrics) as response:
            text = await response.text()
        lines = [each for each in text.splitlines() if each.startswith("grpc_server_calls_in_fl")]
        return Held(
            self._process.num_fds(),
            self._process.memory_info().rss,
            sum(float(each.rpartition(" ")[2]) for each in lines),
        )

    async def flood(self) -> None:
        """All of it at once, and then a good call."""
        floods = [calls(path, CALLS) for path in (HEAD, WATCH, NO_TEXT)]
        floods += [reset_calls(path, RESETS) for path in (HEAD, WATCH)]
        floods += [half_a_message(HEAD), headers_without_end(HEAD, 50)]
        floods += [bytes(range(256)), b"GET / HTTP/1.1\r\n\r\n"] * (CONNECTIONS // 2)
        async with grpc.aio.insecure_channel(self._address) as channel:
            await asyncio.gather(*(self._say(each) for each in floods), self._cancelled(channel))
            await until(lambda: self._is_answered(channel))

    async def _say(self, content: bytes) -> None:
        host, _, port = self._address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        with suppress(ConnectionError):
            writer.write(content)
            await writer.drain()
            await reader.read(1)
        writer.close()

    async def _cancelled(self, channel: grpc.aio.Channel) -> None:
        stub: Any = EventServiceStub(channel)
        begun = [
            stub.GetHead(pb.GetHeadRequest(), metadata=self._metadata) for _ in range(CANCELLED)
        ]
        await asyncio.sleep(0)
        for call in begun:
            call.cancel()

    async def _is_answered(self, channel: grpc.aio.Channel) -> bool:
        stub: Any = EventServiceStub(channel)
        call = stub.GetHead(pb.GetHeadRequest(), metadata=self._metadata)
        return (await call.code()) is grpc.StatusCode.OK


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_outlives_floods_with_what_it_had(
    stack: Stack, issuers: Issuers, name: str
) -> None:
    metadata = bearer(service("gateway").token_for(issuers, name))
    flooded = Flooded(stack, name, metadata)
    before, memory_bytes = await flooded.held(), list[int]()
    await flooded.flood()
    memory_bytes.append((await flooded.held()).memory_bytes)
    while len(memory_bytes) < 2 or memory_bytes[-1] - memory_bytes[-2] > MEMORY_BYTES_MAX:
        assert len(memory_bytes) < ROUNDS_MAX, f"more with each round: {memory_bytes}"
        await flooded.flood()
        memory_bytes.append((await flooded.held()).memory_bytes)

    async def is_back() -> bool:
        now = await flooded.held()
        is_closed = now.descriptors <= before.descriptors + DESCRIPTORS_SLACK
        return is_closed and now.calls <= before.calls + CALLS_SLACK

    await until(is_back)
