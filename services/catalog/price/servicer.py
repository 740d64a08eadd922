"""The gRPC face of prices: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from comptoir.catalog.v1 import price_service_pb2 as pb
from comptoir.catalog.v1 import price_service_pb2_grpc as pb_grpc

from chassis.clock import Clock, utc_now
from chassis.importing import Outcome, imported, put_all
from chassis.interceptors import Context
from chassis.records import Records
from services.catalog.limits import write_s
from services.catalog.price import domain
from services.catalog.price.domain import Listed
from services.catalog.price.messages import listed_from_pb, price_to_pb
from services.catalog.price.store import PRICES
from services.catalog.product.domain import check_skus
from services.catalog.replica import Replica


class PriceServicer(pb_grpc.PriceServiceServicer):
    def __init__(self, records: Records, replica: Replica, clock: Clock = utc_now) -> None:
        self._records = records
        self._replica = replica
        self._clock = clock

    async def ImportPrices(
        self, request_iterator: AsyncIterator[pb.ImportPricesRequest], context: Context
    ) -> AsyncIterator[pb.ImportPricesResponse]:
        answers = imported(request_iterator, check=checked_price, write=self._put)
        async with aclosing(answers):
            async for progress in answers:
                yield pb.ImportPricesResponse(progress=progress)

    async def BatchGetPrices(
        self, request: pb.BatchGetPricesRequest, context: Context
    ) -> pb.BatchGetPricesResponse:
        check_skus(request.skus)
        found, now = await self._records.find_many(PRICES, request.skus), self._clock()
        prices = (
            domain.price_at(found[sku], location_id=request.location_id, now=now)
            for sku in request.skus
            if sku in found
        )
        return pb.BatchGetPricesResponse(prices=[price_to_pb(p) for p in prices if p is not None])

    async def _put(self, listed: Sequence[Listed]) -> Sequence[Outcome]:
        outcomes = await put_all(
            self._records,
            PRICES,
            listed,
            key=lambda each: each.sku,
            put=domain.put,
            event=domain.price_changed,
            timeout_s=write_s(),
        )
        self._replica.pages.drop(each.sku for each in listed)
        return outcomes


def checked_price(item: pb.ImportPricesRequest) -> Listed:
    """Raises InvalidPriceError."""
    return listed_from_pb(item.interval)
