"""What MongoDB looks at to read a row's past: what it gives, however much was ever closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from chassis.changes import Changed
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Ref
from services.inventory.kinds import KINDS
from services.inventory.ledger.domain import Cause, Movement
from services.inventory.period.domain import Sheet, order_of, sheets_of
from services.inventory.period.history import SHEETS_AT_ONCE, moved_between, movements_of
from services.inventory.period.store import SHEETS
from services.inventory.stock.domain import Bucket, Place

SHEETS_COUNT, LAMP = 60, Place("lyon", "LAMP")


def sheet(number: int) -> Sheet:
    """Of one movement, of every second revision."""
    time = datetime(2026, 1, 2, tzinfo=UTC)
    moved = Movement(
        movement_id=f"m{number:03}",
        location_id=LAMP.location_id,
        sku=LAMP.sku,
        source=Bucket.OUTSIDE,
        target=Bucket.SELLABLE,
        quantity=1,
        cause=Cause.RECEIPT,
        document_id="",
        actor="erp",
        record_time=time,
        occur_time=time,
        revision=2 * number,
    )
    [made] = sheets_of([moved], number)
    return made


@pytest.fixture
async def records(database: Database) -> MongoRecords:
    records = MongoRecords(database, KINDS)
    await records.ensure_indexes()
    sheets = tuple(sheet(number) for number in range(1, SHEETS_COUNT + 1))
    changed = Changed(answer=None, records=sheets)
    refs = [Ref(SHEETS, each.key) for each in sheets]
    await records.update(refs, lambda state: changed, answer=type(None), timeout_s=10)
    return records


@pytest.mark.parametrize(
    ("above", "until", "revisions"),
    [(115, 120, [116, 118, 120]), (120, 200, []), (3, 7, [4, 6]), (0, 1, [])],
)
async def test_between_two_positions_the_sheets_there_are_looked_at(
    records: MongoRecords, database: Database, above: int, until: int, revisions: list[int]
) -> None:
    async with examined(database) as seen:
        found = await moved_between(records, LAMP, above=above, until=until)

    assert sorted(each.revision for each in found) == revisions
    assert seen == [len(revisions)]


async def test_a_page_of_long_ago_is_read_without_a_look_at_what_came_after(
    records: MongoRecords, database: Database
) -> None:
    async with examined(database) as seen:
        newest = await movements_of(records, LAMP, after=None, limit=4)
        oldest = await movements_of(records, LAMP, after=order_of(sheet(4).movements[0]), limit=4)

    assert [each.revision for each in newest] == [120, 118, 116, 114]
    assert [each.revision for each in oldest] == [6, 4, 2]
    assert seen == [SHEETS_AT_ONCE, 4]


@asynccontextmanager
async def examined(database: Database) -> AsyncIterator[list[int]]:
    """How many sheets each look at them took, once it is left."""
    seen = list[int]()
    await database._database.drop_collection("system.profile")
    await database._database.command("profile", 2)
    yield seen
    await database._database.command("profile", 0)
    looks = await database.aggregate("system.profile", [{"$match": {"command.find": "sheets"}}])
    seen += [each["docsExamined"] for each in looks]
