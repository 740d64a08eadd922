"""The demo chain's shops, points, staff and customers, as the messages that import them."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.customer.v1 import history_service_pb2 as history_pb
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.type.v1.money_pb2 import Money

from deploy.local.demo.families import CURRENCY, REVIEWED_UNTIL, SEED

FILE = Path(__file__).parent / "chain.yaml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def chain() -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(FILE.read_text(), yaml.CSafeLoader)
    return content


def location_ids() -> list[str]:
    return [location["location_id"] for location in chain()["locations"]]


def locations() -> Iterator[location_pb.Location]:
    for location in chain()["locations"]:
        yield location_pb.Location(
            location_id=location["location_id"],
            kind=location_pb.LocationKind.Value(f"LOCATION_KIND_{location['kind'].upper()}"),
            name=location["name"],
            address=location_pb.Address(**location["address"]),
            coordinates=location_pb.Coordinates(
                latitude=location["latitude"], longitude=location["longitude"]
            ),
            time_zone=location["time_zone"],
            opening_hours=[
                location_pb.OpeningHours(
                    weekday=DAYS.index(day) + 1,
                    opens_minute=minutes(hours["opens"]),
                    closes_minute=minutes(hours["closes"]),
                )
                for hours in location.get("opening_hours", ())
                for day in hours["days"]
            ],
        )


def minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def points() -> Iterator[point_pb.Point]:
    for point in chain()["points"]:
        yield point_pb.Point(
            point_id=point["point_id"],
            location_id=point["location_id"],
            kind=point_pb.PointKind.Value(f"POINT_KIND_{point['kind'].upper()}"),
            slot_minutes=point.get("slot_minutes", 0),
            slot_capacity_count=point.get("slot_capacity", 0),
            preparation_minutes=point.get("preparation_minutes", 0),
            cabinet_id=point.get("cabinet_id", ""),
            compartments=[
                point_pb.Compartment(
                    compartment_id=compartment["compartment_id"],
                    size=point_pb.CompartmentSize.Value(f"COMPARTMENT_SIZE_{compartment['size']}"),
                )
                for compartment in point.get("compartments", ())
            ],
        )


def cabinet_ids() -> list[str]:
    return [point["cabinet_id"] for point in chain()["points"] if "cabinet_id" in point]


def staff() -> Iterator[staff_pb.ImportStaffRequest]:
    for member in chain()["staff"]:
        yield staff_pb.ImportStaffRequest(
            member=staff_pb.StaffMember(
                badge=member["badge"],
                display_name=member["name"],
                roles=[
                    staff_pb.StaffRole.Value(f"STAFF_ROLE_{role.upper()}")
                    for role in member["roles"]
                ],
                location_ids=member.get("location_ids", ()),
                active=True,
            ),
            pin=member["pin"],
        )


def purchases(
    customer: dict[str, Any], customer_id: str, priced: list[tuple[str, int]]
) -> Iterator[history_pb.Purchase]:
    """A customer's past, the same at every load. `priced` holds sku and price by the piece."""
    draw = random.Random(f"{SEED} {customer['email']}")
    for number, past in enumerate(customer.get("history", ()), 1):
        bought = draw.sample(priced, past["items"])
        purchase = history_pb.Purchase(
            purchase_id=f"till-{customer_id}-{number}",
            customer_id=customer_id,
            location_id=past["location_id"],
            lines=[
                history_pb.PurchaseLine(sku=sku, quantity=1, total=money(minor))
                for sku, minor in bought
            ],
            total=money(sum(minor for _, minor in bought)),
            channel=history_pb.PURCHASE_CHANNEL_TILL,
        )
        purchase.purchase_time.FromDatetime(days_before(past["days_ago"], draw))
        yield purchase


def days_before(days: int, draw: random.Random) -> datetime:
    return REVIEWED_UNTIL - timedelta(days=days, minutes=draw.randint(0, 300))


def money(minor: int) -> Money:
    return Money(minor=minor, currency=CURRENCY)
