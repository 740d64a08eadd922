"""A stock that is imported whole: in few events, and in balance."""

from collections import Counter
from collections.abc import Sequence
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import events_pb2

from chassis.clock import utc_now
from chassis.memory_records import MemoryRecords
from chassis.records import SELECT_MAX, Records, Where
from services.inventory.events import DETAILS
from services.inventory.ledger import store
from services.inventory.ledger.domain import Movement, Note
from services.inventory.ledger.levels import Level
from services.inventory.ledger.store import MOVEMENTS, LevelWriter
from services.inventory.stock.domain import Bucket, Place, StockRow
from services.inventory.stock.store import ROWS, find_rows
from tests.inventory.asking import level, line, sale
from tests.inventory.house import TILL, House

SKUS_COUNT = 1300


async def imported_twice(house: House) -> None:
    """Both shops whole, then one counted anew, with a sale in between."""
    for shop, more in (("lyon", 0), ("lille", 0), ("lyon", 1)):
        levels = [
            level(f"SKU-{n:04}", n % 7 + more, location_id=shop, safety=n % 2, number=n)
            for n in range(SKUS_COUNT)
        ]
        progress = await house.import_levels(*levels)
        assert (progress.read_count, len(progress.rejections)) == (SKUS_COUNT, 0)
        await house.stock.RecordSale(sale(line(9, sku="SKU-0005")), metadata=TILL)


async def test_every_row_is_the_sum_of_its_movements(any_house: House) -> None:
    await imported_twice(any_house)
    rows = {row.place: row for row in await all_rows(any_house)}

    sums: dict[Place, Counter[Bucket]] = {place: Counter() for place in rows}
    for movement in await all_movements(any_house):
        sums[Place(movement.location_id, movement.sku)][movement.source] -= movement.quantity
        sums[Place(movement.location_id, movement.sku)][movement.target] += movement.quantity
    assert {place: moved[Bucket.SELLABLE] for place, moved in sums.items()} == {
        place: row.sellable for place, row in rows.items()
    }
    assert {place: -moved[Bucket.SHORT] for place, moved in sums.items()} == {
        place: row.short for place, row in rows.items()
    }


async def test_each_chunk_tells_once_for_each_location_every_row_it_left(house: House) -> None:
    await imported_twice(house)
    assert isinstance(house.records, MemoryRecords)
    log = (await house.records.log.read(0, 10_000)).events
    told = [event for event in log if event.name == "stock_imported"]

    newest: dict[tuple[str, str], int] = {}
    for event in told:
        detail = DETAILS[event.name](event.detail)
        assert isinstance(detail, events_pb2.StockImported)
        newest |= {(detail.location_id, row.sku): row.revision for row in detail.rows}
    assert len(told) == 6  # Two chunks each of three imports.
    # Or who ignores what it has by key and revision would ignore all but the first.
    assert len({(event.key, event.revision) for event in told}) == 6
    # The one that was sold last, after its import, is told of by its sale.
    rows = [row for row in await all_rows(house) if row.place != Place("lyon", "SKU-0005")]
    assert {row.place: newest[row.place] for row in rows} == {
        row.place: row.revision for row in rows
    }


async def test_what_is_so_is_left_as_it_is_though_nobody_looked_first(any_house: House) -> None:
    """After a chunk that was all news."""
    writer = LevelWriter(any_house.records)

    async def put(*skus: str) -> set[str]:
        now = utc_now()
        note = Note(write_id=str(uuid4()), actor="user:pat", now=now, occur_time=now)
        levels = [Level(place=Place("lyon", sku), sellable=3, safety=0) for sku in skus]
        return {place.sku for place in await writer.put(levels, note=note, timeout_s=10)}

    assert await put("A", "B") == {"A", "B"}
    assert await put("B", "C") == {"C"}
    assert await put("A", "B", "C") == set()
    assert {row.revision for row in await all_rows(any_house)} == {1}


async def test_a_chunk_behind_one_that_was_all_news_is_not_looked_at(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Counter[str]()

    async def counted(records: Records, places: Sequence[Place]) -> dict[Place, StockRow]:
        looks[places[0].sku] += 1
        return await find_rows(records, places)

    monkeypatch.setattr(store, "find_rows", counted)
    writer = LevelWriter(house.records)
    for skus in (["A"], ["B"], ["B", "C"], ["D"]):
        now = utc_now()
        note = Note(write_id=str(uuid4()), actor="user:pat", now=now, occur_time=now)
        levels = [Level(place=Place("lyon", sku), sellable=3, safety=0) for sku in skus]
        await writer.put(levels, note=note, timeout_s=10)

    assert looks == {"A": 1, "D": 1}  # The first, and the one behind what was not all news.


async def all_rows(house: House) -> list[StockRow]:
    found, after = list[StockRow](), None
    while page := await house.records.select(ROWS, Where(limit=SELECT_MAX, after=after)):
        found += page
        after = None, page[-1].place
    return found


async def all_movements(house: House) -> list[Movement]:
    found, after = list[Movement](), None
    while page := await house.records.select(MOVEMENTS, Where(limit=SELECT_MAX, after=after)):
        found += page
        after = None, page[-1].movement_id
    return found
