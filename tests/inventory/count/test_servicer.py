"""Counts over gRPC: blind, bound to positions, recorded once, nobody locked out."""

import asyncio
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import count_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from services.inventory.reservation.mending import Mender
from tests.inventory.asking import commit, found_line, line, reserve, sale
from tests.inventory.house import COLLECT, ERP, MARKET, TILL, House, refused
from tests.inventory.reservation.test_races import sold_at_last
from tests.serving import calling_as

OTHER = calling_as("other erp", "client:inventory.write")


def seen(sku: str, quantity: int, position: int | None = None) -> pb.SeenLine:
    return pb.SeenLine(sku=sku, seen_quantity=quantity, position=position)


def record(count: pb.Count, *lines: pb.SeenLine) -> pb.RecordCountRequest:
    return pb.RecordCountRequest(request_id=str(uuid4()), count_id=count.count_id, lines=lines)


async def begin(house: House, *skus: str) -> pb.Count:
    asked = pb.BeginCountRequest(request_id=str(uuid4()), location_id="lyon", skus=skus)
    return (await house.counts.BeginCount(asked, metadata=ERP)).count


async def sell(house: House, quantity: int) -> None:
    await house.stock.RecordSale(sale(line(quantity)), metadata=TILL)


async def test_what_is_sold_between_begin_and_record_is_not_counted_twice(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    count = await begin(any_house, "LAMP", "CORD")
    # The book says 10, nine are there. Two are sold before the counter has written it down.
    await sell(any_house, 2)
    asked = record(count, seen("LAMP", 9), seen("CORD", 4))
    after = (await any_house.counts.RecordCount(asked, metadata=ERP)).count

    assert [(each.sku, each.seen_quantity) for each in after.lines] == [("LAMP", 9), ("CORD", 4)]
    assert (await any_house.availability("LAMP")).on_hand_quantity == 7
    assert (await any_house.availability("CORD")).on_hand_quantity == 4
    assert await any_house.is_balanced("LAMP")
    explain = stock_pb.ExplainQuantityRequest(location_id="lyon", sku="LAMP", page_size=1)
    (newest,) = (await any_house.stock.ExplainQuantity(explain, metadata=ERP)).movements
    assert (newest.cause, newest.document_id) == (stock_pb.CAUSE_COUNT, count.count_id)
    assert (await any_house.counts.RecordCount(asked, metadata=ERP)).count == after


async def test_of_two_counts_of_one_sku_none_takes_the_others_correction_for_sales(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    early, late, last = [await begin(any_house, "LAMP") for _ in range(3)]
    # The book says 10, eight are there. One is sold.
    await sell(any_house, 1)
    position = (await any_house.availability("LAMP")).revision
    for count, line_seen in (
        (early, seen("LAMP", 8)),
        (late, seen("LAMP", 7, position)),
        (last, seen("LAMP", 8)),
    ):
        await any_house.counts.RecordCount(record(count, line_seen), metadata=ERP)
        assert (await any_house.availability("LAMP")).on_hand_quantity == 7
    assert await any_house.is_balanced("LAMP")


async def test_who_looks_after_another_count_was_recorded_counts_on_top_of_it(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    early, late = [await begin(any_house, "LAMP") for _ in range(2)]
    await any_house.counts.RecordCount(record(early, seen("LAMP", 8)), metadata=ERP)
    position = (await any_house.availability("LAMP")).revision
    await sell(any_house, 1)
    asked = record(late, seen("LAMP", 9, position))
    await any_house.counts.RecordCount(asked, metadata=ERP)

    assert (await any_house.availability("LAMP")).on_hand_quantity == 8
    assert await any_house.is_balanced("LAMP")


async def test_what_a_picker_did_not_find_is_not_missed_once_more_by_a_count(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    made = await any_house.reservations.Reserve(reserve(line(3)), metadata=COLLECT)
    count = await begin(any_house, "LAMP")
    # Eight are there. A picker finds one of three; then seven are.
    picked = commit(made.reservation.reservation_id, found_line(1, not_found=2))
    await any_house.reservations.Commit(picked, metadata=COLLECT)
    await any_house.counts.RecordCount(record(count, seen("LAMP", 8)), metadata=ERP)

    assert (await any_house.availability("LAMP")).on_hand_quantity == 7
    assert await any_house.is_balanced("LAMP")


async def test_a_count_is_blind_until_it_is_recorded(house: House) -> None:
    await house.put_on_shelf("LAMP", 10)
    (counted,) = (await begin(house, "LAMP")).lines
    assert counted == pb.CountLine(sku="LAMP", position=1)


async def test_each_sku_may_be_looked_at_at_a_position_of_its_own(any_house: House) -> None:
    await any_house.put_on_shelf("LAMP", 10)
    count = await begin(any_house, "LAMP")
    await sell(any_house, 2)
    await sell(any_house, 1)
    position = (await any_house.availability("LAMP")).revision
    await sell(any_house, 3)
    # Seen after three were sold: seven should have been there, six were.
    asked = record(count, seen("LAMP", 6, position))
    (after,) = (await any_house.counts.RecordCount(asked, metadata=ERP)).count.lines

    assert after.position == position
    assert (await any_house.availability("LAMP")).on_hand_quantity == 3
    assert await any_house.is_balanced("LAMP")


async def test_what_cannot_be_recorded_says_why_and_writes_nothing(house: House) -> None:
    await house.put_on_shelf("LAMP", 10)
    count = await begin(house, "LAMP", "CORD")
    calls = house.counts
    reasons = [
        await refused(calls.RecordCount(request, metadata=who))
        for request, who in (
            (record(count, seen("LAMP", 1)), OTHER),
            (record(pb.Count(count_id=str(uuid4())), seen("LAMP", 1)), ERP),
            (record(count, seen("LAMP", 1), seen("BELL", 1)), ERP),
            (record(count, seen("CORD", 1), seen("LAMP", 1, 99)), ERP),
            (record(count, seen("LAMP", 1), seen("LAMP", 1)), ERP),
            (record(count, seen("LAMP", -1)), ERP),
        )
    ]
    assert reasons == [
        "NOT_FOUND UNKNOWN_COUNT",
        "NOT_FOUND UNKNOWN_COUNT",
        "NOT_FOUND SKU_NOT_IN_COUNT",
        "FAILED_PRECONDITION UNKNOWN_POSITION",
        "INVALID_ARGUMENT INVALID_COUNT",
        "INVALID_ARGUMENT INVALID_COUNT",
    ]
    assert (await house.availability("LAMP")).revision == 1
    assert (await house.availability("CORD")).revision == 0


async def test_other_figures_of_what_was_recorded_are_refused_with_all_that_came_with_them(
    house: House,
) -> None:
    count = await begin(house, "LAMP", "CORD")
    await house.counts.RecordCount(record(count, seen("LAMP", 3)), metadata=ERP)
    other = record(count, seen("CORD", 1), seen("LAMP", 4))
    assert await refused(house.counts.RecordCount(other, metadata=ERP)) == (
        "FAILED_PRECONDITION ALREADY_COUNTED"
    )
    same = record(count, seen("CORD", 1), seen("LAMP", 3))
    await house.counts.RecordCount(same, metadata=ERP)
    at_end = [await house.availability(sku) for sku in ("LAMP", "CORD")]
    assert [each.on_hand_quantity for each in at_end] == [3, 1]


@pytest.mark.parametrize(
    ("skus", "location_id", "reason"),
    [
        (["LAMP"], "nowhere", "NOT_FOUND UNKNOWN_LOCATION"),
        ([], "lyon", "INVALID_ARGUMENT INVALID_SKUS"),
        (["LAMP", "LAMP"], "lyon", "INVALID_ARGUMENT INVALID_SKUS"),
        (["no sku"], "lyon", "INVALID_ARGUMENT INVALID_SKUS"),
        ([f"S{number}" for number in range(201)], "lyon", "INVALID_ARGUMENT INVALID_SKUS"),
    ],
)
async def test_only_skus_of_a_location_are_counted(
    house: House, skus: list[str], location_id: str, reason: str
) -> None:
    asked = pb.BeginCountRequest(request_id=str(uuid4()), location_id=location_id, skus=skus)
    assert await refused(house.counts.BeginCount(asked, metadata=ERP)) == reason


async def test_who_may_only_sell_or_reserve_counts_nothing(house: House) -> None:
    asked = pb.BeginCountRequest(request_id=str(uuid4()), location_id="lyon", skus=["LAMP"])
    for who in (TILL, MARKET):
        assert await refused(house.counts.BeginCount(asked, metadata=who)) == (
            "PERMISSION_DENIED ACCESS_DENIED"
        )


async def test_a_count_that_finds_fewer_than_are_held_breaks_claims(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    made = await house.reservations.Reserve(reserve(line(4)), metadata=COLLECT)
    count = await begin(house, "LAMP")
    await house.counts.RecordCount(record(count, seen("LAMP", 3)), metadata=ERP)
    await Mender(house.records, clock=house.clock).mend_all()

    assert made.reservation.lines == [line(4)]
    assert (await house.availability("LAMP")).held_quantity == 3
    assert await house.is_balanced("LAMP")


async def test_two_who_record_the_same_at_once_with_sales_beside_post_it_once(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 20)
    count = await begin(any_house, "LAMP")
    await asyncio.gather(
        *(
            any_house.counts.RecordCount(record(count, seen("LAMP", 17)), metadata=ERP)
            for _ in range(4)
        ),
        *(sold_at_last(any_house, sale(line(1))) for _ in range(8)),
    )
    assert (await any_house.availability("LAMP")).on_hand_quantity == 9
    assert await any_house.is_balanced("LAMP")


async def test_damage_takes_what_is_sellable_however_few_there_are(house: House) -> None:
    await house.put_on_shelf("LAMP", 2)
    asked = stock_pb.RecordDamageRequest(
        request_id=str(uuid4()), lines=[line(3)], document_id="report-1"
    )
    (row,) = (await house.stock.RecordDamage(asked, metadata=ERP)).rows
    assert [(each.bucket, each.quantity) for each in row.buckets] == [(stock_pb.BUCKET_DAMAGED, 3)]
    assert row.short_quantity == 1
    assert (await house.stock.RecordDamage(asked, metadata=ERP)).rows == [row]
    assert await house.is_balanced("LAMP")


@pytest.mark.parametrize(
    ("lines", "document_id", "reason"),
    [
        ([], "", "INVALID_ARGUMENT INVALID_LINES"),
        ([line(1), line(1, sku="CORD", location_id="lille")], "", "INVALID_ARGUMENT INVALID_LINES"),
        ([line(1)], "d" * 129, "INVALID_ARGUMENT INVALID_LINES"),
        ([line(1, location_id="nowhere")], "", "NOT_FOUND UNKNOWN_LOCATION"),
    ],
)
async def test_damage_that_is_not_as_it_must_be_is_refused(
    house: House, lines: list[stock_pb.StockLine], document_id: str, reason: str
) -> None:
    asked = stock_pb.RecordDamageRequest(
        request_id=str(uuid4()), lines=lines, document_id=document_id
    )
    assert await refused(house.stock.RecordDamage(asked, metadata=ERP)) == reason
