"""A customer's key: what it seals, for how long it is known, and that it never comes back."""

import pytest
from cryptography.exceptions import InvalidTag

from chassis.keys import Wrapping
from chassis.memory_records import MemoryRecords
from chassis.records import Records
from chassis.requests import Request, request_for
from services.customer.kinds import KEY_KINDS
from services.customer.vault import CUSTOMER_KEYS, KEPT_MAX, KEPT_S_MAX, PersonalKey, Vault
from tests.conftest import MakeRecords

WRAPPING = Wrapping(b"w" * 32)


class Monotonic:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def key_of(vault: Vault, customer_id: str = "anna") -> PersonalKey:
    key = await vault.make(customer_id)
    assert key is not None
    return key


def request(body: bytes = b"body") -> Request:
    request_id = "0190163d-8694-739b-aea5-966c26f8ad91"
    return request_for(subject="anna", method="SignUp", request_id=request_id, body=body)


@pytest.fixture
def keys() -> Records:
    return MemoryRecords(KEY_KINDS)


async def test_what_is_sealed_opens_with_the_same_key_in_any_replica(keys: Records) -> None:
    sealed = (await key_of(Vault(keys, WRAPPING))).seal("email", "anna@example.com")
    key = await Vault(keys, WRAPPING).find("anna")

    assert key is not None and key.open("email", sealed) == "anna@example.com"


async def test_the_same_text_is_never_sealed_alike(keys: Records) -> None:
    key = await key_of(Vault(keys, WRAPPING))

    assert key.seal("email", "anna@example.com") != key.seal("email", "anna@example.com")


async def test_what_was_sealed_for_another_field_does_not_open(keys: Records) -> None:
    key = await key_of(Vault(keys, WRAPPING))

    with pytest.raises(InvalidTag):
        key.open("email", key.seal("given_name", "Anna"))


async def test_what_was_sealed_for_another_customer_does_not_open() -> None:
    sealed = PersonalKey("anna", b"k" * 32).seal("email", "anna@example.com")

    with pytest.raises(InvalidTag):
        PersonalKey("ben", b"k" * 32).open("email", sealed)


async def test_a_key_is_kept_wrapped(keys: Records) -> None:
    await key_of(Vault(keys, WRAPPING))
    kept = await keys.find(CUSTOMER_KEYS, "anna")

    assert kept is not None and len(WRAPPING.unwrap("anna", kept.wrapped)) == 32


async def test_a_customer_has_one_key(records: MakeRecords) -> None:
    made = await records(KEY_KINDS)
    sealed = (await key_of(Vault(made, WRAPPING))).seal("email", "anna@example.com")

    assert (await key_of(Vault(made, WRAPPING))).open("email", sealed) == "anna@example.com"


async def test_nobody_has_a_key_before_it_is_made(keys: Records) -> None:
    assert await Vault(keys, WRAPPING).find("anna") is None


async def test_a_destroyed_key_is_gone_and_none_is_made_again(records: MakeRecords) -> None:
    vault = Vault(await records(KEY_KINDS), WRAPPING)
    await key_of(vault)
    await vault.destroy("anna")

    assert await vault.find("anna") is None
    assert await vault.make("anna") is None


async def test_a_replica_forgets_a_destroyed_key_within_a_minute(keys: Records) -> None:
    monotonic_s = Monotonic()
    replica = Vault(keys, WRAPPING, monotonic_s=monotonic_s)
    await key_of(replica)
    await Vault(keys, WRAPPING).destroy("anna")
    monotonic_s.now_s += KEPT_S_MAX / 2
    assert await replica.find("anna") is not None

    monotonic_s.now_s += KEPT_S_MAX / 2
    assert await replica.find("anna") is None


async def test_a_vault_keeps_a_bounded_number_of_keys_in_memory(keys: Records) -> None:
    vault = Vault(keys, WRAPPING)
    for number in range(KEPT_MAX + 1):
        await key_of(vault, str(number))

    assert len(vault._kept) == KEPT_MAX


def test_a_private_request_tells_bodies_apart_and_nothing_without_the_key() -> None:
    annas, bens = PersonalKey("anna", b"a" * 32), PersonalKey("ben", b"b" * 32)

    assert annas.private(request()) == annas.private(request())
    assert annas.private(request()).body_hash != annas.private(request(b"other")).body_hash
    assert annas.private(request()).body_hash != bens.private(request()).body_hash
    assert annas.private(request()).body_hash != request().body_hash
