"""The inventory service on records in memory, or on both stores where the store matters."""

from collections.abc import AsyncIterator

import pytest

from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from tests.inventory.balance.documents import Documents, MemoryDocuments, MongoDocuments
from tests.inventory.house import House, memory_house, mongo_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with memory_house() as opened:
        yield opened


@pytest.fixture
async def house_on_mongo(database: Database) -> AsyncIterator[House]:
    async with mongo_house(database) as opened:
        yield opened


@pytest.fixture(params=["house", "house_on_mongo"])
def any_house(request: pytest.FixtureRequest) -> House:
    """Once in memory, once on MongoDB."""
    opened: House = request.getfixturevalue(request.param)
    return opened


@pytest.fixture
def documents(any_house: House, request: pytest.FixtureRequest) -> Documents:
    """What lies in its store, to be spoilt."""
    if isinstance(any_house.records, MemoryRecords):
        return MemoryDocuments(any_house.records)
    return MongoDocuments(request.getfixturevalue("database"))
