"""Placing again under the same id: the same order, or another try at one that was refused."""

import asyncio
from datetime import timedelta

from comptoir.collect.v1 import order_service_pb2 as pb

from services.collect.order.values import StepName
from services.collect.payment.domain import PaymentState
from tests.collect.order.asking import BOB, place, refused
from tests.collect.order.house import House


class TestRepeats:
    async def test_a_repeat_gets_the_same_order(self, house: House) -> None:
        request = place()
        first, again = await house.place(request), await house.place(request)

        assert first == again
        assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}

    async def test_a_repeat_gets_the_order_as_it_is_now(self, house: House) -> None:
        request = place()
        order = await house.place(request)
        await house.cancel(order.order_id)

        assert (await house.place(request)).state == pb.ORDER_STATE_CANCELLED

    async def test_the_same_id_with_another_body_is_refused(self, house: House) -> None:
        request = place()
        await house.place(request)
        request.lines[0].quantity = 1

        assert await refused(house.place(request)) == "ALREADY_EXISTS REQUEST_ID_REUSED"

    async def test_of_two_bodies_under_one_id_at_once_one_is_refused(self, house: House) -> None:
        first = place()
        second = pb.PlaceOrderRequest()
        second.CopyFrom(first)
        second.lines[0].quantity = 1
        outcomes = await asyncio.gather(*(refused(house.place(r)) for r in (first, second)))

        assert sorted(outcomes) == ["", "ALREADY_EXISTS REQUEST_ID_REUSED"]

    async def test_the_same_id_of_another_customer_is_another_order(self, house: House) -> None:
        request = place()
        anna, bob = await house.place(request), await house.place(request, metadata=BOB)
        assert anna.order_id != bob.order_id

    async def test_a_refused_order_placed_again_succeeds_when_stock_is_there(
        self, house: House
    ) -> None:
        request = place(lines={"LAMP": 11})
        assert await refused(house.place(request)) == "FAILED_PRECONDITION INSUFFICIENT_STOCK"
        await house.inventory.put_on_shelf(LAMP=12)

        assert (await house.place(request)).state == pb.ORDER_STATE_CONFIRMED
        assert await house.inventory.where("LAMP") == {"sellable": 12, "held": 11}
        assert await house.taken_count() == 1

    async def test_a_refused_order_may_be_refused_again(self, house: House) -> None:
        request = place(lines={"LAMP": 11})
        for _ in range(3):
            assert await refused(house.place(request)) == "FAILED_PRECONDITION INSUFFICIENT_STOCK"
        assert await house.taken_count() == 0

    async def test_placing_again_still_undoes_the_try_before(self, house: House) -> None:
        """The payment was declined, and what was reserved could not be given back yet."""
        request = place(payment_reference="sim_declined")
        house.line.cut.add(("before", StepName.UNRESERVE))
        for _ in range(2):
            await refused(house.place_briefly(request))
        house.line.cut.clear()
        await house.passes(timedelta(minutes=3))

        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert {payment.state for payment in await house.payments()} == {PaymentState.VOIDED}

    async def test_a_void_that_comes_late_leaves_the_next_payment_alone(self, house: House) -> None:
        request = place(lines={"LAMP": 11})
        house.line.cut.add(("before", StepName.VOID))
        assert await refused(house.place_briefly(request))
        house.line.cut.clear()
        await house.inventory.put_on_shelf(LAMP=12)
        await house.place(request)

        states = [payment.state for payment in await house.payments()]
        assert sorted(states, key=str) == [PaymentState.AUTHORISED, PaymentState.VOIDED]

    async def test_many_repeats_at_once_make_one_order(self, house: House) -> None:
        request = place()
        orders = await asyncio.gather(*(house.place(request) for _ in range(20)))

        assert {order.order_id for order in orders} == {orders[0].order_id}
        assert {order.state for order in orders} == {pb.ORDER_STATE_CONFIRMED}
        assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}
        assert (len(await house.payments()), await house.taken_count()) == (1, 1)
