"""Transfers as protobuf, and back. Knows no rule."""

from datetime import datetime

from comptoir.inventory.v1 import transfer_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.inventory.transfer.domain import Arrived, Shipped, Status, Transfer, TransferLine

STATUS_TO_PB = {
    Status.DRAFT: pb.TRANSFER_STATUS_DRAFT,
    Status.READY: pb.TRANSFER_STATUS_READY,
    Status.IN_TRANSIT: pb.TRANSFER_STATUS_IN_TRANSIT,
    Status.PARTLY_RECEIVED: pb.TRANSFER_STATUS_PARTLY_RECEIVED,
    Status.RECEIVED: pb.TRANSFER_STATUS_RECEIVED,
    Status.CANCELLED: pb.TRANSFER_STATUS_CANCELLED,
}
STATUS_FROM_PB = {number: status for status, number in STATUS_TO_PB.items()}


def draft_from_pb(request: pb.CreateTransferRequest, transfer_id: str, now: datetime) -> Transfer:
    """An instant that is unset is that of 1970, at which nothing is due."""
    return Transfer(
        transfer_id=transfer_id,
        source_location_id=request.source_location_id,
        target_location_id=request.target_location_id,
        lines=tuple(TransferLine(sku=line.sku, quantity=line.quantity) for line in request.lines),
        due=whole_seconds(request.expected_arrival_time),
        create_instant=int(now.timestamp()),
        document_id=request.document_id,
    )


def whole_seconds(time: Timestamp) -> int:
    """Since 1970, up."""
    return time.seconds + (time.nanos > 0)


def due_from_pb(request: pb.ShipTransferRequest) -> int | None:
    given = request.HasField("expected_arrival_time")
    return whole_seconds(request.expected_arrival_time) if given else None


def shipped_from_pb(line: pb.SkuQuantity) -> Shipped:
    return Shipped(sku=line.sku, quantity=line.quantity)


def arrived_from_pb(line: pb.ReceivedQuantity) -> Arrived:
    return Arrived(sku=line.sku, received=line.received_quantity, damaged=line.damaged_quantity)


def transfer_to_pb(transfer: Transfer) -> pb.Transfer:
    return pb.Transfer(
        transfer_id=transfer.transfer_id,
        source_location_id=transfer.source_location_id,
        target_location_id=transfer.target_location_id,
        status=STATUS_TO_PB[transfer.status],
        lines=map(line_to_pb, transfer.lines),
        document_id=transfer.document_id,
        expected_arrival_time=Timestamp(seconds=transfer.due),
        create_time=Timestamp(seconds=transfer.create_instant),
        close_cause=transfer.close_cause,
        revision=transfer.revision,
    )


def line_to_pb(line: TransferLine) -> pb.TransferLine:
    return pb.TransferLine(
        sku=line.sku,
        quantity=line.quantity,
        shipped_quantity=line.shipped,
        received_quantity=line.received,
        damaged_quantity=line.damaged,
        written_off_quantity=line.written_off,
    )
