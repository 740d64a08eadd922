"""A shop for the programs of other teams."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clients.shop import Shop, shop


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Shop]:
    async with shop(tmp_path) as opened:
        yield opened
