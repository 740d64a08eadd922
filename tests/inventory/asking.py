"""What callers send to inventory, with what the test does not care about filled in."""

from typing import Any, cast
from uuid import uuid4

from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration


def shop(location_id: str, **fields: Any) -> location_pb.Location:
    defaults: dict[str, Any] = {
        "kind": location_pb.LOCATION_KIND_SHOP,
        "name": location_id.title(),
        "address": location_pb.Address(country="FR"),
        "time_zone": "Europe/Paris",
    }
    return location_pb.Location(location_id=location_id, **{**defaults, **fields})


def line(quantity: int, *, sku: str = "LAMP", location_id: str = "lyon") -> stock_pb.StockLine:
    return stock_pb.StockLine(location_id=location_id, sku=sku, quantity=quantity)


def level(
    sku: str, sellable: int, *, safety: int = 0, location_id: str = "lyon", number: int = 1
) -> stock_pb.ImportStockRequest:
    return stock_pb.ImportStockRequest(
        number=number,
        location_id=location_id,
        sku=sku,
        sellable_quantity=sellable,
        safety_quantity=safety,
    )


def sale(*lines: stock_pb.StockLine, **fields: Any) -> stock_pb.RecordSaleRequest:
    given: dict[str, Any] = {"request_id": str(uuid4()), **fields}
    return stock_pb.RecordSaleRequest(lines=lines, **given)


def movement(
    quantity: int,
    source: int,
    target: int,
    cause: int = stock_pb.CAUSE_RECEIPT,
    *,
    sku: str = "LAMP",
    location_id: str = "lyon",
    document_id: str = "",
    look_position: int = 0,
) -> stock_pb.Movement:
    """Buckets and causes are numbers, as another version of the contract may send them."""
    return stock_pb.Movement(
        location_id=location_id,
        sku=sku,
        source=cast(stock_pb.Bucket.ValueType, source),
        target=cast(stock_pb.Bucket.ValueType, target),
        quantity=quantity,
        cause=cast(stock_pb.Cause.ValueType, cause),
        document_id=document_id,
        look_position=look_position,
    )


def movements(*given: stock_pb.Movement, request_id: str = "") -> stock_pb.RecordMovementsRequest:
    return stock_pb.RecordMovementsRequest(request_id=request_id or str(uuid4()), movements=given)


def reserve(
    *lines: stock_pb.StockLine,
    request_id: str = "",
    hold_s: int = 600,
    document_id: str = "",
    buyer_id: str = "",
) -> reservation_pb.ReserveRequest:
    return reservation_pb.ReserveRequest(
        request_id=request_id or str(uuid4()),
        lines=lines,
        hold_duration=Duration(seconds=hold_s),
        document_id=document_id,
        buyer_id=buyer_id,
    )


def supersede(
    reservation_id: str,
    *lines: stock_pb.StockLine,
    request_id: str = "",
    document_id: str = "",
    buyer_id: str = "",
) -> reservation_pb.SupersedeRequest:
    return reservation_pb.SupersedeRequest(
        request_id=request_id or str(uuid4()),
        reservation_id=reservation_id,
        lines=lines,
        hold_duration=Duration(seconds=600),
        document_id=document_id,
        buyer_id=buyer_id,
    )


def release(reservation_id: str) -> reservation_pb.ReleaseRequest:
    return reservation_pb.ReleaseRequest(request_id=str(uuid4()), reservation_id=reservation_id)


def renew(reservation_id: str, hold_s: int) -> reservation_pb.RenewRequest:
    return reservation_pb.RenewRequest(
        request_id=str(uuid4()),
        reservation_id=reservation_id,
        hold_duration=Duration(seconds=hold_s),
    )


def commit(
    reservation_id: str,
    *found: reservation_pb.FoundLine,
    target: stock_pb.Bucket.ValueType = stock_pb.BUCKET_STAGED,
) -> reservation_pb.CommitRequest:
    return reservation_pb.CommitRequest(
        request_id=str(uuid4()), reservation_id=reservation_id, target=target, found_lines=found
    )


def found_line(
    found: int, not_found: int, sku: str = "LAMP", *, position: int = 0
) -> reservation_pb.FoundLine:
    return reservation_pb.FoundLine(
        location_id="lyon",
        sku=sku,
        found_quantity=found,
        not_found_quantity=not_found,
        look_position=position,
    )
