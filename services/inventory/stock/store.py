"""How stock rows are kept, and read in numbers."""

from collections.abc import Iterable, Sequence

from chassis.records import SELECT_MAX, Index, Key, Kind, Records, Ref, State, Where
from services.inventory.stock.domain import Place, StockRow, empty_row

ROWS = Kind(
    type=StockRow,
    collection="stock",
    key=lambda row: row.place,
    indexes=(Index(fields=("location_id", "_id")),),
)


def row_refs(places: Iterable[Place]) -> list[Ref[StockRow]]:
    return [Ref(ROWS, place) for place in places]


def rows_in(state: State, places: Iterable[Place]) -> dict[Place, StockRow]:
    """The rows an update read; empty ones where nothing was ever stocked."""
    return {place: state.find(ROWS, place) or empty_row(place) for place in places}


async def find_rows(records: Records, places: Sequence[Place]) -> dict[Place, StockRow]:
    """A row for each place; empty ones where nothing was ever stocked."""
    found: dict[Key, StockRow] = {}
    for first in range(0, len(places), SELECT_MAX):
        found |= await records.find_many(ROWS, places[first : first + SELECT_MAX])
    return {place: found.get(place) or empty_row(place) for place in places}


async def rows_of_location(
    records: Records, location_id: str, *, after_sku: str, limit: int
) -> list[StockRow]:
    """At most `limit` rows with a greater sku, ordered by sku."""
    where = Where(
        limit=limit,
        equal={"location_id": location_id},
        after=(None, Place(location_id, after_sku)),
    )
    return await records.select(ROWS, where)
