"""The gateway before prepared neighbours."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.gateway import given
from tests.gateway.house import House, open_gateway


@pytest.fixture(scope="session")
async def standing_house() -> AsyncIterator[House]:
    async with open_gateway() as opened:
        yield opened


@pytest.fixture
def house(standing_house: House) -> Iterator[House]:
    """One for the session, whose neighbours have heard and prepared nothing yet."""
    for neighbour in standing_house.neighbours.values():
        neighbour.asked.clear()
        neighbour.answers.clear()
    standing_house.opened.cache.clear()
    yield standing_house


@pytest.fixture
async def shop() -> AsyncIterator[House]:
    """With a near cache that hears both owners."""
    async with open_gateway() as house:
        given.fill_shelves(house)
        await house.hears()
        yield house


@pytest.fixture
async def plain_shop() -> AsyncIterator[House]:
    """Without a near cache."""
    async with open_gateway(near_cache=False) as house:
        given.fill_shelves(house)
        yield house
