"""What each step of an order says to inventory, and under which id. Pure.

A body is made of what the order keeps, and of nothing else: neither the clock nor a limit
that another release may have changed. A step repeated with another body under its id
would be refused for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from chassis.requests import step_id
from services.collect.order.line import Line
from services.collect.order.values import Order, State, Step, StepName

Bucket: TypeAlias = "stock_pb.Bucket.ValueType"
# What is said of the second of an order's reservations has ids of its own.
REPLACEMENT = "replacement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one of an order's reservations ends with, of a line: found, and looked for in vain."""

    sku: str
    found: int
    missing: int
    look_position: int


def reserve_of(order: Order, step: Step) -> reservation_pb.ReserveRequest:
    return reservation_pb.ReserveRequest(
        request_id=id_of(order, StepName.RESERVE, step),
        lines=[
            stock_pb.StockLine(location_id=order.location_id, sku=line.sku, quantity=line.quantity)
            for line in order.lines
        ],
        hold_duration=Duration(seconds=order.hold_s),
        document_id=order.order_id,
        buyer_id=order.buyer_id,
    )


def replace_of(order: Order, step: Step) -> reservation_pb.ReserveRequest:
    """Of others in place of what is broken. It holds longer than the order needs, as it is
    asked for later: whatever ends the order ends it."""
    return reservation_pb.ReserveRequest(
        request_id=replacement_id_of(order, StepName.RESERVE, step),
        lines=[
            stock_pb.StockLine(
                location_id=order.location_id, sku=line.sku, quantity=line.replacement_quantity
            )
            for line in order.lines
            if line.replacement_quantity
        ],
        hold_duration=Duration(seconds=order.hold_s),
        document_id=order.order_id,
        buyer_id=order.buyer_id,
    )


def unreserve_of(order: Order, step: Step) -> reservation_pb.CancelReserveRequest:
    return reservation_pb.CancelReserveRequest(request_id=id_of(order, StepName.RESERVE, step))


def unreplace_of(order: Order, step: Step) -> reservation_pb.CancelReserveRequest:
    return reservation_pb.CancelReserveRequest(
        request_id=replacement_id_of(order, StepName.RESERVE, step)
    )


def commit_of(order: Order, step: Step) -> reservation_pb.CommitRequest:
    return reservation_pb.CommitRequest(
        request_id=id_of(order, step.name, step),
        reservation_id=order.reservation_id,
        target=stock_pb.BUCKET_STAGED,
        found_lines=found_lines(order, held_shares(order)),
    )


def replacement_commit_of(order: Order, step: Step) -> reservation_pb.CommitRequest:
    return reservation_pb.CommitRequest(
        request_id=replacement_id_of(order, step.name, step),
        reservation_id=order.replacement_id,
        target=stock_pb.BUCKET_STAGED,
        found_lines=found_lines(order, replacement_shares(order)),
    )


def found_lines(order: Order, shares: Sequence[Share]) -> list[reservation_pb.FoundLine]:
    return [
        reservation_pb.FoundLine(
            location_id=order.location_id,
            sku=share.sku,
            found_quantity=share.found,
            not_found_quantity=share.missing,
            look_position=share.look_position,
        )
        for share in shares
    ]


def commit_without_hold(order: Order, step: Step) -> stock_pb.RecordMovementsRequest:
    """The claim is gone, but what was found is in the bin, and what was not is not there:
    those are facts."""
    return recorded(order, step, booked(order, held_shares(order)))


def replacement_without_hold(order: Order, step: Step) -> stock_pb.RecordMovementsRequest:
    """As `commit_without_hold`, of the order's second reservation."""
    return stock_pb.RecordMovementsRequest(
        request_id=replacement_id_of(order, step.name, step),
        movements=booked(order, replacement_shares(order)),
    )


def held_shares(order: Order) -> list[Share]:
    """What the order's first reservation ends with: all but what the second does."""
    return [
        share_of(
            order,
            line,
            found=line.own_quantity - replaced_found(line),
            missing=line.missing_quantity - replaced_missing(line),
        )
        for line in order.lines
    ]


def replacement_shares(order: Order) -> list[Share]:
    return [
        share_of(order, line, found=replaced_found(line), missing=replaced_missing(line))
        for line in order.lines
        if line.replacement_quantity
    ]


def share_of(order: Order, line: Line, *, found: int, missing: int) -> Share:
    """Of an order that was called off while it was picked, only what was looked for in vain: the
    rest goes back to its shelf, where the book has it."""
    return Share(
        sku=line.sku,
        found=found if was_staged(order) else 0,
        missing=missing,
        look_position=line.look_position,
    )


def replaced_found(line: Line) -> int:
    """What goes beyond what the first reservation still holds, as far as the second does."""
    beyond = line.own_quantity - (line.quantity - line.broken_quantity)
    return min(max(beyond, 0), line.replaced_quantity)


def replaced_missing(line: Line) -> int:
    return min(line.missing_quantity, line.replaced_quantity - replaced_found(line))


def moves_of(order: Order, step: Step) -> stock_pb.RecordMovementsRequest:
    """Of TO_LOCKER, PUT_BACK and GONE."""
    source, target = {
        StepName.TO_LOCKER: (stock_pb.BUCKET_STAGED, stock_pb.BUCKET_LOCKER),
        StepName.PUT_BACK: (where(order), stock_pb.BUCKET_SELLABLE),
        StepName.GONE: (where(order), stock_pb.BUCKET_UNSPECIFIED),
    }[step.name]
    return recorded(order, step, movements_of(order, source, target))


def recorded(
    order: Order, step: Step, movements: list[stock_pb.Movement]
) -> stock_pb.RecordMovementsRequest:
    return stock_pb.RecordMovementsRequest(
        request_id=id_of(order, step.name, step), movements=movements
    )


def id_of(order: Order, name: StepName, step: Step) -> str:
    return step_id(order.order_id, name.value, str(step.attempt))


def replacement_id_of(order: Order, name: StepName, step: Step) -> str:
    return step_id(order.order_id, name.value, str(step.attempt), REPLACEMENT)


def payment_id(order: Order, step: Step) -> str:
    """Of the attempt that `step` is of: a refused one may be voided when the next has begun."""
    return step_id(order.order_id, "payment", str(step.attempt))


def movements_of(order: Order, source: Bucket, target: Bucket) -> list[stock_pb.Movement]:
    """Of all that lies with the order."""
    lying = [(line, lying_quantity(order, line)) for line in order.lines]
    return [
        stock_pb.Movement(
            location_id=order.location_id,
            sku=line.sku,
            source=source,
            target=target,
            quantity=quantity,
            cause=stock_pb.CAUSE_ORDER,
            document_id=order.order_id,
        )
        for line, quantity in lying
        if quantity
    ]


def lying_quantity(order: Order, line: Line) -> int:
    """What was brought lies there also where nobody has staged the rest."""
    return line.arrived_quantity + line.own_quantity * was_staged(order)


def booked(order: Order, shares: Sequence[Share]) -> list[stock_pb.Movement]:
    """What was found to the bin, and what was looked for in vain out of the book."""
    found = [booked_of(order, share, is_found=True) for share in shares if share.found]
    missing = [booked_of(order, share, is_found=False) for share in shares if share.missing]
    return found + missing


def booked_of(order: Order, share: Share, *, is_found: bool) -> stock_pb.Movement:
    return stock_pb.Movement(
        location_id=order.location_id,
        sku=share.sku,
        source=stock_pb.BUCKET_SELLABLE,
        target=stock_pb.BUCKET_STAGED if is_found else stock_pb.BUCKET_UNSPECIFIED,
        quantity=share.found if is_found else share.missing,
        cause=stock_pb.CAUSE_ORDER if is_found else stock_pb.CAUSE_NOT_FOUND,
        document_id=order.order_id,
        look_position=0 if is_found else share.look_position,
    )


def was_staged(order: Order) -> bool:
    """Whatever became of it since: a step that is sent again says what it said."""
    return any(change.state in (State.STAGED, State.READY) for change in order.changes)


def where(order: Order) -> Bucket:
    """Where the order's units lie by the time the step is sent: steps go in order."""
    return stock_pb.BUCKET_LOCKER if order.loaded else stock_pb.BUCKET_STAGED
