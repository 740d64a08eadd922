"""A fact takes what is held: its claims are broken behind it, once, and their owners are told."""

import asyncio
from datetime import timedelta

import pytest
from comptoir.inventory.v1 import events_pb2
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from services.inventory.reservation import mending, store
from tests.inventory.asking import (
    commit,
    found_line,
    level,
    line,
    movement,
    movements,
    release,
    renew,
    supersede,
)
from tests.inventory.house import COLLECT, ERP, House
from tests.inventory.reservation.holds import (
    hold,
    mender,
    sell,
    shown,
    told,
    waiting,
)


async def test_of_several_that_look_one_breaks_what_is_missing_of_the_newest(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 6)
    await any_house.put_on_shelf("MARK", 9)
    old, new = await hold(any_house, line(3)), await hold(any_house, line(3))
    await sell(any_house, 2)
    await asyncio.gather(*(mender(any_house).mend_all() for _ in range(3)))

    assert [each.quantity for each in (await shown(any_house, old)).lines] == [3]
    after = await shown(any_house, new)
    assert (list(after.lines), list(after.broken_lines)) == ([line(1)], [line(2)])
    assert (after.revision, after.state) == (2, pb.RESERVATION_STATE_ACTIVE)
    assert await told(any_house) == [
        events_pb2.ReservationBroken(
            reservation_id=new.reservation_id, held_lines=[line(1)], broken_lines=[line(2)]
        )
    ]
    assert (await any_house.availability("LAMP")).held_quantity == 4
    assert await any_house.is_balanced("LAMP")
    assert await waiting(any_house) == 0


async def test_whoever_dies_before_it_is_written_leaves_it_to_the_next(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 2)
    made = await hold(any_house, line(2))
    await sell(any_house, 2)
    assert await waiting(any_house) == 1
    assert list((await shown(any_house, made)).lines) == [line(2)]

    await mender(any_house).mend_all()
    assert list((await shown(any_house, made)).lines) == []
    assert await waiting(any_house) == 0


async def test_claims_stay_whole_where_units_came_or_a_hold_went_meanwhile(house: House) -> None:
    await house.put_on_shelf("LAMP", 4)
    kept, ended = await hold(house, line(2)), await hold(house, line(2))
    await sell(house, 2)
    await house.reservations.Release(release(ended.reservation_id), metadata=COLLECT)
    await mender(house).mend_all()

    assert await shown(house, kept) == kept
    assert await waiting(house) == 0


FACTS = {
    "damage": (stock_pb.BUCKET_DAMAGED, stock_pb.CAUSE_DAMAGE),
    "not_found": (stock_pb.BUCKET_UNSPECIFIED, stock_pb.CAUSE_NOT_FOUND),
    "count": (stock_pb.BUCKET_UNSPECIFIED, stock_pb.CAUSE_COUNT),
}


@pytest.mark.parametrize("what", ["sale", "import", *FACTS])
async def test_every_fact_that_takes_what_is_held_breaks_it(house: House, what: str) -> None:
    await house.put_on_shelf("LAMP", 5)
    made = await hold(house, line(5))
    if what == "sale":
        await sell(house, 1)
    elif what == "import":
        await house.import_levels(level("LAMP", 4))
    else:
        target, cause = FACTS[what]
        moved = movement(1, stock_pb.BUCKET_SELLABLE, target, cause)
        await house.stock.RecordMovements(movements(moved), metadata=ERP)
    await mender(house).mend_all()

    assert list((await shown(house, made)).broken_lines) == [line(1)]
    assert await house.is_balanced("LAMP")


async def test_who_has_the_units_in_hand_keeps_them_however_new_and_another_goes_without(
    house: House,
) -> None:
    await house.put_on_shelf("LAMP", 5)
    old, picked = await hold(house, line(3)), await hold(house, line(2))
    await sell(house, 2)
    await mender(house).mend_all()
    assert list((await shown(house, picked)).lines) == []
    assert await shown(house, old) == old

    in_hand = commit(picked.reservation_id, found_line(2, 0))
    await house.reservations.Commit(in_hand, metadata=COLLECT)
    await mender(house).mend_all()
    assert list((await shown(house, old)).broken_lines) == [line(2)]
    assert await house.is_balanced("LAMP")


async def test_a_broken_reservation_is_renewed_replaced_and_ended_as_any_other(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 9)
    calls = any_house.reservations
    held = [await hold(any_house, line(3)) for _ in range(3)]
    await sell(any_house, 7)
    await mender(any_house).mend_all()
    first, second, third = [await shown(any_house, each) for each in held]
    assert [len(each.lines) for each in (first, second, third)] == [1, 0, 0]
    assert first.broken_lines == [line(1)]

    again = (await calls.Renew(renew(first.reservation_id, 7200), metadata=COLLECT)).reservation
    assert (again.lines, again.broken_lines) == (first.lines, first.broken_lines)
    assert again.expire_time.seconds > first.expire_time.seconds
    asked = supersede(again.reservation_id, line(2))
    new = (await calls.Supersede(asked, metadata=COLLECT)).reservation
    assert (list(new.lines), list(new.broken_lines)) == ([line(2)], [])
    await calls.Release(release(second.reservation_id), metadata=COLLECT)
    await calls.Commit(commit(third.reservation_id), metadata=COLLECT)

    at_end = await any_house.availability("LAMP")
    assert (at_end.held_quantity, at_end.on_hand_quantity) == (2, 2)
    assert await any_house.is_balanced("LAMP")


async def test_who_replaces_a_reservation_is_the_newest_then(house: House) -> None:
    await house.put_on_shelf("LAMP", 4)
    old, other = await hold(house, line(2)), await hold(house, line(2))
    house.clock.now += timedelta(seconds=1)
    asked = supersede(old.reservation_id, line(2))
    new = (await house.reservations.Supersede(asked, metadata=COLLECT)).reservation
    await sell(house, 1)
    await mender(house).mend_all()

    assert list((await shown(house, new)).broken_lines) == [line(1)]
    assert await shown(house, other) == other


async def test_more_than_are_broken_in_one_write_are_broken_in_several(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "BROKEN_MAX", 2)
    monkeypatch.setattr(store, "STANDING_PAGE", 1)
    await any_house.put_on_shelf("LAMP", 6)
    held = [await hold(any_house, line(1)) for _ in range(6)]
    await any_house.put_on_shelf("CORD", 2)
    await any_house.put_on_shelf("LAMP", 2, location_id="lille")
    elsewhere = (line(1, sku="CORD"), line(1, location_id="lille"))
    others = [await hold(any_house, *elsewhere) for _ in range(2)]
    await sell(any_house, 5)
    await mender(any_house).mend_all()

    assert [len((await shown(any_house, each)).lines) for each in held] == [1, 0, 0, 0, 0, 0]
    assert [await shown(any_house, each) for each in others] == others
    assert await waiting(any_house) == 0
    assert await any_house.is_balanced("LAMP")
