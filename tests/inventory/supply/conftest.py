"""What is expected and kept back, beside the inventory of `house`: its records, its clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from comptoir.inventory.v1 import supply_service_pb2_grpc as pb_grpc

from services.inventory.supply.servicer import SupplyServicer
from tests.inventory.house import House, books_of
from tests.serving import serving


@asynccontextmanager
async def supply_of(house: House) -> "AsyncIterator[pb_grpc.SupplyServiceAsyncStub]":
    async with serving(SupplyServicer(books_of(house))) as channel:
        yield pb_grpc.SupplyServiceStub(channel)


@pytest.fixture
async def supply(house: House) -> "AsyncIterator[pb_grpc.SupplyServiceAsyncStub]":
    async with supply_of(house) as stub:
        yield stub


@pytest.fixture
async def any_supply(any_house: House) -> "AsyncIterator[pb_grpc.SupplyServiceAsyncStub]":
    async with supply_of(any_house) as stub:
        yield stub
