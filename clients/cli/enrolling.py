"""`comptoir terminals …` and `comptoir cabinets …`: the shops' devices, and their codes."""

from typing import Annotated, Any
from uuid import uuid4

import typer
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from comptoir.collect.v1 import locker_service_pb2 as locker_pb
from comptoir.collect.v1.locker_service_pb2_grpc import LockerServiceStub

from clients.cli.operating import (
    PAGE_SIZE,
    AtLocation,
    Cause,
    Desk,
    Outcome,
    Row,
    Service,
    operating,
    time_of,
)

INSTALLER = "installer"
EXIT_CODES = "Exit codes: 0 done, 2 could not run or was refused."
LocationId = Annotated[str, typer.Argument(help="Of the shop it will stand in.")]
Label = Annotated[str, typer.Option(help="What colleagues call it, e.g. 'Counter 1'.")]
TerminalId = Annotated[str, typer.Argument(help="As `terminals list` has it.")]
CabinetId = Annotated[str, typer.Argument(help="As its pick-up point has it.")]
KeepsKey = Annotated[
    bool,
    typer.Option(
        "--keeps-key",
        help="The key it has works on until another brings the code. Not for a lost one.",
    ),
]

terminals = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The shops' terminals: which there are, codes to enrol them with, and their end.",
    epilog=EXIT_CODES,
)
cabinets = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Locker cabinets: which there are, and codes to enrol them with.",
    epilog=EXIT_CODES,
)


@terminals.command("code")
@operating(Service.associate, who=INSTALLER)
async def terminal_code(desk: Desk, location_id: LocationId, label: Label) -> Outcome:
    """Make a code with which one terminal is enrolled, good for 15 minutes.

    It is typed at /terminal on the device. Whoever has it has a terminal of that shop."""
    stub: Any = TerminalServiceStub(desk.channel)
    request = terminal_pb.CreateEnrolmentCodeRequest(
        request_id=str(uuid4()), location_id=location_id, label=label
    )
    answer = await desk.call(stub.CreateEnrolmentCode, request)
    return Outcome(rows=[row_of(answer)], words=f"type it at /terminal on {label}, once")


@terminals.command("list")
@operating(Service.associate, who=INSTALLER)
async def list_terminals(desk: Desk, location: AtLocation = "") -> Outcome:
    """List the terminals that were enrolled; those that were revoked too."""
    stub: Any = TerminalServiceStub(desk.channel)
    request = terminal_pb.ListTerminalsRequest(location_id=location, page_size=PAGE_SIZE)
    found = await desk.pages(stub.ListTerminals, request, "terminals")
    return Outcome(rows=list(map(terminal_row, found)), words=f"{len(found)} terminals")


@terminals.command("revoke")
@operating(Service.associate, who=INSTALLER)
async def revoke_terminal(desk: Desk, terminal_id: TerminalId, cause: Cause) -> Outcome:
    """Take a terminal away for good: nobody signs in on it, and whoever has is signed out.

    It may be repeated until it is answered. A device that comes back needs a new code."""
    stub: Any = TerminalServiceStub(desk.channel)
    request = terminal_pb.RevokeTerminalRequest(
        request_id=str(uuid4()), terminal_id=terminal_id, cause=cause
    )
    answer = await desk.call(stub.RevokeTerminal, request)
    words = "nobody signs in on it any more; tokens got on it end within 5 s"
    return Outcome(rows=[terminal_row(answer.terminal)], words=words)


@cabinets.command("list")
@operating(Service.collect, who=INSTALLER)
async def list_cabinets(desk: Desk, location: AtLocation = "") -> Outcome:
    """List the locker cabinets, whether each has a key of its own and is on its line."""
    stub: Any = LockerServiceStub(desk.channel)
    request = locker_pb.ListCabinetsRequest(location_id=location, page_size=PAGE_SIZE)
    found = await desk.pages(stub.ListCabinets, request, "cabinets")
    return Outcome(rows=list(map(cabinet_row, found)), words=f"{len(found)} cabinets")


@cabinets.command("code")
@operating(Service.collect, who=INSTALLER)
async def cabinet_code(desk: Desk, cabinet_id: CabinetId, keeps_key: KeepsKey = False) -> Outcome:
    """Make a code with which one cabinet is enrolled, good for 24 hours.

    A cabinet that is enrolled already stops working now, or with --keeps-key once it is
    replaced; the code before ends."""
    stub: Any = LockerServiceStub(desk.channel)
    request = locker_pb.CreateCabinetCodeRequest(
        request_id=str(uuid4()), cabinet_id=cabinet_id, keeps_key=keeps_key
    )
    answer = await desk.call(stub.CreateCabinetCode, request)
    return Outcome(rows=[row_of(answer)], words=f"for the cabinet {cabinet_id}, once")


def row_of(answer: Any) -> Row:
    return {"code": answer.code, "until": time_of(answer, "expire_time")}


def terminal_row(terminal: terminal_pb.Terminal) -> Row:
    return {
        "terminal": terminal.terminal_id,
        "location": terminal.location_id,
        "label": terminal.label,
        "revoked": terminal.revoked,
    }


def cabinet_row(cabinet: locker_pb.Cabinet) -> Row:
    return {
        "cabinet": cabinet.cabinet_id,
        "location": cabinet.location_id,
        "point": cabinet.point_id,
        "enrolled": cabinet.enrolled,
        "online": cabinet.online,
        "seen": time_of(cabinet, "seen_time"),
        "free": cabinet.free_count,
        "compartments": cabinet.total_count,
    }
