"""Requests for transfers, and who makes them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from comptoir.inventory.v1 import transfer_service_pb2 as pb

from tests.inventory.house import House
from tests.serving import calling_as

SENDER = calling_as("sam", "staff:associate", locations=("lyon",))
SENDING_MANAGER = calling_as("sara", "staff:manager", locations=("lyon",))
RECEIVER = calling_as("rita", "staff:associate", locations=("lille",))
RECEIVING_MANAGER = calling_as("rolf", "staff:manager", locations=("lille",))
STRANGER = calling_as("nina", "staff:manager", "staff:associate", locations=("nice",))
READER = calling_as("reader", "client:stock.read")


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
