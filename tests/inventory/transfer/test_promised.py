"""What is on its way can be promised where it goes, from its expected arrival on, and once."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import supply_service_pb2 as supply_pb
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc
from google.protobuf.timestamp_pb2 import Timestamp

from tests.inventory.house import ERP, House
from tests.inventory.supply.conftest import supply_of
from tests.inventory.transfer.asks import arrived, cancelling, closing, draft, shipping


async def at_lille(house: House, *, days: float) -> stock_pb.Availability:
    asked = stock_pb.BatchGetAvailabilityRequest(skus=["LAMP"], location_ids=["lille"])
    asked.at_time.FromDatetime(house.clock.now + timedelta(days=days))
    return (await house.stock.BatchGetAvailability(asked, metadata=ERP)).availabilities[0]


async def promised(house: House, *, days: float = 1) -> tuple[int, int, int]:
    """What can be promised at Lille by then, of it what is expected, and what is in transit."""
    shown = await at_lille(house, days=days)
    return shown.available_quantity, shown.expected_quantity, shown.in_transit_quantity


async def test_it_counts_from_its_arrival_until_it_has_come_or_is_written_off(
    any_house: House, any_transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    house, calls = any_house, any_transfers
    made = await draft(house, calls)
    assert await promised(house) == (0, 0, 0)
    await calls.ShipTransfer(shipping(made), metadata=ERP)
    assert await promised(house, days=0.9) == (0, 0, 6)
    assert await promised(house) == (6, 6, 6)

    await calls.ReceiveTransfer(arrived(made, 3, 1), metadata=ERP)
    assert await promised(house) == (5, 2, 2)
    await calls.CloseTransfer(closing(made), metadata=ERP)
    assert await promised(house) == (3, 0, 0)


async def test_whoever_asks_is_told_by_which_transfer_it_comes_and_when(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    other_day = Timestamp(seconds=made.expected_arrival_time.seconds + 86_400)
    ship = shipping(made, expected_arrival_time=other_day)
    await transfers.ShipTransfer(ship, metadata=ERP)
    shown = await at_lille(house, days=3)
    (awaited,) = shown.awaited_receipts
    assert awaited == stock_pb.AwaitedReceipt(
        transfer_id=made.transfer_id, quantity=6, due_time=other_day
    )
    assert shown.valid_until_time == other_day
    assert await promised(house) == (0, 0, 6)


async def test_what_is_late_is_overdue_and_not_promised(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=ERP)
    house.clock.now += timedelta(days=1)
    shown = await at_lille(house, days=5)
    assert (shown.available_quantity, shown.overdue_quantity) == (0, 6)


async def test_what_has_come_whole_and_what_was_called_off_are_not_awaited(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    whole, off = await draft(house, transfers), await draft(house, transfers)
    await transfers.CancelTransfer(cancelling(off), metadata=ERP)
    await transfers.ShipTransfer(shipping(whole), metadata=ERP)
    await transfers.ReceiveTransfer(arrived(whole, 7), metadata=ERP)
    assert await promised(house) == (7, 0, 0)


async def test_parts_that_come_at_once_all_count_and_no_unit_twice(
    any_house: House, any_transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    house, calls = any_house, any_transfers
    one, other = await draft(house, calls), await draft(house, calls)
    for made in (one, other):
        await calls.ShipTransfer(shipping(made), metadata=ERP)
    parts = [arrived(made, 1) for made in (one, other) for _ in range(3)]
    await asyncio.gather(*(calls.ReceiveTransfer(part, metadata=ERP) for part in parts))
    assert await promised(house) == (12, 6, 6)
    assert await house.is_balanced("LAMP", "lille")


async def test_a_document_of_the_same_name_touches_no_transfer(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub"
) -> None:
    made = await draft(house, transfers)
    await transfers.ShipTransfer(shipping(made), metadata=ERP)
    receipt = supply_pb.ExpectedReceipt(
        location_id="lille", sku="LAMP", document_id=made.transfer_id, quantity=2
    )
    receipt.due_time.FromDatetime(house.clock.now + timedelta(hours=1))
    put = supply_pb.PutExpectedReceiptsRequest(request_id=str(uuid4()), receipts=[receipt])
    async with supply_of(house) as supply:
        await supply.PutExpectedReceipts(put, metadata=ERP)
        assert await promised(house) == (8, 8, 6)
        receipt.quantity = 0
        again = supply_pb.PutExpectedReceiptsRequest(request_id=str(uuid4()), receipts=[receipt])
        await supply.PutExpectedReceipts(again, metadata=ERP)
    assert await promised(house) == (6, 6, 6)
