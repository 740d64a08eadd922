"""Reads `stores.json` of the Best Buy open data set (BestBuyAPIs/open-data-set, CC0).

How the data are read, where they do not say:

* `id` is the number within that chain: the location is `bestbuy-1000`.
* `type` is a size (BigBox, Mobile, Express): all are shops, the Express machines too.
* Country: US, and PR for Puerto Rico. Our address has no state: it stands with the city, as it
  is written there, `Bloomington, MN`. Postcodes that lost their zeros in front (`2128`) get
  them back; `address2` follows the street.
* The time zone follows from the state, and in states with two from where the shop stands: see
  zones.py.
* `hours` carry no a.m. or p.m.: see hours.py. A shop whose hours cannot be read comes in
  without them, so not open to customers, and is told of: it has an address and holds stock.
* `lat` and `lon` as given. Where they lie in another zone than the state, that is told of
  (1536, Jonesboro in Arkansas, stands in Pennsylvania).
* `services` are the chain's own words: left out.
"""

import re
from typing import Any

from comptoir.inventory.v1 import location_service_pb2 as pb

from clients.cli.entries import Note, Record
from clients.cli.fields import decimal_of, invalid
from clients.cli.hours import UnreadableError, hours_from
from clients.cli.zones import may_stand_at, zone_of
from clients.house import printable

ZIP = re.compile(r"([0-9]{3,5})(-[0-9]{4})?")
ZIP_DIGITS = 5


def location_from(record: Record) -> tuple[pb.Location, tuple[Note, ...]]:
    """Raises RefusedError."""
    state = text(record, "state")
    coordinates = coordinates_from(record)
    zone = zone_of(state, coordinates.latitude, coordinates.longitude)
    if zone is None:
        raise invalid("state", "two letters of a state, DC or PR: the time zone follows from it")
    hours, notes = hours_or_note(record)
    if not may_stand_at(zone, coordinates.longitude):
        notes += (
            Note("COORDINATES_DOUBTED", f"longitude {coordinates.longitude} is not in {state}"),
        )
    location = pb.Location(
        location_id=f"bestbuy-{text(record, 'id')}",
        kind=pb.LOCATION_KIND_SHOP,
        name=text(record, "name"),
        address=pb.Address(
            street=", ".join(filter(None, (text(record, "address"), optional(record, "address2")))),
            postcode=postcode_of(text(record, "zip")),
            city=f"{text(record, 'city')}, {state}",
            country="PR" if state == "PR" else "US",
        ),
        coordinates=coordinates,
        time_zone=zone,
        opening_hours=hours,
    )
    return location, notes


def coordinates_from(record: Record) -> pb.Coordinates:
    at = record.get("location")
    if not isinstance(at, dict):
        raise invalid("location", "lat and lon are needed")
    latitude = decimal_of("location.lat", text(at, "lat"))
    longitude = decimal_of("location.lon", text(at, "lon"))
    return pb.Coordinates(latitude=float(latitude), longitude=float(longitude))


def hours_or_note(record: Record) -> tuple[list[pb.OpeningHours], tuple[Note, ...]]:
    written = optional(record, "hours")
    try:
        if not written:
            raise UnreadableError("there are none")
        spans = hours_from(written)
    except UnreadableError as error:
        return [], (Note("HOURS_NOT_READ", printable(f"{error}; comes in without hours", 200)),)
    return [pb.OpeningHours(**span._asdict()) for span in spans], ()


def postcode_of(written: str) -> str:
    found = ZIP.fullmatch(written)
    return written if found is None else found[1].zfill(ZIP_DIGITS) + (found[2] or "")


def text(record: Record, name: str) -> str:
    if not (value := optional(record, name)):
        raise invalid(name, "is needed")
    return value


def optional(record: Record, name: str) -> str:
    value: Any = record.get(name, "")
    return value.strip() if isinstance(value, str) else ""
