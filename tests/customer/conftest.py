"""The customer service on records in memory, one for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.customer.house import House, opened_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened_house() as opened:
        yield opened
