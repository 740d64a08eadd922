"""A row's movements wherever they are kept: in the ledger, or closed and in its archives.

The ledger is read first, always. What is closed meanwhile then is in both, and is told once; the
other way round it would be in neither.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from chassis.records import SELECT_MAX, Records, Where
from services.inventory.ledger import store as ledger
from services.inventory.ledger.domain import Cause, Movement
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.period.domain import Sheet, order_of
from services.inventory.period.store import SHEETS
from services.inventory.stock.domain import Place

SHEETS_AT_ONCE = 10


async def movements_of(
    records: Records, place: Place, *, after: tuple[int, str] | None, limit: int
) -> list[Movement]:
    """At most `limit` movements, newest first, behind the one of this revision and id."""
    found = await ledger.movements_of(records, place, after=after, limit=limit)
    if len(found) == limit:
        return found
    last = order_of(found[-1]) if found else after
    async for sheet in sheets_of(records, place, until=None if last is None else last[0]):
        behind = [each for each in sheet.movements if last is None or order_of(each) < last]
        found += reversed(behind)
        if len(found) >= limit:
            return found[:limit]
    return found


async def moved_between(
    records: Records, place: Place, *, above: int, until: int, cause: Cause | None = None
) -> list[Movement]:
    """All behind one revision of the row, up to another; of one cause alone, where one is given.

    They are never changed.
    """
    where = Where(
        limit=SELECT_MAX,
        equal={"location_id": place.location_id, "sku": place.sku}
        | ({} if cause is None else {"cause": cause}),
        above={"revision": above},
        at_most={"revision": until},
        order="revision",
    )
    found = {each.movement_id: each async for each in open_movements(records, where)}
    async for sheet in sheets_of(records, place, above=above, until=until):
        for each in sheet.movements:
            if above < each.revision <= until and cause in (None, each.cause):
                found[each.movement_id] = each
    return list(found.values())


async def open_movements(records: Records, where: Where) -> AsyncIterator[Movement]:
    while page := await records.select(MOVEMENTS, where):
        for movement in page:
            yield movement
        where = replace(where, after=order_of(page[-1]))


async def sheets_of(
    records: Records, place: Place, *, above: int = 0, until: int | None
) -> AsyncIterator[Sheet]:
    """Of a row, the newest first, those that end behind one revision and begin no later than
    another."""
    where = Where(
        limit=SHEETS_AT_ONCE,
        equal={"location_id": place.location_id, "sku": place.sku},
        above={"last_revision": above},
        at_most={} if until is None else {"first_revision": until},
        order="first_revision",
        descending=True,
    )
    while page := await records.select(SHEETS, where):
        for sheet in page:
            yield sheet
        if len(page) < where.limit:
            return
        where = replace(where, after=(page[-1].first_revision, page[-1].key))
