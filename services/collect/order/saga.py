"""How what an order owes is struck off, retried or undone, and how an order is called off. Pure.

A step's result counts only under the lease epoch it was sent in. Undoing is done by the
step's own id, so it does not matter whether the step has arrived: see `workflow`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.collect.order.domain import (
    LEASE,
    RETRY_FIRST,
    RETRY_MAX,
    SILENT_MAX,
    LeaseLostError,
    OrderEndedError,
    moved,
    owing,
)
from services.collect.order.values import (
    ASKED,
    ENDED,
    LIVE,
    Method,
    Money,
    Order,
    State,
    Step,
    StepName,
)

# What the money becomes when a step is done.
MONEY_AFTER = {
    StepName.AUTHORISE: Money.AUTHORISED,
    StepName.VOID: Money.VOIDED,
    StepName.CAPTURE: Money.CAPTURED,
}
STAGED = (State.STAGED, State.READY)
# Whose units nobody has taken from the shelf yet: only the hold keeps them.
UNSTAGED = (State.CONFIRMED, State.PICKING)
ASIDE = timedelta(minutes=1)


def taken_over(order: Order, *, now: datetime, lease: timedelta = LEASE) -> Order:
    """The order under a new lease. Raises LeaseLostError unless it is due."""
    if order.wake_time is None or order.wake_time > now:
        raise LeaseLostError(order.order_id)
    return replace(order, lease_epoch=order.lease_epoch + 1, wake_time=now + lease)


def check_lease(order: Order, epoch: int) -> None:
    """Raises LeaseLostError when another replica has taken the order over."""
    if order.lease_epoch != epoch:
        raise LeaseLostError(order.order_id)


def settled(
    order: Order, step: Step, result: str, *, now: datetime, lease: timedelta = LEASE
) -> Order:
    """With `step` done. A step that is owed no more (it is being undone) changes nothing."""
    if not order.todo or order.todo[0] != step:
        return order
    after = replace(order, todo=order.todo[1:])
    if step.attempt == order.attempt:
        after = replace(after, money=MONEY_AFTER.get(step.name, order.money))
    if step.name is StepName.RESERVE:
        after = replace(after, reservation_id=result)
    if after.state is State.PLACING and not after.todo:
        after = moved(after, State.CONFIRMED, actor="system", now=now)
    return resting(after, now=now, lease=lease)


def refused(order: Order, step: Step, reason: str, *, now: datetime) -> Order:
    """Another service will not do `step` of a placing: what came before is undone."""
    if not order.todo or order.todo[0] != step or step.name not in ASKED:
        return order
    return ended(order, State.REFUSED, actor="system", cause=reason, now=now)


def postponed(order: Order, step: Step, *, now: datetime) -> Order:
    """`step` was not answered: it is sent again after a pause that doubles, until it is."""
    if not order.todo or order.todo[0] != step:
        return order
    pause = min(RETRY_FIRST * 2 ** min(step.tries, 16), RETRY_MAX)
    again = replace(step, tries=step.tries + 1)
    return replace(order, todo=(again, *order.todo[1:]), wake_time=now + pause)


def set_aside(order: Order, *, now: datetime) -> Order:
    """To be looked at again later, as nobody knows what to do with it now."""
    return replace(order, wake_time=now + ASIDE)


def timed_out(order: Order, *, now: datetime) -> Order:
    """What becomes of the order by the clock alone: refused unconfirmed, expired uncollected."""
    if order.state is State.PLACING and now >= order.confirm_by_time:
        return ended(order, State.REFUSED, actor="system", cause="CONFIRMATION_TIMEOUT", now=now)
    if order.state is State.CANCEL_PENDING:
        given_up = now >= order.collect_by_time + SILENT_MAX
        return door_stayed_shut(order, now=now) if given_up else order
    if order.state in UNSTAGED and now >= order.hold_until:
        return called_off(order, State.EXPIRED, actor="system", cause="NOT_PICKED", now=now)
    if order.state in LIVE and now >= order.collect_by_time and not order.todo:
        return called_off(order, State.EXPIRED, actor="system", cause="NOT_COLLECTED", now=now)
    return order


def cancelled(order: Order, *, actor: str, cause: str, now: datetime) -> Order:
    """Called off by either side. Raises OrderEndedError."""
    if order.state in ENDED or order.state is State.CANCEL_PENDING:
        raise OrderEndedError(
            f"the order is {order.state.value} already",
            order_id=order.order_id,
            state=order.state.value,
        )
    return called_off(order, State.CANCELLED, actor=actor, cause=cause, now=now)


def called_off(order: Order, end: State, *, actor: str, cause: str, now: datetime) -> Order:
    """Ended at once, or, where it lies behind a door, when that door is known shut."""
    if order.in_locker and order.state is State.READY:
        pending = moved(order, State.CANCEL_PENDING, actor=actor, cause=cause, now=now)
        # The code opens until then, by the cabinet's clock, whatever we decide here.
        return resting(replace(pending, ending=end), now=now)
    return ended(order, end, actor=actor, cause=cause, now=now)


def door_stayed_shut(order: Order, *, now: datetime) -> Order:
    """The cabinet will not open any more. Money is free; the units wait for staff."""
    end = order.ending or State.CANCELLED
    after = moved(order, end, actor="locker", cause=order.cause, now=now)
    return owing(after, *voiding(order), now=now)


def ended(order: Order, end: State, *, actor: str, cause: str, now: datetime) -> Order:
    """Ended, owing whatever undoes what was done or may have been."""
    after = moved(order, end, actor=actor, cause=cause, now=now)
    if order.state in STAGED:
        after = replace(after, place_label="")
        return owing(after, StepName.PUT_BACK, *voiding(order), now=now)
    # What is still to be asked will not be; what may have been asked is undone by its id.
    undoing = tuple(step for step in order.todo if step.name not in ASKED)
    return owing(replace(after, todo=undoing), *voiding(order), StepName.UNRESERVE, now=now)


def voiding(order: Order) -> tuple[StepName, ...]:
    return (StepName.VOID,) if order.method is Method.REFERENCE else ()


def moves_money(order: Order) -> bool:
    """Whether its money is not yet where it will stay."""
    return any(step.name in MONEY_AFTER for step in order.todo)


def resting(order: Order, *, now: datetime, lease: timedelta = LEASE) -> Order:
    """With the time at which somebody must look at it next."""
    if order.todo:
        return replace(order, wake_time=now + lease)
    if order.state is State.CANCEL_PENDING:
        return replace(order, wake_time=order.collect_by_time + SILENT_MAX)
    if order.state in UNSTAGED:
        return replace(order, wake_time=order.hold_until)
    return replace(order, wake_time=order.collect_by_time if order.state in LIVE else None)
