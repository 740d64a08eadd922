"""How a point may be defined by whoever imports it. Pure."""

import re

from chassis.errors import AppError, Kind, Violation
from services.collect.point.domain import (
    PREPARATION_MINUTES_DEFAULT,
    SLOT_CAPACITY_DEFAULT_COUNT,
    Point,
    PointKind,
)

SLOT_MINUTES = range(15, 240 + 1)
SLOT_CAPACITY_MAX_COUNT = 1000
PREPARATION_MINUTES_MAX = 1440
COMPARTMENTS_MAX = 500
ID = re.compile(r"[a-z0-9-]{1,64}")
COMPARTMENT_ID_LENGTH_MAX = 16
ID_WANTED = "send lower-case letters, digits and hyphens, 1 to 64"


class InvalidPointError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_POINT"


def check_point(point: Point) -> None:
    """Raises InvalidPointError, naming every field that is wrong."""
    wanted = (
        ("point_id", ID.fullmatch(point.point_id), ID_WANTED),
        ("location_id", ID.fullmatch(point.location_id), ID_WANTED),
        ("slot_minutes", point.slot_minutes in SLOT_MINUTES, "send 15 to 240, or 0 for 60"),
        (
            "slot_capacity_count",
            1 <= point.slot_capacity_count <= SLOT_CAPACITY_MAX_COUNT,
            f"send 1 to {SLOT_CAPACITY_MAX_COUNT}, or 0 for {SLOT_CAPACITY_DEFAULT_COUNT}",
        ),
        (
            "preparation_minutes",
            1 <= point.preparation_minutes <= PREPARATION_MINUTES_MAX,
            f"send 1 to {PREPARATION_MINUTES_MAX}, or 0 for {PREPARATION_MINUTES_DEFAULT}",
        ),
        *(locker_wanted(point) if point.kind is PointKind.LOCKER else counter_wanted(point)),
    )
    violations = tuple(Violation(field, advice) for field, holds, advice in wanted if not holds)
    if violations:
        raise InvalidPointError("the point cannot be taken as it is", violations=violations)


def counter_wanted(point: Point) -> tuple[tuple[str, object, str], ...]:
    return (
        ("cabinet_id", not point.cabinet_id, "leave it empty: a counter has no cabinet"),
        ("compartments", not point.compartments, "send none: a counter has no cabinet"),
    )


def locker_wanted(point: Point) -> tuple[tuple[str, object, str], ...]:
    ids = [c.compartment_id for c in point.compartments]
    named = all(1 <= len(i) <= COMPARTMENT_ID_LENGTH_MAX and i.isprintable() for i in ids)
    return (
        ("cabinet_id", ID.fullmatch(point.cabinet_id), ID_WANTED),
        ("compartments", 1 <= len(ids) <= COMPARTMENTS_MAX, f"send 1 to {COMPARTMENTS_MAX}"),
        ("compartments", named, f"name each with 1 to {COMPARTMENT_ID_LENGTH_MAX} characters"),
        ("compartments", len(set(ids)) == len(ids), "name each differently"),
    )


def invalid_point(field: str, advice: str) -> InvalidPointError:
    violations = (Violation(field, advice),)
    return InvalidPointError("the point cannot be taken as it is", violations=violations)
