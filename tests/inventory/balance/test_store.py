"""Both ways to prove a row, on the same records: differences planted by hand are found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chassis.changes import Changed
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Records, Ref
from services.inventory.balance.mongo import MongoBalances
from services.inventory.balance.store import Balances, RecordsBalances
from services.inventory.kinds import KINDS
from services.inventory.ledger.domain import Cause, Fact, Movement, Note
from services.inventory.ledger.recording import record
from services.inventory.ledger.store import update_rows
from services.inventory.reservation import domain as reservation
from services.inventory.reservation import reserving
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.reserving import Wish
from services.inventory.reservation.store import RESERVATIONS, update_reservation
from services.inventory.stock.domain import Bucket, Line, Place, StockRow
from services.inventory.stock.store import ROWS

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LAMP = Place("lyon", "LAMP")
LINE = Line(location_id="lyon", sku="LAMP", quantity=3)
CORD = Line(location_id="lyon", sku="CORD", quantity=1)


@pytest.fixture
async def memory() -> tuple[Records, Balances]:
    records = MemoryRecords(KINDS)
    return records, RecordsBalances(records)


@pytest.fixture
async def mongo(database: Database) -> tuple[Records, Balances]:
    records = MongoRecords(database, KINDS)
    await records.ensure_indexes()
    return records, MongoBalances(database)


@pytest.fixture
async def mongo_by_records(mongo: tuple[Records, Balances]) -> tuple[Records, Balances]:
    return mongo[0], RecordsBalances(mongo[0])


@pytest.fixture(params=["memory", "mongo", "mongo_by_records"])
def stores(request: pytest.FixtureRequest) -> tuple[Records, Balances]:
    found: tuple[Records, Balances] = request.getfixturevalue(request.param)
    return found


def note() -> Note:
    return Note(write_id=str(uuid4()), actor="erp", now=NOW, occur_time=NOW)


async def stocked(records: Records) -> Reservation:
    """Ten lamps and a cord, twelve lamps sold, a receipt of fifteen, three and one held."""
    moves = ((10, Cause.RECEIPT), (-12, Cause.SALE), (15, Cause.RECEIPT), (1, Cause.RECEIPT))
    facts = [
        Fact(
            line=replace(CORD if quantity == 1 else LINE, quantity=abs(quantity)),
            source=Bucket.OUTSIDE if quantity > 0 else Bucket.SELLABLE,
            target=Bucket.SELLABLE if quantity > 0 else Bucket.OUTSIDE,
            cause=cause,
        )
        for quantity, cause in moves
    ]
    places = [LAMP, CORD.place]
    await update_rows(
        records,
        places,
        lambda rows: record(rows, facts, note=note()),
        answer=tuple[StockRow, ...],
        timeout_s=2,
    )
    held = note()
    wish = Wish(lines=(CORD, LINE))
    return await update_reservation(
        records,
        held.write_id,
        places,
        lambda before, rows: reserving.reserve(before, rows, wish, owner="a", note=held),
        request=None,
        timeout_s=2,
    )


async def planted(records: Records, ref: Ref[Any], change: Callable[[Any], object]) -> None:
    await records.update(
        [ref],
        lambda state: Changed(answer=True, records=(change(state.find(ref.kind, ref.key)),)),
        answer=bool,
        timeout_s=2,
    )


async def test_what_was_written_by_the_rules_is_balanced(
    stores: tuple[Records, Balances],
) -> None:
    records, balances = stores
    await stocked(records)
    found = await balances.of(LAMP)

    assert found.is_balanced
    assert (found.proven.sellable, sum(found.proven.held.values()), found.proven.short) == (
        13,
        3,
        0,
    )


async def test_a_unit_that_no_movement_explains_is_found(
    stores: tuple[Records, Balances],
) -> None:
    records, balances = stores
    await stocked(records)
    await planted(
        records, Ref(ROWS, LAMP), lambda row: replace(row, on={**row.on, Bucket.STAGED: 1})
    )
    found = await balances.of(LAMP)

    assert not found.is_balanced
    assert (found.row.on.get(Bucket.STAGED), found.proven.on.get(Bucket.STAGED)) == (1, None)


async def test_a_claim_that_no_reservation_explains_is_found(
    stores: tuple[Records, Balances],
) -> None:
    records, balances = stores
    made = await stocked(records)
    until = made.expire_instant
    await planted(records, Ref(ROWS, LAMP), lambda row: row.claimed(1, until=until))
    found = await balances.of(LAMP)

    assert (found.row.held, found.proven.held) == ({until: 4}, {until: 3})


async def test_a_reservation_that_no_claim_stands_for_is_found(
    stores: tuple[Records, Balances],
) -> None:
    records, balances = stores
    made = await stocked(records)
    await planted(
        records,
        Ref(RESERVATIONS, made.reservation_id),
        lambda found: replace(found, status=reservation.Status.RELEASED),
    )

    assert (await balances.of(LAMP)).proven.held == {}


async def test_a_movement_that_no_row_shows_is_found(stores: tuple[Records, Balances]) -> None:
    records, balances = stores
    await stocked(records)
    planting = Movement(
        movement_id="planted",
        location_id="lyon",
        sku="LAMP",
        source=Bucket.SHORT,
        target=Bucket.OUTSIDE,
        quantity=2,
        cause=Cause.SALE,
        document_id="",
        actor="erp",
        record_time=NOW,
        occur_time=NOW,
        revision=9,
    )
    changed = Changed(answer=True, records=(planting,))
    await records.update([], lambda state: changed, answer=bool, timeout_s=2)
    found = await balances.of(LAMP)

    assert (found.row.short, found.proven.short) == (0, 2)
