"""How the list of the erased is kept, and what is left of those who stand on it."""

from collections.abc import Collection
from datetime import datetime

from chassis.records import SELECT_MAX, Kind, Records, Where
from services.customer.identity.domain import Credentials
from services.customer.identity.store import CREDENTIALS, SESSIONS
from services.customer.privacy.domain import Erasure
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES

# Only ever added to: two copies of it, from before and behind a restore, make one.
ERASURES = Kind(
    type=Erasure,
    collection="erasures",
    key=lambda erasure: erasure.customer_id,
    immutable=True,
)
IMPORTED_MAX = 100


async def listed_after(erasures: Records, customer_id: str, *, limit: int) -> list[str]:
    """The ids behind `customer_id`, in order."""
    after = (None, customer_id) if customer_id else None
    found = await erasures.select(ERASURES, Where(after=after, limit=limit))
    return [erasure.customer_id for erasure in found]


async def credentials_of(
    records: Records, customer_ids: Collection[str], *, limit: int = SELECT_MAX
) -> list[Credentials]:
    where = Where(one_of={"customer_id": customer_ids}, limit=limit)
    return await records.select(CREDENTIALS, where)


async def imported_under(records: Records, address_hash: str) -> list[str]:
    where = Where(equal={"address_hash": address_hash}, limit=IMPORTED_MAX)
    return [each.customer_id for each in await records.select(IMPORTED_CUSTOMERS, where)]


async def still_there(
    records: Records, customer_ids: Collection[str], *, now: datetime
) -> set[str]:
    """Of whom there is a profile, a password, an address or a session that lives."""
    profiles = await records.find_many(PROFILES, customer_ids)
    imported = await records.find_many(IMPORTED_CUSTOMERS, customer_ids)
    live = Where(
        equal={"ended": False},
        one_of={"subject": customer_ids},
        above={"expire_time": now},
        limit=SELECT_MAX,
    )
    return {
        *map(str, profiles),
        *(each.customer_id for each in imported.values() if each.address_hash is not None),
        *(each.customer_id for each in await credentials_of(records, customer_ids)),
        *(session.subject for session in await records.select(SESSIONS, live)),
    }
