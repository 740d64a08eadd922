"""Reservations as protobuf, and back. No rules here."""

from datetime import timedelta

from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2 import StockLine
from google.protobuf.duration_pb2 import Duration

from services.inventory.reservation import reserving
from services.inventory.reservation.domain import Found, Reservation, Status
from services.inventory.reservation.reserving import Wish
from services.inventory.stock.domain import Place
from services.inventory.stock.messages import line_from_pb, line_to_pb

STATUS_TO_PB = {
    Status.ACTIVE: pb.RESERVATION_STATE_ACTIVE,
    Status.RELEASED: pb.RESERVATION_STATE_RELEASED,
    Status.LAPSED: pb.RESERVATION_STATE_LAPSED,
    Status.COMMITTED: pb.RESERVATION_STATE_COMMITTED,
}


def wish_from_pb(request: pb.ReserveRequest | pb.SupersedeRequest) -> Wish:
    given = request.HasField("hold_duration")
    return Wish(
        lines=tuple(line_from_pb(line) for line in request.lines),
        hold=hold_from_pb(request.hold_duration) if given else reserving.HOLD_DEFAULT,
        document_id=request.document_id,
        allow_partial=request.allow_partial,
        channel=request.channel,
        buyer_id=request.buyer_id,
    )


def unheld_to_pb(wish: Wish, made: Reservation) -> list[StockLine]:
    return [line_to_pb(line) for line in reserving.unheld(wish.lines, made)]


def hold_from_pb(duration: Duration) -> timedelta:
    try:
        return duration.ToTimedelta()
    except OverflowError:
        return timedelta.max  # Protobuf's seconds go beyond Python's; the domain refuses both.


def found_from_pb(line: pb.FoundLine) -> Found:
    return Found(
        place=Place(line.location_id, line.sku),
        found=line.found_quantity,
        not_found=line.not_found_quantity,
    )


def reservation_to_pb(reservation: Reservation) -> pb.Reservation:
    message = pb.Reservation(
        reservation_id=reservation.reservation_id,
        state=STATUS_TO_PB[reservation.status],
        document_id=reservation.document_id,
        revision=reservation.revision,
        superseded_by_id=reservation.superseded_by_id,
    )
    # Added in place: messages made beforehand are copied.
    for line in reservation.lines:
        message.lines.add(location_id=line.location_id, sku=line.sku, quantity=line.quantity)
    message.broken_lines.extend(map(line_to_pb, reservation.broken))
    message.expire_time.seconds = reservation.expire_instant
    return message
