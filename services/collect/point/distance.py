"""How far one place is from another. Pure."""

import math
from dataclasses import dataclass

from chassis.errors import AppError, Kind, Violation

# Mean radius of WGS 84, as in inventory: two services that tell a distance tell the same.
EARTH_RADIUS_M = 6_371_008.8
DEGREE_M = math.tau * EARTH_RADIUS_M / 360


class InvalidCoordinatesError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_COORDINATES"


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Degrees north and east (WGS 84)."""

    latitude: float
    longitude: float


def check_coordinates(near: Coordinates) -> None:
    """Raises InvalidCoordinatesError."""
    limits = (("latitude", near.latitude, 90), ("longitude", near.longitude, 180))
    violations = tuple(
        Violation(field, f"send -{limit} to {limit} degrees")
        for field, degrees, limit in limits
        if not -limit <= degrees <= limit  # Also false for what is not a number.
    )
    if violations:
        raise InvalidCoordinatesError(
            "these coordinates are not on the globe", violations=violations
        )


def distance_m(a: Coordinates, b: Coordinates) -> int:
    """Along the great circle of a sphere, by the haversine formula: right to 0.6 %."""
    north_a, north_b = math.radians(a.latitude), math.radians(b.latitude)
    east = math.radians(b.longitude - a.longitude)
    h = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin(east / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h))))


def box(near: Coordinates, reach_deg: float) -> tuple[Coordinates, Coordinates]:
    """South-west and north-east corners, beyond which all is further than so many degrees of arc.

    All around the globe where the box would hold a pole or cross the date line.
    """
    south, north = near.latitude - reach_deg, near.latitude + reach_deg
    west, east = -181.0, 181.0
    if -90 < south and north < 90:
        # Meridians that touch the circle of that reach, which is widest beyond its middle.
        sine = math.sin(math.radians(reach_deg)) / math.cos(math.radians(near.latitude))
        half = math.degrees(math.asin(sine))
        if -180 < near.longitude - half and near.longitude + half < 180:
            west, east = near.longitude - half, near.longitude + half
    return Coordinates(south, west), Coordinates(north, east)
