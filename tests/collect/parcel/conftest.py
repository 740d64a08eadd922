"""Orders with all that they need, in memory."""

from collections.abc import AsyncIterator

import pytest

from tests.collect.order.house import House, memory_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with memory_house() as opened:
        yield opened
