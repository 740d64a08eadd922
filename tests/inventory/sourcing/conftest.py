"""Sourcing beside the inventory of `house`: the same records, the same clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from comptoir.inventory.v1 import sourcing_service_pb2_grpc as pb_grpc

from services.inventory.location.store import KnownLocations, Listing
from services.inventory.sourcing.planning import Weights
from services.inventory.sourcing.plans import PLANS_MAX, open_plans
from services.inventory.sourcing.servicer import SourcingServicer
from tests.inventory.house import House
from tests.serving import serving


@asynccontextmanager
async def sourcing_of(
    house: House, *, plans_max: int = PLANS_MAX
) -> "AsyncIterator[pb_grpc.SourcingServiceAsyncStub]":
    with open_plans(plans_max=plans_max) as plans:
        servicer = SourcingServicer(
            house.records,
            locations=KnownLocations(house.records),
            listing=Listing(house.records),
            plans=plans,
            weights=Weights(),
            clock=house.clock,
        )
        async with serving(servicer) as channel:
            yield pb_grpc.SourcingServiceStub(channel)


@pytest.fixture
async def sourcing(house: House) -> "AsyncIterator[pb_grpc.SourcingServiceAsyncStub]":
    async with sourcing_of(house) as stub:
        yield stub


@pytest.fixture
async def any_sourcing(any_house: House) -> "AsyncIterator[pb_grpc.SourcingServiceAsyncStub]":
    async with sourcing_of(any_house) as stub:
        yield stub
