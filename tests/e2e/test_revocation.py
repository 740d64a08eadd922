"""Who has signed out hears nothing more, on streams that were opened before either."""

import asyncio

import grpc
import pytest
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1.order_service_pb2_grpc import OrderServiceStub

from tests.people import Person
from tests.shopping import BOUND_S, DRILL, ordered
from tests.suite import Stack


async def test_a_watch_ends_when_its_customer_signs_out(
    stack: Stack, buyer: Person, seller: Person
) -> None:
    order_id = (await ordered(buyer, [{"sku": DRILL, "quantity": 1}]))["order_id"]
    metadata = (("authorization", f"Bearer {buyer.token}"),)
    async with grpc.aio.insecure_channel(stack.address("collect")) as collect:
        request = pb.WatchOrderRequest(order_id=order_id)
        watch = aiter(OrderServiceStub(collect).WatchOrder(request, metadata=metadata))
        assert (await anext(watch)).order.order_id == order_id

        assert (await buyer.delete("/v1/sessions/current")).status == 204
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async with asyncio.timeout(BOUND_S):
                async for _ in watch:
                    pass
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED

    # Nobody but the shop can give the drill back now.
    cancelled = await seller.post(
        f"/v1/terminal/orders/{order_id}/cancel", {"cause": "the test is over"}
    )
    assert cancelled.status == 200
