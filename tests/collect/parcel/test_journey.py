"""What the till sold behind an order comes from another shop, as customer and staff see it."""

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb

from tests.collect.order.asking import LEA, SAM, TO_LOCKER, new_id, refused
from tests.collect.order.breaking import broken, told
from tests.collect.order.house import House
from tests.collect.order.orders import NOON
from tests.collect.parcel.shops import (
    broken_order,
    listed,
    open_lyon,
    pack,
    receive,
    send,
    the_parcel,
)
from tests.serving import calling_as

HELD = pb.PARCEL_STATE_HELD


async def test_another_shop_sends_what_the_till_sold_and_the_order_is_whole(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house)
    line = order.lines[0]
    assert (line.brought_quantity, line.broken_quantity, order.total.minor) == (1, 0, 2 * 1990)
    assert line.brought_from_location_id == "lyon"
    assert line.state == order_pb.LINE_STATE_ON_ITS_WAY
    assert (order.ready_time.seconds - NOON.timestamp()) == 3600
    assert await house.inventory.where("LAMP", "lyon") == {"sellable": 5, "held": 1}

    await house.pick(order.order_id, 1)
    await pack(house, {"LAMP": 1})
    await send(house)
    assert await house.inventory.where("LAMP", "lyon") == {"sellable": 4}
    waits = await house.stage(order.order_id)
    assert waits.state == order_pb.ORDER_STATE_STAGED
    assert await house.inventory.where("LAMP") == {"in_transit": 1, "staged": 1}

    await receive(house, {"LAMP": 1})
    ready = await house.get(order.order_id)
    assert (ready.state, ready.place_label) == (order_pb.ORDER_STATE_READY, "B7")
    assert not ready.HasField("ready_time")
    await house.hand_over(order.order_id, await house.code(order.order_id))
    after = await house.get(order.order_id)
    assert (after.state, after.total.minor) == (order_pb.ORDER_STATE_COLLECTED, 2 * 1990)
    assert await house.inventory.where("LAMP") == {}
    assert (await house.payments())[0].captured_minor == 2 * 1990


async def test_an_order_of_which_all_is_sent_is_ready_when_it_has_come(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house, take=10)
    assert order.lines[0].brought_quantity == 2
    await pack(house, {"LAMP": 2})
    await send(house)
    await receive(house, {"LAMP": 2})

    ready = await house.get(order.order_id)
    assert (ready.state, ready.place_label) == (order_pb.ORDER_STATE_READY, "B7")
    assert await house.inventory.where("LAMP") == {"staged": 2}


async def test_a_locker_takes_an_order_once_all_of_it_is_there(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house, fields=TO_LOCKER)
    await house.pick(order.order_id, 1)
    await house.stage(order.order_id)
    await pack(house, {"LAMP": 1})
    await send(house)
    load = pb.LoadLockerRequest(request_id=new_id(), order_id=order.order_id)
    call = house.picking.LoadLocker(load, metadata=SAM)
    assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_STAGED"
    await receive(house, {"LAMP": 1})
    load.request_id = new_id()
    loading = (await house.picking.LoadLocker(load, metadata=SAM)).order
    assert loading.state == order_pb.ORDER_STATE_STAGED


async def test_what_would_come_too_late_is_not_asked_for(house: House) -> None:
    await open_lyon(house, hours=4)
    order = await broken_order(house, late_s_max=1800)
    assert (order.lines[0].broken_quantity, order.lines[0].brought_quantity) == (1, 0)
    assert await house.inventory.where("LAMP", "lyon") == {"sellable": 5}


async def test_what_comes_late_keeps_the_order_for_as_long_as_another(house: House) -> None:
    await open_lyon(house, hours=24)
    order = await broken_order(house, late_s_max=24 * 3600)
    assert order.lines[0].brought_quantity == 1
    kept = await house.order(order.order_id)
    assert kept.collect_by_time > kept.hold_until


async def test_without_the_setting_nobody_is_asked(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house, late_s_max=None)
    assert (order.lines[0].broken_quantity, order.lines[0].brought_quantity) == (1, 0)


async def test_what_is_free_here_and_not_enough_keeps_nobody_from_asking_elsewhere(
    house: House,
) -> None:
    await open_lyon(house)
    order = await broken(house, lamps=3, shelf=3)
    await told(house, late_s_max=0)
    line = (await house.order(order.order_id)).lines[0]
    assert (line.broken_quantity, line.replaced_quantity, line.brought_quantity) == (3, 2, 1)


async def test_what_the_sender_does_not_find_shortens_the_order(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house, take=10)
    await pack(house, {"LAMP": 1})
    await house.parcels.settle()

    line = (await house.get(order.order_id)).lines[0]
    assert (line.brought_quantity, line.broken_quantity) == (1, 1)
    assert await house.inventory.where("LAMP", "lyon") == {"sellable": 3, "staged": 1}


async def test_what_never_comes_cancels_an_order_of_which_nothing_is_left(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house, take=10)
    await pack(house, {"LAMP": 2})
    await send(house)
    await receive(house, {"LAMP": 0}, bin_label="")

    after = await house.get(order.order_id)
    assert (after.state, after.cause) == (order_pb.ORDER_STATE_CANCELLED, "INSUFFICIENT_STOCK")
    assert await house.inventory.where("LAMP") == {}
    assert set(await house.inventory.reservation_states()) == {"RELEASED", "COMMITTED"}


async def test_who_sends_sees_the_parcel_and_nothing_of_the_order(house: House) -> None:
    await open_lyon(house)
    order = await broken_order(house)
    (mine,) = await listed(house, "lyon", incoming=False, metadata=LEA)
    (theirs,) = await listed(house, "paris", incoming=True, metadata=SAM)
    assert (mine.state, mine.order_id, theirs.order_id) == (HELD, "", order.order_id)
    assert mine.parcel_id == theirs.parcel_id
    secret = (order.order_id, order.label, order.customer_id, order.point_id)
    assert not any(word in str(mine) for word in secret)


async def test_anothers_parcel_is_as_if_it_were_not_there(house: House) -> None:
    await open_lyon(house)
    await broken_order(house)
    tom = calling_as("tom", "staff:associate", locations=("lille",))
    not_there = "NOT_FOUND UNKNOWN_PARCEL"
    assert await refused(pack(house, {"LAMP": 1}, metadata=tom)) == not_there
    assert await refused(pack(house, {"LAMP": 1}, metadata=SAM)) == not_there
    assert await refused(send(house, metadata=SAM)) == not_there
    assert await refused(receive(house, {"LAMP": 1}, metadata=LEA)) == not_there
    call = listed(house, "lyon", incoming=False, metadata=tom)
    assert await refused(call) == "NOT_FOUND UNKNOWN_LOCATION"
    assert (await the_parcel(house)).state.name == "HELD"
