"""Houses with one enrolled cabinet, on memory unless a test says otherwise."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chassis.memory_records import MemoryRecords
from tests.collect.locker.cabinets import PUBLIC_KEY, cabinet, put
from tests.collect.locker.house import KINDS, House, open_house


@pytest.fixture
async def memory() -> MemoryRecords:
    records = MemoryRecords(KINDS)
    await records.ensure_indexes()
    await put(records, replace(cabinet(), public_key=PUBLIC_KEY, journal_key=PUBLIC_KEY))
    return records


@pytest.fixture
async def house(memory: MemoryRecords) -> AsyncIterator[House]:
    async with open_house(memory, memory.log) as opened:
        yield opened


@pytest.fixture
async def replica(memory: MemoryRecords) -> AsyncIterator[House]:
    """Another one on the records of `house`."""
    async with open_house(memory, memory.log) as opened:
        yield opened
