"""Keys of files changed one after the other, under replicas that have not all been told yet."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.config import ConfigError
from chassis.key_records import WRAPPED_KEYS, RecordsKeyStore
from chassis.keys import Keyring, Wrapping, key_from_file, keys_from_file
from chassis.passwords import open_passwords
from chassis.records import Records, Where
from tests.conftest import MakeRecords

OLD, NEW = b"o" * 32, b"n" * 32
# What the file holds, in the order of docs/operations.md: told, used, alone.
BEFORE, TOLD, USED, ALONE = (OLD,), (OLD, NEW), (NEW, OLD), (NEW,)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def file_of(folder: Path, *keys: bytes) -> Path:
    path = folder / "key"
    path.write_text("".join(base64.b64encode(key).decode() + "\n" for key in keys))
    return path


async def signing(records: Records, keys: tuple[bytes, ...]) -> bytes:
    """The public half of what a replica with these keys signs by, once it has looked."""
    ring = Keyring("customer", RecordsKeyStore(records), Wrapping(*keys), clock=lambda: NOON)
    await ring.refresh()
    return ring.signing().public_bytes


def test_a_key_file_holds_the_key_in_use_and_those_before_it(tmp_path: Path) -> None:
    assert keys_from_file(file_of(tmp_path, NEW, OLD)) == (NEW, OLD)
    for keys in ((), (NEW, b"short"), (NEW,) * 5):
        with pytest.raises(ConfigError, match="must hold 32 bytes in base64"):
            keys_from_file(file_of(tmp_path, *keys))


def test_where_nothing_can_be_made_anew_two_keys_are_refused_at_start(tmp_path: Path) -> None:
    assert key_from_file(file_of(tmp_path, NEW)) == NEW
    with pytest.raises(ConfigError, match="must hold one key"):
        key_from_file(file_of(tmp_path, NEW, OLD))


@pytest.mark.parametrize(
    ("one", "other"), [(BEFORE, TOLD), (TOLD, USED), (USED, ALONE)], ids=["told", "used", "alone"]
)
async def test_in_each_roll_out_old_and_new_replicas_sign_alike(
    records: MakeRecords, one: tuple[bytes, ...], other: tuple[bytes, ...]
) -> None:
    store = await records([WRAPPED_KEYS])
    steps = (BEFORE, TOLD, USED, ALONE)
    first = [await signing(store, keys) for keys in steps[: steps.index(one) + 1]]
    then = [await signing(store, keys) for keys in (other, one, other)]
    assert len({*first, *then}) == 1


async def test_a_signing_key_is_wrapped_by_the_first_key_from_then_on(
    records: MakeRecords,
) -> None:
    store = await records([WRAPPED_KEYS])
    await signing(store, BEFORE)
    await signing(store, TOLD)
    before = await store.select(WRAPPED_KEYS, Where(limit=9))
    await signing(store, USED)
    after = await store.select(WRAPPED_KEYS, Where(limit=9))
    await signing(store, USED)

    for key in before:
        Wrapping(OLD).unwrap(key.key_id, key.wrapped)
    for key in after:
        Wrapping(NEW).unwrap(key.key_id, key.wrapped)
    # And no more written than that.
    assert await store.select(WRAPPED_KEYS, Where(limit=9)) == after


async def test_a_replica_that_was_not_told_first_opens_nothing(records: MakeRecords) -> None:
    """Why it takes two roll-outs."""
    store = await records([WRAPPED_KEYS])
    await signing(store, BEFORE)
    await signing(store, USED)
    with pytest.raises(ConfigError, match="does not open key customer-"):
        await signing(store, BEFORE)


async def test_a_pin_of_an_older_pepper_is_right_and_renewed_when_it_is_at_hand() -> None:
    with open_passwords(OLD) as before, open_passwords(NEW, OLD) as used:
        kept = await before.hash("4711")
        assert await used.verify("4711", kept)
        assert not await used.verify("4712", kept)
        renewed = await used.renewed("4711", kept)
        assert renewed is not None
        assert await used.renewed("4711", renewed) is None
        assert await before.renewed("4711", kept) is None
    with open_passwords(NEW) as alone:
        assert await alone.verify("4711", renewed)
        assert not await alone.verify("4711", kept)
