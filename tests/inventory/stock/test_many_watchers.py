"""Hundreds who watch in one process: all end with the exact stock, and leave nothing behind."""

import asyncio
import os
import random
from uuid import uuid4

import pytest

from services.inventory.stock import watch
from tests.growth import assert_given_back
from tests.inventory.asking import level, line, release, reserve, sale
from tests.inventory.house import COLLECT, TILL, House
from tests.inventory.stock.consumer import Consumer, Rows, rows_of
from tests.serving import calling_as

WATCHERS_COUNT, WRITES_COUNT = 500, 150
SKUS = [f"SKU-{number}" for number in range(12)]
# A third in each round, of which there are three at least; COMPTOIR_WATCHES=10000 tries more.
CANCELLED_COUNT = int(os.environ.get("COMPTOIR_WATCHES", "900"))
AT_ONCE, SUBJECTS_COUNT = 100, 25
WAIT_S_MAX = 120.0


def watcher(number: int, chance: random.Random) -> Consumer:
    """By location, by article, or by both; a subject may have 32 streams."""
    erp = calling_as(f"erp-{number % SUBJECTS_COUNT}", "client:stock.read")
    skus = chance.sample(SKUS, 4)
    return [
        Consumer("lyon", "lille", metadata=erp),
        Consumer("lille", metadata=erp),
        Consumer(skus=skus, metadata=erp),
        Consumer("lyon", skus=skus, metadata=erp),
    ][number % 4]


async def written(house: House, chance: random.Random) -> None:
    made: list[str] = []
    for number in range(WRITES_COUNT):
        where, sku = chance.choice(["lyon", "lille"]), chance.choice(SKUS)
        one = line(1, sku=sku, location_id=where)
        if made and number % 5 == 0:
            await house.reservations.Release(release(made.pop()), metadata=COLLECT)
        elif number % 5 == 1:
            few = chance.sample(SKUS, 3)
            await house.import_levels(*(level(each, number, location_id=where) for each in few))
        elif number % 2:
            asked = reserve(one, request_id=str(uuid4()))
            answer = await house.reservations.Reserve(asked, metadata=COLLECT)
            made.append(answer.reservation.reservation_id)
        else:
            await house.stock.RecordSale(sale(one), metadata=TILL)


async def test_five_hundred_watchers_of_one_process_all_end_with_the_exact_stock(
    any_house: House,
) -> None:
    chance, last = random.Random(8), Rows()
    await any_house.import_levels(
        *(level(sku, 1000, location_id=where) for where in ("lyon", "lille") for sku in SKUS)
    )
    consumers = [watcher(number, chance) for number in range(WATCHERS_COUNT)]
    whole, over = asyncio.Barrier(WATCHERS_COUNT + 1), asyncio.Event()

    async def follows(consumer: Consumer, *, is_slow: bool) -> None:
        call = consumer.watch(any_house)
        async for answer in call:
            consumer.take(answer)
            if answer.snapshot_complete:
                await whole.wait()
                if is_slow:
                    await over.wait()
            if last and consumer.rows == consumer.of(last):
                break
        call.cancel()

    async with asyncio.timeout(WAIT_S_MAX), asyncio.TaskGroup() as group:
        for number, consumer in enumerate(consumers):
            group.create_task(follows(consumer, is_slow=number % 5 == 0))
        await whole.wait()
        await written(any_house, chance)
        last.update(await rows_of(any_house, "lyon", "lille"))
        over.set()


async def test_watches_that_are_cancelled_at_any_point_leave_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BOOKMARK_S", 0.05)
    await house.import_levels(*(level(sku, 1) for sku in SKUS))
    chance, quantities = random.Random(9), iter(range(2, 10**9))

    async def cancelled(number: int) -> None:
        call = watcher(number, chance).watch(house)
        for _ in range(number % 4):  # Before the snapshot, in it, behind it, at the feed.
            await anext(aiter(call))
        call.cancel()
        await call.code()

    async def abuse() -> None:
        for _ in range(max(CANCELLED_COUNT // 3 // AT_ONCE, 1)):
            async with asyncio.timeout(WAIT_S_MAX), asyncio.TaskGroup() as group:
                for number in range(AT_ONCE):
                    group.create_task(cancelled(number))
                await house.put_on_shelf(chance.choice(SKUS), next(quantities))

    await assert_given_back(abuse)
