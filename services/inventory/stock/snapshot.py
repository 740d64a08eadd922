"""The rows of a selection as they are, page by page, by location and sku."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from chassis.records import Records
from services.inventory.location.store import locations_by_id
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.selection import Selection
from services.inventory.stock.store import find_rows, rows_of_location

PAGE_MAX = 500
BEGINNING = Place("", "")


class Page(NamedTuple):
    """Rows, and the last place that was looked at for them."""

    rows: list[StockRow]
    behind: Place


async def pages(records: Records, selection: Selection, behind: Place) -> AsyncIterator[Page]:
    """What lies behind `behind`. Of articles at many locations a page may have no rows."""
    if selection.skus is None:
        async for location_id in locations(records, selection, behind.location_id):
            after_sku = behind.sku if location_id == behind.location_id else ""
            while rows := await rows_of_location(
                records, location_id, after_sku=after_sku, limit=PAGE_MAX
            ):
                after_sku = rows[-1].sku
                yield Page(rows, rows[-1].place)
        return
    asked = list[Place]()
    async for place in places(records, selection, behind):
        asked.append(place)
        if len(asked) == PAGE_MAX:
            yield await page_of(records, asked)
            asked.clear()
    if asked:
        yield await page_of(records, asked)


async def page_of(records: Records, asked: list[Place]) -> Page:
    found = await find_rows(records, asked)
    return Page([row for row in found.values() if row.revision], asked[-1])


async def places(records: Records, selection: Selection, behind: Place) -> AsyncIterator[Place]:
    skus = sorted(selection.skus or ())
    async for location_id in locations(records, selection, behind.location_id):
        for sku in skus:
            if (place := Place(location_id, sku)) > behind:
                yield place


async def locations(records: Records, selection: Selection, first_id: str) -> AsyncIterator[str]:
    """From `first_id` on, in order. One that is imported meanwhile is told of by its changes."""
    if selection.location_ids is not None:
        for location_id in sorted(each for each in selection.location_ids if each >= first_id):
            yield location_id
        return
    if first_id:
        yield first_id
    after_id = first_id
    while page := await locations_by_id(records, None, after_id=after_id, limit=PAGE_MAX):
        for location in page:
            yield location.location_id
        after_id = page[-1].location_id
