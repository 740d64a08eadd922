"""One reservation in the place of another, through a real gRPC server and stub."""

import asyncio
from datetime import UTC

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.inventory.asking import commit, line, release, renew, reserve, supersede
from tests.inventory.house import COLLECT, FOR_ORDER_1, FOR_ORDER_2, MARKET, House, refused

Metadata = tuple[tuple[str, str], ...]


async def hold(house: House, *lines: stock_pb.StockLine) -> pb.Reservation:
    return (await house.reservations.Reserve(reserve(*lines), metadata=COLLECT)).reservation


async def shown(house: House, reservation_id: str) -> pb.Reservation:
    get = pb.GetReservationRequest(reservation_id=reservation_id)
    return (await house.reservations.GetReservation(get, metadata=COLLECT)).reservation


async def held(house: House, sku: str = "LAMP", location_id: str = "lyon") -> int:
    return (await house.availability(sku, location_id)).held_quantity


async def test_the_units_of_the_old_one_are_free_for_the_new_one(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old = await hold(any_house, line(4))
    new = (
        await any_house.reservations.Supersede(
            supersede(old.reservation_id, line(5)), metadata=COLLECT
        )
    ).reservation

    assert (new.state, new.lines[0].quantity) == (pb.RESERVATION_STATE_ACTIVE, 5)
    assert await held(any_house) == 5
    assert await any_house.is_balanced("LAMP")


async def test_what_only_the_old_one_held_is_given_back(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    await any_house.put_on_shelf("CORD", 5, location_id="lille")
    old = await hold(any_house, line(4))
    cords = line(2, sku="CORD", location_id="lille")
    await any_house.reservations.Supersede(supersede(old.reservation_id, cords), metadata=COLLECT)

    assert (await held(any_house), await held(any_house, "CORD", "lille")) == (0, 2)
    assert await any_house.is_balanced("LAMP") and await any_house.is_balanced("CORD", "lille")


async def test_the_old_one_can_not_be_paid_renewed_or_replaced_again(any_house: House) -> None:
    """Promise 4; woocommerce#67354."""
    await any_house.put_on_shelf("LAMP", 5)
    old = await hold(any_house, line(4))
    asked = supersede(old.reservation_id, line(1))
    new = (await any_house.reservations.Supersede(asked, metadata=COLLECT)).reservation

    after = await shown(any_house, old.reservation_id)
    assert (after.state, after.superseded_by_id) == (
        pb.RESERVATION_STATE_RELEASED,
        new.reservation_id,
    )
    stub, its_id = any_house.reservations, old.reservation_id
    for late in (
        stub.Commit(commit(its_id), metadata=COLLECT),
        stub.Renew(renew(its_id, 600), metadata=COLLECT),
        stub.Release(release(its_id), metadata=COLLECT),
        stub.Supersede(supersede(its_id, line(1)), metadata=COLLECT),
    ):
        assert await refused(late) == "FAILED_PRECONDITION RESERVATION_ENDED"
    assert await held(any_house) == 1


async def test_a_refusal_leaves_the_old_one_as_it_is(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old = await hold(any_house, line(4))

    six = any_house.reservations.Supersede(supersede(old.reservation_id, line(6)), metadata=COLLECT)
    assert await refused(six) == "FAILED_PRECONDITION INSUFFICIENT_STOCK"
    assert await shown(any_house, old.reservation_id) == old
    assert await held(any_house) == 4


async def test_units_that_others_hold_are_not_free(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old, _ = await hold(any_house, line(2)), await hold(any_house, line(2))

    four = any_house.reservations.Supersede(
        supersede(old.reservation_id, line(4)), metadata=COLLECT
    )
    assert await refused(four) == "FAILED_PRECONDITION INSUFFICIENT_STOCK"


async def test_of_ten_that_replace_one_one_does(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 50)
    old = await hold(any_house, line(4))
    asked = [supersede(old.reservation_id, line(number)) for number in range(1, 11)]

    outcomes = await asyncio.gather(
        *(refused(any_house.reservations.Supersede(each, metadata=COLLECT)) for each in asked)
    )
    assert sorted(outcomes) == ["", *["FAILED_PRECONDITION RESERVATION_ENDED"] * 9]
    assert await held(any_house) == outcomes.index("") + 1
    assert await any_house.is_balanced("LAMP")


async def test_replacing_and_committing_at_once_one_of_them_does(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 50)
    old = await hold(any_house, line(4))
    stub, its_id = any_house.reservations, old.reservation_id

    outcomes = await asyncio.gather(
        refused(stub.Supersede(supersede(its_id, line(7)), metadata=COLLECT)),
        refused(stub.Commit(commit(its_id), metadata=COLLECT)),
    )
    assert sorted(outcomes) == ["", "FAILED_PRECONDITION RESERVATION_ENDED"]
    assert await held(any_house) == (7 if outcomes[0] == "" else 0)
    assert await any_house.is_balanced("LAMP")


async def test_one_that_has_lapsed_is_replaced_by_none(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    old = await hold(house, line(4))
    house.clock.now = old.expire_time.ToDatetime(UTC)

    late = house.reservations.Supersede(supersede(old.reservation_id, line(1)), metadata=COLLECT)
    assert await refused(late) == "FAILED_PRECONDITION HOLD_LAPSED"


async def test_a_retry_gets_the_first_answer(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old = await hold(any_house, line(4))
    asked = supersede(old.reservation_id, line(5))
    first = await any_house.reservations.Supersede(asked, metadata=COLLECT)

    assert await any_house.reservations.Supersede(asked, metadata=COLLECT) == first
    assert await held(any_house) == 5


async def test_undone_before_it_came_it_is_refused_and_the_old_one_stays(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old = await hold(any_house, line(4))
    asked = supersede(old.reservation_id, line(5))
    cancel = pb.CancelReserveRequest(request_id=asked.request_id)
    await any_house.reservations.CancelReserve(cancel, metadata=COLLECT)

    late = any_house.reservations.Supersede(asked, metadata=COLLECT)
    assert await refused(late) == "FAILED_PRECONDITION REQUEST_CANCELLED"
    assert await shown(any_house, old.reservation_id) == old


async def test_undone_after_it_came_nothing_is_held(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old = await hold(any_house, line(4))
    asked = supersede(old.reservation_id, line(5))
    await any_house.reservations.Supersede(asked, metadata=COLLECT)
    cancel = pb.CancelReserveRequest(request_id=asked.request_id)
    await any_house.reservations.CancelReserve(cancel, metadata=COLLECT)

    assert await held(any_house) == 0
    assert await any_house.is_balanced("LAMP")


async def test_an_id_that_reserved_does_not_replace(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    asked = reserve(line(1))
    old = (await house.reservations.Reserve(asked, metadata=COLLECT)).reservation

    again = supersede(old.reservation_id, line(1), request_id=asked.request_id)
    outcome = await refused(house.reservations.Supersede(again, metadata=COLLECT))
    assert outcome == "ALREADY_EXISTS REQUEST_ID_REUSED"


@pytest.mark.parametrize("who", [MARKET, FOR_ORDER_2], ids=["another client", "another order"])
async def test_anothers_is_not_there(house: House, who: Metadata) -> None:
    await house.put_on_shelf("LAMP", 5)
    asked = reserve(line(1), document_id="order-1")
    old = (await house.reservations.Reserve(asked, metadata=FOR_ORDER_1)).reservation

    for reservation_id in (old.reservation_id, "nowhere"):
        stolen = supersede(reservation_id, line(1), document_id="order-2")
        outcome = await refused(house.reservations.Supersede(stolen, metadata=who))
        assert outcome == "NOT_FOUND UNKNOWN_RESERVATION"


async def test_its_lines_are_checked_as_those_of_any_other(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    old = await hold(house, line(4))

    for wrong, reason in (
        ([], "INVALID_ARGUMENT INVALID_LINES"),
        ([line(1), line(2)], "INVALID_ARGUMENT INVALID_LINES"),
        ([line(1, location_id="atlantis")], "NOT_FOUND UNKNOWN_LOCATION"),
    ):
        asked = supersede(old.reservation_id, *wrong)
        assert await refused(house.reservations.Supersede(asked, metadata=COLLECT)) == reason


async def test_others_are_told_that_one_ended_and_one_began(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    old = await hold(house, line(4))
    asked = supersede(old.reservation_id, line(5))
    new = (await house.reservations.Supersede(asked, metadata=COLLECT)).reservation

    told = [(each.name, each.key) for each in (await house.log.read(0, 500)).events][-3:]
    assert told == [
        ("reservation_released", old.reservation_id),
        ("stock_changed", "lyon LAMP"),
        ("reservation_made", new.reservation_id),
    ]
