"""What each step of an order says to inventory, and under which id. Pure.

A body is made of what the order keeps, and of nothing else: neither the clock nor a limit
that another release may have changed. A step repeated with another body under its id
would be refused for ever.
"""

from typing import TypeAlias

from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from chassis.requests import step_id
from services.collect.order.values import Order, State, Step, StepName

Bucket: TypeAlias = "stock_pb.Bucket.ValueType"


def reserve_of(order: Order, step: Step) -> reservation_pb.ReserveRequest:
    return reservation_pb.ReserveRequest(
        request_id=id_of(order, StepName.RESERVE, step),
        lines=[
            stock_pb.StockLine(location_id=order.location_id, sku=line.sku, quantity=line.quantity)
            for line in order.lines
        ],
        hold_duration=Duration(seconds=order.hold_s),
        document_id=order.order_id,
    )


def unreserve_of(order: Order, step: Step) -> reservation_pb.CancelReserveRequest:
    return reservation_pb.CancelReserveRequest(request_id=id_of(order, StepName.RESERVE, step))


def commit_of(order: Order, step: Step) -> reservation_pb.CommitRequest:
    """Of one that was called off while it was picked, only what was looked for in vain: the rest
    goes back to its shelf, where the book has it."""
    into_its_bin = was_staged(order)
    return reservation_pb.CommitRequest(
        request_id=id_of(order, step.name, step),
        reservation_id=order.reservation_id,
        target=stock_pb.BUCKET_STAGED,
        found_lines=[
            reservation_pb.FoundLine(
                location_id=order.location_id,
                sku=line.sku,
                found_quantity=line.standing_quantity if into_its_bin else 0,
                not_found_quantity=line.missing_quantity,
                look_position=line.look_position,
            )
            for line in order.lines
        ],
    )


def commit_without_hold(order: Order, step: Step) -> stock_pb.RecordMovementsRequest:
    """The claim is gone, but what was found is in the bin, and what was not is not there:
    those are facts."""
    missing = missing_from(order)
    if not was_staged(order):
        return recorded(order, step, missing)
    found = movements_of(order, stock_pb.BUCKET_SELLABLE, stock_pb.BUCKET_STAGED)
    return recorded(order, step, [*found, *missing])


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


def payment_id(order: Order, step: Step) -> str:
    """Of the attempt that `step` is of: a refused one may be voided when the next has begun."""
    return step_id(order.order_id, "payment", str(step.attempt))


def movements_of(order: Order, source: Bucket, target: Bucket) -> list[stock_pb.Movement]:
    """Of all that stands."""
    return [
        stock_pb.Movement(
            location_id=order.location_id,
            sku=line.sku,
            source=source,
            target=target,
            quantity=line.standing_quantity,
            cause=stock_pb.CAUSE_ORDER,
            document_id=order.order_id,
        )
        for line in order.lines
        if line.standing_quantity
    ]


def missing_from(order: Order) -> list[stock_pb.Movement]:
    """Of what was looked for in vain."""
    return [
        stock_pb.Movement(
            location_id=order.location_id,
            sku=line.sku,
            source=stock_pb.BUCKET_SELLABLE,
            target=stock_pb.BUCKET_UNSPECIFIED,
            quantity=line.missing_quantity,
            cause=stock_pb.CAUSE_NOT_FOUND,
            document_id=order.order_id,
            look_position=line.look_position,
        )
        for line in order.lines
        if line.missing_quantity
    ]


def was_staged(order: Order) -> bool:
    """Whatever became of it since: a step that is sent again says what it said."""
    return any(change.state in (State.STAGED, State.READY) for change in order.changes)


def where(order: Order) -> Bucket:
    """Where the order's units lie by the time the step is sent: steps go in order."""
    return stock_pb.BUCKET_LOCKER if order.loaded else stock_pb.BUCKET_STAGED
