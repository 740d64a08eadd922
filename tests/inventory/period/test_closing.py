"""Closing periods through the contract, on both stores."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta

import pytest
from comptoir.inventory.v1 import count_service_pb2 as count_pb
from comptoir.inventory.v1 import period_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.events import InvalidCursorError
from chassis.records import Where
from services.inventory.ledger.looking import counted_then
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.period import workflow
from services.inventory.period.store import ARCHIVES
from services.inventory.period.workflow import Step
from services.inventory.stock.domain import Place
from tests.inventory.asking import line, movement, movements, sale
from tests.inventory.house import ERP, OPEN_S, OPERATOR, TILL, House, refused
from tests.inventory.period.closed import LATER, close, explained, proven, verify_archives
from tests.serving import calling_as

SAM = calling_as("sam", "staff:operator", locations=("lyon",))
MANAGER = calling_as("mia", "staff:manager", locations=("lyon",))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Archives of two movements, rows looked at by two."""
    monkeypatch.setattr(workflow, "MOVEMENTS_MAX", 2)
    monkeypatch.setattr(workflow, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(workflow, "ROWS_MAX", 4)
    yield


@pytest.fixture
async def traded(any_house: House) -> House:
    """Ten lamps and five cups in Lyon, five lamps in Lille, three sales; then a year passes."""
    await any_house.put_on_shelf("LAMP", 10)
    await any_house.put_on_shelf("CUP", 5)
    await any_house.put_on_shelf("LAMP", 5, location_id="lille")
    for quantity in (2, 1, 12):
        await any_house.stock.RecordSale(sale(line(quantity)), metadata=TILL)
    any_house.clock.now += LATER
    return any_house


def told(answers: list[pb.ClosePeriodResponse]) -> list[tuple[str, int, int, int]]:
    return [
        (each.location_id, each.archive_number, each.movement_count, each.row_count)
        for each in answers
    ]


async def one_of(house: House, request: pb.ClosePeriodRequest) -> None:
    await anext(aiter(house.periods.ClosePeriod(request, metadata=OPERATOR)))


async def test_what_is_closed_leaves_the_ledger_and_is_carried(traded: House) -> None:
    before = await explained(traded, "LAMP")
    *steps, last = await close(traded)
    lille, lyon = await proven(traded)

    assert told(steps) == [("lille", 1, 1, 1), ("lyon", 1, 6, 2)]
    assert (last.complete, last.closed_location_count, last.location_count) == (True, 2, 2)
    assert (lille.movement_count, lille.closed_movement_count) == (0, 1)
    assert (lyon.movement_count, lyon.closed_movement_count) == (0, 6)
    assert await explained(traded, "LAMP") == before


async def test_a_row_says_what_of_it_is_carried(traded: House) -> None:
    request = stock_pb.VerifyBalanceRequest(location_id="lyon", sku="LAMP")
    nothing = await traded.stock.VerifyBalance(request, metadata=ERP)
    await close(traded)
    await traded.stock.RecordSale(sale(line(1)), metadata=TILL)
    found = await traded.stock.VerifyBalance(request, metadata=ERP)

    assert not nothing.HasField("carried")
    assert found.balanced
    assert (found.proven_row.short_quantity, found.carried.short_quantity) == (6, 5)
    assert (found.carried.movement_count, found.carried.revision) == (5, 4)
    assert not found.carried.buckets


async def test_what_is_young_stays_open_and_what_comes_late_goes_with_the_next(
    traded: House,
) -> None:
    late = sale(line(1, sku="CUP"))
    late.sale_time.FromDatetime(traded.clock.now - LATER)
    await traded.stock.RecordSale(late, metadata=TILL)
    first = await close(traded, "lyon")
    traded.clock.now += LATER
    second = await close(traded, "lyon")

    assert told(first)[:-1] == [("lyon", 1, 6, 2)]
    assert told(second)[:-1] == [("lyon", 2, 1, 1)]
    await proven(traded)


async def test_closing_again_closes_nothing(traded: House) -> None:
    await close(traded)
    again = await close(traded)

    assert told(again) == [("lille", 0, 0, 0), ("lyon", 0, 0, 0), ("", 0, 0, 0)]


async def test_an_associate_sees_no_difference_page_by_page(traded: House, small: None) -> None:
    before = await explained(traded, "LAMP")
    await close(traded)
    for quantity in (1, 2):
        await traded.stock.RecordSale(sale(line(quantity)), metadata=TILL)
    new = (await explained(traded, "LAMP"))[:2]

    assert [each.quantity for each in new] == [2, 1]
    for size in range(1, 8):
        assert await explained(traded, "LAMP", page_size=size) == [*new, *before]
    assert await explained(traded, "NONE") == []


async def test_a_page_goes_on_over_what_is_closed_meanwhile(traded: House) -> None:
    before = await explained(traded, "LAMP")
    request = stock_pb.ExplainQuantityRequest(location_id="lyon", sku="LAMP", page_size=2)
    first = await traded.stock.ExplainQuantity(request, metadata=ERP)
    await close(traded)
    request.page_token, request.page_size = first.next_page_token, 10
    rest = await traded.stock.ExplainQuantity(request, metadata=ERP)

    assert [*first.movements, *rest.movements] == before


async def test_whoever_is_cut_anywhere_goes_on_by_the_cursor_or_begins_anew(
    traded: House, small: None
) -> None:
    request = pb.ClosePeriodRequest()
    for turn in range(20):
        call = traded.periods.ClosePeriod(request, metadata=OPERATOR)
        answer = await anext(aiter(call))
        call.cancel()
        await proven(traded)
        if answer.complete:
            break
        request.cursor = answer.cursor if turn % 5 else ""
    left = await traded.records.select(MOVEMENTS, Where(limit=10))

    assert (turn < 19, left) == (True, [])
    assert not any(each.differences for each in await verify_archives(traded))


@pytest.mark.parametrize("location_id", ["", "lille"])
async def test_whoever_is_cut_amidst_the_first_row_of_a_location_goes_on_there(
    traded: House, small: None, location_id: str
) -> None:
    """Of Lille's one row more is to be closed than goes into an archive."""
    for _ in range(2):
        await traded.stock.RecordSale(sale(line(1, location_id="lille")), metadata=TILL)
    traded.clock.now += LATER
    first, second, *_ = await close(traded, location_id)
    await traded.stock.RecordSale(sale(line(1, location_id="lille")), metadata=TILL)
    traded.clock.now += LATER
    rest = await close(traded, location_id, cursor=first.cursor)

    assert [each.closed_location_count for each in (first, second)] == [0, 1]
    assert told(rest)[0] == ("lille", 3, 1, 1)


async def test_archives_are_of_so_many_movements_and_name_their_predecessor(
    traded: House, small: None
) -> None:
    steps = await close(traded, "lyon")
    archives = await traded.records.select(ARCHIVES, Where(limit=10))

    assert [each.movement_count for each in archives] == [2, 2, 2]
    assert [seal.sku for each in archives for seal in each.seals] == ["CUP", *["LAMP"] * 3]
    assert [each.hash_before for each in archives] == ["", *(a.archive_hash for a in archives[:2])]
    assert [each.archive_hash for each in steps[:3]] == [each.archive_hash for each in archives]
    assert {each.actor for each in archives} == {"operator"}


async def test_a_count_is_recorded_as_of_a_position_that_is_closed(traded: House) -> None:
    await traded.stock.RecordMovements(
        movements(movement(20, stock_pb.BUCKET_UNSPECIFIED, stock_pb.BUCKET_SELLABLE)),
        metadata=ERP,
    )
    begin = count_pb.BeginCountRequest(
        request_id="0190163d-8694-439b-aea5-966c26f8ad91", location_id="lyon", skus=["LAMP"]
    )
    count = (await traded.counts.BeginCount(begin, metadata=ERP)).count
    await traded.stock.RecordSale(sale(line(3)), metadata=TILL)
    await traded.stock.RecordSale(sale(line(2)), metadata=TILL)
    position = (await explained(traded, "LAMP"))[1].revision
    traded.clock.now += LATER
    await close(traded)
    record = count_pb.RecordCountRequest(
        request_id="0190163d-8694-439b-aea5-966c26f8ad92", count_id=count.count_id
    )
    record.lines.add(sku="LAMP", seen_quantity=10, position=position)
    await traded.counts.RecordCount(record, metadata=ERP)

    assert (await traded.availability("LAMP")).on_hand_quantity == 8
    await proven(traded)


async def test_how_far_counts_had_corrected_a_row_is_known_when_they_are_closed(
    traded: House,
) -> None:
    """A picker looked before the count, and says so a year later."""
    place = Place("lyon", "CUP")
    for cause, quantity in ((stock_pb.CAUSE_COUNT, 3), (stock_pb.CAUSE_RECEIPT, 20)):
        moved = movement(quantity, 0, stock_pb.BUCKET_SELLABLE, cause, sku="CUP")
        await traded.stock.RecordMovements(movements(moved), metadata=ERP)
    traded.clock.now += LATER
    before = [await counted_then(traded.records, {place: at}) for at in (1, 2, 3)]
    await close(traded)

    assert before == [{place: 0}, {place: 3}, {place: 3}]
    assert [await counted_then(traded.records, {place: at}) for at in (1, 2, 3)] == before


@pytest.mark.parametrize(
    ("younger_s", "refusal"), [(0, ""), (1, "FAILED_PRECONDITION PERIOD_OPEN")]
)
async def test_nothing_is_closed_that_is_to_stay_open(
    house: House, younger_s: int, refusal: str
) -> None:
    request = pb.ClosePeriodRequest()
    latest = house.clock.now - timedelta(seconds=OPEN_S)
    request.before_time.FromDatetime(latest + timedelta(seconds=younger_s))
    assert await refused(one_of(house, request)) == refusal


async def test_a_time_beyond_all_calendars_is_refused(house: House) -> None:
    request = pb.ClosePeriodRequest()
    request.before_time.seconds = 2**60
    assert await refused(one_of(house, request)) == "INVALID_ARGUMENT INVALID_BEFORE_TIME"


async def test_operators_close_their_own_locations_managers_prove_them(traded: House) -> None:
    steps = await close(traded, who=SAM)
    archives = await verify_archives(traded, who=MANAGER)

    assert [each.location_id for each in steps] == ["lyon", ""]
    assert [each.location_id for each in archives] == ["lyon", ""]
    for call in (close(traded, "lille", who=SAM), verify_archives(traded, "lille", who=MANAGER)):
        assert await refused(call) == "NOT_FOUND UNKNOWN_LOCATION"
    for who in (MANAGER, ERP, TILL):
        assert await refused(close(traded, "lyon", who=who)) == "PERMISSION_DENIED ACCESS_DENIED"


async def test_a_cursor_is_good_for_its_own_question(traded: House) -> None:
    cursor = (await close(traded, "lyon"))[0].cursor
    reason = f"INVALID_ARGUMENT {InvalidCursorError.reason}"
    assert await refused(close(traded, "lille", cursor=cursor)) == reason
    assert await refused(close(traded, cursor=cursor)) == reason
    assert await refused(verify_archives(traded, "lyon", cursor=cursor)) == reason


async def test_one_closes_and_one_proves_at_a_time_in_a_replica(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = asyncio.Semaphore(0), asyncio.Event()

    async def waiting(*_: object) -> AsyncGenerator[Step, None]:
        begun.release()
        await may_end.wait()
        return
        yield

    monkeypatch.setattr(workflow, "closed", waiting)
    monkeypatch.setattr(workflow, "proven", waiting)
    both = [asyncio.create_task(close(house)), asyncio.create_task(verify_archives(house))]
    for _ in both:
        await begun.acquire()
    monkeypatch.undo()
    for call, reason in ((close, "TOO_MANY_CLOSINGS"), (verify_archives, "TOO_MANY_PROOFS")):
        assert await refused(call(house)) == f"RESOURCE_EXHAUSTED {reason}"
    may_end.set()
    await asyncio.gather(*both)

    assert (await close(house))[-1].complete
    assert (await verify_archives(house))[-1].complete
