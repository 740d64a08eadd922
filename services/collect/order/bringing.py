"""What another location sends in place of what is broken, as its order sees it. Pure.

The order asks once for each line. It shows nothing of it until the units are held there; it is
ready when they have come, and is shortened by what will not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.collect.order.domain import moved
from services.collect.order.line import Coming, Line
from services.collect.order.saga import SOLD_OUT, UNSTAGED, ended, shortened
from services.collect.order.staging import without_nothing
from services.collect.order.values import LIVE, Order, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """What other locations can send, by sku."""

    by_sku: Mapping[str, Coming] = field(default_factory=dict)


NOTHING = Bringing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a parcel still brings, or has brought, by sku; `bin_label` is where that lies."""

    parcel_id: str
    quantities: Mapping[str, int]
    held: bool
    arrived: bool
    bin_label: str = ""


def lacking(before: Order, after: Order) -> Mapping[str, int]:
    """What a change takes of lines that nobody has looked at, and no other location was asked
    for."""
    pairs = zip(before.lines, after.lines, strict=True)
    newly = {line.sku: newly_gone(line, now_gone) for line, now_gone in pairs}
    return {sku: quantity for sku, quantity in newly.items() if quantity}


def newly_gone(before: Line, after: Line) -> int:
    if before.found_quantity is not None or before.coming is not None:
        return 0
    return max(after.gone_quantity - before.gone_quantity, 0)


def asking(before: Order, after: Order, bringing: Bringing) -> Order:
    """`after` with other locations asked for what it lacks and they can send."""
    wanted = lacking(before, after)
    lines = tuple(
        replace(line, coming=bringing.by_sku[line.sku])
        if 0 < quantity_from(bringing, line.sku) <= wanted.get(line.sku, 0)
        else line
        for line in after.lines
    )
    return replace(after, lines=lines)


def quantity_from(bringing: Bringing, sku: str) -> int:
    coming = bringing.by_sku.get(sku)
    return coming.quantity if coming else 0


def told(order: Order, brought: Brought, *, now: datetime) -> Order:
    """The order as its parcel is now: shortened by what will not come, ready with what has."""
    lines = tuple(line_told(line, brought) for line in order.lines)
    after = replace(order, lines=lines, collect_by_time=kept_until(order, lines))
    if after == order or order.state not in LIVE:
        return order
    return gone_on(after, brought.bin_label, now=now)


def line_told(line: Line, brought: Brought) -> Line:
    if line.coming is None or line.coming.parcel_id != brought.parcel_id:
        return line
    coming = replace(
        line.coming,
        quantity=min(brought.quantities.get(line.sku, 0), line.coming.quantity),
        held=brought.held,
        arrived=brought.arrived,
    )
    return replace(line, coming=coming)


def kept_until(order: Order, lines: Iterable[Line]) -> datetime:
    """Later where what is held elsewhere is ready behind the slot; whoever was told so stays so."""
    comings = (line.coming for line in lines)
    held = (each.collect_by_time for each in comings if each and each.held and each.quantity)
    return max((order.collect_by_time, *(until for until in held if until)))


def gone_on(order: Order, bin_label: str, *, now: datetime) -> Order:
    after = replace(order, place_label=bin_label or order.place_label)
    actor = "staff" if bin_label else "system"
    if order.state is State.STAGED:
        return complete(after, actor=actor, now=now)
    return shortened(after, actor=actor, now=now) if order.state in UNSTAGED else order


def complete(order: Order, *, actor: str, now: datetime) -> Order:
    """Staged before: ready once all has come, cancelled where nothing is left of it."""
    after = replace(order, lines=tuple(map(without_nothing, order.lines)))
    if not any(line.standing_quantity for line in after.lines):
        return ended(after, State.CANCELLED, actor="system", cause=SOLD_OUT, now=now)
    if after.is_awaiting or after.in_locker:
        return after
    return moved(after, State.READY, actor=actor, now=now)
