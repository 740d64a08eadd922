"""Points, places, lines and options from protobuf and to it. No rules here."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.collect.v1 import point_service_pb2 as pb
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.collect.point import domain
from services.collect.point.definition import invalid_point
from services.collect.point.domain import Compartment, Place, PlaceKind, Point, PointKind, Size
from services.collect.point.hours import OpeningSpan
from services.collect.point.lines import Line
from services.collect.point.options import OfferedSlot, Option
from services.collect.point.parcel import size_for

KIND_TO_PB = {
    PointKind.COUNTER: pb.POINT_KIND_COUNTER,
    PointKind.LOCKER: pb.POINT_KIND_LOCKER,
}
KIND_FROM_PB = {number: kind for kind, number in KIND_TO_PB.items()}
SIZE_TO_PB = {
    Size.S: pb.COMPARTMENT_SIZE_S,
    Size.M: pb.COMPARTMENT_SIZE_M,
    Size.L: pb.COMPARTMENT_SIZE_L,
}
SIZE_FROM_PB = {number: size for size, number in SIZE_TO_PB.items()}
PARCEL_FROM_PB = {
    product_pb.PARCEL_SIZE_S: Size.S,
    product_pb.PARCEL_SIZE_M: Size.M,
    product_pb.PARCEL_SIZE_L: Size.L,
}
PIECES = ("", "piece")


def point_from_pb(message: pb.Point) -> Point:
    """With defaults for what is zero. Raises InvalidPointError for what has no meaning here."""
    if message.kind not in KIND_FROM_PB:
        raise invalid_point("kind", "send COUNTER or LOCKER")
    return Point(
        point_id=message.point_id,
        location_id=message.location_id,
        kind=KIND_FROM_PB[message.kind],
        slot_minutes=message.slot_minutes or domain.SLOT_MINUTES_DEFAULT,
        slot_capacity_count=message.slot_capacity_count or domain.SLOT_CAPACITY_DEFAULT_COUNT,
        preparation_minutes=message.preparation_minutes or domain.PREPARATION_MINUTES_DEFAULT,
        cabinet_id=message.cabinet_id,
        compartments=tuple(map(compartment_from_pb, message.compartments)),
    )


def compartment_from_pb(message: pb.Compartment) -> Compartment:
    if message.size not in SIZE_FROM_PB:
        raise invalid_point("compartments", "send S, M or L as the size of each")
    return Compartment(message.compartment_id, SIZE_FROM_PB[message.size])


def point_to_pb(point: Point) -> pb.Point:
    return pb.Point(
        point_id=point.point_id,
        location_id=point.location_id,
        kind=KIND_TO_PB[point.kind],
        slot_minutes=point.slot_minutes,
        slot_capacity_count=point.slot_capacity_count,
        preparation_minutes=point.preparation_minutes,
        cabinet_id=point.cabinet_id,
        compartments=[
            pb.Compartment(compartment_id=c.compartment_id, size=SIZE_TO_PB[c.size])
            for c in point.compartments
        ],
        revision=point.revision,
    )


def place_from_pb(location: location_pb.Location) -> Place:
    is_shop = location.kind == location_pb.LOCATION_KIND_SHOP
    known = location.HasField("coordinates")
    return Place(
        location_id=location.location_id,
        name=location.name,
        kind=PlaceKind.SHOP if is_shop else PlaceKind.WAREHOUSE,
        latitude=location.coordinates.latitude if known else None,
        longitude=location.coordinates.longitude if known else None,
        time_zone=location.time_zone,
        opening_hours=tuple(
            OpeningSpan(span.weekday, span.opens_minute, span.closes_minute)
            for span in location.opening_hours
        ),
        revision=location.revision,
    )


def lines_from_pb(messages: Iterable[pb.BasketLine]) -> tuple[Line, ...]:
    return tuple(Line(message.sku, message.quantity) for message in messages)


def size_from_products(
    products: Iterable[product_pb.Product], quantity_by_sku: Mapping[str, int]
) -> Size | None:
    """The compartment that takes so much of each product, or None.

    What is sold by measure makes one parcel, whatever its length or weight.
    """
    found = {product.sku: product for product in products}
    if found.keys() != quantity_by_sku.keys():
        return None
    return size_for(
        (
            PARCEL_FROM_PB.get(product.parcel_size),
            quantity_by_sku[sku] if product.stock_unit.unit in PIECES else 1,
        )
        for sku, product in found.items()
    )


def option_to_pb(option: Option) -> pb.PickUpOption:
    return pb.PickUpOption(
        point_id=option.point.point_id,
        location_id=option.point.location_id,
        kind=KIND_TO_PB[option.point.kind],
        available=option.available,
        reason=option.reason,
        short_skus=option.short_skus,
        ready_time=None if option.ready_time is None else time_to_pb(option.ready_time),
        slots=map(slot_to_pb, option.slots),
        distance_m=option.distance_m or 0,
        valid_until_time=time_to_pb(option.valid_until_time),
    )


def slot_to_pb(slot: OfferedSlot) -> pb.Slot:
    return pb.Slot(
        slot_id=slot.slot_id,
        start_time=time_to_pb(slot.start_time),
        end_time=time_to_pb(slot.end_time),
        left_count=slot.left_count,
    )


def time_to_pb(instant: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(instant)
    return message
