"""Inventory put back to an earlier point under orders that collect still has, and the reverse."""

from collections.abc import AsyncIterator
from datetime import timedelta

import grpc
import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub

from chassis.acts import ACTS
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.progress import CONSUMER_KINDS
from chassis.requests import request_for
from services.collect.kinds import KINDS
from services.collect.order.values import StepName
from services.collect.stuck.holds import Holds
from services.inventory.kinds import KINDS as INVENTORY_KINDS
from tests import backup
from tests.backup import Backup
from tests.collect.order.asking import new_id
from tests.collect.order.breaking import one_broken, tell_all
from tests.collect.order.house import House, clock_at, open_house
from tests.collect.order.inventory import open_channel
from tests.collect.order.orders import NOON
from tests.collect.stuck.desk import LYON, OLGA, Desk, open_desk
from tests.serving import reason_of


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """With inventory in a real database, which a test puts back."""
    clock = clock_at(NOON)
    shelf = MongoRecords(database, INVENTORY_KINDS, clock=clock)
    await shelf.ensure_indexes()
    records = MemoryRecords((*KINDS, *CONSUMER_KINDS, ACTS), clock=clock)
    async with open_house(records, records.log, shelf_records=shelf, clock=clock) as opened:
        yield opened


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house) as opened:
        yield opened


async def put_back(house: House, database: Database, kept: Backup) -> None:
    await backup.put_back(database, kept)
    await house.inventory.records.ensure_indexes()


async def handed_over(house: House, order_id: str) -> order_pb.Order:
    await house.hand_over(order_id, await house.code(order_id), paid=True)
    return await house.get(order_id)


async def test_an_order_goes_on_without_its_hold_which_others_may_get_meanwhile(
    house: House, database: Database
) -> None:
    """Why they are held again before customers come back."""
    kept = await backup.taken(database)
    order = await house.place(lines={"LAMP": 2})
    await put_back(house, database, kept)
    await house.inventory.hold("LAMP", 9)

    await house.pick(order.order_id, 2)
    await house.stage(order.order_id)

    assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 2, "held": 9}
    assert (await handed_over(house, order.order_id)).state == order_pb.ORDER_STATE_COLLECTED


async def test_units_are_held_again_under_the_reservation_that_the_order_knows(
    house: House, desk: Desk, database: Database
) -> None:
    before = await house.place(lines={"CORD": 1})
    kept = await backup.taken(database)
    order = await house.place(lines={"LAMP": 2})
    await put_back(house, database, kept)

    done = await desk.hold_again()

    assert (done.there_count, list(done.held_order_ids)) == (1, [order.order_id])
    assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}
    # Picked by its own reservation: the claim ends with it.
    await house.pick(order.order_id, 2)
    await house.stage(order.order_id)
    assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 2}
    assert sorted(await house.inventory.reservation_states()) == ["ACTIVE", "COMMITTED"]
    again = await desk.hold_again()
    assert (again.there_count, list(again.held_order_ids)) == (1, [])
    assert {(act[0], act[1], act[2]) for act in await desk.told()} == {
        ("robot", "hold_again", "orders")
    }
    assert before.order_id != order.order_id


async def test_what_was_given_in_place_of_broken_units_is_held_again_too(
    house: House, desk: Desk, database: Database
) -> None:
    order = await one_broken(house)
    kept = await backup.taken(database)
    await tell_all(house)
    await put_back(house, database, kept)
    assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 1}

    assert list((await desk.hold_again()).held_order_ids) == [order.order_id]

    assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 2}
    await house.pick(order.order_id, 2)
    await house.stage(order.order_id)
    assert await house.inventory.where("LAMP") == {"sellable": 7, "staged": 2}


async def test_a_hold_that_comes_back_whole_needs_none_in_place_of_what_was_broken_of_it(
    house: House, desk: Desk, database: Database
) -> None:
    kept = await backup.taken(database)
    order = await one_broken(house)
    await tell_all(house)
    await put_back(house, database, kept)
    await desk.hold_again()

    assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}
    await house.pick(order.order_id, 2)
    await house.stage(order.order_id)
    assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 2}


async def test_what_others_have_by_now_is_said_of_each_order(
    house: House, desk: Desk, database: Database
) -> None:
    kept = await backup.taken(database)
    order = await house.place(lines={"LAMP": 2})
    other = await house.place(lines={"CORD": 2})
    await put_back(house, database, kept)
    await house.inventory.hold("LAMP", 9)

    done = await desk.hold_again()

    assert [(o.order_id, o.location_id, o.reason) for o in done.unheld_orders] == [
        (order.order_id, "paris", "INSUFFICIENT_STOCK")
    ]
    assert list(done.held_order_ids) == [other.order_id]


async def test_all_pages_are_held_and_an_operator_holds_those_of_their_own_locations(
    house: House, desk: Desk, database: Database
) -> None:
    kept = await backup.taken(database)
    orders = [await house.place(lines={"LAMP": 1}) for _ in range(5)]
    await put_back(house, database, kept)
    assert (await desk.hold_again(metadata=LYON)).next_page_token == ""
    assert await house.inventory.where("LAMP") == {"sellable": 10}

    held, token = list[str](), ""
    for _ in range(3):
        page = await desk.hold_again(metadata=OLGA, page_size=2, page_token=token)
        held, token = [*held, *page.held_order_ids], page.next_page_token

    assert (held, token) == (sorted(order.order_id for order in orders), "")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await desk.hold_again(page_token="none")
    assert reason_of(refused.value) == "INVALID_PAGE"


async def test_what_was_picked_or_ended_is_not_held_again(
    house: House, desk: Desk, database: Database
) -> None:
    kept = await backup.taken(database)
    await house.ready()
    cancelled = await house.place(lines={"CORD": 1})
    await put_back(house, database, kept)
    await house.cancel(cancelled.order_id)
    await house.saga.settle()

    done = await desk.hold_again()

    assert (done.there_count, list(done.held_order_ids), list(done.unheld_orders)) == (0, [], [])
    assert await house.inventory.where("CORD") == {"sellable": 10}


async def test_what_is_picked_while_it_is_held_again_is_booked_without_a_hold(
    house: House, database: Database
) -> None:
    """Whoever holds it again finds it picked, and lets go; its commit finds a hold that ended."""
    kept = await backup.taken(database)
    order = await house.place(lines={"LAMP": 2})
    unpicked = await house.order(order.order_id)
    await put_back(house, database, kept)
    house.line.cut = {("before", StepName.COMMIT)}
    await house.pick(order.order_id, 1)
    await house.stage(order.order_id)
    async with open_channel(house.inventory.address) as inventory:
        holds = Holds(house.records, ReservationServiceStub(inventory), clock=house.clock)
        asked = request_for(subject="robot", method="HoldAgain", request_id=new_id(), body=b"")
        await holds.again([unpicked], asked)
    house.line.mend()
    await house.passes(timedelta(minutes=1))

    assert (await house.order(order.order_id)).todo == ()
    assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 1}


async def test_units_booked_since_the_backup_show_as_short_until_somebody_counts(
    house: House, database: Database
) -> None:
    kept = await backup.taken(database)
    order = await house.ready()
    await put_back(house, database, kept)

    assert (await handed_over(house, order.order_id)).state == order_pb.ORDER_STATE_COLLECTED
    assert await house.inventory.where("LAMP") == {"sellable": 10, "short": 2}
    await house.inventory.put_on_shelf(LAMP=8)
    assert await house.inventory.where("LAMP") == {"sellable": 8}
