"""`comptoir close`: old movements out of the ledger, into archives."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from comptoir.inventory.v1 import period_service_pb2 as pb
from comptoir.inventory.v1.period_service_pb2_grpc import PeriodServiceStub

from clients.cli.operating import Desk, Outcome, Row, Service, operating
from clients.cli.resuming import Told, resumed


@operating(Service.inventory)
async def close(
    desk: Desk,
    location_id: Annotated[
        str, typer.Argument(help="A shop or warehouse; all of them without.")
    ] = "",
    before: Annotated[
        datetime | None,
        typer.Option(help="What was recorded before, in UTC; without, all that may be closed."),
    ] = None,
) -> Outcome:
    """Close the ledger up to an instant: old movements go into archives, and what they come to is
    carried, so that a proof adds up the young ones alone. Rows do not change. Interrupted, run it
    again. Lists what was closed; keep the last hash of each location elsewhere.

    Exit codes: 0 closed, 2 could not run."""
    request = pb.ClosePeriodRequest(location_id=location_id)
    if before is not None:
        request.before_time.FromDatetime(before.replace(tzinfo=UTC))
    stub: Any = PeriodServiceStub(desk.channel)
    closed = Closed()
    with closed.told.progress:
        async for answer in resumed(desk, stub.ClosePeriod, request, until="all was closed"):
            closed.take(answer)
    return closed.outcome(location_id or "everywhere")


class Closed:
    """By location, what was closed."""

    def __init__(self) -> None:
        self.told = Told()
        self._last = dict[str, pb.ClosePeriodResponse]()
        self._archives_count = self._movements_count = 0

    def take(self, answer: pb.ClosePeriodResponse) -> None:
        if answer.archive_number:
            self._last[answer.location_id] = answer
            self._archives_count += 1
            self._movements_count += answer.movement_count
        done = f"{answer.closed_location_count} of {answer.location_count} locations"
        self.told.say(f"{self._words}; {done}")

    @property
    def _words(self) -> str:
        return f"{self._movements_count} movements closed in {self._archives_count} archives"

    def outcome(self, where: str) -> Outcome:
        rows: list[Row] = [
            {
                "location_id": location_id,
                "last_archive": answer.archive_number,
                "archive_hash": answer.archive_hash,
            }
            for location_id, answer in self._last.items()
        ]
        return Outcome(rows=rows, words=f"{where}: {self._words}")
