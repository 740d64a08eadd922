"""What a picker does not find of a hold, while the book comes to know of it by others too."""

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.inventory.asking import commit, found_line, level, line, movement, movements
from tests.inventory.count.test_servicer import begin, record, seen
from tests.inventory.house import COLLECT, ERP, House
from tests.inventory.reservation.holds import hold, mender, sell, shown


async def picked(house: House, held: pb.Reservation, *found: pb.FoundLine) -> None:
    await house.reservations.Commit(commit(held.reservation_id, *found), metadata=COLLECT)


async def missed(house: House, quantity: int, *, position: int = 0) -> None:
    """By whom no hold is left."""
    moved = movement(
        quantity,
        stock_pb.BUCKET_SELLABLE,
        stock_pb.BUCKET_UNSPECIFIED,
        stock_pb.CAUSE_NOT_FOUND,
        look_position=position,
    )
    await house.stock.RecordMovements(movements(moved), metadata=ERP)


async def counted(house: House, quantity: int) -> None:
    count = await begin(house, "LAMP")
    await house.counts.RecordCount(record(count, seen("LAMP", quantity)), metadata=ERP)


async def position_now(house: House) -> int:
    return (await house.availability("LAMP")).revision


async def on_hand(house: House) -> int:
    assert await house.is_balanced("LAMP")
    return (await house.availability("LAMP")).on_hand_quantity


async def test_who_commits_before_claims_are_broken_takes_what_the_till_took_from_nobody_else(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    old, new = await hold(any_house, line(5)), await hold(any_house, line(5))
    await sell(any_house, 2)
    await picked(any_house, new, found_line(3, not_found=2))
    await mender(any_house).mend_all()

    assert await shown(any_house, old) == old
    assert await on_hand(any_house) == 5


async def test_without_a_hold_no_units_are_missed_that_the_till_took(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    await hold(house, line(5))
    await sell(house, 2)
    await missed(house, 3)

    assert await on_hand(house) == 2


async def test_what_a_count_has_found_missing_is_not_missed_by_who_looked_before(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    held, position = await hold(any_house, line(3)), await position_now(any_house)
    await sell(any_house, 1)
    # Nine should be there, eight are: two of them in the basket of who looked for three.
    await counted(any_house, 8)
    await sell(any_house, 1)
    await picked(any_house, held, found_line(2, not_found=1, position=position))

    assert await on_hand(any_house) == 5


async def test_beyond_what_a_count_has_found_it_is_missed(house: House) -> None:
    await house.put_on_shelf("LAMP", 10)
    held, position = await hold(house, line(3)), await position_now(house)
    await counted(house, 9)
    await picked(house, held, found_line(0, not_found=3, position=position))

    assert await on_hand(house) == 7


async def test_an_import_over_a_stock_counts_as_a_count(house: House) -> None:
    await house.put_on_shelf("LAMP", 10)
    held, position = await hold(house, line(3)), await position_now(house)
    await house.import_levels(level("LAMP", 9))
    await picked(house, held, found_line(2, not_found=1, position=position))

    assert await on_hand(house) == 7


async def test_who_has_looked_after_a_count_misses_what_he_misses(house: House) -> None:
    await house.put_on_shelf("LAMP", 10)
    held = await hold(house, line(3))
    await counted(house, 9)
    position = await position_now(house)
    await picked(house, held, found_line(2, not_found=1, position=position))

    assert await on_hand(house) == 6


async def test_what_two_pickers_miss_they_both_miss(house: House) -> None:
    await house.put_on_shelf("LAMP", 10)
    held = [await hold(house, line(5)) for _ in range(2)]
    position = await position_now(house)
    for each in held:
        await picked(house, each, found_line(4, not_found=1, position=position))

    assert await on_hand(house) == 0


async def test_without_a_hold_a_count_tells_as_well_what_is_missing(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    position = await position_now(any_house)
    await counted(any_house, 9)
    await missed(any_house, 3, position=position)

    assert await on_hand(any_house) == 7


@pytest.mark.parametrize("missed_first", [True, False])
async def test_of_movements_of_one_row_those_that_are_missed_say_as_of_when(
    house: House, missed_first: bool
) -> None:
    await house.put_on_shelf("LAMP", 10)
    position = await position_now(house)
    await counted(house, 8)
    out = (stock_pb.BUCKET_SELLABLE, stock_pb.BUCKET_UNSPECIFIED, stock_pb.CAUSE_NOT_FOUND)
    gone = movement(1, *out, look_position=position)
    came = movement(1, stock_pb.BUCKET_UNSPECIFIED, stock_pb.BUCKET_SELLABLE)
    told = [gone, came] if missed_first else [came, gone]
    await house.stock.RecordMovements(movements(*told), metadata=ERP)

    assert await on_hand(house) == 9


@pytest.mark.parametrize("position", [-1, 0, 99])
async def test_as_of_a_position_that_nobody_knows_all_of_it_is_missed(
    house: House, position: int
) -> None:
    await house.put_on_shelf("LAMP", 10)
    held = await hold(house, line(3))
    await counted(house, 9)
    await picked(house, held, found_line(2, not_found=1, position=position))

    assert await on_hand(house) == 6


async def test_as_of_a_position_that_is_too_long_ago_all_of_it_is_missed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To know better, all that moved the row since would be read."""
    await house.put_on_shelf("LAMP", 10)
    held, position = await hold(house, line(3)), await position_now(house)
    await counted(house, 9)
    monkeypatch.setattr("services.inventory.ledger.looking.LOOKED_BACK_MAX", 0)
    await picked(house, held, found_line(2, not_found=1, position=position))

    assert await on_hand(house) == 6
