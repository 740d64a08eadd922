"""Pepper and refresh key changed while a shop works."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.memory_records import MemoryRecords
from chassis.passwords import open_passwords
from chassis.records import Records
from services.associate.main import KINDS
from services.associate.staff.store import STAFF
from tests.associate.house import BADGE, Clock, House, listed, opened, reason
from tests.conftest import MakeRecords

OLD, NEW = b"o" * 32, b"n" * 32


@asynccontextmanager
async def shop(records: Records, clock: Clock, *keys: bytes) -> AsyncIterator[House]:
    """The service with these keys for pepper and secret, the one in use first."""
    with open_passwords(*keys) as passwords:
        async with opened(records, passwords, clock, secrets=keys) as made:
            yield made


async def test_who_has_signed_in_since_keeps_their_pin_when_the_old_pepper_goes(
    records: MakeRecords,
) -> None:
    clock = Clock()
    store = await records(KINDS, clock=clock)
    async with shop(store, clock, OLD) as house:
        await house.take_in(listed(), listed("B-2", number=2), listed("B-3", number=3))
        device = await house.device()
    async with shop(store, clock, NEW, OLD) as house:
        for _ in range(2):
            await house.sign_in(device)
        await house.take_in(listed("B-2"))
    async with shop(store, clock, NEW) as house:
        await house.sign_in(device)
        await house.sign_in(device, badge="B-2")  # Their PIN came again with the list.
        assert await reason(house.sign_in(device, badge="B-3")) == "WRONG_CREDENTIALS"


async def test_a_wrong_pin_renews_nothing() -> None:
    clock = Clock()
    records = MemoryRecords(KINDS, clock=clock)
    async with shop(records, clock, OLD) as house:
        await house.take_in(listed())
        device = await house.device()
    before = await records.find(STAFF, BADGE)
    async with shop(records, clock, NEW, OLD) as house:
        assert await reason(house.sign_in(device, pin="000001")) == "WRONG_CREDENTIALS"
    assert await records.find(STAFF, BADGE) == before


async def test_sessions_and_challenges_outlive_the_change_of_their_key() -> None:
    clock = Clock()
    records = MemoryRecords(KINDS, clock=clock)
    async with shop(records, clock, OLD) as house:
        await house.take_in(listed())
        device = await house.device()
        held, left = [(await house.sign_in(device)).tokens.refresh_token for _ in range(2)]
    # Told of the new key, another replica still makes by the old one.
    async with shop(records, clock, OLD, NEW) as house:
        asked = await house.sign_in_request(device)
    async with shop(records, clock, NEW, OLD) as house:
        await house.send(asked)
        held = (await house.refresh(held)).refresh_token
    async with shop(records, clock, OLD, NEW) as house:
        held = (await house.refresh(held)).refresh_token
    async with shop(records, clock, NEW, OLD) as house:
        held = (await house.refresh(held)).refresh_token
    async with shop(records, clock, NEW) as house:
        await house.refresh(held)
        assert await reason(house.refresh(left)) == "SESSION_ENDED"
