"""What inventory has told to be held no longer, and what that makes of its order. Pure.

A till's sale or a count may take what an order holds; then inventory breaks the newest holds.
The order goes on with what is left. Nothing of it waits for another location: there are no
transfers yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.collect.order.saga import UNSTAGED, ended
from services.collect.order.values import Line, Order, State

SOLD_OUT = "INSUFFICIENT_STOCK"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLine:
    """Units of a line that are no longer held, all there are by then."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenHold:
    """What is broken of a reservation at `revision`; `done` once its order knows."""

    reservation_id: str
    order_id: str
    lines: tuple[BrokenLine, ...]
    revision: int
    done: bool = False


def told(before: BrokenHold | None, hold: BrokenHold) -> BrokenHold | None:
    """What is kept after an event, or None if it brings nothing new."""
    return None if before is not None and before.revision >= hold.revision else hold


def noted_over(before: BrokenHold | None, hold: BrokenHold) -> BrokenHold:
    """What is kept of a hold that was asked for: nothing that its order has yet to be told is
    forgotten, since an event may have told it while we asked, and none will again."""
    if before is None or before.done:
        return hold
    quantities = {line.sku: line.quantity for line in hold.lines}
    for line in before.lines:
        quantities[line.sku] = max(line.quantity, quantities.get(line.sku, 0))
    lines = tuple(BrokenLine(sku=sku, quantity=n) for sku, n in quantities.items())
    return replace(hold, lines=lines)


def done_with(now: BrokenHold | None, hold: BrokenHold) -> BrokenHold | None:
    """The hold once its order knows; None where more was broken meanwhile: it is told again."""
    return replace(hold, done=True) if now == hold else None


def is_early(order: Order) -> bool:
    """Whether the order does not know yet which reservation is its own."""
    return order.state is State.PLACING and not order.reservation_id


def broken(order: Order, hold: BrokenHold, *, now: datetime) -> Order:
    """The order with what is left; refused or cancelled where it cannot go on.

    What was found is in somebody's hands: of a line that somebody has looked at as much stands
    as before, and less of it is missing. An order that is staged stays as it is.
    """
    if order.reservation_id != hold.reservation_id:
        return order  # Of a placing before, which was refused.
    if order.state is State.PLACING:
        # Its customer is still there. And its payment may be under way, for all of it.
        return ended(order, State.REFUSED, actor="system", cause=SOLD_OUT, now=now)
    if order.state not in UNSTAGED:
        return order
    quantities = {line.sku: line.quantity for line in hold.lines}
    after = replace(order, lines=tuple(fewer(line, quantities) for line in order.lines))
    if after == order or any(line.standing_quantity for line in after.lines):
        return after
    return ended(after, State.CANCELLED, actor="system", cause=SOLD_OUT, now=now)


def fewer(line: Line, quantities: Mapping[str, int]) -> Line:
    """Of which nothing stands, nobody need look for it: found zero, unless somebody does."""
    quantity = min(quantities.get(line.sku, 0), line.quantity)
    if quantity <= line.broken_quantity:
        return line
    is_gone = line.found_quantity is None and quantity == line.quantity
    found = 0 if is_gone else line.found_quantity
    return replace(line, broken_quantity=quantity, found_quantity=found)
