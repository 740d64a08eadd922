"""Stock as somebody says that it is, row by row: what an import sets. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chassis.changes import Changed
from chassis.errors import AppError, Kind, Violation
from services.inventory.ledger.domain import Cause, Leg, Note, Rows, booked
from services.inventory.stock.domain import (
    QUANTITY_MAX,
    Bucket,
    Place,
    StockRow,
    place_violations,
    rows_imported,
)


class InvalidLevelError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LEVEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What is sellable at a place, and how much of it is kept back."""

    place: Place
    sellable: int
    safety: int


def take_levels(rows: Rows, levels: Sequence[Level], *, note: Note) -> Changed[list[bool]]:
    """Set the levels, each of another place, and answer of each whether it changed something.

    One that is so already writes nothing. The first of a place is a receipt, any
    other a count. Told in one event for each location: of a whole stock, one for each row
    would cost more than the rows.
    """
    changing = [level for level in levels if not is_so(rows[level.place], level)]
    legs = [leg for level in changing for leg in level_legs(rows[level.place], level)]
    kept_back = {level.place: rows[level.place].keeping(level.safety) for level in changing}
    posted = booked(kept_back, legs, note)
    return Changed(
        answer=[level.place in kept_back for level in levels],
        records=posted.records,
        events=tuple(rows_imported(posted.rows, note.write_id)),
    )


def is_so(row: StockRow, level: Level) -> bool:
    return (row.sellable, row.short, row.safety) == (level.sellable, 0, level.safety)


def level_legs(row: StockRow, level: Level) -> Iterator[Leg]:
    """What makes the row's sellable units those of the level, and settles its `short` whole."""
    cause = Cause.COUNT if row.revision else Cause.RECEIPT
    more = level.sellable - row.sellable
    for source, target, quantity in (
        (Bucket.OUTSIDE, Bucket.SHORT, row.short),
        (Bucket.OUTSIDE, Bucket.SELLABLE, more),
        (Bucket.SELLABLE, Bucket.OUTSIDE, -more),
    ):
        if quantity > 0:
            yield Leg(level.place, source, target, quantity, cause)


def check_level(level: Level) -> None:
    """Raises InvalidLevelError."""
    violations = place_violations(level.place, "")
    for name in ("sellable", "safety"):
        if not 0 <= getattr(level, name) <= QUANTITY_MAX:
            violations.append(Violation(f"{name}_quantity", f"0 to {QUANTITY_MAX} units"))
    if violations:
        raise InvalidLevelError("the level is not as it must be", violations=tuple(violations))
