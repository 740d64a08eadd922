"""Stock proven in numbers: every planted difference is found, and nothing else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from services.inventory.balance import proof
from services.inventory.reservation.lapsing import MARGIN, Announcer
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Place
from services.inventory.stock.store import ROWS
from tests.inventory.asking import line, reserve, sale
from tests.inventory.balance.documents import Documents
from tests.inventory.balance.spoilt import (
    claim_lessened,
    claim_lost,
    movement_doubled,
    movement_elsewhere,
    movement_removed,
    reservation_lost,
    reservation_released,
    row_changed,
    row_lost,
    short_changed,
    the_one,
)
from tests.inventory.house import COLLECT, ERP, TILL, House, refused
from tests.serving import Metadata, calling_as

SAM = calling_as("sam", "staff:manager", locations=("lyon",))
ROVER = calling_as("rover", "staff:operator")
LAMP = Place("lyon", "LAMP")
HOUR = timedelta(hours=1)

Plant: TypeAlias = Callable[[Documents], Awaitable[None]]


@pytest.fixture
async def stocked(any_house: House) -> House:
    """Ten lamps in Lyon, of which three are held; a sale of two; five cups, five lamps in Lille."""
    await any_house.put_on_shelf("LAMP", 10)
    await any_house.put_on_shelf("CUP", 5)
    await any_house.put_on_shelf("LAMP", 5, location_id="lille")
    await any_house.stock.RecordSale(sale(line(2)), metadata=TILL)
    await any_house.reservations.Reserve(reserve(line(3), hold_s=600), metadata=COLLECT)
    return any_house


async def answers(
    house: House, location_id: str = "", *, sku: str = "", cursor: str = "", who: Metadata = ERP
) -> list[pb.VerifyBalancesResponse]:
    request = pb.VerifyBalancesRequest(location_id=location_id, sku=sku, cursor=cursor)
    return [each async for each in house.stock.VerifyBalances(request, metadata=who)]


async def found(house: House) -> list[tuple[str, str, str, int, int]]:
    """Place, what, what the row says and what is proven."""
    return [
        (
            each.location_id,
            each.sku,
            "claim"
            if each.WhichOneof("what") == "claim_expire_time"
            else pb.Bucket.Name(each.bucket).removeprefix("BUCKET_").lower(),
            each.row_quantity,
            each.proven_quantity,
        )
        for answer in await answers(house)
        for each in answer.differences
    ]


async def test_what_the_rules_wrote_is_proven_slice_by_slice(stocked: House) -> None:
    *slices, last = await answers(stocked)

    assert [
        (each.location_id, each.row_count, each.movement_count, each.reservation_line_count)
        for each in slices
    ] == [("lille", 1, 1, 0), ("lyon", 2, 3, 1)]
    assert not any(each.differences for each in slices)
    assert [each.proven_location_count for each in slices] == [1, 2]
    assert (last.complete, last.proven_location_count, last.location_count) == (True, 2, 2)


@pytest.mark.parametrize(
    ("plant", "difference"),
    [
        (row_changed, ("lyon", "LAMP", "staged", 1, 0)),
        (short_changed, ("lyon", "LAMP", "short", 2, 0)),
        (claim_lost, ("lyon", "LAMP", "claim", 0, 3)),
        (claim_lessened, ("lyon", "LAMP", "claim", 1, 3)),
        (row_lost, ("lyon", "CUP", "sellable", 0, 5)),
        (movement_removed, ("lyon", "LAMP", "sellable", 8, 10)),
        (movement_doubled, ("lille", "LAMP", "sellable", 5, 10)),
        (movement_elsewhere, ("nowhere", "LAMP", "sellable", 0, 5)),
        (reservation_released, ("lyon", "LAMP", "claim", 3, 0)),
        (reservation_lost, ("lyon", "LAMP", "claim", 3, 0)),
    ],
)
async def test_a_planted_difference_is_found_and_nothing_else(
    stocked: House, documents: Documents, plant: Plant, difference: tuple[str, str, str, int, int]
) -> None:
    await plant(documents)
    assert await found(stocked) == [difference]


async def test_a_difference_names_the_row_it_was_found_in(
    stocked: House, documents: Documents
) -> None:
    await claim_lost(documents)
    made = await the_one(documents, RESERVATIONS)
    (difference,) = [each for answer in await answers(stocked) for each in answer.differences]

    assert difference.claim_expire_time.seconds == made["expire_instant"]
    assert difference.row_revision == 3


async def test_a_hold_that_lapsed_differs_neither_before_nor_after_the_row_is_written(
    stocked: House,
) -> None:
    stocked.clock.now += HOUR
    before = await found(stocked)
    await Announcer(stocked.records, clock=stocked.clock).announce()
    told = await found(stocked)
    await stocked.stock.RecordSale(sale(line(1)), metadata=TILL)

    assert (before, told, await found(stocked)) == ([], [], [])


async def test_a_lapsed_hold_that_its_row_has_dropped_too_early_is_found(
    stocked: House, documents: Documents
) -> None:
    """Told of or not: until the row's own time has passed its end, its units are not free."""
    stocked.clock.now += HOUR + MARGIN
    await Announcer(stocked.records, clock=stocked.clock).announce()
    await claim_lost(documents)

    assert await found(stocked) == [("lyon", "LAMP", "claim", 0, 3)]


async def test_one_location_is_proven_alone(stocked: House, documents: Documents) -> None:
    await row_changed(documents)
    lyon, lille = await answers(stocked, "lyon"), await answers(stocked, "lille")

    assert [len(each.differences) for each in lyon] == [1, 0]
    assert [len(each.differences) for each in lille] == [0, 0]


async def test_one_sku_is_proven_wherever_it_is(stocked: House, documents: Documents) -> None:
    await movement_doubled(documents)
    await row_changed(documents)
    lamps, *_ = await answers(stocked, sku="LAMP")
    cups, *_ = await answers(stocked, sku="CUP")

    assert [each.location_id for each in lamps.differences] == ["lille", "lyon"]
    assert (lamps.row_count, cups.row_count, len(cups.differences)) == (2, 1, 0)


async def test_slices_are_as_large_as_they_may_be_and_leave_nothing_out(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "PART_ROWS_MAX", 2)
    for sku in ("A", "B", "C", "D", "E"):
        await any_house.put_on_shelf(sku, 1)
    *slices, _ = await answers(any_house)

    assert [(each.row_count, each.movement_count) for each in slices] == [(2, 2), (2, 2), (1, 1)]
    assert [each.proven_location_count for each in slices] == [0, 0, 1]


async def test_whoever_is_cut_goes_on_by_the_cursor(
    stocked: House, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "PART_ROWS_MAX", 1)
    await row_changed(documents)
    await movement_doubled(documents)
    cursor, rows_count, differences_count = "", 0, 0
    while True:
        first = (await answers(stocked, cursor=cursor))[0]
        rows_count += first.row_count
        differences_count += len(first.differences)
        if first.complete:
            break
        cursor = first.cursor

    assert (rows_count, differences_count) == (3, 2)


async def test_many_differences_come_in_several_answers_none_of_them_twice(
    stocked: House, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "DIFFERENCES_MAX", 2)
    await row_changed(documents)
    row = await the_one(documents, ROWS, location_id="lyon", sku="LAMP")
    await documents.put(ROWS, {**row, "short": 1})
    await row_lost(documents)
    first, second, last = await answers(stocked, "lyon")
    again = await answers(stocked, "lyon", cursor=first.cursor)

    assert [each.sku for each in first.differences] == ["CUP"]
    assert [each.sku for each in second.differences] == ["LAMP", "LAMP"]
    assert (first.row_count, second.row_count, last.complete) == (0, 2, True)
    assert [list(each.differences) for each in again] == [list(second.differences), []]


async def test_where_nothing_ever_was_everything_is_proven(any_house: House) -> None:
    (last,) = await answers(any_house)
    assert (last.complete, last.location_count) == (True, 0)


async def test_everything_is_to_staff_what_is_theirs(stocked: House) -> None:
    seen = await answers(stocked, who=SAM)
    nothing = await answers(stocked, who=ROVER)

    assert [each.location_id for each in seen] == ["lyon", ""]
    assert [each.complete for each in nothing] == [True]


async def test_to_staff_another_shop_is_as_if_it_were_not_there(stocked: House) -> None:
    for location_id in ("lille", "nowhere"):
        call = answers(stocked, location_id, who=SAM)
        assert await refused(call) == "NOT_FOUND UNKNOWN_LOCATION"


@pytest.mark.parametrize(
    ("location_id", "sku", "refusal"),
    [
        ("nowhere", "", "NOT_FOUND UNKNOWN_LOCATION"),
        ("", "NO SKU", "INVALID_ARGUMENT INVALID_SKUS"),
        ("", "x" * 65, "INVALID_ARGUMENT INVALID_SKUS"),
    ],
)
async def test_what_is_not_there_is_said_to_be(
    house: House, location_id: str, sku: str, refusal: str
) -> None:
    assert await refused(answers(house, location_id, sku=sku)) == refusal


async def test_a_cursor_is_good_for_its_own_question(stocked: House) -> None:
    cursor = (await answers(stocked, "lyon"))[0].cursor
    for location_id, sku in (("lille", ""), ("", ""), ("lyon", "LAMP")):
        call = answers(stocked, location_id, sku=sku, cursor=cursor)
        assert await refused(call) == "INVALID_ARGUMENT INVALID_CURSOR"


async def test_one_proof_too_many_is_refused_until_another_ends(
    stocked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.inventory.stock.servicer.PROOFS_MAX", 0)
    assert await refused(answers(stocked)) == "RESOURCE_EXHAUSTED TOO_MANY_PROOFS"
    monkeypatch.setattr("services.inventory.stock.servicer.PROOFS_MAX", 1)
    for _ in range(2):
        assert (await answers(stocked))[-1].complete
