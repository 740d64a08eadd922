"""The work in the shop: what was found, staged, loaded, handed over. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import partial

from chassis.errors import AppError, Kind
from services.collect.order import staging
from services.collect.order.domain import OrderNotReadyError, moved, owing
from services.collect.order.saga import (
    UNSTAGED,
    collected_after_all,
    door_stayed_shut,
    ended,
    never_loaded,
)
from services.collect.order.values import Method, Money, Order, State, StepName

BIN_LENGTH_MAX = 32


class UnknownLocationError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_LOCATION"


class UnknownLineError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_LINE"


class InvalidPickError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_PICK"


class InvalidBinError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_BIN"


class OrderNotPickableError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ORDER_NOT_PICKABLE"


class OrderNotPickedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ORDER_NOT_PICKED"


class OrderNotStagedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ORDER_NOT_STAGED"


class PaymentDueError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PAYMENT_DUE"


class WrongCodeError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "WRONG_CODE"


def check_location(location_id: str, location_ids: Collection[str]) -> None:
    """Raises UnknownLocationError for a shop that is not the caller's, there or not."""
    if location_id not in location_ids:
        raise UnknownLocationError("no such shop", location_id=location_id)


def picked(
    order: Order, *, line_number: int, found_quantity: int, now: datetime, look_position: int = 0
) -> Order:
    """With so much of one line found.

    Raises OrderNotPickableError, UnknownLineError, InvalidPickError.
    """
    if order.state not in UNSTAGED:
        raise OrderNotPickableError(f"the order is {order.state.value}", state=order.state.value)
    line = next((line for line in order.lines if line.line_number == line_number), None)
    if line is None:
        raise UnknownLineError("the order has no such line", line_number=line_number)
    # What another location sends nobody has to look for: it would be there twice.
    most = line.quantity - line.brought_quantity
    if not 0 <= found_quantity <= most:
        raise InvalidPickError(
            f"0 to {most} can be found of line {line_number}",
            line_number=line_number,
            quantity=most,
        )
    started = (
        order
        if order.state is State.PICKING
        else moved(order, State.PICKING, actor="staff", now=now)
    )
    looked = partial(replace, found_quantity=found_quantity, look_position=look_position)
    lines = (looked(each) if each.line_number == line_number else each for each in started.lines)
    return replace(started, lines=tuple(lines))


def staged(order: Order, *, bin_label: str, now: datetime) -> Order:
    """In its bin; ready at a counter unless something is still to come; cancelled where nothing
    was found.

    Raises InvalidBinError, OrderNotPickedError.
    """
    if not 1 <= len(bin_label.strip()) <= BIN_LENGTH_MAX:
        raise InvalidBinError(f"a bin's label has 1 to {BIN_LENGTH_MAX} characters")
    # Of what another location sends alone there is nothing to pick.
    if order.state not in UNSTAGED or any(line.found_quantity is None for line in order.lines):
        raise OrderNotPickedError("record every line first", state=order.state.value)
    if not any(line.standing_quantity for line in order.lines):
        return ended(
            replace(order, lines=tuple(map(staging.without_nothing, order.lines))),
            State.CANCELLED,
            actor="staff",
            cause="NOT_FOUND",
            now=now,
        )
    return staging.staged(order, bin_label.strip(), now=now)


def check_in_locker(order: Order) -> None:
    """Raises OrderNotStagedError for an order of a counter."""
    if not order.in_locker:
        raise OrderNotStagedError("the order is collected at a counter", state=order.state.value)


def handed_over(order: Order, *, code_opens: bool, paid_at_counter: bool, now: datetime) -> Order:
    """In the customer's hands. Raises OrderNotReadyError, WrongCodeError, PaymentDueError."""
    if order.in_locker or order.state is not State.READY:
        raise OrderNotReadyError(f"the order is {order.state.value}", state=order.state.value)
    if not code_opens:
        # It became ready only after its code was looked at, so nobody has checked it.
        raise WrongCodeError("this is not the order's code now: ask for a new one")
    if order.method is Method.AT_COUNTER and not paid_at_counter:
        raise PaymentDueError(
            f"{order.total_minor} {order.currency} are due: take the money, then say so",
            total_minor=order.total_minor,
            currency=order.currency,
        )
    after = collected(order, actor="staff", now=now)
    return after if order.method is Method.REFERENCE else replace(after, money=Money.CAPTURED)


def collected(order: Order, *, actor: str, now: datetime) -> Order:
    capture = (StepName.CAPTURE,) if order.method is Method.REFERENCE else ()
    after = moved(order, State.COLLECTED, actor=actor, now=now)
    # The money first: nothing that is amiss with the stock may keep us from it.
    return owing(after, *capture, StepName.GONE, now=now)


def door_asked(order: Order) -> Order:
    """Somebody stands before its compartment to load it. Raises OrderNotStagedError."""
    if order.state is not State.STAGED:
        raise OrderNotStagedError(f"the order is {order.state.value}", state=order.state.value)
    if order.is_awaiting:
        raise OrderNotStagedError("some of it is still on its way", state=order.state.value)
    return replace(order, door_asked=True)


def loaded(order: Order, *, compartment_id: str, now: datetime) -> Order:
    """The cabinet has closed its door upon it, though it may have been called off meanwhile."""
    waits = order.state in (State.STAGED, State.CANCEL_PENDING) or order.may_still_lie_inside
    if order.loaded or not waits:
        return order
    is_ready = order.state is State.STAGED
    after = moved(order, State.READY, actor="locker", now=now) if is_ready else order
    inside = replace(after, place_label=compartment_id, loaded=True)
    return owing(inside, StepName.TO_LOCKER, now=now)


def opened(order: Order, *, now: datetime) -> Order:
    """The door has opened for its code: it is collected, also if it was called off meanwhile."""
    if order.may_still_lie_inside:
        return collected_after_all(order, now=now)
    if order.state not in (State.READY, State.CANCEL_PENDING):
        return order
    return collected(replace(order, ending=None), actor="locker", now=now)


def revoked(order: Order, *, now: datetime) -> Order:
    """The cabinet says that its door stayed shut."""
    if order.state is State.CANCEL_PENDING:
        return door_stayed_shut(order, now=now)
    return never_loaded(order, now=now) if order.may_still_lie_inside else order


def taken_back(order: Order, *, now: datetime) -> Order:
    """Staff took out what was called off: its units go back to the shelf."""
    if not order.may_still_lie_inside:
        return order  # Taken out before, and put back then.
    return owing(replace(order, place_label=""), StepName.PUT_BACK, now=now)
