"""Customers of another system: known by their id there, sealed like all others, no account.

A key is made before what it seals, as at sign-up: without a profile nobody reads it.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.changes import Changed
from chassis.importing import Outcome, put_beside
from chassis.records import Key, Records, Ref, State
from services.customer.identity.domain import address_hash, normalised_address
from services.customer.limits import write_s
from services.customer.profile import domain
from services.customer.profile.domain import Arriving, Details, ImportedCustomer, Profile
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES
from services.customer.profile.workflow import sealed_names
from services.customer.vault import PersonalKey, Vault


def imported_id(key: bytes, source_id: str) -> str:
    """The customer's id with us, the same at each import.

    By HMAC: ids stand in logs and events, and another system's may be an address.
    """
    digest = hmac.digest(key, b"source " + source_id.encode(), hashlib.sha256)
    return str(UUID(bytes=digest[:16], version=5))


def arriving(key: bytes, *, source_id: str, email: str, details: Details) -> Arriving:
    """As it may be kept. Raises InvalidProfileError, InvalidAddressError."""
    domain.check_source_id(source_id)
    return Arriving(
        customer_id=imported_id(key, source_id),
        email=email.strip(),
        address=normalised_address(email) if email.strip() else "",
        details=domain.checked(details),
    )


async def put_customers(
    records: Records, vault: Vault, customers: Sequence[Arriving], *, address_key: bytes
) -> list[Outcome]:
    """Put each whole, and say of each whether that changed something.

    One that stands there as it comes writes nothing: sealed fields never look alike, so
    they are opened to see.
    """
    keys = await vault.make_all(customer.customer_id for customer in customers)
    sealed = {id(each): sealed_profile(each, keys[each.customer_id]) for each in customers}
    last = {customer.customer_id: customer for customer in customers}

    def put(before: Profile | None, customer: Arriving) -> Profile:
        new, key = sealed[id(customer)], keys[customer.customer_id]
        if new is None or key is None:
            raise domain.customer_erased()
        is_same = before is not None and opened(before, key) == opened(new, key)
        return domain.put(before, new, is_same=is_same)

    def left(
        state: State, before: Mapping[Key, Profile], now: Mapping[Key, Profile]
    ) -> Changed[None]:
        rows = tuple(found_by(last[profile.customer_id], address_key) for profile in now.values())
        events = tuple(domain.profile_changed(profile) for profile in now.values())
        return Changed(answer=None, records=(*now.values(), *rows), events=events)

    return await put_beside(
        records,
        PROFILES,
        customers,
        key=lambda customer: customer.customer_id,
        put=put,
        left=left,
        beside=lambda profile: (Ref(IMPORTED_CUSTOMERS, profile.customer_id),),
        timeout_s=write_s(),
    )


def found_by(customer: Arriving, address_key: bytes) -> ImportedCustomer:
    hashed = address_hash(address_key, customer.address) if customer.address else None
    return ImportedCustomer(customer_id=customer.customer_id, address_hash=hashed)


def sealed_profile(customer: Arriving, key: PersonalKey | None) -> Profile | None:
    """None for one whose key was destroyed."""
    if key is None:
        return None
    return Profile(
        customer_id=customer.customer_id,
        email=key.seal("email", customer.email),
        names=sealed_names(key, customer.details),
        locale=customer.details.locale,
        home_location_id=customer.details.home_location_id,
    )


def opened(profile: Profile, key: PersonalKey) -> tuple[str, ...]:
    return (
        key.open("email", profile.email),
        key.open("given_name", profile.names.given_name),
        key.open("family_name", profile.names.family_name),
        profile.locale,
        profile.home_location_id,
    )
