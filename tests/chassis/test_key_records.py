"""Signing keys in the records store, in memory and in the real engine."""

import asyncio

from chassis.key_records import WRAPPED_KEYS, RecordsKeyStore
from tests.conftest import MakeRecords


async def test_of_many_that_come_at_once_one_key_is_kept(records: MakeRecords) -> None:
    store = RecordsKeyStore(await records([WRAPPED_KEYS]))
    offers = [bytes([number]) for number in range(8)]

    kept = await asyncio.gather(*(store.load_or_create("customer-1", offer) for offer in offers))

    assert len(set(kept)) == 1 and kept[0] in offers
    assert await store.load_or_create("customer-1", b"late") == kept[0]
    assert await store.load_or_create("customer-2", b"other") == b"other"
