"""The gRPC face of baskets: protobuf in, one call, protobuf out. Always the caller's own."""

from collections.abc import Callable

from comptoir.catalog.v1 import product_service_pb2 as catalog_pb
from comptoir.catalog.v1 import product_service_pb2_grpc as catalog_grpc
from comptoir.collect.v1 import basket_service_pb2 as pb
from comptoir.collect.v1 import basket_service_pb2_grpc as pb_grpc
from comptoir.collect.v1 import point_service_pb2 as point_pb

from chassis.access import caller
from chassis.changes import Changed
from chassis.deadline import left_s
from chassis.interceptors import Context
from chassis.records import Records, Ref, State
from chassis.requests import Request, request_from_pb
from services.collect.basket import domain
from services.collect.basket.domain import Basket, UnknownSkuError
from services.collect.basket.store import BASKETS
from services.collect.point.lines import Line

WRITE_S_MAX = 2.0


class BasketServicer(pb_grpc.BasketServiceServicer):
    def __init__(self, records: Records, products: "catalog_grpc.ProductServiceAsyncStub") -> None:
        self._records = records
        self._products = products

    async def GetBasket(
        self, request: pb.GetBasketRequest, context: Context
    ) -> pb.GetBasketResponse:
        customer_id = caller().subject
        found = await self._records.find(BASKETS, customer_id)
        return pb.GetBasketResponse(basket=basket_to_pb(found or Basket(customer_id=customer_id)))

    async def SetBasketLine(
        self, request: pb.SetBasketLineRequest, context: Context
    ) -> pb.SetBasketLineResponse:
        asked = request_from_pb(request, subject=caller().subject, method="SetBasketLine")
        line = Line(request.sku, request.quantity)
        domain.check_line(line)
        if line.quantity:  # What is no longer sold can still be taken out.
            domain.check_step(line, await self._step(line.sku))
        basket = await self._update(asked, lambda basket: domain.set_line(basket, line))
        return pb.SetBasketLineResponse(basket=basket_to_pb(basket))

    async def ClearBasket(
        self, request: pb.ClearBasketRequest, context: Context
    ) -> pb.ClearBasketResponse:
        asked = request_from_pb(request, subject=caller().subject, method="ClearBasket")
        return pb.ClearBasketResponse(
            basket=basket_to_pb(await self._update(asked, domain.cleared))
        )

    async def _update(
        self, request: Request, change: Callable[[Basket], Changed[Basket]]
    ) -> Basket:
        customer_id = request.subject

        def of_customer(state: State) -> Changed[Basket]:
            return change(state.find(BASKETS, customer_id) or Basket(customer_id=customer_id))

        return await self._records.update(
            [Ref(BASKETS, customer_id)],
            of_customer,
            answer=Basket,
            request=request,
            timeout_s=left_s(WRITE_S_MAX),
        )

    async def _step(self, sku: str) -> int:
        """Raises UnknownSkuError."""
        asked = catalog_pb.BatchGetProductsRequest(skus=[sku])
        found = (await self._products.BatchGetProducts(asked)).products
        if not found:
            raise UnknownSkuError(f"the catalogue has no {sku}", sku=sku)
        return found[0].stock_unit.step


def basket_to_pb(basket: Basket) -> pb.Basket:
    lines = [point_pb.BasketLine(sku=line.sku, quantity=line.quantity) for line in basket.lines]
    return pb.Basket(lines=lines, revision=basket.revision)
