"""Who follows stock by `WatchStock` alone, and what it should come to."""

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb

from services.inventory.stock.messages import row_to_pb
from services.inventory.stock.store import rows_of_location
from tests.inventory.house import ERP, House
from tests.serving import Metadata

Rows: TypeAlias = dict[tuple[str, str], pb.StockRow]

WAIT_S_MAX = 20.0


class Consumer:
    """Keeps rows by the revision it has, and the last cursor."""

    def __init__(
        self, *location_ids: str, skus: Sequence[str] = (), metadata: Metadata = ERP
    ) -> None:
        self._location_ids = location_ids
        self._skus = skus
        self._metadata = metadata
        self.cursor = ""
        self.answers: list[pb.WatchStockResponse] = []
        self.rows: Rows = {}

    def watch(
        self, house: House
    ) -> "grpc.aio.UnaryStreamCall[pb.WatchStockRequest, pb.WatchStockResponse]":
        request = pb.WatchStockRequest(
            location_ids=self._location_ids, skus=self._skus, cursor=self.cursor
        )
        return house.stock.WatchStock(request, metadata=self._metadata)

    def of(self, rows: Rows) -> Rows:
        """Those of `rows` that it follows."""
        return {
            (where, sku): row
            for (where, sku), row in rows.items()
            if where in (self._location_ids or (where,)) and sku in (self._skus or (sku,))
        }

    def take(self, answer: pb.WatchStockResponse) -> None:
        self.answers.append(answer)
        self.cursor = answer.cursor
        for row in answer.rows:
            key = row.location_id, row.sku
            if key not in self.rows or self.rows[key].revision < row.revision:
                self.rows[key] = row

    async def take_some(self, house: House, count: int) -> None:
        """So many answers of one stream, which is then cut."""
        call = self.watch(house)
        async with asyncio.timeout(WAIT_S_MAX):
            for _ in range(count):
                self.take(await anext(aiter(call)))
        call.cancel()

    async def catch_up(self, house: House, expected: Rows) -> None:
        call = self.watch(house)
        async with asyncio.timeout(WAIT_S_MAX):
            while self.rows != expected:
                self.take(await anext(aiter(call)))
        call.cancel()


async def rows_of(house: House, *location_ids: str) -> Rows:
    found = [
        row
        for location_id in location_ids
        for row in await rows_of_location(house.records, location_id, after_sku="", limit=1000)
    ]
    return {(row.location_id, row.sku): row_to_pb(row) for row in found}
