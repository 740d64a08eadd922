"""The house on both stores."""

from collections.abc import AsyncIterator

import pytest

from chassis.acts import ACTS
from services.customer.kinds import KINDS
from tests.conftest import MakeRecords
from tests.customer.house import (
    Clock,
    House,
    opened_house,
)


@pytest.fixture
async def kept_house(records: MakeRecords) -> AsyncIterator[House]:
    """On both stores, for what depends on how records are kept."""
    clock = Clock()
    async with opened_house(await records((*KINDS, ACTS), clock=clock), clock) as opened:
        yield opened
