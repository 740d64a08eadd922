"""The desk of an operator, beside a house with orders."""

from collections.abc import AsyncIterator

import pytest

from tests.collect.order.house import House, memory_house
from tests.collect.stuck.desk import Desk, open_desk


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with memory_house() as opened:
        yield opened


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house) as opened:
        yield opened
