"""As of which position was looked in vain: asked for where it matters, and never waited for."""

from typing import Any, cast

from services.collect.picking.looking import UNKNOWN, Looking
from tests.collect.order.house import House
from tests.collect.order.inventory import open_looking
from tests.collect.order.line import FAULT, Away

NOBODY = "127.0.0.1:1"


async def test_it_is_the_revision_of_the_row_now(house: House) -> None:
    order = await house.order((await house.place()).order_id)
    async with open_looking(house.inventory.address) as looking:
        told = await looking.position(order, line_number=1, found_quantity=1)

    assert told == (await house.inventory.row("LAMP")).revision


async def test_where_all_was_found_nobody_asks(house: House) -> None:
    order = await house.order((await house.place()).order_id)
    async with open_looking(house.inventory.address) as looking:
        for line_number, found in ((1, 2), (7, 0)):
            asked = looking.position(order, line_number=line_number, found_quantity=found)
            assert await asked == UNKNOWN


async def test_without_inventory_a_pick_is_recorded_all_the_same(house: House) -> None:
    order = await house.order((await house.place()).order_id)
    async with open_looking(NOBODY) as looking:
        assert await looking.position(order, line_number=1, found_quantity=1) == UNKNOWN


async def test_a_fault_of_inventory_s_keeps_nobody_from_recording_a_pick(house: House) -> None:
    order = await house.order((await house.place()).order_id)
    looking = Looking(cast(Any, Away(FAULT)))

    assert await looking.position(order, line_number=1, found_quantity=1) == UNKNOWN
