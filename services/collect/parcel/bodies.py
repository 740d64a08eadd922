"""What each task of a parcel says to inventory, and under which id. Pure.

Made of what the parcel keeps, and of nothing else: a task that is repeated says the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from chassis.requests import step_id
from services.collect.parcel.values import Parcel, ParcelLine, TaskName

Bucket: TypeAlias = "stock_pb.Bucket.ValueType"
OUTSIDE: Bucket = stock_pb.BUCKET_UNSPECIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From which bucket to which, at a location."""

    location_id: str
    source: Bucket
    target: Bucket


def hold_of(parcel: Parcel) -> reservation_pb.ReserveRequest:
    return reservation_pb.ReserveRequest(
        request_id=id_of(parcel, TaskName.HOLD),
        lines=[
            stock_pb.StockLine(
                location_id=parcel.source_location_id, sku=line.sku, quantity=line.quantity
            )
            for line in parcel.lines
        ],
        hold_duration=Duration(seconds=parcel.hold_s),
        document_id=parcel.parcel_id,
        buyer_id=parcel.buyer_id,
    )


def release_of(parcel: Parcel) -> reservation_pb.CancelReserveRequest:
    return reservation_pb.CancelReserveRequest(request_id=id_of(parcel, TaskName.HOLD))


def pack_of(parcel: Parcel) -> reservation_pb.CommitRequest:
    return reservation_pb.CommitRequest(
        request_id=id_of(parcel, TaskName.PACK),
        reservation_id=parcel.reservation_id,
        target=stock_pb.BUCKET_STAGED,
        found_lines=[
            reservation_pb.FoundLine(
                location_id=parcel.source_location_id,
                sku=line.sku,
                found_quantity=line.sent_quantity,
                not_found_quantity=line.held_quantity - line.sent_quantity,
            )
            for line in parcel.lines
        ],
    )


def moves_of(parcel: Parcel, name: TaskName) -> stock_pb.RecordMovementsRequest:
    """Of PACK, where its hold is over, and of SEND, RECEIVE and PUT_BACK."""
    movements = {
        TaskName.PACK: pack_moves,
        TaskName.SEND: send_moves,
        TaskName.RECEIVE: receive_moves,
        TaskName.PUT_BACK: put_back_moves,
    }[name](parcel)
    return stock_pb.RecordMovementsRequest(request_id=id_of(parcel, name), movements=movements)


def pack_moves(parcel: Parcel) -> list[stock_pb.Movement]:
    """The claim is gone, but what was found is in its bin, and what was not is not there."""
    here, sellable = parcel.source_location_id, stock_pb.BUCKET_SELLABLE
    found = Way(location_id=here, source=sellable, target=stock_pb.BUCKET_STAGED)
    missed = Way(location_id=here, source=sellable, target=OUTSIDE)
    return [
        *moves(parcel, found, packed(parcel)),
        *moves(parcel, missed, not_packed(parcel), is_missing=True),
    ]


def send_moves(parcel: Parcel) -> list[stock_pb.Movement]:
    """Two legs in one write: at no instant are the units both here and there, or nowhere."""
    leaves = Way(
        location_id=parcel.source_location_id, source=stock_pb.BUCKET_STAGED, target=OUTSIDE
    )
    comes = Way(
        location_id=parcel.target_location_id, source=OUTSIDE, target=stock_pb.BUCKET_IN_TRANSIT
    )
    return [*moves(parcel, leaves, packed(parcel)), *moves(parcel, comes, packed(parcel))]


def receive_moves(parcel: Parcel) -> list[stock_pb.Movement]:
    there, way = parcel.target_location_id, stock_pb.BUCKET_IN_TRANSIT
    target = stock_pb.BUCKET_SELLABLE if parcel.to_shelf else stock_pb.BUCKET_STAGED
    lost = [(line, line.sent_quantity - (line.received_quantity or 0)) for line in parcel.lines]
    return [
        *moves(parcel, Way(location_id=there, source=way, target=target), received(parcel)),
        *moves(parcel, Way(location_id=there, source=way, target=OUTSIDE), lost, is_missing=True),
    ]


def put_back_moves(parcel: Parcel) -> list[stock_pb.Movement]:
    """From the bin in which it lies: at the target once it was unpacked, else at the source."""
    is_here = all(line.received_quantity is None for line in parcel.lines)
    back = Way(
        location_id=parcel.source_location_id if is_here else parcel.target_location_id,
        source=stock_pb.BUCKET_STAGED,
        target=stock_pb.BUCKET_SELLABLE,
    )
    return moves(parcel, back, packed(parcel) if is_here else received(parcel))


Counted: TypeAlias = Iterable[tuple[ParcelLine, int]]


def packed(parcel: Parcel) -> Counted:
    return [(line, line.sent_quantity) for line in parcel.lines]


def not_packed(parcel: Parcel) -> Counted:
    return [(line, line.held_quantity - line.sent_quantity) for line in parcel.lines]


def received(parcel: Parcel) -> Counted:
    return [(line, line.received_quantity or 0) for line in parcel.lines]


def moves(
    parcel: Parcel, way: Way, counted: Counted, *, is_missing: bool = False
) -> list[stock_pb.Movement]:
    return [
        stock_pb.Movement(
            location_id=way.location_id,
            sku=line.sku,
            source=way.source,
            target=way.target,
            quantity=quantity,
            cause=stock_pb.CAUSE_NOT_FOUND if is_missing else stock_pb.CAUSE_ORDER,
            document_id=parcel.parcel_id,
        )
        for line, quantity in counted
        if quantity
    ]


def id_of(parcel: Parcel, name: TaskName) -> str:
    return step_id(parcel.parcel_id, name.value)
