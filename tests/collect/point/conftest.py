"""The point service, on memory and on each store."""

from collections.abc import AsyncIterator

import pytest

from chassis.memory_records import MemoryRecords
from tests.collect.point.shop import KINDS, Shop, opened
from tests.conftest import MakeRecords


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with opened(MemoryRecords(KINDS)) as made:
        yield made


@pytest.fixture
async def real_shop(records: MakeRecords) -> AsyncIterator[Shop]:
    async with opened(await records(KINDS)) as made:
        yield made
