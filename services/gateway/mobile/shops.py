"""Where the shops are, and where in them one collects. Open to visitors."""

from typing import Annotated, Any, Literal

from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.inventory.v1 import location_service_pb2 as pb
from msgspec import Meta

from chassis.errors import AppError, Kind
from services.gateway.routes import EVERYONE, Call, Route
from services.gateway.wire import (
    DEGREES,
    NextPageToken,
    Nothing,
    PageSize,
    PageToken,
    Received,
    Sent,
    Whole,
    coordinates_from_text,
    name_in,
    names_of,
    whole,
)

SHOPS_S = 60
LOCATION_KINDS = names_of(pb.LocationKind, "LOCATION_KIND_")
POINT_KINDS = names_of(point_pb.PointKind, "POINT_KIND_")
KINDS_ASKED = {
    "": pb.LOCATION_KIND_UNSPECIFIED,
    "shop": pb.LOCATION_KIND_SHOP,
    "warehouse": pb.LOCATION_KIND_WAREHOUSE,
}

Near = Annotated[
    str,
    Meta(
        max_length=64,
        description="Degrees north and east, e.g. `48.85,2.37`.",
        extra_json_schema={"pattern": f"^({DEGREES},{DEGREES})?$"},
    ),
]


class UnknownLocationError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_LOCATION"


class Address(Sent):
    street: str
    postcode: str
    city: str
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2, e.g. `FR`.")]


class Coordinates(Sent):
    """Degrees north and east (WGS 84)."""

    latitude: float
    longitude: float


class OpeningHours(Sent):
    """One span of every week, in minutes after local midnight of `weekday` (Monday is 1).

    `closes_minute` is above 1440 where it closes after midnight.
    """

    weekday: int
    opens_minute: int
    closes_minute: int


class Location(Sent):
    """A shop or a warehouse."""

    location_id: str
    kind: Annotated[str, Meta(description="`shop` or `warehouse`.")]
    name: str
    address: Address
    coordinates: Coordinates | None
    time_zone: str
    opening_hours: list[OpeningHours]
    revision: Whole
    distance_m: Annotated[int | None, Meta(description="From `near`; null without it.")] = None


class Locations(Sent):
    """A page of locations: the nearest first with `near`, else by id."""

    locations: list[Location]
    next_page_token: NextPageToken


class LocationsQuery(Received):
    near: Near = ""
    kind: Literal["", "shop", "warehouse"] = ""
    page_size: PageSize = 0
    page_token: PageToken = ""


class Point(Sent):
    """Where customers collect: a counter, or a locker cabinet."""

    point_id: str
    location_id: str
    kind: Annotated[str, Meta(description="`counter` or `locker`.")]
    slot_minutes: int
    preparation_minutes: int
    revision: Whole


class Points(Sent):
    """A page of points, by id."""

    points: list[Point]
    next_page_token: NextPageToken


class PointsQuery(Received):
    page_size: PageSize = 0
    page_token: PageToken = ""


async def list_locations(call: Call[Nothing, LocationsQuery]) -> Locations:
    query = call.query
    request = pb.ListLocationsRequest(
        kind=KINDS_ASKED[query.kind], page_size=query.page_size, page_token=query.page_token
    )
    if (near := coordinates_from_text(query.near, "near")) is not None:
        request.near.latitude, request.near.longitude = near
    page = await call.parts.peers.locations.ListLocations(request, metadata=call.metadata)
    distances = list(page.distances_m) or [None] * len(page.locations)
    return Locations(
        locations=[
            location_from_pb(location, distance_m)
            for location, distance_m in zip(page.locations, distances, strict=True)
        ],
        next_page_token=page.next_page_token,
    )


async def get_location(call: Call[Nothing, Nothing]) -> Location:
    return location_from_pb(await known_location(call, call.path["location_id"]), None)


async def known_location(call: Call[Any, Any], location_id: str) -> pb.Location:
    """Raises UnknownLocationError."""
    request = pb.BatchGetLocationsRequest(location_ids=[location_id])
    answer = await call.parts.peers.locations.BatchGetLocations(request, metadata=call.metadata)
    if not answer.locations:
        raise UnknownLocationError(f"there is no location {location_id}", location_id=location_id)
    found: pb.Location = answer.locations[0]
    return found


async def list_points(call: Call[Nothing, PointsQuery]) -> Points:
    request = point_pb.ListPointsRequest(
        location_id=call.path["location_id"],
        page_size=call.query.page_size,
        page_token=call.query.page_token,
    )
    page = await call.parts.peers.points.ListPoints(request, metadata=call.metadata)
    return Points(
        points=[point_from_pb(point) for point in page.points],
        next_page_token=page.next_page_token,
    )


def location_from_pb(location: pb.Location, distance_m: int | None) -> Location:
    address, where = location.address, location.coordinates
    return Location(
        location_id=location.location_id,
        kind=name_in(LOCATION_KINDS, location.kind),
        name=location.name,
        address=Address(
            street=address.street,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
        ),
        coordinates=Coordinates(latitude=where.latitude, longitude=where.longitude)
        if location.HasField("coordinates")
        else None,
        time_zone=location.time_zone,
        opening_hours=[hours_from_pb(hours) for hours in location.opening_hours],
        revision=whole(location.revision),
        distance_m=distance_m,
    )


def hours_from_pb(hours: pb.OpeningHours) -> OpeningHours:
    return OpeningHours(
        weekday=hours.weekday, opens_minute=hours.opens_minute, closes_minute=hours.closes_minute
    )


def point_from_pb(point: point_pb.Point) -> Point:
    return Point(
        point_id=point.point_id,
        location_id=point.location_id,
        kind=name_in(POINT_KINDS, point.kind),
        slot_minutes=point.slot_minutes,
        preparation_minutes=point.preparation_minutes,
        revision=whole(point.revision),
    )


ROUTES = (
    Route(
        method="GET",
        path="/v1/locations",
        handler=list_locations,
        summary="Shops, the nearest first if one says where one is",
        tag="Shops",
        who=EVERYONE,
        query=LocationsQuery,
        answer=Locations,
        public_s=SHOPS_S,
        problems=("INVALID_COORDINATES", "INVALID_PAGE"),
    ),
    Route(
        method="GET",
        path="/v1/locations/{location_id}",
        handler=get_location,
        summary="One shop",
        tag="Shops",
        who=EVERYONE,
        answer=Location,
        public_s=SHOPS_S,
        problems=("UNKNOWN_LOCATION", "INVALID_LOCATION_IDS"),
    ),
    Route(
        method="GET",
        path="/v1/locations/{location_id}/points",
        handler=list_points,
        summary="Where one collects there",
        tag="Shops",
        who=EVERYONE,
        query=PointsQuery,
        answer=Points,
        public_s=SHOPS_S,
        problems=("INVALID_PAGE",),
    ),
)
