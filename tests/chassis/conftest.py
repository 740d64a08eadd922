"""What a service has logged, and replicas of one with a channel to them."""

import io
import logging
from collections.abc import AsyncIterator, Iterator, Sequence

import grpc
import pytest
import structlog

from chassis import logs
from tests.chassis.replicated import REPLICAS_COUNT, Replica, called


@pytest.fixture
def out() -> Iterator[io.BytesIO]:
    """Where the lines of this process go, as those of a service would."""
    stream = io.BytesIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # Or configuring closes those of the test runner.
    logs.configure("inventory", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def replicas() -> AsyncIterator[Sequence[Replica]]:
    made = [Replica() for _ in range(REPLICAS_COUNT)]
    for replica in made:
        await replica.begin()
    yield made
    for replica in made:
        await replica.end()


@pytest.fixture
async def near_channel(replicas: Sequence[Replica]) -> AsyncIterator[grpc.aio.Channel]:
    """One with affinity, to all replicas."""
    async with called(*(replica.address for replica in replicas)) as opened:
        yield opened
