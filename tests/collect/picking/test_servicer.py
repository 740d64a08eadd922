"""The work in the shop over gRPC: the queue, picking, staging, and whose orders they are."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb

from services.collect.order.values import StepName
from tests.collect.order.asking import BOB, LEA, SAM, new_id, refused
from tests.collect.order.house import House
from tests.serving import Metadata

NOT_THERE = "NOT_FOUND UNKNOWN_ORDER"
WRONG = "00000000"


class TestQueue:
    async def test_live_orders_of_the_shop_come_by_their_slot(self, house: House) -> None:
        placed = [(await house.place(lines={"LAMP": 1})).order_id for _ in range(5)]
        await house.cancel(placed.pop())
        assert {order.order_id for order in await queue(house, page_size=2)} == set(placed)

    async def test_another_shops_queue_is_as_if_it_were_not_there(self, house: House) -> None:
        request = pb.ListQueueRequest(location_id="paris")
        call = house.picking.ListQueue(request, metadata=LEA)
        assert await refused(call) == "NOT_FOUND UNKNOWN_LOCATION"

    async def test_a_token_that_was_made_up_is_refused(self, house: House) -> None:
        for _ in range(2):
            await house.place(lines={"LAMP": 1})
        request = pb.ListQueueRequest(location_id="paris", page_size=1)
        token = (await house.picking.ListQueue(request, metadata=SAM)).next_page_token
        ours = base64.urlsafe_b64decode(token)[:16]
        request.page_token = base64.urlsafe_b64encode(ours + b"soon o1").decode()

        call = house.picking.ListQueue(request, metadata=SAM)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_PAGE"


class TestPicking:
    async def test_an_order_tells_what_was_looked_for_in_vain_from_what_nobody_looked_for(
        self, house: House
    ) -> None:
        order = await house.place(lines={"LAMP": 2, "CORD": 1})
        after = await house.pick(order.order_id, 0, line=2)

        assert [line.HasField("found_quantity") for line in after.lines] == [False, True]
        assert after.lines[1].found_quantity == 0


class TestStaging:
    async def test_a_staged_order_is_ready_and_its_units_are_in_the_bin(self, house: House) -> None:
        order = await house.ready()
        assert (order.state, order.place_label) == (order_pb.ORDER_STATE_READY, "B7")
        assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 2}
        assert await house.inventory.reservation_states() == ["COMMITTED"]

    async def test_what_was_not_found_is_cancelled_and_leaves_the_books(self, house: House) -> None:
        order = await house.ready(found=1)
        assert (order.total.minor, order.lines[0].found_quantity) == (1990, 1)
        assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 1}

    async def test_what_was_not_found_and_a_count_has_found_missing_leaves_the_books_once(
        self, house: House
    ) -> None:
        order = await house.place()
        await house.pick(order.order_id, 1)
        # Nine are left, as an import says that is behind the look and before the bin.
        await house.inventory.put_on_shelf(LAMP=9)
        await house.stage(order.order_id)

        assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 1}

    async def test_it_is_so_when_the_hold_has_lapsed_by_then(self, house: House) -> None:
        order = await house.place()
        await house.pick(order.order_id, 1)
        await house.inventory.put_on_shelf(LAMP=9)
        house.clock.now += timedelta(days=5)
        await house.stage(order.order_id)

        assert await house.inventory.where("LAMP") == {"sellable": 8, "staged": 1}

    async def test_a_picker_who_looks_again_knows_of_what_was_counted(self, house: House) -> None:
        order = await house.place()
        await house.pick(order.order_id, 0)
        await house.inventory.put_on_shelf(LAMP=9)
        await house.pick(order.order_id, 1)
        await house.stage(order.order_id)

        assert await house.inventory.where("LAMP") == {"sellable": 7, "staged": 1}

    async def test_where_nothing_was_found_the_order_is_cancelled(self, house: House) -> None:
        order = await house.ready(found=0)
        assert (order.state, order.cause) == (order_pb.ORDER_STATE_CANCELLED, "NOT_FOUND")
        assert order.payment_state == order_pb.PAYMENT_STATE_VOIDED
        assert await house.inventory.where("LAMP") == {"sellable": 8}
        assert await house.taken_count() == 0

    async def test_what_is_staged_after_its_hold_has_lapsed_is_a_fact(self, house: House) -> None:
        """Nobody else was promised it; the books follow what was found and what was not."""
        order = await house.place()
        await house.pick(order.order_id, 1)
        house.clock.now += timedelta(days=5)
        await house.stage(order.order_id)

        assert await house.inventory.reservation_states() == ["LAPSED"]
        assert await house.inventory.moves("LAMP") == [
            "sellable to staged: 1 order",
            "sellable to outside: 1 not_found",
        ]

    async def test_a_commit_whose_answer_was_lost_moves_units_once(self, house: House) -> None:
        house.line.cut.add(("after", StepName.COMMIT))
        order = await house.ready()
        house.line.cut.clear()
        await house.passes(timedelta(seconds=5))

        assert house.line.sent.count(StepName.COMMIT) == 2
        assert await house.inventory.moves("LAMP") == ["sellable to staged: 2 order"]
        assert order.state == order_pb.ORDER_STATE_READY

    async def test_an_order_that_was_not_picked_is_not_staged(self, house: House) -> None:
        order = await house.place()
        call = house.stage(order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_PICKED"

    async def test_a_bin_without_a_label_is_refused(self, house: House) -> None:
        order = await house.place()
        await house.pick(order.order_id, 2)
        call = house.stage(order.order_id, bin_label=" ")
        assert await refused(call) == "INVALID_ARGUMENT INVALID_BIN"

    @pytest.mark.parametrize(
        "line, found, reason",
        [
            (2, 1, "NOT_FOUND UNKNOWN_LINE"),
            (1, 3, "INVALID_ARGUMENT INVALID_PICK"),
            (1, -1, "INVALID_ARGUMENT INVALID_PICK"),
        ],
    )
    async def test_a_pick_that_cannot_be_is_refused(
        self, house: House, line: int, found: int, reason: str
    ) -> None:
        order = await house.place()
        assert await refused(house.pick(order.order_id, found, line=line)) == reason

    async def test_what_is_ready_is_not_picked_again(self, house: House) -> None:
        order = await house.ready()
        call = house.pick(order.order_id, 1)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_PICKABLE"

    async def test_a_repeated_pick_gets_the_first_answer(self, house: House) -> None:
        order = await house.place()
        request = pb.RecordPickRequest(
            request_id=new_id(), order_id=order.order_id, line_number=1, found_quantity=2
        )
        first = await house.picking.RecordPick(request, metadata=SAM)
        await house.pick(order.order_id, 1)
        assert await house.picking.RecordPick(request, metadata=SAM) == first


def calls(house: House, order_id: str, metadata: Metadata) -> list[Callable[[], Awaitable[Any]]]:
    made: dict[str, Any] = {"request_id": new_id(), "order_id": order_id}
    stub = house.picking
    return [
        lambda: stub.RecordPick(pb.RecordPickRequest(line_number=1, **made), metadata=metadata),
        lambda: stub.StageOrder(pb.StageOrderRequest(bin_label="B7", **made), metadata=metadata),
        lambda: stub.LoadLocker(pb.LoadLockerRequest(**made), metadata=metadata),
        lambda: stub.TakeBack(pb.TakeBackRequest(**made), metadata=metadata),
        lambda: stub.HandOver(pb.HandOverRequest(code=WRONG, **made), metadata=metadata),
    ]


async def test_another_shops_orders_are_as_if_they_were_not_there(house: House) -> None:
    order = await house.place()
    outcomes = [await refused(call()) for call in calls(house, order.order_id, LEA)]
    assert outcomes == [NOT_THERE] * 5


async def test_customers_do_not_work_in_the_shop(house: House) -> None:
    order = await house.place()
    outcomes = [await refused(call()) for call in calls(house, order.order_id, BOB)]
    assert outcomes == ["PERMISSION_DENIED ACCESS_DENIED"] * 5


async def queue(house: House, *, page_size: int = 0) -> list[order_pb.Order]:
    request = pb.ListQueueRequest(location_id="paris", page_size=page_size)
    found: list[order_pb.Order] = []
    for _ in range(10):
        answer = await house.picking.ListQueue(request, metadata=SAM)
        found += answer.orders
        request.page_token = answer.next_page_token
        if not request.page_token:
            break
    return found
