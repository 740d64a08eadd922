"""The running suite seen from outside, by everybody there is."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import aiohttp
import grpc
import pytest

from tests.rights.callers import Issuers, issuers_of
from tests.rights.methods import SERVICES
from tests.rights.parcels import parcels_in
from tests.rights.world import Settling, World, settled
from tests.suite import Stack


@pytest.fixture(scope="session")
async def issuers(stack: Stack) -> AsyncIterator[Issuers]:
    async with issuers_of(stack) as opened:
        yield opened


@pytest.fixture(scope="session")
async def channels(stack: Stack) -> AsyncIterator[Mapping[str, grpc.aio.Channel]]:
    """To each service's own door, past the gateway."""
    async with AsyncExitStack() as opened:
        yield {
            name: await opened.enter_async_context(grpc.aio.insecure_channel(stack.address(name)))
            for name in SERVICES
        }


@pytest.fixture(scope="session")
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(stack.url) as opened:
        yield opened


@pytest.fixture(scope="session")
async def world(
    stack: Stack,
    http: aiohttp.ClientSession,
    channels: Mapping[str, grpc.aio.Channel],
    issuers: Issuers,
) -> AsyncIterator[World]:
    settling = Settling(http, channels, issuers)
    async with parcels_in(stack, settling.marks["bin"]) as parcel_id:
        async with settled(settling, parcel_id=parcel_id) as opened:
            yield opened
