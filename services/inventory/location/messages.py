"""Locations as protobuf, and back. Knows no rule."""

from comptoir.inventory.v1 import location_service_pb2 as pb

from services.inventory.location.domain import (
    Address,
    Coordinates,
    Location,
    LocationKind,
    OpeningHours,
)

KIND_TO_PB = {
    LocationKind.SHOP: pb.LOCATION_KIND_SHOP,
    LocationKind.WAREHOUSE: pb.LOCATION_KIND_WAREHOUSE,
}
KIND_FROM_PB = {number: kind for kind, number in KIND_TO_PB.items()}


def location_from_pb(location: pb.Location) -> Location:
    """`revision` is ours to give."""
    address, at = location.address, location.coordinates
    return Location(
        location_id=location.location_id,
        kind=KIND_FROM_PB.get(location.kind),
        name=location.name,
        address=Address(
            street=address.street,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
        ),
        coordinates=Coordinates(latitude=at.latitude, longitude=at.longitude)
        if location.HasField("coordinates")
        else None,
        time_zone=location.time_zone,
        opening_hours=tuple(
            OpeningHours(
                weekday=span.weekday,
                opens_minute=span.opens_minute,
                closes_minute=span.closes_minute,
            )
            for span in location.opening_hours
        ),
    )


def location_to_pb(location: Location) -> pb.Location:
    address, at = location.address, location.coordinates
    return pb.Location(
        location_id=location.location_id,
        kind=pb.LOCATION_KIND_UNSPECIFIED if location.kind is None else KIND_TO_PB[location.kind],
        name=location.name,
        address=pb.Address(
            street=address.street,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
        ),
        coordinates=None
        if at is None
        else pb.Coordinates(latitude=at.latitude, longitude=at.longitude),
        time_zone=location.time_zone,
        opening_hours=[
            pb.OpeningHours(
                weekday=span.weekday,
                opens_minute=span.opens_minute,
                closes_minute=span.closes_minute,
            )
            for span in location.opening_hours
        ],
        revision=location.revision,
    )
