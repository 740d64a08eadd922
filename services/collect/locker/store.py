"""How cabinets, the statements they signed and their receipts are kept."""

from datetime import timedelta

from chassis.records import Index, Kind, Records, Where
from services.collect.locker.domain import Cabinet
from services.collect.locker.enrolment import Statements
from services.collect.locker.journal import Receipt

# Beyond the time at which the last nonce is too old by itself: clocks differ.
FORGOTTEN_AFTER = timedelta(days=1)

CABINETS = Kind(
    type=Cabinet,
    collection="cabinets",
    key=lambda cabinet: cabinet.cabinet_id,
    indexes=(Index(fields=("location_id", "_id")), Index(fields=("uses.order_id",))),
)
STATEMENTS = Kind(
    type=Statements,
    collection="cabinet_statements",
    key=lambda signed: signed.cabinet_id,
    forget_time=lambda signed: signed.until + FORGOTTEN_AFTER,
)
RECEIPTS = Kind(
    type=Receipt, collection="cabinet_receipts", key=lambda receipt: receipt.key, immutable=True
)


async def cabinets_at(
    records: Records, location_id: str, *, after_id: str, limit: int
) -> list[Cabinet]:
    """Those of one shop, or of all if it is empty, by id."""
    where = Where(
        equal={"location_id": location_id} if location_id else {},
        after=("", after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(CABINETS, where)
