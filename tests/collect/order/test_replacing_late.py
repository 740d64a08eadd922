"""Others that a replica asks for too late, when the order goes on without them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from services.collect.order.effects import Effects
from services.collect.order.values import StepName
from services.collect.order.workflow import Saga
from services.collect.payment.store import Simulator
from tests.collect.order.breaking import broken, told
from tests.collect.order.house import House
from tests.collect.order.inventory import open_channel


class Late:
    """Inventory's reservations; what is asked of them comes when it is let through."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub
        self.sent, self.let_through = asyncio.Event(), asyncio.Event()

    async def Reserve(self, request: reservation_pb.ReserveRequest) -> Any:
        self.sent.set()
        await self.let_through.wait()
        return await self._stub.Reserve(request)


@asynccontextmanager
async def asked_late(house: House, order_id: str) -> AsyncIterator[None]:
    """By a replica whose question comes when the block is over."""
    async with open_channel(house.inventory.address) as channel:
        late = Late(ReservationServiceStub(channel))
        stub: Any = late
        stock, payments = StockServiceStub(channel), Simulator(house.records)
        effects = Effects(reservations=stub, stock=stock, payments=payments)
        driven = Saga(house.records, effects.by_step(), clock=house.clock).drive(order_id)
        await late.sent.wait()
        yield
        late.let_through.set()
        await driven


async def test_a_question_that_comes_when_another_was_refused_holds_nothing(house: House) -> None:
    order = await broken(house, lamps=3, shelf=9)
    house.line.cut = {("before", StepName.RESERVE)}
    await told(house)
    house.line.mend()
    house.clock.now += timedelta(minutes=1)
    async with asked_late(house, order.order_id):
        await house.inventory.hold("LAMP", 8)
        await house.passes(timedelta(minutes=1))
        assert (await house.get(order.order_id)).lines[0].broken_quantity == 3
        await house.inventory.put_on_shelf(LAMP=20)

    assert await house.inventory.where("LAMP") == {"sellable": 20, "held": 8 + 1}
    assert (await house.order(order.order_id)).todo == ()


async def test_an_answer_that_inventory_has_forgotten_holds_up_nothing(house: House) -> None:
    """The id is known to have made something, and no longer what: that is refused for ever."""
    order = await broken(house, lamps=3, shelf=9)
    house.line.cut = {("after", StepName.RESERVE)}
    await told(house)
    await house.pick(order.order_id, 4)
    await house.pick(order.order_id, 2, line=2)
    await house.stage(order.order_id)
    house.line.mend()
    await house.passes(timedelta(days=62))

    assert (await house.order(order.order_id)).todo == ()
    assert await house.inventory.where("LAMP") == {"sellable": 5, "staged": 4}
