"""What one process keeps of the catalogue in memory, kept up by the service's own log.

Search and product pages show what this process wrote as soon as it is written,
and what another one wrote when its event has come, some tens of milliseconds
later. A process that has not heard from the log for a second reads pages from
the store again; search goes on with what it has. No price that is promised to
anyone is read from here: `BatchGetPrices` always reads the store.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from chassis.errors import AppError
from chassis.events import CursorTooOldError, EventLog, LogCursor, LoggedEvent
from chassis.records import Records
from chassis.signals import within
from services.catalog.product.domain import Product
from services.catalog.product.store import PRODUCTS, every_product
from services.catalog.search.index import Index
from services.catalog.view.cache import Cache
from services.catalog.view.page import Page

EVENTS = frozenset({"product_changed", "price_changed", "rating_changed"})
BATCH_MAX = 300
HEARD_S_MAX = 1.0
# Below HEARD_S_MAX, or pages would be read from the store while nothing happens.
EPOCH_S = 0.5
AGAIN_S = 0.5
# Products indexed before others get their turn: some 20 ms.
TURN_COUNT = 100

log = logging.getLogger(__name__)


class Replica:
    """`index` finds products, `pages` keeps what was read of them."""

    def __init__(self, records: Records, events: EventLog) -> None:
        self._records = records
        self._events = events
        self._cursor = LogCursor("", 0)
        self._heard_s = float("-inf")
        self.index = Index()
        self.pages: Cache[Page] = Cache()

    @property
    def is_current(self) -> bool:
        """Whether it would have heard by now of what changed a second ago."""
        return time.monotonic() - self._heard_s < HEARD_S_MAX

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """Full inside the block, and following the log."""
        await self.load()
        following = asyncio.create_task(self.follow())
        try:
            yield
        finally:
            following.cancel()
            await asyncio.wait([following])

    async def load(self) -> None:
        """Read everything anew. What happens meanwhile comes with the events behind the head."""
        cursor, index = await self._events.head(), Index()
        async for products in every_product(self._records):
            await put_in_turns(index, products)
        self._cursor, self.index = cursor, index
        self.pages.clear()

    async def follow(self) -> None:
        """For ever, through every absence of the engine."""
        while True:
            try:
                await self._follow()
            except CursorTooOldError:
                log.warning("the log was replaced or trimmed: the catalogue is read anew")
                await self._load_again()
            except AppError as error:
                log.warning("the log cannot be read: %s", error.reason)
            except Exception:
                # Nobody waits for this task: what it raised would be noticed by its silence.
                log.exception("the log is not followed for a moment")
            await asyncio.sleep(AGAIN_S)

    async def changed(self, skus: Collection[str]) -> None:
        """What this process has just written of them is to be seen here from now on."""
        self.pages.drop(skus)
        found = await self._records.find_many(PRODUCTS, skus)
        await put_in_turns(self.index, found.values())

    async def take(self, events: Iterable[LoggedEvent]) -> None:
        events = list(events)
        self.pages.drop(event.key for event in events)
        news = {
            event.key
            for event in events
            if event.name == "product_changed" and event.revision > self.index.revision(event.key)
        }
        if news:
            await self.changed(news)

    async def _follow(self) -> None:
        checked_s = 0.0
        while True:
            heard, asked_s = self._events.appended.next(), time.monotonic()
            if asked_s - checked_s > EPOCH_S:
                await self._check_epoch()
                checked_s = asked_s
            batch = await self._events.read(self._cursor.position, BATCH_MAX, EVENTS)
            await self.take(batch.events)
            moved = batch.position > self._cursor.position
            self._cursor = LogCursor(self._cursor.epoch, batch.position)
            if not moved:
                self._heard_s = asked_s
                await within(heard, min(self._events.appended.pause_s, EPOCH_S))

    async def _check_epoch(self) -> None:
        """After a restore, positions mean other events. Raises CursorTooOldError."""
        if (await self._events.head()).epoch != self._cursor.epoch:
            raise CursorTooOldError("the log was replaced", position=self._cursor.position)

    async def _load_again(self) -> None:
        try:
            await self.load()
        except AppError as error:
            log.warning("the catalogue cannot be read: %s", error.reason)


async def put_in_turns(index: Index, products: Iterable[Product]) -> None:
    """Find them by their words, and let calls be served meanwhile."""
    for number, product in enumerate(products, 1):
        index.put(product)
        if number % TURN_COUNT == 0:
            await asyncio.sleep(0)
