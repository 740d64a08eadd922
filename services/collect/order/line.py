"""A line of an order: how much of one article, and how much of it stands. Values alone."""

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`found_quantity` is None until somebody has looked; `decimals` are the stock unit's.

    `broken_quantity` is what the order's reservation no longer holds: the shop sold it to
    somebody else, say. `replacement_quantity` is how many others were asked for in its place,
    and `replaced_quantity` how many of those stand: all, until inventory says otherwise.
    `look_position` is the revision of inventory's row when some were looked for in vain; 0
    where that is not known.
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

    @property
    def gone_quantity(self) -> int:
        """What is broken, and nothing stands in its place."""
        return self.broken_quantity - self.replaced_quantity

    @property
    def standing_quantity(self) -> int:
        """What the customer gets: all that is held until a picker says otherwise."""
        held = self.quantity - self.gone_quantity
        return held if self.found_quantity is None else self.found_quantity

    @property
    def lost_quantity(self) -> int:
        """What is gone and nobody has found all the same."""
        return min(self.gone_quantity, self.quantity - (self.found_quantity or 0))

    @property
    def missing_quantity(self) -> int:
        """Looked for in vain. What is gone has left the book already."""
        return max(self.quantity - self.gone_quantity - self.standing_quantity, 0)

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
