"""Operations as the messages that ask for them, and answers as the journal keeps them."""

from collections.abc import Mapping
from typing import Any

from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from services.inventory.reservation.messages import STATUS_TO_PB
from services.inventory.stock.messages import BUCKET_TO_PB, CAUSE_TO_PB
from tests.simulation.operations import Moved, Operation, Verb

STATUS_FROM_PB = {number: status for status, number in STATUS_TO_PB.items()}
# Which field of a ReserveStream's request it is, and the call of its own.
ON_RESERVATIONS: Mapping[Verb, tuple[str, str]] = {
    Verb.RESERVE: ("reserve", "Reserve"),
    Verb.SUPERSEDE: ("supersede", "Supersede"),
    Verb.RENEW: ("renew", "Renew"),
    Verb.RELEASE: ("release", "Release"),
    Verb.COMMIT: ("commit", "Commit"),
    Verb.CANCEL: ("cancel_reserve", "CancelReserve"),
}
ON_STOCK: Mapping[Verb, str] = {Verb.SELL: "RecordSale", Verb.MOVE: "RecordMovements"}


def to_pb(asked: Operation) -> Any:
    """Of everything but an import, which is a stream of `levels_pb`."""
    hold = Duration(seconds=asked.hold_s)
    wish: dict[str, Any] = {
        "lines": lines_pb(asked),
        "hold_duration": hold,
        "allow_partial": asked.is_partial,
    }
    its: dict[str, Any] = {"request_id": asked.request_id, "reservation_id": asked.about}
    match asked.verb:
        case Verb.RESERVE:
            return pb.ReserveRequest(request_id=asked.request_id, **wish)
        case Verb.SUPERSEDE:
            return pb.SupersedeRequest(**its, **wish)
        case Verb.RENEW:
            return pb.RenewRequest(**its, hold_duration=hold)
        case Verb.RELEASE:
            return pb.ReleaseRequest(**its)
        case Verb.COMMIT:
            found = [
                pb.FoundLine(
                    location_id=place.location_id,
                    sku=place.sku,
                    found_quantity=n,
                    not_found_quantity=missing,
                )
                for place, n, missing in asked.picked
            ]
            target = stock_pb.BUCKET_STAGED
            return pb.CommitRequest(**its, target=target, found_lines=found)
        case Verb.CANCEL:
            return pb.CancelReserveRequest(request_id=asked.request_id)
        case Verb.SELL:
            return stock_pb.RecordSaleRequest(
                request_id=asked.request_id, lines=lines_pb(asked), receipt_id="receipt"
            )
    movements = [movement_pb(moved) for moved in asked.moved]
    return stock_pb.RecordMovementsRequest(request_id=asked.request_id, movements=movements)


def levels_pb(asked: Operation) -> stock_pb.ImportStockRequest:
    levels = [
        stock_pb.StockLevel(
            number=number,
            location_id=place.location_id,
            sku=place.sku,
            sellable_quantity=quantity,
        )
        for number, (place, quantity) in enumerate(asked.lines, start=1)
    ]
    return stock_pb.ImportStockRequest(levels=levels)


def lines_pb(asked: Operation) -> list[stock_pb.StockLine]:
    return [
        stock_pb.StockLine(location_id=place.location_id, sku=place.sku, quantity=quantity)
        for place, quantity in asked.lines
    ]


def movement_pb(moved: Moved) -> stock_pb.Movement:
    return stock_pb.Movement(
        location_id=moved.place.location_id,
        sku=moved.place.sku,
        source=BUCKET_TO_PB[moved.source],
        target=BUCKET_TO_PB[moved.target],
        quantity=moved.quantity,
        cause=CAUSE_TO_PB[moved.cause],
    )


def answer_from_pb(answer: Any) -> Mapping[str, Any]:
    """What of it the checks look at; nothing of an undo that came first."""
    if "rows" in answer.DESCRIPTOR.fields_by_name:
        return {"rows": [row_from_pb(row) for row in answer.rows]}
    if not answer.HasField("reservation"):
        return {}
    made = answer.reservation
    return {
        "reservation_id": made.reservation_id,
        "revision": made.revision,
        "status": STATUS_FROM_PB[made.state].value,
        "expire_s": made.expire_time.seconds,
        "lines": {f"{line.location_id} {line.sku}": line.quantity for line in made.lines},
    }


def row_from_pb(row: stock_pb.StockRow) -> Mapping[str, Any]:
    counts = {each.bucket: each.quantity for each in row.buckets}
    return {
        "location_id": row.location_id,
        "sku": row.sku,
        "revision": row.revision,
        "sellable": counts.get(stock_pb.BUCKET_SELLABLE, 0),
        "short": row.short_quantity,
    }
