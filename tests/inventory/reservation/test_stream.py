"""Many operations over one stream, through a real gRPC server and stub."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import grpc
import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb

from services.inventory.reservation import servicer
from tests.inventory.asking import commit, line, release, renew, reserve, supersede
from tests.inventory.faults import keep_unreadable
from tests.inventory.house import COLLECT, FOR_ORDER_1, MARKET, TILL, House, memory_house
from tests.inventory.importing import iter_of
from tests.serving import calling_as

Sent = pb.ReserveStreamRequest
Metadata = tuple[tuple[str, str], ...]


class Line:
    """A stream that is open: what is sent is answered at some time."""

    def __init__(self, house: House, metadata: Metadata) -> None:
        self._unsent: asyncio.Queue[pb.ReserveStreamRequest | None] = asyncio.Queue()
        self._answers = aiter(house.reservations.ReserveStream(self._sent(), metadata=metadata))

    async def _sent(self) -> AsyncIterator[pb.ReserveStreamRequest]:
        while (request := await self._unsent.get()) is not None:
            yield request

    async def done(self, request: pb.ReserveStreamRequest) -> pb.ReserveStreamResponse:
        self._unsent.put_nowait(request)
        return await anext(self._answers)

    async def close(self) -> None:
        self._unsent.put_nowait(None)
        assert [each async for each in self._answers] == []


async def answers(
    house: House, *requests: pb.ReserveStreamRequest, metadata: Metadata = COLLECT
) -> list[pb.ReserveStreamResponse]:
    call = house.reservations.ReserveStream(iter_of(requests), metadata=metadata)
    return [each async for each in call]


async def test_each_operation_does_what_the_call_of_its_name_does(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 9)
    stream = Line(any_house, COLLECT)
    asked = reserve(line(2))
    made = await stream.done(Sent(reserve=asked))
    assert (made.request_id, made.reservation.lines[0].quantity) == (asked.request_id, 2)
    its_id = made.reservation.reservation_id
    renewed = await stream.done(Sent(renew=renew(its_id, 6000)))
    assert renewed.reservation.expire_time.seconds > made.reservation.expire_time.seconds
    other = await stream.done(Sent(supersede=supersede(its_id, line(3))))
    other_id = other.reservation.reservation_id
    third = await stream.done(Sent(reserve=reserve(line(1))))
    ended = await stream.done(Sent(release=release(third.reservation.reservation_id)))
    assert ended.reservation.state == pb.RESERVATION_STATE_RELEASED
    paid = await stream.done(Sent(commit=commit(other_id)))
    assert paid.reservation.state == pb.RESERVATION_STATE_COMMITTED
    undone = await stream.done(
        Sent(cancel_reserve=pb.CancelReserveRequest(request_id=str(uuid4())))
    )
    assert not undone.HasField("reservation") and not undone.HasField("refusal")
    await stream.close()

    shown = await any_house.availability("LAMP")
    assert (shown.on_hand_quantity, shown.held_quantity) == (6, 0)
    assert await any_house.is_balanced("LAMP")


async def test_of_many_at_once_each_is_answered_once_and_none_is_promised_twice(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 200)
    asked = [reserve(line(1)) for _ in range(600)]
    told = await answers(any_house, *(Sent(reserve=each) for each in asked))

    assert sorted(each.request_id for each in told) == sorted(each.request_id for each in asked)
    assert sum(each.HasField("reservation") for each in told) == 200
    reasons = {each.refusal.reason for each in told if each.HasField("refusal")}
    assert reasons == {"INSUFFICIENT_STOCK"}
    assert (await any_house.availability("LAMP")).held_quantity == 200
    assert await any_house.is_balanced("LAMP")


async def test_a_refusal_says_what_the_call_would_and_ends_nothing(house: House) -> None:
    await house.put_on_shelf("LAMP", 1)
    stream = Line(house, COLLECT)
    short = (await stream.done(Sent(reserve=reserve(line(5))))).refusal
    assert (short.code, short.reason) == ("FAILED_PRECONDITION", "INSUFFICIENT_STOCK")
    assert (short.metadata["sku"], short.metadata["available_quantity"]) == ("LAMP", "1")
    wrong = (await stream.done(Sent(reserve=reserve(line(0))))).refusal
    assert (wrong.code, wrong.reason) == ("INVALID_ARGUMENT", "INVALID_LINES")
    assert wrong.metadata["lines[0].quantity"] == "1 to 1000000000 units"
    nameless = (await stream.done(Sent(reserve=reserve(line(1), request_id="none")))).refusal
    assert nameless.reason == "INVALID_REQUEST_ID"
    assert (await stream.done(Sent())).refusal.reason == "OPERATION_MISSING"

    made = await stream.done(Sent(reserve=reserve(line(1))))
    assert made.HasField("reservation")
    await stream.close()


async def test_a_repeat_on_another_stream_gets_the_first_answer(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 9)
    asked = Sent(reserve=reserve(line(2)))

    first, second = await answers(any_house, asked), await answers(any_house, asked)
    assert first == second
    assert (await any_house.availability("LAMP")).held_quantity == 2


async def test_what_a_cut_stream_was_asked_is_done_once(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 99)
    asked = [Sent(reserve=reserve(line(1))) for _ in range(40)]
    cut = any_house.reservations.ReserveStream(iter_of(asked), metadata=COLLECT)
    await anext(aiter(cut))
    cut.cancel()

    told = await answers(any_house, *asked)
    assert all(each.HasField("reservation") for each in told)
    assert (await any_house.availability("LAMP")).held_quantity == 40


async def test_others_reservations_are_not_there(house: House) -> None:
    await house.put_on_shelf("LAMP", 9)
    asked = reserve(line(2), document_id="order-1")
    made = (await house.reservations.Reserve(asked, metadata=FOR_ORDER_1)).reservation

    told = await answers(house, Sent(release=release(made.reservation_id)), metadata=MARKET)
    assert told[0].refusal.reason == "UNKNOWN_RESERVATION"


async def test_what_comes_when_the_token_has_expired_is_refused(house: House) -> None:
    await house.put_on_shelf("LAMP", 9)
    until = house.clock.now + timedelta(minutes=1)
    stream = Line(house, calling_as("market", "client:stock.reserve", expire_time=until))
    made = await stream.done(Sent(reserve=reserve(line(1))))
    house.clock.now = until

    late = (await stream.done(Sent(reserve=reserve(line(1))))).refusal
    assert (late.code, late.reason) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
    assert made.HasField("reservation")
    assert (await house.availability("LAMP")).held_quantity == 1
    await stream.close()


async def test_a_fault_of_ours_keeps_no_other_from_its_answer(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 9)
    await keep_unreadable(any_house, "odd-1")
    stream = Line(any_house, COLLECT)
    fault = (await stream.done(Sent(release=release("odd-1")))).refusal
    assert (fault.code, fault.message) == ("INTERNAL", "internal error")

    assert (await stream.done(Sent(reserve=reserve(line(1))))).HasField("reservation")
    await stream.close()


async def test_all_streams_together_leave_others_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, two, may_end = [0], asyncio.Event(), asyncio.Event()

    async def kept_waiting(*_: object) -> pb.ReserveResponse:
        begun[0] += 1
        if begun[0] == 2:
            two.set()
        await may_end.wait()
        return pb.ReserveResponse(reservation=pb.Reservation(reservation_id="r-1"))

    monkeypatch.setattr(servicer, "STREAMED_AT_ONCE_MAX", 2)
    monkeypatch.setattr(servicer.ReservationServicer, "Reserve", kept_waiting)
    async with memory_house() as house:
        sent = [Sent(reserve=reserve(line(1))) for _ in range(3)]
        streams = [asyncio.create_task(answers(house, *sent)) for _ in range(2)]
        async with asyncio.timeout(30):
            await two.wait()
            for _ in range(3):  # By now what was sent before is here.
                await house.availability("LAMP")
            assert begun[0] == 2
            may_end.set()
            assert [len(each) for each in await asyncio.gather(*streams)] == [3, 3]


async def test_a_refusal_of_very_much_is_short(house: House) -> None:
    await house.put_on_shelf("LAMP", 9)
    asked = reserve(*(line(0, sku=f"SKU-{number}") for number in range(200)))
    refusal = (await answers(house, Sent(reserve=asked)))[0].refusal
    assert (refusal.reason, len(refusal.metadata)) == ("INVALID_LINES", 50)


async def test_who_may_not_reserve_may_not_open_it(house: House) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answers(house, Sent(reserve=reserve(line(1))), metadata=TILL)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
