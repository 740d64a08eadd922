"""What is limited for each customer, on the running suite: put by a program, met in the app."""

from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import grpc
import pytest
from comptoir.inventory.v1 import limit_service_pb2 as pb
from comptoir.inventory.v1.limit_service_pb2_grpc import LimitServiceStub

from tests.machines import signed_in
from tests.people import Person, customer
from tests.shopping import COUNTER, ordered, slot_at
from tests.suite import Stack

# No other test buys it.
WANTED = "MES-5012"
LINES = [{"sku": WANTED, "quantity": 1}]


@pytest.fixture
async def limited(stack: Stack) -> AsyncIterator[None]:
    """One for each customer, as long as the test goes."""
    importer = await signed_in(stack, "importer")
    async with grpc.aio.insecure_channel(stack.address("inventory")) as inventory:
        stub = LimitServiceStub(inventory)
        for most in (1, 0):
            limit = pb.Limit(sku=WANTED, quantity_max=most)
            request = pb.PutLimitsRequest(request_id=str(uuid4()), limits=[limit])
            await stub.PutLimits(request, metadata=importer)
            if most:
                yield


async def test_a_customer_who_has_one_is_told_and_another_customer_gets_one(
    limited: None, buyer: Person, http: aiohttp.ClientSession
) -> None:
    first = await ordered(buyer, LINES)
    slot_id = await slot_at(buyer, COUNTER, LINES)
    wish = {"lines": LINES, "point_id": COUNTER, "slot_id": slot_id}
    refused = await buyer.post("/v1/orders", {**wish, "payment": {"method": "at_counter"}})
    assert (refused.status, refused.reason) == (409, "BUYER_LIMIT_REACHED"), refused.body

    other = await ordered(await customer(http), LINES)
    for person_order in (first, other):
        assert person_order["state"] == "confirmed"
