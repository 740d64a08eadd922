"""How orders and parcels that fail are found, and what abandoned steps left is kept."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from chassis.records import Index, Kind, Records, Where
from services.collect.order.store import ORDERS, among
from services.collect.order.values import Order
from services.collect.parcel.store import PARCELS
from services.collect.parcel.values import Parcel
from services.collect.stuck.domain import Residue

# Whatever fails is looked at again within a minute, and clocks differ: so the index of what is
# due finds it, and writing orders costs no other one.
WAKES_WITHIN = timedelta(minutes=2)

RESIDUES = Kind(
    type=Residue,
    collection="residues",
    key=lambda residue: residue.residue_id,
    indexes=(Index(fields=("settled", "_id")),),
)


async def stuck(
    records: Records,
    now: datetime,
    *,
    tries_min: int,
    location_ids: Collection[str] | None,
    after_id: str,
    limit: int,
) -> list[Order]:
    """Orders of these locations, or of all, whose step failed so often; by id."""
    where = failing(now, tries_min, among(location_ids), after_id, limit)
    return await records.select(ORDERS, where)


async def stuck_parcels(
    records: Records,
    now: datetime,
    *,
    tries_min: int,
    location_ids: Collection[str] | None,
    after_id: str,
    limit: int,
) -> list[Parcel]:
    """Parcels to these locations, or to all, whose task failed so often; by id."""
    theirs = among(location_ids, field="target_location_id")
    return await records.select(PARCELS, failing(now, tries_min, theirs, after_id, limit))


def failing(
    now: datetime,
    tries_min: int,
    theirs: Mapping[str, Collection[object]],
    after_id: str,
    limit: int,
) -> Where:
    return Where(
        at_most={"wake_time": now + WAKES_WITHIN},
        above={"todo.tries": tries_min - 1},
        one_of=theirs,
        after=(None, after_id) if after_id else None,
        limit=limit,
    )


async def unsettled(
    records: Records, *, location_ids: Collection[str] | None, after_id: str, limit: int
) -> list[Residue]:
    """Of these locations, or of all; by id."""
    where = Where(
        equal={"settled": False},
        one_of=among(location_ids),
        after=(None, after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(RESIDUES, where)
