"""That a hold has lapsed is told of, once, and changes nothing that held before."""

import asyncio
from datetime import UTC, timedelta

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from prometheus_client import CollectorRegistry

from services.inventory.reservation import lapsing
from services.inventory.reservation.lapsing import MARGIN, Announcer
from tests.inventory.asking import commit, line, release, renew, reserve
from tests.inventory.faults import keep_unreadable
from tests.inventory.house import COLLECT, House, refused
from tests.waiting import until

SECOND = timedelta(seconds=1)


async def hold(house: House, quantity: int = 1) -> pb.Reservation:
    asked = reserve(line(quantity), hold_s=600)
    return (await house.reservations.Reserve(asked, metadata=COLLECT)).reservation


async def lapsed(house: House) -> list[str]:
    """The reservations that the log tells to have lapsed, once all is told that was written.

    Each time it is asked it holds one unit more, as a marker.
    """
    marker = await hold(house, 1)
    found: list[str] = []

    async def told_of_marker() -> bool:
        batch = await house.log.read(0, 500)
        found[:] = [event.key for event in batch.events if event.name == "reservation_lapsed"]
        return any(event.key == marker.reservation_id for event in batch.events)

    await until(told_of_marker)
    return found


def at(house: House, made: pb.Reservation, later: timedelta) -> None:
    house.clock.now = made.expire_time.ToDatetime(UTC) + later


async def test_a_lapse_is_told_of_once_by_however_many(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 9)
    made, other = await hold(any_house), await hold(any_house)
    at(any_house, made, MARGIN)
    announcers = [Announcer(any_house.records, clock=any_house.clock) for _ in range(3)]

    await asyncio.gather(*(each.announce() for each in announcers))
    assert await announcers[0].announce() == 0
    assert sorted(await lapsed(any_house)) == sorted([made.reservation_id, other.reservation_id])


async def test_it_is_told_of_within_thirty_seconds_and_not_before_it_is_surely_over(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 9)
    made = await hold(any_house)
    announcer = Announcer(any_house.records, clock=any_house.clock)

    at(any_house, made, MARGIN - SECOND)
    assert await announcer.announce() == 0
    at(any_house, made, MARGIN)
    assert await announcer.announce() == 1
    assert MARGIN.total_seconds() + lapsing.LOOK_S + lapsing.WRITE_S < 30


async def test_what_is_told_to_have_lapsed_has_lapsed(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    made = await hold(any_house, 2)
    at(any_house, made, MARGIN)
    await Announcer(any_house.records, clock=any_house.clock).announce()

    reservations, its_id = any_house.reservations, made.reservation_id
    get = pb.GetReservationRequest(reservation_id=its_id)
    shown = (await reservations.GetReservation(get, metadata=COLLECT)).reservation
    assert (shown.state, shown.lines) == (pb.RESERVATION_STATE_LAPSED, made.lines)
    for ending in (
        reservations.Commit(commit(its_id), metadata=COLLECT),
        reservations.Release(release(its_id), metadata=COLLECT),
        reservations.Renew(renew(its_id, 600), metadata=COLLECT),
    ):
        assert await refused(ending) == "FAILED_PRECONDITION HOLD_LAPSED"
    assert (await any_house.availability("LAMP")).available_quantity == 5
    assert await any_house.is_balanced("LAMP")


async def test_what_ended_before_is_not_told_to_have_lapsed(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 9)
    made = await hold(any_house)
    await any_house.reservations.Release(release(made.reservation_id), metadata=COLLECT)
    at(any_house, made, MARGIN)

    await Announcer(any_house.records, clock=any_house.clock).announce()
    assert await lapsed(any_house) == []


async def test_one_that_cannot_be_read_keeps_no_other_from_being_told_of(
    any_house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lapsing, "BATCH_MAX", 2)
    await any_house.put_on_shelf("LAMP", 9)
    made = await hold(any_house)
    await keep_unreadable(any_house, "odd-1", "odd-2", "odd-3")
    at(any_house, made, MARGIN)
    registry = CollectorRegistry()
    announcer = Announcer(any_house.records, clock=any_house.clock, registry=registry)

    looked_at = [await announcer.announce() for _ in range(4)]
    assert looked_at == [2, 2, 0, 0]
    assert await lapsed(any_house) == [made.reservation_id]
    assert registry.get_sample_value("reservations_unreadable") == 3
    told_of = sorted(record.getMessage().split()[1] for record in caplog.records)
    assert told_of == ["odd-1", "odd-2", "odd-3"]


async def test_more_than_one_batch_is_told_of_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lapsing, "BATCH_MAX", 2)
    await house.put_on_shelf("LAMP", 9_000)
    made = [await hold(house) for _ in range(5)]
    at(house, made[0], MARGIN)
    telling = asyncio.create_task(Announcer(house.records, clock=house.clock).run())

    async def all_are() -> bool:
        return len(await lapsed(house)) >= 5

    try:
        await until(all_are)
    finally:
        telling.cancel()
