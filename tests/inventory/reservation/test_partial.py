"""Reservations that take what there is, through a real gRPC server and stub."""

from datetime import timedelta

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.inventory.asking import commit, level, line, reserve, supersede
from tests.inventory.house import COLLECT, House, refused


def partly(*lines: stock_pb.StockLine) -> pb.ReserveRequest:
    asked = reserve(*lines)
    asked.allow_partial = True
    return asked


async def test_each_line_is_held_as_far_as_there_is_enough(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    await any_house.put_on_shelf("CORD", 2)
    asked = partly(line(4), line(3, sku="CORD"), line(1, sku="BULB"))
    answer = await any_house.reservations.Reserve(asked, metadata=COLLECT)

    assert list(answer.reservation.lines) == [line(4), line(2, sku="CORD")]
    assert list(answer.unheld_lines) == [line(1, sku="CORD"), line(1, sku="BULB")]
    assert (await any_house.availability("CORD")).available_quantity == 0
    assert await any_house.is_balanced("CORD") and await any_house.is_balanced("BULB")


async def test_a_repeat_says_again_what_is_not_held(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    asked = partly(line(7))
    first = await any_house.reservations.Reserve(asked, metadata=COLLECT)
    await any_house.put_on_shelf("LAMP", 50)

    assert await any_house.reservations.Reserve(asked, metadata=COLLECT) == first
    assert list(first.unheld_lines) == [line(2)]


async def test_of_nothing_nothing_is_reserved(any_house: House) -> None:
    asked = partly(line(4), line(3, sku="CORD"))

    outcome = await refused(any_house.reservations.Reserve(asked, metadata=COLLECT))
    assert outcome == "FAILED_PRECONDITION INSUFFICIENT_STOCK"


async def test_what_is_held_whole_lacks_nothing(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)

    answer = await house.reservations.Reserve(partly(line(4)), metadata=COLLECT)
    assert not answer.unheld_lines


async def test_unasked_all_or_nothing(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)

    outcome = await refused(house.reservations.Reserve(reserve(line(6)), metadata=COLLECT))
    assert outcome == "FAILED_PRECONDITION INSUFFICIENT_STOCK"


async def test_what_replaces_another_may_take_what_there_is_too(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old = (await any_house.reservations.Reserve(reserve(line(2)), metadata=COLLECT)).reservation
    asked = supersede(old.reservation_id, line(9))
    asked.allow_partial = True
    answer = await any_house.reservations.Supersede(asked, metadata=COLLECT)

    assert list(answer.reservation.lines) == [line(5)]
    assert list(answer.unheld_lines) == [line(4)]
    assert (await any_house.availability("LAMP")).available_quantity == 0


async def test_of_what_is_not_held_no_row_is_made(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    old = (await any_house.reservations.Reserve(reserve(line(2)), metadata=COLLECT)).reservation
    asked = supersede(old.reservation_id, line(1), line(1, sku="BULB"))
    asked.allow_partial = True
    await any_house.reservations.Supersede(asked, metadata=COLLECT)

    assert (await any_house.availability("BULB")).revision == 0


@pytest.mark.parametrize("replaces", [False, True])
async def test_what_was_lent_again_by_the_time_of_a_line_that_has_nothing_is_not_paid(
    any_house: House, replaces: bool
) -> None:
    await any_house.put_on_shelf("LAMP", 1)
    await any_house.put_on_shelf("BULB", 1)
    hold = any_house.reservations.Reserve
    old = (await hold(reserve(line(1, sku="BULB")), metadata=COLLECT)).reservation
    first = (await hold(reserve(line(1), hold_s=60), metadata=COLLECT)).reservation

    # Of three servers one is ahead: it writes the row of which nothing will be there.
    begin = any_house.clock.now
    any_house.clock.now = begin + timedelta(minutes=5)
    await any_house.import_levels(level("CORD", 1))
    await any_house.import_levels(level("CORD", 0))
    any_house.clock.now = begin + timedelta(seconds=10)
    asked = partly(line(1), line(1, sku="CORD"))
    if replaces:
        anew = supersede(old.reservation_id, *asked.lines)
        anew.allow_partial = True
        lent = (await any_house.reservations.Supersede(anew, metadata=COLLECT)).reservation
    else:
        lent = (await hold(asked, metadata=COLLECT)).reservation

    assert list(lent.lines) == [line(1)]
    paying = any_house.reservations.Commit(commit(first.reservation_id), metadata=COLLECT)
    assert await refused(paying) == "FAILED_PRECONDITION HOLD_LAPSED"
    assert await any_house.is_balanced("LAMP")
