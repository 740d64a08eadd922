"""What the log tells of rows and of broken claims, by revision. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chassis.documents import value_from_plain
from chassis.events import LoggedEvent
from services.inventory.stock.domain import Place, StockRow

# A row, as it was left by one write.
Revision = tuple[Place, int]


class Told(NamedTuple):
    """A row, and when the transaction that left it was."""

    row: StockRow
    occur_s: float


class Breaking(NamedTuple):
    """What a reservation was told that is left of it and broken, and when; by place."""

    lines: Mapping[Place, int]
    broken: Mapping[Place, int]
    occur_s: float


def rows_told(log: Sequence[LoggedEvent]) -> Mapping[Revision, Told]:
    found = (
        Told(row_of(event), event.occur_time.timestamp())
        for event in log
        if event.name == "stock_changed"
    )
    return {(told.row.place, told.row.revision): told for told in found}


def breakings_told(log: Sequence[LoggedEvent]) -> Mapping[tuple[str, int], Breaking]:
    """By reservation and its revision."""
    return {
        (event.key, event.revision): Breaking(
            lines_of(event.detail["held_lines"]),
            lines_of(event.detail["broken_lines"]),
            event.occur_time.timestamp(),
        )
        for event in log
        if event.name == "reservation_broken"
    }


def lines_of(plain: Iterable[Mapping[str, Any]]) -> Mapping[Place, int]:
    return {Place(line["location_id"], line["sku"]): int(line["quantity"]) for line in plain}


def row_of(event: LoggedEvent) -> StockRow:
    detail: dict[str, Any] = dict(event.detail)
    return value_from_plain(detail, StockRow)
