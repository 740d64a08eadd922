"""From the watch alone a consumer knows the exact stock, however often it is cut."""

import asyncio
import random
from datetime import timedelta
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from chassis.memory_records import MemoryRecords
from services.inventory.stock import snapshot, watch
from tests.inventory.asking import level, line, release, reserve, sale, shop
from tests.inventory.house import COLLECT, ERP, TILL, House, refused
from tests.inventory.stock.consumer import Consumer, rows_of


async def test_a_snapshot_has_every_row_and_says_when_it_is_whole(any_house: House) -> None:
    await any_house.import_levels(
        level("LAMP", 1), level("CORD", 2), level("LAMP", 3, location_id="lille")
    )
    consumer = Consumer("lyon", "lille")
    await consumer.take_some(any_house, 3)

    assert [answer.snapshot_complete for answer in consumer.answers] == [False, False, True]
    assert consumer.rows == await rows_of(any_house, "lyon", "lille")


async def test_a_change_follows_the_snapshot(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    consumer = Consumer("lyon")
    await consumer.take_some(any_house, 2)
    await any_house.stock.RecordSale(sale(line(1)), metadata=TILL)

    await consumer.catch_up(any_house, await rows_of(any_house, "lyon"))


async def test_other_locations_are_not_sent(any_house: House) -> None:
    await any_house.import_levels(level("LAMP", 1), level("LAMP", 3, location_id="lille"))
    consumer = Consumer("lille")
    await consumer.take_some(any_house, 2)
    await any_house.put_on_shelf("LAMP", 4)
    await any_house.put_on_shelf("LAMP", 5, location_id="lille")
    await consumer.catch_up(any_house, await rows_of(any_house, "lille"))

    assert {location_id for location_id, _ in consumer.rows} == {"lille"}


async def test_without_changes_bookmarks_come(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BOOKMARK_S", 0.01)
    consumer = Consumer("lyon")
    await consumer.take_some(house, 3)

    assert [len(answer.rows) for answer in consumer.answers] == [0, 0, 0]


async def test_a_snapshot_cut_off_goes_on_where_it_was(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "PAGE_MAX", 2)
    await any_house.import_levels(*(level(f"SKU-{n}", n + 1) for n in range(6)))
    consumer = Consumer("lyon")
    await consumer.take_some(any_house, 1)
    await any_house.put_on_shelf("SKU-0", 9)
    await consumer.take_some(any_house, 3)

    assert [[row.sku for row in answer.rows] for answer in consumer.answers[:3]] == [
        ["SKU-0", "SKU-1"],
        ["SKU-2", "SKU-3"],
        ["SKU-4", "SKU-5"],
    ]
    await consumer.catch_up(any_house, await rows_of(any_house, "lyon"))


@pytest.mark.parametrize("seed", [1, 2])
async def test_cut_and_resumed_while_others_write_it_ends_with_the_exact_stock(
    any_house: House, seed: int
) -> None:
    chance = random.Random(seed)
    await any_house.import_levels(*(level(f"SKU-{n}", 20) for n in range(5)))
    consumer = Consumer("lyon", "lille")

    async def writes() -> None:
        made: list[str] = []
        for _ in range(60):
            where = chance.choice(["lyon", "lille"])
            one = line(1, sku=f"SKU-{chance.randrange(5)}", location_id=where)
            if made and chance.random() < 0.2:
                await any_house.reservations.Release(release(made.pop()), metadata=COLLECT)
            elif chance.random() < 0.5 and where == "lyon":
                asked = reserve(one, request_id=str(uuid4()))
                answer = await any_house.reservations.Reserve(asked, metadata=COLLECT)
                made.append(answer.reservation.reservation_id)
            else:
                await any_house.stock.RecordSale(sale(one), metadata=TILL)

    writing = asyncio.create_task(writes())
    while not writing.done():
        await consumer.take_some(any_house, chance.randrange(1, 4))
    await writing
    await consumer.catch_up(any_house, await rows_of(any_house, "lyon", "lille"))


async def test_a_cursor_is_good_for_its_locations_alone(house: House) -> None:
    consumer = Consumer("lyon")
    await consumer.take_some(house, 1)
    request = pb.WatchStockRequest(location_ids=["lille"], cursor=consumer.cursor)

    call = house.stock.WatchStock(request, metadata=ERP).read()
    assert await refused(call) == "INVALID_ARGUMENT INVALID_CURSOR"


async def test_a_cursor_that_the_log_no_longer_reaches_is_too_old(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    consumer = Consumer("lyon")
    await consumer.take_some(house, 2)
    for quantity in range(5):
        await house.put_on_shelf("LAMP", quantity)
    assert isinstance(house.records, MemoryRecords)
    await house.records.log.trim(house.clock() + timedelta(days=1), 100)

    call = consumer.watch(house).read()
    assert await refused(call) == "FAILED_PRECONDITION CURSOR_TOO_OLD"


async def test_a_cursor_of_before_a_restore_is_too_old(house: House) -> None:
    consumer = Consumer("lyon")
    await consumer.take_some(house, 1)
    assert isinstance(house.records, MemoryRecords)
    await house.records.log.begin_epoch()

    call = consumer.watch(house).read()
    assert await refused(call) == "FAILED_PRECONDITION CURSOR_TOO_OLD"


@pytest.mark.parametrize(
    ("location_ids", "refusal"),
    [
        ([], "INVALID_ARGUMENT INVALID_LOCATION_IDS"),
        (["lyon", "lyon"], "INVALID_ARGUMENT INVALID_LOCATION_IDS"),
        ([str(n) for n in range(51)], "INVALID_ARGUMENT INVALID_LOCATION_IDS"),
        (["lyon", "atlantis"], "NOT_FOUND UNKNOWN_LOCATION"),
    ],
)
async def test_a_watch_is_of_some_locations_that_are_there(
    house: House, location_ids: list[str], refusal: str
) -> None:
    request = pb.WatchStockRequest(location_ids=location_ids)
    assert await refused(house.stock.WatchStock(request, metadata=ERP).read()) == refusal


async def test_a_location_imported_later_can_be_watched(house: House) -> None:
    await house.import_locations(shop("nantes"))
    consumer = Consumer("nantes")
    await consumer.take_some(house, 1)

    assert consumer.answers[0].snapshot_complete
