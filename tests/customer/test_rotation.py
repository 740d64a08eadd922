"""Vault key and refresh key changed while customers are served."""

import asyncio

import pytest

from chassis.config import ConfigError
from chassis.keys import Wrapping
from chassis.memory_records import MemoryRecords
from chassis.records import Records
from services.customer import vault as vault_module
from services.customer.kinds import KEY_KINDS, KINDS
from services.customer.vault import Vault
from tests.conftest import MakeRecords
from tests.customer.house import GATEWAY, REFRESH_KEY, Clock, opened_house, refresh, refused

OLD, NEW = b"o" * 32, b"n" * 32
PEOPLE = ("anna", "ben", "cleo", "dora", "emil")


async def sealed_for(keys: Records, *customer_ids: str) -> dict[str, bytes]:
    """A field of each, sealed while only the old key was there."""
    made = await Vault(keys, Wrapping(OLD)).make_all(customer_ids)
    return {name: key.seal("email", name) for name, key in made.items() if key is not None}


async def opens(vault: Vault, sealed: dict[str, bytes]) -> bool:
    found = {name: await vault.find(name) for name in sealed}
    return all(key and key.open("email", sealed[name]) == name for name, key in found.items())


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_module, "REWRAPPED_MAX", 2)


async def test_every_customers_key_is_wrapped_anew_and_then_the_old_one_may_go(
    records: MakeRecords,
) -> None:
    keys = await records(KEY_KINDS)
    sealed = await sealed_for(keys, *PEOPLE)
    await Vault(keys, Wrapping(OLD)).destroy("dora")
    del sealed["dora"]
    both = Wrapping(NEW, OLD)
    assert await opens(Vault(keys, both), sealed)

    # Of two replicas each key is wrapped by one.
    counts = await asyncio.gather(Vault(keys, both).rewrap(), Vault(keys, both).rewrap())

    assert sum(counts) == len(sealed)
    alone = Vault(keys, Wrapping(NEW))
    assert await opens(alone, sealed)
    assert await alone.find("dora") is None
    assert await Vault(keys, both).rewrap() == 0


async def test_what_a_replica_wraps_by_the_old_key_meanwhile_is_found_the_next_time() -> None:
    keys = MemoryRecords(KEY_KINDS)
    both = Vault(keys, Wrapping(NEW, OLD))
    assert await both.rewrap() == 0
    sealed = await sealed_for(keys, "anna")
    assert await both.rewrap() == 1
    assert await opens(Vault(keys, Wrapping(NEW)), sealed)


async def test_without_the_old_key_before_that_nobody_opens() -> None:
    keys = MemoryRecords(KEY_KINDS)
    sealed = await sealed_for(keys, "anna")
    with pytest.raises(ConfigError):
        await opens(Vault(keys, Wrapping(NEW)), sealed)


async def test_sessions_go_on_over_a_new_refresh_key_and_end_without_the_old_one() -> None:
    clock = Clock()
    records = MemoryRecords(KINDS, clock=clock)
    tokens = []
    async with opened_house(records, clock) as house:
        tokens.append((await house.sign_up()).tokens.refresh_token)
        tokens.append((await house.sign_up("ben@example.com")).tokens.refresh_token)
    async with opened_house(records, clock, refresh_keys=[NEW, REFRESH_KEY]) as house:
        answer = await house.identity.Refresh(refresh(tokens[0]), metadata=GATEWAY)
        tokens[0] = answer.tokens.refresh_token
    async with opened_house(records, clock, refresh_keys=[NEW]) as house:
        calls = [house.identity.Refresh(refresh(token), metadata=GATEWAY) for token in tokens]
        assert [await refused(call) for call in calls] == ["", "SESSION_ENDED"]
