"""Calling orders off over gRPC: by either side, at any time, behind a door or not."""

import asyncio
from datetime import timedelta

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb

from chassis.records import Where
from services.collect.locker.cabinet import EntryKind, UseState
from services.collect.order.values import StepName
from services.collect.payment.domain import PaymentState
from services.collect.point.store import SLOTS
from tests.collect.order.asking import ANNA, LOCKER_SLOT, SAM, new_id, refused
from tests.collect.order.house import House
from tests.serving import Metadata


class TestCancel:
    async def test_a_confirmed_order_gives_back_all_that_it_took(self, house: House) -> None:
        order = await house.place()
        cancelled = await house.cancel(order.order_id)
        await house.saga.settle()

        assert (cancelled.state, cancelled.cause) == (
            pb.ORDER_STATE_CANCELLED,
            "CUSTOMER_CANCELLED",
        )
        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert await house.inventory.reservation_states() == ["RELEASED"]
        assert await house.taken_count() == 0
        [payment] = await house.payments()
        assert payment.state is PaymentState.VOIDED

    @pytest.mark.parametrize("who", [ANNA, SAM])
    async def test_what_was_not_found_by_then_leaves_the_books_and_the_rest_goes_back(
        self, house: House, who: Metadata
    ) -> None:
        order = await house.place(lines={"LAMP": 3, "CORD": 2})
        await house.pick(order.order_id, 1)
        cause = "" if who is ANNA else "SHOP_CLOSED"
        cancelled = await house.cancel(order.order_id, metadata=who, cause=cause)
        await house.saga.settle()

        assert cancelled.state == pb.ORDER_STATE_CANCELLED
        assert await house.inventory.moves("LAMP") == ["sellable to outside: 2 not_found"]
        assert await house.inventory.where("LAMP") == {"sellable": 8}
        assert await house.inventory.where("CORD") == {"sellable": 10}
        [payment] = await house.payments()
        assert payment.state is PaymentState.VOIDED

    async def test_so_it_does_when_its_time_to_be_picked_is_over(self, house: House) -> None:
        order = await house.place(lines={"LAMP": 3})
        await house.pick(order.order_id, 1)
        await house.passes(timedelta(days=5))

        after = await house.get(order.order_id)
        assert (after.state, after.cause) == (pb.ORDER_STATE_EXPIRED, "NOT_PICKED")
        assert await house.inventory.moves("LAMP") == ["sellable to outside: 2 not_found"]
        assert await house.inventory.where("LAMP") == {"sellable": 8}

    async def test_of_what_was_found_whole_nothing_is_told(self, house: House) -> None:
        order = await house.place(lines={"LAMP": 3, "CORD": 2})
        await house.pick(order.order_id, 3)
        await house.cancel(order.order_id)
        await house.saga.settle()

        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert await house.inventory.reservation_states() == ["RELEASED"]

    async def test_an_order_of_a_slot_that_is_forgotten_is_called_off_like_any(
        self, house: House
    ) -> None:
        order = await house.ready()
        house.clock.now += timedelta(days=2)
        await house.records.tend()
        assert await house.records.select(SLOTS, Where(limit=1)) == []

        cancelled = await house.cancel(order.order_id)
        assert cancelled.state == pb.ORDER_STATE_CANCELLED

    async def test_a_ready_order_goes_back_to_the_shelf(self, house: House) -> None:
        order = await house.ready(found=1)
        await house.cancel(order.order_id)
        await house.saga.settle()

        assert await house.inventory.where("LAMP") == {"sellable": 9}
        assert await house.inventory.moves("LAMP") == [
            "sellable to staged: 1 order",
            "sellable to outside: 1 not_found",
            "staged to sellable: 1 order",
        ]

    async def test_a_locker_order_that_was_not_loaded_frees_its_compartment(
        self, house: House
    ) -> None:
        order = await house.place(point_id="paris-locker", slot_id=LOCKER_SLOT)
        await house.cancel(order.order_id)
        assert (await house.cabinet()).free_count == 2

    async def test_an_order_behind_a_door_is_pending(self, house: House) -> None:
        order = await house.loaded()
        cancelled = await house.cancel(order.order_id)

        assert cancelled.state == pb.ORDER_STATE_CANCEL_PENDING
        assert cancelled.payment_state == pb.PAYMENT_STATE_AUTHORISED
        assert UseState.REVOKED in {use.state for use in (await house.cabinet()).uses}

    async def test_it_is_over_when_the_cabinet_says_that_its_door_stayed_shut(
        self, house: House
    ) -> None:
        order = await house.loaded()
        await house.cancel(order.order_id)
        await house.cabinet_says(EntryKind.REVOKED, order.order_id)
        await house.settled()

        after = await house.get(order.order_id)
        assert (after.state, after.payment_state) == (
            pb.ORDER_STATE_CANCELLED,
            pb.PAYMENT_STATE_VOIDED,
        )

    async def test_a_repeat_gets_the_first_answer(self, house: House) -> None:
        order, request_id = await house.place(), new_id()
        answers = [await house.cancel(order.order_id, request_id=request_id) for _ in range(2)]
        assert answers[0] == answers[1]

    async def test_the_same_id_with_another_cause_is_refused(self, house: House) -> None:
        order, request_id = await house.place(), new_id()
        await house.cancel(order.order_id, request_id=request_id)
        call = house.cancel(order.order_id, request_id=request_id, cause="other")
        assert await refused(call) == "ALREADY_EXISTS REQUEST_ID_REUSED"

    async def test_what_is_called_off_cannot_be_called_off_again(self, house: House) -> None:
        order = await house.place()
        await house.cancel(order.order_id)
        call = house.cancel(order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_ENDED"

    async def test_staff_say_why_and_the_customer_reads_it(self, house: House) -> None:
        order = await house.place()
        await house.cancel(order.order_id, metadata=SAM, cause="fell off the ladder")
        seen = await house.get(order.order_id)
        assert (seen.cause, seen.changes[-1].actor) == ("fell off the ladder", "staff")

    @pytest.mark.parametrize("metadata, cause", [(SAM, ""), (SAM, "  "), (ANNA, "x" * 201)])
    async def test_a_cause_is_asked_of_staff_and_short(
        self, house: House, metadata: Metadata, cause: str
    ) -> None:
        order = await house.place()
        call = house.cancel(order.order_id, metadata=metadata, cause=cause)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_CAUSE"

    async def test_an_order_that_is_being_placed_takes_nothing_in_the_end(
        self, house: House
    ) -> None:
        """Its reservation is on its way when it is called off."""
        house.line.hold[StepName.RESERVE] = asyncio.Event()
        order = await house.place_briefly()
        await house.cancel(order.order_id)
        house.line.hold[StepName.RESERVE].set()
        await house.saga.settle()

        assert (await house.get(order.order_id)).state == pb.ORDER_STATE_CANCELLED
        assert await house.inventory.where("LAMP") == {"sellable": 10}

    async def test_of_hand_over_and_call_off_at_once_one_wins(self, house: House) -> None:
        order = await house.ready()
        code = await house.code(order.order_id)
        outcomes = await asyncio.gather(
            refused(house.hand_over(order.order_id, code)), refused(house.cancel(order.order_id))
        )
        await house.saga.settle()

        assert outcomes.count("") == 1
        left = {"sellable": 8} if outcomes[0] == "" else {"sellable": 10}
        assert await house.inventory.where("LAMP") == left
        [payment] = await house.payments()
        taken = 3980 if outcomes[0] == "" else 0
        assert payment.captured_minor == taken
