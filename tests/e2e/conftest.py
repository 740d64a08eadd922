"""People and another team's program on the running suite."""

from collections.abc import AsyncIterator

import aiohttp
import grpc
import pytest
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from tests.machines import enrolment_code, signed_in
from tests.people import Person, associate, customer
from tests.shopping import SHOP, Till
from tests.suite import Stack


@pytest.fixture
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(stack.url) as opened:
        yield opened


@pytest.fixture
async def buyer(http: aiohttp.ClientSession) -> Person:
    return await customer(http)


@pytest.fixture(scope="session")
async def seller(stack: Stack) -> AsyncIterator[Person]:
    """An associate of the shop, on a terminal of their own."""
    member = stack.accounts["staff"][0]
    code = await enrolment_code(stack, SHOP)
    async with aiohttp.ClientSession(stack.url) as opened:
        yield await associate(opened, code=code, badge=member["badge"], pin=member["pin"])


@pytest.fixture
async def till(stack: Stack) -> AsyncIterator[Till]:
    async with grpc.aio.insecure_channel(stack.address("inventory")) as inventory:
        yield Till(StockServiceStub(inventory), await signed_in(stack, "till"))
