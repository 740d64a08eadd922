"""`comptoir verify`: whether the stock rows of a location are what their ledger says."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from clients.cli.operating import Desk, Outcome, Row, Service, operating
from clients.house import CannotRunError

AT_ONCE_MAX = 8
SNAPSHOT_S_MAX = 300.0


@operating(Service.inventory)
async def verify(
    desk: Desk,
    location_id: Annotated[str, typer.Argument(help="A shop or warehouse.")],
    sku: Annotated[list[str] | None, typer.Option(help="Only this one; repeatable.")] = None,
) -> Outcome:
    """Prove the stock rows of a location, each in one snapshot: the row against the sum of its
    movements and of its live reservations. Lists those that differ.

    Exit codes: 0 all proven, 1 some differ, 2 could not run."""
    stub: Any = StockServiceStub(desk.channel)
    skus = list(dict.fromkeys(sku)) if sku else await skus_at(desk, stub, location_id)
    wrong = await differing(desk, stub, location_id, skus)
    words = f"{location_id}: {len(skus)} rows, {len(wrong)} not what their ledger says"
    return Outcome(rows=wrong, words=words, is_open=bool(wrong))


async def differing(desk: Desk, stub: Any, location_id: str, skus: Iterable[str]) -> list[Row]:
    """The rows that are not what their ledger says, by sku."""
    remaining, wrong = iter(skus), list[Row]()

    async def prove() -> None:
        for sku in remaining:  # Of all who prove: each takes the next.
            request = pb.VerifyBalanceRequest(location_id=location_id, sku=sku)
            proof: pb.VerifyBalanceResponse = await desk.call(stub.VerifyBalance, request)
            if not proof.balanced:
                wrong.append(row_of(proof))

    await asyncio.gather(*(prove() for _ in range(AT_ONCE_MAX)))
    return sorted(wrong, key=lambda row: str(row["sku"]))


async def skus_at(desk: Desk, stub: Any, location_id: str) -> list[str]:
    """Every sku that ever had a row there, by the snapshot that precedes changes.

    Raises CannotRunError for half a snapshot: nothing may be said of the rest.
    """
    request = pb.WatchStockRequest(location_ids=[location_id])
    metadata = await desk.signed_in.metadata()
    call, skus = stub.WatchStock(request, metadata=metadata, timeout=SNAPSHOT_S_MAX), set[str]()
    try:
        async for response in call:
            skus.update(row.sku for row in response.rows)
            if response.snapshot_complete:
                return sorted(skus)
    finally:
        call.cancel()
    raise CannotRunError("the snapshot ended before all rows were told: try again")


def row_of(proof: pb.VerifyBalanceResponse) -> Row:
    return {
        "sku": proof.row.sku,
        "stands": quantities_of(proof.row),
        "proven": quantities_of(proof.proven_row),
        "revision": proof.row.revision,
    }


def quantities_of(row: pb.StockRow) -> dict[str, int]:
    on = {
        pb.Bucket.Name(each.bucket).removeprefix("BUCKET_").lower(): each.quantity
        for each in row.buckets
    }
    held = {"held": sum(claim.quantity for claim in row.claims)} if row.claims else {}
    short = {"short": row.short_quantity} if row.short_quantity else {}
    return on | held | short
