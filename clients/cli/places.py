"""Locations and stock levels as our own CSV and JSON Lines say them. Columns: docs/import.md."""

import re

from comptoir.inventory.v1 import location_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from clients.cli.entries import Note, Record
from clients.cli.fields import Fields, invalid

LOCATION_NEEDED = ("location_id", "name", "country", "time_zone")
LOCATION_COLUMNS = re.compile(
    r"location_id|kind|name|street|postcode|city|country|latitude|longitude|time_zone"
    r"|hours\.(mon|tue|wed|thu|fri|sat|sun)"
)
LOCATION_KNOWN = (
    "location_id, kind, name, street, postcode, city, country, latitude, longitude, "
    "time_zone, hours.mon to hours.sun"
)
STOCK_NEEDED = ("location_id", "sku", "sellable_quantity")
STOCK_COLUMNS = re.compile(r"location_id|sku|sellable_quantity|safety_quantity")
STOCK_KNOWN = "location_id, sku, sellable_quantity, safety_quantity"
KINDS = {"shop": pb.LOCATION_KIND_SHOP, "warehouse": pb.LOCATION_KIND_WAREHOUSE}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
DAY_MIN = 24 * 60


def location_from(record: Record) -> tuple[pb.Location, tuple[Note, ...]]:
    """Raises RefusedError."""
    fields = Fields(record)
    location = pb.Location(
        location_id=fields.needed("location_id"),
        kind=KINDS[fields.choice("kind", KINDS) or "shop"],
        name=fields.needed("name"),
        address=pb.Address(
            street=fields.text("street"),
            postcode=fields.text("postcode"),
            city=fields.text("city"),
            country=fields.needed("country"),
        ),
        coordinates=coordinates_from(fields),
        time_zone=fields.needed("time_zone"),
        opening_hours=hours_from(fields),
    )
    fields.check_known()
    return location, ()


def coordinates_from(fields: Fields) -> pb.Coordinates | None:
    """Both or none."""
    if not any([fields.has("latitude"), fields.has("longitude")]):
        return None
    return pb.Coordinates(
        latitude=float(fields.decimal("latitude")), longitude=float(fields.decimal("longitude"))
    )


def hours_from(fields: Fields) -> list[pb.OpeningHours]:
    """`hours.mon` is e.g. `09:00-12:30 14:00-19:00`; one that ends earlier ends next day."""
    by_day = fields.below("hours")
    if unknown := set(by_day) - set(DAYS):
        raise invalid(f"hours.{min(unknown)}", f"days are {', '.join(DAYS)}")
    return [
        span_from(f"hours.{day}", weekday, span)
        for weekday, day in enumerate(DAYS, 1)
        for span in by_day.get(day, "").split()
    ]


def span_from(name: str, weekday: int, text: str) -> pb.OpeningHours:
    found = SPAN.fullmatch(text)
    if not found or int(found[2]) > 59 or int(found[4]) > 59:
        raise invalid(name, "spans such as 09:00-12:30 14:00-19:00")
    opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if closes <= opens:
        closes += DAY_MIN
    return pb.OpeningHours(weekday=weekday, opens_minute=opens, closes_minute=closes)


def level_from(record: Record) -> tuple[stock_pb.StockLevel, tuple[Note, ...]]:
    """Raises RefusedError."""
    fields = Fields(record)
    level = stock_pb.StockLevel(
        location_id=fields.needed("location_id"),
        sku=fields.needed("sku"),
        sellable_quantity=fields.integer("sellable_quantity"),
        safety_quantity=fields.integer("safety_quantity", 0),
    )
    fields.check_known()
    return level, ()
