"""Follows what changes in catalog and inventory, so that the near cache forgets it."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import grpc
from comptoir.inventory.v1 import events_pb2 as stock_pb
from comptoir.type.v1 import event_service_pb2 as pb

from chassis.consumer import spoken
from chassis.errors import AppError
from services.gateway.near_cache import NearCache, Record
from services.gateway.product_views import ProductViews

log = logging.getLogger(__name__)

AGAIN_S_MAX = 0.5


class Change(NamedTuple):
    """A record, and the revision it came to."""

    record: Record
    revision: int


Reader = Callable[[pb.Event], Iterable[Change]]


def product_change(event: pb.Event) -> tuple[Change]:
    return (Change(Record(event.name.removesuffix("_changed"), event.key), event.revision),)


def stock_change(event: pb.Event) -> tuple[Change]:
    detail = stock_pb.StockChanged()
    event.detail.Unpack(detail)
    return (Change(Record("stock", detail.row.sku, detail.row.location_id), event.revision),)


def stock_import(event: pb.Event) -> Iterable[Change]:
    detail = stock_pb.StockImported()
    event.detail.Unpack(detail)
    for row in detail.rows:
        yield Change(Record("stock", row.sku, detail.location_id), row.revision)


# How the events of each source are read, by name.
SOURCES: Mapping[str, Mapping[str, Reader]] = {
    "catalog": {
        "product_changed": product_change,
        "price_changed": product_change,
        "rating_changed": product_change,
    },
    "inventory": {"stock_changed": stock_change, "stock_imported": stock_import},
}


class Invalidation:
    def __init__(self, cache: NearCache, views: ProductViews) -> None:
        self._cache = cache
        self._views = views

    async def follow(self, name: str, source: Any) -> None:
        """Until cancelled, through every absence of the source."""
        while True:
            try:
                await self._hear(name, source)
            except (AppError, grpc.aio.AioRpcError) as error:
                log.warning("the near cache does not hear %s: %s", name, type(error).__name__)
            finally:
                self._cache.lost(name)
            await asyncio.sleep(random.uniform(0, AGAIN_S_MAX))

    async def _hear(self, name: str, source: Any) -> None:
        readers = SOURCES[name]
        head = (await source.GetHead(pb.GetHeadRequest())).cursor
        # What was kept, or asked for, before this head may have changed unheard.
        self._cache.clear()
        self._views.forget_all()
        request = pb.WatchEventsRequest(cursor=head, names=readers)
        async for response in spoken(source.WatchEvents(request)):
            for event in response.events:
                self.take(readers[event.name](event))
            self._cache.heard(name)

    def take(self, changes: Iterable[Change]) -> None:
        for record, revision in changes:
            self._cache.invalidate(record, revision)
            self._views.forget(record.sku, record.location_id)
