"""What is promised is there, however many ask at once: on MongoDB, by two replicas' stores."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb

from chassis.events import MemoryLog
from chassis.mongo_records import MongoRecords
from deploy.local.engines import Engines
from services.collect.kinds import KINDS
from services.collect.order.domain import LEASE
from services.collect.order.values import State
from services.collect.point.domain import slot_id_of
from services.inventory.kinds import KINDS as INVENTORY_KINDS
from tests.collect import shops
from tests.collect.order.asking import TO_LOCKER, place, refused
from tests.collect.order.house import House, clock_at, open_house
from tests.collect.order.orders import NOON, SLOT_START
from tests.driver import connect
from tests.replicas import Replicas

NO_STOCK = "FAILED_PRECONDITION INSUFFICIENT_STOCK"


@pytest.fixture(scope="module")
async def real_house(engines: Engines) -> AsyncIterator[House]:
    async with connect(engines.mongo_uri, f"comptoir_test_{uuid4().hex}") as database:
        clock = clock_at(NOON)
        stores = [MongoRecords(database, KINDS, clock=clock) for _ in range(2)]
        shelves = MongoRecords(database, INVENTORY_KINDS, clock=clock)
        for store in (stores[0], shelves):
            await store.ensure_indexes()
        records = Replicas(*stores)
        async with open_house(records, MemoryLog(), shelf_records=shelves, clock=clock) as house:
            yield house
        await database.settle()
        await database.drop()


async def test_of_thirty_customers_for_five_units_five_are_confirmed(real_house: House) -> None:
    real_house.catalogue.put("TORCH", 990)
    await real_house.inventory.put_on_shelf(TORCH=5)
    outcomes = await asyncio.gather(
        *(refused(real_house.place(lines={"TORCH": 1})) for _ in range(30))
    )
    # On a machine that is slow, some are still being placed when their call ends.
    await real_house.passes(LEASE)
    states = Counter(order.state for order in await real_house.kept())

    assert set(outcomes) <= {"", NO_STOCK, "DEADLINE_EXCEEDED DATABASE_TIMEOUT"}
    assert states.keys() <= {State.CONFIRMED, State.REFUSED}
    assert states[State.CONFIRMED] == 5
    assert await real_house.inventory.where("TORCH") == {"sellable": 5, "held": 5}
    assert await real_house.taken_count() == 5


async def test_a_slot_for_two_takes_two(real_house: House) -> None:
    await real_house.put(shops.counter("paris-annex", slot_capacity_count=2))
    slot_id = slot_id_of("paris-annex", SLOT_START)
    wish: dict[str, Any] = {"point_id": "paris-annex", "slot_id": slot_id, "lines": {"CORD": 1}}
    outcomes = await asyncio.gather(*(refused(real_house.place(**wish)) for _ in range(8)))

    assert sorted(outcomes) == [""] * 2 + ["FAILED_PRECONDITION SLOT_FULL"] * 6
    assert await real_house.taken_count(slot_id) == 2


async def test_two_compartments_take_two_orders(real_house: House) -> None:
    to_locker: dict[str, Any] = {**TO_LOCKER, "lines": {"LAMP": 1}}
    outcomes = await asyncio.gather(*(refused(real_house.place(**to_locker)) for _ in range(6)))

    full = {"FAILED_PRECONDITION NO_COMPARTMENT", "FAILED_PRECONDITION SLOT_FULL"}
    assert (outcomes.count(""), set(outcomes) <= {"", *full}) == (2, True)
    assert (await real_house.cabinet()).free_count == 0


async def test_many_repeats_at_once_make_one_order(real_house: House) -> None:
    real_house.catalogue.put("BULB", 300)
    await real_house.inventory.put_on_shelf(BULB=9)
    request = place(lines={"BULB": 2})
    orders = await asyncio.gather(*(real_house.place(request) for _ in range(12)))

    assert {(o.order_id, o.state) for o in orders} == {
        (orders[0].order_id, pb.ORDER_STATE_CONFIRMED)
    }
    assert await real_house.inventory.where("BULB") == {"sellable": 9, "held": 2}


async def test_of_two_bodies_under_one_id_at_once_one_is_refused(real_house: House) -> None:
    first = place(lines={"CORD": 1})
    second = pb.PlaceOrderRequest()
    second.CopyFrom(first)
    second.lines[0].quantity = 2
    outcomes = await asyncio.gather(*(refused(real_house.place(r)) for r in (first, second)))

    assert sorted(outcomes) == ["", "ALREADY_EXISTS REQUEST_ID_REUSED"]


async def test_of_many_who_call_it_off_one_does_and_all_is_given_back(real_house: House) -> None:
    real_house.catalogue.put("PLUG", 300)
    await real_house.inventory.put_on_shelf(PLUG=2)
    order = await real_house.place(lines={"PLUG": 2})
    outcomes = await asyncio.gather(
        *(refused(real_house.cancel(order.order_id)) for _ in range(6)),
        refused(real_house.pick(order.order_id, 2)),
    )
    await real_house.saga.settle()

    assert outcomes[:6].count("") == 1
    assert await real_house.inventory.where("PLUG") == {"sellable": 2}
    assert not (await real_house.order(order.order_id)).todo
