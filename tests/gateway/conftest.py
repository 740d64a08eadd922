"""The gateway before prepared neighbours."""

from collections.abc import AsyncIterator, Iterator

import pytest

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
