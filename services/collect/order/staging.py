"""How an order comes into its bin: by who picked it, or by what another location sent. Pure."""

from dataclasses import replace
from datetime import datetime

from services.collect.order.domain import moved, owing
from services.collect.order.line import Line, LineState
from services.collect.order.values import Order, State, StepName


def staged(order: Order, bin_label: str, *, actor: str = "staff", now: datetime) -> Order:
    """In its bin; ready at a counter unless something is still to come."""
    after = replace(order, lines=tuple(map(without_nothing, order.lines)), place_label=bin_label)
    waits = after.in_locker or after.is_awaiting
    state = State.STAGED if waits else State.READY
    return owing(moved(after, state, actor=actor, now=now), StepName.COMMIT, now=now)


def without_nothing(line: Line) -> Line:
    return line if line.standing_quantity else replace(line, state=LineState.CANCELLED)


def staged_by_what_came(order: Order, *, actor: str, now: datetime) -> Order:
    """Before anybody has staged it only what has come lies in a bin: where that is all there is,
    nobody else would."""
    if not order.place_label or is_to_be_picked(order):
        return order
    return staged(order, order.place_label, actor=actor, now=now)


def is_to_be_picked(order: Order) -> bool:
    """Whether staff have yet to look for some of it, or to put what they found into its bin."""
    is_found = [line.found_quantity for line in order.lines]
    return order.is_awaiting or any(found is None or found for found in is_found)
