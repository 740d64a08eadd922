"""Loading a locker and taking out of it: by staff over gRPC, by the cabinet's journal."""

from datetime import timedelta
from typing import Any

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb

from services.collect.locker.cabinet import DoorPurpose, EntryKind
from services.collect.order.values import StepName
from services.collect.payment.domain import PaymentDeclinedError, PaymentState
from tests.collect.order.asking import LOCKER_SLOT, SAM, new_id, refused
from tests.collect.order.house import House

CANCELLED, EXPIRED = order_pb.ORDER_STATE_CANCELLED, order_pb.ORDER_STATE_EXPIRED
PENDING = order_pb.ORDER_STATE_CANCEL_PENDING
AUTHORISED, VOIDED = order_pb.PAYMENT_STATE_AUTHORISED, order_pb.PAYMENT_STATE_VOIDED


def in_locker() -> dict[str, Any]:
    return {"point_id": "paris-locker", "slot_id": LOCKER_SLOT}


async def load(house: House, order_id: str, *, request_id: str = "") -> None:
    request = pb.LoadLockerRequest(request_id=request_id or new_id(), order_id=order_id)
    await house.picking.LoadLocker(request, metadata=SAM)


async def take_back(house: House, order_id: str) -> None:
    request = pb.TakeBackRequest(request_id=new_id(), order_id=order_id)
    await house.picking.TakeBack(request, metadata=SAM)


async def called_off_at_its_door(house: House) -> order_pb.Order:
    """Staged, its door asked to open for loading, and nothing heard of it since."""
    order = await house.ready(**in_locker())
    await load(house, order.order_id)
    await house.cancel(order.order_id)
    await house.settled()
    return await house.get(order.order_id)


async def given_up(house: House, order: order_pb.Order) -> order_pb.Order:
    """Its cabinet has said nothing for weeks."""
    await house.passes(timedelta(days=4))
    await house.passes(timedelta(days=14))
    return await house.get(order.order_id)


class TestLocker:
    async def test_a_staged_order_has_its_door_opened_and_is_ready_once_it_is_shut(
        self, house: House
    ) -> None:
        order = await house.ready(**in_locker())
        assert order.state == order_pb.ORDER_STATE_STAGED
        await load(house, order.order_id)
        [command] = (await house.cabinet()).commands
        assert command.purpose is DoorPurpose.LOADING

        await house.cabinet_says(EntryKind.LOADED, order.order_id)
        await house.settled()
        after = await house.get(order.order_id)
        assert (after.state, after.place_label) == (order_pb.ORDER_STATE_READY, "A2")
        assert await house.inventory.where("LAMP") == {"sellable": 8, "locker": 2}

    async def test_an_opened_door_collects_and_captures(self, house: House) -> None:
        order = await house.loaded()
        await house.cabinet_says(EntryKind.OPENED, order.order_id)
        await house.settled()

        after = await house.get(order.order_id)
        assert (after.state, after.payment_state) == (
            order_pb.ORDER_STATE_COLLECTED,
            order_pb.PAYMENT_STATE_CAPTURED,
        )
        assert await house.inventory.where("LAMP") == {"sellable": 8}
        assert (await house.cabinet()).free_count == 2

    async def test_what_was_called_off_is_taken_out_and_put_back(self, house: House) -> None:
        order = await house.loaded()
        await house.cancel(order.order_id)
        await house.cabinet_says(EntryKind.REVOKED, order.order_id)
        await house.settled()
        assert await house.inventory.where("LAMP") == {"sellable": 8, "locker": 2}

        await take_back(house, order.order_id)
        await house.cabinet_says(EntryKind.TAKEN_BACK, order.order_id)
        await house.settled()
        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert (await house.cabinet()).free_count == 2

    async def test_what_a_door_tells_after_weeks_of_silence_is_charged_all_the_same(
        self, house: House
    ) -> None:
        order = await given_up(house, await house.loaded())
        await house.cabinet_says(EntryKind.OPENED, order.order_id)
        await house.settled()

        after = await house.get(order.order_id)
        assert (order.state, order.payment_state) == (EXPIRED, VOIDED)
        assert (after.state, after.payment_state) == (
            order_pb.ORDER_STATE_COLLECTED,
            order_pb.PAYMENT_STATE_CAPTURED,
        )
        payments = {payment.state: payment for payment in await house.payments()}
        assert set(payments) == {PaymentState.VOIDED, PaymentState.CAPTURED}
        assert payments[PaymentState.CAPTURED].captured_minor == after.total.minor
        assert await house.inventory.where("LAMP") == {"sellable": 8}

    async def test_what_cannot_be_charged_any_more_is_due(self, house: House) -> None:
        order = await given_up(house, await house.loaded())
        house.line.fail[StepName.AUTHORISE] = PaymentDeclinedError("the card has expired")
        await house.cabinet_says(EntryKind.OPENED, order.order_id)
        await house.settled()

        after = await house.get(order.order_id)
        assert (after.state, after.payment_state, after.cause) == (
            order_pb.ORDER_STATE_COLLECTED,
            order_pb.PAYMENT_STATE_DUE,
            "PAYMENT_DECLINED",
        )
        assert await house.inventory.where("LAMP") == {"sellable": 8}

    async def test_called_off_before_its_cabinet_has_said_what_it_took_in_it_is_pending(
        self, house: House
    ) -> None:
        order = await called_off_at_its_door(house)

        assert (order.state, order.payment_state) == (PENDING, AUTHORISED)
        assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 2}
        assert (await house.cabinet()).free_count == 1

    async def test_it_goes_back_to_the_shelf_when_the_cabinet_says_that_it_took_nothing_in(
        self, house: House
    ) -> None:
        order = await called_off_at_its_door(house)
        await house.cabinet_says(EntryKind.REVOKED, order.order_id)
        await house.settled()

        after = await house.get(order.order_id)
        assert (after.state, after.payment_state) == (CANCELLED, VOIDED)
        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert (await house.cabinet()).free_count == 2

    async def test_it_is_taken_out_again_where_it_was_loaded_all_the_same(
        self, house: House
    ) -> None:
        order = await called_off_at_its_door(house)
        await house.cabinet_says(EntryKind.LOADED, order.order_id)
        await house.cabinet_says(EntryKind.REVOKED, order.order_id)
        await house.settled()
        after = await house.get(order.order_id)
        assert (after.state, after.payment_state) == (CANCELLED, VOIDED)
        assert await house.inventory.where("LAMP") == {"sellable": 8, "locker": 2}

        await take_back(house, order.order_id)
        await house.cabinet_says(EntryKind.TAKEN_BACK, order.order_id)
        await house.settled()
        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert (await house.cabinet()).free_count == 2

    async def test_where_its_cabinet_is_silent_for_weeks_the_money_is_let_go_and_no_unit_promised(
        self, house: House
    ) -> None:
        order = await given_up(house, await called_off_at_its_door(house))
        assert (order.state, order.payment_state) == (CANCELLED, VOIDED)
        assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 2}

        await house.cabinet_says(EntryKind.REVOKED, order.order_id)
        await house.settled()
        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert (await house.cabinet()).free_count == 2

    async def test_a_cabinet_that_is_away_opens_nothing(self, house: House) -> None:
        order = await house.ready(**in_locker())
        house.clock.now += timedelta(minutes=2)
        assert await refused(load(house, order.order_id)) == "UNAVAILABLE CABINET_OFFLINE"

    async def test_an_order_that_is_not_staged_is_not_loaded(self, house: House) -> None:
        order = await house.place(**in_locker())
        call = load(house, order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_STAGED"

    async def test_an_order_of_a_counter_is_not_loaded(self, house: House) -> None:
        order = await house.ready()
        call = load(house, order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_STAGED"

    async def test_an_order_of_a_counter_is_taken_out_of_no_cabinet(self, house: House) -> None:
        order = await house.ready()
        call = take_back(house, order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION NOT_IN_CABINET"

    async def test_what_has_left_its_cabinet_is_not_taken_back(self, house: House) -> None:
        order = await house.place(**in_locker())
        await house.cancel(order.order_id)
        call = take_back(house, order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION NOT_IN_CABINET"

    async def test_what_waits_for_its_customer_is_not_taken_back(self, house: House) -> None:
        order = await house.loaded()
        call = take_back(house, order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION ILLEGAL_USE"

    async def test_a_repeated_load_asks_for_one_door(self, house: House) -> None:
        order, request_id = await house.ready(**in_locker()), new_id()
        for _ in range(2):
            await load(house, order.order_id, request_id=request_id)
        assert len((await house.cabinet()).commands) == 1
