"""What inventory has told to be held no longer, and what that makes of its order. Pure.

A till's sale or a count may take what an order holds; then inventory breaks the newest holds.
The order asks once for others at its location in their place, as many as are free, then other
locations for the rest, and goes on with what is left where there are none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from services.collect.order.bringing import NOTHING as NOTHING_COMES
from services.collect.order.bringing import Bringing, asking
from services.collect.order.domain import owing
from services.collect.order.line import Line
from services.collect.order.saga import SOLD_OUT, UNSTAGED, ended, is_replacing, shortened
from services.collect.order.values import Order, State, StepName

NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLine:
    """Units of a line that are no longer held, all there are by then."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenHold:
    """What is broken of a reservation at `revision`; `done` once its order knows.

    `order_id` is of the order that it is for, or of the parcel.
    """

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


def is_early(order: Order, hold: BrokenHold) -> bool:
    """Whether the order does not know yet which reservation is its own."""
    if order.state is State.PLACING and not order.reservation_id:
        return True
    return is_replacing(order) and order.reservation_id != hold.reservation_id


def may_be_replaced(order: Order, hold: BrokenHold) -> bool:
    """Whether it is worth asking what is free in place of what is broken."""
    is_own = order.reservation_id == hold.reservation_id and order.state in UNSTAGED
    return is_own and not order.has_replacement and with_broken(order, hold) != order


def broken(
    order: Order,
    hold: BrokenHold,
    *,
    now: datetime,
    free: Mapping[str, int] = NOTHING,
    bringing: Bringing = NOTHING_COMES,
) -> Order:
    """The order with what is left; refused or cancelled where it cannot go on.

    What is `free` at its location, by sku, it asks for first, in place of what nobody has
    looked for yet: once, and until that is decided nothing is missing. Of the rest it asks
    other locations for what they can send, once for each line. An order that is staged stays
    as it is.
    """
    if order.replacement_id and order.replacement_id == hold.reservation_id:
        return replacement_broken(order, hold, bringing, now=now)
    if order.reservation_id != hold.reservation_id:
        return order  # Of a placing before, which was refused.
    if order.state is State.PLACING:
        # Its customer is still there. And its payment may be under way, for all of it.
        return ended(order, State.REFUSED, actor="system", cause=SOLD_OUT, now=now)
    if order.state not in UNSTAGED:
        return order
    after = with_broken(order, hold)
    if after == order:
        return order
    if order.has_replacement:
        return shortened(asking(order, after, bringing), now=now)
    after = with_replacement(order, after, free)
    left = shortened(asking(order, after, bringing), now=now)
    return owing(left, StepName.RESERVE, now=now) if left.has_replacement else left


def with_broken(order: Order, hold: BrokenHold) -> Order:
    quantities = {line.sku: line.quantity for line in hold.lines}
    return replace(order, lines=tuple(fewer(line, quantities) for line in order.lines))


def fewer(line: Line, quantities: Mapping[str, int]) -> Line:
    """No more is broken than there was, and no less than is known to be."""
    quantity = min(quantities.get(line.sku, 0), line.quantity)
    return replace(line, broken_quantity=max(quantity, line.broken_quantity))


def with_replacement(before: Order, after: Order, free: Mapping[str, int]) -> Order:
    """`after` with as many others as are free of what is newly broken."""
    pairs = zip(before.lines, after.lines, strict=True)
    return replace(after, lines=tuple(replaced(old, new, free) for old, new in pairs))


def replaced(before: Line, after: Line, free: Mapping[str, int]) -> Line:
    # Whoever has looked at it looks no more. And what its customer was told is gone stays so.
    if after.found_quantity is not None:
        return after
    newly = after.broken_quantity - before.broken_quantity
    quantity = max(min(newly, free.get(after.sku, 0)), 0)
    return replace(after, replacement_quantity=quantity, replaced_quantity=quantity)


def replacement_broken(
    order: Order, hold: BrokenHold, bringing: Bringing, *, now: datetime
) -> Order:
    """Of the others that it was given some are broken too: none are asked for here again."""
    quantities = {line.sku: line.quantity for line in hold.lines}
    lines = tuple(still_replaced(line, quantities) for line in order.lines)
    after = replace(order, lines=lines)
    if after == order or order.state not in UNSTAGED:
        return order
    return shortened(asking(order, after, bringing), now=now)


def still_replaced(line: Line, quantities: Mapping[str, int]) -> Line:
    left = max(line.replacement_quantity - quantities.get(line.sku, 0), 0)
    return replace(line, replaced_quantity=min(left, line.replaced_quantity))
