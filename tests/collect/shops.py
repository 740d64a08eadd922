"""Places and points that tests of collect are about."""

from datetime import UTC, datetime

from services.collect.point.domain import (
    Compartment,
    Place,
    PlaceKind,
    Point,
    PointKind,
    Size,
)
from services.collect.point.hours import OpeningSpan

# 10:00 to 19:30, Monday to Saturday.
SHOP_HOURS = tuple(OpeningSpan(weekday, 600, 1170) for weekday in range(1, 7))


def place(
    location_id: str = "paris",
    *,
    hours: tuple[OpeningSpan, ...] = SHOP_HOURS,
    time_zone: str = "Europe/Paris",
    at: tuple[float, float] | None = (48.85, 2.37),
    revision: int = 1,
) -> Place:
    return Place(
        location_id=location_id,
        name=location_id.title(),
        kind=PlaceKind.SHOP,
        latitude=at[0] if at else None,
        longitude=at[1] if at else None,
        time_zone=time_zone,
        opening_hours=hours,
        revision=revision,
    )


def counter(
    point_id: str = "paris-counter",
    location_id: str = "paris",
    *,
    slot_minutes: int = 60,
    slot_capacity_count: int = 2,
    preparation_minutes: int = 30,
) -> Point:
    return Point(
        point_id=point_id,
        location_id=location_id,
        kind=PointKind.COUNTER,
        slot_minutes=slot_minutes,
        slot_capacity_count=slot_capacity_count,
        preparation_minutes=preparation_minutes,
        revision=1,
    )


def locker(
    point_id: str = "paris-locker",
    location_id: str = "paris",
    *,
    cabinet_id: str = "cabinet-1",
    sizes: tuple[Size, ...] = (Size.S, Size.M),
) -> Point:
    return Point(
        point_id=point_id,
        location_id=location_id,
        kind=PointKind.LOCKER,
        cabinet_id=cabinet_id,
        compartments=tuple(Compartment(f"A{n}", size) for n, size in enumerate(sizes, 1)),
        revision=1,
    )


def paris(text: str) -> datetime:
    """The instant of a time in Paris in winter: `paris("2026-11-23 10:00")`."""
    return datetime.fromisoformat(f"{text}+01:00").astimezone(UTC)
