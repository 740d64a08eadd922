"""What operators see and do of stuck orders, over gRPC; whose they are; what is kept of it."""

import asyncio
from datetime import UTC, timedelta

import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import stuck_order_service_pb2 as pb

from services.collect.order.values import StepName
from tests.collect.order.asking import new_id, refused
from tests.collect.order.breaking import one_broken, tell_all
from tests.collect.order.orders import NOON
from tests.collect.stuck.desk import CAUSE, LYON, OLGA, ROBOT, Desk
from tests.serving import Metadata, calling_as

NOT_THERE = "NOT_FOUND UNKNOWN_ORDER"
NOT_STUCK = "FAILED_PRECONDITION ORDER_NOT_STUCK"


async def stuck_undoing(desk: Desk, name: StepName = StepName.VOID) -> str:
    """An order whose undoing stops at `name`."""
    order = await desk.house.place()
    desk.house.line.cut.add(("before", name))
    await desk.house.cancel(order.order_id)
    await desk.house.saga.settle()
    return order.order_id


class TestListed:
    async def test_an_order_is_listed_with_what_it_owes_and_why(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk)
        (seen,) = await desk.listed()

        assert (seen.order_id, seen.location_id) == (order_id, "paris")
        assert seen.state == order_pb.ORDER_STATE_CANCELLED
        assert list(seen.steps) == [pb.ORDER_STEP_VOID, pb.ORDER_STEP_UNRESERVE]
        assert (seen.tries_count, seen.reason) == (1, "AWAY")
        assert seen.fail_time.ToDatetime(UTC) == NOON
        assert seen.next_time.ToDatetime(UTC) > NOON

    async def test_what_failed_a_time_or_two_is_not_stuck_yet(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk)
        counts = []
        for _ in range(5):
            counts.append(len(await desk.listed(tries_min=0)))
            await desk.house.passes(timedelta(seconds=30))
        assert counts == [0, 0, 0, 0, 1]
        assert (await desk.listed(tries_min=0))[0].order_id == order_id

    async def test_an_order_that_goes_on_is_not_listed(self, desk: Desk) -> None:
        await desk.house.place()
        assert await desk.listed() == []

    async def test_staff_see_the_orders_of_their_own_locations(self, desk: Desk) -> None:
        await stuck_undoing(desk)
        assert len(await desk.listed(metadata=OLGA)) == 1
        assert await desk.listed(metadata=LYON) == []

    async def test_pages_follow_one_another(self, desk: Desk) -> None:
        order_ids = sorted([await stuck_undoing(desk) for _ in range(3)])
        found, token = [], ""
        while True:
            request = pb.ListStuckOrdersRequest(tries_min=1, page_size=2, page_token=token)
            page = await desk.stuck.ListStuckOrders(request, metadata=ROBOT)
            found += [order.order_id for order in page.orders]
            token = page.next_page_token
            if not token:
                break
        assert found == order_ids


class TestRetry:
    async def test_what_can_be_done_again_is_done_at_once(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk)
        desk.house.line.mend()
        order = await desk.retry(order_id)

        assert (list(order.steps), order.tries_count) == ([], 0)
        assert await desk.house.inventory.where("LAMP") == {"sellable": 10}
        assert await desk.told() == [("robot", "retry_order", order_id, "")]

    async def test_what_fails_again_says_so(self, desk: Desk) -> None:
        order = await desk.retry(await stuck_undoing(desk))
        assert (order.tries_count, order.reason) == (2, "AWAY")

    async def test_a_repeat_is_one_act(self, desk: Desk) -> None:
        order_id, request_id = await stuck_undoing(desk), new_id()
        await desk.retry(order_id, request_id=request_id)
        again = await desk.retry(order_id, request_id=request_id)
        assert again.tries_count == 2
        assert len(await desk.told()) == 1

    async def test_an_order_that_is_not_stuck_is_left_alone(self, desk: Desk) -> None:
        order = await desk.house.place()
        assert await refused(desk.retry(order.order_id)) == NOT_STUCK
        assert await desk.told() == []


class TestAbandon:
    async def test_a_payment_given_up_is_left_to_be_settled_and_the_rest_is_done(
        self, desk: Desk
    ) -> None:
        order_id = await stuck_undoing(desk)
        answer = await desk.abandon(order_id, "VOID")
        (payment,) = await desk.house.payments()

        assert answer.residue.payment_id == payment.payment_id
        assert (answer.residue.amount.minor, answer.residue.amount.currency) == (3980, "EUR")
        assert await desk.residues() == [answer.residue]
        assert await desk.house.inventory.where("LAMP") == {"sellable": 10}
        assert (await desk.house.order(order_id)).money.value == "unknown"
        assert await desk.told() == [("robot", "abandon_step", order_id, CAUSE)]

    async def test_a_hold_given_up_says_until_when_it_claims(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk, StepName.UNRESERVE)
        residue = (await desk.abandon(order_id, "UNRESERVE")).residue
        kept = await desk.house.order(order_id)

        assert residue.reservation_id == kept.reservation_id != ""
        assert residue.hold_until_time.ToDatetime(UTC) == kept.hold_until
        assert await desk.house.inventory.where("LAMP") == {"sellable": 10, "held": 2}

    async def test_both_holds_given_up_are_named(self, desk: Desk) -> None:
        house = desk.house
        order = await one_broken(house)
        await tell_all(house)
        house.line.cut.add(("before", StepName.COMMIT))
        await house.pick(order.order_id, 2)
        await house.stage(order.order_id)
        residue = (await desk.abandon(order.order_id, "COMMIT")).residue
        kept = await house.order(order.order_id)

        assert residue.reservation_id == kept.reservation_id
        assert residue.replacement_reservation_id == kept.replacement_id != ""
        assert [(m.sku, m.quantity, m.target) for m in residue.movements] == [
            *([("LAMP", 1, "staged")] * 2)
        ]

    async def test_asking_for_others_given_up_leaves_the_order_with_what_is_left(
        self, desk: Desk
    ) -> None:
        house = desk.house
        order = await one_broken(house)
        house.line.cut.add(("after", StepName.RESERVE))
        await tell_all(house)
        answer = await desk.abandon(order.order_id, "RESERVE")

        [line] = (await house.get(order.order_id)).lines
        assert (line.broken_quantity, answer.HasField("residue")) == (1, False)
        # It was held all the same, which whatever ends the order undoes.
        assert await house.inventory.where("LAMP") == {"sellable": 9, "held": 2}
        house.line.mend()
        await house.cancel(order.order_id)
        await house.saga.settle()
        assert await house.inventory.where("LAMP") == {"sellable": 9}

    async def test_units_given_up_are_named_by_the_movements_that_settle_them(
        self, desk: Desk
    ) -> None:
        order = await desk.house.ready()
        desk.house.line.cut.add(("before", StepName.PUT_BACK))
        await desk.house.cancel(order.order_id)
        await desk.house.saga.settle()
        residue = (await desk.abandon(order.order_id, "PUT_BACK")).residue

        (moved,) = residue.movements
        assert (moved.sku, moved.quantity, moved.source, moved.target) == (
            *("LAMP", 2),
            *("staged", "sellable"),
        )
        assert await desk.house.inventory.where("LAMP") == {"sellable": 8, "staged": 2}

    async def test_a_placing_given_up_is_refused_and_leaves_nothing(self, desk: Desk) -> None:
        desk.house.line.cut.add(("after", StepName.AUTHORISE))
        order = await desk.house.place_briefly()
        answer = await desk.abandon(order.order_id, "AUTHORISE")
        ended = await desk.house.get(order.order_id)

        assert (ended.state, ended.cause) == (order_pb.ORDER_STATE_REFUSED, "ABANDONED")
        assert not answer.HasField("residue")
        assert await desk.residues() == []
        assert [payment.state.value for payment in await desk.house.payments()] == ["voided"]
        assert await desk.house.inventory.where("LAMP") == {"sellable": 10}
        assert await desk.house.taken_count() == 0

    async def test_no_other_step_than_the_one_that_fails_is_given_up(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk)
        assert await refused(desk.abandon(order_id, "UNRESERVE")) == NOT_STUCK
        assert await refused(desk.abandon(order_id, "UNSPECIFIED")) == NOT_STUCK
        assert await desk.told() == []

    async def test_a_repeat_gets_the_first_answer(self, desk: Desk) -> None:
        order_id, request_id = await stuck_undoing(desk), new_id()
        first = await desk.abandon(order_id, "VOID", request_id=request_id)
        assert await desk.abandon(order_id, "VOID", request_id=request_id) == first
        assert len(await desk.residues()) == 1

    async def test_of_two_operators_at_once_one_gives_it_up(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk)
        both = (refused(desk.abandon(order_id, "VOID", metadata=who)) for who in (OLGA, ROBOT))
        assert sorted(await asyncio.gather(*both)) == ["", NOT_STUCK]
        assert len(await desk.residues()) == len(await desk.told()) == 1

    @pytest.mark.parametrize("cause", ["", " ", "x" * 201])
    async def test_it_says_why(self, desk: Desk, cause: str) -> None:
        order_id = await stuck_undoing(desk)
        call = desk.abandon(order_id, "VOID", cause=cause)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_CAUSE"
        assert len(await desk.listed()) == 1


class TestSettle:
    async def test_what_is_settled_is_listed_no_more_and_kept(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk)
        residue = (await desk.abandon(order_id, "VOID")).residue
        desk.house.clock.now += timedelta(hours=1)

        assert await desk.settle(residue.residue_id) == residue
        assert await desk.residues() == []
        assert (await desk.told())[0] == ("robot", "settle_residue", residue.residue_id, CAUSE)

    async def test_it_is_settled_once(self, desk: Desk) -> None:
        residue = (await desk.abandon(await stuck_undoing(desk), "VOID")).residue
        await desk.settle(residue.residue_id)
        assert await refused(desk.settle(residue.residue_id)) == "NOT_FOUND UNKNOWN_RESIDUE"


class TestWhoMay:
    async def test_another_shops_order_is_as_if_it_were_not_there(self, desk: Desk) -> None:
        order_id = await stuck_undoing(desk)
        assert await refused(desk.retry(order_id, metadata=LYON)) == NOT_THERE
        assert await refused(desk.retry("nowhere", metadata=LYON)) == NOT_THERE
        assert await refused(desk.abandon(order_id, "VOID", metadata=LYON)) == NOT_THERE
        assert (await desk.retry(order_id, metadata=OLGA)).tries_count == 2

    async def test_another_shops_residue_is_as_if_it_were_not_there(self, desk: Desk) -> None:
        residue = (await desk.abandon(await stuck_undoing(desk), "VOID")).residue
        theirs = desk.settle(residue.residue_id, metadata=LYON)
        none = desk.settle("nowhere", metadata=LYON)
        assert await refused(theirs) == await refused(none) == "NOT_FOUND UNKNOWN_RESIDUE"
        assert (await desk.residues(metadata=LYON), await desk.residues(metadata=OLGA)) == (
            [],
            [residue],
        )

    @pytest.mark.parametrize(
        "metadata",
        [
            calling_as("lea", "staff:manager", locations=("paris",)),
            calling_as("erp", "client:order.read", "client:events.operate"),
        ],
    )
    async def test_whoever_may_not_operate_learns_nothing(
        self, desk: Desk, metadata: Metadata
    ) -> None:
        order_id = await stuck_undoing(desk)
        for call in (
            desk.listed(metadata=metadata),
            desk.residues(metadata=metadata),
            desk.retry(order_id, metadata=metadata),
            desk.abandon(order_id, "VOID", metadata=metadata),
            desk.settle(order_id, metadata=metadata),
        ):
            assert await refused(call) == "PERMISSION_DENIED ACCESS_DENIED"
