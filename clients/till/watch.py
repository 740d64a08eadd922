"""Keeps a copy of a location's stock: a snapshot, then every change, over any interruption."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from clients.house import Session
from clients.till.again import answers


@dataclass(slots=True)
class Copy:
    """Rows by location and sku, and how far they have come."""

    location_ids: Sequence[str]
    rows: dict[tuple[str, str], pb.StockRow] = field(default_factory=dict)
    cursor: str = ""
    is_whole: bool = False

    def take(self, response: pb.WatchStockResponse) -> list[pb.StockRow]:
        """The rows that are news, once the snapshot is whole; those of an older one are not."""
        news = [row for row in response.rows if row.revision > self._revision(row)]
        self.rows.update({(row.location_id, row.sku): row for row in news})
        told = news if self.is_whole else []
        self.is_whole = self.is_whole or response.snapshot_complete
        self.cursor = response.cursor
        return told

    def forget_place(self) -> None:
        """The next call begins with a snapshot; what we have tells news from old in it."""
        self.cursor = ""

    def _revision(self, row: pb.StockRow) -> int:
        known = self.rows.get((row.location_id, row.sku))
        return known.revision if known else -1


async def changes(
    channel: grpc.aio.Channel, session: Session, copy: Copy
) -> AsyncGenerator[list[pb.StockRow], None]:
    """What changed since the last time, for ever; first nothing, when the snapshot is whole.

    Raises CannotRunError when nobody answers for long, or the answer is no.
    """
    stub: Any = StockServiceStub(channel)

    def begin(metadata: Any) -> Any:
        request = pb.WatchStockRequest(location_ids=copy.location_ids, cursor=copy.cursor)
        return stub.WatchStock(request, metadata=metadata)

    async with aclosing(answers(begin, session, too_old=copy.forget_place)) as responses:
        async for response in responses:
            was_whole = copy.is_whole
            told = copy.take(response)
            if told or copy.is_whole != was_whole:
                yield told


def text_of(row: pb.StockRow) -> str:
    """`paris-bastille PER-1802: 7 sellable, 2 held, 0 short (revision 12)`."""
    sellable = sum(b.quantity for b in row.buckets if b.bucket == pb.BUCKET_SELLABLE)
    held = sum(c.quantity for c in row.claims if c.expire_time.seconds > time.time())
    return (
        f"{row.location_id} {row.sku}: {sellable} sellable, {held} held, "
        f"{row.short_quantity} short (revision {row.revision})"
    )
