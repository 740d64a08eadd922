"""Ways to erase customers in tests, and to look for what is left of them."""

from typing import Any
from uuid import uuid4

from comptoir.customer.v1 import privacy_service_pb2 as pb

from chassis.changes import Changed
from chassis.records import Records, Ref, Where
from services.customer.identity.store import CREDENTIALS, SESSIONS
from services.customer.privacy.domain import Erasure
from services.customer.privacy.store import ERASURES
from services.customer.profile.domain import ImportedCustomer
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES
from tests.customer.house import (
    Clock,
    House,
)
from tests.serving import calling_as

OFFICER = calling_as("officer", "client:customer.erase")
ALL = Where(limit=100)


async def erase(
    house: House, customer_id: str, *, request_id: str = "", cause: str = "letter 7"
) -> pb.EraseCustomerResponse:
    request = pb.EraseCustomerRequest(
        request_id=request_id or str(uuid4()), customer_id=customer_id, cause=cause
    )
    return await house.privacy.EraseCustomer(request, metadata=OFFICER)


async def found(house: House, **asked: str) -> list[tuple[str, bool]]:
    request = pb.FindCustomersRequest(**asked)
    answer = await house.privacy.FindCustomers(request, metadata=OFFICER)
    return [(each.customer_id, each.has_account) for each in answer.customers]


async def traces_of(house: House, customer_id: str) -> list[Any]:
    """All by which somebody could still be told, found or let in."""
    records, by_customer = house.records, Where(equal={"customer_id": customer_id}, limit=100)
    imported = await records.find(IMPORTED_CUSTOMERS, customer_id)
    live = Where(equal={"subject": customer_id, "ended": False}, limit=100)
    return [
        *await records.select(PROFILES, by_customer),
        *await records.select(CREDENTIALS, by_customer),
        *await records.select(SESSIONS, live),
        *([imported.address_hash] if imported and imported.address_hash else []),
        *await house.vault.undestroyed([customer_id]),
    ]


async def anna_everywhere(house: House) -> str:
    """One with an account, who is also known under an imported address."""
    customer_id = (await house.sign_up()).profile.customer_id
    (credentials,) = await house.records.select(CREDENTIALS, ALL)
    row = ImportedCustomer(customer_id=customer_id, address_hash=credentials.address_hash)
    await put(house.records, IMPORTED_CUSTOMERS, row)
    return customer_id


def id_of(record: Any) -> str:
    return str(getattr(record, "customer_id", ""))


async def put(records: Records, kind: Any, *found: Any) -> None:
    await records.update(
        [Ref(kind, kind.key(record)) for record in found],
        lambda _: Changed(answer=None, records=found),
        answer=type(None),
        timeout_s=5,
    )


async def listed(erasures: Records, *customer_ids: str) -> None:
    now = Clock().now
    await put(
        erasures, ERASURES, *(Erasure(customer_id=each, erase_time=now) for each in customer_ids)
    )
