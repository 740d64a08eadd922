"""How credentials and sessions are kept."""

from datetime import datetime

from chassis.records import AT_ONCE, Index, Kind, Records, Where
from chassis.sessions import Session
from services.customer.identity.domain import Credentials

# Keyed by the address, so that of two who take one at once one is refused.
CREDENTIALS = Kind(
    type=Credentials,
    collection="credentials",
    key=lambda credentials: credentials.address_hash,
    # For whose key is gone: their address cannot be read any more to be hashed.
    indexes=(Index(fields=("customer_id",)),),
    forget_time=lambda credentials: AT_ONCE if credentials.erased else None,
)
SESSIONS = Kind(
    type=Session,
    collection="sessions",
    key=lambda session: session.session_id,
    indexes=(Index(fields=("subject", "ended", "expire_time")),),
    forget_time=lambda session: session.forget_time,
)


async def live_sessions(
    records: Records, customer_id: str, *, now: datetime, limit: int
) -> list[Session]:
    """Some of the customer's sessions that have not ended, at most `limit`."""
    where = Where(
        equal={"subject": customer_id, "ended": False}, above={"expire_time": now}, limit=limit
    )
    return await records.select(SESSIONS, where)
