"""How far counts had corrected a book when somebody looked for units, read from movements."""

from collections.abc import Mapping

from chassis.records import Records
from services.inventory.ledger.domain import Cause, net_of
from services.inventory.period.history import moved_between
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.store import find_rows

# Revisions of a row, of some minutes where it is busiest; all that moved it since is looked
# through. Whoever looked longer ago goes without: as before there were looks, until it is counted.
LOOKED_BACK_MAX = 10_000


async def counted_then(records: Records, looks: Mapping[Place, int]) -> dict[Place, int]:
    """What `counted` of the row was at each of these positions, as its row counts it now.

    Without those that no row was ever at, since one that was restored may be behind them, and those
    too long ago. All of it is past when it is read and never changes, so that whoever writes the
    row next may decide by it.
    """
    looks = {place: position for place, position in looks.items() if position > 0}
    rows = await find_rows(records, list(looks)) if looks else {}
    return {
        place: row.counted - await counted_since(records, row, looks[place])
        for place, row in rows.items()
        if 0 <= row.revision - looks[place] <= LOOKED_BACK_MAX
    }


async def counted_since(records: Records, row: StockRow, position: int) -> int:
    """Net units by which counts have corrected it behind the position, up to the row."""
    counts = await moved_between(
        records, row.place, above=position, until=row.revision, cause=Cause.COUNT
    )
    return sum(map(net_of, counts))
