"""Steps around a profile: a member of staff who reads one is noted, who writes one seals it."""

from uuid import uuid4

from chassis.access import Caller
from chassis.changes import Changed
from chassis.clock import Clock
from chassis.records import Records
from services.customer.limits import write_s
from services.customer.profile.domain import (
    Details,
    Profile,
    SealedNames,
    StaffRead,
    unknown_customer,
)
from services.customer.profile.store import PROFILES
from services.customer.vault import PersonalKey


async def readable_profile(
    records: Records, customer_id: str, *, reader: Caller, method: str, clock: Clock
) -> Profile:
    """The profile, for its customer or for staff, whose read is logged before it is answered.

    An empty `customer_id` is the reader's own. Raises UnknownCustomerError, also for a
    customer who asks for another's.
    """
    wanted = customer_id or ("" if reader.is_staff else reader.subject)
    if not wanted or not (reader.is_staff or wanted == reader.subject):
        raise unknown_customer(customer_id)
    found = await records.find(PROFILES, wanted)
    if found is None:
        raise unknown_customer(customer_id)
    if reader.is_staff:
        await log_read(records, customer_id=wanted, reader=reader, method=method, clock=clock)
    return found


async def log_read(
    records: Records, *, customer_id: str, reader: Caller, method: str, clock: Clock
) -> None:
    read = StaffRead(
        read_id=str(uuid4()),
        staff_id=reader.subject,
        customer_id=customer_id,
        method=method,
        read_time=clock(),
    )
    await records.update(
        [],
        lambda _: Changed(answer=True, records=(read,)),
        answer=bool,
        timeout_s=write_s(),
    )


def sealed_names(key: PersonalKey, details: Details) -> SealedNames:
    return SealedNames(
        given_name=key.seal("given_name", details.given_name),
        family_name=key.seal("family_name", details.family_name),
    )
