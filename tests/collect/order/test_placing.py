"""Placing an order over gRPC: what it takes, and what refuses it."""

from datetime import UTC
from typing import Any

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.type.v1.money_pb2 import Money

from services.collect.basket.domain import Basket
from services.collect.basket.store import BASKETS
from services.collect.payment.domain import PaymentState
from services.collect.point import lines
from services.collect.point.domain import slot_id_of
from tests.collect import shops
from tests.collect.order.asking import AT_COUNTER, BOB, LOCKER_SLOT, TO_LOCKER, place, refused
from tests.collect.order.house import House
from tests.collect.order.orders import COLLECT_BY, NOON
from tests.collect.shops import paris

MOVED = slot_id_of("paris-counter", paris("2026-11-23 14:30"))


async def test_a_placed_order_is_confirmed_with_all_that_it_takes(house: House) -> None:
    order = await house.place(lines={"LAMP": 2, "CORD": 1})

    assert order.state == pb.ORDER_STATE_CONFIRMED
    assert order.payment_state == pb.PAYMENT_STATE_AUTHORISED
    assert order.total == Money(minor=4480, currency="EUR")
    assert (await house.inventory.where("LAMP"), await house.taken_count()) == (
        {"sellable": 10, "held": 2},
        1,
    )
    [payment] = await house.payments()
    assert (payment.state, payment.amount_minor) == (PaymentState.AUTHORISED, 4480)


async def test_an_order_says_who_what_where_and_until_when(house: House) -> None:
    order = await house.place()

    assert (order.customer_id, order.point_id, order.location_id) == (
        "anna",
        "paris-counter",
        "paris",
    )
    assert order.kind == point_pb.POINT_KIND_COUNTER
    assert order.create_time.ToDatetime(UTC) == NOON
    assert order.collect_by_time.ToDatetime(UTC) == COLLECT_BY
    assert [line.state for line in order.lines] == [pb.LINE_STATE_CONFIRMED]
    assert [(c.state, c.actor) for c in order.changes] == [
        (pb.ORDER_STATE_PLACING, "customer"),
        (pb.ORDER_STATE_CONFIRMED, "system"),
    ]


async def test_what_is_due_at_the_counter_is_authorised_nowhere(house: House) -> None:
    order = await house.place(method=AT_COUNTER)

    assert order.payment_state == pb.PAYMENT_STATE_DUE
    assert await house.payments() == []


async def test_cable_is_paid_by_the_metre_and_rounded_half_up(house: House) -> None:
    order = await house.place(lines={"CABLE": 2500})  # 2.5 m at 1.25 make 3.125.
    assert order.total.minor == 313


async def test_an_order_from_the_basket_takes_its_lines_out_once_confirmed(house: House) -> None:
    kept = (lines.Line("LAMP", 2), lines.Line("SOFA", 1))
    await house.put(Basket(customer_id="anna", lines=kept, revision=1))
    await house.place(from_basket=True)

    basket = await house.records.find(BASKETS, "anna")
    assert basket is not None and [line.sku for line in basket.lines] == ["SOFA"]


async def test_a_refused_order_leaves_the_basket_as_it_is(house: House) -> None:
    kept = (lines.Line("LAMP", 11),)
    await house.put(Basket(customer_id="anna", lines=kept, revision=1))
    assert await refused(house.place(lines={"LAMP": 11}, from_basket=True))

    basket = await house.records.find(BASKETS, "anna")
    assert basket is not None and basket.lines == kept


async def test_an_order_for_a_locker_keeps_a_compartment(house: House) -> None:
    order = await house.place(lines={"LAMP": 1}, point_id="paris-locker", slot_id=LOCKER_SLOT)

    assert order.kind == point_pb.POINT_KIND_LOCKER
    [use, other] = (await house.cabinet()).uses
    assert (use.order_id, other.order_id) == (order.order_id, "")


class TestRefusals:
    @pytest.mark.parametrize(
        "fields, reason",
        [
            ({"lines": {"LAMP": 11}}, "FAILED_PRECONDITION INSUFFICIENT_STOCK"),
            ({"payment_reference": "sim_declined"}, "FAILED_PRECONDITION PAYMENT_DECLINED"),
            (
                {"expected_total": Money(minor=3979, currency="EUR")},
                "FAILED_PRECONDITION PRICE_CHANGED",
            ),
            (
                {"expected_total": Money(minor=3980, currency="USD")},
                "FAILED_PRECONDITION PRICE_CHANGED",
            ),
            (
                {"point_id": "paris-locker", "slot_id": LOCKER_SLOT, "method": AT_COUNTER},
                "FAILED_PRECONDITION PAYMENT_REQUIRED",
            ),
            (
                {"point_id": "paris-locker", "slot_id": LOCKER_SLOT, "lines": {"SOFA": 1}},
                "FAILED_PRECONDITION NO_COMPARTMENT",
            ),
            (
                {"slot_id": slot_id_of("paris-counter", paris("2026-11-23 12:00"))},
                "FAILED_PRECONDITION SLOT_PAST",
            ),
            ({"slot_id": MOVED}, "INVALID_ARGUMENT INVALID_SLOT"),
            ({"slot_id": LOCKER_SLOT}, "INVALID_ARGUMENT INVALID_SLOT"),
            ({"slot_id": "soon"}, "INVALID_ARGUMENT INVALID_SLOT"),
            ({"point_id": "nowhere"}, "NOT_FOUND UNKNOWN_POINT"),
            ({"lines": {"GHOST": 1}}, "NOT_FOUND UNKNOWN_SKU"),
            ({"lines": {}}, "INVALID_ARGUMENT INVALID_LINES"),
            ({"lines": {f"S{n}": 1 for n in range(51)}}, "INVALID_ARGUMENT INVALID_LINES"),
            ({"lines": {"LAMP": 0}}, "INVALID_ARGUMENT INVALID_LINES"),
            ({"lines": {"LAMP": 1_000_001}}, "INVALID_ARGUMENT INVALID_LINES"),
            ({"lines": {"": 1}}, "INVALID_ARGUMENT INVALID_LINES"),
            ({"lines": {"CABLE": 150}}, "INVALID_ARGUMENT INVALID_LINES"),
            ({"payment_reference": ""}, "INVALID_ARGUMENT INVALID_PAYMENT"),
            ({"payment_reference": "x" * 129}, "INVALID_ARGUMENT INVALID_PAYMENT"),
            (
                {"method": AT_COUNTER, "payment_reference": "sim_card"},
                "INVALID_ARGUMENT INVALID_PAYMENT",
            ),
            ({"payment_method": 0}, "INVALID_ARGUMENT INVALID_PAYMENT"),
            ({"request_id": "mine"}, "INVALID_ARGUMENT INVALID_REQUEST_ID"),
        ],
    )
    async def test_a_wish_that_cannot_be_met_is_refused_by_reason(
        self, house: House, fields: dict[str, Any], reason: str
    ) -> None:
        assert await refused(house.place(place(**fields))) == reason

    async def test_lines_of_one_sku_are_refused(self, house: House) -> None:
        request = place()
        request.lines.add(sku="LAMP", quantity=1)
        assert await refused(house.place(request)) == "INVALID_ARGUMENT INVALID_LINES"

    async def test_a_full_slot_is_refused(self, house: House) -> None:
        await house.put(shops.counter(slot_capacity_count=1))
        await house.place(lines={"LAMP": 1})
        assert await refused(house.place(metadata=BOB)) == "FAILED_PRECONDITION SLOT_FULL"

    async def test_an_order_is_refused_where_no_compartment_is_left(self, house: House) -> None:
        to_locker: dict[str, Any] = {
            "point_id": "paris-locker",
            "slot_id": LOCKER_SLOT,
            "lines": {"LAMP": 1},
        }
        for _ in range(2):
            await house.place(**to_locker)
        assert await refused(house.place(**to_locker)) == "FAILED_PRECONDITION NO_COMPARTMENT"

    @pytest.mark.parametrize(
        "quantity, reference, reason",
        [(4, "sim_card", "INSUFFICIENT_STOCK"), (2, "sim_declined", "PAYMENT_DECLINED")],
    )
    async def test_a_refusal_gives_back_all_that_was_taken(
        self, house: House, quantity: int, reference: str, reason: str
    ) -> None:
        await house.inventory.put_on_shelf(LAMP=3)
        at: dict[str, Any] = {**TO_LOCKER}
        wish = house.place(lines={"LAMP": quantity}, payment_reference=reference, **at)
        assert await refused(wish) == f"FAILED_PRECONDITION {reason}"

        assert await house.inventory.where("LAMP") == {"sellable": 3}
        assert await house.taken_count(LOCKER_SLOT) == 0
        assert (await house.cabinet()).free_count == 2
        assert {payment.state for payment in await house.payments()} == {PaymentState.VOIDED}
