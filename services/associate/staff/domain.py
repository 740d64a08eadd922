"""Who works in the shops, as the chain's list says. Pure: no I/O, no clock, no protobuf."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from uuid import UUID, uuid5

from chassis.changes import Event
from chassis.errors import AppError, Kind, Violation

BADGE_LENGTH_MAX = 32
NAME_LENGTH_MAX = 100
LOCATIONS_MAX = 100
LOCATION_ID = re.compile(r"[a-z0-9-]{1,64}")
PIN = re.compile(r"[0-9]{6,12}")
# Changing it would make every member a stranger.
BADGES = UUID("8f1c9a1e-2d4b-5c1f-9a53-6f0f5b7a3c21")


class InvalidStaffError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_STAFF"


class UnknownStaffError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_STAFF"


class Role(Enum):
    """What one may do. Values are those of the grants."""

    ASSOCIATE = "associate"
    MANAGER = "manager"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One who works for the chain. An empty `pin_hash`: cannot sign in yet."""

    staff_id: str
    badge: str
    display_name: str
    roles: tuple[Role, ...]
    location_ids: tuple[str, ...]
    active: bool
    pin_hash: str = ""
    revision: int = 0

    def may_work_at(self, location_id: str) -> bool:
        """Operators without locations work everywhere."""
        everywhere = Role.OPERATOR in self.roles and not self.location_ids
        return self.active and (everywhere or location_id in self.location_ids)


def staff_id_of(badge: str) -> str:
    """Derives from the badge, so that an import needs no list of ids."""
    return str(uuid5(BADGES, badge))


def check(member: Staff, *, pin: str) -> None:
    """Raises InvalidStaffError, naming every field at fault. No PIN leaves the one there is."""
    if violations := (*member_violations(member), *pin_violations(pin)):
        raise InvalidStaffError("the member of staff cannot be taken", violations=violations)


def member_violations(member: Staff) -> Iterator[Violation]:
    if not is_text(member.badge, length_max=BADGE_LENGTH_MAX):
        yield Violation("badge", f"1 to {BADGE_LENGTH_MAX} printable characters")
    if not is_text(member.display_name, length_max=NAME_LENGTH_MAX):
        yield Violation("display_name", f"1 to {NAME_LENGTH_MAX} printable characters")
    if not member.roles:
        yield Violation("roles", "at least one of associate, manager, operator")
    if len(member.location_ids) > LOCATIONS_MAX:
        yield Violation("location_ids", f"at most {LOCATIONS_MAX}")
    if not all(map(LOCATION_ID.fullmatch, member.location_ids)):
        yield Violation("location_ids", "each 1 to 64 lower-case letters, digits and hyphens")
    if not member.location_ids and Role.OPERATOR not in member.roles:
        yield Violation("location_ids", "at least one, except for operators")


def pin_violations(pin: str) -> Iterator[Violation]:
    if pin and not PIN.fullmatch(pin):
        yield Violation("pin", "6 to 12 digits, or none to leave the one there is")


def is_text(text: str, *, length_max: int) -> bool:
    return 1 <= len(text) <= length_max and text.isprintable() and text == text.strip()


def put(before: Staff | None, listed: Staff) -> Staff:
    """The member as listed; `before` itself where the list says the same.

    An empty `pin_hash` leaves the one there is.
    """
    if before is None:
        return replace(listed, revision=1)
    pin_hash = listed.pin_hash or before.pin_hash
    after = replace(listed, pin_hash=pin_hash, revision=before.revision)
    return before if after == before else replace(after, revision=before.revision + 1)


def staff_changed(member: Staff) -> Event:
    detail = {"staff_id": member.staff_id, "active": member.active}
    return Event("staff_changed", member.staff_id, member.revision, detail)


def unknown_staff() -> UnknownStaffError:
    return UnknownStaffError("the caller is not on the chain's list of staff")
