"""Facts as they are written down. Pure."""

from collections.abc import Sequence

from chassis.changes import Changed
from services.inventory.ledger.domain import Fact, Note, Rows, post
from services.inventory.stock.domain import StockRow, row_changed


def record(rows: Rows, facts: Sequence[Fact], *, note: Note) -> Changed[tuple[StockRow, ...]]:
    """Write down what has happened, in order, and answer with the rows after it."""
    posted = post(rows, facts, note=note)
    return Changed(
        answer=posted.rows,
        records=posted.records,
        events=tuple(row_changed(row) for row in posted.rows),
    )
