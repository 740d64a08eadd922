"""Orders over gRPC: whose they are, how they are listed, opened, and how they expire."""

import base64
from collections.abc import AsyncIterable
from datetime import UTC, timedelta

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb

from tests.collect.order.asking import ANNA, AT_COUNTER, BOB, ERP, LEA, SAM, refused
from tests.collect.order.house import House
from tests.collect.order.orders import NOON
from tests.serving import Metadata, calling_as

CUSTOMER_SERVICE = calling_as("customer", "service:customer")
NOT_THERE = "NOT_FOUND UNKNOWN_ORDER"


class TestWhoseItIs:
    async def test_a_service_sees_the_order_it_works_for_and_no_other(self, house: House) -> None:
        order, other = await house.place(), await house.place()
        working = calling_as("customer", "service:customer", actor=order.order_id)
        assert (await house.get(order.order_id, metadata=working)).customer_id == "anna"
        for metadata in (working, CUSTOMER_SERVICE):
            assert await refused(house.get(other.order_id, metadata=metadata)) == NOT_THERE

    @pytest.mark.parametrize("metadata", [ANNA, SAM, ERP])
    async def test_it_is_shown_to_whom_it_concerns(self, house: House, metadata: Metadata) -> None:
        order = await house.place()
        assert (await house.get(order.order_id, metadata=metadata)).label == order.label

    @pytest.mark.parametrize("metadata", [BOB, LEA])
    async def test_to_others_it_is_as_if_it_were_not_there(
        self, house: House, metadata: Metadata
    ) -> None:
        order = await house.place()
        theirs = house.get(order.order_id, metadata=metadata)
        none = house.get("no-such-order", metadata=metadata)
        assert await refused(theirs) == await refused(none) == NOT_THERE

    async def test_other_teams_see_no_person(self, house: House) -> None:
        order = await house.place()
        seen = await house.get(order.order_id, metadata=ERP)
        assert (seen.customer_id, order.customer_id) == ("", "anna")

    @pytest.mark.parametrize("metadata", [BOB, LEA])
    async def test_others_do_not_call_it_off(self, house: House, metadata: Metadata) -> None:
        order = await house.place()
        call = house.cancel(order.order_id, metadata=metadata, cause="mine now")
        assert await refused(call) == NOT_THERE

    @pytest.mark.parametrize("metadata", [BOB, LEA])
    async def test_others_do_not_watch_it(self, house: House, metadata: Metadata) -> None:
        order = await house.place()
        request = pb.WatchOrderRequest(order_id=order.order_id)
        call = house.orders.WatchOrder(request, metadata=metadata)
        assert await refused(first(call)) == NOT_THERE

    async def test_another_customer_gets_no_code_for_it(self, house: House) -> None:
        order = await house.ready()
        request = pb.GetCollectCodeRequest(order_id=order.order_id)
        call = house.orders.GetCollectCode(request, metadata=BOB)
        assert await refused(call) == NOT_THERE


class TestCollected:
    async def test_orders_that_were_handed_over_come_by_id_over_pages(self, house: House) -> None:
        orders = []
        for _ in range(3):
            order = await house.ready()
            orders.append(await house.hand_over(order.order_id, await house.code(order.order_id)))
        await house.ready()
        found, token = [], ""
        while True:
            request = pb.ListCollectedOrdersRequest(page_size=2, page_token=token)
            page = await house.orders.ListCollectedOrders(request, metadata=CUSTOMER_SERVICE)
            found += [(one.order_id, one.collect_time) for one in page.orders]
            token = page.next_page_token
            if not token:
                break

        collected = [(o.order_id, o.changes[-1].occur_time) for o in orders]
        assert found == sorted(collected, key=lambda one: one[0])

    @pytest.mark.parametrize("metadata", [ANNA, SAM, ERP])
    async def test_nobody_else_is_told_them(self, house: House, metadata: Metadata) -> None:
        call = house.orders.ListCollectedOrders(pb.ListCollectedOrdersRequest(), metadata=metadata)
        assert await refused(call) == "PERMISSION_DENIED ACCESS_DENIED"


class TestList:
    async def test_orders_come_newest_first_and_only_ones_own(self, house: House) -> None:
        ids = []
        for _ in range(3):
            ids.append((await house.place(lines={"LAMP": 1})).order_id)
            house.clock.now += timedelta(seconds=1)
        await house.place(metadata=BOB)

        assert [order.order_id for order in await pages(house)] == ids[::-1]

    async def test_pages_of_orders_of_one_instant_miss_none(self, house: House) -> None:
        placed = {(await house.place(lines={"LAMP": 1})).order_id for _ in range(5)}
        assert {order.order_id for order in await pages(house, page_size=2)} == placed

    @pytest.mark.parametrize("key", ["", "yesterday o1", "2026-11-23", "9999-12-31T23:59-23:59 o1"])
    async def test_a_token_that_was_made_up_is_refused(self, house: House, key: str) -> None:
        for _ in range(2):
            await house.place(lines={"LAMP": 1})
        request = pb.ListOrdersRequest(page_size=1)
        token = (await house.orders.ListOrders(request, metadata=ANNA)).next_page_token
        ours = base64.urlsafe_b64decode(token)[:16]
        forged = base64.urlsafe_b64encode(ours + (key or "x").encode()).decode()

        request.page_token = forged
        call = house.orders.ListOrders(request, metadata=ANNA)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_PAGE"

    async def test_another_customers_token_is_refused(self, house: House) -> None:
        for _ in range(2):
            await house.place(lines={"LAMP": 1})
        request = pb.ListOrdersRequest(page_size=1)
        request.page_token = (await house.orders.ListOrders(request, metadata=ANNA)).next_page_token
        call = house.orders.ListOrders(request, metadata=BOB)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_PAGE"


class TestCode:
    async def test_a_ready_order_has_a_code_for_the_counter(self, house: House) -> None:
        order = await house.ready()
        request = pb.GetCollectCodeRequest(order_id=order.order_id)
        code = await house.orders.GetCollectCode(request, metadata=ANNA)

        assert len(code.code) == 8 and code.code.isdecimal()
        assert NOON < code.valid_until_time.ToDatetime(UTC) <= NOON + timedelta(minutes=5)

    async def test_an_order_behind_a_door_has_its_compartments_code(self, house: House) -> None:
        order = await house.loaded()
        request = pb.GetCollectCodeRequest(order_id=order.order_id)
        code = await house.orders.GetCollectCode(request, metadata=ANNA)

        until = code.valid_until_time.ToDatetime(UTC)
        assert until == order.collect_by_time.ToDatetime(UTC) == NOON + timedelta(hours=72)

    async def test_an_order_that_is_not_ready_has_none(self, house: House) -> None:
        order = await house.place(method=AT_COUNTER)
        call = house.code(order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_READY"

    async def test_what_was_called_off_opens_no_more(self, house: House) -> None:
        order = await house.loaded()
        await house.cancel(order.order_id)
        call = house.code(order.order_id)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_READY"


class TestTime:
    async def test_what_nobody_collects_expires_and_goes_back(self, house: House) -> None:
        order = await house.ready()
        await house.passes(timedelta(days=4))
        after = await house.get(order.order_id)

        assert (after.state, after.cause) == (pb.ORDER_STATE_EXPIRED, "NOT_COLLECTED")
        assert [line.state for line in after.lines] == [pb.LINE_STATE_EXPIRED]
        assert await house.inventory.where("LAMP") == {"sellable": 10}
        assert after.payment_state == pb.PAYMENT_STATE_VOIDED

    async def test_what_nobody_picked_expires_too(self, house: House) -> None:
        order = await house.place()
        await house.passes(timedelta(days=4))

        assert (await house.get(order.order_id)).state == pb.ORDER_STATE_EXPIRED
        assert (await house.inventory.where("LAMP"))["sellable"] == 10


async def first(call: AsyncIterable[pb.WatchOrderResponse]) -> pb.WatchOrderResponse:
    async for response in call:
        return response
    raise AssertionError("nothing was sent")


async def pages(house: House, *, page_size: int = 0) -> list[pb.Order]:
    request, found = pb.ListOrdersRequest(page_size=page_size), list[pb.Order]()
    for _ in range(10):
        answer = await house.orders.ListOrders(request, metadata=ANNA)
        found += answer.orders
        request.page_token = answer.next_page_token
        if not request.page_token:
            break
    return found
