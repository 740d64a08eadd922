"""An undo of Reserve by its own id, through a real gRPC server and stub."""

import asyncio
from datetime import UTC, timedelta

from comptoir.inventory.v1 import reservation_service_pb2 as pb

from tests.inventory.asking import commit, line, renew, reserve
from tests.inventory.house import COLLECT, MARKET, House, refused


class TestCancelReserve:
    """An undo by the id of what it undoes, whichever comes first."""

    async def test_before_it_came_refuses_it_for_ever(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2))
        cancel = pb.CancelReserveRequest(request_id=asked.request_id)
        answer = await any_house.reservations.CancelReserve(cancel, metadata=COLLECT)

        assert not answer.HasField("reservation")
        late = any_house.reservations.Reserve(asked, metadata=COLLECT)
        assert await refused(late) == "FAILED_PRECONDITION REQUEST_CANCELLED"

    async def test_after_it_came_releases_it(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2))
        await any_house.reservations.Reserve(asked, metadata=COLLECT)
        cancel = pb.CancelReserveRequest(request_id=asked.request_id)
        answers = [
            await any_house.reservations.CancelReserve(cancel, metadata=COLLECT) for _ in range(2)
        ]

        assert answers[0] == answers[1]
        assert answers[0].reservation.state == pb.RESERVATION_STATE_RELEASED
        assert (await any_house.availability("LAMP")).available_quantity == 5

    async def test_of_a_lapsed_one_stands_whoevers_clock_is_behind(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2), hold_s=60)
        made = (await any_house.reservations.Reserve(asked, metadata=COLLECT)).reservation
        begin = any_house.clock.now
        any_house.clock.now = begin + timedelta(minutes=5)
        cancel = pb.CancelReserveRequest(request_id=asked.request_id)
        answers = [
            await any_house.reservations.CancelReserve(cancel, metadata=COLLECT) for _ in range(2)
        ]
        written = (await any_house.availability("LAMP")).revision

        any_house.clock.now = begin + timedelta(seconds=10)
        paying = any_house.reservations.Commit(commit(made.reservation_id), metadata=COLLECT)
        assert await refused(paying) == "FAILED_PRECONDITION HOLD_LAPSED"
        assert [a.reservation.state for a in answers] == [pb.RESERVATION_STATE_LAPSED] * 2
        # By the first that found it so, once.
        assert written == 3

    async def test_leaves_a_lapsed_one_as_it_is(self, house: House) -> None:
        await house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2))
        made = (await house.reservations.Reserve(asked, metadata=COLLECT)).reservation
        house.clock.now = made.expire_time.ToDatetime(UTC)
        cancel = pb.CancelReserveRequest(request_id=asked.request_id)

        answer = await house.reservations.CancelReserve(cancel, metadata=COLLECT)
        assert answer.reservation.state == pb.RESERVATION_STATE_LAPSED

    async def test_does_not_undo_a_commit(self, house: House) -> None:
        await house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2))
        made = (await house.reservations.Reserve(asked, metadata=COLLECT)).reservation
        await house.reservations.Commit(commit(made.reservation_id), metadata=COLLECT)

        cancel = pb.CancelReserveRequest(request_id=asked.request_id)
        call = house.reservations.CancelReserve(cancel, metadata=COLLECT)
        assert await refused(call) == "FAILED_PRECONDITION RESERVATION_ENDED"

    async def test_of_another_owner_undoes_nothing(self, house: House) -> None:
        await house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2))
        await house.reservations.Reserve(asked, metadata=COLLECT)
        cancel = pb.CancelReserveRequest(request_id=asked.request_id)
        await house.reservations.CancelReserve(cancel, metadata=MARKET)

        assert (await house.availability("LAMP")).held_quantity == 2

    async def test_finds_what_was_renewed_beyond_the_keeping_of_answers(
        self, any_house: House
    ) -> None:
        await any_house.put_on_shelf("LAMP", 5)
        asked = reserve(line(2), hold_s=7 * 86_400)
        made = (await any_house.reservations.Reserve(asked, metadata=COLLECT)).reservation
        for _ in range(12):
            any_house.clock.now += timedelta(days=6)
            await any_house.records.tend()
            again = renew(made.reservation_id, 7 * 86_400)
            await any_house.reservations.Renew(again, metadata=COLLECT)

        cancel = pb.CancelReserveRequest(request_id=asked.request_id)
        answer = await any_house.reservations.CancelReserve(cancel, metadata=COLLECT)
        assert answer.reservation.state == pb.RESERVATION_STATE_RELEASED

    async def test_and_reserve_at_once_leave_nothing_held(self, any_house: House) -> None:
        await any_house.put_on_shelf("LAMP", 100)
        asked = [reserve(line(1)) for _ in range(20)]
        stubs = any_house.reservations
        outcomes = await asyncio.gather(
            *(refused(stubs.Reserve(each, metadata=COLLECT)) for each in asked),
            *(
                refused(
                    stubs.CancelReserve(
                        pb.CancelReserveRequest(request_id=each.request_id), metadata=COLLECT
                    )
                )
                for each in asked
            ),
        )

        assert set(outcomes) <= {"", "FAILED_PRECONDITION REQUEST_CANCELLED"}
        assert (await any_house.availability("LAMP")).held_quantity == 0
        assert await any_house.is_balanced("LAMP")
