"""How a parcel is held, packed, sent and received, and how it is called off. Pure.

Its units are the order's at every step: held at the source, then staged there, in transit to the
target and staged at it. What it owes to inventory stands in its `todo`, as an order's steps do.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chassis.errors import AppError, Kind, Violation
from services.collect.order.bringing import Brought
from services.collect.order.domain import LEASE, RETRY_FIRST, RETRY_MAX, LeaseLostError
from services.collect.parcel.values import OVER, Parcel, ParcelLine, State, Task, TaskName

BIN_LENGTH_MAX = 32
# Nobody is told of it before it is held, and what it lacks the customer is told no later.
ASK_WITHIN = timedelta(minutes=2)


class UnknownParcelError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_PARCEL"


class ParcelNotHeldError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PARCEL_NOT_HELD"


class ParcelNotPackedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PARCEL_NOT_PACKED"


class ParcelNotSentError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "PARCEL_NOT_SENT"


class InvalidParcelError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_PARCEL"


def check_there(parcel: Parcel | None, location_id: str, theirs: Collection[str] | None) -> Parcel:
    """Raises UnknownParcelError for what is not there, or not at a location of theirs."""
    if parcel is None or (theirs is not None and location_id not in theirs):
        raise UnknownParcelError("no such parcel")
    return parcel


def packed(
    parcel: Parcel, *, quantities: Mapping[str, int], bin_label: str, now: datetime
) -> Parcel:
    """In a bin at the source, as many as were found; short where none were.

    Raises ParcelNotHeldError, InvalidParcelError.
    """
    if parcel.state is not State.HELD:
        raise ParcelNotHeldError(f"the parcel is {parcel.state.value}", state=parcel.state.value)
    check_quantities(parcel, quantities, lambda line: line.held_quantity)
    label = checked_label(bin_label) if any(quantities.values()) else ""
    lines = tuple(replace(line, packed_quantity=quantities[line.sku]) for line in parcel.lines)
    state = State.PACKED if any(quantities.values()) else State.SHORT
    return owing(replace(parcel, lines=lines, state=state, bin_label=label), TaskName.PACK, now=now)


def sent(parcel: Parcel, *, now: datetime) -> Parcel:
    """In the carrier's hands. Raises ParcelNotPackedError."""
    if parcel.state is not State.PACKED:
        raise ParcelNotPackedError(f"the parcel is {parcel.state.value}", state=parcel.state.value)
    return owing(replace(parcel, state=State.SENT), TaskName.SEND, now=now)


def received(
    parcel: Parcel, *, quantities: Mapping[str, int], bin_label: str, now: datetime
) -> Parcel:
    """Unpacked at the target, as many as have come: none says that it never will.

    Raises ParcelNotSentError, InvalidParcelError.
    """
    if parcel.state is not State.SENT:
        raise ParcelNotSentError(f"the parcel is {parcel.state.value}", state=parcel.state.value)
    check_quantities(parcel, quantities, lambda line: line.sent_quantity)
    to_shelf = parcel.called_off or not any(quantities.values())
    label = "" if to_shelf else checked_label(bin_label)
    lines = tuple(replace(line, received_quantity=quantities[line.sku]) for line in parcel.lines)
    after = replace(
        parcel,
        lines=lines,
        state=State.UNPACKED,
        place_label=label,
        to_shelf=parcel.called_off,
    )
    return owing(after, TaskName.RECEIVE, now=now)


def check_quantities(
    parcel: Parcel, quantities: Mapping[str, int], most: Callable[[ParcelLine], int]
) -> None:
    """Raises InvalidParcelError unless each line is named, with no more than there can be."""
    if quantities.keys() != {line.sku for line in parcel.lines}:
        raise invalid_parcel("lines", "each article of the parcel, once")
    for line in parcel.lines:
        if not 0 <= quantities[line.sku] <= most(line):
            raise invalid_parcel("lines", f"0 to {most(line)} of {line.sku}")


def checked_label(bin_label: str) -> str:
    """Raises InvalidParcelError."""
    label = bin_label.strip()
    if not 1 <= len(label) <= BIN_LENGTH_MAX:
        raise invalid_parcel("bin_label", f"1 to {BIN_LENGTH_MAX} characters")
    return label


def invalid_parcel(field: str, description: str) -> InvalidParcelError:
    return InvalidParcelError(
        f"{field}: {description}", violations=(Violation(field, description),)
    )


def called_off(parcel: Parcel, *, now: datetime) -> Parcel:
    """Its order wants it no more: what nobody has packed is let go, what is packed goes back to
    the shelf where it lies. What is on its way is unpacked as ever, and put on the shelf there."""
    if parcel.state in (State.ASKED, State.HELD):
        return let_go(parcel, State.CALLED_OFF, now=now)
    if parcel.state is State.PACKED:
        return owing(replace(parcel, state=State.CALLED_OFF), TaskName.PUT_BACK, now=now)
    if parcel.state is State.SENT:
        return replace(parcel, called_off=True)
    if parcel.state is State.UNPACKED and not parcel.to_shelf:
        return owing(replace(parcel, called_off=True), TaskName.PUT_BACK, now=now)
    return parcel


def let_go(parcel: Parcel, state: State, *, now: datetime) -> Parcel:
    """Undone by the hold's own id, whether it was made or not."""
    return owing(replace(parcel, state=state, todo=()), TaskName.RELEASE, now=now)


def broken(parcel: Parcel, quantities: Mapping[str, int], *, now: datetime) -> Parcel:
    """So many of each are no longer held at the source, all there are by then.

    What is packed is in somebody's hands: that stays.
    """
    if parcel.state is not State.HELD:
        return parcel
    lines = tuple(
        replace(line, broken_quantity=max(line.broken_quantity, least(line, quantities)))
        for line in parcel.lines
    )
    after = replace(parcel, lines=lines)
    if any(line.held_quantity for line in lines):
        return after
    return let_go(after, State.SHORT, now=now)


def least(line: ParcelLine, quantities: Mapping[str, int]) -> int:
    return min(quantities.get(line.sku, 0), line.quantity)


def timed_out(parcel: Parcel, *, now: datetime) -> Parcel:
    """What becomes of it by the clock alone: nobody answers, or nobody packs it."""
    never_held = parcel.state is State.ASKED and now >= parcel.create_time + ASK_WITHIN
    never_packed = parcel.state is State.HELD and now >= parcel.hold_until
    return let_go(parcel, State.SHORT, now=now) if never_held or never_packed else parcel


def taken_over(parcel: Parcel, *, now: datetime, lease: timedelta = LEASE) -> Parcel:
    """The parcel under a new lease, as the clock alone has made it. Raises LeaseLostError unless
    it is due."""
    if parcel.wake_time is None or parcel.wake_time > now:
        raise LeaseLostError(parcel.parcel_id)
    ours = replace(parcel, lease_epoch=parcel.lease_epoch + 1)
    return resting(timed_out(ours, now=now), now=now, lease=lease)


def settled(
    parcel: Parcel, task: Task, result: str, *, now: datetime, lease: timedelta = LEASE
) -> Parcel:
    """With `task` done. One that is owed no more, as it is being undone, changes nothing."""
    if not is_next(parcel, task):
        return parcel
    after = replace(parcel, todo=parcel.todo[1:])
    if task.name is TaskName.HOLD:
        after = replace(after, state=State.HELD, reservation_id=result)
    if task.name is TaskName.RECEIVE:
        after = replace(after, state=end_of(after))
    return resting(after, now=now, lease=lease)


def end_of(parcel: Parcel) -> State:
    if parcel.called_off:
        return State.CALLED_OFF
    return State.ARRIVED if any(line.received_quantity for line in parcel.lines) else State.SHORT


def refused(parcel: Parcel, task: Task, *, now: datetime) -> Parcel:
    """The source gives none. A try whose answer was lost may yet be done: so it is undone."""
    if not is_next(parcel, task) or task.name is not TaskName.HOLD:
        return parcel
    return let_go(parcel, State.SHORT, now=now)


def postponed(parcel: Parcel, task: Task, reason: str, *, now: datetime) -> Parcel:
    """`task` failed for `reason`: it is sent again after a pause that doubles."""
    if not is_next(parcel, task):
        return parcel
    pause = min(RETRY_FIRST * 2 ** min(task.tries, 16), RETRY_MAX)
    noted = replace(task, tries=task.tries + 1, fail_reason=reason, fail_time=task.fail_time or now)
    return replace(parcel, todo=(noted, *parcel.todo[1:]), wake_time=now + pause)


def is_next(parcel: Parcel, task: Task) -> bool:
    return bool(parcel.todo) and parcel.todo[0] == task


def owing(parcel: Parcel, name: TaskName, *, now: datetime) -> Parcel:
    return replace(parcel, todo=(*parcel.todo, Task(name=name)), wake_time=now)


def resting(parcel: Parcel, *, now: datetime, lease: timedelta = LEASE) -> Parcel:
    """With the time at which somebody must look at it next."""
    if parcel.todo:
        return replace(parcel, wake_time=now + lease)
    return replace(parcel, wake_time=parcel.hold_until if parcel.state is State.HELD else None)


def brought_of(parcel: Parcel) -> Brought:
    """What its order is told."""
    return Brought(
        parcel_id=parcel.parcel_id,
        quantities=parcel.standing,
        held=bool(parcel.reservation_id),
        arrived=parcel.state is State.ARRIVED,
        bin_label=parcel.place_label if parcel.state is State.ARRIVED else "",
    )


def is_over(parcel: Parcel) -> bool:
    return parcel.state in OVER and not parcel.todo
