"""What a customer told us of themselves, and who of the staff looked. Knows ciphertext alone."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind, Violation

LOCALES = ("fr", "en")
NAME_LENGTH_MAX = 100
ID_LENGTH_MAX = 64
SOURCE_ID_LENGTH_MAX = 128


class UnknownCustomerError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_CUSTOMER"


class InvalidProfileError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_PROFILE"


class CustomerErasedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "CUSTOMER_ERASED"


class RevisionChangedError(AppError):
    kind, reason = Kind.ABORTED, "REVISION_CHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the customer may change, readable: it is never kept so."""

    given_name: str
    family_name: str
    locale: str
    home_location_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedNames:
    """Names under the customer's own key."""

    given_name: bytes
    family_name: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A customer as they are kept: what is personal is under their own key."""

    customer_id: str
    email: bytes
    names: SealedNames
    locale: str
    home_location_id: str = ""
    revision: int = 1
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """A customer of another system, readable: never kept so. `address` is normalised, or empty."""

    customer_id: str
    email: str
    address: str
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCustomer:
    """That a customer came from another system, and under which address, by the HMAC of it.

    Several may have one: it says who may be asked whether they are the same, not who is.
    """

    customer_id: str
    address_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRead:
    """Who of the staff looked at a customer's data, by which method, and when."""

    read_id: str
    staff_id: str
    customer_id: str
    method: str
    read_time: datetime


def checked(details: Details) -> Details:
    """Without space around the names. Raises InvalidProfileError, naming every bad field."""
    clean = replace(
        details,
        given_name=details.given_name.strip(),
        family_name=details.family_name.strip(),
    )
    if violations := tuple(violations_of(clean)):
        fields = ", ".join(violation.field for violation in violations)
        raise InvalidProfileError(f"the profile has bad fields: {fields}", violations=violations)
    return clean


def violations_of(details: Details) -> Iterator[Violation]:
    if not details.given_name or not is_name(details.given_name):
        yield Violation("given_name", f"1 to {NAME_LENGTH_MAX} characters on one line")
    if not is_name(details.family_name):
        yield Violation("family_name", f"at most {NAME_LENGTH_MAX} characters on one line")
    if details.locale not in LOCALES:
        yield Violation("locale", f"one of {', '.join(LOCALES)}")
    if len(details.home_location_id) > ID_LENGTH_MAX:
        yield Violation("home_location_id", f"at most {ID_LENGTH_MAX} characters")


def is_name(text: str) -> bool:
    return len(text) <= NAME_LENGTH_MAX and is_line(text)


def is_line(text: str) -> bool:
    return not any(unicodedata.category(c) == "Cc" for c in text)


def updated(
    before: Profile | None,
    *,
    customer_id: str,
    names: SealedNames,
    details: Details,
    revision: int,
) -> Changed[Profile]:
    """Replace what the customer may change; `names` are those of `details`, sealed.

    Raises UnknownCustomerError; RevisionChangedError unless `revision` is zero or the
    profile's.
    """
    if before is None:
        raise unknown_customer(customer_id)
    if revision not in (0, before.revision):
        raise RevisionChangedError(
            f"the profile is at revision {before.revision}, not {revision}: read it again",
            revision=before.revision,
            asked_revision=revision,
        )
    after = replace(
        before,
        names=names,
        locale=details.locale,
        home_location_id=details.home_location_id,
        revision=before.revision + 1,
    )
    return Changed(answer=after, records=(after,), events=(profile_changed(after),))


def put(before: Profile | None, new: Profile, *, is_same: bool) -> Profile:
    """What is kept of a customer that came again; `before` itself where it says the same."""
    if before is None:
        return new
    return before if is_same else replace(new, revision=before.revision + 1)


def check_source_id(source_id: str) -> None:
    """Raises InvalidProfileError."""
    if not (source_id.strip() and len(source_id) <= SOURCE_ID_LENGTH_MAX and is_line(source_id)):
        violation = Violation("source_id", f"1 to {SOURCE_ID_LENGTH_MAX} printable characters")
        raise InvalidProfileError("the customer has no source id", violations=(violation,))


def customer_erased() -> CustomerErasedError:
    return CustomerErasedError("this customer was erased: leave them out of the file")


def profile_changed(profile: Profile) -> Event:
    detail = {"customer_id": profile.customer_id}
    return Event("profile_changed", profile.customer_id, profile.revision, detail)


def unknown_customer(customer_id: str) -> UnknownCustomerError:
    return UnknownCustomerError("no such customer", customer_id=customer_id[:ID_LENGTH_MAX])
