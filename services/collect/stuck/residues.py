"""What a step would have told others, as the residue of giving it up. Pure.

Read off the very messages of the step: what it would have said is what is missing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from services.collect.order import bodies
from services.collect.order.values import Order, Step, StepName
from services.collect.parcel.bodies import moves_of as moves_of_parcel
from services.collect.parcel.values import Parcel, Task, TaskName
from services.collect.stuck.domain import Residue, Units

MOVING = (StepName.TO_LOCKER, StepName.PUT_BACK, StepName.GONE)
PAYING = (StepName.AUTHORISE, StepName.VOID, StepName.CAPTURE)
HOLDING = (StepName.UNRESERVE, StepName.COMMIT)
OUTSIDE = "outside"


def residue_of(order: Order, step: Step, *, residue_id: str, now: datetime) -> Residue:
    return Residue(
        residue_id=residue_id,
        order_id=order.order_id,
        location_id=order.location_id,
        step=step.name,
        abandon_time=now,
        units=tuple(map(units_from_pb, movements_of(order, step))),
        **left_open_by(order, step),
    )


def left_open_by(order: Order, step: Step) -> dict[str, Any]:
    """Hold or payment; of an earlier attempt its id alone, since lines may have changed."""
    known = step.attempt == order.attempt
    left: dict[str, Any] = {}
    if step.name in HOLDING and known:
        left |= {"reservation_id": order.reservation_id, "hold_until": order.hold_until}
        left["replacement_id"] = order.replacement_id
    if step.name in PAYING:
        left |= {"payment_id": bodies.payment_id(order, step), "currency": order.currency}
        left["amount_minor"] = order.total_minor if known else 0
    return left


def movements_of(order: Order, step: Step) -> list[stock_pb.Movement]:
    if step.name is StepName.COMMIT:
        second = bodies.replacement_without_hold(order, step).movements
        return [*bodies.commit_without_hold(order, step).movements, *second]
    return list(bodies.moves_of(order, step).movements) if step.name in MOVING else []


def units_from_pb(movement: stock_pb.Movement) -> Units:
    return Units(
        sku=movement.sku,
        quantity=movement.quantity,
        source=bucket_name(movement.source),
        target=bucket_name(movement.target),
    )


def bucket_name(bucket: bodies.Bucket) -> str:
    """As inventory names it, in small letters."""
    if bucket == stock_pb.BUCKET_UNSPECIFIED:
        return OUTSIDE
    return stock_pb.Bucket.Name(bucket).removeprefix("BUCKET_").lower()


# What an order's step does that is most like a parcel's task.
LIKE: Mapping[TaskName, StepName] = {
    TaskName.RELEASE: StepName.UNRESERVE,
    TaskName.PACK: StepName.COMMIT,
    TaskName.SEND: StepName.GONE,
    TaskName.RECEIVE: StepName.GONE,
    TaskName.PUT_BACK: StepName.PUT_BACK,
}
HOLDING_TASKS = (TaskName.RELEASE, TaskName.PACK)


def parcel_residue_of(parcel: Parcel, task: Task, *, residue_id: str, now: datetime) -> Residue:
    is_holding = task.name in HOLDING_TASKS
    moves = () if task.name is TaskName.RELEASE else moves_of_parcel(parcel, task.name).movements
    return Residue(
        residue_id=residue_id,
        order_id=parcel.order_id,
        location_id=parcel.target_location_id,
        step=LIKE[task.name],
        abandon_time=now,
        units=tuple(replace(units_from_pb(each), location_id=each.location_id) for each in moves),
        reservation_id=parcel.reservation_id if is_holding else "",
        hold_until=parcel.hold_until if is_holding else None,
        parcel_id=parcel.parcel_id,
        parcel_task=task.name,
    )
