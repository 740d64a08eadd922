"""From a till's sale of what an order holds to what its customer pays, both services real."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

from comptoir.collect.v1 import order_service_pb2 as pb

from services.collect.order.broken import BrokenHold, BrokenLine
from services.collect.order.values import StepName
from services.collect.payment.domain import PaymentState
from services.inventory.reservation.mending import Mender
from tests.collect.order.breaking import forgotten, goes_on, noted, sold, tell_all, told
from tests.collect.order.house import House


async def test_an_order_goes_on_with_what_the_till_left_and_costs_that(house: House) -> None:
    order = await house.place(lines={"LAMP": 4, "CORD": 2})
    await sold(house, "LAMP", 7)
    await told(house)

    shown = await house.get(order.order_id)
    assert shown.state == pb.ORDER_STATE_CONFIRMED
    assert [(line.quantity, line.broken_quantity) for line in shown.lines] == [(4, 1), (2, 0)]
    assert shown.total.minor == 3 * 1990 + 2 * 500
    assert await noted(house) == []

    await house.pick(order.order_id, 3)
    await house.pick(order.order_id, 2, line=2)
    await house.stage(order.order_id)
    # Broken units have left the book by the sale, and do not leave it again as not found.
    assert await house.inventory.moves("LAMP") == [
        "sellable to outside: 7 sale",
        "sellable to staged: 3 order",
    ]
    await house.hand_over(order.order_id, await house.code(order.order_id))
    [payment] = await house.payments()
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 6970)
    assert await house.inventory.where("LAMP") == {}


async def test_an_order_of_which_nothing_is_left_is_cancelled_and_gives_all_back(
    house: House,
) -> None:
    order = await house.place(lines={"LAMP": 2})
    await sold(house, "LAMP", 10)
    await told(house)

    shown = await house.get(order.order_id)
    assert (shown.state, shown.cause) == (pb.ORDER_STATE_CANCELLED, "INSUFFICIENT_STOCK")
    [payment] = await house.payments()
    assert payment.state is PaymentState.VOIDED
    assert await house.taken_count() == 0
    assert await house.inventory.reservation_states() == ["RELEASED"]
    assert await house.inventory.where("LAMP") == {}


async def test_what_a_picker_did_not_find_leaves_the_book_though_the_rest_is_sold(
    house: House,
) -> None:
    order = await house.place(lines={"LAMP": 2, "CORD": 3})
    await house.pick(order.order_id, 0)
    await sold(house, "CORD", 10)
    await told(house)

    shown = await house.get(order.order_id)
    assert (shown.state, shown.cause) == (pb.ORDER_STATE_CANCELLED, "INSUFFICIENT_STOCK")
    assert await house.inventory.moves("LAMP") == ["sellable to outside: 2 not_found"]
    assert await house.inventory.where("LAMP") == {"sellable": 8}
    assert await house.inventory.where("CORD") == {}
    assert await house.inventory.reservation_states() == ["COMMITTED"]
    [payment] = await house.payments()
    assert payment.state is PaymentState.VOIDED
    assert await house.taken_count() == 0


async def test_what_the_till_sold_of_a_hold_that_has_lapsed_is_not_missed_once_more(
    house: House,
) -> None:
    order = await house.place(lines={"LAMP": 4})
    await house.pick(order.order_id, 1)
    await sold(house, "LAMP", 9)
    await told(house)
    await house.inventory.put_on_shelf(LAMP=10)
    house.line.cut = {("before", StepName.COMMIT)}
    await house.stage(order.order_id)
    house.line.mend()
    await house.passes(timedelta(days=7))

    assert await house.inventory.reservation_states() == ["LAPSED"]
    assert await house.inventory.where("LAMP") == {"sellable": 9, "staged": 1}


async def test_units_in_a_pickers_hands_are_staged_and_the_next_order_is_told(
    house: House,
) -> None:
    old = await house.place(lines={"LAMP": 4})
    house.clock.now += timedelta(seconds=1)
    picked = await house.place(lines={"LAMP": 4})
    await house.pick(picked.order_id, 4)
    await sold(house, "LAMP", 5)
    await told(house)
    assert (await house.get(picked.order_id)).lines[0].broken_quantity == 0

    await house.stage(picked.order_id)
    await Mender(house.inventory.records, clock=house.clock).mend_all()
    await told(house)
    assert (await house.get(old.order_id)).lines[0].broken_quantity == 3
    assert await house.inventory.where("LAMP") == {"staged": 4, "sellable": 1, "held": 1}


async def test_what_breaks_before_the_order_knows_its_reservation_waits_for_that(
    house: House,
) -> None:
    house.line.cut = {("after", StepName.RESERVE)}
    order = await house.place_briefly(lines={"LAMP": 2})
    await sold(house, "LAMP", 9)
    await told(house)
    assert len(await noted(house)) == 1

    house.line.cut = {("before", StepName.AUTHORISE)}
    await house.passes(timedelta(seconds=30))
    await told(house)
    house.line.mend()
    await house.passes(timedelta(seconds=30))
    shown = await house.get(order.order_id)
    assert (shown.state, shown.cause) == (pb.ORDER_STATE_REFUSED, "INSUFFICIENT_STOCK")
    assert await house.inventory.where("LAMP") == {"sellable": 1}
    assert await noted(house) == []


async def test_anothers_document_is_no_order_and_one_that_fails_keeps_no_other_waiting(
    house: House,
) -> None:
    order = await house.place(lines={"LAMP": 2})
    reservation_id = (await house.order(order.order_id)).reservation_id
    lines = (BrokenLine(sku="LAMP", quantity=1),)
    odd = replace(await house.order(order.order_id), order_id="odd", revision=cast(int, "one"))
    await house.put(odd)
    ids = (("0", "no order of ours"), ("1", "odd"), (reservation_id, order.order_id))
    await house.inventory.hold("LAMP", 8)
    for key, order_id in ids:
        hold = BrokenHold(reservation_id=key, order_id=order_id, lines=lines, revision=2)
        await house.put(hold)
    await tell_all(house)

    assert (await house.get(order.order_id)).lines[0].broken_quantity == 1
    assert [hold.order_id for hold in await noted(house)] == ["odd"]


async def test_what_broke_while_nobody_followed_for_too_long_is_read_of_the_reservations(
    house: House,
) -> None:
    whole = await house.place(lines={"CORD": 1})
    short = await house.place(lines={"LAMP": 4, "CORD": 2})
    house.clock.now += timedelta(seconds=1)
    gone = await house.place(lines={"LAMP": 2})
    await goes_on(house)
    await sold(house, "LAMP", 7)
    await forgotten(house)
    await goes_on(house)
    await tell_all(house)

    assert [line.broken_quantity for line in (await house.get(short.order_id)).lines] == [1, 0]
    assert (await house.get(gone.order_id)).state == pb.ORDER_STATE_CANCELLED
    assert (await house.get(whole.order_id)).lines[0].broken_quantity == 0
    assert await noted(house) == []
    # What breaks from then on is told by its event.
    await sold(house, "LAMP", 1)
    await told(house)
    assert (await house.get(short.order_id)).lines[0].broken_quantity == 2


async def test_what_inventory_has_now_wins_over_what_was_noted_before_its_restore(
    house: House,
) -> None:
    order = await house.place(lines={"LAMP": 4, "CORD": 2})
    reservation_id = (await house.order(order.order_id)).reservation_id
    known = BrokenHold(reservation_id=reservation_id, order_id=order.order_id, lines=(), revision=9)
    await house.put(known)
    await goes_on(house)
    await sold(house, "LAMP", 7)
    await forgotten(house)
    await goes_on(house)

    [noted_now] = await noted(house)
    assert (noted_now.lines, noted_now.revision) == ((BrokenLine(sku="LAMP", quantity=1),), 2)


async def test_a_hold_that_inventory_has_lost_keeps_no_other_from_being_read(
    house: House,
) -> None:
    lost = await house.place(lines={"LAMP": 1})
    await house.put(replace(await house.order(lost.order_id), reservation_id="lost"))
    order = await house.place(lines={"CORD": 2})
    await goes_on(house)
    await sold(house, "CORD", 9)
    await forgotten(house)
    await goes_on(house)
    assert [hold.order_id for hold in await noted(house)] == [order.order_id]
