"""An order that was given others in place of what is broken ends both of its holds."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb
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
from tests.collect.order.line import AwayError


class Losing:
    """Inventory's reservations; of the calls that end a hold one is lost, or its answer."""

    def __init__(self, stub: Any, *, number: int, when: str) -> None:
        self._stub = stub
        self._when = when
        self._left = number

    async def Commit(self, request: reservation_pb.CommitRequest) -> Any:
        self._left -= 1
        if self._left == 0 and self._when == "before":
            raise AwayError("the line is cut")
        answer = await self._stub.Commit(request)
        if self._left == 0:
            raise AwayError("the line is cut")
        return answer


async def binned(
    house: House, order: pb.Order, *, lamps: int, cut: Collection[tuple[str, StepName]] = ()
) -> None:
    """With so many lamps found, and all cords; then the line is cut there."""
    await house.pick(order.order_id, lamps)
    await house.pick(order.order_id, 2, line=2)
    house.line.cut |= set(cut)
    await house.stage(order.order_id)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_whoever_is_lost_between_both_holds_another_ends_both(
    house: House, number: int, when: str
) -> None:
    order = await broken(house, lamps=3, shelf=9)
    await told(house)
    await binned(house, order, lamps=3, cut={("before", StepName.COMMIT)})
    house.clock.now += timedelta(minutes=1)
    async with open_channel(house.inventory.address) as channel:
        losing: Any = Losing(ReservationServiceStub(channel), number=number, when=when)
        stock, payments = StockServiceStub(channel), Simulator(house.records)
        effects = Effects(reservations=losing, stock=stock, payments=payments)
        await Saga(house.records, effects.by_step(), clock=house.clock).drive(order.order_id)
    house.line.mend()
    await house.passes(timedelta(minutes=1))

    assert await house.inventory.where("LAMP") == {"sellable": 5, "staged": 3}
    assert await house.inventory.reservation_states() == ["COMMITTED", "COMMITTED"]


async def test_both_holds_that_have_lapsed_are_booked_once(house: House) -> None:
    order = await broken(house, lamps=3, shelf=9)
    await told(house)
    await binned(house, order, lamps=3, cut={("before", StepName.COMMIT)})
    house.line.mend()
    await house.passes(timedelta(days=8))

    assert await house.inventory.reservation_states() == ["LAPSED", "LAPSED"]
    assert await house.inventory.where("LAMP") == {"sellable": 5, "staged": 3}
    assert (await house.inventory.moves("LAMP"))[-3:] == [
        "sellable to staged: 1 order",
        "sellable to staged: 2 order",
        "sellable to outside: 1 not_found",
    ]


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_one_that_is_called_off_while_it_asks_gives_all_back(house: House, cut: str) -> None:
    order = await broken(house, lamps=3, shelf=9)
    house.line.cut = {(cut, StepName.RESERVE)}
    await told(house)
    await house.cancel(order.order_id)
    house.line.mend()
    await house.passes(timedelta(minutes=1))

    assert await house.inventory.where("LAMP") == {"sellable": 9}
    assert await house.inventory.where("CORD") == {"sellable": 10}
    assert "ACTIVE" not in await house.inventory.reservation_states()


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_one_that_is_called_off_while_it_is_picked_and_asks_tells_what_it_missed(
    house: House, cut: str
) -> None:
    order = await broken(house, lamps=3, shelf=9)
    house.line.cut = {(cut, StepName.RESERVE)}
    await told(house)
    await house.pick(order.order_id, 1, line=2)
    await house.cancel(order.order_id)
    house.line.mend()
    await house.passes(timedelta(minutes=1))

    assert await house.inventory.where("LAMP") == {"sellable": 9}
    assert await house.inventory.where("CORD") == {"sellable": 9}
    assert "ACTIVE" not in await house.inventory.reservation_states()


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_one_that_is_picked_while_it_asks_is_staged_with_both(house: House, cut: str) -> None:
    order = await broken(house, lamps=3, shelf=9)
    house.line.cut = {(cut, StepName.RESERVE)}
    await told(house)
    await binned(house, order, lamps=4)
    house.line.mend()
    await house.passes(timedelta(minutes=1))

    assert await house.inventory.where("LAMP") == {"sellable": 5, "staged": 4}
    assert await house.inventory.reservation_states() == ["COMMITTED", "COMMITTED"]


async def test_what_a_picker_does_not_find_of_either_leaves_the_book_once(house: House) -> None:
    order = await broken(house, lamps=3, shelf=5)
    await told(house)
    await binned(house, order, lamps=2)

    assert await house.inventory.where("LAMP") == {"sellable": 1, "staged": 2}
    assert (await house.inventory.moves("LAMP"))[-3:] == [
        "sellable to staged: 1 order",
        "sellable to staged: 1 order",
        "sellable to outside: 2 not_found",
    ]
