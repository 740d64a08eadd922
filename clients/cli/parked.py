"""`comptoir events …` and `comptoir acts`: what consumers parked, and what was done by hand."""

from typing import Annotated, Any
from uuid import uuid4

import typer
from comptoir.type.v1 import act_service_pb2 as act_pb
from comptoir.type.v1 import parked_event_service_pb2 as pb
from comptoir.type.v1.act_service_pb2_grpc import ActServiceStub
from comptoir.type.v1.parked_event_service_pb2_grpc import ParkedEventServiceStub

from clients.cli.operating import (
    PAGE_SIZE,
    PAGES_MAX,
    Cause,
    Desk,
    Outcome,
    Row,
    Service,
    operating,
    time_of,
)

ACTS_MAX = PAGE_SIZE * PAGES_MAX
Of = Annotated[Service, typer.Option(help="Which one is asked.")]
ConsumerName = Annotated[str, typer.Argument(help="As `events parked` lists it.")]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Events of other services that one could not take: see them, try again, give one up.",
    epilog="Exit codes: 0 done or none, 1 something is left, 2 could not run or was refused.",
)


@app.command()
@operating()
async def parked(desk: Desk, service: Of) -> Outcome:
    """List parked events, in the order in which they were parked, and what they failed with.

    `BehindAnother` waits for an earlier one of its key."""
    stub: Any = ParkedEventServiceStub(desk.channel)
    request = pb.ListParkedEventsRequest(page_size=PAGE_SIZE)
    events = await desk.pages(stub.ListParkedEvents, request, "events")
    return Outcome(
        rows=list(map(row_of, events)), words=f"{len(events)} parked", is_open=bool(events)
    )


@app.command()
@operating()
async def retry(
    desk: Desk,
    consumer: ConsumerName,
    key: Annotated[str, typer.Argument(help="Whose parked events.")],
    service: Of,
) -> Outcome:
    """Take the parked events of one key, in order, until none is left or one fails again."""
    stub: Any = ParkedEventServiceStub(desk.channel)
    request = pb.RetryParkedEventsRequest(request_id=str(uuid4()), consumer=consumer, key=key)
    answer = await desk.call(stub.RetryParkedEvents, request)
    row: Row = {
        "consumer": consumer,
        "key": key,
        "taken": answer.taken_count,
        "parked": answer.parked_count,
        "failure": answer.failure,
    }
    words = "all taken" if not answer.parked_count else "some are parked still"
    return Outcome(rows=[row], words=words, is_open=bool(answer.parked_count))


@app.command()
@operating()
async def discard(
    desk: Desk,
    consumer: ConsumerName,
    number: Annotated[int, typer.Argument(min=1, help="As `events parked` lists it.")],
    service: Of,
    cause: Cause,
) -> Outcome:
    """Give one parked event up for ever: its effect never happens in this service.

    Those parked behind it wait for `events retry`."""
    stub: Any = ParkedEventServiceStub(desk.channel)
    request = pb.DiscardParkedEventRequest(
        request_id=str(uuid4()), consumer=consumer, number=number, cause=cause
    )
    event = (await desk.call(stub.DiscardParkedEvent, request)).event
    return Outcome(rows=[row_of(event)], words="discarded; retry what waits behind it")


@operating()
async def acts(
    desk: Desk,
    service: Of,
    last: Annotated[int, typer.Option(min=1, max=ACTS_MAX, help="How many.")] = PAGE_SIZE,
) -> Outcome:
    """List what operators have done by hand in one service, newest first: who, when, what, why.

    Acts are never forgotten: only the last ones are listed."""
    stub: Any = ActServiceStub(desk.channel)
    request = act_pb.ListActsRequest(page_size=PAGE_SIZE)
    found = await desk.pages(stub.ListActs, request, "acts", enough=last)
    return Outcome(rows=list(map(act_row, found)), words=f"{len(found)} acts")


def row_of(event: pb.ParkedEvent) -> Row:
    return {
        "consumer": event.consumer,
        "number": event.number,
        "event": event.event_name,
        "key": event.key,
        "revision": event.revision,
        "position": event.position,
        "occurred": time_of(event, "occur_time"),
        "failure": event.failure,
    }


def act_row(act: act_pb.Act) -> Row:
    return {
        "time": time_of(act, "act_time"),
        "actor": act.actor,
        "act": act.name,
        "target": act.target,
        "cause": act.cause,
        "detail": dict(sorted(act.detail.items())),
    }
