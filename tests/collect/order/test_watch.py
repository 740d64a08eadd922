"""An order as it is watched: as it is, then after each change, until it rests."""

import asyncio
from collections.abc import AsyncIterable
from itertools import pairwise

from comptoir.collect.v1 import order_service_pb2 as pb

from tests.collect.order.asking import ANNA
from tests.collect.order.house import House


class TestWatch:
    async def test_it_is_sent_as_it_is_then_after_each_change_until_it_ends(
        self, house: House
    ) -> None:
        order = await house.place()
        request = pb.WatchOrderRequest(order_id=order.order_id)
        seen = []
        async for response in house.orders.WatchOrder(request, metadata=ANNA, timeout=10):
            seen.append(response.order)
            if len(seen) == 1:
                await house.pick(order.order_id, 2)
            elif response.order.state == pb.ORDER_STATE_PICKING:
                await house.cancel(order.order_id)

        states = [each.state for each in seen]
        assert states[0] == pb.ORDER_STATE_CONFIRMED
        assert states[-1] == pb.ORDER_STATE_CANCELLED
        assert all(a.revision < b.revision for a, b in pairwise(seen))

    async def test_what_was_seen_is_left_out(self, house: House) -> None:
        order = await house.place()
        request = pb.WatchOrderRequest(order_id=order.order_id, after_revision=order.revision)
        call = house.orders.WatchOrder(request, metadata=ANNA, timeout=10)
        watching = asyncio.create_task(first(call))
        await house.pick(order.order_id, 1)

        assert (await watching).order.state == pb.ORDER_STATE_PICKING

    async def test_what_has_ended_is_sent_until_its_money_is_where_it_stays(
        self, house: House
    ) -> None:
        order = await house.place()
        await house.cancel(order.order_id)
        request = pb.WatchOrderRequest(order_id=order.order_id)
        call = house.orders.WatchOrder(request, metadata=ANNA, timeout=10)
        seen = [response.order async for response in call]
        assert {each.state for each in seen} == {pb.ORDER_STATE_CANCELLED}
        assert seen[-1].payment_state == pb.PAYMENT_STATE_VOIDED


async def first(call: AsyncIterable[pb.WatchOrderResponse]) -> pb.WatchOrderResponse:
    async for response in call:
        return response
    raise AssertionError("nothing was sent")
