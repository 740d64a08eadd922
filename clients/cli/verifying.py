"""`comptoir verify`: whether stock rows are what their ledger says."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import grpc
import typer
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from clients.cli.operating import Desk, Outcome, Row, Service, operating, time_of
from clients.house import CannotRunError
from comptoir_client.channels import STREAM_S_MAX

# Beyond these something larger is wrong, which more of them would not tell.
SHOWN_MAX = 10_000
# How a stream ends that is taken up again: its replica goes, or its token has had its time.
PASSING = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED})


@operating(Service.inventory)
async def verify(
    desk: Desk,
    location_id: Annotated[
        str, typer.Argument(help="A shop or warehouse; all of them without.")
    ] = "",
    sku: Annotated[list[str] | None, typer.Option(help="Only this one; repeatable.")] = None,
) -> Outcome:
    """Prove stock rows while they sell: each against the sum of its movements and of its live
    reservations, many at a time as of one instant. Lists what differs, with what the row says and
    what is proven.

    Exit codes: 0 all proven, 1 some differ, 2 could not run."""
    stub: Any = StockServiceStub(desk.channel)
    found = Found(location_id or "everywhere")
    with found.progress:
        for one in dict.fromkeys(sku or [""]):
            request = pb.VerifyBalancesRequest(location_id=location_id, sku=one)
            async for answer in answers(desk, stub, request):
                found.take(answer)
    return found.outcome()


class Found:
    """What a proof has come to, told to people as it goes on."""

    def __init__(self, where: str) -> None:
        console = Console(stderr=True)
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self.progress.add_task("")
        self._where = where
        self._rows_count = 0
        self._wrong = set[tuple[str, str]]()
        self._shown = list[Row]()

    def take(self, answer: pb.VerifyBalancesResponse) -> None:
        self._rows_count += answer.row_count
        for each in answer.differences:
            self._wrong.add((each.location_id, each.sku))
            if len(self._shown) < SHOWN_MAX:
                self._shown.append(row_of(each))
        done = f"{answer.proven_location_count} of {answer.location_count} locations"
        self.progress.update(self._task, description=f"{self._words}; {done}")

    @property
    def _words(self) -> str:
        count = len(self._wrong)
        return f"{self._where}: {self._rows_count} rows, {count} not what their ledger says"

    def outcome(self) -> Outcome:
        more = f"; the first {SHOWN_MAX} differences are shown"
        words = self._words + (more if len(self._shown) == SHOWN_MAX else "")
        return Outcome(rows=self._shown, words=words, is_open=bool(self._wrong))


async def answers(
    desk: Desk, stub: Any, request: pb.VerifyBalancesRequest
) -> AsyncIterator[pb.VerifyBalancesResponse]:
    """All there are, through whatever ends a stream before its time.

    Raises CannotRunError for one that ends before it came any further: nothing may be said
    of the rest.
    """
    came = True
    while came:
        came = False
        metadata = await desk.signed_in.metadata()
        call = stub.VerifyBalances(request, metadata=metadata, timeout=STREAM_S_MAX)
        try:
            async for answer in call:
                yield answer
                if answer.complete:
                    return
                request.cursor, came = answer.cursor, True
        except grpc.aio.AioRpcError as error:
            if not (came and error.code() in PASSING):
                raise
        finally:
            call.cancel()
    raise CannotRunError("the proof ended before all rows were proven: try again")


def row_of(difference: pb.BalanceDifference) -> Row:
    return {
        "location_id": difference.location_id,
        "sku": difference.sku,
        "what": what_of(difference),
        "stands": difference.row_quantity,
        "proven": difference.proven_quantity,
        "revision": difference.row_revision,
    }


def what_of(difference: pb.BalanceDifference) -> str:
    if difference.WhichOneof("what") == "claim_expire_time":
        return f"held until {time_of(difference, 'claim_expire_time')}"
    return pb.Bucket.Name(difference.bucket).removeprefix("BUCKET_").lower()
