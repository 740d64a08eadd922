"""Requests for transfers, who makes them, and what they leave behind."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import transfer_service_pb2 as pb
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc

from tests.inventory.house import ERP, House
from tests.serving import calling_as

SENDER = calling_as("sam", "staff:associate", locations=("lyon",))
SENDING_MANAGER = calling_as("sara", "staff:manager", locations=("lyon",))
RECEIVER = calling_as("rita", "staff:associate", locations=("lille",))
RECEIVING_MANAGER = calling_as("rolf", "staff:manager", locations=("lille",))
STRANGER = calling_as("nina", "staff:manager", "staff:associate", locations=("nice",))
READER = calling_as("reader", "client:stock.read")

SELLABLE, DAMAGED = stock_pb.BUCKET_SELLABLE, stock_pb.BUCKET_DAMAGED
IN_TRANSIT = stock_pb.BUCKET_IN_TRANSIT


def planned(house: House, **fields: Any) -> pb.CreateTransferRequest:
    """Six lamps from Lyon to Lille, there in a day."""
    given = {
        "request_id": str(uuid4()),
        "source_location_id": "lyon",
        "target_location_id": "lille",
        "lines": [pb.SkuQuantity(sku="LAMP", quantity=6)],
        "document_id": "plan-1",
        "expected_arrival_time": house.clock.now + timedelta(days=1),
        **fields,
    }
    return pb.CreateTransferRequest(**given)


def ready(transfer: pb.Transfer) -> pb.MarkReadyRequest:
    return pb.MarkReadyRequest(request_id=str(uuid4()), transfer_id=transfer.transfer_id)


def shipping(
    transfer: pb.Transfer, *shipped: tuple[str, int], **fields: Any
) -> pb.ShipTransferRequest:
    return pb.ShipTransferRequest(
        request_id=str(uuid4()),
        transfer_id=transfer.transfer_id,
        lines=[pb.SkuQuantity(sku=sku, quantity=n) for sku, n in shipped],
        **fields,
    )


def arrived(
    transfer: pb.Transfer, received: int, damaged: int = 0, *, sku: str = "LAMP"
) -> pb.ReceiveTransferRequest:
    line = pb.ReceivedQuantity(sku=sku, received_quantity=received, damaged_quantity=damaged)
    return pb.ReceiveTransferRequest(
        request_id=str(uuid4()), transfer_id=transfer.transfer_id, lines=[line]
    )


def closing(transfer: pb.Transfer, cause: str = "lost") -> pb.CloseTransferRequest:
    return pb.CloseTransferRequest(
        request_id=str(uuid4()), transfer_id=transfer.transfer_id, cause=cause
    )


def cancelling(transfer: pb.Transfer) -> pb.CancelTransferRequest:
    return pb.CancelTransferRequest(request_id=str(uuid4()), transfer_id=transfer.transfer_id)


def reading(transfer: pb.Transfer) -> pb.GetTransferRequest:
    return pb.GetTransferRequest(transfer_id=transfer.transfer_id)


async def draft(
    house: House, transfers: "pb_grpc.TransferServiceAsyncStub", **fields: object
) -> pb.Transfer:
    return (await transfers.CreateTransfer(planned(house, **fields), metadata=ERP)).transfer


async def row(house: House, location_id: str) -> dict[int, int]:
    """Units of lamps by bucket; all that there is anywhere is proven first."""
    proof = house.stock.VerifyBalances(stock_pb.VerifyBalancesRequest(), metadata=ERP)
    proven = [step async for step in proof]
    assert proven[-1].complete
    assert [each for step in proven for each in step.differences] == []
    asked = stock_pb.VerifyBalanceRequest(location_id=location_id, sku="LAMP")
    answer = (await house.stock.VerifyBalance(asked, metadata=ERP)).row
    units = {int(each.bucket): each.quantity for each in answer.buckets}
    return units | ({stock_pb.BUCKET_SHORT: answer.short_quantity} if answer.short_quantity else {})
