"""Rows that a fact has left with less than is claimed of them, noted by its own write. Pure.

Whose claims are broken is decided later, by `reservation.breaking`: no fact waits for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.inventory.stock.domain import Place, StockRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Overclaim:
    """That claims on a row must be looked at; done with once it is `mended`."""

    overclaim_id: str
    location_id: str
    sku: str
    mended: bool = False

    @property
    def place(self) -> Place:
        return Place(self.location_id, self.sku)


def overclaims(
    before: Mapping[Place, StockRow], after: Iterable[StockRow], *, write_id: str, now: datetime
) -> Iterator[Overclaim]:
    """Of each row of which this write took units that are claimed."""
    for number, row in enumerate(after, start=1):
        # Nothing else makes one: no claim is made on what is not there.
        if takes(before[row.place], row) and row.overclaimed(now):
            yield Overclaim(
                overclaim_id=f"{write_id}-{number:04}", location_id=row.location_id, sku=row.sku
            )


def takes(before: StockRow, after: StockRow) -> bool:
    return after.sellable < before.sellable or after.short > before.short
