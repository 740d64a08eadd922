"""The gRPC face of products, categories and search: protobuf in, one call, protobuf out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.catalog.v1 import product_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.clock import Clock, utc_now
from chassis.encoded import encoded_as
from chassis.importing import Outcome, imported, put_all
from chassis.interceptors import Context
from chassis.records import Records
from services.catalog.category import domain as category_domain
from services.catalog.category.store import CATEGORIES, categories_after
from services.catalog.limits import write_s
from services.catalog.pages import decode_place, encode_place
from services.catalog.product import domain
from services.catalog.product.domain import Product
from services.catalog.product.messages import (
    category_from_pb,
    category_to_pb,
    product_from_pb,
    product_to_pb,
)
from services.catalog.product.store import PRODUCTS
from services.catalog.replica import Replica
from services.catalog.search.domain import query_of
from services.catalog.search.index import Place
from services.catalog.view.reading import Views

CATEGORIES_QUERY = "categories"


class ProductServicer(pb_grpc.ProductServiceServicer):
    """`replica` must be kept up while it serves."""

    def __init__(self, records: Records, replica: Replica, clock: Clock = utc_now) -> None:
        self._records = records
        self._replica = replica
        self._views = Views(records, replica, clock)

    async def ImportProducts(
        self, request_iterator: AsyncIterator[pb.ImportProductsRequest], context: Context
    ) -> AsyncIterator[pb.ImportProductsResponse]:
        answers = imported(request_iterator, check=checked_product, write=self._put)
        async with aclosing(answers):
            async for progress in answers:
                yield pb.ImportProductsResponse(progress=progress)

    async def BatchGetProducts(
        self, request: pb.BatchGetProductsRequest, context: Context
    ) -> pb.BatchGetProductsResponse:
        domain.check_skus(request.skus)
        found = await self._records.find_many(PRODUCTS, request.skus)
        products = [product_to_pb(found[sku]) for sku in request.skus if sku in found]
        return pb.BatchGetProductsResponse(products=products)

    async def BatchGetProductViews(
        self, request: pb.BatchGetProductViewsRequest, context: Context
    ) -> pb.BatchGetProductViewsResponse:
        domain.check_skus(request.skus)
        views = await self._views.of(request.skus, location_id=request.location_id)
        return encoded_as(pb.BatchGetProductViewsResponse, views)

    async def SearchProducts(
        self, request: pb.SearchProductsRequest, context: Context
    ) -> pb.SearchProductsResponse:
        query = query_of(request.query, locale=request.locale, category_id=request.category_id)
        limit = paging.page_size(request.page_size, default=24, maximum=100)
        after = decode_place(request.page_token, query=query.name)
        # One more than asked for tells whether there is a next page.
        found = self._replica.index.find(query, limit=limit + 1, after=after and Place(*after))
        page, more = found.places[:limit], len(found.places) > limit
        skus = [place.sku for place in page]
        views = await self._views.of(skus, location_id=request.location_id)
        rest = pb.SearchProductsResponse(
            next_page_token=encode_place(*page[-1], query=query.name) if more else "",
            total_count=found.total_count,
        )
        return encoded_as(pb.SearchProductsResponse, views, rest)

    async def ListCategories(
        self, request: pb.ListCategoriesRequest, context: Context
    ) -> pb.ListCategoriesResponse:
        limit = paging.page_size(request.page_size, default=500, maximum=1000)
        after = paging.decode_token(request.page_token, query=CATEGORIES_QUERY)
        page = await categories_after(self._records, after, limit)
        last = page[-1].place if len(page) == limit else ""
        more = last and await categories_after(self._records, last, 1)
        index = self._replica.index
        return pb.ListCategoriesResponse(
            categories=[category_to_pb(c, product_count=index.count(c.category_id)) for c in page],
            next_page_token=paging.encode_token(last, query=CATEGORIES_QUERY) if more else "",
        )

    async def PutCategories(
        self, request: pb.PutCategoriesRequest, context: Context
    ) -> pb.PutCategoriesResponse:
        categories = [category_from_pb(category) for category in request.categories]
        category_domain.check_categories(categories)
        outcomes = await put_all(
            self._records,
            CATEGORIES,
            categories,
            key=lambda category: category.category_id,
            put=category_domain.put,
            event=category_domain.category_changed,
            timeout_s=write_s(),
        )
        return pb.PutCategoriesResponse(written_count=outcomes.count(True))

    async def _put(self, products: Sequence[Product]) -> Sequence[Outcome]:
        outcomes = await put_all(
            self._records,
            PRODUCTS,
            products,
            key=lambda product: product.sku,
            put=domain.put,
            event=domain.product_changed,
            timeout_s=write_s(),
        )
        written = {p.sku for p, outcome in zip(products, outcomes, strict=True) if outcome is True}
        await self._replica.changed(written)
        return outcomes


def checked_product(item: pb.ImportProductsRequest) -> Product:
    """Raises InvalidProductError."""
    product = product_from_pb(item.product)
    domain.check_product(product)
    return product
