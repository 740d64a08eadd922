"""Stock rows, movements and their parts as protobuf, and back. Knows no rule."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.reservation_service_pb2 import FoundLine
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import Violation
from services.inventory.ledger.domain import Cause, Fact, Movement, invalid_movements
from services.inventory.ledger.levels import Level
from services.inventory.stock.domain import (
    Bucket,
    Line,
    Place,
    StockRow,
    invalid_lines,
)
from services.inventory.stock.instant import check_at_time, invalid_at_time
from services.inventory.supply.availability import AHEAD_MAX, Asked, Availability
from services.inventory.supply.domain import Awaited, ComingTransfer

BUCKET_TO_PB = {
    Bucket.OUTSIDE: pb.BUCKET_UNSPECIFIED,
    Bucket.SELLABLE: pb.BUCKET_SELLABLE,
    Bucket.DISPLAY: pb.BUCKET_DISPLAY,
    Bucket.DAMAGED: pb.BUCKET_DAMAGED,
    Bucket.QUARANTINE: pb.BUCKET_QUARANTINE,
    Bucket.IN_TRANSIT: pb.BUCKET_IN_TRANSIT,
    Bucket.STAGED: pb.BUCKET_STAGED,
    Bucket.LOCKER: pb.BUCKET_LOCKER,
    Bucket.SHORT: pb.BUCKET_SHORT,
}
BUCKET_FROM_PB = {number: bucket for bucket, number in BUCKET_TO_PB.items()}
CAUSE_TO_PB = {
    Cause.RECEIPT: pb.CAUSE_RECEIPT,
    Cause.SALE: pb.CAUSE_SALE,
    Cause.ORDER: pb.CAUSE_ORDER,
    Cause.COUNT: pb.CAUSE_COUNT,
    Cause.DAMAGE: pb.CAUSE_DAMAGE,
    Cause.NOT_FOUND: pb.CAUSE_NOT_FOUND,
    Cause.RETURN: pb.CAUSE_RETURN,
    Cause.TRANSFER: pb.CAUSE_TRANSFER,
}
# A transfer is two legs, and knows what is left of it: nobody records one of them alone.
CAUSE_FROM_PB = {n: cause for cause, n in CAUSE_TO_PB.items() if cause is not Cause.TRANSFER}


def line_from_pb(line: pb.StockLine) -> Line:
    return Line(location_id=line.location_id, sku=line.sku, quantity=line.quantity)


def line_to_pb(line: Line) -> pb.StockLine:
    return pb.StockLine(location_id=line.location_id, sku=line.sku, quantity=line.quantity)


def row_to_pb(row: StockRow) -> pb.StockRow:
    message = pb.StockRow(
        location_id=row.location_id,
        sku=row.sku,
        short_quantity=row.short,
        revision=row.revision,
        safety_quantity=row.safety,
    )
    # Added in place: messages made beforehand are copied, and all of it takes twice as long.
    for bucket in sorted(row.on, key=BUCKET_TO_PB.__getitem__):
        message.buckets.add(bucket=BUCKET_TO_PB[bucket], quantity=row.on[bucket])
    for instant in sorted(row.held):
        message.claims.add(quantity=row.held[instant]).expire_time.seconds = instant
    for channel in sorted(row.safety_by_channel):
        message.channel_safety.add(channel=channel, quantity=row.safety_by_channel[channel])
    return message


def movement_to_pb(movement: Movement) -> pb.Movement:
    return pb.Movement(
        movement_id=movement.movement_id,
        location_id=movement.location_id,
        sku=movement.sku,
        source=BUCKET_TO_PB[movement.source],
        target=BUCKET_TO_PB[movement.target],
        quantity=movement.quantity,
        cause=CAUSE_TO_PB[movement.cause],
        document_id=movement.document_id,
        actor=movement.actor,
        record_time=time_to_pb(movement.record_time),
        revision=movement.revision,
        occur_time=time_to_pb(movement.occur_time),
    )


def fact_from_pb(movement: pb.Movement, path: str) -> Fact:
    """Raises InvalidMovementError for buckets and causes that are none."""
    if movement.cause not in CAUSE_FROM_PB:
        raise invalid_movements(Violation(f"{path}.cause", "why the units moved"))
    return Fact(
        line=Line(location_id=movement.location_id, sku=movement.sku, quantity=movement.quantity),
        source=bucket_from_pb(movement.source, f"{path}.source"),
        target=bucket_from_pb(movement.target, f"{path}.target"),
        cause=CAUSE_FROM_PB[movement.cause],
        document_id=movement.document_id,
    )


def looks_from_pb(missed: Iterable[pb.Movement | FoundLine]) -> dict[Place, int]:
    """As of which position of its row each was looked for; of several of one row, the last one."""
    return {Place(each.location_id, each.sku): each.look_position for each in missed}


def bucket_from_pb(number: pb.Bucket.ValueType, path: str) -> Bucket:
    """Raises InvalidMovementError."""
    if number not in BUCKET_FROM_PB:
        raise invalid_movements(Violation(path, "one of the buckets there are"))
    return BUCKET_FROM_PB[number]


def availabilities_to_pb(
    shown: Iterable[Availability], *, tells_documents: bool
) -> pb.BatchGetAvailabilityResponse:
    response = pb.BatchGetAvailabilityResponse()
    # In their place at once: a message that is made and then put into a list is copied.
    add = response.availabilities.add
    for each in shown:
        message = add(
            location_id=each.place.location_id,
            sku=each.place.sku,
            available_quantity=each.available,
            on_hand_quantity=each.on_hand,
            held_quantity=each.held,
            safety_quantity=each.safety,
            short_quantity=each.short,
            revision=each.revision,
            in_transit_quantity=each.in_transit,
            expected_quantity=each.expected,
            overdue_quantity=each.overdue,
        )
        if each.valid_until is not None:
            message.valid_until_time.FromSeconds(each.valid_until)
        if tells_documents and each.awaited:
            message.awaited_receipts.extend(map(awaited_to_pb, each.awaited))
    return response


def awaited_to_pb(awaited: Awaited) -> pb.AwaitedReceipt:
    message = pb.AwaitedReceipt(quantity=awaited.left)
    message.due_time.FromSeconds(awaited.due)
    if isinstance(awaited, ComingTransfer):
        message.transfer_id = awaited.transfer_id
    else:
        message.document_id = awaited.document_id
    return message


def asked_from_pb(request: pb.BatchGetAvailabilityRequest, now: datetime) -> Asked:
    """Raises InvalidAtTimeError."""
    at = now
    if request.HasField("at_time"):
        at = check_at_time(instant_from_pb(request.at_time), now, ahead_max=AHEAD_MAX)
    return Asked(now=now, at=at if at > now else None, channel=request.channel)


def reached_from_pb(request: pb.BatchGetAvailabilityRequest) -> dict[Place, int]:
    """The greatest of each row: whoever gathers what writes have answered may have several."""
    reached: dict[Place, int] = {}
    for each in request.min_revisions:
        place = Place(each.location_id, each.sku)
        reached[place] = max(each.revision, reached.get(place, each.revision))
    return reached


def instant_from_pb(timestamp: Timestamp) -> datetime:
    """Raises InvalidAtTimeError beyond all calendars."""
    try:
        return timestamp.ToDatetime(UTC)
    except (OverflowError, ValueError):
        raise invalid_at_time() from None


def levels_of(request: pb.ImportStockRequest) -> Sequence[pb.StockLevel | pb.ImportStockRequest]:
    """Those it carries; with none it is one itself."""
    return request.levels or (request,)


def level_from_pb(level: pb.StockLevel | pb.ImportStockRequest) -> Level:
    return Level(
        place=Place(level.location_id, level.sku),
        sellable=level.sellable_quantity,
        safety=level.safety_quantity,
    )


def time_to_pb(time: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(time)
    return message


def sale_time_from_pb(request: pb.RecordSaleRequest, now: datetime) -> datetime:
    """In whole milliseconds; `now` if unset. Raises InvalidLinesError beyond all calendars."""
    if not request.HasField("sale_time"):
        return now
    try:
        time = request.sale_time.ToDatetime(UTC)
    except (OverflowError, ValueError):
        raise invalid_lines(Violation("sale_time", "a time of the years 1 to 9999")) from None
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
