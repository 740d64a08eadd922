"""Products as their pages show them: from the near cache, else made and kept there."""

from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec
from aiohttp import web
from msgspec import Meta
from multidict import CIMultiDict

from chassis.clock import Clock, utc_now
from chassis.errors import AppError
from services.gateway.caching import etag_of, is_known, wants_fresh
from services.gateway.headers import COMMON
from services.gateway.near_cache import Entry, Fill, Key, NearCache, Record, Revisions
from services.gateway.product_views import Loaded, ProductViews
from services.gateway.reading import query_of
from services.gateway.wire import JSON, LOCALE_DEFAULT, Locale, Received

# Addresses that were understood before. What one means never changes, so none is ever stale.
ADDRESSES_MAX = 20_000
ADDRESS_CHARS_MAX = 256
FOR_EVER_S = float("inf")

# Kept by caches, but asked for each time: stock must not be older than our own cache has it.
HEADERS = {**COMMON, "Cache-Control": "public, no-cache"}

ShopId = Annotated[
    str,
    Meta(
        max_length=64,
        description="Prices and stock of this location; empty for none.",
        examples=["paris-bastille"],
    ),
]


class ProductQuery(Received):
    location_id: ShopId = ""
    locale: Locale = ""


class Page(NamedTuple):
    """Encoded. `valid_until` is when it changes by itself; None if it does not."""

    body: bytes
    etag: str
    valid_until: datetime | None


class ProductPages:
    def __init__(self, cache: NearCache, views: ProductViews, *, clock: Clock = utc_now) -> None:
        self._cache = cache
        self._views = views
        self._clock = clock
        self.descriptions = views.descriptions
        self._keys: dict[str, Key] = {}

    def quick(self, request: web.Request) -> web.Response | None:
        """The page that a visitor asks for, where it is kept."""
        headers = request.headers
        if "Authorization" in headers or wants_fresh(request):
            return None
        key = self._keys.get(request.raw_path) or self._learned(request)
        entry = None if key is None else self._cache.get(key)
        return None if entry is None else response_of(entry, request)

    async def page(self, key: Key, *, fresh: bool) -> Page:
        """Raises UnknownSkuError, and what the owners do.

        With `fresh` it is asked of them after this call began.
        """
        kept = None if fresh else self._cache.get(key)
        if kept is not None:
            return Page(kept.body, kept.etag, kept.valid_until)
        with self._cache.filling(key) as fill:
            loaded = await self._views.one(key.sku, key.location_id, fresh=fresh)
            made = loaded.described.shown(loaded.availability, key.locale)
            body = msgspec.json.encode(made)
            page = Page(body, etag_of(body), made.valid_until_time)
            self._keep(fill, page, loaded)
            return page

    def _keep(self, fill: Fill, page: Page, loaded: Loaded) -> None:
        if fill.dropped:
            return
        left_s = FOR_EVER_S
        if page.valid_until is not None:
            left_s = (page.valid_until - self._clock()).total_seconds()
        entry = Entry(
            body=page.body,
            etag=page.etag,
            revisions=revisions_of(loaded),
            valid_until=page.valid_until,
        )
        self._cache.put(fill, entry, lives_s=left_s)

    def _learned(self, request: web.Request) -> Key | None:
        try:
            key = key_of(request.match_info["sku"], query_of(request, ProductQuery))
        except AppError:
            return None  # The full answer says what is wrong with it.
        if len(self._keys) >= ADDRESSES_MAX:
            self._keys.clear()
        if len(request.raw_path) <= ADDRESS_CHARS_MAX:
            self._keys[request.raw_path] = key
        return key


def key_of(sku: str, query: ProductQuery) -> Key:
    return Key(sku, query.location_id, query.locale or LOCALE_DEFAULT)


def revisions_of(loaded: Loaded) -> Revisions:
    """Of every record that the page shows."""
    view = loaded.described.view
    sku = view.product.sku
    revisions = {
        Record("product", sku): view.product.revision,
        Record("price", sku): view.price.revision,
        Record("rating", sku): view.rating.revision,
    }
    if loaded.availability is not None:
        stock = loaded.availability
        revisions[Record("stock", sku, stock.location_id)] = stock.revision
    return revisions


def response_of(entry: Entry, request: web.Request) -> web.Response:
    headers = CIMultiDict(HEADERS)
    headers["ETag"] = entry.etag
    if is_known(request, entry.etag):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = JSON
    return web.Response(body=entry.body, headers=headers)
