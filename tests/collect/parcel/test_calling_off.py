"""Units of an order that is called off go back to a shelf, wherever their parcel is by then."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb

from services.collect.parcel.values import State
from tests.collect.order.asking import refused
from tests.collect.order.breaking import sold, told
from tests.collect.order.house import House
from tests.collect.parcel.shops import broken_order, open_lyon, pack, receive, send, the_parcel

Work = Callable[[House], Awaitable[object]]


async def packed(house: House) -> None:
    await pack(house, {"LAMP": 1})


async def on_its_way(house: House) -> None:
    await packed(house)
    await send(house)


async def arrived(house: House) -> None:
    await on_its_way(house)
    await receive(house, {"LAMP": 1})


async def held(house: House) -> None:
    pass


async def driven(house: House) -> None:
    await house.saga.settle()
    await house.parcels.drive((await the_parcel(house)).parcel_id)


@pytest.mark.parametrize(
    "so_far, state, there, here",
    [
        (held, State.CALLED_OFF, {"sellable": 5}, {"sellable": 1}),
        (packed, State.CALLED_OFF, {"sellable": 5}, {"sellable": 1}),
        (on_its_way, State.SENT, {"sellable": 4}, {"sellable": 1, "in_transit": 1}),
        (arrived, State.ARRIVED, {"sellable": 4}, {"sellable": 2}),
    ],
)
async def test_its_units_go_back_where_they_are(
    house: House, so_far: Work, state: State, there: dict[str, int], here: dict[str, int]
) -> None:
    await open_lyon(house)
    order = await broken_order(house)
    await so_far(house)
    await house.cancel(order.order_id)
    await driven(house)

    assert (await the_parcel(house)).state is state
    assert await house.inventory.where("LAMP", "lyon") == there
    assert await house.inventory.where("LAMP") == here


async def test_what_was_on_its_way_goes_to_the_shelf_when_it_comes(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house)
    await on_its_way(house)
    before = await the_parcel(house)
    await house.cancel(order.order_id)
    await house.saga.settle()
    assert (await the_parcel(house)).revision > before.revision
    parcel = await receive(house, {"LAMP": 1}, bin_label="")

    assert parcel.called_off
    assert (await the_parcel(house)).state is State.CALLED_OFF
    assert await house.inventory.where("LAMP") == {"sellable": 2}


async def test_a_parcel_that_was_called_off_is_not_sent(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house)
    await packed(house)
    await house.cancel(order.order_id)
    assert await refused(send(house)) == "FAILED_PRECONDITION PARCEL_NOT_PACKED"


async def test_what_the_till_there_sells_shortens_the_order(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house)
    await sold(house, "LAMP", 5, location_id="lyon")
    await told(house, late_s_max=0)
    await driven(house)

    line = (await house.get(order.order_id)).lines[0]
    assert (line.brought_quantity, line.broken_quantity) == (0, 1)
    assert (await the_parcel(house)).state is State.SHORT
    assert await house.inventory.where("LAMP", "lyon") == {}


async def test_what_nobody_packs_in_time_shortens_the_order(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house)
    await house.pick(order.order_id, 1)
    await house.stage(order.order_id)
    house.clock.now = (await the_parcel(house)).hold_until - timedelta(minutes=1)
    await house.parcels.drive((await the_parcel(house)).parcel_id)
    assert (await house.get(order.order_id)).state == order_pb.ORDER_STATE_STAGED
    house.clock.now += timedelta(minutes=1)
    await house.parcels.drive((await the_parcel(house)).parcel_id)

    assert (await house.get(order.order_id)).state == order_pb.ORDER_STATE_READY
    assert await house.inventory.where("LAMP", "lyon") == {"sellable": 5}
