"""How much waits in a service, for operators: events without a position, consumers' progress.

Looked at in the background and not when scraped: a scrape must cost the engine nothing, and
be answered while the engine is away.
"""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from chassis.clock import Clock
from chassis.events import decode_cursor
from chassis.gauges import UNKNOWN, keep_current
from chassis.mongo import Database, Document, translated_errors
from chassis.mongo_log import OUTBOX, MongoLog
from chassis.progress import CURSORS, Cursor
from chassis.records import Records, Where

LOOK_S = 5.0
CONSUMERS_MAX = 100
# Documents that are looked into, each of which holds one event of before or several.
COUNTED_MAX = 1000
COUNTS = {
    "documents": {"$sum": 1},
    "events": {"$sum": {"$cond": [{"$isArray": "$events"}, {"$size": "$events"}, 1]}},
}


class Backlogs:
    def __init__(
        self,
        database: Database,
        event_log: MongoLog,
        records: Records,
        *,
        registry: CollectorRegistry,
        clock: Clock,
    ) -> None:
        self._database, self._outbox = database, database.collection(OUTBOX)
        self._log, self._records, self._clock = event_log, records, clock

        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(name, words, labels, registry=registry)

        self._waiting = gauge("outbox_events", "Events that wait for a position, about.")
        self._oldest = gauge("outbox_oldest_seconds", "How long the first of them has waited.")
        self._head = gauge("event_log_position", "Position of the newest event.")
        self._position = gauge(
            "consumer_position", "Up to where the source's log is done or parked.", "consumer"
        )
        self._parked = gauge("consumer_parked_events", "Events set aside.", "consumer")
        self._consumers: set[str] = set()
        self._forget()

    async def run(self) -> None:
        """Look every LOOK_S, until cancelled."""
        await keep_current(self.look, self._forget, what="what waits", every_s=LOOK_S)

    async def look(self) -> None:
        """Raises DatabaseUnavailableError and DatabaseTimeoutError."""
        with translated_errors():
            first = await self._outbox.find_one({}, {"occur_time": 1}, sort=[("$natural", 1)])
            self._waiting.set(await self._events_count() if first else 0)
        self._oldest.set(0 if first is None else self._age_s(first["occur_time"]))
        self._head.set((await self._log.head()).position)
        for cursor in await self._records.select(CURSORS, Where(limit=CONSUMERS_MAX)):
            self._tell(cursor)

    async def _events_count(self) -> float:
        """About: by those of the first documents, where there are very many."""
        sizes: list[Document] = [{"$limit": COUNTED_MAX}, {"$group": {"_id": None, **COUNTS}}]
        for found in await self._database.aggregate(OUTBOX, sizes):
            documents_count = await self._outbox.estimated_document_count()
            rest_count = max(documents_count - found["documents"], 0)
            return float(found["events"] * (1 + rest_count / found["documents"]))
        return 0.0

    def _forget(self) -> None:
        for gauge in (self._waiting, self._oldest, self._head):
            gauge.set(UNKNOWN)
        for consumer in self._consumers:
            self._position.labels(consumer).set(UNKNOWN)
            self._parked.labels(consumer).set(UNKNOWN)

    def _age_s(self, since: datetime) -> float:
        return max((self._clock() - since).total_seconds(), 0.0)

    def _tell(self, cursor: Cursor) -> None:
        self._consumers.add(cursor.consumer)
        at = decode_cursor(cursor.cursor).position if cursor.cursor else 0
        # A bookmark brings the cursor further than the last event that it was concerned by.
        self._position.labels(cursor.consumer).set(max(at, cursor.position))
        self._parked.labels(cursor.consumer).set(sum(cursor.parked.values()))
