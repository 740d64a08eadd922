"""A line of an order: how much of one article, and how much of it stands. Values alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class LineState(Enum):
    HELD = "held"
    CONFIRMED = "confirmed"
    PICKING = "picking"
    STAGED = "staged"
    READY = "ready"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# A line that has ended waits for nothing, whatever is still on its way.
UNDER_WAY = (LineState.CONFIRMED, LineState.PICKING, LineState.STAGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Units that another location sends in place of what is broken.

    `quantity` is how many of those that were asked for stand. Until they are `held` there nobody
    is told; once they have `arrived` they lie with the order. `collect_by_time` is until when the
    order is kept with them at least; None where they are ready within its slot.
    """

    parcel_id: str
    location_id: str
    quantity: int
    ask_time: datetime
    leave_time: datetime
    ready_time: datetime
    collect_by_time: datetime | None = None
    held: bool = False
    arrived: bool = False

    @property
    def is_on_its_way(self) -> bool:
        return bool(self.quantity) and not self.arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`found_quantity` is None until somebody has looked; `decimals` are the stock unit's.

    `broken_quantity` is what the order's reservation no longer holds: the shop sold it to
    somebody else, say. `replacement_quantity` is how many others were asked for in its place,
    and `replaced_quantity` how many of those stand: all, until inventory says otherwise.
    `look_position` is the revision of inventory's row when some were looked for in vain; 0
    where that is not known. `coming` is what another location was asked for, once, in place of
    what nothing replaces here.
    """

    line_number: int
    sku: str
    quantity: int
    unit_price_minor: int
    decimals: int
    state: LineState = LineState.HELD
    found_quantity: int | None = None
    broken_quantity: int = 0
    look_position: int = 0
    replacement_quantity: int = 0
    replaced_quantity: int = 0
    coming: Coming | None = None

    @property
    def gone_quantity(self) -> int:
        """What is broken, and nothing stands in its place at the order's own location."""
        return self.broken_quantity - self.replaced_quantity

    @property
    def own_quantity(self) -> int:
        """What that location has for it: all that is held until a picker says otherwise."""
        held = self.quantity - self.gone_quantity
        return held if self.found_quantity is None else self.found_quantity

    @property
    def brought_quantity(self) -> int:
        """What another location sends, or has sent."""
        return self.coming.quantity if self.coming else 0

    @property
    def arrived_quantity(self) -> int:
        return self.brought_quantity if self.coming and self.coming.arrived else 0

    @property
    def is_awaiting(self) -> bool:
        return self.coming is not None and self.coming.is_on_its_way

    @property
    def expected_time(self) -> datetime | None:
        """When what is on its way is to be ready; None before anybody is told of it, and once
        nobody waits for it any more."""
        if self.coming is None or not self.coming.is_on_its_way or not self.coming.held:
            return None
        return self.coming.ready_time if self.state in UNDER_WAY else None

    @property
    def standing_quantity(self) -> int:
        """What the customer gets."""
        return self.own_quantity + self.brought_quantity

    @property
    def lost_quantity(self) -> int:
        """What is gone, and nobody has found or sends all the same."""
        gone = min(self.gone_quantity, self.quantity - (self.found_quantity or 0))
        return gone - self.brought_quantity

    @property
    def missing_quantity(self) -> int:
        """Looked for in vain. What is gone has left the book already."""
        return max(self.quantity - self.gone_quantity - self.own_quantity, 0)

    @property
    def total_minor(self) -> int:
        """For what stands. A price is of one shown unit: 2.5 m of cable cost 2.5 prices."""
        return rounded_half_up(self.unit_price_minor * self.standing_quantity, self.decimals)


def total_of(lines: Iterable[Line]) -> int:
    return sum(line.total_minor for line in lines)


def rounded_half_up(amount: int, decimals: int) -> int:
    """`amount`, not negative, divided by ten to the `decimals`; halves go up."""
    scale: int = 10**decimals
    return (2 * amount + scale) // (2 * scale)
