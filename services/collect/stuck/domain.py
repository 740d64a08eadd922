"""What an operator may do to an order whose next step fails, and what that leaves. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from chassis.errors import AppError, Kind
from services.collect.order.saga import ended, is_replacing, resting, unpaid, unreplaced
from services.collect.order.values import Money, Order, State, Step, StepName
from services.collect.parcel.values import TaskName

# A restart of a neighbour takes less: 200 ms, doubling, come to some six seconds.
STUCK_TRIES = 5
ABANDONED = "ABANDONED"
OPERATOR = "operator"


class OrderNotStuckError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ORDER_NOT_STUCK"


class UnknownResidueError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_RESIDUE"


@dataclass(frozen=True, slots=True)
class Units:
    """Units that went from one bucket to another without the books knowing."""

    sku: str
    quantity: int
    source: str
    target: str
    location_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """What an abandoned step left undone, or may have: somebody must look, and settle it.

    Attributes:
        reservation_id: May still claim units until `hold_until`; empty where it is not known.
        replacement_id: As `reservation_id`, of others in place of what was broken of it, and
            for up to 7 days longer.
        parcel_task: Of the parcel `parcel_id`, that was given up; `step` is then the order's that
            is most like it, for replicas that know no parcels.
        payment_id: At the provider, and open there; empty for none.
        amount_minor: Of the payment; 0 where it is not known.
    """

    residue_id: str
    order_id: str
    location_id: str
    step: StepName
    abandon_time: datetime
    units: tuple[Units, ...] = ()
    reservation_id: str = ""
    replacement_id: str = ""
    hold_until: datetime | None = None
    payment_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    settled: bool = False
    parcel_id: str = ""
    parcel_task: TaskName | None = None


def retried(order: Order, *, now: datetime) -> Order:
    """Due at once. Raises OrderNotStuckError."""
    failing_step(order)
    return replace(order, wake_time=now)


def failing_step(order: Order) -> Step:
    """The step that is next and has failed. Raises OrderNotStuckError."""
    if not order.todo or not order.todo[0].tries:
        raise OrderNotStuckError("none of its steps fails", order_id=order.order_id)
    return order.todo[0]


def step_to_abandon(order: Order, name: StepName) -> Step:
    """Raises OrderNotStuckError when another one fails, or none."""
    step = failing_step(order)
    if step.name is not name:
        raise OrderNotStuckError(
            f"the step that fails is {step.name.value}: look again",
            order_id=order.order_id,
            step=step.name.value,
        )
    return step


def leaves_residue(order: Order) -> bool:
    """Whether giving its step up leaves anything: what is asked for is undone by its own id."""
    return not is_asked_in_placing(order) and not is_replacing(order)


def abandoned(order: Order, *, now: datetime) -> Order:
    """Without the step that fails, and with what that makes of it. Raises OrderNotStuckError."""
    after = AFTER.get(failing_step(order).name, without)(order, now)
    # At once: what comes behind it has waited long enough.
    return replace(after, wake_time=now) if after.todo else after


def asked_in_vain(order: Order, now: datetime) -> Order:
    """A placing ends, undone by the ids of what was asked; what was collected is owed."""
    if is_replacing(order):
        return unreplaced(order, now=now)
    if is_asked_in_placing(order):
        return ended(order, State.REFUSED, actor=OPERATOR, cause=ABANDONED, now=now)
    return unpaid(order, cause=ABANDONED, now=now)


def is_asked_in_placing(order: Order) -> bool:
    asked = order.todo[0].name in (StepName.RESERVE, StepName.AUTHORISE)
    return asked and order.state is State.PLACING


def unsure(order: Order, now: datetime) -> Order:
    """Nobody knows where the money is until somebody has asked the provider.

    The payment of an earlier attempt says nothing of this one's.
    """
    money = Money.UNKNOWN if order.todo[0].attempt == order.attempt else order.money
    return replace(without(order, now), money=money)


def without(order: Order, now: datetime) -> Order:
    return resting(replace(order, todo=order.todo[1:]), now=now)


After: TypeAlias = Callable[[Order, datetime], Order]
# What giving a step up makes of the order, beside owing it no more.
AFTER: Mapping[StepName, After] = {
    StepName.RESERVE: asked_in_vain,
    StepName.AUTHORISE: asked_in_vain,
    StepName.VOID: unsure,
    StepName.CAPTURE: unsure,
}


def settled(residue: Residue | None, *, residue_id: str) -> Residue:
    """Raises UnknownResidueError."""
    if residue is None or residue.settled:
        raise UnknownResidueError("no residue to settle has this id", residue_id=residue_id)
    return replace(residue, settled=True)
