"""A consumer in another house: follows the events of a service through every fault."""

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from chassis.events import decode_cursor
from comptoir_client import Session
from comptoir_client.errors import CallError
from tests.chaos.checks.events import Heard

SILENCE_S_MAX, AGAIN_S = 5.0, 0.2
NAMES = {
    "inventory": ("stock_changed", "reservation_made", "reservation_committed"),
    "collect": ("order_placed", "order_confirmed", "order_ready", "order_collected"),
}


class Watcher:
    """Goes on behind the last event that it has; what it has it never forgets."""

    def __init__(self, channel: grpc.aio.Channel, session: Session, heard: Heard, cursor: str):
        self._stub: Any = EventServiceStub(channel)  # Its types know no reading one by one.
        self._session = session
        self._cursor = cursor
        self.heard = heard

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._follow()
            except (grpc.aio.AioRpcError, CallError, TimeoutError):
                await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        request = pb.WatchEventsRequest(cursor=self._cursor, names=sorted(self.heard.names))
        call = self._stub.WatchEvents(request, metadata=await self._session.metadata())
        try:
            while True:
                # The source sends bookmarks: longer silence is a broken line.
                async with asyncio.timeout(SILENCE_S_MAX):
                    response = await call.read()
                if response is grpc.aio.EOF:
                    return
                for event in response.events:
                    told = (event.position, event.name, event.key, event.revision)
                    self.heard.events.append(told)
                self._cursor = response.cursor
        finally:
            call.cancel()


async def watchers(
    channels: dict[str, grpc.aio.Channel], session: Session, services: Sequence[str] = tuple(NAMES)
) -> list[Watcher]:
    """One for each service, from now on."""
    found = []
    for service in services:
        channel, names = channels[service], frozenset(NAMES[service])
        stub = EventServiceStub(channel)
        head = await stub.GetHead(pb.GetHeadRequest(), metadata=await session.metadata())
        heard = Heard(service, names, decode_cursor(head.cursor).position)
        found.append(Watcher(channel, session, heard, head.cursor))
    return found
