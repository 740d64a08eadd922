"""`comptoir verify`: whether stock rows are what their ledger says."""

from typing import Annotated, Any

import typer
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from clients.cli.archives import archives_proven
from clients.cli.operating import Desk, Outcome, Row, Service, operating, time_of
from clients.cli.resuming import Told, resumed
from clients.house import CannotRunError

# Beyond these something larger is wrong, which more of them would not tell.
SHOWN_MAX = 10_000
ROWS_PROVEN = "all rows were proven"


@operating(Service.inventory)
async def verify(
    desk: Desk,
    location_id: Annotated[
        str, typer.Argument(help="A shop or warehouse; all of them without.")
    ] = "",
    sku: Annotated[list[str] | None, typer.Option(help="Only this one; repeatable.")] = None,
    archives: Annotated[
        bool, typer.Option("--archives", help="The archives of closed periods, not the rows.")
    ] = False,
) -> Outcome:
    """Prove stock rows while they sell: each against the sum of its movements and of its live
    reservations, many at a time as of one instant. Lists what differs, with what the row says and
    what is proven. With --archives: that none of those is lost or changed, and that together they
    are what is carried.

    Exit codes: 0 all proven, 1 some differ, 2 could not run."""
    if archives and sku:
        raise CannotRunError("archives are of all articles: leave --sku out")
    if archives:
        return await archives_proven(desk, location_id)
    stub: Any = StockServiceStub(desk.channel)
    found = Found(location_id or "everywhere")
    with found.told.progress:
        for one in dict.fromkeys(sku or [""]):
            request = pb.VerifyBalancesRequest(location_id=location_id, sku=one)
            async for answer in resumed(desk, stub.VerifyBalances, request, until=ROWS_PROVEN):
                found.take(answer)
    return found.outcome()


class Found:
    """What a proof has come to, told to people as it goes on."""

    def __init__(self, where: str) -> None:
        self.told = Told()
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
        self.told.say(f"{self._words}; {done}")

    @property
    def _words(self) -> str:
        count = len(self._wrong)
        return f"{self._where}: {self._rows_count} rows, {count} not what their ledger says"

    def outcome(self) -> Outcome:
        more = f"; the first {SHOWN_MAX} differences are shown"
        words = self._words + (more if len(self._shown) == SHOWN_MAX else "")
        return Outcome(rows=self._shown, words=words, is_open=bool(self._wrong))


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
