"""Neighbours that do not answer: asked again, then given up; and how many at once are served."""

import asyncio
from datetime import timedelta
from typing import Any

from comptoir.collect.v1 import order_service_pb2 as pb

from chassis.access import UnauthenticatedError
from services.collect.order.saga import ASIDE
from services.collect.order.values import StepName
from tests.collect import shops
from tests.collect.order.asking import LOCKER_SLOT, SLOT, place, refused
from tests.collect.order.house import House
from tests.collect.order.orders import NOON


class TestPromises:
    async def test_of_thirty_customers_for_five_units_five_are_confirmed(
        self, house: House
    ) -> None:
        await house.inventory.put_on_shelf(LAMP=5)
        outcomes = await asyncio.gather(
            *(refused(house.place(lines={"LAMP": 1})) for _ in range(30))
        )

        assert sorted(outcomes) == [""] * 5 + ["FAILED_PRECONDITION INSUFFICIENT_STOCK"] * 25
        assert await house.inventory.where("LAMP") == {"sellable": 5, "held": 5}
        assert await house.taken_count() == 5

    async def test_a_slot_for_two_takes_two(self, house: House) -> None:
        await house.put(shops.counter(slot_capacity_count=2))
        outcomes = await asyncio.gather(
            *(refused(house.place(lines={"LAMP": 1})) for _ in range(8))
        )

        assert sorted(outcomes) == [""] * 2 + ["FAILED_PRECONDITION SLOT_FULL"] * 6
        assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}

    async def test_two_compartments_take_two_orders(self, house: House) -> None:
        to_locker: dict[str, Any] = {
            "point_id": "paris-locker",
            "slot_id": LOCKER_SLOT,
            "lines": {"LAMP": 1},
        }
        outcomes = await asyncio.gather(*(refused(house.place(**to_locker)) for _ in range(6)))

        refusals = {reason for reason in outcomes if reason}
        assert (outcomes.count(""), refusals <= FULL) == (2, True)
        assert len({use.order_id for use in (await house.cabinet()).uses}) == 2


FULL = {"FAILED_PRECONDITION NO_COMPARTMENT", "FAILED_PRECONDITION SLOT_FULL"}


class TestSilence:
    """A neighbour that does not answer: asked again, then given up."""

    async def test_an_order_that_takes_longer_than_the_call_is_placing(self, house: House) -> None:
        house.line.cut.add(("before", StepName.RESERVE))
        order = await house.place_briefly()

        assert order.state == pb.ORDER_STATE_PLACING
        assert [line.state for line in order.lines] == [pb.LINE_STATE_HELD]

    async def test_a_step_whose_answer_was_lost_is_sent_again(self, house: House) -> None:
        house.line.cut |= {("after", StepName.RESERVE), ("after", StepName.AUTHORISE)}
        order = await house.place_briefly()
        for step in (StepName.RESERVE, StepName.AUTHORISE):
            await house.passes(timedelta(seconds=5))
            house.line.cut.discard(("after", step))
            await house.passes(timedelta(seconds=5))

        assert (await house.get(order.order_id)).state == pb.ORDER_STATE_CONFIRMED
        assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}

    async def test_a_payment_provider_that_is_silent_twice_is_asked_a_third_time(
        self, house: House
    ) -> None:
        order = await house.place_briefly(payment_reference="sim_silent")
        assert order.payment_state == pb.PAYMENT_STATE_UNKNOWN
        for _ in range(2):
            await house.passes(timedelta(seconds=5))

        assert (await house.get(order.order_id)).state == pb.ORDER_STATE_CONFIRMED

    async def test_a_refusal_that_is_not_about_the_order_is_no_refusal_of_it(
        self, house: House
    ) -> None:
        """Such as a token that has expired: whoever ordered is not to blame."""
        house.line.fail[StepName.RESERVE] = UnauthenticatedError("no valid token")
        order = await house.place_briefly()
        house.line.fail.clear()
        await house.passes(timedelta(seconds=5))

        assert (await house.get(order.order_id)).state == pb.ORDER_STATE_CONFIRMED

    async def test_an_order_that_cannot_be_driven_is_looked_at_again_in_a_while(
        self, house: House
    ) -> None:
        house.line.fail[StepName.RESERVE] = ZeroDivisionError("a bug")
        order = await house.place_briefly()
        kept = await house.order(order.order_id)

        assert kept.wake_time == NOON + ASIDE
        assert [(step.tries, step.fail_reason) for step in kept.todo] == [
            (1, "ZeroDivisionError"),
            (0, ""),
        ]

    async def test_the_order_keeps_why_its_step_failed(self, house: House) -> None:
        house.line.fail[StepName.RESERVE] = UnauthenticatedError("no valid token")
        order = await house.place_briefly()
        step = (await house.order(order.order_id)).todo[0]

        assert (step.fail_reason, step.fail_time) == ("UNAUTHENTICATED", NOON)

    async def test_a_repeat_waits_for_what_another_replica_does(self, house: House) -> None:
        house.line.hold[StepName.RESERVE] = asyncio.Event()
        request = place()
        late = await house.place_briefly(request)
        repeat = asyncio.create_task(house.place(request))
        house.line.hold[StepName.RESERVE].set()

        assert late.state == pb.ORDER_STATE_PLACING
        assert (await repeat).state == pb.ORDER_STATE_CONFIRMED

    async def test_what_is_not_confirmed_within_two_minutes_is_undone(self, house: House) -> None:
        house.line.cut.add(("after", StepName.RESERVE))
        order = await house.place_briefly()
        await house.passes(timedelta(minutes=2))
        house.line.cut.clear()
        await house.passes(timedelta(seconds=30))

        ended = await house.get(order.order_id)
        assert (ended.state, ended.cause) == (pb.ORDER_STATE_REFUSED, "CONFIRMATION_TIMEOUT")
        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert await house.taken_count(SLOT) == 0
