"""The gRPC face of purchases: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial

from comptoir.customer.v1 import history_service_pb2 as pb
from comptoir.customer.v1 import history_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.clock import Clock, utc_now
from chassis.importing import Outcome, imported, put_all
from chassis.interceptors import Context
from chassis.records import Records
from services.customer.history import domain
from services.customer.history.domain import Purchase
from services.customer.history.messages import purchase_from_pb, purchase_to_pb
from services.customer.history.store import PURCHASES, known_customers, purchase_page
from services.customer.limits import write_s
from services.customer.profile.workflow import readable_profile

PAGE_DEFAULT, PAGE_MAX = 20, 100


class HistoryServicer(pb_grpc.HistoryServiceServicer):
    def __init__(self, records: Records, clock: Clock = utc_now) -> None:
        self._records = records
        self._clock = clock

    async def ImportPurchases(
        self, requests: AsyncIterator[pb.ImportPurchasesRequest], context: Context
    ) -> AsyncIterator[pb.ImportPurchasesResponse]:
        progresses = imported(requests, check=self._check, write=self._write)
        async with aclosing(progresses):
            async for progress in progresses:
                yield pb.ImportPurchasesResponse(progress=progress)

    async def ListPurchases(
        self, request: pb.ListPurchasesRequest, context: Context
    ) -> pb.ListPurchasesResponse:
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        customer = await readable_profile(
            self._records,
            request.customer_id,
            reader=caller(),
            method="ListPurchases",
            clock=self._clock,
        )
        page, next_page_token = await purchase_page(
            self._records, customer.customer_id, page_token=request.page_token, limit=limit
        )
        purchases = [purchase_to_pb(purchase) for purchase in page]
        return pb.ListPurchasesResponse(purchases=purchases, next_page_token=next_page_token)

    def _check(self, item: pb.ImportPurchasesRequest) -> Purchase:
        return domain.checked(purchase_from_pb(item.purchase), now=self._clock())

    async def _write(self, purchases: Sequence[Purchase]) -> Sequence[Outcome]:
        known_ids = await known_customers(self._records, {p.customer_id for p in purchases})
        return await put_all(
            self._records,
            PURCHASES,
            purchases,
            key=lambda purchase: purchase.purchase_id,
            put=partial(domain.imported, known_ids=known_ids),
            event=domain.purchase_recorded,
            timeout_s=write_s(),
        )
