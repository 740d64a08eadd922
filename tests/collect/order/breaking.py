"""What happens in a shop to what orders hold, and how their orders are told of it in a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import grpc
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.sourcing_service_pb2_grpc import SourcingServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from chassis.event_servicer import EventServicer
from chassis.memory_records import MemoryRecords
from chassis.progress import CURSORS
from services.collect.order.broken import BrokenHold, BrokenLine
from services.collect.order.shortening import Shortening, hold_consumer
from services.collect.order.store import broken_holds
from services.collect.parcel.sourcing import Elsewhere
from services.inventory.events import DETAILS
from services.inventory.reservation.mending import Mender
from tests.background import background
from tests.collect.order.house import House
from tests.collect.order.inventory import open_channel
from tests.inventory.house import COLLECT, TILL
from tests.serving import serving
from tests.waiting import until

if TYPE_CHECKING:
    from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceAsyncStub


class Events:
    """Inventory's, as collect asks for them."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = EventServiceStub(channel)

    def WatchEvents(self, request: event_pb.WatchEventsRequest) -> Any:
        return self._stub.WatchEvents(request, metadata=COLLECT)

    def GetHead(self, request: event_pb.GetHeadRequest) -> Any:
        return self._stub.GetHead(request, metadata=COLLECT)


async def sold(house: House, sku: str, quantity: int, *, location_id: str = "paris") -> None:
    """At the till, of what is held, and inventory has broken what that leaves uncovered."""
    line = stock_pb.StockLine(location_id=location_id, sku=sku, quantity=quantity)
    request = stock_pb.RecordSaleRequest(request_id=str(uuid4()), lines=[line])
    await house.inventory.stock.RecordSale(request, metadata=TILL)
    await Mender(house.inventory.records, clock=house.clock).mend_all()


async def one_broken(house: House) -> pb.Order:
    """An order of 2 lamps, of which one was sold; then 9 came in. It has yet to be told."""
    order = await house.place(lines={"LAMP": 2})
    await sold(house, "LAMP", 9)
    await house.inventory.put_on_shelf(LAMP=9)
    # What is asked for from here on is newer, and broken first.
    house.clock.now += timedelta(seconds=1)
    hold = BrokenHold(
        reservation_id=(await house.order(order.order_id)).reservation_id,
        order_id=order.order_id,
        lines=(BrokenLine(sku="LAMP", quantity=1),),
        revision=2,
    )
    await house.put(hold)
    return order


async def broken(house: House, *, lamps: int, shelf: int) -> pb.Order:
    """An order of 4 lamps and 2 cords, of which so many lamps were sold, then came in again."""
    order = await house.place(lines={"LAMP": 4, "CORD": 2})
    await sold(house, "LAMP", 6 + lamps)
    await house.inventory.put_on_shelf(LAMP=shelf)
    # What is asked for from here on is newer, and broken first.
    house.clock.now += timedelta(seconds=1)
    return order


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


Stock: TypeAlias = "StockServiceAsyncStub | None"


async def told(house: House, *, stock: Stock = None, late_s_max: float | None = None) -> None:
    """All that is broken by now is noted, and orders know of it."""
    async with followed(house):

        async def is_noted() -> bool:
            return bool(await noted(house))

        await until(is_noted)
    await tell_all(house, stock=stock, late_s_max=late_s_max)


async def tell_all(house: House, *, stock: Stock = None, late_s_max: float | None = None) -> None:
    """By `stock` it is asked what is free; by inventory's own unless it is given."""
    async with open_channel(house.inventory.address) as inventory:
        elsewhere = Elsewhere(
            house.records,
            SourcingServiceStub(inventory),
            late_s_max=late_s_max,
            clock=house.clock,
        )
        shortening = Shortening(
            house.records,
            house.saga,
            stock=stock or StockServiceStub(inventory),
            elsewhere=elsewhere,
            parcels=house.parcels,
            clock=house.clock,
        )
        await shortening.tell_all()
        await house.parcels.settle()
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
