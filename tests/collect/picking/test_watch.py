"""The queue of a shop as it is watched: a snapshot, then what changes, from any cursor on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb

from chassis.events import LogCursor, encode_cursor
from tests.collect.order.asking import LEA, SAM, refused
from tests.collect.order.house import House
from tests.serving import Metadata


@asynccontextmanager
async def watching(
    house: House, cursor: str = "", *, metadata: Metadata = SAM
) -> AsyncIterator[Any]:
    request = pb.WatchQueueRequest(location_id="paris", cursor=cursor)
    call = house.picking.WatchQueue(request, metadata=metadata, timeout=10)
    yield call
    call.cancel()


async def read_until(call: Any, state: "order_pb.OrderState.ValueType") -> list[Any]:
    """All answers up to the first with an order in this state."""
    answers: list[Any] = []
    while not answers or all(order.state != state for order in answers[-1].orders):
        answers.append(await call.read())
    return answers


async def snapshot(call: Any) -> list[Any]:
    answers = [await call.read()]
    while not answers[-1].snapshot_complete:
        answers.append(await call.read())
    return answers


async def test_live_orders_come_first_and_then_it_is_said_that_they_are_all(
    house: House,
) -> None:
    ids = {(await house.place(lines={"LAMP": 1})).order_id for _ in range(3)}
    async with watching(house) as call:
        answers = await snapshot(call)
    assert {order.order_id for answer in answers for order in answer.orders} == ids


async def test_an_empty_shop_has_a_snapshot_too(house: House) -> None:
    async with watching(house) as call:
        [only] = await snapshot(call)
    assert (list(only.orders), only.snapshot_complete) == ([], True)


async def test_what_changes_is_sent_and_what_has_ended_a_last_time(house: House) -> None:
    order = await house.place()
    async with watching(house) as call:
        await snapshot(call)
        await house.pick(order.order_id, 2)
        await read_until(call, order_pb.ORDER_STATE_PICKING)
        await house.cancel(order.order_id)
        answers = await read_until(call, order_pb.ORDER_STATE_CANCELLED)
    assert answers[-1].orders[0].order_id == order.order_id


async def test_an_order_placed_meanwhile_is_sent(house: House) -> None:
    async with watching(house) as call:
        await snapshot(call)
        order = await house.place()
        answers = await read_until(call, order_pb.ORDER_STATE_CONFIRMED)
    assert answers[-1].orders[0].order_id == order.order_id


async def test_from_a_cursor_it_goes_on_and_misses_nothing(house: House) -> None:
    order = await house.place()
    async with watching(house) as call:
        [*_, last] = await snapshot(call)
    await house.pick(order.order_id, 2)
    await house.stage(order.order_id)

    async with watching(house, last.cursor) as call:
        answers = await read_until(call, order_pb.ORDER_STATE_READY)
    assert not any(answer.snapshot_complete for answer in answers)


async def test_a_bookmark_is_behind_all_that_was_sent(house: House) -> None:
    order = await house.place()
    async with watching(house) as call:
        await snapshot(call)
        await house.cancel(order.order_id)
        await read_until(call, order_pb.ORDER_STATE_CANCELLED)
        while (bookmark := await call.read()).orders:
            pass
    async with watching(house, bookmark.cursor) as call:
        after = await call.read()
    assert list(after.orders) == []


async def test_a_cursor_of_another_log_is_too_old(house: House) -> None:
    async with watching(house, encode_cursor(LogCursor("another", 1))) as call:
        assert await refused(call.read()) == "FAILED_PRECONDITION CURSOR_TOO_OLD"


async def test_another_shops_queue_is_as_if_it_were_not_there(house: House) -> None:
    async with watching(house, metadata=LEA) as call:
        assert await refused(call.read()) == "NOT_FOUND UNKNOWN_LOCATION"
