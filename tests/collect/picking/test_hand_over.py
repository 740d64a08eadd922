"""Handing over at the counter, over gRPC: to whoever shows the code, and to nobody else."""

import asyncio
from datetime import timedelta

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb

from chassis.changes import Changed
from chassis.lockout import WrongGuesses
from tests.collect.order.asking import ANNA, AT_COUNTER, SAM, new_id, refused
from tests.collect.order.house import House

WRONG = "00000000"


class TestHandOver:
    async def test_whoever_shows_the_code_gets_the_order_and_pays_for_it(
        self, house: House
    ) -> None:
        order = await house.ready(found=1)
        await house.hand_over(order.order_id, await house.code(order.order_id))

        after = await house.get(order.order_id)
        assert (after.state, after.payment_state) == (
            order_pb.ORDER_STATE_COLLECTED,
            order_pb.PAYMENT_STATE_CAPTURED,
        )
        assert await house.inventory.where("LAMP") == {"sellable": 8}
        [payment] = await house.payments()
        assert payment.captured_minor == after.total.minor == 1990

    async def test_the_text_of_the_qr_code_does_as_well(self, house: House) -> None:
        order = await house.ready()
        request = order_pb.GetCollectCodeRequest(order_id=order.order_id)
        code = await house.orders.GetCollectCode(request, metadata=ANNA)
        after = await house.hand_over(order.order_id, code.qr_text)
        assert after.state == order_pb.ORDER_STATE_COLLECTED

    async def test_what_is_due_is_paid_at_the_counter_first(self, house: House) -> None:
        order = await house.ready(method=AT_COUNTER)
        code = await house.code(order.order_id)
        unpaid = house.hand_over(order.order_id, code)
        assert await refused(unpaid) == "FAILED_PRECONDITION PAYMENT_DUE"

        after = await house.hand_over(order.order_id, code, paid=True)
        assert after.payment_state == order_pb.PAYMENT_STATE_CAPTURED

    async def test_a_wrong_code_opens_nothing(self, house: House) -> None:
        order = await house.ready()
        call = house.hand_over(order.order_id, WRONG)
        assert await refused(call) == "FAILED_PRECONDITION WRONG_CODE"

    async def test_the_code_of_another_order_opens_nothing(self, house: House) -> None:
        order, other = await house.ready(), await house.ready()
        call = house.hand_over(order.order_id, await house.code(other.order_id))
        assert await refused(call) == "FAILED_PRECONDITION WRONG_CODE"

    async def test_wrong_codes_slow_down_the_right_one_too(self, house: House) -> None:
        order = await house.ready()
        code = await house.code(order.order_id)
        outcomes = [await refused(house.hand_over(order.order_id, WRONG)) for _ in range(6)]
        right = await refused(house.hand_over(order.order_id, code))

        assert outcomes[4] == "FAILED_PRECONDITION WRONG_CODE"
        assert outcomes[5] == right == "RESOURCE_EXHAUSTED TOO_MANY_ATTEMPTS"

    async def test_of_many_guesses_at_once_few_are_looked_at(self, house: House) -> None:
        order = await house.ready()
        outcomes = await asyncio.gather(
            *(refused(house.hand_over(order.order_id, WRONG)) for _ in range(30))
        )
        assert outcomes.count("FAILED_PRECONDITION WRONG_CODE") == 5

    async def test_who_types_wrong_codes_for_many_orders_is_stopped_for_the_hour(
        self, house: House
    ) -> None:
        used = WrongGuesses(key="sam", begin_time=house.clock.now, count=29)
        await house.records.update(
            [], lambda _: Changed(answer=True, records=(used,)), answer=bool, timeout_s=2
        )
        first, second = await house.ready(), await house.ready()
        wrong = await refused(house.hand_over(first.order_id, WRONG))
        code = await house.code(second.order_id)

        assert wrong == "FAILED_PRECONDITION WRONG_CODE"
        stopped = await refused(house.hand_over(second.order_id, code))
        assert stopped == "RESOURCE_EXHAUSTED TOO_MANY_ATTEMPTS"
        house.clock.now += timedelta(hours=1)
        after = await house.hand_over(second.order_id, await house.code(second.order_id))
        assert after.state == order_pb.ORDER_STATE_COLLECTED

    async def test_after_a_while_the_right_code_opens_again(self, house: House) -> None:
        order = await house.ready()
        for _ in range(6):
            await refused(house.hand_over(order.order_id, WRONG))
        house.clock.now += timedelta(seconds=31)
        after = await house.hand_over(order.order_id, await house.code(order.order_id))
        assert after.state == order_pb.ORDER_STATE_COLLECTED

    async def test_a_code_that_is_too_old_opens_nothing(self, house: House) -> None:
        order = await house.ready()
        code = await house.code(order.order_id)
        house.clock.now += timedelta(minutes=10)
        call = house.hand_over(order.order_id, code)
        assert await refused(call) == "FAILED_PRECONDITION WRONG_CODE"

    async def test_an_order_that_is_not_ready_is_not_handed_over(self, house: House) -> None:
        order = await house.place()
        call = house.hand_over(order.order_id, WRONG)
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_READY"

    async def test_what_lies_in_a_locker_is_not_handed_over_at_the_counter(
        self, house: House
    ) -> None:
        order = await house.loaded()
        call = house.hand_over(order.order_id, await house.code(order.order_id))
        assert await refused(call) == "FAILED_PRECONDITION ORDER_NOT_READY"

    async def test_a_repeat_after_its_code_has_passed_gets_the_first_answer(
        self, house: House
    ) -> None:
        order = await house.ready()
        request = pb.HandOverRequest(
            request_id=new_id(), order_id=order.order_id, code=await house.code(order.order_id)
        )
        first = await house.picking.HandOver(request, metadata=SAM)
        house.clock.now += timedelta(hours=1)
        assert await house.picking.HandOver(request, metadata=SAM) == first

    async def test_two_tills_at_once_hand_it_over_once(self, house: House) -> None:
        order = await house.ready()
        code = await house.code(order.order_id)
        outcomes = await asyncio.gather(
            *(refused(house.hand_over(order.order_id, code)) for _ in range(4))
        )
        assert sorted(outcomes)[0] == "" and outcomes.count("") == 1
        assert await house.inventory.where("LAMP") == {"sellable": 8}
