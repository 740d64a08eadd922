"""What the chain sells: categories, search, one product, its reviews. Open to visitors."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.catalog.v1 import review_service_pb2 as review_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from msgspec import Meta

from services.gateway.caching import wants_fresh
from services.gateway.mobile.product_pages import (
    ProductQuery,
    ShopId,
    key_of,
)
from services.gateway.mobile.products import ProductView, earliest
from services.gateway.mobile.shops import known_location
from services.gateway.parts import Parts
from services.gateway.product_views import by_sku
from services.gateway.routes import EVERYONE, Answer, Call, Limit, Route
from services.gateway.wire import (
    LOCALE_DEFAULT,
    Locale,
    NextPageToken,
    Nothing,
    PageSize,
    PageToken,
    Received,
    Sent,
    Whole,
    instant,
    optional_instant,
    text_in,
    whole,
)

SHELVES_S = 60
# Asked while somebody types, three times a second at the most: a word a minute on 300 phones
# behind one address, ten questions each.
SEARCHES = Limit("search", 3_000)


class Category(Sent):
    """A shelf of the catalogue."""

    category_id: str
    path: list[str]
    name: str
    picture_url: str
    product_count: Whole


class Categories(Sent):
    """A page of categories, ordered by path."""

    categories: list[Category]
    next_page_token: NextPageToken


class CategoriesQuery(Received):
    locale: Locale = ""
    page_size: PageSize = 0
    page_token: PageToken = ""


class Search(Received):
    q: Annotated[str, Meta(max_length=200, description="Words; empty lists all.")] = ""
    category: Annotated[str, Meta(max_length=64, description="In it and below.")] = ""
    location_id: ShopId = ""
    locale: Locale = ""
    page_size: PageSize = 0
    page_token: PageToken = ""


class Products(Sent):
    """A page of products, best match first."""

    products: list[ProductView]
    next_page_token: NextPageToken
    total_count: Annotated[Whole, Meta(description="On all pages.")]


class Review(Sent):
    """One buyer's opinion; verified if they have got the product."""

    review_id: str
    stars: int
    text: str
    locale: str
    verified: bool
    experience_time: datetime | None
    publish_time: datetime


class Reviews(Sent):
    """A page of reviews, newest first."""

    reviews: list[Review]
    next_page_token: NextPageToken


class ReviewsQuery(Received):
    page_size: PageSize = 0
    page_token: PageToken = ""


async def list_categories(call: Call[Nothing, CategoriesQuery]) -> Categories:
    query = call.query
    request = pb.ListCategoriesRequest(page_size=query.page_size, page_token=query.page_token)
    page = await call.parts.peers.products.ListCategories(request, metadata=call.metadata)
    locale = query.locale or LOCALE_DEFAULT
    return Categories(
        categories=[category_from_pb(category, locale) for category in page.categories],
        next_page_token=page.next_page_token,
    )


def category_from_pb(category: pb.Category, locale: str) -> Category:
    return Category(
        category_id=category.category_id,
        path=list(category.path),
        name=text_in(category.name, locale),
        picture_url=category.picture_url,
        product_count=whole(category.product_count),
    )


async def search(call: Call[Nothing, Search]) -> Answer:
    query = call.query
    request = pb.SearchProductsRequest(
        query=query.q,
        category_id=query.category,
        locale=query.locale,
        location_id=query.location_id,
        page_size=query.page_size,
        page_token=query.page_token,
    )
    page = await call.parts.peers.products.SearchProducts(request, metadata=call.metadata)
    stocks = await stocks_of([view.product.sku for view in page.views], call)
    locale = query.locale or LOCALE_DEFAULT
    described = call.parts.pages.descriptions.of
    found = [described(view.SerializeToString()) for view in page.views]
    views = [each.shown(stocks.get(each.sku), locale) for each in found]
    return Answer(
        content=Products(
            products=views,
            next_page_token=page.next_page_token,
            total_count=whole(page.total_count),
        ),
        valid_until=earliest(*(view.valid_until_time for view in views)),
    )


async def stocks_of(
    skus: list[str], call: Call[Nothing, Search]
) -> dict[str, stock_pb.Availability]:
    """By sku, in one call for the page; empty without a location.

    Raises UnknownLocationError, also where there is nothing to find at it.
    """
    location_id = call.query.location_id
    if not location_id:
        return {}
    if not skus:
        await known_location(call, location_id)
        return {}
    request = stock_pb.BatchGetAvailabilityRequest(skus=skus, location_ids=[location_id])
    return by_sku(
        await call.parts.peers.stock.BatchGetAvailability(request, metadata=call.metadata)
    )


def quick_product(parts: Parts, request: web.Request) -> web.Response | None:
    return parts.pages.quick(request)


async def get_product(call: Call[Nothing, ProductQuery]) -> Answer:
    key = key_of(call.path["sku"], call.query)
    page = await call.parts.pages.page(key, fresh=wants_fresh(call.http))
    return Answer(content=page.body, valid_until=page.valid_until, etag=page.etag)


async def list_reviews(call: Call[Nothing, ReviewsQuery]) -> Reviews:
    request = review_pb.ListReviewsRequest(
        sku=call.path["sku"], page_size=call.query.page_size, page_token=call.query.page_token
    )
    page = await call.parts.peers.reviews.ListReviews(request, metadata=call.metadata)
    return Reviews(
        reviews=[review_from_pb(review) for review in page.reviews],
        next_page_token=page.next_page_token,
    )


def review_from_pb(review: review_pb.Review) -> Review:
    return Review(
        review_id=review.review_id,
        stars=review.stars,
        text=review.text,
        locale=review.locale,
        verified=review.HasField("experience_time"),
        experience_time=optional_instant(review, "experience_time"),
        publish_time=instant(review.publish_time),
    )


ROUTES = (
    Route(
        method="GET",
        path="/v1/categories",
        handler=list_categories,
        summary="The shelves of the catalogue",
        tag="Catalogue",
        who=EVERYONE,
        query=CategoriesQuery,
        answer=Categories,
        public_s=SHELVES_S,
        problems=("INVALID_PAGE",),
    ),
    # Before the others below this path: they are tried in this order, and it is asked most.
    Route(
        method="GET",
        path="/v1/products/{sku}",
        handler=get_product,
        summary="One product, with price, rating and stock at a location",
        tag="Catalogue",
        who=EVERYONE,
        query=ProductQuery,
        answer=ProductView,
        public_s=0,
        quick=quick_product,
        problems=("UNKNOWN_SKU", "UNKNOWN_LOCATION", "INVALID_SKUS", "INVALID_LOCATION_IDS"),
    ),
    Route(
        method="GET",
        path="/v1/products",
        handler=search,
        summary="Find products by words, in a category, or both",
        tag="Catalogue",
        who=EVERYONE,
        query=Search,
        answer=Products,
        public_s=0,
        limit=SEARCHES,
        problems=("UNKNOWN_LOCATION", "INVALID_QUERY", "INVALID_PAGE", "INVALID_LOCALE"),
    ),
    Route(
        method="GET",
        path="/v1/products/{sku}/reviews",
        handler=list_reviews,
        summary="What buyers say of it",
        tag="Catalogue",
        who=EVERYONE,
        query=ReviewsQuery,
        answer=Reviews,
        public_s=SHELVES_S,
        problems=("INVALID_PAGE",),
    ),
)
