"""Pick-up points as our own CSV and JSON Lines say them. Columns: docs/import.md."""

import re
from collections.abc import Iterator

from comptoir.collect.v1 import point_service_pb2 as pb

from clients.cli.entries import Note, Record
from clients.cli.fields import Fields, invalid

NEEDED = ("point_id", "location_id", "kind")
COLUMNS = re.compile(
    r"point_id|location_id|kind|slot_minutes|slot_capacity_count|preparation_minutes|cabinet_id"
    r"|compartments\.[SML]"
)
KNOWN = (
    "point_id, location_id, kind, slot_minutes, slot_capacity_count, preparation_minutes, "
    "cabinet_id, compartments.S, compartments.M, compartments.L"
)
KINDS = {"counter": pb.POINT_KIND_COUNTER, "locker": pb.POINT_KIND_LOCKER}
SIZES = {
    "S": pb.COMPARTMENT_SIZE_S,
    "M": pb.COMPARTMENT_SIZE_M,
    "L": pb.COMPARTMENT_SIZE_L,
}


def point_from(record: Record) -> tuple[pb.Point, tuple[Note, ...]]:
    """Raises RefusedError."""
    fields = Fields(record)
    if not (kind := fields.choice("kind", KINDS)):
        raise invalid("kind", "is needed")
    point = pb.Point(
        point_id=fields.needed("point_id"),
        location_id=fields.needed("location_id"),
        kind=KINDS[kind],
        slot_minutes=fields.small_integer("slot_minutes", 0),
        slot_capacity_count=fields.small_integer("slot_capacity_count", 0),
        preparation_minutes=fields.small_integer("preparation_minutes", 0),
        cabinet_id=fields.text("cabinet_id"),
        compartments=compartments_from(fields),
    )
    fields.check_known()
    return point, ()


def compartments_from(fields: Fields) -> Iterator[pb.Compartment]:
    """`compartments.S` is e.g. `A1 A2 A3`: what is written on the doors of that size."""
    doors = fields.below("compartments")
    if unknown := set(doors) - set(SIZES):
        raise invalid(f"compartments.{min(unknown)}", f"sizes are {', '.join(SIZES)}")
    return (
        pb.Compartment(compartment_id=name, size=size)
        for letter, size in SIZES.items()
        for name in doors.get(letter, "").split()
    )
