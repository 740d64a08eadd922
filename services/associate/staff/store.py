"""How members of staff are kept."""

from chassis.records import Index, Kind, Records, Where
from services.associate.staff.domain import Staff

STAFF = Kind(
    type=Staff,
    collection="staff",
    key=lambda member: member.staff_id,
    indexes=(Index(fields=("location_ids", "_id")),),
)


async def staff_at(records: Records, location_id: str, *, after_id: str, limit: int) -> list[Staff]:
    """Those listed for a location, or everybody if it is empty, by id."""
    where = Where(
        equal={"location_ids": location_id} if location_id else {},
        after=(None, after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(STAFF, where)
