"""`comptoir terminals …` and `comptoir cabinets …`: codes with which devices are enrolled."""

from typing import Annotated, Any
from uuid import uuid4

import typer
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from comptoir.collect.v1 import locker_service_pb2 as locker_pb
from comptoir.collect.v1.locker_service_pb2_grpc import LockerServiceStub

from clients.cli.operating import Desk, Outcome, Row, Service, operating, time_of

INSTALLER = "installer"
EXIT_CODES = "Exit codes: 0 done, 2 could not run or was refused."
LocationId = Annotated[str, typer.Argument(help="Of the shop it will stand in.")]
Label = Annotated[str, typer.Option(help="What colleagues call it, e.g. 'Counter 1'.")]
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
    help="The shops' terminals: codes to enrol them with.",
    epilog=EXIT_CODES,
)
cabinets = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Locker cabinets: codes to enrol them with.",
    epilog=EXIT_CODES,
)


@terminals.callback()
@cabinets.callback()
def several() -> None:
    """Named with its group, though each has one command: more will follow it."""


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
