"""How periods, archives and carried balances are kept, and read."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from chassis.changes import Changed
from chassis.records import SELECT_MAX, Index, Kind, Records, Ref, State, Where
from services.inventory.ledger.domain import Movement, Note
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.period.domain import (
    Archive,
    ArchiveKey,
    Carried,
    ClosedMeanwhileError,
    Period,
    Sheet,
    SheetKey,
    close,
)
from services.inventory.stock.domain import Place

PERIODS = Kind(type=Period, collection="periods", key=lambda period: period.location_id)
ARCHIVES = Kind(
    type=Archive, collection="archives", key=lambda archive: archive.key, immutable=True
)
SHEETS = Kind(
    type=Sheet,
    collection="sheets",
    key=lambda sheet: sheet.key,
    # Those of a row, to be read backwards from any of its revisions; and to tell by the index alone
    # which end behind another, since a sheet itself is large.
    indexes=(Index(fields=("location_id", "sku", "first_revision", "_id", "last_revision")),),
    immutable=True,
)
CARRIED = Kind(
    type=Carried,
    collection="carried",
    key=lambda carried: carried.place,
    indexes=(Index(fields=("location_id", "_id")),),
)


async def find_period(records: Records, location_id: str) -> Period:
    return await records.find(PERIODS, location_id) or Period(location_id=location_id)


async def write_archive(
    records: Records, seen: Period, movements: Sequence[Movement], *, note: Note, timeout_s: float
) -> Archive:
    """Close these, which were looked for behind `seen`. Raises ClosedMeanwhileError."""
    location_id = seen.location_id
    places = [Place(location_id, sku) for sku in dict.fromkeys(each.sku for each in movements)]

    def change(state: State) -> Changed[Archive]:
        period = state.find(PERIODS, location_id) or Period(location_id=location_id)
        if period != seen:
            raise ClosedMeanwhileError(f"{location_id} is closed by others: try again")
        found = {place: state.find(CARRIED, place) for place in places}
        carried = {
            place.sku: its or Carried(location_id=location_id, sku=place.sku)
            for place, its in found.items()
        }
        return close(period, carried, state.all(MOVEMENTS), note=note)

    refs: list[Ref[Any]] = [Ref(MOVEMENTS, each.movement_id) for each in movements]
    # The archive too: that another made it meanwhile is a conflict, and not a bug.
    refs += [
        Ref(PERIODS, location_id),
        Ref(ARCHIVES, ArchiveKey(location_id, seen.archive_count + 1)),
        *(Ref(CARRIED, place) for place in places),
    ]
    return await records.update(refs, change, answer=Archive, timeout_s=timeout_s)


async def archive_with_sheets(
    records: Records, location_id: str, number: int
) -> tuple[Archive | None, dict[str, Sheet]]:
    """Those of its sheets that are there, by sku."""
    archive = await records.find(ARCHIVES, ArchiveKey(location_id, number))
    if archive is None:
        return None, {}
    keys = [SheetKey(location_id, seal.sku, number) for seal in archive.seals]
    found = await records.find_many(SHEETS, keys)
    return archive, {sheet.sku: sheet for sheet in found.values()}


async def carried_at(records: Records, location_id: str) -> AsyncIterator[Carried]:
    """All of a location, by sku."""
    where = Where(limit=SELECT_MAX, equal={"location_id": location_id})
    while page := await records.select(CARRIED, where):
        for carried in page:
            yield carried
        where = replace(where, after=(None, page[-1].place))
