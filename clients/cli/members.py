"""`comptoir staff …`: who was taken in, by badge."""

from typing import Any

import typer
from comptoir.associate.v1 import staff_service_pb2 as pb
from comptoir.associate.v1.staff_service_pb2_grpc import StaffServiceStub

from clients.cli.operating import AtLocation, Desk, Outcome, Row, Service, operating

# Who takes staff in may see them.
IMPORTER = "importer"
PAGE_SIZE = 500

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Those who work in the shops: who may sign in where. `import staff` changes them.",
    epilog="Exit codes: 0 done, 2 could not run or was refused.",
)


@app.callback()
def several() -> None:
    """Those who work in the shops: who may sign in where. `import staff` changes them."""


@app.command("list")
@operating(Service.associate, who=IMPORTER)
async def list_staff(desk: Desk, location: AtLocation = "") -> Outcome:
    """List staff by badge, without names; those who may sign in no more too.

    Operators who work everywhere are listed for no shop."""
    stub: Any = StaffServiceStub(desk.channel)
    request = pb.ListStaffRequest(location_id=location, page_size=PAGE_SIZE)
    found = await desk.pages(stub.ListStaff, request, "members")
    return Outcome(rows=list(map(row_of, found)), words=f"{len(found)} members of staff")


def row_of(member: pb.StaffEntry) -> Row:
    return {
        "badge": member.badge,
        "roles": [role_name(role) for role in member.roles],
        "locations": list(member.location_ids),
        "active": member.active,
        "pin": member.has_pin,
    }


def role_name(role: pb.StaffRole.ValueType) -> str:
    """As files say it; one that a newer house has by its number."""
    if role not in pb.StaffRole.values():
        return str(role)
    return pb.StaffRole.Name(role).removeprefix("STAFF_ROLE_").lower()
