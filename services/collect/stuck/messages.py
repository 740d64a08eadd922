"""Stuck orders and residues as protobuf messages."""

from collections.abc import Sequence
from datetime import datetime

from comptoir.collect.v1 import stuck_order_service_pb2 as pb
from comptoir.type.v1.money_pb2 import Money as MoneyPb

from services.collect.order.messages import STATE_TO_PB
from services.collect.order.values import Order, Step, StepName
from services.collect.parcel.messages import STATE_TO_PB as PARCEL_STATE_TO_PB
from services.collect.parcel.values import Parcel, Task, TaskName
from services.collect.stuck.domain import Residue, Units
from services.collect.stuck.holds import HeldAgain

STEP_TO_PB = {name: pb.OrderStep.Value(f"ORDER_STEP_{name.name}") for name in StepName}
TASK_TO_PB = {name: pb.ParcelTask.Value(f"PARCEL_TASK_{name.name}") for name in TaskName}
TASK_FROM_PB = {number: name for name, number in TASK_TO_PB.items()}
STEP_FROM_PB = {number: name for name, number in STEP_TO_PB.items()}


def stuck_to_pb(order: Order) -> pb.StuckOrder:
    """No person: whose order it is does not matter here."""
    message = pb.StuckOrder(
        order_id=order.order_id,
        location_id=order.location_id,
        state=STATE_TO_PB[order.state],
        steps=[STEP_TO_PB[step.name] for step in order.todo],
        revision=order.revision,
    )
    note_failure(message, order.todo, order.wake_time)
    return message


def stuck_parcel_to_pb(parcel: Parcel) -> pb.StuckParcel:
    message = pb.StuckParcel(
        parcel_id=parcel.parcel_id,
        order_id=parcel.order_id,
        source_location_id=parcel.source_location_id,
        target_location_id=parcel.target_location_id,
        state=PARCEL_STATE_TO_PB[parcel.state],
        tasks=[TASK_TO_PB[task.name] for task in parcel.todo],
        revision=parcel.revision,
    )
    note_failure(message, parcel.todo, parcel.wake_time)
    return message


def note_failure(
    message: pb.StuckOrder | pb.StuckParcel,
    todo: Sequence[Step] | Sequence[Task],
    wake_time: datetime | None,
) -> None:
    """Of what is owed first: how often it failed, why, since when, and when it is sent again."""
    if not todo:
        return
    first = todo[0]
    if wake_time:
        message.next_time.FromDatetime(wake_time)
    if first.fail_time:
        message.tries_count, message.reason = first.tries, first.fail_reason
        message.fail_time.FromDatetime(first.fail_time)


def units_to_pb(units: Units) -> pb.ResidualMovement:
    return pb.ResidualMovement(
        sku=units.sku,
        quantity=units.quantity,
        source=units.source,
        target=units.target,
        location_id=units.location_id,
    )


def residue_to_pb(residue: Residue) -> pb.Residue:
    message = pb.Residue(
        residue_id=residue.residue_id,
        order_id=residue.order_id,
        location_id=residue.location_id,
        step=pb.ORDER_STEP_UNSPECIFIED if residue.parcel_task else STEP_TO_PB[residue.step],
        movements=map(units_to_pb, residue.units),
        reservation_id=residue.reservation_id,
        replacement_reservation_id=residue.replacement_id,
        payment_id=residue.payment_id,
        parcel_id=residue.parcel_id,
    )
    if residue.parcel_task is not None:
        message.parcel_task = TASK_TO_PB[residue.parcel_task]
    message.abandon_time.FromDatetime(residue.abandon_time)
    if residue.hold_until:
        message.hold_until_time.FromDatetime(residue.hold_until)
    if residue.amount_minor:
        amount = MoneyPb(minor=residue.amount_minor, currency=residue.currency)
        message.amount.CopyFrom(amount)
    return message


def held_to_pb(done: HeldAgain, *, next_page_token: str) -> pb.HoldAgainResponse:
    return pb.HoldAgainResponse(
        there_count=done.there_count,
        held_order_ids=done.held_ids,
        unheld_orders=[
            pb.UnheldOrder(
                order_id=order.order_id, location_id=order.location_id, reason=order.reason
            )
            for order in done.unheld
        ],
        next_page_token=next_page_token,
    )
