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
from services.collect.order.line import Line
from services.collect.order.staging import staged_by_what_came
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
SOLD_OUT = "INSUFFICIENT_STOCK"


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
        after = reserved(after, result)
    if after.state is State.PLACING and not after.todo:
        after = moved(after, State.CONFIRMED, actor="system", now=now)
    return resting(after, now=now, lease=lease)


def reserved(order: Order, reservation_id: str) -> Order:
    if order.has_replacement:
        return replace(order, replacement_id=reservation_id)
    return replace(order, reservation_id=reservation_id)


def refused(order: Order, step: Step, reason: str, *, now: datetime) -> Order:
    """Another service will not do `step`: what came before it in a placing is undone."""
    if not order.todo or order.todo[0] != step or step.name not in ASKED:
        return order
    if is_replacing(order):
        return let_go(order, unreplaced(order, now=now), now=now)
    if order.state is State.COLLECTED:
        return unpaid(order, cause=reason, now=now)
    return ended(order, State.REFUSED, actor="system", cause=reason, now=now)


def is_replacing(order: Order) -> bool:
    """Whether what it owes next is to ask for others in place of what is broken."""
    is_reserving = bool(order.todo) and order.todo[0].name is StepName.RESERVE
    return is_reserving and order.has_replacement


def unreplaced(order: Order, *, now: datetime) -> Order:
    """Of the others that were asked for none stands: it goes on with what is left."""
    lines = tuple(replace(line, replaced_quantity=0) for line in order.lines)
    after = resting(replace(order, lines=lines, todo=order.todo[1:]), now=now)
    return shortened(after, now=now) if after.state in UNSTAGED else after


def let_go(before: Order, after: Order, *, now: datetime) -> Order:
    """With what was refused undone, where the order goes on and nothing else does it.

    The same question of another replica may be late, and be granted when units have come in.
    """
    if is_letting_go(before) or after.state not in UNSTAGED:
        return after
    return owing(after, StepName.RESERVE, now=now)


def is_letting_go(order: Order) -> bool:
    """Whether it goes on without the others that it asked for, and owes the undoing of that."""
    return is_replacing(order) and not any(line.replaced_quantity for line in order.lines)


def unpaid(order: Order, *, cause: str, now: datetime) -> Order:
    """What the customer has is not paid for by reference any more: they owe it."""
    left = tuple(s for s in order.todo if s.name not in (StepName.AUTHORISE, StepName.CAPTURE))
    return resting(replace(order, money=Money.DUE, cause=cause, todo=left), now=now)


def postponed(order: Order, step: Step, reason: str, *, now: datetime) -> Order:
    """`step` failed for `reason`: it is sent again after a pause that doubles, until it is done."""
    if not order.todo or order.todo[0] != step:
        return order
    pause = min(RETRY_FIRST * 2 ** min(step.tries, 16), RETRY_MAX)
    return replace(failed(order, reason, now=now), wake_time=now + pause)


def set_aside(order: Order, reason: str, *, now: datetime) -> Order:
    """To be looked at again later, as nobody knows what to do with it now."""
    return replace(failed(order, reason, now=now), wake_time=now + ASIDE)


def failed(order: Order, reason: str, *, now: datetime) -> Order:
    """With one more failure noted of the step that is next, where there is one."""
    if not order.todo:
        return order
    step, *later = order.todo
    first = step.fail_time or now
    noted = replace(step, tries=step.tries + 1, fail_reason=reason, fail_time=first)
    return replace(order, todo=(noted, *later))


def timed_out(order: Order, *, now: datetime) -> Order:
    """What becomes of the order by the clock alone: refused unconfirmed, expired uncollected."""
    if order.state is State.PLACING and now >= order.confirm_by_time:
        return ended(order, State.REFUSED, actor="system", cause="CONFIRMATION_TIMEOUT", now=now)
    if order.state is State.CANCEL_PENDING:
        is_silent = now >= order.collect_by_time + SILENT_MAX
        return given_up(order, now=now) if is_silent else order
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
    """Ended at once, or, where it may lie behind a door, when the cabinet has told."""
    if order.may_lie_behind_a_door:
        pending = moved(order, State.CANCEL_PENDING, actor=actor, cause=cause, now=now)
        # The code opens until then, by the cabinet's clock, whatever we decide here.
        return resting(replace(pending, ending=end), now=now)
    return ended(order, end, actor=actor, cause=cause, now=now)


def door_stayed_shut(order: Order, *, now: datetime) -> Order:
    """The cabinet will not open any more. Money is free; what lies inside waits for staff."""
    after = ended_pending(order, actor="locker", now=now)
    return never_loaded(after, now=now)


def never_loaded(order: Order, *, now: datetime) -> Order:
    """What the cabinet had never taken in is in its bin, and goes back from there."""
    if order.loaded:
        return order
    return owing(replace(order, place_label=""), StepName.PUT_BACK, now=now)


def given_up(order: Order, *, now: datetime) -> Order:
    """Its cabinet is silent for good, as far as we can wait: the money is let go.

    Its units stay where the books have them: nobody knows yet whether they are there.
    """
    return ended_pending(order, actor="system", now=now)


def ended_pending(order: Order, *, actor: str, now: datetime) -> Order:
    end = order.ending or State.CANCELLED
    after = moved(order, end, actor=actor, cause=order.cause, now=now)
    return owing(after, *voiding(order), now=now)


def collected_after_all(order: Order, *, now: datetime) -> Order:
    """Told only after it had been given up that it was collected.

    Its payment was let go, for ever: the money is asked for anew, under another id.
    """
    again = replace(order, attempt=order.attempt + 1, money=Money.UNKNOWN, ending=None)
    after = moved(again, State.COLLECTED, actor="locker", now=now)
    return owing(after, StepName.AUTHORISE, StepName.CAPTURE, StepName.GONE, now=now)


def ended(order: Order, end: State, *, actor: str, cause: str, now: datetime) -> Order:
    """Ended, owing whatever undoes what was done or may have been."""
    over = moved(order, end, actor=actor, cause=cause, now=now)
    after = replace(over, place_label="")
    if order.state in STAGED:
        return owing(after, StepName.PUT_BACK, *voiding(order), now=now)
    # What is still to be asked will not be; what may have been asked is undone by its id.
    undoing = tuple(step for step in order.todo if step.name not in ASKED)
    brought = (StepName.PUT_BACK,) * any(line.arrived_quantity for line in order.lines)
    return owing(replace(after, todo=undoing), *giving_back(order), *brought, now=now)


def shortened(order: Order, *, actor: str = "system", now: datetime) -> Order:
    """With what is left of it; cancelled where nothing stands, staged where all of it has come.

    What was found is in somebody's hands, so of a line that somebody has looked at as much
    stands as before. One of which nothing is left nobody need look for.
    """
    lines = tuple(
        replace(line, found_quantity=0) if is_gone(line) else line for line in order.lines
    )
    after = replace(order, lines=lines)
    if any(line.standing_quantity for line in lines):
        return staged_by_what_came(after, actor=actor, now=now)
    return ended(after, State.CANCELLED, actor="system", cause=SOLD_OUT, now=now)


def is_gone(line: Line) -> bool:
    """Whether there is nothing to look for; what is asked for elsewhere may yet be refused."""
    if line.found_quantity is not None or (line.is_awaiting and line.expected_time is None):
        return False
    return line.gone_quantity == line.quantity


def giving_back(order: Order) -> tuple[StepName, ...]:
    """The hold and the money of an order that nobody has staged.

    Letting the hold go where a picker has missed some would leave in the book what is not there.
    """
    if any(line.missing_quantity for line in order.lines):
        return (StepName.COMMIT, *voiding(order))
    return (*voiding(order), StepName.UNRESERVE)


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
