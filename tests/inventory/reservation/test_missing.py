"""What a picker does not find of a hold, while the book comes to know of it by others too."""

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.inventory.house import COLLECT, ERP, House, commit, found_line, line, movement, movements
from tests.inventory.reservation.holds import hold, mender, sell, shown


async def test_who_commits_before_claims_are_broken_takes_what_the_till_took_from_nobody_else(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    old, new = await hold(any_house, line(5)), await hold(any_house, line(5))
    await sell(any_house, 2)
    picked = commit(new.reservation_id, found_line(3, not_found=2))
    await any_house.reservations.Commit(picked, metadata=COLLECT)
    await mender(any_house).mend_all()

    assert await shown(any_house, old) == old
    assert (await any_house.availability("LAMP")).on_hand_quantity == 5
    assert await any_house.is_balanced("LAMP")


async def test_who_has_no_hold_any_more_misses_no_units_that_the_till_took(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    await hold(house, line(5))
    await sell(house, 2)
    moved = movement(
        3, stock_pb.BUCKET_SELLABLE, stock_pb.BUCKET_UNSPECIFIED, stock_pb.CAUSE_NOT_FOUND
    )
    await house.stock.RecordMovements(movements(moved), metadata=ERP)

    assert (await house.availability("LAMP")).on_hand_quantity == 2
    assert await house.is_balanced("LAMP")
