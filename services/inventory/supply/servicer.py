"""The gRPC face of what is expected and kept back: protobuf in, one call, protobuf out."""

from functools import partial
from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import supply_service_pb2 as pb
from comptoir.inventory.v1 import supply_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.changes import Changed
from chassis.deadline import left_s
from chassis.records import State
from chassis.requests import request_from_pb
from services.inventory.books import Books
from services.inventory.ledger.store import update_rows
from services.inventory.stock.domain import StockRow
from services.inventory.stock.messages import row_to_pb
from services.inventory.supply import domain, safety
from services.inventory.supply.messages import (
    expectation_to_pb,
    expected_from_pb,
    safety_from_pb,
)
from services.inventory.supply.store import (
    expectation_refs,
    expectations_in,
    expectations_of,
)

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0


class SupplyServicer(pb_grpc.SupplyServiceServicer):
    def __init__(self, books: Books) -> None:
        self._books = books

    async def PutExpectedReceipts(
        self, request: pb.PutExpectedReceiptsRequest, context: Context
    ) -> pb.PutExpectedReceiptsResponse:
        put = request_from_pb(request, subject=caller().subject, method="PutExpectedReceipts")
        expected = [expected_from_pb(receipt) for receipt in request.receipts]
        domain.check_expected(expected)
        places = [each.place for each in expected]
        await self._books.locations.check(place.location_id for place in places)
        now = self._books.clock()

        def change(state: State) -> Changed[int]:
            return domain.expect(expectations_in(state, places), expected, now=now)

        written = await self._books.updates.update(
            expectation_refs(places),
            change,
            answer=int,
            request=put,
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.PutExpectedReceiptsResponse(written_count=written)

    async def ListExpectedReceipts(
        self, request: pb.ListExpectedReceiptsRequest, context: Context
    ) -> pb.ListExpectedReceiptsResponse:
        limit = paging.page_size(request.page_size, default=50, maximum=100)
        query = f"expected {request.location_id}"
        after_sku = paging.decode_token(request.page_token, query=query)
        await self._books.locations.check([request.location_id])
        # One more than asked for tells whether there is a next page.
        found = await expectations_of(
            self._books.records, request.location_id, after_sku=after_sku, limit=limit + 1
        )
        page, token = paging.page_of(found, limit, query, key=lambda each: each.sku)
        receipts = [receipt for each in page for receipt in expectation_to_pb(each)]
        return pb.ListExpectedReceiptsResponse(receipts=receipts, next_page_token=token)

    async def PutSafetyStock(
        self, request: pb.PutSafetyStockRequest, context: Context
    ) -> pb.PutSafetyStockResponse:
        put = request_from_pb(request, subject=caller().subject, method="PutSafetyStock")
        safeties = [safety_from_pb(each) for each in request.safety_stocks]
        safety.check_safeties(safeties)
        places = list(dict.fromkeys(each.place for each in safeties))
        await self._books.locations.check(place.location_id for place in places)
        rows = await update_rows(
            self._books.updates,
            places,
            partial(safety.keep_back, safeties=safeties, now=self._books.clock()),
            answer=tuple[StockRow, ...],
            request=put,
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.PutSafetyStockResponse(rows=[row_to_pb(row) for row in rows])
