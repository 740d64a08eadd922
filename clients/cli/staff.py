"""Those who work in the shops as our own CSV and JSON Lines say them. Columns: docs/import.md."""

import re

from comptoir.associate.v1 import staff_service_pb2 as pb

from clients.cli.entries import Note, Record
from clients.cli.fields import Fields, invalid

NEEDED = ("badge", "display_name", "roles")
COLUMNS = re.compile(r"badge|display_name|roles|location_ids|active|pin")
KNOWN = "badge, display_name, roles, location_ids, active, pin"
ROLES = {
    "associate": pb.STAFF_ROLE_ASSOCIATE,
    "manager": pb.STAFF_ROLE_MANAGER,
    "operator": pb.STAFF_ROLE_OPERATOR,
}


def member_from(record: Record) -> tuple[pb.ImportStaffRequest, tuple[Note, ...]]:
    """Raises RefusedError."""
    fields = Fields(record)
    member = pb.StaffMember(
        badge=fields.needed("badge"),
        display_name=fields.needed("display_name"),
        roles=[role_of(name) for name in fields.needed("roles").split()],
        location_ids=fields.text("location_ids").split(),
        active=fields.choice("active", ("true", "false")) != "false",
    )
    request = pb.ImportStaffRequest(member=member, pin=fields.text("pin"))
    fields.check_known()
    return request, ()


def role_of(name: str) -> pb.StaffRole.ValueType:
    if name not in ROLES:
        raise invalid("roles", f"some of {', '.join(ROLES)}, between spaces")
    return ROLES[name]
