"""Erasing a customer: whom the list names, and what their records become. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.changes import Changed, Event
from services.customer.identity.domain import Credentials
from services.customer.profile.domain import (
    ImportedCustomer,
    InvalidProfileError,
    Profile,
    SealedNames,
)

NO_NAMES = SealedNames(given_name=b"", family_name=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """That a customer was erased: all that is kept of them for ever, and nothing else."""

    customer_id: str
    erase_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A customer whom an address or another system's id may mean."""

    customer_id: str
    has_account: bool


def erased(
    profile: Profile | None,
    imported: ImportedCustomer | None,
    credentials: Iterable[Credentials],
) -> Changed[bool]:
    """Their records with nothing personal left, found by nobody; whether there were any."""
    records: list[object] = [replace(c, password_hash="", erased=True) for c in credentials]
    events: list[Event] = []
    if imported is not None and imported.address_hash is not None:
        records.append(replace(imported, address_hash=None))
    if profile is not None:
        after = emptied(profile)
        records.append(after)
        events.append(customer_erased(after))
    return Changed(answer=bool(records), records=tuple(records), events=tuple(events))


def emptied(profile: Profile) -> Profile:
    # Its ciphertext opens nowhere any more; which shop was theirs was never sealed.
    return Profile(
        customer_id=profile.customer_id,
        email=b"",
        names=NO_NAMES,
        locale="",
        revision=profile.revision + 1,
        erased=True,
    )


def customer_erased(profile: Profile) -> Event:
    detail = {"customer_id": profile.customer_id}
    return Event("customer_erased", profile.customer_id, profile.revision, detail)


def check_asked(*, email: str, source_id: str) -> None:
    """Raises InvalidProfileError unless just one is given."""
    if bool(email.strip()) == bool(source_id.strip()):
        raise InvalidProfileError("send an e-mail address, or else the id of another system")
