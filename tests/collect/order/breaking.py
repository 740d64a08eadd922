"""What happens in a shop to what orders hold, and how their orders are told of it in a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from chassis.event_servicer import EventServicer
from chassis.memory_records import MemoryRecords
from chassis.progress import CURSORS
from services.collect.order.broken import BrokenHold
from services.collect.order.shortening import Shortening, hold_consumer
from services.collect.order.store import broken_holds
from services.inventory.events import DETAILS
from services.inventory.reservation.mending import Mender
from tests.background import background
from tests.collect.order.house import House
from tests.collect.order.inventory import open_channel
from tests.inventory.house import COLLECT, TILL
from tests.serving import serving
from tests.waiting import until


class Events:
    """Inventory's, as collect asks for them."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = EventServiceStub(channel)

    def WatchEvents(self, request: event_pb.WatchEventsRequest) -> Any:
        return self._stub.WatchEvents(request, metadata=COLLECT)

    def GetHead(self, request: event_pb.GetHeadRequest) -> Any:
        return self._stub.GetHead(request, metadata=COLLECT)


async def sold(house: House, sku: str, quantity: int) -> None:
    """At the till, of what is held, and inventory has broken what that leaves uncovered."""
    line = stock_pb.StockLine(location_id="paris", sku=sku, quantity=quantity)
    request = stock_pb.RecordSaleRequest(request_id=str(uuid4()), lines=[line])
    await house.inventory.stock.RecordSale(request, metadata=TILL)
    await Mender(house.inventory.records, clock=house.clock).mend_all()


@asynccontextmanager
async def followed(house: House) -> AsyncIterator[None]:
    """With inventory's events read until as many holds are noted as were broken."""
    shelf = house.inventory.records
    assert isinstance(shelf, MemoryRecords)
    async with (
        serving(EventServicer(shelf.log, DETAILS)) as channel,
        open_channel(house.inventory.address) as inventory,
    ):
        events: Any = Events(channel)
        consumer = hold_consumer(events, ReservationServiceStub(inventory), house.records)
        async with background(consumer.run()):
            yield


async def noted(house: House) -> list[BrokenHold]:
    return await broken_holds(house.records, after_id="", limit=100)


async def told(house: House) -> None:
    """All that is broken by now is noted, and orders know of it."""
    async with followed(house):

        async def is_noted() -> bool:
            return bool(await noted(house))

        await until(is_noted)
    await tell_all(house)


async def tell_all(house: House) -> None:
    await Shortening(house.records, house.saga, clock=house.clock).tell_all()
    await house.saga.settle()


async def goes_on(house: House) -> None:
    """Inventory's events are followed until another cursor is kept."""
    before = await house.records.find(CURSORS, "broken_holds")
    async with followed(house):

        async def is_moved() -> bool:
            return await house.records.find(CURSORS, "broken_holds") != before

        await until(is_moved)


async def forgotten(house: House) -> None:
    """Inventory keeps no event any more but its newest, which is of no hold."""
    await sold(house, "CABLE", 100)
    shelf = house.inventory.records
    assert isinstance(shelf, MemoryRecords)
    assert await shelf.log.trim(house.clock.now + timedelta(days=1), 1000)
