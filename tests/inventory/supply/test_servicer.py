"""What is expected and kept back, through a real server, and what it does to availability."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from comptoir.inventory.v1 import sourcing_service_pb2 as sourcing_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import supply_service_pb2 as pb
from comptoir.inventory.v1 import supply_service_pb2_grpc as pb_grpc

from tests.inventory.asking import level, line, movement, movements, reserve, supersede
from tests.inventory.house import ANNA, COLLECT, ERP, MARKET, House, refused
from tests.inventory.sourcing.conftest import sourcing_of
from tests.serving import Metadata, calling_as

SELLER = calling_as("rosa", "staff:associate", locations=("lyon",))


def receipt(house: House, quantity: int, *, hours: float = 1, **fields: Any) -> pb.ExpectedReceipt:
    given = {"location_id": "lyon", "sku": "LAMP", "document_id": "PO1", **fields}
    made = pb.ExpectedReceipt(quantity=quantity, **given)
    made.due_time.FromDatetime(house.clock.now + timedelta(hours=hours))
    return made


def expecting(*receipts: pb.ExpectedReceipt, request_id: str = "") -> pb.PutExpectedReceiptsRequest:
    return pb.PutExpectedReceiptsRequest(request_id=request_id or str(uuid4()), receipts=receipts)


def keeping(*safeties: tuple[str, int | None], **fields: str) -> pb.PutSafetyStockRequest:
    place = {"location_id": "lyon", "sku": "LAMP", **fields}
    stocks = [pb.SafetyStock(channel=name, quantity=n, **place) for name, n in safeties]
    return pb.PutSafetyStockRequest(request_id=str(uuid4()), safety_stocks=stocks)


def asked(**fields: Any) -> stock_pb.BatchGetAvailabilityRequest:
    given = {"skus": ["LAMP"], "location_ids": ["lyon"], **fields}
    return stock_pb.BatchGetAvailabilityRequest(**given)


async def available(house: House, **fields: Any) -> stock_pb.Availability:
    answer = await house.stock.BatchGetAvailability(asked(**fields), metadata=ANNA)
    return answer.availabilities[0]


def came(quantity: int, document_id: str = "PO1") -> stock_pb.RecordMovementsRequest:
    outside, sellable = stock_pb.BUCKET_UNSPECIFIED, stock_pb.BUCKET_SELLABLE
    return movements(movement(quantity, outside, sellable, document_id=document_id))


async def test_what_is_expected_can_be_promised_from_when_it_is_due(
    any_house: House, any_supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await any_house.put_on_shelf("LAMP", 2)
    put = expecting(receipt(any_house, 5), receipt(any_house, 1, document_id="PO2", hours=9))
    answer = await any_supply.PutExpectedReceipts(put, metadata=ERP)
    assert answer.written_count == 2
    assert await any_supply.PutExpectedReceipts(put, metadata=ERP) == answer

    now = any_house.clock.now
    today = await available(any_house)
    ahead = await available(any_house, at_time=now + timedelta(hours=1))
    assert (today.available_quantity, today.expected_quantity) == (2, 0)
    assert (ahead.available_quantity, ahead.on_hand_quantity, ahead.expected_quantity) == (7, 2, 5)
    whole = await any_house.stock.BatchGetAvailability(
        asked(at_time=now + timedelta(hours=1)), metadata=ERP
    )
    awaited = whole.availabilities[0].awaited_receipts
    assert [(x.document_id, x.quantity) for x in awaited] == [("PO1", 5), ("PO2", 1)]
    assert ahead.valid_until_time.ToDatetime() == (now + timedelta(hours=1)).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("who", "count"),
    [(ANNA, 0), (SELLER, 0), (ERP, 1), (COLLECT, 1)],
    ids=["customer", "staff", "client", "service"],
)
async def test_by_which_documents_it_comes_is_told_to_programs_alone(
    house: House, supply: "pb_grpc.SupplyServiceAsyncStub", who: Metadata, count: int
) -> None:
    await supply.PutExpectedReceipts(expecting(receipt(house, 5)), metadata=ERP)
    asks = asked(at_time=house.clock.now + timedelta(hours=1))
    shown = (await house.stock.BatchGetAvailability(asks, metadata=who)).availabilities[0]
    assert (shown.expected_quantity, len(shown.awaited_receipts)) == (5, count)


async def test_a_receipt_by_the_document_settles_what_is_expected_in_its_own_write(
    any_house: House, any_supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await any_supply.PutExpectedReceipts(expecting(receipt(any_house, 5)), metadata=ERP)
    recorded = came(3)
    await any_house.stock.RecordMovements(recorded, metadata=ERP)
    await any_house.stock.RecordMovements(recorded, metadata=ERP)  # A repeat settles nothing more.
    await any_house.stock.RecordMovements(came(1, "PO9"), metadata=ERP)

    ahead = await available(any_house, at_time=any_house.clock.now + timedelta(hours=2))
    assert (ahead.on_hand_quantity, ahead.expected_quantity, ahead.available_quantity) == (4, 2, 6)
    assert await any_house.is_balanced("LAMP")


async def test_receipts_that_come_at_once_all_settle(
    any_house: House, any_supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await any_supply.PutExpectedReceipts(expecting(receipt(any_house, 9)), metadata=ERP)
    await asyncio.gather(
        *(any_house.stock.RecordMovements(came(1), metadata=ERP) for _ in range(6)),
        any_supply.PutExpectedReceipts(expecting(receipt(any_house, 8)), metadata=ERP),
    )
    ahead = await available(any_house, at_time=any_house.clock.now + timedelta(hours=2))
    assert (ahead.on_hand_quantity, ahead.expected_quantity) == (6, 2)


async def test_what_is_no_receipt_settles_nothing(
    house: House, supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await supply.PutExpectedReceipts(expecting(receipt(house, 5)), metadata=ERP)
    found = movement(
        3,
        stock_pb.BUCKET_UNSPECIFIED,
        stock_pb.BUCKET_SELLABLE,
        stock_pb.CAUSE_COUNT,
        document_id="PO1",
    )
    await house.stock.RecordMovements(movements(found), metadata=ERP)
    ahead = await available(house, at_time=house.clock.now + timedelta(hours=2))
    assert (ahead.on_hand_quantity, ahead.expected_quantity) == (3, 5)


async def test_what_is_expected_is_listed_by_sku_and_time(
    any_house: House, any_supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    given = expecting(
        receipt(any_house, 1, sku="VASE"),
        receipt(any_house, 2, document_id="PO2", hours=2),
        receipt(any_house, 3),
        receipt(any_house, 4, location_id="lille"),
    )
    await any_supply.PutExpectedReceipts(given, metadata=ERP)
    first = await any_supply.ListExpectedReceipts(
        pb.ListExpectedReceiptsRequest(location_id="lyon", page_size=1), metadata=ERP
    )
    rest = await any_supply.ListExpectedReceipts(
        pb.ListExpectedReceiptsRequest(location_id="lyon", page_token=first.next_page_token),
        metadata=ERP,
    )
    assert [(x.sku, x.document_id, x.quantity) for x in first.receipts] == [
        ("LAMP", "PO1", 3),
        ("LAMP", "PO2", 2),
    ]
    assert [x.sku for x in rest.receipts] == ["VASE"] and not rest.next_page_token


async def test_nobody_is_promised_what_is_kept_back_in_their_channel(
    any_house: House, any_supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await any_house.put_on_shelf("LAMP", 5)
    kept = await any_supply.PutSafetyStock(keeping(("app", 4), ("", 1)), metadata=ERP)
    (row,) = kept.rows
    assert [(x.channel, x.quantity) for x in row.channel_safety] == [("app", 4)]
    assert row.safety_quantity == 1

    shown = [(await available(any_house, channel=name)) for name in ("app", "till")]
    assert [(x.safety_quantity, x.available_quantity) for x in shown] == [(4, 1), (1, 4)]
    two = reserve(line(2))
    two.channel = "app"
    assert await refused(any_house.reservations.Reserve(two, metadata=MARKET)) == (
        "FAILED_PRECONDITION INSUFFICIENT_STOCK"
    )
    two.channel, two.request_id = "till", str(uuid4())
    made = (await any_house.reservations.Reserve(two, metadata=MARKET)).reservation
    again = supersede(made.reservation_id, line(2))
    again.channel = "app"
    assert await refused(any_house.reservations.Supersede(again, metadata=MARKET)) == (
        "FAILED_PRECONDITION INSUFFICIENT_STOCK"
    )


async def test_an_import_leaves_what_channels_keep_back(
    house: House, supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await supply.PutSafetyStock(keeping(("app", 4)), metadata=ERP)
    await house.import_levels(level("LAMP", 7, safety=2))
    shown = [(await available(house, channel=name)).available_quantity for name in ("app", "")]
    assert shown == [3, 5]


async def test_sourcing_keeps_back_what_its_channel_does(
    house: House, supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 5)
    await supply.PutSafetyStock(keeping(("app", 5)), metadata=ERP)
    lines = [sourcing_pb.SourcingLine(sku="LAMP", quantity=1)]
    async with sourcing_of(house) as sourcing:
        for channel, count in (("app", 0), ("till", 1)):
            asks = sourcing_pb.SourceRequest(
                pick_up_location_id="lyon", lines=lines, channel=channel
            )
            answer = await sourcing.Source(asks, metadata=COLLECT)
            assert len(answer.parcels) == count


async def test_a_read_is_never_behind_the_write_it_names(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    reached = stock_pb.RowRevision(location_id="lyon", sku="LAMP", revision=1)
    assert (await available(house, min_revisions=[reached])).revision == 1
    reached.revision = 2
    call = house.stock.BatchGetAvailability(asked(min_revisions=[reached]), metadata=ANNA)
    assert await refused(call) == "UNAVAILABLE REVISION_NOT_REACHED"


async def test_of_several_revisions_of_a_row_the_greatest_must_be_reached(house: House) -> None:
    await house.put_on_shelf("LAMP", 5)
    twice = [{"location_id": "lyon", "sku": "LAMP", "revision": n} for n in (2, 1)]
    call = house.stock.BatchGetAvailability(asked(min_revisions=twice), metadata=ANNA)
    assert await refused(call) == "UNAVAILABLE REVISION_NOT_REACHED"


async def test_who_asks_for_now_by_its_time_is_answered_as_who_asks_for_none(
    house: House, supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    await house.put_on_shelf("LAMP", 5)
    await supply.PutExpectedReceipts(expecting(receipt(house, 5)), metadata=ERP)
    for seconds in (0, 60):
        then = house.clock.now - timedelta(seconds=seconds)
        assert await available(house, at_time=then) == await available(house)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"at_time": {"seconds": 1}}, "INVALID_AT_TIME"),
        ({"at_time": {"seconds": 1 << 62}}, "INVALID_AT_TIME"),
        ({"channel": "My app"}, "INVALID_CHANNEL"),
        ({"min_revisions": [{"location_id": "lille", "sku": "LAMP"}]}, "INVALID_MIN_REVISIONS"),
    ],
)
async def test_a_question_that_breaks_a_rule_is_refused(
    house: House, fields: dict[str, Any], reason: str
) -> None:
    call = house.stock.BatchGetAvailability(asked(**fields), metadata=ANNA)
    assert await refused(call) == f"INVALID_ARGUMENT {reason}"


async def test_a_hold_in_no_such_channel_is_refused(house: House) -> None:
    wish = reserve(line(1))
    wish.channel = "My app"
    assert await refused(house.reservations.Reserve(wish, metadata=MARKET)) == (
        "INVALID_ARGUMENT INVALID_CHANNEL"
    )


async def test_what_cannot_be_expected_or_kept_back_is_refused(
    house: House, supply: "pb_grpc.SupplyServiceAsyncStub"
) -> None:
    there: dict[str, Any] = {"location_id": "nowhere"}
    for call, reason in (
        (supply.PutExpectedReceipts(expecting(), metadata=ERP), "INVALID_EXPECTED_RECEIPT"),
        (
            supply.PutExpectedReceipts(
                expecting(pb.ExpectedReceipt(location_id="lyon", sku="LAMP", document_id="PO1")),
                metadata=ERP,
            ),
            "INVALID_EXPECTED_RECEIPT",
        ),
        (
            supply.PutExpectedReceipts(expecting(receipt(house, 1, **there)), metadata=ERP),
            "UNKNOWN_LOCATION",
        ),
        (supply.PutSafetyStock(keeping(("", None)), metadata=ERP), "INVALID_SAFETY_STOCK"),
        (supply.PutSafetyStock(keeping(("", 1), **there), metadata=ERP), "UNKNOWN_LOCATION"),
        (
            supply.ListExpectedReceipts(pb.ListExpectedReceiptsRequest(**there), metadata=ERP),
            "UNKNOWN_LOCATION",
        ),
    ):
        assert (await refused(call)).split()[1] == reason
