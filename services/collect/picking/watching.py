"""The queue of a shop as it is, then every order of it that changes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from chassis.events import LogCursor, encode_cursor, position_of
from chassis.records import Records
from chassis.signals import within
from chassis.tail import Tail
from services.collect.order.store import ORDERS, queue
from services.collect.order.values import Order

PAGE_COUNT = 100
EVENTS_COUNT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Orders as they are now; none is a bookmark."""

    orders: tuple[Order, ...]
    cursor: str
    snapshot_complete: bool = False


class Watching:
    def __init__(self, records: Records, tail: Tail) -> None:
        self._records = records
        self._tail = tail

    async def queue(self, location_id: str, cursor: str) -> AsyncIterator[Look]:
        """Raises CursorTooOldError, InvalidCursorError."""
        # The head before the snapshot: what changes meanwhile is sent twice, never missed.
        start = await (position_of(self._tail, cursor) if cursor else self._tail.head())
        if not cursor:
            async for look in self._snapshot(location_id, encode_cursor(start)):
                yield look
        position = start.position
        with self._tail.bell(location_id) as bell:
            while True:
                heard = bell.next()
                batch = await self._tail.read(position, EVENTS_COUNT)
                ids = [e.key for e in batch.events if e.detail.get("location_id") == location_id]
                moved, position = batch.position > position, batch.position
                orders = await self._records.find_many(ORDERS, dict.fromkeys(ids))
                if orders or not moved:
                    yield Look(
                        orders=tuple(orders.values()),
                        cursor=encode_cursor(LogCursor(start.epoch, position)),
                    )
                if not moved:
                    await within(heard, bell.pause_s)

    async def _snapshot(self, location_id: str, cursor: str) -> AsyncIterator[Look]:
        after: tuple[datetime, str] | None = None
        while True:
            page = await queue(self._records, location_id, after=after, limit=PAGE_COUNT)
            complete = len(page) < PAGE_COUNT
            yield Look(orders=tuple(page), cursor=cursor, snapshot_complete=complete)
            if complete:
                return
            after = page[-1].slot_start, page[-1].order_id
