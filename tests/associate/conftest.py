"""The service as tests meet it: in memory, or, where the store matters, on both stores."""

from collections.abc import AsyncIterator, Iterator

import pytest

from chassis.acts import ACTS
from chassis.memory_records import MemoryRecords
from chassis.passwords import Passwords, open_passwords
from services.associate.main import KINDS
from tests.associate.house import Clock, Device, House, listed, opened
from tests.conftest import MakeRecords

KEPT = (*KINDS, ACTS)  # As the runtime adds it.


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    with open_passwords(b"pepper") as made:
        yield made


@pytest.fixture
async def house(passwords: Passwords) -> AsyncIterator[House]:
    """In memory, with one associate of lyon-1."""
    clock = Clock()
    async with opened(MemoryRecords(KEPT, clock=clock), passwords, clock) as made:
        await made.take_in(listed())
        yield made


@pytest.fixture
async def stored_house(records: MakeRecords, passwords: Passwords) -> AsyncIterator[House]:
    """The same, once in memory and once on MongoDB."""
    clock = Clock()
    async with opened(await records(KEPT, clock=clock), passwords, clock) as made:
        await made.take_in(listed())
        yield made


@pytest.fixture
async def device(house: House) -> Device:
    """A terminal of lyon-1."""
    return await house.device()
