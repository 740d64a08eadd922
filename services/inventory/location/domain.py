"""Rules for the places where stock is: shops and warehouses, where they stand, when open. Pure."""

import heapq
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind, Violation

ID = re.compile(r"[a-z0-9-]{1,64}")
COUNTRY = re.compile(r"[A-Z]{2}")
TEXT_LENGTH_MAX = 200
HOURS_MAX = 50
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Mean radius of the Earth, (2a + b) / 3 of WGS 84.
EARTH_RADIUS_M = 6_371_008.8


class UnknownLocationError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_LOCATION"


class InvalidLocationError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LOCATION"


class InvalidCoordinatesError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_COORDINATES"


class InvalidLocationIdsError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LOCATION_IDS"


class LocationKind(StrEnum):
    SHOP = "shop"
    WAREHOUSE = "warehouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`country` is an ISO 3166-1 alpha-2 code; the others are as people write them there."""

    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """Degrees north and east (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """A span of every week, from a weekday (1 is Monday) in minutes after its local midnight."""

    weekday: int
    opens_minute: int
    closes_minute: int

    @property
    def begin(self) -> int:
        """Minutes after midnight on Monday; `end` may lie in the next week."""
        return (self.weekday - 1) * DAY_MIN + self.opens_minute

    @property
    def end(self) -> int:
        return (self.weekday - 1) * DAY_MIN + self.closes_minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """`listed` is the revision of the directory that this one came with: see `Directory`."""

    location_id: str
    kind: LocationKind | None
    name: str
    address: Address
    coordinates: Coordinates | None
    time_zone: str
    opening_hours: tuple[OpeningHours, ...] = ()
    revision: int = 0
    listed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Grows with every change of any location, so that a reader knows what it has yet to read."""

    directory_id: str
    revision: int = 0


class Distance(NamedTuple):
    """A location and how far it is, in whole metres; they sort by both, in this order."""

    metres: int
    location_id: str
    location: Location


def put(before: Location | None, location: Location) -> Location:
    """The location as it comes to stand; `before` itself if it says the same already."""
    if before is None:
        return replace(location, revision=1)
    if replace(location, revision=before.revision, listed=before.listed) == before:
        return before
    return replace(location, revision=before.revision + 1)


def listed(directory: Directory, locations: Iterable[Location]) -> Changed[None]:
    """What is left behind when `locations` come to stand."""
    grown = replace(directory, revision=directory.revision + 1)
    records = [replace(location, listed=grown.revision) for location in locations]
    events = tuple(location_changed(location) for location in records)
    return Changed(answer=None, records=(*records, grown), events=events)


def location_changed(location: Location) -> Event:
    detail = {"location_id": location.location_id}
    return Event("location_changed", location.location_id, location.revision, detail)


def nearest(
    locations: Iterable[Location],
    origin: Coordinates,
    *,
    after: tuple[int, str] | None,
    limit: int,
) -> list[Distance]:
    """At most `limit` of those with coordinates, nearest first, behind `after`."""
    found = (
        Distance(distance_m(origin, location.coordinates), location.location_id, location)
        for location in locations
        if location.coordinates is not None
    )
    behind = (d for d in found if after is None or d[:2] > after)
    return heapq.nsmallest(limit, behind, key=lambda d: d[:2])


def distance_m(a: Coordinates, b: Coordinates) -> int:
    """Along the great circle, by the haversine formula: at most 0.6 % off the ellipsoid."""
    latitude_a, latitude_b = math.radians(a.latitude), math.radians(b.latitude)
    north = math.sin((latitude_b - latitude_a) / 2)
    east = math.sin(math.radians(b.longitude - a.longitude) / 2)
    h = north**2 + math.cos(latitude_a) * math.cos(latitude_b) * east**2
    # Rounding may carry antipodes above 1, where asin has no value.
    return round(2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(h, 1.0))))


def check_coordinates(origin: Coordinates) -> None:
    """Raises InvalidCoordinatesError."""
    if violations := coordinates_violations(origin, "near"):
        raise InvalidCoordinatesError("no such point on the globe", violations=tuple(violations))


def check_location_ids(location_ids: Sequence[str], *, count_max: int) -> None:
    """Raises InvalidLocationIdsError."""
    if not 1 <= len(location_ids) <= count_max or len(set(location_ids)) < len(location_ids):
        raise invalid_location_ids(f"1 to {count_max}, each another")


def invalid_location_ids(rule: str) -> InvalidLocationIdsError:
    violation = Violation("location_ids", rule)
    return InvalidLocationIdsError("locations are not as they must be", violations=(violation,))


def check_location(location: Location) -> None:
    """Raises InvalidLocationError, naming every field at fault."""
    violations = [
        *name_violations(location),
        *address_violations(location.address),
        *time_zone_violations(location.time_zone),
        *hours_violations(location.opening_hours),
    ]
    if location.coordinates is not None:
        violations += coordinates_violations(location.coordinates, "coordinates")
    if violations:
        raise InvalidLocationError(
            "the location is not as it must be", violations=tuple(violations)
        )


def name_violations(location: Location) -> list[Violation]:
    violations = []
    if not ID.fullmatch(location.location_id):
        rule = "1 to 64 lower-case letters, digits and hyphens"
        violations.append(Violation("location_id", rule))
    if location.kind is None:
        violations.append(Violation("kind", "shop or warehouse"))
    if not 1 <= len(location.name) <= TEXT_LENGTH_MAX:
        violations.append(Violation("name", f"1 to {TEXT_LENGTH_MAX} characters"))
    return violations


def address_violations(address: Address) -> list[Violation]:
    violations = [
        Violation(f"address.{name}", f"at most {TEXT_LENGTH_MAX} characters")
        for name in ("street", "postcode", "city")
        if len(getattr(address, name)) > TEXT_LENGTH_MAX
    ]
    if not COUNTRY.fullmatch(address.country):
        violations.append(Violation("address.country", "two capital letters of ISO 3166-1"))
    return violations


def coordinates_violations(coordinates: Coordinates, path: str) -> list[Violation]:
    violations = []
    # Written so that not-a-number is refused too.
    if not -90 <= coordinates.latitude <= 90:
        violations.append(Violation(f"{path}.latitude", "-90 to 90 degrees"))
    if not -180 <= coordinates.longitude <= 180:
        violations.append(Violation(f"{path}.longitude", "-180 to 180 degrees"))
    return violations


def time_zone_violations(name: str) -> list[Violation]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # Not there; not a name at all; a folder of them.
        return [Violation("time_zone", "an IANA name such as Europe/Paris")]
    return []


def hours_violations(hours: Sequence[OpeningHours]) -> list[Violation]:
    if len(hours) > HOURS_MAX:
        return [Violation("opening_hours", f"at most {HOURS_MAX} spans")]
    violations = [v for n, span in enumerate(hours) for v in span_violations(span, n)]
    return violations or overlap_violations(hours)


def span_violations(span: OpeningHours, number: int) -> list[Violation]:
    path = f"opening_hours[{number}]"
    if not 1 <= span.weekday <= 7:
        return [Violation(f"{path}.weekday", "1 (Monday) to 7 (Sunday)")]
    if not 0 <= span.opens_minute < DAY_MIN:
        return [Violation(f"{path}.opens_minute", f"0 to {DAY_MIN - 1}, on {day_of(span)}")]
    if not span.opens_minute < span.closes_minute <= 2 * DAY_MIN:
        rule = f"after it opens, at most {2 * DAY_MIN}, on {day_of(span)}"
        return [Violation(f"{path}.closes_minute", rule)]
    return []


def overlap_violations(hours: Sequence[OpeningHours]) -> list[Violation]:
    """Where one span begins before the last has ended; Sunday's may reach into Monday."""
    spans = sorted(hours, key=lambda span: span.begin)
    if not spans:
        return []
    following = [(span, span.begin) for span in spans[1:]] + [(spans[0], spans[0].begin + WEEK_MIN)]
    return [
        Violation("opening_hours", f"{day_of(span)} begins before {day_of(before)} has ended")
        for before, (span, begin) in zip(spans, following, strict=True)
        if begin < before.end
    ]


def day_of(span: OpeningHours) -> str:
    return DAYS[span.weekday - 1]
