"""Collect put back to an earlier point than inventory has come to."""

from collections.abc import AsyncIterator

import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb

from chassis.acts import ACTS
from chassis.events import MemoryLog
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.progress import CONSUMER_KINDS
from services.collect.kinds import KINDS
from services.inventory.kinds import KINDS as INVENTORY_KINDS
from tests import backup
from tests.collect.order.house import House, clock_at, open_house
from tests.collect.order.orders import NOON
from tests.collect.stuck.desk import Desk, open_desk


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    clock = clock_at(NOON)
    records = MongoRecords(database, (*KINDS, *CONSUMER_KINDS, ACTS), clock=clock)
    await records.ensure_indexes()
    shelf = MemoryRecords(INVENTORY_KINDS, clock=clock)
    async with open_house(records, MemoryLog(), shelf_records=shelf, clock=clock) as opened:
        yield opened


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house) as opened:
        yield opened


async def picked_and_put_back(house: House, database: Database) -> str:
    """An order whose two lamps are in a bin, by the books of inventory alone."""
    order = await house.place(lines={"LAMP": 2})
    kept = await backup.taken(database)
    await house.pick(order.order_id, 2)
    await house.stage(order.order_id)
    await backup.put_back(database, kept)
    await house.records.ensure_indexes()
    assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 2}
    return order.order_id


async def test_what_is_done_again_is_booked_once(house: House, database: Database) -> None:
    order_id = await picked_and_put_back(house, database)

    await house.pick(order_id, 2)
    await house.stage(order_id)

    assert (await house.get(order_id)).state == order_pb.ORDER_STATE_READY
    assert await house.inventory.moves("LAMP") == ["sellable to staged: 2 order"]


async def test_what_is_done_otherwise_is_refused_and_stands_among_the_stuck(
    house: House, desk: Desk, database: Database
) -> None:
    """Somebody has to look which of the two is true."""
    order_id = await picked_and_put_back(house, database)

    await house.pick(order_id, 1)
    await house.stage(order_id)

    (stuck,) = await desk.listed()
    assert (stuck.order_id, stuck.reason) == (order_id, "REQUEST_ID_REUSED")
    left = (await desk.abandon(order_id, "COMMIT")).residue
    assert [(m.sku, m.quantity) for m in left.movements] == [("LAMP", 1), ("LAMP", 1)]


async def test_an_order_that_is_lost_leaves_a_hold_that_lapses(
    house: House, database: Database
) -> None:
    kept = await backup.taken(database)
    await house.place(lines={"LAMP": 2})
    await backup.put_back(database, kept)
    await house.records.ensure_indexes()

    assert await house.kept() == []
    assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}
    assert (await house.inventory.row("LAMP")).claims[0].HasField("expire_time")
