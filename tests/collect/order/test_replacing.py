"""Others in place of what is broken: from what came in meanwhile to what the customer gets."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb

from services.collect.order.values import StepName
from services.collect.payment.domain import PaymentState
from tests.collect.order.breaking import (
    broken,
    followed,
    forgotten,
    goes_on,
    noted,
    sold,
    tell_all,
    told,
)
from tests.collect.order.house import House
from tests.collect.order.line import FAULT, Away, AwayError
from tests.waiting import until


async def test_an_order_that_is_given_others_goes_on_as_if_nothing_had_happened(
    house: House,
) -> None:
    order = await broken(house, lamps=3, shelf=9)
    before = await house.get(order.order_id)
    await told(house)

    shown = await house.get(order.order_id)
    assert (shown.state, shown.lines, shown.total) == (before.state, before.lines, before.total)
    assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 4}
    assert await noted(house) == []

    await house.pick(order.order_id, 4)
    await house.pick(order.order_id, 2, line=2)
    await house.stage(order.order_id)
    assert await house.inventory.where("LAMP") == {"sellable": 5, "staged": 4}
    assert await house.inventory.where("CORD") == {"sellable": 8, "staged": 2}
    assert await house.inventory.reservation_states() == ["COMMITTED", "COMMITTED"]
    await house.hand_over(order.order_id, await house.code(order.order_id))
    [payment] = await house.payments()
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 4 * 1990 + 2 * 500)


async def test_it_takes_what_there_is_and_is_told_of_the_rest(house: House) -> None:
    order = await broken(house, lamps=3, shelf=3)
    await told(house)

    [lamps, cords] = (await house.get(order.order_id)).lines
    assert (lamps.broken_quantity, lamps.total.minor, cords.broken_quantity) == (1, 3 * 1990, 0)
    assert await house.inventory.where("LAMP") == {"sellable": 3, "held": 3}


async def test_of_several_who_tell_it_at_once_all_ask_for_the_same(house: House) -> None:
    order = await broken(house, lamps=3, shelf=9)
    async with followed(house):
        await until(partial(is_noted, house))
    await asyncio.gather(*(tell_all(house) for _ in range(4)))
    await house.passes(timedelta(minutes=1))

    assert (await house.get(order.order_id)).lines[0].broken_quantity == 0
    assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 4}
    assert await house.inventory.reservation_states() == ["ACTIVE", "ACTIVE"]


async def is_noted(house: House) -> bool:
    return bool(await noted(house))


async def test_one_of_which_nothing_was_left_is_not_cancelled(house: House) -> None:
    order = await house.place(lines={"LAMP": 2})
    await sold(house, "LAMP", 10)
    await house.inventory.put_on_shelf(LAMP=1)
    await told(house)

    shown = await house.get(order.order_id)
    assert (shown.state, shown.lines[0].broken_quantity) == (pb.ORDER_STATE_CONFIRMED, 1)
    assert not shown.lines[0].HasField("found_quantity")


async def test_others_that_somebody_took_meanwhile_are_not_promised(house: House) -> None:
    order = await broken(house, lamps=3, shelf=9)
    house.line.cut = {("before", StepName.RESERVE)}
    await told(house)
    await house.inventory.hold("LAMP", 8)
    house.line.mend()
    await house.passes(timedelta(minutes=1))

    [lamps, _] = (await house.get(order.order_id)).lines
    assert (lamps.broken_quantity, lamps.total.minor) == (3, 1990)
    assert (await house.order(order.order_id)).todo == ()
    # What was refused is held by nobody, and its order ends as any other.
    await house.cancel(order.order_id)
    await house.saga.settle()
    assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 8}


async def test_one_of_which_nothing_is_left_is_cancelled_once_the_others_are_refused(
    house: House,
) -> None:
    order = await house.place(lines={"LAMP": 2})
    await sold(house, "LAMP", 10)
    await house.inventory.put_on_shelf(LAMP=2)
    house.line.cut = {("before", StepName.RESERVE)}
    await told(house)
    await house.inventory.hold("LAMP", 1)
    house.line.mend()
    await house.passes(timedelta(minutes=1))

    shown = await house.get(order.order_id)
    assert (shown.state, shown.cause) == (pb.ORDER_STATE_CANCELLED, "INSUFFICIENT_STOCK")
    assert await house.inventory.where("LAMP") == {"sellable": 2, "held": 1}


async def test_others_that_break_too_are_told_and_no_more_are_asked_for(house: House) -> None:
    order = await broken(house, lamps=3, shelf=9)
    await told(house)
    await sold(house, "LAMP", 7)
    await house.inventory.put_on_shelf(LAMP=9)
    await told(house)

    [lamps, _] = (await house.get(order.order_id)).lines
    assert lamps.broken_quantity == 2
    assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 2}
    await house.pick(order.order_id, 2)
    await house.pick(order.order_id, 2, line=2)
    await house.stage(order.order_id)
    assert await house.inventory.where("LAMP") == {"sellable": 7, "staged": 2}


async def test_what_breaks_of_others_before_the_order_knows_them_waits_for_that(
    house: House,
) -> None:
    order = await broken(house, lamps=3, shelf=9)
    house.line.cut = {("after", StepName.RESERVE)}
    await told(house)
    await sold(house, "LAMP", 6)
    await told(house)
    assert len(await noted(house)) == 1
    house.line.mend()
    await house.passes(timedelta(minutes=1))
    await tell_all(house)

    assert (await house.get(order.order_id)).lines[0].broken_quantity == 1
    assert await noted(house) == []


async def test_what_broke_of_others_while_nobody_followed_is_read_of_their_reservation(
    house: House,
) -> None:
    order = await broken(house, lamps=3, shelf=9)
    await told(house)
    await goes_on(house)
    await sold(house, "LAMP", 6)
    await forgotten(house)
    await goes_on(house)
    await tell_all(house)

    assert (await house.get(order.order_id)).lines[0].broken_quantity == 1
    assert await noted(house) == []


@pytest.mark.parametrize("error", [AwayError("the line is cut"), FAULT])
async def test_where_inventory_does_not_say_what_is_free_the_customer_is_told_at_once(
    house: House, error: Exception
) -> None:
    order = await broken(house, lamps=3, shelf=9)
    await told(house, stock=cast(Any, Away(error)))

    assert (await house.get(order.order_id)).lines[0].broken_quantity == 3
    assert await noted(house) == []
