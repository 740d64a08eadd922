"""A copy of stock: a snapshot, then every change, over any interruption."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from comptoir_client.errors import CallError
from comptoir_client.sessions import Session
from comptoir_client.streams import CURSOR_TOO_OLD, follow

Key: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class StockCopy:
    """Rows by location and sku, and how far they have come. Keep all of it, or nothing.

    Without `skus` it is of every article at the locations; without locations, of these
    articles everywhere. Until it `is_whole`, again too after a new beginning, rows are missing.
    """

    location_ids: Sequence[str] = ()
    rows: dict[Key, pb.StockRow] = field(default_factory=dict)
    cursor: str = ""
    is_whole: bool = False
    skus: Sequence[str] = ()
    # What was known before a new beginning; None before the first snapshot was whole.
    _replaced: dict[Key, pb.StockRow] | None = None

    def take(self, response: pb.WatchStockResponse) -> list[pb.StockRow]:
        """The rows that are news, once a snapshot was whole; those of the first are not."""
        newer = dict[Key, pb.StockRow]()
        # One after the other: an answer may have a row twice, and the older one last.
        for row in response.rows:
            if row.revision > self._revision(row):
                self.rows[key_of(row)] = newer[key_of(row)] = row
        replaced = self._replaced
        told = [] if replaced is None else [r for k, r in newer.items() if r != replaced.get(k)]
        if response.snapshot_complete:
            told += [emptied(row) for key, row in (replaced or {}).items() if key not in self.rows]
            self.is_whole, self._replaced = True, {}
        self.cursor = response.cursor
        return told

    def begin_anew(self) -> None:
        """The cursor leads nowhere: the next call begins with a snapshot, which replaces rows.

        Not only those with a higher revision: where a backup was restored, revisions are lower,
        and a row that is not in it is told as one without units.
        """
        known = None if self._replaced is None else {**self._replaced, **self.rows}
        self.cursor, self.rows, self.is_whole, self._replaced = "", {}, False, known

    def request(self) -> pb.WatchStockRequest:
        return pb.WatchStockRequest(
            location_ids=self.location_ids, skus=self.skus, cursor=self.cursor
        )

    def _revision(self, row: pb.StockRow) -> int:
        known = self.rows.get(key_of(row))
        return known.revision if known else -1


def emptied(row: pb.StockRow) -> pb.StockRow:
    return pb.StockRow(location_id=row.location_id, sku=row.sku)


def available_quantity(row: pb.StockRow, at: datetime, *, channel: str = "") -> int:
    """What `BatchGetAvailability` would say of the row at `at`, now or later, by the row alone.

    Holds that lapse by then do not count, without anybody telling. What is to come is not in
    a row. It is a forecast all the same: `Reserve` decides.
    """
    sellable = sum(each.quantity for each in row.buckets if each.bucket == pb.BUCKET_SELLABLE)
    held = sum(each.quantity for each in row.claims if each.expire_time.seconds > at.timestamp())
    own = {each.channel: each.quantity for each in row.channel_safety}
    return max(sellable - held - own.get(channel, row.safety_quantity), 0)


def key_of(row: pb.StockRow) -> Key:
    return row.location_id, row.sku


async def stock_changes(
    channel: grpc.aio.Channel, session: Session, copy: StockCopy
) -> AsyncGenerator[list[pb.StockRow], None]:
    """What changed since the copy's cursor, for ever; an empty list where only that moved on.

    Where the cursor has become too old a snapshot is read, and what differs in it is told.
    Raises CallError as `follow` does.
    """
    stub = StockServiceStub(channel)
    while True:
        try:
            async with aclosing(follow(stub.WatchStock, copy.request, session)) as responses:
                async for response in responses:
                    yield copy.take(response)
        except CallError as error:
            if error.reason != CURSOR_TOO_OLD or not copy.cursor:
                raise
            copy.begin_anew()
