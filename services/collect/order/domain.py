"""How an order is placed, and what of it is written and told. Pure.

What an order still owes to others (stock to reserve, money to capture, ...) stands in
its `todo`, written before it is sent and struck off when it is done, one at a time.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind
from services.collect.order.line import Line, LineState
from services.collect.order.values import (
    CALLED_OFF,
    LINE_STATES,
    Change,
    Method,
    Money,
    Order,
    State,
    Step,
    StepName,
)

CAUSE_LENGTH_MAX = 200
REFERENCE_LENGTH_MAX = 128
CONFIRM_WITHIN = timedelta(minutes=2)
# Inventory holds no longer.
HOLD_MAX = timedelta(days=7)
# How long a step may take before another replica takes the order over.
LEASE = timedelta(seconds=5)
RETRY_FIRST, RETRY_MAX = timedelta(milliseconds=200), timedelta(seconds=30)
# How long a cabinet without a line is waited for. Its code no longer opens, but it may have:
# whoever voids the payment before it has told gives the goods away.
SILENT_MAX = timedelta(days=14)
# A refused order may be placed again so often under one request.
ATTEMPTS_MAX = 20


class UnknownOrderError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_ORDER"


class OrderEndedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ORDER_ENDED"


class InvalidPaymentError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_PAYMENT"


class InvalidCauseError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_CAUSE"


class PaymentRequiredError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PAYMENT_REQUIRED"


class PriceChangedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PRICE_CHANGED"


class OrderNotReadyError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ORDER_NOT_READY"


class LeaseLostError(Exception):
    """Another replica drives the order now: leave it alone."""


def hold_until(collect_by_time: datetime, *, now: datetime) -> datetime:
    return min(collect_by_time, now + HOLD_MAX)


def placed(order: Order, *, now: datetime, lease: timedelta = LEASE) -> Order:
    """The order as it is first written: everything is owed, nothing is promised."""
    steps = [StepName.RESERVE] + [StepName.AUTHORISE] * (order.method is Method.REFERENCE)
    return replace(
        moved(order, State.PLACING, actor="customer", now=now),
        todo=(*order.todo, *(Step(name, order.attempt) for name in steps)),
        wake_time=now + lease,
    )


def placed_again(refused: Order, order: Order, *, now: datetime, lease: timedelta = LEASE) -> Order:
    """A refused order, tried once more at the customer's wish with what they ask for now.

    What undoes the try before is owed still, and comes first.
    """
    anew = replace(
        order,
        attempt=refused.attempt + 1,
        todo=refused.todo,
        lease_epoch=refused.lease_epoch + 1,
        changes=refused.changes,
        create_time=refused.create_time,
        revision=refused.revision + 1,
    )
    return placed(anew, now=now, lease=lease)


def may_be_placed_again(order: Order) -> bool:
    """A refusal is final for its attempt alone; but not without end, as each leaves its trace."""
    return order.state is State.REFUSED and order.attempt < ATTEMPTS_MAX


def check_total(order: Order, expected_minor: int | None, currency: str) -> None:
    """Raises PriceChangedError unless the customer was shown what it costs."""
    if expected_minor is None:
        return
    if (expected_minor, currency) != (order.total_minor, order.currency):
        raise PriceChangedError(
            f"it costs {order.total_minor} {order.currency} now: show it and ask again",
            total_minor=order.total_minor,
            currency=order.currency,
        )


def check_method(order: Order) -> None:
    """Raises PaymentRequiredError: nobody stands at a locker to take money."""
    if order.in_locker and order.method is Method.AT_COUNTER:
        raise PaymentRequiredError(
            "a locker takes no order that is due at the counter: send a payment reference"
        )


def moved(order: Order, state: State, *, actor: str, now: datetime, cause: str = "") -> Order:
    """The order and its lines in another state, with who did it, when and why."""
    line_state = LINE_STATES[state]
    money = order.money
    if state in CALLED_OFF and money is Money.DUE:
        money = Money.VOIDED  # Nothing was taken and nothing will be: it is due no more.
    lines = tuple(
        line
        if line.state is LineState.CANCELLED and not line.standing_quantity
        else replace(line, state=line_state)
        for line in order.lines
    )
    change = Change(state=state, occur_time=now, actor=actor, cause=cause)
    return replace(
        order,
        state=state,
        lines=lines,
        money=money,
        cause=cause,
        changes=(*order.changes, change),
    )


def owing(order: Order, *names: StepName, now: datetime) -> Order:
    """The order with more to do, to be taken up at once."""
    steps = tuple(Step(name, order.attempt) for name in names)
    return replace(order, todo=order.todo + steps, wake_time=now)


def changed(
    before: Order | None,
    after: Order,
    *,
    records: tuple[object, ...] = (),
    events: tuple[Event, ...] = (),
) -> Changed[Order]:
    """What is written of a change, with the event that tells of it where others can see one.

    `records` and `events` are of what the order takes or gives back by it.
    """
    if before is not None:
        after = replace(after, revision=before.revision + 1)
    return Changed(
        answer=after, records=(after, *records), events=(*events_of(before, after), *events)
    )


def events_of(before: Order | None, after: Order) -> tuple[Event, ...]:
    if before is not None and shown(before) == shown(after):
        return ()  # A lease or a step struck off is nobody else's business.
    same = before is not None and before.state is after.state
    name = "order_changed" if same else f"order_{NAMES.get(after.state, after.state.value)}"
    return (Event(name, after.order_id, after.revision, shown(after)),)


NAMES = {State.PLACING: "placed"}


def shown(order: Order) -> Mapping[str, Any]:
    """What other teams may see: ids, lines, states; no person."""
    return {
        "order_id": order.order_id,
        "location_id": order.location_id,
        "point_id": order.point_id,
        "state": order.state.value,
        "money": order.money.value,
        "place_label": order.place_label,
        "currency": order.currency,
        "lines": [{**shown_line(line), **shown_coming(line)} for line in order.lines],
    }


def shown_line(line: Line) -> Mapping[str, Any]:
    return {
        "line_number": line.line_number,
        "sku": line.sku,
        "quantity": line.quantity,
        "found_quantity": line.found_quantity,
        "broken_quantity": line.lost_quantity,
        "unit_price_minor": line.unit_price_minor,
        "total_minor": line.total_minor,
        "state": line.state.value,
    }


def shown_coming(line: Line) -> Mapping[str, Any]:
    """Nothing of most lines, and of none before another location holds what it is to send."""
    if line.coming is None or not line.coming.held:
        return {}
    return {
        "brought_quantity": line.brought_quantity,
        "brought_from_location_id": line.coming.location_id,
        "expected_time": line.expected_time.isoformat() if line.expected_time else "",
    }
