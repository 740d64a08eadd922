"""Orders with all that they need, in memory."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.engines import Engines
from tests.collect.order.crashes import Site, open_site
from tests.collect.order.house import House, memory_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with memory_house() as opened:
        yield opened


@pytest.fixture(scope="module")
async def site(engines: Engines) -> AsyncIterator[Site]:
    async with open_site(engines.mongo_uri) as opened:
        yield opened
