"""How parcels are kept and asked for."""

from collections.abc import Sequence
from datetime import datetime

from chassis.records import Index, Kind, Records, Where
from services.collect.parcel.domain import UnknownParcelError
from services.collect.parcel.values import Parcel, State

PARCELS = Kind(
    type=Parcel,
    collection="parcels",
    key=lambda parcel: parcel.parcel_id,
    indexes=(
        Index(fields=("source_location_id", "state", "_id")),
        Index(fields=("target_location_id", "state", "_id")),
        Index(fields=("wake_time", "_id")),
        Index(fields=("state", "_id")),
    ),
)
DUE_MAX = 50


async def found(records: Records, parcel_id: str) -> Parcel:
    """Raises UnknownParcelError."""
    parcel = await records.find(PARCELS, parcel_id)
    if parcel is None:
        raise UnknownParcelError("no such parcel")
    return parcel


async def due(records: Records, now: datetime) -> list[Parcel]:
    """Parcels somebody must look at now, the longest overdue first."""
    where = Where(at_most={"wake_time": now}, order="wake_time", limit=DUE_MAX)
    return await records.select(PARCELS, where)


async def at_location(
    records: Records,
    field: str,
    location_id: str,
    *,
    states: Sequence[State],
    after_id: str,
    limit: int,
) -> list[Parcel]:
    """Those whose `field`, source or target, is there, by id."""
    where = Where(
        equal={field: location_id},
        one_of={"state": [state.value for state in states]},
        after=(None, after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(PARCELS, where)


async def held(records: Records, *, after_id: str, limit: int) -> list[Parcel]:
    """Whose units a reservation alone keeps, by id."""
    where = Where(
        equal={"state": State.HELD.value},
        after=(None, after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(PARCELS, where)
