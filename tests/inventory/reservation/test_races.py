"""What can race is raced: callers of the last units, sales, and a proof beside them."""

import asyncio

from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from tests.inventory.asking import line, reserve, sale
from tests.inventory.house import COLLECT, TILL, House, refused


async def test_forty_callers_of_five_units_get_exactly_five(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    await any_house.put_on_shelf("CORD", 5)
    orders = ((line(1), line(1, sku="CORD")), (line(1, sku="CORD"), line(1)))
    outcomes = await asyncio.gather(
        *(until_decided(any_house, reserve(*orders[n % 2])) for n in range(40))
    )

    assert outcomes.count("") == 5
    assert outcomes.count("FAILED_PRECONDITION INSUFFICIENT_STOCK") == 35
    assert await any_house.is_balanced("LAMP") and await any_house.is_balanced("CORD")


async def test_sales_and_reservations_at_once_keep_the_books(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    outcomes = await asyncio.gather(
        *(until_decided(any_house, reserve(line(1))) for _ in range(10)),
        *(sold_at_last(any_house, sale(line(1))) for _ in range(10)),
    )

    shown = await any_house.availability("LAMP")
    assert shown.on_hand_quantity == 0 and shown.short_quantity == 0
    assert shown.held_quantity == outcomes[:10].count("")
    assert shown.available_quantity == 0
    assert await any_house.is_balanced("LAMP")


async def test_a_proof_beside_writers_raises_no_false_alarm(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 1000)

    async def write() -> None:
        for _ in range(15):
            asked = reserve(line(1))
            assert await until_decided(any_house, asked) == ""
            assert await sold_at_last(any_house, sale(line(1))) == ""

    writing = asyncio.gather(*(write() for _ in range(4)))
    proofs = []
    while not writing.done():
        proofs.append(await any_house.is_balanced("LAMP"))
    await writing
    assert proofs and all(proofs)


async def until_decided(house: House, asked: pb.ReserveRequest) -> str:
    """Its outcome, asked for again with its id while others wrote the same until time was up."""
    for _ in range(20):
        outcome = await refused(house.reservations.Reserve(asked, metadata=COLLECT))
        if not outcome.startswith("DEADLINE_EXCEEDED"):
            return outcome
    return outcome


async def sold_at_last(house: House, sold: stock_pb.RecordSaleRequest) -> str:
    for _ in range(20):
        outcome = await refused(house.stock.RecordSale(sold, metadata=TILL))
        if not outcome.startswith("DEADLINE_EXCEEDED"):
            return outcome
    return outcome
